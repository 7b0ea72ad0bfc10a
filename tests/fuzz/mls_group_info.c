/*
 * mls_group_info.c - joining by a GroupInfo message.  Byte 0: bit 0 names the
 * tree that it carries, bit 1 signs it as its signer would; bits 2 to 4 a leaf
 * to be replaced.
 */
#include "mls_world.h"

enum { IS_NAMED_HERE = 1, IS_SIGNED_HERE = 2 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void tree_name(struct mls_group_info *info,
    const struct crypto_suite *suite, struct mls_secret *hash)
{
	struct mls_tree *tree = NULL;
	struct kk_view raw;

	if (!mls_ext_find(info->extensions, MLS_EXT_RATCHET_TREE, &raw) ||
	    mls_tree_read(&tree, suite, 16, raw))
		return;
	if (!mls_tree_root_hash(tree, hash->data))
		info->context.tree_hash = mls_secret_view(suite, hash);
	mls_tree_free(tree);
}

static void info_sign(struct mls_world *w, struct mls_group_info *info,
    struct kk_bytes *signature)
{
	struct kk_writer tbs;

	kk_writer_init(&tbs);
	mls_group_info_write_unsigned(&tbs, info);
	mls_world_must(!tbs.err &&
	    !crypto_sign_with_label(w->signer[info->signer % MLS_WORLD_MEMBERS],
		"GroupInfoTBS", kk_writer_view(&tbs), signature));
	info->signature = kk_bytes_view(signature);
	kk_writer_clear(&tbs);
}

static void enter(struct mls_world *w, struct kk_view message, int64_t replaces)
{
	struct mls_staged *staged = NULL;
	struct mls_group *group = NULL;
	struct kk_bytes commit = { 0 };

	if (mls_group_join_external(&staged, &commit,
		w->client[MLS_WORLD_MEMBERS], message, (struct kk_view){ 0 },
		replaces, NULL, 0, MLS_WORLD_NOW_S)) {
		mls_world_must(commit.bytes == 0);
		return;
	}
	kk_bytes_clear(&commit);
	if (crypto_checks_run(mls_staged_checks(staged)) ||
	    mls_staged_take_group(staged, &group)) {
		mls_staged_free(staged);
		return;
	}
	mls_world_use(group);
	mls_group_free(group);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct mls_world *w = mls_world_get();
	struct kk_bytes signature = { 0 };
	int64_t replaces = MLS_NO_LEAF;
	struct mls_secret hash;
	struct mls_message m;
	struct kk_writer out;

	if (bytes < 1)
		return 0;
	if (data[0] >> 2 & 7)
		replaces = (data[0] >> 2 & 7) - 1;
	if (mls_message_parse(&m, kk_view_of(data + 1, bytes - 1)) ||
	    m.wire_format != MLS_GROUP_INFO) {
		enter(w, kk_view_of(data + 1, bytes - 1), replaces);
		return 0;
	}
	if (data[0] & IS_NAMED_HERE)
		tree_name(&m.group_info, w->client[0]->config.suite, &hash);
	if (data[0] & IS_SIGNED_HERE)
		info_sign(w, &m.group_info, &signature);
	kk_writer_init(&out);
	mls_message_write(&out, &m);
	enter(w, kk_writer_view(&out), replaces);
	kk_writer_clear(&out);
	kk_bytes_clear(&signature);
	return 0;
}
