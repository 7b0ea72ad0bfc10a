/* staged.c - next epochs that wait for the server, and what they would do. */
#include "keyd.h"

void keyd_staged_drop(struct keyd_staged *s)
{
	mls_staged_free(s->staged);
	*s = (struct keyd_staged){ 0 };
}

enum kk_err keyd_staged_add(struct keyd_meeting *m, struct mls_staged *staged,
    bool is_own, bool is_join, sd_json_variant **out)
{
	enum kk_err err;

	for (size_t i = 0; i < KEYD_STAGED_MAX; i++) {
		struct keyd_staged *s = &m->staged[i];

		if (s->handle)
			continue;
		*s = (struct keyd_staged){ .handle = ++m->last_handle,
			.staged = staged,
			.is_own = is_own,
			.is_join = is_join };
		err = call_put_u64(out, "handle", s->handle);
		if (err)
			keyd_staged_drop(s);
		return err;
	}
	mls_staged_free(staged);
	return KK_ELIMIT;
}

struct keyd_staged *keyd_staged_find(struct keyd_meeting *m, uint64_t handle)
{
	for (size_t i = 0; handle && i < KEYD_STAGED_MAX; i++) {
		if (m->staged[i].handle == handle)
			return &m->staged[i];
	}
	return NULL;
}

struct keyd_staged *keyd_staged_own(struct keyd_meeting *m)
{
	for (size_t i = 0; i < KEYD_STAGED_MAX; i++) {
		if (m->staged[i].handle && m->staged[i].is_own)
			return &m->staged[i];
	}
	return NULL;
}

void keyd_staged_drop_all(struct keyd_meeting *m)
{
	for (size_t i = 0; i < KEYD_STAGED_MAX; i++)
		keyd_staged_drop(&m->staged[i]);
}

/* Nothing but the meeting's state: what else an extension may bring (senders
 * from outside, say) is not for a member to decide. */
static enum kk_err extensions_check(const struct mls_staged *staged)
{
	const struct kk_view list = mls_staged_extensions(staged);
	struct mls_ext ext;
	size_t pos = 0;

	while (mls_ext_next(list, &pos, &ext)) {
		if (ext.type != KEYD_EXT_STATE)
			return KK_EPOLICY;
	}
	return KK_OK;
}

enum kk_err keyd_staged_check(const struct keyd_meeting *m,
    const struct mls_staged *staged)
{
	bool adds = false, has_psk = false;

	for (size_t i = 0; i < mls_staged_change_count(staged); i++) {
		struct mls_change c;
		enum kk_err err = mls_staged_change(staged, i, &c);

		if (err)
			return err;
		if (c.type == MLS_PROPOSAL_REINIT)
			return KK_EPOLICY; /* a meeting stays what it is */
		if (c.type == MLS_PROPOSAL_GROUP_CONTEXT_EXTENSIONS)
			err = extensions_check(staged);
		if (err)
			return err;
		if (c.type == MLS_PROPOSAL_ADD ||
		    c.type == MLS_PROPOSAL_EXTERNAL_INIT)
			adds = true;
		if (c.type == MLS_PROPOSAL_PSK && c.psk &&
		    kk_view_equal(c.psk->id, meeting_keys_psk_id(m->keys)))
			has_psk = true;
	}
	/* Who comes in proves that it knows the meeting's secret. */
	return adds && !has_psk ? KK_EPOLICY : KK_OK;
}

static const char *change_name(uint16_t type)
{
	static const char *const names[] = {
		[MLS_PROPOSAL_ADD] = "add",
		[MLS_PROPOSAL_UPDATE] = "update",
		[MLS_PROPOSAL_REMOVE] = "remove",
		[MLS_PROPOSAL_PSK] = "psk",
		[MLS_PROPOSAL_REINIT] = "reinit",
		[MLS_PROPOSAL_EXTERNAL_INIT] = "external",
		[MLS_PROPOSAL_GROUP_CONTEXT_EXTENSIONS] = "state",
	};

	return type < KK_ARRAY_LEN(names) && names[type] ? names[type] :
							   "other";
}

static enum kk_err change_put(struct keyd *k, const struct mls_change *c,
    sd_json_variant **list)
{
	sd_json_variant *one = NULL, *member = NULL;
	enum kk_err err = call_put_text(&one, "what", change_name(c->type));

	if (!err && c->member)
		err = keyd_member_put(k, c->leaf, c->member, &member);
	if (!err && member)
		err = call_put_value(&one, "member", member);
	if (!err)
		err = call_list_add(list, one);
	sd_json_variant_unref(member);
	sd_json_variant_unref(one);
	return err;
}

enum kk_err keyd_proposal_put(struct keyd *k, const struct mls_change *c,
    sd_json_variant **out)
{
	sd_json_variant *list = NULL;
	enum kk_err err = change_put(k, c, &list);

	if (!err)
		err = call_put_value(out, "changes", list);
	sd_json_variant_unref(list);
	return err;
}

static enum kk_err changes_put(struct keyd *k, const struct mls_staged *staged,
    sd_json_variant **out)
{
	sd_json_variant *list = NULL;
	size_t count = mls_staged_change_count(staged);
	enum kk_err err = KK_OK;

	if (count == 0)
		return call_put_empty_list(out, "changes");
	for (size_t i = 0; !err && i < count; i++) {
		struct mls_change c;

		err = mls_staged_change(staged, i, &c);
		if (!err)
			err = change_put(k, &c, &list);
	}
	if (!err)
		err = call_put_value(out, "changes", list);
	sd_json_variant_unref(list);
	return err;
}

/* By an external commit its sender has no leaf yet: it is the one that is in
 * the next epoch and was not, or was another's, in this one. */
static uint32_t joiner_find(const struct keyd_meeting *m,
    const struct mls_staged *staged)
{
	for (uint32_t i = 0; i < mls_staged_leaf_end(staged); i++) {
		const struct mls_leaf_fields *now = mls_staged_member(staged,
		    i);
		const struct mls_leaf_fields *was = m->group ?
		    mls_group_member(m->group, i) :
		    NULL;

		if (now && (!was || !kk_view_equal(now->raw, was->raw)))
			return i;
	}
	return UINT32_MAX;
}

static enum kk_err committer_put(struct keyd *k, struct keyd_meeting *m,
    const struct mls_staged *staged, sd_json_variant **out)
{
	struct mls_sender sender = mls_staged_committer(staged);
	const struct mls_leaf_fields *f = NULL;
	sd_json_variant *member = NULL;
	uint32_t leaf = sender.index;
	enum kk_err err;

	if (sender.type == MLS_SENDER_MEMBER) {
		f = m->group ? mls_group_member(m->group, leaf) : NULL;
	} else {
		leaf = joiner_find(m, staged);
		if (leaf != UINT32_MAX)
			f = mls_staged_member(staged, leaf);
	}
	if (!f)
		return KK_OK;
	err = keyd_member_put(k, leaf, f, &member);
	if (!err)
		err = call_put_value(out, "committer", member);
	sd_json_variant_unref(member);
	return err;
}

enum kk_err keyd_staged_put(struct keyd *k, struct keyd_meeting *m,
    const struct mls_staged *staged, sd_json_variant **out)
{
	bool removes_us = mls_staged_removes_us(staged);
	struct kk_view state = { 0 };
	enum kk_err err;

	err = committer_put(k, m, staged, out);
	if (!err)
		err = changes_put(k, staged, out);
	if (!err)
		err = call_put_bool(out, "hasPath",
		    mls_staged_has_path(staged));
	if (!err)
		err = call_put_bool(out, "removesUs", removes_us);
	if (err || removes_us)
		return err;
	if (mls_ext_find(mls_staged_extensions(staged), KEYD_EXT_STATE, &state))
		err = call_put_bytes(out, "state", state);
	if (!err)
		err = call_put_u64(out, "epoch", mls_staged_epoch(staged));
	return err;
}
