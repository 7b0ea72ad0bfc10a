/* refuse.c - tests of what the forwarder refuses. */
#include <string.h>

#include "harness/tap.h"
#include "mock/alloc.h"
#include "sfu/world.h"

static const uint64_t t0 = WORLD_START_US;

static void on_send(void *arg, struct kk_view packet, bool is_rtcp)
{
	(void)arg;
	(void)packet;
	(void)is_rtcp;
}

static struct sfu_counts no_counts;
static const struct sfu_link_config plain = { .rtcp_ssrc = 1,
	.cname = "a",
	.send = on_send,
	.counts = &no_counts };

static enum kk_err all_try(void)
{
	const struct sfu_source_config from = { .kind = SFU_VIDEO,
		.encodings = { { .ssrc = 1 } },
		.encoding_count = 1 };
	const struct sfu_slot_config to = { .kind = SFU_VIDEO, .ssrc = 1 };
	struct sfu_source *source;
	struct sfu_link *link = NULL;
	struct sfu_slot *slot;
	enum kk_err err = sfu_link_new(&link, &plain);

	if (!err)
		err = sfu_source_new(&source, link, &from);
	if (!err)
		err = sfu_slot_new(&slot, link, &to);
	if (!err)
		err = sfu_slot_watch(slot, source, t0);
	sfu_link_free(link);
	return err;
}

TEST(every_failed_allocation_leaves_nothing_behind)
{
	enum kk_err err;

	ALLOC_FAULT_LOOP(err, all_try());
	CHECK_OK(err);
	sfu_link_free(NULL);
	sfu_source_free(NULL);
	sfu_slot_free(NULL);
}

TEST(a_link_needs_a_name_of_the_right_length)
{
	struct sfu_link_config config = plain;
	struct sfu_link *link = NULL;

	config.cname = "";
	CHECK_ERR(sfu_link_new(&link, &config), KK_EINVAL);
	config.cname = "012345678901234567890123456789012";
	CHECK_ERR(sfu_link_new(&link, &config), KK_EINVAL);
	CHECK(!link);
}

TEST(sources_of_wrong_or_known_numbers_are_refused)
{
	struct sfu_source_config config = { .kind = SFU_AUDIO,
		.rtx_payload_type = 1,
		.encodings = { { .ssrc = 5, .rtx_ssrc = 6 } },
		.encoding_count = 1 };
	struct sfu_source_config bad;
	struct sfu_source *source = NULL;
	struct sfu_link *link = NULL;

	CHECK_OK(sfu_link_new(&link, &plain));
	bad = config;
	bad.encodings[0].ssrc = 0;
	CHECK_ERR(sfu_source_new(&source, link, &bad), KK_EINVAL);
	bad.encodings[0].ssrc = 6;
	CHECK_ERR(sfu_source_new(&source, link, &bad), KK_EINVAL);
	bad = config;
	bad.payload_type = 128;
	CHECK_ERR(sfu_source_new(&source, link, &bad), KK_EINVAL);
	bad.payload_type = 1;
	CHECK_ERR(sfu_source_new(&source, link, &bad), KK_EINVAL);
	bad = config;
	bad.encoding_count = 0;
	CHECK_ERR(sfu_source_new(&source, link, &bad), KK_EINVAL);
	bad.encoding_count = 2; /* sound has one */
	bad.encodings[1].ssrc = 7;
	CHECK_ERR(sfu_source_new(&source, link, &bad), KK_EINVAL);
	bad.kind = SFU_VIDEO;
	bad.encodings[1].ssrc = 6;
	CHECK_ERR(sfu_source_new(&source, link, &bad), KK_EINVAL);
	bad.encodings[1] = (struct sfu_encoding_config){ .ssrc = 7,
		.rtx_ssrc = 6 };
	CHECK_ERR(sfu_source_new(&source, link, &bad), KK_EINVAL);
	bad.codec = SFU_VP9; /* its layers are in one stream */
	bad.encodings[1] = (struct sfu_encoding_config){ .ssrc = 7,
		.rtx_ssrc = 8 };
	CHECK_ERR(sfu_source_new(&source, link, &bad), KK_EINVAL);
	CHECK(!source);
	CHECK_OK(sfu_source_new(&source, link, &config));
	bad = config;
	bad.encodings[0].ssrc = 6;
	bad.encodings[0].rtx_ssrc = 0;
	CHECK_ERR(sfu_source_new(&source, link, &bad), KK_EEXIST);
	config.encodings[0].rtx_ssrc = 0;
	for (uint32_t ssrc = 10; ssrc < 12; ssrc++) {
		config.encodings[0].ssrc = ssrc;
		CHECK_OK(sfu_source_new(&source, link, &config));
	}
	config.encodings[0].ssrc = 20;
	CHECK_ERR(sfu_source_new(&source, link, &config), KK_ELIMIT);
	sfu_source_free(source);
	CHECK_OK(sfu_source_new(&source, link, &config));
	sfu_link_free(link);
}

TEST(slots_of_wrong_or_known_numbers_and_of_another_kind_are_refused)
{
	struct sfu_slot_config config = { .kind = SFU_AUDIO };
	const struct sfu_source_config camera = { .kind = SFU_VIDEO,
		.encodings = { { .ssrc = 5 } },
		.encoding_count = 1 };
	struct sfu_source *source = NULL;
	struct sfu_slot *slot = NULL;
	struct sfu_link *link = NULL;

	CHECK_OK(sfu_link_new(&link, &plain));
	CHECK_ERR(sfu_slot_new(&slot, link, &config), KK_EINVAL);
	config.ssrc = 9;
	config.payload_type = 128;
	CHECK_ERR(sfu_slot_new(&slot, link, &config), KK_EINVAL);
	config.payload_type = 111;
	for (; config.ssrc < 9 + SFU_LINK_SLOTS_MAX; config.ssrc++)
		CHECK_OK(sfu_slot_new(&slot, link, &config));
	CHECK_ERR(sfu_slot_new(&slot, link, &config), KK_ELIMIT);
	config.ssrc = 9;
	CHECK_ERR(sfu_slot_new(&slot, link, &config), KK_EEXIST);
	CHECK_OK(sfu_source_new(&source, link, &camera));
	CHECK_ERR(sfu_slot_watch(slot, source, t0), KK_EINVAL);
	CHECK(!sfu_slot_source(slot));
	sfu_link_free(link);
}

TEST(packets_that_are_nobodys_or_malformed_are_dropped_and_counted)
{
	const struct world_frame f = { true, true, true, 0 };
	uint8_t out[WORLD_PACKET_BYTES], big[SFU_PACKET_MAX_BYTES + 1];
	struct sfu_counts counts = { 0 };
	struct world_peer alice, bob;
	struct world_stream cam;
	size_t bytes;

	world_peer_open(&alice, &counts);
	world_peer_open(&bob, &counts);
	world_publish(&cam, &alice, SFU_VIDEO, 1000);
	CHECK_OK(sfu_slot_watch(world_slot(&bob, SFU_VIDEO, 10), cam.source,
	    t0));
	bytes = world_packet(&cam, &f, out);
	for (size_t cut = 0; cut < 28; cut++)
		CHECK_ERR(sfu_link_rtp(alice.link, kk_view_of(out, cut), t0),
		    KK_ETRUNC);
	CHECK_ERR(sfu_link_rtp(bob.link, kk_view_of(out, bytes), t0),
	    KK_ENOENT);
	out[1] ^= 1; /* payload type */
	CHECK_ERR(sfu_link_rtp(alice.link, kk_view_of(out, bytes), t0),
	    KK_ENOENT);
	out[1] ^= 1;
	out[0] = 0x40;
	CHECK_ERR(sfu_link_rtp(alice.link, kk_view_of(out, bytes), t0),
	    KK_EFORMAT);
	memset(big, 0x80, sizeof(big));
	CHECK_ERR(sfu_link_rtp(alice.link, kk_view_of(big, sizeof(big)), t0),
	    KK_ELIMIT);
	CHECK_ERR(sfu_link_rtcp(alice.link, kk_view_of(big, sizeof(big)), t0),
	    KK_ELIMIT);
	CHECK_ERR(sfu_link_rtcp(alice.link, kk_view_of(out, 4), t0),
	    KK_EFORMAT);
	CHECK_EQ(counts.dropped, 28 + 6);
	CHECK_EQ(bob.out->count, 0);
	world_peer_close(&alice);
	world_peer_close(&bob);
}

TEST(malformed_feedback_is_refused_and_asks_for_nothing)
{
	/* A NACK with half an entry, a PLI with an entry, a FIR without. */
	static const uint8_t packets[][16] = {
		{ 0x81, 205, 0, 2, 0, 0, 0, 1, 0, 0, 0, 10 },
		{ 0x81, 206, 0, 3, 0, 0, 0, 1, 0, 0, 0, 10, 0, 0, 0, 0 },
		{ 0x84, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 10 },
		{ 0x81, 200, 0, 2, 0, 0, 0, 1, 0, 0, 0, 10 },
		{ 0x81, 201, 0, 1, 0, 0, 0, 1 },
	};
	struct sfu_counts counts = { 0 };
	struct world_peer bob;

	world_peer_open(&bob, &counts);
	(void)world_slot(&bob, SFU_VIDEO, 10);
	for (size_t i = 0; i < KK_ARRAY_LEN(packets); i++)
		CHECK_FAIL(sfu_link_rtcp(bob.link,
		    kk_view_of(packets[i], 4 + 4 * (size_t)packets[i][3]), t0));
	CHECK_EQ(counts.dropped, KK_ARRAY_LEN(packets));
	CHECK_EQ(counts.nacks, 0);
	CHECK_EQ(bob.out->count, 0);
	world_peer_close(&bob);
}
