/*
 * link.h - an endpoint's transport to the forwarder: full ICE (libnice), a
 * DTLS client (mbedTLS), SRTP, and the RTP session of one hop.  Zone: media.
 *
 * A link carries one transport of docs/protocol.md ("Signalling") for all that
 * the box sends and receives.  What it is given and gives is plain RTP, whose
 * payload is sealed for the group before it comes here, and opened behind it.
 *
 *     link_new() -> link_fingerprint() is told to the forwarder
 *     link_sender_add(), link_receiver_add() for each stream, at any time
 *     link_remote_set() -> gathering, connecting, connected ... lost
 *     silent -> link_restart() -> connected again, or lost
 *
 * There is no way back from LINK_LOST: free the link, and make a new one for
 * the next transport (a new generation of the media plan).
 *
 * Threads: a link has one thread with a GMainContext of its own.  Callbacks
 * come on it and on no other; they must not block, and may call what says "any
 * thread", but neither link_free() nor a call of another link that waits.
 * Functions marked "waits" hand their work to that thread and wait for it: call
 * them from any thread, but hold no lock that a callback takes.  On the link's
 * own thread they do their work at once.
 *
 * Source: RFC 8445 (ICE, the peer is lite: 2.5), RFC 6544 (over TCP), RFC 7675
 * (consent), RFC 5763, RFC 5764 (DTLS-SRTP), RFC 3711, RFC 3550, RFC 4585, RFC
 * 4588.
 */
#pragma once
#include "base/base.h"

enum {
	LINK_PACKET_MAX_BYTES = 1400, /* plain RTP; with SRTP's tag and IP's
				       * headers below an Ethernet's 1500 */
	LINK_QUEUE_MAX = 1024, /* packets on their way to the link's thread */
	LINK_SENDERS_MAX = 4,
	LINK_RECEIVERS_MAX = 32, /* audio and video slots */
	LINK_SERVERS_MAX = 8, /* STUN and TURN */
	LINK_HOST_MAX_BYTES = 255, /* of one; RFC 1035, 2.3.4 */
	LINK_ADDRESSES_MAX = 16, /* of our own */
	LINK_CANDIDATES_MAX = 32, /* of the forwarder */
	LINK_CNAME_MAX_BYTES = 64,
	/* From link_remote_set() to connected, ICE and DTLS together. */
	LINK_CONNECT_DEFAULT_MS = 15000,
	/* As pages do (firmware/web/meeting/restart.ts). */
	LINK_SILENCE_DEFAULT_MS = 3000,
	LINK_RESTART_DEFAULT_MS = 10000 /* from link_restart() to connected */
};

struct link;

enum link_state {
	LINK_WAITING, /* for link_remote_set() */
	LINK_GATHERING, /* our candidates */
	LINK_CONNECTING, /* connectivity checks, then the handshake */
	LINK_CONNECTED, /* media goes */
	/* It was connected, and we send and hear nothing: another way is wanted
	 * (link_restart()).  By itself it goes back to connected when something
	 * comes again, and on to lost after 30 s (RFC 7675, 5.1). */
	LINK_SILENT,
	LINK_LOST, /* for good */
	LINK_STATE_COUNT
};

const char *link_state_name(enum link_state state); /* never NULL */

enum link_server_kind { /* libnice has no TLS */
	LINK_STUN = 1,
	LINK_TURN_UDP,
	LINK_TURN_TCP
};

struct link_server {
	enum link_server_kind kind;
	/* An address, or a name that is looked up on the way; one that is not
	 * found is as one that does not answer. */
	const char *host;
	uint16_t port;
	const char *user, *password; /* of TURN */
};

struct link_config {
	/* Written on the link's thread, and on the caller's in link_new() and
	 * link_free(); NULL: silent. */
	const struct kk_log *log;
	const struct link_server *servers; /* copied */
	size_t server_count;
	/* Media go by a TURN server or not at all: the forwarder sees no
	 * address of ours, and needs no way to us. */
	bool is_relay_only;
	/* Own addresses to take candidates from, as text; none: those of all
	 * interfaces, and those of loopback where the forwarder names one. */
	const char *const *addresses; /* copied */
	size_t address_count;
	/* Names us in RTCP; random text for each link (RFC 7022); copied. */
	const char *cname;
	/* 0: LINK_CONNECT_DEFAULT_MS and so on. */
	uint32_t connect_ms, silence_ms, restart_ms;

	/*
	 * Each change of state; NULL: none.  why is KK_OK but at LINK_LOST:
	 * KK_EIO no answer (ICE found no way, consent is gone, no handshake in
	 * connect_ms, no way in restart_ms); KK_EAUTH the peer's certificate is
	 * not the announced one; KK_EDENIED the peer said no or good-bye;
	 * KK_EUNSUP no common profile; KK_EFORMAT, KK_EVERIFY a broken
	 * handshake; KK_EPOLICY no way was found, and no TURN server gave us a
	 * relay: it does not answer, or does not take the password; KK_ENOMEM,
	 * KK_ECRYPTO.
	 */
	void (*state_changed)(void *arg, enum link_state state,
	    enum kk_err why);
	/* The forwarder asks for a key frame of this sender (PLI, FIR); rate
	 * limited.  NULL: nobody listens. */
	void (*key_frame_wanted)(void *arg, uint32_t ssrc);
	/*
	 * Bounds of how much the way to the forwarder is taken to carry, and
	 * where that begins (estimate/estimate.h); max_bps 0: not measured.
	 * estimate_changed is called with each change of note, once the
	 * forwarder has told something; it is about all senders together, as
	 * plain RTP, without what is being sent again.  NULL: nobody listens.
	 */
	uint64_t start_bps, min_bps, max_bps;
	void (*estimate_changed)(void *arg, uint64_t bps);
	void *arg;
};

/*
 * Makes a link with its thread and a DTLS identity of its own, in state
 * LINK_WAITING.  No packet leaves.  On success *linkp is the caller's; on error
 * it is left alone.
 * Errors: KK_EINVAL more servers or addresses than may be, one that is no
 * address or has no name or password, a CNAME that is empty or too long,
 * bounds out of order; KK_ENOMEM; KK_ECRYPTO.
 */
MUST_CHECK enum kk_err link_new(struct link **linkp,
    const struct link_config *config);

/*
 * Any thread but the link's own, once; waits.  A connected link says BYE and
 * close_notify.  No callback runs or comes after it.  Wipes.  NULL is fine.
 */
void link_free(struct link *link);

/* "AB:CD:..." of our certificate, for signalling; borrowed, never changes. */
const char *link_fingerprint(const struct link *link);

struct link_candidate {
	const char *address; /* v4 or v6, as text */
	uint16_t port;
	uint32_t priority;
	const char *foundation; /* 1 to 32 characters */
	bool is_tcp; /* passive (RFC 6544): we connect to it.  Else UDP */
};

/* The forwarder's end, as signalling gave it: host candidates. */
struct link_remote {
	const char *ufrag;
	const char *pwd;
	const char *fingerprint; /* SHA-256, "AB:CD:..." */
	const struct link_candidate *candidates;
	size_t candidate_count;
};

/*
 * Starts ICE towards the forwarder, once; waits.  Call it when the forwarder
 * knows our fingerprint: it answers no handshake before.  All is copied.
 * Errors: KK_EINVAL no or too many candidates, one that is no address, a
 * foundation, ufrag (4 to 256 characters) or pwd (22 to 256) of a wrong length
 * (RFC 8839, 5.4); KK_EFORMAT the fingerprint; KK_ESTATE set before;
 * KK_ENOMEM; KK_EIO no own address, and the link is lost.
 */
MUST_CHECK enum kk_err link_remote_set(struct link *link,
    const struct link_remote *remote);

/*
 * Begins ICE anew (RFC 8445, 9) towards credentials that the forwarder has made
 * for it: with the addresses that we have now, with new checks, connections and
 * relays.  The old way ends at once.  DTLS, SRTP, senders and receivers go on;
 * the fingerprint stays what it was, whatever remote says.  The state is
 * LINK_SILENT until there is a way; waits.  All is copied; of several calls the
 * last one counts.
 * servers are those to be used from now on, since logins run out.
 * Errors, and nothing has changed: KK_EINVAL as link_remote_set() and
 * link_new(); KK_ESTATE neither connected nor silent.  And the link is lost:
 * KK_EIO no own address.
 */
MUST_CHECK enum kk_err link_restart(struct link *link,
    const struct link_remote *remote, const struct link_server *servers,
    size_t server_count);

enum link_state link_state(struct link *link); /* any thread */

/* --- sending ------------------------------------------------------------- */

struct link_sender {
	uint32_t ssrc;
	uint32_t clock_hz; /* of its timestamps: Opus 48000, VP8 90000 */
	/* What is lost is sent again in this stream (RFC 4588), as announced
	 * to the forwarder.  0: none, and what is lost stays lost. */
	uint32_t rtx_ssrc;
	uint8_t rtx_payload_type;
};

/* In any state; waits.  Errors: KK_EINVAL an SSRC or clock of 0, one SSRC for
 * both, a payload type over 127; KK_EEXIST an SSRC; KK_ELIMIT; KK_ENOMEM. */
MUST_CHECK enum kk_err link_sender_add(struct link *link,
    const struct link_sender *sender);

/*
 * Sends one RTP packet of a sender that was added; its sequence numbers are the
 * caller's (a payloader's).  Any thread, one thread for each SSRC; never
 * blocks.  The packet is copied.  Packets that the forwarder misses are sent
 * again by RTX here (NACK): each at most HOP_RESENT_TIMES_MAX times within
 * HOP_HISTORY_AGE_US (hop/history.h), not twice in a round trip, and all
 * together within half of the estimate.
 * Errors: KK_ESTATE never connected, or lost; nothing is kept for later;
 * KK_ENOSPC the queue is full, the packet is dropped and counted; KK_EINVAL no
 * RTP header; KK_ELIMIT over LINK_PACKET_MAX_BYTES.
 */
MUST_CHECK enum kk_err link_send_rtp(struct link *link, struct kk_view packet);

/* --- receiving ----------------------------------------------------------- */

struct link_receiver {
	uint32_t ssrc; /* of a slot */
	uint8_t payload_type;
	uint32_t rtx_ssrc; /* 0: none, and lost packets stay lost */
	uint8_t rtx_payload_type;
	/* What comes in VP9 in place of VP8; 0: nothing does. */
	uint8_t vp9_payload_type, vp9_rtx_payload_type;
	uint32_t clock_hz;
	bool is_video;
	/*
	 * Takes a plain RTP packet of this SSRC and these types, each once, in
	 * the order of their coming (a jitter buffer orders them; one that
	 * was sent again comes late).  packet is borrowed for the call, and
	 * well-formed.
	 */
	void (*packet)(void *arg, struct kk_view packet);
	/* A sender report: the RTP timestamp at a time of the sender's clock
	 * (NTP, RFC 3550, 4).  NULL: nobody wants it. */
	void (*reported)(void *arg, uint64_t ntp, uint32_t timestamp);
	void *arg;
};

/* In any state; waits.  Errors: KK_EINVAL an SSRC or clock of 0, a payload type
 * over 127, no callback; KK_EEXIST an SSRC; KK_ELIMIT; KK_ENOMEM. */
MUST_CHECK enum kk_err link_receiver_add(struct link *link,
    const struct link_receiver *receiver);

/*
 * Gives a receiver other callbacks, or none (packet NULL: its packets are
 * dropped, its session goes on); waits.  When it returns, the old ones do not
 * run and are not called again.  Errors: KK_ENOENT.
 */
MUST_CHECK enum kk_err link_receiver_set(struct link *link, uint32_t ssrc,
    void (*packet)(void *arg, struct kk_view packet),
    void (*reported)(void *arg, uint64_t ntp, uint32_t timestamp), void *arg);

/*
 * Asks the forwarder for a key frame of a receiver (PLI), as when a decoder
 * cannot go on.  Any thread, does not wait; may be called as often as one
 * likes, it is rate limited and repeated until a packet of a later frame comes.
 */
void link_key_frame_ask(struct link *link, uint32_t ssrc);

/* --- counts -------------------------------------------------------------- */

/* Since the beginning, for logs and tests; no addresses, no keys. */
struct link_counts {
	uint64_t out_packets, out_bytes; /* sealed RTP, repeated ones too */
	uint64_t in_packets, in_bytes; /* authentic RTP */
	uint64_t overflows; /* dropped: the queue to the thread was full */
	uint64_t unsent; /* dropped: the socket would not take them */
	uint64_t refused; /* not authentic, replayed, malformed, unasked */
	uint64_t nacked, resent; /* packets the forwarder asked for, and got */
	uint64_t lost, recovered; /* of receivers: given up; came by asking */
	uint64_t key_frames_wanted, key_frames_asked;
	/* What the forwarder reports of our senders (RFC 3550, 6.4.1). */
	uint32_t round_trip_ms; /* 0: not known */
	uint8_t fraction_lost; /* in 1/256, the worst sender of late */
	bool is_relayed; /* by a TURN server */
};
struct link_counts link_counts(struct link *link); /* waits */
