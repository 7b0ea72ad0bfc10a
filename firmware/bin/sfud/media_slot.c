/* media_slot.c - slots, and who is shown in them. */
#include <stdio.h>

#include "media_internal.h"

static bool ssrc_is_used(uint32_t first, const struct media_slot *list,
    size_t count, uint32_t ssrc)
{
	if (ssrc == 0 || ssrc == first)
		return true;
	for (size_t i = 0; i < count; i++) {
		if (list[i].ssrc == ssrc || list[i].rtx_ssrc == ssrc)
			return true;
	}
	return false;
}

static enum kk_err ssrc_make(uint32_t first, const struct media_slot *list,
    size_t count, uint32_t *ssrc)
{
	enum kk_err err;

	do {
		err = media_random(ssrc, sizeof(*ssrc));
	} while (!err && ssrc_is_used(first, list, count, *ssrc));
	return err;
}

struct wish { /* for one slot */
	enum media_kind kind;
	bool has_vp9;
};

static enum kk_err slot_describe(struct media_peer *peer, struct wish wish,
    struct media_slot *list, size_t at)
{
	const enum media_kind kind = wish.kind;
	struct media_slot *slot = &list[at];
	enum kk_err err;

	*slot = (struct media_slot){ .slot = peer->last_slot + 1 + (uint32_t)at,
		.kind = kind,
		.payload_type = kind == MEDIA_AUDIO ? MEDIA_OPUS_TYPE :
						      MEDIA_VP8_TYPE };
	(void)snprintf(slot->mid, sizeof(slot->mid), "%u", slot->slot);
	err = ssrc_make(0, list, at, &slot->ssrc);
	if (err || kind == MEDIA_AUDIO)
		return err;
	slot->rtx_payload_type = MEDIA_RTX_TYPE;
	if (wish.has_vp9) {
		slot->vp9_payload_type = MEDIA_VP9_TYPE;
		slot->vp9_rtx_payload_type = MEDIA_VP9_RTX_TYPE;
	}
	return ssrc_make(slot->ssrc, list, at, &slot->rtx_ssrc);
}

static enum kk_err slot_make(struct media_transport_state *t,
    const struct media_slot *as)
{
	struct media_peer *peer = t->peer;
	struct media_slot_state *state = &peer->slots[peer->slot_count];
	struct sfu_slot_config config = { 0 };
	uint8_t random[10];
	enum kk_err err = media_random(random, sizeof(random));

	if (err)
		return err;
	config = (struct sfu_slot_config){ .kind = media_sfu_kind(as->kind),
		.ssrc = as->ssrc,
		.payload_type = as->payload_type,
		.rtx_ssrc = as->rtx_ssrc,
		.rtx_payload_type = as->rtx_payload_type,
		.vp9_type = as->vp9_payload_type,
		.vp9_rtx_type = as->vp9_rtx_payload_type,
		.seq = wire_get_u16(random),
		.rtx_seq = wire_get_u16(random + 2),
		.picture_id = wire_get_u16(random + 4) & 0x7fff,
		.timestamp = wire_get_u32(random + 6) };
	*state = (struct media_slot_state){ .number = as->slot,
		.kind = as->kind,
		.transport = t };
	err = sfu_slot_new(&state->slot, t->link, &config);
	if (!err)
		peer->slot_count++;
	return err;
}

static void slots_drop(struct media_peer *peer, size_t count)
{
	while (count-- > 0)
		sfu_slot_free(peer->slots[--peer->slot_count].slot);
}

static enum kk_err slots_check(const struct media_transport_state *t,
    const struct media_slots *what)
{
	if (!t)
		return KK_ENOENT;
	if (t->direction == MEDIA_SEND)
		return KK_EINVAL;
	if (what->audio > MEDIA_SLOTS_MAX || what->video > MEDIA_SLOTS_MAX)
		return KK_ELIMIT;
	return t->has_slots ? KK_ESTATE : KK_OK;
}

static enum kk_err room_make(struct media_peer *peer, size_t count)
{
	const size_t room = peer->slot_count + count;
	struct media_slot_state *slots;

	if (room <= peer->slot_room)
		return KK_OK;
	slots = kk_regrow(peer->slots, peer->slot_count, room,
	    sizeof(slots[0]));
	if (!slots)
		return KK_ENOMEM;
	peer->slots = slots;
	peer->slot_room = room;
	return KK_OK;
}

enum kk_err media_slots_make(struct media_peer *peer, uint32_t transport,
    const struct media_slots *what, struct media_slot *out)
{
	struct media_transport_state *t = media_transport_get(peer, transport);
	enum kk_err err = slots_check(t, what);
	size_t count = what->audio + what->video, made = 0;
	struct wish wish = { .has_vp9 = what->has_vp9 };

	if (!err)
		err = room_make(peer, count);
	for (size_t i = 0; !err && i < count; i++) {
		wish.kind = i < what->audio ? MEDIA_AUDIO : MEDIA_VIDEO;
		err = slot_describe(peer, wish, out, i);
	}
	for (; !err && made < count; made += !err)
		err = slot_make(t, &out[made]);
	if (err) {
		slots_drop(peer, made);
		return err;
	}
	peer->last_slot += (uint32_t)made;
	t->has_slots = true;
	return KK_OK;
}

struct media_slot_state *media_slot_get(struct media_peer *peer,
    uint32_t number)
{
	for (size_t i = 0; i < peer->slot_count; i++) {
		if (peer->slots[i].number == number)
			return &peer->slots[i];
	}
	return NULL;
}

enum kk_err media_slot_show(struct media_slot_state *s, uint64_t now_us)
{
	struct sfu_source *sfu = s->of ? s->of->sources[s->source].sfu : NULL;
	enum kk_err err = sfu_slot_watch(s->slot, sfu, now_us);

	return err == KK_EUNSUP ? sfu_slot_watch(s->slot, NULL, now_us) : err;
}

enum kk_err media_watch(struct media_peer *peer, const struct media_watch *what)
{
	struct media_slot_state *s = media_slot_get(peer, what->slot);
	struct media_peer *of = what->of;
	uint64_t now_us = media_now_us();
	enum kk_err err = KK_OK;

	if (!s)
		return KK_ENOENT;
	if (of &&
	    (of == peer || of->meeting != peer->meeting ||
		what->source >= MEDIA_SOURCE_COUNT ||
		media_kind_of(what->source) != s->kind))
		return KK_EINVAL;
	/* The size is about what comes: nothing is asked of who was there. */
	if (s->of != of || s->source != what->source)
		err = sfu_slot_watch(s->slot, NULL, now_us);
	s->is_loudest = false;
	s->of = of;
	s->source = what->source;
	sfu_slot_priority(s->slot, what->priority);
	sfu_slot_tile(s->slot, what->width, what->height, now_us);
	if (!err)
		err = media_slot_show(s, now_us);
	peer->meeting->media->has_watched = true;
	media_out_flush(peer->meeting->media);
	return err;
}

bool media_slot_is_there(const struct media_peer *peer, uint32_t slot)
{
	for (size_t i = 0; i < peer->slot_count; i++) {
		if (peer->slots[i].number == slot)
			return true;
	}
	return false;
}
