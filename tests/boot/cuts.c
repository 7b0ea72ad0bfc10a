/*
 * cuts.c - every way of a box through updates, breaks and power cuts: all
 * states that can be reached, each looked at.
 *
 * The real commands run on variables in memory.  Power is cut before each of
 * their writes and after the last; what is left is started by a firmware of the
 * test's and given to the commands again.
 */
#include <string.h>

#include "boot/boot.h"
#include "harness/tap.h"
#include "states.h"
#include "world.h"

enum image { /* what stands in a slot */
	HALF, /* never to be started */
	REFUSED, /* the firmware does not load it: a wrong signature */
	EARLY, /* dies before it is counted */
	LATE, /* dies after that */
	SICK, /* runs, and its health checks fail */
	WORKS,
	IMAGES
};

enum phase {
	OFF,
	BEGUN, /* started, not counted yet */
	UP, /* counted */
	WRITING, /* the other slot is half written */
	WRITTEN,
	PHASES
};

enum {
	VERSIONS = 2,
	BOOTS_MAX = 1 + BOOT_UNCONFIRMED_MAX /* until a working slot runs */
};

struct node {
	struct world w;
	uint8_t image[BOOT_SLOTS], version[BOOT_SLOTS];
	uint8_t running, phase, boot_id; /* all bytes: no padding */
	uint8_t is_broken; /* a slot that was good has broken: no second one */
};

struct search {
	struct states states;
	size_t done, cuts, confirmed, fallbacks;
};

static void add(struct search *s, const struct node *n)
{
	states_add(&s->states, n);
}

static void record_of(const struct node *n, struct boot_record *r)
{
	const struct world_var *v = &n->w.var[WORLD_RECORD];

	CHECK(v->is_there);
	CHECK_OK(boot_record_parse(r, kk_view_of(v->data, v->bytes)));
}

static enum boot_slot firmware(struct node *n)
{
	const bool is_loadable[] = { n->image[BOOT_A] != REFUSED,
		n->image[BOOT_B] != REFUSED };

	return world_boot(&n->w, is_loadable);
}

/* Another one than that of the boot that was counted last. */
static uint8_t id_new(const struct node *n)
{
	struct boot_record r;

	if (!n->w.var[WORLD_RECORD].is_there)
		return 1;
	record_of(n, &r);
	return r.boot_id[0] == 1 ? 2 : 1;
}

enum command { STARTED, CONFIRM, EMPTY_OTHER, BAD, TRY_OTHER, TRY_OWN };

static enum kk_err command_run(struct node *n, enum command c)
{
	const struct boot_vars vars = world_vars(&n->w);
	const enum boot_slot own = n->running, other = boot_slot_other(own);
	struct boot b = world_boot_of(&vars, own, n->boot_id);

	b.version = n->version[own];
	switch (c) {
	case STARTED:
		return boot_started(&b);
	case CONFIRM:
		return boot_state_set(&b, own, true);
	case EMPTY_OTHER:
		return boot_state_set(&b, other, false);
	case BAD:
		return boot_state_set(&b, own, false);
	case TRY_OTHER:
		return boot_primary_set(&b, other);
	default:
		return boot_primary_set(&b, own);
	}
}

/*
 * Runs a command whole into *n; each way to be cut in it becomes a state of its
 * own.  What it had changed is one of a few writes, each whole.
 */
static enum kk_err command_cut(struct search *s, struct node *n, enum command c)
{
	const struct node before = *n;
	enum kk_err err;
	uint32_t writes;

	n->w.writes = 0;
	err = command_run(n, c);
	writes = n->w.writes;
	n->w.writes = 0;
	for (uint32_t power = 0; power < writes; power++) {
		struct node cut = before;

		cut.w.writes = 0;
		cut.w.power = power;
		CHECK_FAIL(command_run(&cut, c));
		CHECK_EQ(cut.w.writes, power);
		cut.w.power = UINT32_MAX;
		cut.w.writes = 0;
		cut.phase = OFF;
		s->cuts++;
		add(s, &cut);
	}
	return err;
}

static void power_off(struct search *s, const struct node *n)
{
	struct node off = *n;

	off.phase = OFF;
	add(s, &off);
}

/*
 * What must hold whenever power is off: without another cut a slot that works
 * runs after BOOTS_MAX starts, whatever the other one is.
 */
static void off_check(const struct node *from)
{
	struct node n = *from;
	unsigned boots = 0;

	for (;; boots++) {
		const enum boot_slot slot = firmware(&n);

		CHECK(slot != BOOT_NO_SLOT); /* no brick */
		CHECK(n.image[slot] != HALF);
		if (n.image[slot] == WORKS)
			break;
		CHECK(boots < BOOTS_MAX);
		if (n.image[slot] == EARLY)
			continue;
		n.running = (uint8_t)slot;
		n.boot_id = id_new(&n);
		CHECK_OK(command_run(&n, STARTED));
	}
}

static void good_check(const struct node *n)
{
	struct boot_record r;

	if (!n->w.var[WORLD_RECORD].is_there)
		return;
	record_of(n, &r);
	for (size_t s = 0; s < BOOT_SLOTS; s++) {
		const bool is_good = r.state[s] == BOOT_GOOD;

		/* Good is what was seen to work, whole, and not too old. */
		CHECK(!is_good || n->image[s] == WORKS || n->is_broken);
		CHECK(!is_good || n->image[s] != HALF);
	}
	CHECK(r.state[r.preferred] == BOOT_GOOD ||
	    r.state[r.preferred] == BOOT_FAILED);
}

/* A good slot that breaks while it is not looked at, the other one being good:
 * bits that turn, or a fault that shows late. */
static void break_one(struct search *s, const struct node *n)
{
	static const enum image kinds[] = { REFUSED, LATE, SICK };
	struct boot_record r;

	if (n->is_broken || !n->w.var[WORLD_RECORD].is_there)
		return;
	record_of(n, &r);
	if (r.state[BOOT_A] != BOOT_GOOD || r.state[BOOT_B] != BOOT_GOOD)
		return;
	for (size_t slot = 0; slot < BOOT_SLOTS; slot++) {
		for (size_t k = 0; k < KK_ARRAY_LEN(kinds); k++) {
			struct node broken = *n;

			broken.image[slot] = (uint8_t)kinds[k];
			broken.is_broken = 1;
			add(s, &broken);
		}
	}
}

static void off_step(struct search *s, const struct node *from)
{
	struct node n = *from;
	enum boot_slot slot;

	off_check(from);
	good_check(from);
	break_one(s, from);
	slot = firmware(&n);
	n.running = (uint8_t)slot;
	n.boot_id = id_new(&n);
	n.phase = n.image[slot] == EARLY ? OFF : BEGUN;
	add(s, &n);
}

static void begun_step(struct search *s, const struct node *from)
{
	struct boot_record r;
	struct node n = *from;

	power_off(s, from);
	CHECK_OK(command_cut(s, &n, STARTED));
	record_of(&n, &r);
	s->fallbacks += r.state[n.running] == BOOT_FAILED;
	n.phase = n.image[n.running] == LATE ? OFF : UP;
	add(s, &n);
}

static void write_begin(struct search *s, const struct node *from)
{
	const enum boot_slot other = boot_slot_other(from->running);
	struct node n = *from;
	struct boot_record before, r;

	record_of(from, &before);
	if (command_cut(s, &n, EMPTY_OTHER)) {
		CHECK_MEM(&n.w, &from->w, sizeof(n.w));
		return;
	}
	record_of(&n, &r);
	/* Only in a slot that has proved itself in this very boot. */
	CHECK(boot_policy_is_confirmed(&before, n.running));
	CHECK_EQ(r.state[n.running], BOOT_GOOD);
	CHECK(n.image[n.running] == WORKS);
	CHECK(!world_starts(&n.w, other) && world_starts(&n.w, n.running));
	n.image[other] = HALF;
	n.phase = WRITING;
	n.is_broken = 0; /* what was broken there is overwritten */
	add(s, &n);
}

static void write_end(struct search *s, const struct node *from)
{
	const enum boot_slot other = boot_slot_other(from->running);

	for (unsigned k = REFUSED; k < IMAGES; k++) {
		for (uint8_t v = 1; v <= VERSIONS; v++) {
			struct node n = *from;

			n.image[other] = (uint8_t)k;
			n.version[other] = v;
			n.phase = WRITTEN;
			add(s, &n);
		}
	}
}

static void confirm(struct search *s, const struct node *from)
{
	struct boot_record before, r;
	struct node n = *from;
	enum kk_err err;

	record_of(from, &before);
	err = command_cut(s, &n, CONFIRM);
	record_of(&n, &r);
	if (err) {
		/* Never confirmed before, and too old now. */
		CHECK_ERR(err, KK_EPOLICY);
		CHECK(before.state[n.running] == BOOT_TRYING ||
		    before.state[n.running] == BOOT_EMPTY);
		CHECK(n.version[n.running] < before.floor);
		CHECK_MEM(&n.w, &from->w, sizeof(n.w));
		return;
	}
	s->confirmed++;
	CHECK(boot_policy_is_confirmed(&r, n.running));
	CHECK(r.floor >= before.floor && r.floor >= n.version[n.running]);
	add(s, &n);
}

static void other_command(struct search *s, const struct node *from,
    enum command c)
{
	struct node n = *from;

	if (command_cut(s, &n, c))
		CHECK_MEM(&n.w, &from->w, sizeof(n.w));
	else
		add(s, &n);
}

static void up_step(struct search *s, const struct node *from)
{
	const enum boot_slot other = boot_slot_other(from->running);
	struct boot_record r;

	power_off(s, from);
	record_of(from, &r);
	if (from->image[from->running] == WORKS && from->phase == UP)
		confirm(s, from);
	if (from->phase == UP)
		write_begin(s, from);
	if (from->phase == WRITING)
		write_end(s, from);
	/* Who installs tells it when all is written; by hand one may choose
	 * the other slot where it was good. */
	if (from->phase == WRITTEN || r.state[other] == BOOT_GOOD)
		other_command(s, from, TRY_OTHER);
	other_command(s, from, TRY_OWN);
	other_command(s, from, BAD);
	other_command(s, from, STARTED); /* a service that starts again */
}

static void step(struct search *s, const struct node *n)
{
	if (n->phase == OFF)
		off_step(s, n);
	else if (n->phase == BEGUN)
		begun_step(s, n);
	else
		up_step(s, n);
}

TEST(no_cut_anywhere_bricks_a_box_or_starts_half_an_image)
{
	struct search s = { 0 };
	struct node first;

	states_open(&s.states, sizeof(first));
	memset(&first, 0, sizeof(first));
	world_init(&first.w);
	first.image[BOOT_A] = WORKS;
	first.version[BOOT_A] = 1;
	add(&s, &first);
	while (s.done < s.states.count) {
		struct node n;

		states_get(&s.states, s.done++, &n);
		step(&s, &n);
	}
	tap_diag("%zu states, %zu steps, %zu of them cuts between writes, "
		 "%zu confirmed boots, %zu returns to the other slot",
	    s.states.count, s.states.steps, s.cuts, s.confirmed, s.fallbacks);
	CHECK(s.states.count > 2000 && s.cuts > 2000);
	CHECK(s.confirmed > 100 && s.fallbacks > 100);
	states_close(&s.states);
}
