/* group_forge.c - messages that the library would not make itself. */
#include "group_forge.h"

#include <string.h>

#include "harness/tap.h"
#include "mls/group.h"

void group_forge_init(struct group_forge *f)
{
	kk_writer_init(&f->proposals);
	f->count = 0;
}

void group_forge_clear(struct group_forge *f)
{
	kk_writer_clear(&f->proposals);
}

void group_forge_value(struct group_forge *f, const struct mls_proposal *p)
{
	const struct mls_proposal_or_ref by_value = { .proposal = *p };

	mls_proposal_or_ref_write(&f->proposals, &by_value);
	f->count++;
}

/* The reference of a proposal that was sent publicly. */
void group_forge_ref(struct group_forge *f, const struct group_member *m,
    struct kk_view public_proposal)
{
	struct mls_proposal_or_ref by_ref = { .is_ref = true };
	struct mls_auth_content ac = { .wire_format = MLS_PUBLIC_MESSAGE };
	const struct crypto_suite *suite = mls_group_suite(m->group);
	uint8_t hash[CRYPTO_HASH_MAX_BYTES];
	struct mls_message message;
	struct kk_writer w;

	CHECK_OK(mls_message_parse(&message, public_proposal));
	CHECK_EQ(message.wire_format, MLS_PUBLIC_MESSAGE);
	ac.content = message.public_message.content;
	ac.auth = message.public_message.auth;
	kk_writer_init(&w);
	mls_auth_content_write(&w, &ac);
	CHECK_OK(crypto_ref_hash(suite, "MLS 1.0 Proposal Reference",
	    kk_writer_view(&w), hash));
	kk_writer_clear(&w);
	by_ref.ref = kk_view_of(hash, suite->hash_bytes);
	mls_proposal_or_ref_write(&f->proposals, &by_ref);
	f->count++;
}

/* Signs content for the epoch that inside is in, and makes it public. */
static void content_send(const struct group_member *inside,
    struct crypto_key *signer, const struct mls_content *content,
    struct kk_bytes *message)
{
	static const uint8_t tag[CRYPTO_HASH_MAX_BYTES] = { 1 };
	const struct mls_epoch *now = inside->group->now;
	struct kk_view context = kk_bytes_view(&now->context_raw);
	struct kk_bytes signature = { 0 };
	struct mls_auth auth = { .confirmation_tag = { tag,
				     now->suite->hash_bytes } };

	CHECK_OK(mls_content_sign(MLS_PUBLIC_MESSAGE, content, context, signer,
	    &signature));
	auth.signature = kk_bytes_view(&signature);
	CHECK_OK(mls_public_protect(now->suite, &now->secrets.membership,
	    content, &auth, context, message));
	kk_bytes_clear(&signature);
}

static struct mls_content content_of(const struct group_member *inside)
{
	return (struct mls_content){
		.group_id = inside->group->now->context.group_id,
		.epoch = inside->group->now->context.epoch,
	};
}

/* A path with the form of one: the member's leaf, and no nodes. */
static void path_fill(struct mls_commit *c, const struct mls_client *client)
{
	static const uint8_t key[CRYPTO_KEM_PUBLIC_MAX_BYTES] = { 4 };

	c->has_path = true;
	mls_client_leaf(client, &c->path.leaf);
	c->path.leaf.source = MLS_LEAF_COMMIT;
	c->path.leaf.encryption_key = kk_view_of(key,
	    client->config.suite->kem_public_bytes);
	c->path.leaf.signature = kk_view_of(key, 64);
}

void group_forge_commit(const struct group_forge *f, struct group_member *m,
    bool has_path, struct kk_bytes *message)
{
	struct mls_content content = content_of(m);

	content.sender = (struct mls_sender){ MLS_SENDER_MEMBER,
		mls_group_own_leaf(m->group) };
	content.type = MLS_CONTENT_COMMIT;
	content.commit =
	    (struct mls_commit){ .proposals = kk_writer_view(&f->proposals),
		    .proposal_count = f->count };
	if (has_path)
		path_fill(&content.commit, m->client);
	content_send(m, m->signer, &content, message);
}

void group_forge_external(const struct group_forge *f,
    const struct group_member *inside, struct group_member *joiner,
    bool has_path, struct kk_bytes *message)
{
	struct mls_content content = content_of(inside);

	content.sender.type = MLS_SENDER_NEW_MEMBER_COMMIT;
	content.type = MLS_CONTENT_COMMIT;
	content.commit =
	    (struct mls_commit){ .proposals = kk_writer_view(&f->proposals),
		    .proposal_count = f->count };
	if (has_path)
		path_fill(&content.commit, joiner->client);
	content_send(inside, joiner->signer, &content, message);
}

void group_forge_proposal(struct group_member *m, const struct mls_proposal *p,
    struct kk_bytes *message)
{
	struct mls_content content = content_of(m);

	content.sender = (struct mls_sender){ MLS_SENDER_MEMBER,
		mls_group_own_leaf(m->group) };
	content.type = MLS_CONTENT_PROPOSAL;
	content.proposal = *p;
	content_send(m, m->signer, &content, message);
}

void group_forge_external_proposal(const struct group_member *inside,
    struct crypto_key *signer, uint32_t index, const struct mls_proposal *p,
    struct kk_bytes *message)
{
	struct mls_content content = content_of(inside);

	content.sender = (struct mls_sender){ MLS_SENDER_EXTERNAL, index };
	content.type = MLS_CONTENT_PROPOSAL;
	content.proposal = *p;
	content_send(inside, signer, &content, message);
}

void group_forge_leaf(struct group_member *m, struct mls_leaf_fields *f,
    struct kk_bytes *raw)
{
	struct mls_leaf *leaf = NULL;

	CHECK_OK(mls_leaf_sign(&leaf, f, mls_group_id(m->group),
	    mls_group_own_leaf(m->group), m->signer));
	CHECK_OK(kk_bytes_copy(raw, leaf->f.raw));
	mls_leaf_unref(leaf);
}
