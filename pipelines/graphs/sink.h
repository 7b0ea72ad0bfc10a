/*
 * sink.h - the way of the room's picture to the display: begun again whenever
 * it ends, or another screen is plugged in.
 */
#pragma once
#include "drivers/display/display.h"

struct sink;

struct sink_config {
	struct display *display; /* borrowed, with a launch */
	unsigned width, height, fps; /* of the pictures */
	const struct kk_log *log; /* borrowed; written on its thread */
};

/* Starts its thread.  A screen that is not connected is waited for.  Errors:
 * KK_EUNSUP an element of the display's launch is not installed; KK_EINVAL it
 * cannot be read. */
MUST_CHECK enum kk_err sink_new(struct sink **sinkp,
    const struct sink_config *config);
void sink_free(struct sink *sink); /* waits; NULL is fine */

/* A picture of 4 bytes a pixel, copied; dropped where none is shown. */
void sink_push(struct sink *sink, const uint8_t *pixels);

/* So many the display has shown, as it says itself.  Any thread. */
uint64_t sink_shown(struct sink *sink);
