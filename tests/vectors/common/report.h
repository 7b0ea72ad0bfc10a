/*
 * report.h - what the vector programs print and return.  One thread.
 *
 * One line for each case that fails, "FAIL case N: why" (or "FAIL case N:
 * SECTION: why" in a file of several sections), and a last line
 * "N passed, N failed".  Exit status: 0 all passed; 1 a case failed, or none
 * ran; 2 the program was called wrongly or the file cannot be read.
 */
#pragma once
#include "json.h"

enum { REPORT_EXIT_OK = 0, REPORT_EXIT_FAILED = 1, REPORT_EXIT_USAGE = 2 };
enum { REPORT_RUN = -1 }; /* not an exit status: go on */

struct report { /* all zero at the start */
	size_t passed_count;
	size_t failed_count;
	const char *section; /* borrowed; NULL: the file has none */
	size_t case_index; /* of the case between begin and end */
	bool has_failed; /* this case has, and its line is printed */
};

/*
 * A case runs between begin and end, and passes unless report_fail() came
 * between them.  Only the first reason of a case is printed.
 */
void report_case_begin(struct report *r, size_t case_index);
__attribute__((format(printf, 2, 3))) void report_fail(struct report *r,
    const char *format, ...);
void report_case_end(struct report *r);

/* Fails the case when err is one, naming what and the error; returns !err. */
MUST_CHECK bool report_ok(struct report *r, enum kk_err err, const char *what);

/* Fails the case where the bytes differ, naming what; returns equality. */
bool report_equal(struct report *r, struct kk_view want, struct kk_view got,
    const char *what);

/* Prints the last line and returns the exit status. */
int report_finish(const struct report *r);

/*
 * Reads the command line: --help prints help, and anything but operand_count
 * operands prints help's first line as an error.  Operands are then argv[1]...
 * Returns REPORT_RUN or an exit status.
 */
int report_args(int argc, char **argv, int operand_count, const char *help);

/* json_load() that tells why it failed.  Returns REPORT_RUN or a status. */
int report_load(const struct json **rootp, const char *program,
    const char *path);
