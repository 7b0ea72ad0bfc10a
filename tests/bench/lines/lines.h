/* lines.h - what lines.c and io.c share. */
#pragma once
#include "firmware/bin/lined/rtp.h"
#include "firmware/bin/mixd/lanes.h"
#include "line/line.h"
#include "ring/ring.h"

enum {
	SPEECH_TICKS = 500,
	SPEECH_SAMPLES = SPEECH_TICKS * CODEC_TICK_SAMPLES,
	BENCH_LINES_MAX = 100,
	PAUSE_TICKS = 20, /* from packet to packet of a telephone that pauses */
	PAYLOAD_TYPE = 96
};

enum others { OTHERS_NOISE, OTHERS_PAUSE };

struct scene {
	const char *name;
	enum codec_id codec;
	size_t talkers;
	enum others others; /* what those send who do not talk */
	bool has_sockets;
	bool loses; /* telephones report that they lose packets */
	unsigned goal; /* lines a core; 0: none was set */
};

struct voice { /* encoded, again and again */
	size_t bytes[SPEECH_TICKS];
	uint8_t payload[SPEECH_TICKS][CODEC_PAYLOAD_BYTES];
};

struct io_line {
	struct bench *bench;
	struct rtp *rtp;
	int telephone; /* socket; of the other process, once that is there */
	uint16_t port; /* of it */
};

struct bench {
	const struct scene *scene;
	size_t lines;
	uint64_t now_us;
	double own; /* lines that were encoded for alone, a tick */
	double bare_us; /* a packet taken and one sent by the kernel alone */
	struct voice speech, noise;
	struct lanes *lanes; /* mixd's */
	struct line_voice *voice;
	void *memory;
	size_t memory_bytes;
	struct ring *lined;
	struct line *line[BENCH_LINES_MAX];
	/* io.c */
	struct rtp_set *set;
	int others; /* a socket to the telephones' process */
	struct io_line io[BENCH_LINES_MAX];
};

/* Ends the program where there is an error. */
void bench_must(enum kk_err err, const char *what);

/* What all telephones send in a tick. */
void bench_telephones_send(const struct bench *b, unsigned t,
    void (*send)(void *arg, size_t line, struct kk_view packet), void *arg);
void bench_came(const struct bench *b, size_t line, struct kk_view packet);

/* io.c: lined's own sockets, and telephones in a process of their own. */
void bench_io_open(struct bench *b);
void bench_io_close(struct bench *b);
/* The telephones take what came and send tick t; waits until they have. */
void bench_io_others(struct bench *b, unsigned t);
void bench_io_take(struct bench *b);
void bench_io_send(struct bench *b, size_t line, struct kk_view packet);
void bench_io_sent(struct bench *b); /* that was all of a tick */
/* What lined's system calls are for: takes a packet of each line and sends one
 * as long; nothing is looked at. */
void bench_io_bare(const struct bench *b);
