/* loop.c - libwebsockets' sockets and timers in an sd-event loop.
 *
 * Debian's has no sd-event backend, so it is driven as its external poll
 * loops are: it tells which descriptors it wants watched, and is called when
 * one is ready, or when one of its timers is due. */
#define _GNU_SOURCE /* CLOCK_MONOTONIC */
#include <sys/epoll.h>
#include <systemd/sd-event.h>
#include <time.h>

#include "ws/ws_private.h"

enum { FAR_MS = 60000, SLACK_US = 1000, TICKS = 5 };

uint64_t ws_now_us(const struct ws *ws)
{
	uint64_t now_us = 0;

	(void)sd_event_now(ws->event, CLOCK_MONOTONIC, &now_us);
	return now_us;
}

void ws_loop_wake(struct ws *ws)
{
	(void)sd_event_source_set_time(ws->timer, 0);
	(void)sd_event_source_set_enabled(ws->timer, SD_EVENT_ONESHOT);
}

/* Not inside a callback of libwebsockets: this runs timers that are due. */
static void timer_set(struct ws *ws)
{
	int left_ms = lws_service_adjust_timeout(ws->context, FAR_MS, 0);
	uint64_t left_us = left_ms > 0 ? (uint64_t)left_ms * 1000 : 0;

	(void)sd_event_source_set_time_relative(ws->timer, left_us);
	(void)sd_event_source_set_enabled(ws->timer, SD_EVENT_ONESHOT);
}

static int timer_due(sd_event_source *source, uint64_t now_us, void *arg)
{
	struct ws *ws = arg;

	(void)source;
	(void)now_us;
	/* -1: what is due, without waiting */
	(void)lws_service_tsi(ws->context, -1, 0);
	timer_set(ws);
	return 0;
}

static short poll_of(uint32_t epoll)
{
	int events = 0;

	if (epoll & EPOLLIN)
		events |= LWS_POLLIN;
	if (epoll & EPOLLOUT)
		events |= LWS_POLLOUT;
	if (epoll & (EPOLLHUP | EPOLLERR))
		events |= LWS_POLLHUP;
	return (short)events;
}

static uint32_t epoll_of(int poll)
{
	return (poll & LWS_POLLIN ? (uint32_t)EPOLLIN : 0) |
	    (poll & LWS_POLLOUT ? (uint32_t)EPOLLOUT : 0);
}

static int socket_ready(sd_event_source *source, int fd, uint32_t revents,
    void *arg)
{
	struct ws_socket *s = arg;
	struct ws *ws = s->ws;
	struct lws_pollfd ready = { .fd = fd,
		.events = s->events,
		.revents = poll_of(revents) };

	(void)source;
	(void)lws_service_fd(ws->context, &ready); /* s may be gone */
	timer_set(ws);
	return 0;
}

static bool room_make(struct ws *ws, int fd)
{
	size_t room = ws->socket_room ? ws->socket_room : 64;
	struct ws_socket **sockets;

	while (room <= (size_t)fd)
		room *= 2;
	if (room == ws->socket_room)
		return true;
	sockets = kk_regrow(ws->sockets, ws->socket_room, room,
	    sizeof(struct ws_socket *));
	if (!sockets)
		return false;
	ws->sockets = sockets;
	ws->socket_room = room;
	return true;
}

static struct ws_socket *socket_get(const struct ws *ws, int fd)
{
	return fd >= 0 && (size_t)fd < ws->socket_room ? ws->sockets[fd] : NULL;
}

static void socket_remove(struct ws *ws, int fd)
{
	struct ws_socket *s = socket_get(ws, fd);

	if (!s)
		return;
	if (s->server)
		s->server->sockets--;
	(void)sd_event_source_disable_unref(s->source);
	kk_free(s);
	ws->sockets[fd] = NULL;
}

static int socket_add(struct ws *ws, int fd, int events,
    struct ws_server *server)
{
	struct ws_socket *s;

	socket_remove(ws, fd);
	s = fd >= 0 && room_make(ws, fd) ? kk_calloc(1, sizeof(*s)) : NULL;
	if (!s)
		return -1;
	*s = (struct ws_socket){ .ws = ws,
		.fd = fd,
		.events = (short)events,
		.server = server };
	if (sd_event_add_io(ws->event, &s->source, fd, epoll_of(events),
		socket_ready, s) < 0) {
		kk_free(s);
		return -1;
	}
	if (server)
		server->sockets++;
	ws->sockets[fd] = s;
	return 0;
}

static int socket_change(struct ws *ws, int fd, int events)
{
	struct ws_socket *s = socket_get(ws, fd);

	if (!s)
		return 0;
	s->events = (short)events;
	return sd_event_source_set_io_events(s->source, epoll_of(events)) < 0 ?
	    -1 :
	    0;
}

int ws_loop_poll(struct ws *ws, struct lws *lws,
    enum lws_callback_reasons reason, const struct lws_pollargs *args)
{
	struct lws_vhost *vhost = lws_get_vhost(lws);

	switch (reason) {
	case LWS_CALLBACK_ADD_POLL_FD:
		return socket_add(ws, args->fd, args->events,
		    vhost ? lws_vhost_user(vhost) : NULL);
	case LWS_CALLBACK_DEL_POLL_FD:
		socket_remove(ws, args->fd);
		return 0;
	default:
		return socket_change(ws, args->fd, args->events);
	}
}

/* Who has not been heard is lost; a pong is asked for before. */
static int tick(sd_event_source *source, uint64_t now_us, void *arg)
{
	struct ws *ws = arg;
	struct ws_conn *next;

	(void)now_us;
	for (struct ws_conn *conn = ws->conns; conn; conn = next) {
		next = conn->next;
		ws_conn_tick(conn, ws_now_us(ws)); /* may move it to ended */
	}
	(void)sd_event_source_set_time_relative(source,
	    ws->times.ping_us / TICKS);
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static int ends_tell(sd_event_source *source, void *arg)
{
	struct ws *ws = arg;

	(void)source;
	for (;;) {
		struct ws_conn *conn = ws->ended;

		while (conn && conn->is_told)
			conn = conn->next;
		if (!conn)
			return 0;
		conn->is_told = true;
		/* It may free any, so begin anew. */
		conn->handler->closed(conn->arg, conn, conn->why);
	}
}

enum kk_err ws_loop_start(struct ws *ws)
{
	if (sd_event_add_time(ws->event, &ws->timer, CLOCK_MONOTONIC, 0,
		SLACK_US, timer_due, ws) < 0 ||
	    sd_event_add_time_relative(ws->event, &ws->tick, CLOCK_MONOTONIC,
		ws->times.ping_us / TICKS, SLACK_US, tick, ws) < 0 ||
	    /* What has come is read before somebody is held for lost. */
	    sd_event_source_set_priority(ws->tick,
		SD_EVENT_PRIORITY_NORMAL + 1) < 0 ||
	    sd_event_add_defer(ws->event, &ws->defer, ends_tell, ws) < 0 ||
	    sd_event_source_set_enabled(ws->defer, SD_EVENT_OFF) < 0)
		return KK_EIO;
	return KK_OK;
}

void ws_loop_stop(struct ws *ws)
{
	for (size_t fd = 0; fd < ws->socket_room; fd++)
		socket_remove(ws, (int)fd);
	kk_free(ws->sockets);
	(void)sd_event_source_disable_unref(ws->timer);
	(void)sd_event_source_disable_unref(ws->tick);
	(void)sd_event_source_disable_unref(ws->defer);
}
