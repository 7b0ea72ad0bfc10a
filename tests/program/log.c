/* log.c - what the journal gets to read. */
#define _GNU_SOURCE /* memfd_create() */
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness/tap.h"
#include "program/program.h"

TEST(log_is_on_standard_error_with_the_journal_s_levels)
{
	const struct kk_log log = { .fn = program_log_write,
		.module = "box",
		.level = KK_LOG_DEBUG };
	int file = memfd_create("log", MFD_CLOEXEC);
	int was = dup(STDERR_FILENO);
	char text[256] = "";

	CHECK(file >= 0 && was >= 0);
	CHECK_EQ(dup2(file, STDERR_FILENO), STDERR_FILENO);
	kk_log(&log, KK_LOG_ERROR, "one");
	kk_log(&log, KK_LOG_WARNING, "two");
	kk_log(&log, KK_LOG_INFO, "three");
	kk_log(&log, KK_LOG_DEBUG, "four");
	CHECK_EQ(dup2(was, STDERR_FILENO), STDERR_FILENO);
	CHECK_EQ(close(was), 0);
	CHECK(pread(file, text, sizeof(text) - 1, 0) > 0);
	CHECK_EQ(close(file), 0);
	CHECK_STR(text,
	    "<3>box: one\n<4>box: two\n<6>box: three\n"
	    "<7>box: four\n");
}
