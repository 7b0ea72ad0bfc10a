/*
 * lines.c - telephone lines: who may come in, and what became of it.
 *
 * lined says what callers enter; the room says whether the members know of a
 * line.  In between stands an answer for each line, which is looked at anew
 * whenever anything happens, and at its own time.
 */
#define _GNU_SOURCE /* CLOCK_REALTIME; libsystemd's macros ask for it */
#include <string.h>
#include <time.h>

#include "roomd.h"

enum { MINUTE_MS = 60000, MS_PER_S = 1000, NS_PER_MS = 1000000 };

static const char *const names[ROOMD_ANSWER_COUNT] = {
	[ROOMD_WRONG] = "wrong",
	[ROOMD_JOINING] = "joining",
	[ROOMD_WAIT] = "wait",
	[ROOMD_WAIT_ALONE] = "wait-alone",
	[ROOMD_IN] = "in",
	[ROOMD_REFUSED] = "refused",
	[ROOMD_REMOVED] = "removed",
	[ROOMD_FULL] = "full",
	[ROOMD_FORBIDDEN] = "forbidden",
	[ROOMD_CLASSIFIED] = "classified",
	[ROOMD_ENDED] = "ended",
	[ROOMD_FAILED] = "failed",
};

const char *roomd_answer_name(enum roomd_answer answer)
{
	return names[answer];
}

bool roomd_answer_is_last(enum roomd_answer answer)
{
	return answer >= ROOMD_REFUSED;
}

static enum kk_err dial_in_read(struct roomd *d)
{
	const char *path = d->options.dial_in;
	struct kk_bytes file;
	enum kk_err err;

	if (!path)
		return KK_OK;
	err = program_secret_read(path, ROOM_DIAL_FILE_BYTES, &file);
	if (!err)
		err = room_dial_in_parse(&d->lines->dial_in,
		    kk_bytes_view(&file));
	kk_bytes_clear(&file);
	d->lines->has_dial_in = !err;
	if (err == KK_EDENIED)
		kk_log(&d->log, KK_LOG_ERROR,
		    "--dial-in: others could read the file; make it mode 0600");
	else if (err)
		kk_log(&d->log, KK_LOG_ERROR,
		    "--dial-in is not a line of NUMBER PIN err=%s",
		    kk_err_name(err));
	return err;
}

enum kk_err roomd_lines_new(struct roomd *d)
{
	if (!d->options.roles[ROOMD_LINES].path)
		return KK_OK;
	d->lines = kk_calloc(1, sizeof(*d->lines));
	return d->lines ? dial_in_read(d) : KK_ENOMEM;
}

void roomd_lines_free(struct roomd *d)
{
	kk_free_wiped(d->lines, d->lines ? sizeof(*d->lines) : 0);
	d->lines = NULL;
}

static struct room_view view_of(const struct roomd *d)
{
	struct room_view v = { .state = ROOM_OFF };

	if (d->room)
		room_look(d->room, &v);
	return v;
}

/*
 * Answers.
 */
static void count(struct roomd *d, enum roomd_answer answer)
{
	struct roomd_refusals *r = &d->lines->refusals;
	uint64_t *counter = answer == ROOMD_WRONG ? &r->wrong :
	    answer == ROOMD_FULL                  ? &r->full :
	    answer == ROOMD_FORBIDDEN || answer == ROOMD_CLASSIFIED ||
		answer == ROOMD_REFUSED ?
				   &r->forbidden :
				   NULL;

	if (!counter)
		return;
	(*counter)++;
	/* At 1, 2, 4, 8, ...: as firmware/call has it. */
	if ((*counter & (*counter - 1)) == 0)
		kk_log(&d->log, KK_LOG_WARNING,
		    "lines turned away why=%s count=%llu", names[answer],
		    (unsigned long long)*counter);
}

static bool answer_set(struct roomd *d, struct roomd_line *l,
    enum roomd_answer answer)
{
	const size_t lane = (size_t)(l - d->lines->line);

	if (l->answer == answer)
		return false;
	kk_log(&d->log, KK_LOG_INFO, "line lane=%zu from=%s to=%s", lane,
	    names[l->answer], names[answer]);
	l->answer = answer;
	count(d, answer);
	roomd_lines_tell(d);
	/* Its lane in the plan comes and goes with it. */
	roomd_plan_tell(d);
	if (roomd_answer_is_last(answer) && l->is_placed &&
	    d->lines->dial.lane == lane &&
	    (d->lines->dial.state == ROOMD_DIAL_EARLY ||
		d->lines->dial.state == ROOMD_DIAL_TALKING))
		roomd_dial_set(d, ROOMD_DIAL_ENDED);
	return true;
}

/* The members know of it, or are about to. */
static bool is_told(const struct roomd_line *l)
{
	return l->answer == ROOMD_JOINING || l->answer == ROOMD_WAIT ||
	    l->answer == ROOMD_IN;
}

/* It is over; the members are told where they know of it. */
static bool over(struct roomd *d, struct roomd_line *l,
    enum roomd_answer answer)
{
	const bool was_told = is_told(l);

	(void)answer_set(d, l, answer);
	if (was_told && d->room)
		room_line_drop(d->room, l->line.id, roomd_now_ms(d));
	return was_told && d->room;
}

/* What somebody who is right is told now. */
static enum roomd_answer admission(const struct roomd *d,
    const struct room_view *v, bool is_placed)
{
	if (d->options.no_lines)
		return ROOMD_FORBIDDEN;
	if (!v->agreed)
		return is_placed ? ROOMD_ENDED : ROOMD_WAIT_ALONE;
	if (!roomd_label_allows(&d->options, v->agreed->label))
		return ROOMD_CLASSIFIED;
	if (v->agreed->forbids_lines)
		return ROOMD_FORBIDDEN;
	/* Whether it waits, the members' state says. */
	return v->others == 0 && !is_placed ? ROOMD_WAIT_ALONE : ROOMD_JOINING;
}

static bool come(struct roomd *d, struct roomd_line *l)
{
	l->due_ms = roomd_now_ms(d) + ROOMD_JOIN_MS;
	if (room_line_put(d->room, &l->line, roomd_now_ms(d)))
		return answer_set(d, l, ROOMD_FAILED);
	(void)answer_set(d, l, ROOMD_JOINING);
	return true;
}

static bool waiting_work(struct roomd *d, struct roomd_line *l,
    const struct room_view *v)
{
	const enum roomd_answer answer = admission(d, v, l->is_placed);

	if (answer == ROOMD_JOINING)
		return come(d, l);
	(void)answer_set(d, l,
	    answer == ROOMD_FORBIDDEN ? ROOMD_REFUSED : answer);
	return false;
}

static void entered(struct roomd *d, struct roomd_line *l)
{
	const uint64_t talk_ms = (uint64_t)d->options.talk_minutes * MINUTE_MS;

	if (!l->has_been_in)
		l->talk_end_ms = talk_ms ? roomd_now_ms(d) + talk_ms :
					   UINT64_MAX;
	l->has_been_in = true;
	l->due_ms = l->talk_end_ms;
	(void)answer_set(d, l, ROOMD_IN);
}

/* Whatever hosts do: under such a label no line of ours stays. */
static bool is_classified(const struct roomd *d, const struct room_view *v)
{
	return v->agreed && !roomd_label_allows(&d->options, v->agreed->label);
}

static enum roomd_answer out_answer(const struct roomd *d,
    const struct roomd_line *l, const struct room_view *v)
{
	if (is_classified(d, v))
		return ROOMD_CLASSIFIED;
	if (l->answer == ROOMD_WAIT)
		return ROOMD_REFUSED;
	return !l->has_been_in && v->agreed && v->agreed->forbids_lines ?
	    ROOMD_FORBIDDEN :
	    ROOMD_REMOVED;
}

/* Of one that the room was told of. */
static bool told_work(struct roomd *d, struct roomd_line *l,
    const struct room_view *v)
{
	const bool was_muted = l->line.is_muted_by_host;
	enum room_line_state state = ROOM_LINE_NONE;
	bool is_muted = false;

	if (d->room)
		state = room_line_look(d->room, l->line.id, &is_muted);
	if (is_classified(d, v))
		return over(d, l, ROOMD_CLASSIFIED);
	switch (state) {
	case ROOM_LINE_WAITING:
		/* One that was in keeps its time, which goes on. */
		l->due_ms = l->has_been_in ? l->talk_end_ms : UINT64_MAX;
		(void)answer_set(d, l, ROOMD_WAIT);
		if (roomd_now_ms(d) >= l->due_ms)
			return over(d, l, ROOMD_ENDED);
		return false;
	case ROOM_LINE_IN:
		if (l->answer != ROOMD_IN)
			entered(d, l);
		l->line.is_muted_by_host = is_muted;
		if (is_muted != was_muted)
			roomd_lines_tell(d);
		if (roomd_now_ms(d) >= l->due_ms)
			return over(d, l, ROOMD_ENDED);
		return false;
	case ROOM_LINE_COMING:
		/* In another group: the members have to be told again. */
		if (answer_set(d, l, ROOMD_JOINING))
			l->due_ms = roomd_now_ms(d) + ROOMD_REJOIN_MS;
		if (roomd_now_ms(d) >= l->due_ms)
			return over(d, l, ROOMD_FAILED);
		return false;
	case ROOM_LINE_OUT:
		return over(d, l, out_answer(d, l, v));
	case ROOM_LINE_FULL:
		return over(d, l, ROOMD_FULL);
	default:
		return over(d, l, ROOMD_ENDED); /* with its meeting */
	}
}

static bool line_work(struct roomd *d, struct roomd_line *l,
    const struct room_view *v)
{
	if (!l->is_used || roomd_answer_is_last(l->answer))
		return false;
	if (l->answer == ROOMD_WAIT_ALONE)
		return waiting_work(d, l, v);
	return told_work(d, l, v);
}

bool roomd_lines_work(struct roomd *d)
{
	const struct room_view v = view_of(d);
	bool is_input = false;

	for (size_t i = 0; d->lines && i < d->options.lines; i++)
		is_input |= line_work(d, &d->lines->line[i], &v);
	if (d->lines && d->lines->people != v.others)
		roomd_lines_tell(d);
	return is_input;
}

uint64_t roomd_lines_due_ms(const struct roomd *d)
{
	uint64_t at_ms = UINT64_MAX;

	for (size_t i = 0; d->lines && i < d->options.lines; i++) {
		const struct roomd_line *l = &d->lines->line[i];
		const bool counts = l->is_used &&
		    (l->answer == ROOMD_JOINING || l->answer == ROOMD_IN ||
			l->answer == ROOMD_WAIT);

		if (counts && l->due_ms < at_ms)
			at_ms = l->due_ms;
	}
	return at_ms;
}

/*
 * What lined says.
 */
static bool is_right(struct roomd *d, const struct roomd_ask *ask)
{
	struct roomd_lines *lines = d->lines;
	const bool is_equal = room_dial_in_is(&lines->dial_in, ask->number,
	    ask->pin);

	if (lines->has_dial_in && is_equal)
		return true;
	room_guess_wrong(&lines->guesses);
	return false;
}

/* A call that we placed has nothing to enter. */
static bool placed_take(struct roomd *d, const struct roomd_ask *ask)
{
	struct roomd_dial *dial = &d->lines->dial;

	if (ask->number[0] || ask->pin[0] || !dial->may_ask ||
	    dial->lane != ask->lane)
		return false;
	dial->has_asked = true;
	dial->may_ask = false;
	return true;
}

static enum kk_err line_init(struct roomd_line *l, const struct roomd_ask *ask)
{
	struct timespec now;

	if (clock_gettime(CLOCK_REALTIME, &now))
		return KK_EIO;
	*l = (struct roomd_line){ .answer = ROOMD_WAIT_ALONE,
		.line = { .transport = ask->transport,
		    .origin = ask->origin } };
	l->line.since_ms = (uint64_t)now.tv_sec * MS_PER_S +
	    (uint64_t)now.tv_nsec / NS_PER_MS;
	memcpy(l->line.label, ask->label, sizeof(l->line.label));
	return roomd_random(l->line.id, sizeof(l->line.id));
}

static enum kk_err admit(struct roomd *d, const struct roomd_ask *ask,
    bool is_placed, enum roomd_answer *answer)
{
	struct roomd_line *l = &d->lines->line[ask->lane];
	const struct room_view v = view_of(d);
	enum kk_err err;

	*answer = admission(d, &v, is_placed);
	if (roomd_answer_is_last(*answer)) {
		count(d, *answer);
		if (is_placed)
			roomd_dial_set(d, ROOMD_DIAL_ENDED);
		return KK_OK; /* nothing to be ended */
	}
	err = line_init(l, ask);
	if (err)
		return err;
	l->is_used = true;
	l->is_placed = is_placed;
	(void)waiting_work(d, l, &v);
	roomd_lines_tell(d);
	roomd_drive(d);
	*answer = l->answer;
	return KK_OK;
}

enum kk_err roomd_line_ask(struct roomd *d, const struct roomd_ask *ask,
    enum roomd_answer *answer)
{
	const bool is_placed = placed_take(d, ask);

	*answer = ROOMD_FAILED;
	if (ask->lane < d->options.lines && d->lines->line[ask->lane].is_used)
		return KK_EEXIST;
	if (!is_placed &&
	    !room_guess_may(&d->lines->guesses, roomd_now_ms(d))) {
		d->lines->refusals.too_many++;
		return KK_OK;
	}
	if (!is_placed && !is_right(d, ask)) {
		*answer = ROOMD_WRONG;
	} else if (ask->lane >= d->options.lines) {
		*answer = ROOMD_FULL;
	} else {
		return admit(d, ask, is_placed, answer);
	}
	count(d, *answer);
	return KK_OK;
}

enum kk_err roomd_line_tell(struct roomd *d, uint64_t lane, bool is_muted,
    bool has_hand_up)
{
	struct roomd_line *l;

	if (lane >= d->options.lines || !d->lines->line[lane].is_used)
		return KK_ENOENT;
	l = &d->lines->line[lane];
	l->line.is_muted = is_muted;
	l->line.has_hand_up = has_hand_up;
	if (!d->room || !is_told(l))
		return KK_OK;
	/* It may have been taken out, which lined is told then. */
	(void)!room_line_put(d->room, &l->line, roomd_now_ms(d));
	roomd_drive(d);
	return KK_OK;
}

static void line_forget(struct roomd *d, struct roomd_line *l)
{
	if (!l->is_used)
		return;
	if (!roomd_answer_is_last(l->answer))
		(void)over(d, l, ROOMD_ENDED);
	kk_wipe(l, sizeof(*l));
	roomd_lines_tell(d);
	roomd_plan_tell(d);
}

void roomd_line_end(struct roomd *d, uint64_t lane)
{
	if (lane >= d->options.lines)
		return;
	line_forget(d, &d->lines->line[lane]);
	roomd_drive(d);
}

enum kk_err roomd_line_hang_up(struct roomd *d, uint64_t lane)
{
	if (lane >= d->options.lines || !d->lines->line[lane].is_used ||
	    roomd_answer_is_last(d->lines->line[lane].answer))
		return KK_ENOENT;
	(void)over(d, &d->lines->line[lane], ROOMD_ENDED);
	roomd_drive(d);
	return KK_OK;
}

void roomd_lines_end(struct roomd *d)
{
	for (size_t i = 0; i < d->options.lines; i++)
		line_forget(d, &d->lines->line[i]);
	if (roomd_dial_is_wanted(d) || d->lines->dial.may_ask)
		roomd_dial_set(d, ROOMD_DIAL_FAILED);
	roomd_drive(d);
}

const struct roomd_line *roomd_line_find(const struct roomd *d,
    const uint8_t *id, size_t *lane)
{
	for (size_t i = 0; d->lines && i < d->options.lines; i++) {
		const struct roomd_line *l = &d->lines->line[i];

		if (!l->is_used || roomd_answer_is_last(l->answer) ||
		    memcmp(l->line.id, id, sizeof(l->line.id)) != 0)
			continue;
		*lane = i;
		return l;
	}
	return NULL;
}
