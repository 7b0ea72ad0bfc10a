/* libs: sfu hop wire */
/*
 * sfu_link.c - fuzzes what comes in over two links that show each other's
 * sources: authentic packets of hostile peers.
 *
 *     steps: what (1) | argument (1) | packet with its length in front (1)
 */
#include <stdlib.h>
#include <string.h>

#include "sfu/sfu.h"
#include "wire/rtcp.h"
#include "wire/rtp.h"

enum {
	LINKS = 2,
	SOURCES = 3, /* of each link: audio, VP8 of two sizes, VP9 */
	SLOTS = 2,
	SLOT_SSRC = 0x10,
	SEQS = 65536,
	STEPS_MAX = 2000
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

struct world {
	struct sfu_counts counts;
	struct sfu_link *links[LINKS];
	struct sfu_source *sources[LINKS][SOURCES];
	struct sfu_slot *slots[LINKS][SLOTS];
	uint64_t now_us;
	size_t sent;
};

/* A number of an SSRC must not be sent again: SRTP would refuse it. */
static uint8_t used[LINKS][2 * SLOTS][SEQS / 8];
static struct world *world;

static void must(bool is_true)
{
	if (!is_true)
		abort();
}

static void on_send(void *arg, struct kk_view packet, bool is_rtcp)
{
	size_t link = (size_t)(uintptr_t)arg;
	struct wire_rtcp_iter it;
	struct wire_rtp rtp;
	uint8_t *at;

	world->sent++;
	must(packet.bytes <= SFU_PACKET_MAX_BYTES + 16);
	if (is_rtcp) {
		must(!wire_rtcp_begin(&it, packet, true));
		return;
	}
	must(!wire_rtp_parse(&rtp, packet));
	must(rtp.ssrc >= SLOT_SSRC && rtp.ssrc < SLOT_SSRC + 2 * SLOTS);
	must(!rtp.has_ext && !rtp.has_padding && rtp.csrc_count == 0);
	at = &used[link][rtp.ssrc - SLOT_SSRC][rtp.seq / 8];
	must(world->sent > SEQS / 2 || !(*at & 1u << rtp.seq % 8));
	*at |= (uint8_t)(1u << rtp.seq % 8);
}

static void source_make(struct world *w, size_t i, uint32_t k)
{
	const struct sfu_source_config config = { .kind = k ? SFU_VIDEO :
							      SFU_AUDIO,
		.codec = k == 2 ? SFU_VP9 : SFU_VP8,
		.payload_type = 1,
		.rtx_payload_type = 2,
		.twcc_id = 5,
		.dd_id = 7,
		.level_id = 4,
		.encodings = { { .ssrc = k * 2 + 2,
				   .rtx_ssrc = k ? k * 2 + 3 : 0 },
		    { .ssrc = 8, .rtx_ssrc = 9 } },
		.encoding_count = k == 1 ? 2 : 1 };

	must(!sfu_source_new(&w->sources[i][k], w->links[i], &config));
}

static void link_make(struct world *w, size_t i)
{
	const struct sfu_link_config config = { .rtcp_ssrc = 1,
		.cname = "a",
		.send = on_send,
		.arg = (void *)(uintptr_t)i,
		.counts = &w->counts };

	must(!sfu_link_new(&w->links[i], &config));
	sfu_link_open(w->links[i], w->now_us);
	for (uint32_t k = 0; k < SOURCES; k++)
		source_make(w, i, k);
	for (uint32_t k = 0; k < SLOTS; k++) {
		const struct sfu_slot_config slot = { .kind = k ? SFU_VIDEO :
								  SFU_AUDIO,
			.ssrc = SLOT_SSRC + k * 2,
			.rtx_ssrc = k ? SLOT_SSRC + k * 2 + 1 : 0,
			.vp9_type = 98,
			.seq = (uint16_t)(65530 + k) };

		must(!sfu_slot_new(&w->slots[i][k], w->links[i], &slot));
	}
}

static void watch(struct world *w, unsigned what)
{
	size_t of = what & 1, kind = what >> 1 & 1, by = what >> 2 & 1;
	size_t source = kind && what & 16 ? 2 : kind;

	if (what & 32) {
		sfu_slot_target(w->slots[by][1], what >> 6 & 1, what >> 3 & 3,
		    w->now_us);
		return;
	}
	must(!sfu_slot_watch(w->slots[by][kind],
	    what & 8 ? NULL : w->sources[of][source], w->now_us));
}

static void step(struct world *w, struct kk_reader *r)
{
	unsigned what = kk_read_u8(r), argument = kk_read_u8(r);
	size_t link = argument & 1;
	struct kk_view in;

	w->now_us += (uint64_t)argument << (argument % 13);
	switch (what % 4) {
	case 0:
		watch(w, argument);
		return;
	case 1:
		sfu_link_tick(w->links[link], w->now_us);
		return;
	default:
		in = kk_read_raw(r, kk_read_u8(r));
		if (kk_reader_err(r))
			return;
		if (what % 4 == 2)
			(void)!sfu_link_rtp(w->links[link], in, w->now_us);
		else
			(void)!sfu_link_rtcp(w->links[link], in, w->now_us);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct world w = { .now_us = 1000000 };
	struct kk_reader r;

	memset(used, 0, sizeof(used));
	world = &w;
	for (size_t i = 0; i < LINKS; i++)
		link_make(&w, i);
	for (unsigned what = 0; what < 4; what++) /* each the other's */
		watch(&w, (what & 3) | (~what & 1) << 2);
	kk_reader_init(&r, kk_view_of(data, bytes));
	for (unsigned i = 0; i < STEPS_MAX && kk_reader_more(&r); i++)
		step(&w, &r);
	for (size_t i = 0; i < LINKS; i++)
		sfu_link_free(w.links[i]);
	return 0;
}
