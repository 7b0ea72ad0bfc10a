/* memory.c - what stands in the memory of a child. */
#define _GNU_SOURCE /* memmem(), pread() of large files */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/process.h"
#include "harness/tap.h"

/* One mapping of the process; what cannot be read (a guard, the kernel's own
 * page) holds nothing of ours. */
static size_t range_count(int mem, uint64_t from, uint64_t to,
    const void *needle, size_t bytes)
{
	size_t count = 0, room = (size_t)(to - from);
	char *copy = malloc(room);
	const char *at;
	ssize_t n;

	CHECK(copy != NULL);
	n = pread(mem, copy, room, (off_t)from);
	for (at = copy; n > 0 && at; count += at != NULL) {
		size_t left = (size_t)n - (size_t)(at - copy);

		at = memmem(at, left, needle, bytes);
		at = at ? at + 1 : NULL;
	}
	free(copy);
	return count;
}

size_t process_memory_count(pid_t pid, const void *needle, size_t bytes)
{
	char path[64], *maps, *line, *rest;
	size_t count = 0;
	int mem;

	(void)snprintf(path, sizeof(path), "/proc/%d/mem", (int)pid);
	mem = open(path, O_RDONLY | O_CLOEXEC);
	if (mem < 0)
		SKIP("needs the right to look into another process");
	(void)snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
	maps = file_text(path);
	for (line = strtok_r(maps, "\n", &rest); line;
	    line = strtok_r(NULL, "\n", &rest)) {
		char *end;
		uint64_t from = strtoull(line, &end, 16);
		uint64_t to = strtoull(end + 1, &end, 16);

		/* " rw-p": and no larger than such a program is. */
		if (end[2] == 'w' && to - from < (UINT64_C(1) << 30))
			count += range_count(mem, from, to, needle, bytes);
	}
	free(maps);
	close(mem);
	return count;
}

void process_memory_need_frees(void)
{
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
	SKIP("the sanitizer copies what is grown, and keeps what is freed");
#endif
#endif
}
