/* media_dtls.c - a transport's handshake, and SRTP from its keys. */
#include "media_internal.h"

enum {
	US_PER_MS = 1000,
	/* As long as consent: what takes longer is over for the client, too. */
	GIVE_UP_MS = MEDIA_CONSENT_US / US_PER_MS
};

static enum kk_err machine_make(struct media_transport_state *t)
{
	struct dtls_config config = { .role = DTLS_SERVER,
		.fingerprints =
		    (const uint8_t(*)[DTLS_FINGERPRINT_BYTES])t->fingerprint,
		.fingerprint_count = 1,
		.profiles = { DTLS_SRTP_AEAD_AES_128_GCM,
		    DTLS_SRTP_AEAD_AES_256_GCM, DTLS_SRTP_AES128_CM_SHA1_80 },
		.profile_count = 3,
		.give_up_ms = GIVE_UP_MS };

	/* By the identity's own clock: peers trust the fingerprint, so there
	 * is no date by which it would be of no use. */
	return dtls_new(&t->dtls, t->media->identity, &config,
	    t->media->identity_s);
}

void media_dtls_send(struct media_transport_state *t)
{
	while (t->dtls && t->path) {
		uint8_t *out = media_out_room(t->media);
		size_t bytes = MEDIA_DATAGRAM_BYTES;

		if (dtls_take(t->dtls, out, &bytes))
			break;
		media_out_commit(t->media, bytes, &t->path->remote,
		    &t->path->local);
	}
}

static enum kk_err srtp_make(struct media_transport_state *t,
    const struct dtls_srtp_keys *keys)
{
	enum srtp_profile profile = (enum srtp_profile)keys->profile;
	enum kk_err err;

	err = srtp_tx_new_on(&t->tx, t->media->engines, profile,
	    kk_view_of(keys->server_key, keys->key_bytes),
	    kk_view_of(keys->server_salt, keys->salt_bytes),
	    MEDIA_TX_SSRCS_MAX);
	if (err)
		return err;
	return srtp_rx_new_on(&t->rx, t->media->engines, profile,
	    kk_view_of(keys->client_key, keys->key_bytes),
	    kk_view_of(keys->client_salt, keys->salt_bytes),
	    MEDIA_RX_SSRCS_MAX);
}

static enum kk_err finish(struct media_transport_state *t, uint64_t now_us)
{
	struct dtls_srtp_keys keys;
	enum kk_err err = dtls_keys_take(t->dtls, &keys);

	if (!err)
		err = srtp_make(t, &keys);
	kk_wipe(&keys, sizeof(keys));
	if (err)
		return err;
	t->phase = MEDIA_CONNECTED;
	t->media->counts.handshakes++;
	media_changed(t);
	sfu_link_open(t->link, now_us);
	return KK_OK;
}

/* The machine has moved: what it has to say goes out, then its state counts. */
static void follow(struct media_transport_state *t, enum kk_err err,
    uint64_t now_us)
{
	enum dtls_state state = dtls_state(t->dtls);

	media_dtls_send(t);
	if (state == DTLS_DONE && t->phase != MEDIA_CONNECTED)
		err = finish(t, now_us);
	if (state != DTLS_CLOSED && state != DTLS_FAILED && !err)
		return;
	if (t->phase != MEDIA_CONNECTED) {
		t->media->counts.failed_handshakes++;
		kk_log(t->media->config.log, KK_LOG_WARNING,
		    "handshake failed transport=%u error=%s", t->number,
		    kk_err_name(err ? err : dtls_error(t->dtls)));
	}
	media_transport_lose(t);
}

void media_dtls_input(struct media_transport_state *t, struct kk_view datagram,
    uint64_t now_us)
{
	enum kk_err err = KK_OK;

	/* A hello that is here before the fingerprint comes again. */
	if (!t->has_fingerprint)
		return;
	if (!t->dtls) {
		err = machine_make(t);
		if (err) {
			kk_log(t->media->config.log, KK_LOG_ERROR,
			    "no handshake transport=%u error=%s", t->number,
			    kk_err_name(err));
			return;
		}
		t->phase = MEDIA_SHAKING;
	}
	err = dtls_input(t->dtls, datagram, now_us / US_PER_MS);
	follow(t, err, now_us);
}

void media_dtls_tick(struct media_transport_state *t, uint64_t now_us)
{
	if (t->dtls)
		follow(t, dtls_tick(t->dtls, now_us / US_PER_MS), now_us);
}
