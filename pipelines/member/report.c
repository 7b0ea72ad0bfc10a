/* report.c - what roomd is told of the media. */
#include <string.h>

#include "call/call.h"
#include "pipelines/member/member_private.h"

void member_report_stop(struct member *m)
{
	sd_varlink *link = m->reporting;

	m->reporting = NULL;
	sd_varlink_close_unref(link);
}

static struct report report_now(struct member *m)
{
	struct member_state state = m->calls.state(m->config.arg);

	return (struct report){ .generation = m->plan.generation,
		.state = member_transport_state(m),
		.is_speaking = state.is_speaking && state.has_microphone,
		.has_microphone = state.has_microphone,
		.has_camera = state.has_camera,
		.needs_epoch = m->plan.view.phase == VIEW_IN &&
		    state.has_epoch && !state.may_seal };
}

static bool is_same(const struct report *a, const struct report *b)
{
	return a->generation == b->generation && !strcmp(a->state, b->state) &&
	    a->is_speaking == b->is_speaking &&
	    a->has_microphone == b->has_microphone &&
	    a->has_camera == b->has_camera && a->needs_epoch == b->needs_epoch;
}

static enum kk_err report_put(sd_json_variant **in, const struct report *r)
{
	enum kk_err err = call_put_u64(in, "generation", r->generation);

	if (!err)
		err = call_put_text(in, "state", r->state);
	if (!err)
		err = call_put_bool(in, "isSpeaking", r->is_speaking);
	if (!err)
		err = call_put_bool(in, "hasMicrophone", r->has_microphone);
	if (!err)
		err = call_put_bool(in, "hasCamera", r->has_camera);
	return err ? err : call_put_bool(in, "needsEpoch", r->needs_epoch);
}

static int answered(sd_varlink *link, sd_json_variant *parameters,
    const char *error, sd_varlink_reply_flags_t flags, void *userdata)
{
	struct member *m = userdata;

	(void)link;
	(void)parameters;
	(void)flags;
	member_report_stop(m);
	if (error) { /* said again with the next tick */
		m->is_reported = false;
		kk_log(m->log, KK_LOG_DEBUG,
		    "call failed method=Report "
		    "why=%s",
		    error);
		return 0;
	}
	m->reported = m->asked;
	m->is_reported = true;
	member_report(m);
	return 0;
}

void member_report(struct member *m)
{
	struct report now;
	sd_json_variant *in = NULL;

	if (!m->has_plan || m->reporting)
		return;
	now = report_now(m);
	if (m->is_reported && is_same(&now, &m->reported))
		return;
	m->asked = now;
	/* Where roomd is not there, the next tick tries again. */
	if (!report_put(&in, &now) &&
	    client_ask(&m->roomd, &m->reporting, "io.konklave.Room.Report", in,
		answered, m))
		m->is_reported = false;
	sd_json_variant_unref(in);
}
