/*
 * tap.h - unit tests that speak TAP.  One thread.
 *
 * TEST(name) { ... } defines and registers a test; its name is what it claims.
 * A check that fails ends its test, says where and why, and the next test
 * runs.  main() is here: PROGRAM [-l] [PATTERN...] runs (or lists) the tests
 * whose name matches a shell pattern or contains the words given.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct tap_test {
	const char *name;
	void (*run)(void);
	struct tap_test *next;
};

/* Where a check stands. */
struct tap_place {
	const char *file;
	int line;
};

void tap_add(struct tap_test *test); /* test stays the caller's */

/* Ends the running test as one that could not be made here, and says why. */
_Noreturn void tap_skip(const char *reason);

/* Prints a line of diagnosis, on standard error so that prove shows it. */
__attribute__((format(printf, 1, 2))) void tap_diag(const char *format, ...);

/* The checks below; each ends the test when it fails. */
void tap_true(struct tap_place at, const char *text, bool is_true);
void tap_equal(struct tap_place at, const char *text_a, const char *text_b,
    intmax_t a, intmax_t b);
void tap_err(struct tap_place at, const char *text, enum kk_err got,
    enum kk_err want);
void tap_fail(struct tap_place at, const char *text, enum kk_err got);
void tap_mem(struct tap_place at, const char *text, const void *a,
    const void *b, size_t bytes);
void tap_str(struct tap_place at, const char *text, const char *a,
    const char *b);

#define TAP_HERE ((struct tap_place){ __FILE__, __LINE__ })

#define TEST(test_name)                                                    \
	static void test_name(void);                                       \
	static struct tap_test tap_entry_##test_name = { #test_name,       \
		test_name, NULL };                                         \
	__attribute__((constructor)) static void tap_add_##test_name(void) \
	{                                                                  \
		tap_add(&tap_entry_##test_name);                           \
	}                                                                  \
	static void test_name(void)

#define CHECK(cond) tap_true(TAP_HERE, #cond, (cond))
#define CHECK_EQ(a, b) tap_equal(TAP_HERE, #a, #b, (intmax_t)(a), (intmax_t)(b))
#define CHECK_ERR(expr, want) tap_err(TAP_HERE, #expr, (expr), (want))
#define CHECK_OK(expr) CHECK_ERR(expr, KK_OK)
#define CHECK_FAIL(expr) tap_fail(TAP_HERE, #expr, (expr))
#define CHECK_MEM(a, b, n) tap_mem(TAP_HERE, #a ", " #b, (a), (b), (n))
#define CHECK_STR(a, b) tap_str(TAP_HERE, #a, (a), (b))
#define SKIP(reason) tap_skip(reason)
