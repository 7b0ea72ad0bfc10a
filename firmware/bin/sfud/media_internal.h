/* media_internal.h - what the files of the packets' half share.  Internal. */
#pragma once
#include <netinet/in.h>
#include <sys/socket.h>

#include "drivers/crypto-engine/engine.h"
#include "dtls/dtls.h"
#include "media.h"
#include "media_shaker.h"
#include "sfu/sfu.h"
#include "srtp/srtp.h"
#include "wire/stun.h"

enum {
	MEDIA_PEER_TRANSPORTS_MAX = 4,
	MEDIA_PATHS_MAX = 4, /* proved addresses of a transport */
	MEDIA_BUCKETS = 4096, /* of each table; a power of two */
	MEDIA_BATCH = 64, /* datagrams received in one system call */
	MEDIA_DATAGRAM_BYTES = 2048, /* longer ones are cut, and refused */
	MEDIA_TICK_US = 10000,
	MEDIA_IDLE_TICK_US = 1000000, /* while no transport has a path */
	/* RFC 7675, 5.1: consent ends 30 s after the last check. */
	MEDIA_CONSENT_US = 30000000,
	/* Peers check twice in this time (RFC 7675, 5.1): so long an address
	 * is not given to another transport. */
	MEDIA_PATH_HOLD_US = 10000000,
	/* Of a transport; then those that have ended are forgotten, first the
	 * one that was silent longest. */
	MEDIA_RX_SSRCS_MAX = 128,
	/* Slots with RTX, and our own. */
	MEDIA_TX_SSRCS_MAX = 4 * MEDIA_SLOTS_MAX + 1,
	MEDIA_OPUS_TYPE = 111,
	MEDIA_VP8_TYPE = 96,
	MEDIA_RTX_TYPE = 97,
	MEDIA_VP9_TYPE = 98,
	MEDIA_VP9_RTX_TYPE = 99
};

struct media_address { /* of one end; family 0: none */
	sa_family_t family;
	uint8_t ip[16];
	uint16_t port; /* host order; of our end: 0 */
	uint32_t scope; /* interface of a link-local address */
	uint64_t connection; /* of TCP, by which it comes; 0: UDP */
};

struct media_path { /* a way to a peer, proved by a check */
	struct media_transport_state *transport; /* NULL: not used */
	struct media_address remote, local;
	uint64_t checked_us;
	struct media_path *next; /* in its bucket */
	/* Its last message of the queue, in this filling of it. */
	uint64_t out_round;
	size_t out_message;
	bool has_no_segments; /* what goes this way is not cut up */
};

enum media_phase {
	MEDIA_OPEN, /* no handshake yet */
	MEDIA_SHAKING,
	MEDIA_CONNECTED,
	MEDIA_LOST
};

struct media_login { /* what a check has to know */
	struct media_transport_state *transport; /* NULL: none */
	char ufrag[MEDIA_UFRAG_BYTES];
	char pwd[MEDIA_PWD_BYTES];
	struct media_login *next; /* in its bucket */
};

struct media_transport_state {
	struct media *media;
	struct media_peer *peer;
	struct media_transport_state *next; /* of the peer */
	struct media_transport_state *all_next, *all_prev; /* of media */
	struct media_transport_state *changed_next;
	bool is_changed; /* to be told; stands in the list */
	uint32_t number;
	enum media_direction direction;
	enum media_phase phase;
	/* next: of a restart, until a check with it is good. */
	struct media_login login, next_login;
	bool has_fingerprint, has_slots;
	bool is_dtls_client; /* we are; else the peer is */
	uint8_t fingerprint[DTLS_FINGERPRINT_BYTES];
	struct media_path paths[MEDIA_PATHS_MAX];
	struct media_path *path; /* where to send; NULL: nowhere yet */
	uint64_t checked_us; /* last check; 0: none */
	/* What it may send at once, in millionths of a packet. */
	uint64_t budget, budget_us;
	struct media_shake *shake;
	struct srtp_tx *tx;
	struct srtp_rx *rx;
	struct sfu_link *link;
};

struct media_slot_state {
	uint32_t number;
	enum media_kind kind;
	struct media_transport_state *transport;
	struct sfu_slot *slot;
	/* What is to be shown, whether it is there or not. */
	struct media_peer *of;
	enum media_source source;
	bool is_loudest; /* that is ours to choose */
	uint64_t since_us; /* who is in it then */
};

struct media_source_state { /* sfu NULL: not published */
	struct media_transport_state *transport;
	struct sfu_source *sfu;
};

struct media_peer {
	struct media_meeting *meeting;
	struct media_peer *next, *prev;
	uint64_t number; /* in the meeting; never given twice */
	void *arg;
	struct media_transport_state *transports;
	uint32_t last_slot;
	struct media_source_state sources[MEDIA_SOURCE_COUNT];
	/* Each transport has slots once, so it is bounded. */
	struct media_slot_state *slots;
	size_t slot_count, slot_room;
};

struct media_meeting {
	struct media *media;
	struct media_peer *peers;
	uint64_t last_peer;
	/* Somebody has slots for the loudest. */
	bool is_loud;
	struct media_meeting *loud_next;
	uint64_t loud_us; /* when they were chosen */
};

struct media_tcp;
struct media_out; /* datagrams that wait for the system call */
struct media_in;
struct media_burst; /* packets that came, and go out, together */

struct media_socket {
	int fd; /* -1: the system has not this family */
	sa_family_t family;
	sd_event_source *source;
	struct media *media;
};

enum { MEDIA_V4, MEDIA_V6, MEDIA_SOCKETS };

struct media {
	struct media_config config; /* addresses: our copies */
	struct media_address *addresses;
	sd_event *event;
	sd_event_source *timer;
	struct media_socket sockets[MEDIA_SOCKETS];
	struct media_tcp *tcp; /* NULL: UDP alone */
	uint16_t port, tcp_port;
	struct dtls_identity *identity;
	struct engine_set *engines; /* of SRTP; by measurement at start */
	uint64_t identity_s; /* when it was made */
	uint64_t seed; /* of the tables' hashes */
	struct media_transport_state *transports;
	size_t transport_count, path_count;
	uint32_t last_transport;
	struct media_login *by_ufrag[MEDIA_BUCKETS];
	struct media_path *by_address[MEDIA_BUCKETS];
	struct media_transport_state *changed, **changed_end;
	struct media_meeting *loud; /* that have slots for the loudest */
	bool has_watched; /* somebody: to be looked at by media_wanted.c */
	uint64_t wanted_us;
	struct media_counts counts;
	struct sfu_counts sfu_counts;
	struct media_in *in;
	struct media_out *out;
	struct media_burst *burst;
};

/* --- media.c: clock, chance, timer --------------------------------------- */

uint64_t media_now_us(void);
MUST_CHECK enum kk_err media_random(void *to, size_t bytes);
void media_timer_wake(struct media *media); /* there is something to do */
/* Tells the caller of changed transports, and sends what waits. */
void media_settle(struct media *media);
void media_changed(struct media_transport_state *t);

/* --- media_socket.c, media_out.c ----------------------------------------- */

MUST_CHECK enum kk_err media_sockets_open(struct media *media);
void media_sockets_close(struct media *media);
void media_sockets_read(struct media *media); /* what has come by UDP */
void media_address_of(struct media_address *a, const struct sockaddr *from);
socklen_t media_address_to(const struct media_address *a,
    struct sockaddr_storage *to);

MUST_CHECK enum kk_err media_out_new(struct media_out **outp);
void media_out_free(struct media_out *out);
/*
 * Room of MEDIA_DATAGRAM_BYTES for the next datagram; media_out_commit() then
 * says how long it is, and where it goes.  A full queue is sent before.
 */
uint8_t *media_out_room(struct media *media);
/* Or for several at once, at most half of the queue's 1024: each is committed,
 * in their order.  With 0 bytes nothing is sent. */
void media_out_reserve(struct media *media, size_t count);
uint8_t *media_out_room_at(struct media *media, size_t at);
void media_out_commit(struct media *media, size_t bytes,
    const struct media_address *remote, const struct media_address *local);
/* The same, to a peer; one message with what went to it just before.  path
 * NULL: it has none any more. */
void media_out_commit_to(struct media *media, size_t bytes,
    struct media_path *path);
/* Sends all that is on its way: the burst, too. */
void media_out_flush(struct media *media);

/* --- media_burst.c ------------------------------------------------------- */

MUST_CHECK enum kk_err media_burst_new(struct media_burst **burstp);
void media_burst_free(struct media_burst *burst);
struct sfu_burst *media_burst_sfu(const struct media_burst *burst);
/* Room of MEDIA_DATAGRAM_BYTES for a plaintext that comes; once kept it stays
 * until the burst's end. */
uint8_t *media_burst_room(struct media *media);
void media_burst_keep(struct media *media);
void media_burst_end(struct media *media); /* shows it all */
/* Seals what was shown, and puts it into the queue.  No transport of it goes
 * before. */
void media_burst_seal(struct media *media);
void media_link_send(void *arg, struct kk_view packet, bool is_rtcp);

/* --- media_tcp.c, media_tcp_stream.c ------------------------------------- */

/* Listens on port, in the families that UDP has.  Errors: KK_EIO, KK_ENOMEM. */
MUST_CHECK enum kk_err media_tcp_open(struct media *media, uint16_t port);
void media_tcp_shut(struct media *media);
/* With its path.  One that is closed is fine, here and below. */
void media_tcp_close(struct media *media, uint64_t number);
/* Goes out with the next flush; lost where too much waits. */
void media_tcp_send(struct media *media, uint64_t number,
    struct kk_view packet);
void media_tcp_flush(struct media *media);

/* --- media_packet.c ------------------------------------------------------ */

/* One datagram, from and to these addresses. */
void media_input(struct media *media, struct kk_view datagram,
    const struct media_address *remote, const struct media_address *local,
    uint64_t now_us);

/* --- media_path.c -------------------------------------------------------- */

struct media_path *media_path_find(const struct media *media,
    const struct media_address *remote);
/* A check from there was good: the address is this transport's from now on.
 * NULL: it is another's, which has just proved it. */
struct media_path *media_path_prove(struct media_transport_state *t,
    const struct media_address *remote, const struct media_address *local,
    uint64_t now_us);
void media_path_clear(struct media_path *path); /* with its connection */
void media_paths_clear(struct media_transport_state *t);
uint64_t media_hash(const struct media *media, const void *data, size_t bytes);

/* --- media_stun.c, media_dtls.c ------------------------------------------ */

void media_stun_input(struct media *media, struct kk_view datagram,
    const struct media_address *remote, const struct media_address *local,
    uint64_t now_us);
void media_dtls_input(struct media_transport_state *t, struct kk_view datagram);
/* Says hello, where we are the client and there is a way to the peer. */
void media_dtls_start(struct media_transport_state *t);
/* The handshake has moved; keys come once, with DTLS_DONE. */
void media_dtls_follow(struct media_transport_state *t, enum dtls_state state,
    enum kk_err err, const struct dtls_srtp_keys *keys);

/* --- media_login.c ------------------------------------------------------- */

/* By its ufrag, the first part of a check's user name; NULL: nobody's. */
struct media_login *media_login_find(const struct media *media,
    struct kk_view ufrag);
/* Makes one for t, in place of what login was.  On error that stays.  Errors:
 * KK_ECRYPTO. */
MUST_CHECK enum kk_err media_login_make(struct media_login *login,
    struct media_transport_state *t);
/* A check with it was good: those before it are gone. */
void media_login_use(struct media_login *login);
void media_login_forget(struct media_login *login); /* wipes; none is fine */

/* --- media_transport.c --------------------------------------------------- */

struct media_transport_state *media_transport_get(const struct media_peer *peer,
    uint32_t number); /* NULL also for a lost one */
void media_transport_lose(struct media_transport_state *t);
void media_transport_free(struct media_transport_state *t);
void media_transport_tick(struct media_transport_state *t, uint64_t now_us);

/* --- media_candidate.c, media_meeting.c ---------------------------------- */

/* Errors: KK_EINVAL no address, KK_ENOMEM. */
MUST_CHECK enum kk_err media_addresses_copy(struct media *media,
    const char *const *texts, size_t count);
size_t media_candidates(const struct media *media, struct media_candidate *list,
    size_t max);
enum media_kind media_kind_of(enum media_source source);
enum sfu_kind media_sfu_kind(enum media_kind kind);
/* By its number; NULL: none. */
struct media_slot_state *media_slot_get(struct media_peer *peer,
    uint32_t number);
/* Shows what the slot is to show, as far as it can. */
MUST_CHECK enum kk_err media_slot_show(struct media_slot_state *s,
    uint64_t now_us);
/* The transport goes: what came and was shown over it goes, too. */
void media_transport_forget(struct media_transport_state *t);

/* --- media_loud.c -------------------------------------------------------- */

void media_loud_tick(struct media *media, uint64_t now_us);
void media_loud_forget(struct media_meeting *meeting); /* its slots' are gone */

/* --- media_wanted.c ------------------------------------------------------ */

void media_wanted_tick(struct media *media, uint64_t now_us);
