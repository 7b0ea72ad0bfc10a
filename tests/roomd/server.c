/* server.c - the signalling of a forwarder: WebSocket, the order of commits. */
#define _GNU_SOURCE /* libsystemd's macros ask for it */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/crypto.h"
#include "order/order.h"
#include "signal/signal.h"
#include "world.h"
#include "ws/ws.h"

enum { CLIENTS_MAX = 16, KEPT_MAX_BYTES = 1 << 20 };

struct hub {
	const struct world *w;
	struct order *order;
	uint32_t transports;
};

struct client {
	struct hub *hub;
	struct ws_conn *conn;
	struct order_member *member;
};

static _Noreturn void fail(const char *what)
{
	fprintf(stderr, "# server: %s\n", what);
	_exit(3);
}

static void say(struct client *c, enum kk_err err, struct kk_bytes *text)
{
	if (err || ws_send(c->conn, (const char *)text->data, text->bytes))
		fprintf(stderr, "# server: not sent\n");
	kk_bytes_clear(text);
}

static void done(struct client *c, struct signal_request *rq)
{
	struct kk_bytes text;

	say(c, signal_write_done(&text, rq->id), &text);
}

static void refuse(struct client *c, const struct signal_request *rq,
    enum signal_error error, uint64_t epoch)
{
	const struct signal_failure failure = { .rq = rq,
		.error = error,
		.text = "",
		.epoch = epoch };
	struct kk_bytes text;

	say(c, signal_write_error(&text, &failure), &text);
}

static enum signal_error error_of(enum order_result result)
{
	static const enum signal_error errors[] = {
		[ORDER_DENIED] = SIGNAL_EDENIED,
		[ORDER_NO_MEETING] = SIGNAL_EMEETING,
		[ORDER_FULL] = SIGNAL_EFULL,
		[ORDER_STALE] = SIGNAL_ESTALE,
		[ORDER_NOT_NOW] = SIGNAL_ESTATE,
		[ORDER_LIMIT] = SIGNAL_ELIMIT,
		[ORDER_NO_MEMBER] = SIGNAL_EUNKNOWN,
		[ORDER_FAILED] = SIGNAL_EINTERNAL,
	};

	return errors[result];
}

static struct signal_participant participant_of(struct order_participant p)
{
	struct signal_participant out;

	memcpy(out.id, p.id, sizeof(out.id));
	return out;
}

/*
 * Events of the order.
 */
static enum kk_err event_write(struct kk_bytes *text,
    const struct order_event *e)
{
	const struct signal_participant who = participant_of(e->who);
	const struct signal_relayed relayed = { &who, e->epoch, e->message };

	switch (e->type) {
	case ORDER_JOINED:
		return signal_write_joined(text, &who);
	case ORDER_LEFT:
		return signal_write_left(text, &who,
		    e->is_lost ? SIGNAL_LOST : SIGNAL_LEFT);
	case ORDER_PUBLISHED:
	case ORDER_UNPUBLISHED:
		return signal_write_source(text, &who,
		    (enum signal_source)e->source, e->type == ORDER_PUBLISHED);
	case ORDER_COMMIT:
		return signal_write_commit(text, &relayed);
	case ORDER_WELCOME:
		return signal_write_welcome(text, &relayed);
	case ORDER_MESSAGE:
		return signal_write_message(text, &relayed);
	case ORDER_RESET:
		return signal_write_reset(text);
	default:
		return signal_write_closed(text, SIGNAL_UNREGISTERED);
	}
}

static void event(void *arg, struct order_member *const *to, size_t count,
    const struct order_event *e)
{
	(void)arg;
	for (size_t i = 0; i < count; i++) {
		struct kk_bytes text;

		say(order_member_owner(to[i]), event_write(&text, e), &text);
	}
}

static void kept_path(const struct hub *hub, char *path, size_t bytes)
{
	(void)snprintf(path, bytes, "%s/kept", hub->w->folder);
}

static enum kk_err keep(void *arg, struct kk_view id, struct kk_view record,
    bool replaces)
{
	char path[96];
	ssize_t n;
	int fd;

	(void)id;
	kept_path(arg, path, sizeof(path));
	fd = open(path,
	    O_WRONLY | O_CREAT | O_CLOEXEC | (replaces ? O_TRUNC : O_APPEND),
	    0600);
	n = fd < 0 ? -1 : write(fd, record.data, record.bytes);
	(void)close(fd);
	return n == (ssize_t)record.bytes ? KK_OK : KK_EIO;
}

static void forget(void *arg, struct kk_view id)
{
	char path[96];

	(void)id;
	kept_path(arg, path, sizeof(path));
	(void)unlink(path);
}

static void kept_load(struct hub *hub)
{
	static uint8_t kept[KEPT_MAX_BYTES];
	char path[96];
	ssize_t n;
	int fd;

	kept_path(hub, path, sizeof(path));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return; /* nothing yet */
	n = read(fd, kept, sizeof(kept));
	(void)close(fd);
	if (n < 0 || order_load(hub->order, kk_view_of(kept, (size_t)n)))
		fail("what was kept is not to be read");
}

/*
 * Requests.
 */
static void on_register(struct client *c, struct signal_request *rq)
{
	const struct hub *hub = c->hub;
	const struct order_registration registration = {
		.meeting_id = kk_view_of(rq->reg.meeting.id,
		    rq->reg.meeting.bytes),
		.token_hash = rq->reg.token_hash,
		.participants = hub->w->server.full_at ?
		    hub->w->server.full_at :
		    rq->reg.participants,
		.is_reset = rq->reg.is_reset,
		.by = c->member,
	};
	struct order_epoch epoch;
	enum order_result result = ORDER_DENIED;
	struct kk_bytes text;

	if (!memcmp(rq->reg.site_token, SITE_TOKEN, SIGNAL_TOKEN_BYTES))
		result = order_register(hub->order, &registration, &epoch);
	if (result) {
		refuse(c, rq, error_of(result), 0);
		return;
	}
	say(c,
	    signal_write_epoch(&text, rq->id,
		(struct signal_epoch){ epoch.is_set, epoch.n }),
	    &text);
}

static void entered_tell(struct client *c, const struct signal_request *rq,
    const struct order_entered *in)
{
	struct signal_present others[CLIENTS_MAX];
	struct order_member *const *members;
	struct signal_entered entered = {
		.participant = participant_of(order_member_id(c->member)),
		.epoch = { in->epoch.is_set, in->epoch.n },
		.others = others,
		.is_behind = in->is_behind,
	};
	struct kk_bytes text;
	size_t count;

	members = order_members(order_member_meeting(c->member), &count);
	for (size_t i = 0; i < count; i++) {
		struct signal_present *p = &others[entered.other_count];

		if (members[i] == c->member)
			continue;
		p->participant = participant_of(order_member_id(members[i]));
		for (unsigned s = 0; s < SIGNAL_SOURCE_COUNT; s++)
			p->has[s] = order_member_has(members[i], s);
		entered.other_count++;
	}
	say(c, signal_write_entered(&text, rq->id, &entered), &text);
}

static void on_enter(struct client *c, struct signal_request *rq)
{
	const struct order_entry entry = {
		.meeting_id = kk_view_of(rq->enter.meeting.id,
		    rq->enter.meeting.bytes),
		.token = rq->enter.token,
		.epoch = { rq->enter.epoch.is_set, rq->enter.epoch.n },
		.owner = c,
	};
	struct order_entered in;
	enum order_result result = order_enter(c->hub->order, &entry, &in);

	if (result) {
		refuse(c, rq, error_of(result), 0);
		return;
	}
	c->member = in.member;
	entered_tell(c, rq, &in);
	if (rq->enter.epoch.is_set && in.epoch.is_set && !in.is_behind)
		order_replay(c->member, rq->enter.epoch.n);
}

static void on_begin(struct client *c, struct signal_request *rq)
{
	enum order_result result = order_begin(c->member, rq->epoch);

	if (result)
		refuse(c, rq, error_of(result), 0);
	else
		done(c, rq);
}

static void on_commit(struct client *c, struct signal_request *rq)
{
	struct order_welcome welcomes[CLIENTS_MAX];
	struct order_commit commit = { .epoch = rq->commit.epoch,
		.message = kk_bytes_view(&rq->commit.message),
		.welcomes = welcomes,
		.welcome_count = rq->commit.welcome_count };
	enum order_result result;
	struct kk_bytes text;
	uint64_t epoch = 0;

	if (commit.welcome_count > CLIENTS_MAX)
		fail("too many welcomes");
	for (size_t i = 0; i < commit.welcome_count; i++) {
		const struct signal_welcome *w = &rq->commit.welcomes[i];

		memcpy(welcomes[i].to.id, w->to.id, sizeof(w->to.id));
		welcomes[i].message = kk_bytes_view(&w->message);
	}
	result = order_commit(c->member, &commit, &epoch);
	if (result) {
		refuse(c, rq, error_of(result), epoch);
		return;
	}
	say(c,
	    signal_write_epoch(&text, rq->id,
		(struct signal_epoch){ true, epoch }),
	    &text);
}

static void on_message(struct client *c, struct signal_request *rq)
{
	struct order_participant to;

	memcpy(to.id, rq->message.to.id, sizeof(to.id));
	if (order_message(c->member, rq->message.has_to ? &to : NULL,
		kk_bytes_view(&rq->message.message)))
		refuse(c, rq, SIGNAL_EUNKNOWN, 0);
	else
		done(c, rq);
}

static void on_transport(struct client *c, struct signal_request *rq)
{
	const struct signal_candidate candidate = { "127.0.0.1", "1", 9, 1 };
	const struct signal_transport transport = { ++c->hub->transports,
		"ufrag", "a password of some length", "AA:BB", &candidate, 1 };
	struct kk_bytes text;

	say(c, signal_write_transport(&text, rq->id, &transport), &text);
}

static void on_slots(struct client *c, struct signal_request *rq)
{
	struct signal_slot slots[2 * SIGNAL_SLOTS_MAX];
	const size_t count = rq->slots.audio + rq->slots.video;
	struct kk_bytes text;

	for (size_t i = 0; i < count; i++) {
		const bool is_audio = i < rq->slots.audio;

		slots[i] = (struct signal_slot){ .slot = (uint32_t)i,
			.kind = is_audio ? SIGNAL_AUDIO : SIGNAL_VIDEO,
			.mid = "0",
			.ssrc = (uint32_t)(1000 + i),
			.payload_type = is_audio ? 111 : 96,
			.rtx_ssrc = is_audio ? 0 : (uint32_t)(2000 + i),
			.rtx_payload_type = is_audio ? 0 : 97 };
	}
	say(c, signal_write_slots(&text, rq->id, slots, count, "cname"), &text);
}

static void on_source(struct client *c, struct signal_request *rq)
{
	const bool is_on = rq->type == SIGNAL_PUBLISH;

	order_source_set(c->member, is_on ? rq->publish.source : rq->source,
	    is_on);
	done(c, rq);
}

static void on_hello(struct client *c, struct signal_request *rq)
{
	struct kk_bytes text;

	say(c, signal_write_hello(&text, rq->id, "test"), &text);
}

static void on_leave(struct client *c, struct signal_request *rq)
{
	order_leave(c->member, false);
	c->member = NULL;
	done(c, rq);
}

static void request_do(struct client *c, struct signal_request *rq)
{
	static void (*const on[SIGNAL_TYPE_COUNT])(struct client *c,
	    struct signal_request *rq) = {
		[SIGNAL_HELLO] = on_hello,
		[SIGNAL_REGISTER] = on_register,
		[SIGNAL_ENTER] = on_enter,
		[SIGNAL_BEGIN] = on_begin,
		[SIGNAL_COMMIT] = on_commit,
		[SIGNAL_MESSAGE] = on_message,
		[SIGNAL_TRANSPORT] = on_transport,
		[SIGNAL_CONNECT] = done,
		[SIGNAL_PUBLISH] = on_source,
		[SIGNAL_UNPUBLISH] = on_source,
		[SIGNAL_SLOTS] = on_slots,
		[SIGNAL_WATCH] = done,
		[SIGNAL_LEAVE] = on_leave,
	};

	if (!c->member && rq->type > SIGNAL_ENTER)
		refuse(c, rq, SIGNAL_ESTATE, 0);
	else if (on[rq->type])
		on[rq->type](c, rq);
}

/*
 * Connections.
 */
static void opened(void *arg, struct ws_conn *conn)
{
	struct client *c = calloc(1, sizeof(*c));

	if (!c)
		fail("no memory");
	c->hub = arg;
	c->conn = conn;
	ws_conn_arg_set(conn, c);
}

static void message(void *arg, struct ws_conn *conn, const char *text,
    size_t bytes)
{
	struct client *c = arg;
	struct signal_request rq;
	enum signal_error error = signal_request_parse(&rq, text, bytes);

	if (!error && rq.type == SIGNAL_HELLO &&
	    c->hub->w->server.speaks_other_version)
		error = SIGNAL_EVERSION;
	if (error)
		refuse(c, &rq, error, 0);
	else
		request_do(c, &rq);
	signal_request_clear(&rq);
	if (error)
		ws_close(conn); /* none of ours is ever wrong in another way */
}

static void closed(void *arg, struct ws_conn *conn, enum ws_close why)
{
	struct client *c = arg;

	(void)why;
	if (c->member)
		order_leave(c->member, true);
	free(c);
	ws_conn_free(conn);
}

_Noreturn void server_run(const struct world *w, int port_fd)
{
	static const struct ws_handler handler = { opened, message, closed };
	struct hub hub = { .w = w };
	const struct order_hooks hooks = { event, keep, forget, &hub };
	struct ws_listen listen = { .address = "127.0.0.1",
		.port = w->server.port,
		.subprotocol = SIGNAL_SUBPROTOCOL,
		.cert_path = w->server.cert,
		.key_path = w->server.key,
		.connections_max = CLIENTS_MAX,
		.handler = &handler,
		.arg = &hub };
	sd_event *loop = NULL;
	struct ws *ws = NULL;
	uint16_t port = 0;

	if (crypto_init() || sd_event_new(&loop) < 0 ||
	    ws_new(&ws, loop, NULL) || order_new(&hub.order, &hooks))
		fail("cannot start");
	kept_load(&hub);
	if (ws_listen(ws, &listen, &port))
		fail("cannot listen");
	if (write(port_fd, &port, sizeof(port)) != sizeof(port))
		fail("cannot tell its port");
	(void)close(port_fd);
	(void)sd_event_loop(loop);
	_exit(0);
}
