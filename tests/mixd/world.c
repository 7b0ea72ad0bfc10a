/* world.c - mixd as a program, and the time that goes by. */
#define _GNU_SOURCE /* mkdtemp(), CLOCK_MONOTONIC */
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	US_PER_S = 1000000,
	NS_PER_US = 1000,
	STEP_US = 2000,
	TICK_US = 20000,
	PUT_PHASE_US = 15000, /* as lined's: after and before the mix */
	TAKE_PHASE_US = 5000,
	FAR_PHASE_US = 10000
};

static uint64_t now_us(void)
{
	struct timespec t;

	CHECK_EQ(clock_gettime(CLOCK_MONOTONIC, &t), 0);
	return (uint64_t)t.tv_sec * US_PER_S + (uint64_t)t.tv_nsec / NS_PER_US;
}

static void path_set(char out[96], const struct world *w, const char *what)
{
	(void)snprintf(out, 96, "%s/%s", w->folder, what);
}

void world_start(struct world *w)
{
	const uint64_t tick_us = (now_us() / TICK_US + 1) * TICK_US;

	*w = (struct world){ .folder = "/tmp/kk-mixd-XXXXXX",
		.put_us = tick_us + PUT_PHASE_US,
		.take_us = tick_us + TAKE_PHASE_US,
		.far_us = tick_us + FAR_PHASE_US };
	CHECK(mkdtemp(w->folder) != NULL);
	CHECK(sd_event_new(&w->event) >= 0);
	path_set(w->siblings.keyd, w, "keyd");
	path_set(w->siblings.roomd, w, "roomd");
	path_set(w->lines, w, "lines");
	path_set(w->log, w, "log");
	w->lane[0].voice = VOICE_A;
	w->lane[1].voice = VOICE_B;
	lanes_listen(w);
	forward_open(w);
	fakes_open(w);
}

/* One that has ended by itself would be waited for in vain. */
static void life_check(const struct world *w)
{
	siginfo_t info = { 0 };

	if (!w->pid || w->is_ending)
		return;
	CHECK_EQ(
	    waitid(P_PID, (id_t)w->pid, &info, WEXITED | WNOHANG | WNOWAIT), 0);
	if (info.si_pid)
		file_show(w->log);
	CHECK_EQ(info.si_pid, 0);
}

static void clock_turn(struct world *w)
{
	const uint64_t now = now_us();

	for (; now >= w->take_us; w->take_us += TICK_US)
		lined_take(w);
	for (; now >= w->far_us; w->far_us += TICK_US)
		far_say(w);
	for (; now >= w->put_us; w->put_us += TICK_US)
		lined_put(w);
}

void world_step(struct world *w)
{
	life_check(w);
	CHECK(sd_event_run(w->event, STEP_US) >= 0);
	clock_turn(w);
}

static void turn(void *arg)
{
	world_step(arg);
}

/* It may be in a call of ours while it starts or ends. */
static struct process process_of(struct world *w,
    const struct process_args *args)
{
	return (struct process){ .name = "mixd",
		.folder = w->folder,
		.log = w->log,
		.args = args,
		.turn = turn,
		.arg = w };
}

static void finish(struct world *w,
    void (*how)(const struct process *p, pid_t *pid))
{
	const struct process p = process_of(w, NULL);

	w->is_ending = true;
	how(&p, &w->pid);
	w->is_ending = false;
	UNTIL(w, !w->siblings.keys_watcher && !w->siblings.plan_watcher);
	(void)unlink(w->lines);
}

void mixd_kill(struct world *w)
{
	finish(w, process_kill);
}

void mixd_run(struct world *w)
{
	char ready[PROCESS_READY_BYTES];
	struct process_args args = { 0 };
	const struct process p = process_of(w, &args);

	process_arg_add(&args, "--keyd=%s", w->siblings.keyd);
	process_arg_add(&args, "--roomd=%s", w->siblings.roomd);
	process_arg_add(&args, "--socket=lines:%s", w->lines);
	process_arg_add(&args, "--lines=%d", LANES);
	w->pid = process_start(&p, ready);
}

void world_end(struct world *w)
{
	lined_leave(w);
	if (w->pid)
		finish(w, process_stop);
	/* What is left of connections ends. */
	while (sd_event_run(w->event, 0) > 0)
		;
	fakes_close(w);
	forward_close(w);
	(void)unlink(w->log);
	CHECK_EQ(rmdir(w->folder), 0);
	sd_event_unref(w->event);
}
