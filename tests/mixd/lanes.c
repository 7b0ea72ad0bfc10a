/* lanes.c - tests of lines between ring and mixer. */
#include "bin/mixd/lanes.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness/tap.h"
#include "mock/alloc.h"
#include "ring/ring.h"
#include "voices.h"

enum { LANES = 3, TICKS = 60 };

struct desk { /* both sides */
	struct lanes *lanes;
	void *memory;
	size_t bytes;
	struct ring *lined;
	struct ear ear[LANES];
	uint64_t at;
	const int16_t *together;
};

static void desk_attach(struct desk *d)
{
	int fd;

	CHECK_OK(lanes_attach(d->lanes, &fd));
	d->bytes = (size_t)lseek(fd, 0, SEEK_END);
	d->memory = mmap(NULL, d->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
	    0);
	CHECK(d->memory != MAP_FAILED);
	CHECK_OK(ring_new(&d->lined, RING_LINED, d->memory, d->bytes, LANES));
}

static void desk_leave(struct desk *d)
{
	ring_free(d->lined);
	CHECK_EQ(munmap(d->memory, d->bytes), 0);
}

static void desk_open(struct desk *d)
{
	*d = (struct desk){ 0 };
	CHECK_OK(lanes_new(&d->lanes, LANES));
	CHECK_EQ(lanes_count(d->lanes), LANES);
	desk_attach(d);
}

static void desk_close(struct desk *d)
{
	desk_leave(d);
	lanes_free(d->lanes);
}

static void lanes_open_these(struct desk *d, unsigned lanes, unsigned muted)
{
	struct plan_lane open[LANES];
	size_t count = 0;

	for (unsigned i = 0; i < LANES; i++) {
		if (lanes & 1U << i)
			open[count++] = (struct plan_lane){ i,
				(muted & 1U << i) != 0 };
	}
	lanes_set(d->lanes, open, count);
	CHECK_EQ(lanes_open_count(d->lanes), count);
}

static void tick(struct desk *d)
{
	int16_t pcm[MIX_SAMPLES];
	struct ring_frame frame;

	for (unsigned i = 0; i < LANES; i++) {
		voice_say((enum voices)i, d->at, pcm);
		CHECK_OK(ring_put(d->lined, i, pcm));
	}
	d->at += MIX_SAMPLES;
	lanes_take(d->lanes);
	d->together = lanes_give(d->lanes);
	for (unsigned i = 0; i < LANES; i++) {
		CHECK_OK(ring_take(d->lined, i, &frame));
		ear_hear(&d->ear[i], frame.pcm, MIX_SAMPLES);
	}
}

static void ticks(struct desk *d)
{
	for (unsigned i = 0; i < LANES; i++)
		ear_open(&d->ear[i]);
	d->at = 0; /* what is heard at once has no lag */
	for (unsigned i = 0; i < TICKS; i++)
		tick(d);
}

TEST(lanes_that_are_open_hear_each_other_in_the_same_tick)
{
	unsigned lag = 0;
	struct desk d;

	desk_open(&d);
	lanes_open_these(&d, 3, 0);
	ticks(&d);
	CHECK(ear_has(&d.ear[0], VOICE_A) && ear_has(&d.ear[1], VOICE_FAR));
	CHECK(ear_has_not(&d.ear[0], VOICE_FAR));
	CHECK(ear_has_not(&d.ear[1], VOICE_A));
	CHECK(d.ear[2].is_silent);
	/* Sample for sample: nothing waits. */
	(void)ear_likeness(&d.ear[0], VOICE_A, &lag);
	CHECK_EQ(lag, 0);
	CHECK(lanes_are_speaking(d.lanes));
	CHECK_EQ(lanes_counts(d.lanes).heard, 2 * TICKS);
	CHECK_EQ(lanes_counts(d.lanes).missing, 0);
	desk_close(&d);
}

TEST(lane_that_is_closed_is_out_at_once)
{
	static const int16_t silence[MIX_SAMPLES];
	struct desk d;

	desk_open(&d);
	lanes_open_these(&d, 7, 0);
	ticks(&d);
	CHECK(ear_has(&d.ear[2], VOICE_A) && ear_has(&d.ear[0], VOICE_B));
	lanes_open_these(&d, 3, 0);
	ticks(&d);
	CHECK(d.ear[2].is_silent);
	CHECK(ear_has_not(&d.ear[0], VOICE_B));
	lanes_open_these(&d, 0, 0);
	tick(&d);
	CHECK_MEM(d.together, silence, sizeof(silence));
	desk_close(&d);
}

TEST(muted_lane_hears_and_is_not_heard)
{
	struct desk d;

	desk_open(&d);
	lanes_open_these(&d, 3, 1);
	ticks(&d);
	CHECK(ear_has(&d.ear[0], VOICE_A));
	CHECK(ear_has_not(&d.ear[1], VOICE_FAR));
	lanes_open_these(&d, 3, 0);
	ticks(&d);
	CHECK(ear_has(&d.ear[1], VOICE_FAR));
	desk_close(&d);
}

TEST(lanes_that_are_not_there_are_left_out)
{
	const struct plan_lane open[] = { { LANES, false },
		{ RING_LINES_MAX - 1, false }, { 1, false }, { 1, true } };
	struct lanes *lanes = NULL;
	struct desk d;

	CHECK_ERR(lanes_new(&lanes, 0), KK_EINVAL);
	CHECK_ERR(lanes_new(&lanes, RING_LINES_MAX + 1), KK_EINVAL);
	desk_open(&d);
	lanes_set(d.lanes, open, KK_ARRAY_LEN(open));
	CHECK_EQ(lanes_open_count(d.lanes), 1);
	ticks(&d);
	CHECK(!lanes_are_speaking(d.lanes)); /* what was said last counts */
	desk_close(&d);
}

TEST(what_waits_too_long_in_a_lane_is_dropped_and_the_rest_is_heard)
{
	int16_t pcm[MIX_SAMPLES];
	struct desk d;

	desk_open(&d);
	lanes_open_these(&d, 1, 0);
	voice_say(VOICE_A, 0, pcm);
	for (unsigned i = 0; i < RING_FRAMES; i++)
		CHECK_OK(ring_put(d.lined, 0, pcm));
	lanes_take(d.lanes);
	(void)lanes_give(d.lanes);
	CHECK_EQ(lanes_counts(d.lanes).heard, 1);
	CHECK_EQ(lanes_counts(d.lanes).dropped, RING_FRAMES - 2);
	lanes_take(d.lanes);
	(void)lanes_give(d.lanes);
	lanes_take(d.lanes);
	(void)lanes_give(d.lanes);
	CHECK_EQ(lanes_counts(d.lanes).heard, 2);
	CHECK_EQ(lanes_counts(d.lanes).missing, 1);
	desk_close(&d);
}

TEST(lane_that_was_late_once_is_on_time_again_after_a_pause)
{
	static const int16_t silence[MIX_SAMPLES];
	unsigned lag = 0, ticks_taken = 0;
	struct desk d;

	desk_open(&d);
	lanes_open_these(&d, 3, 0);
	/* Two frames for one tick: from now on each waits for one more. */
	CHECK_OK(ring_put(d.lined, 0, silence));
	ticks(&d);
	(void)ear_likeness(&d.ear[1], VOICE_FAR, &lag);
	CHECK_EQ(lag, MIX_SAMPLES);
	while (lanes_counts(d.lanes).dropped == 0) {
		CHECK(ticks_taken++ < 200);
		CHECK_OK(ring_put(d.lined, 0, silence));
		CHECK_OK(ring_put(d.lined, 1, silence));
		lanes_take(d.lanes);
		(void)lanes_give(d.lanes);
	}
	CHECK(ticks_taken > 10); /* not in the midst of a word */
	for (unsigned i = 0; i < 2; i++) {
		CHECK_OK(ring_put(d.lined, 0, silence));
		lanes_take(d.lanes);
		(void)lanes_give(d.lanes);
	}
	CHECK_EQ(lanes_counts(d.lanes).dropped, 1);
	ring_drop(d.lined, 0);
	ring_drop(d.lined, 1);
	ring_drop(d.lined, 2);
	ticks(&d);
	(void)ear_likeness(&d.ear[1], VOICE_FAR, &lag);
	CHECK_EQ(lag, 0);
	desk_close(&d);
}

TEST(conference_is_in_the_memory_for_lanes_that_are_open_alone)
{
	int16_t loud[MIX_SAMPLES];
	struct desk d;

	for (size_t i = 0; i < MIX_SAMPLES; i++)
		loud[i] = 12345;
	desk_open(&d);
	for (unsigned i = 0; i < TICKS; i++) {
		lanes_take(d.lanes);
		mix_far_put(lanes_mix(d.lanes), loud);
		(void)lanes_give(d.lanes);
	}
	for (size_t i = 0; i + 1 < d.bytes; i += 2) {
		int16_t sample;

		memcpy(&sample, (const uint8_t *)d.memory + i, sizeof(sample));
		CHECK(sample != 12345);
	}
	desk_close(&d);
}

TEST(garbage_in_the_memory_is_sound_at_the_worst_and_does_not_stay)
{
	struct desk d;

	desk_open(&d);
	lanes_open_these(&d, 7, 0);
	for (unsigned round = 0; round < 200; round++) {
		voice_garble(d.memory, d.bytes, round);
		lanes_take(d.lanes);
		(void)lanes_give(d.lanes);
	}
	desk_leave(&d);
	desk_attach(&d);
	ticks(&d);
	CHECK(ear_has(&d.ear[0], VOICE_A) && ear_has(&d.ear[1], VOICE_FAR));
	desk_close(&d);
}

TEST(memory_of_a_new_ring_that_fails_leaves_the_old_one)
{
	struct lanes *lanes = NULL;
	enum kk_err err;
	struct desk d;
	int fd;

	desk_open(&d);
	lanes_open_these(&d, 3, 0);
	mock_alloc_arm(1);
	CHECK_ERR(lanes_attach(d.lanes, &fd), KK_ENOMEM);
	CHECK(mock_alloc_disarm());
	ticks(&d);
	CHECK(ear_has(&d.ear[0], VOICE_A));
	desk_close(&d);
	ALLOC_FAULT_LOOP(err, lanes_new(&lanes, LANES));
	CHECK_OK(err);
	lanes_free(lanes);
}

/* Some samples of many: the chirps are below 4 kHz. */
static void low_tick(struct desk *d, size_t samples)
{
	const size_t times = MIX_SAMPLES / samples;
	struct ring_frame frame;

	for (unsigned i = 0; i < LANES; i++) {
		int16_t pcm[MIX_SAMPLES], low[MIX_SAMPLES];

		voice_say((enum voices)i, d->at, pcm);
		for (size_t s = 0; s < samples; s++)
			low[s] = pcm[s * times];
		CHECK_OK(ring_put_low(d->lined, i, low, samples));
	}
	d->at += MIX_SAMPLES;
	lanes_take(d->lanes);
	d->together = lanes_give(d->lanes);
	for (unsigned i = 0; i < LANES; i++) {
		CHECK_OK(ring_take(d->lined, i, &frame));
		ear_hear(&d->ear[i], frame.pcm, MIX_SAMPLES);
	}
}

TEST(lanes_of_lower_rates_are_heard_as_others_are_and_may_change)
{
	static const size_t rates[] = { 160, 320, 960, 160 };
	unsigned lag = 0;
	struct desk d;

	desk_open(&d);
	lanes_open_these(&d, 3, 0);
	for (size_t r = 0; r < KK_ARRAY_LEN(rates); r++) {
		for (unsigned i = 0; i < LANES; i++)
			ear_open(&d.ear[i]);
		d.at = 0;
		for (unsigned i = 0; i < TICKS; i++)
			low_tick(&d, rates[r]);
		CHECK(ear_has(&d.ear[0], VOICE_A));
		CHECK(ear_has(&d.ear[1], VOICE_FAR));
		CHECK(ear_has_not(&d.ear[0], VOICE_FAR));
		(void)ear_likeness(&d.ear[0], VOICE_A, &lag);
		tap_diag("%zu samples: %u behind", rates[r], lag);
		CHECK(lag <= MIX_HZ / 1000 * 5);
	}
	desk_close(&d);
}

TEST(lined_is_told_what_is_wanted_of_each_lane)
{
	static const int16_t silence[MIX_SAMPLES];
	struct desk d;

	desk_open(&d);
	lanes_open_these(&d, 3, 0);
	for (unsigned t = 0; t < TICKS; t++) {
		int16_t pcm[MIX_SAMPLES];

		voice_say(VOICE_A, t * UINT64_C(960), pcm);
		CHECK_OK(ring_put(d.lined, 0, pcm));
		CHECK_OK(ring_put_low(d.lined, 1, silence, 160));
		CHECK_OK(ring_put_word(d.lined, 2, RING_SPEECH));
		lanes_take(d.lanes);
		(void)lanes_give(d.lanes);
		if (t == 0)
			continue;
		CHECK_EQ(ring_want(d.lined, 0), RING_WANT_ALL);
		CHECK_EQ(ring_want(d.lined, 1), RING_WANT_SPEECH);
		CHECK_EQ(ring_want(d.lined, 2), RING_WANT_SPEECH); /* closed */
	}
	CHECK_EQ(lanes_counts(d.lanes).wrong, 0);
	desk_close(&d);
}
