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
	return err;
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
    const struct room_transport *t, sd_json_variant **out)
{
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

struct sending { /* a source of ours */
	enum room_source source;
	uint64_t payload_type;
	const uint32_t *ssrcs;
	size_t count;
	bool tells_level;
	size_t wanted; /* 0: all */
};

static enum kk_err sending_put(const struct sending *s, sd_json_variant **list)
{
	const bool is_audio = room_source_is_audio(s->source);
	sd_json_variant *one = NULL, *numbers = NULL;
	enum kk_err err = call_put_text(&one, "source",
	    room_source_name(s->source));

	if (!err)
		err = call_put_text(&one, "kind", room_kind_name(is_audio));
	if (!err)
		err = call_put_u64(&one, "payloadType", s->payload_type);
	for (size_t i = 0; !err && i < s->count; i++)
		err = number_add(&numbers, s->ssrcs[i]);
	if (!err)
		err = call_put_value(&one, "ssrcs", numbers);
	if (!err && s->tells_level)
		err = call_put_bool(&one, "tellsLevel", true);
	if (!err && s->wanted)
		err = call_put_u64(&one, "wanted", s->wanted);
	sd_json_variant_unref(numbers);
	return list_give(list, one, err);
}

static enum kk_err publish_put(const struct room_view *v, sd_json_variant **out)
{
	const struct sending microphone = { .source = ROOM_MICROPHONE,
		.payload_type = ROOM_OPUS,
		.ssrcs = &v->microphone_ssrc,
		.count = 1,
		.tells_level = v->tells_level };
	const struct sending camera = { .source = ROOM_CAMERA,
		.payload_type = ROOM_VP8,
		.ssrcs = v->camera_ssrcs,
		.count = ROOM_ENCODINGS_MAX,
		.wanted = v->camera_wanted };
	sd_json_variant *list = NULL;
	enum kk_err err = sending_put(&microphone, &list);

	if (!err)
		err = sending_put(&camera, &list);
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
	return err ? err : people_put(d, v->person_count, out);
}

enum kk_err roomd_status_put(const struct roomd *d, unsigned role,
    sd_json_variant **out)
{
	struct room_view v;

	return common_put(d, role, &v, out);
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
	err = transport_put(d, role, v.transport, out);
	if (!err)
		err = publish_put(&v, out);
	return err ? err : slots_put(&v, out);
}
