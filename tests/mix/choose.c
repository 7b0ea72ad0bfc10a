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
