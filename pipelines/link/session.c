/* session.c - the RTP session: keys, packets in and out, the next tick. */
#include <string.h>

#include "pipelines/link/link_internal.h"
#include "wire/rtp.h"

enum {
	RX_SSRCS_MAX = 2 * LINK_RECEIVERS_MAX + 16, /* RTX, and RTCP's own */
	TX_SSRCS_MAX = 2 * LINK_SENDERS_MAX + 1 /* likewise */
};

static gboolean tick(gpointer arg)
{
	struct link *link = arg;

	link_silence_look(link, link_now_us());
	link_measure_tick(link, link_now_us());
	link_rtcp_tick(link, link_now_us());
	link_session_arm(link);
	return G_SOURCE_CONTINUE;
}

static gboolean source_dispatch(GSource *source, GSourceFunc fn, gpointer arg)
{
	(void)source;
	return fn(arg);
}

static GSourceFuncs source_funcs = { .dispatch = source_dispatch };

enum kk_err link_session_init(struct link *link)
{
	struct link_session *s = &link->session;

	enum kk_err err = link_measure_init(link);

	if (err)
		return err;
	s->receivers = kk_calloc(LINK_RECEIVERS_MAX, sizeof(s->receivers[0]));
	if (!s->receivers)
		return KK_ENOMEM;
	s->source = g_source_new(&source_funcs, sizeof(GSource));
	g_source_set_callback(s->source, tick, link, NULL);
	g_source_attach(s->source, link->context);
	return KK_OK;
}

void link_session_clear(struct link *link)
{
	struct link_session *s = &link->session;

	link_timer_stop(&s->source);
	link_measure_clear(link);
	srtp_tx_free(s->tx);
	srtp_rx_free(s->rx);
	for (size_t i = 0; i < s->sender_count; i++)
		hop_history_free(s->senders[i].history);
	kk_free(s->receivers);
	*s = (struct link_session){ 0 };
}

enum kk_err link_session_begin(struct link *link,
    const struct dtls_srtp_keys *keys)
{
	struct link_session *s = &link->session;
	enum srtp_profile profile = (enum srtp_profile)keys->profile;
	struct kk_view tx_key = kk_view_of(keys->client_key, keys->key_bytes);
	struct kk_view tx_salt = kk_view_of(keys->client_salt,
	    keys->salt_bytes);
	struct kk_view rx_key = kk_view_of(keys->server_key, keys->key_bytes);
	struct kk_view rx_salt = kk_view_of(keys->server_salt,
	    keys->salt_bytes);
	enum kk_err err;

	err = srtp_tx_new(&s->tx, profile, tx_key, tx_salt, TX_SSRCS_MAX);
	if (!err)
		err = srtp_rx_new(&s->rx, profile, rx_key, rx_salt,
		    RX_SSRCS_MAX);
	if (err)
		return err;
	/* RFC 3550, 8.1: random; not 0, which means none here and there. */
	s->ssrc = s->sender_count > 0 ? s->senders[0].is.ssrc :
					g_random_int() | 1;
	s->report_us = link_now_us() + LINK_REPORT_EVERY_US;
	s->ticked_us = link_now_us();
	link_session_arm(link);
	return KK_OK;
}

void link_session_end(struct link *link, bool says_bye)
{
	struct link_session *s = &link->session;

	if (says_bye && s->tx)
		link_rtcp_bye(link);
	if (s->source)
		g_source_set_ready_time(s->source, -1);
	srtp_tx_free(s->tx);
	srtp_rx_free(s->rx);
	s->tx = NULL;
	s->rx = NULL;
}

/* The first of the next report, the next NACK, the next asking. */
void link_session_arm(struct link *link)
{
	struct link_session *s = &link->session;
	uint64_t now_us = link_now_us();
	int64_t wait_us = s->report_us > now_us ?
	    (int64_t)(s->report_us - now_us) :
	    0;
	int64_t measure_us = link_measure_wait_us(link, now_us);
	int64_t silence_us = link_silence_wait_us(link, now_us);

	if (!s->tx)
		return;
	if (measure_us >= 0 && measure_us < wait_us)
		wait_us = measure_us;
	if (silence_us >= 0 && silence_us < wait_us)
		wait_us = silence_us;
	for (size_t i = 0; i < s->receiver_count; i++) {
		const struct link_rx *rx = &s->receivers[i];
		int64_t nack_us = hop_rx_wait_us(&rx->rx, now_us);
		int64_t key_us = hop_keyframe_wait_us(&rx->keyframe, now_us);

		if (nack_us >= 0 && nack_us < wait_us && rx->is.rtx_ssrc != 0)
			wait_us = nack_us;
		if (key_us >= 0 && key_us < wait_us)
			wait_us = key_us;
	}
	g_source_set_ready_time(s->source, (gint64)now_us + wait_us);
}

void link_session_rtcp(struct link *link, struct kk_view sealed)
{
	uint8_t plain[SRTP_PACKET_MAX_BYTES];
	size_t bytes = sizeof(plain);

	if (!link->session.rx)
		return;
	if (sealed.bytes > sizeof(plain) ||
	    srtp_rx_open_rtcp(link->session.rx, sealed, plain, &bytes)) {
		link->counts.refused++;
		return;
	}
	link_heard(link);
	link_rtcp_take(link, kk_view_of(plain, bytes));
	link_session_arm(link);
}
