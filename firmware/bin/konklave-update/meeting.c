/* meeting.c - whether a meeting is on, as roomd tells its faces. */
#define _GNU_SOURCE /* CLOCK_MONOTONIC */
#include <time.h>

#include "driver.h"
#include "room/use.h"

enum { RETRY_US = 1000000, US_PER_S = 1000000, SLACK_US = 100000 };

static void tell(struct driver *d, enum room_use use)
{
	if (use != ROOM_IS_BETWEEN &&
	    update_is_in_meeting(d->machine) != (use == ROOM_IS_TAKEN))
		(void)driver_event(d,
		    use == ROOM_IS_TAKEN ? UPDATE_MEETING : UPDATE_FREE);
}

/* From when on nothing is known any more. */
static void lost_begin(struct driver *d)
{
	int enabled = SD_EVENT_OFF;

	if (sd_event_source_get_enabled(d->lost, &enabled) < 0 ||
	    enabled != SD_EVENT_OFF)
		return;
	(void)sd_event_source_set_time_relative(d->lost,
	    (uint64_t)d->options.lost_seconds * US_PER_S);
	(void)sd_event_source_set_enabled(d->lost, SD_EVENT_ONESHOT);
}

/* A room that does not find its server for long has no meeting: else a box
 * without one would never take an update, nor leave one that is unwell. */
static void plan_follow(struct driver *d, enum room_use use)
{
	if (use == ROOM_IS_BETWEEN) {
		lost_begin(d);
		return;
	}
	(void)sd_event_source_set_enabled(d->lost, SD_EVENT_OFF);
	tell(d, use);
}

static int planned(sd_varlink *link, sd_json_variant *out, const char *error,
    sd_varlink_reply_flags_t flags, void *arg)
{
	struct driver *d = arg;

	(void)link;
	if (d->is_roomd_gone)
		return 0;
	if (error || !(flags & SD_VARLINK_REPLY_CONTINUES)) {
		d->is_roomd_gone = true;
		return sd_event_source_set_time_relative(d->roomd_again, 0) <
			    0 ||
			sd_event_source_set_enabled(d->roomd_again,
			    SD_EVENT_ONESHOT) < 0 ?
		    -1 :
		    0;
	}
	plan_follow(d, room_use_of(out));
	return 0;
}

static int link_open(struct driver *d)
{
	int r = sd_varlink_connect_address(&d->roomd, d->options.roomd);

	if (r < 0)
		return r;
	sd_varlink_set_userdata(d->roomd, d);
	r = sd_varlink_bind_reply(d->roomd, planned);
	if (r >= 0) /* the meeting's secret is among it */
		r = sd_varlink_set_input_sensitive(d->roomd);
	if (r >= 0) /* for long nothing may change */
		r = sd_varlink_set_relative_timeout(d->roomd, UINT64_MAX);
	if (r >= 0)
		r = sd_varlink_attach_event(d->roomd, d->event,
		    SD_EVENT_PRIORITY_NORMAL);
	if (r >= 0)
		r = sd_varlink_observe(d->roomd, "io.konklave.Room.Plan", NULL);
	return r;
}

static int again(sd_event_source *source, uint64_t now_us, void *arg)
{
	struct driver *d = arg;

	(void)now_us;
	if (d->is_roomd_gone) {
		d->roomd = sd_varlink_close_unref(d->roomd);
		d->is_roomd_gone = false;
	}
	if (d->roomd || link_open(d) >= 0)
		return 0;
	d->roomd = sd_varlink_close_unref(d->roomd);
	lost_begin(d);
	if (sd_event_source_set_time_relative(source, RETRY_US) < 0)
		return -1;
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

/* Without a roomd, or its server, there is no meeting. */
static int lost(sd_event_source *source, uint64_t now_us, void *arg)
{
	(void)source;
	(void)now_us;
	tell(arg, ROOM_IS_FREE);
	return 0;
}

/* Until it is known, a meeting is on. */
enum kk_err meeting_watch(struct driver *d)
{
	if (!d->options.roomd)
		return KK_OK;
	tell(d, ROOM_IS_TAKEN);
	if (sd_event_add_time_relative(d->event, &d->lost, CLOCK_MONOTONIC, 0,
		SLACK_US, lost, d) < 0 ||
	    sd_event_source_set_enabled(d->lost, SD_EVENT_OFF) < 0 ||
	    sd_event_add_time_relative(d->event, &d->roomd_again,
		CLOCK_MONOTONIC, 0, SLACK_US, again, d) < 0)
		return KK_EIO;
	return KK_OK;
}

void meeting_forget(struct driver *d)
{
	d->lost = sd_event_source_disable_unref(d->lost);
	d->roomd_again = sd_event_source_disable_unref(d->roomd_again);
	d->roomd = sd_varlink_close_unref(d->roomd);
}
