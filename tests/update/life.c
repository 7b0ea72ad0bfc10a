/*
 * life.c - the machine, the real boot handler and a firmware together: all that
 * a box can go through, with its power cut at each step and at each write.
 */
#include <string.h>

#include "../boot/states.h"
#include "../boot/world.h"
#include "harness/tap.h"
#include "update/update.h"

enum image { HALF, REFUSED, EARLY, SICK, WORKS, IMAGES };

enum { VERSIONS = 3, BOOTS_MAX = 3 /* the third one works */ };

struct node { /* all bytes: no padding */
	struct world w;
	uint8_t image[BOOT_SLOTS], version[BOOT_SLOTS];
	uint8_t is_on, running, boot_id, state;
	uint8_t is_in_meeting, is_being_written, is_broken, was_trying;
	uint8_t accepted; /* version of what is written */
	uint8_t none[3];
};

struct search {
	struct states states;
	size_t cuts, ends[UPDATE_STATES], refused, installed;
};

static void add(struct search *s, const struct node *n)
{
	states_add(&s->states, n);
}

static bool record_of(const struct node *n, struct boot_record *r)
{
	const struct world_var *v = &n->w.var[WORLD_RECORD];

	memset(r, 0, sizeof(*r));
	if (!v->is_there)
		return false;
	CHECK_OK(boot_record_parse(r, kk_view_of(v->data, v->bytes)));
	return true;
}

static enum boot_slot other_of(const struct node *n)
{
	return boot_slot_other((enum boot_slot)n->running);
}

/* The machine's own restarts are what power cuts are, so only the table is
 * kept: it has no other memory that decides. */
static unsigned tell(struct node *n, enum update_event event)
{
	const enum update_event now = n->is_in_meeting ?
	    update_event_busy(event) :
	    event;
	const struct update_cell cell = update_table(
	    (enum update_state)n->state, now);

	CHECK(cell.is_listed);
	n->state = (uint8_t)cell.next;
	if (cell.actions &
	    (UPDATE_DO_WRITE | UPDATE_DO_CHECK | UPDATE_DO_RESTART))
		CHECK(!n->is_in_meeting);
	return cell.actions;
}

static void off(struct node *n)
{
	n->is_on = 0;
	n->running = n->boot_id = n->state = 0;
	n->is_in_meeting = n->is_being_written = n->was_trying = 0;
	n->accepted = 0;
}

enum command { STARTED, CONFIRM, WRITE, COMMIT, TAKE_BACK };

static enum kk_err command_run(struct node *n, enum command c)
{
	const enum boot_slot own = (enum boot_slot)n->running;
	const struct boot_vars vars = world_vars(&n->w);
	struct boot b = world_boot_of(&vars, own, n->boot_id);

	b.version = n->version[own];
	switch (c) {
	case STARTED:
		return boot_started(&b);
	case CONFIRM:
		return boot_state_set(&b, own, true);
	case WRITE:
		return boot_state_set(&b, other_of(n), false);
	case COMMIT:
		return boot_primary_set(&b, other_of(n));
	default:
		return boot_primary_set(&b, own);
	}
}

/* The whole command into *n, and each way in which power ends it. */
static enum kk_err command_cut(struct search *s, struct node *n, enum command c)
{
	const struct node before = *n;
	const enum kk_err err = command_run(n, c);
	const uint32_t writes = n->w.writes;

	n->w.writes = 0;
	for (uint32_t power = 0; power < writes; power++) {
		struct node cut = before;

		cut.w.power = power;
		CHECK_FAIL(command_run(&cut, c));
		cut.w.power = UINT32_MAX;
		cut.w.writes = 0;
		off(&cut);
		s->cuts++;
		add(s, &cut);
	}
	return err;
}

static enum boot_slot firmware(struct node *n)
{
	const bool is_loadable[] = { n->image[BOOT_A] != REFUSED,
		n->image[BOOT_B] != REFUSED };
	const enum boot_slot slot = world_boot(&n->w, is_loadable);
	struct boot_record r;

	CHECK(slot != BOOT_NO_SLOT); /* no brick */
	CHECK(n->image[slot] != HALF);
	n->running = (uint8_t)slot;
	n->boot_id = record_of(n, &r) && r.boot_id[0] == 1 ? 2 : 1;
	n->was_trying = r.state[other_of(n)] == BOOT_TRYING;
	n->state = UPDATE_STARTING;
	n->is_on = 1;
	return slot;
}

/* Without another cut, a slot that works runs and is confirmed soon. */
static void returns_check(const struct node *from)
{
	struct node n = *from;

	for (unsigned boots = 1;; boots++) {
		const enum boot_slot slot = firmware(&n);

		CHECK(boots <= BOOTS_MAX);
		if (n.image[slot] != EARLY)
			CHECK_OK(command_run(&n, STARTED));
		if (n.image[slot] == WORKS)
			break;
	}
	/* A try of an older version is the one thing it may not confirm. */
	if (command_run(&n, CONFIRM)) {
		struct boot_record r;

		CHECK(record_of(&n, &r));
		CHECK(r.state[n.running] == BOOT_TRYING);
		CHECK(n.version[n.running] < r.floor);
	}
}

static void break_one(struct search *s, const struct node *from)
{
	struct boot_record r;

	if (from->is_broken || !record_of(from, &r) ||
	    r.state[BOOT_A] != BOOT_GOOD || r.state[BOOT_B] != BOOT_GOOD)
		return;
	for (size_t slot = 0; slot < BOOT_SLOTS; slot++) {
		struct node n = *from;

		n.is_broken = 1;
		n.image[slot] = REFUSED;
		add(s, &n);
		n.image[slot] = SICK;
		add(s, &n);
	}
}

static void off_step(struct search *s, const struct node *from)
{
	struct node n = *from;

	returns_check(from);
	break_one(s, from);
	if (n.image[firmware(&n)] == EARLY)
		off(&n);
	add(s, &n);
}

static void start(struct search *s, struct node n)
{
	enum update_event event = UPDATE_BOOTED;
	struct boot_record r;
	unsigned actions;

	CHECK_OK(command_cut(s, &n, STARTED));
	CHECK(record_of(&n, &r));
	if (r.state[n.running] == BOOT_TRYING)
		event = UPDATE_BOOTED_TRY;
	else if (r.state[other_of(&n)] == BOOT_TRYING)
		event = UPDATE_INSTALLED;
	else if (n.was_trying)
		event = UPDATE_BOOTED_BACK;
	n.was_trying = 0;
	actions = tell(&n, event);
	if (event == UPDATE_INSTALLED) {
		/* Nothing that waits is left without somebody who waits. */
		CHECK(boot_policy_is_confirmed(&r, (enum boot_slot)n.running));
		CHECK_EQ(actions, n.is_in_meeting ? 0 : UPDATE_DO_RESTART);
		s->installed++;
	} else {
		CHECK_EQ(actions, UPDATE_DO_HEALTH);
	}
	add(s, &n);
}

static void health(struct search *s, struct node n)
{
	struct node unwell = n;

	if (n.image[n.running] == WORKS) {
		CHECK(tell(&n, UPDATE_HEALTHY) == UPDATE_DO_CONFIRM);
		add(s, &n);
	}
	if (unwell.state == UPDATE_SICK)
		return;
	/* One that works may be unwell for another reason, too. */
	(void)tell(&unwell, UPDATE_UNWELL);
	add(s, &unwell);
}

static void confirm(struct search *s, struct node n)
{
	struct boot_record r;
	const bool is_good = !command_cut(s, &n, CONFIRM);

	CHECK(record_of(&n, &r));
	CHECK_EQ(boot_policy_is_confirmed(&r, (enum boot_slot)n.running),
	    is_good);
	CHECK(!is_good || n.image[n.running] == WORKS);
	(void)tell(&n, is_good ? UPDATE_CONFIRMED : UPDATE_NOT_CONFIRMED);
	add(s, &n);
}

static void check(struct search *s, const struct node *from)
{
	const enum boot_slot own = (enum boot_slot)from->running;
	struct boot_record r;

	CHECK(record_of(from, &r));
	for (unsigned kind = 0; kind < 8 * VERSIONS; kind++) {
		const struct update_bundle bundle = { !(kind & 1), !(kind & 2),
			kind & 4 ? "other" : "board", 1 + (kind >> 3) };
		const struct update_box box = { "board", from->version[own],
			r.floor };
		struct node n = *from;

		if (update_judge(&bundle, &box) == UPDATE_SAYS_NOTHING) {
			CHECK(bundle.is_signed && bundle.is_whole);
			CHECK(bundle.version >= r.floor && !(kind & 4));
			(void)tell(&n, UPDATE_ACCEPTED);
			if (n.state == UPDATE_WRITING)
				n.accepted = (uint8_t)bundle.version;
		} else {
			s->refused++;
			CHECK_EQ(tell(&n, UPDATE_REFUSED), UPDATE_DO_DROP);
			CHECK_MEM(&n.w, &from->w, sizeof(n.w));
			CHECK_MEM(n.image, from->image, sizeof(n.image));
		}
		add(s, &n);
	}
}

static void write_begin(struct search *s, struct node n)
{
	const enum boot_slot own = (enum boot_slot)n.running;
	struct boot_record r;

	CHECK(record_of(&n, &r));
	CHECK(boot_policy_is_confirmed(&r, own) && n.image[own] == WORKS);
	CHECK_OK(command_cut(s, &n, WRITE));
	CHECK(!world_starts(&n.w, other_of(&n)) && world_starts(&n.w, own));
	n.image[other_of(&n)] = HALF;
	n.version[other_of(&n)] = n.accepted;
	n.accepted = 0;
	n.is_being_written = 1;
	n.is_broken = 0;
	add(s, &n);
}

static void write_end(struct search *s, const struct node *from)
{
	struct node n = *from;

	n.is_being_written = 0;
	(void)tell(&n, UPDATE_WRITE_FAILED);
	add(s, &n);
	for (unsigned kind = REFUSED; kind < IMAGES; kind++) {
		n = *from;
		n.image[other_of(&n)] = (uint8_t)kind;
		n.is_being_written = 0;
		CHECK_EQ(tell(&n, UPDATE_WRITTEN), UPDATE_DO_COMMIT);
		add(s, &n);
	}
}

static void commit(struct search *s, struct node n)
{
	CHECK_OK(command_cut(s, &n, COMMIT));
	(void)tell(&n, UPDATE_COMMITTED);
	add(s, &n);
}

/* What people do, at any time. */
static void people(struct search *s, const struct node *from)
{
	static const enum update_event events[] = { UPDATE_ASKED,
		UPDATE_CANCELLED, UPDATE_MEETING, UPDATE_FREE };

	for (size_t i = 0; i < KK_ARRAY_LEN(events); i++) {
		const enum update_event e = events[i];
		struct node n = *from;

		if ((e == UPDATE_MEETING) == n.is_in_meeting &&
		    (e == UPDATE_MEETING || e == UPDATE_FREE))
			continue;
		n.is_in_meeting = e == UPDATE_MEETING ||
		    (e != UPDATE_FREE && n.is_in_meeting);
		if (update_table((enum update_state)n.state, e).is_listed &&
		    (tell(&n, e) & UPDATE_DO_TAKE_BACK))
			CHECK_OK(command_cut(s, &n, TAKE_BACK));
		if (n.state != UPDATE_WRITING)
			n.is_being_written = n.accepted = 0;
		add(s, &n);
	}
}

static void state_step(struct search *s, const struct node *n)
{
	switch ((enum update_state)n->state) {
	case UPDATE_STARTING:
		start(s, *n);
		break;
	case UPDATE_UNCONFIRMED:
	case UPDATE_TRYING:
	case UPDATE_SICK:
		health(s, *n);
		break;
	case UPDATE_CONFIRMING:
		confirm(s, *n);
		break;
	case UPDATE_CHECKING:
		check(s, n);
		break;
	case UPDATE_WRITING:
		if (n->is_being_written)
			write_end(s, n);
		else
			write_begin(s, *n);
		break;
	case UPDATE_COMMITTING:
		commit(s, *n);
		break;
	default: /* it restarts, as power cuts do, or somebody is awaited */
		break;
	}
}

static void on_step(struct search *s, const struct node *from)
{
	struct node n = *from;

	s->ends[n.state]++;
	off(&n);
	add(s, &n);
	/* The program that has the machine is started again. */
	n = *from;
	n.state = UPDATE_STARTING;
	n.is_being_written = n.accepted = 0;
	add(s, &n);
	state_step(s, from);
	if (from->state != UPDATE_STARTING)
		people(s, from);
}

TEST(no_life_of_a_box_ends_in_a_brick_or_in_half_an_image)
{
	struct search s = { 0 };
	struct node n;

	states_open(&s.states, sizeof(n));
	memset(&n, 0, sizeof(n));
	world_init(&n.w);
	n.image[BOOT_A] = WORKS;
	n.version[BOOT_A] = 1;
	add(&s, &n);
	for (size_t i = 0; i < s.states.count; i++) {
		states_get(&s.states, i, &n);
		if (n.is_on)
			on_step(&s, &n);
		else
			off_step(&s, &n);
	}
	tap_diag("%zu states, %zu steps, %zu cuts between writes, %zu bundles "
		 "refused",
	    s.states.count, s.states.steps, s.cuts, s.refused);
	for (size_t i = 0; i < UPDATE_STATES; i++)
		CHECK(s.ends[i] > 0); /* each state was reached */
	CHECK(s.states.count > 2000 && s.cuts > 1000 && s.refused > 100);
	CHECK(s.installed > 10);
	states_close(&s.states);
}
