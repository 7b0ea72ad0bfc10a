/* rtp.c - a call's sockets, and what comes and goes there. */
#define _GNU_SOURCE
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "rtp_private.h"
#include "wire/demux.h"
#include "wire/rtp.h"

enum {
	TRIES = 64, /* ports that are looked at: most are free */
	SSRCS = 8 /* that a telephone may have in a call */
};

uint16_t rtp_port(const struct rtp *r)
{
	return r->port;
}

bool rtp_is_sealed(const struct rtp *r)
{
	return r->tx != NULL;
}

uint64_t rtp_last_us(const struct rtp *r)
{
	return r->last_us;
}

void rtp_stats(const struct rtp *r, struct rtp_stats *stats)
{
	*stats = r->stats;
}

/*
 * What comes.
 */
static bool is_expected(const struct rtp *r, int which,
    const union rtp_address *from)
{
	const union rtp_address *to = &r->to[which];

	if (!r->has_to)
		return false;
	if (r->is_latched)
		return which == RTP_SOUND ? rtp_address_is(to, from) :
					    rtp_address_is_host(to, from);
	return r->rx || rtp_address_is_host(to, from);
}

static enum kk_err packet_open(struct rtp *r, bool is_control,
    struct kk_view in, struct kk_view *opened)
{
	uint8_t *out = r->set->changed;
	size_t bytes = RTP_DATAGRAM_BYTES;
	enum kk_err err;

	*opened = in;
	if (!r->rx)
		return KK_OK;
	err = is_control ? srtp_rx_open_rtcp(r->rx, in, out, &bytes) :
			   srtp_rx_open_rtp(r->rx, in, out, &bytes);
	*opened = kk_view_of(out, bytes);
	return err;
}

/* It comes from there: there it goes. */
static void latch(struct rtp *r, const union rtp_address *from)
{
	const uint16_t control = rtp_address_port(&r->to[RTP_CONTROL]);

	if (r->is_latched)
		return;
	r->to[RTP_CONTROL] = *from;
	/* As long as it is where it was said to be, so is its RTCP. */
	if (rtp_address_is(&r->to[RTP_SOUND], from))
		rtp_address_set_port(&r->to[RTP_CONTROL], control);
	else if (!r->is_joined)
		rtp_address_set_port(&r->to[RTP_CONTROL],
		    (uint16_t)(rtp_address_port(from) + 1));
	r->to[RTP_SOUND] = *from;
	r->is_latched = true;
	/* What others send is dropped before it costs us anything, and what
	 * goes has its way already. */
	r->is_connected = !connect(r->socket[RTP_SOUND].fd, &from->any,
	    rtp_address_bytes(from));
}

/* A socket that was bound stays so: connect(2). */
static void unlatch(struct rtp *r)
{
	const struct sockaddr nobody = { .sa_family = AF_UNSPEC };

	if (r->is_connected)
		(void)!connect(r->socket[RTP_SOUND].fd, &nobody,
		    sizeof(nobody));
	r->is_latched = r->is_connected = false;
	r->has_report = false; /* another way may lose more */
}

struct origin {
	union rtp_address from;
	uint64_t us; /* when it came */
};

static void taken(struct rtp *r, bool is_control, struct kk_view packet,
    const struct origin *of)
{
	struct wire_rtp rtp;

	if (is_control) {
		if (rtp_control_take(r, packet, of->us))
			r->last_us = of->us;
		return;
	}
	if (wire_rtp_parse(&rtp, packet))
		return;
	latch(r, &of->from);
	r->stats.taken++;
	r->last_us = of->us;
	r->came(r->arg, packet, of->us);
}

static void datagram(struct rtp *r, int which, struct kk_view in,
    const struct origin *of)
{
	const enum wire_kind kind = wire_kind_of(in);
	const bool is_control = kind == WIRE_KIND_RTCP;
	struct kk_view packet;

	if (kind != (which == RTP_CONTROL ? WIRE_KIND_RTCP : WIRE_KIND_RTP) &&
	    !(r->is_joined && is_control))
		return;
	if (!is_expected(r, which, &of->from)) {
		r->stats.strange++;
		return;
	}
	if (packet_open(r, is_control, in, &packet))
		r->stats.unauthentic++;
	else
		taken(r, is_control, packet, of);
	if (r->rx)
		kk_wipe(r->set->changed, in.bytes);
}

/* The kernel's word of when it came (socket(7), SO_TIMESTAMPNS). */
static uint64_t came_us(const struct rtp_set *s, struct msghdr *m)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		struct timespec stamp;

		if (c->cmsg_level != SOL_SOCKET ||
		    c->cmsg_type != SCM_TIMESTAMPNS ||
		    c->cmsg_len != CMSG_LEN(sizeof(stamp)))
			continue;
		memcpy(&stamp, CMSG_DATA(c), sizeof(stamp));
		return rtp_set_came_us(s, &stamp);
	}
	return rtp_now_us();
}

/* False: there is none. */
static bool datagram_take(struct rtp *r, int which)
{
	struct rtp_socket *s = &r->socket[which];
	_Alignas(struct cmsghdr)
	    uint8_t control[CMSG_SPACE(sizeof(struct timespec))];
	uint8_t *data = r->set->data;
	struct origin of = { .from.any.sa_family = AF_UNSPEC };
	struct iovec to = { data, RTP_DATAGRAM_BYTES };
	struct msghdr m = { .msg_name = &of.from,
		.msg_namelen = sizeof(of.from),
		.msg_iov = &to,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control) };
	const ssize_t n = recvmsg(s->fd, &m, MSG_DONTWAIT | MSG_TRUNC);

	if (n < 0)
		return false;
	of.us = came_us(r->set, &m);
	/* What is left is dropped before anything is done with it. */
	if (++s->taken > RTP_PACKETS_PER_TICK)
		r->stats.too_many++;
	else if (n <= RTP_DATAGRAM_BYTES)
		datagram(r, which, kk_view_of(data, (size_t)n), &of);
	kk_wipe(data, n < RTP_DATAGRAM_BYTES ? (size_t)n : RTP_DATAGRAM_BYTES);
	return true;
}

/* In most ticks there is one, and to ask for more would cost as much again:
 * they are told of anyway. */
void rtp_readable(struct rtp *r, int which)
{
	const struct rtp_socket *s = &r->socket[which];

	while (datagram_take(r, which) && s->taken > 1 &&
	    s->taken <= 4 * RTP_PACKETS_PER_TICK)
		;
}

/*
 * What goes.
 */
void rtp_datagram_send(struct rtp *r, int which, struct kk_view packet)
{
	const int from = r->is_joined ? RTP_SOUND : which;
	const bool has_way = which == RTP_SOUND && r->is_connected;

	(void)!sendto(r->socket[from].fd, packet.data, packet.bytes,
	    MSG_DONTWAIT | MSG_NOSIGNAL, has_way ? NULL : &r->to[which].any,
	    has_way ? 0 : rtp_address_bytes(&r->to[which]));
}

void rtp_send(struct rtp *r, struct kk_view packet)
{
	uint8_t *out = rtp_set_room(r->set);
	size_t bytes = RTP_DATAGRAM_BYTES;
	struct wire_rtp rtp;

	if (!r->has_to || packet.bytes > bytes || wire_rtp_parse(&rtp, packet))
		return;
	if (!r->tx) {
		memcpy(out, packet.data, packet.bytes);
		bytes = packet.bytes;
	} else if (srtp_tx_seal_rtp(r->tx, packet, out, &bytes)) {
		return;
	}
	rtp_set_wait(r->set, r, bytes);
	r->ssrc = rtp.ssrc;
	r->timestamp = rtp.timestamp;
	r->packets++;
	r->octets += (uint32_t)rtp.payload.bytes;
	r->stats.sent++;
}

void rtp_tick(struct rtp *r, uint64_t now_us)
{
	for (int i = 0; i < RTP_SOCKETS; i++)
		r->socket[i].taken = 0;
	if (r->packets == 0 || now_us < r->report_us)
		return;
	r->report_us = now_us + RTP_SR_US;
	rtp_report(r);
}

/*
 * What was agreed on.
 */
static enum srtp_profile profile_of(enum offer_suite suite)
{
	static const enum srtp_profile profiles[OFFER_SUITE_COUNT] = {
		[OFFER_AEAD_AES_128_GCM] = SRTP_PROFILE_AEAD_AES_128_GCM,
		[OFFER_AEAD_AES_256_GCM] = SRTP_PROFILE_AEAD_AES_256_GCM,
		[OFFER_AES_CM_128_SHA1_80] = SRTP_PROFILE_AES128_CM_SHA1_80,
		[OFFER_AES_CM_128_SHA1_32] = SRTP_PROFILE_AES128_CM_SHA1_32,
	};

	return (unsigned)suite < OFFER_SUITE_COUNT ? profiles[suite] :
						     (enum srtp_profile)0;
}

static bool is_same(const struct offer_crypto *a, const struct offer_crypto *b)
{
	return a->suite == b->suite &&
	    kk_secret_equal(a->key, b->key, offer_suite_key_bytes(a->suite));
}

struct keys {
	struct srtp_tx *tx;
	struct srtp_rx *rx;
};

static void key_split(const struct offer_crypto *c, struct kk_view *key,
    struct kk_view *salt)
{
	const enum srtp_profile profile = profile_of(c->suite);

	*key = kk_view_of(c->key, srtp_key_bytes(profile));
	*salt = kk_view_of(c->key + key->bytes, srtp_salt_bytes(profile));
}

/* Those that stay are NULL. */
static enum kk_err keys_make(const struct rtp *r,
    const struct offer_stream *stream, struct keys *k)
{
	struct kk_view key, salt;
	enum kk_err err = KK_OK;

	if ((stream->ours.suite && !profile_of(stream->ours.suite)) ||
	    (stream->theirs.suite && !profile_of(stream->theirs.suite)))
		return KK_EUNSUP;
	if (stream->ours.suite && !is_same(&r->ours, &stream->ours)) {
		key_split(&stream->ours, &key, &salt);
		err = srtp_tx_new(&k->tx, profile_of(stream->ours.suite), key,
		    salt, 1);
	}
	if (!err && stream->theirs.suite &&
	    !is_same(&r->theirs, &stream->theirs)) {
		key_split(&stream->theirs, &key, &salt);
		err = srtp_rx_new(&k->rx, profile_of(stream->theirs.suite), key,
		    salt, SSRCS);
	}
	if (err)
		srtp_tx_free(k->tx);
	return err;
}

static void keys_set(struct rtp *r, const struct offer_stream *stream,
    const struct keys *k)
{
	if (k->tx || !stream->ours.suite) {
		srtp_tx_free(r->tx);
		r->tx = k->tx;
	}
	if (k->rx || !stream->theirs.suite) {
		srtp_rx_free(r->rx);
		r->rx = k->rx;
	}
	r->ours = stream->ours;
	r->theirs = stream->theirs;
}

enum kk_err rtp_agree(struct rtp *r, const struct offer_stream *stream)
{
	union rtp_address to, own = { .any.sa_family = AF_UNSPEC };
	socklen_t bytes = sizeof(own);
	struct keys k = { NULL, NULL };
	enum kk_err err;

	if (!rtp_address_parse(&to, stream->address, stream->port) ||
	    getsockname(r->socket[RTP_SOUND].fd, &own.any, &bytes) ||
	    own.any.sa_family != to.any.sa_family)
		return KK_EINVAL;
	err = keys_make(r, stream, &k);
	if (err)
		return err;
	keys_set(r, stream, &k);
	if (!r->has_to || !rtp_address_is(&r->to[RTP_SOUND], &to)) {
		unlatch(r);
		r->to[RTP_SOUND] = r->to[RTP_CONTROL] = to;
		rtp_address_set_port(&r->to[RTP_CONTROL], stream->rtcp_port);
	}
	r->is_joined = stream->port == stream->rtcp_port;
	r->has_to = true;
	r->last_us = rtp_now_us();
	return KK_OK;
}

/*
 * Sockets.
 */
static int socket_open(union rtp_address *a, uint16_t port)
{
	const int one = 1;
	const int fd = socket(a->any.sa_family,
	    SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	rtp_address_set_port(a, port);
	/* Without it, packets come when they are taken. */
	if (fd >= 0)
		(void)!setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &one,
		    sizeof(one));
	if (fd >= 0 &&
	    ((a->any.sa_family == AF_INET6 &&
		 setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one,
		     sizeof(one))) ||
		bind(fd, &a->any, rtp_address_bytes(a)))) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

static bool pair_open(struct rtp *r, union rtp_address *a, uint16_t port)
{
	struct rtp_socket *s = r->socket;

	s[RTP_SOUND].fd = socket_open(a, port);
	if (s[RTP_SOUND].fd < 0)
		return false;
	s[RTP_CONTROL].fd = socket_open(a, (uint16_t)(port + 1));
	if (s[RTP_CONTROL].fd >= 0)
		return true;
	(void)close(s[RTP_SOUND].fd);
	s[RTP_SOUND].fd = -1;
	return false;
}

/* Ports are not guessed by who does not see the call. */
static enum kk_err sockets_open(struct rtp *r, const char *address,
    struct rtp_ports ports)
{
	const unsigned first = (ports.first + 1u) / 2;
	const unsigned pairs = ports.last / 2u + ports.last % 2u - first;
	union rtp_address a;
	uint32_t at = 0;

	if (!rtp_address_parse(&a, address, 0) || ports.last <= ports.first ||
	    pairs == 0)
		return KK_EINVAL;
	if (getrandom(&at, sizeof(at), 0) != sizeof(at))
		return KK_EIO;
	at %= pairs;
	for (unsigned i = 0; i < TRIES && i < pairs; i++) {
		r->port = (uint16_t)(2 * (first + (at + i) % pairs));
		if (pair_open(r, &a, r->port))
			return KK_OK;
	}
	return KK_ELIMIT;
}

static enum kk_err name_make(struct rtp *r)
{
	static const char digits[] = "0123456789abcdef";
	uint8_t random[(sizeof(r->name) - 1) / 2];

	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		return KK_EIO;
	for (size_t i = 0; i < sizeof(random); i++) {
		r->name[2 * i] = digits[random[i] >> 4];
		r->name[2 * i + 1] = digits[random[i] & 15];
	}
	return KK_OK;
}

void rtp_free(struct rtp *r)
{
	if (!r)
		return;
	rtp_set_send(r->set);
	for (int i = 0; i < RTP_SOCKETS; i++)
		rtp_set_close(r->set, &r->socket[i]);
	srtp_tx_free(r->tx);
	srtp_rx_free(r->rx);
	kk_free_wiped(r, sizeof(*r));
}

enum kk_err rtp_new(struct rtp **rp, struct rtp_set *set, const char *address,
    struct rtp_ports ports, rtp_came_fn *came, void *arg)
{
	struct rtp *r = kk_calloc(1, sizeof(*r));
	enum kk_err err;

	if (!r)
		return KK_ENOMEM;
	r->came = came;
	r->arg = arg;
	r->set = set;
	for (int i = 0; i < RTP_SOCKETS; i++)
		r->socket[i] = (struct rtp_socket){ r, i, -1, false, 0 };
	err = name_make(r);
	if (!err)
		err = sockets_open(r, address, ports);
	for (int i = 0; !err && i < RTP_SOCKETS; i++)
		err = rtp_set_add(set, &r->socket[i]);
	if (err) {
		rtp_free(r);
		return err;
	}
	*rp = r;
	return KK_OK;
}
