/* server.h - how update-mutants asks the rauc that it has started. */
#pragma once

enum {
	SERVER_FD = 60,
	SERVER_OUT_FD = 61,
	SERVER_WORDS = 16,
	SERVER_BYTES = 4096,
	SERVER_FAILED = 120
};
