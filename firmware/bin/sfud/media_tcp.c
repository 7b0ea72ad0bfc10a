/*
 * media_tcp.c - ICE over TCP, for who is let out by TCP alone: we are passive
 * (RFC 6544).  Connections come here, and go.
 *
 * A connection gives a path and nothing else.  It is a stranger's until a check
 * on it is good: till then it is closed by anything but a check, by time, or
 * when it is the oldest of too many, and it hears nothing.
 *
 * Connections are named by numbers that do not come again, so that nobody keeps
 * one that is gone.
 */
#define _GNU_SOURCE /* accept4 */
#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

#include "media_tcp.h"

enum {
	STRANGERS_MAX = 256,
	STRANGERS_OF_ONE_MAX = 32, /* address; of IPv6, network */
	/* A check is sent at once, and again for some seconds (RFC 8445,
	 * 14.3). */
	STRANGER_US = 10000000,
	BACKLOG = 128,
	ACCEPTS_MAX = 16, /* before packets have their turn */
	/* In the system: what waits there is not news any more. */
	UNSENT_BYTES = 16 * 1024,
	SOCKET_BYTES = 256 * 1024,
	TICK_US = 1000000,
	SLACK_US = 100000,
	IPV6_NETWORK_BYTES = 8
};

/* --- the lists ----------------------------------------------------------- */

struct media_connection *media_connection_find(const struct media *media,
    uint64_t number)
{
	struct media_connection *c = media->tcp ?
	    media->tcp->list[number & (MEDIA_TCP_CONNECTIONS_MAX - 1)] :
	    NULL;

	return c && c->number == number ? c : NULL;
}

static void enlist(struct media_tcp *tcp, struct media_connection *c)
{
	size_t i = tcp->next_index;

	while (tcp->list[i])
		i = (i + 1) % MEDIA_TCP_CONNECTIONS_MAX;
	tcp->next_index = (i + 1) % MEDIA_TCP_CONNECTIONS_MAX;
	tcp->list[i] = c;
	tcp->count++;
	c->number = ++tcp->last_serial << MEDIA_TCP_INDEX_BITS | i;
	c->remote.connection = c->number;
	c->is_stranger = true;
	c->prev = tcp->newest;
	*(c->prev ? &c->prev->next : &tcp->oldest) = c;
	tcp->newest = c;
	tcp->stranger_count++;
}

void media_stranger_forget(struct media_tcp *tcp, struct media_connection *c)
{
	if (!c->is_stranger)
		return;
	c->is_stranger = false;
	*(c->prev ? &c->prev->next : &tcp->oldest) = c->next;
	*(c->next ? &c->next->prev : &tcp->newest) = c->prev;
	c->next = c->prev = NULL;
	tcp->stranger_count--;
}

static void waiting_forget(struct media_tcp *tcp,
    const struct media_connection *c)
{
	struct media_connection **at = &tcp->waiting;

	if (!c->is_waiting)
		return; /* nearly always: each turn ends with a flush */
	while (*at && *at != c)
		at = &(*at)->waiting_next;
	if (*at)
		*at = c->waiting_next;
}

static void connection_free(struct media_connection *c)
{
	sd_event_source_disable_unref(c->source);
	if (c->fd >= 0)
		(void)close(c->fd);
	kk_free(c->out);
	kk_free_wiped(c, sizeof(*c));
}

void media_tcp_close(struct media *media, uint64_t number)
{
	struct media_tcp *tcp = media->tcp;
	struct media_connection *c = media_connection_find(media, number);
	struct media_path *path;

	if (!c)
		return;
	path = media_path_find(media, &c->remote);
	tcp->list[number & (MEDIA_TCP_CONNECTIONS_MAX - 1)] = NULL;
	tcp->count--;
	media_stranger_forget(tcp, c);
	waiting_forget(tcp, c);
	connection_free(c);
	if (path)
		media_path_clear(path);
}

/* --- coming and going ---------------------------------------------------- */

static bool is_of_one(const struct media_address *a,
    const struct media_address *b)
{
	return a->family == b->family &&
	    memcmp(a->ip, b->ip,
		a->family == AF_INET6 ? IPV6_NETWORK_BYTES :
					sizeof(struct in_addr)) == 0;
}

/* The oldest stranger, where there are too many: who means it has sent its
 * check by now.  Else NULL. */
static struct media_connection *one_too_many(const struct media_tcp *tcp,
    const struct media_address *next)
{
	struct media_connection *oldest = NULL;
	size_t count = 0;

	for (struct media_connection *c = tcp->oldest; c; c = c->next) {
		if (!is_of_one(&c->remote, next))
			continue;
		oldest = oldest ? oldest : c;
		count++;
	}
	if (count >= STRANGERS_OF_ONE_MAX)
		return oldest;
	return tcp->stranger_count == STRANGERS_MAX ||
		tcp->count == MEDIA_TCP_CONNECTIONS_MAX ?
	    tcp->oldest :
	    NULL;
}

static bool options_set(int fd)
{
	const int on = 1, bytes = SOCKET_BYTES, unsent = UNSENT_BYTES;

	return setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes)) == 0 &&
	    setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent,
		sizeof(unsent)) == 0;
}

static void local_find(struct media_connection *c)
{
	struct sockaddr_storage at;
	socklen_t bytes = sizeof(at);

	if (getsockname(c->fd, (struct sockaddr *)&at, &bytes) == 0)
		media_address_of(&c->local, (struct sockaddr *)&at);
}

static void timer_wake(struct media_tcp *tcp)
{
	if (sd_event_source_set_time_relative(tcp->timer, TICK_US) < 0 ||
	    sd_event_source_set_enabled(tcp->timer, SD_EVENT_ONESHOT) < 0)
		kk_log(tcp->media->config.log, KK_LOG_ERROR, "no timer");
}

/* Errors: KK_ELIMIT, KK_ENOMEM, KK_EIO; fd is closed. */
static enum kk_err connection_new(struct media_tcp *tcp, int fd,
    const struct media_address *remote)
{
	struct media_connection *c;

	if (tcp->count == MEDIA_TCP_CONNECTIONS_MAX) {
		(void)close(fd);
		return KK_ELIMIT;
	}
	c = kk_calloc(1, sizeof(*c));
	if (!c) {
		(void)close(fd);
		return KK_ENOMEM;
	}
	c->media = tcp->media;
	c->fd = fd;
	c->remote = *remote;
	c->since_us = media_now_us();
	local_find(c);
	if (!options_set(fd) ||
	    sd_event_add_io(tcp->media->event, &c->source, fd, EPOLLIN,
		media_connection_event, c) < 0) {
		connection_free(c);
		return KK_EIO;
	}
	if (tcp->count == 0)
		timer_wake(tcp);
	enlist(tcp, c);
	return KK_OK;
}

static void admit(struct media_tcp *tcp, int fd, const struct sockaddr *from)
{
	struct media_counts *counts = &tcp->media->counts;
	const struct media_connection *oldest;
	struct media_address remote;

	media_address_of(&remote, from);
	oldest = one_too_many(tcp, &remote);
	if (oldest) {
		counts->refused_connections++;
		media_tcp_close(tcp->media, oldest->number);
	}
	if (connection_new(tcp, fd, &remote))
		counts->refused_connections++;
}

static bool is_exhausted(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS ||
	    error == ENOMEM;
}

static int on_listener(sd_event_source *source, int fd, uint32_t events,
    void *arg)
{
	struct media_tcp *tcp = ((struct media_socket *)arg)->media->tcp;

	(void)events;
	for (unsigned i = 0; i < ACCEPTS_MAX; i++) {
		struct sockaddr_storage from;
		socklen_t bytes = sizeof(from);
		int with = accept4(fd, (struct sockaddr *)&from, &bytes,
		    SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (with < 0 && is_exhausted(errno)) {
			/* It would say so again at once: with the next tick. */
			timer_wake(tcp);
			return sd_event_source_set_enabled(source,
			    SD_EVENT_OFF);
		}
		if (with < 0)
			break; /* nobody, or one who has gone */
		admit(tcp, with, (struct sockaddr *)&from);
	}
	return 0;
}

/* --- time ---------------------------------------------------------------- */

static void strangers_end(struct media_tcp *tcp, uint64_t now_us)
{
	while (tcp->oldest && now_us - tcp->oldest->since_us > STRANGER_US) {
		tcp->media->counts.refused_connections++;
		media_tcp_close(tcp->media, tcp->oldest->number);
	}
}

/* Without checks for as long as consent holds: its peer is gone, or has a
 * better way. */
static void unused_end(struct media_tcp *tcp, uint64_t now_us)
{
	for (size_t i = 0; i < MEDIA_TCP_CONNECTIONS_MAX; i++) {
		const struct media_connection *c = tcp->list[i];
		const struct media_path *path = c ?
		    media_path_find(tcp->media, &c->remote) :
		    NULL;

		if (path && now_us - path->checked_us > MEDIA_CONSENT_US)
			media_tcp_close(tcp->media, c->number);
	}
}

static int on_tick(sd_event_source *source, uint64_t at_us, void *arg)
{
	struct media_tcp *tcp = arg;
	const uint64_t now_us = media_now_us();

	(void)source;
	(void)at_us;
	strangers_end(tcp, now_us);
	unused_end(tcp, now_us);
	for (size_t i = 0; i < MEDIA_SOCKETS; i++) {
		if (tcp->listeners[i].source)
			(void)sd_event_source_set_enabled(
			    tcp->listeners[i].source, SD_EVENT_ON);
	}
	if (tcp->count > 0)
		timer_wake(tcp);
	return 0;
}

/* --- opening ------------------------------------------------------------- */

/* Errors: KK_EIO, KK_ENOMEM. */
static enum kk_err listener_open(struct media_tcp *tcp, size_t i,
    sa_family_t family, uint16_t port)
{
	const struct media_address any = { .family = family, .port = port };
	struct media_socket *s = &tcp->listeners[i];
	struct sockaddr_storage at;
	socklen_t bytes = media_address_to(&any, &at);
	const int on = 1;

	s->media = tcp->media;
	s->fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	/* Connections of before a restart wait in the system for a while. */
	if (s->fd < 0 ||
	    setsockopt(s->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    (family == AF_INET6 &&
		setsockopt(s->fd, IPPROTO_IPV6, IPV6_V6ONLY, &on,
		    sizeof(on))) ||
	    bind(s->fd, (struct sockaddr *)&at, bytes) ||
	    listen(s->fd, BACKLOG))
		return KK_EIO;
	return sd_event_add_io(tcp->media->event, &s->source, s->fd, EPOLLIN,
		   on_listener, s) < 0 ?
	    KK_ENOMEM :
	    KK_OK;
}

static enum kk_err tcp_fill(struct media_tcp *tcp, uint16_t port)
{
	struct media *media = tcp->media;
	enum kk_err err = KK_OK;

	if (sd_event_add_time_relative(media->event, &tcp->timer,
		CLOCK_MONOTONIC, 0, SLACK_US, on_tick, tcp) < 0 ||
	    sd_event_source_set_enabled(tcp->timer, SD_EVENT_OFF) < 0)
		return KK_ENOMEM;
	for (size_t i = 0; i < MEDIA_SOCKETS && !err; i++) {
		/* A family that UDP has. */
		if (media->sockets[i].fd >= 0)
			err = listener_open(tcp, i, media->sockets[i].family,
			    port);
	}
	return err;
}

enum kk_err media_tcp_open(struct media *media, uint16_t port)
{
	struct media_tcp *tcp = kk_calloc(1, sizeof(*tcp));
	enum kk_err err;

	if (!tcp)
		return KK_ENOMEM;
	tcp->media = media;
	for (size_t i = 0; i < MEDIA_SOCKETS; i++)
		tcp->listeners[i].fd = -1;
	media->tcp = tcp;
	media->tcp_port = port;
	err = tcp_fill(tcp, port);
	if (err)
		media_tcp_shut(media);
	return err;
}

void media_tcp_shut(struct media *media)
{
	struct media_tcp *tcp = media->tcp;

	if (!tcp)
		return;
	for (size_t i = 0; i < MEDIA_TCP_CONNECTIONS_MAX; i++) {
		if (tcp->list[i])
			media_tcp_close(media, tcp->list[i]->number);
	}
	for (size_t i = 0; i < MEDIA_SOCKETS; i++) {
		sd_event_source_disable_unref(tcp->listeners[i].source);
		if (tcp->listeners[i].fd >= 0)
			(void)close(tcp->listeners[i].fd);
	}
	sd_event_source_disable_unref(tcp->timer);
	media->tcp = NULL;
	kk_free(tcp);
}
