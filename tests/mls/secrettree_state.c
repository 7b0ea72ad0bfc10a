/* secrettree_state.c - saving a secret tree, and bytes that are none. */
#include <string.h>

#include "harness/tap.h"
#include "mls/treemath.h"
#include "mock/alloc.h"
#include "secrettree_support.h"

enum { WIDTH = 8, FORWARD = 20 };

static enum kk_err read_bytes(struct kk_view in, uint32_t width,
    uint32_t max_forward, struct mls_secret_tree **treep)
{
	struct kk_reader r;
	enum kk_err err;

	kk_reader_init(&r, in);
	err = mls_secret_tree_read(treep, secret_tree_suite(), width,
	    max_forward, &r);
	if (err)
		return err;
	err = kk_reader_end(&r);
	if (err) {
		mls_secret_tree_free(*treep);
		*treep = NULL;
	}
	return err;
}

/* A tree in the middle of its life: used, skipped and untouched leaves. */
static struct mls_secret_tree *used_tree(void)
{
	struct mls_secret_tree *tree = secret_tree_new(WIDTH, FORWARD);
	struct mls_message_key key;
	uint32_t generation;

	CHECK_OK(mls_secret_tree_consume(tree, 1, MLS_RATCHET_APPLICATION, 4));
	CHECK_OK(mls_secret_tree_consume(tree, 1, MLS_RATCHET_APPLICATION, 2));
	CHECK_OK(mls_secret_tree_consume(tree, 6, MLS_RATCHET_HANDSHAKE, 1));
	CHECK_OK(mls_secret_tree_next(tree, 2, MLS_RATCHET_APPLICATION, &key,
	    &generation));
	return tree;
}

/* The same answer from both for one key. */
static void check_same(struct mls_secret_tree *a, struct mls_secret_tree *b,
    uint32_t leaf, enum mls_ratchet r, uint32_t generation)
{
	struct mls_message_key key_a = { 0 }, key_b = { 0 };
	enum kk_err err;

	err = mls_secret_tree_peek(a, leaf, r, generation, &key_a);
	CHECK_ERR(mls_secret_tree_peek(b, leaf, r, generation, &key_b), err);
	CHECK_MEM(key_a.key, key_b.key, secret_tree_suite()->aead_key_bytes);
	CHECK_MEM(key_a.nonce, key_b.nonce, sizeof(key_a.nonce));
}

TEST(restored_tree_answers_as_the_one_that_was_saved)
{
	struct mls_secret_tree *tree = used_tree();
	struct mls_secret_tree *copy = secret_tree_copy(tree);

	for (uint32_t leaf = 0; leaf < WIDTH; leaf++) {
		for (uint32_t g = 0; g < 27; g++) {
			check_same(tree, copy, leaf, MLS_RATCHET_HANDSHAKE, g);
			check_same(tree, copy, leaf, MLS_RATCHET_APPLICATION,
			    g);
		}
	}
	mls_secret_tree_free(tree);
	mls_secret_tree_free(copy);
}

TEST(saved_bytes_of_a_restored_tree_are_the_same)
{
	struct mls_secret_tree *tree = used_tree();
	struct mls_secret_tree *copy = secret_tree_copy(tree);
	struct kk_bytes a = secret_tree_bytes(tree);
	struct kk_bytes b = secret_tree_bytes(copy);

	CHECK(kk_view_equal(kk_bytes_view(&a), kk_bytes_view(&b)));
	kk_bytes_clear(&a);
	kk_bytes_clear(&b);
	mls_secret_tree_free(tree);
	mls_secret_tree_free(copy);
}

TEST(spent_ratchet_stays_spent_after_restoring)
{
	struct mls_secret_tree *tree = used_tree(), *copy;
	struct mls_message_key key;
	uint32_t generation;

	tree->leaves[2]->ratchets[1].head = UINT32_MAX - 1;
	CHECK_OK(mls_secret_tree_consume(tree, 2, MLS_RATCHET_APPLICATION,
	    UINT32_MAX - 1));
	copy = secret_tree_copy(tree);
	CHECK_ERR(mls_secret_tree_next(copy, 2, MLS_RATCHET_APPLICATION, &key,
		      &generation),
	    KK_ESPENT);
	mls_secret_tree_free(tree);
	mls_secret_tree_free(copy);
}

TEST(tighter_bound_keeps_the_newest_skipped_keys)
{
	struct mls_secret_tree *tree = used_tree(), *copy;
	struct kk_bytes bytes = secret_tree_bytes(tree);
	struct mls_message_key key;

	/* Skipped at leaf 1 are 0, 1 and 3. */
	CHECK_OK(read_bytes(kk_bytes_view(&bytes), WIDTH, 2, &copy));
	CHECK_ERR(mls_secret_tree_peek(copy, 1, MLS_RATCHET_APPLICATION, 0,
		      &key),
	    KK_EREPLAY);
	check_same(tree, copy, 1, MLS_RATCHET_APPLICATION, 1);
	check_same(tree, copy, 1, MLS_RATCHET_APPLICATION, 3);
	mls_secret_tree_free(copy);
	CHECK_OK(read_bytes(kk_bytes_view(&bytes), WIDTH, 0, &copy));
	CHECK_ERR(mls_secret_tree_peek(copy, 1, MLS_RATCHET_APPLICATION, 3,
		      &key),
	    KK_EREPLAY);
	check_same(tree, copy, 1, MLS_RATCHET_APPLICATION, 5);
	mls_secret_tree_free(copy);
	kk_bytes_clear(&bytes);
	mls_secret_tree_free(tree);
}

TEST(saved_tree_cut_short_or_of_another_width_is_refused)
{
	struct mls_secret_tree *tree = used_tree(), *copy = NULL;
	struct kk_bytes bytes = secret_tree_bytes(tree);
	struct kk_view v = kk_bytes_view(&bytes);

	for (v.bytes = 0; v.bytes < bytes.bytes; v.bytes++)
		CHECK_ERR(read_bytes(v, WIDTH, FORWARD, &copy), KK_ETRUNC);
	CHECK_ERR(read_bytes(v, 2 * WIDTH, FORWARD, &copy), KK_ETRUNC);
	CHECK_FAIL(read_bytes(v, WIDTH / 2, FORWARD, &copy));
	CHECK_ERR(read_bytes(v, WIDTH - 1, FORWARD, &copy), KK_EINVAL);
	CHECK(!copy);
	kk_bytes_clear(&bytes);
	mls_secret_tree_free(tree);
}

TEST(reading_stops_after_the_tree)
{
	struct mls_secret_tree *tree = used_tree(), *copy;
	struct kk_writer w;
	struct kk_reader r;

	kk_writer_init(&w);
	mls_secret_tree_write(tree, &w);
	kk_write_u32(&w, 0xdecafbad);
	kk_reader_init(&r, kk_writer_view(&w));
	CHECK_OK(mls_secret_tree_read(&copy, secret_tree_suite(), WIDTH,
	    FORWARD, &r));
	CHECK_EQ(kk_read_u32(&r), 0xdecafbad);
	CHECK_OK(kk_reader_end(&r));
	mls_secret_tree_free(copy);
	mls_secret_tree_free(tree);
	kk_writer_clear(&w);
}

/* A node piece, as secrettree_state.c lays it out. */
static void node_write(struct kk_writer *w, uint32_t node)
{
	static const uint8_t secret[MLS_HASH_MAX_BYTES] = { 1 };

	kk_write_u8(w, 0);
	kk_write_u32(w, node);
	kk_write_raw(w, kk_view_of(secret, secret_tree_suite()->hash_bytes));
}

static enum kk_err nodes_read(const uint32_t *nodes, size_t count)
{
	struct mls_secret_tree *tree;
	struct kk_writer w;
	enum kk_err err;

	kk_writer_init(&w);
	for (size_t i = 0; i < count; i++)
		node_write(&w, nodes[i]);
	CHECK_OK(w.err);
	err = read_bytes(kk_writer_view(&w), WIDTH, FORWARD, &tree);
	if (!err)
		mls_secret_tree_free(tree);
	kk_writer_clear(&w);
	return err;
}

TEST(leaves_that_are_not_covered_once_are_refused)
{
	static const uint32_t good[] = { 3, 9, 12, 14 };
	static const uint32_t twice[] = { 3, 3, 11 };
	static const uint32_t below[] = { 3, 1, 11 };
	static const uint32_t gap[] = { 1, 11 };
	static const uint32_t outside[] = { 3, 15 };
	static const uint32_t above[] = { 3, 7 };

	CHECK_OK(nodes_read(good, KK_ARRAY_LEN(good)));
	CHECK_ERR(nodes_read(twice, KK_ARRAY_LEN(twice)), KK_EFORMAT);
	CHECK_ERR(nodes_read(below, KK_ARRAY_LEN(below)), KK_EFORMAT);
	CHECK_ERR(nodes_read(gap, KK_ARRAY_LEN(gap)), KK_EFORMAT);
	CHECK_ERR(nodes_read(outside, KK_ARRAY_LEN(outside)), KK_EFORMAT);
	CHECK_ERR(nodes_read(above, KK_ARRAY_LEN(above)), KK_EFORMAT);
	CHECK_ERR(nodes_read(good, 3), KK_ETRUNC);
}

/* A tree of one leaf whose application ratchet has these skipped keys. */
static enum kk_err skipped_read(const uint32_t *generations, size_t count,
    size_t spare_bytes)
{
	static const uint8_t bytes[MLS_HASH_MAX_BYTES] = { 1 };
	const struct crypto_suite *suite = secret_tree_suite();
	struct mls_secret_tree *tree;
	struct kk_writer w;
	enum kk_err err;
	size_t at;

	kk_writer_init(&w);
	kk_write_u8(&w, 1);
	kk_write_u32(&w, 0);
	kk_write_raw(&w, kk_view_of(bytes, suite->hash_bytes));
	kk_write_varint(&w, 0);
	kk_write_u32(&w, 10);
	kk_write_raw(&w, kk_view_of(bytes, suite->hash_bytes));
	at = kk_write_vec_begin(&w);
	for (size_t i = 0; i < count; i++) {
		kk_write_u32(&w, generations[i]);
		kk_write_raw(&w,
		    kk_view_of(bytes,
			suite->aead_key_bytes + CRYPTO_AEAD_NONCE_BYTES));
	}
	kk_write_raw(&w, kk_view_of(bytes, spare_bytes));
	kk_write_vec_end(&w, at);
	CHECK_OK(w.err);
	err = read_bytes(kk_writer_view(&w), 1, FORWARD, &tree);
	if (!err)
		mls_secret_tree_free(tree);
	kk_writer_clear(&w);
	return err;
}

TEST(skipped_keys_must_ascend_below_the_head)
{
	CHECK_OK(skipped_read((const uint32_t[]){ 2, 3, 9 }, 3, 0));
	CHECK_ERR(skipped_read((const uint32_t[]){ 2, 2 }, 2, 0), KK_EFORMAT);
	CHECK_ERR(skipped_read((const uint32_t[]){ 3, 2 }, 2, 0), KK_EFORMAT);
	CHECK_ERR(skipped_read((const uint32_t[]){ 10 }, 1, 0), KK_EFORMAT);
	CHECK_ERR(skipped_read((const uint32_t[]){ 2 }, 1, 1), KK_ETRAIL);
}

TEST(unknown_piece_is_refused)
{
	static const uint8_t bytes[] = { 2 };
	struct mls_secret_tree *tree;

	CHECK_ERR(read_bytes(kk_view_of(bytes, sizeof(bytes)), WIDTH, FORWARD,
		      &tree),
	    KK_EFORMAT);
}

/* Whatever is accepted is a whole tree, and gives the same bytes again. */
static void mutation_check(struct kk_view changed)
{
	struct mls_secret_tree *tree;
	struct kk_bytes again;

	if (read_bytes(changed, WIDTH, FORWARD, &tree))
		return;
	again = secret_tree_bytes(tree);
	CHECK(kk_view_equal(changed, kk_bytes_view(&again)));
	kk_bytes_clear(&again);
	mls_secret_tree_free(tree);
}

TEST(any_changed_bit_gives_an_error_or_another_whole_tree)
{
	struct mls_secret_tree *tree = used_tree();
	struct kk_bytes bytes = secret_tree_bytes(tree);

	for (size_t bit = 0; bit < 8 * bytes.bytes; bit++) {
		const uint8_t mask = (uint8_t)(1 << bit % 8);

		bytes.data[bit / 8] ^= mask;
		mutation_check(kk_bytes_view(&bytes));
		bytes.data[bit / 8] ^= mask;
	}
	kk_bytes_clear(&bytes);
	mls_secret_tree_free(tree);
}

static enum kk_err save_and_restore(const struct mls_secret_tree *tree)
{
	struct mls_secret_tree *copy;
	struct kk_writer w;
	enum kk_err err;

	kk_writer_init(&w);
	mls_secret_tree_write(tree, &w);
	err = w.err;
	if (!err)
		err = read_bytes(kk_writer_view(&w), WIDTH, FORWARD, &copy);
	kk_writer_clear(&w);
	if (!err)
		mls_secret_tree_free(copy);
	return err;
}

TEST(saving_and_restoring_survive_failed_allocations)
{
	struct mls_secret_tree *tree = used_tree();
	enum kk_err err;

	ALLOC_FAULT_LOOP(err, save_and_restore(tree));
	CHECK_OK(err);
	mls_secret_tree_free(tree);
}
