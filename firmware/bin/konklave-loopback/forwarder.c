/* forwarder.c - a forwarder of our own, as a child, and its folder. */
#define _GNU_SOURCE /* mkdtemp(), O_DIRECTORY */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crypto/crypto.h"
#include "program/program.h"
#include "trial.h"

enum {
	READY_BYTES = 512,
	ARG_BYTES = 128,
	NOT_STARTED = 127,
	DEPTH_MAX = 3,
	PRIVATE = 0700
};

#define HASH "token-hash"
#define STATE "state"

static enum kk_err folder_make(struct trial *t)
{
	const char *tmp = getenv("TMPDIR");
	char path[TRIAL_PATH_BYTES];
	int n = snprintf(path, sizeof(path), "%s/konklave-loopback.XXXXXX",
	    tmp && *tmp ? tmp : "/tmp");

	if (n < 0 || (size_t)n >= sizeof(path) || !mkdtemp(path))
		return KK_EIO;
	memcpy(t->folder, path, sizeof(path));
	t->folder_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return t->folder_fd < 0 || mkdirat(t->folder_fd, STATE, PRIVATE) ?
	    KK_EIO :
	    KK_OK;
}

static enum kk_err token_make(struct trial *t)
{
	const struct kk_view token = kk_view_of(t->site_token,
	    sizeof(t->site_token));
	uint8_t hash[CRYPTO_HASH_MAX_BYTES];
	enum kk_err err = crypto_random(t->site_token, sizeof(t->site_token));

	if (!err)
		err = crypto_hash(CRYPTO_SHA256, &token, 1, hash);
	return err ? err :
		     program_file_write(t->folder_fd, HASH,
			 kk_view_of(hash, ROOM_TOKEN_BYTES));
}

/* The sound that each one's microphone hears, where it is a file. */
static enum kk_err sounds_write(struct trial *t)
{
	enum kk_err err = KK_OK;

	for (int i = 0; !err && i < TRIAL_ENDS; i++) {
		char name[] = "0.wav";

		name[0] = (char)('0' + i);
		(void)snprintf(t->sounds[i], sizeof(t->sounds[i]), "%s/%s",
		    t->folder, name);
		err = loopback_sound_write(t->folder_fd, name,
		    t->ends[i].config.nonce);
	}
	return err;
}

/* --- what it says --------------------------------------------------------- */

static int said(sd_event_source *source, int fd, uint32_t events, void *arg)
{
	static const char port_is[] = "loopback port ";
	struct trial *t = arg;
	char text[READY_BYTES];
	ssize_t n = recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT);
	const char *at;

	(void)source;
	(void)events;
	text[n > 0 ? n : 0] = '\0';
	at = strstr(text, port_is);
	if (t->port || !at || !strstr(text, "READY=1"))
		return 0;
	t->port = (uint16_t)strtoul(at + strlen(port_is), NULL, 10);
	trial_mark(t, TRIAL_SERVES);
	trial_begun(t);
	return 0;
}

static int ended(sd_event_source *source, const siginfo_t *info, void *arg)
{
	struct trial *t = arg;

	(void)source;
	(void)info;
	t->sfud = 0;
	trial_fail(t, LOOPBACK_FORWARDER,
	    t->port ? "it has ended" : "it does not start");
	return 0;
}

static enum kk_err ready_listen(struct trial *t, struct sockaddr_un *at)
{
	int n;

	*at = (struct sockaddr_un){ .sun_family = AF_UNIX };
	n = snprintf(at->sun_path, sizeof(at->sun_path), "%s/ready", t->folder);
	t->ready_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (n < 0 || (size_t)n >= sizeof(at->sun_path) || t->ready_fd < 0 ||
	    bind(t->ready_fd, (const struct sockaddr *)at, sizeof(*at)) ||
	    sd_event_add_io(t->event, NULL, t->ready_fd, EPOLLIN, said, t) < 0)
		return KK_EIO;
	return KK_OK;
}

/* --- the child ------------------------------------------------------------ */

static _Noreturn void child_run(const struct trial *t, const char *ready)
{
	char state[ARG_BYTES], hash[ARG_BYTES], name[] = "sfud";
	char listen[] = "--listen-loopback=0",
	     address[] = "--address=127.0.0.1";
	char over[] = "--media-over=udp", workers[] = "--workers=1";
	char *argv[] = { name, state, hash, listen, address, over, workers,
		NULL };
	sigset_t none;

	(void)snprintf(state, sizeof(state), "--state=%s/" STATE, t->folder);
	(void)snprintf(hash, sizeof(hash), "--site-token-hash=%s/" HASH,
	    t->folder);
	/* It ends with us, and its watchdog is not ours. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || sigemptyset(&none) ||
	    sigprocmask(SIG_SETMASK, &none, NULL) ||
	    setenv("NOTIFY_SOCKET", ready, 1) || unsetenv("WATCHDOG_USEC") ||
	    unsetenv("WATCHDOG_PID") || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
		_exit(NOT_STARTED);
	(void)execv(t->options.sfud, argv);
	_exit(NOT_STARTED);
}

enum kk_err trial_forwarder_start(struct trial *t)
{
	struct sockaddr_un at;
	enum kk_err err = folder_make(t);

	if (!err)
		err = token_make(t);
	if (!err)
		err = sounds_write(t);
	if (!err)
		err = ready_listen(t, &at);
	if (err)
		return err;
	t->sfud = fork();
	if (t->sfud == 0)
		child_run(t, at.sun_path);
	if (t->sfud < 0) {
		t->sfud = 0;
		return KK_EIO;
	}
	return sd_event_add_child(t->event, NULL, t->sfud, WEXITED, ended, t) <
		0 ?
	    KK_EIO :
	    KK_OK;
}

/* What is in a folder of ours. */
static void folder_empty(int fd, int depth)
{
	DIR *folder = depth < DEPTH_MAX ? fdopendir(fd) : NULL;
	const struct dirent *entry;

	if (!folder) {
		(void)close(fd);
		return;
	}
	/* One thread has it. */
	while ((entry = readdir(folder)) != NULL) { /* NOLINT(*-unsafe) */
		int inner;

		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		inner = openat(fd, entry->d_name,
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (inner >= 0)
			folder_empty(inner, depth + 1);
		(void)unlinkat(fd, entry->d_name,
		    inner >= 0 ? AT_REMOVEDIR : 0);
	}
	(void)closedir(folder);
}

void trial_forwarder_stop(struct trial *t)
{
	if (t->sfud > 0) {
		(void)kill(t->sfud, SIGKILL); /* it keeps nothing */
		(void)waitpid(t->sfud, NULL, 0);
		t->sfud = 0;
	}
	if (t->ready_fd >= 0)
		(void)close(t->ready_fd);
	if (t->folder_fd >= 0)
		folder_empty(t->folder_fd, 0);
	if (t->folder[0])
		(void)rmdir(t->folder);
	t->ready_fd = t->folder_fd = -1;
	t->folder[0] = '\0';
	kk_wipe(t->site_token, sizeof(t->site_token));
}
