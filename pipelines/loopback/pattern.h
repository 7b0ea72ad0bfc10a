/*
 * pattern.h - a picture that cannot be there by chance: 16 x 9 equal cells,
 * black for 0 and white for 1, in rows from the top, each from the left:
 *
 *      0 .. 111   the nonce, highest bits first
 *    112 .. 127   the picture's number
 *    128 .. 143   its complement
 *
 * Pure.
 */
#pragma once
#include "base/base.h"

enum {
	PATTERN_COLUMNS = 16,
	PATTERN_ROWS = 9,
	PATTERN_NONCE_BYTES = 14,
	PATTERN_SIDE_MIN = 8
};

/* Part of a picture, 4 bytes a pixel: blue, green, red, unused. */
struct pattern_picture {
	uint8_t *pixels; /* borrowed */
	size_t stride_bytes;
	unsigned width, height;
};

void pattern_draw(const struct pattern_picture *picture,
    const uint8_t nonce[PATTERN_NONCE_BYTES], uint16_t number);

/* The mean colours of the cells: blue, green, red of each. */
enum { PATTERN_CELLS = PATTERN_COLUMNS * PATTERN_ROWS, PATTERN_COLOURS = 3 };
struct pattern_means {
	uint8_t of[PATTERN_CELLS][PATTERN_COLOURS];
};
/* Errors: KK_EINVAL a cell has less than PATTERN_SIDE_MIN pixels a side. */
MUST_CHECK enum kk_err pattern_means_take(struct pattern_means *means,
    const struct pattern_picture *picture);
/* Whether two pictures show the same, and more than one colour. */
bool pattern_means_alike(const struct pattern_means *a,
    const struct pattern_means *b);
/*
 * The number of a picture of this nonce.  On error *number is left alone.
 * Errors: KK_EVERIFY it is another picture.
 */
MUST_CHECK enum kk_err pattern_means_read(const struct pattern_means *means,
    const uint8_t nonce[PATTERN_NONCE_BYTES], uint16_t *number);
