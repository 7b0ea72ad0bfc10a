/*
 * pad_layout.h - where the number pad and its keys are on the screen.  No
 * state.
 *
 *     +---------------------+--------------+
 *     | number              | address book |
 *     | notice              | ...          |
 *     |   1      2     3    | ...          |
 *     |   4      5     6    | ...          |
 *     |   7      8     9    | ...          |
 *     |   *      0     #    | ...          |
 *     |   +    erase close  |              |
 *     | call       hang up  |   up  down   |
 *     +---------------------+--------------+
 */
#pragma once
#include "pipelines/graphs/layout.h"

enum { PAD_ROWS = 7 /* of the address book at once */ };

enum pad_key {
	PAD_1,
	PAD_2,
	PAD_3,
	PAD_4,
	PAD_5,
	PAD_6,
	PAD_7,
	PAD_8,
	PAD_9,
	PAD_STAR,
	PAD_0,
	PAD_POUND,
	PAD_PLUS,
	PAD_ERASE,
	PAD_CLOSE,
	PAD_CALL,
	PAD_HANG_UP_KEY,
	PAD_ABOVE, /* the address book's */
	PAD_BELOW,
	PAD_ROW, /* the first of PAD_ROWS */
	PAD_ROW_2,
	PAD_ROW_3,
	PAD_ROW_4,
	PAD_ROW_5,
	PAD_ROW_6,
	PAD_ROW_7,
	PAD_NO_KEY
};

enum { PAD_KEYS = PAD_NO_KEY };

_Static_assert((int)PAD_KEYS == (int)PAD_ROW + PAD_ROWS,
    "each row of the address book is a key");

struct pad_layout {
	struct layout_rect panel, number, notice, title; /* the book's */
	struct layout_rect keys[PAD_KEYS];
	unsigned radius, gap;
};

void pad_layout_make(struct pad_layout *layout, unsigned width, unsigned height,
    bool has_book);

/* The key at a place of the screen, in parts of it; PAD_NO_KEY: none.
 * *is_inside: of the panel. */
enum pad_key pad_layout_key(const struct pad_layout *layout, unsigned width,
    unsigned height, double x, double y, bool *is_inside);

enum pad_way { PAD_WAY_UP, PAD_WAY_DOWN, PAD_WAY_LEFT, PAD_WAY_RIGHT };

/* The key beside one; itself where there is none.  rows: of the address book,
 * that are shown; none without one. */
enum pad_key pad_layout_beside(enum pad_key key, enum pad_way way, size_t rows,
    bool has_book);
