/*
 * tell.c - how the last call that was placed stands, from the lines' roomd to
 * the room's: for those in the room alone, and without its number.  The group
 * is told nothing of a call that is not heard in it.
 */
#define _GNU_SOURCE /* CLOCK_MONOTONIC; libsystemd's macros ask for it */
#include <time.h>

#include "roomd.h"

enum {
	RETRY_US = 500000,
	SLACK_US = 10000,
	SHOWN_US = 15000000 /* how a call has ended, or that it was answered */
};

/*
 * The lines' roomd.
 */
static void tell_soon(struct roomd *d)
{
	if (sd_event_source_set_enabled(d->teller.soon, SD_EVENT_ONESHOT) < 0)
		kk_log(&d->log, KK_LOG_ERROR, "no call is told");
}

static void timer_set(struct roomd *d, sd_event_source *timer, uint64_t in_us)
{
	if (sd_event_source_set_time_relative(timer, in_us) < 0 ||
	    sd_event_source_set_enabled(timer, SD_EVENT_ONESHOT) < 0)
		kk_log(&d->log, KK_LOG_ERROR, "the timer cannot be set");
}

void roomd_call_tell(struct roomd *d)
{
	struct roomd_teller *t = &d->teller;

	if (!t->soon)
		return;
	t->is_due = true;
	tell_soon(d);
}

void roomd_call_changed(struct roomd *d)
{
	struct roomd_teller *t = &d->teller;

	if (!t->soon)
		return;
	t->is_hidden = false;
	(void)sd_event_source_set_enabled(t->hide, SD_EVENT_OFF);
	if (!roomd_dial_is_wanted(d))
		timer_set(d, t->hide, SHOWN_US);
	roomd_call_tell(d);
}

static int hide(sd_event_source *source, uint64_t now_us, void *arg)
{
	struct roomd *d = arg;

	(void)source;
	(void)now_us;
	d->teller.is_hidden = true;
	roomd_call_tell(d);
	return 0;
}

static int told(sd_varlink *link, sd_json_variant *out, const char *error,
    sd_varlink_reply_flags_t flags, void *arg)
{
	struct roomd *d = arg;
	struct roomd_teller *t = &d->teller;

	(void)link;
	(void)out;
	(void)flags;
	t->is_asked = false;
	if (error) {
		kk_log(&d->log, KK_LOG_WARNING, "a call is not told why=%s",
		    error);
		t->is_lost = true;
		timer_set(d, t->retry, RETRY_US);
	} else if (t->is_due) {
		tell_soon(d);
	}
	return 0;
}

static int link_open(struct roomd *d)
{
	sd_varlink **link = &d->teller.link;
	int r = sd_varlink_connect_address(link, d->options.follow);

	if (r < 0)
		return r;
	sd_varlink_set_userdata(*link, d);
	r = sd_varlink_bind_reply(*link, told);
	if (r >= 0)
		r = sd_varlink_attach_event(*link, d->event,
		    SD_EVENT_PRIORITY_NORMAL);
	return r;
}

static enum kk_err tell(struct roomd *d)
{
	const bool is_talking = d->lines->dial.state == ROOMD_DIAL_TALKING;
	const bool is_hidden = d->teller.is_hidden;
	sd_json_variant *in = NULL;
	enum kk_err err = KK_OK;

	if (!is_hidden || is_talking) /* that it goes on counts */
		err = roomd_call_put(&d->lines->dial, is_hidden, &in);
	if (!err &&
	    sd_varlink_invoke(d->teller.link, "io.konklave.Room.Called", in) <
		0)
		err = KK_EIO;
	sd_json_variant_unref(in);
	return err;
}

/* One after the other: what is due is what counts. */
static int run(sd_event_source *source, void *arg)
{
	struct roomd *d = arg;
	struct roomd_teller *t = &d->teller;

	(void)source;
	if (t->is_lost) {
		t->link = sd_varlink_close_unref(t->link);
		t->is_lost = t->is_asked = false;
	}
	if (!t->is_due || t->is_asked)
		return 0;
	if ((!t->link && link_open(d) < 0) || tell(d)) {
		t->is_lost = true;
		timer_set(d, t->retry, RETRY_US);
		return 0;
	}
	t->is_due = false;
	t->is_asked = true;
	return 0;
}

static int retry(sd_event_source *source, uint64_t now_us, void *arg)
{
	(void)source;
	(void)now_us;
	roomd_call_tell(arg);
	return 0;
}

enum kk_err roomd_teller_start(struct roomd *d)
{
	struct roomd_teller *t = &d->teller;

	if (!d->options.follow)
		return KK_OK;
	if (sd_event_add_defer(d->event, &t->soon, run, d) < 0 ||
	    sd_event_source_set_enabled(t->soon, SD_EVENT_OFF) < 0 ||
	    sd_event_add_time_relative(d->event, &t->retry, CLOCK_MONOTONIC, 0,
		SLACK_US, retry, d) < 0 ||
	    sd_event_source_set_enabled(t->retry, SD_EVENT_OFF) < 0 ||
	    sd_event_add_time_relative(d->event, &t->hide, CLOCK_MONOTONIC, 0,
		SLACK_US, hide, d) < 0 ||
	    sd_event_source_set_enabled(t->hide, SD_EVENT_OFF) < 0)
		return KK_EIO;
	return KK_OK;
}

void roomd_teller_stop(struct roomd *d)
{
	struct roomd_teller *t = &d->teller;

	t->soon = sd_event_source_disable_unref(t->soon);
	t->retry = sd_event_source_disable_unref(t->retry);
	t->hide = sd_event_source_disable_unref(t->hide);
	t->link = sd_varlink_close_unref(t->link);
}

/*
 * The room's: what it was told lasts as long as who told it.
 */
static enum kk_err called_read(sd_json_variant *in, struct roomd_called *c)
{
	sd_json_variant *call = sd_json_variant_by_key(in, "call");
	char state[ROOMD_DIAL_NAME_BYTES];
	enum kk_err err;

	if (!call_has(in, "call"))
		return KK_OK;
	err = call_needed(call_get_u64(call, "line", INT64_MAX, &c->line));
	if (!err)
		err = call_needed(call_get_text(call, "state", state,
		    sizeof(state)));
	if (!err)
		err = call_optional(call_get_bool(call, "hasTones",
		    &c->has_tones));
	if (!err)
		err = call_optional(call_get_bool(call, "isLong", &c->is_long));
	if (!err)
		c->state = roomd_dial_state_of(state);
	return err || c->state != ROOMD_DIAL_NONE ? err : KK_EINVAL;
}

enum kk_err roomd_called(void *arg, struct call_request *rq)
{
	struct roomd_called new = { .state = ROOMD_DIAL_NONE };
	struct roomd *d = arg;
	enum kk_err err = d->lines ? KK_EUNSUP : called_read(rq->in, &new);

	if (err)
		return err;
	sd_varlink_unref(d->called.link);
	new.link = sd_varlink_ref(rq->link);
	d->called = new;
	roomd_plan_tell(d);
	return KK_OK;
}

void roomd_called_drop(struct roomd *d)
{
	const bool was_shown = d->called.state != ROOMD_DIAL_NONE;

	sd_varlink_unref(d->called.link);
	d->called = (struct roomd_called){ .link = NULL };
	if (was_shown)
		roomd_plan_tell(d);
}
