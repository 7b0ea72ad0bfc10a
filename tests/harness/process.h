/*
 * process.h - programs of ours as children of a test.  Checks end a test.
 *
 * A child ends with the test that has started it.
 */
#pragma once
#include <sys/types.h>

#include "base/base.h"

enum { PROCESS_READY_BYTES = 256, PROCESS_ARG_BYTES = 192, PROCESS_ARGS = 24 };

/* The program of our own variant: build/gcc/tests/.. goes with build/bin,
 * build/asan/tests/.. with build/asan/bin.  Until the next call. */
const char *process_path(const char *name);

struct process_args {
	char text[PROCESS_ARGS][PROCESS_ARG_BYTES];
	size_t count;
};

__attribute__((format(printf, 2, 3))) void process_arg_add(
    struct process_args *args, const char *format, ...);

struct process {
	const char *name;
	const char
	    *folder; /* for the socket on which it says that it is ready */
	const char *log; /* file that standard error is added to */
	const struct process_args *args;
	bool (*prepare)(void *arg); /* in the child, or NULL; false: it ends */
	void (*turn)(void *arg); /* what goes on meanwhile, or NULL */
	void *arg;
};

/* Waits until it is ready (sd_notify(3)); ready gets what it said then. */
pid_t process_start(const struct process *p, char ready[PROCESS_READY_BYTES]);
/* By SIGTERM; it must end with status 0. */
void process_stop(const struct process *p, pid_t *pid);
void process_kill(const struct process *p, pid_t *pid);

/* How often the bytes stand in its writable memory.  Where we may not look
 * there the test is skipped. */
size_t process_memory_count(pid_t pid, const void *needle, size_t bytes);
/* Skips a test that counts what libraries have freed, where the sanitizer,
 * which libc's memory streams go through, leaves copies of its own. */
void process_memory_need_frees(void);

/* Runs a program to its end; both outputs come into out.  Gives its status. */
int process_run(const char *name, const char *const args[], char *out,
    size_t out_room);
/* The same of a script for sh, which ends where a command fails, run in that
 * folder.  Our programs are in $bin. */
int process_script(const char *folder, const char *script, char *out,
    size_t out_room);

/*
 * Files.
 */
char *file_text(const char *path); /* to be freed; "" where there is none */
void file_show(const char *path); /* in the test's diagnosis */
void file_write(const char *path, const void *data, size_t bytes);
void file_patch(const char *path, off_t at, const void *data, size_t bytes);
void folder_remove(const char *path); /* with all that is in it */
