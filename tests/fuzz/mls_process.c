/*
 * mls_process.c - a member receives messages.  Byte 0 says what follows: a
 * whole message, or content that a true member (or joiner) signs, so that
 * the checks behind signature and tag are reached.
 */
#include "mls_world.h"

enum {
	HOW_RAW,
	HOW_PROPOSAL_PUBLIC,
	HOW_PROPOSAL_PRIVATE,
	HOW_COMMIT_PUBLIC,
	HOW_COMMIT_PRIVATE,
	HOW_EXTERNAL,
	HOW_COUNT
};

enum { RECEIVER = 0, SENDER = 1, JOINER = MLS_WORLD_MEMBERS };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static bool content_read(struct mls_content *c, struct kk_view in)
{
	struct kk_reader r;

	kk_reader_init(&r, in);
	if (c->type == MLS_CONTENT_PROPOSAL)
		mls_proposal_read(&r, &c->proposal);
	else
		mls_commit_read(&r, &c->commit);
	return !kk_reader_end(&r);
}

/* Signs as the sender and hides or tags as its group does. */
static void content_send(struct mls_world *w, struct mls_group *from,
    const struct mls_content *c, bool is_private, struct kk_bytes *message)
{
	static const uint8_t tag[CRYPTO_HASH_MAX_BYTES];
	const struct mls_epoch *now = from->now;
	struct mls_private_keys keys = mls_epoch_private_keys(now);
	struct kk_view context = kk_bytes_view(&now->context_raw);
	struct mls_auth auth = { .confirmation_tag = { tag,
				     now->suite->hash_bytes } };
	struct kk_bytes signature = { 0 };
	size_t who = c->sender.type == MLS_SENDER_MEMBER ? SENDER : JOINER;

	mls_world_must(!mls_content_sign(is_private ? MLS_PRIVATE_MESSAGE :
						      MLS_PUBLIC_MESSAGE,
	    c, context, w->signer[who], &signature));
	auth.signature = kk_bytes_view(&signature);
	if (is_private)
		mls_world_must(!mls_private_protect(&keys, c, &auth, 0,
		    message));
	else
		mls_world_must(!mls_public_protect(now->suite,
		    &now->secrets.membership, c, &auth, context, message));
	kk_bytes_clear(&signature);
}

static bool message_make(struct mls_world *w, unsigned int how,
    struct kk_view in, struct kk_bytes *message)
{
	struct mls_content c = { 0 };
	struct mls_group *from;
	bool is_made;

	if (how == HOW_RAW)
		return !kk_bytes_copy(message, in);
	from = mls_world_group(w, SENDER);
	c.group_id = mls_group_id(from);
	c.epoch = mls_group_epoch(from);
	c.sender = (struct mls_sender){ MLS_SENDER_MEMBER,
		mls_group_own_leaf(from) };
	if (how == HOW_EXTERNAL)
		c.sender = (struct mls_sender){ MLS_SENDER_NEW_MEMBER_COMMIT,
			0 };
	c.type = how <= HOW_PROPOSAL_PRIVATE ? MLS_CONTENT_PROPOSAL :
					       MLS_CONTENT_COMMIT;
	is_made = content_read(&c, in);
	if (is_made)
		content_send(w, from, &c,
		    how == HOW_PROPOSAL_PRIVATE || how == HOW_COMMIT_PRIVATE,
		    message);
	mls_group_free(from);
	return is_made;
}

static void event_take(struct mls_group *group, struct mls_event *event)
{
	if (event->type == MLS_EVENT_COMMIT &&
	    !crypto_checks_run(mls_staged_checks(event->staged)) &&
	    !mls_group_apply(group, event->staged))
		event->staged = NULL;
	mls_event_clear(event);
	mls_world_use(group);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct mls_world *w = mls_world_get();
	struct kk_bytes message = { 0 };
	struct mls_event event = { 0 };
	struct mls_group *group;

	if (bytes < 1 ||
	    !message_make(w, data[0] % HOW_COUNT,
		kk_view_of(data + 1, bytes - 1), &message))
		return 0;
	group = mls_world_group(w, RECEIVER);
	if (mls_group_process(group, kk_bytes_view(&message), MLS_WORLD_NOW_S,
		&event))
		mls_world_same(group, w, RECEIVER);
	else
		event_take(group, &event);
	mls_group_free(group);
	kk_bytes_clear(&message);
	return 0;
}
