/* repair.c */
#define _GNU_SOURCE /* memfd_create() */
#include "tests/cuts/repair.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness/tap.h"
#include "tests/cuts/known.h"
#include "tests/cuts/run.h"

enum {
	KNOWN = 1 << 18, /* places for contents, a power of two */
	KEPT = 1 << 16, /* for sectors that it wrote */
	CHANGES_MAX = 1 << 14,
	FOLDERS = 4, /* clusters, which mkfs and mmd have given to them */
	SUBSETS = 16, /* by chance, of each run */
	EACH_OF = 16, /* runs: one has each change alone and left out */
	PATH = 64,
	RIGHT = 0, /* statuses: fsck.fat(8) */
	REPAIRED = 1
};

struct repair_memory {
	struct known known;
	uint8_t *kept[KEPT]; /* its sectors, ours: places have one content */
	int fd;
	uint8_t *file; /* the same, in memory */
	const uint8_t *
	    *has; /* what stands in the file's sectors; NULL: other */
	struct gpt_part esp;
	struct cuts_disk after;
	uint64_t at[CHANGES_MAX]; /* sectors of the disk that it changed */
	const uint8_t *to[CHANGES_MAX];
	size_t changes;
	uint64_t random;
};

void repair_open(struct repair *r, const char *program, const struct box *built)
{
	*r = (struct repair){ .program = program };
	box_open(&r->box);
	for (size_t i = 0; i < built->built_count; i++)
		box_built_add(&r->box, built->built[i]);
	r->memory = cuts_must(calloc(1, sizeof(*r->memory)));
	known_open(&r->memory->known, KNOWN);
	r->memory->fd = memfd_create("esp", 0); /* the child's, too */
	r->memory->random = 20261123;
	CHECK(r->memory->fd >= 0);
}

void repair_close(struct repair *r)
{
	struct repair_memory *m = r->memory;

	if (m->file)
		(void)munmap(m->file, m->esp.sectors * CUTS_SECTOR);
	(void)close(m->fd);
	for (size_t i = 0; i < KEPT; i++)
		free(m->kept[i]);
	known_close(&m->known);
	free(m->has);
	free(m->after.sector);
	free(m);
	box_close(&r->box);
}

/* --- places ----------------------------------------------------------------
 */

static const uint8_t *keep(struct repair_memory *m, const uint8_t *sector)
{
	uint64_t hash = 1, word;

	for (size_t i = 0; i < CUTS_SECTOR; i += sizeof(word)) {
		memcpy(&word, sector + i, sizeof(word));
		hash = cuts_mix(hash, word);
	}
	for (size_t i = 0;; i++, hash++) {
		uint8_t **place = &m->kept[hash % KEPT];

		CHECK(i < KEPT / 2);
		if (!*place) {
			*place = cuts_must(malloc(CUTS_SECTOR));
			memcpy(*place, sector, CUTS_SECTOR);
		}
		if (!memcmp(*place, sector, CUTS_SECTOR))
			return *place;
	}
}

static uint64_t random_next(struct repair_memory *m)
{
	m->random ^= m->random << 13; /* Marsaglia's xorshift */
	m->random ^= m->random >> 7;
	m->random ^= m->random << 17;
	return m->random >> 20;
}

/* --- the file --------------------------------------------------------------
 */

static void file_make(struct repair_memory *m, const struct cuts_disk *d)
{
	struct gpt g;

	CHECK_OK(gpt_read(d, &g));
	m->esp = gpt_part(&g, "esp");
	CHECK_EQ(ftruncate(m->fd, (off_t)(m->esp.sectors * CUTS_SECTOR)), 0);
	m->file = mmap(NULL, m->esp.sectors * CUTS_SECTOR,
	    PROT_READ | PROT_WRITE, MAP_SHARED, m->fd, 0);
	CHECK(m->file != MAP_FAILED);
	m->has = cuts_must(calloc(m->esp.sectors, sizeof(*m->has)));
	m->after.sectors = d->sectors;
	m->after.sector = cuts_must(calloc(d->sectors,
	    sizeof(*m->after.sector)));
}

static void file_write_esp(struct repair_memory *m, const struct cuts_disk *d)
{
	for (uint64_t i = 0; i < m->esp.sectors; i++) {
		const uint8_t *is = d->sector[m->esp.first + i];

		if (m->has[i] != is)
			memcpy(m->file + i * CUTS_SECTOR, is, CUTS_SECTOR);
		m->has[i] = is;
	}
}

static void changes_read(struct repair_memory *m, const struct cuts_disk *d)
{
	m->changes = 0;
	for (uint64_t i = 0; i < m->esp.sectors; i++) {
		const uint8_t *is = m->file + i * CUTS_SECTOR;

		if (!memcmp(is, d->sector[m->esp.first + i], CUTS_SECTOR))
			continue;
		CHECK(m->changes < CHANGES_MAX);
		m->has[i] = NULL;
		m->at[m->changes] = m->esp.first + i;
		m->to[m->changes++] = keep(m, is);
	}
}

static int fsck_run(const struct repair *r)
{
	char path[PATH];
	const char *const argv[] = { r->program, "-a", path, NULL };

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", r->memory->fd);
	return cuts_run(argv);
}

/* --- what comes of it ------------------------------------------------------
 */

static void changes_put(struct repair_memory *m, const struct cuts_disk *d,
    const bool *is_written)
{
	for (size_t i = 0; i < m->changes; i++)
		m->after.sector[m->at[i]] = is_written[i] ? m->to[i] :
							    d->sector[m->at[i]];
}

static void cut_check(struct repair *r, const struct cuts_disk *d,
    const bool *is_written, const struct world *w, enum boot_slot running)
{
	changes_put(r->memory, d, is_written);
	CHECK_EQ(box_check(&r->box, &r->memory->after, w, NULL), running);
	r->seen.cuts++;
}

static void cuts_check(struct repair *r, const struct cuts_disk *d,
    const struct world *w, enum boot_slot running)
{
	static bool is_written[CHANGES_MAX];
	struct repair_memory *m = r->memory;

	for (size_t n = 0; n < SUBSETS; n++) {
		for (size_t i = 0; i < m->changes; i++)
			is_written[i] = random_next(m) % 2;
		cut_check(r, d, is_written, w, running);
	}
	for (size_t n = 0; r->seen.changes % EACH_OF == 1 && n < m->changes;
	    n++) {
		for (size_t i = 0; i < m->changes; i++)
			is_written[i] = i == n;
		cut_check(r, d, is_written, w, running);
		for (size_t i = 0; i < m->changes; i++)
			is_written[i] = i != n;
		cut_check(r, d, is_written, w, running);
	}
	for (size_t i = 0; i < m->changes; i++)
		is_written[i] = true;
	changes_put(m, d, is_written);
}

void repair_check(struct repair *r, const struct cuts_disk *d,
    const struct world *w, enum boot_slot running)
{
	struct repair_memory *m = r->memory;
	struct fat_use use;
	struct fat f;
	int status;

	if (!m->file)
		file_make(m, d);
	CHECK_OK(fat_open(&f, d, m->esp.first, m->esp.sectors));
	if (known_is(&m->known,
		cuts_key(d->sector + m->esp.first,
		    f.data + (uint64_t)FOLDERS * f.cluster_sectors -
			m->esp.first)))
		return;
	file_write_esp(m, d);
	status = fsck_run(r);
	CHECK(status == RIGHT || status == REPAIRED);
	changes_read(m, d);
	r->seen.runs++;
	r->seen.changes += m->changes > 0;
	memcpy(m->after.sector, d->sector, d->sectors * sizeof(*d->sector));
	if (m->changes > 0)
		cuts_check(r, d, w, running);
	CHECK_EQ(box_check(&r->box, &m->after, w, NULL), running);
	CHECK_OK(fat_open(&f, &m->after, m->esp.first, m->esp.sectors));
	use = fat_use(&f);
	CHECK(use.lost == 0 && use.shared == 0);
}
