/* main.c - konklave-fetch: loads bundles from a site's server. */
#include <stdlib.h>

#include "fetch.h"

int main(int argc, char **argv)
{
	const struct kk_log log = { .fn = program_log_write,
		.module = "fetch",
		.level = KK_LOG_INFO };
	struct fetch_options o;

	if (fetch_options_parse(&o, argc, argv))
		return 2;
	return o.is_done ? EXIT_SUCCESS : daemon_run(&o, &log);
}
