/* secrettree_support.c - keys of a secret tree worked out in another way. */
#include "secrettree_support.h"

#include <string.h>

#include "harness/tap.h"
#include "mls/treemath.h"

static const uint8_t encryption_fill = 0x5a;

const struct crypto_suite *secret_tree_suite(void)
{
	const struct crypto_suite *suite = crypto_suite_get(SECRET_TREE_SUITE);

	CHECK_OK(crypto_init());
	CHECK(suite);
	return suite;
}

static struct mls_secret encryption_secret(void)
{
	struct mls_secret secret;

	memset(&secret, encryption_fill, sizeof(secret));
	return secret;
}

struct mls_secret_tree *secret_tree_new(uint32_t width, uint32_t max_forward)
{
	const struct mls_secret encryption = encryption_secret();
	struct mls_secret_tree *tree;

	CHECK_OK(mls_secret_tree_new(&tree, secret_tree_suite(), &encryption,
	    width, max_forward));
	return tree;
}

/* ExpandWithLabel where the context is text, or nothing. */
static void step(struct mls_secret *secret, const char *label,
    const char *context)
{
	const struct crypto_suite *suite = secret_tree_suite();
	struct mls_secret out = { 0 };

	CHECK_OK(crypto_expand_with_label(suite,
	    kk_view_of(secret->data, suite->hash_bytes), label,
	    kk_view_text(context), out.data, suite->hash_bytes));
	*secret = out;
}

static void tree_secret(const struct mls_secret *secret, const char *label,
    uint32_t generation, uint8_t *out, size_t bytes)
{
	const struct crypto_suite *suite = secret_tree_suite();
	struct kk_writer w;

	kk_writer_init(&w);
	kk_write_u32(&w, generation);
	CHECK_OK(crypto_expand_with_label(suite,
	    kk_view_of(secret->data, suite->hash_bytes), label,
	    kk_writer_view(&w), out, bytes));
	kk_writer_clear(&w);
}

void secret_tree_model_key(uint32_t width, uint32_t leaf, enum mls_ratchet r,
    uint32_t generation, struct mls_message_key *key)
{
	const struct crypto_suite *suite = secret_tree_suite();
	struct mls_secret secret = encryption_secret(), next;

	for (uint32_t half = width / 2; half; half /= 2)
		step(&secret, "tree", leaf & half ? "right" : "left");
	step(&secret, r == MLS_RATCHET_HANDSHAKE ? "handshake" : "application",
	    "");
	for (uint32_t i = 0; i < generation; i++) {
		tree_secret(&secret, "secret", i, next.data, suite->hash_bytes);
		secret = next;
	}
	memset(key, 0, sizeof(*key));
	tree_secret(&secret, "key", generation, key->key,
	    suite->aead_key_bytes);
	tree_secret(&secret, "nonce", generation, key->nonce,
	    sizeof(key->nonce));
}

struct kk_bytes secret_tree_bytes(const struct mls_secret_tree *tree)
{
	struct kk_bytes bytes;
	struct kk_writer w;

	kk_writer_init(&w);
	mls_secret_tree_write(tree, &w);
	CHECK_OK(kk_writer_take(&w, &bytes));
	return bytes;
}

struct mls_secret_tree *secret_tree_copy(const struct mls_secret_tree *tree)
{
	struct kk_bytes bytes = secret_tree_bytes(tree);
	struct mls_secret_tree *copy;
	struct kk_reader r;

	kk_reader_init(&r, kk_bytes_view(&bytes));
	CHECK_OK(mls_secret_tree_read(&copy, tree->suite, tree->width,
	    tree->max_forward, &r));
	CHECK_OK(kk_reader_end(&r));
	kk_bytes_clear(&bytes);
	return copy;
}

static bool run_holds(const void *run, size_t run_bytes, const void *bytes,
    size_t count)
{
	const uint8_t *at = run;

	for (size_t i = 0; i + count <= run_bytes; i++) {
		if (!memcmp(at + i, bytes, count))
			return true;
	}
	return false;
}

bool secret_tree_holds(const struct mls_secret_tree *tree, const void *bytes,
    size_t count)
{
	if (run_holds(tree->nodes,
		tm_node_count(tree->width) * sizeof(*tree->nodes), bytes,
		count))
		return true;
	for (uint32_t i = 0; i < tree->width; i++) {
		const struct leaf_ratchets *leaf = tree->leaves[i];

		if (!leaf)
			continue;
		if (run_holds(leaf, sizeof(*leaf), bytes, count))
			return true;
		for (int k = 0; k < 2; k++) {
			const struct ratchet *r = &leaf->ratchets[k];

			if (r->skipped &&
			    run_holds(r->skipped,
				r->skipped_room * sizeof(*r->skipped), bytes,
				count))
				return true;
		}
	}
	return false;
}
