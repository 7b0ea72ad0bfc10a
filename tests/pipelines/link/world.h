/* world.h - a link, its peer, and what the link's callbacks have told. */
#pragma once
#include "peer.h"
#include "pipelines/link/link.h"

enum {
	WORLD_STATES_MAX = 8,
	WORLD_PACKETS_MAX = 4096,
	WORLD_SENDER = 0x11111111, /* SSRCs */
	WORLD_SENDER_RTX = 0x11112222,
	WORLD_SLOT = 0x22222222,
	WORLD_SLOT_RTX = 0x33333333,
	WORLD_AUDIO_SLOT = 0x44444444,
	WORLD_VP8 = 96,
	WORLD_VP8_RTX = 97,
	WORLD_VP9 = 98,
	WORLD_VP9_RTX = 99,
	WORLD_OPUS = 111
};

struct world {
	struct link *link;
	struct peer *peer;
	struct link_config config;
	GMutex mutex; /* for what follows: callbacks come on a thread */
	enum link_state states[WORLD_STATES_MAX];
	size_t state_count;
	enum kk_err why;
	unsigned wanted;
	uint32_t wanted_ssrc;
	uint16_t seqs[WORLD_PACKETS_MAX]; /* of WORLD_SLOT, as they came */
	size_t packet_count;
	struct peer_sealed packet; /* the last */
	unsigned audio_count;
	unsigned reported;
	uint64_t ntp;
	uint32_t timestamp;
	uint64_t room_bps; /* the last estimate told; 0: none */
	unsigned room_count;
	size_t want; /* for the conditions below */
};

/* A peer and a configuration; skips the test where address is not.  On the
 * heap: a test that fails leaves its link alone with it. */
struct world *world_new(const char *address);
void world_free(struct world *w); /* frees the link first */

void world_link(struct world *w); /* link, sender, slots; nothing is sent */
struct link_remote world_remote(struct world *w); /* static parts inside */
void world_start(struct world *w); /* link_remote_set(), peer_expect() */
void world_connect(struct world *w); /* all of it, until media can go */

/* Conditions for world_until(). */
bool world_is_connected(struct world *w);
bool world_is_lost(struct world *w);
bool world_has_packets(struct world *w); /* want of them, of WORLD_SLOT */
void world_until(struct world *w, bool (*is_done)(struct world *w));

/* Sends a packet of WORLD_SENDER whose payload names its number. */
enum kk_err world_send(struct world *w, uint16_t seq);
/* The peer sends one of a slot, or of its RTX stream. */
void world_peer_send(struct world *w, uint32_t ssrc, uint16_t seq);
void world_peer_resend(struct world *w, uint16_t rtx_seq, uint16_t seq);
/* A VP8 packet that begins a frame. */
void world_peer_frame(struct world *w, uint16_t seq, bool is_key);
