/* labels.c - the labelled functions of MLS (RFC 9420, 5.1.2, 5.1.3, 5.2, 8). */
#include "crypto/labels.h"

#include <string.h>

#include "crypto/kdf.h"

static const char prefix[] = "MLS 1.0 ";

enum { PREFIX_BYTES = sizeof(prefix) - 1, LABEL_MAX_BYTES = 255 };

void crypto_label_write(struct kk_writer *w, const char *label,
    struct kk_view content)
{
	struct kk_view text = kk_view_text(label);

	kk_write_varint(w, PREFIX_BYTES + text.bytes);
	kk_write_raw(w, kk_view_of(prefix, PREFIX_BYTES));
	kk_write_raw(w, text);
	kk_write_vec(w, content);
}

enum kk_err crypto_sign_with_label(struct crypto_key *key, const char *label,
    struct kk_view content, struct kk_bytes *signature)
{
	uint8_t out[CRYPTO_SIGNATURE_MAX_BYTES];
	size_t out_bytes = sizeof(out);
	struct kk_writer w;
	enum kk_err err;

	*signature = (struct kk_bytes){ 0 };
	kk_writer_init(&w);
	crypto_label_write(&w, label, content);
	err = w.err;
	if (!err)
		err = crypto_sign(key, kk_writer_view(&w), out, &out_bytes);
	if (!err)
		err = kk_bytes_copy(signature, kk_view_of(out, out_bytes));
	kk_writer_clear(&w);
	return err;
}

enum kk_err crypto_verify_with_label(enum crypto_sig sig, struct kk_view public,
    const char *label, struct kk_view content, struct kk_view signature)
{
	struct kk_writer w;
	enum kk_err err;

	kk_writer_init(&w);
	crypto_label_write(&w, label, content);
	err = w.err;
	if (!err)
		err = crypto_verify(sig, public, kk_writer_view(&w), signature);
	kk_writer_clear(&w);
	return err;
}

/* A vector's length in front of its content; returns the bytes written. */
static size_t length_put(uint8_t *p, size_t n)
{
	if (n < 0x40) {
		p[0] = (uint8_t)n;
		return 1;
	}
	if (n < 0x4000) {
		p[0] = (uint8_t)(0x40 | n >> 8);
		p[1] = (uint8_t)n;
		return 2;
	}
	p[0] = (uint8_t)(0x80 | n >> 24);
	p[1] = (uint8_t)(n >> 16);
	p[2] = (uint8_t)(n >> 8);
	p[3] = (uint8_t)n;
	return 4;
}

/* KDFLabel goes into HKDF in pieces: this runs for every key of every message,
 * so it takes nothing from the heap. */
enum kk_err crypto_expand_with_label(const struct crypto_suite *suite,
    struct kk_view secret, const char *label, struct kk_view context,
    uint8_t *out, size_t out_bytes)
{
	uint8_t head[2 + 4], context_head[4];
	struct kk_view text = kk_view_text(label);
	struct kk_view info[5];
	size_t head_bytes;

	if (out_bytes > UINT16_MAX || text.bytes > LABEL_MAX_BYTES ||
	    context.bytes > KK_VARINT_MAX)
		return KK_EINVAL;
	head[0] = (uint8_t)(out_bytes >> 8);
	head[1] = (uint8_t)out_bytes;
	head_bytes = 2 + length_put(head + 2, PREFIX_BYTES + text.bytes);
	info[0] = kk_view_of(head, head_bytes);
	info[1] = kk_view_of(prefix, PREFIX_BYTES);
	info[2] = text;
	info[3] = kk_view_of(context_head,
	    length_put(context_head, context.bytes));
	info[4] = context;
	return crypto_hkdf_expand_parts(suite->hash, secret, info,
	    KK_ARRAY_LEN(info), out, out_bytes);
}

enum kk_err crypto_derive_secret(const struct crypto_suite *suite,
    struct kk_view secret, const char *label, uint8_t *out)
{
	return crypto_expand_with_label(suite, secret, label,
	    (struct kk_view){ 0 }, out, suite->hash_bytes);
}

/* Memory of exactly this size, also for an empty text. */
static enum kk_err bytes_make(struct kk_bytes *b, size_t bytes)
{
	*b = (struct kk_bytes){ 0 };
	if (bytes == 0)
		return KK_OK;
	b->data = kk_calloc(1, bytes);
	if (!b->data)
		return KK_ENOMEM;
	b->bytes = bytes;
	return KK_OK;
}

enum kk_err crypto_encrypt_context(const struct crypto_suite *suite,
    const char *label, struct kk_view context, struct crypto_hpke_context *made)
{
	struct kk_writer info;
	enum kk_err err;

	kk_writer_init(&info);
	crypto_label_write(&info, label, context);
	err = info.err;
	if (!err)
		err = crypto_hpke_context_make(suite, kk_writer_view(&info),
		    made);
	kk_writer_clear(&info);
	return err;
}

enum kk_err crypto_encrypt_in_context(const struct crypto_suite *suite,
    struct kk_view public, const struct crypto_hpke_context *context,
    struct kk_view pt, struct kk_bytes *enc, struct kk_bytes *ct)
{
	enum kk_err err;

	*enc = *ct = (struct kk_bytes){ 0 };
	if (pt.bytes > KK_WRITER_MAX_BYTES)
		return KK_ELIMIT;
	err = bytes_make(enc, suite->kem_public_bytes);
	if (!err)
		err = bytes_make(ct, pt.bytes + CRYPTO_AEAD_TAG_BYTES);
	if (!err)
		err = crypto_hpke_context_seal(suite, public, context,
		    (struct kk_view){ 0 }, pt, enc->data, ct->data);
	if (err) {
		kk_bytes_clear(enc);
		kk_bytes_clear(ct);
	}
	return err;
}

enum kk_err crypto_encrypt_with_label(const struct crypto_suite *suite,
    struct kk_view public, const char *label, struct kk_view context,
    struct kk_view pt, struct kk_bytes *enc, struct kk_bytes *ct)
{
	struct crypto_hpke_context made;
	enum kk_err err;

	*enc = *ct = (struct kk_bytes){ 0 };
	err = crypto_encrypt_context(suite, label, context, &made);
	if (err)
		return err;
	return crypto_encrypt_in_context(suite, public, &made, pt, enc, ct);
}

enum kk_err crypto_decrypt_with_label(const struct crypto_suite *suite,
    struct crypto_key *key, const char *label, struct kk_view context,
    struct kk_view enc, struct kk_view ct, struct kk_bytes *pt)
{
	struct kk_writer info;
	uint8_t none;
	enum kk_err err;

	*pt = (struct kk_bytes){ 0 };
	if (ct.bytes < CRYPTO_AEAD_TAG_BYTES)
		return KK_ETRUNC;
	kk_writer_init(&info);
	crypto_label_write(&info, label, context);
	err = info.err;
	if (!err)
		err = bytes_make(pt, ct.bytes - CRYPTO_AEAD_TAG_BYTES);
	if (!err)
		err = crypto_hpke_open(suite, key, enc, kk_writer_view(&info),
		    (struct kk_view){ 0 }, ct, NULL,
		    pt->data ? pt->data : &none);
	kk_writer_clear(&info);
	if (err)
		kk_bytes_clear(pt);
	return err;
}

enum kk_err crypto_ref_hash(const struct crypto_suite *suite, const char *label,
    struct kk_view value, uint8_t *out)
{
	struct kk_view text = kk_view_text(label);
	uint8_t label_head[4], value_head[4];
	struct kk_view parts[4];

	if (text.bytes > LABEL_MAX_BYTES || value.bytes > KK_VARINT_MAX)
		return KK_EINVAL;
	parts[0] = kk_view_of(label_head, length_put(label_head, text.bytes));
	parts[1] = text;
	parts[2] = kk_view_of(value_head, length_put(value_head, value.bytes));
	parts[3] = value;
	return crypto_hash(suite->hash, parts, KK_ARRAY_LEN(parts), out);
}
