/* interface.c - io.konklave.Fetch, as konklave-fetch announces it.  The
 * contract is io.konklave.Fetch.varlink beside this file. */
#define _GNU_SOURCE /* libsystemd's macros ask for it */
#include "fetch.h"

/* clang-format off */
#define IN(name, type) SD_VARLINK_DEFINE_INPUT(name, SD_VARLINK_##type, 0)
#define IN_OPTIONAL(name, type) \
	SD_VARLINK_DEFINE_INPUT(name, SD_VARLINK_##type, SD_VARLINK_NULLABLE)
#define OUT(name, type) SD_VARLINK_DEFINE_OUTPUT(name, SD_VARLINK_##type, 0)
#define OUT_OPTIONAL(name, type) \
	SD_VARLINK_DEFINE_OUTPUT(name, SD_VARLINK_##type, SD_VARLINK_NULLABLE)

static SD_VARLINK_DEFINE_METHOD_FULL(Fetch, SD_VARLINK_REQUIRES_MORE,
    IN_OPTIONAL(url, STRING), IN(board, STRING), IN(version, INT),
    IN(floor, INT), IN_OPTIONAL(except, INT),
    OUT(state, STRING), OUT(says, STRING), OUT_OPTIONAL(source, STRING),
    OUT_OPTIONAL(offered, INT), OUT(bytes, INT), OUT(total, INT),
    OUT(rate, INT));

static SD_VARLINK_DEFINE_METHOD(Drop);

const sd_varlink_interface serve_interface = {
	.name = "io.konklave.Fetch",
	.symbols = {
		&vl_method_Fetch,
		&vl_method_Drop,
		NULL,
	},
};
/* clang-format on */
