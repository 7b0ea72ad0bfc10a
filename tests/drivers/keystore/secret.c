/* secret.c - what the kernel says of secret memory. */
#define _GNU_SOURCE /* MAP_ANONYMOUS */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "drivers/keystore/keystore_internal.h"
#include "harness/tap.h"

/* True when a line "FROM-TO ..." of smaps is of the page of p. */
static bool line_is_of(const char *line, const void *p)
{
	uintptr_t at = (uintptr_t)p;
	char *end;
	uintptr_t from = (uintptr_t)strtoull(line, &end, 16);

	return *end == '-' && from <= at &&
	    at < (uintptr_t)strtoull(end + 1, NULL, 16);
}

/* What /proc/self/smaps says of the page of p: " rd wr ... dd". */
static void flags_of(const void *p, char *flags, size_t room)
{
	FILE *file = fopen("/proc/self/smaps", "re");
	bool is_here = false;
	char line[512];

	flags[0] = '\0';
	while (file && fgets(line, sizeof(line), file)) {
		if (strncmp(line, "VmFlags:", 8) != 0) {
			is_here = is_here || line_is_of(line, p);
		} else if (is_here) {
			(void)snprintf(flags, room, "%s", line);
			break;
		}
	}
	if (file)
		(void)fclose(file);
}

/* Not under a sanitizer, nor where the limit is zero. */
static bool locking_works(void)
{
	char flags[512];
	void *p = mmap(NULL, 64, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(p != MAP_FAILED);
	(void)mlock(p, 64);
	flags_of(p, flags, sizeof(flags));
	(void)munmap(p, 64);
	return strstr(flags, " lo") != NULL;
}

TEST(keystore_secret_is_left_out_of_core_dumps_and_locked_where_possible)
{
	uint8_t *p = keystore_secret_new(64);
	char flags[512];

	CHECK(p != NULL);
	flags_of(p, flags, sizeof(flags));
	CHECK(strstr(flags, " dd") != NULL); /* MADV_DONTDUMP */
	CHECK(strstr(flags, " wf") != NULL); /* MADV_WIPEONFORK */
	CHECK_EQ(strstr(flags, " lo") != NULL, locking_works());
	keystore_secret_free(p, 64);
}

TEST(keystore_secret_is_not_in_a_forked_child)
{
	uint8_t *p = keystore_secret_new(64);
	int status = -1;
	pid_t pid;

	CHECK(p != NULL);
	memset(p, 0x5a, 64);
	pid = fork();
	if (pid == 0)
		_exit(p[0] == 0 && p[63] == 0 ? 0 : 1);
	CHECK(pid > 0);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	CHECK_EQ(p[0], 0x5a);
	keystore_secret_free(p, 64);
}
