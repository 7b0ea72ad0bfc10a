/* line.c - calls in virtual time: from the greeting to the conference. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/tap.h"
#include "line/line.h"
#include "mock/alloc.h"
#include "wire/rtp.h"

#define TURN 6.283185307179586

enum {
	TICK = CODEC_TICK_SAMPLES,
	TYPE = 96,
	EVENTS = 101,
	PROMPT_SAMPLES = 10 * TICK,
	MUSIC_SAMPLES = 25 * TICK,
	LINES_MAX = 6
};

static const char *const codec_names[] = { "Opus", "G722", "PCMA", "PCMU" };

struct sounds {
	struct line_sounds of;
	int16_t pcm[IVR_PROMPT_COUNT][PROMPT_SAMPLES];
	int16_t music[MUSIC_SAMPLES];
};

static void tone(int16_t *pcm, size_t samples, double hz, double at)
{
	for (size_t i = 0; i < samples; i++)
		pcm[i] = (int16_t)lrint(8000 *
		    sin(TURN * hz * (at + (double)i) / CODEC_HZ));
}

/* Each prompt is a tone of its own. */
static double prompt_hz(enum ivr_prompt prompt)
{
	return 400 + 100.0 * prompt;
}

static void sounds_make(struct sounds *s)
{
	memset(s, 0, sizeof(*s));
	for (size_t p = 0; p < IVR_PROMPT_COUNT; p++) {
		tone(s->pcm[p], PROMPT_SAMPLES, prompt_hz((enum ivr_prompt)p),
		    0);
		s->of.prompt[p] = (struct line_sound){ s->pcm[p],
			PROMPT_SAMPLES };
	}
	tone(s->music, MUSIC_SAMPLES, 150, 0);
	s->of.music = (struct line_sound){ s->music, MUSIC_SAMPLES };
}

struct phone { /* the other end of a line */
	struct line *line;
	struct codec_rx *codec;
	uint16_t event_seq;
	size_t bytes; /* of the last packet; 0: none */
	uint8_t packet[PHONE_PACKET_BYTES];
	int16_t heard[CODEC_PACKET_SAMPLES];
};

struct world {
	struct line_voice *voice;
	struct phone phone[LINES_MAX];
	size_t count;
	enum codec_id codec;
	int event_type;
	uint32_t tick;
	uint64_t now_us;
};

static struct sounds sounds;

static void world_open(struct world *w, enum codec_id codec, size_t count)
{
	memset(w, 0, sizeof(*w));
	sounds_make(&sounds);
	w->codec = codec;
	w->event_type = EVENTS;
	w->now_us = 1000000;
	CHECK_OK(line_voice_new(&w->voice));
	for (w->count = 0; w->count < count; w->count++) {
		const struct line_config config = { .phone = { codec, TYPE,
							EVENTS, 0 },
			.sounds = &sounds.of,
			.voice = w->voice,
			.ssrc = 100 + (uint32_t)w->count,
			.timestamp = 7000 * (uint32_t)w->count,
			.seq = (uint16_t)(500 * w->count) };
		struct phone *p = &w->phone[w->count];

		CHECK_OK(line_new(&p->line, &config, w->now_us / 1000));
		CHECK_OK(codec_rx_new(&p->codec, codec));
	}
}

static void world_close(struct world *w)
{
	for (size_t i = 0; i < w->count; i++) {
		line_free(w->phone[i].line);
		codec_rx_free(w->phone[i].codec);
	}
	line_voice_free(w->voice);
}

/* A tick of one line; what it heard is decoded. */
static void phone_hear(struct world *w, size_t n, const struct line_frame *f)
{
	struct phone *p = &w->phone[n];
	struct wire_rtp rtp;
	size_t samples = 0;

	p->bytes = sizeof(p->packet);
	CHECK_OK(line_hear(p->line, f, w->tick, w->now_us / 1000, p->packet,
	    &p->bytes));
	if (p->bytes == 0)
		return;
	CHECK_OK(wire_rtp_parse(&rtp, kk_view_of(p->packet, p->bytes)));
	CHECK_EQ(rtp.ssrc, 100 + n);
	CHECK_OK(codec_rx_decode(p->codec, rtp.payload, p->heard, &samples));
	CHECK_EQ(samples, TICK);
}

static void ticks(struct world *w, unsigned count)
{
	for (; count > 0; count--, w->tick++, w->now_us += 20000) {
		for (size_t i = 0; i < w->count; i++)
			phone_hear(w, i, NULL);
	}
}

static void press(struct world *w, size_t n, const char *keys)
{
	static const char all[] = "0123456789*#";
	struct phone *p = &w->phone[n];

	for (; *keys; keys++) {
		const uint8_t payload[] = { (uint8_t)(strchr(all, *keys) - all),
			0x8a, 3, 0x20 };
		const struct wire_rtp rtp = { .payload_type = EVENTS,
			.ssrc = 9,
			.seq = p->event_seq,
			.timestamp = 1000 + 2000u * p->event_seq,
			.payload = kk_view_of(payload, sizeof(payload)) };
		struct phone_sound said;
		uint8_t data[64];
		struct wire_out out;

		p->event_seq++;
		wire_out_init(&out, data, sizeof(data));
		wire_rtp_write(&out, &rtp);
		CHECK_OK(out.err);
		CHECK_OK(line_put(p->line, wire_out_view(&out), w->now_us));
		(void)line_say(p->line, PHONE_WANT_ALL, &said, w->now_us);
	}
}

static bool says(struct world *w, size_t n)
{
	struct phone_sound said;

	return line_say(w->phone[n].line, PHONE_WANT_ALL, &said, w->now_us);
}

/* How much of a tone is in the last tick, in all of it. */
static double share_of(const int16_t *pcm, double hz)
{
	double re = 0, im = 0, all = 1;

	for (size_t i = 0; i < TICK; i++) {
		re += pcm[i] * cos(TURN * hz * (double)i / CODEC_HZ);
		im += pcm[i] * sin(TURN * hz * (double)i / CODEC_HZ);
		all += (double)pcm[i] * pcm[i];
	}
	return 2 * (re * re + im * im) / (TICK * all);
}

static bool hears(const struct world *w, size_t n, enum ivr_prompt prompt)
{
	return share_of(w->phone[n].heard, prompt_hz(prompt)) > 0.8;
}

static struct line_event event(struct world *w, size_t n)
{
	struct line_event e = { .type = LINE_HANG_UP };

	CHECK(line_event_take(w->phone[n].line, &e));
	return e;
}

static void nothing(struct world *w, size_t n)
{
	struct line_event e;

	CHECK(!line_event_take(w->phone[n].line, &e));
}

static void let_in(struct world *w, size_t n)
{
	press(w, n, "1#2#");
	CHECK_EQ(event(w, n).type, LINE_ASK);
	CHECK(line_answer(w->phone[n].line, IVR_ANSWER_IN, w->now_us / 1000));
	CHECK_EQ(event(w, n).type, LINE_TALK);
	CHECK(line_is_talking(w->phone[n].line));
}

TEST(call_goes_from_greeting_by_number_and_pin_and_waiting_to_the_conference)
{
	struct world w;
	struct line_event e;

	world_open(&w, CODEC_PCMA, 1);
	ticks(&w, 5);
	CHECK(hears(&w, 0, IVR_WELCOME));
	ticks(&w, 10);
	CHECK(hears(&w, 0, IVR_ASK_NUMBER));
	press(&w, 0, "4711#");
	ticks(&w, 5);
	CHECK(hears(&w, 0, IVR_ASK_PIN));
	press(&w, 0, "0815#");
	e = event(&w, 0);
	CHECK_EQ(e.type, LINE_ASK);
	CHECK_STR(e.number, "4711");
	CHECK_STR(e.pin, "0815");
	CHECK(!says(&w, 0));
	CHECK(line_answer(w.phone[0].line, IVR_ANSWER_WAIT, w.now_us / 1000));
	ticks(&w, 25);
	CHECK(share_of(w.phone[0].heard, 150) > 0.8);
	nothing(&w, 0);
	CHECK(line_answer(w.phone[0].line, IVR_ANSWER_IN, w.now_us / 1000));
	e = event(&w, 0);
	CHECK_EQ(e.type, LINE_TALK);
	CHECK(e.is_on);
	CHECK(says(&w, 0));
	ticks(&w, 5);
	CHECK(hears(&w, 0, IVR_ENTERED));
	press(&w, 0, "#");
	e = event(&w, 0);
	CHECK(e.type == LINE_TALK && !e.is_on);
	ticks(&w, 5);
	CHECK(hears(&w, 0, IVR_GOODBYE));
	ticks(&w, 10);
	CHECK_EQ(event(&w, 0).type, LINE_HANG_UP);
	world_close(&w);
}

TEST(muted_line_is_not_heard_whoever_muted_it)
{
	struct world w;
	struct line_event e;

	world_open(&w, CODEC_PCMU, 1);
	let_in(&w, 0);
	ticks(&w, 15);
	CHECK(says(&w, 0));
	press(&w, 0, "*6");
	e = event(&w, 0);
	CHECK(e.type == LINE_TELL && e.is_muted && !e.has_hand_up);
	CHECK(!says(&w, 0));
	press(&w, 0, "*6*9");
	CHECK(!event(&w, 0).is_muted);
	CHECK(event(&w, 0).has_hand_up);
	CHECK(says(&w, 0));
	line_mute(w.phone[0].line, true, w.now_us / 1000);
	nothing(&w, 0); /* the box knows */
	CHECK(!says(&w, 0));
	press(&w, 0, "*6"); /* in vain */
	nothing(&w, 0);
	CHECK(!says(&w, 0));
	line_mute(w.phone[0].line, false, w.now_us / 1000);
	CHECK(says(&w, 0));
	world_close(&w);
}

TEST(placed_call_is_asked_for_at_once_and_hears_who_joins)
{
	const struct line_config config = { .phone = { CODEC_PCMA, 8,
						PHONE_NO_TYPE, 0 },
		.sounds = &sounds.of,
		.is_placed = true };
	struct world w;
	struct line_event e;

	world_open(&w, CODEC_PCMA, 1);
	line_free(w.phone[0].line);
	w.phone[0].line = NULL;
	{
		struct line_config c = config;

		c.voice = w.voice;
		c.ssrc = 100;
		CHECK_OK(line_new(&w.phone[0].line, &c, w.now_us / 1000));
	}
	e = event(&w, 0);
	CHECK_EQ(e.type, LINE_ASK);
	CHECK_STR(e.number, "");
	CHECK_STR(e.pin, "");
	line_others(w.phone[0].line); /* not in yet: not told */
	CHECK(line_answer(w.phone[0].line, IVR_ANSWER_IN, w.now_us / 1000));
	ticks(&w, 15);
	line_others(w.phone[0].line);
	ticks(&w, 5);
	CHECK(hears(&w, 0, IVR_JOINED));
	world_close(&w);
}

static struct kk_view payload_of(const struct phone *p)
{
	return kk_view_of(p->packet + 12, p->bytes - 12);
}

/* The conference, as silent lines hear it. */
static void conference(struct world *w, uint32_t tick, int16_t *pcm,
    struct line_frame *f)
{
	(void)w;
	tone(pcm, TICK, 500, (double)tick * TICK);
	*f = (struct line_frame){ pcm, true, tick };
}

static void conference_ticks(struct world *w, unsigned count)
{
	for (; count > 0; count--, w->tick++, w->now_us += 20000) {
		int16_t pcm[TICK];
		struct line_frame f;

		conference(w, 90000 + w->tick, pcm, &f);
		for (size_t i = 0; i < w->count; i++)
			phone_hear(w, i, &f);
	}
}

TEST(silent_lines_get_the_same_payload_in_packets_of_their_own)
{
	for (enum codec_id id = 0; id < CODEC_COUNT; id++) {
		struct world w;
		struct line_voice_stats before, after;

		world_open(&w, id, LINES_MAX);
		for (size_t i = 0; i < LINES_MAX; i++)
			let_in(&w, i);
		conference_ticks(&w, 30 + LINE_HANG_TICKS); /* two prompts */
		line_voice_stats(w.voice, &before);
		for (unsigned t = 0; t < 20; t++) {
			conference_ticks(&w, 1);
			for (size_t i = 1; i < LINES_MAX; i++) {
				CHECK(kk_view_equal(payload_of(&w.phone[0]),
				    payload_of(&w.phone[i])));
				CHECK(memcmp(w.phone[0].packet,
					  w.phone[i].packet, 12) != 0);
			}
		}
		CHECK(share_of(w.phone[1].heard, 500) > 0.95);
		line_voice_stats(w.voice, &after);
		CHECK_EQ(after.shared - before.shared, 20);
		CHECK_EQ(after.own, before.own);
		world_close(&w);
	}
}

TEST(lines_that_are_ticks_apart_share_a_coder_too)
{
	struct world w;
	struct line_voice_stats before, after;

	world_open(&w, CODEC_OPUS, 3);
	for (size_t i = 0; i < 3; i++)
		let_in(&w, i);
	for (unsigned t = 0; t < 60; t++, w.tick++, w.now_us += 20000) {
		if (t == 40)
			line_voice_stats(w.voice, &before);
		for (uint32_t i = 0; i < 3; i++) {
			int16_t pcm[TICK];
			struct line_frame f;

			conference(&w, 1000 + w.tick - i, pcm, &f);
			phone_hear(&w, i, &f);
		}
	}
	line_voice_stats(w.voice, &after);
	CHECK_EQ(after.shared - before.shared, 20);
	CHECK_EQ(after.own, before.own);
	world_close(&w);
}

/* How many coders run, by what is counted in 20 ticks. */
static void expect_coders(struct world *w, unsigned shared, unsigned own)
{
	struct line_voice_stats before, after;

	conference_ticks(w, 40); /* all have changed over */
	line_voice_stats(w->voice, &before);
	conference_ticks(w, 20);
	line_voice_stats(w->voice, &after);
	CHECK_EQ(after.shared - before.shared, 20 * shared);
	CHECK_EQ(after.own - before.own, 20 * own);
}

TEST(coder_is_shared_again_when_ticks_begin_anew)
{
	struct world w;

	world_open(&w, CODEC_PCMA, 3);
	for (size_t i = 0; i < 3; i++)
		let_in(&w, i);
	conference_ticks(&w, 60);
	w.tick -= 90060; /* mixd was started again: from 0 on */
	expect_coders(&w, 1, 0);
	world_close(&w);
}

/* The largest step from one sample to the next. */
static int step_of(const int16_t *pcm, size_t samples)
{
	int most = 0;

	for (size_t i = 1; i < samples; i++) {
		const int step = abs(pcm[i] - pcm[i - 1]);

		most = step > most ? step : most;
	}
	return most;
}

enum { RUN_TICKS = 150 };

/* Line 0 speaks now and then, so that it has a coder of its own then; line 1
 * never does.  Both lose packets, or not, or line 0 does now and then.  Gives
 * what line n heard. */
enum loss { ALWAYS, NEVER, SOMETIMES };

static const int16_t *talks_run(enum codec_id id, enum loss loss, size_t n,
    unsigned phase)
{
	static int16_t heard[RUN_TICKS * TICK];
	struct world w;

	world_open(&w, id, 2);
	let_in(&w, 0);
	let_in(&w, 1);
	line_retell(w.phone[1].line, loss != NEVER);
	conference_ticks(&w, 60); /* the prompt has ended, all is shared */
	for (unsigned t = 0; t < RUN_TICKS; t++, w.tick++, w.now_us += 20000) {
		int16_t pcm[TICK];
		struct line_frame f;

		conference(&w, 90000 + w.tick, pcm, &f);
		phone_hear(&w, 1, &f);
		f.is_common = loss == SOMETIMES || (t + phase) % 50 >= 10;
		line_retell(w.phone[0].line,
		    loss == SOMETIMES ? (t + phase) % 50 >= 25 :
					loss == ALWAYS);
		phone_hear(&w, 0, &f);
		memcpy(heard + t * TICK, w.phone[n].heard,
		    TICK * sizeof(heard[0]));
	}
	world_close(&w);
	return heard;
}

static void expect_no_clicks(enum codec_id id, enum loss loss)
{
	static int16_t quiet[RUN_TICKS * TICK];
	int even, most = 0;

	memcpy(quiet, talks_run(id, loss, 1, 25), sizeof(quiet));
	even = step_of(quiet, KK_ARRAY_LEN(quiet));
	for (unsigned phase = 11; phase < 50; phase += 13) {
		const int step = step_of(talks_run(id, loss, 0, phase),
		    RUN_TICKS * TICK);

		most = step > most ? step : most;
	}
	tap_diag("%s: largest step %d, of one coder %d", codec_names[id], most,
	    even);
	CHECK(most <= even + even / 4);
	CHECK(even < 1200); /* the tone's own is 523 */
}

TEST(changing_over_between_coders_clicks_no_more_than_one_coder_does)
{
	for (enum codec_id id = 0; id < CODEC_COUNT; id++)
		expect_no_clicks(id, ALWAYS);
	expect_no_clicks(CODEC_OPUS, NEVER);
	expect_no_clicks(CODEC_OPUS, SOMETIMES);
}

TEST(lines_that_lose_packets_share_a_coder_that_tells_again)
{
	static const struct {
		enum codec_id codec;
		unsigned coders;
	} rows[] = { { CODEC_OPUS, 2 }, { CODEC_G722, 1 }, { CODEC_PCMA, 1 } };

	for (size_t k = 0; k < KK_ARRAY_LEN(rows); k++) {
		struct world w;

		world_open(&w, rows[k].codec, 2);
		for (size_t i = 0; i < 2; i++)
			let_in(&w, i);
		expect_coders(&w, 1, 0);
		line_retell(w.phone[1].line, false);
		expect_coders(&w, rows[k].coders, 0);
		line_retell(w.phone[0].line, false);
		expect_coders(&w, 1, 0);
		world_close(&w);
	}
}

TEST(telephone_that_holds_gets_no_packet_and_is_not_heard)
{
	struct world w;

	world_open(&w, CODEC_G722, 1);
	let_in(&w, 0);
	ticks(&w, 15);
	line_hold(w.phone[0].line, true);
	ticks(&w, 1);
	CHECK_EQ(w.phone[0].bytes, 0);
	CHECK(!says(&w, 0));
	line_hold(w.phone[0].line, false);
	ticks(&w, 1);
	CHECK(w.phone[0].bytes > 0);
	CHECK_EQ(w.phone[0].packet[1] & 0x80, 0x80); /* a talkspurt begins */
	world_close(&w);
}

TEST(ticks_that_are_left_out_are_missing_in_the_times_of_packets_alone)
{
	struct world w;
	struct wire_rtp a, b;

	world_open(&w, CODEC_PCMA, 1);
	ticks(&w, 3);
	CHECK_OK(wire_rtp_parse(&a,
	    kk_view_of(w.phone[0].packet, w.phone[0].bytes)));
	line_skip(w.phone[0].line, 9);
	w.tick += 9;
	w.now_us += 9 * 20000;
	ticks(&w, 1);
	CHECK_OK(wire_rtp_parse(&b,
	    kk_view_of(w.phone[0].packet, w.phone[0].bytes)));
	CHECK_EQ(b.seq, (uint16_t)(a.seq + 1));
	CHECK_EQ(b.timestamp, (uint32_t)(a.timestamp + 10 * 160));
	CHECK(b.has_marker && !a.has_marker);
	line_skip(w.phone[0].line, 0);
	ticks(&w, 1);
	CHECK_OK(wire_rtp_parse(&a,
	    kk_view_of(w.phone[0].packet, w.phone[0].bytes)));
	CHECK_EQ(a.timestamp, (uint32_t)(b.timestamp + 160));
	CHECK(!a.has_marker);
	world_close(&w);
}

TEST(call_may_change_its_codec_and_its_packets_go_on)
{
	const struct phone_config other = { CODEC_PCMU, 0, 97, 0 };
	const struct phone_config wrong = { CODEC_PCMU, 128, 97, 0 };
	struct world w;
	struct wire_rtp a, b;

	world_open(&w, CODEC_OPUS, 1);
	ticks(&w, 3);
	CHECK_OK(wire_rtp_parse(&a,
	    kk_view_of(w.phone[0].packet, w.phone[0].bytes)));
	CHECK_ERR(line_change(w.phone[0].line, &wrong), KK_EINVAL);
	CHECK_OK(line_change(w.phone[0].line, &other));
	codec_rx_free(w.phone[0].codec);
	CHECK_OK(codec_rx_new(&w.phone[0].codec, CODEC_PCMU));
	ticks(&w, 1);
	CHECK_OK(wire_rtp_parse(&b,
	    kk_view_of(w.phone[0].packet, w.phone[0].bytes)));
	CHECK_EQ(b.payload_type, 0);
	CHECK_EQ(b.payload.bytes, 160);
	CHECK_EQ(b.seq, (uint16_t)(a.seq + 1));
	ticks(&w, 1);
	CHECK(hears(&w, 0, IVR_WELCOME));
	world_close(&w);
}

TEST(without_memory_there_is_no_line)
{
	struct line_voice *v = NULL;
	struct line *l = NULL;
	struct line_config config = { .phone = { CODEC_G722, 9, PHONE_NO_TYPE,
					  0 },
		.sounds = &sounds.of };
	enum kk_err err;

	ALLOC_FAULT_LOOP(err, line_voice_new(&v));
	CHECK_OK(err);
	config.voice = v;
	ALLOC_FAULT_LOOP(err, line_new(&l, &config, 0));
	CHECK_OK(err);
	line_free(l);
	line_voice_free(v);
}
