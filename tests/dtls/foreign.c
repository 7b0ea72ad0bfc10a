/* foreign.c - a peer that is OpenSSL alone. */
#include "dtls/foreign.h"

#include <openssl/srtp.h>
#include <openssl/x509.h>

enum { MTU_BYTES = 1200, PADDING_TYPE = 0x5a5a, ROUNDS_MAX = 100 };

static int on_verify(X509_STORE_CTX *store, void *arg)
{
	(void)store;
	(void)arg;
	return 1;
}

static void certify(struct foreign *f, const char *curve)
{
	EVP_PKEY *key = EVP_EC_gen(curve);
	X509 *cert = X509_new();

	CHECK(key && cert);
	CHECK_EQ(X509_set_version(cert, X509_VERSION_3), 1);
	CHECK_EQ(ASN1_INTEGER_set(X509_get_serialNumber(cert), 1), 1);
	CHECK_EQ(X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN",
		     MBSTRING_ASC, (const uint8_t *)"foreign", -1, -1, 0),
	    1);
	CHECK_EQ(X509_set_issuer_name(cert, X509_get_subject_name(cert)), 1);
	CHECK_EQ(X509_set_pubkey(cert, key), 1);
	CHECK(X509_gmtime_adj(X509_getm_notBefore(cert), 0));
	CHECK(X509_gmtime_adj(X509_getm_notAfter(cert), 3600));
	CHECK(X509_sign(cert, key, EVP_sha256()) > 0);
	CHECK_EQ(SSL_CTX_use_certificate(f->ctx, cert), 1);
	CHECK_EQ(SSL_CTX_use_PrivateKey(f->ctx, key), 1);
	CHECK_EQ(X509_digest(cert, EVP_sha256(), f->fingerprint, NULL), 1);
	X509_free(cert);
	EVP_PKEY_free(key);
}

static int on_padding(SSL *ssl, unsigned type, unsigned context,
    const unsigned char **out, size_t *bytes, X509 *cert, size_t index,
    int *alert, void *arg)
{
	static const uint8_t zero[2048];

	(void)ssl;
	(void)type;
	(void)context;
	(void)cert;
	(void)index;
	(void)alert;
	*out = zero;
	*bytes = *(const size_t *)arg;
	return 1;
}

void foreign_init(struct foreign *f, const struct foreign_config *config)
{
	BIO *own;

	*f = (struct foreign){ 0 };
	f->ctx = SSL_CTX_new(DTLS_method());
	CHECK(f->ctx);
	SSL_CTX_set_cert_verify_callback(f->ctx, on_verify, NULL);
	SSL_CTX_set_verify(f->ctx, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_options(f->ctx, config->options | SSL_OP_NO_QUERY_MTU);
	if (config->ciphers)
		CHECK_EQ(SSL_CTX_set_cipher_list(f->ctx, config->ciphers), 1);
	if (config->curve)
		certify(f, config->curve);
	if (config->padding_bytes)
		CHECK_EQ(SSL_CTX_add_custom_ext(f->ctx, PADDING_TYPE,
			     SSL_EXT_CLIENT_HELLO, on_padding, NULL,
			     (void *)&config->padding_bytes, NULL, NULL),
		    1);
	f->ssl = SSL_new(f->ctx);
	CHECK(f->ssl);
	if (config->srtp)
		CHECK_EQ(SSL_set_tlsext_use_srtp(f->ssl, config->srtp), 0);
	CHECK_EQ(BIO_new_bio_dgram_pair(&own, 0, &f->wire, 0), 1);
	SSL_set_bio(f->ssl, own, own);
	SSL_set_mtu(f->ssl, MTU_BYTES);
	if (config->role == DTLS_CLIENT)
		SSL_set_connect_state(f->ssl);
	else
		SSL_set_accept_state(f->ssl);
}

void foreign_clear(struct foreign *f)
{
	SSL_free(f->ssl);
	BIO_free(f->wire);
	SSL_CTX_free(f->ctx);
}

static void foreign_shake(struct foreign *f)
{
	int result;

	if (f->is_done || f->has_failed)
		return;
	result = SSL_do_handshake(f->ssl);
	f->is_done = result == 1;
	f->has_failed = result != 1 &&
	    SSL_get_error(f->ssl, result) != SSL_ERROR_WANT_READ;
}

enum kk_err foreign_talk(struct foreign *f, struct dtls *machine)
{
	uint8_t datagram[DTLS_DATAGRAM_MAX_BYTES];
	enum kk_err first = KK_OK, err;
	bool has_more = true;

	for (unsigned round = 0; has_more; round++) {
		size_t bytes = sizeof(datagram);
		int n;

		CHECK(round < ROUNDS_MAX);
		has_more = false;
		foreign_shake(f);
		while ((n = BIO_read(f->wire, datagram, sizeof(datagram))) >
		    0) {
			f->sent++;
			has_more = true;
			err = dtls_input(machine,
			    kk_view_of(datagram, (size_t)n), 1);
			first = first ? first : err;
		}
		while (!dtls_take(machine, datagram, &bytes)) {
			has_more = true;
			CHECK_EQ(BIO_write(f->wire, datagram, (int)bytes),
			    bytes);
			bytes = sizeof(datagram);
		}
	}
	return first;
}
