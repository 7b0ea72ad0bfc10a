/* follow.c - being in the meeting that another roomd of this box is in. */
#define _GNU_SOURCE /* CLOCK_MONOTONIC; libsystemd's macros ask for it */
#include <string.h>
#include <time.h>

#include "roomd.h"

enum { RETRY_US = 500000, SLACK_US = 10000 };

static void timer_set(struct roomd *d, uint64_t in_us)
{
	if (sd_event_source_set_time_relative(d->follow.timer, in_us) < 0 ||
	    sd_event_source_set_enabled(d->follow.timer, SD_EVENT_ONESHOT) < 0)
		kk_log(&d->log, KK_LOG_ERROR, "the timer cannot be set");
}

static bool is_ours(const struct roomd *d, const char *link)
{
	struct room_link wanted;
	bool is_same = false;

	if (!room_link_parse(&wanted, link) && d->meeting.is_there)
		is_same = memcmp(wanted.id, d->meeting.link.id,
			      sizeof(wanted.id)) == 0 &&
		    kk_secret_equal(wanted.secret, d->meeting.link.secret,
			sizeof(wanted.secret));
	kk_wipe(&wanted, sizeof(wanted));
	return is_same;
}

static const char *text_of(sd_json_variant *in, const char *name)
{
	sd_json_variant *v = sd_json_variant_by_key(in, name);

	return v && sd_json_variant_is_string(v) ? sd_json_variant_string(v) :
						   NULL;
}

/* A meeting that is being made is not there yet: it waits until the other one
 * is in.  Out of an old one it goes at once. */
static void plan_take(struct roomd *d, sd_json_variant *plan)
{
	const char *link = text_of(plan, "link");
	const char *phase = text_of(plan, "phase");
	enum kk_err err;

	if (link && is_ours(d, link))
		return;
	if (d->meeting.is_there)
		roomd_meeting_leave(d);
	if (!link || !phase || strcmp(phase, room_state_name(ROOM_IN)) != 0)
		return;
	err = roomd_meeting_enter(d, link);
	if (err)
		kk_log(&d->log, KK_LOG_ERROR,
		    "the meeting cannot be entered err=%s", kk_err_name(err));
}

static int planned(sd_varlink *link, sd_json_variant *out, const char *error,
    sd_varlink_reply_flags_t flags, void *arg)
{
	struct roomd *d = arg;

	(void)link;
	if (d->follow.is_lost)
		return 0;
	if (error || !(flags & SD_VARLINK_REPLY_CONTINUES)) {
		d->follow.is_lost = true;
		timer_set(d, 0);
		return 0;
	}
	plan_take(d, out);
	return 0;
}

static int link_open(struct roomd *d)
{
	sd_varlink **link = &d->follow.link;
	int r = sd_varlink_connect_address(link, d->options.follow);

	if (r < 0)
		return r;
	sd_varlink_set_userdata(*link, d);
	r = sd_varlink_bind_reply(*link, planned);
	if (r >= 0) /* the meeting's secret is among it */
		r = sd_varlink_set_input_sensitive(*link);
	if (r >= 0) /* in mid-meeting nothing may be said for long */
		r = sd_varlink_set_relative_timeout(*link, UINT64_MAX);
	if (r >= 0)
		r = sd_varlink_attach_event(*link, d->event,
		    SD_EVENT_PRIORITY_NORMAL);
	if (r >= 0)
		r = sd_varlink_observe(*link, "io.konklave.Room.Plan", NULL);
	if (r >= 0 && d->lines && d->lines->dial.state != ROOMD_DIAL_NONE)
		roomd_call_tell(d); /* it may have forgotten */
	return r;
}

/* Without the other one it stays where it is: that may be starting again. */
static int timer_fired(sd_event_source *source, uint64_t now_us, void *arg)
{
	struct roomd *d = arg;

	(void)source;
	(void)now_us;
	if (d->follow.is_lost) {
		kk_log(&d->log, KK_LOG_WARNING, "who is followed is gone");
		d->follow.link = sd_varlink_close_unref(d->follow.link);
		d->follow.is_lost = false;
	}
	if (!d->follow.link && link_open(d) < 0) {
		d->follow.link = sd_varlink_close_unref(d->follow.link);
		timer_set(d, RETRY_US);
	}
	return 0;
}

enum kk_err roomd_follow_start(struct roomd *d)
{
	if (!d->options.follow)
		return KK_OK;
	return sd_event_add_time_relative(d->event, &d->follow.timer,
		   CLOCK_MONOTONIC, 0, SLACK_US, timer_fired, d) < 0 ?
	    KK_EIO :
	    KK_OK;
}

void roomd_follow_stop(struct roomd *d)
{
	d->follow.timer = sd_event_source_disable_unref(d->follow.timer);
	d->follow.link = sd_varlink_close_unref(d->follow.link);
}
