/* sink.c - the room's picture comes to the display, whatever that does. */
#include "pipelines/graphs/sink.h"

#include <gst/gst.h>

#include "drivers/display/display_internal.h"
#include "meeting.h"
#include "pipelines/graphs/screen.h"

/* A display of the test's: what is plugged in, and how often it was looked for.
 */
struct stage {
	struct display_ops ops;
	struct display *display;
	struct screen *screen;
	gint is_connected, is_changed;
	gint found;
	gint width; /* of the pictures that it was asked for */
};

static enum kk_err stage_renew(void *ctx, unsigned width, unsigned height)
{
	struct stage *s = ctx;

	CHECK_EQ(height, 180);
	g_atomic_int_set(&s->width, (int)width);
	if (!g_atomic_int_get(&s->is_connected))
		return KK_ENOENT;
	g_atomic_int_set(&s->is_changed, 0);
	g_atomic_int_inc(&s->found);
	return KK_OK;
}

static bool stage_is_other(const void *ctx)
{
	const struct stage *s = ctx;

	return g_atomic_int_get(&s->is_changed);
}

static void stage_close(void *ctx)
{
	(void)ctx;
}

static enum kk_err stage_try(struct stage *s, const char *launch)
{
	static const struct kk_log quiet = { .level = KK_LOG_ERROR };
	struct screen_config config = { .width = 320,
		.height = 180,
		.fps = 10,
		.box_name = "Room 4",
		.log = &quiet };

	gst_init(NULL, NULL);
	s->ops = (struct display_ops){ .launch = launch,
		.renew = stage_renew,
		.is_other = stage_is_other,
		.close = stage_close };
	CHECK_OK(display_new(&s->display, &s->ops, s));
	config.display = s->display;
	return screen_new(&s->screen, &config);
}

static void stage_begin(struct stage *s, const char *launch)
{
	s->is_connected = 1;
	CHECK_OK(stage_try(s, launch));
}

static void stage_end(struct stage *s)
{
	screen_free(s->screen);
	display_close(s->display);
}

TEST(what_the_display_has_shown_is_counted_and_not_what_is_composed)
{
	struct stage shows = { 0 }, refuses = { 0 }, none = { 0 };

	stage_begin(&shows, "fakesink sync=false");
	stage_begin(&refuses, "fakesink state-error=ready-to-paused");
	stage_begin(&none, NULL);
	AWAIT(screen_shown(shows.screen) >= 3);
	AWAIT(screen_pictures(refuses.screen) >= 3 &&
	    screen_pictures(none.screen) >= 3);
	CHECK_EQ(screen_shown(refuses.screen), 0);
	CHECK_EQ(screen_shown(none.screen), 0);
	CHECK_EQ(shows.width, 320);
	stage_end(&shows);
	stage_end(&refuses);
	stage_end(&none);
}

TEST(a_screen_that_is_switched_on_later_gets_the_picture)
{
	struct stage s = { 0 };

	CHECK_OK(stage_try(&s, "fakesink sync=false"));
	AWAIT(screen_pictures(s.screen) >= 3);
	CHECK_EQ(screen_shown(s.screen), 0);
	g_atomic_int_set(&s.is_connected, 1);
	AWAIT(screen_shown(s.screen) >= 3);
	CHECK_EQ(s.found, 1);
	stage_end(&s);
}

TEST(what_fails_is_begun_again_and_all_that_was_shown_counts)
{
	struct stage s = { 0 };

	stage_begin(&s, "identity error-after=4 ! fakesink sync=false");
	AWAIT(g_atomic_int_get(&s.found) >= 3);
	AWAIT(screen_shown(s.screen) > 4);
	stage_end(&s);
}

TEST(another_screen_is_looked_for_when_one_is_unplugged)
{
	struct stage s = { 0 };
	uint64_t shown;

	stage_begin(&s, "fakesink sync=false");
	AWAIT(screen_shown(s.screen) >= 3);
	g_atomic_int_set(&s.is_connected, 0);
	g_atomic_int_set(&s.is_changed, 1);
	AWAIT(g_atomic_int_get(&s.width) == 320);
	g_atomic_int_set(&s.width, 0);
	AWAIT(g_atomic_int_get(&s.width) == 320); /* it was looked for since */
	shown = screen_shown(s.screen);
	g_atomic_int_set(&s.is_connected, 1);
	AWAIT(g_atomic_int_get(&s.found) == 2);
	AWAIT(screen_shown(s.screen) > shown);
	stage_end(&s);
}

TEST(a_display_with_a_part_missing_is_refused_at_once)
{
	struct stage s = { .is_connected = 1 };

	CHECK_ERR(stage_try(&s, "videoconvert ! nosuchsink"), KK_EUNSUP);
	CHECK(s.screen == NULL);
	display_close(s.display);
}
