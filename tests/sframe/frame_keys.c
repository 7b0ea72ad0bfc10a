/* frame_keys.c - the way from a commit to new frame keys, as
 * docs/architecture.md tells it: MLS below, SFrame above, nothing else between.
 */
#include <string.h>

#include "harness/tap.h"
#include "mls/mls.h"
#include "sframe/sframe.h"

enum {
	MEMBERS = 3,
	SUITE = 7,
	FRAME_BYTES = 300,
	SEALED_BYTES = FRAME_BYTES + SFRAME_OVERHEAD_BYTES
};

struct member {
	struct crypto_key *signer;
	struct mls_client *client;
	struct mls_group *group;
	struct sframe_rx *rx;
};

static void member_init(struct member *m, const char *name)
{
	struct mls_client_config config = {
		.suite = crypto_suite_get(SUITE),
		.credential = { .type = MLS_CREDENTIAL_BASIC,
		    .identity = kk_view_text(name) },
	};

	CHECK_OK(crypto_sig_key_generate(&m->signer, config.suite->sig));
	config.signer = m->signer;
	CHECK_OK(mls_client_new(&m->client, &config));
	CHECK_OK(sframe_rx_new(&m->rx, SFRAME_AES_256_GCM_SHA512_128));
}

static void member_clear(struct member *m)
{
	sframe_rx_free(m->rx);
	mls_group_free(m->group);
	mls_client_free(m->client);
	crypto_key_free(m->signer);
}

static size_t base_key(const struct member *m, uint8_t *key)
{
	size_t n = sframe_base_key_bytes(SFRAME_AES_256_GCM_SHA512_128);

	CHECK_OK(mls_group_export(m->group, SFRAME_EXPORTER_LABEL,
	    (struct kk_view){ 0 }, key, n));
	return n;
}

/* What a member does with its receiver when it enters an epoch. */
static void frame_keys_take(struct member *m)
{
	uint8_t key[SFRAME_BASE_KEY_MAX_BYTES];
	uint8_t members[1] = { 0 };
	size_t n = base_key(m, key);

	for (uint32_t i = 0; i < mls_group_leaf_end(m->group); i++) {
		if (mls_group_member(m->group, i))
			members[0] |= (uint8_t)(1 << i);
	}
	CHECK_OK(sframe_rx_epoch_add(m->rx, mls_group_epoch(m->group),
	    kk_view_of(key, n), kk_view_of(members, sizeof(members))));
}

static void commit_apply(struct member *m, struct mls_staged *staged)
{
	CHECK_OK(crypto_checks_run(mls_staged_checks(staged)));
	CHECK_OK(mls_group_apply(m->group, staged));
}

/* members[0] makes a group with the others. */
static void meeting_start(struct member *members)
{
	struct mls_key_package *kps[MEMBERS] = { NULL };
	struct kk_view adds[MEMBERS - 1];
	struct mls_commit_spec spec = { .adds = adds,
		.add_count = MEMBERS - 1 };
	struct mls_commit_out out;
	struct mls_staged *staged;

	for (int i = 1; i < MEMBERS; i++) {
		CHECK_OK(mls_key_package_new(&kps[i], members[i].client, 0));
		adds[i - 1] = mls_key_package_message(kps[i]);
	}
	CHECK_OK(mls_group_new(&members[0].group, members[0].client,
	    kk_view_text("meeting"), (struct kk_view){ 0 }, 0));
	CHECK_OK(mls_group_commit(members[0].group, &spec, 0, &out, &staged));
	commit_apply(&members[0], staged);
	for (int i = 1; i < MEMBERS; i++) {
		CHECK_OK(mls_group_join(&staged, members[i].client, kps[i],
		    kk_bytes_view(&out.welcome), (struct kk_view){ 0 }, 0));
		CHECK_OK(crypto_checks_run(mls_staged_checks(staged)));
		CHECK_OK(mls_staged_take_group(staged, &members[i].group));
		mls_key_package_free(kps[i]);
	}
	mls_commit_out_clear(&out);
}

/* The first frame of a stream of the member's, in its present epoch. */
static size_t frame_seal(const struct member *m, uint8_t *sealed)
{
	static const uint8_t frame[FRAME_BYTES] = { 0x5a };
	uint8_t key[SFRAME_BASE_KEY_MAX_BYTES];
	size_t n = base_key(m, key), sealed_bytes = SEALED_BYTES;
	struct sframe_epoch *epoch;
	struct sframe_tx *tx;

	CHECK_OK(sframe_epoch_new(&epoch, SFRAME_AES_256_GCM_SHA512_128,
	    mls_group_epoch(m->group), mls_group_own_leaf(m->group),
	    kk_view_of(key, n)));
	CHECK_OK(sframe_epoch_tx_take(epoch, 0, 0, &tx));
	CHECK_OK(sframe_tx_seal(tx, kk_view_of(frame, sizeof(frame)), 0, sealed,
	    &sealed_bytes));
	sframe_tx_free(tx);
	sframe_epoch_free(epoch);
	return sealed_bytes;
}

static enum kk_err frame_open(struct member *m, const uint8_t *sealed,
    size_t sealed_bytes)
{
	uint8_t frame[SEALED_BYTES];
	size_t bytes = sizeof(frame);

	return sframe_rx_open(m->rx, kk_view_of(sealed, sealed_bytes), 0, frame,
	    &bytes, NULL);
}

TEST(removed_member_opens_no_frame_of_the_next_epoch_and_the_others_do)
{
	struct member m[MEMBERS] = { 0 };
	uint32_t last = MEMBERS - 1;
	struct mls_commit_spec spec = { .removes = &last, .remove_count = 1 };
	uint8_t old_key[SFRAME_BASE_KEY_MAX_BYTES];
	uint8_t sealed[SEALED_BYTES];
	const uint8_t everybody[] = { 0xff };
	struct mls_commit_out out;
	struct mls_staged *staged;
	struct mls_event event;
	size_t bytes, n;

	CHECK_OK(crypto_init());
	for (int i = 0; i < MEMBERS; i++)
		member_init(&m[i], "somebody");
	meeting_start(m);
	for (int i = 0; i < MEMBERS; i++)
		frame_keys_take(&m[i]);
	bytes = frame_seal(&m[0], sealed);
	CHECK_OK(frame_open(&m[1], sealed, bytes));
	CHECK_OK(frame_open(&m[last], sealed, bytes));
	n = base_key(&m[last], old_key);

	CHECK_OK(mls_group_commit(m[0].group, &spec, 0, &out, &staged));
	commit_apply(&m[0], staged);
	CHECK_OK(mls_group_process(m[1].group, kk_bytes_view(&out.commit), 0,
	    &event));
	commit_apply(&m[1], event.staged);
	event.staged = NULL;
	mls_event_clear(&event);
	frame_keys_take(&m[1]);

	bytes = frame_seal(&m[0], sealed);
	CHECK_OK(frame_open(&m[1], sealed, bytes));
	CHECK_ERR(frame_open(&m[last], sealed, bytes), KK_ENOKEY);

	/* It can follow the commit as far as seeing that it is out. */
	CHECK_OK(mls_group_process(m[last].group, kk_bytes_view(&out.commit), 0,
	    &event));
	CHECK(mls_staged_removes_us(event.staged));
	commit_apply(&m[last], event.staged);
	event.staged = NULL;
	mls_event_clear(&event);
	CHECK_ERR(mls_group_export(m[last].group, SFRAME_EXPORTER_LABEL,
		      (struct kk_view){ 0 }, sealed, 32),
	    KK_ESTATE);

	/* Its last base key under the new epoch's number opens nothing. */
	CHECK_OK(sframe_rx_epoch_add(m[last].rx, mls_group_epoch(m[0].group),
	    kk_view_of(old_key, n), kk_view_of(everybody, sizeof(everybody))));
	CHECK_ERR(frame_open(&m[last], sealed, bytes), KK_EAUTH);
	mls_commit_out_clear(&out);
	for (int i = 0; i < MEMBERS; i++)
		member_clear(&m[i]);
}
