/* secure.c - the DTLS handshake, and its keys for the session. */
#include "pipelines/link/link_internal.h"

enum {
	US_PER_S = 1000000,
	/* A round trip is far shorter, and a packet small: no need to wait as
	 * long as RFC 6347, 4.2.4.1 has it for any network. */
	TIMEOUT_FIRST_MS = 250,
	TIMEOUT_MAX_MS = 1000
};

enum kk_err link_secure_prepare(struct link *link, const char *fingerprint)
{
	uint8_t expected[1][DTLS_FINGERPRINT_BYTES];
	struct dtls_config config = { .role = DTLS_CLIENT,
		.fingerprints =
		    (const uint8_t(*)[DTLS_FINGERPRINT_BYTES])expected,
		.fingerprint_count = 1,
		.profiles = { DTLS_SRTP_AES128_CM_SHA1_80 },
		.profile_count = 1,
		.timeout_first_ms = TIMEOUT_FIRST_MS,
		.timeout_max_ms = TIMEOUT_MAX_MS };
	enum kk_err err;

	if (!fingerprint)
		return KK_EFORMAT;
	err = dtls_fingerprint_read(fingerprint, expected[0]);
	if (err)
		return err;
	return dtls_new(&link->secure.machine, link->identity, &config,
	    (uint64_t)g_get_real_time() / US_PER_S);
}

static void flush(struct link *link)
{
	uint8_t out[DTLS_DATAGRAM_MAX_BYTES];
	size_t bytes = sizeof(out);

	while (!dtls_take(link->secure.machine, out, &bytes)) {
		(void)link_ice_send(link, kk_view_of(out, bytes));
		bytes = sizeof(out);
	}
}

static void keys_use(struct link *link)
{
	struct dtls_srtp_keys keys;
	enum kk_err err = dtls_keys_take(link->secure.machine, &keys);

	if (err)
		return; /* taken before */
	err = link_session_begin(link, &keys);
	kk_wipe(&keys, sizeof(keys));
	if (err) {
		link_lose(link, err);
		return;
	}
	link_timer_stop(&link->connect_timer);
	link_state_change(link, LINK_CONNECTED, KK_OK);
}

static gboolean tick(gpointer arg);

static void settle(struct link *link, enum kk_err err)
{
	struct link_secure *s = &link->secure;
	int64_t wait_ms = dtls_timeout_ms(s->machine, link_now_ms());

	flush(link); /* a failure has its alert */
	link_timer_stop(&s->timer);
	if (err) {
		link_lose(link, err);
		return;
	}
	if (wait_ms >= 0)
		s->timer = link_timer_start(link, (uint64_t)wait_ms, tick);
	if (dtls_state(s->machine) == DTLS_DONE)
		keys_use(link);
	else if (dtls_state(s->machine) == DTLS_CLOSED)
		link_lose(link, KK_EDENIED);
}

static gboolean tick(gpointer arg)
{
	struct link *link = arg;

	settle(link, dtls_tick(link->secure.machine, link_now_ms()));
	return G_SOURCE_REMOVE;
}

void link_secure_start(struct link *link)
{
	struct link_secure *s = &link->secure;

	if (s->has_started || !s->machine)
		return;
	s->has_started = true;
	settle(link, dtls_start(s->machine, link_now_ms()));
}

void link_secure_input(struct link *link, struct kk_view datagram)
{
	struct link_secure *s = &link->secure;

	if (!s->has_started || link_state(link) == LINK_LOST)
		return;
	settle(link, dtls_input(s->machine, datagram, link_now_ms()));
}

void link_secure_close(struct link *link)
{
	struct link_secure *s = &link->secure;

	if (!s->has_started)
		return;
	dtls_close(s->machine);
	flush(link);
}

void link_secure_clear(struct link *link)
{
	link_timer_stop(&link->secure.timer);
	dtls_free(link->secure.machine);
	link->secure = (struct link_secure){ 0 };
}
