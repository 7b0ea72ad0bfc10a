/* dial.c - calls that are placed: which may be, and how they stand. */
#define _GNU_SOURCE /* CLOCK_REALTIME; libsystemd's macros ask for it */
#include <string.h>
#include <time.h>

#include "roomd.h"

static const char *const names[ROOMD_DIAL_COUNT] = {
	[ROOMD_DIAL_NONE] = "none",
	[ROOMD_DIAL_PLACING] = "placing",
	[ROOMD_DIAL_RINGING] = "ringing",
	[ROOMD_DIAL_EARLY] = "early",
	[ROOMD_DIAL_TALKING] = "talking",
	[ROOMD_DIAL_BUSY] = "busy",
	[ROOMD_DIAL_NO_ANSWER] = "no-answer",
	[ROOMD_DIAL_UNKNOWN] = "unknown",
	[ROOMD_DIAL_UNREACHABLE] = "unreachable",
	[ROOMD_DIAL_REFUSED] = "refused",
	[ROOMD_DIAL_FAILED] = "failed",
	[ROOMD_DIAL_ENDED] = "ended",
};

#define STATE(state) (UINT32_C(1) << (state))

enum {
	OVER = STATE(ROOMD_DIAL_BUSY) | STATE(ROOMD_DIAL_NO_ANSWER) |
	    STATE(ROOMD_DIAL_UNKNOWN) | STATE(ROOMD_DIAL_UNREACHABLE) |
	    STATE(ROOMD_DIAL_REFUSED) | STATE(ROOMD_DIAL_FAILED)
};

/* From which to which, as lined says. */
static const uint32_t moves[ROOMD_DIAL_COUNT] = {
	[ROOMD_DIAL_PLACING] = STATE(ROOMD_DIAL_RINGING) |
	    STATE(ROOMD_DIAL_EARLY) | STATE(ROOMD_DIAL_TALKING) | OVER,
	[ROOMD_DIAL_RINGING] = STATE(ROOMD_DIAL_EARLY) |
	    STATE(ROOMD_DIAL_TALKING) | OVER,
	[ROOMD_DIAL_EARLY] = STATE(ROOMD_DIAL_EARLY) |
	    STATE(ROOMD_DIAL_TALKING) | OVER,
	[ROOMD_DIAL_TALKING] = STATE(ROOMD_DIAL_TALKING),
};

const char *roomd_dial_name(enum roomd_dial_state state)
{
	return names[state];
}

enum roomd_dial_state roomd_dial_state_of(const char *name)
{
	for (size_t i = 0; i < ROOMD_DIAL_COUNT; i++) {
		if (!strcmp(names[i], name))
			return (enum roomd_dial_state)i;
	}
	return ROOMD_DIAL_NONE;
}

bool roomd_dial_is_wanted(const struct roomd *d)
{
	return d->lines->dial.state == ROOMD_DIAL_PLACING ||
	    d->lines->dial.state == ROOMD_DIAL_RINGING ||
	    d->lines->dial.state == ROOMD_DIAL_EARLY;
}

static bool is_heard(const struct roomd_dial *dial)
{
	return dial->state == ROOMD_DIAL_EARLY ||
	    dial->state == ROOMD_DIAL_TALKING;
}

void roomd_dial_set(struct roomd *d, enum roomd_dial_state state)
{
	struct roomd_dial *dial = &d->lines->dial;

	dial->state = state;
	dial->may_ask = !dial->has_asked && is_heard(dial);
	if (!roomd_dial_is_wanted(d))
		kk_wipe(dial->number, sizeof(dial->number));
	if (!is_heard(dial)) {
		dial->has_tones = false;
		kk_wipe(dial->tones, sizeof(dial->tones));
	}
	kk_log(&d->log, KK_LOG_INFO, "call state=%s", names[state]);
	roomd_lines_tell(d);
	roomd_plan_tell(d);
	roomd_call_changed(d);
}

static bool is_allowed(const struct roomd *d, const char *number)
{
	if (d->options.no_lines)
		return false;
	for (size_t i = 0; i < d->options.prefix_count; i++) {
		const char *prefix = d->options.prefixes[i];

		if (!strncmp(number, prefix, strlen(prefix)))
			return true;
	}
	return false;
}

static bool has_free_line(const struct roomd *d)
{
	for (size_t i = 0; i < d->options.lines; i++) {
		if (!d->lines->line[i].is_used)
			return true;
	}
	return false;
}

static enum kk_err refusal(const struct roomd *d, const char *number)
{
	struct room_view v = { .state = ROOM_OFF };

	if (d->room)
		room_look(d->room, &v);
	if (!room_dial_is_number(number))
		return KK_EINVAL;
	if (roomd_dial_is_wanted(d))
		return KK_EEXIST;
	if (!d->lines->watch || !v.agreed)
		return KK_ESTATE;
	if (!is_allowed(d, number) || v.agreed->forbids_lines)
		return KK_EDENIED;
	return has_free_line(d) ? KK_OK : KK_ELIMIT;
}

/* Serials rise over restarts too: none is taken for one of before. */
static uint64_t serial_next(const struct roomd *d)
{
	const uint64_t last = d->lines->dial.serial;
	struct timespec now = { .tv_sec = ROOMD_LANES_MAX };

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec > last ? (uint64_t)now.tv_sec : last + 1;
}

enum kk_err roomd_dial(struct roomd *d, const char *number, uint64_t *serial)
{
	enum kk_err err = d->lines ? refusal(d, number) : KK_EUNSUP;

	if (err) {
		if (d->lines && (err == KK_EDENIED || err == KK_ELIMIT))
			d->lines->refusals.dials++;
		return err;
	}
	*serial = serial_next(d);
	kk_wipe(&d->lines->dial, sizeof(d->lines->dial));
	d->lines->dial.serial = *serial;
	memcpy(d->lines->dial.number, number, strlen(number));
	roomd_dial_set(d, ROOMD_DIAL_PLACING);
	return KK_OK;
}

enum kk_err roomd_hang_up(struct roomd *d, uint64_t line)
{
	struct roomd_dial *dial = d->lines ? &d->lines->dial : NULL;

	if (!dial)
		return KK_EUNSUP;
	if (line >= ROOMD_LANES_MAX && line == dial->serial) {
		if (roomd_dial_is_wanted(d) || dial->may_ask) {
			roomd_dial_set(d, ROOMD_DIAL_ENDED);
			return KK_OK;
		}
		if (dial->state != ROOMD_DIAL_TALKING)
			return KK_ENOENT;
		line = dial->lane;
	}
	return roomd_line_hang_up(d, line);
}

static bool is_of(const struct roomd_dial *dial, uint64_t line)
{
	return line == (line < ROOMD_LANES_MAX ? dial->lane : dial->serial);
}

enum kk_err roomd_tones(struct roomd *d, uint64_t line, const char *digits)
{
	struct roomd_dial *dial = d->lines ? &d->lines->dial : NULL;
	const size_t count = strlen(digits);
	size_t before;

	if (!dial)
		return KK_EUNSUP;
	if (!(is_heard(dial) || roomd_dial_is_wanted(d)) || !is_of(dial, line))
		return KK_ENOENT;
	if (!is_heard(dial))
		return KK_ESTATE;
	if (!dial->has_tones)
		return KK_EUNSUP;
	if (count == 0 || strspn(digits, "0123456789*#") != count)
		return KK_EINVAL;
	before = strlen(dial->tones);
	if (count > ROOMD_TONES_MAX - before)
		return KK_ELIMIT;
	memcpy(dial->tones + before, digits, count);
	roomd_lines_tell(d);
	return KK_OK;
}

enum kk_err roomd_dial_placed(struct roomd *d, uint64_t serial, uint64_t lane,
    enum roomd_dial_state state, bool has_tones)
{
	struct roomd_dial *dial = &d->lines->dial;

	if (dial->state == ROOMD_DIAL_NONE || serial != dial->serial)
		return KK_ENOENT;
	if (!(moves[dial->state] & STATE(state)))
		return KK_ESTATE;
	if ((state == ROOMD_DIAL_EARLY || state == ROOMD_DIAL_TALKING) &&
	    (lane >= d->options.lines ||
		(state == dial->state && lane != dial->lane)))
		return KK_EINVAL;
	dial->lane = lane;
	dial->has_tones = has_tones;
	roomd_dial_set(d, state);
	return KK_OK;
}
