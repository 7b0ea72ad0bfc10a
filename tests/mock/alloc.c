/* alloc.c - counts allocations down to the one that fails. */
#include "mock/alloc.h"

#include <errno.h>
#include <stddef.h>

/* Names that the linker's --wrap asks for. */
void *__real_malloc(size_t bytes);
void *__real_calloc(size_t count, size_t bytes);
void *__real_realloc(void *old, size_t bytes);
void *__wrap_malloc(size_t bytes);
void *__wrap_calloc(size_t count, size_t bytes);
void *__wrap_realloc(void *old, size_t bytes);

static _Thread_local unsigned left; /* 0: not armed */
static _Thread_local bool has_failed;

void mock_alloc_arm(unsigned nth)
{
	left = nth;
	has_failed = false;
}

bool mock_alloc_disarm(void)
{
	bool was = has_failed;

	left = 0;
	has_failed = false;
	return was;
}

static bool must_fail(void)
{
	if (left == 0 || --left > 0)
		return false;
	has_failed = true;
	errno = ENOMEM;
	return true;
}

void *__wrap_malloc(size_t bytes)
{
	return must_fail() ? NULL : __real_malloc(bytes);
}

void *__wrap_calloc(size_t count, size_t bytes)
{
	return must_fail() ? NULL : __real_calloc(count, bytes);
}

void *__wrap_realloc(void *old, size_t bytes)
{
	return must_fail() ? NULL : __real_realloc(old, bytes);
}
