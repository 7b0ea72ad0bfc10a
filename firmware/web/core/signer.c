/*
 * signer.c - signature keys that stay inside.
 *
 * Saved keys are sealed with AES-256-GCM under the caller's key, with the
 * scheme before the nonce as additional data.
 */
#include "web/core/core_internal.h"

enum { SEALED_HEAD_BYTES = 2 };

static enum kk_err signer_give(struct core_io *io, struct crypto_key *key)
{
	struct kk_view public = crypto_key_public(key);
	enum kk_err err;

	kk_write_vec(&io->out, public);
	err = core_give(io, CORE_SIGNER, key, 0);
	return err;
}

enum kk_err core_signer_new(struct core_io *io)
{
	enum crypto_sig sig = kk_read_u16(&io->in);
	struct crypto_key *key;
	enum kk_err err = core_read_end(io);

	if (!err)
		err = crypto_sig_key_generate(&key, sig);
	return err ? err : signer_give(io, key);
}

static enum kk_err seal(struct kk_view state_key, uint16_t sig,
    struct kk_view private, struct kk_writer *w)
{
	uint8_t nonce[CRYPTO_AEAD_NONCE_BYTES];
	uint8_t ct[CRYPTO_SIG_PRIVATE_MAX_BYTES + CRYPTO_AEAD_TAG_BYTES];
	const uint8_t head[SEALED_HEAD_BYTES] = { sig >> 8, sig & 0xff };
	enum kk_err err;

	if (private.bytes > CRYPTO_SIG_PRIVATE_MAX_BYTES)
		return KK_EINVAL;
	err = crypto_random(nonce, sizeof(nonce));
	if (!err)
		err = crypto_aead_seal(CRYPTO_AES_256_GCM, state_key,
		    kk_view_of(nonce, sizeof(nonce)),
		    kk_view_of(head, sizeof(head)), private, ct);
	if (err)
		return err;
	kk_write_raw(w, kk_view_of(head, sizeof(head)));
	kk_write_raw(w, kk_view_of(nonce, sizeof(nonce)));
	kk_write_raw(w, kk_view_of(ct, private.bytes + CRYPTO_AEAD_TAG_BYTES));
	return KK_OK;
}

enum kk_err core_signer_save(struct core_io *io)
{
	uint32_t handle;
	struct crypto_key *key = core_read_thing(io, CORE_SIGNER, &handle);
	struct kk_view state_key = kk_read_raw(&io->in, MLS_STATE_KEY_BYTES);
	uint16_t sig = kk_read_u16(&io->in);
	struct kk_bytes private = { 0 };
	enum kk_err err = core_read_end(io);
	size_t at;

	if (!err)
		err = crypto_key_export(key, &private);
	if (err)
		return err;
	at = kk_write_vec_begin(&io->out);
	err = seal(state_key, sig, kk_bytes_view(&private), &io->out);
	kk_write_vec_end(&io->out, at);
	kk_bytes_clear(&private);
	return err;
}

static enum kk_err unseal(struct crypto_key **keyp, struct kk_view state_key,
    struct kk_view sealed)
{
	uint8_t private[CRYPTO_SIG_PRIVATE_MAX_BYTES];
	struct kk_view head, nonce, ct;
	struct kk_reader r;
	enum kk_err err;

	kk_reader_init(&r, sealed);
	head = kk_read_raw(&r, SEALED_HEAD_BYTES);
	nonce = kk_read_raw(&r, CRYPTO_AEAD_NONCE_BYTES);
	ct = kk_read_raw(&r, r.left_bytes);
	err = kk_reader_end(&r);
	if (err)
		return err;
	if (ct.bytes < CRYPTO_AEAD_TAG_BYTES ||
	    ct.bytes > sizeof(private) + CRYPTO_AEAD_TAG_BYTES)
		return KK_EFORMAT;
	err = crypto_aead_open(CRYPTO_AES_256_GCM, state_key, nonce, head, ct,
	    private);
	if (!err)
		err = crypto_sig_key_import(keyp,
		    (enum crypto_sig)(head.data[0] << 8 | head.data[1]),
		    kk_view_of(private, ct.bytes - CRYPTO_AEAD_TAG_BYTES));
	kk_wipe(private, sizeof(private));
	return err;
}

enum kk_err core_signer_restore(struct core_io *io)
{
	struct kk_view state_key = kk_read_raw(&io->in, MLS_STATE_KEY_BYTES);
	struct kk_view sealed = kk_read_vec(&io->in);
	struct crypto_key *key;
	enum kk_err err = core_read_end(io);

	if (!err)
		err = unseal(&key, state_key, sealed);
	return err ? err : signer_give(io, key);
}
