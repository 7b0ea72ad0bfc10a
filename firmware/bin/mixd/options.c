/* options.c - the command line. */
#include "mixd.h"

enum { LINES_DEFAULT = 8 };

static const char help[] =
    "usage: mixd --keyd=SOCKET --roomd=SOCKET --socket=lines:PATH "
    "[OPTION...]\n"
    "\n"
    "The sound of a room's telephone lines and of its meeting.  See mixd(8).\n"
    "\n"
    "  --keyd=SOCKET        where keyd's media role listens\n"
    "  --roomd=SOCKET       where the lines' roomd's media role listens\n"
    "  --socket=lines:PATH  where lined finds us\n"
    "  --allow=lines:UID    who may connect there (default: our own user)\n"
    "  --lines=N            telephone lines there are, 1 to 256 (8)\n"
    "  --help\n";

static enum kk_err complain(const char *of, const char *what)
{
	return program_options_complain("mixd", of, what);
}

static const char *socket_take(void *arg, const char *value)
{
	struct mixd_options *o = arg;

	return program_role_socket(o->roles, MIXD_ROLES, value);
}

static const char *allow_take(void *arg, const char *value)
{
	struct mixd_options *o = arg;

	return program_role_allow(o->roles, MIXD_ROLES, value);
}

static enum kk_err needed_check(const struct mixd_options *o)
{
	if (!o->keyd)
		return complain("--keyd",
		    "needed, as in --keyd=/run/konklave/lines/keyd/media");
	if (!o->roomd)
		return complain("--roomd",
		    "needed, as in --roomd=/run/konklave/lines/roomd/media");
	if (!o->roles[MIXD_LINES].path)
		return complain("--socket",
		    "needed, as in --socket=lines:/run/konklave/mixd/lines");
	return KK_OK;
}

enum kk_err mixd_options_parse(struct mixd_options *o, int argc, char **argv)
{
	const struct program_option table[] = {
		{ "keyd", .text = &o->keyd },
		{ "roomd", .text = &o->roomd },
		{ "socket", .take = socket_take },
		{ "allow", .take = allow_take },
		{ "lines", .number = &o->lines, .min = 1,
		    .max = PLAN_LANES_MAX },
	};
	const struct program_options options = { .program = "mixd",
		.help = help,
		.table = table,
		.count = KK_ARRAY_LEN(table),
		.arg = o };
	enum kk_err err;

	*o = (struct mixd_options){ .lines = LINES_DEFAULT,
		.roles = { { .name = "lines", .fd = -1 } } };
	err = program_options_parse(&options, argc, argv, &o->is_done);
	if (err || o->is_done)
		return err;
	program_roles_finish(o->roles, MIXD_ROLES);
	return needed_check(o);
}
