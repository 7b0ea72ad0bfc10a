/* libs: ua */
/* files: firmware/bin/lined/trunk.c */
/* lined_trunk.c - fuzzes the file of a telephone exchange. */
#include <stdlib.h>
#include <string.h>

#include "../firmware/bin/lined/trunk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void must(bool is_true)
{
	if (!is_true)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct trunk t;
	size_t line;

	if (trunk_parse(&t, kk_view_of(data, bytes), &line)) {
		must(!t.text && !t.of.domain);
		return 0;
	}
	must(t.of.domain && *t.of.domain && t.of.user && *t.of.user);
	must(t.of.servers[0] && strlen(t.of.servers[0]) <= bytes);
	must(t.of.expires_s == 0 || t.of.expires_s >= 60);
	trunk_clear(&t);
	return 0;
}
