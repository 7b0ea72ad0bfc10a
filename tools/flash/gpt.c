/*
 * gpt.c - where a partition is.  The disk is a verified image's beginning, so
 * checksums are left to who boots from it; what it says is bounded all the
 * same. Source: UEFI 2.10, 5.3.2 (header) and 5.3.3 (entries).
 */
#include <string.h>

#include "tools/flash/flash.h"

enum {
	SECTOR_BYTES = 512,
	HEADER_BYTES = 92,
	ENTRIES_AT = 72, /* in the header: LBA, count, size */
	ENTRY_BYTES_MIN = 128,
	ENTRY_BYTES_MAX = 4096,
	ENTRIES_MAX = 256,
	FIRST_AT = 32, /* in an entry: first and last LBA */
	NAME_AT = 56,
	NAME_UNITS = 36 /* of UTF-16 */
};

static uint64_t le_read(const uint8_t *p, size_t bytes)
{
	uint64_t n = 0;

	while (bytes > 0)
		n = n << 8 | p[--bytes];
	return n;
}

/* Names of ours are ASCII. */
static bool is_named(const uint8_t *entry, const char *name)
{
	for (size_t i = 0; i < NAME_UNITS; i++) {
		if (le_read(entry + NAME_AT + 2 * i, 2) != (uint8_t)name[i])
			return false;
		if (!name[i])
			return true;
	}
	return !name[NAME_UNITS];
}

static enum kk_err part_take(const uint8_t *entry, struct flash_part *part)
{
	const uint64_t first = le_read(entry + FIRST_AT, 8);
	const uint64_t last = le_read(entry + FIRST_AT + 8, 8);
	const uint64_t most = (uint64_t)FLASH_CHUNKS_MAX * FLASH_CHUNK_MAX;

	if (first == 0 || last < first || last >= most / SECTOR_BYTES)
		return KK_EFORMAT;
	part->at = first * SECTOR_BYTES;
	part->bytes = (last - first + 1) * SECTOR_BYTES;
	return KK_OK;
}

enum kk_err flash_gpt_find(struct kk_view disk, const char *name,
    struct flash_part *part)
{
	const uint8_t *header;
	uint64_t at, count, size;

	if (disk.bytes < SECTOR_BYTES + HEADER_BYTES)
		return KK_ETRUNC;
	header = disk.data + SECTOR_BYTES;
	if (memcmp(header, "EFI PART", 8) != 0)
		return KK_EFORMAT;
	at = le_read(header + ENTRIES_AT, 8);
	count = le_read(header + ENTRIES_AT + 8, 4);
	size = le_read(header + ENTRIES_AT + 12, 4);
	if (size < ENTRY_BYTES_MIN || size > ENTRY_BYTES_MAX ||
	    count > ENTRIES_MAX)
		return KK_EFORMAT;
	if (at > disk.bytes / SECTOR_BYTES ||
	    count * size > disk.bytes - at * SECTOR_BYTES)
		return KK_ETRUNC;
	for (uint64_t i = 0; i < count; i++) {
		const uint8_t *entry = disk.data + at * SECTOR_BYTES + i * size;

		if (is_named(entry, name))
			return part_take(entry, part);
	}
	return KK_ENOENT;
}
