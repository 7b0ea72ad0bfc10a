/* main.c - konklave-port: one command, and ends; or a port, as long as it is.
 */
#include <stdlib.h>
#include <string.h>

#include "port.h"

int main(int argc, char **argv)
{
	const struct kk_log log = { .fn = program_log_write,
		.module = "port",
		.level = KK_LOG_INFO };
	struct port_options o;

	if (port_options_parse(&o, argc, argv))
		return 2;
	if (o.is_done)
		return EXIT_SUCCESS;
	if (program_sandbox_enter(PROGRAM_HOLDS_SECRETS, &log))
		return EXIT_FAILURE;
	if (!strcmp(o.verb, "run"))
		return port_run(&o, o.word);
	return port_command(&o) && !fflush(stdout) ? EXIT_SUCCESS :
						     EXIT_FAILURE;
}
