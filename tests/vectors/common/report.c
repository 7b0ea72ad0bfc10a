/* report.c - what the vector programs print and return. */
#include "report.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void report_case_begin(struct report *r, size_t case_index)
{
	r->case_index = case_index;
	r->has_failed = false;
}

void report_fail(struct report *r, const char *format, ...)
{
	va_list args;

	if (r->has_failed)
		return;
	r->has_failed = true;
	printf("FAIL case %zu: %s%s", r->case_index,
	    r->section ? r->section : "", r->section ? ": " : "");
	va_start(args, format);
	(void)vprintf(format, args);
	va_end(args);
	printf("\n");
}

void report_case_end(struct report *r)
{
	if (r->has_failed)
		r->failed_count++;
	else
		r->passed_count++;
}

bool report_ok(struct report *r, enum kk_err err, const char *what)
{
	if (err)
		report_fail(r, "%s: %s (%s)", what, kk_err_name(err),
		    kk_err_text(err));
	return !err;
}

bool report_equal(struct report *r, struct kk_view want, struct kk_view got,
    const char *what)
{
	size_t at = 0;

	if (kk_view_equal(want, got))
		return true;
	while (at < want.bytes && at < got.bytes &&
	    want.data[at] == got.data[at])
		at++;
	report_fail(r, "%s differs at byte %zu (want %zu bytes, got %zu)", what,
	    at, want.bytes, got.bytes);
	return false;
}

int report_finish(const struct report *r)
{
	printf("%zu passed, %zu failed\n", r->passed_count, r->failed_count);
	if (fflush(stdout) || r->failed_count || !r->passed_count)
		return REPORT_EXIT_FAILED;
	return REPORT_EXIT_OK;
}

int report_args(int argc, char **argv, int operand_count, const char *help)
{
	if (argc == 2 && !strcmp(argv[1], "--help")) {
		(void)fputs(help, stdout);
		return REPORT_EXIT_OK;
	}
	if (argc != operand_count + 1 || (operand_count && argv[1][0] == '-')) {
		(void)fprintf(stderr, "%.*s\n", (int)strcspn(help, "\n"), help);
		return REPORT_EXIT_USAGE;
	}
	return REPORT_RUN;
}

int report_load(const struct json **rootp, const char *program,
    const char *path)
{
	enum kk_err err = json_load(rootp, path);

	if (!err)
		return REPORT_RUN;
	(void)fprintf(stderr, "%s: %s: %s\n", program, path, kk_err_text(err));
	return REPORT_EXIT_USAGE;
}
