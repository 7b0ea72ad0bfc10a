/* group.c - a group of two, whose keys are for one call and nothing else. */
#include "mls/mls.h"
#include "sframe/sframe.h"
#include "trial.h"

enum { SUITE_P384 = 7, GROUP_ID_BYTES = 16 };

struct member {
	struct crypto_key *signer;
	struct mls_client *client;
	struct mls_group *group;
};

/* 0: lifetimes are not checked, since no clock is right yet. */
static const int64_t no_clock = 0;

static enum kk_err member_make(struct member *m, const char *name)
{
	struct mls_client_config config = { .suite = crypto_suite_get(
						SUITE_P384),
		.credential = { .type = MLS_CREDENTIAL_BASIC,
		    .identity = kk_view_text(name) } };
	enum kk_err err;

	if (!config.suite)
		return KK_EUNSUP;
	err = crypto_sig_key_generate(&m->signer, config.suite->sig);
	config.signer = m->signer;
	return err ? err : mls_client_new(&m->client, &config);
}

static void member_clear(struct member *m)
{
	mls_group_free(m->group);
	mls_client_free(m->client);
	crypto_key_free(m->signer);
}

static enum kk_err first_begin(struct member *first)
{
	uint8_t id[GROUP_ID_BYTES];
	enum kk_err err = crypto_random(id, sizeof(id));

	return err ?
	    err :
	    mls_group_new(&first->group, first->client,
		kk_view_of(id, sizeof(id)), (struct kk_view){ 0 }, no_clock);
}

/* The first one's commit, which it applies at once: nobody else may commit. */
static enum kk_err second_add(struct member *first, struct kk_view offer,
    struct mls_commit_out *out)
{
	const struct mls_commit_spec spec = { .adds = &offer, .add_count = 1 };
	struct mls_staged *staged = NULL;
	enum kk_err err = mls_group_commit(first->group, &spec, no_clock, out,
	    &staged);

	if (err)
		return err;
	err = crypto_checks_run(mls_staged_checks(staged));
	if (!err)
		err = mls_group_apply(first->group, staged);
	if (err)
		mls_staged_free(staged);
	return err;
}

static enum kk_err second_join(struct member *second,
    const struct mls_key_package *kp, struct kk_view welcome)
{
	struct mls_staged *staged = NULL;
	enum kk_err err = mls_group_join(&staged, second->client, kp, welcome,
	    (struct kk_view){ 0 }, no_clock);

	if (err)
		return err;
	err = crypto_checks_run(mls_staged_checks(staged));
	if (!err)
		err = mls_staged_take_group(staged, &second->group);
	if (err)
		mls_staged_free(staged);
	return err;
}

static enum kk_err both_join(struct member m[TRIAL_ENDS])
{
	struct mls_key_package *kp = NULL;
	struct mls_commit_out out = { 0 };
	enum kk_err err = member_make(&m[0], "first");

	if (!err)
		err = member_make(&m[1], "second");
	if (!err)
		err = first_begin(&m[0]);
	if (!err)
		err = mls_key_package_new(&kp, m[1].client, no_clock);
	if (!err)
		err = second_add(&m[0], mls_key_package_message(kp), &out);
	if (!err)
		err = second_join(&m[1], kp, kk_bytes_view(&out.welcome));
	mls_commit_out_clear(&out);
	mls_key_package_free(kp);
	return err;
}

enum kk_err trial_group_make(struct trial_group *group)
{
	struct member m[TRIAL_ENDS] = { 0 };
	enum kk_err err = both_join(m);

	for (int i = 0; !err && i < TRIAL_ENDS; i++) {
		group->leaves[i] = mls_group_own_leaf(m[i].group);
		err = mls_group_export(m[i].group, SFRAME_EXPORTER_LABEL,
		    (struct kk_view){ 0 }, group->keys[i], TRIAL_KEY_BYTES);
	}
	if (!err)
		group->epoch = mls_group_epoch(m[0].group);
	for (int i = 0; i < TRIAL_ENDS; i++)
		member_clear(&m[i]);
	return err;
}
