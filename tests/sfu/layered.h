/*
 * layered.h - a camera with layers, and a receiver that checks what its decoder
 * would: each frame whole, after all that it refers to, under numbers that go
 * on.  A frame says in its payload which it is, and what it refers to.
 */
#pragma once
#include "sfu/world.h"

enum {
	LAYERED_IDS_MAX = 1 << 14, /* frames of an encoding */
	LAYERED_SEEN_MAX = 1 << 16,
	LAYERED_DD_ID = 7,
	LAYERED_STEP = 3000, /* 30 pictures a second */
	LAYERED_STEP_US = 33333
};

struct layered_encoding {
	uint16_t seq, picture_id;
	uint8_t tl0;
	uint32_t timestamp, ssrc;
	uint32_t id; /* of the next frame */
	unsigned since; /* pictures since the key frame */
	bool needs_key;
};

struct layered { /* the camera */
	struct world_peer *peer;
	struct sfu_source *source;
	struct sfu_source_config config;
	struct layered_encoding encodings[SFU_ENCODINGS_MAX];
	const struct dd_template *svc; /* NULL: VP8 */
	unsigned packets; /* of a frame */
	bool is_short; /* picture ids of 7 bits */
	bool has_dd; /* of VP8, too, which has no use for it */
	bool is_stopped[SFU_ENCODINGS_MAX];
	/* Decides each packet's fate; NULL: all go through.  False: it is lost
	 * on its way; raw stays with the test. */
	bool (*pass)(void *arg, struct kk_view raw, unsigned encoding);
	void *arg;
};

void layered_publish(struct layered *l, struct world_peer *peer, uint32_t ssrc,
    const struct dd_template *svc);
/* Takes key frame requests in, then sends a picture of all encodings. */
void layered_picture(struct layered *l, uint64_t now_us);
/* So many, and ticks of the link. */
void layered_pictures(struct layered *l, unsigned count, uint64_t *now_us);
void layered_give(struct layered *l, struct kk_view raw, uint64_t now_us);
/* A retransmission of raw by RTX. */
void layered_give_rtx(struct layered *l, struct kk_view raw, uint64_t now_us);

struct layered_seen { /* a packet, as a receiver has it */
	uint8_t data[128];
	size_t bytes;
};

struct layered_frames { /* what a receiver could decode */
	unsigned frames, by_layer[4][4]; /* spatial, temporal */
	unsigned broken; /* came not whole, or refer to what was not decoded */
	unsigned holes; /* numbers that never came */
	unsigned fillers;
	unsigned markers_wrong, ids_wrong, times_wrong;
	unsigned last_spatial, last_temporal_max; /* of the last 3 pictures */
};

struct layered_view { /* the receiver */
	struct world_peer *peer;
	uint32_t ssrc;
	bool has_first;
	uint64_t first, top;
	struct layered_seen *seen; /* by number since the first */
	uint16_t lost[LAYERED_SEEN_MAX];
	size_t lost_count;
	unsigned lose_every; /* 0: none; each so many-th is lost here */
	uint64_t came;
};

void layered_view_open(struct layered_view *v, struct world_peer *peer,
    uint32_t ssrc);
void layered_view_close(struct layered_view *v);
void layered_view_take(struct layered_view *v); /* what the peer was sent */
/* Asks for what was lost. */
void layered_view_nack(struct layered_view *v, uint64_t now_us);
/* Decodes all of it, in order. */
struct layered_frames layered_view_decode(const struct layered_view *v,
    bool is_svc);

struct layered_call { /* alice's camera in a slot of bob's */
	struct sfu_counts counts;
	struct world_peer alice, bob;
	struct layered cam;
	struct sfu_slot *slot;
	struct layered_view view;
	uint64_t now;
};

/* svc: the structure of VP9's layers; NULL: VP8 of three sizes. */
void layered_call_open(struct layered_call *c, const struct dd_template *svc);
void layered_call_close(struct layered_call *c);
void layered_call_run(struct layered_call *c, unsigned pictures);
/* Decodes what came, and fails where anything is wrong with it. */
struct layered_frames layered_call_check(const struct layered_call *c);
