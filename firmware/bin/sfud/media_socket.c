/* media_socket.c - the media port: one number, for IPv4 and IPv6. */
#define _GNU_SOURCE /* recvmmsg, in6_pktinfo */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "media_internal.h"

enum {
	BUFFER_BYTES = 4 * 1024 * 1024, /* as far as the system allows */
	ROUNDS_MAX = 8, /* of batches, before others' events have their turn */
	PORT_TRIES = 16, /* for a number that is free in both families */
	CONTROL_BYTES = 128
};

struct media_in {
	struct mmsghdr headers[MEDIA_BATCH];
	struct iovec iovs[MEDIA_BATCH];
	struct sockaddr_storage from[MEDIA_BATCH];
	_Alignas(struct cmsghdr) uint8_t control[MEDIA_BATCH][CONTROL_BYTES];
	uint8_t data[MEDIA_BATCH][MEDIA_DATAGRAM_BYTES];
};

void media_address_of(struct media_address *a, const struct sockaddr *from)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	*a = (struct media_address){ .family = from->sa_family };
	if (from->sa_family == AF_INET) {
		memcpy(&v4, from, sizeof(v4));
		memcpy(a->ip, &v4.sin_addr, sizeof(v4.sin_addr));
		a->port = ntohs(v4.sin_port);
	} else if (from->sa_family == AF_INET6) {
		memcpy(&v6, from, sizeof(v6));
		memcpy(a->ip, &v6.sin6_addr, sizeof(v6.sin6_addr));
		a->port = ntohs(v6.sin6_port);
		a->scope = v6.sin6_scope_id;
	}
}

socklen_t media_address_to(const struct media_address *a,
    struct sockaddr_storage *to)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET,
		.sin_port = htons(a->port) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6,
		.sin6_port = htons(a->port),
		.sin6_scope_id = a->scope };

	*to = (struct sockaddr_storage){ 0 };
	if (a->family == AF_INET) {
		memcpy(&v4.sin_addr, a->ip, sizeof(v4.sin_addr));
		memcpy(to, &v4, sizeof(v4));
		return sizeof(v4);
	}
	memcpy(&v6.sin6_addr, a->ip, sizeof(v6.sin6_addr));
	memcpy(to, &v6, sizeof(v6));
	return sizeof(v6);
}

/* --- receiving ----------------------------------------------------------- */

/* The address of ours that it came to; none when the system does not say. */
static struct media_address local_of(struct msghdr *m)
{
	struct media_address a = { 0 };

	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		struct in_pktinfo v4;
		struct in6_pktinfo v6;

		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			memcpy(&v4, CMSG_DATA(c), sizeof(v4));
			a.family = AF_INET;
			memcpy(a.ip, &v4.ipi_addr, sizeof(v4.ipi_addr));
		} else if (c->cmsg_level == IPPROTO_IPV6 &&
		    c->cmsg_type == IPV6_PKTINFO) {
			memcpy(&v6, CMSG_DATA(c), sizeof(v6));
			a.family = AF_INET6;
			memcpy(a.ip, &v6.ipi6_addr, sizeof(v6.ipi6_addr));
			if (IN6_IS_ADDR_LINKLOCAL(&v6.ipi6_addr))
				a.scope = v6.ipi6_ifindex;
		}
	}
	return a;
}

static void headers_set(struct media_in *in)
{
	for (size_t i = 0; i < MEDIA_BATCH; i++) {
		in->iovs[i] = (struct iovec){ in->data[i],
			MEDIA_DATAGRAM_BYTES };
		in->headers[i].msg_hdr =
		    (struct msghdr){ .msg_name = &in->from[i],
			    .msg_namelen = sizeof(in->from[i]),
			    .msg_iov = &in->iovs[i],
			    .msg_iovlen = 1,
			    .msg_control = in->control[i],
			    .msg_controllen = sizeof(in->control[i]) };
	}
}

static void batch_take(struct media *media, size_t count)
{
	struct media_in *in = media->in;
	uint64_t now_us = media_now_us();

	for (size_t i = 0; i < count; i++) {
		struct media_address remote, local;
		struct mmsghdr *h = &in->headers[i];

		if (h->msg_hdr.msg_flags & MSG_TRUNC) {
			media->counts.refused_packets++;
			continue;
		}
		media_address_of(&remote, (struct sockaddr *)&in->from[i]);
		local = local_of(&h->msg_hdr);
		media_input(media, kk_view_of(in->data[i], h->msg_len), &remote,
		    &local, now_us);
	}
}

static void socket_read(struct media *media, int fd)
{
	for (unsigned i = 0; i < ROUNDS_MAX; i++) {
		int n;

		headers_set(media->in);
		n = recvmmsg(fd, media->in->headers, MEDIA_BATCH, MSG_DONTWAIT,
		    NULL);
		if (n <= 0) /* nothing, or an ICMP error about one peer */
			break;
		batch_take(media, (size_t)n);
		if (n < MEDIA_BATCH)
			break;
	}
}

static int on_readable(sd_event_source *source, int fd, uint32_t events,
    void *arg)
{
	struct media_socket *s = arg;

	(void)source;
	(void)events;
	socket_read(s->media, fd);
	media_settle(s->media);
	return 0;
}

void media_sockets_read(struct media *media)
{
	for (size_t i = 0; i < MEDIA_SOCKETS; i++) {
		if (media->sockets[i].fd >= 0)
			socket_read(media, media->sockets[i].fd);
	}
}

/* --- opening ------------------------------------------------------------- */

static bool options_set(int fd, sa_family_t family)
{
	const int on = 1, buffer = BUFFER_BYTES;

	/* The system's limit holds; less is no error. */
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof(buffer));
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof(buffer));
	if (family == AF_INET)
		return setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on,
			   sizeof(on)) == 0;
	return setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) ==
	    0 &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on)) ==
	    0;
}

/* Errors: KK_EUNSUP the system has not this family; KK_EIO. */
static enum kk_err socket_bind(struct media_socket *s, uint16_t *port)
{
	struct media_address any = { .family = s->family, .port = *port };
	struct sockaddr_storage at;
	socklen_t bytes = media_address_to(&any, &at);

	s->fd = socket(s->family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s->fd < 0)
		return errno == EAFNOSUPPORT ? KK_EUNSUP : KK_EIO;
	if (!options_set(s->fd, s->family) ||
	    bind(s->fd, (struct sockaddr *)&at, bytes)) {
		bool is_missing = errno == EADDRNOTAVAIL;

		close(s->fd);
		s->fd = -1;
		return is_missing ? KK_EUNSUP : KK_EIO;
	}
	bytes = sizeof(at);
	if (getsockname(s->fd, (struct sockaddr *)&at, &bytes))
		return KK_EIO;
	media_address_of(&any, (struct sockaddr *)&at);
	*port = any.port;
	return KK_OK;
}

static void sockets_unbind(struct media *media)
{
	for (size_t i = 0; i < MEDIA_SOCKETS; i++) {
		if (media->sockets[i].fd >= 0)
			close(media->sockets[i].fd);
		media->sockets[i].fd = -1;
	}
}

/* Where nobody has asked for this port, UDP alone is better than nothing. */
static enum kk_err tcp_open(struct media *media, uint16_t udp_port)
{
	const struct media_config *config = &media->config;
	enum kk_err err;

	if (config->over == MEDIA_OVER_UDP)
		return KK_OK;
	err = media_tcp_open(media,
	    config->tcp_port ? config->tcp_port : udp_port);
	if (err != KK_EIO || config->over == MEDIA_OVER_TCP ||
	    config->tcp_port || !config->port)
		return err;
	kk_log(config->log, KK_LOG_WARNING,
	    "no media over TCP, its port is taken port=%u", udp_port);
	return KK_OK;
}

static enum kk_err sockets_bind(struct media *media, uint16_t *port)
{
	enum kk_err err = socket_bind(&media->sockets[MEDIA_V4], port);
	bool has_v4 = !err;

	if (!err || err == KK_EUNSUP)
		err = socket_bind(&media->sockets[MEDIA_V6], port);
	if (err == KK_EUNSUP && has_v4)
		err = KK_OK;
	if (!err)
		err = tcp_open(media, *port);
	if (err)
		sockets_unbind(media);
	return err == KK_ENOMEM ? err : err ? KK_EIO : KK_OK;
}

static enum kk_err sockets_watch(struct media *media)
{
	for (size_t i = 0; i < MEDIA_SOCKETS; i++) {
		struct media_socket *s = &media->sockets[i];

		if (s->fd >= 0 &&
		    sd_event_add_io(media->event, &s->source, s->fd, EPOLLIN,
			on_readable, s) < 0)
			return KK_ENOMEM;
	}
	return KK_OK;
}

enum kk_err media_sockets_open(struct media *media)
{
	unsigned tries = media->port ? 1 : PORT_TRIES;
	enum kk_err err = KK_EIO;
	uint16_t port = 0;

	media->in = kk_calloc(1, sizeof(*media->in));
	if (!media->in)
		return KK_ENOMEM;
	for (size_t i = 0; i < MEDIA_SOCKETS; i++) {
		media->sockets[i].media = media;
		media->sockets[i].family = i == MEDIA_V4 ? AF_INET : AF_INET6;
	}
	for (unsigned i = 0; err && err != KK_ENOMEM && i < tries; i++) {
		port = media->port;
		err = sockets_bind(media, &port);
	}
	media->port = port;
	return err ? err : sockets_watch(media);
}

void media_sockets_close(struct media *media)
{
	for (size_t i = 0; i < MEDIA_SOCKETS; i++)
		sd_event_source_disable_unref(media->sockets[i].source);
	media_tcp_shut(media);
	sockets_unbind(media);
	kk_free(media->in);
}
