/* interface.c - io.konklave.Room, as roomd announces it.  The contract is
 * io.konklave.Room.varlink; a test compares the two. */
#define _GNU_SOURCE /* libsystemd's macros ask for it */
#include "roomd.h"

#define FIELD(name, type) SD_VARLINK_DEFINE_FIELD(name, SD_VARLINK_##type, 0)
#define FIELD_MAYBE(name, type) \
	SD_VARLINK_DEFINE_FIELD(name, SD_VARLINK_##type, SD_VARLINK_NULLABLE)
#define IN(name, type) SD_VARLINK_DEFINE_INPUT(name, SD_VARLINK_##type, 0)
#define IN_MAYBE(name, type) \
	SD_VARLINK_DEFINE_INPUT(name, SD_VARLINK_##type, SD_VARLINK_NULLABLE)
#define OUT(name, type) SD_VARLINK_DEFINE_OUTPUT(name, SD_VARLINK_##type, 0)
#define OUT_MAYBE(name, type) \
	SD_VARLINK_DEFINE_OUTPUT(name, SD_VARLINK_##type, SD_VARLINK_NULLABLE)
#define OUT_LIST_MAYBE(name, type)                   \
	SD_VARLINK_DEFINE_OUTPUT_BY_TYPE(name, type, \
	    SD_VARLINK_ARRAY | SD_VARLINK_NULLABLE)
#define OUT_TYPE_MAYBE(name, type) \
	SD_VARLINK_DEFINE_OUTPUT_BY_TYPE(name, type, SD_VARLINK_NULLABLE)
/* What the members agreed on. */
#define OUT_SHARED                                                   \
	OUT_LIST_MAYBE(lines, Line), OUT_MAYBE(isLocked, BOOL),      \
	    OUT_MAYBE(forbidsLines, BOOL), OUT_MAYBE(label, STRING), \
	    OUT_TYPE_MAYBE(call, Call)

/* clang-format off */
static SD_VARLINK_DEFINE_STRUCT_TYPE(Candidate,
    FIELD(address, STRING), FIELD(port, INT), FIELD(protocol, STRING),
    FIELD(priority, INT), FIELD(foundation, STRING), FIELD(kind, STRING));

static SD_VARLINK_DEFINE_STRUCT_TYPE(Server,
    FIELD(kind, STRING), FIELD(host, STRING), FIELD(port, INT),
    FIELD_MAYBE(user, STRING), FIELD_MAYBE(password, STRING));

static SD_VARLINK_DEFINE_STRUCT_TYPE(Transport,
    FIELD(ufrag, STRING), FIELD(pwd, STRING), FIELD(fingerprint, STRING),
    SD_VARLINK_DEFINE_FIELD_BY_TYPE(candidates, Candidate, SD_VARLINK_ARRAY),
    SD_VARLINK_DEFINE_FIELD_BY_TYPE(servers, Server, SD_VARLINK_ARRAY),
    FIELD(relayOnly, BOOL), FIELD_MAYBE(restarts, INT));

static SD_VARLINK_DEFINE_STRUCT_TYPE(Publish,
    FIELD(source, STRING), FIELD(kind, STRING), FIELD(payloadType, INT),
    SD_VARLINK_DEFINE_FIELD(ssrcs, SD_VARLINK_INT, SD_VARLINK_ARRAY),
    SD_VARLINK_DEFINE_FIELD(rtxSsrcs, SD_VARLINK_INT,
	SD_VARLINK_ARRAY | SD_VARLINK_NULLABLE),
    FIELD_MAYBE(rtxPayloadType, INT), FIELD_MAYBE(tellsLevel, BOOL),
    FIELD_MAYBE(wanted, INT));

static SD_VARLINK_DEFINE_STRUCT_TYPE(Size,
    FIELD(width, INT), FIELD(height, INT));

static SD_VARLINK_DEFINE_STRUCT_TYPE(Slot,
    FIELD(slot, INT), FIELD(kind, STRING), FIELD(ssrc, INT),
    FIELD(payloadType, INT), FIELD_MAYBE(rtxSsrc, INT),
    FIELD_MAYBE(rtxPayloadType, INT), FIELD_MAYBE(vp9PayloadType, INT),
    FIELD_MAYBE(vp9RtxPayloadType, INT), FIELD_MAYBE(leaf, INT),
    FIELD_MAYBE(source, STRING));

static SD_VARLINK_DEFINE_STRUCT_TYPE(Person,
    FIELD(leaf, INT), FIELD(name, STRING), FIELD(verified, BOOL),
    FIELD(isSelf, BOOL), FIELD(hasMicrophone, BOOL), FIELD(hasCamera, BOOL),
    FIELD(isSpeaking, BOOL), FIELD_MAYBE(screen, INT), FIELD(isHost, BOOL));

static SD_VARLINK_DEFINE_STRUCT_TYPE(Line,
    FIELD(leaf, INT), FIELD(id, STRING), FIELD(label, STRING),
    FIELD(origin, STRING), FIELD(sinceMs, INT), FIELD(transport, STRING),
    FIELD(waits, BOOL), FIELD(isMuted, BOOL),
    FIELD(isMutedByHost, BOOL), FIELD(hasHandUp, BOOL),
    FIELD_MAYBE(lane, INT));

static SD_VARLINK_DEFINE_STRUCT_TYPE(Call,
    FIELD(line, INT), FIELD(state, STRING), FIELD_MAYBE(hasTones, BOOL),
    FIELD_MAYBE(isLong, BOOL));

static SD_VARLINK_DEFINE_STRUCT_TYPE(Refusals,
    FIELD(wrong, INT), FIELD(tooMany, INT), FIELD(full, INT),
    FIELD(forbidden, INT), FIELD(dials, INT));

static SD_VARLINK_DEFINE_METHOD_FULL(Plan, SD_VARLINK_REQUIRES_MORE,
    OUT(phase, STRING), OUT_MAYBE(trouble, STRING), OUT(generation, INT),
    OUT_MAYBE(meeting, STRING), OUT_MAYBE(epoch, INT), OUT_MAYBE(code, STRING),
    OUT_MAYBE(link, STRING),
    OUT_TYPE_MAYBE(transport, Transport),
    OUT_LIST_MAYBE(publish, Publish), OUT_LIST_MAYBE(slots, Slot),
    OUT_LIST_MAYBE(people, Person), OUT_SHARED);

static SD_VARLINK_DEFINE_METHOD(Connect,
    IN(generation, INT), IN(fingerprint, STRING),
    SD_VARLINK_DEFINE_INPUT_BY_TYPE(sizes, Size,
	SD_VARLINK_ARRAY | SD_VARLINK_NULLABLE));

static SD_VARLINK_DEFINE_METHOD(Report,
    IN(generation, INT), IN(state, STRING), IN(isSpeaking, BOOL),
    IN(hasMicrophone, BOOL), IN(hasCamera, BOOL), IN(needsEpoch, BOOL));

static SD_VARLINK_DEFINE_METHOD(Status,
    OUT(phase, STRING), OUT_MAYBE(trouble, STRING), OUT_MAYBE(link, STRING),
    OUT_MAYBE(epoch, INT), OUT_MAYBE(code, STRING),
    SD_VARLINK_DEFINE_OUTPUT_BY_TYPE(people, Person, SD_VARLINK_ARRAY),
    OUT_SHARED, OUT_TYPE_MAYBE(refusals, Refusals));

static SD_VARLINK_DEFINE_METHOD(Enter,
    IN_MAYBE(link, STRING),
    OUT(link, STRING));

static SD_VARLINK_DEFINE_METHOD(Leave);

static SD_VARLINK_DEFINE_METHOD(LineMute,
    IN(id, STRING), IN(leaf, INT), IN(isMuted, BOOL));

static SD_VARLINK_DEFINE_METHOD(LineRemove,
    IN(leaf, INT), IN(id, STRING));

static SD_VARLINK_DEFINE_METHOD(LineAdmit,
    IN(leaf, INT), IN(id, STRING));

static SD_VARLINK_DEFINE_METHOD(LinesAdmit);

static SD_VARLINK_DEFINE_METHOD(LinesAllow, IN(allowed, BOOL));

static SD_VARLINK_DEFINE_METHOD(Label, IN(label, STRING));

static SD_VARLINK_DEFINE_METHOD(HostSet,
    IN(leaf, INT), IN(isHost, BOOL));

static SD_VARLINK_DEFINE_METHOD(Lock, IN(locked, BOOL));

static SD_VARLINK_DEFINE_METHOD(Dial, IN(number, STRING), OUT(line, INT));

static SD_VARLINK_DEFINE_METHOD(Tones, IN(line, INT), IN(digits, STRING));

static SD_VARLINK_DEFINE_METHOD(HangUp, IN(line, INT));

static SD_VARLINK_DEFINE_METHOD(Called,
    SD_VARLINK_DEFINE_INPUT_BY_TYPE(call, Call, SD_VARLINK_NULLABLE));

const sd_varlink_interface roomd_interface = {
	.name = "io.konklave.Room",
	.symbols = {
		&vl_type_Candidate,
		&vl_type_Server,
		&vl_type_Transport,
		&vl_type_Publish,
		&vl_type_Size,
		&vl_type_Slot,
		&vl_type_Person,
		&vl_type_Line,
		&vl_type_Call,
		&vl_type_Refusals,
		&vl_method_Plan,
		&vl_method_Connect,
		&vl_method_Report,
		&vl_method_Status,
		&vl_method_Enter,
		&vl_method_Leave,
		&vl_method_LineMute,
		&vl_method_LineRemove,
		&vl_method_LineAdmit,
		&vl_method_LinesAdmit,
		&vl_method_LinesAllow,
		&vl_method_Lock,
		&vl_method_Label,
		&vl_method_HostSet,
		&vl_method_Dial,
		&vl_method_Tones,
		&vl_method_HangUp,
		&vl_method_Called,
		NULL,
	},
};
/* clang-format on */
