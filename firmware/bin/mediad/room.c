/* room.c - what follows from roomd's plan for screen, slots and camera. */
#include <string.h>

#include "mediad.h"

static bool is_disconnected(struct mediad *m)
{
	return strcmp(member_transport_state(m->member), "connected") != 0;
}

/* It stays until a link is up again: the next one fails for the same. */
static bool has_no_relay(struct mediad *m)
{
	return member_has_no_relay(m->member) && is_disconnected(m);
}

static void view_update(struct mediad *m)
{
	m->view.is_disconnected = is_disconnected(m);
	m->view.has_no_relay = has_no_relay(m);
	studio_view_set(m->studio, &m->view);
}

void mediad_view_refresh(void *arg)
{
	struct mediad *m = arg;

	if (m->has_view &&
	    (m->view.is_disconnected != is_disconnected(m) ||
		m->view.has_no_relay != has_no_relay(m)))
		view_update(m);
}

static void slots_update(struct mediad *m, const struct plan *plan)
{
	struct studio_slot slots[STUDIO_SLOTS_MAX];
	enum kk_err err;

	for (size_t i = 0; i < plan->slot_count; i++)
		slots[i] = plan->slots[i].slot;
	err = studio_slots_set(m->studio, slots, plan->slot_count);
	if (err)
		kk_log(&m->log, KK_LOG_ERROR, "slots are not there err=%s",
		    kk_err_name(err));
}

static void publish_update(struct mediad *m, const struct studio_publish *b)
{
	const struct studio_publish *a = &m->published;

	if (a->audio_ssrc == b->audio_ssrc &&
	    a->tells_level == b->tells_level &&
	    !memcmp(a->video_ssrcs, b->video_ssrcs, sizeof(a->video_ssrcs)) &&
	    a->audio_payload_type == b->audio_payload_type &&
	    a->video_payload_type == b->video_payload_type)
		return;
	m->published = *b;
	studio_publish_set(m->studio, b);
}

void mediad_plan_came(void *arg, const struct plan *plan)
{
	struct mediad *m = arg;

	m->has_view = true;
	m->view = plan->view;
	view_update(m);
	mediad_pad_room(m);
	slots_update(m, plan);
	publish_update(m, &plan->publish);
	studio_want(m->studio, (size_t)plan->wanted);
}
