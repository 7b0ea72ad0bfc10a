/*
 * strip.h - a strip of black and white cells at the lower edge of a picture,
 * which says whose picture it is, and of when.  For tests.
 *
 * It has 1/16 of the picture's height and 32 equal cells over all its width,
 * black for 0 and white for 1, from left to right, highest bits first:
 *
 *      0 .. 7    10110010
 *      8 .. 11   number of the box
 *     12 .. 27   time (CLOCK_REALTIME) in 10 ms, modulo 65536
 *     28 .. 31   CRC-4 of the 20 bits before it: x^4 + x + 1, begun with 0
 */
#pragma once
#include "base/base.h"

enum { STRIP_CELLS = 32, STRIP_PART = 16, STRIP_UNIT_MS = 10 };

struct strip {
	unsigned number; /* 0 to 15 */
	uint16_t time_10ms;
};

/* Part of a picture, 4 bytes a pixel: blue, green, red, unused. */
struct strip_picture {
	uint8_t *pixels; /* borrowed */
	size_t stride_bytes;
	unsigned width, height; /* at least 32 and 16 */
};

/* Draws it at the picture's lower edge. */
void strip_write(const struct strip_picture *picture,
    const struct strip *strip);

/*
 * Reads it, from any scaling of the picture in which a cell has 4 pixels.
 * Rounded lower corners of a quarter of its height do no harm.
 * Errors: KK_EINVAL the picture is too small, KK_EFORMAT no strip,
 * KK_EVERIFY a cell was misread.  On error *strip is left alone.
 */
MUST_CHECK enum kk_err strip_read(struct strip *strip,
    const struct strip_picture *picture);
