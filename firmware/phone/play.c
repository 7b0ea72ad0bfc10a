/*
 * play.c - the jitter buffer's clock.  A packet's transit is when it came less
 * when it was spoken; by how much transits differ is what has to be waited for.
 * All is counted from the quickest packet of lately, so a telephone's clock may
 * run as it likes.
 *
 * A packet that is late once is forgotten within seconds.  Where it happens
 * again and again, as with a sender or a machine that stalls, each time would
 * be a gap, longer, and shorter again behind it: so the second latest of some
 * spans of time is waited for all along.
 */
#include <string.h>

#include "phone/phone_private.h"

enum {
	MARGIN = 10 * SAMPLES_PER_MS,
	DELAY_MIN = CODEC_TICK_SAMPLES,
	DELAY_MAX = PHONE_DELAY_MAX_MS * SAMPLES_PER_MS,
	SPAN_US = 5000000, /* the quickest packet of two such spans counts */
	SPREAD_PART = 256, /* that it goes down by with each packet */
	MISSING_MAX = 10,  /* ticks without anything: begin again */
	STEP = SAMPLES_PER_MS * 5 / 2, /* that can be concealed */
	QUIET_PEAK = 250        /* about -42 dB: nobody hears a cut */
};

static int64_t most(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t bounded(int64_t x, int64_t low, int64_t high)
{
	return x < low ? low : x > high ? high : x;
}

static int64_t least(const struct phone_play *p)
{
	return p->least < p->least_before ? p->least : p->least_before;
}

static void span_begin(struct phone_play *p, int64_t transit, int64_t now_us)
{
	p->least_before = p->least;
	p->least = transit;
	p->span_us = now_us;
	memmove(p->later + 1, p->later, (PLAY_SPANS - 1) * sizeof(p->later[0]));
	p->later[0] = 0;
}

/* The second latest, each of a span of its own. */
static int64_t again(const struct phone_play *p)
{
	int64_t first = 0, second = 0;

	for (size_t i = 0; i < PLAY_SPANS; i++) {
		second = most(second,
		    p->later[i] < first ? p->later[i] : first);
		first = most(first, p->later[i]);
	}
	return second;
}

void phone_play_came(struct phone_play *p, int64_t at, int64_t now_us)
{
	const int64_t transit = now_us * SAMPLES_PER_MS / 1000 - at;
	int64_t later;

	/* Later than any delay: its time stood still, or the way is longer. */
	if (p->span_us == 0 || transit - least(p) > 2 * DELAY_MAX) {
		p->least = p->least_before = transit;
		p->span_us = now_us;
	}
	if (now_us - p->span_us > SPAN_US)
		span_begin(p, transit, now_us);
	p->least = transit < p->least ? transit : p->least;
	later = transit - least(p);
	p->later[0] = most(p->later[0], later);
	p->spread = bounded(most(later, p->spread - p->spread / SPREAD_PART), 0,
	    DELAY_MAX);
	if (p->first_us == 0)
		p->first_us = now_us;
}

int64_t phone_play_delay(const struct phone_play *p)
{
	return bounded(most(p->spread, again(p)) + MARGIN, DELAY_MIN,
	    DELAY_MAX);
}

/* By how much we wait for more than we have to; below 0: too little. */
static int64_t too_long(const struct phone_play *p, int64_t now_us)
{
	const int64_t waits = now_us * SAMPLES_PER_MS / 1000 - least(p) -
	    (p->at - (int64_t)p->count);

	return waits - phone_play_delay(p);
}

void phone_play_stop(struct phone_play *p)
{
	p->is_playing = p->pauses = false;
	p->first_us = 0;
	p->missing = 0;
	p->count = 0;
	p->skipped = 0;
	kk_wipe(p->kept, p->kept_bytes);
	p->kept_bytes = 0;
}

static void begin(struct phone_play *p, struct phone_store *s, int64_t now_us)
{
	const struct phone_slot *oldest = phone_store_oldest(s);

	if (!oldest ||
	    (now_us - p->first_us) * SAMPLES_PER_MS / 1000 <
		phone_play_delay(p))
		return;
	p->is_playing = true;
	p->missing = 0;
	p->at = oldest->at;
}

/* Where the next sample goes.  All times are multiples of the codec's. */
static int16_t *end(struct phone_play *p)
{
	return p->pcm + p->count / p->times;
}

static size_t bytes_of(const struct phone_play *p, size_t samples)
{
	return samples / p->times * sizeof(p->pcm[0]);
}

static void silence_add(struct phone_play *p, size_t samples)
{
	memset(end(p), 0, bytes_of(p, samples));
	p->count += samples;
}

/* The last one that was not decoded leads into what is heard now. */
static void kept_decode(struct phone_play *p, struct codec_rx *codec)
{
	size_t samples;

	if (p->kept_bytes == 0)
		return;
	codec_rx_skip(codec);
	(void)!codec_rx_decode(codec, kk_view_of(p->kept, p->kept_bytes),
	    end(p), &samples);
	kk_wipe(p->kept, p->kept_bytes);
	p->kept_bytes = 0;
	p->skipped = 0;
}

static void conceal(struct phone_play *p, struct codec_rx *codec,
    struct kk_view next, size_t samples)
{
	kept_decode(p, codec);
	if (codec_rx_conceal(codec, next, end(p), samples / p->times))
		memset(end(p), 0, bytes_of(p, samples));
	p->count += samples;
	p->concealed += samples;
}

/* What of it is over already is left out. */
static void decode(struct phone_play *p, struct phone_store *s,
    struct codec_rx *codec, struct phone_slot *slot)
{
	const struct kk_view payload = phone_store_payload(s, slot);
	const size_t over = (size_t)bounded(p->at - slot->at, 0, slot->samples);
	int16_t *out = end(p);
	size_t samples;

	kept_decode(p, codec);
	phone_store_drop(s, slot);
	p->pauses = codec_rx_is_pause(codec, payload);
	if (codec_rx_decode(codec, payload, out, &samples))
		return;
	samples = samples * p->times - over;
	memmove(out, out + over / p->times, bytes_of(p, samples));
	p->count += samples;
	p->at = slot->at + slot->samples;
	p->missing = 0;
}

/* Nothing is there: time goes on, but where we have waited too little. */
static void time_pass(struct phone_play *p, int64_t now_us)
{
	p->missing++;
	if (too_long(p, now_us) >= 0)
		p->at += CODEC_TICK_SAMPLES;
}

static void miss(struct phone_play *p, struct codec_rx *codec, int64_t now_us)
{
	time_pass(p, now_us);
	if (p->pauses)
		silence_add(p, CODEC_TICK_SAMPLES);
	else
		conceal(p, codec, (struct kk_view){ 0 }, CODEC_TICK_SAMPLES);
}

static void bridge(struct phone_play *p, const struct phone_store *s,
    struct codec_rx *codec, const struct phone_slot *slot)
{
	const int64_t gap = slot->at - p->at;
	const size_t samples = (size_t)bounded(gap / STEP * STEP, STEP,
	    CODEC_TICK_SAMPLES);
	struct kk_view next = { 0 };

	if (gap <= CODEC_TICK_SAMPLES)
		next = phone_store_payload(s, slot);
	conceal(p, codec, next, samples);
	p->at += (int64_t)samples;
}

/* One packet, or what stands for one. */
static void more(struct phone_play *p, struct phone_store *s,
    struct codec_rx *codec, int64_t now_us)
{
	struct phone_slot *slot = phone_store_oldest(s);

	if (!slot) {
		miss(p, codec, now_us);
	} else if (slot->at + slot->samples <= p->at) {
		phone_store_drop(s, slot); /* it was concealed meanwhile */
	} else if (slot->at >= p->at + STEP) {
		bridge(p, s, codec, slot);
	} else {
		if (slot->at > p->at)
			p->at = slot->at; /* its sender skipped a little */
		decode(p, s, codec, slot);
	}
}

static bool is_quiet(const struct phone_play *p)
{
	for (size_t i = 0; i < CODEC_TICK_SAMPLES / p->times; i++) {
		if (p->pcm[i] > QUIET_PEAK || p->pcm[i] < -QUIET_PEAK)
			return false;
	}
	return true;
}

static void drop_tick(struct phone_play *p)
{
	p->count -= CODEC_TICK_SAMPLES;
	memmove(p->pcm, p->pcm + CODEC_TICK_SAMPLES / p->times,
	    bytes_of(p, p->count));
}

static void fill(struct phone_play *p, struct phone_store *s,
    struct codec_rx *codec, int64_t now_us)
{
	/* Packets that add nothing are bounded by the store's slots. */
	for (unsigned i = 0; p->count < CODEC_TICK_SAMPLES &&
	    i < 2 * STORE_SLOTS + CODEC_TICK_SAMPLES / STEP;
	    i++)
		more(p, s, codec, now_us);
}

/* Longer or shorter where it is quiet; what is far too late is made up for in
 * the middle of a word as well. */
static void adapt(struct phone_play *p, struct phone_store *s,
    struct codec_rx *codec, int64_t now_us)
{
	if (too_long(p, now_us) >
	    (p->was_quiet ? CODEC_TICK_SAMPLES : DELAY_MAX)) {
		drop_tick(p);
		fill(p, s, codec, now_us);
		p->was_quiet = p->count >= CODEC_TICK_SAMPLES && is_quiet(p);
	}
}

static bool is_to_wait(const struct phone_play *p, int64_t now_us)
{
	return p->was_quiet && too_long(p, now_us) < -CODEC_TICK_SAMPLES;
}

static void play(struct phone_play *p, struct phone_store *s,
    struct codec_rx *codec, int16_t *out, int64_t now_us)
{
	fill(p, s, codec, now_us);
	if (p->count >= CODEC_TICK_SAMPLES) {
		p->was_quiet = is_quiet(p);
		adapt(p, s, codec, now_us);
	}
	if (p->count >= CODEC_TICK_SAMPLES) {
		memcpy(out, p->pcm, bytes_of(p, CODEC_TICK_SAMPLES));
		drop_tick(p);
	}
	if (p->missing >= MISSING_MAX)
		phone_play_stop(p);
}

/* What the next tick says; only of one that is a packet, no more and no less.
 */
static enum codec_says says(const struct phone_play *p,
    const struct phone_store *s, const struct codec_rx *codec,
    const struct phone_slot *slot)
{
	if (p->count > 0 || !slot || slot->at != p->at ||
	    slot->samples != CODEC_TICK_SAMPLES)
		return CODEC_SAYS_NOTHING;
	return codec_rx_says(codec, phone_store_payload(s, slot));
}

static bool is_to_skip(const struct phone_play *p, enum phone_want want,
    enum codec_says what)
{
	if (what == CODEC_SAYS_NOTHING || want == PHONE_WANT_ALL)
		return false;
	if (what == CODEC_SAYS_NOISE)
		return p->skipped < PHONE_LOOK_TICKS - 1;
	return want == PHONE_WANT_LOOK &&
	    p->skipped < PHONE_LOOK_SPEECH_TICKS - 1;
}

/* Time goes on as if it had been decoded. */
static void skip(struct phone_play *p, struct phone_store *s,
    struct phone_slot *slot, enum codec_says what)
{
	const struct kk_view payload = phone_store_payload(s, slot);

	memcpy(p->kept, payload.data, payload.bytes);
	p->kept_bytes = (uint16_t)payload.bytes;
	p->skipped++;
	p->at += CODEC_TICK_SAMPLES;
	p->missing = 0;
	p->pauses = false;
	p->was_quiet = what == CODEC_SAYS_NOISE;
	phone_store_drop(s, slot);
}

/* Whether the next tick is silence, as nothing has come or is to come. */
static bool is_silent(const struct phone_play *p, const struct phone_store *s)
{
	return !p->is_playing ||
	    (p->pauses && p->count == 0 && s->used == 0 && p->kept_bytes == 0);
}

static void be_silent(struct phone_play *p, int64_t now_us)
{
	if (!p->is_playing)
		return;
	time_pass(p, now_us);
	p->was_quiet = true;
	if (p->missing >= MISSING_MAX)
		phone_play_stop(p);
}

enum phone_kind phone_play_tick(struct phone_play *p, struct phone_store *s,
    struct codec_rx *codec, enum phone_want want, int16_t *out, int64_t now_us)
{
	struct phone_slot *slot = NULL;
	enum codec_says what;

	if (!p->is_playing)
		begin(p, s, now_us);
	if (want != PHONE_WANT_ALL && is_silent(p, s)) {
		be_silent(p, now_us);
		return PHONE_NOISE;
	}
	if (want != PHONE_WANT_ALL)
		slot = phone_store_oldest(s);
	what = says(p, s, codec, slot);
	/* Whoever is to wait, or to catch up, is played. */
	if (slot && is_to_skip(p, want, what) && !is_to_wait(p, now_us) &&
	    too_long(p, now_us) <= CODEC_TICK_SAMPLES) {
		skip(p, s, slot, what);
		return what == CODEC_SAYS_NOISE ? PHONE_NOISE : PHONE_SPEECH;
	}
	memset(out, 0, bytes_of(p, CODEC_TICK_SAMPLES));
	if (p->is_playing && !is_to_wait(p, now_us))
		play(p, s, codec, out, now_us);
	return PHONE_SOUND;
}
