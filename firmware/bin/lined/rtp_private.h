/* rtp_private.h - addresses and ports, for the inside of rtp. */
#pragma once
#include <time.h>

#include "rtp.h"
#include "srtp/srtp.h"

/* address.c */
uint64_t rtp_us_of(const struct timespec *t);
socklen_t rtp_address_bytes(const union rtp_address *a);
uint16_t rtp_address_port(const union rtp_address *a);
void rtp_address_set_port(union rtp_address *a, uint16_t port);
bool rtp_address_is_host(const union rtp_address *a,
    const union rtp_address *b);
bool rtp_address_is(const union rtp_address *a, const union rtp_address *b);

enum { RTP_SOUND, RTP_CONTROL, RTP_SOCKETS };

enum {
	RTP_DATAGRAM_BYTES = 2048, /* longer ones are none of telephones */
	RTP_AGE_US = 200000, /* of what is taken, if the clock was not set */
	RTP_WAITING = 64, /* packets that go one after the other */
	RTP_WAITING_BYTES = 16384
};

struct rtp_waiting {
	struct rtp *rtp;
	uint8_t *data; /* of the set's */
	size_t bytes;
};

struct rtp_set {
	int epoll;
	size_t sockets;
	uint64_t now_us, real_us; /* when the set was asked, by both clocks */
	struct rtp_waiting waiting[RTP_WAITING];
	size_t count, bytes; /* of them */
	uint8_t waits[RTP_WAITING_BYTES];
	/* Of the datagram that is looked at. */
	uint8_t data[RTP_DATAGRAM_BYTES], changed[RTP_DATAGRAM_BYTES];
};

struct rtp_socket {
	struct rtp *rtp;
	int which, fd;
	bool is_added; /* to the set */
	unsigned taken; /* in this tick */
};

struct rtp {
	struct rtp_set *set;
	struct rtp_socket socket[RTP_SOCKETS];
	uint16_t port;
	union rtp_address to[RTP_SOCKETS]; /* where we send */
	bool has_to, is_latched, is_joined; /* joined: RTCP on RTP's port */
	bool is_connected; /* the kernel takes packets of to alone */
	struct offer_crypto ours, theirs;
	struct srtp_tx *tx; /* NULL: plain */
	struct srtp_rx *rx;
	rtp_came_fn *came;
	void *arg;
	uint64_t last_us, report_us;
	uint32_t ssrc, timestamp; /* of what we sent last */
	uint32_t packets, octets;
	bool has_report; /* of what the other end got */
	uint64_t loss_us; /* until then it may lose more */
	char name[17]; /* RFC 7022: a random CNAME */
	struct rtp_stats stats;
};

/* rtp.c: takes a datagram that came, or some of them. */
void rtp_readable(struct rtp *r, int which);
/* set.c */
MUST_CHECK enum kk_err rtp_set_add(struct rtp_set *s, struct rtp_socket *of);
void rtp_set_close(struct rtp_set *s, struct rtp_socket *of);
/* Room for a datagram that is to wait for rtp_set_send(), then its length. */
uint8_t *rtp_set_room(struct rtp_set *s);
void rtp_set_wait(struct rtp_set *s, struct rtp *of, size_t bytes);
/* The monotonic clock at stamp, which is of the other one. */
uint64_t rtp_set_came_us(const struct rtp_set *s, const struct timespec *stamp);

/* rtcp.c: takes what came, and reports. */
void rtp_report(struct rtp *r);
/* False: it is none. */
bool rtp_control_take(struct rtp *r, struct kk_view packet, uint64_t now_us);
/* rtp.c */
void rtp_datagram_send(struct rtp *r, int which, struct kk_view packet);
