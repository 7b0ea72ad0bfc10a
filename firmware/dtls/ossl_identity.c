/* ossl_identity.c - key, certificate and context of OpenSSL sessions. */
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/x509.h>

#include "dtls/ossl_private.h"

enum { CERT_CHAIN_MAX_BYTES = 16384 };

enum kk_err ossl_sha256(struct kk_view in, uint8_t *out)
{
	if (EVP_Digest(in.data, in.bytes, out, NULL, EVP_sha256(), NULL) != 1)
		return KK_ECRYPTO;
	return KK_OK;
}

enum kk_err ossl_hmac(struct kk_view key, struct kk_view in, uint8_t *out)
{
	if (!HMAC(EVP_sha256(), key.data, (int)key.bytes, in.data, in.bytes,
		out, NULL))
		return KK_ECRYPTO;
	return KK_OK;
}

/* 63 random bits: RFC 5280, 4.1.2.2 wants a positive number. */
static bool serial_set(X509 *cert)
{
	uint64_t serial;

	return RAND_bytes((uint8_t *)&serial, sizeof(serial)) == 1 &&
	    ASN1_INTEGER_set_uint64(X509_get_serialNumber(cert),
		serial >> 1 | 1) == 1;
}

static bool cert_fill(X509 *cert, EVP_PKEY *key, uint64_t from_s, uint64_t to_s)
{
	X509_NAME *name = X509_get_subject_name(cert);

	return X509_set_version(cert, X509_VERSION_3) == 1 &&
	    serial_set(cert) &&
	    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
		(const uint8_t *)"konklave", -1, -1, 0) == 1 &&
	    X509_set_issuer_name(cert, name) == 1 &&
	    ASN1_TIME_set(X509_getm_notBefore(cert), (time_t)from_s) &&
	    ASN1_TIME_set(X509_getm_notAfter(cert), (time_t)to_s) &&
	    X509_set_pubkey(cert, key) == 1 &&
	    X509_sign(cert, key, EVP_sha256()) > 0;
}

static enum kk_err cert_write(X509 *cert, struct kk_bytes *der)
{
	uint8_t *out = NULL;
	int bytes = i2d_X509(cert, &out);
	enum kk_err err = KK_ECRYPTO;

	if (bytes > 0)
		err = kk_bytes_copy(der, kk_view_of(out, (size_t)bytes));
	OPENSSL_free(out);
	return err;
}

static bool ctx_set(SSL_CTX *ctx)
{
	SSL_CTX_set_options(ctx,
	    SSL_OP_NO_QUERY_MTU | SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION |
		SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_max_cert_list(ctx, CERT_CHAIN_MAX_BYTES);
	SSL_CTX_set_verify(ctx,
	    SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	SSL_CTX_set_cert_verify_callback(ctx, ossl_on_certificate, NULL);
	SSL_CTX_set_cert_cb(ctx, ossl_on_hello, NULL);
	SSL_CTX_set_cookie_generate_cb(ctx, ossl_on_cookie_make);
	SSL_CTX_set_cookie_verify_cb(ctx, ossl_on_cookie_check);
	return SSL_CTX_set_min_proto_version(ctx, DTLS1_2_VERSION) == 1 &&
	    SSL_CTX_set_max_proto_version(ctx, DTLS1_2_VERSION) == 1 &&
	    SSL_CTX_set_cipher_list(ctx,
		"ECDHE-ECDSA-AES128-GCM-SHA256:"
		"ECDHE-ECDSA-AES256-GCM-SHA384") == 1 &&
	    SSL_CTX_set1_groups_list(ctx, "X25519:P-256") == 1 &&
	    SSL_CTX_set1_sigalgs_list(ctx, "ECDSA+SHA256:ECDSA+SHA384") == 1;
}

static enum kk_err identity_fill(struct ossl_identity *id, EVP_PKEY *key,
    X509 *cert, struct kk_bytes *der)
{
	id->method = ossl_method_new();
	id->ctx = SSL_CTX_new(DTLS_method());
	if (!id->method || !id->ctx)
		return KK_ENOMEM;
	if (!ctx_set(id->ctx) || SSL_CTX_use_certificate(id->ctx, cert) != 1 ||
	    SSL_CTX_use_PrivateKey(id->ctx, key) != 1)
		return KK_ECRYPTO;
	return cert_write(cert, der);
}

enum kk_err ossl_identity_new(void **ctxp, uint64_t from_s, uint64_t to_s,
    struct kk_bytes *der)
{
	struct ossl_identity *id = kk_calloc(1, sizeof(*id));
	EVP_PKEY *key = NULL;
	X509 *cert = NULL;
	enum kk_err err = KK_ECRYPTO;

	if (!id)
		return KK_ENOMEM;
	/* Chromium refuses P-384. */
	key = EVP_EC_gen("P-256");
	cert = X509_new();
	if (key && cert && cert_fill(cert, key, from_s, to_s))
		err = identity_fill(id, key, cert, der);
	X509_free(cert);
	EVP_PKEY_free(key); /* the context has its own reference */
	if (err) {
		ossl_identity_free(id);
		return err;
	}
	*ctxp = id;
	return KK_OK;
}

void ossl_identity_free(void *ctx)
{
	struct ossl_identity *id = ctx;

	SSL_CTX_free(id->ctx);
	BIO_meth_free(id->method);
	kk_free(id);
}
