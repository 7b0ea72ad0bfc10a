/*
 * first.c - the first boot of an image, whose writes a kernel made
 * (tests/cuts/record-first): each disk that a power cut can leave of it starts,
 * is what its profile says, and has its data or makes them.
 *
 * KK_FIRST names the folder of the recording, KK_RUNTIME that of a Debian with
 * e2fsck and systemd-repart; KK_PART=K/N: every N-th state, from the K-th on.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/tap.h"
#include "tests/cuts/recording.h"
#include "tests/cuts/samples.h"
#include "tests/cuts/start.h"

/* States that a machine is to start from (tests/cuts/record-first). */
enum { SAMPLES = 3, SAMPLES_OF = 900, PATH = 512, KNOWN = 1 << 16 };

struct first {
	struct recording rec;
	struct gpt before;
	const uint8_t **last; /* the disk at the end */
	struct start start;
	struct box box;
	struct known known;
	const char *samples; /* folder, or NULL */
	unsigned kept;
	size_t without, with; /* data in the table */
	size_t tables, headers; /* different ones */
};

static bool is_same(const struct cuts_disk *d, const uint8_t *const *as,
    uint64_t at)
{
	return d->sector[at] == as[at] ||
	    !memcmp(d->sector[at], as[at], CUTS_SECTOR);
}

/* --- what no cut may change ------------------------------------------------
 */

/* The disk is one with a table to any firmware, the partitions are where they
 * were, and slot a starts by it without variables. */
static void table_check(struct first *f, const struct cuts_disk *d,
    const struct gpt *g)
{
	uint8_t mbr[CUTS_SECTOR];
	struct world w;

	cuts_disk_read(d, 0, 1, mbr);
	CHECK(mbr[450] == 0xee && mbr[510] == 0x55 && mbr[511] == 0xaa);
	for (size_t i = 0; i < f->before.count; i++) {
		const struct gpt_part was = f->before.part[i],
				      is = gpt_part(g, was.name);

		CHECK(was.first == is.first && was.sectors == is.sectors);
	}
	world_init(&w);
	CHECK_EQ(box_check(&f->box, d, &w, NULL), BOOT_A);
	f->tables++;
}

/* What opened the data in the end, to the last sector: header and keys. */
static void header_check(struct first *f, const struct cuts_disk *d,
    const struct gpt_part *data)
{
	const struct start *s = &f->start;
	const uint64_t end = s->plain.first;

	CHECK(data->first == s->data.first && data->sectors == s->data.sectors);
	if (known_is(&f->known,
		cuts_key(d->sector + data->first, end - data->first)))
		return;
	f->headers++;
	for (uint64_t i = data->first; i < end; i++)
		CHECK(is_same(d, f->last, i));
}

/* Nothing has read it yet, nor changed it. */
static void profile_check(const struct first *f, const struct cuts_disk *d)
{
	const struct gpt_part *p = &f->start.profile;

	for (uint64_t i = p->first; i < p->first + p->sectors; i++)
		CHECK(!memcmp(d->sector[i], f->rec.base.data + i * CUTS_SECTOR,
		    CUTS_SECTOR));
}

/* --- a state ---------------------------------------------------------------
 */

static void sample(struct first *f, const struct cuts_disk *d, bool is_mended)
{
	char path[PATH];

	if (!f->samples)
		return;
	if (is_mended && f->start.seen.mended == 1) {
		(void)snprintf(path, sizeof(path), "%s/first-mended",
		    f->samples);
		sample_keep(path, d, NULL);
	}
	if (f->kept == SAMPLES || d->hash % SAMPLES_OF != 0)
		return;
	(void)snprintf(path, sizeof(path), "%s/first-%u", f->samples,
	    f->kept++);
	sample_keep(path, d, NULL);
}

static void look(void *arg, const struct cuts_disk *d, const struct world *w)
{
	static struct gpt g;
	struct first *f = arg;
	const struct gpt_part *data;
	bool is_mended = false;

	(void)w;
	CHECK_OK(gpt_read(d, &g));
	if (!known_is(&f->known, gpt_key(d)))
		table_check(f, d, &g);
	data = gpt_find(&g, "data");
	start_opens(&f->start, d, &g);
	if (data) {
		f->with++;
		header_check(f, d, data);
		is_mended = start_goes(&f->start, d);
	} else {
		f->without++;
		profile_check(f, d);
	}
	sample(f, d, is_mended);
}

/* --- the recording ---------------------------------------------------------
 */

/* No root and no kernel image is in the way of any write. */
static void places_check(const struct first *f)
{
	static const char *const untouched[] = { "esp", "root-a", "root-b" };

	for (size_t i = 0; i < f->rec.log.count; i++) {
		const struct cuts_entry *e = &f->rec.log.entries[i];

		for (size_t k = 0; k < KK_ARRAY_LEN(untouched); k++) {
			const struct gpt_part p = gpt_part(&f->before,
			    untouched[k]);

			CHECK(e->sectors == 0 || e->at >= p.first + p.sectors ||
			    e->at + e->sectors <= p.first);
		}
	}
}

/* The disk with all that was written: what is to come of each. */
static void last_make(struct first *f, size_t part)
{
	struct cuts_disk *d = &f->rec.disk;
	char name[sizeof("world-") + 3 * sizeof(part)];

	for (size_t i = 0; i < f->rec.log.count; i++)
		cuts_disk_write(d, &f->rec.log.entries[i], 0,
		    f->rec.log.entries[i].sectors);
	f->last = cuts_must(calloc(d->sectors, sizeof(*f->last)));
	memcpy(f->last, d->sector, d->sectors * sizeof(*f->last));
	f->start.last = f->last;
	(void)snprintf(name, sizeof(name), "world-%zu", part);
	start_open(&f->start, d, kk_bytes_view(&f->rec.base), name);
	cuts_disk_back(d, 0);
}

static void first_open(struct first *f, size_t part)
{
	known_open(&f->known, KNOWN);
	recording_open(&f->rec, f->start.folder);
	box_open(&f->box);
	recording_built(f->start.folder, &f->box);
	CHECK_OK(gpt_read(&f->rec.disk, &f->before));
	CHECK(!gpt_find(&f->before, "data"));
	last_make(f, part);
	places_check(f);
}

static void first_close(struct first *f)
{
	start_close(&f->start);
	free(f->last);
	known_close(&f->known);
	box_close(&f->box);
	recording_close(&f->rec);
}

static void seen_tell(const struct first *f)
{
	const struct start_seen *s = &f->start.seen;

	tap_diag("the table names the data in %zu, and not yet in %zu; a "
		 "firmware reads %zu different ones",
	    f->with, f->without, f->tables);
	tap_diag("the image's script for the data ran %zu times, of which it "
		 "made them in %zu",
	    s->opens, s->makes);
	tap_diag(
	    "%zu different data and profiles, %zu different in content, "
	    "from which the box went on: it had the profile in %zu, took it then in %zu; had no "
	    "sealed keys in %zu, all in %zu; an identity in %zu; its file "
	    "system was mended in %zu",
	    s->starts, f->start.count, s->taken, s->untaken, s->without_keys,
	    s->with_keys, s->with_identity, s->mended);
}

TEST(no_cut_between_the_blocks_of_a_first_boot_loses_its_profile_or_data)
{
	static struct first f;
	struct replay_count count;
	struct replay r = { .look = look,
		.arg = &f,
		.torn_most = 16,
		.subset_writes = 6,
		.samples = 20,
		.tell = 500,
		.seed = 20261123 };

	f.start.folder = getenv("KK_FIRST"); /* NOLINT(*-mt-unsafe) */
	f.start.runtime = getenv("KK_RUNTIME"); /* NOLINT(*-mt-unsafe) */
	if (!f.start.folder || !f.start.runtime)
		SKIP("make check-cuts records a first boot");
	part_read(&r.part, &r.parts);
	f.samples = r.part == 0 ? f.start.folder : NULL;
	first_open(&f, r.part);
	r.disk = &f.rec.disk;
	r.log = &f.rec.log;
	replay_run(&r, &count);
	replay_tell(&count);
	seen_tell(&f);
	tap_diag("looked at %zu of %zu states", count.looked, count.states);
	/* Each part, however small, has some of all. */
	CHECK(f.with > 0 && f.without > 0 && f.tables > 1);
	CHECK(f.start.seen.makes > 0 &&
	    f.start.seen.opens > f.start.seen.makes);
	CHECK(f.start.seen.taken > 0 && f.start.seen.untaken > 0);
	CHECK(f.start.seen.without_keys > 0 && f.start.seen.with_identity > 0);
	first_close(&f);
}
