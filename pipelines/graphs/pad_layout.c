/* pad_layout.c - where the number pad's keys are. */
#include "pipelines/graphs/pad_layout.h"

enum {
	COLUMNS = 6, /* of the keys: a digit has two, call and hang up three */
	KEY_ROWS = 6, /* four of digits, two of what is done with them */
	TALL_OF = 10, /* the panel's height, in parts of the main part's */
	TALL = 9,
	HEAD_PART = 9, /* of the panel's height: the number */
	NOTICE_OF_4 = 3, /* so much of that: the notice */
	RADIUS_PART = 90
};

/* Cells of the keys: column, row, columns. */
struct cell {
	unsigned column, row, columns;
};

static const struct cell cells[PAD_ABOVE] = {
	[PAD_1] = { 0, 0, 2 },
	[PAD_2] = { 2, 0, 2 },
	[PAD_3] = { 4, 0, 2 },
	[PAD_4] = { 0, 1, 2 },
	[PAD_5] = { 2, 1, 2 },
	[PAD_6] = { 4, 1, 2 },
	[PAD_7] = { 0, 2, 2 },
	[PAD_8] = { 2, 2, 2 },
	[PAD_9] = { 4, 2, 2 },
	[PAD_STAR] = { 0, 3, 2 },
	[PAD_0] = { 2, 3, 2 },
	[PAD_POUND] = { 4, 3, 2 },
	[PAD_PLUS] = { 0, 4, 2 },
	[PAD_ERASE] = { 2, 4, 2 },
	[PAD_CLOSE] = { 4, 4, 2 },
	[PAD_CALL] = { 0, 5, 3 },
	[PAD_HANG_UP_KEY] = { 3, 5, 3 },
};

static void keys_place(struct pad_layout *l, const struct layout_rect *pad)
{
	const unsigned width = (pad->width + l->gap) / COLUMNS;
	const unsigned height = (pad->height + l->gap) / KEY_ROWS;

	for (unsigned i = 0; i < PAD_ABOVE; i++)
		l->keys[i] = (struct layout_rect){ pad->x +
			    cells[i].column * width,
			pad->y + cells[i].row * height,
			cells[i].columns * width - l->gap, height - l->gap };
}

static void book_place(struct pad_layout *l, const struct layout_rect *book)
{
	const unsigned height = (book->height + l->gap) / (PAD_ROWS + 1);
	const unsigned half = (book->width + l->gap) / 2;
	const unsigned end = book->y + PAD_ROWS * height;

	for (unsigned i = 0; i < PAD_ROWS; i++)
		l->keys[PAD_ROW + i] = (struct layout_rect){ book->x,
			book->y + i * height, book->width, height - l->gap };
	l->keys[PAD_ABOVE] = (struct layout_rect){ book->x, end, half - l->gap,
		height - l->gap };
	l->keys[PAD_BELOW] = (struct layout_rect){ book->x + half, end,
		half - l->gap, height - l->gap };
}

void pad_layout_make(struct pad_layout *layout, unsigned width, unsigned height,
    bool has_book)
{
	struct layout screen;
	struct layout_rect pad, book;
	unsigned head, notice;

	layout_make(&screen, width, height, 0, false);
	*layout = (struct pad_layout){ .radius = height / RADIUS_PART,
		.gap = screen.margin / 3 };
	layout->panel.height = screen.main.height * TALL / TALL_OF;
	layout->panel.width = layout->panel.height * (has_book ? 3 : 2) / 2;
	if (!has_book)
		layout->panel.width = layout->panel.height * 7 / 8;
	if (layout->panel.width > screen.main.width)
		layout->panel.width = screen.main.width;
	layout->panel.x = screen.main.x +
	    (screen.main.width - layout->panel.width) / 2;
	layout->panel.y = screen.main.y +
	    (screen.main.height - layout->panel.height) / 2;

	head = layout->panel.height / HEAD_PART;
	notice = head * NOTICE_OF_4 / 4;
	pad = (struct layout_rect){ layout->panel.x + 2 * layout->gap,
		layout->panel.y + 2 * layout->gap + head + notice,
		layout->panel.width - 4 * layout->gap,
		layout->panel.height - 4 * layout->gap - head - notice };
	if (has_book)
		pad.width = pad.width * 3 / 5 - layout->gap;
	layout->number = (struct layout_rect){ pad.x,
		layout->panel.y + 2 * layout->gap, pad.width, head };
	layout->notice = (struct layout_rect){ pad.x, layout->number.y + head,
		pad.width, notice - layout->gap };
	keys_place(layout, &pad);
	if (!has_book)
		return;
	book = (struct layout_rect){ pad.x + pad.width + 2 * layout->gap, pad.y,
		0, pad.height };
	book.width = layout->panel.x + layout->panel.width - 2 * layout->gap -
	    book.x;
	layout->title = (struct layout_rect){ book.x, layout->number.y,
		book.width, head };
	book_place(layout, &book);
}

static bool is_in(const struct layout_rect *r, double x, double y)
{
	return x >= r->x && x < (double)r->x + r->width && y >= r->y &&
	    y < (double)r->y + r->height;
}

enum pad_key pad_layout_key(const struct pad_layout *layout, unsigned width,
    unsigned height, double x, double y, bool *is_inside)
{
	x *= width;
	y *= height;
	*is_inside = is_in(&layout->panel, x, y);
	for (unsigned i = 0; i < PAD_KEYS; i++) {
		if (is_in(&layout->keys[i], x, y))
			return (enum pad_key)i;
	}
	return PAD_NO_KEY;
}

/* A row of the address book lies beside each row of keys. */
static enum pad_key book_enter(enum pad_key key, size_t rows)
{
	const unsigned row = cells[key].row;

	if (rows == 0)
		return key;
	return (enum pad_key)(PAD_ROW + (row < rows ? row : rows - 1));
}

static enum pad_key pad_beside(enum pad_key key, enum pad_way way, size_t rows)
{
	const struct cell *from = &cells[key];
	const bool is_upright = way == PAD_WAY_UP || way == PAD_WAY_DOWN;
	const unsigned middle = 2 * from->column + from->columns;

	if (way == PAD_WAY_RIGHT && from->column + from->columns == COLUMNS)
		return book_enter(key, rows);
	for (unsigned i = 0; i < PAD_ABOVE; i++) {
		const struct cell *c = &cells[i];
		const unsigned row = from->row + (way == PAD_WAY_DOWN) -
		    (way == PAD_WAY_UP);

		if (is_upright ? c->row == row && middle >= 2 * c->column &&
			    middle < 2 * (c->column + c->columns) :
				 c->row == from->row &&
			    (way == PAD_WAY_RIGHT ?
				    c->column == from->column + from->columns :
				    c->column + c->columns == from->column))
			return (enum pad_key)i;
	}
	return key;
}

/* From above and below it is left to the keys of the same height. */
static enum pad_key book_beside(enum pad_key key, enum pad_way way, size_t rows)
{
	static const enum pad_key leaves[PAD_ROWS] = { PAD_3, PAD_6, PAD_9,
		PAD_POUND, PAD_CLOSE, PAD_HANG_UP_KEY, PAD_HANG_UP_KEY };
	const size_t at = (size_t)key - PAD_ROW;

	if (key == PAD_ABOVE || key == PAD_BELOW) {
		if (way == PAD_WAY_UP && rows > 0)
			return (enum pad_key)(PAD_ROW + rows - 1);
		if (way == PAD_WAY_LEFT)
			return key == PAD_BELOW ? PAD_ABOVE : PAD_HANG_UP_KEY;
		return way == PAD_WAY_RIGHT ? PAD_BELOW : key;
	}
	if (way == PAD_WAY_LEFT)
		return leaves[at];
	if (way == PAD_WAY_UP && at > 0)
		return (enum pad_key)(key - 1);
	if (way == PAD_WAY_DOWN)
		return at + 1 < rows ? (enum pad_key)(key + 1) : PAD_ABOVE;
	return key;
}

enum pad_key pad_layout_beside(enum pad_key key, enum pad_way way, size_t rows,
    bool has_book)
{
	if (key >= PAD_ABOVE)
		return has_book ? book_beside(key, way, rows) : PAD_CALL;
	return pad_beside(key, way, has_book ? rows : 0);
}
