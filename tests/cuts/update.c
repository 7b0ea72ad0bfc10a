/*
 * update.c - two updates, whose writes a kernel made: each disk that a power
 * cut can leave of them is a box that starts.  Some of these disks are kept, to
 * be started and updated by a kernel.
 *
 * KK_CUTS names the folder of a recording (tests/cuts/record); without it it is
 * the small one that is kept here.
 */
#define _GNU_SOURCE /* fileno(), fseeko(), ftruncate() */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/tap.h"
#include "tests/cuts/mark.h"
#include "tests/cuts/recording.h"

#define RECORDED "tests/cuts/recorded"
#define UNFLUSHED "tests/cuts/unflushed"

/* States that a machine is to start from and to update (tests/cuts/record). */
enum { SAMPLES = 8, SAMPLE_OF = 1999 };

struct looking {
	struct box box;
	const char *samples; /* folder, or NULL */
	unsigned kept;
};

static void sample_keep(const char *path, const struct cuts_disk *d,
    const struct world *w)
{
	static const uint8_t zeros[CUTS_SECTOR];
	uint8_t sector[MARK_BYTES];
	FILE *file = fopen(path, "we");

	CHECK(file != NULL);
	CHECK_EQ(ftruncate(fileno(file), (off_t)(d->sectors * CUTS_SECTOR)), 0);
	for (uint64_t i = 0; i < d->sectors; i++) {
		mark_write(w, sector);
		if (i != MARK_AT)
			cuts_disk_read(d, i, 1, sector);
		if (!memcmp(sector, zeros, CUTS_SECTOR))
			continue;
		CHECK_EQ(fseeko(file, (off_t)(i * CUTS_SECTOR), SEEK_SET), 0);
		CHECK_EQ(fwrite(sector, CUTS_SECTOR, 1, file), 1);
	}
	CHECK_EQ(fclose(file), 0);
}

static void look(void *arg, const struct cuts_disk *d, const struct world *w)
{
	struct looking *l = arg;
	char path[256];

	box_check(&l->box, d, w);
	if (!l->samples || l->kept == SAMPLES || d->hash % SAMPLE_OF != 0)
		return;
	(void)snprintf(path, sizeof(path), "%s/state-%u", l->samples,
	    l->kept++);
	sample_keep(path, d, w);
}

static void counts_tell(const struct replay_count *c, const struct box_seen *s)
{
	tap_diag("%zu states: %zu prefixes, %zu torn writes, %zu of all "
		 "subsets, %zu of sampled ones, %zu of those with torn writes",
	    c->states, c->prefixes, c->torn, c->subsets, c->sampled, c->mixed);
	tap_diag("%zu windows between flushes, %zu of them sampled", c->windows,
	    c->large_windows);
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
		 "%u sectors were lost at most",
	    s->without_fallback, s->lost_sectors);
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
		.seed = 20261123 };
	replay_run(&r, count);
	counts_tell(count, &l->box.seen);
	box_close(&l->box);
	recording_close(&rec);
}

TEST(no_cut_between_the_blocks_of_an_update_bricks_a_box_or_starts_a_half)
{
	const char *folder = getenv("KK_CUTS"); /* NOLINT(*-mt-unsafe) */
	const bool is_long = folder != NULL;
	struct looking l = { .samples = folder };
	const struct box_seen *seen = &l.box.seen;
	struct replay_count count;

	look_at(&l, folder ? folder : RECORDED, is_long, &count);
	CHECK(count.states >= (is_long ? 15000 : 1000));
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
