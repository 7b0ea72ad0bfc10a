/* mbed_identity.c - key and certificate of mbedTLS sessions. */
#include <mbedtls/ecp.h>
#include <mbedtls/error.h>
#include <mbedtls/md.h>
#include <mbedtls/psa_util.h>
#include <mbedtls/sha256.h>
#include <mbedtls/ssl.h>
#include <psa/crypto.h>

#include "dtls/mbed_private.h"

enum {
	DAY_S = 86400,
	SERIAL_BYTES = 8,
	DER_MAX_BYTES = 1024, /* ours have about 300 */
	TIME_BYTES = 15 /* "20261121223822" */
};

enum kk_err mbed_err(int code)
{
	switch (code) {
	case 0:
		return KK_OK;
	case MBEDTLS_ERR_SSL_ALLOC_FAILED:
	case MBEDTLS_ERR_X509_ALLOC_FAILED:
	case MBEDTLS_ERR_PK_ALLOC_FAILED:
	case MBEDTLS_ERR_MPI_ALLOC_FAILED:
	case MBEDTLS_ERR_ECP_ALLOC_FAILED:
		return KK_ENOMEM;
	case MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE:
		return KK_EDENIED;
	case MBEDTLS_ERR_ECP_VERIFY_FAILED:
		return KK_EVERIFY;
	case MBEDTLS_ERR_SSL_NO_CLIENT_CERTIFICATE:
		return KK_EAUTH;
	case MBEDTLS_ERR_SSL_HANDSHAKE_FAILURE:
	case MBEDTLS_ERR_SSL_BAD_PROTOCOL_VERSION:
	case MBEDTLS_ERR_SSL_UNSUPPORTED_EXTENSION:
	case MBEDTLS_ERR_SSL_NO_APPLICATION_PROTOCOL:
		return KK_EUNSUP;
	case MBEDTLS_ERR_SSL_TIMEOUT:
		return KK_EIO;
	case MBEDTLS_ERR_SSL_INTERNAL_ERROR:
	case MBEDTLS_ERR_ERROR_CORRUPTION_DETECTED:
		return KK_ECRYPTO;
	default:
		return KK_EFORMAT;
	}
}

enum kk_err mbed_sha256(struct kk_view in, uint8_t *out)
{
	return mbedtls_sha256(in.data, in.bytes, out, 0) ? KK_ECRYPTO : KK_OK;
}

enum kk_err mbed_hmac(struct kk_view key, struct kk_view in, uint8_t *out)
{
	const mbedtls_md_info_t *info = mbedtls_md_info_from_type(
	    MBEDTLS_MD_SHA256);

	if (mbedtls_md_hmac(info, key.data, key.bytes, in.data, in.bytes, out))
		return KK_ECRYPTO;
	return KK_OK;
}

static bool is_leap(unsigned year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static void digits_put(char *out, unsigned n, unsigned digits)
{
	while (digits-- > 0) {
		out[digits] = (char)('0' + n % 10);
		n /= 10;
	}
}

/* Seconds since 1970 as YYYYMMDDhhmmss. */
static void time_write(char out[TIME_BYTES], uint64_t s)
{
	static const uint8_t month_days[] = { 31, 28, 31, 30, 31, 30, 31, 31,
		30, 31, 30, 31 };
	unsigned days = (unsigned)(s / DAY_S), rest = (unsigned)(s % DAY_S);
	unsigned year = 1970, month = 0;

	for (; days >= 365U + is_leap(year); year++)
		days -= 365U + is_leap(year);
	for (; month < 11; month++) {
		unsigned n = month_days[month] + (month == 1 && is_leap(year));

		if (days < n)
			break;
		days -= n;
	}
	digits_put(out, year, 4);
	digits_put(out + 4, month + 1, 2);
	digits_put(out + 6, days + 1, 2);
	digits_put(out + 8, rest / 3600, 2);
	digits_put(out + 10, rest / 60 % 60, 2);
	digits_put(out + 12, rest % 60, 2);
	out[14] = '\0';
}

static int key_make(mbedtls_pk_context *key)
{
	const mbedtls_pk_info_t *info = mbedtls_pk_info_from_type(
	    MBEDTLS_PK_ECKEY);
	int code = mbedtls_pk_setup(key, info);

	/* Chromium refuses P-384. */
	return code ?
	    code :
	    mbedtls_ecp_gen_key(MBEDTLS_ECP_DP_SECP256R1, mbedtls_pk_ec(*key),
		mbedtls_psa_get_random, MBEDTLS_PSA_RANDOM_STATE);
}

static int serial_set(mbedtls_x509write_cert *cert)
{
	uint8_t serial[SERIAL_BYTES];

	if (psa_generate_random(serial, sizeof(serial)) != PSA_SUCCESS)
		return MBEDTLS_ERR_ERROR_GENERIC_ERROR;
	serial[0] = (serial[0] & 0x3f) | 0x40; /* positive, shortest form */
	return mbedtls_x509write_crt_set_serial_raw(cert, serial,
	    sizeof(serial));
}

static int cert_fill(mbedtls_x509write_cert *cert, struct mbed_identity *id,
    uint64_t from_s, uint64_t to_s)
{
	char from[TIME_BYTES], to[TIME_BYTES];
	int code;

	time_write(from, from_s);
	time_write(to, to_s);
	mbedtls_x509write_crt_set_version(cert, MBEDTLS_X509_CRT_VERSION_3);
	mbedtls_x509write_crt_set_md_alg(cert, MBEDTLS_MD_SHA256);
	mbedtls_x509write_crt_set_subject_key(cert, &id->key);
	mbedtls_x509write_crt_set_issuer_key(cert, &id->key);
	code = serial_set(cert);
	if (!code)
		code = mbedtls_x509write_crt_set_subject_name(cert,
		    "CN=konklave");
	if (!code)
		code = mbedtls_x509write_crt_set_issuer_name(cert,
		    "CN=konklave");
	return code ? code : mbedtls_x509write_crt_set_validity(cert, from, to);
}

static int cert_make(struct mbed_identity *id, uint64_t from_s, uint64_t to_s)
{
	mbedtls_x509write_cert cert;
	uint8_t der[DER_MAX_BYTES];
	int code;

	mbedtls_x509write_crt_init(&cert);
	code = cert_fill(&cert, id, from_s, to_s);
	if (!code) /* written from the buffer's end */
		code = mbedtls_x509write_crt_der(&cert, der, sizeof(der),
		    mbedtls_psa_get_random, MBEDTLS_PSA_RANDOM_STATE);
	mbedtls_x509write_crt_free(&cert);
	if (code <= 0)
		return code;
	return mbedtls_x509_crt_parse_der(&id->cert, der + sizeof(der) - code,
	    (size_t)code);
}

enum kk_err mbed_identity_new(void **ctxp, uint64_t from_s, uint64_t to_s,
    struct kk_bytes *der)
{
	struct mbed_identity *id;
	enum kk_err err = KK_ECRYPTO;

	if (psa_crypto_init() != PSA_SUCCESS)
		return KK_ECRYPTO;
	id = kk_calloc(1, sizeof(*id));
	if (!id)
		return KK_ENOMEM;
	mbedtls_x509_crt_init(&id->cert);
	mbedtls_pk_init(&id->key);
	if (!key_make(&id->key) && !cert_make(id, from_s, to_s))
		err = kk_bytes_copy(der,
		    kk_view_of(id->cert.raw.p, id->cert.raw.len));
	if (err) {
		mbed_identity_free(id);
		return err;
	}
	*ctxp = id;
	return KK_OK;
}

void mbed_identity_free(void *ctx)
{
	struct mbed_identity *id = ctx;

	mbedtls_x509_crt_free(&id->cert);
	mbedtls_pk_free(&id->key);
	kk_free(id);
}
