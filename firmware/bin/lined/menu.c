/* menu.c - what callers want of roomd, and what it says of them. */
#include <stdio.h>
#include <string.h>

#include "lined.h"

enum { US_PER_MS = 1000, US_PER_MINUTE = 60000000 };

static uint64_t now_ms(void)
{
	return rtp_now_us() / US_PER_MS;
}

/*
 * Who calls.
 */
uint64_t lined_caller_of(const struct lined *d, const char *kind,
    const char *text)
{
	/* FNV-1a, from a secret on; the texts are apart by a zero. */
	uint64_t h = d->secret ^ UINT64_C(0xcbf29ce484222325);
	const char *const parts[] = { kind, text };

	for (size_t i = 0; i < KK_ARRAY_LEN(parts); i++) {
		for (const char *p = parts[i];; p++) {
			h = (h ^ (unsigned char)*p) * UINT64_C(0x100000001b3);
			if (!*p)
				break;
		}
	}
	return h;
}

/*
 * What the line wants.
 */
static void ask_later(struct lined_call *c, const struct line_event *e,
    uint64_t now_us)
{
	uint64_t delay_ms = 0;

	c->is_barred = !c->is_placed &&
	    ivr_limits_delay(c->lined->limits, c->caller, now_us / US_PER_MS,
		&delay_ms) != KK_OK;
	if (c->is_barred)
		delay_ms = IVR_DELAY_MAX_MS;
	c->ask = *e;
	c->ask_us = now_us + delay_ms * US_PER_MS;
}

static const char *transport_of(const struct lined_call *c)
{
	/* Keys that went in clear seal nothing. */
	if (ua_call_transport(c->sip) != UA_TLS)
		return "plain";
	return rtp_is_sealed(c->rtp) ? "srtp" : "tls";
}

static void ask_now(struct lined_call *c)
{
	const struct lined_ask ask = { .lane = c->lane,
		.number = c->ask.number,
		.pin = c->ask.pin,
		.label = c->label,
		.origin = c->origin,
		.transport = transport_of(c) };
	enum kk_err err = KK_OK;

	c->ask_us = 0;
	c->told = -1;
	if (!c->is_barred)
		err = lined_room_ask(&c->lined->room, &ask);
	kk_wipe(&c->ask, sizeof(c->ask));
	c->has_asked = !c->is_barred && !err;
	if (c->is_barred)
		(void)line_answer(c->line, IVR_ANSWER_WRONG, now_ms());
	else if (err)
		(void)line_answer(c->line, IVR_ANSWER_FAILED, now_ms());
}

static void event_do(struct lined_call *c, const struct line_event *e,
    uint64_t now_us)
{
	const struct lined_mix *m = &c->lined->mix;

	switch (e->type) {
	case LINE_ASK:
		ask_later(c, e, now_us);
		break;
	case LINE_TALK:
		if (m->ring && c->lane < m->lines)
			ring_drop(m->ring, c->lane);
		break;
	case LINE_TELL:
		lined_room_tell(&c->lined->room, c->lane, e->is_muted,
		    e->has_hand_up);
		break;
	case LINE_HANG_UP:
		lined_call_hang_up(c);
		break;
	}
}

/* A call that nobody is at any more. */
static void idle_check(struct lined_call *c, uint64_t now_us)
{
	if (c->stream.sends && now_us > rtp_last_us(c->rtp) + LINED_IDLE_US)
		lined_call_hang_up(c);
}

void lined_talk_check(struct lined_call *c, uint64_t now_us)
{
	const uint64_t most_us = (uint64_t)c->lined->options.talk_minutes *
	    US_PER_MINUTE;

	if (most_us == 0 || now_us + US_PER_MINUTE < c->begin_us + most_us)
		return;
	if (!c->is_warned && most_us > US_PER_MINUTE)
		line_ending(c->line);
	c->is_warned = true;
	if (now_us < c->begin_us + most_us)
		return;
	c->begin_us = now_us; /* the goodbye has its time */
	if (!line_answer(c->line, IVR_ANSWER_ENDED, now_us / US_PER_MS))
		lined_call_hang_up(c);
}

void lined_menu_run(struct lined_call *c, uint64_t now_us)
{
	struct line_event e;

	if (c->is_ended)
		return;
	while (line_event_take(c->line, &e)) {
		event_do(c, &e, now_us);
		kk_wipe(&e, sizeof(e));
	}
	if (c->ask_us != 0 && now_us >= c->ask_us)
		ask_now(c);
	if (c->is_early) /* its end is the user agent's matter */
		return;
	idle_check(c, now_us);
	lined_talk_check(c, now_us);
}

/*
 * What roomd says.
 */
static bool answer_read(const char *text, enum ivr_answer *answer)
{
	static const char *const names[] = {
		[IVR_ANSWER_WRONG] = "wrong",
		[IVR_ANSWER_WAIT] = "wait",
		[IVR_ANSWER_WAIT_ALONE] = "wait-alone",
		[IVR_ANSWER_IN] = "in",
		[IVR_ANSWER_REFUSED] = "refused",
		[IVR_ANSWER_REMOVED] = "removed",
		[IVR_ANSWER_FULL] = "full",
		[IVR_ANSWER_FORBIDDEN] = "forbidden",
		[IVR_ANSWER_CLASSIFIED] = "classified",
		[IVR_ANSWER_ENDED] = "ended",
		[IVR_ANSWER_FAILED] = "failed",
	};

	for (size_t i = 0; i < KK_ARRAY_LEN(names); i++) {
		if (!strcmp(text, names[i])) {
			*answer = (enum ivr_answer)i;
			return true;
		}
	}
	return false;
}

static void others_tell(const struct lined_call *c)
{
	const struct lined *d = c->lined;

	for (size_t i = 0; i < d->options.lines; i++) {
		const struct lined_call *other = d->lanes[i].call;

		if (other && other != c && other->line)
			line_others(other->line);
	}
}

/* Each answer once: a line that waits does not hear so at every change. */
static void answer_do(struct lined_call *c, enum ivr_answer answer)
{
	if (c->told == (int)answer)
		return;
	c->told = (int)answer;
	/* What it would be told it cannot hear yet. */
	if (c->is_early && answer >= IVR_ANSWER_REFUSED) {
		lined_call_hang_up(c);
		return;
	}
	if (line_answer(c->line, answer, now_ms()) && answer == IVR_ANSWER_IN)
		others_tell(c);
}

static struct lined_call *asker(const struct lined *d, size_t lane)
{
	struct lined_call *c = lane < d->options.lines ? d->lanes[lane].call :
							 NULL;

	return c && c->has_asked && c->line ? c : NULL;
}

static void answered(void *arg, size_t lane, const char *text)
{
	struct lined *d = arg;
	struct lined_call *c = asker(d, lane);
	enum ivr_answer answer = IVR_ANSWER_FAILED;

	if (!c || (text && !answer_read(text, &answer)))
		return; /* joining */
	if (answer == IVR_ANSWER_WRONG) {
		c->has_asked = false;
		ivr_limits_wrong(d->limits, c->caller, now_ms());
	}
	/* It may have been told something newer over the other connection. */
	if (c->told < 0)
		answer_do(c, answer);
	if (answer == IVR_ANSWER_WRONG)
		c->told = -1;
}

static void state_do(struct lined *d, const struct lined_state *s)
{
	struct lined_call *c = asker(d, s->lane);
	enum ivr_answer answer;

	if (s->lane >= d->options.lines)
		return;
	d->lanes[s->lane].is_known = true;
	if (!c || d->lanes[s->lane].is_ending)
		return;
	if (answer_read(s->answer, &answer))
		answer_do(c, answer);
	line_mute(c->line, s->is_muted_by_host, now_ms());
}

static void told(void *arg, const struct lined_state *states, size_t count,
    const struct lined_dial *dial, const struct lined_tones *tones)
{
	struct lined *d = arg;

	for (size_t i = 0; i < d->options.lines; i++)
		d->lanes[i].is_known = false;
	for (size_t i = 0; i < count; i++)
		state_do(d, &states[i]);
	lined_dial(d, dial);
	lined_tones(d, tones);
}

static void end_answered(void *arg, size_t lane)
{
	struct lined *d = arg;

	d->lanes[lane].is_ending = false;
}

/* Nobody is in the meeting any more, and nobody can come in. */
static void lost(void *arg)
{
	struct lined *d = arg;

	for (size_t i = 0; i < d->options.lines; i++) {
		struct lined_call *c = d->lanes[i].call;

		d->lanes[i].is_known = d->lanes[i].is_ending = false;
		if (c && c->is_placed && !c->is_answered)
			lined_call_hang_up(c);
		if (!c || !c->has_asked || !c->line)
			continue;
		c->has_asked = false;
		(void)line_answer(c->line, IVR_ANSWER_FAILED, now_ms());
	}
}

const struct lined_room_handler lined_room_handler = { .told = told,
	.answered = answered,
	.ended = end_answered,
	.lost = lost };
