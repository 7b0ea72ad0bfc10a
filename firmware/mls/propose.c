/* propose.c - sending proposals and application data (RFC 9420, 12.1, 15). */
#include "mls/group.h"

static enum kk_err content_send(struct mls_group *group, uint16_t wire_format,
    const struct mls_content *content, struct mls_auth *auth,
    struct kk_bytes *signature, struct kk_bytes *message)
{
	const struct mls_epoch *now = group->now;
	struct mls_private_keys keys = mls_epoch_private_keys(now);
	struct kk_view context = kk_bytes_view(&now->context_raw);
	enum kk_err err;

	err = mls_content_sign(wire_format, content, context,
	    group->client->config.signer, signature);
	if (err)
		return err;
	*auth = (struct mls_auth){ .signature = kk_bytes_view(signature) };
	if (wire_format == MLS_PUBLIC_MESSAGE)
		return mls_public_protect(now->suite, &now->secrets.membership,
		    content, auth, context, message);
	return mls_private_protect(&keys, content, auth,
	    group->client->config.padding_bytes, message);
}

static struct mls_content content_start(const struct mls_group *group,
    uint8_t type)
{
	return (struct mls_content){
		.group_id = group->now->context.group_id,
		.epoch = group->now->context.epoch,
		.sender = { MLS_SENDER_MEMBER, group->now->own_leaf },
		.type = type,
	};
}

enum kk_err mls_group_protect(struct mls_group *group, struct kk_view data,
    struct kk_view authenticated_data, struct kk_bytes *message)
{
	struct mls_content content = content_start(group,
	    MLS_CONTENT_APPLICATION);
	struct kk_bytes signature = { 0 };
	struct mls_auth auth;
	enum kk_err err;

	*message = (struct kk_bytes){ 0 };
	if (!mls_group_is_active(group))
		return KK_ESTATE;
	/* RFC 9420, 12.4: what was proposed comes before what is said. */
	content.application = data;
	content.authenticated_data = authenticated_data;
	err = content_send(group, MLS_PRIVATE_MESSAGE, &content, &auth,
	    &signature, message);
	kk_bytes_clear(&signature);
	return err;
}

/* Sends a proposal and keeps it as if it had been received. */
static enum kk_err propose(struct mls_group *group, enum mls_wire wire,
    const struct mls_proposal *p, struct mls_private *leaf_key,
    struct kk_bytes *message)
{
	uint16_t format = wire == MLS_WIRE_PUBLIC ? MLS_PUBLIC_MESSAGE :
						    MLS_PRIVATE_MESSAGE;
	struct mls_content content = content_start(group, MLS_CONTENT_PROPOSAL);
	struct kk_bytes signature = { 0 };
	struct mls_auth auth;
	enum kk_err err;

	*message = (struct kk_bytes){ 0 };
	if (!mls_group_is_active(group))
		return KK_ESTATE;
	content.proposal = *p;
	err = content_send(group, format, &content, &auth, &signature, message);
	if (!err)
		err = mls_store_add(group, format, &content, &auth, leaf_key);
	if (err)
		kk_bytes_clear(message);
	kk_bytes_clear(&signature);
	return err;
}

enum kk_err mls_group_propose_add(struct mls_group *group, enum mls_wire wire,
    struct kk_view key_package, int64_t now_s, struct kk_bytes *message)
{
	struct mls_leaf_rules rules = mls_epoch_leaf_rules(group->now, now_s);
	struct mls_proposal p = { .type = MLS_PROPOSAL_ADD };
	struct crypto_checks *checks;
	struct mls_message m;
	enum kk_err err = mls_message_parse(&m, key_package);

	*message = (struct kk_bytes){ 0 };
	if (err)
		return err;
	if (m.wire_format != MLS_KEY_PACKAGE)
		return KK_EINVAL;
	err = crypto_checks_new(&checks);
	if (err)
		return err;
	p.add = m.key_package;
	err = mls_key_package_check(group->client, &p.add, &rules, checks);
	if (!err)
		err = crypto_checks_run(checks);
	crypto_checks_free(checks);
	return err ? err : propose(group, wire, &p, NULL, message);
}

static enum kk_err update_leaf_make(struct mls_group *group,
    struct mls_private **privatep, struct mls_leaf **leafp)
{
	const struct mls_client *client = group->client;
	struct mls_leaf_fields f;
	struct crypto_key *key;
	enum kk_err err;

	err = crypto_kem_key_generate(&key, group->now->suite->kem);
	if (err)
		return err;
	err = mls_private_new(privatep, key);
	if (err)
		return err;
	mls_client_leaf(client, &f);
	f.source = MLS_LEAF_UPDATE;
	f.encryption_key = crypto_key_public(key);
	err = mls_leaf_sign(leafp, &f, group->now->context.group_id,
	    group->now->own_leaf, client->config.signer);
	if (err)
		mls_private_unref(*privatep);
	return err;
}

enum kk_err mls_group_propose_update(struct mls_group *group,
    enum mls_wire wire, struct kk_bytes *message)
{
	struct mls_proposal p = { .type = MLS_PROPOSAL_UPDATE };
	struct mls_private *private;
	struct mls_leaf *leaf;
	enum kk_err err;

	*message = (struct kk_bytes){ 0 };
	if (!mls_group_is_active(group))
		return KK_ESTATE;
	err = update_leaf_make(group, &private, &leaf);
	if (err)
		return err;
	p.update = leaf->f;
	err = propose(group, wire, &p, private, message);
	mls_leaf_unref(leaf);
	mls_private_unref(private);
	return err;
}

enum kk_err mls_group_propose_remove(struct mls_group *group,
    enum mls_wire wire, uint32_t leaf, struct kk_bytes *message)
{
	struct mls_proposal p = { .type = MLS_PROPOSAL_REMOVE, .remove = leaf };

	*message = (struct kk_bytes){ 0 };
	if (!mls_tree_leaf(group->now->tree, leaf))
		return KK_ENOENT;
	return propose(group, wire, &p, NULL, message);
}

enum kk_err mls_group_propose_psk(struct mls_group *group, enum mls_wire wire,
    const struct mls_psk_want *psk, struct kk_bytes *message)
{
	struct mls_proposal p = { .type = MLS_PROPOSAL_PSK };
	struct kk_bytes raw = { 0 };
	struct kk_writer w;
	struct kk_reader r;
	enum kk_err err;

	*message = (struct kk_bytes){ 0 };
	kk_writer_init(&w);
	mls_psk_want_write(&w, psk, group->now->suite);
	err = kk_writer_take(&w, &raw);
	if (err)
		return err;
	kk_reader_init(&r, kk_bytes_view(&raw));
	mls_psk_id_read(&r, &p.psk);
	err = kk_reader_end(&r);
	if (!err)
		err = propose(group, wire, &p, NULL, message);
	kk_bytes_clear(&raw);
	return err;
}

enum kk_err mls_group_propose_extensions(struct mls_group *group,
    enum mls_wire wire, struct kk_view extensions, struct kk_bytes *message)
{
	struct mls_proposal p = {
		.type = MLS_PROPOSAL_GROUP_CONTEXT_EXTENSIONS,
		.extensions = extensions,
	};

	return propose(group, wire, &p, NULL, message);
}

enum kk_err mls_group_propose_reinit(struct mls_group *group,
    enum mls_wire wire, const struct mls_reinit *reinit,
    struct kk_bytes *message)
{
	struct mls_proposal p = { .type = MLS_PROPOSAL_REINIT,
		.reinit = *reinit };

	return propose(group, wire, &p, NULL, message);
}

enum kk_err mls_propose_self(const struct mls_client *client,
    const struct mls_key_package *kp, struct kk_view group_id, uint64_t epoch,
    struct kk_bytes *message)
{
	struct mls_content content = {
		.group_id = group_id,
		.epoch = epoch,
		.sender = { MLS_SENDER_NEW_MEMBER_PROPOSAL, 0 },
		.type = MLS_CONTENT_PROPOSAL,
		.proposal = { .type = MLS_PROPOSAL_ADD, .add = kp->f },
	};
	struct kk_bytes signature = { 0 };
	struct kk_view no_context = { 0 };
	struct mls_auth auth = { 0 };
	enum kk_err err;

	*message = (struct kk_bytes){ 0 };
	err = mls_content_sign(MLS_PUBLIC_MESSAGE, &content, no_context,
	    client->config.signer, &signature);
	if (err)
		return err;
	auth.signature = kk_bytes_view(&signature);
	err = mls_public_protect(client->config.suite, NULL, &content, &auth,
	    no_context, message);
	kk_bytes_clear(&signature);
	return err;
}
