/* paint_welcome.h - draws the first-boot screen.  No state. */
#pragma once
#include <cairo.h>

#include "welcome/welcome.h"

/* Over all of a surface of such a size. */
void paint_welcome(cairo_t *cr, const struct welcome_view *view, unsigned width,
    unsigned height);
