/* keys.c - each epoch's key, from keyd to the vault. */
#include <string.h>

#include "call/call.h"
#include "pipelines/member/member_private.h"

enum { MEMBERS_MAX_BYTES = SFRAME_SENDERS_MAX / 8, RETIRE_MAX_MS = 600000 };

static struct meeting_keys *keys_find(struct member *m, struct kk_view meeting)
{
	for (size_t i = 0; i < MEMBER_MEETINGS_MAX; i++) {
		struct meeting_keys *k = &m->keys[i];

		if (kk_view_equal(kk_view_of(k->meeting, k->meeting_bytes),
			meeting))
			return k;
	}
	return NULL;
}

static void keys_drop(struct meeting_keys *k)
{
	sd_json_variant_unref(k->latest);
	*k = (struct meeting_keys){ 0 };
}

static bool is_planned(const struct member *m, const struct meeting_keys *k)
{
	return m->has_plan && k->meeting_bytes > 0 &&
	    k->meeting_bytes == m->plan.meeting_bytes &&
	    !memcmp(k->meeting, m->plan.meeting, k->meeting_bytes);
}

static enum kk_err epoch_get(sd_json_variant *in, struct vault_epoch *e,
    struct kk_bytes *key, struct kk_bytes *members)
{
	uint64_t suite = 0, leaf = 0;
	enum kk_err err = call_get_u64(in, "epoch", UINT64_MAX, &e->epoch);

	if (!err)
		err = call_get_u64(in, "suite", UINT16_MAX, &suite);
	if (!err)
		err = call_get_u64(in, "ownLeaf", SFRAME_SENDERS_MAX - 1,
		    &leaf);
	if (!err)
		err = call_get_u64(in, "retireMs", RETIRE_MAX_MS,
		    &e->retire_ms);
	if (!err)
		err = call_get_bool(in, "maySeal", &e->may_seal);
	if (!err)
		err = call_get_bytes(in, "baseKey", SFRAME_BASE_KEY_MAX_BYTES,
		    key);
	if (!err)
		err = call_get_bytes(in, "members", MEMBERS_MAX_BYTES, members);
	e->suite = (enum sframe_suite)suite;
	e->own_leaf = (uint32_t)leaf;
	e->base_key = kk_bytes_view(key);
	e->members = kk_bytes_view(members);
	return err;
}

/* An epoch is entered with maySeal once: the vault knows one that is on, but
 * not one that it has cleared (RFC 9605, 9.1). */
static void epoch_enter(struct member *m, struct meeting_keys *k)
{
	struct kk_bytes key = { 0 }, members = { 0 };
	struct vault_epoch epoch = { 0 };
	enum kk_err err = epoch_get(k->latest, &epoch, &key, &members);

	epoch.may_seal = epoch.may_seal && !k->is_entered;
	if (!err)
		err = m->calls.epoch_set(m->config.arg, &epoch);
	if (err == KK_EEPOCH) { /* the group was made anew */
		m->calls.epochs_clear(m->config.arg);
		err = m->calls.epoch_set(m->config.arg, &epoch);
	}
	if (!err)
		k->is_entered = true;
	if (err)
		kk_log(m->log, KK_LOG_ERROR, "an epoch is not entered err=%s",
		    kk_err_name(err));
	else
		kk_log(m->log, KK_LOG_INFO, "epoch=%llu may-seal=%d",
		    (unsigned long long)epoch.epoch, epoch.may_seal);
	kk_bytes_clear(&key);
	kk_bytes_clear(&members);
}

static void meeting_told(struct member *m, struct kk_view meeting,
    sd_json_variant *what, bool is_ended)
{
	struct meeting_keys *k = keys_find(m, meeting);

	if (!k && !is_ended)
		k = keys_find(m, (struct kk_view){ 0 }); /* a free place */
	if (!k && !is_ended)
		kk_log(m->log, KK_LOG_ERROR,
		    "too many meetings at a time: no keys of another one");
	if (!k)
		return;
	if (is_ended) {
		if (is_planned(m, k))
			m->calls.epochs_clear(m->config.arg);
		keys_drop(k);
		return;
	}
	keys_drop(k);
	memcpy(k->meeting, meeting.data, meeting.bytes);
	k->meeting_bytes = meeting.bytes;
	k->latest = sd_json_variant_ref(what);
	if (is_planned(m, k))
		epoch_enter(m, k);
}

void member_keys_came(void *arg, sd_json_variant *what)
{
	struct kk_bytes meeting = { 0 };
	struct member *m = arg;
	bool is_ended = false;
	enum kk_err err = call_get_bytes(what, "meeting", PLAN_MEETING_BYTES,
	    &meeting);

	if (!err)
		err = call_get_bool(what, "ended", &is_ended);
	if (!err && meeting.bytes == 0)
		err = KK_EFORMAT;
	if (err)
		kk_log(m->log, KK_LOG_ERROR, "keyd's message is wrong err=%s",
		    kk_err_name(err));
	else
		meeting_told(m, kk_bytes_view(&meeting), what, is_ended);
	kk_bytes_clear(&meeting);
	member_report(m);
}

void member_keys_select(struct member *m)
{
	m->calls.epochs_clear(m->config.arg);
	for (size_t i = 0; i < MEMBER_MEETINGS_MAX; i++) {
		if (is_planned(m, &m->keys[i]))
			epoch_enter(m, &m->keys[i]);
	}
}

void member_keys_stop(struct member *m)
{
	for (size_t i = 0; i < MEMBER_MEETINGS_MAX; i++)
		keys_drop(&m->keys[i]);
}
