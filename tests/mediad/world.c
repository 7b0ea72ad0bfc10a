/* world.c - boxes: mediad as a program. */
#define _GNU_SOURCE /* mkdtemp() */
#include "world.h"

#include <cairo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STEP_US = 5000, PIXEL_BYTES = 4 };

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
	char path[96], option[160];

	path_set(path, b->world, ".leaks", b->number);
	(void)snprintf(option, sizeof(option),
	    "print_suppressions=0:suppressions=%s", path);
	file_write(path, text, sizeof(text) - 1);
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
		path_set(b->siblings.keyd, w, ".keyd", i);
		path_set(b->siblings.roomd, w, ".roomd", i);
		generation_next(b);
		fakes_open(b);
	}
}

static void turn(void *arg)
{
	const struct box *b = arg;

	world_step(b->world);
}

/* It may be in a call of ours while it starts or ends. */
static struct process process_of(struct box *b, const struct process_args *args)
{
	return (struct process){ .name = "mediad",
		.folder = b->world->folder,
		.log = b->log,
		.args = args,
		.turn = turn,
		.arg = b };
}

static void box_finish(struct box *b,
    void (*how)(const struct process *p, pid_t *pid))
{
	const struct process p = process_of(b, NULL);

	b->is_ending = true;
	how(&p, &b->pid);
	b->is_ending = false;
	UNTIL(b->world, !b->siblings.keys_watcher && !b->siblings.plan_watcher);
}

void box_kill(struct box *b)
{
	box_finish(b, process_kill);
}

void box_end(struct box *b)
{
	box_finish(b, process_stop);
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
		siblings_free(&w->old[--w->old_count]);
	CHECK_EQ(rmdir(w->folder), 0);
	sd_event_unref(w->event);
}

void box_run(struct box *b)
{
	char ready[PROCESS_READY_BYTES];
	struct process_args args = { 0 };
	const struct process p = process_of(b, &args);

	process_arg_add(&args, "--keyd=%s", b->siblings.keyd);
	process_arg_add(&args, "--roomd=%s", b->siblings.roomd);
	process_arg_add(&args, "--name=Room %u", b->number);
	process_arg_add(&args, "--number=%u", b->number);
	process_arg_add(&args, "--picture=%s", b->png);
	process_arg_add(&args, "--loudspeaker=%s", b->wav);
	process_arg_add(&args, "--screen=none");
	process_arg_add(&args, "--camera=synthetic");
	process_arg_add(&args, "--microphone=synthetic");
	process_arg_add(&args, "--size=%ux%u", WIDTH, HEIGHT);
	process_arg_add(&args, "--send-size=%ux%u", WIDTH, HEIGHT);
	process_arg_add(&args, "--fps=10");
	process_arg_add(&args, "--send-fps=10");
	process_arg_add(&args, "--language=en");
	process_arg_add(&args, "--notices=%s", b->world->folder);
	leaks_allow(b);
	b->pid = process_start(&p, ready);
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
	b->siblings.generation++;
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
		if (b->siblings.keys_watcher)
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
		file_show(b->log);
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

static bool says(struct box *b, const char *key, const char *sentence)
{
	sd_json_variant *v = NULL, *said;
	char *text;
	bool is_so;

	world_step(b->world);
	text = file_text(b->json);
	is_so = sd_json_parse(text, 0, &v, NULL, NULL) >= 0;
	free(text);
	said = is_so ? sd_json_variant_by_key(v, key) : NULL;
	is_so = is_so &&
	    !strcmp(said ? sd_json_variant_string(said) : "", sentence);
	sd_json_variant_unref(v);
	return is_so;
}

bool says_of_lines(struct box *b, const char *sentence)
{
	return says(b, "lines", sentence);
}

bool says_notice(struct box *b, const char *title)
{
	return says(b, "notice", title);
}
