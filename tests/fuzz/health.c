/*
 * health.c - fuzzes what a service says of its pictures: what is taken has both
 * counts, and what is not changes nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "health/health.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

enum { STATUS_BYTES = 256 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct health_picture p = { 5, 6 };
	char status[STATUS_BYTES];

	if (bytes >= sizeof(status))
		return 0;
	if (bytes > 0)
		memcpy(status, data, bytes);
	status[bytes] = '\0';
	if (health_picture_parse(&p, status)) {
		if (p.drawn != 5 || p.shown != 6)
			abort();
	} else if (!strstr(status, "pictures=") || !strstr(status, "shown=")) {
		abort();
	}
	return 0;
}
