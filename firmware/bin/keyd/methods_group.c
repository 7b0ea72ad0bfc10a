/* methods_group.c - the life of a group. */
#include "keyd.h"

enum { WRAPPED_MAX_BYTES = MEETING_MESSAGE_MAX_BYTES + MEETING_WRAP_BYTES };

/* A commit while it is put together. */
struct making {
	struct kk_bytes adds[KEYD_ADDS_MAX];
	struct kk_view views[KEYD_ADDS_MAX];
	uint32_t removes[KEYD_ADDS_MAX];
	struct kk_bytes extensions;
	struct kk_view extensions_view;
	struct mls_psk_want psk;
	struct mls_commit_spec spec;
};

static void making_clear(struct making *c)
{
	for (size_t i = 0; i < KEYD_ADDS_MAX; i++)
		kk_bytes_clear(&c->adds[i]);
	kk_bytes_clear(&c->extensions);
}

static enum kk_err adds_get(struct keyd_meeting *m, sd_json_variant *in,
    struct making *c)
{
	struct kk_bytes wrapped;
	sd_json_variant *list;
	size_t count;
	enum kk_err err;

	err = call_get_list(in, "adds", KEYD_ADDS_MAX, &list, &count);
	for (size_t i = 0; !err && i < count; i++) {
		err = call_value_bytes(sd_json_variant_by_index(list, i),
		    WRAPPED_MAX_BYTES, &wrapped);
		if (!err)
			err = keyd_unwrap_as(m, kk_bytes_view(&wrapped),
			    MEETING_KEY_PACKAGE, &c->adds[i]);
		kk_bytes_clear(&wrapped);
		c->views[i] = kk_bytes_view(&c->adds[i]);
	}
	c->spec.adds = c->views;
	c->spec.add_count = count;
	c->psk = keyd_meeting_psk(m);
	c->spec.psks = &c->psk;
	c->spec.psk_count = count > 0;
	return err;
}

static enum kk_err removes_get(sd_json_variant *in, struct making *c)
{
	sd_json_variant *list;
	size_t count;
	enum kk_err err;

	err = call_get_list(in, "removes", KEYD_ADDS_MAX, &list, &count);
	for (size_t i = 0; !err && i < count; i++) {
		sd_json_variant *v = sd_json_variant_by_index(list, i);

		if (!sd_json_variant_is_unsigned(v))
			return KK_EFORMAT;
		if (sd_json_variant_unsigned(v) >= MLS_LEAVES_MAX)
			return KK_ELIMIT;
		c->removes[i] = (uint32_t)sd_json_variant_unsigned(v);
	}
	c->spec.removes = c->removes;
	c->spec.remove_count = count;
	return err;
}

/* Kept proposals go into the commit, and whoever they add needs the PSK. */
static enum kk_err kept_get(struct keyd_meeting *m, sd_json_variant *in,
    struct making *c)
{
	enum kk_err err = KK_OK;

	if (call_has(in, "withoutProposals"))
		err = call_get_bool(in, "withoutProposals",
		    &c->spec.leave_proposals_out);
	if (err || c->spec.leave_proposals_out)
		return err;
	for (size_t i = 0; !err && i < mls_group_proposal_count(m->group);
	    i++) {
		struct mls_change kept;

		err = mls_group_proposal(m->group, i, &kept);
		if (!err && kept.type == MLS_PROPOSAL_ADD)
			c->spec.psk_count = 1;
	}
	return err;
}

static enum kk_err making_get(struct keyd_meeting *m, sd_json_variant *in,
    struct making *c)
{
	enum kk_err err = adds_get(m, in, c);

	if (!err)
		err = removes_get(in, c);
	if (!err)
		err = kept_get(m, in, c);
	if (err || !call_has(in, "state"))
		return err;
	err = keyd_get_state(in, &c->extensions);
	c->extensions_view = kk_bytes_view(&c->extensions);
	c->spec.extensions = &c->extensions_view;
	return err;
}

static enum kk_err commit_put(struct keyd *k, struct keyd_meeting *m,
    const struct mls_commit_out *made, struct mls_staged *staged,
    struct call_request *rq)
{
	enum kk_err err = crypto_checks_run(mls_staged_checks(staged));

	if (!err)
		err = keyd_staged_check(m, staged);
	if (!err)
		err = keyd_put_wrapped(m, MEETING_HANDSHAKE,
		    kk_bytes_view(&made->commit), "commit", &rq->out);
	if (!err && made->welcome.bytes)
		err = keyd_put_wrapped(m, MEETING_WELCOME,
		    kk_bytes_view(&made->welcome), "welcome", &rq->out);
	if (!err)
		err = keyd_staged_put(k, m, staged, &rq->out);
	return err;
}

static enum kk_err commit_make(struct keyd *k, struct keyd_meeting *m,
    const struct mls_commit_spec *spec, struct call_request *rq)
{
	struct mls_commit_out made = { 0 };
	struct mls_staged *staged = NULL;
	enum kk_err err;

	k->joining = m;
	err = mls_group_commit(m->group, spec, keyd_now_s(), &made, &staged);
	k->joining = NULL;
	if (err)
		return err;
	err = commit_put(k, m, &made, staged, rq);
	mls_commit_out_clear(&made);
	if (err) {
		mls_staged_free(staged);
		return err;
	}
	err = keyd_staged_add(m, staged, true, false, &rq->out);
	return err ? err : keyd_meeting_keep(k, m);
}

enum kk_err keyd_commit(void *arg, struct call_request *rq)
{
	struct keyd *k = arg;
	struct keyd_meeting *m = keyd_meeting_of(k, rq->in);
	struct making *c;
	enum kk_err err;

	if (keyd_staged_own(m))
		return KK_EEXIST; /* one at a time: Apply or Drop it */
	c = kk_calloc(1, sizeof(*c));
	if (!c)
		return KK_ENOMEM;
	err = making_get(m, rq->in, c);
	if (!err)
		err = commit_make(k, m, &c->spec, rq);
	making_clear(c);
	kk_free(c);
	return err;
}

static enum kk_err commit_seen(struct keyd *k, struct keyd_meeting *m,
    struct mls_event *event, struct call_request *rq)
{
	struct mls_staged *staged = event->staged;
	enum kk_err err = crypto_checks_run(mls_staged_checks(staged));

	if (!err)
		err = keyd_staged_check(m, staged);
	if (!err)
		err = keyd_staged_put(k, m, staged, &rq->out);
	if (!err)
		err = call_put_text(&rq->out, "kind", "commit");
	if (err)
		return err;
	event->staged = NULL; /* from here on it is the list's */
	return keyd_staged_add(m, staged, false, false, &rq->out);
}

/* One that no commit may carry is not kept.  Nor is one that changes the
 * meeting's state: whoever commits it would lend its sender its own rights. */
static bool is_kept(const struct mls_change *c)
{
	return c->type != MLS_PROPOSAL_REINIT &&
	    c->type != MLS_PROPOSAL_GROUP_CONTEXT_EXTENSIONS;
}

/* The newest proposal. */
static enum kk_err proposal_seen(struct keyd *k, struct keyd_meeting *m,
    struct call_request *rq)
{
	size_t count = mls_group_proposal_count(m->group);
	struct mls_change kept;
	enum kk_err err;

	if (count == 0)
		return KK_OK;
	err = mls_group_proposal(m->group, count - 1, &kept);
	if (!err && !is_kept(&kept))
		err = mls_group_drop_proposal(m->group, count - 1);
	else if (!err)
		return keyd_proposal_put(k, &kept, &rq->out);
	return err ? err : KK_EPOLICY;
}

/* What came in used up a key: saved, or it would open again. */
static enum kk_err other_seen(struct keyd *k, struct keyd_meeting *m,
    const struct mls_event *event, struct call_request *rq)
{
	const bool is_data = event->type == MLS_EVENT_APPLICATION;
	enum kk_err err;

	err = call_put_text(&rq->out, "kind",
	    is_data ? "application" : "proposal");
	if (!err && event->sender.type == MLS_SENDER_MEMBER)
		err = call_put_u64(&rq->out, "sender", event->sender.index);
	if (!err && is_data)
		err = call_put_bytes(&rq->out, "data",
		    kk_bytes_view(&event->data));
	else if (!err)
		err = proposal_seen(k, m, rq);
	return err ? err : keyd_meeting_keep(k, m);
}

static enum kk_err message_take(struct keyd *k, struct keyd_meeting *m,
    enum meeting_kind kind, struct kk_view message, struct call_request *rq)
{
	const struct keyd_staged *own = keyd_staged_own(m);
	struct mls_event event = { 0 };
	enum kk_err err;

	if (own && !mls_staged_is_own(own->staged, message)) {
		err = call_put_text(&rq->out, "kind", "own");
		return err ? err :
			     call_put_u64(&rq->out, "handle", own->handle);
	}
	k->joining = m;
	err = mls_group_process(m->group, message, keyd_now_s(), &event);
	k->joining = NULL;
	if (err)
		return err;
	if ((event.type == MLS_EVENT_APPLICATION) !=
	    (kind == MEETING_APPLICATION))
		err = KK_EFORMAT; /* what the wrapping says is not so */
	else if (event.type == MLS_EVENT_COMMIT)
		err = commit_seen(k, m, &event, rq);
	else
		err = other_seen(k, m, &event, rq);
	mls_event_clear(&event);
	return err;
}

enum kk_err keyd_process(void *arg, struct call_request *rq)
{
	struct keyd *k = arg;
	struct keyd_meeting *m = keyd_meeting_of(k, rq->in);
	struct kk_bytes wrapped, message = { 0 };
	enum meeting_kind kind = MEETING_HANDSHAKE;
	enum kk_err err;

	err = call_get_bytes(rq->in, "message", WRAPPED_MAX_BYTES, &wrapped);
	if (!err)
		err = meeting_unwrap(m->keys, kk_bytes_view(&wrapped), &kind,
		    &message);
	kk_bytes_clear(&wrapped);
	if (!err && kind != MEETING_HANDSHAKE && kind != MEETING_APPLICATION)
		err = KK_EFORMAT;
	if (!err)
		err = message_take(k, m, kind, kk_bytes_view(&message), rq);
	kk_bytes_clear(&message);
	return err;
}

enum kk_err keyd_protect(void *arg, struct call_request *rq)
{
	struct keyd *k = arg;
	struct keyd_meeting *m = keyd_meeting_of(k, rq->in);
	struct kk_bytes data, message = { 0 };
	enum kk_err err;

	err = call_get_bytes(rq->in, "data", KEYD_DATA_MAX_BYTES, &data);
	if (!err)
		err = mls_group_protect(m->group, kk_bytes_view(&data),
		    (struct kk_view){ 0 }, &message);
	if (!err)
		err = keyd_put_wrapped(m, MEETING_APPLICATION,
		    kk_bytes_view(&message), "message", &rq->out);
	kk_bytes_clear(&message);
	kk_bytes_clear(&data);
	return err ? err : keyd_meeting_keep(k, m);
}

enum kk_err keyd_leave(void *arg, struct call_request *rq)
{
	struct keyd *k = arg;
	struct keyd_meeting *m = keyd_meeting_of(k, rq->in);
	struct kk_bytes message = { 0 };
	enum kk_err err;

	err = mls_group_propose_remove(m->group, MLS_WIRE_PRIVATE,
	    mls_group_own_leaf(m->group), &message);
	if (!err)
		err = keyd_put_wrapped(m, MEETING_HANDSHAKE,
		    kk_bytes_view(&message), "message", &rq->out);
	kk_bytes_clear(&message);
	return err ? err : keyd_meeting_keep(k, m);
}

static enum kk_err members_put(struct keyd *k, const struct keyd_meeting *m,
    sd_json_variant **out)
{
	uint32_t end = mls_group_leaf_end(m->group);
	sd_json_variant *list = NULL;
	enum kk_err err = KK_OK;

	for (uint32_t i = 0; !err && i < end; i++) {
		const struct mls_leaf_fields *f = mls_group_member(m->group, i);
		sd_json_variant *one = NULL;

		if (!f)
			continue;
		err = keyd_member_put(k, i, f, &one);
		if (!err)
			err = call_list_add(&list, one);
		sd_json_variant_unref(one);
	}
	if (!err)
		err = call_put_value(out, "members", list);
	sd_json_variant_unref(list);
	return err;
}

enum kk_err keyd_roster(void *arg, struct call_request *rq)
{
	struct keyd *k = arg;
	struct keyd_meeting *m = keyd_meeting_of(k, rq->in);
	const struct keyd_staged *own = keyd_staged_own(m);
	struct kk_view state;
	enum kk_err err = members_put(k, m, &rq->out);

	if (!err)
		err = keyd_put_epoch(m, &rq->out);
	if (!err && own)
		err = call_put_u64(&rq->out, "staged", own->handle);
	if (!err &&
	    mls_ext_find(mls_group_extensions(m->group), KEYD_EXT_STATE,
		&state))
		err = call_put_bytes(&rq->out, "state", state);
	return err;
}

enum kk_err keyd_security_code(void *arg, struct call_request *rq)
{
	const struct keyd_meeting *m = keyd_meeting_of(arg, rq->in);
	char code[MEETING_CODE_TEXT_BYTES];
	struct kk_bytes authenticator = { 0 };
	enum kk_err err;

	err = mls_group_authenticator(m->group, &authenticator);
	if (!err)
		err = meeting_code(kk_bytes_view(&authenticator), code);
	if (!err)
		err = call_put_text(&rq->out, "code", code);
	if (!err)
		err = call_put_u64(&rq->out, "epoch",
		    mls_group_epoch(m->group));
	kk_bytes_clear(&authenticator);
	return err;
}

enum kk_err keyd_group_info(void *arg, struct call_request *rq)
{
	const struct keyd_meeting *m = keyd_meeting_of(arg, rq->in);
	struct kk_bytes info = { 0 };
	enum kk_err err;

	err = mls_group_info_message(m->group, true, true, &info);
	if (!err)
		err = keyd_put_wrapped(m, MEETING_GROUP_INFO,
		    kk_bytes_view(&info), "groupInfo", &rq->out);
	kk_bytes_clear(&info);
	return err;
}
