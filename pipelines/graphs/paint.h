/*
 * paint.h - draws what stands still on the room's screen: all but the moving
 * pictures, which blit.h lays over it.  No state; takes some 10 ms.
 */
#pragma once
#include <cairo.h>

#include "notice/notice.h"
#include "pipelines/graphs/layout.h"
#include "pipelines/graphs/pad.h"
#include "pipelines/graphs/words.h"

struct paint {
	const struct view *view;
	const struct layout *layout;
	enum words_language language;
	const char *box_name;
	const char *clock; /* "14:32" */
	/* The view's people in the layout's tiles; -1: nobody. */
	int people[VIEW_TILES_MAX];
	bool is_screen[VIEW_TILES_MAX]; /* that they share */
	int self;
	const struct pad_look *pad; /* the number pad, over all else */
	const struct notices *notices; /* beside the meeting; NULL: none */
};

/* Over all of a surface of the layout's size. */
void paint_all(cairo_t *cr, const struct paint *paint);
