/*
 * run.c - a port: wpa_supplicant works it, and what it says becomes a state
 * that people can read.  What it says has names of others in it: none of it
 * goes on.
 */
#define _GNU_SOURCE /* pipe2() */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "port.h"

enum { LINE_BYTES = 1024, MS = 1000, NS_PER_MS = 1000000, PORT_NAME_MAX = 15 };
enum { MODE_PUBLIC = 0644 }; /* no secret: the screen shows it */

struct running {
	const struct port_options *o;
	const char *port;
	struct kk_log log;
	int folder; /* for the state */
	struct port_watch watch;
	uint64_t silent_ms; /* when it has been silent for too long; 0: told */
	char line[LINE_BYTES];
	size_t bytes;
	bool is_long; /* the rest of a line that is too long is left out */
};

static uint64_t now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * MS + (uint64_t)now.tv_nsec / NS_PER_MS;
}

static void tell(struct running *r)
{
	const enum port_state state = r->watch.state;
	const char *name = port_state_name(state);
	char text[64];
	const int bytes = snprintf(text, sizeof(text), "%s\n", name);

	if (program_file_write(r->folder, r->port,
		kk_view_of(text, (size_t)bytes)) ||
	    fchmodat(r->folder, r->port, MODE_PUBLIC, 0))
		kk_log(&r->log, KK_LOG_WARNING, "the state is not written");
	kk_log(&r->log, state <= PORT_OPEN ? KK_LOG_INFO : KK_LOG_WARNING,
	    "port %s: %s state=%s", r->port, port_state_text(state, false),
	    name);
	r->silent_ms = state == PORT_STARTING || state == PORT_ASKED ?
	    now_ms() + (uint64_t)r->o->answer_s * MS :
	    0;
}

/* Our own certificate may be what is wrong where the server does not say. */
static void dates_look(struct running *r)
{
	struct kk_bytes chain;
	enum port_flaw flaw = PORT_FITS;

	if (r->watch.state != PORT_REFUSED)
		return;
	if (!program_file_read(PORT_CERTIFICATE, PORT_FILE_BYTES, &chain))
		flaw = port_dates_check(kk_bytes_view(&chain),
		    (int64_t)time(NULL));
	if (flaw == PORT_OVER || flaw == PORT_NOT_YET)
		r->watch.state = PORT_OURS_DATE;
	kk_bytes_clear(&chain);
}

static void line_take(struct running *r)
{
	const enum port_state before = r->watch.state;

	if (!port_line(&r->watch, kk_view_of(r->line, r->bytes)))
		return;
	dates_look(r);
	if (r->watch.state != before)
		tell(r);
}

static void text_take(struct running *r, const char *text, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++) {
		if (text[i] == '\n') {
			if (!r->is_long)
				line_take(r);
			r->bytes = 0;
			r->is_long = false;
		} else if (r->bytes < sizeof(r->line)) {
			r->line[r->bytes++] = text[i];
		} else {
			r->is_long = true;
		}
	}
}

static int wait_ms(const struct running *r)
{
	const uint64_t now = now_ms();

	if (!r->silent_ms)
		return -1;
	return r->silent_ms > now ? (int)(r->silent_ms - now) : 0;
}

/* Until it ends. */
static void listen_to(struct running *r, int fd)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	char text[LINE_BYTES];
	ssize_t n = 1;

	while (n > 0) {
		const int ready = poll(&wait, 1, wait_ms(r));

		if (ready == 0 && port_silence(&r->watch))
			tell(r);
		else if (ready == 0)
			r->silent_ms = 0;
		if (ready <= 0)
			continue;
		n = read(fd, text, sizeof(text));
		if (n > 0)
			text_take(r, text, (size_t)n);
		else if (n < 0 && errno == EINTR)
			n = 1;
	}
}

static bool spawn(const struct running *r, int out, pid_t *pid)
{
	static char config[] = "-c/run/konklave/config/8021x.conf";
	const char *const argv[] = { r->o->supplicant, "-Dwired", "-i", r->port,
		config, NULL };
	static char path[] = "PATH=/usr/sbin:/usr/bin", lang[] = "LC_ALL=C";
	char *const environment[] = { path, lang, NULL };
	posix_spawn_file_actions_t actions;
	bool is_done;

	if (posix_spawn_file_actions_init(&actions))
		return false;
	is_done = !posix_spawn_file_actions_addopen(&actions, STDIN_FILENO,
		      "/dev/null", O_RDONLY, 0) &&
	    !posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO) &&
	    !posix_spawn(pid, argv[0], &actions, NULL,
		(char *const *)(uintptr_t)argv, environment);
	(void)posix_spawn_file_actions_destroy(&actions);
	return is_done;
}

static bool is_port(const char *name)
{
	return *name && strlen(name) <= PORT_NAME_MAX && *name != '.' &&
	    !strchr(name, '/');
}

/* Its end is wpa_supplicant's: what ends us, ends it (the unit's cgroup). */
static int run(struct running *r)
{
	int ends[2], status = 0;
	pid_t pid;

	tell(r);
	if (pipe2(ends, O_CLOEXEC))
		return EXIT_FAILURE;
	if (!spawn(r, ends[1], &pid)) {
		(void)close(ends[0]);
		(void)close(ends[1]);
		kk_log(&r->log, KK_LOG_ERROR, "%s does not start",
		    r->o->supplicant);
		return EXIT_FAILURE;
	}
	(void)close(ends[1]);
	listen_to(r, ends[0]);
	(void)close(ends[0]);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? EXIT_SUCCESS :
							       EXIT_FAILURE;
}

int port_run(const struct port_options *o, const char *port)
{
	struct running r = { .o = o,
		.port = port,
		.log = { .fn = program_log_write,
		    .module = "port",
		    .level = KK_LOG_INFO } };
	const char *credentials = getenv("CREDENTIALS_DIRECTORY");
	const char *states = getenv("RUNTIME_DIRECTORY");
	int status;

	if (!is_port(port) || !states || !credentials ||
	    chdir(credentials) != 0) {
		kk_log(&r.log, KK_LOG_ERROR,
		    "a port's name, $RUNTIME_DIRECTORY and "
		    "$CREDENTIALS_DIRECTORY are needed");
		return EXIT_FAILURE;
	}
	r.folder = open(states, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r.folder < 0)
		return EXIT_FAILURE;
	if (access("port.key", R_OK) || access(PORT_CERTIFICATE, R_OK)) {
		r.watch.state = PORT_NO_CERTIFICATE;
		tell(&r);
		status = EXIT_SUCCESS;
	} else {
		status = run(&r);
	}
	(void)close(r.folder);
	return status;
}
