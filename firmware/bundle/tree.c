/* tree.c - hashes of blocks, hashes of these, and so on to the root. */
#include <string.h>

#include "bundle/bundle.h"
#include "crypto/crypto.h"

enum {
	HASHES_A_BLOCK = BUNDLE_BLOCK_BYTES / BUNDLE_HASH_BYTES,
	LEVELS_MAX = 3, /* of 128 each: 2^21 blocks, and there are 2^17 */
	BLOCKS_MAX = BUNDLE_BYTES_MAX / BUNDLE_BLOCK_BYTES
};

/* Level 0 has the payload's hashes; the highest, one block, stands first. */
struct levels {
	size_t count;
	uint64_t blocks[LEVELS_MAX]; /* of the tree, in this level */
	uint64_t at[LEVELS_MAX]; /* its first one */
	uint64_t all;
};

static bool levels_make(struct levels *l, uint64_t payload_bytes)
{
	uint64_t blocks = payload_bytes / BUNDLE_BLOCK_BYTES;

	*l = (struct levels){ 0 };
	if (payload_bytes % BUNDLE_BLOCK_BYTES != 0 || blocks < 2 ||
	    blocks > BLOCKS_MAX)
		return false;
	while (blocks > 1) {
		blocks = (blocks + HASHES_A_BLOCK - 1) / HASHES_A_BLOCK;
		l->blocks[l->count++] = blocks;
	}
	for (size_t i = l->count; i > 0; i--) {
		l->at[i - 1] = l->all;
		l->all += l->blocks[i - 1];
	}
	return true;
}

uint64_t bundle_tree_bytes(uint64_t payload_bytes)
{
	struct levels l;

	return levels_make(&l, payload_bytes) ? l.all * BUNDLE_BLOCK_BYTES : 0;
}

/* The kernel's hash version 1: salt first. */
static enum kk_err hash_is(const struct bundle_frame *f, const uint8_t *block,
    const uint8_t *want)
{
	const struct kk_view parts[] = { { f->salt, sizeof(f->salt) },
		{ block, BUNDLE_BLOCK_BYTES } };
	uint8_t hash[CRYPTO_HASH_MAX_BYTES];
	const enum kk_err err = crypto_hash(CRYPTO_SHA256, parts,
	    KK_ARRAY_LEN(parts), hash);

	if (err)
		return err;
	return memcmp(hash, want, BUNDLE_HASH_BYTES) ? KK_EVERIFY : KK_OK;
}

static bool is_zero(const uint8_t *data, uint64_t bytes)
{
	while (bytes > 0 && *data == 0) {
		data++;
		bytes--;
	}
	return bytes == 0;
}

/* Each block of a level has its hash in the one above, and behind the last hash
 * nothing stands. */
static enum kk_err level_check(const struct bundle_frame *f,
    const struct levels *l, const uint8_t *tree, size_t level)
{
	const uint8_t *own = tree + l->at[level] * BUNDLE_BLOCK_BYTES;
	const uint8_t *above = level + 1 < l->count ?
	    tree + l->at[level + 1] * BUNDLE_BLOCK_BYTES :
	    f->root;
	const uint64_t hashes = level ? l->blocks[level - 1] :
					f->payload_bytes / BUNDLE_BLOCK_BYTES;
	enum kk_err err = KK_OK;

	for (uint64_t i = 0; !err && i < l->blocks[level]; i++)
		err = hash_is(f, own + i * BUNDLE_BLOCK_BYTES,
		    above + i * BUNDLE_HASH_BYTES);
	if (!err &&
	    !is_zero(own + hashes * BUNDLE_HASH_BYTES,
		l->blocks[level] * BUNDLE_BLOCK_BYTES -
		    hashes * BUNDLE_HASH_BYTES))
		err = KK_EVERIFY;
	return err;
}

enum kk_err bundle_tree_check(const struct bundle_frame *f, struct kk_view tree)
{
	enum kk_err err = KK_OK;
	struct levels l;

	if (!levels_make(&l, f->payload_bytes) ||
	    tree.bytes != l.all * BUNDLE_BLOCK_BYTES)
		return KK_EINVAL;
	for (size_t i = l.count; !err && i > 0; i--)
		err = level_check(f, &l, tree.data, i - 1);
	return err;
}

enum kk_err bundle_block_check(const struct bundle_frame *f,
    struct kk_view tree, uint64_t block, const uint8_t data[BUNDLE_BLOCK_BYTES])
{
	struct levels l;

	if (!levels_make(&l, f->payload_bytes) ||
	    tree.bytes != l.all * BUNDLE_BLOCK_BYTES ||
	    block >= f->payload_bytes / BUNDLE_BLOCK_BYTES)
		return KK_EINVAL;
	return hash_is(f, data,
	    tree.data + l.at[0] * BUNDLE_BLOCK_BYTES +
		block * BUNDLE_HASH_BYTES);
}
