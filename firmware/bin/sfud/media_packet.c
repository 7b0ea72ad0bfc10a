/* media_packet.c - one datagram in. */
#include "media_internal.h"
#include "wire/demux.h"

enum { US_PER_S = 1000000 };

/* A bucket of half a second's packets, never more. */
static bool may_send(struct media_transport_state *t, uint64_t now_us)
{
	const uint64_t per_s = t->media->config.packets_per_s;
	const uint64_t most = per_s * US_PER_S / 2;

	if (per_s == 0)
		return true;
	t->budget += (now_us - t->budget_us) * per_s;
	t->budget_us = now_us;
	if (t->budget > most)
		t->budget = most;
	if (t->budget < US_PER_S) {
		t->media->counts.limited_packets++;
		return false;
	}
	t->budget -= US_PER_S;
	return true;
}

static bool is_held(const void *arg, uint32_t ssrc)
{
	return sfu_link_has_source(arg, ssrc);
}

static enum kk_err packet_open(struct media_transport_state *t,
    struct kk_view datagram, bool is_rtcp, uint8_t *plain, size_t *bytes)
{
	return is_rtcp ? srtp_rx_open_rtcp(t->rx, datagram, plain, bytes) :
			 srtp_rx_open_rtp(t->rx, datagram, plain, bytes);
}

/* plain has room of MEDIA_DATAGRAM_BYTES. */
static enum kk_err packet_open_any(struct media_transport_state *t,
    struct kk_view datagram, bool is_rtcp, uint8_t *plain, size_t *bytes)
{
	enum kk_err err;

	*bytes = MEDIA_DATAGRAM_BYTES;
	err = packet_open(t, datagram, is_rtcp, plain, bytes);
	/* Whoever begins one source after the other goes on.  What a stranger
	 * can do with packets of its own is to make us forget one place, of a
	 * source that has ended: then there is room, and they are refused. */
	if (err == KK_ELIMIT &&
	    srtp_rx_forget_oldest(t->rx, is_held, t->link)) {
		*bytes = MEDIA_DATAGRAM_BYTES;
		err = packet_open(t, datagram, is_rtcp, plain, bytes);
	}
	return err;
}

static enum kk_err rtcp_take(struct media_transport_state *t,
    struct kk_view datagram, uint64_t now_us)
{
	uint8_t plain[MEDIA_DATAGRAM_BYTES];
	size_t bytes;
	enum kk_err err = packet_open_any(t, datagram, true, plain, &bytes);

	/* Now that it is the participant's own: others' forgeries are no reason
	 * to drop its packets. */
	if (err || !may_send(t, now_us))
		return err;
	return sfu_link_rtcp(t->link, kk_view_of(plain, bytes), now_us);
}

/* The hop's plaintext lives in the burst only, and in the store. */
static enum kk_err rtp_take(struct media_transport_state *t,
    struct kk_view datagram, uint64_t now_us)
{
	uint8_t *plain = media_burst_room(t->media);
	size_t bytes;
	enum kk_err err = packet_open_any(t, datagram, false, plain, &bytes);

	if (err || !may_send(t, now_us))
		return err;
	media_burst_keep(t->media);
	return sfu_link_rtp(t->link, kk_view_of(plain, bytes), now_us);
}

static enum kk_err packet_take(struct media_transport_state *t,
    struct kk_view datagram, bool is_rtcp, uint64_t now_us)
{
	if (t->phase != MEDIA_CONNECTED)
		return KK_ESTATE;
	return is_rtcp ? rtcp_take(t, datagram, now_us) :
			 rtp_take(t, datagram, now_us);
}

void media_input(struct media *media, struct kk_view datagram,
    const struct media_address *remote, const struct media_address *local,
    uint64_t now_us)
{
	enum wire_kind kind = wire_kind_of(datagram);
	struct media_path *path;

	media->counts.in_packets++;
	media->counts.in_bytes += datagram.bytes;
	if (kind == WIRE_KIND_STUN) {
		media_stun_input(media, datagram, remote, local, now_us);
		return;
	}
	path = media_path_find(media, remote);
	if (path && kind == WIRE_KIND_DTLS)
		media_dtls_input(path->transport, datagram);
	else if (!path || (kind != WIRE_KIND_RTP && kind != WIRE_KIND_RTCP) ||
	    packet_take(path->transport, datagram, kind == WIRE_KIND_RTCP,
		now_us))
		media->counts.refused_packets++;
}
