/*
 * mls_state.c - saved states inside a good seal.  Byte 0: what kind it is said
 * to be; bytes that were written by a broken or older program must not harm.
 */
#include "mls_world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void group_try(struct mls_world *w, struct kk_view sealed)
{
	struct mls_group *group = NULL;

	if (mls_group_restore(&group, w->client[0], mls_world_key, sealed))
		return;
	mls_world_use(group);
	mls_group_free(group);
}

static void key_package_try(struct mls_world *w, struct kk_view sealed)
{
	struct mls_key_package *kp = NULL;

	if (!mls_key_package_restore(&kp, w->client[MLS_WORLD_MEMBERS],
		mls_world_key, sealed))
		mls_key_package_free(kp);
}

static void staged_try(struct mls_world *w, struct kk_view sealed)
{
	struct mls_group *group = mls_world_group(w, 0);
	struct mls_staged *staged = NULL;

	if (!mls_staged_restore(&staged, group, mls_world_key, sealed)) {
		(void)mls_staged_epoch(staged);
		if (mls_group_apply(group, staged))
			mls_staged_free(staged);
		else
			mls_world_use(group);
	}
	mls_group_free(group);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct mls_world *w = mls_world_get();
	enum mls_state_kind kind;
	struct kk_bytes sealed = { 0 };
	struct kk_writer plain;

	if (bytes < 1)
		return 0;
	kind = (enum mls_state_kind)(MLS_STATE_GROUP + data[0] % 3);
	kk_writer_init(&plain);
	kk_write_raw(&plain, kk_view_of(data + 1, bytes - 1));
	mls_world_must(!mls_state_seal(&plain, kind, mls_world_key, &sealed));
	if (kind == MLS_STATE_GROUP)
		group_try(w, kk_bytes_view(&sealed));
	else if (kind == MLS_STATE_KEY_PACKAGE)
		key_package_try(w, kk_bytes_view(&sealed));
	else
		staged_try(w, kk_bytes_view(&sealed));
	kk_bytes_clear(&sealed);
	return 0;
}
