/*
 * alloc.h - an allocator that fails when a test asks.  Per thread.
 *
 * Test programs are linked with malloc, calloc and realloc wrapped, so it sees
 * the allocations of firmware/ and of the test, not those inside shared
 * libraries.
 */
#pragma once
#include <stdbool.h>

#include "harness/tap.h"

enum { MOCK_ALLOC_LOOPS_MAX = 100000 };

/* From now on, the nth allocation (1 is the next one) fails, once. */
void mock_alloc_arm(unsigned nth);

/* Ends that.  True when an allocation was failed since it was armed. */
bool mock_alloc_disarm(void);

/*
 * Evaluates expr with its first allocation failing, then with its second, and
 * so on, until it runs without meeting a failure.  Each failure must make it
 * return KK_ENOMEM; err keeps what the last, undisturbed run returned.
 */
#define ALLOC_FAULT_LOOP(err, expr)                       \
	for (unsigned alloc_nth = 1;; alloc_nth++) {      \
		CHECK(alloc_nth <= MOCK_ALLOC_LOOPS_MAX); \
		mock_alloc_arm(alloc_nth);                \
		(err) = (expr);                           \
		if (!mock_alloc_disarm())                 \
			break;                            \
		CHECK_ERR(err, KK_ENOMEM);                \
	}
