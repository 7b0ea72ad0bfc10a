/*
 * call.h - two boxes' links and the forwarder between them, over real sockets.
 *
 * Each link goes through a relay that loses packets as a test likes; the
 * forwarder and the relays run in the test's thread, in call_until() alone.
 */
#pragma once
#include <glib.h>
#include <netinet/in.h>

#include "bin/sfud/media.h"
#include "bin/sfud/media_shaker.h"
#include "bin/sfud/postbox.h"
#include "harness/tap.h"
#include "pipelines/link/link.h"

enum {
	CALL_START_BPS = 1000000,
	CALL_MIN_BPS = 100000,
	CALL_MAX_BPS = 20000000,
	CALL_SEATS = 2,
	CALL_SEQS = 65536,
	CALL_FRAME_PACKETS = 5,
	CALL_LIMIT_MS = 60000
};

struct call;

struct relay {
	int near_fd, far_fd; /* towards the link, towards the forwarder */
	struct sockaddr_in near, far; /* of the link (once heard), of sfud */
	uint16_t port; /* what the link is told */
	unsigned loss_percent; /* of RTP and RTCP, both ways */
	unsigned delay_ms; /* of everything, each way */
	unsigned more; /* than one packet in a turn of the loop */
	GQueue waiting; /* by their time */
	uint32_t random;
	unsigned lost;
	sd_event_source *sources[2];
};

struct seat {
	struct call *call;
	struct link *link;
	struct relay relay;
	struct media_peer *peer;
	struct media_transport transport;
	struct media_slot slots[2]; /* audio, video */
	uint32_t video_ssrc, audio_ssrc;
	uint16_t video_seq, audio_seq, picture_id;

	GMutex mutex; /* for what the link's callbacks tell */
	enum link_state state;
	enum kk_err why;
	unsigned wanted, wanted_seen;
	bool has[CALL_SEQS]; /* video packets, by number */
	bool has_first, is_first_key;
	uint16_t first_seq;
	unsigned video_count, audio_count, doubles, reported;
	uint64_t room_bps; /* the way to the forwarder; 0: not told yet */
};

struct call {
	sd_event *event;
	struct postbox *box;
	struct media_shaker *shaker;
	struct media *media;
	struct media_meeting *meeting;
	struct seat seats[CALL_SEATS];
	unsigned want, sent; /* for conditions */
	uint64_t want_in;
	bool is_tcp; /* of ICE; then no relay is between them */
	bool is_sending; /* the first seat, while the loop turns */
	gint64 frame_us; /* when the next one is due */
};

/* Both are connected. */
struct call *call_new(unsigned loss_percent, unsigned delay_ms);
struct call *call_new_limited(unsigned packets_per_s); /* on a good network */
struct call *call_new_tcp(void); /* the forwarder offers nothing else */
void call_free(struct call *call);

/*
 * Turns the loop until done, and ends the test where that never comes.  While
 * is_sending, the first seat's camera gives a frame now and then, a key frame
 * where one is wanted, and its microphone a packet.
 */
void call_until(struct call *call, bool (*is_done)(struct call *call));

/* How many of the second's packets have come without a gap, and how many of the
 * first so many are missing. */
unsigned call_run_length(struct call *call);
unsigned call_missing(struct call *call, unsigned among);
