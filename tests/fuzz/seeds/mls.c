/*
 * mls.c - makes the world of the mls/ fuzzers and the seeds that fit to it.
 *
 * Run from the top of the tree, by `make fuzz-seeds-mls`, when a format of
 * saved states changes.  Everything is new each time, so commit all of it.
 */
#define _POSIX_C_SOURCE 200809L /* mkdir */
#include <sys/stat.h>

#include "fuzz/mls_world.h"

enum { JOINER = MLS_WORLD_MEMBERS, PATH_BYTES = 200 };

static const struct kk_view none = { 0 };

static void must(enum kk_err err)
{
	if (!err)
		return;
	(void)fprintf(stderr, "seeds: %s\n", kk_err_text(err));
	exit(1);
}

static void file_write(const char *path, struct kk_view bytes)
{
	FILE *file = fopen(path, "wb");

	size_t written;

	if (!file) {
		perror(path);
		exit(1);
	}
	written = fwrite(bytes.data, 1, bytes.bytes, file);
	if (fclose(file) != 0 || written != bytes.bytes)
		must(KK_EIO);
}

/* A seed, with byte 0 in front where how is not negative. */
static void seed(const char *fuzzer, const char *name, int how,
    struct kk_view bytes)
{
	char path[PATH_BYTES];
	struct kk_writer w;

	(void)snprintf(path, sizeof(path), "tests/fuzz/corpus/%s", fuzzer);
	(void)mkdir(path, 0755); /* may be there */
	(void)snprintf(path, sizeof(path), "tests/fuzz/corpus/%s/%s", fuzzer,
	    name);
	kk_writer_init(&w);
	if (how >= 0)
		kk_write_u8(&w, (uint8_t)how);
	kk_write_raw(&w, bytes);
	must(w.err);
	file_write(path, kk_writer_view(&w));
	kk_writer_clear(&w);
}

static void staged_apply(struct mls_group *group, struct mls_staged *staged)
{
	must(crypto_checks_run(mls_staged_checks(staged)));
	must(mls_group_apply(group, staged));
}

static struct mls_group *joined(const struct mls_client *client,
    const struct mls_key_package *kp, struct kk_view welcome)
{
	struct mls_staged *staged;
	struct mls_group *group;

	must(mls_group_join(&staged, client, kp, welcome, none,
	    MLS_WORLD_NOW_S));
	must(crypto_checks_run(mls_staged_checks(staged)));
	must(mls_staged_take_group(staged, &group));
	return group;
}

static void commit_all(struct mls_group **groups, size_t by)
{
	const struct mls_commit_spec spec = { 0 };
	struct mls_commit_out out;
	struct mls_staged *staged;
	struct mls_event event;

	must(mls_group_commit(groups[by], &spec, MLS_WORLD_NOW_S, &out,
	    &staged));
	staged_apply(groups[by], staged);
	for (size_t i = 0; i < MLS_WORLD_MEMBERS; i++) {
		if (i == by)
			continue;
		must(mls_group_process(groups[i], kk_bytes_view(&out.commit),
		    MLS_WORLD_NOW_S, &event));
		staged_apply(groups[i], event.staged);
		event.staged = NULL;
		mls_event_clear(&event);
	}
	mls_commit_out_clear(&out);
}

/* Three members, each of whom has made a path. */
static void groups_make(struct mls_world *w, struct mls_group **groups)
{
	struct mls_key_package *kp[MLS_WORLD_MEMBERS];
	struct kk_view adds[MLS_WORLD_MEMBERS];
	struct mls_commit_spec spec = { .adds = adds };
	struct mls_commit_out out;
	struct mls_staged *staged;

	must(mls_group_new(&groups[0], w->client[0], kk_view_text("fuzz"), none,
	    MLS_WORLD_NOW_S));
	for (size_t i = 1; i < MLS_WORLD_MEMBERS; i++) {
		must(mls_key_package_new(&kp[i], w->client[i],
		    MLS_WORLD_NOW_S));
		adds[spec.add_count++] = mls_key_package_message(kp[i]);
	}
	must(mls_group_commit(groups[0], &spec, MLS_WORLD_NOW_S, &out,
	    &staged));
	staged_apply(groups[0], staged);
	for (size_t i = 1; i < MLS_WORLD_MEMBERS; i++) {
		groups[i] = joined(w->client[i], kp[i],
		    kk_bytes_view(&out.welcome));
		mls_key_package_free(kp[i]);
	}
	mls_commit_out_clear(&out);
	for (size_t i = MLS_WORLD_MEMBERS; i-- > 0;)
		commit_all(groups, i);
}

static void world_write(struct mls_world *w, struct mls_group **groups)
{
	struct kk_bytes bytes = { 0 };
	struct kk_writer out;

	kk_writer_init(&out);
	for (size_t i = 0; i < MLS_WORLD_CLIENTS; i++) {
		must(crypto_key_export(w->signer[i], &bytes));
		kk_write_vec(&out, kk_bytes_view(&bytes));
		kk_bytes_clear(&bytes);
	}
	for (size_t i = 0; i < MLS_WORLD_MEMBERS; i++) {
		must(mls_group_save(groups[i], mls_world_key, &bytes));
		kk_write_vec(&out, kk_bytes_view(&bytes));
		kk_bytes_clear(&bytes);
	}
	must(mls_key_package_save(w->kp, mls_world_key, &bytes));
	kk_write_vec(&out, kk_bytes_view(&bytes));
	kk_bytes_clear(&bytes);
	must(out.err);
	file_write(MLS_WORLD_FILE, kk_writer_view(&out));
	kk_writer_clear(&out);
}

/* A message as such, as input of a member, and its content to be signed. */
static void message_seeds(const char *name, struct kk_view message)
{
	char longer[PATH_BYTES];
	struct kk_writer body;
	struct mls_message m;

	seed("mls_message", name, -1, message);
	seed("mls_process", name, 0, message);
	must(mls_message_parse(&m, message));
	if (m.wire_format != MLS_PUBLIC_MESSAGE)
		return;
	kk_writer_init(&body);
	if (m.public_message.content.type == MLS_CONTENT_PROPOSAL)
		mls_proposal_write(&body, &m.public_message.content.proposal);
	else
		mls_commit_write(&body, &m.public_message.content.commit);
	for (int how = 1; how <= 5; how++) {
		bool is_proposal = m.public_message.content.type ==
		    MLS_CONTENT_PROPOSAL;
		bool is_joiner = m.public_message.content.sender.type ==
		    MLS_SENDER_NEW_MEMBER_COMMIT;

		if (is_proposal != (how <= 2) || is_joiner != (how == 5))
			continue;
		(void)snprintf(longer, sizeof(longer), "%s-signed-%d", name,
		    how);
		seed("mls_process", longer, how, kk_writer_view(&body));
	}
	kk_writer_clear(&body);
}

static void seed_and_clear(const char *name, struct kk_bytes *message)
{
	message_seeds(name, kk_bytes_view(message));
	kk_bytes_clear(message);
}

static void proposal_seeds(struct mls_world *w, struct mls_group *g,
    enum mls_wire wire)
{
	const char *tag = wire == MLS_WIRE_PUBLIC ? "public" : "private";
	const struct mls_psk_want psk = { .type = MLS_PSK_EXTERNAL,
		.id = kk_view_text("code") };
	const struct mls_reinit reinit = { .group_id = kk_view_text("next"),
		.version = MLS_VERSION_10,
		.suite = MLS_WORLD_SUITE };
	struct kk_bytes m = { 0 };
	char name[PATH_BYTES];

	(void)snprintf(name, sizeof(name), "add-%s", tag);
	must(mls_group_propose_add(g, wire, mls_key_package_message(w->kp),
	    MLS_WORLD_NOW_S, &m));
	seed_and_clear(name, &m);
	(void)snprintf(name, sizeof(name), "update-%s", tag);
	must(mls_group_propose_update(g, wire, &m));
	seed_and_clear(name, &m);
	(void)snprintf(name, sizeof(name), "remove-%s", tag);
	must(mls_group_propose_remove(g, wire, 2, &m));
	seed_and_clear(name, &m);
	(void)snprintf(name, sizeof(name), "psk-%s", tag);
	must(mls_group_propose_psk(g, wire, &psk, &m));
	seed_and_clear(name, &m);
	(void)snprintf(name, sizeof(name), "reinit-%s", tag);
	must(mls_group_propose_reinit(g, wire, &reinit, &m));
	seed_and_clear(name, &m);
	(void)snprintf(name, sizeof(name), "extensions-%s", tag);
	must(mls_group_propose_extensions(g, wire, none, &m));
	seed_and_clear(name, &m);
	mls_group_drop_proposals(g);
}

/* A commit by member 1, whose group stays as it is. */
static void commit_seeds(struct mls_group *g, const char *name,
    const struct mls_commit_spec *spec)
{
	struct mls_commit_out out;
	struct mls_staged *staged;

	must(mls_group_commit(g, spec, MLS_WORLD_NOW_S, &out, &staged));
	message_seeds(name, kk_bytes_view(&out.commit));
	if (out.welcome.bytes > 0) {
		seed("mls_message", "welcome", -1, kk_bytes_view(&out.welcome));
		seed("mls_welcome", name, 0, kk_bytes_view(&out.welcome));
	}
	mls_staged_free(staged);
	mls_commit_out_clear(&out);
}

static void handshake_seeds(struct mls_world *w, struct mls_group *g)
{
	const struct mls_psk_want psk = { .type = MLS_PSK_EXTERNAL,
		.id = kk_view_text("code") };
	const struct kk_view add = mls_key_package_message(w->kp);
	const uint32_t gone = 2;
	struct mls_commit_spec spec = { 0 };
	struct kk_bytes message = { 0 };

	must(mls_group_protect(g, kk_view_text("hello"), kk_view_text("aad"),
	    &message));
	seed_and_clear("application", &message);
	proposal_seeds(w, g, MLS_WIRE_PUBLIC);
	proposal_seeds(w, g, MLS_WIRE_PRIVATE);
	commit_seeds(g, "commit-private", &spec);
	spec.wire = MLS_WIRE_PUBLIC;
	commit_seeds(g, "commit-public", &spec);
	spec.adds = &add;
	spec.add_count = 1;
	spec.psks = &psk;
	spec.psk_count = 1;
	commit_seeds(g, "commit-add", &spec);
	spec.removes = &gone;
	spec.remove_count = 1;
	spec.omit_path = true;
	commit_seeds(g, "commit-remove", &spec);
}

/* The GroupInfo of an epoch that the joiner stands in, and a joiner secret
 * that does not belong to it: the tag is the last thing to be checked. */
static void sealed_welcome_seed(struct mls_group *g, const char *name, int how,
    bool has_path)
{
	static const uint8_t secret[32] = { 5 };
	struct mls_group_secrets s = { .joiner_secret = { secret, 32 },
		.has_path_secret = has_path,
		.path_secret = { secret, 32 } };
	struct kk_bytes info = { 0 };
	struct kk_writer inner, w;

	must(mls_group_info_message(g, false, true, &info));
	kk_writer_init(&inner);
	kk_writer_init(&w);
	mls_group_secrets_write(&inner, &s);
	kk_write_vec(&w, kk_writer_view(&inner));
	kk_write_vec(&w, kk_view_of(info.data + 4, info.bytes - 4));
	seed("mls_welcome", name, how, kk_writer_view(&w));
	kk_writer_clear(&inner);
	kk_writer_clear(&w);
	kk_bytes_clear(&info);
}

static void outside_seeds(struct mls_world *w, struct mls_group *g)
{
	struct kk_bytes info = { 0 }, tree = { 0 }, commit = { 0 };
	struct mls_staged *staged;

	must(mls_group_tree(g, &tree));
	seed("mls_tree", "three", 1, kk_bytes_view(&tree));
	must(mls_group_info_message(g, true, true, &info));
	seed("mls_message", "group-info", -1, kk_bytes_view(&info));
	seed("mls_group_info", "raw", 0, kk_bytes_view(&info));
	seed("mls_group_info", "signed", 3, kk_bytes_view(&info));
	seed("mls_group_info", "replaces", 3 + 4 * 2, kk_bytes_view(&info));
	must(mls_group_join_external(&staged, &commit, w->client[JOINER],
	    kk_bytes_view(&info), none, MLS_NO_LEAF, NULL, 0, MLS_WORLD_NOW_S));
	message_seeds("external", kk_bytes_view(&commit));
	kk_bytes_clear(&commit);
	mls_staged_free(staged);
	must(mls_group_join_external(&staged, &commit, w->client[JOINER],
	    kk_bytes_view(&info), none, 2, NULL, 0, MLS_WORLD_NOW_S));
	message_seeds("external-replaces", kk_bytes_view(&commit));
	kk_bytes_clear(&commit);
	mls_staged_free(staged);
	kk_bytes_clear(&tree);
	must(mls_propose_self(w->client[JOINER], w->kp, kk_view_text("fuzz"),
	    mls_group_epoch(g), &tree));
	message_seeds("asks", kk_bytes_view(&tree));
	kk_bytes_clear(&tree);
	kk_bytes_clear(&info);
	seed("mls_message", "key-package", -1, mls_key_package_message(w->kp));
}

static void state_seeds(struct mls_world *w, struct mls_group *g)
{
	const struct mls_commit_spec spec = { 0 };
	struct kk_bytes message = { 0 }, plain = { 0 };
	struct mls_commit_out out;
	struct mls_staged *staged;
	struct kk_writer state;

	must(mls_group_propose_update(g, MLS_WIRE_PRIVATE, &message));
	kk_bytes_clear(&message);
	kk_writer_init(&state);
	mls_group_write(&state, g);
	seed("mls_state", "group", 0, kk_writer_view(&state));
	kk_writer_clear(&state);
	must(mls_key_package_save(w->kp, mls_world_key, &message));
	must(mls_state_open(kk_bytes_view(&message), MLS_STATE_KEY_PACKAGE,
	    mls_world_key, &plain));
	seed("mls_state", "key-package", 1, kk_bytes_view(&plain));
	kk_bytes_clear(&message);
	kk_bytes_clear(&plain);
	must(mls_group_commit(g, &spec, MLS_WORLD_NOW_S, &out, &staged));
	must(crypto_checks_run(mls_staged_checks(staged)));
	must(mls_staged_save(staged, mls_world_key, &message));
	must(mls_state_open(kk_bytes_view(&message), MLS_STATE_STAGED,
	    mls_world_key, &plain));
	seed("mls_state", "staged", 2, kk_bytes_view(&plain));
	kk_bytes_clear(&message);
	kk_bytes_clear(&plain);
	mls_staged_free(staged);
	mls_commit_out_clear(&out);
}

/* With the joiner inside: trees of four, welcomes that fit. */
static void later_seeds(struct mls_world *w, struct mls_group *g)
{
	const struct kk_view add = mls_key_package_message(w->kp);
	const struct mls_commit_spec spec = { .adds = &add, .add_count = 1 };
	struct kk_bytes tree = { 0 };
	struct mls_commit_out out;
	struct mls_staged *staged;

	must(mls_group_commit(g, &spec, MLS_WORLD_NOW_S, &out, &staged));
	staged_apply(g, staged);
	mls_commit_out_clear(&out);
	must(mls_group_tree(g, &tree));
	seed("mls_tree", "four", 2, kk_bytes_view(&tree));
	kk_bytes_clear(&tree);
	sealed_welcome_seed(g, "sealed", 1, true);
	sealed_welcome_seed(g, "sealed-signed", 3, false);
}

int main(void)
{
	struct mls_group *groups[MLS_WORLD_MEMBERS];
	struct mls_world w = { 0 };

	must(crypto_init());
	for (size_t i = 0; i < MLS_WORLD_CLIENTS; i++) {
		must(crypto_sig_key_generate(&w.signer[i],
		    crypto_suite_get(MLS_WORLD_SUITE)->sig));
		mls_world_client(&w, i);
	}
	must(mls_key_package_new(&w.kp, w.client[JOINER], MLS_WORLD_NOW_S));
	groups_make(&w, groups);
	world_write(&w, groups);
	handshake_seeds(&w, groups[1]);
	outside_seeds(&w, groups[1]);
	state_seeds(&w, groups[0]);
	later_seeds(&w, groups[1]);
	for (size_t i = 0; i < MLS_WORLD_MEMBERS; i++)
		mls_group_free(groups[i]);
	for (size_t i = 0; i < MLS_WORLD_CLIENTS; i++) {
		mls_client_free(w.client[i]);
		crypto_key_free(w.signer[i]);
	}
	mls_key_package_free(w.kp);
	return 0;
}
