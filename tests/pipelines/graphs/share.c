/* share.c - shared screens in the room's picture. */
#include <gst/gst.h>
#include <string.h>

#include "face.h"
#include "meeting.h"
#include "pipelines/graphs/layout.h"

enum { PICTURE_WIDTH = 64, PICTURE_HEIGHT = 36 };

static void large_check(const struct layout *l)
{
	const struct layout_rect *a = &l->tiles[0];
	const unsigned under = a->y + a->height + l->caption;

	CHECK(a->x >= l->margin && a->x + a->width <= l->side.x);
	CHECK(a->y >= l->margin && under <= l->height);
	CHECK(ABS((int)a->width * 9 - (int)a->height * 16) <= 32);
	for (size_t i = 1; i < l->tile_count; i++) {
		const struct layout_rect *b = &l->tiles[i];

		CHECK(a->width > 3 * b->width);
		CHECK(b->y >= under);
		CHECK(b->y + b->height + l->caption <= l->height);
		CHECK(b->x >= l->margin && b->x + b->width <= l->side.x);
		CHECK(i == 1 || b->x > (b - 1)->x + (b - 1)->width);
	}
}

TEST(a_large_picture_and_a_row_below_it_fit_for_any_number_and_size)
{
	static const struct {
		unsigned width, height;
	} sizes[] = { { 320, 180 }, { 640, 360 }, { 1280, 720 },
		{ 1920, 1080 } };

	for (size_t s = 0; s < KK_ARRAY_LEN(sizes); s++) {
		for (unsigned n = 1; n <= VIEW_TILES_MAX + 3; n++) {
			struct layout l;

			layout_make(&l, sizes[s].width, sizes[s].height, n,
			    true);
			CHECK(l.has_large);
			CHECK_EQ(l.tile_count, MIN(n, l.tile_count));
			CHECK(l.tile_count >= MIN(n, 5));
			large_check(&l);
		}
	}
}

TEST(the_newest_screen_is_large_then_older_ones_then_people_with_cameras)
{
	struct face f;
	struct view view;
	const struct display_tile *t = f.picture.tiles;

	face_start(&f, 1280, 720, WORDS_DE);
	view_make(&view, VIEW_IN, 2);
	view.people[1].screen = 4;
	view.people[2].screen = 3;
	view.people[2].has_camera = true;
	face_show(&f, &view, "two-screens");
	CHECK_EQ(f.picture.tile_count, 5);
	CHECK(t[0].is_screen && t[0].leaf == 1);
	CHECK(t[1].is_screen && t[1].leaf == 2);
	CHECK(!t[2].is_screen && t[2].leaf == 2);
	CHECK(!t[3].is_screen && t[3].leaf == 1);
	CHECK(t[4].is_self);
	CHECK(t[0].width > 3 * t[1].width);
	view.people[2].screen = 5;
	face_show(&f, &view, "the-other-one");
	CHECK(t[0].is_screen && t[0].leaf == 2);
	view.people[1].screen = view.people[2].screen = 0;
	face_show(&f, &view, "no-screen");
	CHECK_EQ(f.picture.tile_count, 3);
	CHECK(!t[0].is_screen && !t[1].is_screen);
	CHECK_EQ(t[0].width, t[1].width);
	face_end(&f);
}

/* A white picture that came ten seconds ago. */
static struct frames *frames_old(void)
{
	const gsize bytes = 4 * PICTURE_WIDTH * PICTURE_HEIGHT;
	struct frames *frames = frames_new();
	GstBuffer *buffer;
	GstCaps *caps;

	gst_init(NULL, NULL);
	caps = gst_caps_new_simple("video/x-raw", "format", G_TYPE_STRING,
	    "BGRx", "width", G_TYPE_INT, PICTURE_WIDTH, "height", G_TYPE_INT,
	    PICTURE_HEIGHT, "framerate", GST_TYPE_FRACTION, 0, 1, NULL);
	buffer = gst_buffer_new_allocate(NULL, bytes, NULL);
	gst_buffer_memset(buffer, 0, 0xff, bytes);
	frames_give(frames, gst_sample_new(buffer, caps, NULL, NULL),
	    g_get_monotonic_time() - 10 * G_TIME_SPAN_SECOND);
	gst_buffer_unref(buffer);
	gst_caps_unref(caps);
	return frames;
}

TEST(a_screen_may_stand_still_where_a_camera_that_does_is_not_shown)
{
	struct frames *old = frames_old();
	const struct screen_source sources[] = { { 1, false, old },
		{ 1, true, old } };
	struct face f;
	struct view view;
	uint64_t next;

	face_start(&f, 640, 360, WORDS_EN);
	view_make(&view, VIEW_IN, 1);
	view.people[1].screen = 1;
	view.people[1].has_camera = true;
	screen_view_set(f.screen, &view, sources, KK_ARRAY_LEN(sources), NULL);
	next = screen_pictures(f.screen) + 2;
	AWAIT(screen_pictures(f.screen) >= next);
	screen_copy(f.screen, &f.picture, f.pixels);
	CHECK_EQ(f.picture.tile_count, 3);
	CHECK(f.picture.tiles[0].is_screen && f.picture.tiles[0].has_picture);
	CHECK(!f.picture.tiles[1].is_screen);
	CHECK_EQ(f.picture.tiles[1].leaf, 1);
	CHECK(!f.picture.tiles[1].has_picture);
	face_end(&f);
	frames_unref(old);
}
