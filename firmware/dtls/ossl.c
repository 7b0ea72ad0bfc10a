/* ossl.c - handshakes by OpenSSL 3. */
#include <openssl/err.h>
#include <openssl/srtp.h>
#include <openssl/ssl.h>
#include <limits.h>
#include <string.h>

#include "dtls/ossl_private.h"

enum { ALERT_WARNING = 1, ALERT_FATAL = 2 };

static unsigned int on_timer(SSL *ssl, unsigned int us)
{
	(void)ssl;
	(void)us;
	return UINT_MAX; /* microseconds: longer than any handshake */
}

static int on_read(BIO *bio, char *out, int room)
{
	struct ossl_session *s = BIO_get_data(bio);
	size_t bytes = s->in.bytes;

	BIO_clear_retry_flags(bio);
	if (bytes == 0) {
		BIO_set_retry_read(bio);
		return -1;
	}
	if (bytes > (size_t)room)
		bytes = (size_t)room;
	memcpy(out, s->in.data, bytes);
	s->in = kk_view_of(NULL, 0);
	return (int)bytes;
}

static int on_write(BIO *bio, const char *in, int bytes)
{
	struct ossl_session *s = BIO_get_data(bio);
	enum kk_err err = KK_OK;

	BIO_clear_retry_flags(bio);
	if (!s->is_muted)
		err = ossl_flight_write(s, kk_view_of(in, (size_t)bytes));
	if (err) {
		s->link->err = err;
		return -1;
	}
	return bytes;
}

static long on_ctrl(BIO *bio, int what, long n, void *p)
{
	struct ossl_session *s = BIO_get_data(bio);

	(void)n;
	(void)p;
	switch (what) {
	case BIO_CTRL_FLUSH:
		return 1;
	case BIO_CTRL_DGRAM_QUERY_MTU:
	case BIO_CTRL_DGRAM_GET_FALLBACK_MTU:
		return (long)s->link->mtu_bytes;
	default:
		return 0;
	}
}

BIO_METHOD *ossl_method_new(void)
{
	BIO_METHOD *method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "datagrams");

	if (method && BIO_meth_set_read(method, on_read) == 1 &&
	    BIO_meth_set_write(method, on_write) == 1 &&
	    BIO_meth_set_ctrl(method, on_ctrl) == 1)
		return method;
	BIO_meth_free(method);
	return NULL;
}

/* Replaces OpenSSL's check of certificates.  Source: RFC 5763, 5. */
int ossl_on_certificate(X509_STORE_CTX *store, void *arg)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(store,
	    SSL_get_ex_data_X509_STORE_CTX_idx());
	struct ossl_session *s = SSL_get_app_data(ssl);
	X509 *cert = X509_STORE_CTX_get0_cert(store);
	uint8_t hash[DTLS_FINGERPRINT_BYTES];
	unsigned int bytes = 0;

	(void)arg;
	if (cert && X509_digest(cert, EVP_sha256(), hash, &bytes) == 1 &&
	    dtls_link_expects(s->link, hash)) {
		X509_STORE_CTX_set_error(store, X509_V_OK);
		return 1;
	}
	s->link->err = KK_EAUTH;
	X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);
	return 0;
}

/* The peer's hello has been read: without SRTP there is nothing to go on for.
 * A server is here before ServerHello, a client before its Certificate. */
int ossl_on_hello(SSL *ssl, void *arg)
{
	struct ossl_session *s = SSL_get_app_data(ssl);

	(void)arg;
	if (SSL_get_selected_srtp_profile(ssl))
		return 1;
	s->link->err = KK_EUNSUP;
	return 0;
}

/* OpenSSL's names of the profiles, which differ from IANA's. */
static const char *profile_name(enum dtls_srtp profile)
{
	switch (profile) {
	case DTLS_SRTP_AES128_CM_SHA1_80:
		return "SRTP_AES128_CM_SHA1_80";
	case DTLS_SRTP_AEAD_AES_128_GCM:
		return "SRTP_AEAD_AES_128_GCM";
	case DTLS_SRTP_AEAD_AES_256_GCM:
		return "SRTP_AEAD_AES_256_GCM";
	default:
		return "";
	}
}

static bool profiles_set(SSL *ssl, const struct dtls_link *link)
{
	char list[128] = "";

	for (size_t i = 0; i < link->profile_count; i++) {
		if (i > 0)
			(void)OPENSSL_strlcat(list, ":", sizeof(list));
		(void)OPENSSL_strlcat(list, profile_name(link->profiles[i]),
		    sizeof(list));
	}
	return SSL_set_tlsext_use_srtp(ssl, list) == 0; /* 0 is success here */
}

static bool bio_set(SSL *ssl, const struct ossl_identity *id,
    struct ossl_session *s)
{
	BIO *bio = BIO_new(id->method);

	if (!bio)
		return false;
	BIO_set_data(bio, s);
	BIO_set_init(bio, 1);
	SSL_set_bio(ssl, bio, bio);
	return true;
}

int ossl_on_cookie_make(SSL *ssl, unsigned char *cookie, unsigned int *bytes)
{
	(void)ssl;
	cookie[0] = 0;
	*bytes = 1;
	return 1;
}

int ossl_on_cookie_check(SSL *ssl, const unsigned char *cookie,
    unsigned int bytes)
{
	(void)ssl;
	(void)cookie;
	(void)bytes;
	return 1; /* dtls_cookies_check() was before */
}

/*
 * Lets OpenSSL believe that it has sent count HelloVerifyRequests, so that it
 * takes the ClientHello after them: a constant one is fed, the answer dropped.
 * None of these is a part of the transcript (RFC 6347, 4.2.1).
 */
static bool session_prime(struct ossl_session *s, uint16_t count)
{
	enum { RECORD_SEQ_AT = 10, SEQ_AT = 13 + 5 };
	uint8_t hello[] = { DTLS_HANDSHAKE, 0xfe, 0xff, 0, 0, 0, 0, 0, 0, 0, 0,
		0, 54, DTLS_CLIENT_HELLO, 0, 0, 42, 0, 0, 0, 0, 0, 0, 0, 42,
		0xfe, 0xfd, [27 + 32] = 0, 0, 0, 2, 0xc0, 0x2b, 1, 0 };
	int result = -1;

	_Static_assert(sizeof(hello) == 13 + 12 + 42, "a ClientHello");
	SSL_set_options(s->ssl, SSL_OP_COOKIE_EXCHANGE);
	s->is_muted = true;
	for (uint16_t i = 0; i < count; i++) {
		hello[RECORD_SEQ_AT] = (uint8_t)i;
		hello[SEQ_AT] = (uint8_t)i;
		s->in = kk_view_of(hello, sizeof(hello));
		result = SSL_do_handshake(s->ssl);
	}
	s->is_muted = false;
	s->in = kk_view_of(NULL, 0);
	return SSL_get_error(s->ssl, result) == SSL_ERROR_WANT_READ;
}

static bool ssl_set(struct ossl_session *s, const struct ossl_identity *id)
{
	SSL *ssl = s->ssl;

	SSL_set_app_data(ssl, s);
	DTLS_set_timer_cb(ssl, on_timer);
	if (!bio_set(ssl, id, s) || !profiles_set(ssl, s->link))
		return false;
	SSL_set_mtu(ssl, (long)s->link->mtu_bytes);
	if (s->link->role == DTLS_CLIENT) {
		SSL_set_connect_state(ssl);
		return true;
	}
	SSL_set_accept_state(ssl);
	return s->link->hello_seq == 0 || session_prime(s, s->link->hello_seq);
}

static void session_free(void *session)
{
	struct ossl_session *s = session;

	SSL_free(s->ssl);
	kk_writer_clear(&s->flight.records);
	kk_free_wiped(s, sizeof(*s));
}

static enum kk_err session_new(void **sessionp, void *identity,
    struct dtls_link *link)
{
	const struct ossl_identity *id = identity;
	struct ossl_session *s = kk_calloc(1, sizeof(*s));

	if (!s)
		return KK_ENOMEM;
	s->link = link;
	kk_writer_init(&s->flight.records);
	ERR_clear_error();
	s->ssl = SSL_new(id->ctx);
	if (!s->ssl || !ssl_set(s, id)) {
		session_free(s);
		return KK_ECRYPTO;
	}
	*sessionp = s;
	return KK_OK;
}

static enum kk_err err_of(const struct dtls_link *link)
{
	unsigned long code = ERR_peek_last_error();
	int reason = ERR_GET_REASON(code);

	if (link->err)
		return link->err;
	if (reason == ERR_R_MALLOC_FAILURE)
		return KK_ENOMEM;
	if (ERR_GET_LIB(code) != ERR_LIB_SSL)
		return code ? KK_ECRYPTO : KK_EFORMAT;
	if (reason >= SSL_AD_REASON_OFFSET)
		return KK_EDENIED;
	switch (reason) {
	case SSL_R_BAD_SIGNATURE:
		return KK_EVERIFY;
	case SSL_R_CERTIFICATE_VERIFY_FAILED:
	case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
		return KK_EAUTH;
	case SSL_R_NO_SHARED_CIPHER:
	case SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM:
	case SSL_R_NO_SHARED_GROUPS:
	case SSL_R_UNSUPPORTED_PROTOCOL:
	case SSL_R_WRONG_SSL_VERSION:
		return KK_EUNSUP;
	case ERR_R_INTERNAL_ERROR:
		return KK_ECRYPTO;
	default:
		return KK_EFORMAT;
	}
}

/* Source: RFC 5764, 4.2; RFC 5705, 4 (without a context). */
static enum kk_err keys_export(struct ossl_session *s)
{
	const SRTP_PROTECTION_PROFILE *profile = SSL_get_selected_srtp_profile(
	    s->ssl);
	struct dtls_srtp_keys *keys = &s->link->keys;
	uint8_t block[DTLS_KEYS_BLOCK_MAX_BYTES];
	enum kk_err err;

	if (!profile || SSL_get_extms_support(s->ssl) != 1)
		return KK_EUNSUP;
	keys->profile = (enum dtls_srtp)profile->id;
	err = dtls_srtp_sizes(keys->profile, &keys->key_bytes,
	    &keys->salt_bytes);
	if (err)
		return err;
	if (SSL_export_keying_material(s->ssl, block,
		2 * (keys->key_bytes + keys->salt_bytes), DTLS_EXPORTER_LABEL,
		sizeof(DTLS_EXPORTER_LABEL) - 1, NULL, 0, 0) != 1)
		return KK_ECRYPTO;
	dtls_keys_split(keys, block);
	kk_wipe(block, sizeof(block));
	return KK_OK;
}

/* The handshake is over: keep the keys and the tail, free the rest. */
static enum kk_err session_finish(struct ossl_session *s, uint64_t now_ms)
{
	enum kk_err err = keys_export(s);

	if (err) {
		(void)!ossl_flight_alert(s, ALERT_FATAL,
		    SSL_AD_HANDSHAKE_FAILURE);
		return err;
	}
	SSL_free(s->ssl);
	s->ssl = NULL;
	s->done_ms = now_ms;
	s->flight.has_timer = false;
	if (s->link->role == DTLS_CLIENT) /* the server's flight is the last */
		kk_writer_clear(&s->flight.records);
	s->link->is_done = true;
	return KK_OK;
}

static enum kk_err session_shake(struct ossl_session *s, uint64_t now_ms)
{
	enum kk_err err;
	int result, why;

	ossl_flight_begin(s);
	ERR_clear_error();
	result = SSL_do_handshake(s->ssl);
	why = SSL_get_error(s->ssl, result);
	s->in = kk_view_of(NULL, 0);
	if (result != 1 && why == SSL_ERROR_ZERO_RETURN) {
		s->link->is_closed = true;
		return KK_OK;
	}
	if (result != 1 && why != SSL_ERROR_WANT_READ)
		return err_of(s->link);
	err = ossl_flight_end(s, now_ms);
	if (!err && result == 1)
		err = session_finish(s, now_ms);
	return err;
}

static bool may_linger(const struct ossl_session *s, uint64_t now_ms)
{
	return s->link->role == DTLS_SERVER &&
	    s->lingered < DTLS_LINGER_REPEATS_MAX &&
	    now_ms - s->done_ms < DTLS_LINGER_MS;
}

/*
 * A datagram after the end.  A peer that repeats its Finished has not got ours
 * (RFC 6347, 4.2.4): the last flight goes out again.  Only what the peer has
 * sealed counts, so nobody else can ask for it.
 */
static enum kk_err session_linger(struct ossl_session *s,
    struct kk_view datagram, uint64_t now_ms)
{
	uint8_t body[64];
	struct dtls_record record;
	struct kk_reader r;

	kk_reader_init(&r, datagram);
	while (kk_reader_more(&r)) {
		size_t bytes = sizeof(body);

		if (dtls_record_next(&r, &record))
			break;
		if (record.epoch == 0 ||
		    ossl_tail_open(&s->tail, &record, body, &bytes))
			continue;
		if (record.type == DTLS_ALERT)
			s->link->is_closed = true;
		if (record.type != DTLS_HANDSHAKE || !may_linger(s, now_ms))
			continue;
		s->lingered++;
		return ossl_flight_repeat(s);
	}
	return KK_OK;
}

/* Servers number from the ClientHello on (RFC 6347, 4.2.1). */
static void flight_number(struct ossl_session *s, struct kk_view datagram)
{
	struct dtls_record record;
	struct kk_reader r;

	kk_reader_init(&r, datagram);
	if (s->link->role == DTLS_SERVER && s->flight.seq == 0 &&
	    !dtls_record_next(&r, &record) && record.epoch == 0)
		s->flight.seq = record.seq & 0xffffffff;
}

static enum kk_err session_input(void *session, struct kk_view datagram,
    uint64_t now_ms)
{
	struct ossl_session *s = session;

	if (!s->ssl)
		return session_linger(s, datagram, now_ms);
	flight_number(s, datagram);
	s->in = datagram;
	return session_shake(s, now_ms);
}

static int64_t session_timeout_ms(const void *session, uint64_t now_ms)
{
	return ossl_flight_timeout_ms(session, now_ms);
}

static enum kk_err session_tick(void *session, uint64_t now_ms)
{
	return ossl_flight_tick(session, now_ms);
}

static void session_close(void *session)
{
	struct ossl_session *s = session;

	(void)!ossl_flight_alert(s, ALERT_WARNING, SSL_AD_CLOSE_NOTIFY);
}

const struct dtls_ops dtls_ossl_ops = {
	.name = "openssl",
	.profiles = { DTLS_SRTP_AEAD_AES_256_GCM, DTLS_SRTP_AEAD_AES_128_GCM,
	    DTLS_SRTP_AES128_CM_SHA1_80 },
	.identity_new = ossl_identity_new,
	.identity_free = ossl_identity_free,
	.sha256 = ossl_sha256,
	.hmac = ossl_hmac,
	.session_new = session_new,
	.session_free = session_free,
	.input = session_input,
	.timeout_ms = session_timeout_ms,
	.tick = session_tick,
	.close = session_close,
};
