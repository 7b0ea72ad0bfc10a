/* line.h - a telephone and the way from it, in virtual time. */
#pragma once
#include "phone/phone.h"

enum {
	LINE_TICKS_MAX = 1500,
	LINE_TICK_US = 20000,
	LINE_PACKETS_MAX = 4 * LINE_TICKS_MAX
};

struct line_packet {
	uint64_t at_us; /* when it comes */
	size_t bytes;
	uint8_t data[PHONE_PACKET_BYTES];
};

struct line {
	struct phone_rx *rx;
	struct phone_config config;
	size_t packet_count, packet_next; /* in the order of their coming */
	struct line_packet packet[LINE_PACKETS_MAX];
	/* NULL: phone_rx_tick(); else phone_rx_take() with what it says of a
	 * tick, and kind is what came.  Of Opus alone. */
	enum phone_want (*want)(size_t tick);
	enum phone_kind kind[LINE_TICKS_MAX];
	size_t ticks;
	int16_t said[LINE_TICKS_MAX * CODEC_TICK_SAMPLES];
	int16_t heard[LINE_TICKS_MAX * CODEC_TICK_SAMPLES];
};

/* A row of sentences: voice with pauses, encoded into packets that would come
 * at once.  skew_ppm: by how much the telephone's clock is fast. */
void line_open(struct line *l, enum codec_id codec, size_t ticks, int skew_ppm);
void line_close(struct line *l);
void line_sort(struct line *l); /* after at_us was changed */

/* Gives all packets at their times and takes all ticks. */
void line_run(struct line *l);

/* The best likeness of a second that begins at a tick, over delays up to 500
 * ms; the delay in ms. */
double line_likeness(const struct line *l, size_t tick, unsigned *delay_ms);
