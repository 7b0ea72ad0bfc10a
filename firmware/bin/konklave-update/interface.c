/* interface.c - io.konklave.Update, as konklave-update announces it.  The
 * contract is io.konklave.Update.varlink beside this file. */
#define _GNU_SOURCE /* libsystemd's macros ask for it */
#include "driver.h"

/* clang-format off */
#define IN_OPTIONAL(name, type) \
	SD_VARLINK_DEFINE_INPUT(name, SD_VARLINK_##type, SD_VARLINK_NULLABLE)
#define IN(name, type) SD_VARLINK_DEFINE_INPUT(name, SD_VARLINK_##type, 0)
#define OUT(name, type) SD_VARLINK_DEFINE_OUTPUT(name, SD_VARLINK_##type, 0)
#define OUT_TYPE(name, type) SD_VARLINK_DEFINE_OUTPUT_BY_TYPE(name, type, 0)
#define FIELD(name, type) SD_VARLINK_DEFINE_FIELD(name, SD_VARLINK_##type, 0)
#define FIELD_OPTIONAL(name, type) \
	SD_VARLINK_DEFINE_FIELD(name, SD_VARLINK_##type, SD_VARLINK_NULLABLE)

static SD_VARLINK_DEFINE_STRUCT_TYPE(Download,
    FIELD(state, STRING), FIELD(says, STRING), FIELD(isAutomatic, BOOL),
    FIELD_OPTIONAL(source, STRING), FIELD_OPTIONAL(offered, INT),
    FIELD(bytes, INT), FIELD(total, INT), FIELD(rate, INT));

static SD_VARLINK_DEFINE_STRUCT_TYPE(Standing,
    FIELD(state, STRING), FIELD(says, STRING), FIELD(board, STRING),
    FIELD_OPTIONAL(running, STRING), FIELD_OPTIONAL(next, STRING),
    FIELD(version, INT), FIELD(floor, INT), FIELD_OPTIONAL(offered, INT),
    FIELD(percent, INT), FIELD(isInMeeting, BOOL),
    SD_VARLINK_DEFINE_FIELD_BY_TYPE(download, Download, SD_VARLINK_NULLABLE));

static SD_VARLINK_DEFINE_METHOD(Status, OUT_TYPE(standing, Standing));

static SD_VARLINK_DEFINE_METHOD(Install,
    IN(path, STRING), IN_OPTIONAL(bundle, INT), IN_OPTIONAL(isAutomatic, BOOL),
    OUT(isTaken, BOOL), OUT_TYPE(standing, Standing));

static SD_VARLINK_DEFINE_METHOD(Look,
    OUT(isTaken, BOOL), OUT_TYPE(standing, Standing));

static SD_VARLINK_DEFINE_METHOD(MarkGood,
    OUT(isTaken, BOOL), OUT_TYPE(standing, Standing));

static SD_VARLINK_DEFINE_METHOD(MarkBad,
    OUT(isTaken, BOOL), OUT_TYPE(standing, Standing));

static SD_VARLINK_DEFINE_METHOD(Cancel,
    OUT(isTaken, BOOL), OUT_TYPE(standing, Standing));

const sd_varlink_interface serve_interface = {
	.name = "io.konklave.Update",
	.symbols = {
		&vl_type_Download,
		&vl_type_Standing,
		&vl_method_Status,
		&vl_method_Install,
		&vl_method_Look,
		&vl_method_MarkGood,
		&vl_method_MarkBad,
		&vl_method_Cancel,
		NULL,
	},
};
/* clang-format on */
