/* methods_join.c - coming into a meeting, and out of it. */
#include "keyd.h"

enum { WRAPPED_MAX_BYTES = MEETING_MESSAGE_MAX_BYTES + MEETING_WRAP_BYTES };

enum kk_err keyd_unwrap_as(const struct keyd_meeting *m, struct kk_view wrapped,
    enum meeting_kind kind, struct kk_bytes *out)
{
	enum meeting_kind got;
	enum kk_err err = meeting_unwrap(m->keys, wrapped, &got, out);

	if (!err && got != kind) {
		kk_bytes_clear(out);
		err = KK_EFORMAT;
	}
	return err;
}

enum kk_err keyd_get_message(struct keyd_meeting *m, sd_json_variant *in,
    const char *name, enum meeting_kind kind, struct kk_bytes *out)
{
	struct kk_bytes wrapped;
	enum kk_err err;

	*out = (struct kk_bytes){ 0 };
	err = call_get_bytes(in, name, WRAPPED_MAX_BYTES, &wrapped);
	if (!err)
		err = keyd_unwrap_as(m, kk_bytes_view(&wrapped), kind, out);
	kk_bytes_clear(&wrapped);
	return err;
}

enum kk_err keyd_put_wrapped(const struct keyd_meeting *m,
    enum meeting_kind kind, struct kk_view message, const char *name,
    sd_json_variant **out)
{
	struct kk_bytes wrapped;
	enum kk_err err = meeting_wrap(m->keys, kind, message, &wrapped);

	if (!err)
		err = call_put_bytes(out, name, kk_bytes_view(&wrapped));
	kk_bytes_clear(&wrapped);
	return err;
}

enum kk_err keyd_put_epoch(const struct keyd_meeting *m, sd_json_variant **out)
{
	enum kk_err err;

	err = call_put_u64(out, "epoch", mls_group_epoch(m->group));
	if (!err)
		err = call_put_u64(out, "ownLeaf",
		    mls_group_own_leaf(m->group));
	return err;
}

enum kk_err keyd_get_state(sd_json_variant *in, struct kk_bytes *extensions)
{
	struct kk_bytes state;
	struct kk_writer w;
	enum kk_err err;

	*extensions = (struct kk_bytes){ 0 };
	err = call_get_bytes(in, "state", KEYD_STATE_MAX_BYTES, &state);
	if (err)
		return err;
	kk_writer_init(&w);
	mls_ext_write(&w, KEYD_EXT_STATE, kk_bytes_view(&state));
	kk_bytes_clear(&state);
	return kk_writer_take(&w, extensions);
}

/* A meeting from "meeting", "secret" and "suite", in no phase yet. */
static enum kk_err meeting_take(struct keyd *k, sd_json_variant *in,
    struct keyd_meeting **mp)
{
	struct kk_bytes id = { 0 }, secret = { 0 };
	uint64_t suite = k->who[0].suite->id;
	struct keyd_identity *who;
	enum kk_err err = KK_OK;

	if (call_has(in, "suite"))
		err = call_get_u64(in, "suite", UINT16_MAX, &suite);
	if (!err)
		err = call_get_bytes(in, "meeting", MEETING_ID_MAX_BYTES, &id);
	if (!err)
		err = call_get_bytes(in, "secret", MEETING_SECRET_BYTES,
		    &secret);
	who = keyd_identity_get(k, suite);
	if (!err && !who)
		err = KK_EUNSUP;
	if (!err)
		err = keyd_meeting_new(k, kk_bytes_view(&id),
		    kk_bytes_view(&secret), who, mp);
	kk_bytes_clear(&secret);
	kk_bytes_clear(&id);
	return err;
}

/* The token opens the forwarder's door: a secret too. */
static enum kk_err tokens_put(const struct keyd_meeting *m,
    sd_json_variant **out)
{
	struct kk_view token = meeting_keys_token(m->keys);
	uint8_t hash[MEETING_TOKEN_HASH_BYTES];
	enum kk_err err = meeting_token_hash(token, hash);

	if (!err)
		err = call_put_secret(out, "token", token);
	if (!err)
		err = call_put_bytes(out, "tokenHash",
		    kk_view_of(hash, sizeof(hash)));
	return err;
}

static enum kk_err group_create(struct keyd_meeting *m, sd_json_variant *in)
{
	struct kk_bytes extensions = { 0 };
	enum kk_err err = KK_OK;

	if (call_has(in, "state"))
		err = keyd_get_state(in, &extensions);
	if (!err)
		err = mls_group_new(&m->group, m->who->client,
		    meeting_keys_id(m->keys), kk_bytes_view(&extensions),
		    keyd_now_s());
	kk_bytes_clear(&extensions);
	return err;
}

enum kk_err keyd_create_meeting(void *arg, struct call_request *rq)
{
	struct keyd *k = arg;
	struct keyd_meeting *m = NULL;
	enum kk_err err = meeting_take(k, rq->in, &m);

	if (err)
		return err;
	err = group_create(m, rq->in);
	if (!err)
		err = keyd_meeting_move(m, KEYD_WAITING);
	if (!err)
		err = keyd_meeting_move(m, KEYD_JOINED);
	if (!err)
		err = tokens_put(m, &rq->out);
	if (!err)
		err = keyd_put_epoch(m, &rq->out);
	if (!err)
		err = keyd_meeting_enter(k, m);
	if (err)
		keyd_meeting_free(k, m);
	return err;
}

enum kk_err keyd_open_meeting(void *arg, struct call_request *rq)
{
	struct keyd *k = arg;
	struct keyd_meeting *m = NULL;
	enum kk_err err = meeting_take(k, rq->in, &m);

	if (err)
		return err;
	err = keyd_meeting_move(m, KEYD_WAITING);
	if (!err)
		err = tokens_put(m, &rq->out);
	if (!err)
		err = keyd_store_save(k, m);
	if (err)
		keyd_meeting_free(k, m);
	return err;
}

enum kk_err keyd_new_key_package(void *arg, struct call_request *rq)
{
	struct keyd *k = arg;
	struct keyd_meeting *m = keyd_meeting_of(k, rq->in);
	struct mls_key_package *kp = NULL, *old = m->kp;
	enum kk_err err;

	err = mls_key_package_new(&kp, m->who->client, keyd_now_s());
	if (!err)
		err = keyd_put_wrapped(m, MEETING_KEY_PACKAGE,
		    mls_key_package_message(kp), "keyPackage", &rq->out);
	if (!err) {
		m->kp = kp;
		err = keyd_store_save(k, m);
		if (err)
			m->kp = old;
		else
			kp = old;
	}
	mls_key_package_free(kp);
	return err;
}

/* staged was checked already.  On error it is as it was. */
static enum kk_err group_take(struct keyd_meeting *m, struct mls_staged *staged)
{
	struct mls_group *group = NULL;
	enum kk_err err;

	if (m->phase != KEYD_WAITING && m->phase != KEYD_REJOIN)
		return KK_ESTATE; /* before staged is used up */
	err = mls_staged_take_group(staged, &group);
	if (err)
		return err;
	mls_group_free(m->group);
	m->group = group;
	return keyd_meeting_move(m, KEYD_JOINED);
}

static enum kk_err welcome_take(struct keyd *k, struct keyd_meeting *m,
    struct kk_view welcome, struct kk_view tree)
{
	struct mls_staged *staged = NULL;
	enum kk_err err;

	k->joining = m;
	k->by_welcome = true;
	m->psk_is_asked = false;
	err = mls_group_join(&staged, m->who->client, m->kp, welcome, tree,
	    keyd_now_s());
	k->joining = NULL;
	k->by_welcome = false;
	if (err)
		return err;
	err = crypto_checks_run(mls_staged_checks(staged));
	if (!err && !m->psk_is_asked)
		err = KK_EPOLICY; /* by somebody who need not know the secret */
	if (!err)
		err = group_take(m, staged);
	if (err)
		mls_staged_free(staged);
	return err;
}

enum kk_err keyd_join_by_welcome(void *arg, struct call_request *rq)
{
	struct keyd *k = arg;
	struct keyd_meeting *m = keyd_meeting_of(k, rq->in);
	struct kk_bytes welcome = { 0 };
	enum kk_err err;

	if (!m->kp)
		return KK_ENOKEY;
	err = keyd_get_message(m, rq->in, "welcome", MEETING_WELCOME, &welcome);
	if (!err)
		err = welcome_take(k, m, kk_bytes_view(&welcome),
		    (struct kk_view){ 0 });
	kk_bytes_clear(&welcome);
	if (!err)
		err = keyd_meeting_enter(k, m);
	if (!err)
		err = keyd_put_epoch(m, &rq->out);
	return err;
}

static enum kk_err external_make(struct keyd *k, struct keyd_meeting *m,
    struct kk_view info, int64_t replaces, struct call_request *rq)
{
	const struct mls_psk_want psk = keyd_meeting_psk(m);
	struct mls_staged *staged = NULL;
	struct kk_bytes commit = { 0 };
	enum kk_err err;

	k->joining = m;
	err = mls_group_join_external(&staged, &commit, m->who->client, info,
	    (struct kk_view){ 0 }, replaces, &psk, 1, keyd_now_s());
	k->joining = NULL;
	if (err)
		return err;
	err = crypto_checks_run(mls_staged_checks(staged));
	if (!err)
		err = keyd_put_wrapped(m, MEETING_HANDSHAKE,
		    kk_bytes_view(&commit), "commit", &rq->out);
	if (!err)
		err = keyd_staged_put(k, m, staged, &rq->out);
	kk_bytes_clear(&commit);
	if (err) {
		mls_staged_free(staged);
		return err;
	}
	return keyd_staged_add(m, staged, true, true, &rq->out);
}

enum kk_err keyd_join_external(void *arg, struct call_request *rq)
{
	struct keyd *k = arg;
	struct keyd_meeting *m = keyd_meeting_of(k, rq->in);
	struct kk_bytes info = { 0 };
	uint64_t replaces = 0;
	bool has_old = call_has(rq->in, "replaces");
	enum kk_err err = KK_OK;

	if (keyd_staged_own(m))
		return KK_EEXIST; /* one try at a time: Apply or Drop it */
	if (has_old)
		err = call_get_u64(rq->in, "replaces", MLS_LEAVES_MAX,
		    &replaces);
	if (!err)
		err = keyd_get_message(m, rq->in, "groupInfo",
		    MEETING_GROUP_INFO, &info);
	if (!err)
		err = external_make(k, m, kk_bytes_view(&info),
		    has_old ? (int64_t)replaces : MLS_NO_LEAF, rq);
	kk_bytes_clear(&info);
	return err;
}

static enum kk_err ended(struct keyd *k, struct keyd_meeting *m,
    struct call_request *rq)
{
	enum kk_err err = keyd_meeting_move(m, KEYD_ENDED);

	keyd_staged_drop_all(m);
	mls_group_free(m->group);
	m->group = NULL;
	m->forget_ms = 0;
	keyd_epochs_end(k, m);
	if (!err)
		err = keyd_store_save(k, m);
	if (!err)
		err = call_put_bool(&rq->out, "ended", true);
	return err;
}

/* The staged commit that a request names. */
static enum kk_err staged_of(struct keyd_meeting *m, struct call_request *rq,
    struct keyd_staged **sp)
{
	uint64_t handle;
	enum kk_err err;

	err = call_get_u64(rq->in, "handle", UINT64_MAX, &handle);
	if (err)
		return err;
	*sp = keyd_staged_find(m, handle);
	return *sp ? KK_OK : KK_ENOENT;
}

enum kk_err keyd_apply(void *arg, struct call_request *rq)
{
	struct keyd *k = arg;
	struct keyd_meeting *m = keyd_meeting_of(k, rq->in);
	struct keyd_staged *s;
	bool removes_us;
	enum kk_err err = staged_of(m, rq, &s);

	if (err)
		return err;
	removes_us = !s->is_join && mls_staged_removes_us(s->staged);
	err = s->is_join ? group_take(m, s->staged) :
			   mls_group_apply(m->group, s->staged);
	if (err)
		return err;
	s->staged = NULL; /* it was taken */
	if (removes_us)
		return ended(k, m, rq);
	err = keyd_meeting_enter(k, m);
	if (!err)
		err = call_put_bool(&rq->out, "ended", false);
	if (!err)
		err = keyd_put_epoch(m, &rq->out);
	return err;
}

enum kk_err keyd_drop(void *arg, struct call_request *rq)
{
	struct keyd *k = arg;
	struct keyd_meeting *m = keyd_meeting_of(k, rq->in);
	struct keyd_staged *s;
	bool is_own;
	enum kk_err err = staged_of(m, rq, &s);

	if (err)
		return err;
	is_own = s->is_own && !s->is_join;
	keyd_staged_drop(s);
	return is_own ? keyd_meeting_keep(k, m) : KK_OK;
}

enum kk_err keyd_forget(void *arg, struct call_request *rq)
{
	struct keyd *k = arg;
	struct keyd_meeting *m = keyd_meeting_of(k, rq->in);

	if (m->phase == KEYD_JOINED)
		keyd_epochs_end(k, m);
	keyd_store_delete(k, m);
	keyd_meeting_free(k, m);
	return KK_OK;
}
