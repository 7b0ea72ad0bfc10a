/* child.c - one child: started, ended, started again. */
#define _GNU_SOURCE /* pipe2() */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tools/sandbox/sandbox.h"

enum {
	BACKOFF_MIN_MS = 200,
	BACKOFF_MAX_MS = 10000,
	STEADY_US = 30 * 1000000, /* who lived so long begins anew */
	FAILURES_MAX = 3, /* before it was ever ready */
	US_PER_MS = 1000,
	EXIT_WRONG_OPTION = 2,
	EXIT_NO_PROGRAM = 127
};

const char *const sandbox_program_names[SANDBOX_PROGRAMS] = { "lined", "mixd",
	"mediad", "roomd", "keyd", "webd", "sfud" };

struct sandbox_box *sandbox_box_at(struct sandbox *s, unsigned number)
{
	const bool is_lines = number == SANDBOX_LINES && s->options.lines > 0;

	if (!is_lines && (number == 0 || number > s->options.boxes))
		return NULL;
	return &s->box[number - 1];
}

static void child_init(struct sandbox *s, struct sandbox_child *c,
    enum sandbox_program program, unsigned box)
{
	const char *name = sandbox_program_names[program];

	*c = (struct sandbox_child){ .sandbox = s,
		.program = program,
		.box = box,
		.pipe = -1 };
	if (box == SANDBOX_LINES && program >= SANDBOX_ROOMD)
		(void)snprintf(c->label, sizeof(c->label), "%s-lines", name);
	else if (box && box != SANDBOX_LINES && s->options.boxes > 1)
		(void)snprintf(c->label, sizeof(c->label), "%s%u", name, box);
	else
		(void)snprintf(c->label, sizeof(c->label), "%s", name);
	s->children[s->child_count++] = c;
}

static bool has_program(unsigned box, enum sandbox_program program)
{
	const bool is_of_lines = program < SANDBOX_MEDIAD;

	if (box == SANDBOX_LINES)
		return program != SANDBOX_MEDIAD;
	return !is_of_lines;
}

void sandbox_children_init(struct sandbox *s)
{
	struct sandbox_box *b;

	for (unsigned p = 0; p <= SANDBOX_KEYD; p++) {
		for (unsigned n = 1; n <= SANDBOX_LINES; n++) {
			b = sandbox_box_at(s, n);
			if (b && has_program(n, p))
				child_init(s, &b->child[p], p, n);
		}
	}
	child_init(s, &s->webd, SANDBOX_WEBD, 0);
	child_init(s, &s->sfud, SANDBOX_SFUD, 0);
}

struct sandbox_child *sandbox_child_at(const struct sandbox *s, size_t i)
{
	return i < s->child_count ? s->children[i] : NULL;
}

struct sandbox_child *sandbox_child_of(const struct sandbox *s, pid_t pid)
{
	struct sandbox_child *c;

	for (size_t i = 0; (c = sandbox_child_at(s, i)) != NULL; i++) {
		if (c->pid == pid)
			return c;
	}
	return NULL;
}

static uint64_t now_us(const struct sandbox *s)
{
	uint64_t us = 0;

	return sd_event_now(s->event, CLOCK_MONOTONIC, &us) < 0 ? 0 : us;
}

/* In the child, after fork(): nothing of ours goes with it. */
_Noreturn static void child_run(const struct sandbox *s, pid_t parent, int out,
    char *const *argv)
{
	char notify[128];
	sigset_t none;
	int input = open("/dev/null", O_RDONLY);

	(void)snprintf(notify, sizeof(notify), "%s/notify", s->run);
	/* Where the supervisor is killed, the children die too. */
	if (setpgid(0, 0) || prctl(PR_SET_PDEATHSIG, SIGKILL) ||
	    getppid() != parent || input < 0 || dup2(input, 0) < 0 ||
	    dup2(out, 1) < 0 || dup2(out, 2) < 0 || sigemptyset(&none) ||
	    sigprocmask(SIG_SETMASK, &none, NULL) ||
	    signal(SIGPIPE, SIG_DFL) == SIG_ERR ||
	    signal(SIGINT, SIG_DFL) == SIG_ERR ||
	    setenv("NOTIFY_SOCKET", notify, 1))
		_exit(EXIT_NO_PROGRAM);
	(void)execv(argv[0], argv);
	(void)dprintf(2, "%s: %s\n", argv[0], strerror(errno));
	_exit(EXIT_NO_PROGRAM);
}

static enum kk_err child_fork(struct sandbox_child *c, char *const *argv)
{
	pid_t parent = getpid(), pid;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		return KK_EIO;
	(void)fflush(NULL);
	pid = fork();
	if (pid == 0)
		child_run(c->sandbox, parent, ends[1], argv);
	(void)close(ends[1]);
	if (pid < 0) {
		(void)close(ends[0]);
		return KK_EIO;
	}
	/* Also here, so that it holds whoever is first. */
	(void)setpgid(pid, pid);
	c->pid = pid;
	c->pipe = ends[0];
	return KK_OK;
}

enum kk_err sandbox_child_start(struct sandbox_child *c)
{
	struct sandbox_args args;
	enum kk_err err = sandbox_plan(c, &args);

	if (!err)
		err = child_fork(c, args.v);
	sandbox_args_clear(&args);
	if (err)
		return err;
	c->is_ready = c->is_stopping = false;
	c->started_us = now_us(c->sandbox);
	sandbox_output_open(c);
	return KK_OK;
}

/* It may be started again: sandbox_go_on() does, when its time has come. */
static int again(sd_event_source *source, uint64_t at_us, void *arg)
{
	struct sandbox_child *c = arg;

	(void)at_us;
	c->again = sd_event_source_unref(source);
	sandbox_go_on(c->sandbox);
	return 0;
}

static void again_plan(struct sandbox_child *c)
{
	struct sandbox *s = c->sandbox;

	if (now_us(s) - c->started_us > STEADY_US)
		c->backoff_ms = 0;
	c->backoff_ms = c->backoff_ms ? c->backoff_ms * 2 : BACKOFF_MIN_MS;
	if (c->backoff_ms > BACKOFF_MAX_MS)
		c->backoff_ms = BACKOFF_MAX_MS;
	if (sd_event_add_time_relative(s->event, &c->again, CLOCK_MONOTONIC,
		c->backoff_ms * US_PER_MS, 0, again, c) < 0)
		s->is_ending = s->is_failed = true;
}

static void end_tell(const struct sandbox_child *c, int status)
{
	char how[64];

	if (WIFSIGNALED(status))
		(void)snprintf(how, sizeof(how), "%s",
		    sigabbrev_np(WTERMSIG(status)));
	else
		(void)snprintf(how, sizeof(how), "%d", WEXITSTATUS(status));
	sandbox_tell(c->sandbox, WORD_AGAIN, c->label, how, NULL);
}

void sandbox_child_ended(struct sandbox_child *c, int status)
{
	struct sandbox *s = c->sandbox;
	bool is_hopeless = WIFEXITED(status) &&
	    (WEXITSTATUS(status) == EXIT_WRONG_OPTION ||
		WEXITSTATUS(status) == EXIT_NO_PROGRAM);

	sandbox_output_take(c);
	/* What it left behind in its group goes with it. */
	(void)kill(-c->pid, SIGKILL);
	c->pid = 0;
	c->is_ready = false;
	c->output = sd_event_source_disable_unref(c->output);
	(void)close(c->pipe);
	c->pipe = -1;
	if (s->is_ending || c->is_stopping)
		return;
	if (!c->was_ready && (is_hopeless || ++c->failures >= FAILURES_MAX)) {
		sandbox_tell(s, WORD_FAILED, c->label, s->options.state,
		    c->label);
		s->is_ending = s->is_failed = true;
		return;
	}
	end_tell(c, status);
	c->restarts++;
	again_plan(c);
}

void sandbox_child_stop(struct sandbox_child *c, int signal)
{
	c->again = sd_event_source_disable_unref(c->again);
	c->is_stopping = true;
	if (!c->pid)
		return;
	(void)kill(c->pid, SIGCONT);
	(void)kill(signal == SIGKILL ? -c->pid : c->pid, signal);
}

bool sandbox_child_is_idle(const struct sandbox_child *c)
{
	return !c->pid && !c->again;
}

void sandbox_child_clear(struct sandbox_child *c)
{
	c->again = sd_event_source_disable_unref(c->again);
	c->output = sd_event_source_disable_unref(c->output);
	if (c->pipe >= 0)
		(void)close(c->pipe);
	if (c->log)
		(void)fclose(c->log);
	c->log = NULL;
	c->pipe = -1;
}
