/*
 * options.h - command lines, by a table.  Any zone.  One thread at a time:
 * getopt_long(3) keeps its place in the process.
 *
 * What is wrong with one is said on standard error, after the program's name,
 * and is KK_EINVAL.
 */
#pragma once
#include <sys/types.h>

#include "base/base.h"

/*
 * What takes a value that is more than a text: gives NULL, or what is wrong
 * with it.
 */
typedef const char *program_option_take(void *arg, const char *value);

/* One of the pointers is set; values are borrowed from argv. */
struct program_option {
	const char *name;
	bool *flag; /* has no value; becomes true */
	const char **text;
	uint16_t *port; /* a number from min (0 or 1) to 65535 */
	unsigned *number; /* from min to max */
	unsigned min, max;
	program_option_take *take;
};

enum { PROGRAM_OPTIONS_MAX = 24 };

struct program_options {
	const char *program; /* its name */
	const char *help;
	const struct program_option *table;
	size_t count; /* at most PROGRAM_OPTIONS_MAX */
	void *arg; /* of each take() */
	const char **word; /* one that is no option, or NULL: there is none */
	const char *version; /* what --version says, or NULL: there is none */
};

/*
 * Reads a command line.  *is_done: --help or --version was asked for and
 * answered, and the rest was not looked at.  Errors: KK_EINVAL.
 */
MUST_CHECK enum kk_err program_options_parse(const struct program_options *o,
    int argc, char **argv, bool *is_done);

/*
 * A file of options (config.c).  A line is one of them without its dashes, NAME
 * or NAME=VALUE; spaces around it do not count.  Empty lines and those that
 * begin with # say nothing.
 */
enum { PROGRAM_CONFIG_BYTES = 65536, PROGRAM_CONFIG_ARGS = 512 };

struct program_config {
	char *text; /* what the lines are */
	char **argv; /* argv[0], the lines, and then the command line's own */
	int argc;
};

/*
 * Puts a file's options before those of a command line, which so count more.
 * argv is borrowed.  On success it is to be released with
 * program_config_clear(); on error nothing is, and *line is the wrong one, or
 * 0. Errors: KK_EFORMAT that line is none, KK_ELIMIT too long or too many,
 * KK_ENOMEM.
 */
MUST_CHECK enum kk_err program_config_parse(struct program_config *c,
    struct kk_view file, int argc, char **argv, size_t *line);
void program_config_clear(struct program_config *c); /* zeroed is fine */

/* How much of a command line are options that stand before its words, argv[0]
 * among them. */
int program_options_count(int argc, char **argv);

/* Says that of is wrong, and gives KK_EINVAL. */
enum kk_err program_options_complain(const char *program, const char *of,
    const char *what);

/*
 * A decimal number; *textp then stands behind it.  False, and nothing changed:
 * it is none, or not from min to max.
 */
bool program_number_take(const char **textp, uint64_t min, uint64_t max,
    uint64_t *n);

/* [ADDRESS:]PORT, a v6 address in [ ]; address gets "" where it lacks.  Gives
 * NULL, or what is wrong. */
const char *program_address_take(const char *text, unsigned port_min,
    char *address, size_t address_room, uint16_t *port);

/*
 * A socket that siblings connect to, and who may.  Of several, the one that an
 * option is for is named in front: ROLE:PATH, ROLE:UID.
 */
enum { PROGRAM_UIDS_MAX = 8 };

struct program_role {
	const char *name;
	const char *path; /* NULL: no such socket */
	int fd; /* passed by the service manager, or -1 */
	uid_t uids[PROGRAM_UIDS_MAX];
	size_t uid_count;
};

/* Both give NULL, or what is wrong. */
const char *program_role_socket(struct program_role *roles, size_t count,
    const char *value);
const char *program_role_allow(struct program_role *roles, size_t count,
    const char *value);
/* Our own user may connect where nobody else was named. */
void program_roles_finish(struct program_role *roles, size_t count);

struct call_server;

/* Opens the socket of a role, if it has one.  For programs with libcall.
 * Errors: those of call_server_listen(). */
MUST_CHECK enum kk_err program_role_listen(const struct program_role *roles,
    unsigned role, struct call_server *server);
