/* wrap.c - MLS messages on their way through the forwarder. */
#include <string.h>

#include "meeting/keys.h"

enum { HEAD_BYTES = 2, AAD_MAX_BYTES = HEAD_BYTES + 1 + MEETING_ID_MAX_BYTES };

/* version | kind | length of the id | id */
static struct kk_view aad_make(const struct meeting_keys *keys, uint8_t kind,
    uint8_t aad[AAD_MAX_BYTES])
{
	aad[0] = MEETING_VERSION;
	aad[1] = kind;
	aad[2] = (uint8_t)keys->id_bytes;
	memcpy(aad + HEAD_BYTES + 1, keys->id, keys->id_bytes);
	return kk_view_of(aad, HEAD_BYTES + 1 + keys->id_bytes);
}

enum kk_err meeting_wrap(const struct meeting_keys *keys,
    enum meeting_kind kind, struct kk_view message, struct kk_bytes *out)
{
	uint8_t aad[AAD_MAX_BYTES], *p;
	struct kk_view key = kk_view_of(keys->wrap, sizeof(keys->wrap)), nonce;
	enum kk_err err;

	*out = (struct kk_bytes){ 0 };
	if (kind < MEETING_KEY_PACKAGE || kind >= MEETING_KIND_COUNT)
		return KK_EINVAL;
	if (message.bytes > MEETING_MESSAGE_MAX_BYTES)
		return KK_ELIMIT;
	p = kk_calloc(1, message.bytes + MEETING_WRAP_BYTES);
	if (!p)
		return KK_ENOMEM;
	*out = (struct kk_bytes){ p, message.bytes + MEETING_WRAP_BYTES };
	p[0] = MEETING_VERSION;
	p[1] = (uint8_t)kind;
	nonce = kk_view_of(p + HEAD_BYTES, CRYPTO_AEAD_NONCE_BYTES);
	err = crypto_random(p + HEAD_BYTES, CRYPTO_AEAD_NONCE_BYTES);
	if (!err)
		err = crypto_aead_seal(CRYPTO_AES_256_GCM, key, nonce,
		    aad_make(keys, p[1], aad), message,
		    p + HEAD_BYTES + CRYPTO_AEAD_NONCE_BYTES);
	if (err)
		kk_bytes_clear(out);
	return err;
}

static enum kk_err head_check(struct kk_view wrapped)
{
	if (wrapped.bytes < MEETING_WRAP_BYTES)
		return KK_ETRUNC;
	if (wrapped.data[0] != MEETING_VERSION)
		return KK_EUNSUP;
	if (wrapped.data[1] < MEETING_KEY_PACKAGE ||
	    wrapped.data[1] >= MEETING_KIND_COUNT)
		return KK_EFORMAT;
	if (wrapped.bytes - MEETING_WRAP_BYTES > MEETING_MESSAGE_MAX_BYTES)
		return KK_ELIMIT;
	return KK_OK;
}

enum kk_err meeting_unwrap(const struct meeting_keys *keys,
    struct kk_view wrapped, enum meeting_kind *kind, struct kk_bytes *out)
{
	const size_t front_bytes = HEAD_BYTES + CRYPTO_AEAD_NONCE_BYTES;
	struct kk_view key = kk_view_of(keys->wrap, sizeof(keys->wrap)), sealed;
	uint8_t aad[AAD_MAX_BYTES];
	struct kk_bytes plain;
	enum kk_err err;

	*out = (struct kk_bytes){ 0 };
	err = head_check(wrapped);
	if (err)
		return err;
	/* One more than the message needs: nothing is a run of no bytes. */
	plain.bytes = wrapped.bytes - MEETING_WRAP_BYTES;
	plain.data = kk_calloc(1, plain.bytes + 1);
	if (!plain.data)
		return KK_ENOMEM;
	sealed = kk_view_of(wrapped.data + front_bytes,
	    wrapped.bytes - front_bytes);
	err = crypto_aead_open(CRYPTO_AES_256_GCM, key,
	    kk_view_of(wrapped.data + HEAD_BYTES, CRYPTO_AEAD_NONCE_BYTES),
	    aad_make(keys, wrapped.data[1], aad), sealed, plain.data);
	if (err || plain.bytes == 0) {
		kk_free(plain.data);
		plain = (struct kk_bytes){ 0 };
	}
	if (err)
		return err;
	*kind = (enum meeting_kind)wrapped.data[1];
	*out = plain;
	return KK_OK;
}
