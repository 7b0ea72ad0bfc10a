/* lines_put.c - what the members agree on, and calls, as siblings are told. */
#define _GNU_SOURCE /* libsystemd's macros ask for it */
#include "roomd.h"

static enum kk_err flags_put(const struct conference_line *l,
    sd_json_variant **out)
{
	enum kk_err err = call_put_bool(out, "waits", l->waits);

	if (!err)
		err = call_put_bool(out, "isMuted", l->is_muted);
	if (!err)
		err = call_put_bool(out, "isMutedByHost", l->is_muted_by_host);
	return err ? err : call_put_bool(out, "hasHandUp", l->has_hand_up);
}

static enum kk_err line_put(const struct roomd *d, const struct room_view *v,
    const struct conference_line *l, sd_json_variant **out)
{
	const bool is_own = l->leaf == v->own_leaf;
	size_t lane = 0;
	enum kk_err err = call_put_u64(out, "leaf", l->leaf);

	if (!err)
		err = call_put_bytes(out, "id",
		    kk_view_of(l->id, sizeof(l->id)));
	if (!err)
		err = call_put_text(out, "label", l->label);
	if (!err)
		err = call_put_text(out, "origin",
		    roomd_origin_name(l->origin));
	if (!err)
		err = call_put_u64(out, "sinceMs", l->since_ms);
	if (!err)
		err = call_put_text(out, "transport",
		    roomd_transport_name(l->transport));
	if (!err)
		err = flags_put(l, out);
	/* Who waits has none: the mixer neither hears it nor is heard. */
	if (!err && is_own && !l->waits && roomd_line_find(d, l->id, &lane))
		err = call_put_u64(out, "lane", lane);
	return err;
}

static enum kk_err lines_put(const struct roomd *d, const struct room_view *v,
    sd_json_variant **out)
{
	sd_json_variant *list = NULL;
	enum kk_err err = KK_OK;

	for (size_t i = 0; !err && i < v->agreed->line_count; i++) {
		sd_json_variant *one = NULL;

		err = line_put(d, v, &v->agreed->lines[i], &one);
		if (!err)
			err = call_list_add(&list, one);
		sd_json_variant_unref(one);
	}
	if (!err)
		err = list ? call_put_value(out, "lines", list) :
			     call_put_empty_list(out, "lines");
	sd_json_variant_unref(list);
	return err;
}

static enum kk_err call_put(const struct roomd_called *c, sd_json_variant **out)
{
	sd_json_variant *one = NULL;
	enum kk_err err;

	if (c->state == ROOMD_DIAL_NONE)
		return KK_OK;
	err = call_put_u64(&one, "line", c->line);
	if (!err)
		err = call_put_text(&one, "state", roomd_dial_name(c->state));
	if (!err && c->has_tones)
		err = call_put_bool(&one, "hasTones", true);
	if (!err && c->is_long)
		err = call_put_bool(&one, "isLong", true);
	if (!err)
		err = call_put_value(out, "call", one);
	sd_json_variant_unref(one);
	return err;
}

enum kk_err roomd_call_put(const struct roomd_dial *dial, bool is_long,
    sd_json_variant **out)
{
	return call_put(&(struct roomd_called){ .state = dial->state,
			    .line = dial->serial,
			    .has_tones = dial->has_tones,
			    .is_long = is_long },
	    out);
}

enum kk_err roomd_agreed_put(const struct roomd *d, unsigned role,
    const struct room_view *v, sd_json_variant **out)
{
	enum kk_err err = KK_OK;

	if (d->lines && role == ROOMD_FACE)
		err = roomd_call_put(&d->lines->dial, false, out);
	else if (!d->lines)
		err = call_put(&d->called, out);
	if (err || !v->agreed)
		return err;
	err = lines_put(d, v, out);
	if (!err)
		err = call_put_bool(out, "isLocked", v->agreed->is_locked);
	if (!err)
		err = call_put_bool(out, "forbidsLines",
		    v->agreed->forbids_lines);
	if (!err && v->agreed->label[0])
		err = call_put_text(out, "label", v->agreed->label);
	return err;
}

enum kk_err roomd_refusals_put(const struct roomd *d, sd_json_variant **out)
{
	const struct roomd_refusals *r = &d->lines->refusals;
	sd_json_variant *one = NULL;
	enum kk_err err = call_put_u64(&one, "wrong", r->wrong);

	if (!err)
		err = call_put_u64(&one, "tooMany", r->too_many);
	if (!err)
		err = call_put_u64(&one, "full", r->full);
	if (!err)
		err = call_put_u64(&one, "forbidden", r->forbidden);
	if (!err)
		err = call_put_u64(&one, "dials", r->dials);
	if (!err)
		err = call_put_value(out, "refusals", one);
	sd_json_variant_unref(one);
	return err;
}
