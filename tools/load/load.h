/*
 * load.h - what the files of load share.
 *
 * A member is one participant: a connection for the signalling, which its
 * adapter speaks, and a peer, which is its ICE, DTLS and SRTP.  Publishers send
 * what a camera would; receivers count what comes.  One loop turns all.
 */
#pragma once
#include <netinet/in.h>
#include <systemd/sd-event.h>

#include "dtls/dtls.h"
#include "room/types.h"
#include "srtp/srtp.h"
#include "tools/load/count.h"
#include "tools/load/options.h"
#include "tools/load/proc.h"
#include "ws/ws.h"

enum {
	LOAD_US_PER_MS = 1000,
	LOAD_US_PER_S = 1000000,
	LOAD_NS_PER_US = 1000,
	LOAD_DATAGRAM_BYTES = 2048,
	LOAD_STREAMS_MAX = 2 * LOAD_PUBLISHERS_MAX,
	LOAD_SSRCS_MAX = 4 * LOAD_PUBLISHERS_MAX, /* that SRTP has state for */
	LOAD_VIDEO_TYPE = 96,
	LOAD_AUDIO_TYPE = 111,
	LOAD_AUDIO_BYTES = 112, /* of an Opus packet: 40 kbit/s */
	LOAD_AUDIO_US = 20000,
	LOAD_FILL_BYTES = 2048,
	LOAD_TAIL_BYTES = 16, /* magic, publisher, time of sending */
	/* VP8's descriptor, and what a sealed key frame has clear */
	LOAD_HEAD_MAX_BYTES = 4 + 10,
	LOAD_UFRAG_BYTES = 9, /* texts with their final zero */
	LOAD_PWD_BYTES = 25
};

struct load;
struct load_member;

enum load_phase {
	LOAD_PEER_NEW,
	LOAD_PEER_CHECKING, /* ICE */
	LOAD_PEER_SHAKING, /* DTLS */
	LOAD_PEER_READY,
	LOAD_PEER_FAILED
};

struct load_remote { /* the server's end, as the signalling tells it */
	char ufrag[ROOM_ICE_BYTES], pwd[ROOM_ICE_BYTES];
	uint8_t fingerprint[DTLS_FINGERPRINT_BYTES];
	char address[INET_ADDRSTRLEN];
	uint16_t port;
	bool is_controlling; /* a full agent that nominates */
};

struct load_peer {
	int fd; /* -1: none */
	uint16_t port;
	enum load_phase phase;
	char ufrag[LOAD_UFRAG_BYTES], pwd[LOAD_PWD_BYTES];
	struct load_remote remote;
	uint8_t transaction[12];
	bool is_answered, is_nominated;
	uint64_t checked_us; /* last check sent */
	struct dtls *dtls;
	struct srtp_tx *tx;
	struct srtp_rx *rx;
	/* 0: not yet.  first: a key frame's first packet. */
	uint64_t shaking_us, ready_us, first_us;
};

struct load_source { /* what a publisher sends */
	uint32_t video_ssrc, audio_ssrc, video_time, audio_time;
	uint16_t video_seq, audio_seq, picture;
	uint64_t frame, video_due_us, audio_due_us;
	uint32_t video_packets, video_octets;
	bool wants_key;
};

struct load_meeting {
	uint8_t id[ROOM_ID_BYTES], token[ROOM_TOKEN_BYTES];
	struct load_member *publishers[LOAD_PUBLISHERS_MAX];
};

struct load_member {
	struct load *load;
	struct load_meeting *meeting;
	size_t number; /* of all */
	unsigned rank; /* of its kind in its meeting, from 0 */
	bool is_publisher, is_signalled, is_up;
	struct load_peer peer;
	uint64_t begun_us, reported_us;
	/* signalling */
	struct ws_conn *conn;
	unsigned step;
	uint64_t last_id;
	uint64_t transport; /* sfud */
	struct room_peer_id participant;
	uint64_t session, handle, feed; /* Janus */
	/* media */
	struct load_source source;
	struct load_stream streams[LOAD_STREAMS_MAX];
	size_t stream_count;
	unsigned until_sample;
	uint32_t rtcp_ssrc;
};

/* How a server is spoken with. */
struct load_adapter {
	const char *subprotocol; /* NULL: no WebSocket */
	enum kk_err (*open)(struct load *load);
	/* The connection stands: the first request. */
	enum kk_err (*begin)(struct load_member *m);
	enum kk_err (*text)(struct load_member *m, const char *text,
	    size_t bytes);
	void (*close)(struct load *load);
};

extern const struct load_adapter load_sfud, load_janus, load_floor;

struct load_totals { /* they only grow */
	struct load_counts counts;
	uint64_t sent; /* by publishers */
	uint64_t due; /* what sent packets should become at the receivers */
	uint64_t bytes; /* received */
	uint64_t opened, forged, wrong; /* samples */
	uint64_t strangers; /* streams too many, junk */
	uint64_t key_requests;
};

enum load_stage {
	LOAD_FIRST, /* the first publisher of each meeting joins */
	LOAD_PUBLISHERS,
	LOAD_RECEIVERS,
	LOAD_WARM, /* all have got something */
	LOAD_HUSH, /* nothing is on its way any more */
	LOAD_MEASURE,
	LOAD_DRAIN,
	LOAD_DONE
};

struct load_snapshot {
	uint64_t us;
	struct load_totals totals;
	struct load_usage usage;
	uint64_t memory; /* bytes */
};

struct load_result {
	struct load_snapshot joins[2], measured[2];
	uint64_t sending_us, last_us;
	struct load_series join_us, shake_us, first_us, late_us;
};

struct load {
	struct load_options options;
	const struct load_adapter *adapter;
	struct kk_log log;
	sd_event *event;
	sd_event_source *tick, *camera;
	struct ws *ws;
	struct dtls_identity *identity;
	struct in_addr address;
	int epoll, floor;
	uint8_t site_token[ROOM_TOKEN_BYTES];
	struct load_meeting *meetings;
	struct load_member **members; /* in the order of joining */
	size_t member_count;
	size_t begun, up, firsts; /* so many of them */
	enum load_stage stage;
	uint64_t stage_us; /* since when; also of the last progress */
	uint64_t joining_us; /* the last join's beginning */
	bool is_sending, is_measuring, has_failed;
	uint64_t arrived_us; /* the last RTP packet */
	struct load_totals totals;
	struct load_result result;
	uint8_t fill[LOAD_FILL_BYTES];
	struct load_inbox *inbox;
};

/* --- main.c -------------------------------------------------------------- */

uint64_t load_now_us(void); /* never goes back */
uint64_t load_wall_ns(void); /* for times inside of packets */
void load_random(void *to, size_t bytes);
/* Ends the run: says why, once. */
__attribute__((format(printf, 2, 3))) void load_fail(struct load *load,
    const char *format, ...);

/* --- member.c ------------------------------------------------------------ */

MUST_CHECK enum kk_err load_members_new(struct load *load);
void load_members_free(struct load *load);
void load_member_begin(struct load_member *m);
void load_member_signalled(struct load_member *m); /* nothing to ask any more */
void load_member_ready(struct load_member *m); /* SRTP stands */
void load_member_first(struct load_member *m); /* of a key frame */
enum kk_err load_member_say(struct load_member *m, const char *text);

/* --- run.c --------------------------------------------------------------- */

MUST_CHECK enum kk_err load_run_start(struct load *load);
void load_run_joined(struct load *load);

/* --- peer.c, peer_check.c, peer_shake.c ---------------------------------- */

/* A socket of its own.  Errors: KK_EIO. */
MUST_CHECK enum kk_err load_peer_open(struct load_member *m);
void load_peer_close(struct load_peer *p);
/* ICE begins, then DTLS as the client.  Errors: KK_EFORMAT the address. */
MUST_CHECK enum kk_err load_peer_connect(struct load_member *m,
    const struct load_remote *remote);
/* Without both: the floor's. */
MUST_CHECK enum kk_err load_peer_keys(struct load_member *m,
    const struct load_remote *remote, struct kk_view own, struct kk_view peer);
void load_peer_send(struct load_member *m, struct kk_view datagram);
void load_peer_tick(struct load_member *m, uint64_t now_us);
void load_peer_fail(struct load_member *m, const char *why, enum kk_err err);

void load_peer_check(struct load_member *m, uint64_t now_us); /* sends one */
void load_peer_stun(struct load_member *m, struct kk_view datagram);
void load_peer_shake(struct load_member *m); /* begins DTLS */
void load_peer_dtls(struct load_member *m, struct kk_view datagram);
void load_peer_shake_tick(struct load_member *m);

/* --- receive.c, publish.c, rtcp.c ---------------------------------------- */

MUST_CHECK enum kk_err load_receive_start(struct load *load);
void load_receive_stop(struct load *load);

MUST_CHECK enum kk_err load_publish_start(struct load *load);
void load_publish_set(struct load *load, bool is_sending);
/* Whether an opened packet begins a key frame. */
bool load_packet_is_key(struct kk_view packet);
/* Whether an opened packet is what a publisher of m's meeting has sent; then
 * *sent_ns is when. */
bool load_packet_is_ours(const struct load_member *m, struct kk_view packet,
    uint64_t *sent_ns);

void load_rtcp_take(struct load_member *m, struct kk_view datagram);
void load_rtcp_tick(struct load_member *m, uint64_t now_us);

/* --- report.c ------------------------------------------------------------ */

void load_report(struct load *load);
