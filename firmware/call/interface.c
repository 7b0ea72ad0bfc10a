/* interface.c - io.konklave.Call, as the server announces it.  The contract is
 * io.konklave.Call.varlink; a test compares the two. */
#define _GNU_SOURCE /* libsystemd's macros ask for it */
#include "call/server_internal.h"

static SD_VARLINK_DEFINE_ERROR(Invalid);
static SD_VARLINK_DEFINE_ERROR(NoMemory);
static SD_VARLINK_DEFINE_ERROR(NoSpace);
static SD_VARLINK_DEFINE_ERROR(Truncated);
static SD_VARLINK_DEFINE_ERROR(Trailing);
static SD_VARLINK_DEFINE_ERROR(Format);
static SD_VARLINK_DEFINE_ERROR(NotMinimal);
static SD_VARLINK_DEFINE_ERROR(Limit);
static SD_VARLINK_DEFINE_ERROR(Unsupported);
static SD_VARLINK_DEFINE_ERROR(BadSignature);
static SD_VARLINK_DEFINE_ERROR(BadTag);
static SD_VARLINK_DEFINE_ERROR(Replayed);
static SD_VARLINK_DEFINE_ERROR(NoKey);
static SD_VARLINK_DEFINE_ERROR(KeySpent);
static SD_VARLINK_DEFINE_ERROR(OtherEpoch);
static SD_VARLINK_DEFINE_ERROR(OtherGroup);
static SD_VARLINK_DEFINE_ERROR(WrongState);
static SD_VARLINK_DEFINE_ERROR(Denied);
static SD_VARLINK_DEFINE_ERROR(AgainstPolicy);
static SD_VARLINK_DEFINE_ERROR(Expired);
static SD_VARLINK_DEFINE_ERROR(Revoked);
static SD_VARLINK_DEFINE_ERROR(Untrusted);
static SD_VARLINK_DEFINE_ERROR(OtherName);
static SD_VARLINK_DEFINE_ERROR(NotFound);
static SD_VARLINK_DEFINE_ERROR(Exists);
static SD_VARLINK_DEFINE_ERROR(Failed);
static SD_VARLINK_DEFINE_ERROR(CryptoFailed);
static SD_VARLINK_DEFINE_ERROR(NotAllowed);
static SD_VARLINK_DEFINE_ERROR(TooLarge);
static SD_VARLINK_DEFINE_ERROR(TooOften);
static SD_VARLINK_DEFINE_ERROR(NotNow);

/* clang-format off */
const sd_varlink_interface call_interface = {
	.name = "io.konklave.Call",
	.symbols = {
		&vl_error_Invalid,
		&vl_error_NoMemory,
		&vl_error_NoSpace,
		&vl_error_Truncated,
		&vl_error_Trailing,
		&vl_error_Format,
		&vl_error_NotMinimal,
		&vl_error_Limit,
		&vl_error_Unsupported,
		&vl_error_BadSignature,
		&vl_error_BadTag,
		&vl_error_Replayed,
		&vl_error_NoKey,
		&vl_error_KeySpent,
		&vl_error_OtherEpoch,
		&vl_error_OtherGroup,
		&vl_error_WrongState,
		&vl_error_Denied,
		&vl_error_AgainstPolicy,
		&vl_error_Expired,
		&vl_error_Revoked,
		&vl_error_Untrusted,
		&vl_error_OtherName,
		&vl_error_NotFound,
		&vl_error_Exists,
		&vl_error_Failed,
		&vl_error_CryptoFailed,
		&vl_error_NotAllowed,
		&vl_error_TooLarge,
		&vl_error_TooOften,
		&vl_error_NotNow,
		NULL,
	},
};
/* clang-format on */
