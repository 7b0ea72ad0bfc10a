/* err.c - names and sentences of errors. */
#include "base/err.h"

#include <stddef.h>

struct err_entry {
	const char *name;
	const char *text;
};

static const struct err_entry errors[KK_ERR_COUNT] = {
	[KK_OK] = { "KK_OK", "no error" },
	[KK_EINVAL] = { "KK_EINVAL", "the caller's argument is wrong" },
	[KK_ENOMEM] = { "KK_ENOMEM", "no memory" },
	[KK_ENOSPC] = { "KK_ENOSPC", "the output buffer is too small" },
	[KK_ETRUNC] = { "KK_ETRUNC", "the input ends too early" },
	[KK_ETRAIL] = { "KK_ETRAIL", "bytes are left after the input's end" },
	[KK_EFORMAT] = { "KK_EFORMAT", "the input breaks its format" },
	[KK_EMINIMAL] = { "KK_EMINIMAL",
	    "a number is not in its shortest form" },
	[KK_ELIMIT] = { "KK_ELIMIT", "a declared limit is exceeded" },
	[KK_EUNSUP] = { "KK_EUNSUP", "valid, but not supported here" },
	[KK_EVERIFY] = { "KK_EVERIFY", "a signature does not verify" },
	[KK_EAUTH] = { "KK_EAUTH", "a tag or MAC does not verify" },
	[KK_EREPLAY] = { "KK_EREPLAY", "seen before" },
	[KK_ENOKEY] = { "KK_ENOKEY", "no key for this" },
	[KK_ESPENT] = { "KK_ESPENT", "the key's counter is used up" },
	[KK_EEPOCH] = { "KK_EEPOCH", "of another epoch" },
	[KK_EGROUP] = { "KK_EGROUP", "of another group" },
	[KK_ESTATE] = { "KK_ESTATE", "not allowed in this state" },
	[KK_EDENIED] = { "KK_EDENIED", "the sender may not do this" },
	[KK_EPOLICY] = { "KK_EPOLICY",
	    "the application's policy refuses this" },
	[KK_EEXPIRED] = { "KK_EEXPIRED", "not yet or no longer valid" },
	[KK_EREVOKED] = { "KK_EREVOKED", "revoked by its issuer" },
	[KK_EUNTRUSTED] = { "KK_EUNTRUSTED",
	    "no way to a trusted certificate" },
	[KK_ENAME] = { "KK_ENAME", "the name does not match" },
	[KK_ENOENT] = { "KK_ENOENT", "not there" },
	[KK_EEXIST] = { "KK_EEXIST", "there already" },
	[KK_EIO] = { "KK_EIO", "reading or writing failed" },
	[KK_ECRYPTO] = { "KK_ECRYPTO", "the crypto library failed" },
};

static const struct err_entry *err_entry_get(enum kk_err err)
{
	static const struct err_entry unknown = { "unknown", "unknown error" };

	if ((unsigned int)err >= KK_ERR_COUNT || !errors[err].name)
		return &unknown;
	return &errors[err];
}

const char *kk_err_name(enum kk_err err)
{
	return err_entry_get(err)->name;
}

const char *kk_err_text(enum kk_err err)
{
	return err_entry_get(err)->text;
}
