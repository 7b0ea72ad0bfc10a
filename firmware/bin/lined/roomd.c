/* roomd.c - what is asked of roomd, one after the other, each over a connection
 * of its own; and what it tells of itself, over one that stays. */
#define _GNU_SOURCE /* CLOCK_MONOTONIC */
#include <string.h>
#include <time.h>

#include "lined.h"

enum {
	SLACK_US = 50000,
	WAITING_MAX = 4 * LINED_LINES_MAX, /* of lines that press keys fast */
	ANSWER_BYTES = 16
};

#define LINES "io.konklave.Lines."

enum kind { ASK, TELL, END, PLACED };

struct lined_request {
	struct lined_request *next;
	enum kind kind;
	size_t lane;
	sd_json_variant *in;
};

static const char *const methods[] = {
	[ASK] = LINES "Ask",
	[TELL] = LINES "Tell",
	[END] = LINES "End",
	[PLACED] = LINES "Placed",
};

/*
 * Requests.
 */
static void request_free(struct lined_request *q)
{
	sd_json_variant_unref(q->in);
	kk_free(q);
}

static struct lined_request *request_take(struct lined_room *r)
{
	struct lined_request *q = r->first;

	r->first = q->next;
	if (!r->first)
		r->last = NULL;
	r->waiting--;
	return q;
}

static void requests_clear(struct lined_room *r)
{
	while (r->first)
		request_free(request_take(r));
}

static void next_soon(struct lined_room *r)
{
	if (r->next &&
	    sd_event_source_set_enabled(r->next, SD_EVENT_ONESHOT) < 0)
		(void)sd_event_exit(r->event, -1);
}

/* in is taken over. */
static enum kk_err request_add(struct lined_room *r, enum kind kind,
    size_t lane, sd_json_variant *in)
{
	struct lined_request *q = NULL;
	enum kk_err err = r->is_there ? KK_OK : KK_ESTATE;

	if (!err && r->waiting >= WAITING_MAX)
		err = KK_ELIMIT;
	if (!err) {
		q = kk_calloc(1, sizeof(*q));
		err = q ? KK_OK : KK_ENOMEM;
	}
	if (err) {
		sd_json_variant_unref(in);
		return err;
	}
	*q = (struct lined_request){ .kind = kind, .lane = lane, .in = in };
	if (r->last)
		r->last->next = q;
	else
		r->first = q;
	r->last = q;
	r->waiting++;
	next_soon(r);
	return KK_OK;
}

enum kk_err lined_room_ask(struct lined_room *r, const struct lined_ask *ask)
{
	sd_json_variant *in = NULL;
	enum kk_err err = call_put_u64(&in, "line", ask->lane);

	if (!err)
		err = call_put_secret_text(&in, "number", ask->number);
	if (!err)
		err = call_put_secret_text(&in, "pin", ask->pin);
	if (!err)
		err = call_put_text(&in, "label", ask->label);
	if (!err)
		err = call_put_text(&in, "origin", ask->origin);
	if (!err)
		err = call_put_text(&in, "transport", ask->transport);
	if (err) {
		sd_json_variant_unref(in);
		return err;
	}
	sd_json_variant_sensitive(in);
	return request_add(r, ASK, ask->lane, in);
}

static void note(struct lined_room *r, enum kind kind, size_t lane,
    sd_json_variant *in, enum kk_err err)
{
	if (err)
		sd_json_variant_unref(in);
	else
		err = request_add(r, kind, lane, in);
	/* Where roomd is away it has forgotten the line. */
	if (err && err != KK_ESTATE)
		kk_log(r->log, KK_LOG_WARNING, "roomd is not told err=%s",
		    kk_err_name(err));
}

void lined_room_tell(struct lined_room *r, size_t lane, bool is_muted,
    bool has_hand_up)
{
	sd_json_variant *in = NULL;
	enum kk_err err = call_put_u64(&in, "line", lane);

	if (!err)
		err = call_put_bool(&in, "isMuted", is_muted);
	if (!err)
		err = call_put_bool(&in, "hasHandUp", has_hand_up);
	note(r, TELL, lane, in, err);
}

void lined_room_end(struct lined_room *r, size_t lane)
{
	sd_json_variant *in = NULL;
	const enum kk_err err = call_put_u64(&in, "line", lane);

	note(r, END, lane, in, err);
}

void lined_room_placed(struct lined_room *r, uint64_t serial, size_t lane,
    const char *state, bool has_tones)
{
	sd_json_variant *in = NULL;
	enum kk_err err = call_put_u64(&in, "serial", serial);

	if (!err)
		err = call_put_u64(&in, "line", lane);
	if (!err)
		err = call_put_text(&in, "state", state);
	if (!err && has_tones)
		err = call_put_bool(&in, "hasTones", true);
	note(r, PLACED, lane, in, err);
}

static void finish(struct lined_room *r, sd_json_variant *out,
    const char *error)
{
	struct lined_request *q = request_take(r);
	sd_varlink *link = r->link;
	char answer[ANSWER_BYTES] = "";

	r->link = NULL;
	if (error)
		kk_log(r->log, KK_LOG_WARNING, "roomd refuses method=%s why=%s",
		    methods[q->kind], error);
	if (q->kind == ASK) {
		if (error ||
		    call_get_text(out, "answer", answer, sizeof(answer)))
			r->handler.answered(r->arg, q->lane, NULL);
		else
			r->handler.answered(r->arg, q->lane, answer);
	} else if (q->kind == END) {
		r->handler.ended(r->arg, q->lane);
	}
	request_free(q);
	sd_varlink_close_unref(link);
	if (r->first)
		next_soon(r);
}

static int request_answered(sd_varlink *link, sd_json_variant *out,
    const char *error, sd_varlink_reply_flags_t flags, void *userdata)
{
	(void)link;
	(void)flags;
	finish(userdata, out, error);
	return 0;
}

static int request_send(sd_event_source *source, void *arg)
{
	struct lined_room *r = arg;
	const struct lined_request *q = r->first;

	(void)source;
	if (!q || r->link)
		return 0;
	if (sd_varlink_connect_address(&r->link, r->path) < 0) {
		r->link = NULL;
		finish(r, NULL, "no connection");
		return 0;
	}
	(void)sd_varlink_set_userdata(r->link, r);
	if (sd_varlink_set_relative_timeout(r->link, LINED_ANSWER_US) < 0 ||
	    sd_varlink_bind_reply(r->link, request_answered) < 0 ||
	    sd_varlink_attach_event(r->link, r->event, 0) < 0 ||
	    sd_varlink_invoke(r->link, methods[q->kind], q->in) < 0)
		finish(r, NULL, "no connection");
	return 0;
}

/*
 * What it tells.
 */
static enum kk_err state_read(struct lined_state *s, sd_json_variant *v)
{
	sd_json_variant *answer = sd_json_variant_by_key(v, "answer");
	uint32_t lane = 0;
	enum kk_err err = call_needed(call_get_u32(v, "line",
	    LINED_LINES_MAX - 1, &lane));

	s->lane = lane;
	s->answer = answer && sd_json_variant_is_string(answer) ?
	    sd_json_variant_string(answer) :
	    "";
	if (!err)
		err = call_needed(call_get_bool(v, "isMutedByHost",
		    &s->is_muted_by_host));
	return err;
}

static enum kk_err dial_read(struct lined_dial *dial, sd_json_variant *in,
    char *number, size_t room)
{
	sd_json_variant *v = sd_json_variant_by_key(in, "dial");
	enum kk_err err;

	*dial = (struct lined_dial){ .number = NULL };
	if (!v || sd_json_variant_is_null(v))
		return KK_OK;
	err = call_needed(call_get_u64(v, "serial", INT64_MAX, &dial->serial));
	if (!err)
		err = call_needed(call_get_text(v, "number", number, room));
	if (!err)
		dial->number = number;
	return err;
}

static enum kk_err tones_read(struct lined_tones *tones, sd_json_variant *in,
    char *digits, size_t room)
{
	sd_json_variant *v = sd_json_variant_by_key(in, "tones");
	enum kk_err err;

	*tones = (struct lined_tones){ .digits = digits };
	if (!v || sd_json_variant_is_null(v))
		return KK_OK;
	err = call_needed(call_get_u64(v, "serial", INT64_MAX, &tones->serial));
	return err ? err :
		     call_needed(call_get_text(v, "digits", digits, room));
}

static enum kk_err told(struct lined_room *r, sd_json_variant *in)
{
	struct lined_state states[LINED_LINES_MAX];
	char number[LINED_NUMBER_BYTES] = "", digits[LINED_TONES_BYTES] = "";
	struct lined_dial dial;
	struct lined_tones tones;
	sd_json_variant *list;
	size_t count;
	enum kk_err err = call_needed(call_get_list(in, "lines",
	    LINED_LINES_MAX, &list, &count));

	for (size_t i = 0; !err && i < count; i++)
		err = state_read(&states[i], sd_json_variant_by_index(list, i));
	if (!err)
		err = dial_read(&dial, in, number, sizeof(number));
	if (!err)
		err = tones_read(&tones, in, digits, sizeof(digits));
	if (!err)
		r->handler.told(r->arg, states, count, &dial, &tones);
	kk_wipe(number, sizeof(number));
	kk_wipe(digits, sizeof(digits));
	return err;
}

static void watch_drop(struct lined_room *r)
{
	sd_varlink *watch = r->watch, *link = r->link;

	r->watch = r->link = NULL;
	r->is_there = false;
	sd_varlink_close_unref(watch);
	sd_varlink_close_unref(link);
	requests_clear(r);
}

static void retry_later(struct lined_room *r)
{
	if (sd_event_source_set_time_relative(r->retry, LINED_RETRY_US) < 0 ||
	    sd_event_source_set_enabled(r->retry, SD_EVENT_ONESHOT) < 0)
		(void)sd_event_exit(r->event, -1); /* nobody could come in */
}

static int watched(sd_varlink *link, sd_json_variant *in, const char *error,
    sd_varlink_reply_flags_t flags, void *userdata)
{
	struct lined_room *r = userdata;
	enum kk_err err = KK_OK;

	(void)link;
	if (!error) {
		if (!r->is_there)
			kk_log(r->log, KK_LOG_INFO, "roomd is there");
		r->is_there = true;
		r->is_told = false;
		err = told(r, in);
	}
	if (!error && !err && (flags & SD_VARLINK_REPLY_CONTINUES))
		return 0;
	kk_log(r->log, KK_LOG_WARNING, "roomd is gone why=%s",
	    error   ? error :
		err ? kk_err_name(err) :
		      "no more");
	watch_drop(r);
	r->handler.lost(r->arg);
	retry_later(r);
	return 0;
}

static bool watch(struct lined_room *r)
{
	if (sd_varlink_connect_address(&r->watch, r->path) < 0) {
		r->watch = NULL;
		return false;
	}
	(void)sd_varlink_set_userdata(r->watch, r);
	if (sd_varlink_set_relative_timeout(r->watch, UINT64_MAX) < 0 ||
	    sd_varlink_set_input_sensitive(r->watch) < 0 ||
	    sd_varlink_bind_reply(r->watch, watched) < 0 ||
	    sd_varlink_attach_event(r->watch, r->event, 0) < 0 ||
	    sd_varlink_observe(r->watch, LINES "Watch", NULL) < 0) {
		watch_drop(r);
		return false;
	}
	return true;
}

static int retry(sd_event_source *source, uint64_t now_us, void *arg)
{
	struct lined_room *r = arg;

	(void)source;
	(void)now_us;
	if (watch(r))
		return 0;
	if (!r->is_told)
		kk_log(r->log, KK_LOG_WARNING,
		    "roomd does not answer yet; trying again");
	r->is_told = true;
	retry_later(r);
	return 0;
}

enum kk_err lined_room_start(struct lined_room *r)
{
	return sd_event_add_defer(r->event, &r->next, request_send, r) < 0 ||
		sd_event_source_set_enabled(r->next, SD_EVENT_OFF) < 0 ||
		sd_event_add_time_relative(r->event, &r->retry, CLOCK_MONOTONIC,
		    0, SLACK_US, retry, r) < 0 ?
	    KK_EIO :
	    KK_OK;
}

void lined_room_stop(struct lined_room *r)
{
	r->retry = sd_event_source_disable_unref(r->retry);
	r->next = sd_event_source_disable_unref(r->next);
	watch_drop(r);
}
