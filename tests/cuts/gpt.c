/* gpt.c */
#include "tests/cuts/gpt.h"

#include <stdlib.h>
#include <string.h>

#include "harness/tap.h"

enum {
	HEADER = 92,
	ENTRY = 128,
	ENTRIES_SECTORS = GPT_PARTS * ENTRY / CUTS_SECTOR,
	CRC_AT = 16,
	OWN_AT = 24,
	ENTRIES_AT = 72,
	ENTRIES_CRC_AT = 88,
	FIRST_AT = 32, /* in an entry */
	NAME_AT = 56
};

static uint64_t le(const uint8_t *p, size_t bytes)
{
	uint64_t n = 0;

	while (bytes > 0)
		n = n << 8 | p[--bytes];
	return n;
}

/* CRC-32 of ISO 3309, as zlib has it. */
static uint32_t crc32(const uint8_t *data, size_t bytes)
{
	uint32_t crc = 0xffffffff;

	for (size_t i = 0; i < bytes; i++) {
		crc ^= data[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}

static bool header_is_right(const struct cuts_disk *d, uint64_t at,
    const uint8_t *header)
{
	uint8_t copy[HEADER];

	memcpy(copy, header, HEADER);
	memset(copy + CRC_AT, 0, 4);
	return !memcmp(header, "EFI PART", 8) && le(header + 12, 4) == HEADER &&
	    crc32(copy, HEADER) == le(header + CRC_AT, 4) &&
	    le(header + OWN_AT, 8) == at &&
	    le(header + ENTRIES_AT + 8, 4) == GPT_PARTS &&
	    le(header + ENTRIES_AT + 12, 4) == ENTRY &&
	    le(header + ENTRIES_AT, 8) < d->sectors - ENTRIES_SECTORS;
}

static void part_read(struct gpt *g, const uint8_t *entry, uint64_t sectors)
{
	const uint64_t first = le(entry + FIRST_AT, 8),
		       last = le(entry + FIRST_AT + 8, 8);
	struct gpt_part *p = &g->part[g->count];

	if (first == 0 || last < first || last >= sectors)
		return;
	*p = (struct gpt_part){ .first = first, .sectors = last - first + 1 };
	for (size_t i = 0; i < GPT_NAME - 1; i++) {
		const uint64_t c = le(entry + NAME_AT + 2 * i, 2);

		p->name[i] = (char)(c < 0x80 ? c : '?');
	}
	g->count++;
}

static bool table_read(const struct cuts_disk *d, uint64_t at, struct gpt *g)
{
	uint8_t header[CUTS_SECTOR], entries[GPT_PARTS * ENTRY];

	if (at >= d->sectors)
		return false;
	cuts_disk_read(d, at, 1, header);
	if (!header_is_right(d, at, header))
		return false;
	cuts_disk_read(d, le(header + ENTRIES_AT, 8), ENTRIES_SECTORS, entries);
	if (crc32(entries, sizeof(entries)) != le(header + ENTRIES_CRC_AT, 4))
		return false;
	g->count = 0;
	for (size_t i = 0; i < GPT_PARTS; i++)
		part_read(g, entries + i * ENTRY, d->sectors);
	return true;
}

enum kk_err gpt_read(const struct cuts_disk *d, struct gpt *g)
{
	*g = (struct gpt){ 0 };
	if (d->sectors <= GPT_SECTORS)
		return KK_EFORMAT;
	if (table_read(d, 1, g))
		return KK_OK;
	g->is_second = true;
	return table_read(d, d->sectors - 1, g) ? KK_OK : KK_EFORMAT;
}

uint64_t gpt_key(const struct cuts_disk *d)
{
	return cuts_mix(cuts_key(d->sector, GPT_SECTORS),
	    cuts_key(d->sector + d->sectors - GPT_SECTORS, GPT_SECTORS));
}

const struct gpt_part *gpt_find(const struct gpt *g, const char *name)
{
	for (size_t i = 0; i < g->count; i++) {
		if (!strcmp(g->part[i].name, name))
			return &g->part[i];
	}
	return NULL;
}

struct gpt_part gpt_part(const struct gpt *g, const char *name)
{
	const struct gpt_part *p = gpt_find(g, name);

	CHECK(p != NULL);
	return p ? *p : (struct gpt_part){ 0 };
}
