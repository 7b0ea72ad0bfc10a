/* config.c - options from a file. */
#include <stdio.h>
#include <string.h>

#include "harness/tap.h"
#include "mock/alloc.h"
#include "program/options.h"

static char name[] = "box", own[] = "--own=1";
static char *const command[] = { name, own, NULL };

static enum kk_err parse(struct program_config *c, const char *file,
    size_t *line)
{
	return program_config_parse(c, kk_view_text(file), 2,
	    (char **)(uintptr_t)command, line);
}

TEST(a_file_of_options_stands_before_the_command_lines_own)
{
	struct program_config c;
	size_t line = 7;

	CHECK_OK(parse(&c, "port=80\n  text= a b = c \t\r\nloud", &line));
	CHECK_EQ(line, 0);
	CHECK_EQ(c.argc, 5);
	CHECK_STR(c.argv[0], "box");
	CHECK_STR(c.argv[1], "--port=80");
	CHECK_STR(c.argv[2], "--text= a b = c");
	CHECK_STR(c.argv[3], "--loud");
	CHECK_STR(c.argv[4], "--own=1");
	CHECK(c.argv[5] == NULL);
	program_config_clear(&c);
	CHECK(c.text == NULL && c.argv == NULL);
}

TEST(a_file_of_options_may_say_nothing)
{
	static const char *const files[] = { "", "\n", "# port=1\n\n \t\r\n",
		"  # indented" };
	struct program_config c;
	size_t line;

	for (size_t i = 0; i < KK_ARRAY_LEN(files); i++) {
		CHECK_OK(parse(&c, files[i], &line));
		CHECK_EQ(c.argc, 2);
		CHECK_STR(c.argv[1], "--own=1");
		program_config_clear(&c);
	}
}

TEST(a_line_that_is_no_option_is_told_by_its_number)
{
	static const char *const lines[] = { "--port=1", "-p", "word 2", "=1",
		"Port=1", "port =1", "port:1", "\xc3\xa4=1" };
	struct program_config c;
	char file[64];
	size_t line;

	for (size_t i = 0; i < KK_ARRAY_LEN(lines); i++) {
		(void)snprintf(file, sizeof(file), "# first\nloud\n%s\n",
		    lines[i]);
		CHECK_ERR(parse(&c, file, &line), KK_EFORMAT);
		CHECK_EQ(line, 3);
	}
	CHECK_ERR(program_config_parse(&c, kk_view_of("a=\0", 3), 1,
		      (char **)(uintptr_t)command, &line),
	    KK_EFORMAT);
	CHECK_EQ(line, 1);
}

TEST(a_file_has_as_many_options_as_there_is_room_for)
{
	static char file[PROGRAM_CONFIG_BYTES + 2];
	struct program_config c;
	size_t line;

	for (size_t i = 0; i < PROGRAM_CONFIG_ARGS; i++)
		memcpy(file + 2 * i, "a\n", 2);
	CHECK_OK(parse(&c, file, &line));
	CHECK_EQ(c.argc, PROGRAM_CONFIG_ARGS + 2);
	CHECK_STR(c.argv[PROGRAM_CONFIG_ARGS], "--a");
	CHECK_STR(c.argv[PROGRAM_CONFIG_ARGS + 1], "--own=1");
	program_config_clear(&c);
	memcpy(file + (size_t)2 * PROGRAM_CONFIG_ARGS, "a", 1);
	CHECK_ERR(parse(&c, file, &line), KK_ELIMIT);
	CHECK_EQ(line, PROGRAM_CONFIG_ARGS + 1);
	memset(file, '\n', PROGRAM_CONFIG_BYTES);
	file[PROGRAM_CONFIG_BYTES] = '\0';
	CHECK_OK(parse(&c, file, &line));
	program_config_clear(&c);
	file[PROGRAM_CONFIG_BYTES] = '\n';
	CHECK_ERR(parse(&c, file, &line), KK_ELIMIT);
	CHECK_EQ(line, 0);
}
