/* table.h - a disk's table for tests. */
#pragma once
#include <stdint.h>
#include <string.h>

enum { TABLE_BYTES = 512 * 34, TABLE_ENTRIES_AT = 1024, TABLE_SECTOR = 512 };

static inline void table_le(uint8_t *p, uint64_t n, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		p[i] = (uint8_t)(n >> (8 * i));
}

/* A header at its place, for count entries of 128 bytes. */
static inline void table_make(uint8_t *disk, uint32_t count)
{
	memcpy(disk + TABLE_SECTOR, "EFI PART", 8);
	table_le(disk + TABLE_SECTOR + 72, 2, 8);
	table_le(disk + TABLE_SECTOR + 80, count, 4);
	table_le(disk + TABLE_SECTOR + 84, 128, 4);
}

static inline void table_entry(uint8_t *disk, size_t i, const char *name,
    uint64_t first, uint64_t last)
{
	uint8_t *entry = disk + TABLE_ENTRIES_AT + 128 * i;

	table_le(entry + 32, first, 8);
	table_le(entry + 40, last, 8);
	for (size_t at = 0, end = strlen(name); at < end; at++)
		table_le(entry + 56 + 2 * at, (uint8_t)name[at], 2);
}
