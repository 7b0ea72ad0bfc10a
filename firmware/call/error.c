/* error.c - our errors and Varlink's names. */
#include <string.h>

#include "call/call.h"

#define ID(name) "io.konklave.Call." name

static const char *const err_ids[KK_ERR_COUNT] = {
	[KK_EINVAL] = ID("Invalid"),
	[KK_ENOMEM] = ID("NoMemory"),
	[KK_ENOSPC] = ID("NoSpace"),
	[KK_ETRUNC] = ID("Truncated"),
	[KK_ETRAIL] = ID("Trailing"),
	[KK_EFORMAT] = ID("Format"),
	[KK_EMINIMAL] = ID("NotMinimal"),
	[KK_ELIMIT] = ID("Limit"),
	[KK_EUNSUP] = ID("Unsupported"),
	[KK_EVERIFY] = ID("BadSignature"),
	[KK_EAUTH] = ID("BadTag"),
	[KK_EREPLAY] = ID("Replayed"),
	[KK_ENOKEY] = ID("NoKey"),
	[KK_ESPENT] = ID("KeySpent"),
	[KK_EEPOCH] = ID("OtherEpoch"),
	[KK_EGROUP] = ID("OtherGroup"),
	[KK_ESTATE] = ID("WrongState"),
	[KK_EDENIED] = ID("Denied"),
	[KK_EPOLICY] = ID("AgainstPolicy"),
	[KK_EEXPIRED] = ID("Expired"),
	[KK_EREVOKED] = ID("Revoked"),
	[KK_EUNTRUSTED] = ID("Untrusted"),
	[KK_ENAME] = ID("OtherName"),
	[KK_ENOENT] = ID("NotFound"),
	[KK_EEXIST] = ID("Exists"),
	[KK_EIO] = ID("Failed"),
	[KK_ECRYPTO] = ID("CryptoFailed"),
};

static const char *const verdict_ids[CALL_VERDICT_COUNT] = {
	[CALL_NOT_ALLOWED] = ID("NotAllowed"),
	[CALL_TOO_LARGE] = ID("TooLarge"),
	[CALL_TOO_OFTEN] = ID("TooOften"),
	[CALL_NOT_NOW] = ID("NotNow"),
};

/* What a client makes of a refusal. */
static const enum kk_err verdict_errs[CALL_VERDICT_COUNT] = {
	[CALL_NOT_ALLOWED] = KK_EDENIED,
	[CALL_TOO_LARGE] = KK_ELIMIT,
	[CALL_TOO_OFTEN] = KK_ELIMIT,
	[CALL_NOT_NOW] = KK_ESTATE,
};

const char *call_err_id(enum kk_err err)
{
	return (size_t)err < KK_ERR_COUNT ? err_ids[err] : NULL;
}

const char *call_verdict_id(enum call_verdict verdict)
{
	return (size_t)verdict < CALL_VERDICT_COUNT ? verdict_ids[verdict] :
						      NULL;
}

enum kk_err call_err_named(const char *name)
{
	for (int i = 1; i < KK_ERR_COUNT; i++) {
		if (!strcmp(err_ids[i] + strlen(ID("")), name))
			return (enum kk_err)i;
	}
	return KK_EIO;
}

enum kk_err call_err_of(const char *error_id)
{
	if (!error_id)
		return KK_OK;
	for (int i = 1; i < KK_ERR_COUNT; i++) {
		if (!strcmp(err_ids[i], error_id))
			return (enum kk_err)i;
	}
	for (int i = 1; i < CALL_VERDICT_COUNT; i++) {
		if (!strcmp(verdict_ids[i], error_id))
			return verdict_errs[i];
	}
	if (!strcmp(error_id, SD_VARLINK_ERROR_INVALID_PARAMETER))
		return KK_EINVAL;
	return KK_EIO;
}
