/* main.c - konklave-update: the service, or one command to it. */
#include <stdlib.h>
#include <string.h>

#include "driver.h"

int main(int argc, char **argv)
{
	const struct kk_log log = { .fn = program_log_write,
		.module = "update",
		.level = KK_LOG_INFO };
	struct driver_options o;

	if (driver_options_parse(&o, argc, argv))
		return 2;
	if (o.is_done)
		return EXIT_SUCCESS;
	if (!strcmp(o.word[0], "serve"))
		return daemon_run(&o, &log);
	return !strcmp(o.word[0], "check") ? check_run(&o) : client_run(&o);
}
