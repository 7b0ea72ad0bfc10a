/*
 * plain.h - a disk's data partition, decrypted, as a file that the programs of
 * a box's start read and change.  What no log has written reads as zeros there.
 * Source: LUKS2 On-Disk Format Specification 1.0.0, 3 (segments); Linux,
 * Documentation/admin-guide/device-mapper/dm-crypt.rst (plain64).
 */
#pragma once
#include "tests/cuts/disk.h"
#include "tests/cuts/gpt.h"

enum { PLAIN_KEY = 64, PLAIN_UNIT_MAX = 4096 }; /* AES-256 in XTS */

struct plain {
	int fd; /* the file; without O_CLOEXEC */
	uint64_t first, units; /* sector of the disk; how many there are */
	uint32_t unit; /* sectors that are encrypted as one */
	uint8_t *file; /* the same, in memory */
	uint64_t *key; /* what each unit was made of */
	uint8_t **was; /* and came to; NULL: zeros */
	uint8_t secret[PLAIN_KEY];
	const uint8_t *base; /* the disk's first sector */
};

struct plain_format {
	uint64_t offset; /* bytes of the partition before what is encrypted */
	uint32_t unit_bytes;
	uint8_t secret[PLAIN_KEY];
};

/* base is borrowed: what the disk was opened with. */
void plain_open(struct plain *p, const struct gpt_part *part,
    const struct plain_format *format, struct kk_view base);
void plain_close(struct plain *p);

/* The file is that of this disk. */
void plain_take(struct plain *p, const struct cuts_disk *d);
/* It is again, after somebody has changed it. */
void plain_back(struct plain *p);
