/* drive.c - does what the room wants, and wakes it. */
#define _GNU_SOURCE /* CLOCK_MONOTONIC */
#include <string.h>

#include "roomd.h"

enum { US_PER_MS = 1000 };

uint64_t roomd_now_ms(const struct roomd *d)
{
	uint64_t us = 0;

	if (sd_event_now(d->event, CLOCK_MONOTONIC, &us) < 0)
		return 0;
	return us / US_PER_MS;
}

/* A token stays as it is: it follows from the secret. */
static void save(struct roomd *d)
{
	struct roomd_meeting *m = &d->meeting;
	enum kk_err err;

	if (m->has_token &&
	    kk_secret_equal(m->token, room_token(d->room), ROOM_TOKEN_BYTES))
		return;
	memcpy(m->token, room_token(d->room), ROOM_TOKEN_BYTES);
	memcpy(m->token_hash, room_token_hash(d->room), ROOM_TOKEN_BYTES);
	m->has_token = true;
	err = roomd_saved_write(d);
	if (err)
		kk_log(&d->log, KK_LOG_ERROR, "meeting cannot be saved err=%s",
		    kk_err_name(err));
}

static void act(struct roomd *d, const struct room_action *a)
{
	switch (a->type) {
	case ROOM_DO_CONNECT:
		roomd_server_connect(d);
		break;
	case ROOM_DO_DISCONNECT:
		roomd_server_disconnect(d);
		break;
	case ROOM_DO_SEND:
		roomd_server_send(d, a->request);
		break;
	case ROOM_DO_KEY:
		roomd_keys_call(d, a->call);
		break;
	case ROOM_DO_SAVE:
		save(d);
		break;
	}
}

static void timer_set(struct roomd *d)
{
	uint64_t at_ms = d->room ? room_deadline(d->room) : UINT64_MAX;
	const uint64_t lines_ms = roomd_lines_due_ms(d);

	if (lines_ms < at_ms)
		at_ms = lines_ms;
	if (at_ms == UINT64_MAX) {
		(void)sd_event_source_set_enabled(d->timer, SD_EVENT_OFF);
		return;
	}
	if (sd_event_source_set_time(d->timer, at_ms * US_PER_MS) < 0 ||
	    sd_event_source_set_enabled(d->timer, SD_EVENT_ONESHOT) < 0)
		kk_log(&d->log, KK_LOG_ERROR, "the timer cannot be set");
}

/* What an action brings in at once is worked off by the loop that runs. */
void roomd_drive(struct roomd *d)
{
	struct room_action a;

	if (d->is_driving)
		return;
	d->is_driving = true;
	do {
		while (d->room && room_action_take(d->room, &a))
			act(d, &a);
	} while (roomd_lines_work(d));
	d->is_driving = false;
	timer_set(d);
	if (d->room && d->version != room_version(d->room)) {
		d->version = room_version(d->room);
		roomd_plan_tell(d);
	}
}
