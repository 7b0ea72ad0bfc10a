/* media_dtls.c - a transport's handshake, and SRTP from its keys. */
#include "media_internal.h"

struct end { /* what it sends under */
	struct kk_view key, salt;
};

static struct end end_of(const uint8_t *key, const uint8_t *salt,
    const struct dtls_srtp_keys *keys)
{
	return (struct end){ kk_view_of(key, keys->key_bytes),
		kk_view_of(salt, keys->salt_bytes) };
}

static enum kk_err srtp_make(struct media_transport_state *t,
    const struct dtls_srtp_keys *keys)
{
	enum srtp_profile profile = (enum srtp_profile)keys->profile;
	const struct end client = end_of(keys->client_key, keys->client_salt,
	    keys);
	const struct end server = end_of(keys->server_key, keys->server_salt,
	    keys);
	const struct end *ours = t->is_dtls_client ? &client : &server;
	const struct end *theirs = t->is_dtls_client ? &server : &client;
	enum kk_err err;

	err = srtp_tx_new_on(&t->tx, t->media->engines, profile, ours->key,
	    ours->salt, MEDIA_TX_SSRCS_MAX);
	if (err)
		return err;
	return srtp_rx_new_on(&t->rx, t->media->engines, profile, theirs->key,
	    theirs->salt, MEDIA_RX_SSRCS_MAX);
}

static enum kk_err finish(struct media_transport_state *t,
    const struct dtls_srtp_keys *keys)
{
	enum kk_err err = srtp_make(t, keys);

	if (err)
		return err;
	t->phase = MEDIA_CONNECTED;
	t->media->counts.handshakes++;
	media_changed(t);
	sfu_link_open(t->link, media_now_us());
	return KK_OK;
}

/* It has not begun: the peer's hello comes again, or the next check. */
static void later(struct media_transport_state *t, enum kk_err err)
{
	kk_log(t->media->config.log, KK_LOG_WARNING,
	    "handshake not begun yet transport=%u error=%s", t->number,
	    kk_err_name(err));
	if (t->phase == MEDIA_SHAKING)
		t->phase = MEDIA_OPEN;
}

void media_dtls_follow(struct media_transport_state *t, enum dtls_state state,
    enum kk_err err, const struct dtls_srtp_keys *keys)
{
	if (state == DTLS_WAITING && err) {
		later(t, err);
		return;
	}
	if (keys && t->phase != MEDIA_CONNECTED)
		err = finish(t, keys);
	if (state != DTLS_CLOSED && state != DTLS_FAILED && !err)
		return;
	if (t->phase != MEDIA_CONNECTED) {
		t->media->counts.failed_handshakes++;
		kk_log(t->media->config.log, KK_LOG_WARNING,
		    "handshake failed transport=%u error=%s", t->number,
		    kk_err_name(err));
	}
	media_transport_lose(t);
}

void media_dtls_input(struct media_transport_state *t, struct kk_view datagram)
{
	/* A hello that is here before the fingerprint comes again. */
	if (!t->has_fingerprint)
		return;
	if (t->is_dtls_client && !t->shake)
		return; /* nothing to answer */
	if (!t->shake && media_shake_new(&t->shake, t))
		return;
	if (t->phase == MEDIA_OPEN)
		t->phase = MEDIA_SHAKING;
	media_shake_input(t->shake, datagram);
}

void media_dtls_start(struct media_transport_state *t)
{
	if (!t->is_dtls_client || t->phase != MEDIA_OPEN || !t->path)
		return;
	/* Without memory: with the next check. */
	if (!t->shake && media_shake_new(&t->shake, t))
		return;
	if (media_shake_start(t->shake))
		t->phase = MEDIA_SHAKING;
}
