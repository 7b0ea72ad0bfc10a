/* plan_parts.c - the plan's parts. */
#include <string.h>

#include "call/call.h"
#include "pipelines/member/plan_private.h"

enum {
	PAYLOAD_TYPE_MAX = 127,
	SLOTS_ANY = 4 * STUDIO_SLOTS_MAX,
	LINES_ANY = 4 * PLAN_LANES_MAX
};

static enum kk_err type_get(sd_json_variant *in, const char *name, uint8_t *out)
{
	uint64_t n = 0;
	enum kk_err err = call_get_u64(in, name, PAYLOAD_TYPE_MAX, &n);

	*out = (uint8_t)n;
	return err;
}

static enum kk_err candidate_get(struct plan_candidate *c, sd_json_variant *in)
{
	uint64_t port = 0;
	enum kk_err err = call_get_text(in, "address", c->address,
	    sizeof(c->address));

	if (!err)
		err = call_get_u64(in, "port", UINT16_MAX, &port);
	if (!err)
		err = call_get_u32(in, "priority", UINT32_MAX, &c->priority);
	if (!err)
		err = call_get_text(in, "foundation", c->foundation,
		    sizeof(c->foundation));
	c->port = (uint16_t)port;
	return err;
}

/* Candidates that we have no use for are left out: other protocols. */
static enum kk_err candidates_get(struct plan_transport *t, sd_json_variant *in)
{
	sd_json_variant *list = NULL;
	size_t count = 0;
	enum kk_err err = call_get_list(in, "candidates", SLOTS_ANY, &list,
	    &count);

	for (size_t i = 0; !err && i < count; i++) {
		sd_json_variant *v = sd_json_variant_by_index(list, i);
		char protocol[16] = "";

		if (t->candidate_count == PLAN_CANDIDATES_MAX)
			break;
		err = call_get_text(v, "protocol", protocol, sizeof(protocol));
		if (err ||
		    (strcmp(protocol, "udp") != 0 &&
			strcmp(protocol, "tcp") != 0))
			continue;
		t->candidates[t->candidate_count].is_tcp = protocol[0] == 't';
		err = candidate_get(&t->candidates[t->candidate_count++], v);
	}
	return err;
}

static enum kk_err server_kind_get(struct plan_server *s, sd_json_variant *in)
{
	static const char *const names[] = { [LINK_STUN] = "stun",
		[LINK_TURN_UDP] = "turn-udp",
		[LINK_TURN_TCP] = "turn-tcp" };
	char kind[16] = "";
	enum kk_err err = call_get_text(in, "kind", kind, sizeof(kind));

	if (err)
		return err;
	for (size_t i = LINK_STUN; i < KK_ARRAY_LEN(names); i++) {
		if (!strcmp(kind, names[i])) {
			s->kind = (enum link_server_kind)i;
			return KK_OK;
		}
	}
	return KK_EFORMAT;
}

static enum kk_err server_get(struct plan_server *s, sd_json_variant *in)
{
	uint64_t port = 0;
	enum kk_err err = server_kind_get(s, in);

	if (!err)
		err = call_get_text(in, "host", s->host, sizeof(s->host));
	if (!err)
		err = call_get_u64(in, "port", UINT16_MAX, &port);
	s->port = (uint16_t)port;
	if (err || s->kind == LINK_STUN)
		return err;
	err = call_get_text(in, "user", s->user, sizeof(s->user));
	return err ?
	    err :
	    call_get_text(in, "password", s->password, sizeof(s->password));
}

static enum kk_err servers_get(struct plan_transport *t, sd_json_variant *in)
{
	sd_json_variant *list = NULL;
	size_t count = 0;
	enum kk_err err = call_get_list(in, "servers", LINK_SERVERS_MAX, &list,
	    &count);

	for (size_t i = 0; !err && i < count; i++)
		err = server_get(&t->servers[i],
		    sd_json_variant_by_index(list, i));
	t->server_count = count;
	return err ?
	    err :
	    call_optional(call_get_bool(in, "relayOnly", &t->is_relay_only));
}

enum kk_err plan_transport_parse(struct plan *plan, sd_json_variant *in)
{
	struct plan_transport *t = &plan->transport;
	sd_json_variant *v;
	enum kk_err err;

	if (!call_has(in, "transport"))
		return KK_OK;
	v = sd_json_variant_by_key(in, "transport");
	err = call_get_text(v, "ufrag", t->ufrag, sizeof(t->ufrag));
	if (!err)
		err = call_get_text(v, "pwd", t->pwd, sizeof(t->pwd));
	if (!err)
		err = call_get_text(v, "fingerprint", t->fingerprint,
		    sizeof(t->fingerprint));
	if (!err)
		err = candidates_get(t, v);
	if (!err)
		err = servers_get(t, v);
	if (!err)
		err = call_optional(call_get_u64(v, "restarts", UINT64_MAX,
		    &t->restarts));
	plan->has_transport = !err;
	return err;
}

/* As many as we have a use for. */
static enum kk_err ssrcs_get(sd_json_variant *in, const char *name,
    uint32_t *ssrcs, size_t most)
{
	sd_json_variant *list = NULL;
	size_t count = 0;
	enum kk_err err = call_get_list(in, name, SLOTS_ANY, &list, &count);

	for (size_t i = 0; !err && i < count && i < most; i++) {
		sd_json_variant *v = sd_json_variant_by_index(list, i);

		if (!sd_json_variant_is_unsigned(v) ||
		    sd_json_variant_unsigned(v) > UINT32_MAX)
			return KK_EFORMAT;
		ssrcs[i] = (uint32_t)sd_json_variant_unsigned(v);
	}
	return err;
}

static enum kk_err camera_get(struct plan *plan, sd_json_variant *in)
{
	enum kk_err err = ssrcs_get(in, "ssrcs", plan->publish.video_ssrcs,
	    SIZES_MAX);

	if (!err)
		err = call_optional(ssrcs_get(in, "rtxSsrcs", plan->rtx_ssrcs,
		    SIZES_MAX));
	return err ? err :
		     call_optional(type_get(in, "rtxPayloadType",
			 &plan->rtx_payload_type));
}

enum kk_err plan_publish_parse(struct plan *plan, sd_json_variant *in)
{
	struct studio_publish *p = &plan->publish;
	sd_json_variant *list = NULL;
	size_t count = 0;
	enum kk_err err = call_get_list(in, "publish", SLOTS_ANY, &list,
	    &count);

	for (size_t i = 0; !err && i < count; i++) {
		sd_json_variant *v = sd_json_variant_by_index(list, i);
		char source[16] = "";
		uint8_t type;

		err = call_get_text(v, "source", source, sizeof(source));
		if (!err)
			err = type_get(v, "payloadType", &type);
		if (!err && !strcmp(source, "microphone")) {
			err = ssrcs_get(v, "ssrcs", &p->audio_ssrc, 1);
			p->audio_payload_type = type;
			if (!err)
				err = call_optional(call_get_bool(v,
				    "tellsLevel", &p->tells_level));
		} else if (!err && !strcmp(source, "camera")) {
			err = camera_get(plan, v);
			p->video_payload_type = type;
			if (!err)
				err = call_optional(call_get_u64(v, "wanted",
				    UINT32_MAX, &plan->wanted));
		}
	}
	return err;
}

static enum kk_err slot_get(struct plan_slot *s, sd_json_variant *in)
{
	uint64_t leaf = UINT64_MAX;
	char kind[16] = "";
	enum kk_err err = call_get_text(in, "kind", kind, sizeof(kind));

	if (!err)
		err = call_get_u32(in, "ssrc", UINT32_MAX, &s->slot.ssrc);
	if (!err)
		err = type_get(in, "payloadType", &s->slot.payload_type);
	if (!err)
		err = call_optional(call_get_u32(in, "rtxSsrc", UINT32_MAX,
		    &s->rtx_ssrc));
	if (!err)
		err = call_optional(type_get(in, "rtxPayloadType",
		    &s->rtx_payload_type));
	if (!err)
		err = call_optional(type_get(in, "vp9PayloadType",
		    &s->slot.vp9_payload_type));
	if (!err)
		err = call_optional(type_get(in, "vp9RtxPayloadType",
		    &s->vp9_rtx_payload_type));
	s->slot.leaf = -1;
	if (!err && call_has(in, "leaf")) {
		err = call_get_u64(in, "leaf", UINT32_MAX, &leaf);
		s->slot.leaf = (int64_t)leaf;
	}
	s->slot.is_video = !strcmp(kind, "video");
	if (!err && !s->slot.is_video && strcmp(kind, "audio") != 0)
		err = KK_EFORMAT;
	return err;
}

enum kk_err plan_slots_parse(struct plan *plan, sd_json_variant *in)
{
	sd_json_variant *list = NULL;
	size_t count = 0;
	enum kk_err err = call_get_list(in, "slots", STUDIO_SLOTS_MAX, &list,
	    &count);

	for (size_t i = 0; !err && i < count; i++) {
		err = slot_get(&plan->slots[i],
		    sd_json_variant_by_index(list, i));
		plan->slot_count = i + 1;
	}
	return err;
}

static enum kk_err person_get(struct view_person *p, sd_json_variant *in)
{
	enum kk_err err = call_get_u32(in, "leaf", UINT32_MAX, &p->leaf);

	if (!err)
		err = call_get_text(in, "name", p->name, sizeof(p->name));
	if (!err)
		err = call_get_bool(in, "verified", &p->is_verified);
	if (!err)
		err = call_get_bool(in, "isSelf", &p->is_self);
	if (!err)
		err = call_get_bool(in, "hasMicrophone", &p->has_microphone);
	if (!err)
		err = call_get_bool(in, "hasCamera", &p->has_camera);
	if (!err)
		err = call_get_bool(in, "isSpeaking", &p->is_speaking);
	return err ?
	    err :
	    call_optional(call_get_u64(in, "screen", UINT64_MAX, &p->screen));
}

/* FNV-1a: it only has to differ where they do. */
static uint64_t who_of(const struct view_person *p)
{
	const uint64_t prime = UINT64_C(0x100000001b3);
	uint64_t who = (UINT64_C(0xcbf29ce484222325) ^ p->is_verified) * prime;

	for (const char *c = p->name; *c; c++)
		who = (who ^ (uint8_t)*c) * prime;
	return who;
}

enum kk_err plan_people_parse(struct plan *plan, sd_json_variant *in)
{
	struct view *v = &plan->view;
	sd_json_variant *list = NULL;
	size_t count = 0;
	enum kk_err err = call_get_list(in, "people", SFRAME_SENDERS_MAX, &list,
	    &count);

	for (size_t i = 0; !err && i < count; i++) {
		struct view_person p = { 0 };

		err = person_get(&p, sd_json_variant_by_index(list, i));
		if (!p.is_self)
			plan->others[plan->other_count++] =
			    (struct plan_other){ p.leaf, who_of(&p) };
		/* Who finds no place here is not seen. */
		if (i < VIEW_PEOPLE_MAX)
			v->people[v->people_count++] = p;
	}
	return err;
}

static enum kk_err lane_get(struct plan_lane *l, sd_json_variant *in)
{
	bool is_muted_by_host = false;
	enum kk_err err = call_get_u32(in, "lane", RING_LINES_MAX - 1,
	    &l->lane);

	if (!err)
		err = call_get_bool(in, "isMuted", &l->is_muted);
	if (!err)
		err = call_get_bool(in, "isMutedByHost", &is_muted_by_host);
	l->is_muted = l->is_muted || is_muted_by_host;
	return err;
}

/* Lines without a lane are those of others. */
enum kk_err plan_lanes_parse(struct plan *plan, sd_json_variant *in)
{
	sd_json_variant *list = NULL;
	size_t count = 0;
	enum kk_err err = call_get_list(in, "lines", LINES_ANY, &list, &count);

	for (size_t i = 0; !err && i < count; i++) {
		sd_json_variant *v = sd_json_variant_by_index(list, i);
		bool waits = false;

		if (!sd_json_variant_is_object(v))
			return KK_EFORMAT;
		if (!call_has(v, "lane"))
			continue;
		err = call_optional(call_get_bool(v, "waits", &waits));
		if (err || waits)
			continue; /* it is not heard, whatever else is said */
		if (plan->lane_count == PLAN_LANES_MAX)
			return KK_ELIMIT;
		err = lane_get(&plan->lanes[plan->lane_count++], v);
	}
	return err;
}

/* Who waits: the first ones by name. */
static enum kk_err waiting_get(struct view *v, sd_json_variant *in)
{
	struct view_waiting *w;
	char origin[16] = "";
	enum kk_err err;

	if (v->waiting_count++ >= VIEW_WAITING_MAX)
		return KK_OK;
	w = &v->waiting[v->waiting_count - 1];
	err = call_get_text(in, "label", w->label, sizeof(w->label));
	if (!err)
		err = call_get_text(in, "origin", origin, sizeof(origin));
	w->is_claimed = strcmp(origin, "exchange") != 0 &&
	    strcmp(origin, "account") != 0;
	return err;
}

/* Of telephone lines we tell how many there are, and behind whom. */
static enum kk_err lines_get(struct view *v, sd_json_variant *in)
{
	sd_json_variant *list = NULL;
	size_t count = 0;
	enum kk_err err = call_get_list(in, "lines", VIEW_LINES_MAX, &list,
	    &count);

	for (size_t i = 0; !err && i < count; i++) {
		sd_json_variant *one = sd_json_variant_by_index(list, i);
		bool waits = false;

		err = call_optional(call_get_bool(one, "waits", &waits));
		if (!err && waits)
			err = waiting_get(v, one);
		else if (!err)
			err = call_get_u32(one, "leaf", UINT32_MAX,
			    &v->lines[v->line_count++]);
	}
	return err;
}

/* One of a state that is not known is not shown. */
static enum kk_err call_state_get(struct view *v, sd_json_variant *in)
{
	char state[VIEW_TEXT_BYTES];
	sd_json_variant *call;
	enum kk_err err;

	if (!call_has(in, "call"))
		return KK_OK;
	call = sd_json_variant_by_key(in, "call");
	err = call_get_text(call, "state", state, sizeof(state));
	if (!err)
		err = call_get_u64(call, "line", INT64_MAX, &v->call_line);
	if (!err)
		err = call_optional(call_get_bool(call, "hasTones",
		    &v->call_has_tones));
	if (!err)
		err = call_optional(call_get_bool(call, "isLong",
		    &v->call_is_long));
	if (!err)
		v->call = view_call_of(state);
	return err;
}

enum kk_err plan_conference_parse(struct plan *plan, sd_json_variant *in)
{
	struct view *v = &plan->view;
	enum kk_err err = lines_get(v, in);

	if (!err)
		err = call_optional(call_get_bool(in, "isLocked",
		    &v->is_locked));
	if (!err)
		err = call_optional(call_get_bool(in, "forbidsLines",
		    &v->forbids_lines));
	if (!err)
		err = call_optional(call_get_text(in, "label", v->label,
		    sizeof(v->label)));
	return err ? err : call_state_get(v, in);
}
