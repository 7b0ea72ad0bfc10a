/* layout.c - where everything is on the room's screen. */
#include "pipelines/graphs/layout.h"

/* Parts of the screen's height: legible from five metres on a wall. */
enum {
	MARGIN_PART = 30,
	CAPTION_PART = 16,
	RADIUS_PART = 72,
	SIDE_OF_10 = 2, /* of the width */
	STRIP_PART =
	    7, /* of the tiles' height: a picture below the large one */
};

/* Even numbers keep chroma and scaling simple. */
static unsigned even(unsigned n)
{
	return n & ~1U;
}

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* The widest tile of 16:9 in a grid of so many columns and rows. */
static unsigned tile_width(const struct layout *l, unsigned columns,
    unsigned rows)
{
	unsigned gap = l->margin * 2 / 3;
	unsigned by_width = (l->main.width - gap * (columns - 1)) / columns;
	unsigned used = gap * (rows - 1) + l->caption * rows;
	unsigned high = used < l->main.height ? l->main.height - used : 0;
	unsigned by_height = high / rows * 16 / 9;

	return even(by_width < by_height ? by_width : by_height);
}

static unsigned columns_best(const struct layout *l, unsigned count)
{
	unsigned best = 1, best_width = 0;

	for (unsigned columns = 1; columns <= count; columns++) {
		unsigned width = tile_width(l, columns,
		    (count + columns - 1) / columns);

		if (width > best_width) {
			best_width = width;
			best = columns;
		}
	}
	return best;
}

/* Rows are centred, the last one by itself. */
static void tiles_place(struct layout *l)
{
	unsigned count = (unsigned)l->tile_count, gap = l->margin * 2 / 3;
	unsigned columns = columns_best(l, count);
	unsigned rows = (count + columns - 1) / columns;
	unsigned width = tile_width(l, columns, rows);
	unsigned height = even(width * 9 / 16);
	unsigned used = rows * (height + l->caption) + (rows - 1) * gap;
	unsigned top = l->main.y + (l->main.height - used) / 2;

	for (unsigned i = 0; i < count; i++) {
		unsigned row = i / columns, column = i % columns;
		unsigned in_row = row + 1 < rows ? columns :
						   count - row * columns;
		unsigned wide = in_row * width + (in_row - 1) * gap;

		l->tiles[i] = (struct layout_rect){
			even(l->main.x + (l->main.width - wide) / 2 +
			    column * (width + gap)),
			even(top + row * (height + l->caption + gap)), width,
			height
		};
	}
}

/* The first one in the middle of what the row below leaves. */
static void large_place(struct layout *l, unsigned strip)
{
	unsigned high = l->main.height - strip - l->caption;
	unsigned width = even(least(l->main.width, high * 16 / 9));
	unsigned height = even(width * 9 / 16);

	l->tiles[0] = (struct layout_rect){ even(l->main.x +
						(l->main.width - width) / 2),
		even(l->main.y + (high - height) / 2), width, height };
}

static void strip_place(struct layout *l)
{
	unsigned gap = l->margin * 2 / 3;
	unsigned height = even(l->main.height / STRIP_PART);
	unsigned width = even(height * 16 / 9);
	unsigned fit = (l->main.width + gap) / (width + gap);
	unsigned count = least((unsigned)l->tile_count - 1, fit);
	unsigned wide = count * (width + gap) - gap;

	l->tile_count = 1 + count;
	large_place(l, count ? height + l->caption + gap : 0);
	for (unsigned i = 0; i < count; i++)
		l->tiles[1 + i] = (struct layout_rect){
			even(l->main.x + (l->main.width - wide) / 2 +
			    i * (width + gap)),
			even(l->main.y + l->main.height - l->caption - height),
			width, height
		};
}

void layout_make(struct layout *layout, unsigned width, unsigned height,
    size_t others, bool has_large)
{
	unsigned side = even(width * SIDE_OF_10 / 10);
	unsigned self_height = even(side * 9 / 16);
	struct layout *l = layout;

	*l = (struct layout){ .width = width,
		.height = height,
		.margin = height / MARGIN_PART,
		.caption = height / CAPTION_PART,
		.radius = height / RADIUS_PART };
	l->side = (struct layout_rect){ width - side - l->margin, l->margin,
		side, height - 2 * l->margin };
	l->main = (struct layout_rect){ l->margin, l->margin,
		l->side.x - 2 * l->margin - l->margin / 2,
		height - 2 * l->margin };
	l->self = (struct layout_rect){ even(l->side.x),
		even(height - l->margin - l->caption - self_height), side,
		self_height };
	l->tile_count = others < VIEW_TILES_MAX ? others : VIEW_TILES_MAX;
	l->has_large = has_large && l->tile_count > 0;
	if (l->has_large)
		strip_place(l);
	else if (l->tile_count > 0)
		tiles_place(l);
}
