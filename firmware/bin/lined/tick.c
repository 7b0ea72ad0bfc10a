/*
 * tick.c - the two moments of each 20 ms (lined.h): what telephones are to hear
 * is taken and sent, what they said is put.
 */
#define _GNU_SOURCE /* CLOCK_MONOTONIC */
#include <time.h>

#include "lined.h"

enum {
	ACCURACY_US = 200,
	READY_US = 500000, /* that we wait for a first packet */
	/* Ticks that are made good after we were held up: mixd keeps as many
	 * of sound, and a telephone of use has not given them up yet. */
	CATCH_UP = RING_FRAMES - 1,
	/* With more than one frame: one is left out where it is quiet, and in
	 * the end anywhere. */
	LATE_TICKS = 25,
	LATE_TICKS_MAX = 250,
	QUIET_PEAK = 250, /* about -42 dB */
	/* Ticks for which mixd had nothing yet, and which are sent with the
	 * next one: a telephone waits for so much. */
	OWED_MAX = 3
};

static struct ring *ring_of(const struct lined_call *c)
{
	const struct lined_mix *m = &c->lined->mix;

	return m->ring && c->lane < m->lines ? m->ring : NULL;
}

static uint32_t number_of(uint64_t us)
{
	return (uint32_t)(us / LINED_TICK_US);
}

static bool is_quiet(const int16_t *pcm)
{
	for (size_t i = 0; i < RING_SAMPLES; i++) {
		if (pcm[i] > QUIET_PEAK || pcm[i] < -QUIET_PEAK)
			return false;
	}
	return true;
}

/* Where the other side was ahead once, a lane would stay late. */
static void lateness_count(struct lined_call *c, const struct ring *ring)
{
	c->late = ring_waiting(ring, c->lane) > 1 ? c->late + 1 : 0;
}

static bool is_to_leave_out(const struct lined_call *c, const int16_t *pcm)
{
	return c->late >= LATE_TICKS_MAX ||
	    (c->late >= LATE_TICKS && is_quiet(pcm));
}

/* A telephone that answers with its first packet is ready to hear; before, it
 * would miss the first words. */
static bool is_ready(struct lined_call *c)
{
	struct rtp_stats stats;

	rtp_stats(c->rtp, &stats);
	c->is_ready = c->is_ready || stats.taken > 0 ||
	    rtp_now_us() > c->begin_us + READY_US;
	return c->is_ready;
}

/* frame: NULL where the conference has none. */
static void packet_send(struct lined_call *c, const struct line_frame *frame,
    uint64_t us)
{
	uint8_t packet[PHONE_PACKET_BYTES];
	size_t bytes = sizeof(packet);

	line_retell(c->line, c->stream.is_retold && rtp_may_lose(c->rtp, us));
	if (!line_hear(c->line, frame, number_of(us), rtp_now_us() / 1000,
		packet, &bytes) &&
	    bytes > 0)
		rtp_send(c->rtp, kk_view_of(packet, bytes));
	kk_wipe(packet, bytes);
}

/* A frame of the conference; false: there is none yet. */
static bool frame_send(struct lined_call *c, struct ring *ring, uint64_t us)
{
	struct ring_frame taken;

	if (ring_take(ring, c->lane, &taken))
		return false;
	if (is_to_leave_out(c, taken.pcm)) {
		c->late = 0;
		if (ring_take(ring, c->lane, &taken))
			return false;
	}
	packet_send(c,
	    &(struct line_frame){ taken.pcm, taken.is_common, taken.tick }, us);
	return true;
}

/* What is owed does not come any more. */
static void owed_drop(struct lined_call *c)
{
	line_skip(c->line, c->owed);
	c->owed = 0;
}

/* mixd may be late, as may we: silence in its place would be a gap, and what
 * came after it late for as long as it lasts. */
static void conference_hear(struct lined_call *c, struct ring *ring,
    uint64_t us)
{
	lateness_count(c, ring);
	if (frame_send(c, ring, us)) {
		for (; c->owed > 0 && frame_send(c, ring, us); c->owed--)
			;
	} else if (c->owed < OWED_MAX) {
		c->owed++;
	} else {
		packet_send(c, NULL, us);
	}
}

static void hear(struct lined_call *c, uint64_t us)
{
	struct ring *ring = ring_of(c);

	if (!is_ready(c))
		return;
	if (ring && line_is_talking(c->line)) {
		conference_hear(c, ring, us);
		return;
	}
	owed_drop(c);
	packet_send(c, NULL, us);
}

/* While mixd is away nobody hears it. */
static enum phone_want want_of(const struct lined_call *c,
    const struct ring *ring)
{
	static const enum phone_want wants[] = {
		[RING_WANT_ALL] = PHONE_WANT_ALL,
		[RING_WANT_SPEECH] = PHONE_WANT_SPEECH,
		[RING_WANT_LOOK] = PHONE_WANT_LOOK,
	};

	return ring ? wants[ring_want(ring, c->lane)] : PHONE_WANT_SPEECH;
}

static enum kk_err said_put(struct ring *ring, size_t lane,
    const struct phone_sound *said)
{
	if (said->kind == PHONE_SOUND)
		return ring_put_low(ring, lane, said->pcm, said->samples);
	return ring_put_word(ring, lane,
	    said->kind == PHONE_SPEECH ? RING_SPEECH : RING_NOISE);
}

/* Packets were taken until now, not until when this should have been. */
static void say(struct lined_call *c, uint64_t us)
{
	struct ring *ring = ring_of(c);
	struct phone_sound said;

	(void)us;
	/* Where mixd is late, this is lost: KK_ENOSPC. */
	if (line_say(c->line, want_of(c, ring), &said, rtp_now_us()) && ring)
		(void)!said_put(ring, c->lane, &said);
	kk_wipe(said.pcm, said.samples * sizeof(said.pcm[0]));
}

/* Calls may end meanwhile: each lane is looked at anew. */
static void lines_run(struct lined *d, uint64_t us,
    void (*run)(struct lined_call *c, uint64_t us))
{
	for (size_t i = 0; i < d->options.lines; i++) {
		struct lined_call *c = d->lanes[i].call;

		if (!c || !c->line)
			continue;
		run(c, us);
		lined_menu_run(c, rtp_now_us());
	}
}

/* How many ticks are given up, so that the next one is to come. */
static uint32_t ticks_skip(uint64_t *at_us)
{
	const uint64_t now_us = rtp_now_us();
	uint64_t ticks;

	if (*at_us + CATCH_UP * (uint64_t)LINED_TICK_US >= now_us)
		return 0;
	ticks = (now_us - *at_us) / LINED_TICK_US + 1;
	*at_us += ticks * LINED_TICK_US;
	return (uint32_t)ticks;
}

static int again(sd_event_source *source, uint64_t at_us)
{
	if (sd_event_source_set_time(source, at_us) < 0)
		return -1;
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

/* What is old is not heard late: packets go on with the time it is. */
static void hear_skip(struct lined *d, uint32_t ticks)
{
	for (size_t i = 0; ticks > 0 && i < d->options.lines; i++) {
		struct lined_call *c = d->lanes[i].call;

		if (!c || !c->line)
			continue;
		line_skip(c->line, ticks);
		owed_drop(c);
		if (ring_of(c))
			ring_drop(ring_of(c), c->lane);
	}
	d->skipped += ticks;
}

static void rtp_ticks(struct lined *d, uint64_t us)
{
	for (size_t i = 0; i < d->options.lines; i++) {
		struct lined_call *c = d->lanes[i].call;

		if (c && c->rtp)
			rtp_tick(c->rtp, us);
	}
}

static int hear_tick(sd_event_source *source, uint64_t now_us, void *arg)
{
	struct lined *d = arg;

	(void)now_us;
	lines_run(d, d->hear_us, hear);
	rtp_set_send(d->rtp);
	rtp_ticks(d, d->hear_us);
	d->hear_us += LINED_TICK_US;
	hear_skip(d, ticks_skip(&d->hear_us));
	lined_counts_tell(d);
	return again(source, d->hear_us);
}

static int say_tick(sd_event_source *source, uint64_t now_us, void *arg)
{
	struct lined *d = arg;

	(void)now_us;
	rtp_set_take(d->rtp);
	lines_run(d, d->say_us, say);
	d->say_us += LINED_TICK_US;
	(void)ticks_skip(&d->say_us);
	return again(source, d->say_us);
}

static uint64_t next_of(uint64_t now_us, uint64_t phase_us)
{
	return (now_us - phase_us) / LINED_TICK_US * LINED_TICK_US +
	    LINED_TICK_US + phase_us;
}

enum kk_err lined_ticks_start(struct lined *d)
{
	const uint64_t now_us = rtp_now_us();

	d->hear_us = next_of(now_us, LINED_HEAR_US);
	d->say_us = next_of(now_us, LINED_SAY_US);
	return sd_event_add_time(d->event, &d->hear, CLOCK_MONOTONIC,
		   d->hear_us, ACCURACY_US, hear_tick, d) < 0 ||
		sd_event_add_time(d->event, &d->say, CLOCK_MONOTONIC, d->say_us,
		    ACCURACY_US, say_tick, d) < 0 ?
	    KK_EIO :
	    KK_OK;
}

void lined_ticks_stop(struct lined *d)
{
	d->hear = sd_event_source_disable_unref(d->hear);
	d->say = sd_event_source_disable_unref(d->say);
}
