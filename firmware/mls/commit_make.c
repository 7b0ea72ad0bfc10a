/* commit_make.c - making a commit (RFC 9420, 12.4.1). */
#include "mls/group.h"

void mls_commit_out_clear(struct mls_commit_out *out)
{
	kk_bytes_clear(&out->commit);
	kk_bytes_clear(&out->welcome);
}

static void value_write(struct kk_writer *w, const struct mls_proposal *p)
{
	struct mls_proposal_or_ref por = { .proposal = *p };

	mls_proposal_or_ref_write(w, &por);
}

/* Adds come as whole messages: the proposal holds the key package alone. */
static void add_write(struct kk_writer *w, struct kk_view message)
{
	struct mls_proposal p = { .type = MLS_PROPOSAL_ADD };
	struct mls_message m;
	enum kk_err err = mls_message_parse(&m, message);

	if (!err && m.wire_format != MLS_KEY_PACKAGE)
		err = KK_EINVAL;
	if (err) {
		kk_writer_fail(w, err);
		return;
	}
	p.add = m.key_package;
	value_write(w, &p);
}

static void psk_write(struct kk_writer *w, const struct mls_psk_want *want,
    const struct crypto_suite *suite)
{
	kk_write_u8(w, 1); /* by value */
	kk_write_u16(w, MLS_PROPOSAL_PSK);
	mls_psk_want_write(w, want, suite);
}

static void values_write(struct kk_writer *w,
    const struct mls_commit_spec *spec, const struct crypto_suite *suite)
{
	struct mls_proposal p;

	if (spec->extensions) {
		p = (struct mls_proposal){
			.type = MLS_PROPOSAL_GROUP_CONTEXT_EXTENSIONS,
			.extensions = *spec->extensions,
		};
		value_write(w, &p);
	}
	for (size_t i = 0; i < spec->remove_count; i++) {
		p = (struct mls_proposal){ .type = MLS_PROPOSAL_REMOVE,
			.remove = spec->removes[i] };
		value_write(w, &p);
	}
	for (size_t i = 0; i < spec->add_count; i++)
		add_write(w, spec->adds[i]);
	for (size_t i = 0; i < spec->psk_count; i++)
		psk_write(w, &spec->psks[i], suite);
	if (spec->reinit) {
		p = (struct mls_proposal){ .type = MLS_PROPOSAL_REINIT,
			.reinit = *spec->reinit };
		value_write(w, &p);
	}
}

static enum kk_err proposals_write(const struct mls_group *group,
    const struct mls_commit_spec *spec, struct kk_bytes *out)
{
	const struct crypto_suite *suite = group->now->suite;
	struct kk_writer w;

	kk_writer_init(&w);
	for (size_t i = 0; i < group->store.count; i++) {
		const struct mls_stored *s = &group->store.at[i];
		struct mls_proposal_or_ref por = { .is_ref = true,
			.ref = mls_secret_view(suite, &s->ref) };

		if (!spec->leave_proposals_out &&
		    mls_store_may_commit(group, spec, i))
			mls_proposal_or_ref_write(&w, &por);
	}
	values_write(&w, spec, suite);
	return kk_writer_take(&w, out);
}

static enum kk_err proposals_parse(struct kk_view raw,
    struct mls_commit *commit)
{
	struct kk_writer w;
	struct kk_reader r;
	enum kk_err err;

	/* Through the reader, so that what we send is what others accept. */
	kk_writer_init(&w);
	kk_write_vec(&w, raw);
	kk_write_u8(&w, 0);
	err = w.err;
	if (!err) {
		kk_reader_init(&r, kk_writer_view(&w));
		mls_commit_read(&r, commit);
		err = kk_reader_end(&r);
	}
	kk_writer_clear(&w);
	commit->proposals = raw;
	return err;
}

enum kk_err mls_stage_path(struct mls_stage *stage, struct mls_path *path,
    struct mls_path_secrets *secrets, struct mls_commit *commit,
    struct kk_bytes *nodes)
{
	const struct mls_client *client = stage->staged->client;
	struct mls_leaf_list without = { stage->applied.added,
		stage->applied.added_count };
	struct mls_epoch *next = stage->next;
	struct mls_leaf_fields like;
	enum kk_err err;

	mls_client_leaf(client, &like);
	err = mls_treekem_create(next->tree, next->own_leaf, &like,
	    stage->base->context.group_id, client->config.signer, &next->ring,
	    path, secrets);
	if (!err)
		err = mls_stage_context(stage);
	if (!err)
		err = mls_treekem_encrypt(next->tree, path, secrets,
		    kk_bytes_view(&next->context_raw), without, nodes);
	if (err)
		return err;
	commit->has_path = true;
	commit->path.leaf = *mls_tree_leaf(next->tree, next->own_leaf);
	commit->path.nodes = kk_bytes_view(nodes);
	commit->path.node_count = path->count;
	stage->commit = secrets->commit;
	stage->staged->has_path = true;
	return KK_OK;
}

static enum kk_err message_protect(const struct mls_stage *stage,
    uint16_t wire_format, const struct mls_content *content,
    const struct mls_auth *auth, struct kk_bytes *message)
{
	const struct mls_client *client = stage->staged->client;
	struct mls_private_keys keys = mls_epoch_private_keys(stage->base);

	if (wire_format == MLS_PRIVATE_MESSAGE)
		return mls_private_protect(&keys, content, auth,
		    client->config.padding_bytes, message);
	return mls_public_protect(stage->base->suite,
	    &stage->base->secrets.membership, content, auth,
	    kk_bytes_view(&stage->base->context_raw), message);
}

enum kk_err mls_commit_send(struct mls_stage *stage, uint16_t wire_format,
    const struct mls_content *content, struct kk_bytes *message)
{
	const struct crypto_suite *suite = stage->base->suite;
	struct mls_staged *staged = stage->staged;
	struct kk_bytes signature = { 0 };
	struct kk_view whole;
	struct mls_auth auth;
	enum kk_err err;

	err = mls_content_sign(wire_format, content,
	    kk_bytes_view(&stage->base->context_raw),
	    staged->client->config.signer, &signature);
	if (err)
		return err;
	auth.signature = kk_bytes_view(&signature);
	err = mls_stage_finish(stage, wire_format, content, auth.signature,
	    NULL);
	auth.confirmation_tag = mls_secret_view(suite,
	    &stage->next->confirmation_tag);
	if (!err)
		err = message_protect(stage, wire_format, content, &auth,
		    message);
	kk_bytes_clear(&signature);
	if (err)
		return err;
	staged->is_own = true;
	whole = kk_bytes_view(message);
	return crypto_hash(suite->hash, &whole, 1, staged->message_hash.data);
}

static enum kk_err commit_build(struct mls_stage *stage,
    const struct mls_commit_spec *spec, struct mls_commit *commit,
    struct mls_path *path, struct mls_path_secrets *secrets,
    struct kk_bytes *nodes)
{
	bool wants_path = !spec->omit_path ||
	    mls_items_need_path(&stage->staged->items);
	enum kk_err err;

	if (wants_path)
		err = mls_stage_path(stage, path, secrets, commit, nodes);
	else
		err = mls_stage_context(stage);
	if (!err)
		err = mls_tree_check_members(stage->next->tree,
		    stage->applied.extensions);
	return err;
}

static enum kk_err commit_make(struct mls_stage *stage,
    const struct mls_group *group, const struct mls_commit_spec *spec,
    struct mls_commit *commit, struct mls_commit_out *out)
{
	struct mls_content content = {
		.group_id = group->now->context.group_id,
		.epoch = group->now->context.epoch,
		.sender = { MLS_SENDER_MEMBER, group->now->own_leaf },
		.authenticated_data = spec->authenticated_data,
		.type = MLS_CONTENT_COMMIT,
	};
	struct mls_path_secrets secrets = { 0 };
	struct kk_bytes nodes = { 0 };
	struct mls_path path = { 0 };
	enum kk_err err;

	err = commit_build(stage, spec, commit, &path, &secrets, &nodes);
	content.commit = *commit;
	if (!err)
		err = mls_commit_send(stage,
		    spec->wire == MLS_WIRE_PUBLIC ? MLS_PUBLIC_MESSAGE :
						    MLS_PRIVATE_MESSAGE,
		    &content, &out->commit);
	if (!err && stage->applied.added_count > 0)
		err = mls_welcome_make(stage, &path, &secrets, spec->tree_apart,
		    &out->welcome);
	kk_bytes_clear(&nodes);
	kk_wipe(&secrets, sizeof(secrets));
	return err;
}

enum kk_err mls_group_commit(struct mls_group *group,
    const struct mls_commit_spec *spec, int64_t now_s,
    struct mls_commit_out *out, struct mls_staged **stagedp)
{
	struct mls_sender us = { MLS_SENDER_MEMBER, group->now->own_leaf };
	struct mls_stage stage = { 0 };
	struct kk_bytes proposals = { 0 };
	struct mls_commit commit;
	enum kk_err err;

	*out = (struct mls_commit_out){ 0 };
	if (!mls_group_is_active(group))
		return KK_ESTATE;
	err = proposals_write(group, spec, &proposals);
	if (!err)
		err = proposals_parse(kk_bytes_view(&proposals), &commit);
	if (!err)
		err = mls_stage_begin(&stage, group->client, group, group->now,
		    &commit, us, true, now_s);
	if (!err)
		err = commit_make(&stage, group, spec, &commit, out);
	if (!err)
		err = mls_stage_take(&stage, stagedp);
	if (err)
		mls_commit_out_clear(out);
	mls_stage_clear(&stage);
	kk_bytes_clear(&proposals);
	return err;
}
