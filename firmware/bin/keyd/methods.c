/* methods.c - the request table, and what is asked of keyd itself. */
#include <string.h>

#include "keyd.h"

#define NAME(method) "io.konklave.Keys." method

enum {
	POLICY = CALL_ROLE(KEYD_POLICY),
	HEALTH = CALL_ROLE(KEYD_HEALTH),
	MEDIA = CALL_ROLE(KEYD_MEDIA) | CALL_ROLE(KEYD_MIX),
	NEW = CALL_STATE(KEYD_NONE),
	OUTSIDE = CALL_STATE(KEYD_WAITING) | CALL_STATE(KEYD_REJOIN),
	INSIDE = CALL_STATE(KEYD_JOINED),
	KNOWN = OUTSIDE | INSIDE | CALL_STATE(KEYD_ENDED),
	SMALL = 1024, /* ids, numbers, a secret */
	/* base64 of the longest message, and of what stands beside it */
	LARGE = MEETING_MESSAGE_MAX_BYTES / 3 * 4 + 4096,
	MEDIUM = KEYD_DATA_MAX_BYTES / 3 * 4 + 4096
};

/* Why a chain that was given proves nothing now. */
static enum kk_err trouble_put(struct keyd *k, const struct keyd_identity *who,
    sd_json_variant **out)
{
	enum kk_err err = KK_OK;

	if (who->chain.bytes > 0)
		err = keyd_identity_check(k, who);
	if (!err || err == KK_ENOMEM)
		return err;
	return call_put_text(out, "trouble",
	    strrchr(call_err_id(err), '.') + 1);
}

static enum kk_err identity(void *arg, struct call_request *rq)
{
	struct keyd *k = arg;
	const struct keyd_identity *who;
	struct keyd_member m = { .is_verified = false };
	struct crypto_checks *unused = NULL;
	struct mls_leaf_fields leaf = { .credential = {
					    .type = MLS_CREDENTIAL_BASIC } };
	uint64_t suite = k->who[0].suite->id;
	enum kk_err err = call_get_u64(rq->in, "suite", UINT16_MAX, &suite);

	if (err == KK_ENOENT)
		suite = k->who[0].suite->id;
	else if (err)
		return err;
	who = keyd_identity_get(k, suite);
	if (!who)
		return KK_EUNSUP;
	leaf.signature_key = crypto_key_public(who->key);
	leaf.credential.identity = kk_view_text(k->options.name);
	if (who->is_verified) {
		leaf.credential.type = MLS_CREDENTIAL_X509;
		leaf.credential.certs = kk_bytes_view(&who->chain);
	}
	err = crypto_checks_new(&unused);
	if (!err)
		err = keyd_member_look(k, &leaf, unused, &m);
	if (err && err != KK_ENOMEM && who->is_verified) {
		/* A chain that has run out since proves nothing any more. */
		leaf.credential.type = MLS_CREDENTIAL_BASIC;
		err = keyd_member_look(k, &leaf, unused, &m);
	}
	crypto_checks_free(unused);
	if (!err)
		err = call_put_text(&rq->out, "name", m.name);
	if (!err)
		err = call_put_bool(&rq->out, "verified", m.is_verified);
	if (!err)
		err = call_put_text(&rq->out, "fingerprint", m.fingerprint);
	if (!err)
		err = call_put_bytes(&rq->out, "publicKey", leaf.signature_key);
	if (!err)
		err = call_put_u64(&rq->out, "suite", suite);
	return err ? err : trouble_put(k, who, &rq->out);
}

static enum kk_err status(void *arg, struct call_request *rq)
{
	static const char *const names[CALL_VERDICT_COUNT] = { "allowed",
		"notAllowed", "tooLarge", "tooOften", "notNow" };
	struct keyd *k = arg;
	enum kk_err err = KK_OK;

	for (int v = 0; !err && v < CALL_VERDICT_COUNT; v++)
		err = call_put_u64(&rq->out, names[v],
		    call_server_count(k->server, (enum call_verdict)v));
	if (!err)
		err = call_put_u64(&rq->out, "strangers",
		    call_server_strangers(k->server));
	if (!err)
		err = call_put_u64(&rq->out, "meetings", k->meeting_count);
	return err;
}

/* Which role may make which call, in which phase of its meeting, how often.
 * There is no row for the forwarder, and none that gives roomd a key. */
static const struct call_rule rules[] = {
	{ NAME("Identity"), POLICY, CALL_ANY_STATE, 10, 0, SMALL },
	{ NAME("Status"), POLICY | HEALTH, CALL_ANY_STATE, 100, 0, SMALL },
	{ NAME("CreateMeeting"), POLICY, NEW, 5, 0, MEDIUM },
	{ NAME("OpenMeeting"), POLICY, NEW, 5, 0, SMALL },
	{ NAME("NewKeyPackage"), POLICY, OUTSIDE, 10, 0, SMALL },
	{ NAME("JoinByWelcome"), POLICY, OUTSIDE, 10, 0, LARGE },
	{ NAME("JoinExternal"), POLICY, OUTSIDE, 10, 0, LARGE },
	{ NAME("Commit"), POLICY, INSIDE, 20, 0, LARGE },
	{ NAME("Process"), POLICY, INSIDE, 200, 0, LARGE },
	{ NAME("Apply"), POLICY, INSIDE | OUTSIDE, 50, 0, SMALL },
	{ NAME("Drop"), POLICY, INSIDE | OUTSIDE, 50, 0, SMALL },
	{ NAME("Protect"), POLICY, INSIDE, 100, 0, MEDIUM },
	{ NAME("Roster"), POLICY, INSIDE, 50, 0, SMALL },
	{ NAME("SecurityCode"), POLICY, INSIDE, 50, 0, SMALL },
	{ NAME("GroupInfo"), POLICY, INSIDE, 20, 0, SMALL },
	{ NAME("Leave"), POLICY, INSIDE, 5, 0, SMALL },
	{ NAME("Forget"), POLICY, KNOWN, 10, 0, SMALL },
	{ NAME("EpochKeys"), MEDIA, CALL_ANY_STATE, 5, 0, SMALL },
};

static call_handler *const handlers[] = {
	identity,
	status,
	keyd_create_meeting,
	keyd_open_meeting,
	keyd_new_key_package,
	keyd_join_by_welcome,
	keyd_join_external,
	keyd_commit,
	keyd_process,
	keyd_apply,
	keyd_drop,
	keyd_protect,
	keyd_roster,
	keyd_security_code,
	keyd_group_info,
	keyd_leave,
	keyd_forget,
	keyd_epochs_watch,
};

_Static_assert(KK_ARRAY_LEN(rules) == KK_ARRAY_LEN(handlers),
    "each rule has its handler");

_Static_assert((int)PROGRAM_UIDS_MAX <= (int)CALL_LISTEN_UIDS_MAX,
    "whoever is named may be let in");

static enum kk_err role_listen(struct keyd *k, unsigned role)
{
	const struct program_role *r = &k->options.roles[role];
	const struct call_listen listen = { .role = role,
		.path = r->path,
		.fd = r->fd,
		.uids = r->uids,
		.uid_count = r->uid_count };

	if (!listen.path && listen.fd < 0)
		return KK_OK;
	return call_server_listen(k->server, &listen);
}

enum kk_err keyd_methods_start(struct keyd *k)
{
	const struct call_service service = {
		.interface = &keyd_interface,
		.rules = rules,
		.handlers = handlers,
		.rule_count = KK_ARRAY_LEN(rules),
		.arg = k,
		.state = keyd_state,
		.gone = keyd_epochs_gone,
		.log = &k->log,
	};
	enum kk_err err = call_server_new(&k->server, k->event, &service);

	for (unsigned role = 0; !err && role < KEYD_ROLES; role++)
		err = role_listen(k, role);
	return err;
}
