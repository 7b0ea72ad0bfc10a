/* burst.c - tests of when and in which order a burst is shown. */
#include <string.h>

#include "harness/tap.h"
#include "mock/alloc.h"
#include "sfu/sfu_internal.h"
#include "sfu/world.h"

enum { CAM = 1000, LOG_MAX = 512, RECEIVERS = 3, KEPT = 128 };

static const uint64_t t0 = WORLD_START_US;

struct log { /* who was sent what, of all */
	char text[LOG_MAX + 1];
	size_t count;
};

struct receiver {
	struct log *log;
	char name;
	struct sfu_link *link;
};

struct call {
	struct sfu_counts counts;
	struct sfu_burst *burst;
	struct log log;
	struct world_peer alice;
	struct world_stream cam;
	struct receiver receivers[RECEIVERS];
	uint8_t kept[KEPT][WORLD_PACKET_BYTES]; /* until the burst's end */
	size_t kept_count;
};

static void on_send(void *arg, struct kk_view packet, bool is_rtcp)
{
	struct receiver *r = arg;

	(void)packet;
	CHECK(r->log->count < LOG_MAX);
	if (!is_rtcp)
		r->log->text[r->log->count++] = r->name;
}

static void receiver_open(struct call *c, struct receiver *r, char name)
{
	const struct sfu_link_config config = { .rtcp_ssrc = 1,
		.cname = "konklave",
		.send = on_send,
		.arg = r,
		.counts = &c->counts,
		.burst = c->burst };
	struct sfu_slot_config slot = { .kind = SFU_VIDEO,
		.ssrc = 10,
		.payload_type = 96 };
	struct sfu_slot *made = NULL;

	*r = (struct receiver){ .log = &c->log, .name = name };
	CHECK_OK(sfu_link_new(&r->link, &config));
	sfu_link_open(r->link, t0);
	CHECK_OK(sfu_slot_new(&made, r->link, &slot));
	CHECK_OK(sfu_slot_watch(made, c->cam.source, t0));
}

static void call_open(struct call *c)
{
	memset(c, 0, sizeof(*c));
	CHECK_OK(sfu_burst_new(&c->burst));
	world_peer_open_in(&c->alice, &c->counts, c->burst);
	world_publish(&c->cam, &c->alice, SFU_VIDEO, CAM);
	for (size_t i = 0; i < RECEIVERS; i++)
		receiver_open(c, &c->receivers[i], (char)('a' + i));
}

static void call_close(struct call *c)
{
	for (size_t i = 0; i < RECEIVERS; i++)
		sfu_link_free(c->receivers[i].link);
	world_peer_close(&c->alice);
	sfu_burst_free(c->burst);
}

static void give(struct call *c, bool is_key, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		const struct world_frame f = { is_key, i == 0, i + 1 == count,
			0 };
		uint8_t *data = c->kept[c->kept_count++];
		size_t bytes = world_packet(&c->cam, &f, data);

		CHECK(c->kept_count <= KEPT);
		CHECK_OK(sfu_link_rtp(c->alice.link, kk_view_of(data, bytes),
		    t0));
	}
	c->cam.picture_id++;
	c->cam.timestamp += 3000;
}

static void check_log(struct call *c, const char *want)
{
	c->log.text[c->log.count] = '\0';
	CHECK_STR(c->log.text, want);
	c->log.count = 0;
}

TEST(a_burst_waits_for_its_end_and_goes_receiver_by_receiver)
{
	static struct call c;

	call_open(&c);
	give(&c, true, 2);
	give(&c, false, 2);
	check_log(&c, "");
	give(&c, true, 1); /* ends what was before it */
	check_log(&c, "ccccbbbbaaaa");
	sfu_burst_end(c.burst);
	check_log(&c, "cba");
	sfu_burst_end(c.burst);
	check_log(&c, "");
	call_close(&c);
}

TEST(a_full_burst_ends_by_itself)
{
	static struct call c;

	call_open(&c);
	give(&c, true, 1);
	sfu_burst_end(c.burst);
	check_log(&c, "cba");
	give(&c, false, SFU_BURST_MAX + 1);
	CHECK_EQ(c.log.count, SFU_BURST_MAX * RECEIVERS);
	sfu_burst_end(c.burst);
	CHECK_EQ(c.log.count, (SFU_BURST_MAX + 1) * RECEIVERS);
	call_close(&c);
}

TEST(a_source_that_goes_is_shown_to_its_end)
{
	static struct call c;

	call_open(&c);
	give(&c, true, 1);
	sfu_burst_end(c.burst);
	check_log(&c, "cba");
	give(&c, false, 2);
	sfu_source_free(c.cam.source);
	check_log(&c, "ccbbaa");
	sfu_burst_end(c.burst);
	check_log(&c, "");
	call_close(&c);
}

static enum kk_err burst_try(void)
{
	struct sfu_burst *burst = NULL;
	enum kk_err err = sfu_burst_new(&burst);

	sfu_burst_free(burst);
	return err;
}

TEST(a_burst_without_memory_is_none)
{
	enum kk_err err;

	ALLOC_FAULT_LOOP(err, burst_try());
	CHECK_OK(err);
}
