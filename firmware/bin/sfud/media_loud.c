/*
 * media_loud.c - slots that receivers leave to us: the loudest come into them,
 * and the receivers are told.
 *
 * A meeting stands in a list while anybody has such slots; others cost nothing.
 */
#include "media_internal.h"

/* Its microphone, or NULL. */
static struct sfu_source *microphone_of(const struct media_peer *peer)
{
	return peer->sources[MEDIA_MICROPHONE].sfu;
}

static struct sfu_voice voice_of(const struct media_peer *peer, uint64_t now_us)
{
	struct sfu_source *source = peer ? microphone_of(peer) : NULL;
	const struct sfu_level *level;

	if (!source)
		return (struct sfu_voice){ .of = NULL };
	level = sfu_source_level(source);
	return (struct sfu_voice){ .of = peer,
		.number = peer->number,
		.now = sfu_level_now(level, now_us),
		.held = sfu_level_held(level, now_us) };
}

/* Not oneself, nor whom one has asked for by name. */
static bool may_hear(const void *arg, const void *of)
{
	const struct media_peer *peer = arg;

	if (peer == of)
		return false;
	for (size_t i = 0; i < peer->slot_count; i++) {
		const struct media_slot_state *s = &peer->slots[i];

		if (!s->is_loudest && s->of == of &&
		    s->source == MEDIA_MICROPHONE)
			return false;
	}
	return true;
}

struct hearing { /* a receiver's slots, as they are looked at */
	struct media_slot_state *states[SFU_LOUD_SLOTS_MAX];
	struct sfu_loud_slot slots[SFU_LOUD_SLOTS_MAX];
	size_t count;
};

static void hearing_begin(struct hearing *h, struct media_peer *peer,
    uint64_t now_us)
{
	h->count = 0;
	for (size_t i = 0; i < peer->slot_count; i++) {
		struct media_slot_state *s = &peer->slots[i];
		struct sfu_loud_slot *slot = &h->slots[h->count];

		if (!s->is_loudest || h->count == SFU_LOUD_SLOTS_MAX)
			continue;
		*slot = (struct sfu_loud_slot){ .voice = voice_of(s->of,
						    now_us),
			.since_us = s->since_us };
		slot->is_changed = s->of && !slot->voice.of;
		h->states[h->count++] = s;
	}
}

/* What cannot be shown, for want of memory, is tried again with the next
 * choice. */
static void slot_fill(struct media_slot_state *s,
    const struct sfu_loud_slot *slot, uint64_t now_us)
{
	s->of = (struct media_peer *)slot->voice.of;
	s->since_us = slot->since_us;
	if (media_slot_show(s, now_us))
		s->of = NULL;
}

static void hearing_end(const struct hearing *h, struct media_peer *peer,
    uint64_t now_us)
{
	const struct media_config *config = &peer->meeting->media->config;
	struct media_heard heard[SFU_LOUD_SLOTS_MAX];
	size_t count = 0;

	for (size_t i = 0; i < h->count; i++) {
		if (!h->slots[i].is_changed)
			continue;
		slot_fill(h->states[i], &h->slots[i], now_us);
		heard[count++] = (struct media_heard){ h->states[i]->number,
			h->states[i]->of };
	}
	if (count > 0 && config->loudest_changed)
		config->loudest_changed(config->arg, peer, heard, count);
}

static void meeting_choose(struct media_meeting *meeting, uint64_t now_us)
{
	struct sfu_voices voices = { .count = 0 };
	bool is_used = false;

	for (struct media_peer *p = meeting->peers; p; p = p->next) {
		const struct sfu_voice voice = voice_of(p, now_us);

		if (voice.of)
			sfu_voices_add(&voices, &voice);
	}
	for (struct media_peer *p = meeting->peers; p; p = p->next) {
		struct hearing h;

		hearing_begin(&h, p, now_us);
		if (h.count == 0)
			continue;
		is_used = true;
		sfu_loud_choose(h.slots, h.count, &voices, may_hear, p, now_us);
		hearing_end(&h, p, now_us);
	}
	if (!is_used)
		media_loud_forget(meeting);
}

void media_loud_tick(struct media *media, uint64_t now_us)
{
	struct media_meeting *m, *next;

	for (m = media->loud; m; m = next) {
		next = m->loud_next;
		if (now_us - m->loud_us < SFU_LOUD_EVERY_US)
			continue;
		m->loud_us = now_us;
		meeting_choose(m, now_us);
	}
}

void media_loud_forget(struct media_meeting *meeting)
{
	struct media_meeting **at = &meeting->media->loud;

	while (*at && *at != meeting)
		at = &(*at)->loud_next;
	if (*at)
		*at = meeting->loud_next;
	meeting->is_loud = false;
}

static void meeting_enlist(struct media_meeting *meeting)
{
	if (meeting->is_loud)
		return;
	meeting->is_loud = true;
	meeting->loud_next = meeting->media->loud;
	meeting->media->loud = meeting;
}

enum kk_err media_watch_loudest(struct media_peer *peer, uint32_t slot)
{
	struct media_slot_state *s = media_slot_get(peer, slot);
	size_t count = 0;

	if (!s)
		return KK_ENOENT;
	if (s->kind != MEDIA_AUDIO)
		return KK_EINVAL;
	for (size_t i = 0; i < peer->slot_count; i++)
		count += peer->slots[i].is_loudest;
	if (!s->is_loudest && count == SFU_LOUD_SLOTS_MAX)
		return KK_ELIMIT;
	if (s->is_loudest)
		return KK_OK;
	/* Who is in it stays, until another one is louder. */
	s->is_loudest = true;
	s->source = MEDIA_MICROPHONE;
	s->since_us = media_now_us();
	meeting_enlist(peer->meeting);
	return KK_OK;
}
