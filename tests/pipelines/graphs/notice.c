/* notice.c - what the box tells beside the meeting is legible on the room's
 * screen, all of it, and lies over nothing else. */
#include <cairo.h>
#include <glib.h>
#include <stddef.h>

#include "harness/tap.h"
#include "pipelines/graphs/paint.h"

enum { WIDTH = 1280, HEIGHT = 720, LARGE_MAX = 3840 };

struct screen_at {
	unsigned width, height;
	enum words_language language;
};

struct area { /* of changed pixels; the ends belong to it */
	int left, right, top, bottom;
};

static cairo_surface_t *painted(const struct screen_at *at,
    const struct view *view, struct layout *layout,
    const struct notices *notices)
{
	const struct pad_look pad = { .is_open = false };
	struct paint paint = { .view = view,
		.layout = layout,
		.language = at->language,
		.box_name = "Room 4",
		.clock = "14:32",
		.self = -1,
		.pad = &pad,
		.notices = notices };
	cairo_surface_t *picture = cairo_image_surface_create(
	    CAIRO_FORMAT_RGB24, (int)at->width, (int)at->height);
	cairo_t *cr = cairo_create(picture);

	layout_make(layout, at->width, at->height,
	    view->people_count > 0 ? view->people_count - 1 : 0, false);
	for (int i = 0; i < VIEW_TILES_MAX; i++)
		paint.people[i] = i + 1 < (int)view->people_count ? i + 1 : -1;
	paint_all(cr, &paint);
	cairo_destroy(cr);
	cairo_surface_flush(picture);
	return picture;
}

static const uint32_t *row_of(cairo_surface_t *picture, int y)
{
	const unsigned char *data = cairo_image_surface_get_data(picture);

	return (const uint32_t *)(const void *)(data +
	    (ptrdiff_t)y * cairo_image_surface_get_stride(picture));
}

static void take(struct area *a, int x, int y)
{
	*a = (struct area){ MIN(a->left, x), MAX(a->right, x), MIN(a->top, y),
		MAX(a->bottom, y) };
}

/* Where two pictures differ, in the columns from..to. */
static struct area changed(cairo_surface_t *a, cairo_surface_t *b, int from,
    int to)
{
	const int height = cairo_image_surface_get_height(a);
	struct area area = { LARGE_MAX, -1, LARGE_MAX, -1 };

	for (int y = 0; y < height; y++) {
		const uint32_t *ra = row_of(a, y), *rb = row_of(b, y);

		for (int x = from; x < to; x++) {
			if (((ra[x] ^ rb[x]) & 0xffffff) != 0)
				take(&area, x, y);
		}
	}
	return area;
}

/* Where something stands in the middle of the main part, on its ground. */
static struct area words_of(cairo_surface_t *picture, const struct layout *l)
{
	const int right = (int)(l->main.x + l->main.width);
	const int bottom = (int)(l->main.y + l->main.height);
	const uint32_t ground = row_of(picture, 0)[0] & 0xffffff;
	struct area area = { LARGE_MAX, -1, LARGE_MAX, -1 };

	for (int y = (int)l->main.y; y < bottom; y++) {
		for (int x = (int)l->main.x; x < right; x++) {
			if ((row_of(picture, y)[x] & 0xffffff) != ground)
				take(&area, x, y);
		}
	}
	return area;
}

static struct notice notice_of(enum notice_kind kind)
{
	return (struct notice){ .kind = kind,
		.number = 100,
		.name = "konklave-x86_64-uefi.raucb" };
}

/* Nobody else is there, and the longest of what can be wrong stands in the
 * middle. */
static void idle_check(const struct screen_at *at, enum notice_kind first,
    enum notice_kind second)
{
	static struct view view = { .phase = VIEW_REFUSED,
		.trouble = "no-relay" };
	const struct notices notices = { .list = { notice_of(first),
					     notice_of(second) },
		.count = 2 };
	struct layout l;
	cairo_surface_t *before = painted(at, &view, &l, NULL);
	cairo_surface_t *after = painted(at, &view, &l, &notices);
	const struct area middle = words_of(before, &l);
	const struct area told = changed(before, after, 0, (int)at->width);

	if (told.top <= middle.bottom + (int)l.margin / 2)
		tap_diag("%ux%u language %d: kinds %d and %d stand too high",
		    at->width, at->height, (int)at->language, (int)first,
		    (int)second);
	CHECK(middle.bottom > middle.top && told.bottom > told.top);
	CHECK(told.top > middle.bottom + (int)l.margin / 2);
	CHECK(told.bottom <= (int)(l.main.y + l.main.height));
	CHECK(told.left >= (int)l.main.x);
	CHECK(told.right <= (int)(l.main.x + l.main.width));
	cairo_surface_destroy(before);
	cairo_surface_destroy(after);
}

TEST(each_notice_stands_whole_below_the_words_of_an_idle_room)
{
	for (enum words_language l = 0; l < WORDS_LANGUAGES; l++) {
		for (unsigned i = NOTICE_NONE + 1; i < NOTICE_KINDS; i++) {
			const struct screen_at small = { 640, 360, l };

			idle_check(&small, (enum notice_kind)i,
			    NOTICE_CERTIFICATE_FOREIGN);
		}
	}
}

TEST(the_longest_notices_have_room_on_each_size_of_screen)
{
	static const unsigned sizes[][2] = { { 640, 360 }, { WIDTH, HEIGHT },
		{ 1920, 1080 }, { LARGE_MAX, 2160 } };

	for (size_t i = 0; i < KK_ARRAY_LEN(sizes); i++) {
		for (enum words_language l = 0; l < WORDS_LANGUAGES; l++) {
			const struct screen_at at = { sizes[i][0], sizes[i][1],
				l };

			idle_check(&at, NOTICE_RESET_SET,
			    NOTICE_CERTIFICATE_FOREIGN);
		}
	}
}

static struct view *meeting(void)
{
	static struct view view = { .phase = VIEW_IN, .people_count = 2 };

	view.people[0].is_self = true;
	return &view;
}

static void line_check(const struct screen_at *at, enum notice_kind kind)
{
	const struct notices notices = { .list = { notice_of(kind) },
		.count = 1 };
	struct layout l;
	cairo_surface_t *before = painted(at, meeting(), &l, NULL);
	cairo_surface_t *after = painted(at, meeting(), &l, &notices);
	const struct area told = changed(before, after, 0, (int)at->width);

	CHECK_EQ(l.tile_count, 1);
	CHECK_EQ(told.bottom > told.top, notice_is_for_meetings(kind));
	if (told.bottom < told.top)
		goto out;
	/* Below all pictures and their names, and on the screen. */
	CHECK(told.top >= (int)(at->height - l.margin));
	CHECK(told.bottom < (int)at->height - 1);
	/* One that lacks words would be as wide as there is room. */
	CHECK(told.right - told.left < (int)l.main.width * 9 / 10);
	CHECK(told.left >= (int)l.main.x);
	CHECK(told.right <= (int)(l.main.x + l.main.width));
out:
	cairo_surface_destroy(before);
	cairo_surface_destroy(after);
}

TEST(in_a_meeting_each_notice_is_one_whole_line_below_the_pictures)
{
	for (enum words_language l = 0; l < WORDS_LANGUAGES; l++) {
		for (unsigned i = NOTICE_NONE + 1; i < NOTICE_KINDS; i++) {
			const struct screen_at small = { 640, 360, l };

			line_check(&small, (enum notice_kind)i);
		}
	}
}

TEST(what_needs_somebody_has_another_colour)
{
	static struct view view = { .phase = VIEW_OFF };
	const struct screen_at at = { WIDTH, HEIGHT, WORDS_EN };
	const enum notice_kind kinds[] = { NOTICE_UPDATE_WRITING,
		NOTICE_UPDATE_BOARD };
	bool is_warm[KK_ARRAY_LEN(kinds)] = { false };
	struct layout l;

	for (size_t i = 0; i < KK_ARRAY_LEN(kinds); i++) {
		const struct notices notices = {
			.list = { notice_of(kinds[i]) },
			.count = 1
		};
		cairo_surface_t *p = painted(&at, &view, &l, &notices);
		const int bottom = (int)(l.main.y + l.main.height);

		for (int y = bottom - HEIGHT / 5; y < bottom; y++) {
			for (unsigned x = 0; x < l.main.width; x++) {
				const uint32_t c = row_of(p, y)[l.main.x + x];

				is_warm[i] |= (int)(c >> 16 & 0xff) -
					(int)(c & 0xff) >
				    60;
			}
		}
		cairo_surface_destroy(p);
	}
	CHECK(!is_warm[0]);
	CHECK(is_warm[1]);
}
