/* want.c - telephones that nobody hears: no more is decoded than has to be. */
#include <math.h>
#include <string.h>

#include "harness/tap.h"
#include "line.h"

enum {
	TICK = CODEC_TICK_SAMPLES,
	SECOND = 50, /* ticks */
	TURNS_TO = 5 * SECOND + 37 /* who is heard again, in the midst of it */
};

static struct line all, some; /* the same packets */

static enum phone_want want_all(size_t tick)
{
	(void)tick;
	return PHONE_WANT_ALL;
}

static enum phone_want want_speech(size_t tick)
{
	(void)tick;
	return PHONE_WANT_SPEECH;
}

static enum phone_want want_look(size_t tick)
{
	(void)tick;
	return PHONE_WANT_LOOK;
}

static enum phone_want want_look_then_all(size_t tick)
{
	return tick < TURNS_TO ? PHONE_WANT_LOOK : PHONE_WANT_ALL;
}

static void run_both(enum phone_want (*want)(size_t tick))
{
	line_open(&all, CODEC_OPUS, 10 * SECOND, 0);
	line_open(&some, CODEC_OPUS, 10 * SECOND, 0);
	all.want = want_all;
	some.want = want;
	line_run(&all);
	line_run(&some);
}

static void close_both(void)
{
	line_close(&all);
	line_close(&some);
}

static double energy(const struct line *l, size_t tick, size_t ticks)
{
	double sum = 1;

	for (size_t i = tick * TICK; i < (tick + ticks) * TICK; i++)
		sum += (double)l->heard[i] * l->heard[i];
	return sum;
}

static double likeness(size_t tick, size_t ticks)
{
	double ab = 0;

	for (size_t i = tick * TICK; i < (tick + ticks) * TICK; i++)
		ab += (double)all.heard[i] * some.heard[i];
	return ab /
	    sqrt(energy(&all, tick, ticks) * energy(&some, tick, ticks));
}

static size_t count(enum phone_kind kind)
{
	size_t n = 0;

	for (size_t t = 0; t < some.ticks; t++)
		n += some.kind[t] == kind;
	return n;
}

TEST(pauses_are_not_decoded_and_words_behind_them_are_heard_whole)
{
	unsigned delay_ms;
	size_t loud = 0;

	run_both(want_speech);
	CHECK_EQ(count(PHONE_SPEECH), 0);
	tap_diag("%zu of %zu ticks not decoded", count(PHONE_NOISE),
	    some.ticks);
	CHECK(count(PHONE_NOISE) > SECOND / 2);
	/* Whatever is not decoded is soft, or a word that dies away, once its
	 * coder knows the voice.  (It takes the first seconds of one that never
	 * changes for noise.) */
	for (size_t t = 5 * SECOND / 2; t < some.ticks; t++)
		loud += some.kind[t] != PHONE_SOUND &&
		    energy(&all, t, 1) >= TICK * 100.0 * 100.0;
	tap_diag("%zu of them are not soft: where words end", loud);
	CHECK(loud <= 4); /* sentences */
	/* Each word, from its beginning on, behind a pause of half a second. */
	for (size_t word = 5 * SECOND / 2; word < 8 * SECOND;
	    word += 5 * SECOND / 2) {
		tap_diag("word at %zu: %.3f", word, likeness(word, SECOND));
		CHECK(likeness(word, SECOND) > 0.95);
		CHECK(line_likeness(&some, word, &delay_ms) > 0.85);
	}
	close_both();
}

TEST(speech_that_nobody_hears_is_looked_at_now_and_then)
{
	size_t row = 0, looks = 0;

	run_both(want_look);
	for (size_t t = SECOND; t < some.ticks; t++) {
		row = some.kind[t] == PHONE_SOUND ? 0 : row + 1;
		CHECK(row < PHONE_LOOK_TICKS);
		if (some.kind[t] != PHONE_SOUND ||
		    energy(&all, t, 1) < TICK * 1000.0 * 1000.0)
			continue;
		/* About as loud as it is: a decoder that has just found in
		 * again makes it softer rather than louder. */
		CHECK(energy(&some, t, 1) > energy(&all, t, 1) / 16);
		CHECK(energy(&some, t, 1) < energy(&all, t, 1) * 2);
		looks++;
	}
	tap_diag("%zu looks; %zu of speech, %zu of noise not decoded", looks,
	    count(PHONE_SPEECH), count(PHONE_NOISE));
	CHECK(looks > 10);
	CHECK(count(PHONE_SOUND) < some.ticks / 3);
	close_both();
}

TEST(who_is_heard_again_in_the_midst_of_a_word_sounds_as_ever_at_once)
{
	run_both(want_look_then_all);
	CHECK(energy(&all, TURNS_TO, 1) > TICK * 1000.0 * 1000.0);
	tap_diag("first tick %.3f, first five %.3f, then %.3f",
	    likeness(TURNS_TO, 1), likeness(TURNS_TO, 5),
	    likeness(TURNS_TO + 5, 10));
	for (size_t t = TURNS_TO; t < some.ticks; t++)
		CHECK_EQ(some.kind[t], PHONE_SOUND);
	CHECK(likeness(TURNS_TO, 1) > 0.8);
	CHECK(likeness(TURNS_TO, 5) > 0.9);
	CHECK(likeness(TURNS_TO + 5, 10) > 0.95);
	close_both();
}

TEST(codecs_that_say_nothing_and_lines_whose_digits_are_tones_are_decoded)
{
	for (enum codec_id id = 0; id < CODEC_COUNT; id++) {
		const int type = codec_format(id)->payload_type;
		const struct phone_config config = { id, type < 0 ? 111 : type,
			id == CODEC_OPUS ? PHONE_NO_TYPE : 101, 0 };
		struct phone_sound sound;
		struct phone_rx *rx;

		line_open(&all, id, SECOND, 0);
		CHECK_OK(phone_rx_new(&rx, &config));
		for (size_t t = 0; t < SECOND; t++) {
			const struct line_packet *p = &all.packet[t];

			CHECK_OK(phone_rx_put(rx, kk_view_of(p->data, p->bytes),
			    p->at_us));
			phone_rx_take(rx, PHONE_WANT_LOOK, &sound, p->at_us);
			if (t == 0 && sound.kind == PHONE_NOISE)
				continue; /* it is waited for */
			CHECK_EQ(sound.kind, PHONE_SOUND);
			CHECK_EQ(sound.samples, codec_format(id)->pcm_hz / 50);
		}
		phone_rx_free(rx);
		line_close(&all);
	}
}

TEST(telephone_that_sends_nothing_costs_a_word)
{
	line_open(&all, CODEC_OPUS, 10 * SECOND, 0);
	line_open(&some, CODEC_OPUS, 10 * SECOND, 0);
	for (size_t i = 0; i < some.ticks; i++) {
		/* It pauses from the second second to the third. */
		const bool is_pause = i > SECOND && i < 3 * SECOND;

		all.packet[i].bytes = is_pause ? 0 : all.packet[i].bytes;
		some.packet[i].bytes = all.packet[i].bytes;
	}
	all.packet[SECOND].bytes = some.packet[SECOND].bytes = 13;
	all.want = want_all;
	some.want = want_speech;
	line_run(&all);
	line_run(&some);
	for (size_t t = SECOND + 5; t < 3 * SECOND; t++) {
		CHECK_EQ(some.kind[t], PHONE_NOISE);
		CHECK(energy(&all, t, 1) < 2);
	}
	CHECK(likeness(4 * SECOND, SECOND) > 0.95);
	close_both();
}
