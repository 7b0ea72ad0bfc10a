/* resend.c - what a receiver has missed, again by RTX, within a budget. */
#include "hop/rtx.h"
#include "sfu/sfu_internal.h"
#include "wire/seq.h"

enum { RTT_MIN_US = 20000, US_PER_S = 1000000 };

static bool budget_take(struct sfu_link *link, uint64_t now_us)
{
	const uint64_t most = (uint64_t)SFU_RESEND_BURST * US_PER_S;
	uint64_t since_us = now_us - link->resend_us;

	if (since_us > US_PER_S)
		since_us = US_PER_S;
	link->resend_us = now_us;
	link->resend_budget += since_us * SFU_RESEND_PER_S;
	if (link->resend_budget > most)
		link->resend_budget = most;
	if (link->resend_budget < US_PER_S)
		return false;
	link->resend_budget -= US_PER_S;
	return true;
}

static enum kk_err stored_get(const struct sfu_run *run,
    const struct sfu_number *n, uint64_t now_us, struct sfu_packet *p)
{
	uint64_t seq = run->base_in + (uint32_t)(n->in - run->base_in);
	struct kk_view raw;
	enum kk_err err = hop_history_get(run->encoding->history, seq, now_us,
	    &raw);

	if (!err)
		err = sfu_packet_parse(p, raw, &run->encoding->source->config);
	p->seq = seq;
	return err;
}

static uint8_t type_of(const struct sfu_slot *slot, const struct sfu_packet *p)
{
	return p->has_vp9 ? slot->config.vp9_rtx_type :
			    slot->config.rtx_payload_type;
}

static void rtx_send(struct sfu_slot *slot, const struct sfu_run *run,
    const struct sfu_packet *p, uint64_t seq, uint64_t now_us)
{
	const struct hop_rtx to = { slot->config.rtx_ssrc, type_of(slot, p),
		slot->rtx_seq };
	uint8_t plain[SFU_OUT_BYTES], out[SFU_OUT_BYTES];
	struct wire_out v, w;

	wire_out_init(&v, plain, sizeof(plain));
	sfu_slot_write(slot, run, &v, p, seq);
	wire_out_init(&w, out, sizeof(out));
	wire_out_fail(&w, v.err);
	hop_rtx_wrap(&w, wire_out_view(&v), &to);
	if (w.err)
		return;
	slot->rtx_seq++;
	slot->link->config.counts->retransmissions++;
	sfu_bandwidth_sent(slot->link, &w, now_us);
	sfu_link_send(slot->link, &w, false);
}

enum kk_err sfu_slot_resend(struct sfu_slot *slot, uint16_t seq,
    uint64_t now_us)
{
	uint64_t out_seq = wire_seq_extend(slot->top_seq, seq);
	uint64_t rtt_us = slot->rtt_us ? slot->rtt_us : HOP_RTT_DEFAULT_US;
	const struct sfu_number *n = sfu_number_get(slot, out_seq);
	const struct sfu_run *run = sfu_number_run(slot, out_seq);
	struct sfu_packet p = { 0 };
	enum kk_err err;

	slot->link->config.counts->nacks++;
	if (slot->config.rtx_ssrc == 0)
		return KK_EUNSUP;
	if (!n || !run || !(n->flags & SFU_NUMBER_SENT))
		return KK_ENOENT;
	err = stored_get(run, n, now_us, &p);
	if (err)
		return err;
	if (!slot->resent)
		slot->resent = kk_calloc(1, sizeof(*slot->resent));
	if (!slot->resent)
		return KK_ENOMEM;
	if (!hop_resent_may(slot->resent, out_seq,
		rtt_us > RTT_MIN_US ? rtt_us : RTT_MIN_US, now_us))
		return KK_EREPLAY;
	if (!budget_take(slot->link, now_us))
		return KK_ELIMIT;
	rtx_send(slot, run, &p, out_seq, now_us);
	return KK_OK;
}
