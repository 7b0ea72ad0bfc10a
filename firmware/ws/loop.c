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
	ws->must_time = true;
}

/* An alarm that comes too early is set anew then; so it is moved only where it
 * would come too late, which spares a system call each turn. */
static void timer_set(struct ws *ws)
{
	int left_ms = lws_service_adjust_timeout(ws->context, FAR_MS, 0);
	uint64_t left_us = left_ms > 0 ? (uint64_t)left_ms * 1000 : 0;
	uint64_t due_us = ws_now_us(ws) + left_us;

	ws->must_time = false;
	if (ws->timer_us && ws->timer_us <= due_us)
		return;
	ws->timer_us = due_us;
	(void)sd_event_source_set_time(ws->timer, due_us);
	(void)sd_event_source_set_enabled(ws->timer, SD_EVENT_ONESHOT);
}

static int timer_due(sd_event_source *source, uint64_t now_us, void *arg)
{
	struct ws *ws = arg;

	(void)now_us;
	ws->timer_us = 0;
	ws->must_time = true;
	/* -1: what is due, without waiting */
	(void)lws_service_tsi(ws->context, -1, 0);
	/* One that is off would not be asked before the next wait. */
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
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

/* s may be gone after it. */
static void socket_serve(struct ws_socket *s, int revents)
{
	struct ws *ws = s->ws;
	struct lws_pollfd ready = { .fd = s->fd,
		.events = s->events,
		.revents = (short)revents };

	(void)lws_service_fd(ws->context, &ready);
	ws->must_time = true;
}

static int socket_ready(sd_event_source *source, int fd, uint32_t revents,
    void *arg)
{
	(void)source;
	(void)fd;
	socket_serve(arg, poll_of(revents));
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

/* --- what libwebsockets wants to wait for ---------------------------------
 *
 * It asks for each text to be told when its socket has room, and takes that
 * back when it is out: two system calls around the one that sends, where nearly
 * always there is room.  So its wishes are collected until the loop is about to
 * wait; who wants to send then just does, and only what is left is watched. */

static void changed_add(struct ws_socket *s)
{
	struct ws *ws = s->ws;

	if (s->changed_back)
		return;
	s->changed_next = NULL;
	s->changed_back = ws->changed_end;
	*ws->changed_end = s;
	ws->changed_end = &s->changed_next;
}

static void changed_remove(struct ws_socket *s)
{
	if (!s->changed_back)
		return;
	*s->changed_back = s->changed_next;
	if (s->changed_next)
		s->changed_next->changed_back = s->changed_back;
	else
		s->ws->changed_end = s->changed_back;
	s->changed_back = NULL;
}

static void socket_watch(struct ws_socket *s)
{
	const uint32_t watched = epoll_of(s->events);

	changed_remove(s);
	if (watched == s->watched)
		return;
	s->watched = watched;
	/* What cannot be watched would wait for ever. */
	if (sd_event_source_set_io_events(s->source, watched) < 0)
		socket_serve(s, LWS_POLLHUP);
}

/* Once in a turn: who has more to send than there is room for waits. */
static bool may_send(const struct ws_socket *s)
{
	return s->is_open && s->events & LWS_POLLOUT &&
	    !(s->watched & EPOLLOUT) && s->turn != s->ws->turn;
}

static void changed_settle(struct ws *ws)
{
	ws->turn++;
	while (ws->changed) {
		struct ws_socket *s = ws->changed;

		if (may_send(s)) {
			s->turn = ws->turn;
			socket_serve(s, LWS_POLLOUT);
		} else {
			socket_watch(s);
		}
	}
}

static int wait_begins(sd_event_source *source, void *arg)
{
	struct ws *ws = arg;

	(void)source;
	changed_settle(ws);
	/* Not inside a callback of libwebsockets: this runs timers that are
	 * due. */
	if (ws->must_time)
		timer_set(ws);
	return 0;
}

/* --- its sockets -----------------------------------------------------------
 */

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
	changed_remove(s);
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
		.watched = epoll_of(events),
		.server = server };
	if (sd_event_add_io(ws->event, &s->source, fd, s->watched, socket_ready,
		s) < 0) {
		kk_free(s);
		return -1;
	}
	if (server)
		server->sockets++;
	ws->sockets[fd] = s;
	return 0;
}

static void socket_change(struct ws *ws, struct lws *lws,
    const struct lws_pollargs *args)
{
	const struct ws_conn *conn = lws_get_opaque_user_data(lws);
	struct ws_socket *s = socket_get(ws, args->fd);

	if (!s)
		return;
	s->events = (short)args->events;
	/* While it connects, room is news. */
	s->is_open = conn && conn->state != WS_CONNECTING;
	changed_add(s);
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
		socket_change(ws, lws, args);
		return 0;
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
	ws->changed_end = &ws->changed;
	if (sd_event_add_time(ws->event, &ws->timer, CLOCK_MONOTONIC, 0,
		SLACK_US, timer_due, ws) < 0 ||
	    sd_event_source_set_prepare(ws->timer, wait_begins) < 0 ||
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
