/* check.c - whether all that belongs together is in a profile. */
#include <string.h>

#include "profile/files_private.h"

/* Keys that others call for. */
static const struct {
	enum profile_key key, needs;
} pairs[] = {
	{ PROFILE_8021X, PROFILE_8021X_SERVER },
	{ PROFILE_8021X_SERVER, PROFILE_8021X },
	{ PROFILE_8021X_IDENTITY, PROFILE_8021X },
	{ PROFILE_NO_PROXY, PROFILE_PROXY },
	{ PROFILE_TOKEN, PROFILE_FORWARDER },
	{ PROFILE_TOKEN, PROFILE_PAGE },
	{ PROFILE_LINES, PROFILE_FORWARDER },
	{ PROFILE_DIAL_IN, PROFILE_LINES },
	{ PROFILE_DIAL_IN, PROFILE_DIAL_PIN },
	{ PROFILE_DIAL_PIN, PROFILE_DIAL_IN },
	{ PROFILE_DIAL_PREFIXES, PROFILE_LINES },
	{ PROFILE_TALK_MINUTES, PROFILE_LINES },
	{ PROFILE_SRTP, PROFILE_LINES },
	{ PROFILE_CALLS_FROM, PROFILE_LINES },
	{ PROFILE_CALLERS, PROFILE_LINES },
	{ PROFILE_EXCHANGE, PROFILE_LINES },
	{ PROFILE_EXCHANGE, PROFILE_EXCHANGE_USER },
	{ PROFILE_EXCHANGE_SPARE, PROFILE_EXCHANGE },
	{ PROFILE_EXCHANGE_DOMAIN, PROFILE_EXCHANGE },
	{ PROFILE_EXCHANGE_USER, PROFILE_EXCHANGE },
	{ PROFILE_EXCHANGE_LOGIN, PROFILE_EXCHANGE_PASSWORD },
	{ PROFILE_EXCHANGE_PASSWORD, PROFILE_EXCHANGE },
	{ PROFILE_TELEPHONES, PROFILE_LINES },
};

static bool has(const struct profile *p, enum profile_key key)
{
	return p->values[key][0];
}

static enum kk_err missing(struct profile_problem *problem,
    enum profile_key key)
{
	return profile_fail(problem, KK_EFORMAT, PROFILE_MISSING, 0, key);
}

static enum kk_err addresses_check(const struct profile *p,
    struct profile_problem *problem)
{
	const bool is_static = !strcmp(p->values[PROFILE_NETWORK], "static");

	if (is_static && !has(p, PROFILE_ADDRESS))
		return missing(problem, PROFILE_ADDRESS);
	if (!is_static && (has(p, PROFILE_ADDRESS) || has(p, PROFILE_GATEWAY)))
		return missing(problem, PROFILE_NETWORK);
	return KK_OK;
}

/* Whom a box is to trust is never left to the system's list. */
static enum kk_err parts_check(const struct profile *p,
    struct profile_problem *problem)
{
	const bool has_anchors = p->parts[PROFILE_ANCHORS].bytes > 0;
	const bool has_accounts = p->parts[PROFILE_ACCOUNTS].bytes > 0;
	enum profile_key key = PROFILE_KEYS;

	if (p->parts[PROFILE_8021X_ANCHORS].bytes > 0 && !has(p, PROFILE_8021X))
		return missing(problem, PROFILE_8021X);
	if (has_accounts && !has(p, PROFILE_TELEPHONES))
		return missing(problem, PROFILE_TELEPHONES);
	if (has(p, PROFILE_8021X) && !has_anchors &&
	    p->parts[PROFILE_8021X_ANCHORS].bytes == 0)
		key = PROFILE_8021X;
	else if (has(p, PROFILE_TELEPHONES) && !has_accounts)
		key = PROFILE_TELEPHONES;
	else if (profile_uses_tls(p) && !has_anchors)
		key = PROFILE_EXCHANGE;
	return key == PROFILE_KEYS ?
	    KK_OK :
	    profile_fail(problem, KK_EFORMAT, PROFILE_NO_PART, 0, key);
}

enum kk_err profile_check(const struct profile *p,
    struct profile_problem *problem)
{
	enum kk_err err;

	if (!has(p, PROFILE_NAME))
		return missing(problem, PROFILE_NAME);
	err = addresses_check(p, problem);
	if (!err && has(p, PROFILE_KEYSTORE_PIN) && !profile_has_token(p))
		err = missing(problem, PROFILE_KEYSTORE);
	for (size_t i = 0; !err && i < KK_ARRAY_LEN(pairs); i++) {
		if (has(p, pairs[i].key) && !has(p, pairs[i].needs))
			err = missing(problem, pairs[i].needs);
	}
	return err ? err : parts_check(p, problem);
}
