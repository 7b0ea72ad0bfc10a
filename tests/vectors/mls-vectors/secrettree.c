/* secrettree.c - secret-tree. */
#include "kinds.h"

#include <string.h>

#include "mls/secrettree.h"

enum { FORWARD_MAX = 100000 }; /* any official file's generations */

static void sender_data_check(struct vec *v, const struct json *c)
{
	const struct mls_secret secret = vec_secret(v, c, "sender_data_secret");
	const struct kk_view ciphertext = vec_hex(v, c, "ciphertext");
	struct mls_message_key key;

	if (vec_failed(v) ||
	    !vec_ok(v, mls_sender_data_key(v->suite, &secret, ciphertext, &key),
		"sender data key"))
		return;
	(void)vec_expect(v, c, "key",
	    kk_view_of(key.key, v->suite->aead_key_bytes));
	(void)vec_expect(v, c, "nonce",
	    kk_view_of(key.nonce, sizeof(key.nonce)));
}

struct ratchet_names {
	enum mls_ratchet ratchet;
	const char *key, *nonce;
};

static const struct ratchet_names names[] = {
	{ MLS_RATCHET_HANDSHAKE, "handshake_key", "handshake_nonce" },
	{ MLS_RATCHET_APPLICATION, "application_key", "application_nonce" },
};

/* A key as the file has it; uses it up, and then it must be gone. */
static void generation_check(struct vec *v, struct mls_secret_tree *tree,
    uint32_t leaf, const struct ratchet_names *n, const struct json *c)
{
	const uint32_t generation = vec_u32(v, c, "generation");
	struct mls_message_key key;

	if (vec_failed(v) ||
	    !vec_ok(v,
		mls_secret_tree_peek(tree, leaf, n->ratchet, generation, &key),
		n->key))
		return;
	(void)vec_expect(v, c, n->key,
	    kk_view_of(key.key, v->suite->aead_key_bytes));
	(void)vec_expect(v, c, n->nonce,
	    kk_view_of(key.nonce, sizeof(key.nonce)));
	(void)vec_ok(v,
	    mls_secret_tree_consume(tree, leaf, n->ratchet, generation),
	    n->key);
	(void)vec_true(v,
	    mls_secret_tree_peek(tree, leaf, n->ratchet, generation, &key) ==
		KK_EREPLAY,
	    "a used key is deleted");
}

static void leaf_check(struct vec *v, struct mls_secret_tree *tree,
    uint32_t leaf, const struct json *generations)
{
	(void)vec_true(v, json_is_array(generations), "leaves");
	for (size_t i = 0; i < json_len(generations); i++)
		for (size_t k = 0; k < KK_ARRAY_LEN(names); k++)
			generation_check(v, tree, leaf, &names[k],
			    json_at(generations, i));
}

void vec_run_secret_tree(struct vec *v, const struct json *c)
{
	const struct mls_secret encryption = vec_secret(v, c,
	    "encryption_secret");
	const struct json *leaves = vec_array(v, c, "leaves");
	const size_t count = json_len(leaves);
	struct mls_secret_tree *tree;
	uint32_t width = 1;

	sender_data_check(v, json_get(c, "sender_data"));
	while (width < count && width <= MLS_LEAVES_MAX)
		width *= 2;
	if (vec_failed(v) ||
	    !vec_ok(v,
		mls_secret_tree_new(&tree, v->suite, &encryption, width,
		    FORWARD_MAX),
		"secret tree"))
		return;
	for (size_t i = 0; i < count && !vec_failed(v); i++)
		leaf_check(v, tree, (uint32_t)i, json_at(leaves, i));
	mls_secret_tree_free(tree);
}
