/* tx.c - tests of senders and of our leaf's epoch. */
#include "sframe/tx.h"

#include <string.h>

#include "mock/alloc.h"
#include "support.h"

static uint64_t ctr_of(const struct sealed *s)
{
	struct wire_sframe hdr;

	CHECK_OK(wire_sframe_parse(&hdr,
	    kk_view_of(s->bytes + s->clear_bytes, s->len - s->clear_bytes)));
	return hdr.ctr;
}

TEST(tx_counts_its_frames_from_zero)
{
	struct sealed s;
	struct pair p;

	pair_init(&p, SFRAME_AES_256_GCM_SHA512_128);
	for (uint64_t i = 0; i < 300; i++) {
		seal(&s, p.tx, 10, 3);
		CHECK_EQ(ctr_of(&s), i);
	}
	pair_clear(&p);
}

TEST(tx_needs_the_promised_room_and_spends_nothing_without_it)
{
	const size_t need = 100 + SFRAME_OVERHEAD_BYTES;
	uint8_t plain[100] = { 0 }, out[100 + SFRAME_OVERHEAD_BYTES];
	struct kk_view frame = kk_view_of(plain, sizeof(plain));
	struct pair p;

	pair_init(&p, SFRAME_AES_256_GCM_SHA512_128);
	memset(out, 0xa5, sizeof(out));
	for (size_t room = 0; room < need; room++) {
		size_t bytes = room;

		CHECK_ERR(sframe_tx_seal(p.tx, frame, 0, out, &bytes),
		    KK_ENOSPC);
		CHECK_EQ(bytes, 0);
		CHECK_EQ(out[0], 0xa5);
	}
	CHECK_EQ(p.tx->next_ctr, 0);
	for (size_t i = 0; i < 2; i++) {
		size_t bytes = need;

		CHECK_OK(sframe_tx_seal(p.tx, frame, 0, out, &bytes));
		CHECK(bytes <= need);
	}
	pair_clear(&p);
}

TEST(tx_refuses_a_prefix_longer_than_the_frame_or_the_limit)
{
	uint8_t plain[64] = { 0 }, out[128];
	size_t bytes = sizeof(out);
	struct pair p;

	pair_init(&p, SFRAME_AES_256_GCM_SHA512_128);
	CHECK_ERR(sframe_tx_seal(p.tx, kk_view_of(plain, 2), 3, out, &bytes),
	    KK_EINVAL);
	CHECK_EQ(bytes, 0);
	bytes = sizeof(out);
	CHECK_ERR(sframe_tx_seal(p.tx, kk_view_of(NULL, 0), 1, out, &bytes),
	    KK_EINVAL);
	bytes = sizeof(out);
	CHECK_ERR(sframe_tx_seal(p.tx, kk_view_of(plain, sizeof(plain)),
		      SFRAME_CLEAR_MAX_BYTES + 1, out, &bytes),
	    KK_EINVAL);
	CHECK_EQ(p.tx->next_ctr, 0);
	pair_clear(&p);
}

TEST(tx_refuses_a_frame_over_the_limit)
{
	uint8_t plain[1] = { 0 }, out[1];
	size_t bytes = SIZE_MAX; /* neither is touched */
	struct pair p;

	pair_init(&p, SFRAME_AES_256_GCM_SHA512_128);
	CHECK_ERR(sframe_tx_seal(p.tx,
		      kk_view_of(plain, SFRAME_FRAME_MAX_BYTES + 1), 0, out,
		      &bytes),
	    KK_ELIMIT);
	CHECK_EQ(bytes, 0);
	pair_clear(&p);
}

static void check_spent(struct sframe_tx *tx)
{
	uint8_t plain[64] = { 0 }, out[128];

	for (size_t i = 0; i < 3; i++) {
		size_t bytes = sizeof(out);

		CHECK_ERR(sframe_tx_seal(tx, kk_view_of(plain, sizeof(plain)),
			      0, out, &bytes),
		    KK_ESPENT);
		CHECK_EQ(bytes, 0);
	}
}

TEST(tx_is_spent_after_its_last_counter)
{
	struct sealed s;
	struct pair p;

	pair_init(&p, SFRAME_AES_256_GCM_SHA512_128);
	seal_at(&s, p.tx, SFRAME_TX_FRAMES_MAX - 1);
	CHECK_EQ(ctr_of(&s), UINT32_MAX);
	check_spent(p.tx);
	pair_clear(&p);
}

TEST(tx_is_spent_after_its_last_block)
{
	struct sealed s;
	struct pair p;

	pair_init(&p, SFRAME_AES_256_GCM_SHA512_128);
	p.tx->block_count = SFRAME_TX_BLOCKS_MAX - 6; /* 64 bytes: 4 + 3 */
	check_spent(p.tx);
	p.tx->block_count--;
	seal(&s, p.tx, 64, 0);
	check_spent(p.tx);
	pair_clear(&p);
}

TEST(tx_of_each_context_is_handed_out_once)
{
	struct sframe_tx *tx, *none = NULL;
	struct pair p;

	pair_init(&p, SFRAME_AES_256_GCM_SHA512_128);
	CHECK_ERR(sframe_epoch_tx_take(p.epoch, 0, 0, &none), KK_EEXIST);
	CHECK_OK(sframe_epoch_tx_take(p.epoch, 0, 1, &tx));
	sframe_tx_free(tx);
	CHECK_ERR(sframe_epoch_tx_take(p.epoch, 0, 1, &none), KK_EEXIST);
	CHECK_OK(sframe_epoch_tx_take(p.epoch, 1, 0, &tx));
	sframe_tx_free(tx);
	CHECK_ERR(sframe_epoch_tx_take(p.epoch, 1, 0, &none), KK_EEXIST);
	CHECK(!none);
	pair_clear(&p);
}

TEST(tx_contexts_end_at_the_limit)
{
	struct sframe_tx *tx, *none = NULL;
	struct pair p;

	pair_init(&p, SFRAME_AES_128_GCM_SHA256_128); /* takes the first */
	for (uint32_t i = 1; i < SFRAME_TX_CONTEXTS_MAX; i++) {
		CHECK_OK(sframe_epoch_tx_take(p.epoch, i, 0, &tx));
		sframe_tx_free(tx);
	}
	CHECK_ERR(sframe_epoch_tx_take(p.epoch, 999, 0, &none), KK_ELIMIT);
	CHECK(!none);
	pair_clear(&p);
}

TEST(tx_outlives_the_epoch_it_comes_from)
{
	struct sealed s;
	struct pair p;

	pair_init(&p, SFRAME_AES_256_GCM_SHA512_128);
	sframe_epoch_free(p.epoch);
	p.epoch = NULL;
	seal(&s, p.tx, 50, 0);
	CHECK_OK(open_sealed(p.rx, &s));
	pair_clear(&p);
}

TEST(epoch_refuses_wrong_arguments)
{
	const enum sframe_suite suite = SFRAME_AES_256_GCM_SHA512_128;
	uint8_t key[128] = { 0 };
	struct sframe_epoch *none = NULL;
	struct sframe_tx *tx = NULL;
	struct pair p;

	CHECK_ERR(sframe_epoch_new(&none, (enum sframe_suite)9, 0, 0,
		      kk_view_of(key, 32)),
	    KK_EINVAL);
	CHECK_ERR(sframe_epoch_new(&none, suite, 0, SFRAME_SENDERS_MAX,
		      kk_view_of(key, 32)),
	    KK_EINVAL);
	CHECK_ERR(sframe_epoch_new(&none, suite, 0, 0, kk_view_of(key, 16)),
	    KK_EINVAL);
	CHECK_ERR(sframe_epoch_new(&none, suite, 0, 0, kk_view_of(NULL, 0)),
	    KK_EINVAL);
	CHECK(!none);
	pair_init(&p, suite);
	CHECK_ERR(sframe_epoch_tx_take(p.epoch, 0, SFRAME_LAYERS_MAX, &tx),
	    KK_EINVAL);
	CHECK(!tx);
	pair_clear(&p);
}

static enum kk_err tx_make(struct sframe_tx **txp, enum sframe_suite suite)
{
	uint8_t key[SFRAME_BASE_KEY_MAX_BYTES] = { 0 };
	struct sframe_epoch *epoch;
	enum kk_err err = sframe_epoch_new(&epoch, suite, 1, 1,
	    kk_view_of(key, sframe_base_key_bytes(suite)));

	if (err)
		return err;
	err = sframe_epoch_tx_take(epoch, 0, 0, txp);
	sframe_epoch_free(epoch);
	return err;
}

TEST(tx_reports_each_allocation_that_fails)
{
	CHECK_OK(crypto_init());
	for (unsigned n = FIRST_SUITE; n <= LAST_SUITE; n++) {
		struct sframe_tx *tx = NULL;
		enum kk_err err;

		ALLOC_FAULT_LOOP(err, tx_make(&tx, (enum sframe_suite)n));
		CHECK_OK(err);
		sframe_tx_free(tx);
	}
}

TEST(tx_context_is_still_to_be_had_after_an_allocation_failed)
{
	struct sframe_tx *tx = NULL;
	struct sealed s;
	struct pair p;
	enum kk_err err;

	pair_init(&p, SFRAME_AES_256_GCM_SHA512_128);
	ALLOC_FAULT_LOOP(err, sframe_epoch_tx_take(p.epoch, 7, 1, &tx));
	CHECK_OK(err);
	seal(&s, tx, 10, 0);
	CHECK_EQ(ctr_of(&s), 0);
	CHECK_OK(open_sealed(p.rx, &s));
	sframe_tx_free(tx);
	pair_clear(&p);
}

TEST(tx_and_rx_free_take_null)
{
	sframe_tx_free(NULL);
	sframe_epoch_free(NULL);
	sframe_rx_free(NULL);
}
