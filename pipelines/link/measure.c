/*
 * measure.c - how much the way to the forwarder carries, and what we tell it
 * about the way back.
 *
 * Numbers go into a header extension of each packet that is sent, those of RTX
 * too.  What is sent again takes part of the estimate: it has a budget of half
 * of it, and encoders are told of what is left.  There are no probes: an
 * encoder's rate climbs by itself.
 */
#include <string.h>

#include "pipelines/link/link_internal.h"

enum {
	WORD_BYTES = 4,
	EXT_HEAD_BYTES = 4, /* profile, length */
	EXT_BIT = 0x10, /* RFC 3550, 5.1: X */
	LOOK_EVERY_US = 100000,
	TELL_EVERY_US = 1000000, /* small changes; large ones at once */
	LARGE_PERCENT = 5,
	PERCENT = 100,
	BITS = 8,
	US_PER_S = 1000000,
	/* What is sent again: a share of the estimate, and of a second of it at
	 * once: enough where a third of all packets is lost. */
	RESEND_PART = 2,
	UNMEASURED_BPS =
	    2000000 /* taken for the estimate where there is none */
};

enum kk_err link_measure_init(struct link *link)
{
	struct link_measure *m = &link->session.measure;
	const struct estimate_config config = { link->config.start_bps,
		link->config.min_bps, link->config.max_bps };
	enum kk_err err;

	hop_rx_twcc_init(&m->rx);
	if (link->config.max_bps == 0)
		return KK_OK;
	err = estimate_new(&m->estimate, &config, link_now_us());
	if (!err)
		estimate_want(m->estimate, 0, 0); /* no probes */
	return err;
}

void link_measure_clear(struct link *link)
{
	estimate_free(link->session.measure.estimate);
}

/* A word of its own, behind those of the packet's own extensions (padding
 * between elements is fine: RFC 8285, 4.2). */
static void number_write(uint8_t *word, uint16_t number)
{
	word[0] = WIRE_TWCC_ID << 4 | (sizeof(number) - 1);
	wire_put_u16(word + 1, number);
	word[3] = 0;
}

size_t link_measure_write(struct link *link, const struct wire_rtp *rtp,
    struct kk_view packet, uint8_t *out, uint64_t now_us)
{
	struct link_measure *m = &link->session.measure;
	const bool is_other = rtp->has_ext &&
	    rtp->ext_profile != WIRE_RTP_EXT_ONE_BYTE;
	const size_t head = rtp->header_bytes; /* its extensions included */
	const size_t more = rtp->has_ext ? WORD_BYTES : LINK_EXT_BYTES;
	uint8_t *ext = out + head -
	    (rtp->has_ext ? rtp->ext.bytes + EXT_HEAD_BYTES : 0);

	memcpy(out, packet.data, head);
	if (!m->estimate || is_other) {
		memcpy(out + head, packet.data + head, packet.bytes - head);
		return packet.bytes;
	}
	memcpy(out + head + more, packet.data + head, packet.bytes - head);
	out[0] |= EXT_BIT;
	wire_put_u16(ext, WIRE_RTP_EXT_ONE_BYTE);
	wire_put_u16(ext + 2, (uint16_t)(rtp->ext.bytes / WORD_BYTES + 1));
	number_write(out + head + more - WORD_BYTES,
	    estimate_sent(m->estimate, packet.bytes + more, now_us));
	return packet.bytes + more;
}

/* --- what is sent again --------------------------------------------------- */

static uint64_t resend_bps(const struct link_measure *m)
{
	uint64_t bps = m->estimate ? estimate_get(m->estimate).bps :
				     UNMEASURED_BPS;

	return bps / RESEND_PART;
}

bool link_measure_resend(struct link *link, size_t bytes, uint64_t now_us)
{
	struct link_measure *m = &link->session.measure;
	uint64_t bits = (uint64_t)bytes * BITS, bps = resend_bps(m);
	uint64_t since_us = now_us - m->resend_us;

	if (since_us > US_PER_S)
		since_us = US_PER_S;
	m->resend_us = now_us;
	m->resend_bits += since_us * bps / US_PER_S;
	if (m->resend_bits > bps)
		m->resend_bits = bps;
	if (m->resend_bits < bits)
		return false;
	m->resend_bits -= bits;
	m->resent_bits += bits;
	return true;
}

static void resent_count(struct link_measure *m, uint64_t now_us)
{
	uint64_t since_us = now_us - m->resent_us;

	if (since_us < US_PER_S)
		return;
	m->resent_bps = m->resent_bits * US_PER_S / since_us;
	m->resent_bits = 0;
	m->resent_us = now_us;
}

/* --- what the forwarder tells -------------------------------------------- */

static uint64_t left_of(const struct link_measure *m, uint64_t bps)
{
	uint64_t least_bps = bps / RESEND_PART;

	return m->resent_bps < bps - least_bps ? bps - m->resent_bps :
						 least_bps;
}

static void look(struct link *link, uint64_t now_us)
{
	struct link_measure *m = &link->session.measure;
	struct estimate_state state = estimate_get(m->estimate);
	uint64_t bps = left_of(m, state.bps);
	uint64_t off_bps = bps > m->told_bps ? bps - m->told_bps :
					       m->told_bps - bps;

	if (!state.is_known || off_bps == 0 ||
	    (off_bps * PERCENT < m->told_bps * LARGE_PERCENT &&
		now_us - m->told_us < TELL_EVERY_US))
		return;
	m->told_bps = bps;
	m->told_us = now_us;
	if (link->config.estimate_changed && !link->is_closing)
		link->config.estimate_changed(link->config.arg, bps);
}

void link_measure_feedback(struct link *link, const struct wire_rtcp_fb *fb)
{
	struct link_measure *m = &link->session.measure;
	uint64_t now_us = link_now_us();
	struct wire_twcc twcc;

	if (!m->estimate || wire_twcc_parse(&twcc, fb))
		return;
	if (estimate_feedback(m->estimate, &twcc, now_us))
		link->counts.refused++;
	look(link, now_us);
}

/* --- what we tell it ----------------------------------------------------- */

void link_measure_came(struct link *link, const struct wire_rtp *rtp,
    uint64_t now_us)
{
	struct link_measure *m = &link->session.measure;
	struct kk_view data;

	if (wire_rtp_ext_find(rtp, WIRE_TWCC_ID, &data) ||
	    data.bytes != sizeof(uint16_t))
		return;
	hop_rx_twcc_packet(&m->rx, wire_get_u16(data.data), now_us);
}

int64_t link_measure_wait_us(const struct link *link, uint64_t now_us)
{
	const struct link_measure *m = &link->session.measure;
	int64_t wait_us = hop_rx_twcc_wait_us(&m->rx, now_us);

	if (m->estimate && (wait_us < 0 || wait_us > LOOK_EVERY_US))
		return LOOK_EVERY_US;
	return wait_us;
}

void link_measure_tick(struct link *link, uint64_t now_us)
{
	struct link_measure *m = &link->session.measure;

	if (!m->estimate)
		return;
	estimate_tick(m->estimate, now_us);
	resent_count(m, now_us);
	look(link, now_us);
}
