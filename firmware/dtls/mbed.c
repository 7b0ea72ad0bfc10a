/*
 * mbed.c - handshakes by mbedTLS 3.6.
 *
 * mbedTLS has no call that tells whether the extended master secret was used,
 * so the ServerHello is looked at as it comes or goes: it is in clear, and its
 * random must be the one that the keys were made of.
 */
#include <mbedtls/psa_util.h>
#include <mbedtls/ssl.h>
#include <mbedtls/ssl_ciphersuites.h>
#include <string.h>

#include "dtls/mbed_private.h"

enum {
	/* mbedTLS gives up when its timer has doubled so far; the machine's
	 * own limit comes first. */
	TIMER_NEVER_MS = 0x7fffffff
};

struct timer {
	bool is_on;
	uint64_t start_ms;
	uint32_t first_ms;
	uint32_t final_ms;
};

struct mbed_session {
	struct dtls_link *link;
	mbedtls_ssl_config config;
	mbedtls_ssl_context ssl;
	mbedtls_ssl_srtp_profile profiles[DTLS_PROFILES_MAX + 1];
	struct kk_view in; /* what mbedTLS may read now */
	struct timer timer;
	uint64_t now_ms;
	uint64_t done_ms;
	bool has_hello; /* a ServerHello with the extension was seen */
	uint8_t hello_random[DTLS_RANDOM_BYTES];
	uint8_t server_random[DTLS_RANDOM_BYTES]; /* of the keys */
	bool has_block;
	uint8_t block[DTLS_KEYS_BLOCK_MAX_BYTES]; /* exported */
};

/* Looks for the ServerHello in a datagram. */
static void hello_watch(struct mbed_session *s, struct kk_view datagram)
{
	struct dtls_fragment fragment;
	struct dtls_record record;
	struct kk_view random;
	struct kk_reader r;

	kk_reader_init(&r, datagram);
	while (kk_reader_more(&r)) {
		if (dtls_record_next(&r, &record))
			break;
		if (record.epoch > 0 || record.type != DTLS_HANDSHAKE ||
		    dtls_fragment_read(record.body, &fragment) ||
		    fragment.type != DTLS_SERVER_HELLO ||
		    fragment.body.bytes != fragment.length ||
		    !dtls_server_hello_has(fragment.body,
			DTLS_EXT_MASTER_SECRET, &random))
			continue;
		memcpy(s->hello_random, random.data, DTLS_RANDOM_BYTES);
		s->has_hello = true;
	}
}

static int on_send(void *ctx, const unsigned char *in, size_t bytes)
{
	struct mbed_session *s = ctx;
	struct kk_view datagram = kk_view_of(in, bytes);

	if (s->link->role == DTLS_SERVER)
		hello_watch(s, datagram);
	if (!dtls_link_send(s->link, datagram))
		return (int)bytes;
	s->link->err = KK_ENOMEM;
	return MBEDTLS_ERR_SSL_ALLOC_FAILED;
}

static int on_receive(void *ctx, unsigned char *out, size_t room)
{
	struct mbed_session *s = ctx;
	size_t bytes = s->in.bytes < room ? s->in.bytes : room;

	if (bytes == 0)
		return MBEDTLS_ERR_SSL_WANT_READ;
	memcpy(out, s->in.data, bytes);
	s->in = kk_view_of(NULL, 0);
	return (int)bytes;
}

static uint32_t timer_clamp(const struct mbed_session *s, uint32_t ms)
{
	return ms < s->link->timeout_max_ms ? ms : s->link->timeout_max_ms;
}

static void on_timer_set(void *ctx, uint32_t first_ms, uint32_t final_ms)
{
	struct mbed_session *s = ctx;

	s->timer.is_on = final_ms > 0;
	s->timer.start_ms = s->now_ms;
	s->timer.first_ms = timer_clamp(s, first_ms);
	s->timer.final_ms = timer_clamp(s, final_ms);
}

static int on_timer_get(void *ctx)
{
	const struct mbed_session *s = ctx;
	const uint64_t past_ms = s->now_ms - s->timer.start_ms;

	if (!s->timer.is_on)
		return -1;
	if (past_ms >= s->timer.final_ms)
		return 2;
	return past_ms >= s->timer.first_ms ? 1 : 0;
}

/* Called for each certificate, the peer's own last.  Source: RFC 5763, 5. */
static int on_certificate(void *ctx, mbedtls_x509_crt *cert, int depth,
    uint32_t *flags)
{
	struct mbed_session *s = ctx;
	uint8_t hash[DTLS_FINGERPRINT_BYTES];

	*flags = 0;
	if (depth > 0)
		return 0;
	if (mbed_sha256(kk_view_of(cert->raw.p, cert->raw.len), hash) ||
	    !dtls_link_expects(s->link, hash)) {
		s->link->err = KK_EAUTH;
		*flags = MBEDTLS_X509_BADCERT_OTHER;
	}
	return 0;
}

/*
 * Exports the SRTP keys while the master secret is at hand; they count only
 * when the handshake is over.  mbedtls_ssl_export_keying_material() of 3.6.6
 * cannot be used: it reads through a null pointer in a server whose last
 * flight may still be repeated.  Source: RFC 5764, 4.2; RFC 5705, 4 (without a
 * context).
 */
static void on_secret(void *ctx, mbedtls_ssl_key_export_type type,
    const unsigned char *secret, size_t secret_bytes,
    const unsigned char client_random[32],
    const unsigned char server_random[32], mbedtls_tls_prf_types prf)
{
	struct mbed_session *s = ctx;
	uint8_t seed[2 * DTLS_RANDOM_BYTES];

	if (type != MBEDTLS_SSL_KEY_EXPORT_TLS12_MASTER_SECRET)
		return;
	memcpy(seed, client_random, DTLS_RANDOM_BYTES);
	memcpy(seed + DTLS_RANDOM_BYTES, server_random, DTLS_RANDOM_BYTES);
	memcpy(s->server_random, server_random, DTLS_RANDOM_BYTES);
	s->has_block = !mbedtls_ssl_tls_prf(prf, secret, secret_bytes,
	    DTLS_EXPORTER_LABEL, seed, sizeof(seed), s->block,
	    sizeof(s->block));
}

/* dtls_cookies_check() has been before, or nobody asked for one. */
static int on_cookie_check(void *ctx, const unsigned char *cookie, size_t bytes,
    const unsigned char *client, size_t client_bytes)
{
	(void)ctx;
	(void)cookie;
	(void)bytes;
	(void)client;
	(void)client_bytes;
	return 0;
}

static int on_cookie_write(void *ctx, unsigned char **p, unsigned char *end,
    const unsigned char *client, size_t client_bytes)
{
	(void)ctx;
	(void)p;
	(void)end;
	(void)client;
	(void)client_bytes;
	return MBEDTLS_ERR_SSL_INTERNAL_ERROR; /* never asked for */
}

static void config_set_suites(mbedtls_ssl_config *config)
{
	static const int suites[] = {
		MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
		MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, 0
	};
	static const uint16_t groups[] = { MBEDTLS_SSL_IANA_TLS_GROUP_X25519,
		MBEDTLS_SSL_IANA_TLS_GROUP_SECP256R1,
		MBEDTLS_SSL_IANA_TLS_GROUP_NONE };
	static const uint16_t signatures[] = {
		MBEDTLS_TLS1_3_SIG_ECDSA_SECP256R1_SHA256,
		MBEDTLS_TLS1_3_SIG_ECDSA_SECP384R1_SHA384,
		MBEDTLS_TLS1_3_SIG_NONE
	};

	mbedtls_ssl_conf_ciphersuites(config, suites);
	mbedtls_ssl_conf_groups(config, groups);
	mbedtls_ssl_conf_sig_algs(config, signatures);
	mbedtls_ssl_conf_min_tls_version(config, MBEDTLS_SSL_VERSION_TLS1_2);
	mbedtls_ssl_conf_max_tls_version(config, MBEDTLS_SSL_VERSION_TLS1_2);
	mbedtls_ssl_conf_extended_master_secret(config,
	    MBEDTLS_SSL_EXTENDED_MS_ENABLED);
	mbedtls_ssl_conf_session_tickets(config,
	    MBEDTLS_SSL_SESSION_TICKETS_DISABLED);
	mbedtls_ssl_conf_renegotiation(config,
	    MBEDTLS_SSL_RENEGOTIATION_DISABLED);
}

static int config_set(struct mbed_session *s, struct mbed_identity *id)
{
	mbedtls_ssl_config *config = &s->config;
	const bool is_client = s->link->role == DTLS_CLIENT;
	int code;

	code = mbedtls_ssl_config_defaults(config,
	    is_client ? MBEDTLS_SSL_IS_CLIENT : MBEDTLS_SSL_IS_SERVER,
	    MBEDTLS_SSL_TRANSPORT_DATAGRAM, MBEDTLS_SSL_PRESET_DEFAULT);
	if (code)
		return code;
	config_set_suites(config);
	mbedtls_ssl_conf_rng(config, mbedtls_psa_get_random,
	    MBEDTLS_PSA_RANDOM_STATE);
	mbedtls_ssl_conf_handshake_timeout(config, s->link->timeout_first_ms,
	    TIMER_NEVER_MS);
	mbedtls_ssl_conf_dtls_anti_replay(config,
	    MBEDTLS_SSL_ANTI_REPLAY_ENABLED);
	if (!is_client)
		mbedtls_ssl_conf_dtls_cookies(config, on_cookie_write,
		    on_cookie_check, s);
	/* There is no authority: on_certificate() decides alone, but without
	 * a list mbedTLS would not ask for a certificate at all. */
	mbedtls_ssl_conf_authmode(config, MBEDTLS_SSL_VERIFY_REQUIRED);
	mbedtls_ssl_conf_ca_chain(config, &id->cert, NULL);
	mbedtls_ssl_conf_cert_req_ca_list(config,
	    MBEDTLS_SSL_CERT_REQ_CA_LIST_DISABLED);
	code = mbedtls_ssl_conf_own_cert(config, &id->cert, &id->key);
	return code ?
	    code :
	    mbedtls_ssl_conf_dtls_srtp_protection_profiles(config, s->profiles);
}

static int session_set(struct mbed_session *s, struct mbed_identity *id)
{
	int code;

	for (size_t i = 0; i < s->link->profile_count; i++)
		s->profiles[i] = (mbedtls_ssl_srtp_profile)s->link->profiles[i];
	code = config_set(s, id);
	if (!code)
		code = mbedtls_ssl_setup(&s->ssl, &s->config);
	if (!code && s->link->role == DTLS_CLIENT) /* no name is expected */
		code = mbedtls_ssl_set_hostname(&s->ssl, NULL);
	if (code)
		return code;
	mbedtls_ssl_set_mtu(&s->ssl, (uint16_t)s->link->mtu_bytes);
	mbedtls_ssl_set_bio(&s->ssl, s, on_send, on_receive, NULL);
	mbedtls_ssl_set_timer_cb(&s->ssl, s, on_timer_set, on_timer_get);
	mbedtls_ssl_set_verify(&s->ssl, on_certificate, s);
	mbedtls_ssl_set_export_keys_cb(&s->ssl, on_secret, s);
	return 0;
}

static void session_free(void *session)
{
	struct mbed_session *s = session;

	mbedtls_ssl_free(&s->ssl);
	mbedtls_ssl_config_free(&s->config);
	kk_free_wiped(s, sizeof(*s));
}

static enum kk_err session_new(void **sessionp, void *identity,
    struct dtls_link *link)
{
	struct mbed_session *s = kk_calloc(1, sizeof(*s));
	enum kk_err err;

	if (!s)
		return KK_ENOMEM;
	s->link = link;
	mbedtls_ssl_config_init(&s->config);
	mbedtls_ssl_init(&s->ssl);
	err = mbed_err(session_set(s, identity));
	if (err) {
		session_free(s);
		return err;
	}
	*sessionp = s;
	return KK_OK;
}

static bool is_extended(const struct mbed_session *s)
{
	return s->has_hello &&
	    memcmp(s->hello_random, s->server_random, DTLS_RANDOM_BYTES) == 0;
}

static enum kk_err keys_take(struct mbed_session *s)
{
	struct dtls_srtp_keys *keys = &s->link->keys;
	mbedtls_dtls_srtp_info info;
	enum kk_err err;

	memset(&info, 0, sizeof(info));
	mbedtls_ssl_get_dtls_srtp_negotiation_result(&s->ssl, &info);
	keys->profile = (enum dtls_srtp)info.MBEDTLS_PRIVATE(
	    chosen_dtls_srtp_profile);
	if (!is_extended(s))
		return KK_EUNSUP;
	err = dtls_srtp_sizes(keys->profile, &keys->key_bytes,
	    &keys->salt_bytes);
	if (err)
		return err;
	if (!s->has_block)
		return KK_ECRYPTO;
	dtls_keys_split(keys, s->block);
	kk_wipe(s->block, sizeof(s->block));
	return KK_OK;
}

static enum kk_err session_finish(struct mbed_session *s)
{
	enum kk_err err = keys_take(s);

	if (err) {
		(void)mbedtls_ssl_send_alert_message(&s->ssl,
		    MBEDTLS_SSL_ALERT_LEVEL_FATAL,
		    MBEDTLS_SSL_ALERT_MSG_HANDSHAKE_FAILURE);
		return err;
	}
	s->done_ms = s->now_ms;
	s->link->is_done = true;
	return KK_OK;
}

static enum kk_err session_shake(struct mbed_session *s)
{
	int code;

	do {
		code = mbedtls_ssl_handshake(&s->ssl);
		/* What is left of a datagram that was broken off. */
	} while (code == MBEDTLS_ERR_SSL_WANT_READ && s->in.bytes > 0);
	s->in = kk_view_of(NULL, 0);
	if (code == MBEDTLS_ERR_SSL_WANT_READ)
		return KK_OK;
	if (code == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY) {
		s->link->is_closed = true;
		return KK_OK;
	}
	if (code)
		return s->link->err ? s->link->err : mbed_err(code);
	return session_finish(s);
}

/* After the end: mbedTLS repeats its last flight itself when the peer does,
 * for as long as it is let see handshake records. */
static enum kk_err session_linger(struct mbed_session *s)
{
	uint8_t dropped[64];
	int code;

	if (s->now_ms - s->done_ms >= DTLS_LINGER_MS &&
	    (s->in.bytes == 0 || s->in.data[0] != DTLS_ALERT))
		return KK_OK;
	do {
		code = mbedtls_ssl_read(&s->ssl, dropped, sizeof(dropped));
	} while (code > 0);
	s->in = kk_view_of(NULL, 0);
	if (code == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY ||
	    code == MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE)
		s->link->is_closed = true;
	return KK_OK;
}

static enum kk_err session_input(void *session, struct kk_view datagram,
    uint64_t now_ms)
{
	struct mbed_session *s = session;

	s->now_ms = now_ms;
	s->in = datagram;
	if (s->link->is_done)
		return session_linger(s);
	if (s->link->role == DTLS_CLIENT)
		hello_watch(s, datagram);
	return session_shake(s);
}

static int64_t session_timeout_ms(const void *session, uint64_t now_ms)
{
	const struct mbed_session *s = session;
	uint64_t at_ms = s->timer.start_ms + s->timer.final_ms;

	if (!s->timer.is_on || s->link->is_done)
		return -1;
	return at_ms > now_ms ? (int64_t)(at_ms - now_ms) : 0;
}

static enum kk_err session_tick(void *session, uint64_t now_ms)
{
	struct mbed_session *s = session;

	s->now_ms = now_ms;
	if (session_timeout_ms(s, now_ms) != 0)
		return KK_OK;
	s->link->counts.repeats++;
	return session_shake(s);
}

static void session_close(void *session)
{
	struct mbed_session *s = session;

	/* mbedtls_ssl_close_notify() is silent before the end. */
	(void)mbedtls_ssl_send_alert_message(&s->ssl,
	    MBEDTLS_SSL_ALERT_LEVEL_WARNING,
	    MBEDTLS_SSL_ALERT_MSG_CLOSE_NOTIFY);
}

const struct dtls_ops dtls_mbed_ops = {
	.name = "mbedtls",
	.profiles = { DTLS_SRTP_AES128_CM_SHA1_80 },
	.identity_new = mbed_identity_new,
	.identity_free = mbed_identity_free,
	.sha256 = mbed_sha256,
	.hmac = mbed_hmac,
	.session_new = session_new,
	.session_free = session_free,
	.input = session_input,
	.timeout_ms = session_timeout_ms,
	.tick = session_tick,
	.close = session_close,
};
