/* file.c - the picture file and what stands beside it. */
#define _GNU_SOURCE /* mkdtemp() */
#include <cairo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-json.h>
#include <unistd.h>

#include "drivers/display/display.h"
#include "harness/tap.h"

enum { WIDTH = 64, HEIGHT = 36, STRIDE = WIDTH * 4 };

struct place {
	char folder[32], png[64], json[64];
	uint8_t pixels[HEIGHT * STRIDE];
	struct display_picture picture;
};

static struct place *place_new(void)
{
	struct place *p = kk_calloc(1, sizeof(*p));

	CHECK(p != NULL);
	memcpy(p->folder, "/tmp/kk-display-XXXXXX", 23);
	CHECK(mkdtemp(p->folder) != NULL);
	(void)snprintf(p->png, sizeof(p->png), "%s/room.1.png", p->folder);
	(void)snprintf(p->json, sizeof(p->json), "%s/room.1.json", p->folder);
	p->picture = (struct display_picture){ .pixels = p->pixels,
		.stride_bytes = STRIDE,
		.width = WIDTH,
		.height = HEIGHT,
		.number = 7,
		.phase = "in",
		.trouble = "expired",
		.code = "12345 67890",
		.lines = "1 line",
		.tile_count = 1,
		.tiles = { { .leaf = 3,
		    .name = "Zoë \"Q\"\n",
		    .x = 1,
		    .y = 2,
		    .width = 30,
		    .height = 20,
		    .has_picture = true } } };
	return p;
}

static void place_free(struct place *p)
{
	CHECK_EQ(unlink(p->png), 0);
	CHECK_EQ(unlink(p->json), 0);
	CHECK_EQ(rmdir(p->folder), 0); /* so nothing else was left */
	kk_free(p);
}

TEST(the_picture_can_be_read_back_pixel_by_pixel)
{
	struct place *p = place_new();
	struct display *d = NULL;
	cairo_surface_t *surface;
	const uint8_t *pixels;

	for (size_t i = 0; i < sizeof(p->pixels); i++)
		p->pixels[i] = (uint8_t)(i * 7);
	CHECK_OK(display_file_open(&d, p->png));
	CHECK(display_interval_ms(d) > 0);
	CHECK_OK(display_show(d, &p->picture));
	CHECK_OK(display_show(d, &p->picture));
	surface = cairo_image_surface_create_from_png(p->png);
	CHECK_EQ(cairo_image_surface_get_width(surface), WIDTH);
	CHECK_EQ(cairo_image_surface_get_height(surface), HEIGHT);
	pixels = cairo_image_surface_get_data(surface);
	for (size_t i = 0; i < sizeof(p->pixels); i++)
		CHECK(i % 4 == 3 || pixels[i] == p->pixels[i]);
	cairo_surface_destroy(surface);
	display_close(d);
	place_free(p);
}

static sd_json_variant *json_read(const char *path)
{
	sd_json_variant *v = NULL;
	FILE *file = fopen(path, "re");

	CHECK(file != NULL);
	CHECK(sd_json_parse_file(file, path, 0, &v, NULL, NULL) >= 0);
	CHECK_EQ(fclose(file), 0);
	return v;
}

static uint64_t number(sd_json_variant *v, const char *name)
{
	return sd_json_variant_unsigned(sd_json_variant_by_key(v, name));
}

TEST(the_tiles_stand_beside_it_with_any_name_in_them)
{
	struct place *p = place_new();
	struct display *d = NULL;
	sd_json_variant *v, *tile;

	CHECK_OK(display_file_open(&d, p->png));
	CHECK_OK(display_show(d, &p->picture));
	v = json_read(p->json);
	CHECK_EQ(number(v, "number"), 7);
	CHECK_EQ(number(v, "width"), WIDTH);
	CHECK_EQ(number(v, "height"), HEIGHT);
	CHECK_STR(sd_json_variant_string(sd_json_variant_by_key(v, "code")),
	    "12345 67890");
	CHECK_STR(sd_json_variant_string(sd_json_variant_by_key(v, "phase")),
	    "in");
	CHECK_STR(sd_json_variant_string(sd_json_variant_by_key(v, "trouble")),
	    "expired");
	CHECK_STR(sd_json_variant_string(sd_json_variant_by_key(v, "lines")),
	    "1 line");
	tile = sd_json_variant_by_index(sd_json_variant_by_key(v, "tiles"), 0);
	CHECK_STR(sd_json_variant_string(sd_json_variant_by_key(tile, "name")),
	    "Zoë \"Q\"\n");
	CHECK_EQ(number(tile, "leaf"), 3);
	CHECK_EQ(number(tile, "x"), 1);
	CHECK_EQ(number(tile, "y"), 2);
	CHECK_EQ(number(tile, "width"), 30);
	CHECK_EQ(number(tile, "height"), 20);
	sd_json_variant_unref(v);
	display_close(d);
	place_free(p);
}

TEST(an_open_number_pad_stands_beside_it_and_a_closed_one_does_not)
{
	struct place *p = place_new();
	struct display *d = NULL;
	sd_json_variant *v, *pad;

	p->picture.has_pad = true;
	memcpy(p->picture.pad_number, "+49301", 7);
	memcpy(p->picture.pad_notice, "Busy.", 6);
	CHECK_OK(display_file_open(&d, p->png));
	CHECK_OK(display_show(d, &p->picture));
	v = json_read(p->json);
	pad = sd_json_variant_by_key(v, "pad");
	CHECK_STR(sd_json_variant_string(sd_json_variant_by_key(pad, "number")),
	    "+49301");
	CHECK_STR(sd_json_variant_string(sd_json_variant_by_key(pad, "notice")),
	    "Busy.");
	sd_json_variant_unref(v);
	p->picture.has_pad = false;
	CHECK_OK(display_show(d, &p->picture));
	v = json_read(p->json);
	CHECK(sd_json_variant_by_key(v, "pad") == NULL);
	sd_json_variant_unref(v);
	display_close(d);
	place_free(p);
}

TEST(a_folder_that_is_not_there_is_an_error_and_no_end)
{
	struct place *p = place_new();
	struct display *d = NULL, *good = NULL;

	CHECK_OK(display_file_open(&d, "/nonexistent/room.png"));
	CHECK_ERR(display_show(d, &p->picture), KK_EIO);
	display_close(d);
	CHECK_OK(display_file_open(&good, p->png));
	CHECK_OK(display_show(good, &p->picture));
	display_close(good);
	place_free(p);
}

TEST(kinds_of_screens_have_their_names)
{
	struct display *d = NULL;

	CHECK_ERR(display_open(&d, "wall"), KK_EINVAL);
	CHECK_OK(display_open(&d, "none"));
	CHECK(display_launch(d) == NULL);
	CHECK_EQ(display_interval_ms(d), 0);
	display_close(d);
	CHECK_OK(display_open(&d, "window"));
	CHECK(display_launch(d) != NULL);
	display_close(d);
}
