/* media_transport.c - transports: opened, connected, lost. */
#include <string.h>

#include "media_internal.h"

enum {
	/* Of a client's path, before it has told anything, and at all.  It
	 * begins as libwebrtc's senders do. */
	PATH_START_BPS = 300000,
	PATH_MIN_BPS = 50000,
	PATH_MAX_BPS = 50000000
};

static const char cname[] = MEDIA_CNAME;

struct media_transport_state *media_transport_get(const struct media_peer *peer,
    uint32_t number)
{
	struct media_transport_state *t = peer->transports;

	while (t && t->number != number)
		t = t->next;
	return t && t->phase != MEDIA_LOST ? t : NULL;
}

/* --- opening ------------------------------------------------------------- */

/* What goes out to a client is measured, whether or not it tells of it. */
static enum kk_err link_measure(struct media_transport_state *t)
{
	const struct estimate_config config = { .start_bps = PATH_START_BPS,
		.min_bps = PATH_MIN_BPS,
		.max_bps = PATH_MAX_BPS };
	enum kk_err err;

	if (t->direction == MEDIA_SEND)
		return KK_OK;
	err = sfu_link_measure(t->link, WIRE_TWCC_ID, &config, media_now_us());
	/* Probes begin when it tells: until then they would be for nobody. */
	if (!err)
		sfu_link_want(t->link, 0, 0);
	return err;
}

static enum kk_err link_make(struct media_transport_state *t)
{
	struct sfu_link_config config = { .cname = cname,
		.send = media_link_send,
		.arg = t,
		.counts = &t->media->sfu_counts,
		.burst = media_burst_sfu(t->media->burst) };
	enum kk_err err = media_random(&config.rtcp_ssrc,
	    sizeof(config.rtcp_ssrc));

	if (!err)
		err = sfu_link_new(&t->link, &config);
	if (!err)
		err = link_measure(t);
	if (err) {
		sfu_link_free(t->link);
		t->link = NULL;
	}
	return err;
}

static void enlist(struct media_transport_state *t)
{
	struct media *media = t->media;

	t->all_next = media->transports;
	if (t->all_next)
		t->all_next->all_prev = t;
	media->transports = t;
	t->next = t->peer->transports;
	t->peer->transports = t;
	if (media->transport_count++ == 0)
		media_timer_wake(media);
}

/* A client whose transport is lost opens another: the old one goes. */
static size_t lost_free(struct media_peer *peer)
{
	struct media_transport_state *t, *next;
	size_t count = 0;

	for (t = peer->transports; t; t = next) {
		next = t->next;
		if (t->phase == MEDIA_LOST)
			media_transport_free(t);
		else
			count++;
	}
	return count;
}

static enum kk_err state_new(struct media_transport_state **tp,
    struct media_peer *peer, enum media_direction direction)
{
	struct media_transport_state *t = kk_calloc(1, sizeof(*t));
	enum kk_err err;

	if (!t)
		return KK_ENOMEM;
	t->media = peer->meeting->media;
	t->peer = peer;
	t->direction = direction;
	err = link_make(t);
	if (!err)
		err = media_login_make(&t->login, t);
	if (err) {
		sfu_link_free(t->link);
		kk_free_wiped(t, sizeof(*t));
		return err;
	}
	t->number = ++t->media->last_transport;
	enlist(t);
	*tp = t;
	return KK_OK;
}

static void tell(const struct media_transport_state *t,
    const struct media_login *login, struct media_transport *out)
{
	*out = (struct media_transport){ .number = t->number,
		.fingerprint = dtls_identity_fingerprint_text(
		    t->media->identity) };
	memcpy(out->ufrag, login->ufrag, sizeof(out->ufrag));
	memcpy(out->pwd, login->pwd, sizeof(out->pwd));
	out->candidate_count = media_candidates(t->media, out->candidates,
	    MEDIA_CANDIDATES_MAX);
}

enum kk_err media_transport_open(struct media_peer *peer,
    enum media_direction direction, struct media_transport *out)
{
	struct media_transport_state *t = NULL;
	enum kk_err err;

	if (lost_free(peer) == MEDIA_PEER_TRANSPORTS_MAX)
		return KK_ELIMIT;
	err = state_new(&t, peer, direction);
	if (err)
		return err;
	tell(t, &t->login, out);
	return KK_OK;
}

enum kk_err media_transport_restart(struct media_peer *peer, uint32_t transport,
    struct media_transport *out)
{
	struct media_transport_state *t = media_transport_get(peer, transport);
	enum kk_err err;

	if (!t)
		return KK_ENOENT;
	err = media_login_make(&t->next_login, t);
	if (err)
		return err;
	tell(t, &t->next_login, out);
	return KK_OK;
}

static enum kk_err fingerprint_take(struct media_transport_state *t,
    const char *fingerprint)
{
	enum kk_err err;

	if (!t)
		return KK_ENOENT;
	if (t->has_fingerprint)
		return KK_ESTATE;
	err = dtls_fingerprint_read(fingerprint, t->fingerprint);
	t->has_fingerprint = !err;
	return err;
}

enum kk_err media_transport_connect(struct media_peer *peer, uint32_t transport,
    const char *fingerprint)
{
	return fingerprint_take(media_transport_get(peer, transport),
	    fingerprint);
}

enum kk_err media_transport_connect_to(struct media_peer *peer,
    uint32_t transport, const char *fingerprint)
{
	struct media_transport_state *t = media_transport_get(peer, transport);
	enum kk_err err = fingerprint_take(t, fingerprint);

	if (err)
		return err;
	t->is_dtls_client = true;
	media_dtls_start(t);
	return KK_OK;
}

/* --- ending -------------------------------------------------------------- */

static void keys_free(struct media_transport_state *t,
    const struct media_path *goodbye)
{
	media_burst_seal(t->media); /* what is on its way needs them */
	media_shake_free(t->shake, goodbye);
	srtp_tx_free(t->tx);
	srtp_rx_free(t->rx);
	t->shake = NULL;
	t->tx = NULL;
	t->rx = NULL;
}

static void logins_forget(struct media_transport_state *t)
{
	media_login_forget(&t->login);
	media_login_forget(&t->next_login);
}

void media_transport_lose(struct media_transport_state *t)
{
	if (t->phase == MEDIA_LOST)
		return;
	t->phase = MEDIA_LOST;
	keys_free(t, NULL);
	media_paths_clear(t);
	logins_forget(t);
	media_changed(t);
}

static void changed_forget(struct media_transport_state *t)
{
	struct media *media = t->media;
	struct media_transport_state **at = &media->changed;

	if (!t->is_changed)
		return;
	while (*at != t)
		at = &(*at)->changed_next;
	*at = t->changed_next;
	if (!*at)
		media->changed_end = at;
}

static void delist(struct media_transport_state *t)
{
	struct media_transport_state **at = &t->peer->transports;

	while (*at != t)
		at = &(*at)->next;
	*at = t->next;
	if (t->all_prev)
		t->all_prev->all_next = t->all_next;
	else
		t->media->transports = t->all_next;
	if (t->all_next)
		t->all_next->all_prev = t->all_prev;
	t->media->transport_count--;
}

void media_transport_free(struct media_transport_state *t)
{
	media_transport_forget(t);
	sfu_link_free(t->link);
	keys_free(t, t->path);
	media_paths_clear(t);
	logins_forget(t);
	changed_forget(t);
	delist(t);
	kk_free_wiped(t, sizeof(*t));
}

enum kk_err media_transport_close(struct media_peer *peer, uint32_t transport)
{
	struct media_transport_state *t = peer->transports;

	while (t && t->number != transport)
		t = t->next;
	if (!t)
		return KK_ENOENT;
	media_transport_free(t);
	media_out_flush(peer->meeting->media);
	return KK_OK;
}

void media_transport_tick(struct media_transport_state *t, uint64_t now_us)
{
	if (t->phase == MEDIA_LOST || t->checked_us == 0)
		return;
	if (now_us - t->checked_us > MEDIA_CONSENT_US) {
		media_transport_lose(t);
		return;
	}
	if (t->phase == MEDIA_CONNECTED)
		sfu_link_tick(t->link, now_us);
}
