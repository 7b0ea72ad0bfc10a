/*
 * downlink.h - three cameras and microphones, forwarded to one receiver behind
 * a path of a given capacity, which tells what came.  In virtual time, of a
 * millisecond's steps.
 */
#pragma once
#include "estimate/estimate.h"
#include "hop/rx_twcc.h"
#include "sfu/world.h"

enum {
	DOWNLINK_KBPS = 1000,
	DOWNLINK_S = 1000000,
	DOWNLINK_MS = 1000,
	DOWNLINK_PEOPLE = 3,
	DOWNLINK_SPEAKER = 0, /* of the people: has priority */
	DOWNLINK_ENCODINGS = 3,
	DOWNLINK_WORD_US = 20000,
	DOWNLINK_AIR_MAX = 8192
};

struct downlink_config {
	unsigned seed; /* 0: 1 */
	uint64_t capacity_bps;
	uint64_t start_bps; /* of the estimate; 0: 300 kbit/s */
	uint64_t queue_us; /* what the path holds back at most; 0: 300 ms */
	uint64_t jitter_us; /* evenly, 0 to this much, in order */
	unsigned loss_permille;
	/* The receiver is not run for up to this long, again and again. */
	uint64_t starved_us;
	unsigned key_factor; /* a key frame is so many times a frame; 0: 1 */
	bool is_mute; /* it tells nothing */
	/* They have sent for a while, as to others, before it is there. */
	bool is_known;
};

struct downlink_person {
	struct world_peer peer;
	struct sfu_source *cam, *mic;
	struct {
		uint16_t seq, picture_id;
		uint8_t tl0;
		unsigned since;
		bool needs_key;
	} encodings[DOWNLINK_ENCODINGS];
	uint16_t mic_seq;
	unsigned words;
	struct sfu_slot *slot; /* where the receiver sees it */
	/* What came there. */
	unsigned heard;
	uint64_t bytes;
	/* What is shown; changes are counted. */
	bool is_on;
	uint8_t spatial, temporal;
	unsigned switches;
};

struct downlink_flight {
	uint64_t at_us;
	uint32_t ssrc;
	uint16_t number, bytes;
};

struct downlink {
	struct downlink_config config;
	struct sfu_counts counts;
	struct downlink_person people[DOWNLINK_PEOPLE];
	struct world_peer bob; /* the receiver */
	struct hop_rx_twcc rx;
	uint64_t start_us; /* when it is there */
	uint64_t now_us, free_us, wake_us, came_us;
	uint64_t random;
	/* Of all time. */
	uint64_t sent, dropped; /* packets; dropped: by a full queue */
	uint64_t sent_bytes;
	uint64_t queue_us; /* the longest wait in it since last asked */
	struct downlink_flight air[DOWNLINK_AIR_MAX]; /* by arrival */
	size_t air_first, air_count;
};

struct downlink *downlink_open(const struct downlink_config *config);
void downlink_close(struct downlink *d);
void downlink_run(struct downlink *d, uint64_t us);

struct downlink_seen { /* over a time */
	uint64_t bps; /* without probes */
	unsigned switches, words;
	uint64_t sent, dropped, queue_us;
};

struct downlink_seen downlink_watch(struct downlink *d, uint64_t us);
bool downlink_shows_all(const struct downlink *d, unsigned person);
bool downlink_all_show_all(const struct downlink *d);
unsigned downlink_shown(const struct downlink *d); /* how many people */
