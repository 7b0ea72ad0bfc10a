/* feedback.c - tests of feedback that is wrong, late, or a lie. */
#include "estimate/estimate.h"
#include "harness/tap.h"
#include "mock/alloc.h"

enum {
	KBPS = 1000,
	MS = 1000,
	BYTES = 1200,
	ARRIVALS_MAX = 1100,
	T0 = 1000 * MS,
	FAST_MS = 5 /* between packets: 1.92 Mbit/s */
};

static const struct estimate_config config = { 1000 * KBPS, 100 * KBPS,
	5000 * KBPS };

struct path { /* a sender's view, without a link */
	struct estimate *e;
	uint64_t now_us;
	uint64_t sent; /* packets; numbers begin at 0 */
	uint8_t data[4096];
};

static void path_open(struct path *p)
{
	*p = (struct path){ .now_us = T0 };
	CHECK_OK(estimate_new(&p->e, &config, p->now_us));
	estimate_want(p->e, 0, config.start_bps); /* no probes */
}

static void path_close(struct path *p)
{
	estimate_free(p->e);
}

static void send(struct path *p, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		CHECK_EQ(estimate_sent(p->e, BYTES, p->now_us),
		    (uint16_t)p->sent);
		p->sent++;
		p->now_us += FAST_MS * MS;
	}
}

/* Feedback about some packets, as it comes over the wire. */
static enum kk_err tell(struct path *p, const struct wire_twcc_arrival *list,
    size_t count)
{
	struct wire_rtcp_iter it;
	struct wire_rtcp packet;
	struct wire_rtcp_fb fb;
	struct wire_twcc twcc;
	struct wire_out w;
	size_t taken;

	wire_out_init(&w, p->data, sizeof(p->data));
	wire_twcc_write(&w, 1, 2, 0, list, count, &taken);
	CHECK_EQ(taken, count);
	CHECK_OK(wire_rtcp_begin(&it, wire_out_view(&w), true));
	CHECK(wire_rtcp_next(&it, &packet));
	CHECK_OK(wire_rtcp_fb_parse(&fb, &packet));
	CHECK_OK(wire_twcc_parse(&twcc, &fb));
	return estimate_feedback(p->e, &twcc, p->now_us);
}

/* Packets from to until arrived as they were sent, each later_us later. */
static enum kk_err tell_range(struct path *p, uint64_t from, uint64_t until,
    int64_t later_us)
{
	struct wire_twcc_arrival list[ARRIVALS_MAX];
	size_t count = 0;

	for (uint64_t seq = from; seq < until; seq++, count++)
		list[count] = (struct wire_twcc_arrival){ seq,
			T0 + (int64_t)seq * FAST_MS * MS +
			    (int64_t)count * later_us };
	return tell(p, list, count);
}

static bool is_same(struct estimate_state a, struct estimate_state b)
{
	return a.bps == b.bps && a.acked_bps == b.acked_bps &&
	    a.rtt_us == b.rtt_us && a.loss_permille == b.loss_permille &&
	    a.is_overused == b.is_overused && a.probes == b.probes;
}

TEST(bounds_that_make_no_sense_are_refused)
{
	const struct estimate_config wrong[] = {
		{ 100, 0, 200 },
		{ 100, 101, 200 },
		{ 201, 100, 200 },
	};
	struct estimate *e = NULL;

	for (size_t i = 0; i < KK_ARRAY_LEN(wrong); i++)
		CHECK_ERR(estimate_new(&e, &wrong[i], 0), KK_EINVAL);
	CHECK(e == NULL);
	estimate_free(NULL);
}

TEST(without_memory_there_is_no_estimate)
{
	struct estimate *e = NULL;
	enum kk_err err;

	ALLOC_FAULT_LOOP(err, estimate_new(&e, &config, 0));
	CHECK_OK(err);
	estimate_free(e);
}

TEST(packets_that_were_never_sent_are_refused_and_change_nothing)
{
	struct estimate_state before;
	struct path p;

	path_open(&p);
	CHECK_ERR(tell_range(&p, 0, 1, 0), KK_ENOENT);
	send(&p, 50);
	CHECK_OK(tell_range(&p, 0, 40, 0));
	before = estimate_get(p.e);
	CHECK_ERR(tell_range(&p, 40, 51, 0), KK_ENOENT);
	CHECK_ERR(tell_range(&p, 30000, 30010, 0), KK_ENOENT);
	CHECK_ERR(tell_range(&p, 65000, 65010, 0), KK_ENOENT);
	CHECK(is_same(before, estimate_get(p.e)));
	CHECK_EQ(estimate_get(p.e).refused, 4);
	CHECK_OK(tell_range(&p, 40, 50, 0));
	path_close(&p);
}

TEST(feedback_about_what_is_forgotten_or_too_much_is_refused)
{
	struct path p;

	path_open(&p);
	send(&p, 256 + 60);
	CHECK_ERR(tell_range(&p, 0, 60, 0), KK_ENOENT);
	CHECK_OK(tell_range(&p, 50, 70, 0)); /* in part */
	CHECK_ERR(tell_range(&p, 60, 61 + ESTIMATE_HISTORY_PACKETS, 0),
	    KK_ELIMIT);
	CHECK_OK(tell_range(&p, 61, 60 + 256, 0));
	path_close(&p);
}

TEST(where_much_is_on_its_way_as_much_is_remembered)
{
	struct path p;

	path_open(&p);
	send(&p, 200);
	CHECK_OK(tell_range(&p, 0, 10, 0));
	send(&p, 300);
	CHECK_OK(tell_range(&p, 10, 20, 0));
	send(&p, ESTIMATE_HISTORY_PACKETS + 60); /* from 500 on */
	CHECK_ERR(tell_range(&p, 500, 560, 0), KK_ENOENT);
	CHECK_OK(tell_range(&p, 550, 570, 0));
	CHECK_OK(tell_range(&p, 561, 560 + ESTIMATE_HISTORY_PACKETS, 0));
	path_close(&p);
}

TEST(no_more_is_remembered_where_there_is_no_memory_for_it)
{
	struct path p;

	path_open(&p);
	send(&p, 200);
	mock_alloc_arm(1);
	CHECK_OK(tell_range(&p, 0, 10, 0));
	CHECK(mock_alloc_disarm());
	send(&p, 250);
	CHECK_OK(tell_range(&p, 200, 450, 0));
	CHECK_ERR(tell_range(&p, 100, 110, 0), KK_ENOENT);
	path_close(&p);
}

TEST(feedback_that_comes_twice_counts_once)
{
	struct estimate_state once;
	struct path p;

	path_open(&p);
	send(&p, 100);
	CHECK_OK(tell_range(&p, 0, 100, 0));
	once = estimate_get(p.e);
	for (unsigned i = 0; i < 10; i++)
		CHECK_OK(tell_range(&p, 0, 100, 0));
	CHECK(is_same(once, estimate_get(p.e)));
	path_close(&p);
}

TEST(a_packet_told_lost_that_comes_late_was_not_lost)
{
	struct wire_twcc_arrival ends[2], middle[3];
	struct path p;

	path_open(&p);
	send(&p, 100);
	CHECK_OK(tell_range(&p, 0, 90, 0));
	ends[0] = (struct wire_twcc_arrival){ 90, T0 + 90 * FAST_MS * MS };
	ends[1] = (struct wire_twcc_arrival){ 99, T0 + 99 * FAST_MS * MS };
	CHECK_OK(tell(&p, ends, 2));
	CHECK_EQ(estimate_get(p.e).loss_permille, 80);
	for (unsigned i = 0; i < 3; i++)
		middle[i] = (struct wire_twcc_arrival){ 91 + i,
			T0 + 100 * FAST_MS * MS };
	CHECK_OK(tell(&p, middle, 3));
	CHECK_EQ(estimate_get(p.e).loss_permille, 50);
	path_close(&p);
}

TEST(feedback_that_overtakes_another_does_no_harm)
{
	struct path p;

	path_open(&p);
	for (unsigned i = 0; i < 40; i++) {
		send(&p, 20);
		CHECK_OK(tell_range(&p, p.sent - 10, p.sent, 0));
		CHECK_OK(tell_range(&p, p.sent - 20, p.sent - 10, 0));
	}
	CHECK(estimate_get(p.e).bps > config.start_bps);
	CHECK_EQ(estimate_get(p.e).loss_permille, 0);
	path_close(&p);
}

TEST(packets_that_come_later_and_later_lower_the_estimate)
{
	struct path p;

	path_open(&p);
	for (unsigned i = 0; i < 20; i++) {
		send(&p, 20);
		CHECK_OK(tell_range(&p, p.sent - 20, p.sent, 0));
	}
	CHECK(estimate_get(p.e).bps > config.start_bps);
	send(&p, 100);
	CHECK_OK(tell_range(&p, p.sent - 100, p.sent, 5 * MS));
	CHECK(estimate_get(p.e).is_overused);
	CHECK(estimate_get(p.e).bps < config.start_bps);
	path_close(&p);
}

TEST(times_that_go_back_are_survived)
{
	struct path p;

	path_open(&p);
	for (unsigned i = 0; i < 50; i++) {
		struct wire_twcc_arrival list[20];

		send(&p, 20);
		for (unsigned k = 0; k < 20; k++)
			list[k] = (struct wire_twcc_arrival){ p.sent - 20 + k,
				T0 + 1000 * MS * (int64_t)(i % 7) -
				    (int64_t)k * 300 * MS };
		CHECK_OK(tell(&p, list, 20));
	}
	CHECK(estimate_get(p.e).bps >= config.min_bps);
	CHECK(estimate_get(p.e).bps <= config.max_bps);
	/* And it learns again from times that make sense. */
	for (unsigned i = 0; i < 200; i++) {
		send(&p, 20);
		CHECK_OK(tell_range(&p, p.sent - 20, p.sent, 0));
	}
	CHECK(estimate_get(p.e).bps > 1500 * KBPS);
	path_close(&p);
}

TEST(who_claims_that_all_arrives_gets_no_more_than_the_bound)
{
	struct path p;

	path_open(&p);
	estimate_want(p.e, 0, UINT64_MAX);
	for (unsigned i = 0; i < 3000; i++) {
		size_t bytes;

		estimate_tick(p.e, p.now_us);
		for (bytes = estimate_probe_bytes(p.e, p.now_us); bytes > BYTES;
		    bytes -= BYTES) {
			(void)estimate_sent(p.e, BYTES, p.now_us);
			p.sent++;
		}
		CHECK_EQ(estimate_sent(p.e, BYTES, p.now_us), (uint16_t)p.sent);
		p.sent++;
		p.now_us += FAST_MS * MS;
		CHECK_OK(tell_range(&p, p.sent - 1, p.sent, 0));
		CHECK(estimate_get(p.e).bps <= config.max_bps);
	}
	path_close(&p);
}

TEST(loss_of_everything_lowers_the_estimate_to_its_least)
{
	struct path p;

	path_open(&p);
	for (unsigned i = 0; i < 400; i++) {
		struct wire_twcc_arrival ends[2];

		send(&p, 20);
		for (unsigned k = 0; k < 2; k++)
			ends[k] = (struct wire_twcc_arrival){
				p.sent - 20 + 19 * k, (int64_t)p.now_us
			};
		CHECK_OK(tell(&p, ends, 2));
	}
	CHECK(estimate_get(p.e).bps < 150 * KBPS);
	path_close(&p);
}

TEST(a_probe_is_as_fast_as_it_says_and_ends)
{
	struct path p;
	uint64_t sent = 0;

	path_open(&p);
	estimate_want(p.e, 0, 5000 * KBPS);
	send(&p, 1);
	for (unsigned i = 0; i < 100; i++) {
		size_t bytes;

		estimate_tick(p.e, p.now_us);
		bytes = estimate_probe_bytes(p.e, p.now_us);
		/* Three times the start. */
		CHECK(bytes <= 3000 * KBPS / 8 / 1000 * 16);
		if (bytes > 0)
			(void)estimate_sent(p.e, bytes, p.now_us);
		sent += bytes;
		p.now_us += 10 * MS;
	}
	CHECK(sent > 3000 * KBPS / 8 / 1000 * 20);
	CHECK(sent < 3000 * KBPS / 8 / 1000 * 45);
	CHECK_EQ(estimate_get(p.e).probes, 1);
	path_close(&p);
}
