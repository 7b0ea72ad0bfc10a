/* bandwidth.c - how much a link's path to its peer carries. */
#include "sfu/sfu_internal.h"

enum {
	/* Our headers have no CSRCs: the extension's data, one-byte form. */
	EXT_AT = WIRE_RTP_FIXED_BYTES + 4,
	EXT_NUMBER_AT = EXT_AT + 1,
	EXT_LENGTH = sizeof(uint16_t) - 1, /* RFC 8285, 4.2: less one */
	PADDING_BYTES = 255,
	PADDING_PACKETS_MAX = 200 /* at a time */
};

enum kk_err sfu_link_measure(struct sfu_link *link, uint8_t twcc_id,
    const struct estimate_config *config, uint64_t now_us)
{
	enum kk_err err;

	if (twcc_id == 0 || twcc_id > WIRE_RTP_EXT_ONE_BYTE_ID_MAX)
		return KK_EINVAL;
	if (link->estimate)
		return KK_ESTATE;
	err = estimate_new(&link->estimate, config, now_us);
	if (!err)
		link->measure_ext[0] = (uint8_t)(twcc_id << 4 | EXT_LENGTH);
	sfu_link_wake(link);
	return err;
}

bool sfu_link_is_measured(const struct sfu_link *link)
{
	return link->estimate != NULL;
}

struct estimate_state sfu_link_estimate(const struct sfu_link *link)
{
	return link->estimate ? estimate_get(link->estimate) :
				(struct estimate_state){ 0 };
}

/* What has just happened may have brought it nearer. */
static void due_move(struct sfu_link *link)
{
	uint64_t us = estimate_due_us(link->estimate);

	if (us < link->due_us)
		link->due_us = us;
}

void sfu_link_want(struct sfu_link *link, uint64_t next_bps, uint64_t most_bps)
{
	if (!link->estimate)
		return;
	estimate_want(link->estimate, next_bps, most_bps);
	due_move(link);
}

void sfu_bandwidth_header(const struct sfu_link *link, struct wire_rtp *rtp)
{
	if (!link->estimate)
		return;
	rtp->has_ext = true;
	rtp->ext_profile = WIRE_RTP_EXT_ONE_BYTE;
	rtp->ext = kk_view_of(link->measure_ext, sizeof(link->measure_ext));
}

void sfu_bandwidth_sent(struct sfu_link *link, struct wire_out *w,
    uint64_t now_us)
{
	if (!link->has_begun) {
		link->begun_us = now_us;
		sfu_link_wake(link);
	}
	link->has_begun = true;
	if (!link->estimate || w->err || w->bytes < EXT_AT + 4)
		return;
	wire_put_u16(w->data + EXT_NUMBER_AT,
	    estimate_sent(link->estimate, w->bytes, now_us));
	due_move(link);
}

enum kk_err sfu_bandwidth_feedback(struct sfu_link *link,
    const struct wire_rtcp_fb *fb, uint64_t now_us)
{
	struct wire_twcc twcc;
	enum kk_err err;

	if (!link->estimate)
		return KK_OK;
	err = wire_twcc_parse(&twcc, fb);
	if (!err)
		(void)!estimate_feedback(link->estimate, &twcc, now_us);
	return err;
}

/* --- probes -------------------------------------------------------------- */

static struct sfu_slot *padding_slot(const struct sfu_link *link)
{
	for (size_t i = 0; i < link->slot_count; i++) {
		if (link->slots[i]->config.rtx_ssrc && link->slots[i]->has_sent)
			return link->slots[i];
	}
	return NULL;
}

/* Of a stream whose packets nobody waits for: receivers count it, that is all
 * (RFC 4588, 4: a payload of RTX has two bytes at least). */
static size_t padding_send(struct sfu_slot *slot, uint64_t now_us)
{
	struct wire_rtp rtp = { .payload_type = slot->config.rtx_payload_type,
		.seq = slot->rtx_seq,
		.timestamp = slot->timestamp,
		.ssrc = slot->config.rtx_ssrc,
		.padding_bytes = PADDING_BYTES };
	uint8_t out[SFU_OUT_BYTES];
	struct wire_out w;

	wire_out_init(&w, out, sizeof(out));
	sfu_bandwidth_header(slot->link, &rtp);
	wire_rtp_write(&w, &rtp);
	slot->rtx_seq++;
	sfu_bandwidth_sent(slot->link, &w, now_us);
	sfu_link_send(slot->link, &w, false);
	return w.bytes;
}

void sfu_bandwidth_tick(struct sfu_link *link, uint64_t now_us)
{
	struct sfu_slot *slot = padding_slot(link);
	size_t due, sent = 0;

	if (!link->estimate || !link->is_open)
		return;
	estimate_tick(link->estimate, now_us);
	if (!slot)
		return; /* a probe waits until there is one */
	due = estimate_probe_bytes(link->estimate, now_us);
	for (unsigned i = 0; i < PADDING_PACKETS_MAX && sent < due; i++)
		sent += padding_send(slot, now_us);
}

uint64_t sfu_bandwidth_due_us(const struct sfu_link *link)
{
	if (!link->estimate || !link->is_open)
		return UINT64_MAX;
	if (estimate_is_probing(link->estimate) && padding_slot(link))
		return 0;
	return estimate_due_us(link->estimate);
}
