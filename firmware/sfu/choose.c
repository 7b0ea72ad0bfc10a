/* choose.c - which encoding of a source a slot shows, and where it begins. */
#include "sfu/sfu_internal.h"

enum {
	/* An encoding that is quiet for so long while others come has been
	 * stopped: senders do that with the large ones when there is little
	 * room, or few who ask. */
	QUIET_US = 1000000,
	SWITCH_MIN_US = 20000, /* a decoder's time goes on */
	SWITCH_SAME_MIN_US = 1000, /* from one encoding to another */
	ALIGN_MAX_US = 1000000, /* reports that are farther off are wrong */
	US_PER_S = 1000000
};

bool sfu_encoding_is_alive(const struct sfu_encoding *encoding)
{
	return encoding->has_come &&
	    encoding->source->came_us - encoding->came_us <= QUIET_US;
}

uint8_t sfu_slot_spatial(const struct sfu_slot *slot)
{
	uint8_t fit = sfu_source_fit(slot->source, slot->width, slot->height);

	return slot->spatial < fit ? slot->spatial : fit;
}

struct sfu_encoding *sfu_slot_wanted(const struct sfu_slot *slot)
{
	struct sfu_source *source = slot->source;
	size_t count = source->config.encoding_count;
	size_t want = sfu_slot_spatial(slot);

	if (want >= count)
		want = count - 1;
	for (size_t i = want + 1; i > 0; i--) {
		if (sfu_encoding_is_alive(&source->encodings[i - 1]))
			return &source->encodings[i - 1];
	}
	for (size_t i = want + 1; i < count; i++) {
		if (sfu_encoding_is_alive(&source->encodings[i]))
			return &source->encodings[i];
	}
	return &source->encodings[want];
}

/* --- the first packet ---------------------------------------------------- */

/*
 * The timestamp that the old encoding would have at the new one's capture, by
 * the publisher's reports (RFC 3550, 6.4.1).  False: they do not tell.
 */
static bool timestamp_align(const struct sfu_slot *slot,
    const struct sfu_encoding *to, const struct sfu_packet *p,
    uint32_t *timestamp)
{
	const struct sfu_run *run = &slot->runs[slot->run_count - 1];
	const struct sfu_encoding *from = run->encoding;
	uint32_t since = p->rtp.timestamp - to->sr_timestamp;
	int64_t apart_us = (int64_t)(to->sr_us - from->sr_us);

	if (!from->has_sr || !to->has_sr || apart_us > 60LL * US_PER_S ||
	    apart_us < -60LL * US_PER_S)
		return false;
	*timestamp = hop_timestamp_move(from->sr_timestamp + since, apart_us,
			 SFU_VIDEO_HZ) +
	    run->timestamp_offset - run->timestamp_pushed;
	return true;
}

/* *pushed: by how much it stands behind its true place, so that what follows
 * comes back there. */
static uint32_t timestamp_begin(const struct sfu_slot *slot,
    const struct sfu_encoding *encoding, const struct sfu_packet *p,
    uint64_t now_us, uint32_t *pushed)
{
	uint64_t since_us = slot->has_sent ? now_us - slot->sent_us : 0;
	uint32_t hz = sfu_kind_hz(slot->config.kind), aligned, arrived;
	uint64_t min_us = SWITCH_MIN_US;

	if (slot->run_count > 0)
		min_us = SWITCH_SAME_MIN_US;
	if (since_us < min_us)
		since_us = min_us;
	arrived = hop_timestamp_move(slot->timestamp, (int64_t)since_us, hz);
	if (slot->run_count == 0 ||
	    !timestamp_align(slot, encoding, p, &aligned))
		return arrived;
	if ((int32_t)(aligned - arrived) > (int32_t)hz ||
	    (int32_t)(arrived - aligned) > (int32_t)hz)
		return arrived;
	if ((int32_t)(aligned - slot->timestamp) > 0)
		return aligned;
	/* Captured with or before the last one that was shown. */
	arrived = hop_timestamp_move(slot->timestamp, SWITCH_SAME_MIN_US, hz);
	*pushed = arrived - aligned;
	return arrived;
}

static struct sfu_run *run_add(struct sfu_slot *slot)
{
	if (slot->run_count == SFU_RUNS_MAX) {
		for (size_t i = 1; i < SFU_RUNS_MAX; i++)
			slot->runs[i - 1] = slot->runs[i];
		slot->run_count--;
	}
	return &slot->runs[slot->run_count++];
}

/* The packet goes out as the next one, however long it was quiet. */
static void run_begin(struct sfu_slot *slot, struct sfu_encoding *encoding,
    const struct sfu_packet *p, uint64_t now_us)
{
	struct sfu_run run = { .encoding = encoding,
		.base_in = p->seq,
		.top_in = p->seq - 1,
		.first_out = slot->top_seq + 1 };

	run.timestamp_offset = timestamp_begin(slot, encoding, p, now_us,
				   &run.timestamp_pushed) -
	    p->rtp.timestamp;
	if (p->has_vp8)
		run.tl0_offset = (uint8_t)(slot->tl0_index + 1 -
		    p->vp8.tl0_index);
	if (p->has_vp9) {
		run.tl0_offset = (uint8_t)(slot->tl0_index + 1 -
		    p->vp9.tl0_index);
		run.picture_offset = (uint16_t)(slot->picture_id + 1 -
		    p->vp9.picture_id);
	}
	*run_add(slot) = run;
	if (slot->video)
		sfu_layers_begin(slot);
}

static bool may_begin(struct sfu_slot *slot, struct sfu_encoding *encoding,
    const struct sfu_packet *p)
{
	const struct sfu_encoding *wanted;

	if (slot->config.kind == SFU_AUDIO)
		return p->rtp.payload.bytes > 0;
	wanted = sfu_slot_wanted(slot);
	/* A smaller picture is better than none. */
	if (encoding != wanted &&
	    (slot->run_count > 0 || encoding->index > wanted->index))
		return false;
	if (p->is_key)
		return true;
	/* The request may have been lost, or given up. */
	if (encoding == wanted)
		hop_keyframe_want(&encoding->keyframe);
	return false;
}

bool sfu_slot_follow(struct sfu_slot *slot, struct sfu_encoding *encoding,
    const struct sfu_packet *p, uint64_t now_us)
{
	struct sfu_run *run = sfu_slot_run(slot);

	if (run && run->encoding == encoding)
		return true;
	if (!may_begin(slot, encoding, p))
		return false;
	run_begin(slot, encoding, p, now_us);
	return true;
}

/* Something is to be shown that is not: it begins with a key frame. */
static void wanted_ask(struct sfu_slot *slot, uint64_t now_us)
{
	const struct sfu_run *run = sfu_slot_run(slot);
	struct sfu_encoding *wanted;

	if (!slot->source || slot->config.kind == SFU_AUDIO ||
	    slot->is_paused || !slot->link->is_open)
		return;
	wanted = sfu_slot_wanted(slot);
	if (run && run->encoding == wanted)
		return;
	hop_keyframe_want(&wanted->keyframe);
	sfu_encoding_keyframe(wanted, now_us);
}

void sfu_slot_target(struct sfu_slot *slot, uint8_t spatial, uint8_t temporal,
    uint64_t now_us)
{
	slot->spatial = spatial;
	slot->temporal = temporal;
	wanted_ask(slot, now_us);
}

void sfu_slot_tile(struct sfu_slot *slot, uint16_t width, uint16_t height,
    uint64_t now_us)
{
	slot->width = width;
	slot->height = height;
	wanted_ask(slot, now_us);
}
