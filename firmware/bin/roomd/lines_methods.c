/* lines_methods.c - io.konklave.Lines: what lined asks, and is told. */
#define _GNU_SOURCE /* libsystemd's macros ask for it */
#include <string.h>

#include "roomd.h"

#define NAME(method) "io.konklave.Lines." method

enum { ALONE, WATCHED }; /* is lined there? */

enum {
	LINED = CALL_ROLE(ROOMD_LINES),
	THERE = CALL_STATE(WATCHED),
	SMALL = 512
};

static const char *const transports[] = {
	[CONFERENCE_PLAIN] = "plain",
	[CONFERENCE_TLS] = "tls",
	[CONFERENCE_SRTP] = "srtp",
};

const char *roomd_transport_name(enum conference_transport transport)
{
	return transports[transport];
}

static const char *const origins[] = {
	[CONFERENCE_CLAIMED] = "caller",
	[CONFERENCE_EXCHANGE] = "exchange",
	[CONFERENCE_ACCOUNT] = "account",
};

const char *roomd_origin_name(enum conference_origin origin)
{
	return origins[origin];
}

static enum kk_err origin_get(sd_json_variant *in,
    enum conference_origin *origin)
{
	char name[16];
	enum kk_err err = call_get_text(in, "origin", name, sizeof(name));

	for (int i = CONFERENCE_CLAIMED; !err && i <= CONFERENCE_ACCOUNT; i++) {
		*origin = (enum conference_origin)i;
		if (!strcmp(name, origins[i]))
			return KK_OK;
	}
	return KK_EINVAL;
}

static enum kk_err transport_get(sd_json_variant *in,
    enum conference_transport *transport)
{
	char name[16];
	enum kk_err err = call_get_text(in, "transport", name, sizeof(name));

	for (int i = CONFERENCE_PLAIN; !err && i <= CONFERENCE_SRTP; i++) {
		*transport = (enum conference_transport)i;
		if (!strcmp(name, transports[i]))
			return KK_OK;
	}
	return KK_EINVAL;
}

static enum kk_err lane_get(sd_json_variant *in, uint64_t *lane)
{
	return call_get_u64(in, "line", ROOMD_LANES_MAX - 1, lane);
}

static enum kk_err ask_get(sd_json_variant *in, struct roomd_ask *ask)
{
	enum kk_err err = lane_get(in, &ask->lane);
	struct kk_view label;

	if (!err)
		err = call_get_text(in, "number", ask->number,
		    sizeof(ask->number));
	if (!err)
		err = call_get_text(in, "pin", ask->pin, sizeof(ask->pin));
	if (!err)
		err = call_get_text(in, "label", ask->label,
		    sizeof(ask->label));
	if (!err)
		err = origin_get(in, &ask->origin);
	if (!err)
		err = transport_get(in, &ask->transport);
	label = kk_view_text(ask->label);
	if (!err && label.bytes > 0 && !kk_text_is_shown(label))
		err = KK_EFORMAT;
	return err;
}

static enum kk_err ask(void *arg, struct call_request *rq)
{
	struct roomd_ask ask = { .lane = 0 };
	enum roomd_answer answer = ROOMD_FAILED;
	enum kk_err err = ask_get(rq->in, &ask);

	if (!err)
		err = roomd_line_ask(arg, &ask, &answer);
	kk_wipe(&ask, sizeof(ask));
	return err ?
	    err :
	    call_put_text(&rq->out, "answer", roomd_answer_name(answer));
}

static enum kk_err tell(void *arg, struct call_request *rq)
{
	bool is_muted = false, has_hand_up = false;
	uint64_t lane = 0;
	enum kk_err err = lane_get(rq->in, &lane);

	if (!err)
		err = call_get_bool(rq->in, "isMuted", &is_muted);
	if (!err)
		err = call_get_bool(rq->in, "hasHandUp", &has_hand_up);
	return err ? err : roomd_line_tell(arg, lane, is_muted, has_hand_up);
}

static enum kk_err end(void *arg, struct call_request *rq)
{
	uint64_t lane = 0;
	enum kk_err err = lane_get(rq->in, &lane);

	if (!err)
		roomd_line_end(arg, lane);
	return err;
}

static enum kk_err placed(void *arg, struct call_request *rq)
{
	enum roomd_dial_state state = ROOMD_DIAL_RINGING;
	uint64_t serial = 0, lane = 0;
	bool has_tones = false;
	char name[16] = "";
	enum kk_err err = call_get_u64(rq->in, "serial", UINT64_MAX, &serial);

	if (!err)
		err = lane_get(rq->in, &lane);
	if (!err)
		err = call_get_text(rq->in, "state", name, sizeof(name));
	if (!err)
		err = call_optional(call_get_bool(rq->in, "hasTones",
		    &has_tones));
	while (!err && strcmp(name, roomd_dial_name(state)) != 0) {
		if (state == ROOMD_DIAL_FAILED)
			err = KK_EINVAL;
		else
			state++;
	}
	return err ? err :
		     roomd_dial_placed(arg, serial, lane, state, has_tones);
}

static enum kk_err line_put(size_t lane, const struct roomd_line *l,
    sd_json_variant **list)
{
	sd_json_variant *one = NULL;
	enum kk_err err = call_put_u64(&one, "line", lane);

	if (!err)
		err = call_put_text(&one, "answer",
		    roomd_answer_name(l->answer));
	if (!err)
		err = call_put_bool(&one, "isMutedByHost",
		    l->line.is_muted_by_host);
	if (!err)
		err = call_list_add(list, one);
	sd_json_variant_unref(one);
	return err;
}

static enum kk_err lines_put(const struct roomd *d, sd_json_variant **out)
{
	sd_json_variant *list = NULL;
	enum kk_err err = KK_OK;

	for (size_t i = 0; !err && i < d->options.lines; i++) {
		if (d->lines->line[i].is_used)
			err = line_put(i, &d->lines->line[i], &list);
	}
	if (!err)
		err = list ? call_put_value(out, "lines", list) :
			     call_put_empty_list(out, "lines");
	sd_json_variant_unref(list);
	return err;
}

static enum kk_err dial_put(const struct roomd *d, sd_json_variant **out)
{
	const struct roomd_dial *dial = &d->lines->dial;
	sd_json_variant *one = NULL;
	enum kk_err err;

	if (!roomd_dial_is_wanted(d))
		return KK_OK;
	err = call_put_u64(&one, "serial", dial->serial);
	if (!err)
		err = call_put_secret_text(&one, "number", dial->number);
	if (!err)
		err = call_put_value(out, "dial", one);
	sd_json_variant_unref(one);
	return err;
}

/* All of them each time: lined may not have been told of the ones before. */
static enum kk_err tones_put(const struct roomd *d, sd_json_variant **out)
{
	const struct roomd_dial *dial = &d->lines->dial;
	sd_json_variant *one = NULL;
	enum kk_err err;

	if (!dial->tones[0])
		return KK_OK;
	err = call_put_u64(&one, "serial", dial->serial);
	if (!err)
		err = call_put_secret_text(&one, "digits", dial->tones);
	if (!err)
		err = call_put_value(out, "tones", one);
	sd_json_variant_unref(one);
	return err;
}

static enum kk_err told_put(struct roomd *d, sd_json_variant **out)
{
	struct room_view v = { .state = ROOM_OFF };
	enum kk_err err = lines_put(d, out);

	if (d->room)
		room_look(d->room, &v);
	if (!err)
		err = dial_put(d, out);
	if (!err)
		err = tones_put(d, out);
	if (!err)
		err = call_put_u64(out, "people", v.others);
	d->lines->people = v.others;
	return err;
}

static enum kk_err watch(void *arg, struct call_request *rq)
{
	struct roomd *d = arg;
	sd_json_variant *out = NULL;
	enum kk_err err = d->lines->watch ? KK_EEXIST : told_put(d, &out);

	if (!err)
		err = call_notify(rq->link, out);
	sd_json_variant_unref(out);
	if (err)
		return err;
	d->lines->watch = sd_varlink_ref(rq->link);
	rq->is_kept = true;
	kk_log(&d->log, KK_LOG_INFO, "lined is there");
	return KK_OK;
}

/* Number and PIN are guessed no faster than room/dial.h has it, whatever the
 * rate here. */
static const struct call_rule rules[] = {
	{ NAME("Ask"), LINED, THERE, 10, 0, SMALL },
	{ NAME("Tell"), LINED, THERE, 50, 0, SMALL },
	{ NAME("End"), LINED, THERE, 100, 0, SMALL },
	{ NAME("Placed"), LINED, THERE, 20, 0, SMALL },
	{ NAME("Watch"), LINED, CALL_ANY_STATE, 5, 0, SMALL },
};

static call_handler *const handlers[] = {
	ask,
	tell,
	end,
	placed,
	watch,
};

_Static_assert(KK_ARRAY_LEN(rules) == KK_ARRAY_LEN(handlers),
    "each rule has its handler");

static unsigned state_get(void *arg, sd_json_variant *in)
{
	const struct roomd *d = arg;

	(void)in;
	return d->lines->watch ? WATCHED : ALONE;
}

static void gone(void *arg, sd_varlink *link)
{
	struct roomd *d = arg;

	if (link != d->lines->watch)
		return;
	d->lines->watch = sd_varlink_unref(d->lines->watch);
	kk_log(&d->log, KK_LOG_WARNING, "lined is gone");
	roomd_lines_end(d);
}

/* Its lines end where it is cut off. */
static int lined_tell(sd_event_source *source, void *arg)
{
	struct roomd *d = arg;
	sd_json_variant *out = NULL;
	enum kk_err err;

	(void)source;
	if (!d->lines->watch)
		return 0;
	err = told_put(d, &out);
	if (err) {
		kk_log(&d->log, KK_LOG_WARNING, "lined is cut off err=%s",
		    kk_err_name(err));
		(void)sd_varlink_close(d->lines->watch);
	} else {
		roomd_watcher_tell(d, d->lines->watch, out);
	}
	sd_json_variant_unref(out);
	return 0;
}

void roomd_lines_tell(struct roomd *d)
{
	if (d->lines->watch)
		roomd_soon(d, d->lines->soon);
}

enum kk_err roomd_lines_start(struct roomd *d)
{
	const struct call_service service = {
		.interface = &roomd_lines_interface,
		.rules = rules,
		.handlers = handlers,
		.rule_count = KK_ARRAY_LEN(rules),
		.arg = d,
		.state = state_get,
		.gone = gone,
		.log = &d->log,
	};
	enum kk_err err;

	if (!d->lines)
		return KK_OK;
	err = call_server_new(&d->lines->server, d->event, &service);
	if (!err)
		err = roomd_soon_add(d, &d->lines->soon, lined_tell);
	return err ? err :
		     program_role_listen(d->options.roles, ROOMD_LINES,
			 d->lines->server);
}

void roomd_lines_stop(struct roomd *d)
{
	if (!d->lines)
		return;
	d->lines->soon = sd_event_source_disable_unref(d->lines->soon);
	d->lines->watch = sd_varlink_unref(d->lines->watch);
	call_server_free(d->lines->server);
	d->lines->server = NULL;
}
