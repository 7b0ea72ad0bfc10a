/*
 * rtp.h - a call's sound on the network: two UDP sockets, SRTP, and whom to
 * believe.  One thread.
 *
 * Packets are taken from the address alone that the other end named (RFC 8866,
 * 5.7); the port that the first one has is the one that is answered to (RFC
 * 4961).  With SRTP the first authentic one tells both, wherever it came from.
 * From then on nothing else is taken, until the call is changed.
 */
#pragma once
#include <netinet/in.h>
#include <sys/socket.h>

#include "offer/offer.h"

enum {
	RTP_PACKETS_PER_TICK = 10, /* that a socket takes; more are dropped */
	RTP_SR_US = 5000000, /* RFC 3550, 6.2 */
	RTP_LOSS_US = 60000000, /* that a loss is believed in */
	RTP_ADDRESS_BYTES = 46
};

union rtp_address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/* A literal address.  False: it is none. */
bool rtp_address_parse(union rtp_address *a, const char *text, uint16_t port);
/* Our own address on the way to another; "" where there is no way. */
void rtp_address_towards(const char *text, char own[RTP_ADDRESS_BYTES]);

struct rtp_ports {
	uint16_t first, last;
};

/*
 * The sockets of all calls.  Nobody is woken for a packet: what came is taken
 * when it is asked for, once in a tick, with the time at which it came.
 * Errors: KK_EIO, KK_ENOMEM.
 */
struct rtp_set;

MUST_CHECK enum kk_err rtp_set_new(struct rtp_set **sp);
/* After all calls of it.  NULL is fine. */
void rtp_set_free(struct rtp_set *s);
/* As much of what came as a tick has time for. */
void rtp_set_take(struct rtp_set *s);
/* Sends what rtp_send() was given. */
void rtp_set_send(struct rtp_set *s);

/* Opened and authentic; valid during the call.  It may not free a call.
 * now_us: when it came, by the kernel's word where it gives one. */
typedef void rtp_came_fn(void *arg, struct kk_view packet, uint64_t now_us);

struct rtp;

/*
 * Opens an even port and the one above it, at address.  The set outlives it.
 * Errors: KK_EINVAL the
 * address; KK_ELIMIT all ports of the range are taken; KK_EIO, KK_ENOMEM.
 */
MUST_CHECK enum kk_err rtp_new(struct rtp **rp, struct rtp_set *set,
    const char *address, struct rtp_ports ports, rtp_came_fn *came, void *arg);
void rtp_free(struct rtp *r); /* wipes the keys; NULL is fine */

uint16_t rtp_port(const struct rtp *r);

/*
 * What was agreed on, at first or anew.  Keys that stay the same keep their
 * state.  Errors: KK_EINVAL an address of another family; KK_EUNSUP the suite;
 * KK_ENOMEM, KK_ECRYPTO.  Then nothing has changed.
 */
MUST_CHECK enum kk_err rtp_agree(struct rtp *r,
    const struct offer_stream *stream);
bool rtp_is_sealed(const struct rtp *r);

/* Has a packet sent, by rtp_set_send() at the latest; where that cannot be, it
 * is lost as others are. */
void rtp_send(struct rtp *r, struct kk_view packet);
/* Each 20 ms: RTCP, and the next packets may be taken. */
void rtp_tick(struct rtp *r, uint64_t now_us);

/* When the last packet came; the time of rtp_agree() at first. */
uint64_t rtp_last_us(const struct rtp *r);

/* Whether what we send may get lost on its way: a report told of more than 1 %
 * not long ago, or none has come. */
bool rtp_may_lose(const struct rtp *r, uint64_t now_us);

struct rtp_stats {
	uint64_t taken, strange, unauthentic, too_many, sent;
};
void rtp_stats(const struct rtp *r, struct rtp_stats *stats);

uint64_t rtp_now_us(void); /* CLOCK_MONOTONIC */
