/* forward.c - packets from one box's transport into the other's slots. */
#include "world.h"

enum { DATAGRAMS_A_STEP = 64, VIDEO_STEP = 6000, AUDIO_STEP = 960 };

/* A slot's numbers go on when its sender begins anew (docs/protocol.md). */
static struct wire_rtp_rewrite rewrite_of(struct hop *h, bool is_video,
    const struct wire_rtp *rtp)
{
	struct wire_rtp_rewrite to = { .payload_type = rtp->payload_type,
		.ssrc = is_video ? VIDEO_SLOT : AUDIO_SLOT };

	if (!h->is_on) {
		h->is_on = true;
		h->seq_offset = (uint16_t)(h->last_seq + 1 - rtp->seq);
		h->ts_offset = h->last_ts +
		    (is_video ? VIDEO_STEP : AUDIO_STEP) - rtp->timestamp;
	}
	to.seq = (uint16_t)(rtp->seq + h->seq_offset);
	to.timestamp = rtp->timestamp + h->ts_offset;
	h->last_seq = to.seq;
	h->last_ts = to.timestamp;
	return to;
}

static void packet_forward(struct box *from, struct box *to)
{
	struct peer_sealed *packet = &from->peer->opened;
	struct wire_rtp_rewrite rewrite;
	struct kk_view level;
	struct wire_rtp rtp;
	bool is_video;

	CHECK_OK(wire_rtp_parse(&rtp, kk_view_of(packet->data, packet->bytes)));
	is_video = rtp.ssrc == VIDEO + from->number;
	CHECK(is_video || rtp.ssrc == AUDIO + from->number);
	CHECK_EQ(rtp.payload_type, is_video ? VP8 : OPUS);
	CHECK_EQ(!wire_rtp_ext_find(&rtp, WIRE_RTP_LEVEL_ID, &level),
	    !is_video && from->number == LEVEL_BOX);
	if (!to->peer || !peer_is_connected(to->peer))
		return;
	if (packet->bytes > 1400)
		tap_diag("big %zu ssrc %u", packet->bytes, rtp.ssrc);
	rewrite = rewrite_of(is_video ? &to->video : &to->audio, is_video,
	    &rtp);
	CHECK_OK(wire_rtp_rewrite(packet->data, packet->bytes, &rewrite));
	peer_send_rtp(to->peer, kk_view_of(packet->data, packet->bytes));
}

static void pli_forward(struct box *asking, struct box *of)
{
	uint8_t plain[128];
	struct wire_out out;

	if (asking->plis == asking->peer->pli_count || !of->peer ||
	    !peer_is_connected(of->peer))
		return;
	asking->plis = asking->peer->pli_count;
	CHECK_EQ(asking->peer->pli_ssrc, VIDEO_SLOT);
	wire_out_init(&out, plain, sizeof(plain));
	wire_rtcp_rr_write(&out, 1, NULL, 0);
	wire_rtcp_pli_write(&out, 1, VIDEO + of->number);
	peer_send_rtcp(of->peer, &out);
}

void forward_step(struct world *w)
{
	for (unsigned i = 0; i < BOXES; i++) {
		struct box *b = &w->box[i], *other = &w->box[!i];

		for (int n = 0; b->peer && n < DATAGRAMS_A_STEP; n++) {
			peer_step(b->peer, 0);
			if (b->peer->rtp_count == 0)
				continue;
			b->peer->rtp_count = 0;
			packet_forward(b, other);
		}
		if (b->peer)
			pli_forward(b, other);
	}
}
