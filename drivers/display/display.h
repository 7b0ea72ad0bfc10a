/*
 * display.h - where the room's picture goes.  One thread per object.
 *
 * A display either is a sink that GStreamer knows (display_launch()), or takes
 * pictures itself, at its own pace (display_show()).
 */
#pragma once
#include "base/base.h"

enum {
	DISPLAY_TILES_MAX = 32,
	DISPLAY_TEXT_BYTES = 256,
	DISPLAY_LINES_BYTES = 1024
};

struct display_tile { /* where a person's picture is */
	uint32_t leaf;
	char name[DISPLAY_TEXT_BYTES];
	unsigned x, y, width, height;
	bool is_self;
	bool is_screen; /* that the person shares */
	bool has_picture; /* else a placeholder */
};

struct display_picture {
	const uint8_t *pixels; /* 4 bytes: blue, green, red, unused; borrowed */
	size_t stride_bytes;
	unsigned width, height;
	uint64_t number; /* rises with each picture of the screen */
	char phase[32];
	char trouble[64]; /* an error's name; "": none */
	char code[64]; /* "": none */
	char lines[DISPLAY_LINES_BYTES]; /* what is said of telephones */
	char waiting[DISPLAY_LINES_BYTES]; /* and of who waits at the door */
	char call[DISPLAY_LINES_BYTES]; /* and of the room's own call */
	bool has_pad; /* the number pad is open: */
	char pad_number[DISPLAY_TEXT_BYTES];
	char pad_notice[DISPLAY_LINES_BYTES];
	/* The newest thing that the box tells beside the meeting; "": none. */
	char notice[DISPLAY_TEXT_BYTES];
	struct display_tile tiles[DISPLAY_TILES_MAX];
	size_t tile_count;
};

struct display;

/*
 * The kind of --screen.  On success *displayp is the caller's; on error it is
 * left alone.  "still" is the kernel's screen as "kms" is, for pictures that
 * stand still: it takes them itself, in its own size. Errors: KK_EINVAL no such
 * kind, KK_EUNSUP not in this build, KK_ENOENT the kernel has no screen (kms,
 * still).  One that has none connected now is there.
 */
MUST_CHECK enum kk_err display_open(struct display **displayp,
    const char *kind);

/* A file that is replaced as a whole by each picture; beside it, with .json in
 * place of its ending, what display_picture says.  Errors: KK_EUNSUP,
 * KK_ENOMEM. */
MUST_CHECK enum kk_err display_file_open(struct display **displayp,
    const char *path);
void display_close(struct display *display); /* NULL is fine */

/*
 * Looks anew for the screen, for pictures of a size; nothing of
 * display_launch() may run. Errors: KK_ENOENT none is connected now.
 */
MUST_CHECK enum kk_err display_renew(struct display *display, unsigned width,
    unsigned height);

/* Is the screen gone that display_renew() has found?  It may well be back: then
 * it is to be begun again. */
bool display_is_other(const struct display *display);

/* GStreamer's description of the sink, as of display_renew(); borrowed.  NULL
 * for one that takes pictures itself. */
const char *display_launch(const struct display *display);

/* The one size that "still" takes, or the size that suits the screen of "kms";
 * false, and nothing changed: any, or no screen is connected. */
bool display_size_get(const struct display *display, unsigned *width,
    unsigned *height);

/* How often it takes pictures; 0: never. */
unsigned display_interval_ms(const struct display *display);

/* Errors: KK_EIO, KK_ENOMEM; the picture before is still there. */
MUST_CHECK enum kk_err display_show(struct display *display,
    const struct display_picture *picture);
