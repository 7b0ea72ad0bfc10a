/* serve.c - those who ask. */
#define _GNU_SOURCE /* libsystemd's macros ask for it */
#include <unistd.h>

#include "driver.h"

#define NAME(method) "io.konklave.Update." method
#define CONTROL CALL_ROLE(DRIVER_CONTROL)

enum { SMALL = 2048 };

static enum kk_err slot_put(sd_json_variant **v, const char *name,
    enum boot_slot slot)
{
	return slot == BOOT_NO_SLOT ?
	    KK_OK :
	    call_put_text(v, name, boot_slot_name(slot));
}

static enum kk_err standing_fill(const struct driver *d, sd_json_variant **v)
{
	const struct update *u = d->machine;
	enum kk_err err = call_put_text(v, "state",
	    update_state_name(update_state(u)));

	if (!err)
		err = call_put_text(v, "says",
		    update_reason_name(update_says(u)));
	if (!err)
		err = call_put_text(v, "board", d->board);
	if (!err && d->has_facts)
		err = slot_put(v, "running", d->facts.running);
	if (!err && d->has_facts)
		err = slot_put(v, "next", d->facts.next);
	if (!err)
		err = call_put_u64(v, "version", d->facts.version);
	if (!err)
		err = call_put_u64(v, "floor", d->facts.floor);
	if (!err && d->offered)
		err = call_put_u64(v, "offered", d->offered);
	if (!err)
		err = call_put_u64(v, "percent", update_percent(u));
	return err ? err :
		     call_put_bool(v, "isInMeeting", update_is_in_meeting(u));
}

static enum kk_err download_fill(const struct download *n, sd_json_variant **v)
{
	enum kk_err err = call_put_text(v, "state",
	    update_fetch_name(n->state));

	if (!err)
		err = call_put_text(v, "says", update_reason_name(n->says));
	if (!err)
		err = call_put_bool(v, "isAutomatic", n->is_automatic);
	if (!err && n->source[0])
		err = call_put_text(v, "source", n->source);
	if (!err && n->offered)
		err = call_put_u64(v, "offered", n->offered);
	if (!err)
		err = call_put_u64(v, "bytes", n->bytes);
	if (!err)
		err = call_put_u64(v, "total", n->total);
	return err ? err : call_put_u64(v, "rate", n->rate);
}

/* Only where there was one. */
static enum kk_err download_put(const struct download *n, sd_json_variant **out)
{
	sd_json_variant *v = NULL;
	enum kk_err err;

	if (n->state == UPDATE_FETCH_NONE && n->says == UPDATE_SAYS_NOTHING)
		return KK_OK;
	err = download_fill(n, &v);
	if (!err)
		err = call_put_value(out, "download", v);
	sd_json_variant_unref(v);
	return err;
}

static enum kk_err standing_put(struct driver *d, sd_json_variant **out)
{
	sd_json_variant *v = NULL;
	enum kk_err err;

	update_progress(d->machine, d->shared->percent);
	err = standing_fill(d, &v);
	if (!err)
		err = download_put(&d->download, &v);
	if (!err)
		err = call_put_value(out, "standing", v);
	sd_json_variant_unref(v);
	return err;
}

static enum kk_err answer_put(struct driver *d, bool is_taken,
    sd_json_variant **out)
{
	const enum kk_err err = call_put_bool(out, "isTaken", is_taken);

	return err ? err : standing_put(d, out);
}

static enum kk_err status(void *arg, struct call_request *rq)
{
	struct driver *d = arg;

	driver_look(d);
	return standing_put(d, &rq->out);
}

/* The machine goes on between checking, writing and what follows by itself. */
static bool is_under_way(const struct driver *d)
{
	if (download_is_under_way(d))
		return true;
	switch (update_state(d->machine)) {
	case UPDATE_CHECKING:
	case UPDATE_WRITING:
	case UPDATE_COMMITTING:
		return true;
	default:
		return false;
	}
}

/* What was asked for, and how. */
struct wish {
	char path[DRIVER_PATH_BYTES]; /* or a URL; "": what the source has */
	int fd; /* of the file itself, or -1 */
	bool is_automatic;
};

static enum kk_err wish_read(struct wish *w, struct call_request *rq)
{
	uint32_t at = 0;
	enum kk_err err;

	*w = (struct wish){ .fd = -1 };
	err = call_needed(call_get_text(rq->in, "path", w->path,
	    sizeof(w->path)));
	if (!err)
		err = call_optional(call_get_bool(rq->in, "isAutomatic",
		    &w->is_automatic));
	if (!err && w->path[0] != '/' && !bundle_url_is_right(w->path))
		err = KK_EINVAL;
	if (!err && call_has(rq->in, "bundle")) {
		err = call_get_u32(rq->in, "bundle", INT32_MAX, &at);
		if (!err && w->path[0] == '/')
			w->fd = sd_varlink_take_fd(rq->link, at);
		if (!err && w->fd < 0)
			err = KK_EFORMAT;
	}
	return err;
}

static enum kk_err asker_keep(struct driver *d, struct call_request *rq)
{
	d->asker = sd_varlink_ref(rq->link);
	rq->is_kept = true;
	return KK_OK;
}

/* Whoever comes with a file goes before what is being loaded, which stays for
 * another time.  Another one's is not ours to answer for. */
static enum kk_err file_install(struct driver *d, const struct wish *w,
    struct call_request *rq)
{
	const bool is_ours = driver_may_begin(d);

	told_again(d);
	if (is_ours) {
		(void)download_end(d, UPDATE_SAYS_NOTHING);
		d->offered = 0;
		driver_source_set(d, w->path, w->fd);
		d->is_automatic = w->is_automatic;
		d->is_downloaded = false;
	} else if (w->fd >= 0) {
		(void)close(w->fd);
	}
	(void)driver_event(d, UPDATE_ASKED);
	if (!is_ours || !is_under_way(d) || d->asker)
		return answer_put(d, false, &rq->out);
	return asker_keep(d, rq);
}

/* In a meeting it may be loaded; what else is under way goes before it. */
static enum kk_err url_install(struct driver *d, const char *url,
    bool is_automatic, struct call_request *rq)
{
	if (update_state(d->machine) != UPDATE_IDLE)
		(void)driver_event(d, UPDATE_ASKED);
	else if (!download_is_under_way(d))
		download_begin(d, url, is_automatic);
	else
		return answer_put(d, false, &rq->out);
	if (!download_is_under_way(d) || d->asker)
		return answer_put(d, false, &rq->out);
	return asker_keep(d, rq);
}

static enum kk_err install(void *arg, struct call_request *rq)
{
	struct driver *d = arg;
	struct wish w;
	const enum kk_err err = wish_read(&w, rq);

	if (err)
		return err;
	driver_look(d);
	download_clear(d);
	return w.path[0] == '/' ? file_install(d, &w, rq) :
				  url_install(d, w.path, w.is_automatic, rq);
}

static enum kk_err look(void *arg, struct call_request *rq)
{
	struct driver *d = arg;

	driver_look(d);
	download_clear(d);
	return url_install(d, "", true, rq);
}

void serve_answer(struct driver *d)
{
	sd_json_variant *out = NULL;
	const enum update_state state = update_state(d->machine);
	sd_varlink *asker = d->asker;

	if (!asker || is_under_way(d))
		return;
	d->asker = NULL;
	if (answer_put(d,
		state == UPDATE_WAITING || state == UPDATE_RESTARTING ||
		    d->download.state == UPDATE_FETCH_READY,
		&out) ||
	    sd_varlink_reply(asker, out) < 0)
		(void)sd_varlink_close(asker);
	sd_json_variant_unref(out);
	sd_varlink_unref(asker);
}

static enum kk_err mark_good(void *arg, struct call_request *rq)
{
	struct driver *d = arg;
	bool is_taken;

	/* What could not be read at the start may be there now. */
	if (!d->has_facts && driver_begin(d))
		return KK_ESTATE;
	(void)driver_event(d, UPDATE_HEALTHY);
	/* Twice is as good as once. */
	is_taken = d->facts.is_confirmed;
	return answer_put(d, is_taken, &rq->out);
}

/* A new version that is left already is left. */
static bool is_left(const struct driver *d)
{
	return update_state(d->machine) == UPDATE_RETURNING ||
	    update_state(d->machine) == UPDATE_SICK;
}

static enum kk_err mark_bad(void *arg, struct call_request *rq)
{
	struct driver *d = arg;
	bool is_taken = false;

	if (!d->has_facts && driver_begin(d))
		return KK_ESTATE;
	/* Somebody who knows better may have confirmed it. */
	driver_look(d);
	if (!d->facts.is_confirmed)
		is_taken = driver_event(d, UPDATE_UNWELL) || is_left(d);
	return answer_put(d, is_taken, &rq->out);
}

static enum kk_err cancel(void *arg, struct call_request *rq)
{
	struct driver *d = arg;
	const bool was_on = download_end(d, UPDATE_SAYS_CANCELLED);
	const bool is_taken = driver_event(d, UPDATE_CANCELLED) || was_on;

	return answer_put(d, is_taken, &rq->out);
}

static const struct call_rule rules[] = {
	{ NAME("Status"), CONTROL, CALL_ANY_STATE, 100, 0, SMALL },
	{ NAME("Install"), CONTROL, CALL_ANY_STATE, 20, 0, SMALL },
	{ NAME("Look"), CONTROL, CALL_ANY_STATE, 20, 0, SMALL },
	{ NAME("MarkGood"), CONTROL, CALL_ANY_STATE, 20, 0, SMALL },
	{ NAME("MarkBad"), CONTROL, CALL_ANY_STATE, 20, 0, SMALL },
	{ NAME("Cancel"), CONTROL, CALL_ANY_STATE, 20, 0, SMALL },
};

static call_handler *const handlers[] = { status, install, look, mark_good,
	mark_bad, cancel };

_Static_assert(KK_ARRAY_LEN(rules) == KK_ARRAY_LEN(handlers),
    "each rule has its handler");

/* It goes on without who has asked. */
static void gone(void *arg, sd_varlink *link)
{
	struct driver *d = arg;

	if (d->asker == link)
		d->asker = sd_varlink_unref(d->asker);
}

enum kk_err serve_start(struct driver *d)
{
	const struct call_service service = {
		.interface = &serve_interface,
		.rules = rules,
		.handlers = handlers,
		.rule_count = KK_ARRAY_LEN(rules),
		.arg = d,
		.gone = gone,
		.takes_files = true,
		.log = &d->log,
	};
	const enum kk_err err = call_server_new(&d->server, d->event, &service);

	return err ?
	    err :
	    program_role_listen(d->options.roles, DRIVER_CONTROL, d->server);
}

void serve_stop(struct driver *d)
{
	d->asker = sd_varlink_unref(d->asker);
	call_server_free(d->server);
}
