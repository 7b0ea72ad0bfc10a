/* methods.c - the request table, and what is asked of keyd itself. */
#include <string.h>

#include "keyd.h"

#define NAME(method) "io.konklave.Keys." method

enum {
	POLICY = CALL_ROLE(KEYD_POLICY),
	HEALTH = CALL_ROLE(KEYD_HEALTH),
	MEDIA = CALL_ROLE(KEYD_MEDIA) | CALL_ROLE(KEYD_MIX),
	SETUP = CALL_ROLE(KEYD_SETUP),
	NEW = CALL_STATE(KEYD_NONE),
	OUTSIDE = CALL_STATE(KEYD_WAITING) | CALL_STATE(KEYD_REJOIN),
	INSIDE = CALL_STATE(KEYD_JOINED),
	KNOWN = OUTSIDE | INSIDE | CALL_STATE(KEYD_ENDED),
	CHAIN = KEYD_CHAIN_MAX_BYTES + 1024,
	SMALL = 1024, /* ids, numbers, a secret */
	/* base64 of the longest message, and of what stands beside it */
	LARGE = MEETING_MESSAGE_MAX_BYTES / 3 * 4 + 4096,
	MEDIUM = KEYD_DATA_MAX_BYTES / 3 * 4 + 4096
};

enum kk_err keyd_put_trouble(struct keyd *k, const struct keyd_identity *who,
    sd_json_variant **out)
{
	enum kk_err err = KK_OK;

	if (who->chain.bytes > 0)
		err = keyd_identity_check(k, who, NULL);
	if (!err || err == KK_ENOMEM)
		return err;
	return call_put_text(out, "trouble",
	    strrchr(call_err_id(err), '.') + 1);
}

enum kk_err keyd_get_identity(struct keyd *k, sd_json_variant *in,
    struct keyd_identity **whop)
{
	uint64_t suite = k->who[0].suite->id;
	enum kk_err err = call_get_u64(in, "suite", UINT16_MAX, &suite);

	if (err == KK_ENOENT)
		suite = k->who[0].suite->id;
	else if (err)
		return err;
	*whop = keyd_identity_get(k, suite);
	return *whop ? KK_OK : KK_EUNSUP;
}

static enum kk_err identity(void *arg, struct call_request *rq)
{
	struct keyd *k = arg;
	struct keyd_identity *who = NULL;
	struct keyd_member m = { .is_verified = false };
	enum kk_err err = keyd_get_identity(k, rq->in, &who);

	if (!err)
		err = keyd_identity_look(k, who, &m);
	if (!err)
		err = call_put_text(&rq->out, "name", m.name);
	if (!err)
		err = call_put_bool(&rq->out, "verified", m.is_verified);
	if (!err)
		err = call_put_text(&rq->out, "fingerprint", m.fingerprint);
	if (!err)
		err = call_put_bytes(&rq->out, "publicKey",
		    crypto_key_public(who->key));
	if (!err)
		err = call_put_u64(&rq->out, "suite", who->suite->id);
	return err ? err : keyd_put_trouble(k, who, &rq->out);
}

/* What ends first, of the certificates that we have. */
static enum kk_err days_put(struct keyd *k, sd_json_variant **out)
{
	int64_t first_s = 0, days = 0;

	for (int i = 0; i < KEYD_IDENTITIES; i++)
		if (k->who[i].until_s > 0 &&
		    (!first_s || k->who[i].until_s < first_s))
			first_s = k->who[i].until_s;
	(void)keyd_expiry_is_near(first_s, keyd_now_s(), &days);
	if (!first_s)
		return KK_OK;
	return call_put_u64(out, "daysLeft", days < 0 ? 0 : (uint64_t)days);
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
	return err ? err : days_put(k, &rq->out);
}

/* Which role may make which call, in which phase of its meeting, how often.
 * There is no row for the forwarder, and none that gives roomd a key.  Who we
 * are is changed by the room's own control alone, and in no meeting. */
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
	{ NAME("Enrolment"), POLICY | SETUP, CALL_ANY_STATE, 10, 0, SMALL },
	{ NAME("MakeRequest"), SETUP, CALL_ANY_STATE, 10, 0, SMALL },
	{ NAME("InstallChain"), SETUP, NEW, 10, 0, CHAIN },
	{ NAME("ReplaceChain"), SETUP, CALL_ANY_STATE, 10, 0, CHAIN },
	{ NAME("CheckChain"), SETUP, CALL_ANY_STATE, 10, 0, CHAIN },
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
	keyd_enrolment,
	keyd_make_request,
	keyd_install_chain,
	keyd_replace_chain,
	keyd_check_chain,
	keyd_epochs_watch,
};

_Static_assert(KK_ARRAY_LEN(rules) == KK_ARRAY_LEN(handlers),
    "each rule has its handler");

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
		err = program_role_listen(k->options.roles, role, k->server);
	return err;
}
