/* tap.c - registers, chooses and runs tests; prints TAP version 13. */
#define _GNU_SOURCE /* FNM_CASEFOLD */
#include "harness/tap.h"

#include <fnmatch.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mock/alloc.h"

enum { TAP_MEM_SHOWN_BYTES = 16 };

enum tap_outcome { TAP_PASSED, TAP_FAILED, TAP_SKIPPED };

/* The one place with state: constructors and checks have no argument for it. */
static struct {
	struct tap_test *first;
	struct tap_test **last;
	const struct tap_test *running;
	const char *skip_reason;
	jmp_buf end;
	bool has_leak;
} tap;

/* Of the leak sanitizer, where a build has it. */
__attribute__((weak)) int __lsan_do_recoverable_leak_check(void);

void tap_add(struct tap_test *test)
{
	if (!tap.last)
		tap.last = &tap.first;
	*tap.last = test;
	tap.last = &test->next;
}

void tap_diag(const char *format, ...)
{
	va_list args;

	fflush(stdout);
	fputs("# ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

_Noreturn void tap_skip(const char *reason)
{
	tap.skip_reason = reason;
	longjmp(tap.end, TAP_SKIPPED);
}

static _Noreturn void end_failed(struct tap_place at)
{
	tap_diag("  in %s at %s:%d", tap.running->name, at.file, at.line);
	longjmp(tap.end, TAP_FAILED);
}

void tap_true(struct tap_place at, const char *text, bool is_true)
{
	if (is_true)
		return;
	tap_diag("false: %s", text);
	end_failed(at);
}

void tap_equal(struct tap_place at, const char *text_a, const char *text_b,
    intmax_t a, intmax_t b)
{
	if (a == b)
		return;
	tap_diag("not equal: %s == %s", text_a, text_b);
	tap_diag("  left  %jd (0x%jx)", a, (uintmax_t)a);
	tap_diag("  right %jd (0x%jx)", b, (uintmax_t)b);
	end_failed(at);
}

void tap_err(struct tap_place at, const char *text, enum kk_err got,
    enum kk_err want)
{
	if (got == want)
		return;
	tap_diag("%s is %s, not %s", text, kk_err_name(got), kk_err_name(want));
	end_failed(at);
}

void tap_fail(struct tap_place at, const char *text, enum kk_err got)
{
	if (got != KK_OK)
		return;
	tap_diag("%s is KK_OK, not an error", text);
	end_failed(at);
}

static void show_bytes(const char *side, const uint8_t *p, size_t bytes)
{
	char hex[3 * TAP_MEM_SHOWN_BYTES + 1] = "";

	for (size_t i = 0; i < bytes; i++)
		snprintf(hex + 3 * i, 4, " %02x", p[i]);
	tap_diag("  %s%s", side, hex);
}

void tap_mem(struct tap_place at, const char *text, const void *a,
    const void *b, size_t bytes)
{
	const uint8_t *left = a;
	const uint8_t *right = b;
	size_t shown;
	size_t i = 0;

	while (i < bytes && left[i] == right[i])
		i++;
	if (i == bytes)
		return;
	shown = bytes - i;
	if (shown > TAP_MEM_SHOWN_BYTES)
		shown = TAP_MEM_SHOWN_BYTES;
	tap_diag("%s differ from byte %zu of %zu on", text, i, bytes);
	show_bytes("left ", left + i, shown);
	show_bytes("right", right + i, shown);
	end_failed(at);
}

void tap_str(struct tap_place at, const char *text, const char *a,
    const char *b)
{
	if (a && b && strcmp(a, b) == 0)
		return;
	tap_diag("%s is \"%s\", not \"%s\"", text, a ? a : "(null)",
	    b ? b : "(null)");
	end_failed(at);
}

static bool has_new_leak(void)
{
	if (!__lsan_do_recoverable_leak_check || tap.has_leak)
		return false;
	/* It reports a leak on every later call too: the first one counts. */
	tap.has_leak = __lsan_do_recoverable_leak_check() != 0;
	return tap.has_leak;
}

/* Volatile: longjmp() comes back into here. */
static enum tap_outcome run_one(const struct tap_test *test)
{
	int jumped;

	tap.running = test;
	jumped = setjmp(tap.end);
	if (jumped == 0)
		test->run();
	mock_alloc_disarm();
	if (jumped == 0 && has_new_leak()) {
		tap_diag("memory was leaked, see the sanitizer's report");
		return TAP_FAILED;
	}
	return jumped == 0 ? TAP_PASSED : (enum tap_outcome)jumped;
}

static void report(size_t number, const struct tap_test *test,
    enum tap_outcome outcome)
{
	printf("%sok %zu - %s", outcome == TAP_FAILED ? "not " : "", number,
	    test->name);
	if (outcome == TAP_SKIPPED)
		printf(" # SKIP %s", tap.skip_reason);
	putchar('\n');
	fflush(stdout);
}

static bool matches(const char *name, const char *pattern)
{
	return strstr(name, pattern) || fnmatch(pattern, name, 0) == 0;
}

static bool is_chosen(const struct tap_test *test, char **patterns)
{
	if (!*patterns)
		return true;
	for (; *patterns; patterns++)
		if (matches(test->name, *patterns))
			return true;
	return false;
}

/* Only calls that a signal handler may make. */
static void say_where_it_crashed(int number)
{
	static const char text[] = "\n# crashed in ";
	const char *name = tap.running ? tap.running->name : "no test";

	if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0 ||
	    write(STDERR_FILENO, name, strlen(name)) < 0 ||
	    write(STDERR_FILENO, "\n", 1) < 0)
		_exit(1);
	raise(number); /* the handler was reset on entry */
}

static void watch_crashes(void)
{
	static const int numbers[] = { SIGSEGV, SIGBUS, SIGABRT, SIGFPE,
		SIGILL };
	struct sigaction action = { .sa_handler = say_where_it_crashed,
		.sa_flags = (int)(SA_RESETHAND | SA_NODEFER) };

	if (__lsan_do_recoverable_leak_check)
		return; /* the sanitizer's own report is better */
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		sigaction(numbers[i], &action, NULL);
}

static size_t count_chosen(char **patterns)
{
	size_t n = 0;

	for (const struct tap_test *t = tap.first; t; t = t->next)
		n += is_chosen(t, patterns);
	return n;
}

static int run_chosen(char **patterns)
{
	size_t number = 0;
	size_t failed = 0;

	for (const struct tap_test *t = tap.first; t; t = t->next) {
		enum tap_outcome outcome;

		if (!is_chosen(t, patterns))
			continue;
		outcome = run_one(t);
		failed += outcome == TAP_FAILED;
		report(++number, t, outcome);
	}
	return failed == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
	bool is_list = argc > 1 && strcmp(argv[1], "-l") == 0;
	char **patterns = argv + 1 + is_list;

	if (is_list) {
		for (const struct tap_test *t = tap.first; t; t = t->next)
			if (is_chosen(t, patterns))
				puts(t->name);
		return 0;
	}
	printf("TAP version 13\n1..%zu\n", count_chosen(patterns));
	fflush(stdout);
	watch_crashes();
	return run_chosen(patterns);
}
