/*
 * passive.c - passive-client-*: joins by the welcome and follows the commits
 * of others, with the private keys that the file has.
 */
#include "kinds.h"

#include <string.h>

#include "mls/mls.h"

/* Resumption PSKs of a file may be of any epoch before. */
enum { EPOCHS_KEPT = 4096 };

struct passive {
	struct vec *v;
	const struct json *psks; /* external_psks */
	struct crypto_key *signer;
	struct mls_client *client;
	struct mls_group *group;
};

/* The hook: an external PSK of the file. */
static enum kk_err psk_get(void *arg, const struct mls_psk_id *id,
    struct kk_bytes *secret)
{
	const struct passive *p = arg;

	if (id->type != MLS_PSK_EXTERNAL)
		return KK_ENOENT;
	for (size_t i = 0; i < json_len(p->psks); i++) {
		const struct json *c = json_at(p->psks, i);
		struct kk_bytes name;
		bool is_it;

		if (json_get_hex(c, "psk_id", &name))
			return KK_EFORMAT;
		is_it = kk_view_equal(kk_bytes_view(&name), id->id);
		kk_bytes_clear(&name);
		if (is_it)
			return json_get_hex(c, "psk", secret);
	}
	return KK_ENOENT;
}

/* A client like the one that made the key package. */
static bool client_make(struct passive *p,
    const struct mls_key_package_fields *kp)
{
	const struct mls_client_config config = {
		.suite = p->v->suite,
		.credential = kp->leaf.credential,
		.signer = p->signer,
		.extensions = kp->leaf.capabilities.extensions,
		.proposals = kp->leaf.capabilities.proposals,
		.leaf_extensions = kp->leaf.extensions,
		.limits = {
			.members = MLS_LEAVES_MAX,
			.resumption = EPOCHS_KEPT,
		},
		.hooks = { .arg = p, .psk = psk_get },
	};

	return vec_ok(p->v, mls_client_new(&p->client, &config), "client");
}

/* Joins when every signature holds; p->group is set then. */
static void staged_join(struct passive *p, struct mls_staged *staged)
{
	enum kk_err err = crypto_checks_run(mls_staged_checks(staged));

	if (!err)
		err = mls_staged_take_group(staged, &p->group);
	if (err)
		mls_staged_free(staged);
	(void)vec_ok(p->v, err, "join");
}

static void join(struct passive *p, const struct json *c,
    struct kk_view key_package)
{
	const struct kk_view init = vec_hex(p->v, c, "init_priv");
	const struct kk_view leaf = vec_hex(p->v, c, "encryption_priv");
	const struct kk_view welcome = vec_hex(p->v, c, "welcome");
	struct kk_view tree = { 0 };
	struct mls_key_package *kp;
	struct mls_staged *staged;

	if (!json_is_null(json_get(c, "ratchet_tree")))
		tree = vec_hex(p->v, c, "ratchet_tree");
	if (vec_failed(p->v) ||
	    !vec_ok(p->v,
		mls_key_package_import(&kp, p->client, key_package, init, leaf),
		"key_package"))
		return;
	if (vec_ok(p->v,
		mls_group_join(&staged, p->client, kp, welcome, tree, 0),
		"welcome"))
		staged_join(p, staged);
	mls_key_package_free(kp);
}

static void authenticator_check(struct passive *p, const struct json *c,
    const char *key)
{
	struct kk_bytes got;

	if (vec_ok(p->v, mls_group_authenticator(p->group, &got), key))
		(void)vec_expect(p->v, c, key, vec_hold_bytes(p->v, got));
}

static void proposal_take(struct passive *p, struct kk_view message)
{
	struct mls_event event = { 0 };

	if (vec_failed(p->v) ||
	    !vec_ok(p->v, mls_group_process(p->group, message, 0, &event),
		"proposal"))
		return;
	(void)vec_true(p->v, event.type == MLS_EVENT_PROPOSAL, "a proposal");
	mls_event_clear(&event);
}

static void commit_take(struct passive *p, struct kk_view message)
{
	struct mls_event event = { 0 };

	if (vec_failed(p->v) ||
	    !vec_ok(p->v, mls_group_process(p->group, message, 0, &event),
		"commit"))
		return;
	if (vec_true(p->v, event.type == MLS_EVENT_COMMIT, "a commit") &&
	    vec_ok(p->v, crypto_checks_run(mls_staged_checks(event.staged)),
		"commit's signatures") &&
	    vec_ok(p->v, mls_group_apply(p->group, event.staged), "commit"))
		event.staged = NULL; /* the group's */
	mls_event_clear(&event);
}

static void epoch_run(struct passive *p, const struct json *c)
{
	const struct json *proposals = vec_array(p->v, c, "proposals");

	for (size_t i = 0; i < json_len(proposals) && !vec_failed(p->v); i++)
		proposal_take(p,
		    vec_hex_of(p->v, json_at(proposals, i), "proposals"));
	commit_take(p, vec_hex(p->v, c, "commit"));
	if (!vec_failed(p->v))
		authenticator_check(p, c, "epoch_authenticator");
}

static void life(struct passive *p, const struct json *c,
    struct kk_view key_package)
{
	const struct json *epochs = vec_array(p->v, c, "epochs");

	join(p, c, key_package);
	if (!vec_failed(p->v))
		authenticator_check(p, c, "initial_epoch_authenticator");
	for (size_t i = 0; i < json_len(epochs) && !vec_failed(p->v); i++)
		epoch_run(p, json_at(epochs, i));
	mls_group_free(p->group);
}

void vec_run_passive_client(struct vec *v, const struct json *c)
{
	const struct kk_view key_package = vec_hex(v, c, "key_package");
	const struct kk_view signature = vec_hex(v, c, "signature_priv");
	struct passive p = { .v = v, .psks = json_get(c, "external_psks") };
	struct mls_message m;

	if (p.psks) /* early files of the format have none */
		(void)vec_array(v, c, "external_psks");
	if (vec_failed(v) ||
	    !vec_ok(v, mls_message_parse(&m, key_package), "key_package") ||
	    !vec_true(v, m.wire_format == MLS_KEY_PACKAGE, "key_package") ||
	    !vec_ok(v,
		crypto_sig_key_import(&p.signer, v->suite->sig, signature),
		"signature_priv"))
		return;
	if (client_make(&p, &m.key_package))
		life(&p, c, key_package);
	mls_client_free(p.client);
	crypto_key_free(p.signer);
}
