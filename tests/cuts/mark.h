/*
 * mark.h - the variables of a box's firmware, written into its disk's log where
 * they were changed: a sector that belongs to no partition.
 */
#pragma once
#include <string.h>

#include "boot/world.h"

enum { MARK_AT = 40, MARK_BYTES = 512, MARK_MAGIC = 8 };

_Static_assert(sizeof(struct world) <= MARK_BYTES - MARK_MAGIC, "it fits");

static const char mark_magic[MARK_MAGIC + 1] = "KKMARK01";

static inline void mark_write(const struct world *w, uint8_t out[MARK_BYTES])
{
	memset(out, 0, MARK_BYTES);
	memcpy(out, mark_magic, MARK_MAGIC);
	memcpy(out + MARK_MAGIC, w, sizeof(*w));
}

/* false: it is none. */
static inline bool mark_read(struct world *w, const uint8_t in[MARK_BYTES])
{
	if (memcmp(in, mark_magic, MARK_MAGIC) != 0)
		return false;
	memcpy(w, in + MARK_MAGIC, sizeof(*w));
	return true;
}
