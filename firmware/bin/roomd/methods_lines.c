/* methods_lines.c - what the room's people ask about lines: as hosts, and to
 * place calls.  Of io.konklave.Room, role face. */
#define _GNU_SOURCE /* libsystemd's macros ask for it */
#include <string.h>

#include "roomd.h"

/* A request without a room is not let in (methods.c). */
static enum kk_err change(struct roomd *d, const struct room_change *x)
{
	const enum kk_err err = room_change(d->room, x, roomd_now_ms(d));

	roomd_drive(d);
	return err;
}

static enum kk_err line_get(sd_json_variant *in, struct room_change *x)
{
	enum kk_err err = call_get_u32(in, "leaf", UINT32_MAX - 1, &x->leaf);

	return err ? err : call_get_exact(in, "id", x->id, sizeof(x->id));
}

enum kk_err roomd_line_mute(void *arg, struct call_request *rq)
{
	struct room_change x = { .type = ROOM_CHANGE_MUTE };
	enum kk_err err = line_get(rq->in, &x);

	if (!err)
		err = call_get_bool(rq->in, "isMuted", &x.is_on);
	return err ? err : change(arg, &x);
}

enum kk_err roomd_line_remove(void *arg, struct call_request *rq)
{
	struct room_change x = { .type = ROOM_CHANGE_REMOVE };
	enum kk_err err = line_get(rq->in, &x);

	return err ? err : change(arg, &x);
}

enum kk_err roomd_line_admit(void *arg, struct call_request *rq)
{
	struct room_change x = { .type = ROOM_CHANGE_ADMIT };
	enum kk_err err = line_get(rq->in, &x);

	return err ? err : change(arg, &x);
}

/* Those who wait now: who comes later was not meant. */
enum kk_err roomd_lines_admit(void *arg, struct call_request *rq)
{
	struct room_change all[CONFERENCE_LINES_MAX];
	struct roomd *d = arg;
	struct room_view v;
	size_t count = 0;
	enum kk_err err = KK_OK;

	(void)rq;
	room_look(d->room, &v);
	for (size_t i = 0; v.agreed && i < v.agreed->line_count; i++) {
		const struct conference_line *l = &v.agreed->lines[i];

		if (!l->waits)
			continue;
		all[count] = (struct room_change){ .type = ROOM_CHANGE_ADMIT,
			.leaf = l->leaf };
		memcpy(all[count++].id, l->id, sizeof(l->id));
	}
	for (size_t i = 0; !err && i < count; i++) {
		err = change(d, &all[i]);
		if (err == KK_ENOENT)
			err = KK_OK; /* it hung up meanwhile */
	}
	return err;
}

enum kk_err roomd_lines_allow(void *arg, struct call_request *rq)
{
	struct room_change x = { .type = ROOM_CHANGE_ALLOW };
	struct roomd *d = arg;
	struct room_view v;
	enum kk_err err = call_get_bool(rq->in, "allowed", &x.is_on);

	room_look(d->room, &v);
	if (!err && x.is_on && v.agreed &&
	    !roomd_label_allows(&d->options, v.agreed->label))
		err = KK_EDENIED;
	return err ? err : change(arg, &x);
}

enum kk_err roomd_lock(void *arg, struct call_request *rq)
{
	struct room_change x = { .type = ROOM_CHANGE_LOCK };
	enum kk_err err = call_get_bool(rq->in, "locked", &x.is_on);

	return err ? err : change(arg, &x);
}

enum kk_err roomd_label_set(void *arg, struct call_request *rq)
{
	struct room_change x = { .type = ROOM_CHANGE_LABEL };
	struct roomd *d = arg;
	enum kk_err err = call_get_text(rq->in, "label", x.label,
	    sizeof(x.label));

	if (!err && !roomd_label_may(&d->options, x.label))
		err = KK_EDENIED;
	x.is_on = roomd_label_allows(&d->options, x.label);
	return err ? err : change(d, &x);
}

enum kk_err roomd_host_set(void *arg, struct call_request *rq)
{
	struct room_change x = { .type = ROOM_CHANGE_HOST };
	enum kk_err err = call_get_u32(rq->in, "leaf", UINT32_MAX - 1, &x.leaf);

	if (!err)
		err = call_get_bool(rq->in, "isHost", &x.is_on);
	return err ? err : change(arg, &x);
}

enum kk_err roomd_dial_method(void *arg, struct call_request *rq)
{
	char number[ROOM_DIAL_BYTES];
	uint64_t serial = 0;
	enum kk_err err = call_get_text(rq->in, "number", number,
	    sizeof(number));

	if (!err)
		err = roomd_dial(arg, number, &serial);
	kk_wipe(number, sizeof(number));
	return err ? err : call_put_u64(&rq->out, "line", serial);
}

enum kk_err roomd_tones_method(void *arg, struct call_request *rq)
{
	char digits[ROOMD_TONES_MAX + 1] = "";
	uint64_t line = 0;
	enum kk_err err = call_get_u64(rq->in, "line", UINT64_MAX, &line);

	if (!err)
		err = call_get_text(rq->in, "digits", digits, sizeof(digits));
	if (!err)
		err = roomd_tones(arg, line, digits);
	kk_wipe(digits, sizeof(digits));
	return err;
}

enum kk_err roomd_hang_up_method(void *arg, struct call_request *rq)
{
	uint64_t line = 0;
	enum kk_err err = call_get_u64(rq->in, "line", UINT64_MAX, &line);

	return err ? err : roomd_hang_up(arg, line);
}
