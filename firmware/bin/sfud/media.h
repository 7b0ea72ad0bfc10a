/*
 * media.h - the packets' half of sfud: sockets, ICE-lite, DTLS, SRTP, and the
 * forwarding of firmware/sfu.  A media is one port and one thread, whose event
 * loop it lives in; all calls are made there (pool.h makes them for others).
 * Whole meetings belong to it, and share nothing with those of another.
 *
 * Borrowed: all arguments.  Numbers of transports are never given twice.
 */
#pragma once
#include <systemd/sd-event.h>

#include "base/base.h"
#include "drivers/crypto-engine/engine.h"
#include "sfu/loud.h"
#include "sfu/paths.h"

enum {
	MEDIA_SLOTS_MAX = 16, /* of each kind */
	MEDIA_EXTENSIONS_MAX = 16,
	MEDIA_ENCODINGS_MAX = 3,
	MEDIA_NAME_BYTES = 17, /* of a rid, a MID; with the zero */
	MEDIA_CANDIDATES_MAX = 32, /* of UDP and TCP together */
	MEDIA_UFRAG_BYTES = 17, /* with the zero */
	MEDIA_PWD_BYTES = 33
};

/* Of all slots: they have one clock, so they are one endpoint's. */
#define MEDIA_CNAME "konklave"

enum media_kind { MEDIA_AUDIO, MEDIA_VIDEO };
enum media_source {
	MEDIA_MICROPHONE,
	MEDIA_CAMERA,
	MEDIA_SCREEN,
	MEDIA_SOURCE_COUNT
};
/* What candidates are of.  UDP's port is always there. */
enum media_over { MEDIA_OVER_BOTH, MEDIA_OVER_UDP, MEDIA_OVER_TCP };
enum media_direction { MEDIA_SEND = 1, MEDIA_RECEIVE, MEDIA_BOTH };

struct media;
struct media_shaker;
struct postbox;
struct media_meeting; /* packets never go from one to another */
struct media_peer; /* a participant */

struct media_heard { /* a slot, and whose microphone is in it */
	uint32_t slot;
	struct media_peer *of; /* NULL: nobody's */
};

struct media_config {
	uint16_t port; /* 0: any */
	enum media_over over;
	/* 0: the same number; where that is taken, there is none with
	 * MEDIA_OVER_BOTH. */
	uint16_t tcp_port;
	/* Addresses that candidates name; none: those of all interfaces. */
	const char *const *addresses;
	size_t address_count;
	/* That a peer may send in a second over a transport; the rest is
	 * dropped.  0: any number. */
	unsigned packets_per_s;
	const struct kk_log *log;
	/* One whose measurements of the crypto engines are taken; NULL: it
	 * measures.  Borrowed during media_new(). */
	const struct media *like;
	struct media_shaker *shaker; /* borrowed; freed before media is */
	struct postbox *box; /* of event */
	/* A transport has come up, or is lost (no consent for 30 s, DTLS
	 * failed or closed).  A lost one's number is unknown from then on, but
	 * its sources stay till they are unpublished, or published anew over
	 * another transport.  Peers may be freed inside; media must not be. */
	void (*transport_changed)(void *arg, struct media_peer *peer,
	    uint32_t transport, bool is_connected);
	/* Others are in slots that are left to us (media_watch_loudest());
	 * those of the list alone have changed.  It must not call back.  NULL:
	 * nobody wants to know. */
	void (*loudest_changed)(void *arg, struct media_peer *peer,
	    const struct media_heard *heard, size_t count);
	/* So many of a source's encodings, from the smallest on, are drawn by
	 * anybody (sfu_source_wants()); likewise. */
	void (*wanted_changed)(void *arg, struct media_peer *peer,
	    enum media_source source, size_t encodings);
	void *arg;
};

/* Errors: KK_EIO the port; KK_EINVAL no such address; KK_ENOMEM, KK_ECRYPTO. */
MUST_CHECK enum kk_err media_new(struct media **mediap, sd_event *event,
    const struct media_config *config);
void media_free(struct media *media); /* no meeting may be left */
uint16_t media_port(const struct media *media);

MUST_CHECK enum kk_err media_meeting_new(struct media_meeting **meetingp,
    struct media *media);
void media_meeting_free(struct media_meeting *meeting); /* no peer is left */

/* arg is for transport_changed's caller: media_peer_arg() gives it back. */
MUST_CHECK enum kk_err media_peer_new(struct media_peer **peerp,
    struct media_meeting *meeting, void *arg);
/* Its transports and sources go, too; slots that show it empty. */
void media_peer_free(struct media_peer *peer);
void *media_peer_arg(const struct media_peer *peer);

struct media_candidate {
	bool is_tcp; /* passive; else of UDP */
	char address[64];
	uint16_t port;
	uint32_t priority;
	char foundation[16];
};

struct media_transport {
	uint32_t number;
	char ufrag[MEDIA_UFRAG_BYTES];
	char pwd[MEDIA_PWD_BYTES];
	const char *fingerprint; /* of media's identity; borrowed */
	struct media_candidate candidates[MEDIA_CANDIDATES_MAX];
	size_t candidate_count;
};

/* At most 4 for a peer.  Errors: KK_ELIMIT, KK_ENOMEM. */
MUST_CHECK enum kk_err media_transport_open(struct media_peer *peer,
    enum media_direction direction, struct media_transport *out);

/*
 * ICE begins anew, under other credentials, and all else goes on (RFC 8445, 9).
 * The old ones hold until a check with the new ones is good; those of a restart
 * that was asked for before, and not used, do not.  Errors: KK_ENOENT,
 * KK_ECRYPTO.
 */
MUST_CHECK enum kk_err media_transport_restart(struct media_peer *peer,
    uint32_t transport, struct media_transport *out);

/* The client's fingerprint ("AB:CD:..."); it is the DTLS client.  Errors:
 * KK_ENOENT, KK_ESTATE twice, KK_EFORMAT. */
MUST_CHECK enum kk_err media_transport_connect(struct media_peer *peer,
    uint32_t transport, const char *fingerprint);
/* The same where it is the DTLS server: the first hello is ours, and goes where
 * a good check has come from, as soon as one has. */
MUST_CHECK enum kk_err media_transport_connect_to(struct media_peer *peer,
    uint32_t transport, const char *fingerprint);

/* Ends a transport, lost or not: what is published over it and its slots go,
 * too.  Errors: KK_ENOENT. */
MUST_CHECK enum kk_err media_transport_close(struct media_peer *peer,
    uint32_t transport);

struct media_extension {
	const char *uri;
	uint8_t id;
};

struct media_encoding {
	uint32_t ssrc; /* 0: its packets say which it is, by rid */
	uint32_t rtx_ssrc; /* 0: none */
	char rid[MEDIA_NAME_BYTES]; /* "": none */
	uint16_t max_width, max_height; /* 0: not known */
};

struct media_publish {
	uint32_t transport;
	enum media_source source;
	enum media_kind kind;
	bool is_vp9; /* of video; else VP8 */
	char mid[MEDIA_NAME_BYTES]; /* "": none */
	uint8_t payload_type;
	uint8_t rtx_payload_type; /* 0: none */
	/* From small to large. */
	struct media_encoding encodings[MEDIA_ENCODINGS_MAX];
	size_t encoding_count;
	struct media_extension extensions[MEDIA_EXTENSIONS_MAX];
	size_t extension_count;
};

/* Errors: KK_ENOENT transport; KK_EINVAL its direction, an SSRC of 0 without a
 * rid, or twice, or the encodings' number;
 * KK_EEXIST the source is published, KK_ENOMEM. */
MUST_CHECK enum kk_err media_publish(struct media_peer *peer,
    const struct media_publish *what);
/* Errors: KK_ENOENT. */
MUST_CHECK enum kk_err media_unpublish(struct media_peer *peer,
    enum media_source source);

bool media_is_published(const struct media_peer *peer,
    enum media_source source);

struct media_slot {
	uint32_t slot; /* its number with this peer */
	enum media_kind kind;
	char mid[16];
	uint32_t ssrc;
	uint8_t payload_type;
	uint32_t rtx_ssrc; /* 0: none */
	uint8_t rtx_payload_type;
	uint8_t vp9_payload_type, vp9_rtx_payload_type; /* 0: none */
};

struct media_slots { /* how many of each */
	size_t audio, video;
	bool has_vp9; /* the client decodes it */
};

/* Makes a transport's slots, once; out has audio + video.  Errors: KK_ENOENT,
 * KK_EINVAL its direction, KK_ELIMIT, KK_ESTATE made before, KK_ENOMEM. */
MUST_CHECK enum kk_err media_slots_make(struct media_peer *peer,
    uint32_t transport, const struct media_slots *what, struct media_slot *out);

struct media_watch {
	uint32_t slot;
	struct media_peer *of; /* NULL: nothing */
	enum media_source source;
	uint16_t width, height; /* of the tile; 0: not known */
	uint8_t priority;
};

bool media_slot_is_there(const struct media_peer *peer, uint32_t slot);

/*
 * What is shown in a slot: a source of another peer of the meeting, which
 * need not be published yet, in the layers that its tile needs.  One that the
 * slot cannot show (VP9) leaves it empty.
 * Errors: KK_ENOENT slot, KK_EINVAL another meeting, or the source's kind.
 */
MUST_CHECK enum kk_err media_watch(struct media_peer *peer,
    const struct media_watch *what);

/*
 * Leaves a slot of sound to us, until media_watch(): the loudest come into such
 * slots (sfu/loud.h), who is in it first stays for a while.
 * Errors: KK_ENOENT slot, KK_EINVAL it is of pictures, KK_ELIMIT more than
 * SFU_LOUD_SLOTS_MAX.
 */
MUST_CHECK enum kk_err media_watch_loudest(struct media_peer *peer,
    uint32_t slot);

/* Counts, for logs and tests; without ids. */
struct media_counts {
	uint64_t in_packets, in_bytes, out_packets, out_bytes;
	uint64_t out_messages; /* that the packets went out in */
	uint64_t limited_packets; /* over packets_per_s */
	uint64_t refused_packets; /* no transport, not authentic, malformed */
	uint64_t refused_connections; /* of TCP: too many, no good check */
	uint64_t dropped_packets; /* that a peer of TCP did not read */
	uint64_t nacks, retransmissions, keyframe_requests;
	uint64_t levels; /* packets that told how loud they are */
	uint64_t handshakes, failed_handshakes;
	struct sfu_paths paths;
};
struct media_counts media_counts(const struct media *media);

/* How many crypto engines there are, and of each how it does. */
size_t media_engines(const struct media *media,
    struct engine_report reports[ENGINE_ENGINES_MAX]);
