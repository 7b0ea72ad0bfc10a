/*
 * peer.h - the forwarder's end of a link, and the network in front of it: one
 * UDP socket of loopback, ICE-lite, a DTLS server (OpenSSL), SRTP.
 *
 * It runs in the test's thread: nothing happens but in peer_until().
 */
#pragma once
#include <glib.h>
#include <netinet/in.h>

#include "dtls/dtls.h"
#include "harness/tap.h"
#include "srtp/srtp.h"
#include "wire/demux.h"
#include "wire/rtcp.h"
#include "wire/rtp.h"
#include "wire/twcc.h"

enum {
	PEER_PACKETS_MAX = 4096,
	PEER_NACKS_MAX = 256,
	PEER_LIMIT_MS = 60000 /* then a test has failed */
};

struct peer_sealed {
	size_t bytes;
	uint8_t data[SRTP_PACKET_MAX_BYTES];
};

struct peer {
	int fd;
	struct sockaddr_storage own, from; /* from: the link's, once checked */
	socklen_t own_bytes, from_bytes;
	char ufrag[9], pwd[33];
	struct dtls_identity *identity;
	struct dtls *machine; /* NULL until peer_expect() */
	struct srtp_tx *tx;
	struct srtp_rx *rx;

	/* How it and the network behave. */
	bool is_deaf; /* nothing comes in */
	bool is_silent; /* STUN is answered, DTLS is not */
	/* What the link has sent: false loses it.  Before it is opened. */
	bool (*let_in)(struct peer *peer, enum wire_kind kind,
	    struct kk_view in);
	void *arg;
	unsigned dtls_lost; /* so many datagrams of the handshake are lost */

	/* What has come. */
	uint16_t lowest_port, highest_port; /* it came from */
	unsigned checks, nominations;
	unsigned rtp_count, sr_count, rr_count, bye_count, pli_count;
	uint32_t pli_ssrc;
	struct peer_sealed last; /* RTP, as it came */
	struct peer_sealed opened; /* the same, opened */
	uint16_t seqs[PEER_PACKETS_MAX]; /* of RTP, in their coming */
	uint16_t nacks[PEER_NACKS_MAX]; /* numbers asked for */
	size_t nack_count;
	unsigned told_count; /* packets of which it was told, by TWCC */
	uint16_t told_last; /* the last one's number */
	int64_t told_time; /* and time, in its units */
	struct wire_rtcp_sr sr; /* the last; its reports are not there */
	struct wire_rtcp_report report; /* the last block */
	uint64_t report_count;
	char cname[80];
	unsigned refused;
	enum kk_err dtls_err; /* of the last that the machine was given */
};

/* address: "127.0.0.1" or "::1".  NULL where the machine has it not. */
struct peer *peer_new(const char *address);
void peer_free(struct peer *peer);
uint16_t peer_port(const struct peer *peer);

/* The link's fingerprint: from now on it answers handshakes. */
void peer_expect(struct peer *peer, const char *fingerprint);

/* Serves until is_done(arg) (true) or PEER_LIMIT_MS are over. */
bool peer_until(struct peer *peer, bool (*is_done)(void *arg), void *arg);
void peer_step(struct peer *peer, int wait_ms);

bool peer_is_connected(void *peer); /* for peer_until() */

/* Plain packets, sealed here. */
void peer_send_rtp(struct peer *peer, struct kk_view packet);
void peer_send_rtcp(struct peer *peer, struct wire_out *w);
void peer_send_raw(struct peer *peer, struct kk_view packet);
void peer_close(struct peer *peer); /* close_notify */

struct peer_rtp {
	uint32_t ssrc;
	uint8_t payload_type;
	uint16_t seq;
	uint32_t timestamp;
	struct kk_view payload;
};
/* Writes a packet; returns its length. */
size_t peer_rtp_write(uint8_t *out, size_t room, const struct peer_rtp *rtp);
