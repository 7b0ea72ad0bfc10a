/* rx.c - tests of a receiver's keys, windows and epochs. */
#include "sframe/rx.h"

#include <string.h>

#include "mock/alloc.h"
#include "support.h"

static const enum sframe_suite SUITE = SFRAME_AES_256_GCM_SHA512_128;

/* A sender of any leaf, as a forger among the members would make it. */
static struct sframe_tx *tx_of(const struct pair *p, uint32_t sender,
    uint32_t stream)
{
	struct sframe_epoch *epoch;
	struct sframe_tx *tx;

	CHECK_OK(sframe_epoch_new(&epoch, p->suite, PAIR_EPOCH, sender,
	    pair_base_key(p)));
	CHECK_OK(sframe_epoch_tx_take(epoch, stream, 0, &tx));
	sframe_epoch_free(epoch);
	return tx;
}

TEST(rx_tells_where_a_frame_comes_from)
{
	struct sframe_source source;
	struct sframe_tx *tx;
	struct sealed s;
	uint8_t out[64];
	size_t bytes = sizeof(out);
	struct pair p;

	pair_init(&p, SUITE);
	CHECK_OK(sframe_epoch_tx_take(p.epoch, 77, 2, &tx));
	seal_at(&s, tx, 300);
	CHECK_OK(sframe_rx_open(p.rx, kk_view_of(s.bytes, s.len), 0, out,
	    &bytes, &source));
	CHECK_EQ(source.kid.epoch, PAIR_EPOCH);
	CHECK_EQ(source.kid.sender, PAIR_SENDER);
	CHECK_EQ(source.kid.stream, 77);
	CHECK_EQ(source.kid.layer, 2);
	CHECK_EQ(source.ctr, 300);
	sframe_tx_free(tx);
	pair_clear(&p);
}

TEST(rx_keeps_a_window_for_each_context)
{
	struct sealed a, b;
	struct sframe_tx *tx;
	struct pair p;

	pair_init(&p, SUITE);
	CHECK_OK(sframe_epoch_tx_take(p.epoch, 0, 1, &tx));
	seal_at(&a, p.tx, 5000);
	CHECK_OK(open_sealed(p.rx, &a));
	seal_at(&b, tx, 0);
	CHECK_OK(open_sealed(p.rx, &b));
	CHECK_ERR(open_sealed(p.rx, &a), KK_EREPLAY);
	CHECK_ERR(open_sealed(p.rx, &b), KK_EREPLAY);
	CHECK_EQ(p.rx->key_count, 2);
	CHECK_EQ(sframe_rx_stats_get(p.rx)->replayed_count, 2);
	sframe_tx_free(tx);
	pair_clear(&p);
}

TEST(rx_opens_frames_in_any_order_once)
{
	enum { FRAMES = 1000, STRIDE = 389 }; /* without a common divisor */
	struct sealed s;
	struct pair p;

	pair_init(&p, SFRAME_AES_128_GCM_SHA256_128);
	for (unsigned round = 0; round < 2; round++) {
		for (uint64_t i = 0; i < FRAMES; i++) {
			seal_at(&s, p.tx, i * STRIDE % FRAMES);
			CHECK_ERR(open_sealed(p.rx, &s),
			    round ? KK_EREPLAY : KK_OK);
		}
	}
	pair_clear(&p);
}

TEST(rx_window_reaches_1023_frames_back)
{
	struct sealed s;
	struct pair p;

	pair_init(&p, SUITE);
	seal_at(&s, p.tx, 5000);
	CHECK_OK(open_sealed(p.rx, &s));
	seal_at(&s, p.tx, 5000 - SFRAME_REPLAY_FRAMES);
	CHECK_ERR(open_sealed(p.rx, &s), KK_EREPLAY);
	seal_at(&s, p.tx, 5000 - SFRAME_REPLAY_FRAMES + 1);
	CHECK_OK(open_sealed(p.rx, &s));
	pair_clear(&p);
}

TEST(rx_window_is_not_moved_by_a_forged_frame)
{
	struct sealed s, forged;
	struct pair p;

	pair_init(&p, SUITE);
	seal_at(&s, p.tx, 10);
	CHECK_OK(open_sealed(p.rx, &s));
	seal_at(&forged, p.tx, UINT32_MAX);
	forged.bytes[forged.len - 1] ^= 0x80;
	CHECK_ERR(open_sealed(p.rx, &forged), KK_EAUTH);
	seal_at(&s, p.tx, 11);
	CHECK_OK(open_sealed(p.rx, &s));
	seal_at(&s, p.tx, 9);
	CHECK_OK(open_sealed(p.rx, &s));
	CHECK_EQ(sframe_rx_stats_get(p.rx)->forged_count, 1);
	pair_clear(&p);
}

TEST(rx_knows_no_frame_of_a_leaf_that_is_no_member)
{
	static const uint32_t others[] = { 3, 16, 17, 500, 1023 };
	struct sealed s;
	struct pair p;

	pair_init(&p, SUITE);
	for (size_t i = 0; i < KK_ARRAY_LEN(others); i++) {
		struct sframe_tx *tx = tx_of(&p, others[i], 0);

		seal(&s, tx, 50, 0);
		mock_alloc_arm(1);
		CHECK_ERR(open_sealed(p.rx, &s), KK_ENOKEY);
		CHECK(!mock_alloc_disarm()); /* no work was begun */
		sframe_tx_free(tx);
	}
	CHECK_EQ(sframe_rx_stats_get(p.rx)->unknown_count,
	    KK_ARRAY_LEN(others));
	pair_clear(&p);
}

TEST(rx_knows_no_frame_of_another_epoch_or_an_impossible_kid)
{
	uint8_t in[64];
	struct sealed s = { .clear_bytes = 0 };
	struct pair p;

	pair_init(&p, SUITE);
	for (unsigned low = 0; low < 256; low++) {
		uint64_t kid = PAIR_SENDER << 8 | low;
		size_t bytes = wire_sframe_write(kid, 0, in);

		memset(in + bytes, 7, sizeof(in) - bytes);
		mock_alloc_arm(1);
		if (low != PAIR_EPOCH % 256)
			CHECK_ERR(open_bytes(p.rx, &s, in, sizeof(in)),
			    KK_ENOKEY);
		CHECK(!mock_alloc_disarm());
	}
	(void)wire_sframe_write(
	    UINT64_MAX << 18 | PAIR_SENDER << 8 | PAIR_EPOCH % 256, 0, in);
	CHECK_ERR(open_bytes(p.rx, &s, in, sizeof(in)), KK_ENOKEY);
	pair_clear(&p);
}

TEST(rx_keeps_no_key_for_forged_first_frames)
{
	struct sealed s = { .clear_bytes = 0 };
	uint8_t in[64];
	struct pair p;

	pair_init(&p, SUITE);
	for (uint64_t context = 0; context < 3000; context++) {
		uint64_t kid = context << 18 | PAIR_SENDER << 8 |
		    PAIR_EPOCH % 256;
		size_t bytes = wire_sframe_write(kid, 0, in);

		memset(in + bytes, 7, sizeof(in) - bytes);
		CHECK_ERR(open_bytes(p.rx, &s, in, sizeof(in)), KK_EAUTH);
	}
	CHECK_EQ(p.rx->key_count, 0);
	CHECK_EQ(p.rx->epochs[PAIR_EPOCH % 256]->key_count, 0);
	seal(&s, p.tx, 50, 0);
	CHECK_OK(open_sealed(p.rx, &s));
	CHECK_EQ(p.rx->key_count, 1);
	pair_clear(&p);
}

TEST(rx_finds_each_of_many_keys)
{
	enum { SENDERS = 15, STREAMS = 20 };
	static struct sframe_tx *tx[SENDERS][STREAMS];
	struct sealed s;
	struct pair p;

	pair_init(&p, SFRAME_AES_128_GCM_SHA256_128);
	for (uint32_t i = 0; i < SENDERS * STREAMS; i++) {
		/* In no order; leaf 3 is nobody, so leave it out. */
		uint32_t n = i * 7 % (SENDERS * STREAMS);
		uint32_t sender = n % SENDERS, stream = n / SENDERS;

		tx[sender][stream] = tx_of(&p, sender + (sender >= 3), stream);
		seal(&s, tx[sender][stream], 30, 0);
		CHECK_OK(open_sealed(p.rx, &s));
		CHECK_ERR(open_sealed(p.rx, &s), KK_EREPLAY);
	}
	CHECK_EQ(p.rx->key_count, SENDERS * STREAMS);
	for (uint32_t n = 0; n < SENDERS * STREAMS; n++) {
		struct sframe_tx *t = tx[n % SENDERS][n / SENDERS];

		seal(&s, t, 30, 0);
		CHECK_OK(open_sealed(p.rx, &s));
		sframe_tx_free(t);
	}
	CHECK_EQ(p.rx->key_count, SENDERS * STREAMS);
	pair_clear(&p);
}

TEST(rx_keys_end_at_the_limit_and_known_ones_go_on)
{
	struct sframe_tx *tx;
	struct sealed s;
	struct pair p;

	pair_init(&p, SUITE);
	seal(&s, p.tx, 10, 0);
	CHECK_OK(open_sealed(p.rx, &s));
	p.rx->key_count += SFRAME_RX_KEYS_MAX - 1; /* as if of other epochs */
	CHECK_OK(sframe_epoch_tx_take(p.epoch, 1, 0, &tx));
	seal(&s, tx, 10, 0);
	CHECK_ERR(open_sealed(p.rx, &s), KK_ELIMIT);
	sframe_tx_free(tx);
	seal(&s, p.tx, 10, 0);
	CHECK_OK(open_sealed(p.rx, &s));
	p.rx->key_count -= SFRAME_RX_KEYS_MAX - 1;
	pair_clear(&p);
}

TEST(rx_refuses_wrong_arguments)
{
	static const uint8_t bitmap[SFRAME_SENDERS_MAX / 8 + 1];
	uint8_t key[SFRAME_BASE_KEY_MAX_BYTES] = { 0 };
	struct kk_view good = kk_view_of(key, 32);
	struct sframe_rx *rx = NULL;

	CHECK_ERR(sframe_rx_new(&rx, (enum sframe_suite)0), KK_EINVAL);
	CHECK(!rx);
	CHECK_OK(sframe_rx_new(&rx, SUITE));
	CHECK_ERR(sframe_rx_epoch_add(rx, 1, kk_view_of(key, 31),
		      kk_view_of(bitmap, 1)),
	    KK_EINVAL);
	CHECK_ERR(sframe_rx_epoch_add(rx, 1, good,
		      kk_view_of(bitmap, sizeof(bitmap))),
	    KK_EINVAL);
	CHECK_EQ(rx->epoch_count, 0);
	CHECK_OK(sframe_rx_epoch_add(rx, 1, good,
	    kk_view_of(bitmap, sizeof(bitmap) - 1)));
	CHECK_OK(sframe_rx_epoch_add(rx, 2, good, kk_view_of(NULL, 0)));
	sframe_rx_free(rx);
}

static enum kk_err first_frame(struct sframe_rx **rxp, const struct pair *p,
    const struct sealed *s)
{
	static const uint8_t members[] = { 0xff, 0xff };
	uint8_t out[PAIR_FRAME_MAX_BYTES];
	size_t bytes = sizeof(out);
	enum kk_err err = sframe_rx_new(rxp, p->suite);

	if (err)
		return err;
	err = sframe_rx_epoch_add(*rxp, PAIR_EPOCH, pair_base_key(p),
	    kk_view_of(members, sizeof(members)));
	if (!err)
		err = sframe_rx_open(*rxp, kk_view_of(s->bytes, s->len), 0, out,
		    &bytes, NULL);
	if (err)
		sframe_rx_free(*rxp);
	return err;
}

TEST(rx_reports_each_allocation_that_fails)
{
	for (unsigned n = FIRST_SUITE; n <= LAST_SUITE; n++) {
		struct sframe_rx *rx;
		struct sealed s;
		struct pair p;
		enum kk_err err;

		pair_init(&p, (enum sframe_suite)n);
		seal(&s, p.tx, 100, 0);
		ALLOC_FAULT_LOOP(err, first_frame(&rx, &p, &s));
		CHECK_OK(err);
		CHECK_ERR(open_sealed(rx, &s), KK_EREPLAY);
		sframe_rx_free(rx);
		pair_clear(&p);
	}
}

TEST(rx_opens_a_frame_that_an_allocation_failed_for)
{
	struct sealed s;
	struct pair p;
	enum kk_err err;

	pair_init(&p, SUITE);
	seal(&s, p.tx, 100, 0);
	ALLOC_FAULT_LOOP(err, open_sealed(p.rx, &s));
	CHECK_OK(err);
	CHECK_EQ(p.rx->key_count, 1);
	pair_clear(&p);
}
