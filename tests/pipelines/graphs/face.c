/* face.c - a screen by itself. */
#include "face.h"

#include <cairo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "meeting.h"

static const struct kk_log quiet = { 0 };

void face_start(struct face *f, unsigned width, unsigned height,
    enum words_language language)
{
	struct screen_config config = { .width = width,
		.height = height,
		.fps = FPS,
		.language = language,
		.box_name = "Room 4",
		.log = &quiet };

	*f = (struct face){ .width = width, .height = height };
	f->pixels = g_malloc0((gsize)width * height * 4);
	CHECK_OK(screen_new(&f->screen, &config));
}

void face_end(struct face *f)
{
	screen_free(f->screen);
	g_free(f->pixels);
}

static void person_make(struct view_person *person, uint32_t leaf,
    const char *name)
{
	*person = (struct view_person){ .leaf = leaf,
		.is_verified = true,
		.is_self = leaf == 0,
		.has_microphone = true };
	g_strlcpy(person->name, name, sizeof(person->name));
}

void view_make(struct view *view, enum view_phase phase, size_t others)
{
	static const char *const names[] = { "Room 4", "Greta Guest",
		"Room 2" };

	*view = (struct view){ .phase = phase };
	if (phase != VIEW_IN)
		return;
	CHECK(others < KK_ARRAY_LEN(names));
	g_strlcpy(view->code, "01234 56789 00000 99999 31415 92653",
	    sizeof(view->code));
	for (size_t i = 0; i < MIN(others + 1, KK_ARRAY_LEN(names)); i++)
		person_make(&view->people[view->people_count++], (uint32_t)i,
		    names[i]);
}

void face_write(const struct face *f, const char *path)
{
	cairo_surface_t *surface = cairo_image_surface_create_for_data(
	    f->pixels, CAIRO_FORMAT_RGB24, (int)f->width, (int)f->height,
	    (int)f->width * 4);

	CHECK_EQ(cairo_surface_write_to_png(surface, path),
	    CAIRO_STATUS_SUCCESS);
	cairo_surface_destroy(surface);
}

void face_show(struct face *f, const struct view *view, const char *name)
{
	const char *folder = getenv("KK_SHOTS");
	g_autofree char *path = g_strdup_printf("%s/%s.png",
	    folder ? folder : "", name);
	uint64_t next;

	screen_view_set(f->screen, view, NULL, 0, NULL);
	/* The one that is being made may still be of the view before. */
	next = screen_pictures(f->screen) + 2;
	AWAIT(screen_pictures(f->screen) >= next);
	screen_copy(f->screen, &f->picture, f->pixels);
	CHECK_STR(f->picture.phase, view_phase_name(view->phase));
	CHECK_STR(f->picture.code, view->code);
	if (folder)
		face_write(f, path);
}
