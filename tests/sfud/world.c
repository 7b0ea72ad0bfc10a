/* world.c - see world.h. */
#define _GNU_SOURCE /* mkdtemp(), readlink() */
#include "world.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "call/call.h"
#include "crypto/crypto.h"

enum {
	READY_SECONDS = 60,
	SECONDS = 40,
	TURN_US = 20000,
	TAIL_BYTES = sizeof("/tests/sfud") - 1,
	LOG_MAX_BYTES = 1 << 20
};

/* 32 times one letter, and their SHA-256. */
const char SITE_TOKEN[] = "c3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3M=";
const char OTHER_TOKEN[] = "b29vb29vb29vb29vb29vb29vb29vb29vb29vb29vb28=";
const char TOKEN[] = "dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHQ=";
const char TOKEN_HASH[] = "hAjG0qeyhrFtUmMV5eghbPNqcUjNu9bgZHYs117FrmY=";
const char OTHER_HASH[] = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const char MEETING[] = "bWVldGluZyBudW1iZXIgMQ==";
const char MEETING_2[] = "bWVldGluZyBudW1iZXIgMg==";

/* build/tests/.. of our own variant. */
const char *sfud_path(void)
{
	static char path[4200];
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	size_t end;

	CHECK(n > TAIL_BYTES);
	end = (size_t)n - TAIL_BYTES;
	CHECK(!strncmp(self + end, "/tests/sfud", TAIL_BYTES));
	self[end] = '\0';
	if (end > 4 && !strcmp(self + end - 4, "/gcc"))
		self[end - 4] = '\0';
	(void)snprintf(path, sizeof(path), "%s/bin/sfud", self);
	return path;
}

static void file_write(const char *path, const void *data, size_t bytes)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	CHECK(fd >= 0);
	CHECK_EQ(write(fd, data, bytes), bytes);
	CHECK_EQ(close(fd), 0);
}

/* Where the program says that it is ready (sd_notify(3)). */
static int ready_listen(const struct world *w)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct timeval limit = { .tv_sec = READY_SECONDS };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	(void)snprintf(at.sun_path, sizeof(at.sun_path), "%s/ready", w->folder);
	(void)unlink(at.sun_path);
	CHECK(fd >= 0);
	CHECK_EQ(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	CHECK_EQ(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)),
	    0);
	CHECK_EQ(setenv("NOTIFY_SOCKET", at.sun_path, 1), 0);
	return fd;
}

static _Noreturn void sfud_exec(const struct world *w, const char *program)
{
	char state[80], hash[96];
	const char *args[ARGS_MAX + 8] = { program, state, hash,
		"--media-port=0", "--address=127.0.0.1",
		"--listen-loopback=0" };
	size_t n = 6;
	int log = open(w->log, O_WRONLY | O_CREAT | O_APPEND, 0600);

	(void)snprintf(state, sizeof(state), "--state=%s/state", w->folder);
	(void)snprintf(hash, sizeof(hash), "--site-token-hash=%s/site",
	    w->folder);
	for (size_t i = 0; i < ARGS_MAX && w->args[i]; i++)
		args[n++] = w->args[i];
	/* A test that fails leaves nobody behind. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || log < 0 ||
	    dup2(log, STDERR_FILENO) < 0)
		_exit(127);
	execv(program, (char *const *)(uintptr_t)args);
	_exit(127);
}

static void log_show(const struct world *w)
{
	char *log = sfud_log(w);

	tap_diag("%s", log);
	free(log);
}

static unsigned number_after(const char *text, const char *words)
{
	const char *at = strstr(text, words);

	CHECK(at != NULL);
	return (unsigned)strtoul(at + strlen(words), NULL, 10);
}

void sfud_start(struct world *w)
{
	const char *program = sfud_path();
	char text[256] = "";
	int ready = ready_listen(w);

	w->pid = fork();
	CHECK(w->pid >= 0);
	if (w->pid == 0)
		sfud_exec(w, program);
	if (recv(ready, text, sizeof(text) - 1, 0) < 0)
		log_show(w);
	close(ready);
	CHECK(strstr(text, "READY=1") != NULL);
	w->port = number_after(text, "STATUS=port ");
	w->loopback_port = number_after(text, "loopback port ");
	w->media_port = number_after(text, "media port ");
}

void sfud_kill(struct world *w)
{
	int status;

	CHECK_EQ(kill(w->pid, SIGKILL), 0);
	CHECK_EQ(waitpid(w->pid, &status, 0), w->pid);
	w->pid = 0;
}

int sfud_stop(struct world *w)
{
	int status;
	pid_t pid;

	CHECK_EQ(kill(w->pid, SIGTERM), 0);
	/* Clients go on meanwhile. */
	while ((pid = waitpid(w->pid, &status, WNOHANG)) == 0)
		world_turn(w);
	CHECK_EQ(pid, w->pid);
	w->pid = 0;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		log_show(w);
	CHECK(WIFEXITED(status));
	return WEXITSTATUS(status);
}

char *sfud_log(const struct world *w)
{
	char *text = calloc(1, LOG_MAX_BYTES);
	int fd = open(w->log, O_RDONLY | O_CLOEXEC);

	CHECK(text != NULL);
	CHECK(fd >= 0);
	CHECK(read(fd, text, LOG_MAX_BYTES - 1) >= 0);
	CHECK_EQ(close(fd), 0);
	return text;
}

void world_turn(struct world *w)
{
	static time_t end; /* of this test, set by world_start() */
	struct timespec now;

	CHECK_EQ(clock_gettime(CLOCK_MONOTONIC, &now), 0);
	if (!w) {
		end = now.tv_sec + SECONDS;
		return;
	}
	CHECK(now.tv_sec < end);
	CHECK(sd_event_run(w->event, TURN_US) >= 0);
}

void world_start(struct world *w)
{
	const uint8_t token[32] = "ssssssssssssssssssssssssssssssss";
	const struct kk_view parts[] = { { token, sizeof(token) } };
	const char *args[ARGS_MAX];
	uint8_t hash[CRYPTO_HASH_MAX_BYTES];
	char path[96];

	memcpy(args, w->args, sizeof(args));
	*w = (struct world){ .folder = "/tmp/kk-sfud-XXXXXX" };
	memcpy(w->args, args, sizeof(args));
	CHECK(mkdtemp(w->folder) != NULL);
	(void)snprintf(w->log, sizeof(w->log), "%s/log", w->folder);
	(void)snprintf(path, sizeof(path), "%s/state", w->folder);
	CHECK_EQ(mkdir(path, 0700), 0);
	CHECK_OK(crypto_init());
	CHECK_OK(crypto_hash(CRYPTO_SHA256, parts, 1, hash));
	(void)snprintf(path, sizeof(path), "%s/site", w->folder);
	file_write(path, hash, 32);
	CHECK(sd_event_new(&w->event) >= 0);
	CHECK_OK(ws_new(&w->ws, w->event, NULL));
	for (size_t i = 0; i < WORLD_CLIENTS; i++)
		w->clients[i].world = w;
	world_turn(NULL);
	sfud_start(w);
}

static void folder_remove(const char *path)
{
	pid_t pid = fork();

	if (pid == 0) {
		execlp("rm", "rm", "-rf", path, (char *)NULL);
		_exit(127);
	}
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
}

void world_end(struct world *w)
{
	if (w->pid)
		CHECK_EQ(sfud_stop(w), 0);
	for (size_t i = 0; i < WORLD_CLIENTS; i++) {
		client_drop(&w->clients[i]);
		while (w->clients[i].text_count > 0)
			sd_json_variant_unref(
			    w->clients[i].texts[--w->clients[i].text_count]);
	}
	ws_free(w->ws);
	sd_event_unref(w->event);
	while (w->kept_count > 0)
		sd_json_variant_unref(w->kept[--w->kept_count]);
	folder_remove(w->folder);
}
