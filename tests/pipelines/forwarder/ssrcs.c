/* ssrcs.c - a publisher that begins one source after the other. */
#include <string.h>

#include "bin/sfud/media_internal.h"
#include "call.h"
#include "wire/rtp.h"
#include "wire/vp8.h"

enum { BYTES = 200, MANY = 3 * MEDIA_RX_SSRCS_MAX, FIRST_SSRC = 0x10000 };

struct publisher { /* the first seat, with keys that the test knows */
	struct call *call;
	struct media_transport_state *transport;
	struct srtp_tx *tx;
	uint8_t sealed[BYTES]; /* the last packet */
	size_t sealed_bytes;
};

static void publisher_take(struct publisher *p, struct call *call)
{
	static const uint8_t key[16] = { 1 }, salt[12] = { 2 };
	const enum srtp_profile profile = SRTP_PROFILE_AEAD_AES_128_GCM;
	struct seat *s = &call->seats[0];

	*p = (struct publisher){ .call = call };
	p->transport = media_transport_get(s->peer, s->transport.number);
	CHECK(p->transport && p->transport->path);
	srtp_rx_free(p->transport->rx);
	p->transport->rx = NULL;
	CHECK_OK(srtp_rx_new_on(&p->transport->rx, call->media->engines,
	    profile, kk_view_of(key, sizeof(key)),
	    kk_view_of(salt, sizeof(salt)), MEDIA_RX_SSRCS_MAX));
	CHECK_OK(srtp_tx_new(&p->tx, profile, kk_view_of(key, sizeof(key)),
	    kk_view_of(salt, sizeof(salt)), SRTP_SSRCS_MAX));
}

/* True: the forwarder took it. */
static bool sealed_give(struct publisher *p)
{
	struct media *media = p->call->media;
	uint64_t before = media_counts(media).refused_packets;

	media_input(media, kk_view_of(p->sealed, p->sealed_bytes),
	    &p->transport->path->remote, &p->transport->path->local,
	    media_now_us());
	return media_counts(media).refused_packets == before;
}

static bool packet_give(struct publisher *p, uint32_t ssrc, uint16_t seq)
{
	uint8_t plain[BYTES] = { 0 };
	struct wire_rtp rtp = { .payload_type = 96, .seq = seq, .ssrc = ssrc };
	const struct wire_vp8 vp8 = { .is_partition_start = true };
	struct wire_out w;

	wire_out_init(&w, plain, sizeof(plain));
	wire_rtp_header_write(&w, &rtp);
	wire_vp8_write(&w, &vp8);
	wire_out_u8(&w, 0); /* RFC 7741, 4.3: P */
	CHECK_OK(w.err);
	p->sealed_bytes = sizeof(p->sealed);
	CHECK_OK(srtp_tx_seal_rtp(p->tx, wire_out_view(&w), p->sealed,
	    &p->sealed_bytes));
	return sealed_give(p);
}

static void publish(struct publisher *p, uint32_t ssrc)
{
	struct seat *s = &p->call->seats[0];

	CHECK_OK(media_unpublish(s->peer, MEDIA_CAMERA));
	CHECK_OK(media_publish(s->peer,
	    &(struct media_publish){ .transport = s->transport.number,
		.source = MEDIA_CAMERA,
		.kind = MEDIA_VIDEO,
		.payload_type = 96,
		.encodings = { { .ssrc = ssrc } },
		.encoding_count = 1 }));
}

TEST(who_publishes_again_and_again_goes_on_being_heard)
{
	struct call *call = call_new(0, 0);
	struct publisher p;

	publisher_take(&p, call);
	for (uint32_t i = 0; i < MANY; i++) {
		publish(&p, FIRST_SSRC + i);
		CHECK(packet_give(&p, FIRST_SSRC + i, 1));
		CHECK(packet_give(&p, FIRST_SSRC + i, 2));
		CHECK(!sealed_give(&p)); /* once */
	}
	srtp_tx_free(p.tx);
	call_free(call);
}

TEST(ssrcs_of_nobody_take_no_place_of_a_source)
{
	struct call *call = call_new(0, 0);
	struct publisher p;
	uint8_t first[BYTES], plain[BYTES];
	size_t first_bytes, plain_bytes = sizeof(plain);

	publisher_take(&p, call);
	publish(&p, FIRST_SSRC);
	CHECK(packet_give(&p, FIRST_SSRC, 1));
	memcpy(first, p.sealed, p.sealed_bytes);
	first_bytes = p.sealed_bytes;
	for (uint32_t i = 1; i < MANY; i++) /* authentic, but of no source */
		CHECK(!packet_give(&p, FIRST_SSRC + i, 1));
	/* It was silent longer than they, and is not forgotten. */
	CHECK_ERR(srtp_rx_open_rtp(p.transport->rx,
		      kk_view_of(first, first_bytes), plain, &plain_bytes),
	    KK_EREPLAY);
	CHECK(packet_give(&p, FIRST_SSRC, 2));
	srtp_tx_free(p.tx);
	call_free(call);
}
