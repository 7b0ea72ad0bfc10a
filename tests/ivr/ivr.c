/* ivr.c - what callers do by keys, and what they hear. */
#include <stdio.h>
#include <string.h>

#include "harness/tap.h"
#include "ivr/ivr.h"
#include "mock/alloc.h"

struct call {
	struct ivr *ivr;
	uint64_t now_ms;
	char text[2048]; /* actions since the last look, as words */
	char number[IVR_DIGITS_MAX + 1], pin[IVR_DIGITS_MAX + 1];
};

static void word(struct call *c, const char *text)
{
	const size_t at = strlen(c->text), room = sizeof(c->text) - at;
	const int len = snprintf(c->text + at, room, "%s%s", at ? " " : "",
	    text);

	CHECK(len >= 0 && (size_t)len < room);
}

static void action_note(struct call *c, const struct ivr_action *a)
{
	static const char *const words[][2] = {
		[IVR_STOP] = { "stop", "stop" },
		[IVR_MUSIC] = { "music-off", "music" },
		[IVR_ASK] = { "ask", "ask" },
		[IVR_TALK] = { "talk-off", "talk" },
		[IVR_MUTE] = { "mute-off", "mute" },
		[IVR_HAND] = { "hand-off", "hand" },
		[IVR_HANG_UP] = { "hang-up", "hang-up" },
	};

	if (a->type == IVR_PLAY) {
		word(c, ivr_prompt_name(a->prompt));
		return;
	}
	word(c, words[a->type][a->is_on]);
	if (a->type == IVR_ASK) {
		memcpy(c->number, a->number, sizeof(c->number));
		memcpy(c->pin, a->pin, sizeof(c->pin));
	}
}

/* What has happened since the last time. */
static const char *heard(struct call *c)
{
	struct ivr_action a;

	c->text[0] = '\0';
	while (ivr_action_take(c->ivr, &a))
		action_note(c, &a);
	return c->text;
}

static void call_open(struct call *c)
{
	memset(c, 0, sizeof(*c));
	c->now_ms = 1000;
	CHECK_OK(ivr_new(&c->ivr, c->now_ms));
	CHECK_STR(heard(c), "welcome ask-number");
}

static void call_close(struct call *c)
{
	ivr_free(c->ivr);
}

static void keys(struct call *c, const char *text)
{
	for (; *text; text++) {
		c->now_ms += 200;
		ivr_key(c->ivr, *text, c->now_ms);
	}
}

static void played(struct call *c)
{
	c->now_ms += 2000;
	ivr_played(c->ivr, c->now_ms);
}

/* Time goes on; false: nothing was due in it. */
static bool wait(struct call *c, uint64_t ms)
{
	const uint64_t until = c->now_ms + ms;
	bool was_due = false;

	while (ivr_due_ms(c->ivr) <= until) {
		c->now_ms = ivr_due_ms(c->ivr);
		ivr_tick(c->ivr, c->now_ms);
		was_due = true;
		if (ivr_is_over(c->ivr))
			break;
	}
	c->now_ms = until;
	return was_due;
}

static void answer(struct call *c, enum ivr_answer what)
{
	c->now_ms += 100;
	CHECK(ivr_answer(c->ivr, what, c->now_ms));
}

static void call_in(struct call *c)
{
	call_open(c);
	keys(c, "123#77#");
	answer(c, IVR_ANSWER_IN);
	(void)heard(c);
}

TEST(number_and_pin_lead_into_the_meeting)
{
	struct call c;

	call_open(&c);
	keys(&c, "4711#");
	CHECK_STR(heard(&c), "stop ask-pin");
	played(&c);
	keys(&c, "2580#");
	CHECK_STR(heard(&c), "checking ask");
	CHECK_STR(c.number, "4711");
	CHECK_STR(c.pin, "2580");
	answer(&c, IVR_ANSWER_WAIT);
	CHECK_STR(heard(&c), "music wait");
	answer(&c, IVR_ANSWER_IN);
	CHECK_STR(heard(&c), "music-off entered talk");
	keys(&c, "#");
	CHECK_STR(heard(&c), "stop talk-off goodbye");
	CHECK(!ivr_is_over(c.ivr));
	played(&c);
	CHECK_STR(heard(&c), "hang-up");
	CHECK(ivr_is_over(c.ivr));
	call_close(&c);
}

TEST(pause_is_as_good_as_the_hash_key)
{
	struct call c;

	call_open(&c);
	played(&c);
	keys(&c, "4711");
	CHECK(!wait(&c, IVR_PAUSE_MS - 1));
	CHECK(wait(&c, 1));
	CHECK_STR(heard(&c), "ask-pin");
	keys(&c, "2580");
	CHECK(wait(&c, IVR_PAUSE_MS));
	CHECK_STR(heard(&c), "stop checking ask");
	CHECK_STR(c.pin, "2580");
	call_close(&c);
}

TEST(meeting_without_a_pin_takes_the_hash_alone)
{
	struct call c;

	call_open(&c);
	keys(&c, "4711##");
	CHECK_STR(heard(&c), "stop ask-pin stop checking ask");
	CHECK_STR(c.number, "4711");
	CHECK_STR(c.pin, "");
	call_close(&c);
}

TEST(star_begins_a_number_anew_and_too_many_digits_are_cut)
{
	struct call c;

	call_open(&c);
	keys(&c, "99*4711#12345678901234567890#");
	(void)heard(&c);
	CHECK_STR(c.number, "4711");
	CHECK_STR(c.pin, "123456789012");
	call_close(&c);
}

TEST(silence_is_asked_again_and_ends_after_three_times)
{
	struct call c;

	call_open(&c);
	CHECK(wait(&c, IVR_SILENCE_MS)); /* the welcome still plays */
	CHECK_STR(heard(&c), "");
	for (unsigned i = 1; i < IVR_SILENCES_MAX; i++) {
		played(&c);
		CHECK(!wait(&c, IVR_SILENCE_MS - 1));
		CHECK(wait(&c, 1));
		CHECK_STR(heard(&c), "ask-number");
	}
	played(&c);
	CHECK(wait(&c, IVR_SILENCE_MS));
	CHECK_STR(heard(&c), "goodbye");
	played(&c);
	CHECK_STR(heard(&c), "hang-up");
	call_close(&c);
}

TEST(wrong_is_one_answer_and_the_third_ends_the_call)
{
	struct call c;

	call_open(&c);
	for (unsigned i = 1; i < IVR_TRIES_MAX; i++) {
		keys(&c, "1#2#");
		(void)heard(&c);
		answer(&c, IVR_ANSWER_WRONG);
		CHECK_STR(heard(&c), "wrong ask-number");
	}
	keys(&c, "1#2#");
	(void)heard(&c);
	answer(&c, IVR_ANSWER_WRONG);
	CHECK_STR(heard(&c), "stop too-many-tries");
	played(&c);
	CHECK_STR(heard(&c), "hang-up");
	call_close(&c);
}

TEST(commands_in_the_meeting)
{
	struct call c;

	call_in(&c);
	keys(&c, "*6");
	CHECK_STR(heard(&c), "stop mute muted");
	played(&c);
	keys(&c, "*6");
	CHECK_STR(heard(&c), "mute-off unmuted");
	keys(&c, "*9*9*1");
	CHECK_STR(heard(&c),
	    "stop hand hand-up stop hand-off hand-down stop help");
	played(&c);
	keys(&c, "6**6");
	CHECK_STR(heard(&c), "mute muted");
	keys(&c, "*2*");
	(void)wait(&c, IVR_COMMAND_MS);
	keys(&c, "6"); /* too late for its star */
	CHECK_STR(heard(&c), "stop");
	call_close(&c);
}

TEST(host_mutes_and_the_caller_cannot_undo_it)
{
	struct call c;

	call_in(&c);
	played(&c);
	ivr_mute(c.ivr, true, c.now_ms);
	CHECK_STR(heard(&c), "mute muted-by-host");
	ivr_mute(c.ivr, true, c.now_ms);
	CHECK_STR(heard(&c), "");
	played(&c);
	keys(&c, "*6");
	CHECK_STR(heard(&c), "muted-by-host");
	ivr_mute(c.ivr, false, c.now_ms);
	CHECK_STR(heard(&c), "mute-off unmuted");
	played(&c);
	/* Who had muted himself stays so. */
	keys(&c, "*6");
	played(&c);
	(void)heard(&c);
	ivr_mute(c.ivr, true, c.now_ms);
	ivr_mute(c.ivr, false, c.now_ms);
	CHECK_STR(heard(&c), "mute muted-by-host");
	call_close(&c);
}

TEST(each_end_has_its_words)
{
	static const struct {
		enum ivr_answer answer;
		const char *text;
	} rows[] = {
		{ IVR_ANSWER_REFUSED, "refused" },
		{ IVR_ANSWER_REMOVED, "removed" },
		{ IVR_ANSWER_FULL, "full" },
		{ IVR_ANSWER_FORBIDDEN, "forbidden" },
		{ IVR_ANSWER_ENDED, "ended" },
		{ IVR_ANSWER_FAILED, "no-answer" },
	};

	for (size_t i = 0; i < KK_ARRAY_LEN(rows); i++) {
		struct call c;

		call_open(&c);
		keys(&c, "1#2#");
		(void)heard(&c);
		answer(&c, rows[i].answer);
		CHECK(!strncmp(heard(&c), "stop ", 5));
		CHECK_STR(c.text + 5, rows[i].text);
		(void)wait(&c, 60000); /* nobody says that it has played */
		CHECK_STR(heard(&c), "hang-up");
		call_close(&c);
	}
}

TEST(whoever_waits_is_let_in_sent_back_or_gives_up)
{
	struct call c;

	call_open(&c);
	keys(&c, "1#2#");
	answer(&c, IVR_ANSWER_WAIT_ALONE);
	(void)heard(&c);
	answer(&c, IVR_ANSWER_WAIT);
	CHECK_STR(heard(&c), "wait"); /* the music goes on */
	answer(&c, IVR_ANSWER_IN);
	(void)heard(&c);
	answer(&c, IVR_ANSWER_WAIT_ALONE); /* all others have left */
	CHECK_STR(heard(&c), "talk-off music wait-alone");
	(void)wait(&c, IVR_WAIT_MAX_MS);
	CHECK_STR(heard(&c), "stop music-off goodbye");
	call_close(&c);
}

TEST(answers_that_cannot_be_are_ignored)
{
	struct call c;

	call_open(&c);
	CHECK(!ivr_answer(c.ivr, IVR_ANSWER_IN, c.now_ms));
	keys(&c, "1#2#");
	CHECK(!ivr_answer(c.ivr, (enum ivr_answer)99, c.now_ms));
	answer(&c, IVR_ANSWER_IN);
	CHECK(!ivr_answer(c.ivr, IVR_ANSWER_WRONG, c.now_ms));
	CHECK(!ivr_answer(c.ivr, IVR_ANSWER_IN, c.now_ms));
	keys(&c, "#");
	CHECK(!ivr_answer(c.ivr, IVR_ANSWER_IN, c.now_ms));
	played(&c);
	CHECK(!ivr_answer(c.ivr, IVR_ANSWER_ENDED, c.now_ms));
	keys(&c, "123");
	call_close(&c);
}

TEST(any_keys_and_answers_end_in_order)
{
	uint32_t seed = 1;

	for (unsigned round = 0; round < 300; round++) {
		struct call c;
		unsigned talks = 0, musics = 0, hang_ups = 0;

		memset(&c, 0, sizeof(c));
		CHECK_OK(ivr_new(&c.ivr, 0));
		for (unsigned n = 0; n < 400; n++) {
			struct ivr_action a;

			seed = seed * 1664525 + 1013904223;
			c.now_ms += seed >> 20;
			switch (seed >> 8 & 3) {
			case 0:
				(void)ivr_answer(c.ivr, seed >> 10 & 15,
				    c.now_ms);
				break;
			case 1:
				ivr_played(c.ivr, c.now_ms);
				break;
			case 2:
				ivr_tick(c.ivr, c.now_ms);
				break;
			default:
				ivr_key(c.ivr,
				    "0123456789*#*#A"[(seed >> 10) % 15],
				    c.now_ms);
				break;
			}
			while (ivr_action_take(c.ivr, &a)) {
				CHECK_EQ(hang_ups, 0); /* nothing after it */
				hang_ups += a.type == IVR_HANG_UP;
				if (a.type == IVR_TALK)
					CHECK_EQ(talks = a.is_on ? talks + 1 :
								   talks - 1,
					    a.is_on);
				if (a.type == IVR_MUSIC)
					CHECK_EQ(musics = a.is_on ? musics + 1 :
								    musics - 1,
					    a.is_on);
			}
		}
		if (ivr_is_over(c.ivr))
			CHECK_EQ(talks + musics, 0);
		CHECK_EQ(hang_ups, ivr_is_over(c.ivr));
		ivr_free(c.ivr);
	}
}

TEST(prompts_have_names_and_no_two_the_same)
{
	for (enum ivr_prompt p = 0; p < IVR_PROMPT_COUNT; p++) {
		CHECK(ivr_prompt_name(p));
		for (enum ivr_prompt q = 0; q < p; q++)
			CHECK(strcmp(ivr_prompt_name(p), ivr_prompt_name(q)) !=
			    0);
	}
	CHECK(!ivr_prompt_name(IVR_PROMPT_COUNT));
}

TEST(no_memory_is_refused)
{
	struct ivr_limits *l;
	struct ivr *i;
	enum kk_err err;

	ALLOC_FAULT_LOOP(err, ivr_new(&i, 0));
	CHECK_OK(err);
	ALLOC_FAULT_LOOP(err, ivr_limits_new(&l));
	CHECK_OK(err);
	ivr_free(i);
	ivr_limits_free(l);
	ivr_free(NULL);
	ivr_limits_free(NULL);
}

static uint64_t delay(const struct ivr_limits *l, uint64_t caller,
    uint64_t now_ms)
{
	uint64_t delay_ms = UINT64_MAX;

	CHECK_OK(ivr_limits_delay(l, caller, now_ms, &delay_ms));
	return delay_ms;
}

TEST(each_wrong_guess_makes_the_next_answer_slower_until_there_is_none)
{
	struct ivr_limits *l;
	uint64_t last = 0, ms;

	CHECK_OK(ivr_limits_new(&l));
	CHECK_EQ(delay(l, 7, 0), 0);
	for (unsigned i = 0; i < IVR_CALLER_WRONG_MAX - 1; i++) {
		ivr_limits_wrong(l, 7, 1000);
		ms = delay(l, 7, 1000);
		CHECK(ms > last || ms == IVR_DELAY_MAX_MS);
		CHECK(ms <= IVR_DELAY_MAX_MS);
		last = ms;
	}
	CHECK_EQ(delay(l, 8, 1000), 0); /* others notice nothing */
	ivr_limits_wrong(l, 7, 1000);
	CHECK_ERR(ivr_limits_delay(l, 7, 1000, &ms), KK_ELIMIT);
	CHECK_ERR(ivr_limits_delay(l, 7, IVR_CALLER_FORGET_MS, &ms), KK_ELIMIT);
	CHECK_EQ(delay(l, 7, 1000 + IVR_CALLER_FORGET_MS), 0);
	ivr_limits_wrong(l, 7, 1000 + IVR_CALLER_FORGET_MS);
	CHECK_EQ(delay(l, 7, 1000 + IVR_CALLER_FORGET_MS), 500);
	ivr_limits_free(l);
}

TEST(many_who_guess_together_slow_all_and_shut_out_nobody)
{
	struct ivr_limits *l;
	uint64_t ms;

	CHECK_OK(ivr_limits_new(&l));
	for (uint64_t i = 0; i < IVR_ALL_WRONG_MAX; i++)
		ivr_limits_wrong(l, 100 + i, 1000);
	CHECK_EQ(delay(l, 7, 1000), 0);
	for (uint64_t i = 0; i < 50; i++)
		ivr_limits_wrong(l, 1000 + i, 1000);
	ms = delay(l, 7, 1000);
	CHECK(ms > 1000 && ms <= IVR_DELAY_MAX_MS);
	CHECK_EQ(delay(l, 7, 1000 + 3600000), 0);
	ivr_limits_free(l);
}

TEST(of_too_many_callers_the_quietest_is_forgotten)
{
	struct ivr_limits *l;
	uint64_t ms;

	CHECK_OK(ivr_limits_new(&l));
	for (unsigned i = 0; i < IVR_CALLER_WRONG_MAX; i++) {
		ivr_limits_wrong(l, 1, 1000);
		ivr_limits_wrong(l, 2, 1001);
	}
	for (uint64_t i = 0; i < IVR_CALLERS_MAX - 2; i++)
		ivr_limits_wrong(l, 100 + i, 2000);
	CHECK_ERR(ivr_limits_delay(l, 1, 3000, &ms), KK_ELIMIT);
	ivr_limits_wrong(l, 99, 3000);
	CHECK_OK(ivr_limits_delay(l, 1, 3000, &ms));
	CHECK_ERR(ivr_limits_delay(l, 2, 3000, &ms), KK_ELIMIT);
	ivr_limits_free(l);
}

TEST(call_that_we_placed_is_asked_about_at_once_with_nothing_entered)
{
	struct call c;

	memset(&c, 0, sizeof(c));
	CHECK_OK(ivr_new_placed(&c.ivr, 1000));
	CHECK_STR(heard(&c), "ask");
	CHECK_STR(c.number, "");
	CHECK_STR(c.pin, "");
	CHECK(ivr_answer(c.ivr, IVR_ANSWER_IN, 2000));
	CHECK_STR(heard(&c), "entered talk");
	ivr_free(c.ivr);
}

TEST(who_comes_in_is_told_in_the_meeting_alone_and_not_over_other_words)
{
	struct call c;

	memset(&c, 0, sizeof(c));
	CHECK_OK(ivr_new_placed(&c.ivr, 1000));
	ivr_joined(c.ivr);
	CHECK_STR(heard(&c), "ask");
	CHECK(ivr_answer(c.ivr, IVR_ANSWER_IN, 2000));
	ivr_joined(c.ivr);
	CHECK_STR(heard(&c), "entered talk");
	ivr_played(c.ivr, 3000);
	ivr_joined(c.ivr);
	ivr_joined(c.ivr);
	CHECK_STR(heard(&c), "joined");
	ivr_free(c.ivr);
}
