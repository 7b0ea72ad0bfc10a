/* strip.c - the test strip, written and read. */
#include "drivers/camera/strip.h"

enum {
	SYNC = 0xb2, /* 10110010 */
	SYNC_SHIFT = 24,
	NUMBER_SHIFT = 20,
	TIME_SHIFT = 4,
	PAYLOAD_BITS = 20,
	CRC_POLY = 0x3,
	CRC_TOP = 0x8,
	CRC_MASK = 0xf,
	CELL_PIXELS_MIN = 4,
	PIXEL_BYTES = 4,
	WHITE = 235,
	BLACK = 16,
	CONTRAST_MIN = 48 /* between the darkest and lightest of the sync */
};

static unsigned crc4(uint32_t payload)
{
	unsigned crc = 0;

	for (int bit = PAYLOAD_BITS - 1; bit >= 0; bit--) {
		unsigned top = (crc & CRC_TOP) ? 1 : 0;

		crc = crc << 1 & CRC_MASK;
		if (top != (payload >> bit & 1))
			crc ^= CRC_POLY;
	}
	return crc;
}

static uint32_t word_of(const struct strip *strip)
{
	uint32_t payload = (uint32_t)(strip->number & CRC_MASK) << 16 |
	    strip->time_10ms;

	return (uint32_t)SYNC << SYNC_SHIFT | payload << TIME_SHIFT |
	    crc4(payload);
}

void strip_write(const struct strip_picture *picture, const struct strip *strip)
{
	const uint32_t word = word_of(strip);
	unsigned top = picture->height - picture->height / STRIP_PART;

	for (unsigned y = top; y < picture->height; y++) {
		uint8_t *row = picture->pixels + y * picture->stride_bytes;

		for (unsigned x = 0; x < picture->width; x++) {
			unsigned cell = x * STRIP_CELLS / picture->width;
			bool is_on = word >> (STRIP_CELLS - 1 - cell) & 1;

			for (int i = 0; i < PIXEL_BYTES; i++)
				row[x * PIXEL_BYTES + i] = is_on ? WHITE :
								   BLACK;
		}
	}
}

/* The middle of a cell, and the upper part of the strip: what is scaled or
 * compressed is blurred at its edges, and tiles have round corners. */
static unsigned cell_level(const struct strip_picture *p, unsigned cell)
{
	unsigned high = p->height / STRIP_PART;
	unsigned top = p->height - high + high / 4;
	unsigned end = top + (high > 2 ? high / 3 : 1);
	unsigned left = (4 * cell + 1) * p->width / (4 * STRIP_CELLS);
	unsigned right = (4 * cell + 3) * p->width / (4 * STRIP_CELLS);
	uint64_t sum = 0;

	for (unsigned y = top; y < end; y++) {
		const uint8_t *row = p->pixels + y * p->stride_bytes;

		for (unsigned x = left; x < right; x++)
			sum += row[x * PIXEL_BYTES + 1]; /* green */
	}
	return (unsigned)(sum / ((uint64_t)(end - top) * (right - left)));
}

/* Between the darkest and the lightest cell of the sync word. */
static enum kk_err threshold_find(const unsigned *levels, unsigned *threshold)
{
	unsigned low = levels[0], high = levels[0];

	for (int i = 1; i < 8; i++) {
		low = levels[i] < low ? levels[i] : low;
		high = levels[i] > high ? levels[i] : high;
	}
	*threshold = (low + high) / 2;
	return high - low < CONTRAST_MIN ? KK_EFORMAT : KK_OK;
}

enum kk_err strip_read(struct strip *strip, const struct strip_picture *picture)
{
	unsigned levels[STRIP_CELLS], threshold;
	uint32_t word = 0, payload;
	enum kk_err err;

	if (picture->width < CELL_PIXELS_MIN * STRIP_CELLS ||
	    picture->height < STRIP_PART)
		return KK_EINVAL;
	for (unsigned i = 0; i < STRIP_CELLS; i++)
		levels[i] = cell_level(picture, i);
	err = threshold_find(levels, &threshold);
	if (err)
		return err;
	for (unsigned i = 0; i < STRIP_CELLS; i++)
		word = word << 1 | (levels[i] > threshold);
	if (word >> SYNC_SHIFT != SYNC)
		return KK_EFORMAT;
	payload = word >> TIME_SHIFT & 0xfffff;
	if ((word & CRC_MASK) != crc4(payload))
		return KK_EVERIFY;
	*strip = (struct strip){ payload >> 16, (uint16_t)payload };
	return KK_OK;
}
