/* x509_request.c - certificate requests (PKCS#10) for keys that are handles. */
#include <mbedtls/pem.h>

#include "crypto/key.h"
#include "crypto/x509_internal.h"

enum {
	DER_CONTEXT_0_SET = 0xa0, /* [0] IMPLICIT, constructed */
	DER_MAX_BYTES = 0xffffff, /* the longest list is shorter */
	PEM_MAX_BYTES = 2048
};

static const uint8_t oid_common_name[] = { 0x55, 0x04, 0x03 };
static const uint8_t oid_ec_key[] = { 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02,
	0x01 };

/* RFC 5480, 2.1.1.1, and RFC 5758, 3.2. */
struct scheme {
	enum crypto_sig sig;
	uint8_t curve[8], curve_bytes;
	uint8_t algorithm[8];
};

static const struct scheme schemes[] = {
	{ CRYPTO_ECDSA_P256_SHA256,
	    { 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07 }, 8,
	    { 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02 } },
	{ CRYPTO_ECDSA_P384_SHA384, { 0x2b, 0x81, 0x04, 0x00, 0x22 }, 5,
	    { 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03 } },
};

static const struct scheme *scheme_of(const struct crypto_key *key)
{
	for (size_t i = 0; i < KK_ARRAY_LEN(schemes); i++)
		if (key->is_sig && key->kind.sig == schemes[i].sig)
			return &schemes[i];
	return NULL;
}

/* One element.  Source: X.690, 8.1.3 (lengths in their shortest form). */
static void der_put(struct kk_writer *w, uint8_t tag, struct kk_view v)
{
	kk_write_u8(w, tag);
	if (v.bytes > UINT16_MAX) { /* a long revocation list */
		kk_write_u8(w, 0x83);
		kk_write_u8(w, (uint8_t)(v.bytes >> 16));
		kk_write_u16(w, (uint16_t)v.bytes);
	} else if (v.bytes >= 0x100) {
		kk_write_u8(w, 0x82);
		kk_write_u16(w, (uint16_t)v.bytes);
	} else {
		if (v.bytes >= 0x80)
			kk_write_u8(w, 0x81);
		kk_write_u8(w, (uint8_t)v.bytes);
	}
	kk_write_raw(w, v);
	if (v.bytes > DER_MAX_BYTES)
		kk_writer_fail(w, KK_ELIMIT);
}

/* What was written becomes the content of one element. */
static void der_wrap(struct kk_writer *w, uint8_t tag)
{
	struct kk_bytes inner;
	enum kk_err err = kk_writer_take(w, &inner);

	kk_writer_init(w);
	kk_writer_fail(w, err);
	der_put(w, tag, kk_bytes_view(&inner));
	kk_bytes_clear(&inner);
}

/* A BIT STRING of whole bytes. */
static void bits_put(struct kk_writer *w, struct kk_view v)
{
	struct kk_writer bits;

	kk_writer_init(&bits);
	kk_write_u8(&bits, 0);
	kk_write_raw(&bits, v);
	kk_writer_fail(w, bits.err);
	der_put(w, DER_BIT_STRING, kk_writer_view(&bits));
	kk_writer_clear(&bits);
}

/* Gives what w has to the end of out. */
static void part_move(struct kk_writer *out, struct kk_writer *w)
{
	kk_writer_fail(out, w->err);
	kk_write_raw(out, kk_writer_view(w));
	kk_writer_clear(w);
}

static void name_put(struct kk_writer *out, const char *name)
{
	struct kk_writer w;

	kk_writer_init(&w);
	der_put(&w, DER_OID,
	    kk_view_of(oid_common_name, sizeof(oid_common_name)));
	der_put(&w, DER_UTF8_STRING, kk_view_text(name));
	der_wrap(&w, DER_SEQUENCE);
	der_wrap(&w, DER_SET);
	der_wrap(&w, DER_SEQUENCE);
	part_move(out, &w);
}

static void key_put(struct kk_writer *out, const struct scheme *scheme,
    struct kk_view public)
{
	struct kk_writer w;

	kk_writer_init(&w);
	der_put(&w, DER_OID, kk_view_of(oid_ec_key, sizeof(oid_ec_key)));
	der_put(&w, DER_OID, kk_view_of(scheme->curve, scheme->curve_bytes));
	der_wrap(&w, DER_SEQUENCE);
	bits_put(&w, public);
	der_wrap(&w, DER_SEQUENCE);
	part_move(out, &w);
}

enum kk_err crypto_x509_seal(struct crypto_key *key, struct kk_view tbs,
    struct kk_bytes *der)
{
	const struct scheme *scheme = scheme_of(key);
	uint8_t signature[CRYPTO_SIGNATURE_MAX_BYTES];
	size_t bytes = sizeof(signature);
	struct kk_writer all, algorithm;
	enum kk_err err;

	*der = (struct kk_bytes){ 0 };
	if (!scheme)
		return KK_EUNSUP;
	err = crypto_sign(key, tbs, signature, &bytes);
	if (err)
		return err;
	kk_writer_init(&all);
	kk_writer_init(&algorithm);
	kk_write_raw(&all, tbs);
	der_put(&algorithm, DER_OID,
	    kk_view_of(scheme->algorithm, sizeof(scheme->algorithm)));
	der_wrap(&algorithm, DER_SEQUENCE);
	part_move(&all, &algorithm);
	bits_put(&all, kk_view_of(signature, bytes));
	der_wrap(&all, DER_SEQUENCE);
	return kk_writer_take(&all, der);
}

#if defined(MBEDTLS_PEM_WRITE_C)
static enum kk_err pem_make(struct kk_view der, struct kk_bytes *pem)
{
	unsigned char text[PEM_MAX_BYTES];
	size_t bytes = 0;

	if (mbedtls_pem_write_buffer("-----BEGIN CERTIFICATE REQUEST-----\n",
		"-----END CERTIFICATE REQUEST-----\n", der.data, der.bytes,
		text, sizeof(text), &bytes))
		return KK_ELIMIT;
	return kk_bytes_copy(pem, kk_view_of(text, bytes - 1)); /* its zero */
}
#else
static enum kk_err pem_make(struct kk_view der, struct kk_bytes *pem)
{
	(void)der;
	(void)pem;
	return KK_EUNSUP; /* this build writes no PEM */
}
#endif

enum kk_err crypto_x509_request(struct crypto_key *key, const char *name,
    struct kk_bytes *pem)
{
	static const uint8_t version[] = { 0 };
	const struct scheme *scheme = scheme_of(key);
	struct kk_bytes der;
	struct kk_writer w;
	enum kk_err err;

	*pem = (struct kk_bytes){ 0 };
	if (!scheme)
		return KK_EUNSUP;
	if (!kk_text_is_shown(kk_view_text(name)))
		return KK_EFORMAT;
	kk_writer_init(&w);
	der_put(&w, DER_INTEGER, kk_view_of(version, sizeof(version)));
	name_put(&w, name);
	key_put(&w, scheme, crypto_key_public(key));
	der_put(&w, DER_CONTEXT_0_SET, (struct kk_view){ 0 });
	der_wrap(&w, DER_SEQUENCE);
	err = w.err;
	if (!err)
		err = crypto_x509_seal(key, kk_writer_view(&w), &der);
	kk_writer_clear(&w);
	if (err)
		return err;
	err = pem_make(kk_bytes_view(&der), pem);
	kk_bytes_clear(&der);
	return err;
}
