/*
 * log.h - lines with a level, to a sink of the caller's.
 *
 * A line is one event in plain words with key=value fields.  There is no
 * way to log a run of bytes: who wants an identifier in a line gives a short,
 * public one as text.  Control characters are written as \xNN, so input cannot
 * forge lines.
 *
 * A line is made on the stack, and given to the sink in one call: so threads
 * may share a log whose sink allows it, as the programs' own does (program.h).
 */
#pragma once
#include <stddef.h>

enum kk_log_level { KK_LOG_ERROR, KK_LOG_WARNING, KK_LOG_INFO, KK_LOG_DEBUG };

enum { KK_LOG_LINE_BYTES = 512 }; /* longer lines end in "..." */

/* line is without line feed, zero-terminated and valid during the call only. */
typedef void kk_log_fn(void *arg, enum kk_log_level level, const char *line);

struct kk_log {
	kk_log_fn *fn; /* NULL: the log is silent */
	void *arg;
	const char *module; /* stands first in each line */
	enum kk_log_level level; /* lines above it are left out */
};

/* log may be NULL, which is a silent one. */
__attribute__((format(printf, 3, 4))) void kk_log(const struct kk_log *log,
    enum kk_log_level level, const char *format, ...);

const char *kk_log_level_name(enum kk_log_level level); /* "error", ... */
