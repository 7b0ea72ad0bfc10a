/* room.c - roomd's plan, and our end of its transport. */
#include <string.h>

#include "call/call.h"
#include "pipelines/member/member_private.h"

static bool is_other_meeting(const struct member *m, const struct plan *plan)
{
	return !m->has_plan || m->plan.meeting_bytes != plan->meeting_bytes ||
	    memcmp(m->plan.meeting, plan->meeting, plan->meeting_bytes) != 0;
}

void member_plan_came(void *arg, sd_json_variant *what)
{
	struct member *m = arg;
	struct plan *plan = kk_calloc(1, sizeof(*plan));
	enum kk_err err = plan ? plan_parse(plan, what) : KK_ENOMEM;
	bool is_other;

	if (err) {
		kk_log(m->log, KK_LOG_ERROR, "roomd's plan is wrong err=%s",
		    kk_err_name(err));
		kk_free(plan);
		return;
	}
	is_other = is_other_meeting(m, plan);
	m->plan = *plan;
	m->has_plan = true;
	kk_free_wiped(plan, sizeof(*plan));
	if (is_other)
		member_keys_select(m);
	m->calls.plan_came(m->config.arg, &m->plan);
	member_transport_update(m);
	member_report(m);
}

/* Media goes on while roomd starts again: who is there, and the keys, do not
 * change without it. */
void member_room_lost(void *arg)
{
	struct member *m = arg;

	m->is_reported = false;
	member_report_stop(m);
	member_connect_stop(m);
}

void member_connect_stop(struct member *m)
{
	sd_varlink *link = m->connecting;

	m->connecting = NULL;
	sd_varlink_close_unref(link);
}

static int connect_answered(sd_varlink *link, sd_json_variant *parameters,
    const char *error, sd_varlink_reply_flags_t flags, void *userdata)
{
	struct member *m = userdata;

	(void)link;
	(void)parameters;
	(void)flags;
	member_connect_stop(m);
	if (!error)
		member_transport_connected(m);
	else
		kk_log(m->log, KK_LOG_WARNING,
		    "call failed method=Connect "
		    "why=%s",
		    error);
	return 0;
}

static enum kk_err sizes_put(const struct sizes *sizes, sd_json_variant **out)
{
	sd_json_variant *list = NULL;
	enum kk_err err = KK_OK;

	if (sizes->count == 0)
		return call_put_empty_list(out, "sizes");
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

void member_connect_send(struct member *m, uint64_t generation,
    const char *fingerprint)
{
	sd_json_variant *in = NULL;
	enum kk_err err;

	member_connect_stop(m);
	err = call_put_u64(&in, "generation", generation);
	if (!err)
		err = call_put_text(&in, "fingerprint", fingerprint);
	if (!err)
		err = sizes_put(&m->sizes, &in);
	if (!err)
		err = client_ask(&m->roomd, &m->connecting,
		    "io.konklave.Room.Connect", in, connect_answered, m);
	sd_json_variant_unref(in);
	if (err)
		kk_log(m->log, KK_LOG_WARNING,
		    "call failed method=Connect err=%s", kk_err_name(err));
}
