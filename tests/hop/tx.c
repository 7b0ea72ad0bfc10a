/* tx.c - tests of the sender's side: history, RTX, reports, key frames. */
#include "hop/tx.h"

#include <string.h>

#include "harness/tap.h"
#include "hop/history.h"
#include "hop/keyframe.h"
#include "hop/rtx.h"
#include "mock/alloc.h"

enum { S = 1000000, MS = 1000, START_US = 5 * S };

static struct hop_history *history_of(size_t packets, size_t bytes)
{
	struct hop_history *h = NULL;

	CHECK_OK(hop_history_new(&h, packets, bytes));
	return h;
}

static void fill(uint8_t *data, size_t bytes, uint64_t seq)
{
	for (size_t i = 0; i < bytes; i++)
		data[i] = (uint8_t)(seq * 31 + i);
}

TEST(history_has_what_it_says_whole_or_not_at_all)
{
	uint8_t data[HOP_PACKET_MAX_BYTES], want[HOP_PACKET_MAX_BYTES];
	struct hop_history *h = history_of(64, 20000);
	size_t found = 0;

	for (uint64_t seq = 1; seq <= 1000; seq++) {
		size_t bytes = 100 + seq * 7919 % 1300;

		fill(data, bytes, seq);
		hop_history_put(h, seq, kk_view_of(data, bytes), START_US);
		for (uint64_t old = seq > 70 ? seq - 70 : 1; old <= seq;
		    old++) {
			struct kk_view got;

			bytes = 100 + old * 7919 % 1300;
			if (hop_history_get(h, old, START_US, &got))
				continue;
			fill(want, bytes, old);
			CHECK_EQ(got.bytes, bytes);
			CHECK_MEM(got.data, want, bytes);
			CHECK(seq - old < 64);
			found++;
		}
	}
	CHECK(found > 1000 * 10); /* 20000 bytes are 26 packets */
	hop_history_free(h);
}

TEST(history_forgets_by_age_and_number_and_never_had_others)
{
	uint8_t data[HOP_PACKET_MAX_BYTES + 1] = { 1 };
	struct hop_history *h = history_of(4, HOP_PACKET_MAX_BYTES);
	struct kk_view got;

	hop_history_put(h, 7, kk_view_of(data, 10), START_US);
	CHECK_OK(hop_history_get(h, 7, START_US + HOP_HISTORY_AGE_US, &got));
	CHECK_ERR(hop_history_get(h, 7, START_US + HOP_HISTORY_AGE_US + 1,
		      &got),
	    KK_ENOENT);
	CHECK_ERR(hop_history_get(h, 3, START_US, &got), KK_ENOENT);
	CHECK_ERR(hop_history_get(h, 0, START_US, &got), KK_ENOENT);
	hop_history_put(h, 8, kk_view_of(data, sizeof(data)), START_US);
	CHECK_ERR(hop_history_get(h, 8, START_US, &got), KK_ENOENT);
	hop_history_put(h, 11, kk_view_of(data, 10), START_US);
	CHECK_ERR(hop_history_get(h, 7, START_US, &got), KK_ENOENT);
	hop_history_free(h);
	hop_history_free(NULL);
}

static enum kk_err history_try(void)
{
	struct hop_history *h = NULL;
	enum kk_err err = hop_history_new(&h, 8, HOP_PACKET_MAX_BYTES);

	CHECK(!err == !!h);
	hop_history_free(h);
	return err;
}

TEST(history_refuses_wrong_sizes_and_survives_failed_allocations)
{
	struct hop_history *h = NULL;
	enum kk_err err;

	CHECK_ERR(hop_history_new(&h, 0, 20000), KK_EINVAL);
	CHECK_ERR(hop_history_new(&h, 48, 20000), KK_EINVAL);
	CHECK_ERR(hop_history_new(&h, 64, HOP_PACKET_MAX_BYTES - 1), KK_EINVAL);
	CHECK(!h);
	ALLOC_FAULT_LOOP(err, history_try());
	CHECK_OK(err);
}

TEST(resent_allows_a_packet_once_in_a_round_trip)
{
	struct hop_resent r = { 0 };

	CHECK(hop_resent_may(&r, 5, 50 * MS, START_US));
	CHECK(!hop_resent_may(&r, 5, 50 * MS, START_US + 49 * MS));
	CHECK(hop_resent_may(&r, 6, 50 * MS, START_US));
	CHECK(hop_resent_may(&r, 5, 50 * MS, START_US + 50 * MS));
	CHECK(hop_resent_may(&r, 0, 50 * MS, START_US));
}

TEST(resent_allows_a_packet_a_few_times_however_long_it_is_asked_for)
{
	struct hop_resent r = { 0 };
	uint64_t now_us = START_US;

	for (unsigned i = 0; i < HOP_RESENT_TIMES_MAX; i++, now_us += 50 * MS)
		CHECK(hop_resent_may(&r, 7, 50 * MS, now_us));
	for (unsigned i = 0; i < 100; i++, now_us += 50 * MS)
		CHECK(!hop_resent_may(&r, 7, 50 * MS, now_us));
	CHECK(hop_resent_may(&r, 8, 50 * MS, now_us));
	/* In its place in the table; that is long after it. */
	CHECK(hop_resent_may(&r, 7 + HOP_RESENT_MAX, 50 * MS, now_us));
}

static const struct hop_rtx rtx = { 0xaabbccdd, 97, 500 };

static size_t packet_make(uint8_t *out, size_t room, size_t payload,
    uint8_t padding)
{
	static const uint8_t data[1500] = { 1, 2, 3, 4 };
	struct wire_rtp rtp = { .has_marker = true,
		.payload_type = 96,
		.seq = 65535,
		.timestamp = 77,
		.ssrc = 9,
		.csrc_count = 1,
		.csrcs = { 4 },
		.has_ext = true,
		.ext_profile = WIRE_RTP_EXT_ONE_BYTE,
		.ext = { (const uint8_t *)"\x10\x61\x00\x00", 4 },
		.payload = { data, payload },
		.padding_bytes = padding };
	struct wire_out w;

	wire_out_init(&w, out, room);
	wire_rtp_write(&w, &rtp);
	CHECK_OK(w.err);
	return w.bytes;
}

TEST(rtx_wraps_and_unwraps_to_the_same_packet)
{
	uint8_t plain[200], wrapped[200], back[200];
	size_t bytes = packet_make(plain, sizeof(plain), 50, 0);
	struct hop_rtx to = { .ssrc = 9, .payload_type = 96 };
	struct wire_out w, v;
	struct wire_rtp rtp;

	wire_out_init(&w, wrapped, sizeof(wrapped));
	hop_rtx_wrap(&w, kk_view_of(plain, bytes), &rtx);
	CHECK_OK(w.err);
	CHECK_EQ(w.bytes, bytes + HOP_RTX_OVERHEAD_BYTES);
	CHECK_OK(wire_rtp_parse(&rtp, wire_out_view(&w)));
	CHECK_EQ(rtp.ssrc, rtx.ssrc);
	CHECK_EQ(rtp.payload_type, 97);
	CHECK_EQ(rtp.seq, 500);
	CHECK_EQ(rtp.timestamp, 77);
	CHECK(rtp.has_marker);
	CHECK_EQ(wire_get_u16(rtp.payload.data), 65535);
	wire_out_init(&v, back, sizeof(back));
	CHECK_OK(hop_rtx_unwrap(&v, wire_out_view(&w), &to));
	CHECK_EQ(to.seq, 65535);
	CHECK_EQ(v.bytes, bytes);
	CHECK_MEM(back, plain, bytes);
}

TEST(rtx_leaves_padding_out_and_takes_probes_for_nothing)
{
	uint8_t plain[600], wrapped[600];
	size_t bytes = packet_make(plain, sizeof(plain), 50, 100);
	struct hop_rtx to = { .ssrc = 9, .payload_type = 96, .seq = 3 };
	struct wire_out w;

	wire_out_init(&w, wrapped, sizeof(wrapped));
	hop_rtx_wrap(&w, kk_view_of(plain, bytes), &rtx);
	CHECK_OK(w.err);
	CHECK_EQ(w.bytes, bytes - 100 + HOP_RTX_OVERHEAD_BYTES);
	bytes = packet_make(plain, sizeof(plain), 0, 200);
	wire_out_init(&w, wrapped, sizeof(wrapped));
	CHECK_ERR(hop_rtx_unwrap(&w, kk_view_of(plain, bytes), &to), KK_ENOENT);
	CHECK_EQ(w.bytes, 0);
	CHECK_EQ(to.seq, 3);
}

TEST(rtx_refuses_what_is_no_packet_and_too_little_room)
{
	uint8_t plain[200], out[200];
	size_t bytes = packet_make(plain, sizeof(plain), 50, 0);
	struct hop_rtx to = { .ssrc = 9, .payload_type = 96, .seq = 3 };
	struct wire_out w;

	for (size_t cut = 0; cut < 24; cut++) {
		wire_out_init(&w, out, sizeof(out));
		hop_rtx_wrap(&w, kk_view_of(plain, cut), &rtx);
		CHECK_FAIL(w.err);
		CHECK_FAIL(hop_rtx_unwrap(&w, kk_view_of(plain, cut), &to));
	}
	for (size_t room = 0; room < bytes + HOP_RTX_OVERHEAD_BYTES; room++) {
		wire_out_init(&w, out, room);
		hop_rtx_wrap(&w, kk_view_of(plain, bytes), &rtx);
		CHECK_ERR(w.err, KK_ENOSPC);
		CHECK_EQ(w.bytes, 0);
	}
	wire_out_init(&w, out, 20);
	CHECK_ERR(hop_rtx_unwrap(&w, kk_view_of(plain, bytes), &to), KK_ENOSPC);
	CHECK_EQ(to.seq, 3);
}

TEST(sender_report_moves_the_timestamp_on_to_now)
{
	struct hop_tx tx = { 0 };
	struct wire_rtcp_sr sr;

	CHECK(!hop_tx_report(&tx, 1, 90000, 0, START_US, &sr));
	hop_tx_packet(&tx, 0xffffff00, 100, START_US);
	hop_tx_packet(&tx, 0xffffff00, 50, START_US);
	CHECK(hop_tx_report(&tx, 1, 90000, 42, START_US + 10 * MS, &sr));
	CHECK_EQ(sr.timestamp, 900 - 256);
	CHECK_EQ(sr.ntp, 42);
	CHECK_EQ(sr.packet_count, 2);
	CHECK_EQ(sr.octet_count, 150);
	CHECK_EQ(hop_timestamp_move(900, -10 * MS, 90000), 0);
}

TEST(ntp_times_come_back)
{
	const uint64_t us = 1700000000123457;

	CHECK_EQ(hop_ntp_of(0) >> 32, 2208988800);
	CHECK_EQ(hop_ntp_of(1500000), (2208988801ULL << 32) | 0x80000000);
	for (unsigned i = 0; i < 1000; i++)
		CHECK_EQ(hop_ntp_to_us(hop_ntp_of(us + i)), us + i);
}

TEST(round_trip_is_what_the_report_leaves_of_the_time)
{
	/* RFC 3550, 6.4.1, figure 2. */
	struct wire_rtcp_report r = { .last_sr = 0xb7052000,
		.since_last_sr = 0x00054000 };
	uint64_t us = 0;

	CHECK_OK(hop_rtt_of(&r, 0xb7108000ULL << 16, &us));
	CHECK_EQ(us, 6125000);
	CHECK_ERR(hop_rtt_of(&r, 0xb7052000ULL << 16, &us), KK_ENOENT);
	r.last_sr = 0;
	CHECK_ERR(hop_rtt_of(&r, 0xb7108000ULL << 16, &us), KK_ENOENT);
}

TEST(keyframe_is_asked_for_once_for_many_and_again_until_it_comes)
{
	struct hop_keyframe k = { 0 };

	CHECK(!hop_keyframe_ask(&k, START_US));
	CHECK_EQ(hop_keyframe_wait_us(&k, START_US), -1);
	for (unsigned i = 0; i < 10; i++)
		hop_keyframe_want(&k);
	CHECK(hop_keyframe_ask(&k, START_US));
	hop_keyframe_want(&k);
	CHECK(!hop_keyframe_ask(&k, START_US + HOP_KEYFRAME_REPEAT_US - 1));
	CHECK_EQ(hop_keyframe_wait_us(&k, START_US), HOP_KEYFRAME_REPEAT_US);
	CHECK(hop_keyframe_ask(&k, START_US + HOP_KEYFRAME_REPEAT_US));
	hop_keyframe_came(&k);
	CHECK(!hop_keyframe_ask(&k, START_US + 9 * S));
	hop_keyframe_want(&k);
	CHECK(hop_keyframe_ask(&k, START_US + 9 * S));
}

enum { PICTURE_US = 33 * MS, JOINS_MAX = 400 };

struct joins { /* of many who look at one sender, 30 ms away */
	unsigned count, requests, key_frames;
	uint64_t waits[JOINS_MAX];
	uint64_t longest_us, sum_us;
};

/* One comes each every_us: how long until a key frame begins for it? */
static struct joins joins_run(unsigned count, uint64_t every_us)
{
	const uint64_t from_us = START_US + 10 * S;
	uint64_t came_us[JOINS_MAX], heard_us = 0;
	struct hop_keyframe k = { 0 };
	struct joins j = { .count = count };
	unsigned seen = 0, come = 0;

	for (uint64_t us = from_us; seen < count; us += MS) {
		CHECK(us < from_us + 600 * S);
		for (; come < count && us >= from_us + come * every_us;
		    come++) {
			came_us[come] = us;
			hop_keyframe_want(&k);
		}
		if (hop_keyframe_ask(&k, us)) {
			j.requests++;
			if (heard_us == 0)
				heard_us = us + 15 * MS;
		}
		if (heard_us == 0 || us < heard_us + 15 * MS ||
		    us % PICTURE_US >= MS)
			continue;
		heard_us = 0;
		j.key_frames++;
		hop_keyframe_came(&k);
		for (; seen < come; seen++) {
			uint64_t wait_us = us - came_us[seen];

			j.waits[seen] = wait_us;
			j.sum_us += wait_us;
			if (wait_us > j.longest_us)
				j.longest_us = wait_us;
		}
	}
	return j;
}

TEST(keyframe_of_a_quiet_sender_is_asked_for_at_once)
{
	/* There and back, and until its next picture. */
	const uint64_t least_us = 30 * MS + PICTURE_US + 2 * MS;
	struct joins j = joins_run(1, S);

	CHECK(j.longest_us <= least_us);
	j = joins_run(20, 2 * S);
	CHECK(j.longest_us <= least_us);
	CHECK_EQ(j.requests, 20);
}

TEST(keyframe_is_shared_by_those_who_come_together)
{
	struct joins j = joins_run(60, 500); /* in 30 ms */

	CHECK(j.key_frames <= 2);
	CHECK(j.sum_us / j.count <= 100 * MS);
	j = joins_run(200, 2 * MS); /* in 0.4 s */
	CHECK(j.key_frames <= 5);
	CHECK(j.sum_us / j.count <= 150 * MS);
	j = joins_run(200, 5 * MS); /* in a second */
	CHECK(j.key_frames <= 6);
	CHECK(j.longest_us <= HOP_KEYFRAME_GAP_MAX_US + 70 * MS);
}

TEST(keyframe_requests_are_two_a_second_for_long)
{
	struct joins j = joins_run(400, 100 * MS); /* 40 s */

	CHECK(j.requests <= 40 * 2 + 5);
	/* Whoever comes in waves gets no more out of it. */
	j = joins_run(30, S);
	CHECK(j.requests <= 30 * 2);
	CHECK(j.longest_us <= HOP_KEYFRAME_GAP_MAX_US + 70 * MS);
}

TEST(keyframe_asking_ends_when_nothing_comes)
{
	struct hop_keyframe k = { 0 };
	uint64_t now = START_US;
	unsigned asked = 0;

	hop_keyframe_want(&k);
	for (; asked < 100 && hop_keyframe_wait_us(&k, now) >= 0; asked++) {
		now += (uint64_t)hop_keyframe_wait_us(&k, now);
		CHECK(hop_keyframe_ask(&k, now));
	}
	CHECK_EQ(asked, HOP_KEYFRAME_REPEATS_MAX);
}
