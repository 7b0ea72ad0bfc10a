/*
 * update.c - two updates, whose writes a kernel made: each disk that a power
 * cut can leave of them is a box that starts.  Some of these disks are kept, to
 * be started and updated by a kernel.
 *
 * KK_CUTS names the folder of a recording (tests/cuts/record); without it it is
 * the small one that is kept here.  KK_FSCK is fsck.fat, where there is one;
 * KK_PART=K/N: every N-th state, from the K-th on.
 */
#include <stdio.h>
#include <stdlib.h>

#include "harness/tap.h"
#include "tests/cuts/recording.h"
#include "tests/cuts/repair.h"
#include "tests/cuts/samples.h"

#define RECORDED "tests/cuts/recorded"
#define UNFLUSHED "tests/cuts/unflushed"

/* States that a machine is to start from and to update (tests/cuts/record). */
enum { SAMPLES = 8, PATH = 256 };

struct looking {
	struct box box;
	struct repair repair;
	const char *fsck; /* a program, or NULL */
	const char *samples; /* folder, or NULL */
	unsigned kept;
	uint32_t lost; /* sectors of the ESP, in the worst one so far */
};

static void look(void *arg, const struct cuts_disk *d, const struct world *w)
{
	struct looking *l = arg;
	struct world emptied;
	enum boot_slot running;
	char path[PATH];

	running = box_check(&l->box, d, w, &emptied);
	if (l->fsck)
		repair_check(&l->repair, d, &emptied, running);
	if (!l->samples)
		return;
	if (l->box.seen.lost_sectors > l->lost) {
		l->lost = l->box.seen.lost_sectors;
		(void)snprintf(path, sizeof(path), "%s/state-lost", l->samples);
		sample_keep(path, d, w);
	}
	if (l->kept == SAMPLES || d->hash % SAMPLE_OF != 0)
		return;
	(void)snprintf(path, sizeof(path), "%s/state-%u", l->samples,
	    l->kept++);
	sample_keep(path, d, w);
}

static void seen_tell(const struct box_seen *s)
{
	tap_diag("slot a starts in %zu, slot b in %zu, after a boot that found "
		 "no root in %zu",
	    s->starts[BOOT_A], s->starts[BOOT_B], s->second_boots);
	tap_diag("half kernel images that the firmware refuses: %zu; half "
		 "roots of a slot that nothing starts: %zu; second tables: "
		 "%zu",
	    s->halves, s->half_roots, s->second_tables);
	tap_diag("states in which the variables name what is not all there: "
		 "%zu",
	    s->named_halves);
	tap_diag("without variables nothing would start in %zu; of the ESP "
		 "%u sectors were lost at most, and some had two names in %zu",
	    s->without_fallback, s->lost_sectors, s->shared);
}

static void repair_end(struct looking *l)
{
	const struct repair_seen *seen = &l->repair.seen;

	tap_diag("fsck.fat ran on %zu ESPs, of which it changed %zu, and was "
		 "cut %zu times",
	    seen->runs, seen->changes, seen->cuts);
	CHECK(seen->runs > 10 && seen->changes > 10);
	repair_close(&l->repair);
}

static void look_at(struct looking *l, const char *folder, bool is_long,
    struct replay_count *count)
{
	struct recording rec;
	struct replay r;

	recording_open(&rec, folder);
	box_open(&l->box);
	recording_built(folder, &l->box);
	r = (struct replay){ .disk = &rec.disk,
		.log = &rec.log,
		.look = look,
		.arg = l,
		.torn_most = UINT64_MAX,
		.subset_writes = is_long ? 8 : 6,
		.samples = 200,
		.tell = is_long ? 2000 : 0,
		.seed = 20261123 };
	if (is_long)
		part_read(&r.part, &r.parts);
	if (r.part != 0) /* one of them keeps samples */
		l->samples = NULL;
	if (l->fsck)
		repair_open(&l->repair, l->fsck, &l->box);
	replay_run(&r, count);
	replay_tell(count);
	seen_tell(&l->box.seen);
	if (l->fsck)
		repair_end(l);
	box_close(&l->box);
	recording_close(&rec);
}

TEST(no_cut_between_the_blocks_of_an_update_bricks_a_box_or_starts_a_half)
{
	const char *folder = getenv("KK_CUTS"); /* NOLINT(*-mt-unsafe) */
	const bool is_long = folder != NULL;
	struct looking l = { .samples = folder,
		.fsck = getenv("KK_FSCK") }; /* NOLINT(*-mt-unsafe) */
	const struct box_seen *seen = &l.box.seen;
	struct replay_count count;

	look_at(&l, folder ? folder : RECORDED, is_long, &count);
	if (is_long)
		tap_diag("looked at %zu of %zu states", count.looked,
		    count.states);
	CHECK(count.states >= 1000);
	CHECK(seen->starts[BOOT_A] > 100 && seen->starts[BOOT_B] > 100);
	CHECK(seen->halves > 10 && seen->half_roots > 100);
	CHECK_EQ(seen->named_halves, 0);
	CHECK_EQ(seen->second_boots, 0);
}

/* By the code as it was before, syncfs(2) alone: the record calls a slot one to
 * be tried whose kernel image may not have its name yet.  It starts all the
 * same, the old slot. */
TEST(update_whose_disk_is_not_made_to_flush_is_found_to_name_a_half)
{
	struct looking l = { 0 };
	struct replay_count count;

	look_at(&l, UNFLUSHED, false, &count);
	CHECK(l.box.seen.named_halves > 0);
}
