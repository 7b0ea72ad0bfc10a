/* choose.c - who is heard where more speak than are heard at once. */
#include <string.h>

#include "harness/tap.h"
#include "sound.h"

enum { LINES = 6, HEARD = 2, TICKS = 20 };

struct talk {
	struct mix *mix;
	uint32_t seed;
	int peak[LINES]; /* 0: silent */
};

static void talk_open(struct talk *t)
{
	const struct mix_config config = { .lines = LINES, .heard = HEARD };
	size_t line;

	*t = (struct talk){ .seed = 1 };
	CHECK_OK(mix_new(&t->mix, &config));
	for (size_t i = 0; i < LINES; i++)
		CHECK_OK(mix_line_add(t->mix, &line));
}

static void talk_run(struct talk *t, unsigned ticks)
{
	for (; ticks > 0; ticks--) {
		for (size_t i = 0; i < LINES; i++) {
			int16_t pcm[MIX_SAMPLES] = { 0 };

			if (t->peak[i] > 0)
				sound_noise(&t->seed, t->peak[i], pcm);
			mix_line_put(t->mix, i, pcm);
		}
		mix_tick(t->mix);
	}
}

/* A bit for each line that is heard. */
static unsigned heard(const struct talk *t)
{
	unsigned lines = 0;

	for (size_t i = 0; i < LINES; i++)
		lines |= (unsigned)mix_line_is_talking(t->mix, i) << i;
	return lines;
}

TEST(no_more_lines_are_heard_at_once_than_was_asked_for)
{
	struct talk t;

	talk_open(&t);
	for (size_t i = 0; i < LINES; i++)
		t.peak[i] = 1000;
	talk_run(&t, TICKS);
	CHECK_EQ(__builtin_popcount(heard(&t)), HEARD);
	mix_free(t.mix);
}

TEST(lines_that_are_not_heard_hear_what_silent_ones_do)
{
	struct talk t;

	talk_open(&t);
	for (size_t i = 0; i < LINES; i++)
		t.peak[i] = 1000;
	talk_run(&t, TICKS);
	for (size_t i = 0; i < LINES; i++) {
		const bool is_heard = heard(&t) >> i & 1;

		CHECK((mix_line_get(t.mix, i) != mix_common_get(t.mix)) ==
		    is_heard);
	}
	mix_free(t.mix);
}

TEST(who_speaks_stays_heard_beside_others_as_loud)
{
	struct talk t;

	talk_open(&t);
	t.peak[3] = t.peak[4] = 1000;
	talk_run(&t, TICKS);
	CHECK_EQ(heard(&t), 1U << 3 | 1U << 4);
	t.peak[0] = t.peak[1] = t.peak[5] = 1500;
	for (unsigned i = 0; i < 4 * TICKS; i++) {
		talk_run(&t, 1);
		CHECK_EQ(heard(&t), 1U << 3 | 1U << 4);
	}
	mix_free(t.mix);
}

TEST(one_that_is_much_louder_takes_the_softest_ones_place)
{
	struct talk t;

	talk_open(&t);
	t.peak[3] = 1000;
	t.peak[4] = 1500;
	talk_run(&t, TICKS);
	t.peak[0] = 8000;
	talk_run(&t, 2); /* the other one fades out */
	CHECK_EQ(heard(&t), 1U << 0 | 1U << 4);
	mix_free(t.mix);
}

TEST(who_falls_silent_makes_room)
{
	struct talk t;

	talk_open(&t);
	t.peak[1] = t.peak[2] = 1000;
	talk_run(&t, TICKS);
	t.peak[5] = 1000;
	talk_run(&t, TICKS);
	CHECK_EQ(heard(&t), 1U << 1 | 1U << 2);
	t.peak[1] = 0;
	talk_run(&t, 2);
	CHECK_EQ(heard(&t), 1U << 2 | 1U << 5);
	mix_free(t.mix);
}

TEST(muted_line_takes_nobodys_place)
{
	struct talk t;

	talk_open(&t);
	mix_line_mute(t.mix, 0, true);
	t.peak[0] = 8000;
	t.peak[1] = t.peak[2] = 1000;
	talk_run(&t, TICKS);
	CHECK_EQ(heard(&t), 1U << 1 | 1U << 2);
	mix_free(t.mix);
}

/* As for who has no sound before it is asked for. */
static void told_run(struct talk *t, unsigned ticks)
{
	for (; ticks > 0; ticks--) {
		for (size_t i = 0; i < LINES; i++)
			mix_line_tell(t->mix, i,
			    t->peak[i] > 0 ? -20 : MIX_SILENCE_DB);
		mix_listen(t->mix);
		for (size_t i = 0; i < LINES; i++) {
			int16_t pcm[MIX_SAMPLES];

			if (!mix_line_is_asked(t->mix, i))
				continue;
			CHECK(t->peak[i] > 0);
			sound_noise(&t->seed, t->peak[i], pcm);
			mix_line_put(t->mix, i, pcm);
		}
		mix_tick(t->mix);
	}
}

TEST(sound_is_asked_for_of_those_alone_that_are_heard)
{
	struct talk t;

	talk_open(&t);
	t.peak[1] = t.peak[2] = t.peak[5] = 1000;
	told_run(&t, TICKS);
	CHECK_EQ(heard(&t), 1U << 1 | 1U << 2);
	CHECK(mix_line_is_asked(t.mix, 1) && !mix_line_is_asked(t.mix, 5));
	CHECK(!mix_line_is_asked(t.mix, LINES));
	CHECK(sound_rms_db(mix_lines_get(t.mix)) > -40);
	mix_free(t.mix);
}

TEST(who_is_heard_with_nothing_to_hear_yet_hears_the_common_frame)
{
	struct talk t;

	talk_open(&t);
	mix_line_tell(t.mix, 3, -20);
	mix_tick(t.mix);
	CHECK(mix_line_is_asked(t.mix, 3));
	CHECK(mix_line_get(t.mix, 3) == mix_common_get(t.mix));
	CHECK_EQ(heard(&t), 0);
	t.peak[3] = 1000;
	told_run(&t, 1);
	CHECK_EQ(heard(&t), 1U << 3);
	mix_free(t.mix);
}

/* A line with a gate: words of its telephone in place of levels. */
static void said_run(struct mix *m, bool is_speech, unsigned ticks)
{
	for (; ticks > 0; ticks--) {
		mix_line_skip(m, 0, is_speech);
		mix_tick(m);
	}
}

static void loud_run(struct mix *m, size_t lines, unsigned ticks)
{
	for (; ticks > 0; ticks--) {
		for (size_t i = 0; i < lines; i++)
			mix_line_tell(m, i, -20);
		mix_tick(m);
	}
}

TEST(of_a_line_that_is_silent_speech_alone_is_wanted)
{
	const struct mix_config config = { .lines = 1,
		.has_gate = true,
		.heard = 1 };
	struct mix *m;
	size_t line;

	CHECK_OK(mix_new(&m, &config));
	CHECK_OK(mix_line_add(m, &line));
	said_run(m, false, 100);
	CHECK_EQ(mix_line_want(m, 0), MIX_WANT_SPEECH);
	/* Nobody has looked: that alone opens nothing. */
	said_run(m, true, 100);
	CHECK_EQ(mix_line_want(m, 0), MIX_WANT_SPEECH);
	loud_run(m, 1, 1);
	CHECK_EQ(mix_line_want(m, 0), MIX_WANT_ALL);
	said_run(m, false, 1000 / MIX_TICK_MS);
	CHECK_EQ(mix_line_want(m, 0), MIX_WANT_SPEECH);
	CHECK_EQ(mix_line_want(m, 1), MIX_WANT_ALL);
	mix_free(m);
}

TEST(line_that_speaks_while_enough_are_heard_waits_for_its_turn)
{
	const struct mix_config config = { .lines = 3,
		.has_gate = true,
		.heard = 1 };
	struct mix *m;
	size_t line;

	CHECK_OK(mix_new(&m, &config));
	for (size_t i = 0; i < 3; i++)
		CHECK_OK(mix_line_add(m, &line));
	loud_run(m, 3, 5);
	CHECK_EQ(mix_line_want(m, 0), MIX_WANT_ALL);
	CHECK_EQ(mix_line_want(m, 1), MIX_WANT_LOOK);
	/* As long as it says so it speaks, looked at or not. */
	for (unsigned t = 0; t < 100; t++) {
		mix_line_tell(m, 0, -20);
		mix_line_skip(m, 1, true);
		mix_line_skip(m, 2, false);
		mix_tick(m);
	}
	CHECK_EQ(mix_line_want(m, 1), MIX_WANT_LOOK);
	CHECK_EQ(mix_line_want(m, 2), MIX_WANT_SPEECH);
	for (unsigned t = 0; t < 1000 / MIX_TICK_MS; t++) {
		mix_line_tell(m, 0, MIX_SILENCE_DB);
		mix_line_skip(m, 1, true);
		mix_tick(m);
	}
	CHECK_EQ(mix_line_want(m, 0), MIX_WANT_SPEECH);
	CHECK_EQ(mix_line_want(m, 1), MIX_WANT_ALL);
	mix_free(m);
}
