/* peer_shake.c - DTLS as the client, and SRTP from its keys. */
#include <time.h>

#include "tools/load/load.h"

/* As browsers have it: a server that is not ready yet is asked again soon. */
enum { RETRY_MS = 50 };

static void flush(struct load_member *m)
{
	uint8_t out[DTLS_DATAGRAM_MAX_BYTES];
	size_t bytes = sizeof(out);

	while (!dtls_take(m->peer.dtls, out, &bytes)) {
		load_peer_send(m, kk_view_of(out, bytes));
		bytes = sizeof(out);
	}
}

static enum kk_err start(struct load_member *m)
{
	struct load_peer *p = &m->peer;
	struct dtls_config config = { .role = DTLS_CLIENT,
		.fingerprints = (const uint8_t(*)[DTLS_FINGERPRINT_BYTES])
		    p->remote.fingerprint,
		.fingerprint_count = 1,
		.profiles = { DTLS_SRTP_AEAD_AES_128_GCM },
		.profile_count = 1,
		.timeout_first_ms = RETRY_MS };
	enum kk_err err = dtls_new(&p->dtls, m->load->identity, &config,
	    (uint64_t)time(NULL));

	return err ? err : dtls_start(p->dtls, load_now_us() / LOAD_US_PER_MS);
}

void load_peer_shake(struct load_member *m)
{
	enum kk_err err;

	m->peer.phase = LOAD_PEER_SHAKING;
	m->peer.shaking_us = load_now_us();
	err = start(m);
	if (err)
		load_peer_fail(m, "cannot begin DTLS", err);
	else
		flush(m);
}

static enum kk_err keys_use(struct load_peer *p)
{
	struct dtls_srtp_keys keys;
	enum kk_err err = dtls_keys_take(p->dtls, &keys);

	if (err)
		return err;
	err = srtp_tx_new(&p->tx, (enum srtp_profile)keys.profile,
	    kk_view_of(keys.client_key, keys.key_bytes),
	    kk_view_of(keys.client_salt, keys.salt_bytes), LOAD_SSRCS_MAX);
	if (!err)
		err = srtp_rx_new(&p->rx, (enum srtp_profile)keys.profile,
		    kk_view_of(keys.server_key, keys.key_bytes),
		    kk_view_of(keys.server_salt, keys.salt_bytes),
		    LOAD_SSRCS_MAX);
	kk_wipe(&keys, sizeof(keys));
	return err;
}

static void proceed(struct load_member *m)
{
	struct load_peer *p = &m->peer;
	enum kk_err err;

	if (p->phase != LOAD_PEER_SHAKING || dtls_state(p->dtls) != DTLS_DONE)
		return;
	err = keys_use(p);
	if (err) {
		load_peer_fail(m, "no SRTP", err);
		return;
	}
	p->phase = LOAD_PEER_READY;
	p->ready_us = load_now_us();
	load_member_ready(m);
}

static void after(struct load_member *m, enum kk_err err)
{
	if (err) {
		load_peer_fail(m, "DTLS", err);
		return;
	}
	flush(m);
	proceed(m);
}

void load_peer_dtls(struct load_member *m, struct kk_view datagram)
{
	struct load_peer *p = &m->peer;

	if (!p->dtls || p->phase == LOAD_PEER_FAILED)
		return;
	after(m, dtls_input(p->dtls, datagram, load_now_us() / LOAD_US_PER_MS));
	if (p->phase == LOAD_PEER_READY && dtls_state(p->dtls) == DTLS_CLOSED)
		load_peer_fail(m, "the server has ended it", KK_ESTATE);
}

void load_peer_shake_tick(struct load_member *m)
{
	after(m, dtls_tick(m->peer.dtls, load_now_us() / LOAD_US_PER_MS));
}
