/* plan.c - what roomd wants, read from its message. */
#include <string.h>

#include "call/call.h"
#include "pipelines/member/plan_private.h"

static enum kk_err phase_get(sd_json_variant *in, enum view_phase *phase)
{
	char text[VIEW_TEXT_BYTES];
	enum kk_err err = call_get_text(in, "phase", text, sizeof(text));

	if (err)
		return err;
	for (unsigned i = 0; i < VIEW_PHASE_COUNT; i++) {
		if (!strcmp(text, view_phase_name((enum view_phase)i))) {
			*phase = (enum view_phase)i;
			return KK_OK;
		}
	}
	return KK_EFORMAT;
}

static enum kk_err meeting_get(struct plan *plan, sd_json_variant *in)
{
	struct kk_bytes meeting = { 0 };
	enum kk_err err = call_get_bytes(in, "meeting", sizeof(plan->meeting),
	    &meeting);

	if (!err && meeting.bytes > 0)
		memcpy(plan->meeting, meeting.data, meeting.bytes);
	if (!err)
		plan->meeting_bytes = meeting.bytes;
	kk_bytes_clear(&meeting);
	return err;
}

static enum kk_err view_get(struct plan *plan, sd_json_variant *in)
{
	struct view *v = &plan->view;
	enum kk_err err = phase_get(in, &v->phase);

	if (!err)
		err = call_optional(call_get_text(in, "trouble", v->trouble,
		    sizeof(v->trouble)));
	if (!err)
		err = call_optional(call_get_u64(in, "epoch", UINT64_MAX,
		    &v->epoch));
	if (!err)
		err = call_optional(call_get_text(in, "code", v->code,
		    sizeof(v->code)));
	if (!err)
		err = plan_people_parse(plan, in);
	return err ? err : plan_conference_parse(plan, in);
}

enum kk_err plan_parse(struct plan *plan, sd_json_variant *in)
{
	struct plan *new = kk_calloc(1, sizeof(*new));
	enum kk_err err;

	if (!new)
		return KK_ENOMEM;
	err = call_get_u64(in, "generation", UINT64_MAX, &new->generation);
	if (!err)
		err = call_optional(meeting_get(new, in));
	if (!err)
		err = view_get(new, in);
	if (!err)
		err = plan_transport_parse(new, in);
	if (!err)
		err = plan_publish_parse(new, in);
	if (!err)
		err = plan_slots_parse(new, in);
	if (!err)
		err = plan_lanes_parse(new, in);
	if (!err)
		*plan = *new;
	kk_free_wiped(new, sizeof(*new));
	return err;
}
