/* basics.c - tree-math, crypto-basics, deserialization. */
#include "kinds.h"

#include <string.h>

#include "mls/secrettree.h"
#include "mls/treemath.h"

/* One relation of the file: null where the node has none. */
static void relation_check(struct vec *v, const struct json *c, const char *key,
    uint32_t node, bool has_one, uint32_t (*get)(uint32_t))
{
	const struct json *want = json_at(json_get(c, key), node);

	if (!has_one)
		(void)vec_true(v, want && json_is_null(want), key);
	else
		(void)vec_true(v, vec_u32_of(v, want, key) == get(node), key);
}

void vec_run_tree_math(struct vec *v, const struct json *c)
{
	static const char *const keys[] = { "left", "right", "parent",
		"sibling" };
	const uint32_t width = vec_u32(v, c, "n_leaves");
	const uint32_t count = vec_u32(v, c, "n_nodes");
	const uint32_t root = vec_u32(v, c, "root");

	if (vec_failed(v) ||
	    !vec_true(v, tm_node_count(width) == count, "n_nodes") ||
	    !vec_true(v, tm_root(width) == root, "root"))
		return;
	for (size_t i = 0; i < KK_ARRAY_LEN(keys); i++)
		(void)vec_true(v, json_len(json_get(c, keys[i])) == count,
		    keys[i]);
	for (uint32_t node = 0; node < count && !vec_failed(v); node++) {
		bool is_parent = !tm_is_leaf(node);

		relation_check(v, c, "left", node, is_parent, tm_left);
		relation_check(v, c, "right", node, is_parent, tm_right);
		relation_check(v, c, "parent", node, node != root, tm_parent);
		relation_check(v, c, "sibling", node, node != root, tm_sibling);
	}
}

static void ref_hash_check(struct vec *v, const struct json *c)
{
	const char *label = vec_text(v, c, "label");
	const struct kk_view value = vec_hex(v, c, "value");
	struct mls_secret out;

	if (!vec_failed(v) &&
	    vec_ok(v, crypto_ref_hash(v->suite, label, value, out.data),
		"RefHash"))
		(void)vec_expect_secret(v, c, "out", &out);
}

static void expand_check(struct vec *v, const struct json *c)
{
	const char *label = vec_text(v, c, "label");
	const struct kk_view secret = vec_hex(v, c, "secret");
	const struct kk_view context = vec_hex(v, c, "context");
	const uint32_t bytes = vec_u32(v, c, "length");
	uint8_t *out = vec_alloc(v, bytes);

	if (!vec_failed(v) &&
	    vec_ok(v,
		crypto_expand_with_label(v->suite, secret, label, context, out,
		    bytes),
		"ExpandWithLabel"))
		(void)vec_expect(v, c, "out", kk_view_of(out, bytes));
}

static void derive_check(struct vec *v, const struct json *c)
{
	const char *label = vec_text(v, c, "label");
	const struct kk_view secret = vec_hex(v, c, "secret");
	struct mls_secret out;

	if (!vec_failed(v) &&
	    vec_ok(v, crypto_derive_secret(v->suite, secret, label, out.data),
		"DeriveSecret"))
		(void)vec_expect_secret(v, c, "out", &out);
}

static void tree_secret_check(struct vec *v, const struct json *c)
{
	const char *label = vec_text(v, c, "label");
	const struct kk_view secret = vec_hex(v, c, "secret");
	const uint32_t generation = vec_u32(v, c, "generation");
	const uint32_t bytes = vec_u32(v, c, "length");
	uint8_t *out = vec_alloc(v, bytes);

	if (!vec_failed(v) &&
	    vec_ok(v,
		mls_derive_tree_secret(v->suite, secret, label, generation, out,
		    bytes),
		"DeriveTreeSecret"))
		(void)vec_expect(v, c, "out", kk_view_of(out, bytes));
}

/* Signs with the private key; the public key of the file must verify it. */
static void own_sign_check(struct vec *v, const char *label,
    struct kk_view private, struct kk_view public, struct kk_view content)
{
	struct kk_bytes signature = { 0 };
	struct crypto_key *key;

	if (!vec_ok(v, crypto_sig_key_import(&key, v->suite->sig, private),
		"priv"))
		return;
	if (vec_equal(v, public, crypto_key_public(key), "pub of priv") &&
	    vec_ok(v, crypto_sign_with_label(key, label, content, &signature),
		"SignWithLabel"))
		(void)vec_ok(v,
		    crypto_verify_with_label(v->suite->sig, public, label,
			content, kk_bytes_view(&signature)),
		    "VerifyWithLabel of our signature");
	kk_bytes_clear(&signature);
	crypto_key_free(key);
}

static void sign_check(struct vec *v, const struct json *c)
{
	const char *label = vec_text(v, c, "label");
	const struct kk_view private = vec_hex(v, c, "priv");
	const struct kk_view public = vec_hex(v, c, "pub");
	const struct kk_view content = vec_hex(v, c, "content");
	const struct kk_view signature = vec_hex(v, c, "signature");

	if (vec_failed(v))
		return;
	if (vec_ok(v,
		crypto_verify_with_label(v->suite->sig, public, label, content,
		    signature),
		"VerifyWithLabel"))
		own_sign_check(v, label, private, public, content);
}

struct encrypted {
	const char *label;
	struct kk_view context, pt;
	struct kk_view enc, ct;
};

static void decrypt_check(struct vec *v, struct crypto_key *key,
    const struct encrypted *e, const char *what)
{
	struct kk_bytes pt = { 0 };

	if (vec_ok(v,
		crypto_decrypt_with_label(v->suite, key, e->label, e->context,
		    e->enc, e->ct, &pt),
		what))
		(void)vec_equal(v, e->pt, kk_bytes_view(&pt), what);
	kk_bytes_clear(&pt);
}

static void own_encrypt_check(struct vec *v, struct crypto_key *key,
    struct kk_view public, const struct encrypted *e)
{
	struct kk_bytes enc = { 0 }, ct = { 0 };
	struct encrypted own = *e;

	if (!vec_equal(v, public, crypto_key_public(key), "pub of priv"))
		return;
	if (vec_ok(v,
		crypto_encrypt_with_label(v->suite, public, e->label,
		    e->context, e->pt, &enc, &ct),
		"EncryptWithLabel")) {
		own.enc = kk_bytes_view(&enc);
		own.ct = kk_bytes_view(&ct);
		decrypt_check(v, key, &own, "DecryptWithLabel of our own");
	}
	kk_bytes_clear(&enc);
	kk_bytes_clear(&ct);
}

static void encrypt_check(struct vec *v, const struct json *c)
{
	const struct encrypted e = {
		.label = vec_text(v, c, "label"),
		.context = vec_hex(v, c, "context"),
		.pt = vec_hex(v, c, "plaintext"),
		.enc = vec_hex(v, c, "kem_output"),
		.ct = vec_hex(v, c, "ciphertext"),
	};
	const struct kk_view private = vec_hex(v, c, "priv");
	const struct kk_view public = vec_hex(v, c, "pub");
	struct crypto_key *key;

	if (vec_failed(v) ||
	    !vec_ok(v, crypto_kem_key_import(&key, v->suite->kem, private),
		"priv"))
		return;
	decrypt_check(v, key, &e, "DecryptWithLabel");
	own_encrypt_check(v, key, public, &e);
	crypto_key_free(key);
}

void vec_run_crypto_basics(struct vec *v, const struct json *c)
{
	ref_hash_check(v, json_get(c, "ref_hash"));
	expand_check(v, json_get(c, "expand_with_label"));
	derive_check(v, json_get(c, "derive_secret"));
	tree_secret_check(v, json_get(c, "derive_tree_secret"));
	sign_check(v, json_get(c, "sign_with_label"));
	encrypt_check(v, json_get(c, "encrypt_with_label"));
}

/* vlbytes_header is the length prefix alone; we also write the number. */
void vec_run_deserialization(struct vec *v, const struct json *c)
{
	const struct kk_view header = vec_hex(v, c, "vlbytes_header");
	const uint32_t length = vec_u32(v, c, "length");
	struct kk_reader r;
	struct kk_writer w;
	uint32_t got;

	kk_reader_init(&r, header);
	got = kk_read_varint(&r);
	if (vec_failed(v) || !vec_ok(v, kk_reader_end(&r), "vlbytes_header") ||
	    !vec_true(v, got == length, "length"))
		return;
	kk_writer_init(&w);
	kk_write_varint(&w, length);
	(void)vec_equal(v, header, vec_hold_writer(v, &w), "length written");
}
