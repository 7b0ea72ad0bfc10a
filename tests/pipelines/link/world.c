/* world.c - a link and its peer. */
#include "world.h"

#include <string.h>

enum { PAYLOAD_BYTES = 200, CLOCK_HZ = 90000, STEP_TS = 3000 };

static void state_changed(void *arg, enum link_state state, enum kk_err why)
{
	struct world *w = arg;

	g_mutex_lock(&w->mutex);
	if (w->state_count < WORLD_STATES_MAX)
		w->states[w->state_count++] = state;
	w->why = why;
	g_mutex_unlock(&w->mutex);
}

static void key_frame_wanted(void *arg, uint32_t ssrc)
{
	struct world *w = arg;

	g_mutex_lock(&w->mutex);
	w->wanted++;
	w->wanted_ssrc = ssrc;
	g_mutex_unlock(&w->mutex);
}

static void packet_came(void *arg, struct kk_view packet)
{
	struct world *w = arg;

	g_mutex_lock(&w->mutex);
	if (w->packet_count < WORLD_PACKETS_MAX)
		w->seqs[w->packet_count++] = wire_get_u16(packet.data + 2);
	memcpy(w->packet.data, packet.data, packet.bytes);
	w->packet.bytes = packet.bytes;
	g_mutex_unlock(&w->mutex);
}

static void audio_came(void *arg, struct kk_view packet)
{
	struct world *w = arg;

	(void)packet;
	g_mutex_lock(&w->mutex);
	w->audio_count++;
	g_mutex_unlock(&w->mutex);
}

static void reported(void *arg, uint64_t ntp, uint32_t timestamp)
{
	struct world *w = arg;

	g_mutex_lock(&w->mutex);
	w->reported++;
	w->ntp = ntp;
	w->timestamp = timestamp;
	g_mutex_unlock(&w->mutex);
}

static void estimate_changed(void *arg, uint64_t bps)
{
	struct world *w = arg;

	g_mutex_lock(&w->mutex);
	w->room_bps = bps;
	w->room_count++;
	g_mutex_unlock(&w->mutex);
}

struct world *world_new(const char *address)
{
	struct world *w;

	if (!dtls_backend_is_here(DTLS_BACKEND_OPENSSL))
		SKIP("the peer's OpenSSL is not in this build");
	w = g_new0(struct world, 1);
	w->peer = peer_new(address);
	if (!w->peer) {
		g_free(w);
		SKIP("this machine has not the address");
	}
	g_mutex_init(&w->mutex);
	w->config = (struct link_config){ .cname = "roomroomroom",
		.state_changed = state_changed,
		.key_frame_wanted = key_frame_wanted,
		.estimate_changed = estimate_changed,
		.arg = w };
	return w;
}

void world_free(struct world *w)
{
	link_free(w->link);
	peer_free(w->peer);
	g_mutex_clear(&w->mutex);
	g_free(w);
}

void world_link(struct world *w)
{
	struct link_sender sender = { WORLD_SENDER, CLOCK_HZ, WORLD_SENDER_RTX,
		WORLD_VP8_RTX };
	struct link_receiver slot = { .ssrc = WORLD_SLOT,
		.payload_type = WORLD_VP8,
		.rtx_ssrc = WORLD_SLOT_RTX,
		.rtx_payload_type = WORLD_VP8_RTX,
		.vp9_payload_type = WORLD_VP9,
		.vp9_rtx_payload_type = WORLD_VP9_RTX,
		.clock_hz = CLOCK_HZ,
		.is_video = true,
		.packet = packet_came,
		.reported = reported,
		.arg = w };
	struct link_receiver audio = { .ssrc = WORLD_AUDIO_SLOT,
		.payload_type = WORLD_OPUS,
		.clock_hz = 48000,
		.packet = audio_came,
		.arg = w };

	CHECK_OK(link_new(&w->link, &w->config));
	CHECK_OK(link_sender_add(w->link, &sender));
	CHECK_OK(link_receiver_add(w->link, &slot));
	CHECK_OK(link_receiver_add(w->link, &audio));
}

struct link_remote world_remote(struct world *w)
{
	static struct link_candidate candidate;

	candidate = (struct link_candidate){
		w->peer->own.ss_family == AF_INET6 ? "::1" : "127.0.0.1",
		peer_port(w->peer), 2130706431, "1", false
	};
	return (struct link_remote){ .ufrag = w->peer->ufrag,
		.pwd = w->peer->pwd,
		.fingerprint = dtls_identity_fingerprint_text(
		    w->peer->identity),
		.candidates = &candidate,
		.candidate_count = 1 };
}

void world_start(struct world *w)
{
	struct link_remote remote = world_remote(w);

	peer_expect(w->peer, link_fingerprint(w->link));
	CHECK_OK(link_remote_set(w->link, &remote));
}

struct condition {
	struct world *w;
	bool (*is_done)(struct world *w);
};

static bool condition_holds(void *arg)
{
	struct condition *c = arg;
	bool holds;

	g_mutex_lock(&c->w->mutex);
	holds = c->is_done(c->w);
	g_mutex_unlock(&c->w->mutex);
	return holds;
}

void world_until(struct world *w, bool (*is_done)(struct world *w))
{
	struct condition c = { w, is_done };

	CHECK(peer_until(w->peer, condition_holds, &c));
}

static bool has_state(const struct world *w, enum link_state state)
{
	for (size_t i = 0; i < w->state_count; i++)
		if (w->states[i] == state)
			return true;
	return false;
}

bool world_is_connected(struct world *w)
{
	return has_state(w, LINK_CONNECTED);
}

bool world_is_lost(struct world *w)
{
	return has_state(w, LINK_LOST);
}

bool world_has_packets(struct world *w)
{
	return w->packet_count >= w->want;
}

void world_connect(struct world *w)
{
	world_link(w);
	world_start(w);
	world_until(w, world_is_connected);
	CHECK(peer_until(w->peer, peer_is_connected, w->peer));
}

enum kk_err world_send(struct world *w, uint16_t seq)
{
	uint8_t payload[PAYLOAD_BYTES] = { 0 };
	uint8_t packet[LINK_PACKET_MAX_BYTES];
	struct peer_rtp rtp = { WORLD_SENDER, WORLD_VP8, seq,
		(uint32_t)seq * STEP_TS, kk_view_of(payload, sizeof(payload)) };

	memset(payload, seq & 0xff, sizeof(payload));
	return link_send_rtp(w->link,
	    kk_view_of(packet, peer_rtp_write(packet, sizeof(packet), &rtp)));
}

void world_peer_send(struct world *w, uint32_t ssrc, uint16_t seq)
{
	/* A VP8 descriptor with nothing set, and no key frame behind it. */
	uint8_t payload[PAYLOAD_BYTES] = { 0, 1 };
	uint8_t packet[LINK_PACKET_MAX_BYTES];
	struct peer_rtp rtp = { ssrc,
		ssrc == WORLD_AUDIO_SLOT ? WORLD_OPUS : WORLD_VP8, seq,
		(uint32_t)seq * STEP_TS, kk_view_of(payload, sizeof(payload)) };

	payload[PAYLOAD_BYTES - 1] = (uint8_t)seq;
	peer_send_rtp(w->peer,
	    kk_view_of(packet, peer_rtp_write(packet, sizeof(packet), &rtp)));
}

void world_peer_resend(struct world *w, uint16_t rtx_seq, uint16_t seq)
{
	uint8_t payload[2 + PAYLOAD_BYTES] = { (uint8_t)(seq >> 8),
		(uint8_t)seq, 0, 1 };
	uint8_t packet[LINK_PACKET_MAX_BYTES];
	struct peer_rtp rtp = { WORLD_SLOT_RTX, WORLD_VP8_RTX, rtx_seq,
		(uint32_t)seq * STEP_TS, kk_view_of(payload, sizeof(payload)) };

	payload[1 + PAYLOAD_BYTES] = (uint8_t)seq;
	peer_send_rtp(w->peer,
	    kk_view_of(packet, peer_rtp_write(packet, sizeof(packet), &rtp)));
}

void world_peer_frame(struct world *w, uint16_t seq, bool is_key)
{
	/* RFC 7741, 4.2 and 4.3: S, partition 0; P is clear in a key frame. */
	uint8_t payload[PAYLOAD_BYTES] = { 0x10, is_key ? 0 : 1 };
	uint8_t packet[LINK_PACKET_MAX_BYTES];
	struct peer_rtp rtp = { WORLD_SLOT, WORLD_VP8, seq,
		(uint32_t)seq * STEP_TS, kk_view_of(payload, sizeof(payload)) };

	peer_send_rtp(w->peer,
	    kk_view_of(packet, peer_rtp_write(packet, sizeof(packet), &rtp)));
}
