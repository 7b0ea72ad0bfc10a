/* x509_sig.c - algorithms of certificates and lists, and mbedTLS's errors. */
#include <mbedtls/asn1.h>
#include <mbedtls/bignum.h>
#include <mbedtls/ecp.h>
#include <mbedtls/oid.h>
#include <mbedtls/pem.h>
#include <mbedtls/pk.h>
#include <string.h>

#include "crypto/x509_internal.h"

/*
 * RFC 5758, 3.2: ecdsa-with-SHA256, -SHA384 and -SHA512, parameters absent.
 * Only the last byte differs.
 */
static const uint8_t sig_alg[] = { DER_OID, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d,
	0x04, 0x03 };

static enum crypto_sig sig_of_alg(struct kk_view alg)
{
	if (alg.bytes != sizeof(sig_alg) + 1 ||
	    memcmp(alg.data, sig_alg, sizeof(sig_alg)) != 0)
		return 0;
	switch (alg.data[sizeof(sig_alg)]) {
	case 2:
		return CRYPTO_ECDSA_P256_SHA256;
	case 3:
		return CRYPTO_ECDSA_P384_SHA384;
	case 4:
		return CRYPTO_ECDSA_P521_SHA512;
	default:
		return 0;
	}
}

enum kk_err x509_sig_read(struct kk_view raw, struct kk_view tbs,
    enum crypto_sig *sig, struct kk_view *signature)
{
	struct kk_view alg, bits;
	struct kk_reader r;

	kk_reader_init(&r,
	    kk_view_of(tbs.data + tbs.bytes,
		raw.bytes - (size_t)(tbs.data - raw.data) - tbs.bytes));
	alg = x509_der_read(&r, DER_SEQUENCE);
	bits = x509_der_read(&r, DER_BIT_STRING);
	if (kk_reader_end(&r) || bits.bytes < 2 || bits.data[0] != 0)
		return KK_EFORMAT;
	*sig = sig_of_alg(alg);
	if (!*sig)
		return KK_EUNSUP;
	if (bits.bytes - 1 > CRYPTO_SIGNATURE_MAX_BYTES)
		return KK_EFORMAT;
	*signature = kk_view_of(bits.data + 1, bits.bytes - 1);
	return KK_OK;
}

/*
 * RFC 5480, 2: what stands in front of an uncompressed point of each curve.
 * The whole structure has one encoding in DER, so it is compared, not parsed.
 */
struct key_form {
	enum crypto_sig sig;
	uint8_t head_bytes;
	uint8_t point_bytes;
	uint8_t head[26];
};

static const struct key_form key_forms[] = {
	{ CRYPTO_ECDSA_P256_SHA256, 26, 65,
	    { 0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d,
		0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03,
		0x01, 0x07, 0x03, 0x42, 0x00 } },
	{ CRYPTO_ECDSA_P384_SHA384, 23, 97,
	    { 0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d,
		0x02, 0x01, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22, 0x03,
		0x62, 0x00 } },
	{ CRYPTO_ECDSA_P521_SHA512, 25, 133,
	    { 0x30, 0x81, 0x9b, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce,
		0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23,
		0x03, 0x81, 0x86, 0x00 } },
};

enum kk_err x509_key_read(struct kk_view spki, enum crypto_sig *sig,
    struct kk_view *public)
{
	for (size_t i = 0; i < KK_ARRAY_LEN(key_forms); i++) {
		const struct key_form *f = &key_forms[i];

		if (spki.bytes != (size_t)f->head_bytes + f->point_bytes ||
		    memcmp(spki.data, f->head, f->head_bytes) != 0 ||
		    spki.data[f->head_bytes] != 0x04)
			continue;
		*sig = f->sig;
		*public = kk_view_of(spki.data + f->head_bytes, f->point_bytes);
		return KK_OK;
	}
	return KK_EUNSUP;
}

static bool err_is_memory(int high, int low)
{
	return high == MBEDTLS_ERR_X509_ALLOC_FAILED ||
	    high == MBEDTLS_ERR_PK_ALLOC_FAILED ||
	    high == MBEDTLS_ERR_ECP_ALLOC_FAILED ||
	    high == MBEDTLS_ERR_PEM_ALLOC_FAILED ||
	    low == MBEDTLS_ERR_ASN1_ALLOC_FAILED ||
	    low == MBEDTLS_ERR_MPI_ALLOC_FAILED;
}

enum kk_err x509_err_of(int mbedtls_err)
{
	/* mbedtls/error.h: a high-level and a low-level number, added. */
	int high = -(-mbedtls_err & 0xff80);
	int low = -(-mbedtls_err & 0x007f);

	if (err_is_memory(high, low))
		return KK_ENOMEM;
	switch (high) {
	case MBEDTLS_ERR_X509_UNKNOWN_VERSION:
	case MBEDTLS_ERR_X509_UNKNOWN_SIG_ALG:
	case MBEDTLS_ERR_X509_FEATURE_UNAVAILABLE:
	case MBEDTLS_ERR_PK_UNKNOWN_PK_ALG:
	case MBEDTLS_ERR_PK_UNKNOWN_NAMED_CURVE:
	case MBEDTLS_ERR_PK_FEATURE_UNAVAILABLE:
	case MBEDTLS_ERR_ECP_FEATURE_UNAVAILABLE:
		return KK_EUNSUP;
	default:
		return KK_EFORMAT;
	}
}
