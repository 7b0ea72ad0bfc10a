/* interface.c - io.konklave.Keys, as keyd announces it.  The contract is
 * io.konklave.Keys.varlink; a test compares the two. */
#define _GNU_SOURCE /* libsystemd's macros ask for it */
#include "keyd.h"

#define IN(name, type) SD_VARLINK_DEFINE_INPUT(name, SD_VARLINK_##type, 0)
#define IN_MAYBE(name, type) \
	SD_VARLINK_DEFINE_INPUT(name, SD_VARLINK_##type, SD_VARLINK_NULLABLE)
#define OUT(name, type) SD_VARLINK_DEFINE_OUTPUT(name, SD_VARLINK_##type, 0)
#define OUT_MAYBE(name, type) \
	SD_VARLINK_DEFINE_OUTPUT(name, SD_VARLINK_##type, SD_VARLINK_NULLABLE)

/* clang-format off */
static SD_VARLINK_DEFINE_STRUCT_TYPE(Member,
    SD_VARLINK_DEFINE_FIELD(leaf, SD_VARLINK_INT, 0),
    SD_VARLINK_DEFINE_FIELD(name, SD_VARLINK_STRING, 0),
    SD_VARLINK_DEFINE_FIELD(verified, SD_VARLINK_BOOL, 0),
    SD_VARLINK_DEFINE_FIELD(fingerprint, SD_VARLINK_STRING, 0));

static SD_VARLINK_DEFINE_STRUCT_TYPE(Change,
    SD_VARLINK_DEFINE_FIELD(what, SD_VARLINK_STRING, 0),
    SD_VARLINK_DEFINE_FIELD_BY_TYPE(member, Member, SD_VARLINK_NULLABLE));

#define OUT_SUMMARY \
    SD_VARLINK_DEFINE_OUTPUT_BY_TYPE(committer, Member, SD_VARLINK_NULLABLE), \
    SD_VARLINK_DEFINE_OUTPUT_BY_TYPE(changes, Change, \
	SD_VARLINK_ARRAY | SD_VARLINK_NULLABLE), \
    OUT_MAYBE(hasPath, BOOL), \
    OUT_MAYBE(removesUs, BOOL), \
    OUT_MAYBE(state, STRING), \
    OUT_MAYBE(epoch, INT)

static SD_VARLINK_DEFINE_METHOD(Identity,
    IN_MAYBE(suite, INT),
    OUT(name, STRING), OUT(verified, BOOL), OUT(fingerprint, STRING),
    OUT(publicKey, STRING), OUT(suite, INT), OUT_MAYBE(trouble, STRING));

static SD_VARLINK_DEFINE_METHOD(Status,
    OUT(allowed, INT), OUT(notAllowed, INT), OUT(tooLarge, INT),
    OUT(tooOften, INT), OUT(notNow, INT), OUT(strangers, INT),
    OUT(meetings, INT), OUT_MAYBE(daysLeft, INT));

static SD_VARLINK_DEFINE_METHOD(CreateMeeting,
    IN(meeting, STRING), IN(secret, STRING), IN_MAYBE(suite, INT),
    IN_MAYBE(state, STRING),
    OUT(token, STRING), OUT(tokenHash, STRING), OUT(epoch, INT),
    OUT(ownLeaf, INT));

static SD_VARLINK_DEFINE_METHOD(OpenMeeting,
    IN(meeting, STRING), IN(secret, STRING), IN_MAYBE(suite, INT),
    OUT(token, STRING), OUT(tokenHash, STRING));

static SD_VARLINK_DEFINE_METHOD(NewKeyPackage,
    IN(meeting, STRING),
    OUT(keyPackage, STRING));

static SD_VARLINK_DEFINE_METHOD(JoinByWelcome,
    IN(meeting, STRING), IN(welcome, STRING),
    OUT(epoch, INT), OUT(ownLeaf, INT));

static SD_VARLINK_DEFINE_METHOD(JoinExternal,
    IN(meeting, STRING), IN(groupInfo, STRING), IN_MAYBE(replaces, INT),
    OUT(commit, STRING), OUT(handle, INT), OUT_SUMMARY);

static SD_VARLINK_DEFINE_METHOD(Commit,
    IN(meeting, STRING),
    SD_VARLINK_DEFINE_INPUT(adds, SD_VARLINK_STRING,
	SD_VARLINK_ARRAY | SD_VARLINK_NULLABLE),
    SD_VARLINK_DEFINE_INPUT(removes, SD_VARLINK_INT,
	SD_VARLINK_ARRAY | SD_VARLINK_NULLABLE),
    IN_MAYBE(state, STRING), IN_MAYBE(withoutProposals, BOOL),
    OUT(commit, STRING), OUT_MAYBE(welcome, STRING), OUT(handle, INT),
    OUT_SUMMARY);

static SD_VARLINK_DEFINE_METHOD(Process,
    IN(meeting, STRING), IN(message, STRING),
    OUT(kind, STRING), OUT_MAYBE(handle, INT), OUT_MAYBE(sender, INT),
    OUT_MAYBE(data, STRING), OUT_SUMMARY);

static SD_VARLINK_DEFINE_METHOD(Apply,
    IN(meeting, STRING), IN(handle, INT),
    OUT(ended, BOOL), OUT_MAYBE(epoch, INT), OUT_MAYBE(ownLeaf, INT));

static SD_VARLINK_DEFINE_METHOD(Drop,
    IN(meeting, STRING), IN(handle, INT));

static SD_VARLINK_DEFINE_METHOD(Protect,
    IN(meeting, STRING), IN(data, STRING),
    OUT(message, STRING));

static SD_VARLINK_DEFINE_METHOD(Roster,
    IN(meeting, STRING),
    SD_VARLINK_DEFINE_OUTPUT_BY_TYPE(members, Member, SD_VARLINK_ARRAY),
    OUT(epoch, INT), OUT(ownLeaf, INT), OUT_MAYBE(state, STRING),
    OUT_MAYBE(staged, INT));

static SD_VARLINK_DEFINE_METHOD(SecurityCode,
    IN(meeting, STRING),
    OUT(code, STRING), OUT(epoch, INT));

static SD_VARLINK_DEFINE_METHOD(GroupInfo,
    IN(meeting, STRING),
    OUT(groupInfo, STRING));

static SD_VARLINK_DEFINE_METHOD(Leave,
    IN(meeting, STRING),
    OUT(message, STRING));

static SD_VARLINK_DEFINE_METHOD(Forget,
    IN(meeting, STRING));

static SD_VARLINK_DEFINE_METHOD(Enrolment,
    IN_MAYBE(suite, INT),
    OUT(suite, INT), OUT(name, STRING), OUT(verified, BOOL),
    OUT(fingerprint, STRING), OUT(keystore, STRING), OUT_MAYBE(until, INT),
    OUT(endsSoon, BOOL), OUT_MAYBE(trouble, STRING));

static SD_VARLINK_DEFINE_METHOD(MakeRequest,
    IN_MAYBE(suite, INT),
    OUT(request, STRING), OUT(fingerprint, STRING));

static SD_VARLINK_DEFINE_METHOD(InstallChain,
    IN(chain, STRING),
    OUT(suite, INT));

static SD_VARLINK_DEFINE_METHOD(ReplaceChain,
    IN(chain, STRING),
    OUT(suite, INT));

static SD_VARLINK_DEFINE_METHOD(CheckChain,
    IN(chain, STRING),
    OUT(suite, INT), OUT(name, STRING), OUT(until, INT));

static SD_VARLINK_DEFINE_METHOD_FULL(EpochKeys, SD_VARLINK_REQUIRES_MORE,
    OUT(meeting, STRING), OUT(ended, BOOL), OUT_MAYBE(epoch, INT),
    OUT_MAYBE(suite, INT), OUT_MAYBE(baseKey, STRING),
    OUT_MAYBE(ownLeaf, INT), OUT_MAYBE(members, STRING),
    OUT_MAYBE(retireMs, INT), OUT_MAYBE(maySeal, BOOL));

const sd_varlink_interface keyd_interface = {
	.name = "io.konklave.Keys",
	.symbols = {
		&vl_type_Member,
		&vl_type_Change,
		&vl_method_Identity,
		&vl_method_Status,
		&vl_method_CreateMeeting,
		&vl_method_OpenMeeting,
		&vl_method_NewKeyPackage,
		&vl_method_JoinByWelcome,
		&vl_method_JoinExternal,
		&vl_method_Commit,
		&vl_method_Process,
		&vl_method_Apply,
		&vl_method_Drop,
		&vl_method_Protect,
		&vl_method_Roster,
		&vl_method_SecurityCode,
		&vl_method_GroupInfo,
		&vl_method_Leave,
		&vl_method_Forget,
		&vl_method_Enrolment,
		&vl_method_MakeRequest,
		&vl_method_InstallChain,
		&vl_method_ReplaceChain,
		&vl_method_CheckChain,
		&vl_method_EpochKeys,
		NULL,
	},
};
/* clang-format on */
