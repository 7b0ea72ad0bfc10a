/* feedback.c - what publishers are asked for, and told of their packets. */
#include "sfu/sfu_internal.h"

enum { NACKS_MAX = 128 }; /* numbers in one packet */

static void nacks_send(struct sfu_encoding *encoding, uint64_t now_us)
{
	struct sfu_link *link = encoding->source->link;
	uint8_t out[SFU_RTCP_OUT_BYTES];
	uint16_t seqs[NACKS_MAX];
	struct wire_out w;
	size_t count;

	count = hop_rx_nacks(&encoding->rx, now_us, seqs, NACKS_MAX);
	if (count == 0)
		return;
	link->config.counts->paths.nacks_in += count;
	wire_out_init(&w, out, sizeof(out));
	wire_rtcp_nack_write(&w, link->config.rtcp_ssrc, encoding->config.ssrc,
	    seqs, count);
	sfu_link_send(link, &w, true);
}

static void twcc_send(struct sfu_link *link, uint64_t now_us)
{
	uint8_t out[SFU_RTCP_OUT_BYTES];
	struct wire_out w;

	if (!link->has_twcc || link->source_count == 0)
		return;
	wire_out_init(&w, out, sizeof(out));
	while (hop_rx_twcc_write(link->twcc, &w, link->config.rtcp_ssrc,
	    link->sources[0]->encodings[0].config.ssrc, now_us)) {
		sfu_link_send(link, &w, true);
		wire_out_init(&w, out, sizeof(out));
	}
}

void sfu_feedback_tick(struct sfu_link *link, uint64_t now_us)
{
	for (size_t i = 0; i < link->source_count; i++) {
		struct sfu_source *source = link->sources[i];

		/* A word that is late is of no use: audio is not asked for. */
		if (source->config.kind == SFU_AUDIO)
			continue;
		for (size_t j = 0; j < source->config.encoding_count; j++) {
			nacks_send(&source->encodings[j], now_us);
			sfu_encoding_keyframe(&source->encodings[j], now_us);
		}
	}
	twcc_send(link, now_us);
}

static uint64_t sooner(uint64_t due_us, int64_t wait_us, uint64_t now_us)
{
	uint64_t us = now_us + (uint64_t)wait_us;

	return wait_us >= 0 && us < due_us ? us : due_us;
}

uint64_t sfu_feedback_due_us(const struct sfu_link *link, uint64_t now_us)
{
	uint64_t us = UINT64_MAX;

	for (size_t i = 0; i < link->source_count; i++) {
		const struct sfu_source *source = link->sources[i];

		if (source->config.kind == SFU_AUDIO)
			continue;
		for (size_t j = 0; j < source->config.encoding_count; j++) {
			const struct sfu_encoding *e = &source->encodings[j];

			us = sooner(us, hop_rx_wait_us(&e->rx, now_us), now_us);
			if (e->config.ssrc)
				us = sooner(us,
				    hop_keyframe_wait_us(&e->keyframe, now_us),
				    now_us);
		}
	}
	if (link->has_twcc && link->source_count > 0)
		us = sooner(us, hop_rx_twcc_wait_us(link->twcc, now_us),
		    now_us);
	return us;
}
