/* samples.c */
#define _GNU_SOURCE /* fileno(), fseeko(), ftruncate() */
#include "tests/cuts/samples.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/tap.h"
#include "tests/cuts/mark.h"

void sample_keep(const char *path, const struct cuts_disk *d,
    const struct world *w)
{
	static const uint8_t zeros[CUTS_SECTOR];
	uint8_t sector[MARK_BYTES];
	FILE *file = fopen(path, "we");

	CHECK(file != NULL);
	CHECK_EQ(ftruncate(fileno(file), (off_t)(d->sectors * CUTS_SECTOR)), 0);
	for (uint64_t i = 0; i < d->sectors; i++) {
		if (w && i == MARK_AT)
			mark_write(w, sector);
		else
			cuts_disk_read(d, i, 1, sector);
		if (!memcmp(sector, zeros, CUTS_SECTOR))
			continue;
		CHECK_EQ(fseeko(file, (off_t)(i * CUTS_SECTOR), SEEK_SET), 0);
		CHECK_EQ(fwrite(sector, CUTS_SECTOR, 1, file), 1);
	}
	CHECK_EQ(fclose(file), 0);
}

void part_read(size_t *part, size_t *parts)
{
	const char *text = getenv("KK_PART"); /* NOLINT(*-mt-unsafe) */
	char *end;

	*part = *parts = 0;
	if (!text)
		return;
	*part = strtoul(text, &end, 10);
	CHECK(*end == '/');
	*parts = strtoul(end + 1, &end, 10);
	CHECK(*end == '\0' && *part < *parts);
}
