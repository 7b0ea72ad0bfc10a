/*
 * slot.c - what a receiver sees: one stream that goes on, whoever is in it.
 *
 * Sequence numbers keep their gaps, so that what is missing is asked for here
 * and found in the source's store, or comes late and takes its place.
 */
#include "sfu/sfu_internal.h"

enum {
	TYPE_MAX = 0x7f,
	SEQ_RANGE = 1 << 16,
	PICTURE_MASK = WIRE_VP8_PICTURE_ID_LONG_MAX,
	SHORT_RANGE = WIRE_VP8_PICTURE_ID_SHORT_MAX + 1,
	SWITCH_MIN_US = 20000 /* a decoder's time goes on */
};

static enum kk_err config_check(struct sfu_link *link,
    const struct sfu_slot_config *c)
{
	if (c->ssrc == 0 || c->ssrc == c->rtx_ssrc ||
	    c->payload_type > TYPE_MAX || c->rtx_payload_type > TYPE_MAX)
		return KK_EINVAL;
	if (sfu_link_slot(link, c->ssrc) ||
	    (c->rtx_ssrc && sfu_link_slot(link, c->rtx_ssrc)))
		return KK_EEXIST;
	return link->slot_count < SFU_LINK_SLOTS_MAX ? KK_OK : KK_ELIMIT;
}

enum kk_err sfu_slot_new(struct sfu_slot **slotp, struct sfu_link *link,
    const struct sfu_slot_config *config)
{
	enum kk_err err = config_check(link, config);
	struct sfu_slot *slot;

	if (err)
		return err;
	slot = kk_calloc(1, sizeof(*slot));
	if (!slot)
		return KK_ENOMEM;
	slot->link = link;
	slot->config = *config;
	/* As if a packet with the number before the first had gone out. */
	slot->top_seq = SEQ_RANGE + (uint64_t)config->seq - 1;
	slot->rtx_seq = config->rtx_seq;
	slot->picture_id = config->picture_id & PICTURE_MASK;
	slot->timestamp = config->timestamp;
	link->slots[link->slot_count++] = slot;
	*slotp = slot;
	return KK_OK;
}

void sfu_slot_leave(struct sfu_slot *slot)
{
	if (!slot->source)
		return;
	if (slot->prev)
		slot->prev->next = slot->next;
	else
		slot->source->watchers = slot->next;
	if (slot->next)
		slot->next->prev = slot->prev;
	slot->next = slot->prev = NULL;
	slot->source = NULL;
}

void sfu_slot_free(struct sfu_slot *slot)
{
	struct sfu_link *link;
	size_t kept = 0;

	if (!slot)
		return;
	sfu_slot_leave(slot);
	link = slot->link;
	for (size_t i = 0; i < link->slot_count; i++) {
		if (link->slots[i] != slot)
			link->slots[kept++] = link->slots[i];
	}
	link->slot_count = kept;
	kk_free(slot);
}

struct sfu_source *sfu_slot_source(const struct sfu_slot *slot)
{
	return slot->source;
}

enum kk_err sfu_slot_watch(struct sfu_slot *slot, struct sfu_source *source,
    uint64_t now_us)
{
	if (source && source->config.kind != slot->config.kind)
		return KK_EINVAL;
	if (source == slot->source)
		return KK_OK;
	sfu_slot_leave(slot);
	if (!source)
		return KK_OK;
	slot->source = source;
	slot->next = source->watchers;
	if (slot->next)
		slot->next->prev = slot;
	source->watchers = slot;
	sfu_slot_begin(slot, now_us);
	return KK_OK;
}

void sfu_slot_begin(struct sfu_slot *slot, uint64_t now_us)
{
	struct sfu_source *source = slot->source;

	slot->is_waiting = true;
	if (!source || source->config.kind != SFU_VIDEO || !slot->link->is_open)
		return;
	hop_keyframe_want(&source->keyframe);
	sfu_source_keyframe(source, now_us);
}

/* --- the numbers --------------------------------------------------------- */

/* An id of 7 bits as one of 15, the nearest to the last. */
static uint16_t picture_widen(const struct sfu_slot *slot,
    const struct wire_vp8 *vp8)
{
	unsigned ahead;

	if (vp8->is_picture_id_long)
		return vp8->picture_id;
	ahead = (vp8->picture_id - (unsigned)slot->picture_in) % SHORT_RANGE;
	if (ahead >= SHORT_RANGE / 2)
		ahead -= SHORT_RANGE;
	return (slot->picture_in + ahead) & PICTURE_MASK;
}

static void picture_begin(struct sfu_slot *slot, const struct wire_vp8 *vp8)
{
	slot->has_picture_id = vp8->has_picture_id;
	slot->picture_in = vp8->picture_id;
	if (vp8->has_picture_id) {
		slot->picture_id = (slot->picture_id + 1) & PICTURE_MASK;
		slot->picture_offset = (slot->picture_id - vp8->picture_id) &
		    PICTURE_MASK;
	}
	slot->has_tl0 = vp8->has_tl0_index;
	if (vp8->has_tl0_index) {
		slot->tl0_index++;
		slot->tl0_offset = (uint8_t)(slot->tl0_index - vp8->tl0_index);
	}
}

/* The packet goes out as the next one, however long it was quiet. */
static void begin(struct sfu_slot *slot, const struct sfu_packet *p,
    uint64_t now_us)
{
	uint64_t since_us = slot->has_sent ? now_us - slot->sent_us : 0;
	uint32_t hz = sfu_kind_hz(slot->config.kind);

	if (since_us < SWITCH_MIN_US)
		since_us = SWITCH_MIN_US;
	slot->timestamp_offset = hop_timestamp_move(slot->timestamp,
				     (int64_t)since_us, hz) -
	    p->rtp.timestamp;
	slot->base_seq = p->seq;
	slot->seq_offset = slot->top_seq + 1 - p->seq;
	if (p->has_vp8)
		picture_begin(slot, &p->vp8);
	slot->is_waiting = false;
}

/* True when the slot shows this packet. */
static bool takes(struct sfu_slot *slot, const struct sfu_packet *p,
    uint64_t now_us)
{
	if (!slot->link->is_open)
		return false;
	if (!slot->is_waiting)
		return p->seq >= slot->base_seq;
	if (slot->config.kind == SFU_VIDEO && !p->is_key) {
		/* The request may have been lost, or given up. */
		hop_keyframe_want(&slot->source->keyframe);
		return false;
	}
	if (p->rtp.payload.bytes == 0)
		return false;
	begin(slot, p, now_us);
	return true;
}

/* --- the packet ---------------------------------------------------------- */

static struct wire_vp8 descriptor_of(const struct sfu_slot *slot,
    const struct wire_vp8 *vp8)
{
	struct wire_vp8 to = *vp8;

	/* All ids have 15 bits, so that they go on from source to source. */
	if (vp8->has_picture_id && slot->has_picture_id) {
		to.is_picture_id_long = true;
		to.picture_id = (picture_widen(slot, vp8) +
				    slot->picture_offset) &
		    PICTURE_MASK;
	}
	if (vp8->has_tl0_index && slot->has_tl0)
		to.tl0_index = (uint8_t)(vp8->tl0_index + slot->tl0_offset);
	return to;
}

/* Header extensions and CSRCs are not handed on: the receiver has agreed on
 * none, and they tell of the sender. */
void sfu_slot_write(const struct sfu_slot *slot, struct wire_out *w,
    const struct sfu_packet *p)
{
	const struct kk_view payload = p->rtp.payload;
	const bool is_start = p->seq == slot->base_seq;
	struct wire_rtp rtp = { .payload_type = slot->config.payload_type,
		.has_marker = p->rtp.has_marker ||
		    (is_start && slot->config.kind == SFU_AUDIO),
		.seq = (uint16_t)(p->seq + slot->seq_offset),
		.timestamp = p->rtp.timestamp + slot->timestamp_offset,
		.ssrc = slot->config.ssrc };
	struct wire_vp8 vp8;

	sfu_bandwidth_header(slot->link, &rtp);
	wire_rtp_header_write(w, &rtp);
	if (!p->has_vp8) {
		wire_out_raw(w, payload);
		return;
	}
	vp8 = descriptor_of(slot, &p->vp8);
	wire_vp8_write(w, &vp8);
	wire_out_raw(w,
	    kk_view_of(payload.data + p->vp8.bytes,
		payload.bytes - p->vp8.bytes));
}

/* Where the slot stands, for the one that comes into it next. */
static void note_newest(struct sfu_slot *slot, const struct sfu_packet *p,
    uint64_t now_us)
{
	struct wire_vp8 vp8;

	slot->top_seq = p->seq + slot->seq_offset;
	slot->timestamp = p->rtp.timestamp + slot->timestamp_offset;
	slot->sent_us = now_us;
	slot->has_sent = true;
	if (!p->has_vp8)
		return;
	vp8 = descriptor_of(slot, &p->vp8);
	if (vp8.has_picture_id) {
		slot->picture_in = picture_widen(slot, &p->vp8);
		slot->picture_id = vp8.picture_id;
	}
	if (vp8.has_tl0_index)
		slot->tl0_index = vp8.tl0_index;
}

void sfu_slot_packet(struct sfu_slot *slot, const struct sfu_packet *p,
    uint64_t now_us)
{
	uint8_t out[SFU_OUT_BYTES];
	struct wire_out w;

	if (!takes(slot, p, now_us))
		return;
	wire_out_init(&w, out, sizeof(out));
	sfu_slot_write(slot, &w, p);
	if (p->seq + slot->seq_offset > slot->top_seq)
		note_newest(slot, p, now_us);
	hop_tx_packet(&slot->tx, slot->timestamp, p->rtp.payload.bytes, now_us);
	sfu_bandwidth_sent(slot->link, &w, now_us);
	sfu_link_send(slot->link, &w, false);
}
