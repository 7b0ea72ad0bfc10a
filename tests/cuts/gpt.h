/*
 * gpt.h - a disk's table as firmware and kernel read it: the first one, or
 * where its checksums are wrong the second one (the kernel with "gpt" on its
 * command line).  Source: UEFI 2.10, 5.3.2 and 5.3.3.
 */
#pragma once
#include "tests/cuts/disk.h"

enum {
	GPT_PARTS = 128,
	GPT_NAME = 37,
	GPT_SECTORS = 34 /* at either end of a disk */
};

struct gpt_part {
	uint64_t first, sectors;
	char name[GPT_NAME]; /* other than ASCII: ? */
};

struct gpt {
	struct gpt_part part[GPT_PARTS];
	size_t count;
	bool is_second;
};

/* Errors: KK_EFORMAT neither of them counts. */
MUST_CHECK enum kk_err gpt_read(const struct cuts_disk *d, struct gpt *g);
/* A number of the sectors that it is read from (cuts_key()). */
uint64_t gpt_key(const struct cuts_disk *d);
/* The first of the name, or NULL; the other one checks that it is there. */
const struct gpt_part *gpt_find(const struct gpt *g, const char *name);
struct gpt_part gpt_part(const struct gpt *g, const char *name);
