/*
 * media_burst.c - packets in the middle of their way: those that have come
 * together, until they are shown, and those that are shown, until they are
 * sealed.
 *
 * Nothing waits here for more to come: media_out_flush(), at the end of
 * whatever the loop has called, leaves both empty.
 */
#include <string.h>

#include "media_internal.h"
#include "wire/rtp.h"

enum { SEALS_MAX = 32 };

struct media_burst {
	struct sfu_burst *sfu;
	size_t count; /* plaintexts that came */
	uint8_t plain[MEDIA_BATCH][MEDIA_DATAGRAM_BYTES];
	/* What goes out. */
	size_t seal_count;
	struct srtp_seal seals[SEALS_MAX];
	struct media_transport_state *to[SEALS_MAX];
	uint8_t shown[SEALS_MAX][MEDIA_DATAGRAM_BYTES];
};

enum kk_err media_burst_new(struct media_burst **burstp)
{
	struct media_burst *burst = kk_calloc(1, sizeof(*burst));
	enum kk_err err;

	if (!burst)
		return KK_ENOMEM;
	err = sfu_burst_new(&burst->sfu);
	if (err) {
		kk_free(burst);
		return err;
	}
	*burstp = burst;
	return KK_OK;
}

void media_burst_free(struct media_burst *burst)
{
	if (!burst)
		return;
	sfu_burst_free(burst->sfu);
	kk_free(burst);
}

struct sfu_burst *media_burst_sfu(const struct media_burst *burst)
{
	return burst->sfu;
}

/* --- in ------------------------------------------------------------------ */

uint8_t *media_burst_room(struct media *media)
{
	struct media_burst *burst = media->burst;

	if (burst->count == MEDIA_BATCH)
		media_burst_end(media);
	return burst->plain[burst->count];
}

void media_burst_keep(struct media *media)
{
	media->burst->count++;
}

void media_burst_end(struct media *media)
{
	struct media_burst *burst = media->burst;

	if (burst->count > 0)
		sfu_burst_end(burst->sfu);
	burst->count = 0;
}

/* --- out ----------------------------------------------------------------- */

static void rtcp_send(struct media_transport_state *t, struct kk_view packet)
{
	uint8_t *out = media_out_room(t->media);
	size_t bytes = MEDIA_DATAGRAM_BYTES;

	if (!srtp_tx_seal_rtcp(t->tx, packet, out, &bytes))
		media_out_commit_to(t->media, bytes, t->path);
}

static void rtp_send(struct media_transport_state *t, struct kk_view packet)
{
	struct media_burst *burst = t->media->burst;
	size_t at = burst->seal_count;
	struct wire_rtp rtp;

	if (packet.bytes > MEDIA_DATAGRAM_BYTES ||
	    wire_rtp_header_parse(&rtp, packet))
		return;
	memcpy(burst->shown[at], packet.data, packet.bytes);
	burst->to[at] = t;
	burst->seals[at] = (struct srtp_seal){ .tx = t->tx,
		.header = kk_view_of(burst->shown[at], rtp.header_bytes),
		.payload = kk_view_of(burst->shown[at] + rtp.header_bytes,
		    packet.bytes - rtp.header_bytes) };
	if (++burst->seal_count == SEALS_MAX)
		media_burst_seal(t->media);
}

void media_link_send(void *arg, struct kk_view packet, bool is_rtcp)
{
	struct media_transport_state *t = arg;

	if (t->phase != MEDIA_CONNECTED || !t->path)
		return;
	if (is_rtcp)
		rtcp_send(t, packet);
	else
		rtp_send(t, packet);
}

void media_burst_seal(struct media *media)
{
	struct media_burst *burst = media->burst;
	const size_t count = burst->seal_count;

	if (count == 0)
		return;
	burst->seal_count = 0; /* there is room, and it is asked for again */
	media_out_reserve(media, count);
	for (size_t i = 0; i < count; i++) {
		burst->seals[i].out = media_out_room_at(media, i);
		burst->seals[i].out_bytes = MEDIA_DATAGRAM_BYTES;
	}
	srtp_seal_many(burst->seals, count);
	for (size_t i = 0; i < count; i++)
		media_out_commit_to(media, burst->seals[i].out_bytes,
		    burst->to[i]->path);
}
