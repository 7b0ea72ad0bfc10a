/* ring.c - tests of the lanes between two sides that do not trust each other.
 */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "harness/tap.h"
#include "mock/alloc.h"
#include "ring/ring.h"

enum { LINES = 3, PAGE = 4096 };

struct both {
	void *memory;
	size_t bytes;
	struct ring *lined, *mixd;
};

static void both_open(struct both *b)
{
	b->bytes = (ring_bytes(LINES) + PAGE - 1) / PAGE * PAGE;
	b->memory = aligned_alloc(PAGE, b->bytes);
	CHECK(b->memory);
	CHECK_OK(ring_format(b->memory, b->bytes, LINES));
	CHECK_OK(ring_new(&b->lined, RING_LINED, b->memory, b->bytes, LINES));
	CHECK_OK(ring_new(&b->mixd, RING_MIXD, b->memory, b->bytes, LINES));
}

static void both_close(struct both *b)
{
	ring_free(b->lined);
	ring_free(b->mixd);
	free(b->memory);
}

static const int16_t *sound(int16_t value)
{
	static _Thread_local int16_t pcm[RING_SAMPLES];

	for (size_t i = 0; i < RING_SAMPLES; i++)
		pcm[i] = value;
	return pcm;
}

static bool is_sound(const struct ring_frame *f, int16_t value)
{
	return f->kind == RING_SOUND && f->samples == RING_SAMPLES &&
	    !memcmp(f->pcm, sound(value), RING_SAMPLES * sizeof(*f->pcm));
}

TEST(frames_come_in_their_order_on_each_lane)
{
	struct both b;
	struct ring_frame f;

	both_open(&b);
	for (int16_t round = 0; round < 100; round++) {
		for (size_t line = 0; line < LINES; line++) {
			const int16_t value = (int16_t)(round * 10 + line);

			CHECK_OK(ring_put(b.lined, line, sound(value)));
			CHECK_OK(ring_put(b.mixd, line, sound(-value)));
		}
		for (size_t line = 0; line < LINES; line++) {
			const int16_t value = (int16_t)(round * 10 + line);

			CHECK_OK(ring_take(b.mixd, line, &f));
			CHECK(!f.is_common && is_sound(&f, value));
			CHECK_OK(ring_take(b.lined, line, &f));
			CHECK(!f.is_common && is_sound(&f, -value));
		}
	}
	both_close(&b);
}

TEST(lane_holds_what_it_holds_and_refuses_more)
{
	struct both b;
	struct ring_frame f;

	both_open(&b);
	CHECK_ERR(ring_take(b.mixd, 1, &f), KK_ENOENT);
	CHECK(is_sound(&f, 0));
	for (int16_t i = 0; i < RING_FRAMES; i++) {
		CHECK_EQ(ring_waiting(b.mixd, 1), i);
		CHECK_OK(ring_put(b.lined, 1, sound(i)));
	}
	CHECK_ERR(ring_put(b.lined, 1, sound(99)), KK_ENOSPC);
	for (int16_t i = 0; i < RING_FRAMES; i++) {
		CHECK_OK(ring_take(b.mixd, 1, &f));
		CHECK(is_sound(&f, i));
	}
	CHECK_ERR(ring_take(b.mixd, 1, &f), KK_ENOENT);
	CHECK_OK(ring_put(b.lined, 1, sound(99)));
	CHECK_OK(ring_take(b.mixd, 1, &f));
	CHECK(is_sound(&f, 99));
	both_close(&b);
}

TEST(common_sound_is_there_once_and_each_line_is_told_of_it)
{
	struct both b;
	struct ring_frame f;
	uint32_t tick = 0;

	both_open(&b);
	for (int16_t i = 1; i <= 50; i++) {
		CHECK_OK(ring_common_set(b.mixd, sound(i)));
		CHECK_OK(ring_put_common(b.mixd, 0));
		CHECK_OK(ring_put(b.mixd, 1, sound(1000)));
		CHECK_OK(ring_put_common(b.mixd, 2));
		CHECK_OK(ring_take(b.lined, 0, &f));
		CHECK(f.is_common && is_sound(&f, i) && f.tick != tick);
		tick = f.tick;
		CHECK_OK(ring_take(b.lined, 1, &f));
		CHECK(!f.is_common && is_sound(&f, 1000));
		CHECK_OK(ring_take(b.lined, 2, &f));
		CHECK(f.is_common && is_sound(&f, i) && f.tick == tick);
	}
	both_close(&b);
}

TEST(common_sound_of_a_full_lane_is_still_there)
{
	struct both b;
	struct ring_frame f;

	both_open(&b);
	for (int16_t i = 0; i < RING_FRAMES; i++) {
		CHECK_OK(ring_common_set(b.mixd, sound(i)));
		CHECK_OK(ring_put_common(b.mixd, 0));
	}
	for (int16_t i = 0; i < RING_FRAMES; i++)
		CHECK_OK(ring_common_set(b.mixd, sound(100)));
	for (int16_t i = 0; i < RING_FRAMES; i++) {
		CHECK_OK(ring_take(b.lined, 0, &f));
		CHECK(is_sound(&f, i));
	}
	both_close(&b);
}

TEST(common_sound_that_is_too_old_is_told_and_dropped)
{
	struct both b;
	struct ring_frame f;

	both_open(&b);
	CHECK_OK(ring_common_set(b.mixd, sound(1)));
	CHECK_OK(ring_put_common(b.mixd, 0));
	for (int16_t i = 0; i < 3 * RING_FRAMES; i++)
		CHECK_OK(ring_common_set(b.mixd, sound(2)));
	CHECK_ERR(ring_take(b.lined, 0, &f), KK_EFORMAT);
	CHECK(is_sound(&f, 0));
	CHECK_OK(ring_put_common(b.mixd, 0));
	CHECK_OK(ring_take(b.lined, 0, &f));
	CHECK(is_sound(&f, 2));
	both_close(&b);
}

TEST(telephones_side_has_no_common_sound)
{
	struct both b;
	struct ring_frame f;

	both_open(&b);
	CHECK_ERR(ring_common_set(b.lined, sound(1)), KK_ESTATE);
	CHECK_ERR(ring_put_common(b.lined, 0), KK_ESTATE);
	CHECK_ERR(ring_take(b.mixd, 0, &f), KK_ENOENT);
	both_close(&b);
}

TEST(what_waits_can_be_dropped)
{
	struct both b;
	struct ring_frame f;

	both_open(&b);
	for (int16_t i = 0; i < RING_FRAMES; i++)
		CHECK_OK(ring_put(b.lined, 0, sound(i)));
	ring_drop(b.mixd, 0);
	CHECK_EQ(ring_waiting(b.mixd, 0), 0);
	CHECK_ERR(ring_take(b.mixd, 0, &f), KK_ENOENT);
	CHECK_OK(ring_put(b.lined, 0, sound(77)));
	CHECK_OK(ring_take(b.mixd, 0, &f));
	CHECK(is_sound(&f, 77));
	both_close(&b);
}

TEST(whatever_stands_in_the_memory_only_sound_is_wrong)
{
	struct both b;
	struct ring_frame f;
	uint32_t seed = 1;
	const uint32_t magic = 0x324b4c4b;

	both_open(&b);
	for (unsigned round = 0; round < 200; round++) {
		uint8_t *bytes = b.memory;

		for (size_t i = 0; i < b.bytes; i++) {
			seed = seed * 1664525 + 1013904223;
			bytes[i] = (uint8_t)(seed >> 24);
		}
		for (size_t line = 0; line < LINES; line++) {
			struct ring *const sides[] = { b.lined, b.mixd };

			for (size_t s = 0; s < 2; s++) {
				CHECK(ring_waiting(sides[s], line) <=
				    RING_FRAMES);
				(void)!ring_take(sides[s], line, &f);
				(void)!ring_put(sides[s], line, f.pcm);
				ring_drop(sides[s], line);
				CHECK_EQ(ring_waiting(sides[s], line), 0);
			}
		}
	}
	/* And whoever puts it in order again is heard again. */
	CHECK_OK(ring_format(b.memory, b.bytes, LINES));
	CHECK_MEM(b.memory, &magic, sizeof(magic));
	both_close(&b);
}

TEST(head_that_cannot_be_drops_what_waits_and_sound_goes_on)
{
	struct both b;
	struct ring *twin;
	struct ring_frame f;

	both_open(&b);
	for (int16_t i = 0; i < 5; i++) {
		CHECK_OK(ring_put(b.lined, 0, sound(i)));
		CHECK_OK(ring_take(b.mixd, 0, &f));
	}
	/* A writer that begins anew: its head is behind what was taken. */
	CHECK_OK(ring_format(b.memory, b.bytes, LINES));
	CHECK_OK(ring_new(&twin, RING_LINED, b.memory, b.bytes, LINES));
	CHECK_OK(ring_put(twin, 0, sound(6)));
	CHECK_EQ(ring_waiting(b.mixd, 0), 0);
	CHECK_ERR(ring_take(b.mixd, 0, &f), KK_EFORMAT);
	CHECK(is_sound(&f, 0));
	CHECK_OK(ring_put(twin, 0, sound(7)));
	CHECK_OK(ring_take(b.mixd, 0, &f));
	CHECK(is_sound(&f, 7));
	ring_free(twin);
	both_close(&b);
}

TEST(lines_that_are_not_there_are_refused)
{
	struct both b;
	struct ring_frame f;

	both_open(&b);
	CHECK_ERR(ring_put(b.mixd, LINES, sound(1)), KK_EINVAL);
	CHECK_ERR(ring_put_common(b.mixd, SIZE_MAX), KK_EINVAL);
	CHECK_ERR(ring_take(b.lined, LINES, &f), KK_EINVAL);
	CHECK_EQ(ring_waiting(b.lined, SIZE_MAX), 0);
	ring_drop(b.lined, LINES);
	both_close(&b);
}

TEST(memory_of_another_layout_is_refused)
{
	struct both b;
	struct ring *r = NULL;
	enum kk_err err;

	both_open(&b);
	CHECK_ERR(ring_format(b.memory, b.bytes, 0), KK_EINVAL);
	CHECK_ERR(ring_format(b.memory, b.bytes, RING_LINES_MAX + 1),
	    KK_EINVAL);
	CHECK_ERR(ring_format(b.memory, ring_bytes(LINES) - 1, LINES),
	    KK_ENOSPC);
	CHECK_ERR(ring_new(&r, RING_MIXD, b.memory, ring_bytes(LINES) - 1,
		      LINES),
	    KK_ENOSPC);
	CHECK_ERR(ring_new(&r, RING_MIXD, b.memory, b.bytes, LINES - 1),
	    KK_EFORMAT);
	memset(b.memory, 'x', 4);
	CHECK_ERR(ring_new(&r, RING_MIXD, b.memory, b.bytes, LINES),
	    KK_EFORMAT);
	CHECK(!r);
	CHECK_OK(ring_format(b.memory, b.bytes, LINES));
	ALLOC_FAULT_LOOP(err,
	    ring_new(&r, RING_MIXD, b.memory, b.bytes, LINES));
	CHECK_OK(err);
	ring_free(r);
	ring_free(NULL);
	both_close(&b);
}

TEST(what_telephones_say_may_be_at_their_rate_or_a_word)
{
	static const size_t rates[] = { 160, 320, 960 };
	struct ring_frame f;
	struct both b;

	both_open(&b);
	for (size_t i = 0; i < KK_ARRAY_LEN(rates); i++) {
		CHECK_OK(ring_put_low(b.lined, 1, sound(5), rates[i]));
		CHECK_OK(ring_take(b.mixd, 1, &f));
		CHECK_EQ(f.kind, RING_SOUND);
		CHECK_EQ(f.samples, rates[i]);
		CHECK_MEM(f.pcm, sound(5), rates[i] * sizeof(f.pcm[0]));
	}
	for (enum ring_kind kind = RING_NOISE; kind <= RING_SPEECH; kind++) {
		CHECK_OK(ring_put_word(b.lined, 1, kind));
		CHECK_OK(ring_take(b.mixd, 1, &f));
		CHECK_EQ(f.kind, kind);
		CHECK_EQ(f.samples, 0);
	}
	CHECK_ERR(ring_put_low(b.lined, 1, sound(5), 161), KK_EINVAL);
	CHECK_ERR(ring_put_low(b.lined, 1, sound(5), 0), KK_EINVAL);
	CHECK_ERR(ring_put_low(b.lined, 1, sound(5), 5760), KK_EINVAL);
	CHECK_ERR(ring_put_low(b.lined, LINES, sound(5), 160), KK_EINVAL);
	CHECK_ERR(ring_put_word(b.lined, 1, RING_SOUND), KK_EINVAL);
	CHECK_ERR(ring_put_low(b.mixd, 1, sound(5), 160), KK_ESTATE);
	CHECK_ERR(ring_put_word(b.mixd, 1, RING_NOISE), KK_ESTATE);
	CHECK_EQ(ring_waiting(b.lined, 1), 0);
	CHECK_EQ(ring_waiting(b.mixd, 1), 0);
	both_close(&b);
}

TEST(mixd_says_what_it_wants_of_a_line)
{
	struct both b;

	both_open(&b);
	for (size_t line = 0; line < LINES; line++)
		CHECK_EQ(ring_want(b.lined, line), RING_WANT_ALL);
	ring_want_set(b.mixd, 1, RING_WANT_SPEECH);
	ring_want_set(b.mixd, 2, RING_WANT_LOOK);
	ring_want_set(b.mixd, LINES, RING_WANT_LOOK);
	CHECK_EQ(ring_want(b.lined, 0), RING_WANT_ALL);
	CHECK_EQ(ring_want(b.lined, 1), RING_WANT_SPEECH);
	CHECK_EQ(ring_want(b.lined, 2), RING_WANT_LOOK);
	CHECK_EQ(ring_want(b.lined, LINES), RING_WANT_ALL);
	memset(b.memory, 0x77, b.bytes); /* none of these */
	CHECK_EQ(ring_want(b.lined, 2), RING_WANT_ALL);
	both_close(&b);
}

enum { RACE_FRAMES = 20000 };

static void *race_put(void *arg)
{
	struct both *b = arg;

	for (uint32_t i = 0; i < RACE_FRAMES;) {
		if (ring_put(b->lined, 0, sound((int16_t)i)) == KK_OK)
			i++;
		else
			sched_yield();
	}
	return NULL;
}

TEST(two_threads_see_each_frame_once_whole_and_in_order)
{
	struct both b;
	struct ring_frame f;
	pthread_t thread;

	both_open(&b);
	CHECK_EQ(pthread_create(&thread, NULL, race_put, &b), 0);
	for (uint32_t i = 0; i < RACE_FRAMES;) {
		const enum kk_err err = ring_take(b.mixd, 0, &f);

		if (err == KK_ENOENT) {
			sched_yield();
			continue;
		}
		CHECK_OK(err);
		CHECK(is_sound(&f, (int16_t)i));
		i++;
	}
	CHECK_EQ(pthread_join(thread, NULL), 0);
	both_close(&b);
}
