/*
 * handle.c - keys of stores that have the bytes: pairs and handles.
 *
 * The bytes lie in secret memory.  A library gets them for one operation and
 * wipes its copy; so no long-lived heap, and no core dump, has the key.
 */
#include <string.h>

#include "crypto/key.h"
#include "drivers/keystore/keystore_internal.h"

static enum kk_err pair_import(const struct keystore_pair *pair,
    struct crypto_key **keyp)
{
	struct kk_view v = kk_view_of(pair->private, pair->private_bytes);

	if (pair->type.kind == KEYSTORE_SIG)
		return crypto_sig_key_import(keyp, pair->type.id, v);
	return crypto_kem_key_import(keyp, pair->type.id, v);
}

static enum kk_err key_make(struct keystore_type type, struct crypto_key **keyp)
{
	switch (type.kind) {
	case KEYSTORE_SIG:
		return crypto_sig_key_generate(keyp, type.id);
	case KEYSTORE_KEM:
		return crypto_kem_key_generate(keyp, type.id);
	}
	return KK_EUNSUP;
}

static enum kk_err pair_fill(struct keystore_pair *pair,
    const struct crypto_key *key)
{
	struct kk_view public = crypto_key_public(key);
	struct kk_bytes private;
	enum kk_err err = crypto_key_export(key, &private);

	if (err)
		return err;
	if (private.bytes > sizeof(pair->private) ||
	    public.bytes > sizeof(pair->public)) {
		kk_bytes_clear(&private);
		return KK_EUNSUP;
	}
	memcpy(pair->private, private.data, private.bytes);
	pair->private_bytes = private.bytes;
	memcpy(pair->public, public.data, public.bytes);
	pair->public_bytes = public.bytes;
	kk_bytes_clear(&private);
	return KK_OK;
}

enum kk_err keystore_pair_new(struct keystore_pair **pairp,
    struct keystore_type type)
{
	struct keystore_pair *pair;
	struct crypto_key *key;
	enum kk_err err = key_make(type, &key);

	if (err)
		return err;
	pair = keystore_secret_new(sizeof(*pair));
	err = pair ? pair_fill(pair, key) : KK_ENOMEM;
	crypto_key_free(key);
	if (err) {
		keystore_pair_free(pair);
		return err;
	}
	pair->type = type;
	*pairp = pair;
	return KK_OK;
}

void keystore_pair_free(struct keystore_pair *pair)
{
	keystore_secret_free(pair, sizeof(*pair));
}

static enum kk_err handle_sign(void *ctx, struct kk_view message, uint8_t *out,
    size_t *out_bytes)
{
	struct crypto_key *key;
	enum kk_err err = pair_import(ctx, &key);

	if (err)
		return err;
	err = crypto_sign(key, message, out, out_bytes);
	crypto_key_free(key);
	return err;
}

/* The room of out is CRYPTO_DH_MAX_BYTES (crypto/key.h). */
static enum kk_err handle_dh(void *ctx, struct kk_view peer, uint8_t *out,
    size_t *out_bytes)
{
	const struct keystore_pair *pair = ctx;
	struct crypto_key *key;
	enum kk_err err;

	if (*out_bytes < CRYPTO_DH_MAX_BYTES)
		return KK_ENOSPC;
	err = pair_import(pair, &key);
	if (err)
		return err;
	err = crypto_key_agree(key, peer, out);
	crypto_key_free(key);
	*out_bytes = err ? 0 : crypto_kem_params(pair->type.id)->dh_bytes;
	return err;
}

static void handle_free(void *ctx)
{
	keystore_pair_free(ctx);
}

static const struct crypto_key_ops sig_ops = { handle_sign, NULL, handle_free };
static const struct crypto_key_ops kem_ops = { NULL, handle_dh, handle_free };

/* A file may be well sealed and its public key still be another's. */
static enum kk_err pair_check(const struct keystore_pair *pair)
{
	struct crypto_key *key;
	enum kk_err err = pair_import(pair, &key);

	if (err)
		return err == KK_EINVAL ? KK_EFORMAT : err;
	if (!kk_view_equal(crypto_key_public(key),
		kk_view_of(pair->public, pair->public_bytes)))
		err = KK_EFORMAT;
	crypto_key_free(key);
	return err;
}

enum kk_err keystore_handle_new(struct crypto_key **keyp,
    const struct keystore_pair *pair)
{
	struct kk_view public = kk_view_of(pair->public, pair->public_bytes);
	struct keystore_pair *copy;
	enum kk_err err = pair_check(pair);

	if (err)
		return err;
	copy = keystore_secret_new(sizeof(*copy));
	if (!copy)
		return KK_ENOMEM;
	*copy = *pair;
	if (pair->type.kind == KEYSTORE_SIG)
		return crypto_key_new_sig_ops(keyp, pair->type.id, public,
		    &sig_ops, copy);
	return crypto_key_new_kem_ops(keyp, pair->type.id, public, &kem_ops,
	    copy);
}
