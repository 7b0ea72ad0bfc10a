/* rtp_private.h - addresses and ports, for the inside of rtp. */
#pragma once
#include "rtp.h"
#include "srtp/srtp.h"

/* address.c */
socklen_t rtp_address_bytes(const union rtp_address *a);
uint16_t rtp_address_port(const union rtp_address *a);
void rtp_address_set_port(union rtp_address *a, uint16_t port);
bool rtp_address_is_host(const union rtp_address *a,
    const union rtp_address *b);
bool rtp_address_is(const union rtp_address *a, const union rtp_address *b);

enum { RTP_SOUND, RTP_CONTROL, RTP_SOCKETS };

struct rtp {
	int fd[RTP_SOCKETS];
	sd_event_source *io[RTP_SOCKETS];
	uint16_t port;
	union rtp_address to[RTP_SOCKETS]; /* where we send */
	bool has_to, is_latched, is_joined; /* joined: RTCP on RTP's port */
	struct offer_crypto ours, theirs;
	struct srtp_tx *tx; /* NULL: plain */
	struct srtp_rx *rx;
	rtp_came_fn *came;
	void *arg;
	unsigned taken; /* in this tick */
	uint64_t last_us, report_us;
	uint32_t ssrc, timestamp; /* of what we sent last */
	uint32_t packets, octets;
	char name[17]; /* RFC 7022: a random CNAME */
	struct rtp_stats stats;
};

/* rtcp.c: takes what came, and reports. */
void rtp_report(struct rtp *r);
bool rtp_control_is_good(struct kk_view packet);
/* rtp.c */
void rtp_datagram_send(struct rtp *r, int which, struct kk_view packet);
