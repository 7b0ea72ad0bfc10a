/* secrettree.c - which keys a secret tree gives, and which no longer. */
#include "mls/secrettree.h"

#include <string.h>

#include "expand_watch.h"
#include "harness/tap.h"
#include "mls/treemath.h"
#include "mock/alloc.h"
#include "secrettree_support.h"

enum { WIDTH = 8, FORWARD = 20 };

static void check_key(uint32_t width, uint32_t leaf, enum mls_ratchet r,
    uint32_t generation, const struct mls_message_key *got)
{
	struct mls_message_key want;

	secret_tree_model_key(width, leaf, r, generation, &want);
	CHECK_MEM(got->key, want.key, secret_tree_suite()->aead_key_bytes);
	CHECK_MEM(got->nonce, want.nonce, sizeof(want.nonce));
}

static void check_peek(struct mls_secret_tree *tree, uint32_t leaf,
    enum mls_ratchet r, uint32_t generation)
{
	struct mls_message_key key;

	CHECK_OK(mls_secret_tree_peek(tree, leaf, r, generation, &key));
	check_key(tree->width, leaf, r, generation, &key);
}

static void take(struct mls_secret_tree *tree, uint32_t leaf,
    enum mls_ratchet r, uint32_t generation)
{
	check_peek(tree, leaf, r, generation);
	CHECK_OK(mls_secret_tree_consume(tree, leaf, r, generation));
}

/* Both ways to a key refuse it alike. */
static void check_refused(struct mls_secret_tree *tree, uint32_t leaf,
    enum mls_ratchet r, uint32_t generation, enum kk_err why)
{
	struct mls_message_key key;

	CHECK_ERR(mls_secret_tree_peek(tree, leaf, r, generation, &key), why);
	CHECK_ERR(mls_secret_tree_consume(tree, leaf, r, generation), why);
}

TEST(keys_are_those_of_the_rfc_at_every_leaf_of_every_width)
{
	for (uint32_t width = 1; width <= 16; width *= 2) {
		struct mls_secret_tree *tree = secret_tree_new(width, FORWARD);

		for (uint32_t leaf = width; leaf-- > 0;) {
			take(tree, leaf, MLS_RATCHET_HANDSHAKE, 0);
			take(tree, leaf, MLS_RATCHET_APPLICATION, 0);
			take(tree, leaf, MLS_RATCHET_APPLICATION, 1);
		}
		mls_secret_tree_free(tree);
	}
}

TEST(sending_and_receiving_give_the_same_keys)
{
	struct mls_secret_tree *a = secret_tree_new(WIDTH, FORWARD);
	struct mls_secret_tree *b = secret_tree_new(WIDTH, FORWARD);

	for (uint32_t i = 0; i < 5; i++) {
		struct mls_message_key key;
		uint32_t generation;

		CHECK_OK(mls_secret_tree_next(a, 3, MLS_RATCHET_APPLICATION,
		    &key, &generation));
		CHECK_EQ(generation, i);
		check_key(WIDTH, 3, MLS_RATCHET_APPLICATION, i, &key);
		take(b, 3, MLS_RATCHET_APPLICATION, i);
	}
	mls_secret_tree_free(a);
	mls_secret_tree_free(b);
}

TEST(keys_out_of_order_open_once_each)
{
	static const uint32_t order[] = { 5, 2, 0, 9, 7, 1, 8, 3, 6, 4, 10 };
	struct mls_secret_tree *tree = secret_tree_new(WIDTH, FORWARD);

	for (size_t i = 0; i < KK_ARRAY_LEN(order); i++) {
		take(tree, 1, MLS_RATCHET_APPLICATION, order[i]);
		for (size_t k = 0; k <= i; k++)
			check_refused(tree, 1, MLS_RATCHET_APPLICATION,
			    order[k], KK_EREPLAY);
	}
	CHECK_EQ(tree->leaves[1]->ratchets[1].skipped_count, 0);
	mls_secret_tree_free(tree);
}

TEST(ratchets_of_a_leaf_and_of_two_leaves_are_independent)
{
	struct mls_secret_tree *tree = secret_tree_new(WIDTH, FORWARD);

	take(tree, 2, MLS_RATCHET_APPLICATION, 4);
	take(tree, 2, MLS_RATCHET_HANDSHAKE, 0);
	take(tree, 3, MLS_RATCHET_APPLICATION, 0);
	check_refused(tree, 2, MLS_RATCHET_APPLICATION, 4, KK_EREPLAY);
	check_refused(tree, 2, MLS_RATCHET_HANDSHAKE, 0, KK_EREPLAY);
	take(tree, 3, MLS_RATCHET_APPLICATION, 4);
	take(tree, 2, MLS_RATCHET_HANDSHAKE, 4);
	mls_secret_tree_free(tree);
}

TEST(peeking_changes_nothing_that_can_be_seen)
{
	struct mls_secret_tree *tree = secret_tree_new(WIDTH, FORWARD);
	struct kk_bytes before, after;

	take(tree, 0, MLS_RATCHET_APPLICATION, 3);
	before = secret_tree_bytes(tree);
	for (int i = 0; i < 2; i++) {
		check_peek(tree, 0, MLS_RATCHET_APPLICATION, 1);
		check_peek(tree, 0, MLS_RATCHET_APPLICATION, 4);
		check_peek(tree, 0, MLS_RATCHET_APPLICATION, 24);
		check_peek(tree, 0, MLS_RATCHET_HANDSHAKE, 20);
	}
	after = secret_tree_bytes(tree);
	CHECK_EQ(before.bytes, after.bytes);
	CHECK_MEM(before.data, after.data, before.bytes);
	kk_bytes_clear(&before);
	kk_bytes_clear(&after);
	mls_secret_tree_free(tree);
}

TEST(message_too_far_ahead_is_refused_and_changes_nothing)
{
	struct mls_secret_tree *tree = secret_tree_new(WIDTH, FORWARD);

	check_refused(tree, 0, MLS_RATCHET_APPLICATION, FORWARD + 1, KK_ELIMIT);
	check_refused(tree, 0, MLS_RATCHET_APPLICATION, UINT32_MAX, KK_ELIMIT);
	check_refused(tree, 0, MLS_RATCHET_APPLICATION, UINT32_MAX - 1,
	    KK_ELIMIT);
	take(tree, 0, MLS_RATCHET_APPLICATION, 0);
	take(tree, 0, MLS_RATCHET_APPLICATION, FORWARD + 1);
	mls_secret_tree_free(tree);
}

TEST(skipped_keys_beyond_the_bound_are_dropped_oldest_first)
{
	struct mls_secret_tree *tree = secret_tree_new(WIDTH, FORWARD);
	const struct ratchet *r;

	take(tree, 0, MLS_RATCHET_APPLICATION, FORWARD);
	take(tree, 0, MLS_RATCHET_APPLICATION, FORWARD + 6);
	r = &tree->leaves[0]->ratchets[MLS_RATCHET_APPLICATION];
	CHECK_EQ(r->skipped_count, FORWARD);
	CHECK(r->skipped_room <= FORWARD);
	for (uint32_t g = 0; g < 5; g++)
		check_refused(tree, 0, MLS_RATCHET_APPLICATION, g, KK_EREPLAY);
	for (uint32_t g = 5; g < FORWARD; g++)
		take(tree, 0, MLS_RATCHET_APPLICATION, g);
	take(tree, 0, MLS_RATCHET_APPLICATION, FORWARD + 1);
	mls_secret_tree_free(tree);
}

TEST(tree_without_forward_takes_messages_in_order_only)
{
	struct mls_secret_tree *tree = secret_tree_new(WIDTH, 0);

	check_refused(tree, 0, MLS_RATCHET_APPLICATION, 1, KK_ELIMIT);
	take(tree, 0, MLS_RATCHET_APPLICATION, 0);
	take(tree, 0, MLS_RATCHET_APPLICATION, 1);
	check_refused(tree, 0, MLS_RATCHET_APPLICATION, 0, KK_EREPLAY);
	mls_secret_tree_free(tree);
}

TEST(ratchet_is_spent_after_its_last_generation)
{
	struct mls_secret_tree *tree = secret_tree_new(WIDTH, FORWARD);
	struct mls_message_key key;
	struct ratchet *r;
	uint32_t generation = 0;

	take(tree, 0, MLS_RATCHET_APPLICATION, 0);
	r = &tree->leaves[0]->ratchets[MLS_RATCHET_APPLICATION];
	r->head = UINT32_MAX - 1;
	CHECK_OK(mls_secret_tree_next(tree, 0, MLS_RATCHET_APPLICATION, &key,
	    &generation));
	CHECK_EQ(generation, UINT32_MAX - 1);
	CHECK_ERR(mls_secret_tree_next(tree, 0, MLS_RATCHET_APPLICATION, &key,
		      &generation),
	    KK_ESPENT);
	CHECK_EQ(generation, UINT32_MAX - 1);
	check_refused(tree, 0, MLS_RATCHET_APPLICATION, UINT32_MAX, KK_ELIMIT);
	check_refused(tree, 0, MLS_RATCHET_APPLICATION, UINT32_MAX - 1,
	    KK_EREPLAY);
	for (size_t i = 0; i < sizeof(r->secret); i++)
		CHECK_EQ(r->secret.data[i], 0);
	mls_secret_tree_free(tree);
}

TEST(wrong_widths_leaves_and_ratchets_are_refused)
{
	static const uint32_t widths[] = { 0, 3, 6, MLS_LEAVES_MAX + 1,
		2 * MLS_LEAVES_MAX };
	struct mls_secret_tree *tree = secret_tree_new(WIDTH, FORWARD);
	const struct mls_secret secret = { 0 };
	struct mls_secret_tree *other = tree;
	struct mls_message_key key;
	uint32_t generation;

	for (size_t i = 0; i < KK_ARRAY_LEN(widths); i++)
		CHECK_ERR(mls_secret_tree_new(&other, secret_tree_suite(),
			      &secret, widths[i], FORWARD),
		    KK_EINVAL);
	CHECK(other == tree);
	check_refused(tree, WIDTH, MLS_RATCHET_HANDSHAKE, 0, KK_EINVAL);
	check_refused(tree, UINT32_MAX, MLS_RATCHET_HANDSHAKE, 0, KK_EINVAL);
	check_refused(tree, 0, (enum mls_ratchet)2, 0, KK_EINVAL);
	CHECK_ERR(mls_secret_tree_next(tree, WIDTH, MLS_RATCHET_APPLICATION,
		      &key, &generation),
	    KK_EINVAL);
	mls_secret_tree_free(tree);
}

/* Is a node's secret there or wiped, as the flag says? */
static void check_node(const struct mls_secret_tree *tree, uint32_t node,
    bool is_there)
{
	uint8_t sum = 0;

	for (size_t i = 0; i < sizeof(tree->nodes[node]); i++)
		sum |= tree->nodes[node].data[i];
	CHECK_EQ(tree->has_secret[node], is_there);
	CHECK_EQ(sum != 0, is_there);
}

TEST(secrets_on_the_way_to_a_used_leaf_are_wiped)
{
	struct mls_secret_tree *tree = secret_tree_new(WIDTH, FORWARD);

	/* Used is leaf 2 (node 4); beside its path stand 6, 1 and 11. */
	take(tree, 2, MLS_RATCHET_APPLICATION, 0);
	for (uint32_t node = 0; node < tm_node_count(WIDTH); node++)
		check_node(tree, node, node == 6 || node == 1 || node == 11);
	mls_secret_tree_free(tree);
}

TEST(used_keys_and_their_secrets_are_nowhere_in_memory)
{
	const struct crypto_suite *suite = secret_tree_suite();
	struct mls_secret_tree *tree = secret_tree_new(WIDTH, FORWARD);
	struct ratchet *r;
	struct mls_message_key key;
	struct mls_secret secret;

	take(tree, 0, MLS_RATCHET_APPLICATION, 9);
	r = &tree->leaves[0]->ratchets[MLS_RATCHET_APPLICATION];
	secret = r->secret;
	secret_tree_model_key(WIDTH, 0, MLS_RATCHET_APPLICATION, 4, &key);
	CHECK(secret_tree_holds(tree, key.key, suite->aead_key_bytes));
	CHECK(secret_tree_holds(tree, secret.data, suite->hash_bytes));
	take(tree, 0, MLS_RATCHET_APPLICATION, 4);
	CHECK(!secret_tree_holds(tree, key.key, suite->aead_key_bytes));
	CHECK(!secret_tree_holds(tree, key.nonce, sizeof(key.nonce)));
	take(tree, 0, MLS_RATCHET_APPLICATION, 10);
	CHECK(!secret_tree_holds(tree, secret.data, suite->hash_bytes));
	for (uint32_t g = 0; g <= 8; g++) {
		if (g == 4)
			continue;
		secret_tree_model_key(WIDTH, 0, MLS_RATCHET_APPLICATION, g,
		    &key);
		take(tree, 0, MLS_RATCHET_APPLICATION, g);
		CHECK(!secret_tree_holds(tree, key.key, suite->aead_key_bytes));
	}
	mls_secret_tree_free(tree);
}

TEST(dropped_keys_are_nowhere_in_memory)
{
	const struct crypto_suite *suite = secret_tree_suite();
	struct mls_secret_tree *tree = secret_tree_new(WIDTH, FORWARD);
	struct mls_message_key key;

	take(tree, 0, MLS_RATCHET_APPLICATION, FORWARD);
	secret_tree_model_key(WIDTH, 0, MLS_RATCHET_APPLICATION, 0, &key);
	CHECK(secret_tree_holds(tree, key.key, suite->aead_key_bytes));
	take(tree, 0, MLS_RATCHET_APPLICATION, FORWARD + 2);
	CHECK(!secret_tree_holds(tree, key.key, suite->aead_key_bytes));
	mls_secret_tree_free(tree);
}

TEST(message_in_order_costs_three_derivations_and_no_allocation)
{
	struct mls_secret_tree *tree = secret_tree_new(WIDTH, FORWARD);
	struct mls_message_key key;
	const struct ratchet *r;
	uint32_t generation;

	take(tree, 0, MLS_RATCHET_APPLICATION, 0);
	r = &tree->leaves[0]->ratchets[MLS_RATCHET_APPLICATION];
	for (uint32_t i = 1; i < 4; i++) {
		expand_watch_start();
		mock_alloc_arm(1);
		CHECK_OK(mls_secret_tree_peek(tree, 0, MLS_RATCHET_APPLICATION,
		    i, &key));
		CHECK_OK(mls_secret_tree_consume(tree, 0,
		    MLS_RATCHET_APPLICATION, i));
		CHECK_EQ(expand_watch_count(), 3);
		CHECK(!mock_alloc_disarm());
		CHECK(!r->skipped);
	}
	expand_watch_start();
	CHECK_OK(mls_secret_tree_next(tree, 0, MLS_RATCHET_APPLICATION, &key,
	    &generation));
	CHECK_EQ(expand_watch_count(), 3);
	mls_secret_tree_free(tree);
}

/* Consumes with the nth derivation failing; true when none was failed. */
static bool consume_fails_cleanly(unsigned int nth)
{
	struct mls_secret_tree *tree = secret_tree_new(WIDTH, FORWARD);
	struct kk_bytes before, after;
	enum kk_err err;
	bool is_over;

	take(tree, 0, MLS_RATCHET_APPLICATION, 3);
	before = secret_tree_bytes(tree);
	expand_watch_arm(nth);
	err = mls_secret_tree_consume(tree, 0, MLS_RATCHET_APPLICATION, 8);
	is_over = !expand_watch_disarm();
	CHECK_ERR(err, is_over ? KK_OK : KK_ECRYPTO);
	after = secret_tree_bytes(tree);
	CHECK_EQ(kk_view_equal(kk_bytes_view(&before), kk_bytes_view(&after)),
	    !is_over);
	kk_bytes_clear(&before);
	kk_bytes_clear(&after);
	mls_secret_tree_free(tree);
	return is_over;
}

TEST(consume_that_fails_in_the_crypto_library_changes_nothing)
{
	unsigned int nth = 1;

	while (!consume_fails_cleanly(nth))
		nth++;
	CHECK_EQ(nth, 4 * 3 + 1 + 1); /* 4 skipped, 1 secret, then none */
}

TEST(first_use_that_fails_anywhere_works_the_next_time)
{
	for (unsigned int nth = 1; nth < 40; nth++) {
		struct mls_secret_tree *tree = secret_tree_new(WIDTH, FORWARD);
		struct mls_message_key key;
		enum kk_err err;

		expand_watch_arm(nth);
		err = mls_secret_tree_peek(tree, 5, MLS_RATCHET_HANDSHAKE, 2,
		    &key);
		CHECK_ERR(err, expand_watch_disarm() ? KK_ECRYPTO : KK_OK);
		for (uint32_t leaf = 0; leaf < WIDTH; leaf++)
			take(tree, leaf, MLS_RATCHET_HANDSHAKE, 2);
		mls_secret_tree_free(tree);
	}
}

/* A whole short life of a tree; every allocation in it may fail. */
static enum kk_err short_life(void)
{
	const struct mls_secret encryption = { { 1 } };
	struct mls_secret_tree *tree;
	struct mls_message_key key;
	uint32_t generation;
	enum kk_err err;

	err = mls_secret_tree_new(&tree, secret_tree_suite(), &encryption,
	    WIDTH, FORWARD);
	if (err)
		return err;
	err = mls_secret_tree_next(tree, 1, MLS_RATCHET_HANDSHAKE, &key,
	    &generation);
	if (!err)
		err = mls_secret_tree_peek(tree, 4, MLS_RATCHET_APPLICATION, 12,
		    &key);
	if (!err)
		err = mls_secret_tree_consume(tree, 4, MLS_RATCHET_APPLICATION,
		    12);
	if (!err)
		err = mls_secret_tree_consume(tree, 4, MLS_RATCHET_APPLICATION,
		    20);
	mls_secret_tree_free(tree);
	return err;
}

TEST(secret_tree_survives_failed_allocations)
{
	enum kk_err err;

	(void)secret_tree_suite();
	ALLOC_FAULT_LOOP(err, short_life());
	CHECK_OK(err);
}

static enum kk_err consume_once(const struct mls_secret_tree *from,
    struct kk_bytes *after)
{
	struct mls_secret_tree *tree = secret_tree_copy(from);
	enum kk_err err;

	mock_alloc_arm(1);
	err = mls_secret_tree_consume(tree, 0, MLS_RATCHET_APPLICATION, 9);
	CHECK(mock_alloc_disarm());
	*after = secret_tree_bytes(tree);
	mls_secret_tree_free(tree);
	return err;
}

TEST(consume_without_memory_changes_nothing)
{
	struct mls_secret_tree *tree = secret_tree_new(WIDTH, FORWARD);
	struct kk_bytes before, after;

	take(tree, 0, MLS_RATCHET_APPLICATION, 3);
	before = secret_tree_bytes(tree);
	CHECK_ERR(consume_once(tree, &after), KK_ENOMEM);
	CHECK(kk_view_equal(kk_bytes_view(&before), kk_bytes_view(&after)));
	kk_bytes_clear(&before);
	kk_bytes_clear(&after);
	mls_secret_tree_free(tree);
}

TEST(sender_data_key_takes_one_hash_of_ciphertext_or_all_of_less)
{
	const struct crypto_suite *suite = secret_tree_suite();
	const struct mls_secret secret = { { 1 } };
	struct mls_message_key a = { 0 }, b = { 0 }, c = { 0 };
	uint8_t ciphertext[80] = { 0 };

	CHECK_OK(mls_sender_data_key(suite, &secret,
	    kk_view_of(ciphertext, sizeof(ciphertext)), &a));
	ciphertext[suite->hash_bytes] = 1;
	CHECK_OK(mls_sender_data_key(suite, &secret,
	    kk_view_of(ciphertext, sizeof(ciphertext)), &b));
	CHECK_MEM(&a, &b, sizeof(a));
	CHECK_OK(mls_sender_data_key(suite, &secret,
	    kk_view_of(ciphertext, suite->hash_bytes - 1), &c));
	CHECK(memcmp(&a, &c, sizeof(a)));
	CHECK_OK(mls_sender_data_key(suite, &secret, kk_view_of(NULL, 0), &c));
}
