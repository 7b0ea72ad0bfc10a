/* external.c - entering a group by an external commit (RFC 9420, 12.4.3.2). */
#include "mls/group.h"

struct entering {
	const struct mls_client *client;
	struct mls_epoch *base; /* what the GroupInfo tells */
	struct mls_group_info info;
	struct kk_bytes kem_output;
	struct kk_bytes proposals;
	struct mls_secret init;
};

static void entering_clear(struct entering *e)
{
	mls_epoch_free(e->base);
	kk_bytes_clear(&e->kem_output);
	kk_bytes_clear(&e->proposals);
	kk_wipe(e, sizeof(*e));
}

static enum kk_err info_parse(struct entering *e, struct kk_view in)
{
	struct mls_message m;
	enum kk_err err;

	if (in.bytes > e->client->config.limits.message_bytes)
		return KK_ELIMIT;
	err = mls_message_parse(&m, in);
	if (err)
		return err;
	if (m.wire_format != MLS_GROUP_INFO)
		return KK_EINVAL;
	e->info = m.group_info;
	return KK_OK;
}

/* The epoch we come from, as far as somebody outside can know it. */
static enum kk_err base_make(struct entering *e, struct kk_view tree,
    struct crypto_checks *checks)
{
	enum kk_err err = mls_epoch_new(&e->base, e->client->config.suite);

	if (err)
		return err;
	e->base->own_leaf = MLS_LEAVES_MAX; /* nobody there is us */
	err = mls_group_info_check(e->client, &e->info, e->base, tree, checks);
	if (err)
		return err;
	return mls_schedule_interim_hash(e->base->suite,
	    e->info.context.confirmed_hash, e->info.confirmation_tag,
	    &e->base->interim);
}

static enum kk_err external_init(struct entering *e)
{
	const struct crypto_suite *suite = e->base->suite;
	uint8_t enc[CRYPTO_KEM_PUBLIC_MAX_BYTES];
	struct kk_view data, public;
	struct kk_reader r;
	enum kk_err err;

	if (!mls_ext_find(e->info.extensions, MLS_EXT_EXTERNAL_PUB, &data))
		return KK_ENOENT;
	kk_reader_init(&r, data);
	public = kk_read_vec(&r);
	err = kk_reader_end(&r);
	if (!err)
		err = crypto_hpke_export_send(suite, public,
		    (struct kk_view){ 0 },
		    kk_view_text("MLS 1.0 external init secret"), enc,
		    e->init.data, suite->hash_bytes);
	if (!err)
		err = kk_bytes_copy(&e->kem_output,
		    kk_view_of(enc, suite->kem_public_bytes));
	return err;
}

static enum kk_err proposals_write(struct entering *e, int64_t replaces,
    const struct mls_psk_want *psks, size_t psk_count, size_t *count)
{
	struct kk_writer w;

	kk_writer_init(&w);
	kk_write_u8(&w, 1); /* all by value */
	kk_write_u16(&w, MLS_PROPOSAL_EXTERNAL_INIT);
	kk_write_vec(&w, kk_bytes_view(&e->kem_output));
	*count = 1;
	if (replaces != MLS_NO_LEAF) {
		kk_write_u8(&w, 1);
		kk_write_u16(&w, MLS_PROPOSAL_REMOVE);
		kk_write_u32(&w, (uint32_t)replaces);
		++*count;
	}
	for (size_t i = 0; i < psk_count; i++) {
		kk_write_u8(&w, 1);
		kk_write_u16(&w, MLS_PROPOSAL_PSK);
		mls_psk_want_write(&w, &psks[i], e->base->suite);
		++*count;
	}
	return kk_writer_take(&w, &e->proposals);
}

/* Our leaf into the leftmost free place; the path gives it its real content. */
static enum kk_err place_take(struct mls_stage *stage)
{
	const struct mls_client *client = stage->staged->client;
	struct mls_epoch *next = stage->next;
	struct mls_leaf_fields f;
	struct mls_leaf *leaf;
	struct kk_writer w;
	enum kk_err err;

	if (mls_tree_member_count(next->tree) >= client->config.limits.members)
		return KK_ELIMIT;
	mls_client_leaf(client, &f);
	f.source = MLS_LEAF_UPDATE; /* replaced by the path's leaf */
	kk_writer_init(&w);
	mls_leaf_write(&w, &f);
	err = w.err;
	if (!err)
		err = mls_leaf_new(&leaf, kk_writer_view(&w));
	kk_writer_clear(&w);
	if (err)
		return err;
	err = mls_tree_add(next->tree, leaf, &next->own_leaf);
	if (err)
		mls_leaf_unref(leaf);
	return err;
}

static enum kk_err commit_make(struct entering *e, struct mls_stage *stage,
    struct mls_commit *commit, struct kk_bytes *message)
{
	struct mls_content content = {
		.group_id = e->base->context.group_id,
		.epoch = e->base->context.epoch,
		.sender = { MLS_SENDER_NEW_MEMBER_COMMIT, 0 },
		.type = MLS_CONTENT_COMMIT,
	};
	struct mls_path_secrets secrets = { 0 };
	struct kk_bytes nodes = { 0 };
	struct mls_path path;
	enum kk_err err = place_take(stage);

	if (!err)
		err = mls_stage_path(stage, &path, &secrets, commit, &nodes);
	if (!err)
		err = mls_tree_check_members(stage->next->tree,
		    stage->applied.extensions);
	stage->init = e->init;
	content.commit = *commit;
	if (!err)
		err = mls_commit_send(stage, MLS_PUBLIC_MESSAGE, &content,
		    message);
	kk_bytes_clear(&nodes);
	kk_wipe(&secrets, sizeof(secrets));
	return err;
}

static enum kk_err enter(struct entering *e, struct mls_stage *stage,
    struct crypto_checks *checks, struct mls_commit *commit, int64_t now_s,
    struct kk_bytes *message)
{
	struct mls_sender us = { MLS_SENDER_NEW_MEMBER_COMMIT, 0 };
	enum kk_err err;

	err = mls_stage_begin(stage, e->client, NULL, e->base, commit, us, true,
	    now_s);
	if (!err)
		err = commit_make(e, stage, commit, message);
	if (err)
		return err;
	/* The group info's checks stand before those of the commit, which
	 * has none of others: an external commit adds nobody. */
	stage->staged->is_join = true;
	crypto_checks_free(stage->staged->checks);
	stage->staged->checks = checks;
	return KK_OK;
}

static enum kk_err entering_prepare(struct entering *e,
    struct kk_view group_info, struct kk_view tree,
    struct crypto_checks *checks)
{
	enum kk_err err = info_parse(e, group_info);

	if (!err)
		err = base_make(e, tree, checks);
	if (!err)
		err = external_init(e);
	return err;
}

enum kk_err mls_group_join_external(struct mls_staged **stagedp,
    struct kk_bytes *commit_message, const struct mls_client *client,
    struct kk_view group_info, struct kk_view tree, int64_t replaces,
    const struct mls_psk_want *psks, size_t psk_count, int64_t now_s)
{
	struct entering e = { .client = client };
	struct mls_stage stage = { 0 };
	struct mls_commit commit = { 0 };
	struct crypto_checks *checks;
	enum kk_err err;

	*commit_message = (struct kk_bytes){ 0 };
	err = crypto_checks_new(&checks);
	if (err)
		return err;
	err = entering_prepare(&e, group_info, tree, checks);
	if (!err)
		err = proposals_write(&e, replaces, psks, psk_count,
		    &commit.proposal_count);
	commit.proposals = kk_bytes_view(&e.proposals);
	if (!err)
		err = enter(&e, &stage, checks, &commit, now_s, commit_message);
	if (err)
		crypto_checks_free(checks);
	else
		err = mls_stage_take(&stage, stagedp);
	if (err)
		kk_bytes_clear(commit_message);
	mls_stage_clear(&stage);
	entering_clear(&e);
	return err;
}
