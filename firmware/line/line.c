/* line.c - a call: the menu's actions, what is said and what is heard. */
#include <string.h>

#include "line/line_private.h"

enum {
	EVENTS_MAX = 16, /* as many as the menu makes actions at once */
	PROMPTS_MAX = 16,
	OWN = -1, /* source: this line's own coder */
	TICK = CODEC_TICK_SAMPLES
};

struct line {
	struct line_config config;
	struct phone_rx *rx;
	struct phone_tx *tx;
	struct ivr *ivr;
	struct codec_tx *own;
	int source; /* enum line_source, or OWN: of the last packet */
	bool source_retells;
	uint32_t source_tick;
	unsigned hang; /* ticks until the line may change over */
	int16_t last[TICK]; /* what was heard in the last tick */
	bool is_talking, has_music, is_held, is_early;
	bool is_muted, is_muted_by_host, has_hand_up;
	bool retells; /* what it hears, where the codec can */
	enum ivr_prompt prompt[PROMPTS_MAX];
	size_t prompt_count, prompt_at; /* samples of the first one */
	struct line_event event[EVENTS_MAX];
	size_t event_first, event_count;
};

void line_free(struct line *l)
{
	if (!l)
		return;
	phone_rx_free(l->rx);
	phone_tx_free(l->tx);
	ivr_free(l->ivr);
	codec_tx_free(l->own);
	kk_free_wiped(l, sizeof(*l));
}

/*
 * What the menu wants.
 */
static struct line_event *event_add(struct line *l, enum line_event_type type)
{
	struct line_event *e;

	if (l->event_count == EVENTS_MAX) /* nobody takes them: old ones go */
		(void)line_event_take(l, &(struct line_event){ 0 });
	e = &l->event[(l->event_first + l->event_count++) % EVENTS_MAX];
	*e = (struct line_event){ .type = type };
	return e;
}

static void tell(struct line *l)
{
	struct line_event *e = event_add(l, LINE_TELL);

	e->is_muted = l->is_muted;
	e->has_hand_up = l->has_hand_up;
}

static void ask(struct line *l, const struct ivr_action *a)
{
	struct line_event *e = event_add(l, LINE_ASK);

	memcpy(e->number, a->number, sizeof(e->number));
	memcpy(e->pin, a->pin, sizeof(e->pin));
}

static void action_do(struct line *l, const struct ivr_action *a, bool is_host)
{
	switch (a->type) {
	case IVR_PLAY:
		if (l->prompt_count < PROMPTS_MAX)
			l->prompt[l->prompt_count++] = a->prompt;
		break;
	case IVR_STOP:
		l->prompt_count = l->prompt_at = 0;
		break;
	case IVR_MUSIC:
		l->has_music = a->is_on;
		break;
	case IVR_ASK:
		ask(l, a);
		break;
	case IVR_TALK:
		l->is_talking = a->is_on;
		event_add(l, LINE_TALK)->is_on = a->is_on;
		break;
	case IVR_MUTE:
		if (is_host)
			break;
		l->is_muted = a->is_on;
		tell(l);
		break;
	case IVR_HAND:
		l->has_hand_up = a->is_on;
		tell(l);
		break;
	case IVR_HANG_UP:
		(void)event_add(l, LINE_HANG_UP);
		break;
	}
}

static void actions_do(struct line *l, bool is_host)
{
	struct ivr_action a;

	while (ivr_action_take(l->ivr, &a)) {
		action_do(l, &a, is_host);
		kk_wipe(&a, sizeof(a));
	}
}

bool line_event_take(struct line *l, struct line_event *event)
{
	struct line_event *first = &l->event[l->event_first];

	if (l->event_count == 0)
		return false;
	*event = *first;
	kk_wipe(first, sizeof(*first));
	l->event_first = (l->event_first + 1) % EVENTS_MAX;
	l->event_count--;
	return true;
}

static enum kk_err parts_make(struct line *l, uint64_t now_ms)
{
	const struct line_config *c = &l->config;
	enum kk_err err = phone_rx_new(&l->rx, &c->phone);

	if (!err)
		err = phone_tx_new(&l->tx, &c->phone, c->ssrc, c->seq,
		    c->timestamp);
	if (!err)
		err = codec_tx_new(&l->own, c->phone.codec);
	if (!err)
		err = c->is_placed ? ivr_new_placed(&l->ivr, now_ms) :
				     ivr_new(&l->ivr, now_ms);
	return err;
}

enum kk_err line_new(struct line **lp, const struct line_config *config,
    uint64_t now_ms)
{
	struct line *l = kk_calloc(1, sizeof(*l));
	enum kk_err err;

	if (!l)
		return KK_ENOMEM;
	l->config = *config;
	l->source = OWN;
	l->retells = true;
	err = parts_make(l, now_ms);
	if (err) {
		line_free(l);
		return err;
	}
	actions_do(l, false);
	*lp = l;
	return KK_OK;
}

/* Numbers of packets go on, and so does their source. */
enum kk_err line_change(struct line *l, const struct phone_config *phone)
{
	const bool is_same = phone->codec == l->config.phone.codec;
	struct phone_rx *rx = NULL;
	struct codec_tx *own = NULL;
	enum kk_err err = phone_rx_new(&rx, phone);

	if (!err && !is_same)
		err = codec_tx_new(&own, phone->codec);
	if (!err)
		err = phone_tx_change(l->tx, phone);
	if (err) {
		phone_rx_free(rx);
		codec_tx_free(own);
		return err;
	}
	phone_rx_free(l->rx);
	l->rx = rx;
	l->config.phone = *phone;
	if (!is_same) {
		codec_tx_free(l->own);
		l->own = own;
		l->source = OWN;
	}
	return KK_OK;
}

void line_hold(struct line *l, bool is_held)
{
	l->is_held = is_held;
}

void line_early(struct line *l, bool is_early)
{
	l->is_early = is_early;
}

void line_retell(struct line *l, bool is_on)
{
	l->retells = is_on;
}

enum kk_err line_press(struct line *l, const char *digits)
{
	return phone_tx_digits(l->tx, digits);
}

/*
 * What is said.
 */
enum kk_err line_put(struct line *l, struct kk_view packet, uint64_t now_us)
{
	return phone_rx_put(l->rx, packet, now_us);
}

bool line_say(struct line *l, enum phone_want want, struct phone_sound *said,
    uint64_t now_us)
{
	char digit;

	phone_rx_take(l->rx, want, said, now_us);
	while (phone_rx_digit(l->rx, &digit)) {
		if (l->is_early)
			continue;
		ivr_key(l->ivr, digit, now_us / 1000);
		actions_do(l, false);
	}
	kk_wipe(&digit, sizeof(digit));
	return l->is_talking && !l->is_muted && !l->is_muted_by_host &&
	    !l->is_held;
}

/*
 * What is heard.
 */
struct heard {
	const int16_t *pcm; /* the conference's, or own */
	int source;
	uint32_t tick;
	int16_t own[TICK];
};

/* What is heard can be changed from here on. */
static int16_t *own_get(struct heard *h)
{
	if (h->pcm != h->own)
		memcpy(h->own, h->pcm, sizeof(h->own));
	h->pcm = h->own;
	return h->own;
}

static void heard_wipe(struct heard *h)
{
	if (h->pcm == h->own)
		kk_wipe(h->own, sizeof(h->own));
}

static void music_get(const struct line *l, uint32_t tick, int16_t *pcm)
{
	const struct line_sound *m = &l->config.sounds->music;
	size_t at = m->samples ? (uint64_t)tick * TICK % m->samples : 0;

	for (size_t i = 0; i < TICK && m->samples; i++) {
		pcm[i] = m->pcm[at];
		at = at + 1 == m->samples ? 0 : at + 1;
	}
}

static void ground_get(const struct line *l, const struct line_frame *frame,
    uint32_t tick, struct heard *h)
{
	static const int16_t silence[TICK];

	h->pcm = silence;
	h->source = LINE_SILENCE;
	h->tick = tick;
	if (l->is_early)
		return;
	if (l->is_talking && frame) {
		h->pcm = frame->pcm;
		h->source = frame->is_common ? LINE_CONFERENCE : OWN;
		h->tick = frame->tick;
	} else if (l->has_music && l->config.sounds->music.samples) {
		music_get(l, tick, own_get(h));
		h->source = LINE_MUSIC;
	}
}

static int16_t clipped(int n)
{
	return (int16_t)(n > INT16_MAX ? INT16_MAX :
		n < INT16_MIN          ? INT16_MIN :
					 n);
}

/* Adds prompts from at on; false: none is left. */
static bool prompts_add(struct line *l, int16_t *pcm)
{
	for (size_t i = 0; i < TICK;) {
		const struct line_sound *s;

		if (l->prompt_count == 0)
			return false;
		s = &l->config.sounds->prompt[l->prompt[0]];
		for (; i < TICK && l->prompt_at < s->samples; i++)
			pcm[i] = clipped(pcm[i] / LINE_DUCK +
			    s->pcm[l->prompt_at++]);
		if (l->prompt_at < s->samples)
			continue;
		l->prompt_at = 0;
		l->prompt_count--;
		memmove(l->prompt, l->prompt + 1,
		    l->prompt_count * sizeof(l->prompt[0]));
	}
	return l->prompt_count > 0;
}

static void prompts_play(struct line *l, struct heard *h, uint64_t now_ms)
{
	if (l->prompt_count == 0 || l->is_early)
		return;
	h->source = OWN;
	if (prompts_add(l, own_get(h)))
		return;
	ivr_played(l->ivr, now_ms);
	actions_do(l, false);
}

/* Where a coder has no state, every payload fits behind every other one. */
static bool is_free(const struct line *l)
{
	return codec_format(l->config.phone.codec)->is_stateless;
}

static bool retells(const struct line *l)
{
	return l->retells && codec_format(l->config.phone.codec)->can_retell;
}

/* The coder of all lines, when its telephone is ready for it. */
static bool shared_take(struct line *l, const struct heard *h,
    struct line_payload *payload)
{
	const struct line_shared of = { (enum line_source)h->source,
		l->config.phone.codec, retells(l) };
	const bool is_other = l->source != h->source ||
	    l->source_retells != of.retells;

	if (h->source == OWN || (is_other && l->hang > 0 && !is_free(l)))
		return false;
	if (line_voice_take(l->config.voice, &of, h->tick, h->pcm, l->last,
		payload))
		return false;
	if (is_other && !payload->is_start && !is_free(l)) {
		line_voice_join(l->config.voice, &of);
		return false;
	}
	l->source = h->source;
	l->source_retells = of.retells;
	l->source_tick = h->tick;
	return true;
}

/* The own coder goes on where the shared one stood. */
static void shared_leave(struct line *l)
{
	const struct line_shared of = { (enum line_source)l->source,
		l->config.phone.codec, l->source_retells };

	if (!line_voice_leave(l->config.voice, &of, l->source_tick, l->own,
		l->last))
		codec_tx_restart(l->own, l->last);
}

static enum kk_err own_encode(struct line *l, const struct heard *h,
    uint8_t *out, struct line_payload *payload)
{
	size_t bytes = CODEC_PAYLOAD_BYTES;
	enum kk_err err;

	if (l->source != OWN)
		shared_leave(l);
	codec_tx_retell(l->own, retells(l));
	if (h->source == OWN || l->source != OWN)
		l->hang = LINE_HANG_TICKS;
	else if (l->hang > 0)
		l->hang--;
	l->source = OWN;
	err = codec_tx_encode(l->own, h->pcm, out, &bytes);
	payload->bytes = kk_view_of(out, bytes);
	line_voice_count_own(l->config.voice);
	return err;
}

static enum kk_err send(struct line *l, const struct heard *h, uint8_t *out,
    size_t *out_bytes)
{
	uint8_t own[CODEC_PAYLOAD_BYTES];
	struct line_payload payload = { .is_start = false };
	enum kk_err err = KK_OK;

	if (l->is_held)
		return phone_tx_packet(l->tx, NULL, out, out_bytes);
	if (!shared_take(l, h, &payload))
		err = own_encode(l, h, own, &payload);
	if (err)
		*out_bytes = 0;
	else
		err = phone_tx_packet(l->tx, &payload.bytes, out, out_bytes);
	kk_wipe(own, sizeof(own));
	return err;
}

enum kk_err line_hear(struct line *l, const struct line_frame *frame,
    uint32_t tick, uint64_t now_ms, uint8_t *out, size_t *out_bytes)
{
	struct heard h;
	enum kk_err err;

	ivr_tick(l->ivr, now_ms);
	actions_do(l, false);
	ground_get(l, frame, tick, &h);
	prompts_play(l, &h, now_ms);
	err = send(l, &h, out, out_bytes);
	memcpy(l->last, h.pcm, sizeof(l->last));
	heard_wipe(&h);
	return err;
}

void line_skip(struct line *l, uint32_t ticks)
{
	phone_tx_skip(l->tx, ticks);
}

void line_stats(const struct line *l, struct phone_stats *stats)
{
	phone_rx_stats(l->rx, stats);
}

/*
 * What the box says.
 */
bool line_answer(struct line *l, enum ivr_answer answer, uint64_t now_ms)
{
	const bool is_taken = ivr_answer(l->ivr, answer, now_ms);

	actions_do(l, false);
	return is_taken;
}

void line_mute(struct line *l, bool is_muted, uint64_t now_ms)
{
	l->is_muted_by_host = is_muted;
	ivr_mute(l->ivr, is_muted, now_ms);
	actions_do(l, true);
}

void line_others(struct line *l)
{
	ivr_joined(l->ivr);
	actions_do(l, false);
}

void line_ending(struct line *l)
{
	ivr_ending(l->ivr);
	actions_do(l, false);
}

bool line_is_talking(const struct line *l)
{
	return l->is_talking;
}
