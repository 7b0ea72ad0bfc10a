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
    FIELD(relayOnly, BOOL));

static SD_VARLINK_DEFINE_STRUCT_TYPE(Publish,
    FIELD(source, STRING), FIELD(kind, STRING), FIELD(payloadType, INT),
    SD_VARLINK_DEFINE_FIELD(ssrcs, SD_VARLINK_INT, SD_VARLINK_ARRAY),
    FIELD_MAYBE(tellsLevel, BOOL), FIELD_MAYBE(wanted, INT));

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
    FIELD(isSpeaking, BOOL), FIELD_MAYBE(screen, INT));

static SD_VARLINK_DEFINE_METHOD_FULL(Plan, SD_VARLINK_REQUIRES_MORE,
    OUT(phase, STRING), OUT_MAYBE(trouble, STRING), OUT(generation, INT),
    OUT_MAYBE(meeting, STRING), OUT_MAYBE(epoch, INT), OUT_MAYBE(code, STRING),
    OUT_MAYBE(link, STRING),
    SD_VARLINK_DEFINE_OUTPUT_BY_TYPE(transport, Transport,
	SD_VARLINK_NULLABLE),
    OUT_LIST_MAYBE(publish, Publish), OUT_LIST_MAYBE(slots, Slot),
    OUT_LIST_MAYBE(people, Person));

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
    SD_VARLINK_DEFINE_OUTPUT_BY_TYPE(people, Person, SD_VARLINK_ARRAY));

static SD_VARLINK_DEFINE_METHOD(Enter,
    IN_MAYBE(link, STRING),
    OUT(link, STRING));

static SD_VARLINK_DEFINE_METHOD(Leave);

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
		&vl_method_Plan,
		&vl_method_Connect,
		&vl_method_Report,
		&vl_method_Status,
		&vl_method_Enter,
		&vl_method_Leave,
		NULL,
	},
};
/* clang-format on */
