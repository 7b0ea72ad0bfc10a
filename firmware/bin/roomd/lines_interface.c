/* lines_interface.c - io.konklave.Lines, as roomd announces it.  The contract
 * is io.konklave.Lines.varlink; a test compares the two. */
#define _GNU_SOURCE /* libsystemd's macros ask for it */
#include "roomd.h"

#define FIELD(name, type) SD_VARLINK_DEFINE_FIELD(name, SD_VARLINK_##type, 0)
#define IN(name, type) SD_VARLINK_DEFINE_INPUT(name, SD_VARLINK_##type, 0)
#define OUT(name, type) SD_VARLINK_DEFINE_OUTPUT(name, SD_VARLINK_##type, 0)

/* clang-format off */
static SD_VARLINK_DEFINE_STRUCT_TYPE(LineState,
    FIELD(line, INT), FIELD(answer, STRING), FIELD(isMutedByHost, BOOL));

static SD_VARLINK_DEFINE_STRUCT_TYPE(Dial,
    FIELD(serial, INT), FIELD(number, STRING));

static SD_VARLINK_DEFINE_STRUCT_TYPE(Tones,
    FIELD(serial, INT), FIELD(digits, STRING));

static SD_VARLINK_DEFINE_METHOD(Ask,
    IN(line, INT), IN(number, STRING), IN(pin, STRING), IN(label, STRING),
    IN(origin, STRING), IN(transport, STRING),
    OUT(answer, STRING));

static SD_VARLINK_DEFINE_METHOD(Tell,
    IN(line, INT), IN(isMuted, BOOL), IN(hasHandUp, BOOL));

static SD_VARLINK_DEFINE_METHOD(End, IN(line, INT));

static SD_VARLINK_DEFINE_METHOD(Placed,
    IN(serial, INT), IN(line, INT), IN(state, STRING),
    SD_VARLINK_DEFINE_INPUT(hasTones, SD_VARLINK_BOOL, SD_VARLINK_NULLABLE));

static SD_VARLINK_DEFINE_METHOD_FULL(Watch, SD_VARLINK_REQUIRES_MORE,
    SD_VARLINK_DEFINE_OUTPUT_BY_TYPE(lines, LineState, SD_VARLINK_ARRAY),
    SD_VARLINK_DEFINE_OUTPUT_BY_TYPE(dial, Dial, SD_VARLINK_NULLABLE),
    SD_VARLINK_DEFINE_OUTPUT_BY_TYPE(tones, Tones, SD_VARLINK_NULLABLE),
    OUT(people, INT));

const sd_varlink_interface roomd_lines_interface = {
	.name = "io.konklave.Lines",
	.symbols = {
		&vl_type_LineState,
		&vl_type_Dial,
		&vl_type_Tones,
		&vl_method_Ask,
		&vl_method_Tell,
		&vl_method_End,
		&vl_method_Placed,
		&vl_method_Watch,
		NULL,
	},
};
/* clang-format on */
