/* kept.c */
#define _GNU_SOURCE /* O_PATH and others that fts.h is used with */
#include "tests/cuts/kept.h"

#include <fts.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/process.h"
#include "harness/tap.h"
#include "program/program.h"
#include "tests/cuts/disk.h"
#include "tests/cuts/run.h"

#define LIBRARIES "usr/lib/x86_64-linux-gnu"

enum {
	PATH = 512,
	FILE_BYTES_MAX = 1 << 20,
	RIGHT = 0, /* statuses: e2fsck(8) */
	CORRECTED = 1,
	ARGUMENTS = 3
};

static void path_make(char out[PATH], const char *folder, const char *name)
{
	const int n = snprintf(out, PATH, "%s/%s", folder, name);

	CHECK(n > 0 && n < PATH);
}

/* A program of that Debian, with its own libraries. */
static int run(const char *runtime, const char *name,
    const char *const arguments[ARGUMENTS])
{
	char loader[PATH], libraries[PATH], program[PATH];
	const char *const argv[] = { loader, "--library-path", libraries,
		program, arguments[0], arguments[1], arguments[2], NULL };

	path_make(loader, runtime, LIBRARIES "/ld-linux-x86-64.so.2");
	path_make(libraries, runtime, LIBRARIES);
	path_make(program, runtime, name);
	return cuts_run(argv);
}

static uint64_t hash_add(uint64_t hash, const void *data, size_t bytes)
{
	const uint8_t *at = data;

	for (size_t i = 0; i < bytes; i++)
		hash = cuts_mix(hash, at[i] + 1U);
	return hash;
}

/* Files stand below it in no order: so does their sum. */
static uint64_t content_of(char *folder)
{
	char *const tops[] = { folder, NULL };
	FTS *fts = fts_open(tops, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	const FTSENT *entry;
	uint64_t sum = 0;

	CHECK(fts != NULL);
	while ((entry = fts_read(fts))) {
		struct kk_bytes text = { 0 };
		uint64_t hash = hash_add(1, entry->fts_path,
		    strlen(entry->fts_path));

		if (entry->fts_info == FTS_F)
			CHECK_OK(program_file_read(entry->fts_path,
			    FILE_BYTES_MAX, &text));
		if (entry->fts_info != FTS_DP)
			sum += hash_add(hash, text.data, text.bytes);
		kk_bytes_clear(&text);
	}
	(void)fts_close(fts);
	return sum;
}

struct kept kept_take(int fd, const char *world, const char *runtime)
{
	char file[PATH], commands[PATH], folder[PATH], text[4 * PATH];
	struct kept kept = { 0 };
	int status;

	(void)snprintf(file, sizeof(file), "/proc/self/fd/%d", fd);
	/* fsck.repair=yes of the kernel's line: systemd-fsck(8). */
	status = run(runtime, "usr/sbin/e2fsck",
	    (const char *const[]){ "-y", file, NULL });
	CHECK(status == RIGHT || status == CORRECTED);
	kept.is_mended = status == CORRECTED;
	/* As udev looks, without which no unit waits for it in time. */
	if (kept.is_mended)
		CHECK_EQ(run(runtime, "usr/sbin/blkid",
			     (const char *const[]){ "-p", file, NULL }),
		    RIGHT);
	CHECK_EQ(run(runtime, "usr/sbin/e2fsck",
		     (const char *const[]){ "-fn", file, NULL }),
	    RIGHT);
	path_make(folder, world, "kept");
	CHECK_EQ(
	    cuts_run((const char *const[]){ "/bin/rm", "-rf", folder, NULL }),
	    0);
	CHECK_EQ(mkdir(folder, 0700), 0);
	path_make(commands, world, "commands");
	(void)snprintf(text, sizeof(text),
	    "rdump /lib/konklave %s\ndump /lib/systemd/credential.secret "
	    "%s/secret\n",
	    folder, folder);
	file_write(commands, text, strlen(text));
	(void)run(runtime, "usr/sbin/debugfs",
	    (const char *const[]){ "-f", commands, file });
	kept.content = content_of(folder);
	return kept;
}
