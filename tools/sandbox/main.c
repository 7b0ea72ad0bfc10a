/* main.c - sandbox: a room box on this PC. */
#define _GNU_SOURCE /* libsystemd's headers ask for it */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "program/words.h"
#include "tools/sandbox/sandbox.h"

static bool wants_window(const char *screen)
{
	const char *display = getenv("DISPLAY");

	if (strcmp(screen, "auto") != 0)
		return !strcmp(screen, "window");
	return display && *display;
}

int main(int argc, char **argv)
{
	static struct sandbox s = { .lock = -1, .notify = -1 };
	enum kk_err err;

	if (sandbox_options_parse(&s.options, argc, argv))
		return 2;
	if (s.options.is_done)
		return EXIT_SUCCESS;
	if (s.options.is_status)
		return sandbox_state_show(&s.options) ? EXIT_FAILURE :
							EXIT_SUCCESS;
	s.is_german = program_wants_german();
	s.has_colour = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
	s.options.has_window = wants_window(s.options.screen);
	err = sandbox_ports_check(&s);
	if (!err)
		err = sandbox_state_open(&s);
	if (!err)
		err = sandbox_site_make(&s);
	if (!err)
		err = sandbox_run(&s);
	sandbox_state_close(&s);
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}
