/* err.h - the one error type of the house. */
#pragma once

#define MUST_CHECK __attribute__((warn_unused_result))

enum kk_err {
	KK_OK = 0,
	KK_EINVAL, /* the caller's argument is wrong */
	KK_ENOMEM, /* no memory */
	KK_ENOSPC, /* the output buffer is too small */
	KK_ETRUNC, /* the input ends too early */
	KK_ETRAIL, /* bytes are left after the input's end */
	KK_EFORMAT, /* the input breaks its format */
	KK_EMINIMAL, /* a number is not in its shortest form */
	KK_ELIMIT, /* a declared limit is exceeded */
	KK_EUNSUP, /* valid, but not supported or not configured here */
	KK_EVERIFY, /* a signature does not verify */
	KK_EAUTH, /* a tag or MAC does not verify */
	KK_EREPLAY, /* seen before */
	KK_ENOKEY, /* no key for this */
	KK_ESPENT, /* the key's counter is used up */
	KK_EEPOCH, /* of another epoch */
	KK_EGROUP, /* of another group */
	KK_ESTATE, /* not allowed in this state */
	KK_EDENIED, /* the sender may not do this */
	KK_EPOLICY, /* the application's policy refuses this */
	KK_EEXPIRED, /* not yet or no longer valid */
	KK_EREVOKED, /* revoked by its issuer */
	KK_EUNTRUSTED, /* no way to a trusted certificate */
	KK_ENAME, /* the name does not match */
	KK_ENOENT, /* not there */
	KK_EEXIST, /* there already */
	KK_EIO, /* reading or writing failed */
	KK_ECRYPTO, /* the crypto library failed without a reason of ours */
	KK_ERR_COUNT
};

/*
 * Returns the short name of an error ("KK_EAUTH") or its sentence ("a tag or
 * MAC does not verify").  Never NULL; a number out of range is "unknown".
 */
const char *kk_err_name(enum kk_err err);
const char *kk_err_text(enum kk_err err);
