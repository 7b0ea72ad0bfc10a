/* seal.c - the seal around saved state. */
#include "mls/state.h"

#include <string.h>

enum {
	STATE_VERSION = 1,
	STATE_HEADER_BYTES = 8 /* "KKM", version, kind, three zeroes */
};

static void header_make(uint8_t *header, enum mls_state_kind kind)
{
	const uint8_t bytes[STATE_HEADER_BYTES] = { 'K', 'K', 'M',
		STATE_VERSION, (uint8_t)kind };

	memcpy(header, bytes, sizeof(bytes));
}

static enum kk_err plain_seal(struct kk_view plain, enum mls_state_kind kind,
    const uint8_t *key, struct kk_bytes *out)
{
	uint8_t *nonce, *ct;
	enum kk_err err;

	out->bytes = STATE_HEADER_BYTES + CRYPTO_AEAD_NONCE_BYTES +
	    plain.bytes + CRYPTO_AEAD_TAG_BYTES;
	out->data = kk_calloc(1, out->bytes);
	if (!out->data) {
		out->bytes = 0;
		return KK_ENOMEM;
	}
	nonce = out->data + STATE_HEADER_BYTES;
	ct = nonce + CRYPTO_AEAD_NONCE_BYTES;
	header_make(out->data, kind);
	err = crypto_random(nonce, CRYPTO_AEAD_NONCE_BYTES);
	if (!err)
		err = crypto_aead_seal(CRYPTO_AES_256_GCM,
		    kk_view_of(key, MLS_STATE_KEY_BYTES),
		    kk_view_of(nonce, CRYPTO_AEAD_NONCE_BYTES),
		    kk_view_of(out->data, STATE_HEADER_BYTES), plain, ct);
	if (err)
		kk_bytes_clear(out);
	return err;
}

enum kk_err mls_state_seal(struct kk_writer *w, enum mls_state_kind kind,
    const uint8_t *key, struct kk_bytes *out)
{
	enum kk_err err = w->err;

	*out = (struct kk_bytes){ 0 };
	if (!err)
		err = plain_seal(kk_writer_view(w), kind, key, out);
	kk_writer_clear(w);
	return err;
}

static enum kk_err header_check(struct kk_view in, enum mls_state_kind kind)
{
	uint8_t header[STATE_HEADER_BYTES];

	if (in.bytes < STATE_HEADER_BYTES + CRYPTO_AEAD_NONCE_BYTES +
		CRYPTO_AEAD_TAG_BYTES)
		return KK_ETRUNC;
	header_make(header, kind);
	if (memcmp(in.data, header, 3) != 0)
		return KK_EFORMAT;
	if (in.data[3] != STATE_VERSION)
		return KK_EUNSUP;
	return memcmp(in.data, header, sizeof(header)) == 0 ? KK_OK :
							      KK_EFORMAT;
}

enum kk_err mls_state_open(struct kk_view in, enum mls_state_kind kind,
    const uint8_t *key, struct kk_bytes *plain)
{
	size_t skip = STATE_HEADER_BYTES + CRYPTO_AEAD_NONCE_BYTES;
	enum kk_err err = header_check(in, kind);

	*plain = (struct kk_bytes){ 0 };
	if (err)
		return err;
	plain->bytes = in.bytes - skip - CRYPTO_AEAD_TAG_BYTES;
	plain->data = kk_calloc(1, plain->bytes);
	if (!plain->data) {
		plain->bytes = 0;
		return KK_ENOMEM;
	}
	err = crypto_aead_open(CRYPTO_AES_256_GCM,
	    kk_view_of(key, MLS_STATE_KEY_BYTES),
	    kk_view_of(in.data + STATE_HEADER_BYTES, CRYPTO_AEAD_NONCE_BYTES),
	    kk_view_of(in.data, STATE_HEADER_BYTES),
	    kk_view_of(in.data + skip, in.bytes - skip), plain->data);
	if (err)
		kk_bytes_clear(plain);
	return err;
}
