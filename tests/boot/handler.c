/* handler.c - each command by itself, as RAUC and the units call them. */
#include <limits.h>
#include <string.h>

#include "boot/boot.h"
#include "harness/tap.h"
#include "world.h"

struct box {
	struct world w;
	struct boot_vars vars;
	struct boot b;
};

static void box_start(struct box *x, enum boot_slot running, uint8_t boot_id)
{
	x->vars = world_vars(&x->w);
	x->b = world_boot_of(&x->vars, running, boot_id);
	CHECK_OK(boot_started(&x->b));
}

/* Slot A runs and has shown that it works. */
static void box_open(struct box *x)
{
	world_init(&x->w);
	box_start(x, BOOT_A, 1);
	CHECK_OK(boot_state_set(&x->b, BOOT_A, true));
}

static struct boot_record record(const struct box *x)
{
	struct boot_record r = { 0 };

	CHECK_OK(boot_record_get(&x->b, &r));
	return r;
}

/* Installs, as RAUC does: marks bad, writes, makes it the next one. */
static void install(struct box *x, enum boot_slot slot)
{
	CHECK_OK(boot_state_set(&x->b, slot, false));
	CHECK(!world_starts(&x->w, slot));
	CHECK_OK(boot_primary_set(&x->b, slot));
}

static enum boot_slot firmware(struct box *x)
{
	static const bool both[] = { true, true };

	return world_boot(&x->w, both);
}

TEST(update_is_tried_once_confirmed_and_then_first)
{
	struct box x;
	unsigned number = 0;
	enum boot_slot slot;
	bool is_good = true;

	box_open(&x);
	install(&x, BOOT_B);
	CHECK(world_number(&x.w, WORLD_NEXT, &number));
	CHECK_EQ(number, WORLD_ENTRY_B);
	CHECK_EQ(world_order(&x.w, 0), WORLD_ENTRY_A);
	CHECK_OK(boot_primary_get(&x.b, &slot));
	CHECK_EQ(slot, BOOT_B);
	CHECK_OK(boot_state_get(&x.b, BOOT_B, &is_good));
	CHECK(!is_good);
	CHECK_EQ(firmware(&x), BOOT_B);
	CHECK(!world_number(&x.w, WORLD_NEXT, &number));
	box_start(&x, BOOT_B, 2);
	CHECK_EQ(world_order(&x.w, 0), WORLD_ENTRY_A);
	CHECK_ERR(boot_state_set(&x.b, BOOT_A, false), KK_ESTATE);
	x.b.version = 7;
	CHECK_OK(boot_state_set(&x.b, BOOT_B, true));
	CHECK_EQ(world_order(&x.w, 0), WORLD_ENTRY_B);
	CHECK_EQ(world_order(&x.w, 1), WORLD_ENTRY_A);
	CHECK_EQ(world_order(&x.w, 2), WORLD_ENTRY_FOREIGN);
	CHECK_EQ(world_order(&x.w, 3), UINT_MAX);
	CHECK_EQ(record(&x).floor, 7);
	CHECK_EQ(firmware(&x), BOOT_B);
}

TEST(try_that_is_not_confirmed_is_over_after_one_boot)
{
	struct box x;
	bool is_good = true;

	box_open(&x);
	install(&x, BOOT_B);
	CHECK_EQ(firmware(&x), BOOT_B);
	box_start(&x, BOOT_B, 2);
	CHECK_EQ(firmware(&x), BOOT_A);
	box_start(&x, BOOT_A, 3);
	CHECK_EQ(record(&x).state[BOOT_B], BOOT_EMPTY);
	CHECK_OK(boot_state_get(&x.b, BOOT_B, &is_good));
	CHECK(!is_good && !world_starts(&x.w, BOOT_B));
	/* This boot of A has not proved itself yet. */
	CHECK_ERR(boot_state_set(&x.b, BOOT_B, false), KK_ESTATE);
	CHECK_OK(boot_state_set(&x.b, BOOT_A, true));
	CHECK_OK(boot_state_set(&x.b, BOOT_B, false));
}

TEST(try_that_never_was_counted_is_over_as_well)
{
	struct box x;

	box_open(&x);
	install(&x, BOOT_B);
	CHECK_EQ(firmware(&x), BOOT_B); /* and its kernel dies */
	CHECK_EQ(firmware(&x), BOOT_A);
	box_start(&x, BOOT_A, 3);
	CHECK_EQ(record(&x).state[BOOT_B], BOOT_EMPTY);
}

TEST(good_slot_that_is_not_confirmed_twice_gives_way_to_the_other)
{
	struct box x;

	box_open(&x);
	install(&x, BOOT_B);
	box_start(&x, firmware(&x), 2);
	CHECK_OK(boot_state_set(&x.b, BOOT_B, true));
	for (uint8_t id = 3; id <= 4; id++) {
		CHECK_EQ(firmware(&x), BOOT_B);
		box_start(&x, BOOT_B, id);
	}
	CHECK_EQ(record(&x).state[BOOT_B], BOOT_FAILED);
	CHECK_EQ(firmware(&x), BOOT_A);
	box_start(&x, BOOT_A, 5);
	/* It is the last resort still. */
	CHECK_EQ(world_order(&x.w, 0), WORLD_ENTRY_A);
	CHECK_EQ(world_order(&x.w, 1), WORLD_ENTRY_B);
}

TEST(second_boot_that_is_confirmed_after_all_stays)
{
	struct box x;

	box_open(&x);
	install(&x, BOOT_B);
	box_start(&x, firmware(&x), 2);
	CHECK_OK(boot_state_set(&x.b, BOOT_B, true));
	box_start(&x, firmware(&x), 3);
	box_start(&x, firmware(&x), 4);
	CHECK_EQ(world_order(&x.w, 0), WORLD_ENTRY_A);
	CHECK_OK(boot_state_set(&x.b, BOOT_B, true));
	CHECK_EQ(record(&x).boots[BOOT_B], 0);
	CHECK_EQ(firmware(&x), BOOT_B);
}

TEST(only_slot_stays_whatever_its_health)
{
	struct box x;

	box_open(&x);
	for (uint8_t id = 2; id < 10; id++) {
		CHECK_EQ(firmware(&x), BOOT_A);
		box_start(&x, BOOT_A, id);
	}
	CHECK_EQ(record(&x).state[BOOT_A], BOOT_GOOD);
	CHECK_ERR(boot_state_set(&x.b, BOOT_A, false), KK_ESTATE);
}

TEST(boot_is_counted_once_however_often_it_is_told)
{
	struct box x;

	box_open(&x);
	box_start(&x, BOOT_A, 2);
	for (unsigned i = 0; i < 5; i++)
		box_start(&x, BOOT_A, 2);
	CHECK_EQ(record(&x).boots[BOOT_A], 1);
	CHECK_OK(boot_state_set(&x.b, BOOT_A, true));
	box_start(&x, BOOT_A, 2);
	CHECK_EQ(record(&x).boots[BOOT_A], 0);
	CHECK_EQ(x.w.writes, 5);
}

TEST(try_survives_that_a_boot_is_told_again)
{
	struct box x;
	unsigned number = 0;

	box_open(&x);
	install(&x, BOOT_B);
	box_start(&x, BOOT_A, 1);
	CHECK(world_number(&x.w, WORLD_NEXT, &number));
	CHECK_EQ(record(&x).state[BOOT_B], BOOT_TRYING);
}

TEST(try_can_be_taken_back)
{
	struct box x;
	unsigned number = 0;

	box_open(&x);
	install(&x, BOOT_B);
	CHECK_OK(boot_primary_set(&x.b, BOOT_A));
	CHECK(!world_number(&x.w, WORLD_NEXT, &number));
	CHECK_EQ(record(&x).state[BOOT_B], BOOT_EMPTY);
	CHECK_EQ(firmware(&x), BOOT_A);
}

TEST(older_version_than_the_floor_does_not_become_good)
{
	struct box x;

	box_open(&x);
	x.b.version = 5;
	CHECK_OK(boot_state_set(&x.b, BOOT_A, true));
	install(&x, BOOT_B);
	box_start(&x, firmware(&x), 2);
	x.b.version = 4;
	CHECK_ERR(boot_state_set(&x.b, BOOT_B, true), KK_EPOLICY);
	x.b.version = 5;
	CHECK_OK(boot_state_set(&x.b, BOOT_B, true));
}

TEST(old_slot_that_was_good_may_be_gone_back_to)
{
	struct box x;

	box_open(&x);
	install(&x, BOOT_B);
	box_start(&x, firmware(&x), 2);
	x.b.version = 9;
	CHECK_OK(boot_state_set(&x.b, BOOT_B, true));
	CHECK_OK(boot_primary_set(&x.b, BOOT_A));
	CHECK_EQ(firmware(&x), BOOT_A);
	box_start(&x, BOOT_A, 3);
	x.b.version = 1;
	CHECK_OK(boot_state_set(&x.b, BOOT_A, true));
	CHECK_EQ(record(&x).floor, 9);
}

TEST(slot_that_does_not_run_is_not_called_good)
{
	struct box x;

	box_open(&x);
	CHECK_ERR(boot_state_set(&x.b, BOOT_B, true), KK_ESTATE);
}

TEST(nothing_is_changed_in_a_boot_that_was_not_counted)
{
	struct box x;
	struct world before;

	box_open(&x);
	x.b.boot_id[0] = 2;
	before = x.w;
	CHECK_ERR(boot_state_set(&x.b, BOOT_A, true), KK_ESTATE);
	CHECK_ERR(boot_state_set(&x.b, BOOT_B, false), KK_ESTATE);
	CHECK_ERR(boot_primary_set(&x.b, BOOT_B), KK_ESTATE);
	CHECK_MEM(&x.w, &before, sizeof(before));
}

TEST(slot_that_runs_is_told_by_the_firmware_where_nobody_else_does)
{
	struct box x;
	enum boot_slot slot;

	box_open(&x);
	x.b.running = BOOT_NO_SLOT;
	CHECK_ERR(boot_current_get(&x.b, &slot), KK_ENOENT);
	world_number_set(&x.w, WORLD_CURRENT, WORLD_ENTRY_FOREIGN);
	CHECK_ERR(boot_current_get(&x.b, &slot), KK_ENOENT);
	world_number_set(&x.w, WORLD_CURRENT, WORLD_ENTRY_B);
	CHECK_OK(boot_current_get(&x.b, &slot));
	CHECK_EQ(slot, BOOT_B);
	x.b.running = BOOT_A; /* the signed command line knows better */
	CHECK_OK(boot_current_get(&x.b, &slot));
	CHECK_EQ(slot, BOOT_A);
}

TEST(entries_that_are_missing_are_made)
{
	struct box x;
	const struct boot_disk disk = { .number = 1,
		.start = 2048,
		.sectors = 262144,
		.guid = { 1, 2, 3 } };

	world_init(&x.w);
	memset(x.w.has_entry + WORLD_ENTRY_A, 0, 2);
	box_start(&x, BOOT_A, 1); /* by the default path */
	CHECK_EQ(record(&x).state[BOOT_A], BOOT_GOOD);
	/* Nothing could be started while slot B is written. */
	CHECK_ERR(boot_state_set(&x.b, BOOT_A, true), KK_ENOENT);
	CHECK_OK(boot_setup(&x.b, &disk));
	CHECK(x.w.has_entry[WORLD_ENTRY_A] && x.w.has_entry[WORLD_ENTRY_B]);
	CHECK_EQ(world_order(&x.w, 0), WORLD_ENTRY_A);
	x.w.writes = 0;
	CHECK_OK(boot_setup(&x.b, &disk));
	CHECK_EQ(x.w.writes, 0);
	CHECK_OK(boot_state_set(&x.b, BOOT_A, true));
	install(&x, BOOT_B);
	CHECK_EQ(firmware(&x), BOOT_B);
}

TEST(slot_without_an_entry_is_not_tried)
{
	struct box x;
	struct world before;

	box_open(&x);
	CHECK_OK(boot_state_set(&x.b, BOOT_B, false));
	x.w.has_entry[WORLD_ENTRY_B] = 0;
	before = x.w;
	CHECK_ERR(boot_primary_set(&x.b, BOOT_B), KK_ENOENT);
	CHECK_MEM(&x.w, &before, sizeof(before));
}

TEST(record_that_cannot_be_read_begins_anew_with_what_runs)
{
	struct box x;

	box_open(&x);
	x.w.var[WORLD_RECORD].data[0] ^= 1;
	CHECK_ERR(boot_state_set(&x.b, BOOT_B, false), KK_ESTATE);
	box_start(&x, BOOT_A, 2);
	CHECK_EQ(record(&x).state[BOOT_A], BOOT_GOOD);
	CHECK_EQ(record(&x).state[BOOT_B], BOOT_EMPTY);
	CHECK_EQ(record(&x).boots[BOOT_A], 1);
}

/* Variables of which one cannot be read, or none can be listed. */
struct faulty {
	struct boot_vars inner;
	const char *name; /* NULL: entries() fails */
};

static enum kk_err faulty_get(void *arg, const char *name, bool is_ours,
    uint8_t *data, size_t *bytes)
{
	const struct faulty *f = arg;

	if (f->name && !strcmp(f->name, name))
		return KK_EIO;
	return f->inner.get(f->inner.arg, name, is_ours, data, bytes);
}

static enum kk_err faulty_set(void *arg, const char *name, bool is_ours,
    const uint8_t *data, size_t bytes)
{
	const struct faulty *f = arg;

	return f->inner.set(f->inner.arg, name, is_ours, data, bytes);
}

static enum kk_err faulty_erase(void *arg, const char *name)
{
	const struct faulty *f = arg;

	return f->inner.erase(f->inner.arg, name);
}

static enum kk_err faulty_entries(void *arg, uint16_t *numbers, size_t *count)
{
	const struct faulty *f = arg;

	return f->name ? f->inner.entries(f->inner.arg, numbers, count) :
			 KK_ELIMIT;
}

TEST(variables_that_cannot_be_read_are_told_and_nothing_is_written)
{
	static const char *const names[] = { NULL, "Boot0001", "BootOrder",
		"BootNext", BOOT_RECORD_NAME };
	struct box x;

	for (size_t i = 0; i < KK_ARRAY_LEN(names); i++) {
		struct faulty f;
		struct boot_vars vars = { .get = faulty_get,
			.set = faulty_set,
			.erase = faulty_erase,
			.entries = faulty_entries,
			.arg = &f };

		box_open(&x);
		f = (struct faulty){ .inner = x.vars, .name = names[i] };
		x.b.vars = &vars;
		x.w.writes = 0;
		CHECK_FAIL(boot_state_set(&x.b, BOOT_A, true));
		CHECK_EQ(x.w.writes, 0);
	}
}
