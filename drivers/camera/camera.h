/*
 * camera.h - where the box's picture comes from.  One thread per object.
 *
 * A camera either has a source that GStreamer knows (camera_launch()), or draws
 * its pictures itself (camera_draw()): then whoever has it asks for one each
 * frame.
 */
#pragma once
#include "base/base.h"

enum { CAMERA_NUMBERS = 16, CAMERA_NUMBER_OF_NAME = -1 };

/* The best one of Video4Linux that is there when it is opened: one on USB
 * before others; no device for infrared, data about pictures, or radio.  With
 * :WORDS behind it, one with these words in its name (kk_text_has_words()), and
 * no other. */
#define CAMERA_AUTO "v4l2:auto"

struct camera;

struct camera_config {
	const char
	    *kind; /* "synthetic", CAMERA_AUTO, "/dev/videoN", or a file */
	const char *name; /* the box's, in the synthetic picture */
	int number; /* in its strip, or CAMERA_NUMBER_OF_NAME */
	unsigned width, height; /* of drawn pictures: 64x36 to 3840x2160 */
};

/*
 * config is borrowed for the call.  On success *camerap is the caller's; on
 * error it is left alone.
 * Errors: KK_ENOENT no such device or file, KK_EUNSUP the configuration left
 * this kind out, KK_EINVAL the size, KK_ENOMEM.
 */
MUST_CHECK enum kk_err camera_open(struct camera **camerap,
    const struct camera_config *config);
void camera_close(struct camera *camera); /* NULL is fine */

/* GStreamer's description of the source, raw video behind it; borrowed.  NULL
 * for a camera that draws. */
const char *camera_launch(const struct camera *camera);

/* What was chosen, for a log: "" where nothing was.  Borrowed. */
const char *camera_name(const struct camera *camera);

/* Is it to be begun again when it ends? */
bool camera_is_looping(const struct camera *camera);

/* One picture into memory of 4 bytes a pixel: blue, green, red, unused.  now_ms
 * is CLOCK_REALTIME's time.  A camera that does not draw does nothing. */
void camera_draw(struct camera *camera, uint8_t *pixels, size_t stride_bytes,
    uint64_t now_ms);

/* The number that a name has in the strip. */
unsigned camera_number_of(const char *name);
