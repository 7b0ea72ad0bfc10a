/* tree.c - blocks against a tree that the test makes by itself. */
#include <string.h>

#include "bundle/bundle.h"
#include "crypto/crypto.h"
#include "harness/tap.h"

enum {
	BLOCKS = 300, /* three blocks of hashes, and one above */
	TREE_BLOCKS = 4,
	HASHES = BUNDLE_BLOCK_BYTES / BUNDLE_HASH_BYTES
};

struct wood {
	struct bundle_frame f;
	uint8_t payload[BLOCKS][BUNDLE_BLOCK_BYTES];
	uint8_t tree[TREE_BLOCKS][BUNDLE_BLOCK_BYTES];
};

static void hash(const struct wood *w, const uint8_t *block, uint8_t *out)
{
	const struct kk_view parts[] = { { w->f.salt, BUNDLE_HASH_BYTES },
		{ block, BUNDLE_BLOCK_BYTES } };

	CHECK_OK(crypto_hash(CRYPTO_SHA256, parts, 2, out));
}

static struct wood *wood_new(void)
{
	struct wood *w = kk_calloc(1, sizeof(*w));

	CHECK(w != NULL);
	CHECK_OK(crypto_init());
	memset(w->f.salt, 7, sizeof(w->f.salt));
	w->f.payload_bytes = sizeof(w->payload);
	w->f.tree_bytes = sizeof(w->tree);
	for (size_t i = 0; i < BLOCKS; i++) {
		memset(w->payload[i], (int)(i % 251), BUNDLE_BLOCK_BYTES);
		hash(w, w->payload[i],
		    w->tree[1 + i / HASHES] + i % HASHES * BUNDLE_HASH_BYTES);
	}
	for (size_t i = 1; i < TREE_BLOCKS; i++)
		hash(w, w->tree[i], w->tree[0] + (i - 1) * BUNDLE_HASH_BYTES);
	hash(w, w->tree[0], w->f.root);
	return w;
}

static struct kk_view tree_of(const struct wood *w)
{
	return kk_view_of(w->tree, sizeof(w->tree));
}

TEST(tree_has_so_many_blocks_as_the_payload_asks_for)
{
	static const uint64_t rows[][2] = { { 0, 0 }, { 1, 0 }, { 2, 1 },
		{ 128, 1 }, { 129, 3 }, { 300, 4 }, { 16384, 129 },
		{ 16385, 132 }, { 131072, 1033 }, { 131073, 0 } };

	for (size_t i = 0; i < KK_ARRAY_LEN(rows); i++)
		CHECK_EQ(bundle_tree_bytes(rows[i][0] * BUNDLE_BLOCK_BYTES),
		    rows[i][1] * BUNDLE_BLOCK_BYTES);
	CHECK_EQ(bundle_tree_bytes(3 * BUNDLE_BLOCK_BYTES + 1), 0);
}

TEST(tree_and_blocks_that_are_right_are_taken)
{
	struct wood *w = wood_new();

	CHECK_OK(bundle_tree_check(&w->f, tree_of(w)));
	for (size_t i = 0; i < BLOCKS; i++)
		CHECK_OK(bundle_block_check(&w->f, tree_of(w), i,
		    w->payload[i]));
	CHECK_ERR(bundle_block_check(&w->f, tree_of(w), BLOCKS, w->payload[0]),
	    KK_EINVAL);
	CHECK_ERR(bundle_tree_check(&w->f,
		      kk_view_of(w->tree, sizeof(w->tree) - 1)),
	    KK_EINVAL);
	kk_free(w);
}

/* Also where no hash stands: each 31st byte, and one bit of it. */
TEST(tree_with_a_turned_bit_is_refused)
{
	struct wood *w = wood_new();
	uint8_t *bytes = w->tree[0];

	for (size_t i = 0; i < sizeof(w->tree); i += 31) {
		bytes[i] ^= (uint8_t)(1U << i % 8);
		CHECK_ERR(bundle_tree_check(&w->f, tree_of(w)), KK_EVERIFY);
		bytes[i] ^= (uint8_t)(1U << i % 8);
	}
	w->f.root[31] ^= 1;
	CHECK_ERR(bundle_tree_check(&w->f, tree_of(w)), KK_EVERIFY);
	w->f.root[31] ^= 1;
	w->f.salt[0] ^= 1;
	CHECK_ERR(bundle_tree_check(&w->f, tree_of(w)), KK_EVERIFY);
	kk_free(w);
}

/* A hash behind the last one, with all above it made to fit. */
TEST(tree_with_something_behind_its_hashes_is_refused)
{
	struct wood *w = wood_new();

	w->tree[3][BUNDLE_BLOCK_BYTES - 1] = 1;
	hash(w, w->tree[3], w->tree[0] + 2 * (size_t)BUNDLE_HASH_BYTES);
	hash(w, w->tree[0], w->f.root);
	CHECK_ERR(bundle_tree_check(&w->f, tree_of(w)), KK_EVERIFY);
	kk_free(w);
}

TEST(block_with_a_turned_bit_or_at_another_place_is_refused)
{
	struct wood *w = wood_new();

	for (size_t i = 0; i < BLOCKS; i += 7) {
		w->payload[i][i * 13] ^= 0x10;
		CHECK_ERR(bundle_block_check(&w->f, tree_of(w), i,
			      w->payload[i]),
		    KK_EVERIFY);
		w->payload[i][i * 13] ^= 0x10;
		CHECK_ERR(bundle_block_check(&w->f, tree_of(w),
			      (i + 1) % BLOCKS, w->payload[i]),
		    KK_EVERIFY);
	}
	kk_free(w);
}
