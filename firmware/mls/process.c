/* process.c - messages of the group coming in (RFC 9420, 6, 12). */
#include "mls/group.h"

struct incoming { /* one message on its way */
	struct mls_group *group;
	struct mls_epoch *epoch; /* the one it belongs to */
	uint16_t wire_format;
	struct mls_opened opened; /* of a private message */
	struct mls_content content;
	struct mls_auth auth;
	int64_t now_s;
};

/* The epoch of a message: now, or a past one for application data. */
static enum kk_err epoch_find(struct mls_group *group, uint64_t number,
    bool is_application, struct mls_epoch **epochp)
{
	*epochp = group->now;
	if (number == group->now->context.epoch)
		return KK_OK;
	for (uint32_t i = 0; is_application && i < group->past_count; i++) {
		*epochp = group->past[i];
		if (number == group->past[i]->context.epoch)
			return KK_OK;
	}
	return KK_EEPOCH;
}

/* external_senders, entry number index (RFC 9420, 12.1.8.1). */
static enum kk_err external_sender_key(const struct mls_epoch *epoch,
    uint32_t index, struct kk_view *key)
{
	struct kk_view data, found = { 0 };
	struct mls_credential unused;
	struct kk_reader outer, r;
	enum kk_err err;
	bool is_there = false;

	if (!mls_ext_find(epoch->context.extensions, MLS_EXT_EXTERNAL_SENDERS,
		&data))
		return KK_EDENIED;
	kk_reader_init(&outer, data);
	r = kk_read_sub(&outer);
	for (uint32_t i = 0; kk_reader_more(&r); i++) {
		struct kk_view k = kk_read_vec(&r);

		mls_credential_read(&r, &unused);
		if (i != index)
			continue;
		found = k;
		is_there = true;
	}
	kk_read_sub_end(&outer, &r);
	err = kk_reader_end(&outer);
	if (err)
		return err;
	*key = found;
	return is_there ? KK_OK : KK_EDENIED;
}

/* Whose key signs content that is not a commit. */
static enum kk_err signer_key(const struct incoming *in, struct kk_view *key)
{
	const struct mls_content *c = &in->content;
	const struct mls_leaf_fields *leaf;

	switch (c->sender.type) {
	case MLS_SENDER_MEMBER:
		leaf = mls_tree_leaf(in->epoch->tree, c->sender.index);
		if (!leaf)
			return KK_EDENIED;
		*key = leaf->signature_key;
		return KK_OK;
	case MLS_SENDER_EXTERNAL:
		return external_sender_key(in->epoch, c->sender.index, key);
	case MLS_SENDER_NEW_MEMBER_PROPOSAL:
		if (c->proposal.type != MLS_PROPOSAL_ADD)
			return KK_EDENIED;
		*key = c->proposal.add.leaf.signature_key;
		return KK_OK;
	default:
		return KK_EDENIED;
	}
}

/* Also what the commit would be refused for, lest a member block commits. */
static enum kk_err update_check(const struct incoming *in,
    const struct mls_leaf_rules *rules, struct crypto_checks *checks)
{
	uint32_t index = in->content.sender.index;
	const struct mls_leaf_fields *leaf = &in->content.proposal.update;
	const struct mls_leaf_fields *old = mls_tree_leaf(in->epoch->tree,
	    index);

	if (!old || leaf->source != MLS_LEAF_UPDATE)
		return KK_EFORMAT;
	if (kk_view_equal(old->encryption_key, leaf->encryption_key))
		return KK_EEXIST;
	return mls_member_check(in->group->client, leaf, old, rules, index,
	    checks);
}

/* A proposal by itself: what it carries must be acceptable now. */
static enum kk_err proposal_check(const struct incoming *in,
    struct crypto_checks *checks)
{
	const struct mls_client *client = in->group->client;
	const struct mls_content *c = &in->content;
	struct mls_leaf_rules rules = mls_epoch_leaf_rules(in->epoch,
	    in->now_s);

	if (!mls_proposal_sender_may(c->sender.type, c->proposal.type))
		return KK_EDENIED;
	switch (c->proposal.type) {
	case MLS_PROPOSAL_ADD:
		return mls_key_package_check(client, &c->proposal.add, &rules,
		    checks);
	case MLS_PROPOSAL_UPDATE:
		return update_check(in, &rules, checks);
	case MLS_PROPOSAL_REMOVE:
		return mls_tree_leaf(in->epoch->tree, c->proposal.remove) ?
		    KK_OK :
		    KK_ENOENT;
	case MLS_PROPOSAL_PSK:
		return c->proposal.psk.nonce.bytes ==
			in->epoch->suite->hash_bytes ?
		    KK_OK :
		    KK_EFORMAT;
	default:
		return KK_OK;
	}
}

/* Verifies application data or a proposal here and now. */
static enum kk_err content_verify(const struct incoming *in)
{
	struct crypto_checks *checks;
	struct kk_view key;
	enum kk_err err = signer_key(in, &key);

	if (err)
		return err;
	err = crypto_checks_new(&checks);
	if (err)
		return err;
	err = mls_content_check(in->epoch->suite, in->wire_format, &in->content,
	    in->auth.signature, kk_bytes_view(&in->epoch->context_raw), key,
	    checks);
	if (!err && in->content.type == MLS_CONTENT_PROPOSAL)
		err = proposal_check(in, checks);
	if (!err)
		err = crypto_checks_run(checks);
	crypto_checks_free(checks);
	return err;
}

static enum kk_err texts_copy(const struct incoming *in,
    struct mls_event *event)
{
	enum kk_err err = kk_bytes_copy(&event->authenticated_data,
	    in->content.authenticated_data);

	if (!err && in->content.type == MLS_CONTENT_APPLICATION)
		err = kk_bytes_copy(&event->data, in->content.application);
	return err;
}

static enum kk_err key_consume(const struct incoming *in)
{
	struct mls_private_keys keys = mls_epoch_private_keys(in->epoch);

	if (in->wire_format != MLS_PRIVATE_MESSAGE)
		return KK_OK;
	return mls_private_consume(&keys, &in->opened);
}

static enum kk_err application_take(struct incoming *in,
    struct mls_event *event)
{
	enum kk_err err = content_verify(in);

	if (!err)
		err = texts_copy(in, event);
	if (!err)
		err = key_consume(in);
	event->type = MLS_EVENT_APPLICATION;
	return err;
}

static enum kk_err proposal_take(struct incoming *in, struct mls_event *event)
{
	enum kk_err err = content_verify(in);

	if (!err)
		err = texts_copy(in, event);
	if (!err)
		err = mls_store_add(in->group, in->wire_format, &in->content,
		    &in->auth, NULL);
	if (err)
		return err;
	err = key_consume(in);
	if (err) {
		mls_store_drop_last(&in->group->store);
		return err;
	}
	event->type = MLS_EVENT_PROPOSAL;
	event->proposal_type = in->content.proposal.type;
	return KK_OK;
}

/* The key of a commit's message is not used up: its epoch ends with it, and
 * a commit that is refused must leave no trace. */
static enum kk_err commit_take(struct incoming *in, struct mls_event *event)
{
	enum kk_err err = texts_copy(in, event);

	if (!err)
		err = mls_commit_take(in->group, in->wire_format, &in->content,
		    &in->auth, in->now_s, &event->staged);
	event->type = MLS_EVENT_COMMIT;
	return err;
}

static enum kk_err content_take(struct incoming *in, struct mls_event *event)
{
	event->sender = in->content.sender;
	event->epoch = in->content.epoch;
	if (in->content.sender.type == MLS_SENDER_MEMBER) {
		if (in->content.sender.index == in->epoch->own_leaf)
			return KK_EREPLAY; /* our own, come back */
		if (!mls_tree_leaf(in->epoch->tree, in->content.sender.index))
			return KK_EDENIED;
	}
	switch (in->content.type) {
	case MLS_CONTENT_APPLICATION:
		return application_take(in, event);
	case MLS_CONTENT_PROPOSAL:
		return proposal_take(in, event);
	default:
		return commit_take(in, event);
	}
}

static enum kk_err public_take(struct incoming *in,
    const struct mls_public_message *m, struct mls_event *event)
{
	const struct mls_content *c = &m->content;
	bool is_joining = c->sender.type == MLS_SENDER_NEW_MEMBER_COMMIT;
	enum kk_err err;

	if (c->type == MLS_CONTENT_APPLICATION)
		return KK_EFORMAT; /* 6.2 */
	if (in->group->client->config.refuse_public_handshake && !is_joining)
		return KK_EPOLICY;
	if (is_joining && c->type != MLS_CONTENT_COMMIT)
		return KK_EFORMAT;
	if (!kk_view_equal(c->group_id, in->group->now->context.group_id))
		return KK_EGROUP;
	err = epoch_find(in->group, c->epoch, false, &in->epoch);
	if (!err && c->type == MLS_CONTENT_COMMIT &&
	    c->sender.type != MLS_SENDER_MEMBER && !is_joining)
		err = KK_EDENIED;
	if (!err && c->sender.type == MLS_SENDER_MEMBER)
		err = mls_membership_check(in->epoch->suite,
		    &in->epoch->secrets.membership, m,
		    kk_bytes_view(&in->epoch->context_raw));
	if (err)
		return err;
	in->content = *c;
	in->auth = m->auth;
	return content_take(in, event);
}

static enum kk_err private_take(struct incoming *in,
    const struct mls_private_message *m, struct mls_event *event)
{
	struct mls_private_keys keys;
	enum kk_err err;

	if (!kk_view_equal(m->group_id, in->group->now->context.group_id))
		return KK_EGROUP;
	err = epoch_find(in->group, m->epoch,
	    m->type == MLS_CONTENT_APPLICATION, &in->epoch);
	if (err)
		return err;
	keys = mls_epoch_private_keys(in->epoch);
	err = mls_private_open(&keys, m, &in->opened);
	if (err)
		return err;
	in->content = in->opened.content;
	in->auth = in->opened.auth;
	err = content_take(in, event);
	mls_opened_clear(&in->opened);
	return err;
}

enum kk_err mls_group_process(struct mls_group *group, struct kk_view message,
    int64_t now_s, struct mls_event *event)
{
	struct incoming in = { .group = group, .now_s = now_s };
	struct mls_message m;
	enum kk_err err;

	*event = (struct mls_event){ 0 };
	if (!mls_group_is_active(group))
		return KK_ESTATE;
	if (message.bytes > group->client->config.limits.message_bytes)
		return KK_ELIMIT;
	err = mls_message_parse(&m, message);
	if (err)
		return err;
	in.wire_format = m.wire_format;
	if (m.wire_format == MLS_PUBLIC_MESSAGE)
		err = public_take(&in, &m.public_message, event);
	else if (m.wire_format == MLS_PRIVATE_MESSAGE)
		err = private_take(&in, &m.private_message, event);
	else
		err = KK_EINVAL;
	if (err)
		mls_event_clear(event);
	return err;
}

void mls_event_clear(struct mls_event *event)
{
	kk_bytes_clear(&event->data);
	kk_bytes_clear(&event->authenticated_data);
	mls_staged_free(event->staged);
	*event = (struct mls_event){ 0 };
}
