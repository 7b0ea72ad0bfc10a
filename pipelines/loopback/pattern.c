/* pattern.c - a picture that cannot be there by chance. */
#include "pipelines/loopback/pattern.h"

#include <stdlib.h>
#include <string.h>

enum {
	PIXEL_BYTES = 4,
	NUMBER_AT = PATTERN_NONCE_BYTES * 8,
	NUMBER_BITS = 16,
	WHITE = 235, /* as video has it */
	BLACK = 16,
	MIDDLE = 128,
	EDGE_PART = 4, /* of a cell, at each side, where colours run */
	ALIKE = 10, /* mean difference; a picture of few bits has that */
	PLAIN = 24 /* one colour has less between its cells */
};

struct cell {
	unsigned left, top, right, bottom;
};

static struct cell cell_of(const struct pattern_picture *p, unsigned index)
{
	const unsigned x = index % PATTERN_COLUMNS, y = index / PATTERN_COLUMNS;

	return (struct cell){ p->width * x / PATTERN_COLUMNS,
		p->height * y / PATTERN_ROWS,
		p->width * (x + 1) / PATTERN_COLUMNS,
		p->height * (y + 1) / PATTERN_ROWS };
}

static bool is_on(const uint8_t *nonce, uint16_t number, unsigned index)
{
	const unsigned bit = index - NUMBER_AT;
	const unsigned low = (2 * NUMBER_BITS - 1 - bit) % NUMBER_BITS;

	if (index < NUMBER_AT)
		return nonce[index / 8] >> (7 - index % 8) & 1;
	/* The number, and then what it is not. */
	return (number >> low & 1) == (bit < NUMBER_BITS);
}

void pattern_draw(const struct pattern_picture *picture,
    const uint8_t nonce[PATTERN_NONCE_BYTES], uint16_t number)
{
	for (unsigned i = 0; i < PATTERN_CELLS; i++) {
		const struct cell c = cell_of(picture, i);
		const int grey = is_on(nonce, number, i) ? WHITE : BLACK;

		for (unsigned y = c.top; y < c.bottom; y++)
			memset(picture->pixels + y * picture->stride_bytes +
				(size_t)c.left * PIXEL_BYTES,
			    grey, (size_t)(c.right - c.left) * PIXEL_BYTES);
	}
}

/* Of the middle of a cell. */
static void mean_take(const struct pattern_picture *p, struct cell c,
    uint8_t out[PATTERN_COLOURS])
{
	const unsigned x_edge = (c.right - c.left) / EDGE_PART;
	const unsigned y_edge = (c.bottom - c.top) / EDGE_PART;
	uint32_t sum[PATTERN_COLOURS] = { 0 }, count = 0;

	for (unsigned y = c.top + y_edge; y < c.bottom - y_edge; y++) {
		const uint8_t *row = p->pixels + y * p->stride_bytes;

		for (unsigned x = c.left + x_edge; x < c.right - x_edge; x++) {
			const uint8_t *pixel = row + (size_t)x * PIXEL_BYTES;

			for (int i = 0; i < PATTERN_COLOURS; i++)
				sum[i] += pixel[i];
			count++;
		}
	}
	for (int i = 0; i < PATTERN_COLOURS; i++)
		out[i] = count > 0 ? (uint8_t)(sum[i] / count) : 0;
}

enum kk_err pattern_means_take(struct pattern_means *means,
    const struct pattern_picture *picture)
{
	if (picture->width < PATTERN_COLUMNS * PATTERN_SIDE_MIN ||
	    picture->height < PATTERN_ROWS * PATTERN_SIDE_MIN)
		return KK_EINVAL;
	for (unsigned i = 0; i < PATTERN_CELLS; i++)
		mean_take(picture, cell_of(picture, i), means->of[i]);
	return KK_OK;
}

enum kk_err pattern_means_read(const struct pattern_means *means,
    const uint8_t nonce[PATTERN_NONCE_BYTES], uint16_t *number)
{
	enum { GREEN = 1 };
	uint16_t n = 0;

	for (unsigned i = NUMBER_AT; i < NUMBER_AT + NUMBER_BITS; i++)
		n = (uint16_t)(n << 1 | (means->of[i][GREEN] >= MIDDLE));
	for (unsigned i = 0; i < PATTERN_CELLS; i++) {
		if (is_on(nonce, n, i) != (means->of[i][GREEN] >= MIDDLE))
			return KK_EVERIFY;
	}
	*number = n;
	return KK_OK;
}

bool pattern_means_alike(const struct pattern_means *a,
    const struct pattern_means *b)
{
	const int values = PATTERN_CELLS * PATTERN_COLOURS;
	uint32_t difference = 0;
	int low = UINT8_MAX, high = 0;

	for (int i = 0; i < values; i++) {
		const int at = a->of[i / PATTERN_COLOURS][i % PATTERN_COLOURS];
		const int to = b->of[i / PATTERN_COLOURS][i % PATTERN_COLOURS];

		difference += (uint32_t)abs(at - to);
		low = at < low ? at : low;
		high = at > high ? at : high;
	}
	return difference < (uint32_t)values * ALIKE && high - low >= PLAIN;
}
