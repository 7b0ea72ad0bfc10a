/* room.c - roomd's plan, and what follows from it. */
#include <string.h>

#include "call/call.h"
#include "mediad.h"

static bool is_disconnected(struct mediad *m)
{
	return strcmp(mediad_transport_state(m), "connected") != 0;
}

/* It stays until a link is up again: the next one fails for the same. */
static bool has_no_relay(struct mediad *m)
{
	return atomic_load(&m->transport.has_no_relay) && is_disconnected(m);
}

void mediad_view_update(struct mediad *m)
{
	m->plan.view.is_disconnected = is_disconnected(m);
	m->plan.view.has_no_relay = has_no_relay(m);
	studio_view_set(m->studio, &m->plan.view);
}

void mediad_view_refresh(struct mediad *m)
{
	if (m->has_plan &&
	    (m->plan.view.is_disconnected != is_disconnected(m) ||
		m->plan.view.has_no_relay != has_no_relay(m)))
		mediad_view_update(m);
}

static void slots_update(struct mediad *m)
{
	struct studio_slot slots[STUDIO_SLOTS_MAX];
	enum kk_err err;

	for (size_t i = 0; i < m->plan.slot_count; i++)
		slots[i] = m->plan.slots[i].slot;
	err = studio_slots_set(m->studio, slots, m->plan.slot_count);
	if (err)
		kk_log(&m->log, KK_LOG_ERROR, "slots are not there err=%s",
		    kk_err_name(err));
}

static void publish_update(struct mediad *m)
{
	const struct studio_publish *a = &m->published, *b = &m->plan.publish;

	if (a->audio_ssrc == b->audio_ssrc &&
	    a->tells_level == b->tells_level &&
	    !memcmp(a->video_ssrcs, b->video_ssrcs, sizeof(a->video_ssrcs)) &&
	    a->audio_payload_type == b->audio_payload_type &&
	    a->video_payload_type == b->video_payload_type)
		return;
	m->published = *b;
	studio_publish_set(m->studio, b);
}

static bool is_other_meeting(const struct mediad *m, const struct plan *plan)
{
	return !m->has_plan || m->plan.meeting_bytes != plan->meeting_bytes ||
	    memcmp(m->plan.meeting, plan->meeting, plan->meeting_bytes) != 0;
}

void mediad_plan_came(void *arg, sd_json_variant *what)
{
	struct mediad *m = arg;
	struct plan *plan = kk_calloc(1, sizeof(*plan));
	enum kk_err err = plan ? plan_parse(plan, what) : KK_ENOMEM;
	bool is_other;

	if (err) {
		kk_log(&m->log, KK_LOG_ERROR, "roomd's plan is wrong err=%s",
		    kk_err_name(err));
		kk_free(plan);
		return;
	}
	is_other = is_other_meeting(m, plan);
	m->plan = *plan;
	m->has_plan = true;
	kk_free_wiped(plan, sizeof(*plan));
	if (is_other)
		mediad_keys_select(m);
	mediad_view_update(m);
	slots_update(m);
	publish_update(m);
	studio_want(m->studio, (size_t)m->plan.wanted);
	mediad_transport_update(m);
	mediad_report(m);
}

/* Media goes on while roomd starts again: who is there, and the keys, do not
 * change without it. */
void mediad_room_lost(void *arg)
{
	struct mediad *m = arg;

	m->is_reported = false;
	mediad_report_stop(m);
	mediad_connect_stop(m);
}

void mediad_connect_stop(struct mediad *m)
{
	sd_varlink *link = m->connecting;

	m->connecting = NULL;
	sd_varlink_close_unref(link);
}

static int connect_answered(sd_varlink *link, sd_json_variant *parameters,
    const char *error, sd_varlink_reply_flags_t flags, void *userdata)
{
	struct mediad *m = userdata;

	(void)link;
	(void)parameters;
	(void)flags;
	mediad_connect_stop(m);
	if (!error)
		mediad_transport_connected(m);
	else
		kk_log(&m->log, KK_LOG_WARNING,
		    "call failed method=Connect "
		    "why=%s",
		    error);
	return 0;
}

static enum kk_err sizes_put(const struct sizes *sizes, sd_json_variant **out)
{
	sd_json_variant *list = NULL;
	enum kk_err err = KK_OK;

	for (size_t i = 0; !err && i < sizes->count; i++) {
		sd_json_variant *one = NULL;

		err = call_put_u64(&one, "width", sizes->list[i].width);
		if (!err)
			err = call_put_u64(&one, "height",
			    sizes->list[i].height);
		if (!err)
			err = call_list_add(&list, one);
		sd_json_variant_unref(one);
	}
	if (!err)
		err = call_put_value(out, "sizes", list);
	sd_json_variant_unref(list);
	return err;
}

void mediad_connect_send(struct mediad *m, uint64_t generation,
    const char *fingerprint)
{
	const struct sizes sizes = studio_sizes(m->studio);
	sd_json_variant *in = NULL;
	enum kk_err err;

	mediad_connect_stop(m);
	err = call_put_u64(&in, "generation", generation);
	if (!err)
		err = call_put_text(&in, "fingerprint", fingerprint);
	if (!err)
		err = sizes_put(&sizes, &in);
	if (!err)
		err = client_ask(&m->roomd, &m->connecting,
		    "io.konklave.Room.Connect", in, connect_answered, m);
	sd_json_variant_unref(in);
	if (err)
		kk_log(&m->log, KK_LOG_WARNING,
		    "call failed method=Connect err=%s", kk_err_name(err));
}
