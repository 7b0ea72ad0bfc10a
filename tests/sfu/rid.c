/* rid.c - tests of encodings that are known by their names. */
#include <string.h>

#include "harness/tap.h"
#include "sfu/world.h"

struct call { /* alice's browser, and a slot of bob's */
	struct sfu_counts counts;
	struct world_peer alice, bob;
	struct sfu_slot *slot;
	uint64_t now;
};

enum { MID_ID = 1, RID_ID = 2, REPAIRED_ID = 3 };

static struct sfu_source_config named_config(const char *mid)
{
	struct sfu_source_config config = { .kind = SFU_VIDEO,
		.payload_type = 96,
		.rtx_payload_type = 97,
		.mid_id = MID_ID,
		.rid_id = RID_ID,
		.repaired_rid_id = REPAIRED_ID,
		.encodings = { { .rid = "r0" }, { .rid = "r1" } },
		.encoding_count = 2 };

	memcpy(config.mid, mid, strlen(mid) + 1);
	return config;
}

struct named_packet {
	uint32_t ssrc;
	uint8_t type;
	const char *mid, *rid, *repaired; /* NULL: without */
};

static struct named_packet named(uint32_t ssrc, uint8_t type, const char *mid,
    const char *rid, const char *repaired)
{
	return (struct named_packet){ ssrc, type, mid, rid, repaired };
}

static enum kk_err named_send(struct call *c, struct named_packet n)
{
	struct wire_rtp_ext exts[3];
	uint8_t ext[64], out[128];
	/* VP8: starts a partition; a key frame. */
	static const uint8_t payload[] = { 0, 7, 0x10, 0x10, 1, 2, 3 };
	struct wire_rtp rtp = { .payload_type = n.type,
		.seq = 7,
		.ssrc = n.ssrc,
		.has_ext = true };
	struct wire_out w, x;
	size_t count = 0;

	if (n.mid)
		exts[count++] = (struct wire_rtp_ext){ MID_ID,
			kk_view_text(n.mid) };
	if (n.rid)
		exts[count++] = (struct wire_rtp_ext){ RID_ID,
			kk_view_text(n.rid) };
	if (n.repaired)
		exts[count++] = (struct wire_rtp_ext){ REPAIRED_ID,
			kk_view_text(n.repaired) };
	wire_out_init(&x, ext, sizeof(ext));
	wire_rtp_ext_write(&x, exts, count, &rtp.ext_profile);
	rtp.ext = wire_out_view(&x);
	/* In front of a retransmission stands the number that it had. */
	rtp.payload = n.type == 97 ?
	    kk_view_of(payload, sizeof(payload)) :
	    kk_view_of(payload + 2, sizeof(payload) - 2);
	wire_out_init(&w, out, sizeof(out));
	wire_rtp_write(&w, &rtp);
	CHECK_OK(w.err);
	return sfu_link_rtp(c->alice.link, wire_out_view(&w), c->now++);
}

TEST(encodings_are_known_by_the_names_that_their_packets_have_at_first)
{
	struct sfu_source_config camera = named_config("0"),
				 screen = named_config("1"), bad;
	struct sfu_source *sources[2] = { NULL };
	struct wire_rtcp_fb fb;
	struct wire_rtp rtp;
	struct call c;

	memset(&c, 0, sizeof(c));
	c.now = WORLD_START_US;
	world_peer_open(&c.alice, &c.counts);
	world_peer_open(&c.bob, &c.counts);
	c.slot = world_slot(&c.bob, SFU_VIDEO, 10);
	bad = camera;
	bad.rid_id = 0;
	CHECK_ERR(sfu_source_new(&sources[0], c.alice.link, &bad), KK_EINVAL);
	memcpy(bad.encodings[1].rid, "r0", 3);
	bad.rid_id = RID_ID;
	CHECK_ERR(sfu_source_new(&sources[0], c.alice.link, &bad), KK_EINVAL);
	CHECK_OK(sfu_source_new(&sources[0], c.alice.link, &camera));
	CHECK_OK(sfu_source_new(&sources[1], c.alice.link, &screen));
	CHECK_OK(sfu_slot_watch(c.slot, sources[1], c.now));
	CHECK_EQ(c.alice.out->count, 0); /* who could be asked? */
	CHECK_ERR(named_send(&c, named(50, 96, "1", NULL, NULL)), KK_ENOENT);
	CHECK_ERR(named_send(&c, named(50, 96, NULL, "r0", NULL)), KK_ENOENT);
	CHECK_ERR(named_send(&c, named(50, 96, "1", "r2", NULL)), KK_ENOENT);
	CHECK_ERR(named_send(&c, named(50, 99, "1", "r0", NULL)), KK_ENOENT);
	CHECK(!world_rtp_at(&c.bob, 0, &rtp));
	CHECK_OK(named_send(&c, named(40, 96, "0", "r0", NULL)));
	CHECK(!world_rtp_at(&c.bob, 0, &rtp)); /* the camera's */
	CHECK_OK(named_send(&c, named(51, 97, "1", NULL, "r0")));
	CHECK(world_rtp_at(&c.bob, 0, &rtp)); /* resent before it came */
	CHECK_OK(named_send(&c, named(52, 96, "1", "r1", NULL)));
	CHECK(world_rtp_at(&c.bob, 1, &rtp));
	/* From now on without names; nobody else gets them. */
	CHECK_ERR(named_send(&c, named(52, 96, NULL, NULL, NULL)), KK_EREPLAY);
	CHECK_ERR(named_send(&c, named(53, 96, "1", "r1", NULL)), KK_ENOENT);
	world_pli(&c.bob, 10, c.now + 1000000);
	CHECK(world_fb_at(&c.alice, 0, WIRE_RTCP_PSFB, WIRE_RTCP_PSFB_PLI,
	    &fb));
	CHECK_EQ(fb.media_ssrc, 52);
	world_peer_close(&c.alice);
	world_peer_close(&c.bob);
}
