/*
 * disk.h - a disk of which only what differs is kept: each sector is a place in
 * somebody else's memory, the disk's own or a log's.  What was changed can be
 * taken back.
 */
#pragma once
#include "base/base.h"
#include "tests/cuts/log.h"

struct cuts_change {
	uint64_t at;
	const uint8_t *was;
};

struct cuts_source { /* where contents stand, each for one place */
	struct kk_view bytes;
	uint64_t *hash; /* of its sectors; 0: not computed yet */
};

enum { CUTS_SOURCES = 2 };

struct cuts_disk {
	const uint8_t **sector;
	struct cuts_source source[CUTS_SOURCES];
	uint64_t sectors;
	uint64_t hash; /* the same for the same content */
	struct cuts_change *changes;
	size_t count, room;
};

void *cuts_must(void *memory); /* gives it; none ends the program */

/* base is borrowed, a whole number of sectors. */
void cuts_disk_open(struct cuts_disk *d, struct kk_view base);
/* Its writes will be of this log, borrowed: that makes it faster. */
void cuts_disk_log(struct cuts_disk *d, struct kk_view log);
void cuts_disk_close(struct cuts_disk *d);

/* Writes the sectors of an entry from one on; data is borrowed. */
void cuts_disk_write(struct cuts_disk *d, const struct cuts_entry *e,
    uint64_t from, uint64_t to);
/* As it was when so many changes had been made. */
void cuts_disk_back(struct cuts_disk *d, size_t count);
/* There is no way back any more. */
void cuts_disk_keep(struct cuts_disk *d);

/* Checks that they are there. */
void cuts_disk_read(const struct cuts_disk *d, uint64_t at, uint64_t sectors,
    uint8_t *out);

/* A number of these places in memory: the same one is the same content, as long
 * as what they are of is there. */
uint64_t cuts_key(const uint8_t *const *sector, uint64_t sectors);
uint64_t cuts_mix(uint64_t a, uint64_t b);
