/* pad_screen.c - the number pad on the room's picture. */
#include <gst/gst.h>
#include <stdlib.h>
#include <string.h>

#include "face.h"
#include "meeting.h"
#include "pipelines/graphs/pad.h"
#include "pipelines/graphs/pad_words.h"

enum { PIXEL_BYTES = 4, SOURCE_WIDTH = 64, SOURCE_HEIGHT = 36 };

static const char book[] = "030100 Reception\n+4930200 Zoë Müller\n"
			   "030300 Amtsgericht Berlin-Charlottenburg, "
			   "Geschäftsstelle 4\n";

/* A shared screen, all white. */
static struct frames *frames_white(void)
{
	struct frames *frames = frames_new();
	GstCaps *caps = gst_caps_new_simple("video/x-raw", "format",
	    G_TYPE_STRING, "BGRx", "width", G_TYPE_INT, SOURCE_WIDTH, "height",
	    G_TYPE_INT, SOURCE_HEIGHT, "framerate", GST_TYPE_FRACTION, 0, 1,
	    NULL);
	const gsize bytes = (gsize)PIXEL_BYTES * SOURCE_WIDTH * SOURCE_HEIGHT;
	GstBuffer *buffer = gst_buffer_new_allocate(NULL, bytes, NULL);

	gst_buffer_memset(buffer, 0, 0xff, bytes);
	frames_give(frames, gst_sample_new(buffer, caps, NULL, NULL),
	    g_get_monotonic_time());
	gst_buffer_unref(buffer);
	gst_caps_unref(caps);
	return frames;
}

static void picture_take(struct face *f, const char *name)
{
	const char *folder = getenv("KK_SHOTS");
	g_autofree char *path = g_strdup_printf("%s/%s.png",
	    folder ? folder : "", name);
	/* The one that is being made may still be of before. */
	const uint64_t next = screen_pictures(f->screen) + 2;

	AWAIT(screen_pictures(f->screen) >= next);
	screen_copy(f->screen, &f->picture, f->pixels);
	if (folder)
		face_write(f, path);
}

static bool is_white(const struct face *f, unsigned x, unsigned y)
{
	const uint8_t *p = f->pixels + ((size_t)y * f->width + x) * PIXEL_BYTES;

	return p[0] == 0xff && p[1] == 0xff && p[2] == 0xff;
}

static size_t whites(const struct face *f, const struct layout_rect *r)
{
	size_t count = 0;

	for (unsigned y = r->y; y < r->y + r->height; y++)
		for (unsigned x = r->x; x < r->x + r->width; x++)
			count += is_white(f, x, y);
	return count;
}

static void pad_show(struct face *f, const struct pad *pad, const char *name)
{
	struct pad_look look;

	pad_look(pad, &look);
	screen_pad_set(f->screen, &look);
	picture_take(f, name);
}

static void type(struct pad *pad, const char *text)
{
	for (; *text; text++) {
		struct input_event e = { .kind = INPUT_TEXT };

		e.text[0] = *text;
		CHECK_EQ(pad_input(pad, &e, 0), PAD_NOTHING);
	}
}

static void key(struct pad *pad, enum input_kind kind, enum pad_action action)
{
	const struct input_event e = { .kind = kind };

	CHECK_EQ(pad_input(pad, &e, 0), action);
}

static struct pad *pad_make(const char *text, const struct face *f)
{
	struct pad *pad = NULL;

	CHECK_OK(pad_new(&pad, f->width, f->height));
	pad_book_set(pad, kk_view_of(text, strlen(text)));
	return pad;
}

TEST(the_pad_lies_over_the_pictures_while_it_is_open)
{
	struct screen_source source = { 1, true, NULL };
	struct pad_layout layout;
	struct face f;
	struct view view;
	struct pad *pad;

	gst_init(NULL, NULL);
	source.frames = frames_white();
	face_start(&f, 1280, 720, WORDS_DE);
	pad_layout_make(&layout, 1280, 720, true);
	view_make(&view, VIEW_IN, 1);
	view.people[1].screen = 1;
	screen_view_set(f.screen, &view, &source, 1, NULL);
	picture_take(&f, "pad-none");
	CHECK(!f.picture.has_pad);
	CHECK(is_white(&f, layout.keys[PAD_2].x, layout.keys[PAD_2].y));
	pad = pad_make(book, &f);
	type(pad, "0301234");
	pad_show(&f, pad, "pad-de-book");
	CHECK(f.picture.has_pad);
	CHECK_STR(f.picture.pad_number, "0301234");
	CHECK_EQ(whites(&f, &layout.panel), 0);
	CHECK(is_white(&f, layout.panel.x + layout.panel.width / 2,
	    layout.panel.y - 4));
	/* A new view leaves it there. */
	view.is_locked = true;
	screen_view_set(f.screen, &view, &source, 1, NULL);
	picture_take(&f, "pad-locked");
	CHECK_EQ(whites(&f, &layout.panel), 0);
	key(pad, INPUT_BACK, PAD_NOTHING);
	pad_show(&f, pad, "pad-closed");
	CHECK(!f.picture.has_pad);
	CHECK_STR(f.picture.pad_number, "");
	CHECK(is_white(&f, layout.keys[PAD_2].x, layout.keys[PAD_2].y));
	pad_free(pad);
	face_end(&f);
	frames_unref(source.frames);
}

/* Of a part of the picture, which of its bytes differ. */
static size_t differ(const uint8_t *before, const struct face *f,
    const struct layout_rect *r)
{
	size_t count = 0;

	for (unsigned y = r->y; y < r->y + r->height; y++) {
		const size_t at = ((size_t)y * f->width + r->x) * PIXEL_BYTES;

		count += memcmp(before + at, f->pixels + at,
			     (size_t)r->width * PIXEL_BYTES) != 0;
	}
	return count;
}

static void look_check(unsigned width, unsigned height,
    enum words_language language, const char *text, const char *name)
{
	const gsize bytes = (gsize)width * height * PIXEL_BYTES;
	uint8_t *before = g_malloc(bytes);
	g_autofree char *then = g_strdup_printf("%s-refused", name);
	struct pad_layout l;
	struct face f;
	struct view view;
	struct pad *pad;

	face_start(&f, width, height, language);
	pad_layout_make(&l, width, height, text[0]);
	view_make(&view, VIEW_IN, 0);
	screen_view_set(f.screen, &view, NULL, 0, NULL);
	pad = pad_make(text, &f);
	type(pad, "1");
	key(pad, INPUT_ERASE, PAD_NOTHING);
	pad_show(&f, pad, name);
	memcpy(before, f.pixels, bytes);
	type(pad, "+49301234567890");
	key(pad, INPUT_CALL, PAD_DIAL);
	pad_dialled(pad, KK_EDENIED, 0);
	pad_show(&f, pad, then);
	/* Number and notice are drawn, and what is beside them stays. */
	CHECK(differ(before, &f, &l.number) > l.number.height / 4);
	CHECK(differ(before, &f, &l.notice) > l.notice.height / 4);
	CHECK_EQ(differ(before, &f, &l.keys[PAD_1]), 0);
	CHECK(g_str_has_suffix(f.picture.pad_notice, "."));
	memcpy(before, f.pixels, bytes);
	key(pad, INPUT_UP, PAD_NOTHING);
	pad_show(&f, pad, name);
	CHECK(differ(before, &f, &l.keys[PAD_PLUS]) > 0);
	CHECK_EQ(differ(before, &f, &l.keys[PAD_1]), 0);
	g_free(before);
	pad_free(pad);
	face_end(&f);
}

TEST(number_notice_and_focus_are_seen_on_every_screen_in_both_languages)
{
	look_check(1280, 720, WORDS_EN, "", "pad-en");
	look_check(1280, 720, WORDS_DE, "", "pad-de");
	look_check(1920, 1080, WORDS_DE, book, "pad-de-large");
	look_check(640, 360, WORDS_EN, book, "pad-en-small");
}
