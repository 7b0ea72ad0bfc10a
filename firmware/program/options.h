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
};

/*
 * Reads a command line.  *is_done: --help was asked for and answered, and the
 * rest was not looked at.  Errors: KK_EINVAL.
 */
MUST_CHECK enum kk_err program_options_parse(const struct program_options *o,
    int argc, char **argv, bool *is_done);

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
