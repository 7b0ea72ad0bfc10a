/*
 * program.h - what each program of ours does alike, whatever it is for.  Any
 * zone.  Any thread.
 */
#pragma once
#include "base/base.h"

/*
 * Whole files (file.c).
 *
 * Readers take regular files only, of max_bytes at most.  *out is the
 * caller's; on error it is empty.  program_file_read() follows links, as files
 * of a configuration may be some; program_file_read_in() takes a name in a
 * folder of our own, and no link.
 * Errors: KK_ENOENT (the first alone), KK_ELIMIT, KK_EIO, KK_ENOMEM.
 */
MUST_CHECK enum kk_err program_file_read(const char *path, size_t max_bytes,
    struct kk_bytes *out);
MUST_CHECK enum kk_err program_file_read_in(int folder, const char *name,
    size_t max_bytes, struct kk_bytes *out);

/*
 * As program_file_read(), of a file with a secret: KK_EDENIED where others
 * could read it.  It is ours and closed to group and others (mode 0600), or
 * root's and closed to others, as the service manager's credentials are.
 */
MUST_CHECK enum kk_err program_secret_read(const char *path, size_t max_bytes,
    struct kk_bytes *out);

/* What is being written has this after its name; one that is found was never
 * finished. */
#define PROGRAM_FILE_NEW ".new"

/*
 * Writers, in a folder; data are on the disk when they return.  Only our own
 * user may read the file, and no link is followed.  program_file_write() is
 * atomic: on error the old file is whole.  After an error of
 * program_file_append(), which takes a file that is there, a part of data may
 * stand at its end.
 * Errors: KK_EINVAL a name that is too long (the first alone), KK_EIO.
 */
MUST_CHECK enum kk_err program_file_write(int folder, const char *name,
    struct kk_view data);
MUST_CHECK enum kk_err program_file_append(int folder, const char *name,
    struct kk_view data);

/* As program_file_write(); but it waits for no disk: it outlives the process,
 * though not the power. */
MUST_CHECK enum kk_err program_file_replace(int folder, const char *name,
    struct kk_view data);

/* As program_file_write(); but all users may read the file. */
MUST_CHECK enum kk_err program_file_publish(int folder, const char *name,
    struct kk_view data);

/*
 * What a process gives up before it touches anything (sandbox.c): core files,
 * more rights than it has, files that others may read, and what its environment
 * would make libraries write down.  System calls are filtered by the service
 * manager (rootfs/units): its list stands there once for all programs.
 */
enum program_sandbox {
	PROGRAM_HOLDS_SECRETS = 1, /* no debugger, nothing seen in /proc */
	PROGRAM_LOCKS_MEMORY =
	    2 /* no swapping; warns where a limit forbids it */
};

/* flags is of enum program_sandbox.  Errors: KK_EIO. */
MUST_CHECK enum kk_err program_sandbox_enter(unsigned flags,
    const struct kk_log *log);

/*
 * Other programs (run.c).  argv ends in NULL, its first word is the program's
 * path.  Nothing of our environment but a PATH goes on; standard error is ours.
 *
 * Errors: KK_EIO it cannot be started, or did not end with status 0; KK_ELIMIT
 * it said more than room.  out may be NULL: nobody listens.
 */
MUST_CHECK enum kk_err program_run(const char *const argv[], char *out,
    size_t room_bytes);

/* The sink of a program's log (log.c), for any thread: lines on standard error,
 * each with its level as the journal reads it (sd-daemon(3)).  arg is not used.
 */
void program_log_write(void *arg, enum kk_log_level level, const char *line);

/* Writes both and a line feed to standard error as one piece, which no other
 * process's line comes into: printf() writes lines of over 128 bytes in pieces.
 */
void program_log_line(const char *prefix, const char *line);

/*
 * The same lines as JSON objects (log_json.c): time (RFC 3339), level, module,
 * message, and each key=value that the line ends in.
 * program_log_json() is one of them, without line feed; kk_free() it.  NULL: no
 * memory.
 */
struct timespec;
char *program_log_json(enum kk_log_level level, const char *line,
    const struct timespec *now);
void program_log_write_json(void *arg, enum kk_log_level level,
    const char *line);
