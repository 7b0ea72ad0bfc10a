/* keys.c - from a meeting's secret to its keys. */
#include "meeting/keys.h"

#include <string.h>

#define MEETING_SALT "Konklave 1 meeting"

/* info is the label, a zero, and the meeting's id: no two run together. */
static enum kk_err one_derive(const struct meeting_keys *keys,
    struct kk_view prk, const char *label, uint8_t *out, size_t out_bytes)
{
	struct kk_writer w;
	enum kk_err err;

	kk_writer_init(&w);
	kk_write_raw(&w, kk_view_text(label));
	kk_write_u8(&w, 0);
	kk_write_raw(&w, kk_view_of(keys->id, keys->id_bytes));
	err = w.err;
	if (!err)
		err = crypto_hkdf_expand(CRYPTO_SHA256, prk, kk_writer_view(&w),
		    out, out_bytes);
	kk_writer_clear(&w);
	return err;
}

static enum kk_err all_derive(struct meeting_keys *keys, struct kk_view secret)
{
	uint8_t prk[CRYPTO_HASH_MAX_BYTES];
	struct kk_view from;
	enum kk_err err;

	err = crypto_hkdf_extract(CRYPTO_SHA256, kk_view_text(MEETING_SALT),
	    secret, prk);
	from = kk_view_of(prk, crypto_hash_bytes(CRYPTO_SHA256));
	if (!err)
		err = one_derive(keys, from, "token", keys->token,
		    sizeof(keys->token));
	if (!err)
		err = one_derive(keys, from, "wrap", keys->wrap,
		    sizeof(keys->wrap));
	if (!err)
		err = one_derive(keys, from, "psk", keys->psk,
		    sizeof(keys->psk));
	if (!err)
		err = one_derive(keys, from, "psk id", keys->psk_id,
		    sizeof(keys->psk_id));
	kk_wipe(prk, sizeof(prk));
	return err;
}

enum kk_err meeting_keys_new(struct meeting_keys **keysp, struct kk_view id,
    struct kk_view secret)
{
	struct meeting_keys *keys;
	enum kk_err err;

	if (id.bytes == 0 || id.bytes > MEETING_ID_MAX_BYTES ||
	    secret.bytes != MEETING_SECRET_BYTES)
		return KK_EINVAL;
	keys = kk_calloc(1, sizeof(*keys));
	if (!keys)
		return KK_ENOMEM;
	memcpy(keys->id, id.data, id.bytes);
	keys->id_bytes = id.bytes;
	err = all_derive(keys, secret);
	if (err) {
		meeting_keys_free(keys);
		return err;
	}
	*keysp = keys;
	return KK_OK;
}

void meeting_keys_free(struct meeting_keys *keys)
{
	kk_free_wiped(keys, sizeof(*keys));
}

struct kk_view meeting_keys_id(const struct meeting_keys *keys)
{
	return kk_view_of(keys->id, keys->id_bytes);
}

struct kk_view meeting_keys_token(const struct meeting_keys *keys)
{
	return kk_view_of(keys->token, sizeof(keys->token));
}

struct kk_view meeting_keys_psk(const struct meeting_keys *keys)
{
	return kk_view_of(keys->psk, sizeof(keys->psk));
}

struct kk_view meeting_keys_psk_id(const struct meeting_keys *keys)
{
	return kk_view_of(keys->psk_id, sizeof(keys->psk_id));
}

enum kk_err meeting_token_hash(struct kk_view token, uint8_t *out)
{
	return crypto_hash(CRYPTO_SHA256, &token, 1, out);
}
