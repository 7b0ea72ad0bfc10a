/* world.h - publishers and receivers around the forwarder, without network. */
#pragma once
#include "sfu/sfu.h"
#include "wire/rtcp.h"
#include "wire/rtp.h"
#include "wire/vp8.h"

enum {
	WORLD_OUT_MAX = 4096,
	WORLD_PACKET_BYTES = 1600,
	WORLD_MS = 1000,
	WORLD_START_US = 50000000,
	WORLD_TWCC_ID = 5
};

struct world_out { /* what a link has sent, in order */
	struct {
		uint8_t data[WORLD_PACKET_BYTES];
		size_t bytes;
		bool is_rtcp;
	} list[WORLD_OUT_MAX];
	size_t count;
};

struct world_peer { /* a transport of somebody's */
	struct sfu_link *link;
	struct world_out *out;
	struct sfu_counts *counts;
};

struct world_stream { /* of a publisher: its numbers go on */
	struct world_peer *peer;
	struct sfu_source *source;
	struct sfu_source_config config;
	uint16_t seq, twcc, picture_id;
	uint8_t tl0;
	uint32_t timestamp;
	bool is_short; /* picture ids of 7 bits */
};

void world_peer_make(struct world_peer *peer, struct sfu_counts *counts);
void world_peer_open(struct world_peer *peer, struct sfu_counts *counts);
/* Likewise; burst may be NULL. */
void world_peer_open_in(struct world_peer *peer, struct sfu_counts *counts,
    struct sfu_burst *burst);
void world_peer_close(struct world_peer *peer);
struct kk_view world_out_at(const struct world_peer *peer, size_t i);
void world_out_clear(struct world_peer *peer);
/* The ith RTP packet that it was sent; false beyond the last. */
bool world_rtp_at(const struct world_peer *peer, size_t i,
    struct wire_rtp *rtp);
/* The ith feedback of a type and format that it was sent. */
bool world_fb_at(const struct world_peer *peer, size_t i, unsigned type,
    unsigned fmt, struct wire_rtcp_fb *fb);

void world_publish(struct world_stream *s, struct world_peer *peer,
    enum sfu_kind kind, uint32_t ssrc);
struct sfu_slot *world_slot(struct world_peer *peer, enum sfu_kind kind,
    uint32_t ssrc);

struct world_frame { /* one packet of a frame */
	bool is_key, is_start, is_end;
	uint8_t fill;
};
/* Makes the stream's next packet; returns its length. */
size_t world_packet(struct world_stream *s, const struct world_frame *f,
    uint8_t *out);
/* Makes it and gives it to the forwarder. */
void world_send(struct world_stream *s, const struct world_frame *f,
    uint64_t now_us);
/* A frame of count packets, and the clock's step to the next. */
void world_frame(struct world_stream *s, bool is_key, unsigned count,
    uint64_t now_us);

/* RTCP of a peer. */
void world_nack(struct world_peer *peer, uint32_t ssrc, const uint16_t *seqs,
    size_t count, uint64_t now_us);
void world_pli(struct world_peer *peer, uint32_t ssrc, uint64_t now_us);
void world_sr(struct world_stream *s, uint64_t ntp, uint32_t timestamp,
    uint64_t now_us);
