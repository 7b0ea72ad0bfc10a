/* epochs.c - tests of a receiver's epochs: order, deadline, limit. */
#include "mock/alloc.h"
#include "support.h"

static const enum sframe_suite SUITE = SFRAME_AES_256_GCM_SHA512_128;

/* Adds the epoch and seals a frame under it. */
static void frame_of_epoch(struct pair *p, uint64_t epoch, struct sealed *s)
{
	struct sframe_epoch *e;
	struct sframe_tx *tx;

	pair_next_epoch(p, epoch, &e);
	CHECK_OK(sframe_epoch_tx_take(e, 0, 0, &tx));
	seal(s, tx, 33, 0);
	sframe_tx_free(tx);
	sframe_epoch_free(e);
}

static enum kk_err epoch_add(struct sframe_rx *rx, uint64_t epoch)
{
	static const uint8_t key[32] = { 1 }, members[2] = { 0xff, 0xff };

	return sframe_rx_epoch_add(rx, epoch, kk_view_of(key, sizeof(key)),
	    kk_view_of(members, sizeof(members)));
}

TEST(epochs_open_side_by_side_until_one_is_retired)
{
	struct sealed old, new, late;
	struct pair p;

	pair_init(&p, SUITE);
	seal(&old, p.tx, 10, 0);
	seal(&late, p.tx, 10, 0);
	frame_of_epoch(&p, PAIR_EPOCH + 1, &new);
	CHECK_OK(sframe_rx_epoch_retire(p.rx, PAIR_EPOCH, 10000));
	CHECK_OK(open_sealed(p.rx, &new));
	CHECK_EQ(sframe_rx_expire(p.rx, 9999), 0);
	CHECK_OK(open_sealed(p.rx, &old));
	CHECK_EQ(sframe_rx_expire(p.rx, 10000), 1);
	CHECK_ERR(open_sealed(p.rx, &late), KK_ENOKEY);
	CHECK_ERR(open_sealed(p.rx, &new), KK_EREPLAY); /* still there */
	CHECK(!p.rx->epochs[PAIR_EPOCH % 256]);
	CHECK_EQ(p.rx->epoch_count, 1);
	CHECK_EQ(p.rx->key_count, 1);
	pair_clear(&p);
}

TEST(epoch_that_is_not_retired_never_expires)
{
	struct sealed s;
	struct pair p;

	pair_init(&p, SUITE);
	seal(&s, p.tx, 10, 0);
	CHECK_EQ(sframe_rx_expire(p.rx, UINT64_MAX), 0);
	CHECK_OK(open_sealed(p.rx, &s));
	pair_clear(&p);
}

TEST(epoch_deadline_comes_nearer_and_is_never_put_off)
{
	uint64_t deadline = 42;
	struct pair p;

	pair_init(&p, SUITE);
	CHECK(!sframe_rx_deadline_get(p.rx, &deadline));
	CHECK_EQ(deadline, 42);
	CHECK_OK(sframe_rx_epoch_retire(p.rx, PAIR_EPOCH, 500));
	CHECK_OK(sframe_rx_epoch_retire(p.rx, PAIR_EPOCH, 900));
	CHECK(sframe_rx_deadline_get(p.rx, &deadline));
	CHECK_EQ(deadline, 500);
	CHECK_OK(sframe_rx_epoch_retire(p.rx, PAIR_EPOCH, 400));
	CHECK(sframe_rx_deadline_get(p.rx, &deadline));
	CHECK_EQ(deadline, 400);
	CHECK_EQ(sframe_rx_expire(p.rx, 399), 0);
	CHECK_EQ(sframe_rx_expire(p.rx, 400), 1);
	CHECK(!sframe_rx_deadline_get(p.rx, &deadline));
	pair_clear(&p);
}

TEST(epoch_deadline_is_the_nearest_of_all)
{
	uint64_t deadline;
	struct sealed s;
	struct pair p;

	pair_init(&p, SUITE);
	frame_of_epoch(&p, PAIR_EPOCH + 1, &s);
	frame_of_epoch(&p, PAIR_EPOCH + 2, &s);
	CHECK_OK(sframe_rx_epoch_retire(p.rx, PAIR_EPOCH, 700));
	CHECK_OK(sframe_rx_epoch_retire(p.rx, PAIR_EPOCH + 1, 600));
	CHECK(sframe_rx_deadline_get(p.rx, &deadline));
	CHECK_EQ(deadline, 600);
	CHECK_EQ(sframe_rx_expire(p.rx, 650), 1);
	CHECK(sframe_rx_deadline_get(p.rx, &deadline));
	CHECK_EQ(deadline, 700);
	pair_clear(&p);
}

TEST(epoch_that_is_not_here_cannot_be_retired)
{
	struct pair p;

	pair_init(&p, SUITE);
	CHECK_ERR(sframe_rx_epoch_retire(p.rx, PAIR_EPOCH + 1, 0), KK_ENOENT);
	/* The same low bits are not the same epoch. */
	CHECK_ERR(sframe_rx_epoch_retire(p.rx, PAIR_EPOCH + 256, 0), KK_ENOENT);
	CHECK_EQ(sframe_rx_expire(p.rx, UINT64_MAX), 0);
	pair_clear(&p);
}

TEST(epoch_never_comes_back)
{
	struct pair p;

	pair_init(&p, SUITE);
	CHECK_ERR(epoch_add(p.rx, PAIR_EPOCH), KK_EEPOCH);
	CHECK_ERR(epoch_add(p.rx, PAIR_EPOCH - 1), KK_EEPOCH);
	CHECK_ERR(epoch_add(p.rx, 0), KK_EEPOCH);
	CHECK_OK(sframe_rx_epoch_retire(p.rx, PAIR_EPOCH, 1));
	CHECK_EQ(sframe_rx_expire(p.rx, 1), 1);
	CHECK_ERR(epoch_add(p.rx, PAIR_EPOCH), KK_EEPOCH);
	CHECK_OK(epoch_add(p.rx, PAIR_EPOCH + 1));
	pair_clear(&p);
}

TEST(epoch_zero_is_an_epoch_like_any_other)
{
	struct sframe_rx *rx;

	CHECK_OK(sframe_rx_new(&rx, SUITE));
	CHECK_OK(epoch_add(rx, 0));
	CHECK_ERR(epoch_add(rx, 0), KK_EEPOCH);
	CHECK_OK(epoch_add(rx, UINT64_MAX));
	CHECK_ERR(epoch_add(rx, UINT64_MAX), KK_EEPOCH);
	sframe_rx_free(rx);
}

TEST(epoch_with_the_same_low_bits_takes_the_place_of_the_old_one)
{
	struct sealed old, new;
	struct pair p;

	pair_init(&p, SUITE);
	seal(&old, p.tx, 10, 0);
	CHECK_OK(open_sealed(p.rx, &old));
	seal(&old, p.tx, 10, 0);
	frame_of_epoch(&p, PAIR_EPOCH + 256, &new);
	CHECK_ERR(open_sealed(p.rx, &old), KK_EAUTH);
	CHECK_EQ(p.rx->key_count, 0);
	CHECK_EQ(p.rx->epoch_count, 1);
	CHECK_OK(open_sealed(p.rx, &new));
	pair_clear(&p);
}

TEST(epochs_end_at_the_limit_and_go_on_after_one_has_gone)
{
	struct sframe_rx *rx;

	CHECK_OK(sframe_rx_new(&rx, SUITE));
	for (uint64_t i = 0; i < SFRAME_RX_EPOCHS_MAX; i++)
		CHECK_OK(epoch_add(rx, i));
	CHECK_ERR(epoch_add(rx, 100), KK_ELIMIT);
	CHECK_EQ(rx->epoch_count, SFRAME_RX_EPOCHS_MAX);
	/* One that takes another's place is no further one. */
	CHECK_OK(epoch_add(rx, 256));
	CHECK_ERR(epoch_add(rx, 300), KK_ELIMIT);
	CHECK_OK(sframe_rx_epoch_retire(rx, 5, 0));
	CHECK_EQ(sframe_rx_expire(rx, 0), 1);
	CHECK_OK(epoch_add(rx, 300));
	CHECK_EQ(rx->epoch_count, SFRAME_RX_EPOCHS_MAX);
	sframe_rx_free(rx);
}

TEST(epoch_that_has_no_memory_changes_nothing)
{
	struct sealed s;
	struct pair p;

	pair_init(&p, SUITE);
	seal(&s, p.tx, 10, 0);
	mock_alloc_arm(1);
	CHECK_ERR(epoch_add(p.rx, PAIR_EPOCH + 256), KK_ENOMEM);
	CHECK(mock_alloc_disarm());
	CHECK_OK(open_sealed(p.rx, &s)); /* the old one is still there */
	CHECK_OK(epoch_add(p.rx, PAIR_EPOCH + 256));
	pair_clear(&p);
}

TEST(members_of_one_epoch_are_not_members_of_the_next)
{
	static const uint8_t nobody[2] = { 0 };
	struct sframe_epoch *e;
	struct sframe_tx *tx;
	struct sealed s;
	struct pair p;

	pair_init(&p, SUITE);
	CHECK_OK(sframe_rx_epoch_add(p.rx, PAIR_EPOCH + 1, pair_base_key(&p),
	    kk_view_of(nobody, sizeof(nobody))));
	CHECK_OK(sframe_epoch_new(&e, SUITE, PAIR_EPOCH + 1, PAIR_SENDER,
	    pair_base_key(&p)));
	CHECK_OK(sframe_epoch_tx_take(e, 0, 0, &tx));
	seal(&s, tx, 10, 0);
	CHECK_ERR(open_sealed(p.rx, &s), KK_ENOKEY);
	seal(&s, p.tx, 10, 0);
	CHECK_OK(open_sealed(p.rx, &s));
	sframe_tx_free(tx);
	sframe_epoch_free(e);
	pair_clear(&p);
}
