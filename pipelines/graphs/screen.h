/*
 * screen.h - the room's screen: composes the members' latest pictures at an
 * even pace, on a thread of its own that waits for nobody.
 *
 * What stands still is painted by whoever sets the view, on its own thread; the
 * screen's thread copies that, and lays the pictures over it.
 */
#pragma once
#include "drivers/display/display.h"
#include "notice/notice.h"
#include "pipelines/graphs/frames.h"
#include "pipelines/graphs/layout.h"
#include "pipelines/graphs/pad.h"
#include "pipelines/graphs/words.h"

/* A picture this old is one that stands still: better say that none comes. */
#define SCREEN_STALE_US (5 * G_TIME_SPAN_SECOND)

struct screen;

struct screen_config {
	unsigned width, height, fps;
	enum words_language language;
	const char *box_name; /* outlives the object */
	struct display *display; /* for the pictures, borrowed; or NULL */
	const struct kk_log *log; /* borrowed */
};

/* Starts its thread.  Errors: KK_EINVAL the size, KK_EUNSUP an element of
 * the display's launch is not installed. */
MUST_CHECK enum kk_err screen_new(struct screen **screenp,
    const struct screen_config *config);
void screen_free(struct screen *screen); /* waits; NULL is fine */

struct screen_source { /* whose pictures come where */
	uint32_t leaf;
	bool is_screen; /* that it shares, not its camera */
	struct frames *frames; /* referenced for as long as it is shown */
};

/* What is shown from now on; copied.  One thread at a time. */
void screen_view_set(struct screen *screen, const struct view *view,
    const struct screen_source *sources, size_t count, struct frames *self);

/* The number pad, as it is shown from now on; copied.  The thread of the view.
 */
void screen_pad_set(struct screen *screen, const struct pad_look *pad);

/* What the box tells beside the meeting, likewise; painted anew only where it
 * is another. */
void screen_notices_set(struct screen *screen, const struct notices *notices);

/* Looks at the clock on the wall, now and then.  The thread of the view. */
void screen_tick(struct screen *screen);

/* How large a member's tile is in a view, and the newest screen. */
struct screen_sizes {
	unsigned tile_width, tile_height, large_width, large_height;
};
void screen_sizes_get(const struct screen *screen, const struct view *view,
    struct screen_sizes *sizes);
void screen_self_size(const struct screen *screen, unsigned *width,
    unsigned *height);

/* A copy of what is shown now; pixels is of width * height * 4 bytes. */
void screen_copy(struct screen *screen, struct display_picture *picture,
    uint8_t *pixels);

uint64_t screen_pictures(struct screen *screen); /* so many were composed */
/* So many the display has shown, as it says itself; 0 without one. */
uint64_t screen_shown(struct screen *screen);

/* For tests and measurements: drawn() is called on the screen's thread after
 * each picture.  NULL: no more, and it does not run when this returns. */
void screen_watch(struct screen *screen, void (*drawn)(void *arg), void *arg);
