/* sums.c - who hears whom. */
#include <string.h>

#include "harness/tap.h"
#include "mock/alloc.h"
#include "sound.h"

enum { LINES = 5, TICKS = 50 };

static struct mix *plain(size_t lines)
{
	const struct mix_config config = { .lines = lines };
	struct mix *m = NULL;

	CHECK_OK(mix_new(&m, &config));
	return m;
}

static size_t added(struct mix *m)
{
	size_t line = SIZE_MAX;

	CHECK_OK(mix_line_add(m, &line));
	return line;
}

static const int16_t silence[MIX_SAMPLES];

static bool is_frame(const int16_t *a, const int16_t *b)
{
	return a && !memcmp(a, b, sizeof(silence));
}

TEST(each_talker_hears_the_sum_of_all_others_sample_by_sample)
{
	struct mix *m = plain(LINES);
	int16_t said[LINES][MIX_SAMPLES], far[MIX_SAMPLES];
	uint32_t seed = 1;

	for (size_t i = 0; i < LINES; i++)
		CHECK_EQ(added(m), i);
	for (unsigned t = 0; t < TICKS; t++) {
		for (size_t i = 0; i < LINES; i++) {
			sound_noise(&seed, 3000, said[i]);
			mix_line_put(m, i, said[i]);
		}
		sound_noise(&seed, 3000, far);
		mix_far_put(m, far);
		mix_tick(m);
		if (t == 0)
			continue; /* lines fade in */
		for (size_t s = 0; s < MIX_SAMPLES; s++) {
			int lines = 0;

			for (size_t i = 0; i < LINES; i++)
				lines += said[i][s];
			for (size_t i = 0; i < LINES; i++)
				CHECK_EQ(mix_line_get(m, i)[s],
				    lines + far[s] - said[i][s]);
			CHECK_EQ(mix_lines_get(m)[s], lines);
			CHECK_EQ(mix_common_get(m)[s], lines + far[s]);
		}
	}
	mix_free(m);
}

TEST(silent_lines_share_one_frame_and_a_talker_has_its_own)
{
	struct mix *m = plain(3);
	int16_t said[MIX_SAMPLES];
	uint32_t seed = 2;

	for (size_t i = 0; i < 3; i++)
		(void)added(m);
	sound_noise(&seed, 1000, said);
	mix_line_put(m, 1, said);
	mix_line_put(m, 2, silence);
	mix_tick(m);
	CHECK(mix_line_get(m, 0) == mix_common_get(m));
	CHECK(mix_line_get(m, 2) == mix_common_get(m));
	CHECK(mix_line_get(m, 1) != mix_common_get(m));
	CHECK(mix_line_is_talking(m, 1) && !mix_line_is_talking(m, 0) &&
	    !mix_line_is_talking(m, 2));
	CHECK(is_frame(mix_line_get(m, 1), silence));
	CHECK(!is_frame(mix_common_get(m), silence));
	mix_free(m);
}

TEST(what_was_said_is_heard_once)
{
	struct mix *m = plain(2);
	int16_t said[MIX_SAMPLES];
	uint32_t seed = 3;

	(void)added(m);
	sound_noise(&seed, 1000, said);
	mix_line_put(m, 0, said);
	mix_far_put(m, said);
	mix_tick(m);
	CHECK(!is_frame(mix_common_get(m), silence));
	mix_tick(m);
	CHECK(is_frame(mix_common_get(m), silence));
	CHECK(is_frame(mix_lines_get(m), silence));
	mix_free(m);
}

TEST(several_of_the_conference_add_up_and_are_not_sent_back_to_it)
{
	struct mix *m = plain(1);
	int16_t a[MIX_SAMPLES], b[MIX_SAMPLES];
	uint32_t seed = 4;

	(void)added(m);
	sound_noise(&seed, 9000, a);
	sound_noise(&seed, 9000, b);
	mix_far_put(m, a);
	mix_far_put(m, b);
	mix_tick(m);
	for (size_t s = 0; s < MIX_SAMPLES; s++)
		CHECK_EQ(mix_line_get(m, 0)[s], a[s] + b[s]);
	CHECK(is_frame(mix_lines_get(m), silence));
	mix_free(m);
}

TEST(of_too_many_of_the_conference_the_rest_is_not_heard_and_nothing_wraps)
{
	struct mix *m = plain(1);
	int16_t loud[MIX_SAMPLES];

	(void)added(m);
	for (size_t i = 0; i < MIX_SAMPLES; i++)
		loud[i] = INT16_MAX;
	for (unsigned n = 0; n < 70000; n++) /* more than 32 bits hold */
		mix_far_put(m, loud);
	mix_tick(m);
	for (size_t i = 0; i < MIX_SAMPLES; i++)
		CHECK(mix_line_get(m, 0)[i] > 0);
	mix_tick(m);
	CHECK(is_frame(mix_line_get(m, 0), silence));
	mix_free(m);
}

TEST(of_two_frames_of_one_tick_the_last_counts)
{
	struct mix *m = plain(2);
	int16_t first[MIX_SAMPLES], last[MIX_SAMPLES];
	uint32_t seed = 5;

	(void)added(m);
	for (unsigned t = 0; t < 2; t++) {
		sound_noise(&seed, 1000, first);
		sound_noise(&seed, 1000, last);
		mix_line_put(m, 0, first);
		mix_line_put(m, 0, last);
		mix_tick(m);
	}
	CHECK(is_frame(mix_lines_get(m), last));
	mix_free(m);
}

TEST(sum_that_is_too_loud_is_turned_down_and_never_wraps)
{
	enum { MANY = 200 };
	struct mix *m = plain(MANY);
	struct sound_tone tone = { 440, 32767, 0 };
	int16_t said[MIX_SAMPLES];

	for (size_t i = 0; i < MANY; i++)
		(void)added(m);
	for (unsigned t = 0; t < TICKS; t++) {
		sound_tone(&tone, said);
		for (size_t i = 0; i < MANY; i++)
			mix_line_put(m, i, said);
		mix_tick(m);
		/* A sum that wrapped would differ in sign from its parts. */
		for (size_t s = 0; s < MIX_SAMPLES; s++) {
			CHECK(said[s] <= 0 || mix_common_get(m)[s] >= 0);
			CHECK(said[s] >= 0 || mix_common_get(m)[s] <= 0);
		}
	}
	CHECK(sound_rms_db(mix_common_get(m)) > -6);
	CHECK(sound_rms_db(mix_common_get(m)) < -3);
	CHECK(is_frame(mix_common_get(m), mix_lines_get(m)));
	mix_free(m);
}

TEST(limiter_lets_go_again)
{
	struct mix *m = plain(2);
	struct sound_tone loud = { 440, 32767, 0 }, soft = { 440, 8000, 0 };
	int16_t said[MIX_SAMPLES];

	for (size_t i = 0; i < 2; i++)
		(void)added(m);
	for (unsigned t = 0; t < 2 * TICKS; t++) {
		const bool is_loud = t < TICKS;

		sound_tone(is_loud ? &loud : &soft, said);
		mix_line_put(m, 0, said);
		if (is_loud)
			mix_line_put(m, 1, said);
		mix_tick(m);
	}
	CHECK(is_frame(mix_lines_get(m), said));
	mix_free(m);
}

TEST(no_more_lines_than_asked_for_and_a_number_comes_back)
{
	struct mix *m = plain(2);
	size_t line = 77;

	CHECK_EQ(added(m), 0);
	CHECK_EQ(added(m), 1);
	CHECK_ERR(mix_line_add(m, &line), KK_ELIMIT);
	CHECK_EQ(line, 77);
	mix_line_remove(m, 0);
	CHECK_EQ(added(m), 0);
	mix_free(m);
}

TEST(line_that_is_not_there_does_nothing)
{
	struct mix *m = plain(2);
	int16_t said[MIX_SAMPLES];
	uint32_t seed = 6;
	static const size_t none[] = { 1, 2, SIZE_MAX };

	(void)added(m);
	sound_noise(&seed, 1000, said);
	for (size_t i = 0; i < KK_ARRAY_LEN(none); i++) {
		mix_line_put(m, none[i], said);
		mix_line_mute(m, none[i], true);
		mix_line_remove(m, none[i]);
		mix_tick(m);
		CHECK(!mix_line_get(m, none[i]));
		CHECK(!mix_line_is_talking(m, none[i]));
	}
	CHECK(is_frame(mix_common_get(m), silence));
	mix_free(m);
}

TEST(line_that_was_removed_leaves_nothing_to_the_next_one)
{
	struct mix *m = plain(1);
	int16_t said[MIX_SAMPLES];
	uint32_t seed = 7;

	(void)added(m);
	sound_noise(&seed, 1000, said);
	mix_line_mute(m, 0, true);
	mix_line_put(m, 0, said);
	mix_line_remove(m, 0);
	CHECK_EQ(added(m), 0);
	mix_tick(m);
	CHECK(is_frame(mix_lines_get(m), silence));
	mix_line_put(m, 0, said);
	mix_tick(m);
	CHECK(!is_frame(mix_lines_get(m), silence));
	mix_free(m);
}

TEST(wrong_sizes_and_no_memory_are_refused)
{
	struct mix_config config = { .lines = 0 };
	struct mix *m = NULL;
	enum kk_err err;

	CHECK_ERR(mix_new(&m, &config), KK_EINVAL);
	config.lines = MIX_LINES_MAX + 1;
	CHECK_ERR(mix_new(&m, &config), KK_EINVAL);
	config.lines = 4;
	CHECK(!m);
	ALLOC_FAULT_LOOP(err, mix_new(&m, &config));
	CHECK_OK(err);
	mix_free(m);
	mix_free(NULL);
}
