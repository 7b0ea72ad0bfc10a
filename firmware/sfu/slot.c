/* slot.c - what a receiver sees: one stream that goes on, whoever is in it. */
#include "sfu/sfu_internal.h"

enum { TYPE_MAX = 0x7f, SEQ_RANGE = 1 << 16 };

static enum kk_err config_check(struct sfu_link *link,
    const struct sfu_slot_config *c)
{
	if (c->ssrc == 0 || c->ssrc == c->rtx_ssrc ||
	    c->payload_type > TYPE_MAX || c->rtx_payload_type > TYPE_MAX ||
	    c->vp9_type > TYPE_MAX || c->vp9_rtx_type > TYPE_MAX)
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
	slot->spatial = slot->temporal = SFU_LAYERS_ALL;
	/* As if a packet with the number before the first had gone out. */
	slot->top_seq = SEQ_RANGE + (uint64_t)config->seq - 1;
	slot->rtx_seq = config->rtx_seq;
	slot->picture_id = config->picture_id & SFU_PICTURE_MASK;
	slot->timestamp = config->timestamp;
	link->slots[link->slot_count++] = slot;
	sfu_link_wake(link);
	*slotp = slot;
	return KK_OK;
}

static void leave(struct sfu_slot *slot)
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
	slot->run_count = 0;
}

void sfu_slot_leave(struct sfu_slot *slot)
{
	leave(slot);
	kk_free(slot->video);
	slot->video = NULL;
}

/* What went out as what, of its present source; few slots have one. */
static enum kk_err video_make(struct sfu_slot *slot)
{
	if (slot->config.kind != SFU_VIDEO || slot->video)
		return KK_OK;
	slot->video = kk_calloc(1, sizeof(*slot->video));
	return slot->video ? KK_OK : KK_ENOMEM;
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
	sfu_link_wake(link);
	kk_free(slot->resent);
	kk_free(slot);
}

struct sfu_source *sfu_slot_source(const struct sfu_slot *slot)
{
	return slot->source;
}

static bool is_vp9(const struct sfu_source *source)
{
	return source->config.kind == SFU_VIDEO &&
	    source->config.codec == SFU_VP9;
}

enum kk_err sfu_slot_watch(struct sfu_slot *slot, struct sfu_source *source,
    uint64_t now_us)
{
	if (source && source->config.kind != slot->config.kind)
		return KK_EINVAL;
	if (source && is_vp9(source) && slot->config.vp9_type == 0)
		return KK_EUNSUP;
	if (source == slot->source)
		return KK_OK;
	if (!source) {
		sfu_slot_leave(slot);
		return KK_OK;
	}
	if (video_make(slot))
		return KK_ENOMEM;
	leave(slot);
	slot->source = source;
	slot->next = source->watchers;
	if (slot->next)
		slot->next->prev = slot;
	source->watchers = slot;
	sfu_share_begin(slot, now_us);
	sfu_slot_begin(slot, now_us);
	return KK_OK;
}

void sfu_slot_begin(struct sfu_slot *slot, uint64_t now_us)
{
	struct sfu_source *source = slot->source;
	struct sfu_encoding *wanted;

	slot->run_count = 0;
	if (!source || source->config.kind != SFU_VIDEO || slot->is_paused ||
	    !slot->link->is_open)
		return;
	wanted = sfu_slot_wanted(slot);
	hop_keyframe_want(&wanted->keyframe);
	sfu_encoding_keyframe(wanted, now_us);
}

void sfu_slot_pause(struct sfu_slot *slot)
{
	slot->is_paused = true;
	slot->run_count = 0;
}

struct sfu_run *sfu_slot_run(struct sfu_slot *slot)
{
	return slot->run_count > 0 ? &slot->runs[slot->run_count - 1] : NULL;
}

/* --- the packet ---------------------------------------------------------- */

static void vp8_write(struct wire_out *w, const struct sfu_packet *p,
    const struct sfu_number *n)
{
	const struct kk_view payload = p->rtp.payload;
	struct wire_vp8 to = p->vp8;

	/* All ids have 15 bits, so that they go on from source to source; the
	 * index of key frames does not, and nobody needs it. */
	to.is_picture_id_long = to.has_picture_id;
	to.picture_id = n->picture_id;
	to.tl0_index = n->tl0_index;
	to.has_key_index = false;
	to.key_index = 0;
	wire_vp8_write(w, &to);
	wire_out_raw(w,
	    kk_view_of(payload.data + p->vp8.bytes,
		payload.bytes - p->vp8.bytes));
}

static void vp9_write(struct wire_out *w, const struct sfu_packet *p,
    const struct sfu_number *n)
{
	const struct wire_vp9 to = { .picture_id = n->picture_id,
		.tl0_index = n->tl0_index };
	size_t at = w->bytes;

	wire_out_raw(w, p->rtp.payload);
	if (!w->err)
		wire_out_fail(w,
		    wire_vp9_rewrite(w->data + at, w->bytes - at, &to));
}

static uint8_t type_of(const struct sfu_slot *slot, const struct sfu_run *run)
{
	return is_vp9(run->encoding->source) ? slot->config.vp9_type :
					       slot->config.payload_type;
}

/* Header extensions and CSRCs are not handed on: the receiver has agreed on
 * none, and they tell of the sender. */
void sfu_slot_write(const struct sfu_slot *slot, const struct sfu_run *run,
    struct wire_out *w, const struct sfu_packet *p, uint64_t seq)
{
	const struct sfu_number *n = sfu_number_get(slot, seq);
	struct wire_rtp rtp = { .payload_type = type_of(slot, run),
		.has_marker = n ? n->flags & SFU_NUMBER_MARKER :
				  p->rtp.has_marker || seq == run->first_out,
		.seq = (uint16_t)seq,
		.timestamp = p->rtp.timestamp + run->timestamp_offset,
		.ssrc = slot->config.ssrc };

	sfu_bandwidth_header(slot->link, &rtp);
	wire_rtp_header_write(w, &rtp);
	if (n && n->flags & SFU_NUMBER_FILLER)
		return;
	if (n && p->has_vp8)
		vp8_write(w, p, n);
	else if (n && p->has_vp9)
		vp9_write(w, p, n);
	else
		wire_out_raw(w, p->rtp.payload);
}

/* What the number will be looked up for when the packet is sent again. */
static void number_note(const struct sfu_slot *slot, const struct sfu_run *run,
    const struct sfu_packet *p, uint64_t seq, uint16_t picture_id)
{
	struct sfu_number *n = sfu_number_get(slot, seq);
	unsigned tl0_index = p->has_vp9 ? p->vp9.tl0_index : p->vp8.tl0_index;

	if (!n || n->flags & SFU_NUMBER_FILLER)
		return;
	n->picture_id = picture_id;
	n->tl0_index = (uint8_t)(tl0_index + run->tl0_offset);
	if (sfu_layers_end(slot, run, p))
		n->flags |= SFU_NUMBER_MARKER;
}

/* Where the slot stands, for what comes into it next. */
static void newest_note(struct sfu_slot *slot, const struct sfu_run *run,
    const struct sfu_packet *p, uint64_t now_us)
{
	const struct sfu_number *n = sfu_number_get(slot, slot->top_seq);

	slot->timestamp = p->rtp.timestamp + run->timestamp_offset;
	slot->sent_us = now_us;
	if (!slot->has_sent) /* probes have a stream */
		sfu_link_wake(slot->link);
	slot->has_sent = true;
	if (p->has_vp9 && n)
		slot->picture_id = n->picture_id;
	if (n && (p->has_vp9 || p->vp8.has_tl0_index))
		slot->tl0_index = n->tl0_index;
}

static void packet_show(struct sfu_slot *slot, struct sfu_run *run,
    const struct sfu_packet *p, uint64_t now_us)
{
	uint8_t out[SFU_OUT_BYTES];
	uint16_t picture_id = 0;
	struct wire_out w;
	uint64_t top = slot->top_seq, seq;
	bool is_shown = !slot->video ||
	    (p->rtp.payload.bytes > 0 &&
		sfu_layers_take(slot, run, p, now_us, &picture_id));

	seq = sfu_number_take(slot, run, p->seq, is_shown);
	if (seq == 0)
		return;
	number_note(slot, run, p, seq, picture_id);
	wire_out_init(&w, out, sizeof(out));
	sfu_slot_write(slot, run, &w, p, seq);
	if (seq > top)
		newest_note(slot, run, p, now_us);
	hop_tx_packet(&slot->tx, slot->timestamp, p->rtp.payload.bytes, now_us);
	sfu_bandwidth_sent(slot->link, &w, now_us);
	sfu_link_send(slot->link, &w, false);
}

/* The packet that a run begins with was late: others of its frame wait in the
 * store. */
static void stored_show(struct sfu_slot *slot, struct sfu_run *run,
    const struct sfu_packet *after, uint64_t now_us)
{
	const struct sfu_encoding *e = run->encoding;
	uint64_t top = e->rx.top_seq;

	if (top > after->seq + SFU_GAP_MAX)
		top = after->seq + SFU_GAP_MAX;
	for (uint64_t seq = after->seq + 1; seq <= top; seq++) {
		struct sfu_packet p;
		struct kk_view raw;

		if (hop_history_get(e->history, seq, now_us, &raw) ||
		    sfu_packet_parse(&p, raw, &e->source->config))
			continue;
		p.seq = seq;
		sfu_encoding_dd(run->encoding, &p);
		packet_show(slot, run, &p, now_us);
	}
}

void sfu_slot_packet(struct sfu_slot *slot, struct sfu_encoding *encoding,
    const struct sfu_packet *p, uint64_t now_us)
{
	struct sfu_run *run;

	if (!slot->link->is_open || slot->is_paused ||
	    !sfu_slot_follow(slot, encoding, p, now_us))
		return;
	run = sfu_slot_run(slot);
	if (p->seq < run->base_in)
		return;
	packet_show(slot, run, p, now_us);
	if (slot->video && p->seq == run->base_in)
		stored_show(slot, run, p, now_us);
}
