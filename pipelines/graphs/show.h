/* show.h - brings the screen's picture to a display that takes pictures at its
 * own pace, on a thread of its own: that may take longer than a picture. */
#pragma once
#include "drivers/display/display.h"
#include "pipelines/graphs/screen.h"

struct show;

/* All borrowed, and outlive the object.  Starts its thread. */
struct show *show_new(struct screen *screen, struct display *display,
    const struct kk_log *log);
void show_free(struct show *show); /* waits; NULL is fine */
