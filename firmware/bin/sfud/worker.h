/*
 * worker.h - a thread with an event loop of its own.
 *
 * Whoever made it hands it calls; all that lives in its loop is touched by
 * calls and by the loop's own events only.  Where the loop fails (the system
 * has no more of something), the log says so and the process ends.
 */
#pragma once
#include "postbox.h"

struct worker;

/* name: of the thread, up to 15 letters; copied.  log is borrowed, used by the
 * thread, and may be NULL.  Errors: KK_ENOMEM, KK_EIO. */
MUST_CHECK enum kk_err worker_new(struct worker **workerp, const char *name,
    const struct kk_log *log);
/* Does what is posted, ends the loop, waits for the thread.  NULL is fine. */
void worker_free(struct worker *worker);

sd_event *worker_event(const struct worker *worker); /* inside calls */
struct postbox *worker_postbox(const struct worker *worker);

/* Runs fn(arg) in the worker's thread, and waits until it has. */
void worker_call(struct worker *worker, void (*fn)(void *arg), void *arg);

/* CPU time that the thread has used. */
uint64_t worker_cpu_us(const struct worker *worker);
