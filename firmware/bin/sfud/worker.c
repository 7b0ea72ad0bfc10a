/* worker.c - the thread, and calls into it. */
#define _GNU_SOURCE /* pthread_setname_np(), sigset_t */
#include "worker.h"

#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { US_PER_S = 1000000, NS_PER_US = 1000, NAME_BYTES = 16 };

struct worker {
	const struct kk_log *log;
	char name[NAME_BYTES];
	sd_event *event;
	struct postbox *box;
	pthread_t thread;
	bool is_running;
};

struct call {
	struct postbox_job job;
	void (*fn)(void *arg);
	void *arg;
	sem_t done;
};

/* Without its loop nobody's calls would ever come back: better a new process,
 * which begins with what is on the disk. */
static void *run(void *arg)
{
	const struct worker *worker = arg;
	int r = sd_event_loop(worker->event);

	if (r < 0) {
		kk_log(worker->log, KK_LOG_ERROR,
		    "the loop of a thread has failed: the process ends "
		    "thread=%s error=%d",
		    worker->name, -r);
		_exit(EXIT_FAILURE);
	}
	return NULL;
}

/* Signals are for the main thread. */
static enum kk_err thread_start(struct worker *worker)
{
	sigset_t all, before;

	if (sigfillset(&all) || pthread_sigmask(SIG_SETMASK, &all, &before))
		return KK_EIO;
	worker->is_running = pthread_create(&worker->thread, NULL, run,
				 worker) == 0;
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!worker->is_running)
		return KK_EIO;
	(void)pthread_setname_np(worker->thread, worker->name);
	return KK_OK;
}

enum kk_err worker_new(struct worker **workerp, const char *name,
    const struct kk_log *log)
{
	struct worker *worker = kk_calloc(1, sizeof(*worker));
	enum kk_err err;

	if (!worker)
		return KK_ENOMEM;
	worker->log = log;
	(void)snprintf(worker->name, sizeof(worker->name), "%s", name);
	err = sd_event_new(&worker->event) < 0 ? KK_EIO : KK_OK;
	if (!err)
		err = postbox_new(&worker->box, worker->event);
	if (!err)
		err = thread_start(worker);
	if (err) {
		worker_free(worker);
		return err;
	}
	*workerp = worker;
	return KK_OK;
}

static void finish(void *arg)
{
	(void)sd_event_exit(arg, 0);
}

void worker_free(struct worker *worker)
{
	if (!worker)
		return;
	if (worker->is_running) {
		worker_call(worker, finish, worker->event);
		(void)pthread_join(worker->thread, NULL);
	}
	postbox_free(worker->box);
	sd_event_unref(worker->event);
	kk_free(worker);
}

sd_event *worker_event(const struct worker *worker)
{
	return worker->event;
}

struct postbox *worker_postbox(const struct worker *worker)
{
	return worker->box;
}

static void call_run(struct postbox_job *job)
{
	struct call *call = (struct call *)job; /* its first */

	call->fn(call->arg);
	(void)sem_post(&call->done);
}

void worker_call(struct worker *worker, void (*fn)(void *arg), void *arg)
{
	struct call call = { .job = { .run = call_run }, .fn = fn, .arg = arg };

	(void)sem_init(&call.done, 0, 0); /* cannot fail */
	postbox_post(worker->box, &call.job);
	while (sem_wait(&call.done)) /* a signal */
		;
	(void)sem_destroy(&call.done);
}

uint64_t worker_cpu_us(const struct worker *worker)
{
	struct timespec t = { 0 };
	clockid_t clock;

	if (pthread_getcpuclockid(worker->thread, &clock) ||
	    clock_gettime(clock, &t))
		return 0;
	return (uint64_t)t.tv_sec * US_PER_S + (uint64_t)t.tv_nsec / NS_PER_US;
}
