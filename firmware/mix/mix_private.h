/* mix_private.h - what a mixer is made of. */
#pragma once
#include "mix/mix.h"

/* level.c */
float mix_factor_of_db(float db);

/* What comes next to it towards 0, of what is far from 32 bits.  Without
 * branches and libm, machines do many at once. */
static inline int16_t mix_clip(float x)
{
	int32_t n = (int32_t)x;

	n = n < INT16_MIN ? INT16_MIN : n;
	n = n > INT16_MAX ? INT16_MAX : n;
	return (int16_t)n;
}

/* Multiplies a frame by a factor that goes evenly from one value to another in
 * so many samples, 1 to MIX_SAMPLES, and stays there. */
void mix_ramp(int16_t *pcm, float from, float to, size_t samples);

/* gate.c: whether somebody speaks, by how far a frame is above the noise. */
struct mix_gate {
	float noise_db;
	unsigned hold; /* ticks that it stays open for */
};

void mix_gate_init(struct mix_gate *g);
/* Once a tick; or behind so many ticks, with the last one's level. */
bool mix_gate_is_open(struct mix_gate *g, float level_db, unsigned ticks);
/* A tick nobody has looked at: noise closes it in time, as ever. */
bool mix_gate_pass(struct mix_gate *g, bool is_speech);

/* gain.c: what brings a voice to the one level of all. */
struct mix_gain {
	float voice_db; /* how loud the voice is, over some syllables */
	float db; /* what it gets */
};

void mix_gain_init(struct mix_gain *g);
void mix_gain_learn(struct mix_gain *g, float level_db); /* from speech */

/* limit.c: from sums to samples. */
struct mix_limit {
	float factor;
};

void mix_limit_init(struct mix_limit *l);
void mix_limit(struct mix_limit *l, const int32_t *sum, int16_t *out);

struct mix_line {
	bool is_used, is_muted, is_talking;
	bool has_input, had_own; /* input: of the coming tick */
	bool is_told, is_skipped, is_speech;
	float told_db;
	unsigned skipped; /* ticks in a row */
	bool is_open; /* speaks, and is not muted */
	bool is_heard; /* and is one of those that are heard */
	float loud_db; /* over some ticks in which it is open */
	float factor; /* that the last frame ended with */
	struct mix_gate gate;
	struct mix_gain gain;
	struct mix_limit limit;
	int16_t in[MIX_SAMPLES], out[MIX_SAMPLES];
};

struct mix {
	struct mix_config config;
	struct mix_limit common_limit, lines_limit;
	bool has_listened;
	size_t far_count; /* in far, so far */
	int16_t common[MIX_SAMPLES], lines[MIX_SAMPLES];
	int32_t far[MIX_SAMPLES], sum[MIX_SAMPLES], others[MIX_SAMPLES];
	struct mix_line line[];
};

/* lines.c */
struct mix_line *mix_line_find(struct mix *m, size_t line);

/* Looks at what came: is_open and loud_db. */
void mix_line_listen(const struct mix_config *config, struct mix_line *l);
/* Makes in what is heard of the line; is_talking tells whether it is. */
void mix_line_shape(struct mix_line *l);

/* choose.c: is_heard of all lines. */
void mix_choose(struct mix *m); /* mix_listen() calls it */
