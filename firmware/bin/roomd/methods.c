/* methods.c - the request table, and what siblings ask. */
#define _GNU_SOURCE /* libsystemd's macros ask for it */
#include <string.h>

#include "roomd.h"

#define NAME(method) "io.konklave.Room." method

enum {
	MEDIA = CALL_ROLE(ROOMD_MEDIA),
	FACE = CALL_ROLE(ROOMD_FACE),
	HEALTH = CALL_ROLE(ROOMD_HEALTH),
	PANEL = CALL_ROLE(ROOMD_PANEL),
	BOTH = MEDIA | FACE,
	INSIDE = CALL_STATE(ROOM_IN),
	RUNNING = CALL_ANY_STATE & ~CALL_STATE(ROOM_OFF),
	SMALL = 1024,
	SIZE_MAX_PIXELS = 16384 /* docs/protocol.md, "Layers" */
};

static enum kk_err plan(void *arg, struct call_request *rq)
{
	struct roomd *d = arg;
	sd_json_variant *out = NULL;
	enum kk_err err;

	for (size_t i = 0; i < ROOMD_WATCHES_MAX; i++) {
		struct roomd_watch *w = &d->watches[i];

		if (w->link)
			continue;
		err = roomd_plan_put(d, rq->role, &out);
		if (!err)
			err = call_notify(rq->link, out);
		sd_json_variant_unref(out);
		if (err)
			return err;
		*w = (struct roomd_watch){ sd_varlink_ref(rq->link), rq->role };
		rq->is_kept = true;
		return KK_OK;
	}
	return KK_ELIMIT;
}

static enum kk_err text_get(sd_json_variant *in, const char *name,
    const char **text)
{
	sd_json_variant *v = sd_json_variant_by_key(in, name);

	if (!v || !sd_json_variant_is_string(v))
		return KK_EINVAL;
	*text = sd_json_variant_string(v);
	return KK_OK;
}

static enum kk_err size_get(sd_json_variant *in, struct room_size *size)
{
	uint64_t width = 0, height = 0;
	enum kk_err err = call_get_u64(in, "width", SIZE_MAX_PIXELS, &width);

	if (!err)
		err = call_get_u64(in, "height", SIZE_MAX_PIXELS, &height);
	*size = (struct room_size){ (uint16_t)width, (uint16_t)height };
	return err;
}

static enum kk_err end_get(sd_json_variant *in, struct room_end *end)
{
	sd_json_variant *list = NULL;
	enum kk_err err = call_get_u64(in, "generation", UINT64_MAX,
	    &end->generation);

	if (!err)
		err = text_get(in, "fingerprint", &end->fingerprint);
	if (!err)
		err = call_get_list(in, "sizes", ROOM_ENCODINGS_MAX, &list,
		    &end->size_count);
	for (size_t i = 0; !err && i < end->size_count; i++)
		err = size_get(sd_json_variant_by_index(list, i),
		    &end->sizes[i]);
	return err;
}

static enum kk_err connect_take(void *arg, struct call_request *rq)
{
	struct roomd *d = arg;
	struct room_end end = { 0 };
	enum kk_err err = end_get(rq->in, &end);

	if (err)
		return err;
	err = room_media_connect(d->room, &end, roomd_now_ms(d));
	roomd_drive(d);
	return err;
}

static enum kk_err report_get(sd_json_variant *in, struct room_report *r)
{
	const char *state = NULL;
	enum kk_err err = call_get_u64(in, "generation", UINT64_MAX,
	    &r->generation);

	if (!err)
		err = text_get(in, "state", &state);
	if (!err)
		err = call_get_bool(in, "isSpeaking", &r->is_speaking);
	if (!err)
		err = call_get_bool(in, "hasMicrophone", &r->has_microphone);
	if (!err)
		err = call_get_bool(in, "hasCamera", &r->has_camera);
	if (!err)
		err = call_get_bool(in, "needsEpoch", &r->needs_epoch);
	if (err)
		return err;
	r->is_lost = !strcmp(state, "lost");
	r->is_silent = !strcmp(state, "silent");
	r->is_connected = !strcmp(state, "connected");
	if (!r->is_lost && !r->is_silent && !r->is_connected &&
	    strcmp(state, "waiting") != 0)
		return KK_EINVAL;
	return KK_OK;
}

static enum kk_err report(void *arg, struct call_request *rq)
{
	struct roomd *d = arg;
	struct room_report r = { .generation = 0 };
	enum kk_err err = report_get(rq->in, &r);

	if (err)
		return err;
	room_media_report(d->room, &r, roomd_now_ms(d));
	roomd_drive(d);
	return KK_OK;
}

static enum kk_err status(void *arg, struct call_request *rq)
{
	return roomd_status_put(arg, rq->role, &rq->out);
}

static enum kk_err enter(void *arg, struct call_request *rq)
{
	struct roomd *d = arg;
	char link[ROOM_LINK_BYTES];
	const char *text = NULL;
	enum kk_err err = d->options.follow ? KK_EDENIED : KK_OK;

	if (!err && call_has(rq->in, "link"))
		err = text_get(rq->in, "link", &text);
	if (!err)
		err = roomd_meeting_enter(d, text);
	if (!err)
		err = room_link_write(&d->meeting.link, link);
	if (!err)
		err = call_put_secret_text(&rq->out, "link", link);
	kk_wipe(link, sizeof(link));
	return err;
}

static enum kk_err leave(void *arg, struct call_request *rq)
{
	struct roomd *d = arg;

	(void)rq;
	if (d->options.follow)
		return KK_EDENIED;
	roomd_meeting_leave(d);
	return KK_OK;
}

/* Which role may make which call, in which state of the room, how often. */
static const struct call_rule rules[] = {
	{ NAME("Plan"), BOTH, CALL_ANY_STATE, 5, 0, SMALL },
	{ NAME("Connect"), MEDIA, INSIDE, 5, 0, SMALL },
	{ NAME("Report"), MEDIA, RUNNING, 50, 0, SMALL },
	{ NAME("Status"), BOTH | HEALTH, CALL_ANY_STATE, 50, 0, SMALL },
	{ NAME("Enter"), FACE, CALL_ANY_STATE, 2, 0, SMALL },
	{ NAME("Leave"), FACE, CALL_ANY_STATE, 2, 0, SMALL },
	{ NAME("LineMute"), FACE, RUNNING, 20, 0, SMALL },
	{ NAME("LineRemove"), FACE, RUNNING, 20, 0, SMALL },
	{ NAME("LineAdmit"), FACE, RUNNING, 20, 0, SMALL },
	{ NAME("LinesAdmit"), FACE, RUNNING, 5, 0, SMALL },
	{ NAME("LinesAllow"), FACE, RUNNING, 5, 0, SMALL },
	{ NAME("Label"), FACE, RUNNING, 5, 0, SMALL },
	{ NAME("HostSet"), FACE, RUNNING, 20, 0, SMALL },
	{ NAME("Lock"), FACE, RUNNING, 5, 0, SMALL },
	{ NAME("Dial"), FACE | PANEL, CALL_ANY_STATE, 5, 0, SMALL },
	{ NAME("Tones"), FACE | PANEL, CALL_ANY_STATE, 20, 0, SMALL },
	{ NAME("HangUp"), FACE | PANEL, CALL_ANY_STATE, 20, 0, SMALL },
	{ NAME("Called"), FACE, CALL_ANY_STATE, 20, 0, SMALL },
};

static call_handler *const handlers[] = {
	plan,
	connect_take,
	report,
	status,
	enter,
	leave,
	roomd_line_mute,
	roomd_line_remove,
	roomd_line_admit,
	roomd_lines_admit,
	roomd_lines_allow,
	roomd_label_set,
	roomd_host_set,
	roomd_lock,
	roomd_dial_method,
	roomd_tones_method,
	roomd_hang_up_method,
	roomd_called,
};

_Static_assert(KK_ARRAY_LEN(rules) == KK_ARRAY_LEN(handlers),
    "each rule has its handler");

static unsigned state_get(void *arg, sd_json_variant *in)
{
	const struct roomd *d = arg;
	struct room_view v;

	(void)in;
	if (!d->room)
		return ROOM_OFF;
	room_look(d->room, &v);
	return v.state;
}

static void watch_drop(struct roomd *d, struct roomd_watch *w)
{
	const unsigned role = w->role;

	w->link = sd_varlink_unref(w->link);
	if (role != ROOMD_MEDIA || !d->room)
		return;
	room_media_gone(d->room, roomd_now_ms(d));
	roomd_drive(d);
}

static void gone(void *arg, sd_varlink *link)
{
	struct roomd *d = arg;

	if (d->called.link == link)
		roomd_called_drop(d);
	for (size_t i = 0; i < ROOMD_WATCHES_MAX; i++) {
		if (d->watches[i].link == link)
			watch_drop(d, &d->watches[i]);
	}
}

static void plan_tell(struct roomd *d, unsigned role)
{
	sd_json_variant *out = NULL;
	enum kk_err err = roomd_plan_put(d, role, &out);

	for (size_t i = 0; !err && i < ROOMD_WATCHES_MAX; i++) {
		if (d->watches[i].link && d->watches[i].role == role)
			roomd_watcher_tell(d, d->watches[i].link, out);
	}
	if (err)
		kk_log(&d->log, KK_LOG_ERROR, "no plan err=%s",
		    kk_err_name(err));
	sd_json_variant_unref(out);
}

static int plans_tell(sd_event_source *source, void *arg)
{
	struct roomd *d = arg;

	(void)source;
	for (unsigned role = 0; role <= ROOMD_FACE; role++)
		plan_tell(d, role);
	return 0;
}

void roomd_plan_tell(struct roomd *d)
{
	roomd_soon(d, d->plan_soon);
}

enum kk_err roomd_methods_start(struct roomd *d)
{
	const struct call_service service = {
		.interface = &roomd_interface,
		.rules = rules,
		.handlers = handlers,
		.rule_count = KK_ARRAY_LEN(rules),
		.arg = d,
		.state = state_get,
		.gone = gone,
		.log = &d->log,
	};
	enum kk_err err = call_server_new(&d->server, d->event, &service);

	if (!err)
		err = roomd_soon_add(d, &d->plan_soon, plans_tell);
	for (unsigned role = 0; !err && role < ROOMD_LINES; role++)
		err = program_role_listen(d->options.roles, role, d->server);
	return err;
}

void roomd_methods_stop(struct roomd *d)
{
	d->plan_soon = sd_event_source_disable_unref(d->plan_soon);
	d->called.link = sd_varlink_unref(d->called.link);
	for (size_t i = 0; i < ROOMD_WATCHES_MAX; i++)
		d->watches[i].link = sd_varlink_unref(d->watches[i].link);
	call_server_free(d->server);
}
