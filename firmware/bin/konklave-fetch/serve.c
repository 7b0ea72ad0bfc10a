/* serve.c - who asks, how it stands, and what became of it. */
#define _GNU_SOURCE /* libsystemd's macros ask for it, CLOCK_MONOTONIC */
#include <time.h>

#include "fetch.h"

#define NAME(method) "io.konklave.Fetch." method
#define CONTROL CALL_ROLE(FETCH_CONTROL)

enum { SMALL = 2048, TICK_US = 500000, SLACK_US = 100000, US_PER_S = 1000000 };

static uint64_t now_us(const struct fetch *f)
{
	uint64_t us = 0;

	(void)sd_event_now(f->event, CLOCK_MONOTONIC, &us);
	return us;
}

/* Since the loading began, without what was there before. */
static uint64_t rate_of(struct fetch *f)
{
	const uint64_t now = now_us(f), bytes = f->shared->bytes;

	if (f->shared->state != UPDATE_FETCH_LOADING)
		return 0;
	if (f->begun_us == 0) {
		f->begun_us = now;
		f->begun_bytes = bytes;
	}
	if (now <= f->begun_us || bytes < f->begun_bytes)
		return 0;
	return (bytes - f->begun_bytes) * US_PER_S / (now - f->begun_us);
}

static enum kk_err standing_put(struct fetch *f, enum update_reason says,
    sd_json_variant **out)
{
	const char *source = f->ask.url[0] ? f->ask.url : f->options.source;
	enum kk_err err = call_put_text(out, "state",
	    update_fetch_name(f->shared->state));

	if (!err)
		err = call_put_text(out, "says", update_reason_name(says));
	if (!err && source)
		err = call_put_text(out, "source", source);
	if (!err && f->shared->offered)
		err = call_put_u64(out, "offered", f->shared->offered);
	if (!err)
		err = call_put_u64(out, "bytes", f->shared->bytes);
	if (!err)
		err = call_put_u64(out, "total", f->shared->total);
	return err ? err : call_put_u64(out, "rate", rate_of(f));
}

static void asker_forget(struct fetch *f)
{
	f->tick = sd_event_source_disable_unref(f->tick);
	f->asker = sd_varlink_unref(f->asker);
}

static int tick(sd_event_source *source, uint64_t usec, void *arg)
{
	struct fetch *f = arg;
	sd_json_variant *out = NULL;

	(void)usec;
	if (standing_put(f, UPDATE_SAYS_NOTHING, &out) ||
	    call_notify(f->asker, out))
		kk_log(&f->log, KK_LOG_WARNING, "nobody listens");
	sd_json_variant_unref(out);
	return sd_event_source_set_time_relative(source, TICK_US) < 0 ||
		sd_event_source_set_enabled(source, SD_EVENT_ONESHOT) < 0 ?
	    -1 :
	    0;
}

void serve_end(struct fetch *f)
{
	const enum update_reason why = f->shared->reason;
	sd_json_variant *out = NULL;

	f->shared->state = why == UPDATE_SAYS_NOTHING ? UPDATE_FETCH_READY :
							UPDATE_FETCH_NONE;
	kk_log(&f->log, KK_LOG_INFO, "ended says=%s version=%llu bytes=%llu",
	    update_reason_name(why), (unsigned long long)f->shared->offered,
	    (unsigned long long)f->shared->bytes);
	if (f->asker &&
	    (standing_put(f, why, &out) || sd_varlink_reply(f->asker, out) < 0))
		(void)sd_varlink_close(f->asker);
	sd_json_variant_unref(out);
	asker_forget(f);
}

static enum kk_err ask_read(struct fetch_ask *ask, sd_json_variant *in)
{
	enum kk_err err;

	*ask = (struct fetch_ask){ 0 };
	err = call_optional(call_get_text(in, "url", ask->url,
	    sizeof(ask->url)));
	if (!err && ask->url[0] && !bundle_url_is_right(ask->url))
		err = KK_EINVAL;
	if (!err)
		err = call_needed(call_get_text(in, "board", ask->board,
		    sizeof(ask->board)));
	if (!err)
		err = call_needed(call_get_u64(in, "version", UINT64_MAX,
		    &ask->version));
	if (!err)
		err = call_needed(call_get_u64(in, "floor", UINT64_MAX,
		    &ask->floor));
	return err ?
	    err :
	    call_optional(call_get_u64(in, "except", UINT64_MAX, &ask->except));
}

static enum kk_err begin(void *arg, struct call_request *rq)
{
	struct fetch *f = arg;
	struct fetch_ask ask;
	enum kk_err err = ask_read(&ask, rq->in);

	if (!err && (f->worker || !rq->wants_more))
		err = KK_ESTATE;
	if (err)
		return err;
	f->ask = ask;
	f->begun_us = 0;
	err = worker_start(f);
	if (err)
		return err;
	if (sd_event_add_time_relative(f->event, &f->tick, CLOCK_MONOTONIC,
		TICK_US, SLACK_US, tick, f) < 0) {
		worker_kill(f);
		return KK_EIO;
	}
	f->asker = sd_varlink_ref(rq->link);
	rq->is_kept = true;
	return KK_OK;
}

static enum kk_err drop(void *arg, struct call_request *rq)
{
	struct fetch *f = arg;

	(void)rq;
	if (f->worker)
		return KK_ESTATE;
	part_drop(f->options.state);
	return KK_OK;
}

static const struct call_rule rules[] = {
	{ NAME("Fetch"), CONTROL, CALL_ANY_STATE, 20, 0, SMALL },
	{ NAME("Drop"), CONTROL, CALL_ANY_STATE, 20, 0, SMALL },
};

static call_handler *const handlers[] = { begin, drop };

_Static_assert(KK_ARRAY_LEN(rules) == KK_ARRAY_LEN(handlers),
    "each rule has its handler");

/* Nothing is loaded that nobody waits for. */
static void gone(void *arg, sd_varlink *link)
{
	struct fetch *f = arg;

	if (f->asker != link)
		return;
	worker_kill(f);
	asker_forget(f);
}

enum kk_err serve_start(struct fetch *f)
{
	const struct call_service service = {
		.interface = &serve_interface,
		.rules = rules,
		.handlers = handlers,
		.rule_count = KK_ARRAY_LEN(rules),
		.arg = f,
		.gone = gone,
		.log = &f->log,
	};
	const enum kk_err err = call_server_new(&f->server, f->event, &service);

	return err ?
	    err :
	    program_role_listen(f->options.roles, FETCH_CONTROL, f->server);
}

void serve_stop(struct fetch *f)
{
	asker_forget(f);
	call_server_free(f->server);
}
