/* keys.c - the connection to keyd.  Its answers come in the calls' order. */
#define _GNU_SOURCE /* EPOLLRDHUP, F_DUPFD_CLOEXEC */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "roomd.h"

enum {
	RETRY_US = 200000,
	SLACK_US = 10000,
	TIMEOUT_US = 20000000, /* a keyd that takes longer is given up */
	METHOD_BYTES = 64
};

static void calls_clear(struct roomd *d)
{
	for (size_t i = 0; i < d->call_count; i++)
		sd_json_variant_unref(d->calls[i].in);
	d->call_count = d->sent_count = 0;
}

static void lost(struct roomd *d)
{
	d->keys_end = sd_event_source_disable_unref(d->keys_end);
	d->keys = sd_varlink_close_unref(d->keys);
	d->keys_are_lost = d->keys_are_ready = false;
	calls_clear(d);
	kk_log(&d->log, KK_LOG_WARNING, "keyd is gone");
	if (sd_event_source_set_time_relative(d->keys_timer, RETRY_US) < 0 ||
	    sd_event_source_set_enabled(d->keys_timer, SD_EVENT_ONESHOT) < 0)
		kk_log(&d->log, KK_LOG_ERROR, "the timer cannot be set");
	if (d->room)
		room_key_down(d->room, roomd_now_ms(d));
	roomd_drive(d);
}

/* Outside of the connection's own calls, which are not over yet. */
static void lose_soon(struct roomd *d)
{
	d->keys_are_lost = true;
	if (sd_event_source_set_time_relative(d->keys_timer, 0) < 0 ||
	    sd_event_source_set_enabled(d->keys_timer, SD_EVENT_ONESHOT) < 0)
		kk_log(&d->log, KK_LOG_ERROR, "the timer cannot be set");
}

static bool is_of_link(const char *error)
{
	return !strcmp(error, SD_VARLINK_ERROR_DISCONNECTED) ||
	    !strcmp(error, SD_VARLINK_ERROR_TIMEOUT) ||
	    !strcmp(error, SD_VARLINK_ERROR_PROTOCOL);
}

static void room_answer(struct roomd *d, const struct roomd_call *call,
    sd_json_variant *out, const char *error)
{
	struct room_key_result r = { .err = call_err_of(error) };

	if (!r.err)
		r.err = roomd_result_read(call->op, out, &r);
	if (r.err)
		kk_log(&d->log, KK_LOG_INFO, "keyd says no call=%s err=%s",
		    room_key_op_name(call->op), kk_err_name(r.err));
	room_key_result(d->room, &r, roomd_now_ms(d));
	room_key_result_clear(&r);
	roomd_drive(d);
}

void roomd_keys_tell(struct roomd *d)
{
	if (!d->room || !d->keys || d->keys_are_lost || !d->keys_are_ready)
		return;
	if (d->identity_err)
		room_key_refuse(d->room, d->identity_err, roomd_now_ms(d));
	else
		room_key_up(d->room, roomd_now_ms(d));
}

/* A box whose certificate proves nothing any more must not sit there as some
 * guest: people know it as verified. */
static void identity_take(struct roomd *d, sd_json_variant *out,
    const char *error)
{
	const char *trouble = sd_json_variant_string(sd_json_variant_by_key(out,
	    "trouble"));
	enum kk_err err = call_err_of(error);

	if (!err && trouble)
		err = call_err_named(trouble);
	d->keys_are_ready = true;
	d->identity_err = err;
	if (err)
		kk_log(&d->log, KK_LOG_ERROR,
		    "the box's certificate does not serve err=%s",
		    kk_err_name(err));
	roomd_keys_tell(d);
	roomd_drive(d);
}

static int answered(sd_varlink *link, sd_json_variant *out, const char *error,
    sd_varlink_reply_flags_t flags, void *arg)
{
	struct roomd *d = arg;
	struct roomd_call call;

	(void)link;
	(void)flags;
	if (d->keys_are_lost || d->sent_count == 0)
		return 0;
	if (error && is_of_link(error)) {
		lose_soon(d);
		return 0;
	}
	call = d->calls[0];
	d->call_count--;
	d->sent_count--;
	memmove(&d->calls[0], &d->calls[1],
	    d->call_count * sizeof(d->calls[0]));
	if (call.type == ROOMD_CALL_IDENTITY)
		identity_take(d, out, error);
	if (call.type == ROOMD_CALL_ROOM && d->room && call.serial == d->serial)
		room_answer(d, &call, out, error);
	return 0;
}

static enum kk_err send(struct roomd *d, struct roomd_call *call)
{
	const char *method = call->type == ROOMD_CALL_IDENTITY ?
	    "Identity" :
	    call->type == ROOMD_CALL_FORGET ?
	    room_key_op_name(ROOM_KEY_FORGET) :
	    room_key_op_name(call->op);
	char name[METHOD_BYTES];
	int r;

	(void)snprintf(name, sizeof(name), "io.konklave.Keys.%s", method);
	r = sd_varlink_invoke(d->keys, name, call->in);
	call->in = sd_json_variant_unref(call->in);
	return r < 0 ? KK_EIO : KK_OK;
}

static int calls_send(sd_event_source *source, void *arg)
{
	struct roomd *d = arg;

	(void)source;
	while (d->keys && !d->keys_are_lost && d->sent_count < d->call_count) {
		if (send(d, &d->calls[d->sent_count]))
			lose_soon(d);
		d->sent_count++;
	}
	return 0;
}

/* From the loop: inside of an answer's call libsystemd sends nothing. */
static bool call_add(struct roomd *d, const struct roomd_call *call)
{
	if (d->call_count == ROOMD_CALLS_MAX ||
	    sd_event_source_set_enabled(d->keys_send, SD_EVENT_ONESHOT) < 0) {
		sd_json_variant_unref(call->in);
		lose_soon(d);
		return false;
	}
	d->calls[d->call_count++] = *call;
	return true;
}

void roomd_keys_call(struct roomd *d, const struct room_key_call *call)
{
	struct roomd_call c = { ROOMD_CALL_ROOM, d->serial, call->op, NULL };

	if (!d->keys || d->keys_are_lost)
		return; /* the room is told, or will be */
	if (roomd_call_write(d, call, &c.in)) {
		sd_json_variant_unref(c.in);
		lose_soon(d);
		return;
	}
	(void)call_add(d, &c);
}

static void forgets_call(struct roomd *d)
{
	while (d->keys && !d->keys_are_lost && d->forget_count > 0) {
		struct roomd_call c = { .type = ROOMD_CALL_FORGET };

		if (call_put_bytes(&c.in, "meeting",
			kk_view_of(d->forgets[d->forget_count - 1],
			    ROOM_ID_BYTES)))
			return;
		if (!call_add(d, &c))
			return;
		d->forget_count--;
	}
}

void roomd_keys_forget(struct roomd *d, const uint8_t *id)
{
	if (d->forget_count == ROOMD_FORGETS_MAX) {
		kk_log(&d->log, KK_LOG_WARNING,
		    "keyd keeps a meeting that was left");
		return;
	}
	memcpy(d->forgets[d->forget_count++], id, ROOM_ID_BYTES);
	forgets_call(d);
}

static int ended(sd_event_source *source, int fd, uint32_t events, void *arg)
{
	(void)source;
	(void)fd;
	(void)events;
	lost(arg);
	return 0;
}

/* An idle client is told of the other's end by nobody else. */
static int end_watch(struct roomd *d)
{
	int fd = sd_varlink_get_fd(d->keys);
	int r;

	fd = fd < 0 ? fd : fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (fd < 0)
		return -1;
	r = sd_event_add_io(d->event, &d->keys_end, fd, EPOLLRDHUP, ended, d);
	if (r < 0) {
		(void)close(fd);
		return r;
	}
	r = sd_event_source_set_io_fd_own(d->keys_end, true);
	/* After the answers that it sent before. */
	return r < 0 ?
	    r :
	    sd_event_source_set_priority(d->keys_end, SD_EVENT_PRIORITY_IDLE);
}

static int link_open(struct roomd *d)
{
	int r = sd_varlink_connect_address(&d->keys, d->options.keyd);

	if (r < 0)
		return r;
	sd_varlink_set_userdata(d->keys, d);
	r = sd_varlink_bind_reply(d->keys, answered);
	if (r >= 0)
		r = sd_varlink_set_input_sensitive(d->keys);
	if (r >= 0)
		r = sd_varlink_set_relative_timeout(d->keys, TIMEOUT_US);
	if (r >= 0)
		r = end_watch(d);
	if (r >= 0)
		r = sd_varlink_attach_event(d->keys, d->event,
		    SD_EVENT_PRIORITY_NORMAL);
	return r;
}

static void connect_try(struct roomd *d)
{
	if (link_open(d) < 0) {
		d->keys_end = sd_event_source_disable_unref(d->keys_end);
		d->keys = sd_varlink_close_unref(d->keys);
		if (sd_event_source_set_time_relative(d->keys_timer,
			RETRY_US) >= 0)
			(void)sd_event_source_set_enabled(d->keys_timer,
			    SD_EVENT_ONESHOT);
		return;
	}
	kk_log(&d->log, KK_LOG_INFO, "keyd is there");
	if (!call_add(d, &(struct roomd_call){ .type = ROOMD_CALL_IDENTITY }))
		return;
	forgets_call(d);
	roomd_drive(d);
}

static int timer_fired(sd_event_source *source, uint64_t now_us, void *arg)
{
	struct roomd *d = arg;

	(void)source;
	(void)now_us;
	if (d->keys_are_lost)
		lost(d);
	else if (!d->keys)
		connect_try(d);
	return 0;
}

enum kk_err roomd_keys_start(struct roomd *d)
{
	if (sd_event_add_defer(d->event, &d->keys_send, calls_send, d) < 0 ||
	    sd_event_source_set_enabled(d->keys_send, SD_EVENT_OFF) < 0 ||
	    sd_event_add_time_relative(d->event, &d->keys_timer,
		CLOCK_MONOTONIC, 0, SLACK_US, timer_fired, d) < 0)
		return KK_EIO;
	return KK_OK;
}

void roomd_keys_stop(struct roomd *d)
{
	d->keys_end = sd_event_source_disable_unref(d->keys_end);
	d->keys_timer = sd_event_source_disable_unref(d->keys_timer);
	d->keys_send = sd_event_source_disable_unref(d->keys_send);
	d->keys = sd_varlink_flush_close_unref(d->keys);
	calls_clear(d);
}
