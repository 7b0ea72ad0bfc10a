/* ratchet.c - the keys of one sender, one after another (RFC 9420, 9.1). */
#include "mls/secrettree.h"

#include <string.h>

#include "mls/secrettree_private.h"

enum { SKIPPED_ROOM_FIRST = 8 }; /* then doubled up to max_forward */

static struct kk_view secret_view(const struct mls_secret_tree *tree,
    const struct mls_secret *secret)
{
	return kk_view_of(secret->data, tree->suite->hash_bytes);
}

enum kk_err mls_derive_tree_secret(const struct crypto_suite *suite,
    struct kk_view secret, const char *label, uint32_t generation, uint8_t *out,
    size_t out_bytes)
{
	const uint8_t context[4] = { (uint8_t)(generation >> 24),
		(uint8_t)(generation >> 16), (uint8_t)(generation >> 8),
		(uint8_t)generation };

	return crypto_expand_with_label(suite, secret, label,
	    kk_view_of(context, sizeof(context)), out, out_bytes);
}

static enum kk_err key_derive(const struct mls_secret_tree *tree,
    const struct mls_secret *secret, uint32_t generation,
    struct mls_message_key *key)
{
	enum kk_err err;

	err = mls_derive_tree_secret(tree->suite, secret_view(tree, secret),
	    "key", generation, key->key, tree->suite->aead_key_bytes);
	if (!err)
		err = mls_derive_tree_secret(tree->suite,
		    secret_view(tree, secret), "nonce", generation, key->nonce,
		    CRYPTO_AEAD_NONCE_BYTES);
	if (err)
		kk_wipe(key, sizeof(*key));
	return err;
}

/* Replaces the secret of a generation by that of the next one, or, in the last
 * generation, by nothing.  On error it is as it was. */
static enum kk_err secret_step(const struct mls_secret_tree *tree,
    struct mls_secret *secret, uint32_t generation)
{
	struct mls_secret next = { 0 };
	enum kk_err err = KK_OK;

	if (generation < UINT32_MAX - 1)
		err = mls_derive_tree_secret(tree->suite,
		    secret_view(tree, secret), "secret", generation, next.data,
		    tree->suite->hash_bytes);
	if (!err)
		*secret = next;
	kk_wipe(&next, sizeof(next));
	return err;
}

enum kk_err mls_ratchet_next(const struct mls_secret_tree *tree,
    struct ratchet *r, struct mls_message_key *key, uint32_t *generation)
{
	enum kk_err err;

	if (r->head == UINT32_MAX)
		return KK_ESPENT;
	err = key_derive(tree, &r->secret, r->head, key);
	if (!err)
		err = secret_step(tree, &r->secret, r->head);
	if (err) {
		kk_wipe(key, sizeof(*key));
		return err;
	}
	*generation = r->head++;
	return KK_OK;
}

/* NULL when the key is used up or was dropped. */
static struct skipped_key *skipped_find(const struct ratchet *r,
    uint32_t generation)
{
	uint32_t low = 0, high = r->skipped_count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (r->skipped[middle].generation < generation)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == r->skipped_count || r->skipped[low].generation != generation)
		return NULL;
	return &r->skipped[low];
}

/* Deletes count keys from one on. */
static void skipped_delete(struct ratchet *r, struct skipped_key *from,
    uint32_t count)
{
	const size_t first = (size_t)(from - r->skipped);

	memmove(from, from + count,
	    (r->skipped_count - first - count) * sizeof(*from));
	r->skipped_count -= count;
	kk_wipe(r->skipped + r->skipped_count, count * sizeof(*from));
}

/* May a message of this generation, not before head, drive the ratchet? */
static enum kk_err forward_check(const struct mls_secret_tree *tree,
    const struct ratchet *r, uint32_t generation)
{
	if (generation == UINT32_MAX ||
	    generation - r->head > tree->max_forward)
		return KK_ELIMIT;
	return KK_OK;
}

static enum kk_err key_ahead(const struct mls_secret_tree *tree,
    const struct ratchet *r, uint32_t generation, struct mls_message_key *key)
{
	struct mls_secret secret = r->secret;
	enum kk_err err = KK_OK;

	for (uint32_t at = r->head; at < generation && !err; at++)
		err = secret_step(tree, &secret, at);
	if (!err)
		err = key_derive(tree, &secret, generation, key);
	kk_wipe(&secret, sizeof(secret));
	return err;
}

enum kk_err mls_ratchet_peek(const struct mls_secret_tree *tree,
    const struct ratchet *r, uint32_t generation, struct mls_message_key *key)
{
	const struct skipped_key *skipped;
	enum kk_err err;

	if (generation >= r->head) {
		err = forward_check(tree, r, generation);
		return err ? err : key_ahead(tree, r, generation, key);
	}
	skipped = skipped_find(r, generation);
	if (!skipped)
		return KK_EREPLAY;
	*key = skipped->key;
	return KK_OK;
}

enum kk_err mls_ratchet_reserve(struct ratchet *r, uint32_t count,
    uint32_t max_count)
{
	uint32_t room = r->skipped_room ? r->skipped_room : SKIPPED_ROOM_FIRST;
	struct skipped_key *grown;

	if (count <= r->skipped_room)
		return KK_OK;
	while (room < count)
		room = room > max_count / 2 ? max_count : 2 * room;
	grown = kk_regrow(r->skipped, r->skipped_room, room, sizeof(*grown));
	if (!grown)
		return KK_ENOMEM;
	r->skipped = grown;
	r->skipped_room = room;
	return KK_OK;
}

/* Adds count keys after the others, dropping the oldest beyond the bound. */
static enum kk_err skipped_append(const struct mls_secret_tree *tree,
    struct ratchet *r, const struct skipped_key *fresh, uint32_t count)
{
	const uint32_t keep_max = tree->max_forward - count;
	const uint32_t keep = r->skipped_count < keep_max ? r->skipped_count :
							    keep_max;
	enum kk_err err;

	err = mls_ratchet_reserve(r, keep + count, tree->max_forward);
	if (err)
		return err;
	skipped_delete(r, r->skipped, r->skipped_count - keep);
	memcpy(r->skipped + keep, fresh, count * sizeof(*fresh));
	r->skipped_count = keep + count;
	return KK_OK;
}

/* Drives the ratchet past a generation and keeps the keys on the way. */
static enum kk_err ratchet_forward(const struct mls_secret_tree *tree,
    struct ratchet *r, uint32_t generation)
{
	const uint32_t count = generation - r->head;
	struct mls_secret secret = r->secret;
	struct skipped_key *fresh;
	enum kk_err err = KK_OK;

	fresh = kk_calloc(count, sizeof(*fresh));
	if (!fresh)
		err = KK_ENOMEM;
	for (uint32_t i = 0; i < count && !err; i++) {
		fresh[i].generation = r->head + i;
		err = key_derive(tree, &secret, r->head + i, &fresh[i].key);
		if (!err)
			err = secret_step(tree, &secret, r->head + i);
	}
	if (!err)
		err = secret_step(tree, &secret, generation);
	if (!err)
		err = skipped_append(tree, r, fresh, count);
	if (!err) {
		r->secret = secret;
		r->head = generation + 1;
	}
	kk_wipe(&secret, sizeof(secret));
	kk_free_wiped(fresh, count * sizeof(*fresh));
	return err;
}

enum kk_err mls_ratchet_consume(const struct mls_secret_tree *tree,
    struct ratchet *r, uint32_t generation)
{
	struct skipped_key *skipped;
	enum kk_err err;

	if (generation >= r->head) {
		err = forward_check(tree, r, generation);
		if (err)
			return err;
		if (generation > r->head)
			return ratchet_forward(tree, r, generation);
		err = secret_step(tree, &r->secret, generation);
		if (!err)
			r->head++;
		return err;
	}
	skipped = skipped_find(r, generation);
	if (!skipped)
		return KK_EREPLAY;
	skipped_delete(r, skipped, 1);
	return KK_OK;
}
