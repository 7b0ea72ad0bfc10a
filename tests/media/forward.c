/* forward.c - tests of media from client to client, through real sockets. */
#include <string.h>

#include "harness/tap.h"
#include "hop/rtx.h"
#include "media/client.h"
#include "wire/twcc.h"
#include "wire/vp8.h"

enum {
	FLOOD = 3000,
	NUMBER_AT = WIRE_RTP_FIXED_BYTES + 5 /* one extension alone */
};

struct call { /* alice publishes, bob has a slot for each of hers */
	struct world w;
	struct client alice, bob;
	struct media_slot slots[2]; /* audio, video */
};

static void call_open(struct call *c, enum dtls_backend alice,
    enum dtls_backend bob)
{
	if (!dtls_backend_is_here(alice) || !dtls_backend_is_here(bob))
		SKIP("a backend is not configured");
	memset(c, 0, sizeof(*c));
	world_open(&c->w, "127.0.0.1");
	client_open(&c->alice, &c->w, c->w.meeting, MEDIA_SEND, alice);
	client_open(&c->bob, &c->w, c->w.meeting, MEDIA_RECEIVE, bob);
	client_connect(&c->alice);
	client_connect(&c->bob);
	client_publish(&c->alice);
	CHECK_OK(media_slots_make(c->bob.peer, c->bob.transport.number,
	    &(struct media_slots){ .audio = 1, .video = 1 }, c->slots));
	CHECK_OK(media_watch(c->bob.peer,
	    &(struct media_watch){ .slot = c->slots[0].slot,
		.of = c->alice.peer,
		.source = MEDIA_MICROPHONE }));
	CHECK_OK(media_watch(c->bob.peer,
	    &(struct media_watch){ .slot = c->slots[1].slot,
		.of = c->alice.peer,
		.source = MEDIA_CAMERA }));
}

static bool alice_has_pli(void *call)
{
	const struct call *c = call;

	return client_feedback(&c->alice, WIRE_RTCP_PSFB, WIRE_RTCP_PSFB_PLI) >
	    0;
}

static size_t bobs(const struct call *c, uint32_t ssrc)
{
	struct wire_rtp rtp;
	size_t count = 0;

	while (client_rtp(&c->bob, ssrc, count, &rtp))
		count++;
	return count;
}

static bool bob_has_video(void *call)
{
	const struct call *c = call;

	return bobs(c, c->slots[1].ssrc) > 0;
}

static bool bob_has_rtx(void *call)
{
	const struct call *c = call;

	return bobs(c, c->slots[1].rtx_ssrc) > 0;
}

static void run_media(enum dtls_backend alice, enum dtls_backend bob)
{
	static struct call c;
	struct wire_rtp rtp;
	struct wire_vp8 vp8;

	call_open(&c, alice, bob);
	world_until(&c.w, alice_has_pli, &c);
	client_video(&c.alice, false, 1);
	client_video(&c.alice, true, 2);
	client_video(&c.alice, false, 3);
	client_audio(&c.alice, 4);
	world_settle(&c.w);
	CHECK_EQ(bobs(&c, c.slots[1].ssrc), 2);
	CHECK_EQ(bobs(&c, c.slots[0].ssrc), 1);
	CHECK(client_rtp(&c.bob, c.slots[1].ssrc, 0, &rtp));
	CHECK_EQ(rtp.payload_type, 96);
	CHECK_OK(wire_vp8_parse(&vp8, rtp.payload));
	CHECK(wire_vp8_is_key_frame(&vp8, rtp.payload));
	CHECK_EQ(rtp.payload.data[rtp.payload.bytes - 1], 2);
	CHECK(client_rtp(&c.bob, c.slots[0].ssrc, 0, &rtp));
	CHECK_EQ(rtp.payload_type, 111);
	CHECK_EQ(rtp.payload.data[rtp.payload.bytes - 1], 4);
	world_close(&c.w);
}

TEST(what_one_publishes_another_gets_in_its_slots)
{
	run_media(DTLS_BACKEND_OPENSSL, DTLS_BACKEND_OPENSSL);
}

TEST(a_browser_and_an_endpoint_get_each_others_media)
{
	run_media(DTLS_BACKEND_MBEDTLS, DTLS_BACKEND_OPENSSL);
	run_media(DTLS_BACKEND_OPENSSL, DTLS_BACKEND_MBEDTLS);
}

static unsigned number_of(const struct wire_rtp *rtp)
{
	struct kk_view data;

	CHECK_OK(wire_rtp_ext_find(rtp, WIRE_TWCC_ID, &data));
	CHECK_EQ(data.bytes, 2);
	return wire_get_u16(data.data);
}

TEST(all_that_a_client_gets_is_numbered_across_its_streams)
{
	static struct call c;
	struct wire_rtp video, audio, again;

	call_open(&c, DTLS_BACKEND_OPENSSL, DTLS_BACKEND_OPENSSL);
	world_until(&c.w, alice_has_pli, &c);
	client_video(&c.alice, true, 1);
	client_audio(&c.alice, 2);
	world_settle(&c.w);
	CHECK(client_rtp(&c.bob, c.slots[1].ssrc, 0, &video));
	CHECK(client_rtp(&c.bob, c.slots[0].ssrc, 0, &audio));
	CHECK_EQ(number_of(&video) + number_of(&audio), 0 + 1);
	client_nack(&c.bob, c.slots[1].ssrc, video.seq);
	world_until(&c.w, bob_has_rtx, &c);
	CHECK(client_rtp(&c.bob, c.slots[1].rtx_ssrc, 0, &again));
	CHECK_EQ(number_of(&again), 2);
	world_close(&c.w);
}

TEST(a_lost_packet_comes_again_by_rtx)
{
	static struct call c;
	struct hop_rtx to = { 0 };
	struct wire_rtp rtp;
	uint8_t plain[CLIENT_PACKET_BYTES];
	struct wire_out w;

	call_open(&c, DTLS_BACKEND_OPENSSL, DTLS_BACKEND_OPENSSL);
	client_video(&c.alice, true, 2);
	world_until(&c.w, bob_has_video, &c);
	CHECK(client_rtp(&c.bob, c.slots[1].ssrc, 0, &rtp));
	client_nack(&c.bob, c.slots[1].ssrc, rtp.seq);
	world_until(&c.w, bob_has_rtx, &c);
	to.ssrc = rtp.ssrc;
	to.payload_type = rtp.payload_type;
	for (size_t i = 0; i < c.bob.inbox_count; i++) {
		struct kk_view in = kk_view_of(c.bob.inbox[i].data,
		    c.bob.inbox[i].bytes);

		CHECK_OK(wire_rtp_parse(&rtp, in));
		if (rtp.ssrc != c.slots[1].rtx_ssrc)
			continue;
		CHECK_EQ(rtp.payload_type, 97);
		wire_out_init(&w, plain, sizeof(plain));
		CHECK_OK(hop_rtx_unwrap(&w, in, &to));
		CHECK_EQ(w.bytes, c.bob.inbox[0].bytes);
		/* The same, but for the transport's number (NUMBER_AT). */
		CHECK_MEM(plain, c.bob.inbox[0].data, NUMBER_AT);
		CHECK_MEM(plain + NUMBER_AT + 2,
		    c.bob.inbox[0].data + NUMBER_AT + 2,
		    w.bytes - NUMBER_AT - 2);
	}
	CHECK_EQ(media_counts(c.w.media).retransmissions, 1);
	world_close(&c.w);
}

TEST(a_receivers_request_for_a_key_frame_reaches_the_publisher)
{
	static struct call c;

	call_open(&c, DTLS_BACKEND_OPENSSL, DTLS_BACKEND_OPENSSL);
	world_until(&c.w, alice_has_pli, &c);
	client_video(&c.alice, true, 2);
	world_until(&c.w, bob_has_video, &c);
	c.alice.inbox_count = 0;
	world_clock_move(2000000);
	client_pli(&c.bob, c.slots[1].ssrc);
	world_until(&c.w, alice_has_pli, &c);
	world_close(&c.w);
}

TEST(what_is_published_later_and_again_is_shown_to_who_waits)
{
	static struct call c;

	call_open(&c, DTLS_BACKEND_OPENSSL, DTLS_BACKEND_OPENSSL);
	CHECK_OK(media_unpublish(c.alice.peer, MEDIA_CAMERA));
	CHECK_OK(media_unpublish(c.alice.peer, MEDIA_MICROPHONE));
	CHECK_ERR(media_unpublish(c.alice.peer, MEDIA_CAMERA), KK_ENOENT);
	client_video(&c.alice, true, 1);
	world_settle(&c.w);
	CHECK_EQ(bobs(&c, c.slots[1].ssrc), 0);
	client_publish(&c.alice);
	client_video(&c.alice, true, 2);
	world_until(&c.w, bob_has_video, &c);
	world_close(&c.w);
}

TEST(a_participant_that_goes_leaves_its_watchers_slots_empty)
{
	static struct call c;
	static struct client carol;

	call_open(&c, DTLS_BACKEND_OPENSSL, DTLS_BACKEND_OPENSSL);
	client_open(&carol, &c.w, c.w.meeting, MEDIA_BOTH,
	    DTLS_BACKEND_OPENSSL);
	client_connect(&carol);
	client_publish(&carol);
	client_close(&c.alice);
	CHECK_OK(media_watch(c.bob.peer,
	    &(struct media_watch){ .slot = c.slots[1].slot,
		.of = carol.peer,
		.source = MEDIA_CAMERA }));
	client_video(&carol, true, 9);
	world_until(&c.w, bob_has_video, &c);
	world_close(&c.w);
}

TEST(two_meetings_never_mix)
{
	static struct call c;
	static struct client carol;
	struct media_meeting *other = NULL;
	struct media_slot slots[2];
	struct wire_rtp rtp;

	call_open(&c, DTLS_BACKEND_OPENSSL, DTLS_BACKEND_OPENSSL);
	CHECK_OK(media_meeting_new(&other, c.w.media));
	client_open(&carol, &c.w, other, MEDIA_BOTH, DTLS_BACKEND_OPENSSL);
	client_connect(&carol);
	CHECK_OK(media_slots_make(carol.peer, carol.transport.number,
	    &(struct media_slots){ .audio = 1, .video = 1 }, slots));
	CHECK_ERR(media_watch(carol.peer,
		      &(struct media_watch){ .slot = slots[1].slot,
			  .of = c.alice.peer,
			  .source = MEDIA_CAMERA }),
	    KK_EINVAL);
	CHECK_ERR(media_watch(c.bob.peer,
		      &(struct media_watch){ .slot = c.slots[1].slot,
			  .of = carol.peer,
			  .source = MEDIA_CAMERA }),
	    KK_EINVAL);
	client_publish(&carol); /* the same SSRCs as alice's */
	client_video(&carol, true, 7);
	client_video(&c.alice, true, 8);
	world_until(&c.w, bob_has_video, &c);
	world_settle(&c.w);
	CHECK_EQ(bobs(&c, c.slots[1].ssrc), 1);
	CHECK(client_rtp(&c.bob, c.slots[1].ssrc, 0, &rtp));
	CHECK_EQ(rtp.payload.data[rtp.payload.bytes - 1], 8);
	for (size_t i = 0; i < 2; i++)
		CHECK(!client_rtp(&carol, slots[i].ssrc, 0, &rtp));
	client_close(&carol);
	media_meeting_free(other);
	world_close(&c.w);
}

static void noise(struct client *c, uint32_t *x)
{
	uint8_t junk[256];

	for (size_t i = 0; i < sizeof(junk); i++) {
		*x = *x * 1664525 + 1013904223;
		junk[i] = (uint8_t)(*x >> 24);
	}
	/* Of all kinds: STUN, DTLS, RTP, RTCP, none. */
	junk[0] = (uint8_t[]){ 0, 22, 128, 128, 255 }[*x % 5];
	junk[1] = *x % 5 == 3 ? 200 : junk[1] & 0x7f;
	client_send_raw(c, kk_view_of(junk, 20 + *x / 7 % 200));
}

TEST(a_flood_of_junk_from_known_and_unknown_addresses_disturbs_nothing)
{
	static struct call c;
	static struct client stranger;
	uint32_t x = 1;

	call_open(&c, DTLS_BACKEND_OPENSSL, DTLS_BACKEND_OPENSSL);
	client_open(&stranger, &c.w, c.w.meeting, MEDIA_BOTH,
	    DTLS_BACKEND_OPENSSL);
	for (unsigned i = 0; i < FLOOD; i++) {
		noise(&c.alice, &x);
		noise(&c.bob, &x);
		noise(&stranger, &x);
		if (i % 20 == 0) /* a socket holds so many */
			world_settle(&c.w);
	}
	CHECK(media_counts(c.w.media).refused_packets > FLOOD * 3 / 2);
	client_video(&c.alice, true, 2);
	world_until(&c.w, bob_has_video, &c);
	CHECK_EQ(c.w.change_count, 2);
	world_close(&c.w);
}
