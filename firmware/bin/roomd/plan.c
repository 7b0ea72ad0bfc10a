/* plan.c - what siblings are told of the meeting. */
#define _GNU_SOURCE /* libsystemd's macros ask for it */
#include "roomd.h"

/* Adds an object to a list; one is released, also on error. */
static enum kk_err list_give(sd_json_variant **list, sd_json_variant *one,
    enum kk_err err)
{
	if (!err)
		err = call_list_add(list, one);
	sd_json_variant_unref(one);
	return err;
}

/* A list into *out under its name, empty where it is NULL; releases it. */
static enum kk_err list_put(sd_json_variant **out, const char *name,
    sd_json_variant *list, enum kk_err err)
{
	if (!err)
		err = list ? call_put_value(out, name, list) :
			     call_put_empty_list(out, name);
	sd_json_variant_unref(list);
	return err;
}

static enum kk_err person_put(const struct room_person *p,
    sd_json_variant **out)
{
	enum kk_err err = call_put_u64(out, "leaf", p->leaf);

	if (!err)
		err = call_put_text(out, "name", p->name);
	if (!err)
		err = call_put_bool(out, "verified", p->is_verified);
	if (!err)
		err = call_put_bool(out, "isSelf", p->is_self);
	if (!err)
		err = call_put_bool(out, "hasMicrophone", p->has_microphone);
	if (!err)
		err = call_put_bool(out, "hasCamera", p->has_camera);
	if (!err)
		err = call_put_bool(out, "isSpeaking", p->is_speaking);
	if (!err && p->screen)
		err = call_put_u64(out, "screen", p->screen);
	return err ? err : call_put_bool(out, "isHost", p->is_host);
}

static enum kk_err people_put(const struct roomd *d, size_t count,
    sd_json_variant **out)
{
	sd_json_variant *list = NULL;
	enum kk_err err = KK_OK;

	for (size_t i = 0; !err && i < count; i++) {
		sd_json_variant *one = NULL;
		struct room_person p;

		room_person(d->room, i, &p);
		err = person_put(&p, &one);
		err = list_give(&list, one, err);
	}
	return list_put(out, "people", list, err);
}

static enum kk_err candidate_put(const struct room_candidate *c,
    sd_json_variant **out)
{
	enum kk_err err = call_put_text(out, "address", c->address);

	if (!err)
		err = call_put_u64(out, "port", c->port);
	if (!err)
		err = call_put_text(out, "protocol", c->protocol);
	if (!err)
		err = call_put_u64(out, "priority", c->priority);
	if (!err)
		err = call_put_text(out, "foundation", c->foundation);
	return err ? err : call_put_text(out, "kind", c->type);
}

static enum kk_err transport_put(const struct roomd *d, unsigned role,
    const struct room_view *view, sd_json_variant **out)
{
	const struct room_transport *t = view->transport;
	sd_json_variant *list = NULL, *v = NULL;
	enum kk_err err = call_put_text(&v, "ufrag", t->ufrag);

	if (!err)
		err = call_put_secret_text(&v, "pwd", t->pwd);
	if (!err)
		err = call_put_text(&v, "fingerprint", t->fingerprint);
	for (size_t i = 0; !err && i < t->candidate_count; i++) {
		sd_json_variant *one = NULL;

		err = candidate_put(&t->candidates[i], &one);
		err = list_give(&list, one, err);
	}
	err = list_put(&v, "candidates", list, err);
	if (!err)
		err = roomd_turn_put(d, role, &v);
	if (!err)
		err = call_put_u64(&v, "restarts", view->restarts);
	if (!err)
		err = call_put_value(out, "transport", v);
	sd_json_variant_unref(v);
	return err;
}

static enum kk_err vp9_put(const struct room_slot *s, sd_json_variant **out)
{
	enum kk_err err = KK_OK;

	if (s->vp9_payload_type)
		err = call_put_u64(out, "vp9PayloadType", s->vp9_payload_type);
	if (!err && s->vp9_rtx_payload_type)
		err = call_put_u64(out, "vp9RtxPayloadType",
		    s->vp9_rtx_payload_type);
	return err;
}

static enum kk_err slot_put(const struct room_slot_view *s,
    sd_json_variant **out)
{
	enum kk_err err = call_put_u64(out, "slot", s->slot->slot);

	if (!err)
		err = call_put_text(out, "kind",
		    room_kind_name(s->slot->is_audio));
	if (!err)
		err = call_put_u64(out, "ssrc", s->slot->ssrc);
	if (!err)
		err = call_put_u64(out, "payloadType", s->slot->payload_type);
	if (!err && s->slot->rtx_ssrc)
		err = call_put_u64(out, "rtxSsrc", s->slot->rtx_ssrc);
	if (!err && s->slot->rtx_ssrc)
		err = call_put_u64(out, "rtxPayloadType",
		    s->slot->rtx_payload_type);
	if (!err)
		err = vp9_put(s->slot, out);
	if (!err && s->has_leaf)
		err = call_put_u64(out, "leaf", s->leaf);
	if (!err && s->has_leaf)
		err = call_put_text(out, "source", room_source_name(s->source));
	return err;
}

static enum kk_err slots_put(const struct room_view *v, sd_json_variant **out)
{
	sd_json_variant *list = NULL;
	enum kk_err err = KK_OK;

	for (size_t i = 0; !err && i < v->slot_count; i++) {
		sd_json_variant *one = NULL;

		err = slot_put(&v->slots[i], &one);
		err = list_give(&list, one, err);
	}
	return list_put(out, "slots", list, err);
}

static enum kk_err number_add(sd_json_variant **list, uint32_t number)
{
	sd_json_variant *one = NULL;
	enum kk_err err = KK_ENOMEM;

	if (sd_json_variant_new_unsigned(&one, number) >= 0)
		err = call_list_add(list, one);
	sd_json_variant_unref(one);
	return err;
}

static enum kk_err numbers_put(sd_json_variant **out, const char *name,
    const uint32_t *numbers, size_t count)
{
	sd_json_variant *list = NULL;
	enum kk_err err = KK_OK;

	for (size_t i = 0; !err && i < count; i++)
		err = number_add(&list, numbers[i]);
	return list_put(out, name, list, err);
}

static enum kk_err source_put(enum room_source source, uint64_t payload_type,
    const uint32_t *ssrcs, size_t count, sd_json_variant **out)
{
	const bool is_audio = room_source_is_audio(source);
	enum kk_err err = call_put_text(out, "source",
	    room_source_name(source));

	if (!err)
		err = call_put_text(out, "kind", room_kind_name(is_audio));
	if (!err)
		err = call_put_u64(out, "payloadType", payload_type);
	return err ? err : numbers_put(out, "ssrcs", ssrcs, count);
}

static enum kk_err microphone_put(const struct room_view *v,
    sd_json_variant **out)
{
	enum kk_err err = source_put(ROOM_MICROPHONE, ROOM_OPUS,
	    &v->microphone_ssrc, 1, out);

	if (!err && v->tells_level)
		err = call_put_bool(out, "tellsLevel", true);
	return err;
}

static enum kk_err camera_put(const struct room_view *v, sd_json_variant **out)
{
	enum kk_err err = source_put(ROOM_CAMERA, ROOM_VP8, v->camera_ssrcs,
	    ROOM_ENCODINGS_MAX, out);

	if (!err)
		err = numbers_put(out, "rtxSsrcs", v->camera_rtx_ssrcs,
		    ROOM_ENCODINGS_MAX);
	if (!err)
		err = call_put_u64(out, "rtxPayloadType", ROOM_VP8_RTX);
	if (!err && v->camera_wanted)
		err = call_put_u64(out, "wanted", v->camera_wanted);
	return err;
}

static enum kk_err publish_put(const struct room_view *v, sd_json_variant **out)
{
	sd_json_variant *list = NULL, *microphone = NULL, *camera = NULL;
	enum kk_err err = microphone_put(v, &microphone);

	err = list_give(&list, microphone, err);
	if (!err && v->camera_ssrcs) {
		err = camera_put(v, &camera);
		err = list_give(&list, camera, err);
	}
	return list_put(out, "publish", list, err);
}

static enum kk_err link_put(const struct roomd *d, sd_json_variant **out)
{
	char link[ROOM_LINK_BYTES];
	enum kk_err err;

	if (!d->meeting.is_there)
		return KK_OK;
	err = room_link_write(&d->meeting.link, link);
	if (!err)
		err = call_put_secret_text(out, "link", link);
	kk_wipe(link, sizeof(link));
	return err;
}

/* What Plan and Status have in common.  The link is the meeting's secret: it
 * is for people to be shown, not for mediad. */
static enum kk_err common_put(const struct roomd *d, unsigned role,
    struct room_view *v, sd_json_variant **out)
{
	enum kk_err err;

	*v = (struct room_view){ .state = ROOM_OFF };
	if (d->room)
		room_look(d->room, v);
	err = call_put_text(out, "phase", room_state_name(v->state));
	if (!err && v->trouble)
		err = call_put_text(out, "trouble",
		    room_trouble_name(v->trouble));
	if (!err && role == ROOMD_FACE)
		err = link_put(d, out);
	if (!err && v->has_epoch)
		err = call_put_u64(out, "epoch", v->epoch);
	if (!err && v->has_epoch && v->code)
		err = call_put_text(out, "code", v->code);
	if (!err)
		err = people_put(d, v->person_count, out);
	return err ? err : roomd_agreed_put(d, role, v, out);
}

enum kk_err roomd_status_put(const struct roomd *d, unsigned role,
    sd_json_variant **out)
{
	struct room_view v;
	enum kk_err err = common_put(d, role, &v, out);

	return err || !d->lines ? err : roomd_refusals_put(d, out);
}

enum kk_err roomd_plan_put(const struct roomd *d, unsigned role,
    sd_json_variant **out)
{
	struct room_view v;
	enum kk_err err = common_put(d, role, &v, out);

	if (!err)
		err = call_put_u64(out, "generation", v.generation);
	if (!err && d->meeting.is_there)
		err = call_put_bytes(out, "meeting",
		    kk_view_of(d->meeting.link.id, ROOM_ID_BYTES));
	if (err || !v.transport)
		return err;
	err = transport_put(d, role, &v, out);
	if (!err)
		err = publish_put(&v, out);
	return err ? err : slots_put(&v, out);
}
