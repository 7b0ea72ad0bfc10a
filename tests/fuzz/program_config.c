/* program_config.c - a file of options, whatever is in it. */
#define _GNU_SOURCE /* memmem() */
#include <stdlib.h>
#include <string.h>

#include "program/options.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void need(bool is_true)
{
	if (!is_true)
		abort();
}

/* What a line became is an option, and stands in it as it was. */
static void option_check(const char *option, struct kk_view file)
{
	size_t length = strlen(option);

	need(length > 2 && memcmp(option, "--", 2) == 0);
	need(option[2] != '-' && option[2] != '=' && option[2] != '#');
	need(strchr(option, '\n') == NULL);
	need(memmem(file.data, file.bytes, option + 2, length - 2) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	char name[] = "box", last[] = "--last", *argv[] = { name, last, NULL };
	struct kk_view file = kk_view_of(data, bytes);
	struct program_config c;
	size_t line = 0;
	enum kk_err err = program_config_parse(&c, file, 2, argv, &line);

	if (err) {
		need((err == KK_EFORMAT) == (line > 0) || err == KK_ELIMIT);
		return 0;
	}
	need(line == 0 && c.argc >= 2 && c.argc <= PROGRAM_CONFIG_ARGS + 2);
	need(c.argv[0] == name && c.argv[c.argc - 1] == last);
	need(c.argv[c.argc] == NULL);
	for (int i = 1; i < c.argc - 1; i++)
		option_check(c.argv[i], file);
	program_config_clear(&c);
	return 0;
}
