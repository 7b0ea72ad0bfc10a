/*
 * compare.c - the two backends side by side: packet by packet the same bytes,
 * the same errors.
 */
#include <string.h>

#include "harness/tap.h"
#include "srtp/world.h"
#include "wire/out.h"

enum { OVERHEAD = SRTP_OVERHEAD_BYTES };

struct pair { /* libsrtp2's world and an engine's, under the same keys */
	struct world old, new;
	uint32_t random;
};

static void pair_init(struct pair *p, size_t kind)
{
	const struct world_kind ours = world_kind(kind);
	const struct world_kind theirs = { NULL, ours.profile };

	world_init(&p->old, theirs, 3, 8);
	world_init(&p->new, ours, 3, 8);
	p->random = (uint32_t)kind + 1;
}

static void pair_clear(struct pair *p)
{
	world_clear(&p->old);
	world_clear(&p->new);
}

#define EACH_PAIR(p)                                                 \
	for (size_t kind_i = WORLD_PROFILES;                         \
	    kind_i < WORLD_KINDS && (pair_init(&(p), kind_i), true); \
	    pair_clear(&(p)), kind_i++)

static uint32_t draw(struct pair *p, uint32_t below)
{
	p->random = p->random * 1664525u + 1013904223u;
	return (p->random >> 8) % below;
}

/* Seals the packet in old.plain by both. */
static enum kk_err seal_both(struct pair *p, size_t bytes, bool is_rtcp)
{
	enum kk_err want, got;

	memcpy(p->new.plain, p->old.plain, bytes);
	want = is_rtcp ? world_seal_rtcp(&p->old, bytes) :
			 world_seal_rtp(&p->old, bytes);
	got = is_rtcp ? world_seal_rtcp(&p->new, bytes) :
			world_seal_rtp(&p->new, bytes);
	CHECK_ERR(got, want);
	CHECK_EQ(p->new.sealed_bytes, p->old.sealed_bytes);
	CHECK_MEM(p->new.sealed, p->old.sealed, p->old.sealed_bytes);
	return want;
}

/* Opens a packet by both. */
static enum kk_err open_both(struct pair *p, const uint8_t *packet,
    size_t bytes, bool is_rtcp)
{
	struct world *worlds[] = { &p->old, &p->new };
	enum kk_err err[2];

	for (size_t i = 0; i < 2; i++) {
		memcpy(worlds[i]->sealed, packet, bytes);
		worlds[i]->sealed_bytes = bytes;
		err[i] = is_rtcp ? world_open_rtcp(worlds[i]) :
				   world_open_rtp(worlds[i]);
	}
	CHECK_ERR(err[1], err[0]);
	CHECK_EQ(p->new.opened_bytes, p->old.opened_bytes);
	CHECK_MEM(p->new.opened, p->old.opened, p->old.opened_bytes);
	return err[0];
}

/* --- sealing -------------------------------------------------------------- */

TEST(both_seal_the_same_rtp_through_wraps_losses_and_repeats)
{
	struct pair p;

	EACH_PAIR(p)
	{
		uint64_t top = 0xff00;
		unsigned refused = 0;

		while (top < 0x28000) {
			uint64_t index = top + draw(&p, 3);

			if (draw(&p, 40) == 0)
				index += 3000;
			if (draw(&p, 6) == 0)
				index -= draw(&p, 1500);
			refused += seal_both(&p,
				       world_rtp(&p.old, 1 + draw(&p, 3),
					   (uint16_t)index, draw(&p, 90)),
				       false) != KK_OK;
			top = index > top ? index : top;
		}
		CHECK(refused > 10);
	}
}

TEST(both_seal_the_same_rtcp)
{
	struct pair p;

	EACH_PAIR(p)
	{
		for (size_t i = 0; i < 300; i++)
			CHECK_OK(seal_both(&p,
			    world_rtcp(&p.old, 1 + draw(&p, 3), i % 32), true));
	}
}

/* --- opening -------------------------------------------------------------- */

enum { KEPT = 600, KEPT_BYTES = 256 };

struct kept {
	uint8_t data[KEPT_BYTES];
	size_t bytes;
	bool is_rtcp;
};

/* A stream of packets over two wraps, some of them RTCP. */
static size_t record(struct pair *p, struct kept *kept)
{
	uint64_t index[3] = { 0xfff0, 3, 0x8000 };

	for (size_t i = 0; i < KEPT; i++) {
		const uint32_t source = draw(p, 3);
		struct kept *k = &kept[i];

		k->is_rtcp = draw(p, 5) == 0;
		index[source] += 1 + draw(p, 700);
		if (k->is_rtcp)
			CHECK_OK(seal_both(p,
			    world_rtcp(&p->old, source, draw(p, 4)), true));
		else
			CHECK_OK(seal_both(p,
			    world_rtp(&p->old, source, (uint16_t)index[source],
				draw(p, 60)),
			    false));
		k->bytes = p->new.sealed_bytes;
		memcpy(k->data, p->new.sealed, k->bytes);
	}
	return KEPT;
}

TEST(both_open_the_same_of_what_is_lost_late_doubled_and_forged)
{
	static struct kept kept[KEPT];
	struct pair p;

	EACH_PAIR(p)
	{
		unsigned counts[KK_ERR_COUNT] = { 0 };
		const size_t count = record(&p, kept);

		for (size_t i = 0; i < 4 * count; i++) {
			/* Forward on the whole, by fits and starts. */
			size_t at = i / 4 + draw(&p, 12);
			uint8_t data[KEPT_BYTES];

			if (draw(&p, 30) == 0)
				at = draw(&p, (uint32_t)(i / 4 + 1));
			if (at >= count)
				continue;
			memcpy(data, kept[at].data, kept[at].bytes);
			if (draw(&p, 8) == 0) /* text or tag */
				data[kept[at].bytes - 5 - draw(&p, 10)] ^= 1;
			counts[open_both(&p, data, kept[at].bytes,
			    kept[at].is_rtcp)]++;
		}
		CHECK(counts[KK_OK] > 100 && counts[KK_EREPLAY] > 100 &&
		    counts[KK_EAUTH] > 10);
	}
}

TEST(both_lose_a_half_round_alike)
{
	static const uint16_t jumps[] = { 100, 0x7000, 0x7fff, 0x8000, 0x8001,
		0xffff, 1, 0x7ffe, 0xfff0, 0x10, 0x8010, 0x0011 };
	static struct kept kept[KK_ARRAY_LEN(jumps)];
	struct pair p;

	EACH_PAIR(p)
	{
		for (size_t i = 0; i < KK_ARRAY_LEN(jumps); i++) {
			if (seal_both(&p, world_rtp(&p.old, 1, jumps[i], 20),
				false))
				continue;
			memcpy(kept[i].data, p.new.sealed, p.new.sealed_bytes);
			kept[i].bytes = p.new.sealed_bytes;
			(void)open_both(&p, kept[i].data, kept[i].bytes, false);
		}
		for (size_t i = KK_ARRAY_LEN(jumps); i-- > 0;)
			(void)open_both(&p, kept[i].data, kept[i].bytes, false);
	}
}

TEST(both_refuse_each_truncation_and_each_flipped_bit_alike)
{
	struct pair p;

	EACH_PAIR(p)
	{
		for (unsigned is_rtcp = 0; is_rtcp < 2; is_rtcp++) {
			uint8_t good[WORLD_BYTES], bad[WORLD_BYTES];
			size_t bytes;

			bytes = is_rtcp ? world_rtcp(&p.old, 9, 2) :
					  world_rtp(&p.old, 9, 2, 40);
			CHECK_OK(seal_both(&p, bytes, is_rtcp));
			bytes = p.new.sealed_bytes;
			memcpy(good, p.new.sealed, bytes);
			for (size_t cut = 0; cut < bytes; cut++)
				CHECK(open_both(&p, good, cut, is_rtcp));
			for (size_t bit = 0; bit < bytes * 8; bit++) {
				memcpy(bad, good, bytes);
				bad[bit / 8] ^= (uint8_t)(1u << bit % 8);
				CHECK(open_both(&p, bad, bytes, is_rtcp));
			}
			CHECK_OK(open_both(&p, good, bytes, is_rtcp));
		}
	}
}

TEST(each_opens_what_the_other_seals)
{
	struct pair p;

	EACH_PAIR(p)
	{
		for (uint16_t seq = 0xff80; seq != 0x80; seq++) {
			size_t bytes = world_rtp(&p.old, 5, seq, seq % 64);

			memcpy(p.new.plain, p.old.plain, bytes);
			CHECK_OK(world_seal_rtp(&p.old, bytes));
			CHECK_OK(world_seal_rtp(&p.new, bytes));
			memcpy(p.old.opened, p.old.sealed, WORLD_BYTES);
			memcpy(p.old.sealed, p.new.sealed, WORLD_BYTES);
			memcpy(p.new.sealed, p.old.opened, WORLD_BYTES);
			CHECK_OK(world_open_rtp(&p.old));
			CHECK_OK(world_open_rtp(&p.new));
			world_check_opened(&p.old);
			world_check_opened(&p.new);
		}
	}
}

/* --- what the header adds ------------------------------------------------- */

#define EACH_KIND(w, ssrcs_max)                                         \
	for (size_t kind_i = 0; kind_i < WORLD_KINDS &&                 \
	    (world_init(&(w), world_kind(kind_i), 1, ssrcs_max), true); \
	    world_clear(&(w)), kind_i++)

TEST(parts_seal_to_the_packet_of_the_whole)
{
	struct world w, whole;

	for (size_t i = 0; i < WORLD_KINDS; i++) {
		world_init(&w, world_kind(i), 1, 4);
		world_init(&whole, world_kind(i), 1, 4);
		for (uint16_t seq = 1; seq < 40; seq++) {
			size_t bytes = world_rtp(&whole, 7, seq, 3 * seq);
			size_t header_bytes = bytes - 3 * seq;
			size_t out_bytes = bytes + OVERHEAD;
			uint8_t out[WORLD_BYTES];

			CHECK_OK(world_seal_rtp(&whole, bytes));
			CHECK_OK(srtp_tx_seal_parts(w.tx,
			    kk_view_of(whole.plain, header_bytes),
			    kk_view_of(whole.plain + header_bytes, 3 * seq),
			    out, &out_bytes));
			CHECK_EQ(out_bytes, whole.sealed_bytes);
			CHECK_MEM(out, whole.sealed, out_bytes);
			out_bytes = sizeof(out);
			CHECK_ERR(srtp_tx_seal_parts(w.tx,
				      kk_view_of(whole.plain, header_bytes + 1),
				      kk_view_of(whole.plain, 9), out,
				      &out_bytes),
			    KK_EFORMAT);
			CHECK_EQ(out_bytes, 0);
		}
		world_clear(&w);
		world_clear(&whole);
	}
}

enum { RECEIVERS = 3 * WORLD_KINDS, PACKETS = 5 };

struct crowd {
	struct world worlds[RECEIVERS], alone[RECEIVERS];
	struct srtp_seal seals[RECEIVERS * PACKETS];
	uint8_t out[RECEIVERS * PACKETS][WORLD_BYTES];
	uint8_t headers[RECEIVERS * PACKETS][WORLD_BYTES];
	uint8_t payload[1000];
};

static size_t crowd_fill(struct crowd *c)
{
	size_t count = 0;

	for (size_t i = 0; i < RECEIVERS; i++) {
		for (uint16_t seq = 0; seq < PACKETS; seq++) {
			uint8_t *header = c->headers[count];
			size_t bytes = world_rtp(&c->worlds[i],
			    (uint32_t)(seq % 2), seq, 0);

			memcpy(header, c->worlds[i].plain, bytes);
			c->seals[count] =
			    (struct srtp_seal){ .tx = c->worlds[i].tx,
				    .header = kk_view_of(header, bytes),
				    .payload = kk_view_of(c->payload,
					97 * count % sizeof(c->payload)),
				    .out = c->out[count],
				    .out_bytes = WORLD_BYTES,
				    .err = KK_ESTATE };
			count++;
		}
	}
	return count;
}

TEST(many_sealed_at_once_are_those_sealed_alone)
{
	static struct crowd c;
	size_t count;

	for (size_t i = 0; i < RECEIVERS; i++) {
		/* Mixed, so that runs begin and end; keys differ. */
		const struct world_kind kind = world_kind(i / 2 % WORLD_KINDS);

		world_init(&c.worlds[i], kind, (uint8_t)i, 4);
		world_init(&c.alone[i], kind, (uint8_t)i, 4);
	}
	for (size_t i = 0; i < sizeof(c.payload); i++)
		c.payload[i] = (uint8_t)(i * i);
	count = crowd_fill(&c);
	srtp_seal_many(c.seals, count);
	for (size_t i = 0; i < count; i++) {
		size_t bytes = WORLD_BYTES;
		uint8_t want[WORLD_BYTES];

		CHECK_OK(c.seals[i].err);
		CHECK_OK(srtp_tx_seal_parts(c.alone[i / PACKETS].tx,
		    c.seals[i].header, c.seals[i].payload, want, &bytes));
		CHECK_EQ(c.seals[i].out_bytes, bytes);
		CHECK_MEM(c.out[i], want, bytes);
	}
	/* Again: each index has been used. */
	count = crowd_fill(&c);
	srtp_seal_many(c.seals, count);
	for (size_t i = 0; i < count; i++) {
		CHECK_ERR(c.seals[i].err, KK_EREPLAY);
		CHECK_EQ(c.seals[i].out_bytes, 0);
	}
	for (size_t i = 0; i < RECEIVERS; i++) {
		world_clear(&c.worlds[i]);
		world_clear(&c.alone[i]);
	}
}

TEST(errors_of_many_are_those_of_one_and_do_not_touch_the_others)
{
	struct world w;

	EACH_KIND(w, 4)
	{
		static uint8_t out[4][WORLD_BYTES];
		struct srtp_seal seals[4];
		size_t bytes = world_rtp(&w, 7, 1, 0);

		for (size_t i = 0; i < 4; i++)
			seals[i] = (struct srtp_seal){ .tx = w.tx,
				.header = kk_view_of(w.plain, bytes),
				.payload = kk_view_of(w.plain, 60),
				.out = out[i],
				.out_bytes = WORLD_BYTES };
		seals[0].out_bytes = bytes + 60 + OVERHEAD - 1;
		seals[2].header.bytes--;
		srtp_seal_many(seals, 4);
		CHECK_ERR(seals[0].err, KK_ENOSPC);
		CHECK_OK(seals[1].err);
		CHECK_FAIL(seals[2].err);
		CHECK_ERR(seals[3].err, KK_EREPLAY);
		memcpy(w.sealed, out[1], seals[1].out_bytes);
		w.sealed_bytes = seals[1].out_bytes;
		CHECK_OK(world_open_rtp(&w));
		CHECK_EQ(w.opened_bytes, bytes + 60);
	}
}

/* --- forgetting ----------------------------------------------------------- */

TEST(forgotten_source_frees_its_place_and_begins_anew)
{
	struct world w;

	EACH_KIND(w, 2)
	{
		for (uint32_t ssrc = 1; ssrc < 50; ssrc++) {
			CHECK_OK(world_seal_rtp(&w, world_rtp(&w, ssrc, 9, 9)));
			CHECK_OK(world_open_rtp(&w));
			CHECK_ERR(world_open_rtp(&w), KK_EREPLAY);
			w.sealed_bytes = 0;
			srtp_rx_forget(w.rx, ssrc - 1);
			srtp_rx_forget(w.rx, 1000); /* was never there */
		}
		/* 48 and 49 are there: no third. */
		srtp_rx_forget(w.rx, 49);
		CHECK_OK(world_seal_rtp(&w, world_rtp(&w, 49, 10, 9)));
		CHECK_OK(world_open_rtp(&w));
		CHECK_OK(world_seal_rtp(&w, world_rtp(&w, 50, 1, 9)));
		CHECK_OK(world_open_rtp(&w));
		CHECK_OK(world_seal_rtp(&w, world_rtp(&w, 51, 1, 9)));
		CHECK_ERR(world_open_rtp(&w), KK_ELIMIT);
	}
}

static bool is_odd(const void *arg, uint32_t ssrc)
{
	(void)arg;
	return ssrc % 2;
}

static bool is_any(const void *arg, uint32_t ssrc)
{
	(void)arg;
	(void)ssrc;
	return true;
}

static enum kk_err come(struct world *w, uint32_t ssrc, uint16_t seq)
{
	CHECK_OK(world_seal_rtp(w, world_rtp(w, ssrc, seq, 9)));
	return world_open_rtp(w);
}

TEST(the_oldest_source_that_nobody_holds_is_forgotten)
{
	struct world w;

	EACH_KIND(w, 5)
	{
		CHECK(!srtp_rx_forget_oldest(w.rx, is_odd, NULL));
		for (uint32_t ssrc = 1; ssrc <= 5; ssrc++)
			CHECK_OK(come(&w, ssrc, 1));
		CHECK_OK(come(&w, 2, 2)); /* now 4 is the oldest */
		CHECK_ERR(come(&w, 6, 1), KK_ELIMIT);
		CHECK(!srtp_rx_forget_oldest(w.rx, is_any, NULL));
		CHECK_ERR(world_open_rtp(&w), KK_ELIMIT);
		CHECK(srtp_rx_forget_oldest(w.rx, is_odd, NULL));
		CHECK_OK(world_open_rtp(&w));
		CHECK_ERR(come(&w, 4, 2), KK_ELIMIT);
		/* A packet that does not open makes nobody newer. */
		CHECK_OK(world_seal_rtp(&w, world_rtp(&w, 2, 3, 9)));
		w.sealed[w.sealed_bytes - 1] ^= 1;
		CHECK_ERR(world_open_rtp(&w), KK_EAUTH);
		CHECK(srtp_rx_forget_oldest(w.rx, is_odd, NULL));
		CHECK_OK(come(&w, 4, 3));
		CHECK_OK(come(&w, 6, 2));
		CHECK_ERR(come(&w, 2, 4), KK_ELIMIT);
	}
}
