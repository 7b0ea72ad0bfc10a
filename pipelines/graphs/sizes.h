/*
 * sizes.h - the sizes that a camera's picture is sent in at once (simulcast).
 *
 * Each is half as wide as the next one, and how many there are follows from the
 * largest, as browsers have it: three from 960x540 on, two from 480x270 on.
 */
#pragma once
#include "base/base.h"

enum { SIZES_MAX = 3 };

struct size {
	unsigned width, height; /* even */
};

struct sizes { /* from small to large; one at least */
	struct size list[SIZES_MAX];
	size_t count;
};

/* Of a picture of this size, most at most: the larger ones.  0: any. */
struct sizes sizes_of(unsigned width, unsigned height, unsigned most);
