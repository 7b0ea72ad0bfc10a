/*
 * mls_world.h - one fixed group for the fuzzers of mls/, from a file.
 *
 * tests/fuzz/seeds/mls.c makes the file and seeds that fit to it: `make
 * fuzz-seeds-mls`.  Its keys protect nothing.  Three members have states, the
 * fourth has a key package.
 */
#pragma once
#include <stdio.h>
#include <stdlib.h>

#include "mls/state.h"

#define MLS_WORLD_FILE "tests/fuzz/seeds/mls.world"

enum {
	MLS_WORLD_MEMBERS = 3,
	MLS_WORLD_CLIENTS = 4,
	MLS_WORLD_SUITE = 2,
	MLS_WORLD_NOW_S = 1800000000
};

static const uint8_t mls_world_key[MLS_STATE_KEY_BYTES] = { 1 };

struct mls_world {
	struct crypto_key *signer[MLS_WORLD_CLIENTS];
	struct mls_client *client[MLS_WORLD_CLIENTS];
	struct kk_bytes state[MLS_WORLD_MEMBERS]; /* sealed */
	struct mls_key_package *kp; /* of the last client */
};

static inline void mls_world_must(bool is_true)
{
	if (!is_true)
		abort();
}

static inline enum kk_err mls_world_psk(void *arg, const struct mls_psk_id *id,
    struct kk_bytes *secret)
{
	(void)arg;
	if (id->type == MLS_PSK_EXTERNAL && id->id.bytes > 8)
		return KK_ENOENT;
	return kk_bytes_copy(secret, kk_view_text("a secret"));
}

static inline void mls_world_client(struct mls_world *w, size_t i)
{
	const struct mls_client_config config = {
		.suite = crypto_suite_get(MLS_WORLD_SUITE),
		.signer = w->signer[i],
		.credential = { .type = MLS_CREDENTIAL_BASIC,
		    .identity = kk_view_text("somebody") },
		.limits = { .members = 16,
		    .message_bytes = 65536,
		    .forward = 20,
		    .proposals = 32 },
		.hooks = { .psk = mls_world_psk },
	};

	mls_world_must(!mls_client_new(&w->client[i], &config));
}

/* Reads the whole file; the world is made once and kept until the end. */
static inline struct kk_bytes mls_world_file(void)
{
	FILE *file = fopen(MLS_WORLD_FILE, "rb");
	struct kk_bytes all = { 0 };
	long end;

	if (!file)
		abort();
	mls_world_must(!fseek(file, 0, SEEK_END));
	end = ftell(file);
	mls_world_must(end > 0 && !fseek(file, 0, SEEK_SET));
	all.bytes = (size_t)end;
	all.data = kk_calloc(1, all.bytes);
	mls_world_must(all.data &&
	    fread(all.data, 1, all.bytes, file) == all.bytes);
	(void)fclose(file);
	return all;
}

static inline void mls_world_read(struct mls_world *w)
{
	struct kk_bytes all = mls_world_file();
	const struct crypto_suite *suite;
	struct kk_reader r;

	mls_world_must(!crypto_init());
	suite = crypto_suite_get(MLS_WORLD_SUITE);
	kk_reader_init(&r, kk_bytes_view(&all));
	for (size_t i = 0; i < MLS_WORLD_CLIENTS; i++) {
		mls_world_must(!crypto_sig_key_import(&w->signer[i], suite->sig,
		    kk_read_vec(&r)));
		mls_world_client(w, i);
	}
	for (size_t i = 0; i < MLS_WORLD_MEMBERS; i++)
		kk_read_vec_copy(&r, &w->state[i]);
	mls_world_must(!mls_key_package_restore(&w->kp,
	    w->client[MLS_WORLD_MEMBERS], mls_world_key, kk_read_vec(&r)));
	mls_world_must(!kk_reader_end(&r));
	kk_bytes_clear(&all);
}

/* The one world of a fuzzer; sanitizers count what it keeps as reachable. */
static inline struct mls_world *mls_world_get(void)
{
	static struct mls_world world;

	if (!world.kp)
		mls_world_read(&world);
	return &world;
}

static inline struct mls_group *mls_world_group(struct mls_world *w, size_t i)
{
	struct mls_group *group = NULL;

	mls_world_must(!mls_group_restore(&group, w->client[i], mls_world_key,
	    kk_bytes_view(&w->state[i])));
	return group;
}

/* What must not move when something is refused. */
static inline void mls_world_same(struct mls_group *group, struct mls_world *w,
    size_t i)
{
	struct mls_group *fresh = mls_world_group(w, i);
	struct kk_bytes a = { 0 }, b = { 0 };

	mls_world_must(mls_group_epoch(group) == mls_group_epoch(fresh));
	mls_world_must(!mls_group_authenticator(group, &a));
	mls_world_must(!mls_group_authenticator(fresh, &b));
	mls_world_must(kk_view_equal(kk_bytes_view(&a), kk_bytes_view(&b)));
	mls_world_must(kk_view_equal(mls_group_tree_hash(group),
	    mls_group_tree_hash(fresh)));
	kk_bytes_clear(&a);
	kk_bytes_clear(&b);
	mls_group_free(fresh);
}

/* A group that somebody came into must be fit for use. */
static inline void mls_world_use(struct mls_group *group)
{
	const struct mls_commit_spec spec = { .wire = MLS_WIRE_PUBLIC };
	struct kk_bytes message = { 0 };
	struct mls_commit_out out = { 0 };
	struct mls_staged *staged = NULL;
	struct kk_writer w;

	(void)mls_group_member_count(group);
	if (!mls_group_protect(group, kk_view_text("x"), (struct kk_view){ 0 },
		&message))
		kk_bytes_clear(&message);
	if (!mls_group_info_message(group, true, true, &message))
		kk_bytes_clear(&message);
	if (!mls_group_commit(group, &spec, MLS_WORLD_NOW_S, &out, &staged)) {
		mls_commit_out_clear(&out);
		mls_staged_free(staged);
	}
	kk_writer_init(&w);
	mls_group_write(&w, group);
	kk_writer_clear(&w);
}
