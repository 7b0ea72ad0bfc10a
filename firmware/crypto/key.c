/* key.c - private keys by handle: in memory, or in a key store. */
#include "crypto/key.h"

#include <string.h>

#include "crypto/der.h"

/* A key in memory is a key store of its own. */
struct mem_key {
	const struct crypto_dh_backend *dh;
	const struct crypto_sig_backend *sig;
	void *state;
};

static enum kk_err mem_sign(void *ctx, struct kk_view message, uint8_t *out,
    size_t *out_bytes)
{
	struct mem_key *mem = ctx;

	return mem->sig->sign(mem->state, message, out, out_bytes);
}

/* The peer's length was checked; the room of out is CRYPTO_DH_MAX_BYTES. */
static enum kk_err mem_dh(void *ctx, struct kk_view peer, uint8_t *out,
    size_t *out_bytes)
{
	struct mem_key *mem = ctx;

	(void)out_bytes;
	return mem->dh->agree(mem->state, peer.data, out);
}

static void mem_free(void *ctx)
{
	struct mem_key *mem = ctx;

	if (mem->dh)
		mem->dh->key_free(mem->state);
	if (mem->sig)
		mem->sig->key_free(mem->state);
	kk_free(mem);
}

static const struct crypto_key_ops mem_sig_ops = { mem_sign, NULL, mem_free };
static const struct crypto_key_ops mem_dh_ops = { NULL, mem_dh, mem_free };

static void ops_free(const struct crypto_key_ops *ops, void *ctx)
{
	if (ops->free)
		ops->free(ctx);
}

/* Fills an empty key; owns ctx, also on error. */
static enum kk_err key_fill_ops(struct crypto_key *key, struct kk_view public,
    const struct crypto_key_ops *ops, void *ctx)
{
	key->ops = ops;
	key->ctx = ctx;
	if (!crypto_public_is_formed(key->curve, public))
		return KK_EINVAL;
	memcpy(key->public, public.data, public.bytes);
	key->public_bytes = public.bytes;
	return KK_OK;
}

static enum kk_err key_new_ops(struct crypto_key **keyp,
    const struct crypto_key *kind, struct kk_view public,
    const struct crypto_key_ops *ops, void *ctx)
{
	struct crypto_key *key = kk_calloc(1, sizeof(*key));
	enum kk_err err;

	if (!key) {
		ops_free(ops, ctx);
		return KK_ENOMEM;
	}
	*key = *kind;
	err = key_fill_ops(key, public, ops, ctx);
	if (err) {
		crypto_key_free(key);
		return err;
	}
	*keyp = key;
	return KK_OK;
}

enum kk_err crypto_key_new_sig_ops(struct crypto_key **keyp,
    enum crypto_sig sig, struct kk_view public,
    const struct crypto_key_ops *ops, void *ctx)
{
	struct crypto_key kind = { .is_sig = true, .kind.sig = sig };

	if (crypto_sig_curve(sig, &kind.curve)) {
		ops_free(ops, ctx);
		return KK_EUNSUP;
	}
	return key_new_ops(keyp, &kind, public, ops, ctx);
}

enum kk_err crypto_key_new_kem_ops(struct crypto_key **keyp,
    enum crypto_kem kem, struct kk_view public,
    const struct crypto_key_ops *ops, void *ctx)
{
	const struct crypto_kem_params *params = crypto_kem_params(kem);
	struct crypto_key kind = { .is_sig = false, .kind.kem = kem };

	if (!params) {
		ops_free(ops, ctx);
		return KK_EUNSUP;
	}
	kind.curve = params->curve;
	return key_new_ops(keyp, &kind, public, ops, ctx);
}

void crypto_key_free(struct crypto_key *key)
{
	if (!key)
		return;
	if (key->ops)
		ops_free(key->ops, key->ctx);
	kk_free_wiped(key, sizeof(*key));
}

struct kk_view crypto_key_public(const struct crypto_key *key)
{
	return kk_view_of(key->public, key->public_bytes);
}

enum kk_err crypto_key_export(const struct crypto_key *key,
    struct kk_bytes *out)
{
	*out = (struct kk_bytes){ 0 };
	if (key->private_bytes == 0)
		return KK_EDENIED;
	return kk_bytes_copy(out, kk_view_of(key->private, key->private_bytes));
}

/* Makes the backend's object of key->private, and the public key. */
static enum kk_err key_fill_mem(struct crypto_key *key)
{
	struct mem_key *mem = kk_calloc(1, sizeof(*mem));
	enum kk_err err;

	if (!mem)
		return KK_ENOMEM;
	if (key->is_sig) {
		mem->sig = crypto_sig_backend(key->curve);
		err = mem->sig->key_new(&mem->state, key->curve, key->private,
		    key->public);
	} else {
		mem->dh = crypto_dh_backend(key->curve);
		err = mem->dh->key_new(&mem->state, key->curve, key->private,
		    key->public);
	}
	if (err) {
		kk_free(mem);
		return err;
	}
	key->public_bytes = crypto_curve_params(key->curve)->public_bytes;
	key->ops = key->is_sig ? &mem_sig_ops : &mem_dh_ops;
	key->ctx = mem;
	return KK_OK;
}

/* private has the curve's length. */
static enum kk_err key_new_mem(struct crypto_key **keyp,
    const struct crypto_key *kind, const uint8_t *private)
{
	struct crypto_key *key;
	enum kk_err err;

	if (kind->is_sig ? !crypto_sig_backend(kind->curve) :
			   !crypto_dh_backend(kind->curve))
		return KK_EUNSUP;
	if (!crypto_scalar_is_valid(kind->curve, private))
		return KK_EINVAL;
	key = kk_calloc(1, sizeof(*key));
	if (!key)
		return KK_ENOMEM;
	*key = *kind;
	key->private_bytes = crypto_curve_params(key->curve)->private_bytes;
	memcpy(key->private, private, key->private_bytes);
	err = key_fill_mem(key);
	if (err) {
		crypto_key_free(key);
		return err;
	}
	*keyp = key;
	return KK_OK;
}

/* FIPS 186-5, A.2.2: candidates are thrown until one is below the order. */
static enum kk_err key_generate(struct crypto_key **keyp,
    const struct crypto_key *kind)
{
	const struct crypto_curve_params *params;
	uint8_t private[CRYPTO_KEM_PRIVATE_MAX_BYTES];
	enum kk_err err;

	params = crypto_curve_params(kind->curve);
	for (int tries = 0; tries < 128; tries++) {
		err = crypto_random(private, params->private_bytes);
		if (err)
			break;
		private[0] &= params->top_mask;
		err = key_new_mem(keyp, kind, private);
		if (err != KK_EINVAL)
			break;
	}
	kk_wipe(private, sizeof(private));
	return err == KK_EINVAL ? KK_ECRYPTO : err;
}

/* Brings a number to the curve's length; other curves' strings must have it. */
static enum kk_err private_resize(enum crypto_curve curve, struct kk_view from,
    uint8_t *private)
{
	const struct crypto_curve_params *params = crypto_curve_params(curve);
	const size_t want = params->private_bytes;

	if (!params->order && from.bytes != want)
		return KK_EINVAL;
	while (from.bytes > want) {
		if (*from.data != 0)
			return KK_EINVAL;
		from = kk_view_of(from.data + 1, from.bytes - 1);
	}
	memset(private, 0, want);
	if (from.bytes > 0)
		memcpy(private + want - from.bytes, from.data, from.bytes);
	return KK_OK;
}

static enum kk_err key_import(struct crypto_key **keyp,
    const struct crypto_key *kind, struct kk_view from)
{
	uint8_t private[CRYPTO_KEM_PRIVATE_MAX_BYTES];
	enum kk_err err;

	err = private_resize(kind->curve, from, private);
	if (!err)
		err = key_new_mem(keyp, kind, private);
	kk_wipe(private, sizeof(private));
	return err;
}

static enum kk_err kind_of_sig(struct crypto_key *kind, enum crypto_sig sig)
{
	*kind = (struct crypto_key){ .is_sig = true, .kind.sig = sig };
	return crypto_sig_curve(sig, &kind->curve);
}

static enum kk_err kind_of_kem(struct crypto_key *kind, enum crypto_kem kem)
{
	const struct crypto_kem_params *params = crypto_kem_params(kem);

	*kind = (struct crypto_key){ .is_sig = false, .kind.kem = kem };
	if (!params)
		return KK_EUNSUP;
	kind->curve = params->curve;
	return KK_OK;
}

enum kk_err crypto_sig_key_generate(struct crypto_key **keyp,
    enum crypto_sig sig)
{
	struct crypto_key kind;
	enum kk_err err = kind_of_sig(&kind, sig);

	return err ? err : key_generate(keyp, &kind);
}

enum kk_err crypto_sig_key_import(struct crypto_key **keyp, enum crypto_sig sig,
    struct kk_view private)
{
	struct crypto_key kind;
	enum kk_err err = kind_of_sig(&kind, sig);

	return err ? err : key_import(keyp, &kind, private);
}

enum kk_err crypto_kem_key_generate(struct crypto_key **keyp,
    enum crypto_kem kem)
{
	struct crypto_key kind;
	enum kk_err err = kind_of_kem(&kind, kem);

	return err ? err : key_generate(keyp, &kind);
}

enum kk_err crypto_kem_key_import(struct crypto_key **keyp, enum crypto_kem kem,
    struct kk_view private)
{
	struct crypto_key kind;
	enum kk_err err = kind_of_kem(&kind, kem);

	return err ? err : key_import(keyp, &kind, private);
}

enum kk_err crypto_sign(struct crypto_key *key, struct kk_view message,
    uint8_t *out, size_t *out_bytes)
{
	uint8_t signature[CRYPTO_SIGNATURE_MAX_BYTES];
	const size_t room = *out_bytes;
	size_t bytes = sizeof(signature);
	enum kk_err err;

	*out_bytes = 0;
	if (!key->is_sig)
		return KK_EINVAL;
	if (!key->ops->sign)
		return KK_EDENIED;
	err = key->ops->sign(key->ctx, message, signature, &bytes);
	if (err)
		return err;
	if (bytes > sizeof(signature))
		return KK_ECRYPTO;
	if (bytes > room)
		return KK_ENOSPC;
	memcpy(out, signature, bytes);
	*out_bytes = bytes;
	return KK_OK;
}

enum kk_err crypto_verify(enum crypto_sig sig, struct kk_view public,
    struct kk_view message, struct kk_view signature)
{
	uint8_t raw[2 * CRYPTO_SIG_PRIVATE_MAX_BYTES];
	const struct crypto_sig_backend *backend;
	const struct crypto_curve_params *params;
	enum crypto_curve curve;

	if (crypto_sig_curve(sig, &curve))
		return KK_EUNSUP;
	backend = crypto_sig_backend(curve);
	if (!backend)
		return KK_EUNSUP;
	if (!crypto_public_is_formed(curve, public))
		return KK_EVERIFY;
	params = crypto_curve_params(curve);
	if (params->order &&
	    crypto_der_decode(signature, params->private_bytes, raw))
		return KK_EVERIFY;
	return backend->verify(curve, public.data, message, signature);
}

enum kk_err crypto_kem_public_check(enum crypto_kem kem, struct kk_view public)
{
	const struct crypto_kem_params *params = crypto_kem_params(kem);
	const struct crypto_dh_backend *backend;

	if (!params)
		return KK_EUNSUP;
	backend = crypto_dh_backend(params->curve);
	if (!backend)
		return KK_EUNSUP;
	if (!crypto_public_is_formed(params->curve, public))
		return KK_EINVAL;
	return backend->public_check(params->curve, public.data);
}

static bool is_all_zero(const uint8_t *p, size_t bytes)
{
	uint8_t any = 0;

	for (size_t i = 0; i < bytes; i++)
		any |= p[i];
	return any == 0;
}

enum kk_err crypto_key_agree(struct crypto_key *key, struct kk_view peer,
    uint8_t *out)
{
	const struct crypto_kem_params *params;
	size_t bytes = CRYPTO_DH_MAX_BYTES;
	enum kk_err err = KK_OK;

	if (key->is_sig)
		return KK_EINVAL;
	if (!key->ops->dh)
		return KK_EDENIED;
	if (!crypto_public_is_formed(key->curve, peer))
		return KK_EINVAL;
	params = crypto_kem_params(key->kind.kem);
	if (key->private_bytes > 0)
		bytes = params->dh_bytes;
	else /* never lead a key store onto another curve */
		err = crypto_kem_public_check(key->kind.kem, peer);
	if (!err)
		err = key->ops->dh(key->ctx, peer, out, &bytes);
	if (!err && bytes != params->dh_bytes)
		err = KK_ECRYPTO;
	if (!err && !crypto_curve_params(key->curve)->order &&
	    is_all_zero(out, bytes))
		err = KK_EINVAL;
	if (err)
		kk_wipe(out, CRYPTO_DH_MAX_BYTES);
	return err;
}
