/* run.c - the order in which things start and end. */
#define _GNU_SOURCE /* sigset_t */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tools/sandbox/sandbox.h"

enum {
	LOOK_US = 100000, /* for roomd's link */
	CHILDREN_BYTES = 4096,
	STAGE_US = 4000000 /* a program has so long to end in order */
};

/* roomd writes its link into a file of its state. */
static void link_read(struct sandbox_box *b)
{
	FILE *file = fopen(b->link_path, "re");
	char text[SANDBOX_LINK_BYTES];

	if (!file)
		return;
	if (fgets(text, sizeof(text), file)) {
		text[strcspn(text, "\r\n")] = '\0';
		memcpy(b->link, text, sizeof(b->link));
	}
	(void)fclose(file);
}

/*
 * May it start now?  keyd first runs alone, to have its key signed; a room
 * needs its keys and the forwarder; the rooms after the first its link.
 */
static bool may_start(const struct sandbox_child *c)
{
	const struct sandbox *s = c->sandbox;
	const struct sandbox_box *b = &s->box[c->box ? c->box - 1 : 0];

	switch (c->program) {
	case SANDBOX_ROOMD:
		return s->sfud.was_ready && b->is_enrolled &&
		    b->child[SANDBOX_KEYD].is_ready &&
		    (c->was_ready || c->box == 1 || s->box[0].link[0]);
	case SANDBOX_LINED:
		return b->child[SANDBOX_MIXD].was_ready;
	case SANDBOX_MIXD:
	case SANDBOX_MEDIAD:
		return b->child[SANDBOX_ROOMD].was_ready &&
		    b->child[SANDBOX_KEYD].was_ready && b->is_enrolled;
	default:
		return true;
	}
}

/* keyd has told its key: it is started again, with the chain. */
static void enrol(struct sandbox *s, struct sandbox_box *b)
{
	struct sandbox_child *keyd = &b->child[SANDBOX_KEYD];

	if (b->is_enrolled || !keyd->is_ready)
		return;
	if (sandbox_site_enrol(s, b)) {
		s->is_ending = s->is_failed = true;
		return;
	}
	keyd->is_ready = false;
	sandbox_child_stop(keyd, SIGTERM);
}

static bool all_ready(struct sandbox *s)
{
	struct sandbox_child *c;

	for (size_t i = 0; (c = sandbox_child_at(s, i)) != NULL; i++) {
		if (!c->is_ready)
			return false;
	}
	return s->box[0].link[0] != '\0';
}

static void start_all(struct sandbox *s)
{
	struct sandbox_child *c;
	struct sandbox_box *b;

	for (unsigned n = 1; n <= SANDBOX_LINES; n++) {
		b = sandbox_box_at(s, n);
		if (!b)
			continue;
		enrol(s, b);
		if (b->child[SANDBOX_ROOMD].is_ready && !b->link[0])
			link_read(b);
	}
	for (size_t i = 0; (c = sandbox_child_at(s, i)) != NULL; i++) {
		if (c->pid || c->again || !may_start(c))
			continue;
		if (sandbox_child_start(c)) {
			(void)fprintf(stderr, "sandbox: cannot start %s\n",
			    c->label);
			s->is_ending = s->is_failed = true;
		}
	}
	if (!s->is_announced && all_ready(s)) {
		s->is_announced = true;
		sandbox_announce(s);
	}
}

/* Ends the programs kind by kind, so that each can still speak with those
 * that it needs.  true: all have ended. */
static bool end_all(struct sandbox *s)
{
	struct sandbox_child *c;
	bool is_idle = true;

	for (size_t i = 0; (c = sandbox_child_at(s, i)) != NULL; i++) {
		c->again = sd_event_source_disable_unref(c->again);
		if (c->program < s->end_stage || !c->pid)
			continue;
		if (c->program > s->end_stage && !is_idle)
			break;
		s->end_stage = c->program;
		if (!c->is_stopping)
			sandbox_child_stop(c, SIGTERM);
		is_idle = false;
	}
	return is_idle;
}

static int overdue(sd_event_source *source, uint64_t at_us, void *arg)
{
	struct sandbox *s = arg;
	struct sandbox_child *c;

	for (size_t i = 0; (c = sandbox_child_at(s, i)) != NULL; i++) {
		if (c->pid && c->is_stopping)
			sandbox_child_stop(c, SIGKILL);
	}
	if (sd_event_source_set_time(source, at_us + STAGE_US) < 0)
		return -1;
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static int look(sd_event_source *source, uint64_t at_us, void *arg)
{
	struct sandbox *s = arg;

	if (!s->is_announced && !s->is_ending)
		sandbox_go_on(s);
	if (s->is_announced || s->is_ending)
		return sd_event_source_set_enabled(source, SD_EVENT_OFF);
	if (sd_event_source_set_time(source, at_us + LOOK_US) < 0)
		return -1;
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

void sandbox_go_on(struct sandbox *s)
{
	if (!s->is_ending)
		start_all(s);
	if (s->is_ending) {
		if (!s->timer &&
		    sd_event_add_time_relative(s->event, &s->timer,
			CLOCK_MONOTONIC, STAGE_US, 0, overdue, s) < 0)
			(void)sd_event_exit(s->event, EXIT_FAILURE);
		if (end_all(s))
			(void)sd_event_exit(s->event, 0);
	}
	sandbox_state_write(s);
}

static int reap(sd_event_source *source, const struct signalfd_siginfo *info,
    void *arg)
{
	struct sandbox *s = arg;
	struct sandbox_child *c;
	int status;
	pid_t pid;

	(void)source;
	(void)info;
	/* Also those that children left to us: we are their subreaper. */
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		c = sandbox_child_of(s, pid);
		if (c)
			sandbox_child_ended(c, status);
	}
	sandbox_go_on(s);
	return 0;
}

static int end(sd_event_source *source, const struct signalfd_siginfo *info,
    void *arg)
{
	struct sandbox *s = arg;
	struct sandbox_child *c;

	(void)source;
	(void)info;
	if (s->signals++ == 0)
		sandbox_tell(s, WORD_ENDING, NULL, NULL, NULL);
	s->is_ending = true;
	for (size_t i = 0;
	    s->signals > 1 && (c = sandbox_child_at(s, i)) != NULL; i++)
		sandbox_child_stop(c, SIGKILL);
	sandbox_go_on(s);
	return 0;
}

static enum kk_err signals_watch(struct sandbox *s)
{
	static const int ends[] = { SIGINT, SIGTERM, SIGHUP };
	sigset_t all;

	if (sigemptyset(&all) || sigaddset(&all, SIGCHLD) ||
	    signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		return KK_EIO;
	for (size_t i = 0; i < KK_ARRAY_LEN(ends); i++) {
		if (sigaddset(&all, ends[i]))
			return KK_EIO;
	}
	if (sigprocmask(SIG_BLOCK, &all, NULL) ||
	    sd_event_add_signal(s->event, NULL, SIGCHLD, reap, s) < 0)
		return KK_EIO;
	for (size_t i = 0; i < KK_ARRAY_LEN(ends); i++) {
		/* tools/enter's caller may have had it ignored. */
		if (signal(ends[i], SIG_DFL) == SIG_ERR ||
		    sd_event_add_signal(s->event, NULL, ends[i], end, s) < 0)
			return KK_EIO;
	}
	return KK_OK;
}

/* What children started and left behind.  true: there was some. */
static bool children_kill(const char *path)
{
	FILE *file = fopen(path, "re");
	char text[CHILDREN_BYTES], *at = text, *end;
	bool is_any = false;
	long pid;

	if (!file)
		return false;
	if (!fgets(text, sizeof(text), file))
		text[0] = '\0';
	(void)fclose(file);
	for (; (pid = strtol(at, &end, 10)) > 0 && end != at; at = end) {
		(void)kill((pid_t)pid, SIGKILL);
		is_any = true;
	}
	return is_any;
}

static void leftovers_kill(void)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/self/task/%ld/children",
	    (long)getpid());
	while (children_kill(path) && waitpid(-1, NULL, 0) > 0)
		;
}

enum kk_err sandbox_run(struct sandbox *s)
{
	enum kk_err err;
	struct sandbox_child *c;

	if (sd_event_new(&s->event) < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1))
		return KK_EIO;
	err = signals_watch(s);
	if (!err)
		err = sandbox_notify_open(s);
	if (!err &&
	    sd_event_add_time_relative(s->event, NULL, CLOCK_MONOTONIC, LOOK_US,
		0, look, s) < 0)
		err = KK_EIO;
	if (!err) {
		sandbox_tell(s, WORD_STARTING, NULL, NULL, NULL);
		sandbox_go_on(s);
		err = sd_event_loop(s->event) < 0 ? KK_EIO : KK_OK;
	}
	leftovers_kill();
	for (size_t i = 0; (c = sandbox_child_at(s, i)) != NULL; i++)
		sandbox_child_clear(c);
	s->timer = sd_event_source_unref(s->timer);
	s->event = sd_event_unref(s->event);
	sandbox_tell(s, WORD_ENDED, NULL, NULL, NULL);
	return err ? err : s->is_failed ? KK_EIO : KK_OK;
}
