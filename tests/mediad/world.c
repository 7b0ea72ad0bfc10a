/* world.c - boxes: mediad as a program. */
#define _GNU_SOURCE /* mkdtemp(), readlink() */
#include "world.h"

#include <cairo.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	STEP_US = 5000,
	READY_SECONDS = 60,
	FILE_MAX_BYTES = 65536,
	ARGS = 24,
	OPTION_BYTES = 128,
	PIXEL_BYTES = 4,
	TAIL_BYTES = sizeof("/tests/mediad") - 1
};

/* As in tests/keyd: the program of our own variant. */
const char *program_path(void)
{
	static char path[4200];
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	size_t end;

	CHECK(n > TAIL_BYTES);
	end = (size_t)n - TAIL_BYTES;
	self[end] = '\0';
	if (end > 4 && !strcmp(self + end - 4, "/gcc"))
		self[end - 4] = '\0';
	(void)snprintf(path, sizeof(path), "%s/bin/mediad", self);
	return path;
}

char *file_text(const char *path)
{
	char *text = calloc(1, FILE_MAX_BYTES);
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	CHECK(text != NULL);
	if (fd >= 0) {
		CHECK(read(fd, text, FILE_MAX_BYTES - 1) >= 0);
		CHECK_EQ(close(fd), 0);
	}
	return text;
}

static void path_set(char out[96], const struct world *w, const char *what,
    unsigned number)
{
	(void)snprintf(out, 96, "%s/%u%s", w->folder, number, what);
}

/* What a library keeps for the process's life is not ours (the leak sanitizer
 * reads it, where the program is built with it). */
static void leaks_allow(const struct box *b)
{
	static const char text[] = "leak:libfontconfig\n";
	char path[96], option[128];
	int fd;

	path_set(path, b->world, ".leaks", b->number);
	(void)snprintf(option, sizeof(option), "suppressions=%s", path);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	CHECK(fd >= 0);
	CHECK_EQ(write(fd, text, sizeof(text) - 1), sizeof(text) - 1);
	CHECK_EQ(close(fd), 0);
	CHECK_EQ(setenv("LSAN_OPTIONS", option, 1), 0);
}

static void leaks_end(const struct box *b)
{
	char path[96];

	path_set(path, b->world, ".leaks", b->number);
	(void)unlink(path);
}

void world_start(struct world *w)
{
	*w = (struct world){ .folder = "/tmp/kk-mediad-XXXXXX" };
	CHECK(mkdtemp(w->folder) != NULL);
	CHECK(sd_event_new(&w->event) >= 0);
	for (unsigned i = 0; i < BOXES; i++) {
		struct box *b = &w->box[i];

		*b = (struct box){ .world = w, .number = i };
		path_set(b->png, w, ".png", i);
		path_set(b->json, w, ".json", i);
		path_set(b->wav, w, ".wav", i);
		path_set(b->log, w, ".log", i);
		path_set(b->keyd, w, ".keyd", i);
		path_set(b->roomd, w, ".roomd", i);
		generation_next(b);
		fakes_open(b);
	}
}

static void log_show(const struct box *b)
{
	char *log = file_text(b->log);

	tap_diag("%s", log);
	free(log);
}

static int end_wait(struct box *b, int signal)
{
	int status = 0;
	pid_t pid = b->pid;

	CHECK_EQ(kill(pid, signal), 0);
	b->is_ending = true;
	/* It may be in a call of ours. */
	while (waitpid(pid, &status, WNOHANG) == 0)
		world_step(b->world);
	b->pid = 0;
	b->is_ending = false;
	UNTIL(b->world, !b->keys_watcher && !b->plan_watcher);
	return status;
}

void box_kill(struct box *b)
{
	int status = end_wait(b, SIGKILL);

	CHECK(WIFSIGNALED(status));
}

void box_end(struct box *b)
{
	int status = end_wait(b, SIGTERM);

	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		log_show(b);
	CHECK(WIFEXITED(status));
	CHECK_EQ(WEXITSTATUS(status), 0);
}

void world_end(struct world *w)
{
	for (unsigned i = 0; i < BOXES; i++) {
		struct box *b = &w->box[i];

		if (b->pid)
			box_end(b);
		fakes_close(b);
		peer_free(b->peer);
		b->peer = NULL;
		(void)unlink(b->png);
		(void)unlink(b->json);
		(void)unlink(b->wav);
		(void)unlink(b->log);
		leaks_end(b);
	}
	/* What is left of connections ends. */
	while (sd_event_run(w->event, 0) > 0)
		;
	while (w->old_count > 0)
		call_server_free(w->old[--w->old_count]);
	CHECK_EQ(rmdir(w->folder), 0);
	sd_event_unref(w->event);
}

/* Where the program says that it is ready (sd_notify(3)). */
static int ready_listen(const struct box *b)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	(void)snprintf(at.sun_path, sizeof(at.sun_path), "%s/ready",
	    b->world->folder);
	CHECK(fd >= 0);
	CHECK_EQ(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	CHECK_EQ(setenv("NOTIFY_SOCKET", at.sun_path, 1), 0);
	return fd;
}

static _Noreturn void program_exec(const struct box *b, const char *program)
{
	char o[7][OPTION_BYTES];
	const char *args[ARGS] = { program, o[0], o[1], o[2], o[3], o[4], o[5],
		o[6], "--camera=synthetic", "--microphone=synthetic",
		"--size=640x360", "--send-size=640x360", "--fps=10",
		"--send-fps=10", "--language=en" };
	int log = open(b->log, O_WRONLY | O_CREAT | O_APPEND, 0600);

	(void)snprintf(o[0], OPTION_BYTES, "--keyd=%s", b->keyd);
	(void)snprintf(o[1], OPTION_BYTES, "--roomd=%s", b->roomd);
	(void)snprintf(o[2], OPTION_BYTES, "--name=Room %u", b->number);
	(void)snprintf(o[3], OPTION_BYTES, "--number=%u", b->number);
	(void)snprintf(o[4], OPTION_BYTES, "--picture=%s", b->png);
	(void)snprintf(o[5], OPTION_BYTES, "--loudspeaker=%s", b->wav);
	(void)snprintf(o[6], OPTION_BYTES, "--screen=none");
	if (log < 0 || dup2(log, STDERR_FILENO) < 0)
		_exit(127);
	execv(program, (char *const *)(uintptr_t)args);
	_exit(127);
}

void box_run(struct box *b)
{
	const char *program = program_path();
	char text[64] = "";
	int ready = ready_listen(b);
	char path[96];

	leaks_allow(b);
	b->pid = fork();
	CHECK(b->pid >= 0);
	if (b->pid == 0)
		program_exec(b, program);
	while (recv(ready, text, sizeof(text) - 1, MSG_DONTWAIT) < 0) {
		CHECK_EQ(waitpid(b->pid, NULL, WNOHANG), 0);
		world_step(b->world);
	}
	CHECK(strstr(text, "READY=1") != NULL);
	CHECK_EQ(close(ready), 0);
	(void)snprintf(path, sizeof(path), "%s/ready", b->world->folder);
	CHECK_EQ(unlink(path), 0);
}

void box_fakes_stop(struct box *b)
{
	fakes_close(b);
}

void box_fakes_start(struct box *b)
{
	fakes_open(b);
}

void generation_next(struct box *b)
{
	if (b->peer)
		peer_free(b->peer);
	b->peer = peer_new("127.0.0.1");
	CHECK(b->peer != NULL);
	b->plis = 0;
	b->generation++;
	b->world->box[!b->number].audio.is_on = false;
	b->world->box[!b->number].video.is_on = false;
	plan_tell(b);
}

void epoch_next(struct world *w, unsigned members)
{
	w->epoch++;
	w->members = members;
	for (unsigned i = 0; i < BOXES; i++) {
		struct box *b = &w->box[i];

		if (!(members & 1U << i))
			continue;
		b->may_seal = true;
		if (b->keys_watcher)
			keys_tell(b);
		plan_tell(b);
	}
}

/* One that has ended by itself would be waited for in vain. */
static void life_check(const struct box *b)
{
	siginfo_t info = { 0 };

	if (!b->pid || b->is_ending)
		return;
	CHECK_EQ(
	    waitid(P_PID, (id_t)b->pid, &info, WEXITED | WNOHANG | WNOWAIT), 0);
	if (info.si_pid)
		log_show(b);
	CHECK_EQ(info.si_pid, 0);
}

void world_step(struct world *w)
{
	for (unsigned i = 0; i < BOXES; i++)
		life_check(&w->box[i]);
	CHECK(sd_event_run(w->event, STEP_US) >= 0);
	forward_step(w);
}

static sd_json_variant *tile_find(sd_json_variant *v, const char *name)
{
	sd_json_variant *tiles = sd_json_variant_by_key(v, "tiles"), *tile;

	for (size_t i = 0; i < sd_json_variant_elements(tiles); i++) {
		tile = sd_json_variant_by_index(tiles, i);
		if (!strcmp(sd_json_variant_string(sd_json_variant_by_key(tile,
				"name")),
			name))
			return tile;
	}
	return NULL;
}

static unsigned number_of(sd_json_variant *v, const char *name)
{
	return (unsigned)sd_json_variant_unsigned(sd_json_variant_by_key(v,
	    name));
}

static bool tile_read(cairo_surface_t *png, sd_json_variant *tile,
    struct strip *strip)
{
	size_t stride = (size_t)cairo_image_surface_get_stride(png);
	struct strip_picture part = { .stride_bytes = stride,
		.width = number_of(tile, "width"),
		.height = number_of(tile, "height") };

	if (cairo_surface_status(png) ||
	    !sd_json_variant_boolean(sd_json_variant_by_key(tile,
		"hasPicture")))
		return false;
	part.pixels = cairo_image_surface_get_data(png) +
	    number_of(tile, "y") * stride +
	    (size_t)number_of(tile, "x") * PIXEL_BYTES;
	return strip_read(strip, &part) == KK_OK;
}

bool picture_strip(struct box *b, const char *name, struct strip *strip)
{
	char *text = file_text(b->json);
	sd_json_variant *v = NULL, *tile;
	cairo_surface_t *png;
	bool is_read;

	if (sd_json_parse(text, 0, &v, NULL, NULL) < 0) {
		free(text);
		return false; /* not there yet */
	}
	free(text);
	png = cairo_image_surface_create_from_png(b->png);
	tile = tile_find(v, name);
	is_read = tile && tile_read(png, tile, strip);
	cairo_surface_destroy(png);
	sd_json_variant_unref(v);
	return is_read;
}

bool sees(struct box *b, unsigned other)
{
	struct strip strip;
	char name[32];

	(void)snprintf(name, sizeof(name), "Room %u", other);
	/* A look takes longer than a step. */
	world_step(b->world);
	return picture_strip(b, name, &strip) && strip.number == other;
}
