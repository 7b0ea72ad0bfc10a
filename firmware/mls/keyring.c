/* keyring.c - a member's private keys in the ratchet tree. */
#include "mls/keyring.h"

enum kk_err mls_private_new(struct mls_private **privatep,
    struct crypto_key *key)
{
	struct mls_private *private = kk_calloc(1, sizeof(*private));

	if (!private) {
		crypto_key_free(key);
		return KK_ENOMEM;
	}
	private->refs = 1;
	private->key = key;
	*privatep = private;
	return KK_OK;
}

struct mls_private *mls_private_ref(struct mls_private *private)
{
	private->refs++;
	return private;
}

void mls_private_unref(struct mls_private *private)
{
	if (!private || --private->refs > 0)
		return;
	crypto_key_free(private->key);
	kk_free(private);
}

static unsigned int ring_find(const struct mls_keyring *ring, uint32_t node)
{
	unsigned int i = 0;

	while (i < ring->count && ring->node[i] != node)
		i++;
	return i;
}

enum kk_err mls_keyring_share(struct mls_keyring *ring, uint32_t node,
    struct mls_private *private)
{
	unsigned int i = ring_find(ring, node);

	if (i > MLS_PATH_MAX)
		return KK_ELIMIT;
	mls_private_ref(private);
	if (i < ring->count)
		mls_private_unref(ring->private[i]);
	else
		ring->count++;
	ring->node[i] = node;
	ring->private[i] = private;
	return KK_OK;
}

enum kk_err mls_keyring_put(struct mls_keyring *ring, uint32_t node,
    struct crypto_key *key)
{
	struct mls_private *private;
	enum kk_err err = mls_private_new(&private, key);

	if (err)
		return err;
	err = mls_keyring_share(ring, node, private);
	mls_private_unref(private);
	return err;
}

struct crypto_key *mls_keyring_get(const struct mls_keyring *ring,
    uint32_t node)
{
	unsigned int i = ring_find(ring, node);

	return i < ring->count ? ring->private[i]->key : NULL;
}

void mls_keyring_copy(struct mls_keyring *ring, const struct mls_keyring *from)
{
	*ring = *from;
	for (unsigned int i = 0; i < ring->count; i++)
		ring->private[i]->refs++;
}

void mls_keyring_clear(struct mls_keyring *ring)
{
	for (unsigned int i = 0; i < ring->count; i++)
		mls_private_unref(ring->private[i]);
	*ring = (struct mls_keyring){ 0 };
}

static bool key_is_current(const struct mls_keyring *ring, unsigned int i,
    const struct mls_tree *tree)
{
	uint32_t node = ring->node[i];

	if (node >= tm_node_count(tree->width) || mls_tree_is_blank(tree, node))
		return false;
	return kk_view_equal(crypto_key_public(ring->private[i]->key),
	    mls_tree_public(tree, node));
}

void mls_keyring_prune(struct mls_keyring *ring, const struct mls_tree *tree)
{
	unsigned int kept = 0;

	for (unsigned int i = 0; i < ring->count; i++) {
		if (!key_is_current(ring, i, tree)) {
			mls_private_unref(ring->private[i]);
			continue;
		}
		ring->node[kept] = ring->node[i];
		ring->private[kept] = ring->private[i];
		kept++;
	}
	ring->count = kept;
}

void mls_keyring_write(struct kk_writer *w, const struct mls_keyring *ring)
{
	kk_write_u8(w, (uint8_t)ring->count);
	for (unsigned int i = 0; i < ring->count; i++) {
		struct kk_bytes bytes = { 0 };
		enum kk_err err = crypto_key_export(ring->private[i]->key,
		    &bytes);

		if (err)
			kk_writer_fail(w, err);
		kk_write_u32(w, ring->node[i]);
		kk_write_vec(w, kk_bytes_view(&bytes));
		kk_bytes_clear(&bytes);
	}
}

void mls_keyring_read(struct kk_reader *r, const struct crypto_suite *suite,
    struct mls_keyring *ring)
{
	uint8_t count = kk_read_u8(r);

	*ring = (struct mls_keyring){ 0 };
	for (uint8_t i = 0; i < count && !r->err; i++) {
		uint32_t node = kk_read_u32(r);
		struct kk_view bytes = kk_read_vec(r);
		struct crypto_key *key;
		enum kk_err err = r->err;

		if (!err)
			err = crypto_kem_key_import(&key, suite->kem, bytes);
		if (!err)
			err = mls_keyring_put(ring, node, key);
		if (err)
			kk_reader_fail(r, err);
	}
	if (r->err)
		mls_keyring_clear(ring);
}
