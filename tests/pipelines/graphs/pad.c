/* pad.c - the number pad, key by key. */
#include "pad_world.h"

#include <stdio.h>
#include <string.h>

#include "harness/tap.h"
#include "mock/alloc.h"

TEST(it_is_opened_by_digits_call_enter_and_a_press_and_by_nothing_else)
{
	static const enum input_kind openers[] = { INPUT_ENTER, INPUT_CALL,
		INPUT_PRESS };
	static const enum input_kind others[] = { INPUT_UP, INPUT_DOWN,
		INPUT_LEFT, INPUT_RIGHT, INPUT_BACK, INPUT_ERASE, INPUT_NEXT,
		INPUT_PREVIOUS, INPUT_HANG_UP };
	struct pad_world w = pad_world_new("");

	for (size_t i = 0; i < KK_ARRAY_LEN(others); i++) {
		const uint64_t version = pad_version(w.pad);

		CHECK_EQ(pad_command(&w, others[i]), PAD_NOTHING);
		CHECK(!w.look.is_open && pad_version(w.pad) == version);
	}
	pad_types(&w, "a");
	CHECK(!w.look.is_open);
	for (size_t i = 0; i < KK_ARRAY_LEN(openers); i++) {
		CHECK_EQ(pad_command(&w, openers[i]), PAD_NOTHING);
		CHECK(w.look.is_open && !w.look.number[0]);
		CHECK_EQ(pad_command(&w, INPUT_BACK), PAD_NOTHING);
		CHECK(!w.look.is_open);
	}
	for (const char *c = "0123456789*#+"; *c; c++) {
		const char text[2] = { *c, '\0' };

		pad_types(&w, text);
		CHECK(w.look.is_open);
		CHECK_STR(w.look.number, text);
		CHECK_EQ(pad_command(&w, INPUT_BACK), PAD_NOTHING);
	}
	pad_free(w.pad);
}

TEST(each_key_can_be_touched)
{
	static const char texts[] = "123456789*0#";
	struct pad_world w = pad_world_new("");

	CHECK_EQ(pad_command(&w, INPUT_PRESS), PAD_NOTHING);
	CHECK_EQ(pad_touch(&w, PAD_PLUS), PAD_NOTHING);
	for (unsigned i = 0; i < 12; i++) {
		CHECK_EQ(pad_touch(&w, (enum pad_key)i), PAD_NOTHING);
		CHECK_EQ(w.look.number[i + 1], texts[i]);
		CHECK_EQ(w.look.focus, i);
	}
	CHECK_STR(w.look.number, "+123456789*0#");
	CHECK_EQ(pad_touch(&w, PAD_PLUS), PAD_NOTHING); /* in front alone */
	CHECK_STR(w.look.number, "+123456789*0#");
	CHECK_EQ(pad_touch(&w, PAD_ERASE), PAD_NOTHING);
	CHECK_STR(w.look.number, "+123456789*0");
	CHECK_EQ(pad_touch(&w, PAD_CALL), PAD_NOTHING); /* a * is no number */
	CHECK_EQ(w.look.notice, PAD_NOTICE_REFUSED);
	CHECK_EQ(w.look.err, KK_EINVAL);
	CHECK_EQ(pad_touch(&w, PAD_CLOSE), PAD_NOTHING);
	CHECK(!w.look.is_open);
	pad_free(w.pad);
}

TEST(a_touch_beside_it_closes_it_and_one_between_its_keys_does_nothing)
{
	struct pad_world w = pad_world_new("");
	struct pad_layout l;
	struct input_event e = { .kind = INPUT_PRESS };

	pad_layout_make(&l, WIDTH, HEIGHT, false);
	pad_types(&w, "12");
	e.x = (l.panel.x + 1.0) / WIDTH;
	e.y = (l.panel.y + 1.0) / HEIGHT;
	CHECK_EQ(pad_event(&w, &e), PAD_NOTHING);
	CHECK_STR(w.look.number, "12");
	e.x = (l.panel.x - 1.0) / WIDTH;
	CHECK_EQ(pad_event(&w, &e), PAD_NOTHING);
	CHECK(!w.look.is_open);
	/* The next one opens it, and what was typed is gone. */
	CHECK_EQ(pad_event(&w, &e), PAD_NOTHING);
	CHECK(w.look.is_open && !w.look.number[0]);
	pad_free(w.pad);
}

TEST(a_number_is_typed_mended_and_called)
{
	struct pad_world w = pad_world_new("");

	pad_types(&w, "0301234");
	CHECK_EQ(pad_command(&w, INPUT_ERASE), PAD_NOTHING);
	CHECK_EQ(pad_command(&w, INPUT_ERASE), PAD_NOTHING);
	pad_types(&w, "x5"); /* a letter is none */
	CHECK_STR(w.look.number, "030125");
	CHECK_EQ(pad_command(&w, INPUT_ENTER), PAD_DIAL);
	CHECK_EQ(pad_command(&w, INPUT_ENTER),
	    PAD_NOTHING); /* it is on its way */
	CHECK_EQ(pad_command(&w, INPUT_CALL), PAD_NOTHING);
	CHECK_STR(w.look.number, "030125");
	pad_dialled(w.pad, KK_OK, w.now_ms);
	pad_look_at(&w);
	CHECK(!w.look.is_open && !w.look.number[0]);
	pad_free(w.pad);
}

TEST(a_number_has_an_end)
{
	struct pad_world w = pad_world_new("");

	for (unsigned i = 0; i < 2 * ROOM_DIAL_BYTES; i++)
		pad_types(&w, "7");
	CHECK_EQ(strlen(w.look.number), ROOM_DIAL_BYTES - 1);
	for (unsigned i = 0; i < 2 * ROOM_DIAL_BYTES; i++)
		CHECK_EQ(pad_command(&w, INPUT_ERASE), PAD_NOTHING);
	CHECK_STR(w.look.number, "");
	CHECK(w.look.is_open);
	pad_free(w.pad);
}

TEST(what_is_refused_is_said_until_the_next_key)
{
	struct pad_world w = pad_world_new("");
	const struct view v = { .call = VIEW_CALL_NONE };

	CHECK_EQ(pad_command(&w, INPUT_CALL), PAD_NOTHING);
	CHECK_EQ(pad_command(&w, INPUT_CALL), PAD_NOTHING);
	pad_says(&w, &v, "Type a number first.",
	    "Bitte zuerst eine Nummer eingeben.");
	pad_types(&w, "1");
	pad_says(&w, &v, "", "");
	CHECK_EQ(pad_command(&w, INPUT_CALL), PAD_DIAL);
	pad_dialled(w.pad, KK_EUNSUP, w.now_ms);
	pad_says(&w, &v, "This room has no telephone lines.",
	    "Dieser Raum hat keine Telefonleitungen.");
	CHECK_STR(w.look.number, "1");
	CHECK_EQ(pad_command(&w, INPUT_CALL), PAD_DIAL); /* once more */
	pad_dialled(w.pad, KK_EEXIST, w.now_ms);
	pad_says(&w, &v, "Another call is on its way.",
	    "Ein anderer Anruf läuft noch.");
	CHECK_EQ(pad_command(&w, INPUT_UP), PAD_NOTHING);
	pad_says(&w, &v, "", "");
	/* Nobody looks any more. */
	CHECK_EQ(pad_command(&w, INPUT_CALL), PAD_DIAL);
	CHECK_EQ(pad_command(&w, INPUT_BACK), PAD_NOTHING);
	pad_dialled(w.pad, KK_EDENIED, w.now_ms);
	pad_look_at(&w);
	CHECK(!w.look.is_open);
	pad_free(w.pad);
}

TEST(a_meeting_that_forbids_lines_says_so_and_nothing_is_asked)
{
	struct pad_world w = pad_world_new("");
	const struct view v = { .call = VIEW_CALL_NONE };
	struct pad_room r = { .forbids_lines = true };

	pad_room_set(w.pad, &r);
	pad_types(&w, "030");
	pad_says(&w, &v, "Telephone lines are forbidden in this meeting.",
	    "Telefonleitungen sind in dieser Besprechung verboten.");
	CHECK_EQ(pad_command(&w, INPUT_CALL), PAD_NOTHING);
	CHECK_EQ(w.look.notice, PAD_NOTICE_FORBIDDEN);
	/* A locked one lets calls out; who is called waits. */
	r = (struct pad_room){ .is_locked = true };
	pad_room_set(w.pad, &r);
	CHECK_EQ(pad_command(&w, INPUT_UP), PAD_NOTHING);
	pad_says(&w, &v,
	    "The meeting is locked: who is called waits to be let in.",
	    "Die Besprechung ist abgeschlossen: Wer angerufen wird, wartet auf "
	    "Einlass.");
	CHECK_EQ(pad_command(&w, INPUT_CALL), PAD_DIAL);
	pad_free(w.pad);
}

TEST(it_closes_by_itself_and_forgets)
{
	struct pad_world w = pad_world_new("");

	pad_types(&w, "030");
	pad_tick(w.pad, NOW + PAD_IDLE_MS - 1);
	pad_look_at(&w);
	CHECK_STR(w.look.number, "030");
	w.now_ms = NOW + PAD_IDLE_MS - 1;
	pad_types(&w, "1"); /* a key begins the time anew */
	pad_tick(w.pad, NOW + PAD_IDLE_MS);
	pad_look_at(&w);
	CHECK(w.look.is_open);
	CHECK_EQ(pad_command(&w, INPUT_CALL), PAD_DIAL);
	/* And so does what is said. */
	pad_dialled(w.pad, KK_ELIMIT, w.now_ms + PAD_IDLE_MS);
	pad_tick(w.pad, w.now_ms + PAD_IDLE_MS);
	pad_look_at(&w);
	CHECK(w.look.is_open);
	pad_tick(w.pad, w.now_ms + 2 * PAD_IDLE_MS);
	pad_look_at(&w);
	CHECK(!w.look.is_open);
	pad_types(&w, "2");
	CHECK_STR(w.look.number, "2");
	pad_free(w.pad);
}

TEST(it_closes_when_a_call_begins_whoever_has_placed_it)
{
	struct pad_world w = pad_world_new("");

	pad_types(&w, "030");
	pad_room_is(&w, VIEW_CALL_PLACING, 5);
	CHECK(!w.look.is_open);
	/* What goes on does not close it. */
	pad_types(&w, "1");
	pad_room_is(&w, VIEW_CALL_PLACING, 5);
	CHECK(w.look.is_open && w.look.is_calling);
	pad_room_is(&w, VIEW_CALL_RINGING, 5);
	pad_room_is(&w, VIEW_CALL_TALKING, 5);
	CHECK(w.look.is_open && w.look.is_calling);
	pad_room_is(&w, VIEW_CALL_ENDED, 5);
	CHECK(w.look.is_open && !w.look.is_calling);
	pad_room_is(&w, VIEW_CALL_PLACING, 6);
	CHECK(!w.look.is_open);
	pad_types(&w, "1");
	pad_room_is(&w, VIEW_CALL_PLACING, 7); /* one right after the other */
	CHECK(!w.look.is_open);
	pad_free(w.pad);
}

TEST(a_call_is_hung_up_with_and_without_the_pad)
{
	static const enum view_call going[] = { VIEW_CALL_PLACING,
		VIEW_CALL_RINGING, VIEW_CALL_EARLY, VIEW_CALL_TALKING };
	static const enum view_call over[] = { VIEW_CALL_NONE, VIEW_CALL_BUSY,
		VIEW_CALL_NO_ANSWER, VIEW_CALL_UNKNOWN, VIEW_CALL_UNREACHABLE,
		VIEW_CALL_REFUSED, VIEW_CALL_FAILED, VIEW_CALL_ENDED };
	struct pad_world w = pad_world_new("");

	for (size_t i = 0; i < KK_ARRAY_LEN(going); i++) {
		pad_room_is(&w, going[i], 5 + i);
		CHECK_EQ(pad_command(&w, INPUT_HANG_UP), PAD_HANG_UP);
		CHECK_EQ(pad_command(&w, INPUT_PRESS), PAD_NOTHING);
		CHECK_EQ(pad_touch(&w, PAD_HANG_UP_KEY), PAD_HANG_UP);
		CHECK(!w.look.is_open);
		pad_types(&w, "1");
		CHECK_EQ(pad_command(&w, INPUT_HANG_UP), PAD_HANG_UP);
		CHECK(!w.look.is_open);
	}
	for (size_t i = 0; i < KK_ARRAY_LEN(over); i++) {
		pad_room_is(&w, over[i], 5);
		pad_types(&w, "1");
		CHECK_EQ(pad_touch(&w, PAD_HANG_UP_KEY), PAD_NOTHING);
		CHECK(!w.look.is_open);
		CHECK_EQ(pad_command(&w, INPUT_HANG_UP), PAD_NOTHING);
	}
	pad_free(w.pad);
}

TEST(it_says_how_the_call_stands)
{
	struct pad_world w = pad_world_new("");
	const struct view v = { .call = VIEW_CALL_BUSY };

	pad_room_is(&w, VIEW_CALL_BUSY, 5);
	pad_types(&w, "1");
	pad_says(&w, &v, "Call: busy", "Anruf: besetzt");
	pad_free(w.pad);
}

/* --- the address book ----------------------------------------------------- */

static const char book[] = "030100 Reception\n"
			   "# nothing\n"
			   "no line\n"
			   "+4930200 Zoë Müller\n"
			   "030300 Café\n";

TEST(an_entry_is_shown_before_it_is_called)
{
	struct pad_world w = pad_world_new(book);

	CHECK_EQ(pad_command(&w, INPUT_PRESS), PAD_NOTHING);
	CHECK(w.look.has_book);
	CHECK_EQ(w.look.row_count, 3);
	CHECK_STR(w.look.rows[1].name, "Zoë Müller");
	CHECK_EQ(pad_touch(&w, (enum pad_key)(PAD_ROW + 1)), PAD_NOTHING);
	CHECK_STR(w.look.number, "+4930200");
	CHECK_STR(w.look.name, "Zoë Müller");
	CHECK_EQ(w.look.focus, PAD_CALL);
	CHECK_EQ(pad_command(&w, INPUT_ENTER), PAD_DIAL);
	pad_dialled(w.pad, KK_EDENIED, w.now_ms);
	/* It is taken away as a whole, and a digit begins another one. */
	CHECK_EQ(pad_command(&w, INPUT_ERASE), PAD_NOTHING);
	CHECK(!w.look.number[0] && !w.look.name[0]);
	CHECK_EQ(pad_touch(&w, PAD_ROW), PAD_NOTHING);
	pad_types(&w, "9");
	CHECK_STR(w.look.number, "9");
	CHECK_STR(w.look.name, "");
	/* Below the last one there is none. */
	CHECK_EQ(pad_touch(&w, (enum pad_key)(PAD_ROW + 3)), PAD_NOTHING);
	CHECK_STR(w.look.number, "9");
	pad_free(w.pad);
}

static char *book_make(unsigned entries)
{
	char *text = kk_calloc(entries + 1, 32);
	size_t at = 0;

	CHECK(text != NULL);
	for (unsigned i = 0; i < entries; i++)
		at += (size_t)snprintf(text + at, 32, "%u Nr %u\n", 1000 + i,
		    i);
	return text;
}

TEST(a_long_book_is_turned_by_touches_and_by_cursor_keys)
{
	char *text = book_make(PAD_ROWS + 3);
	struct pad_world w = pad_world_new(text);

	CHECK_EQ(pad_command(&w, INPUT_ENTER), PAD_NOTHING);
	CHECK(!w.look.has_above && w.look.has_below);
	CHECK_EQ(pad_touch(&w, PAD_BELOW), PAD_NOTHING);
	CHECK_EQ(w.look.row_count, 3);
	CHECK_STR(w.look.rows[0].name, "Nr 7");
	CHECK(w.look.has_above && !w.look.has_below);
	CHECK_EQ(pad_touch(&w, PAD_BELOW), PAD_NOTHING); /* there is no more */
	CHECK_STR(w.look.rows[0].name, "Nr 7");
	CHECK_EQ(pad_touch(&w, PAD_ABOVE), PAD_NOTHING);
	CHECK_EQ(pad_touch(&w, PAD_ABOVE), PAD_NOTHING);
	CHECK_STR(w.look.rows[0].name, "Nr 0");
	CHECK_EQ(pad_touch(&w, PAD_3), PAD_NOTHING);
	CHECK_EQ(pad_command(&w, INPUT_RIGHT), PAD_NOTHING);
	CHECK_EQ(w.look.focus, PAD_ROW);
	for (unsigned i = 0; i < PAD_ROWS + 2; i++)
		CHECK_EQ(pad_command(&w, INPUT_DOWN), PAD_NOTHING);
	CHECK_EQ(w.look.focus, PAD_ROW + PAD_ROWS - 1);
	CHECK_STR(w.look.rows[PAD_ROWS - 1].name, "Nr 9");
	CHECK_EQ(pad_command(&w, INPUT_ENTER), PAD_NOTHING);
	CHECK_STR(w.look.name, "Nr 9");
	CHECK_STR(w.look.number, "1009");
	kk_free(text);
	pad_free(w.pad);
}

TEST(of_a_book_without_end_the_first_entries_count)
{
	char *text = book_make(PAD_ENTRIES_MAX + 9);
	struct pad_world w = pad_world_new(text);

	CHECK_EQ(pad_command(&w, INPUT_ENTER), PAD_NOTHING);
	for (unsigned i = 0; i < PAD_ENTRIES_MAX; i++)
		CHECK_EQ(pad_touch(&w, PAD_BELOW), PAD_NOTHING);
	CHECK_EQ(w.look.row_count, PAD_ENTRIES_MAX % PAD_ROWS);
	CHECK_STR(w.look.rows[w.look.row_count - 1].name, "Nr 499");
	/* A shorter one takes its place. */
	pad_book_set(w.pad, kk_view_of(book, strlen(book)));
	pad_look_at(&w);
	CHECK_EQ(w.look.row_count, 3);
	CHECK_EQ(w.look.focus, PAD_CALL);
	pad_book_set(w.pad, kk_view_of("", 0));
	pad_look_at(&w);
	CHECK(!w.look.has_book);
	kk_free(text);
	pad_free(w.pad);
}

/* --- the focus ------------------------------------------------------------ */

static void moves(struct pad_world *w, enum input_kind way, enum pad_key to)
{
	CHECK_EQ(pad_command(w, way), PAD_NOTHING);
	CHECK_EQ(w->look.focus, to);
}

TEST(cursor_keys_go_from_key_to_key)
{
	struct pad_world w = pad_world_new("");

	CHECK_EQ(pad_command(&w, INPUT_ENTER), PAD_NOTHING);
	CHECK_EQ(w.look.focus, PAD_1);
	moves(&w, INPUT_UP, PAD_1);
	moves(&w, INPUT_LEFT, PAD_1);
	moves(&w, INPUT_RIGHT, PAD_2);
	moves(&w, INPUT_RIGHT, PAD_3);
	moves(&w, INPUT_RIGHT, PAD_3);
	moves(&w, INPUT_DOWN, PAD_6);
	moves(&w, INPUT_DOWN, PAD_9);
	moves(&w, INPUT_DOWN, PAD_POUND);
	moves(&w, INPUT_DOWN, PAD_CLOSE);
	moves(&w, INPUT_LEFT, PAD_ERASE);
	moves(&w, INPUT_DOWN, PAD_HANG_UP_KEY);
	moves(&w, INPUT_DOWN, PAD_HANG_UP_KEY);
	moves(&w, INPUT_LEFT, PAD_CALL);
	moves(&w, INPUT_LEFT, PAD_CALL);
	moves(&w, INPUT_UP, PAD_PLUS);
	moves(&w, INPUT_UP, PAD_STAR);
	CHECK_EQ(pad_command(&w, INPUT_ENTER), PAD_NOTHING);
	CHECK_STR(w.look.number, "*");
	CHECK_EQ(w.look.focus, PAD_STAR); /* it stays, for the next one */
	pad_free(w.pad);
}

TEST(every_key_is_reached_from_every_key_and_leads_nowhere_else)
{
	for (size_t rows = 0; rows <= PAD_ROWS; rows++) {
		const unsigned count = rows ? PAD_ROW + rows : PAD_ABOVE;

		for (unsigned from = 0; from < count; from++) {
			bool is_reached[PAD_KEYS] = { false };
			unsigned reached = 1;

			is_reached[from] = true;
			for (unsigned round = 0; round < PAD_KEYS; round++)
				for (unsigned k = 0; k < 4 * PAD_KEYS; k++) {
					const unsigned at = k / 4;
					unsigned to;

					if (!is_reached[at])
						continue;
					to = pad_layout_beside((enum pad_key)at,
					    (enum pad_way)(k % 4), rows,
					    rows > 0);
					CHECK(to < count);
					reached += !is_reached[to];
					is_reached[to] = true;
				}
			CHECK_EQ(reached, count);
		}
	}
}

TEST(tab_goes_round)
{
	struct pad_world w = pad_world_new(book);

	CHECK_EQ(pad_command(&w, INPUT_ENTER), PAD_NOTHING);
	moves(&w, INPUT_PREVIOUS, (enum pad_key)(PAD_ROW + 2));
	moves(&w, INPUT_NEXT, PAD_1);
	moves(&w, INPUT_NEXT, PAD_2);
	moves(&w, INPUT_PREVIOUS, PAD_1);
	pad_free(w.pad);
	w = pad_world_new("");
	CHECK_EQ(pad_command(&w, INPUT_ENTER), PAD_NOTHING);
	moves(&w, INPUT_PREVIOUS, PAD_HANG_UP_KEY);
	moves(&w, INPUT_NEXT, PAD_1);
	pad_free(w.pad);
}

/* --- the layout ----------------------------------------------------------- */

static bool is_inside(const struct layout_rect *a, const struct layout_rect *b)
{
	return a->x >= b->x && a->y >= b->y && a->width > 0 && a->height > 0 &&
	    a->x + a->width <= b->x + b->width &&
	    a->y + a->height <= b->y + b->height;
}

static bool meet(const struct layout_rect *a, const struct layout_rect *b)
{
	return a->x < b->x + b->width && b->x < a->x + a->width &&
	    a->y < b->y + b->height && b->y < a->y + a->height;
}

static void layout_check(unsigned width, unsigned height, bool has_book)
{
	const unsigned count = has_book ? PAD_KEYS : PAD_ABOVE;
	const struct layout_rect screen = { 0, 0, width, height };
	struct layout_rect all[PAD_KEYS + 3];
	struct pad_layout l;
	bool is_in;

	pad_layout_make(&l, width, height, has_book);
	CHECK(is_inside(&l.panel, &screen));
	memcpy(all, l.keys, sizeof(l.keys));
	all[count] = l.number;
	all[count + 1] = l.notice;
	all[count + 2] = l.title;
	for (unsigned i = 0; i < count + 2 + has_book; i++) {
		CHECK(is_inside(&all[i], &l.panel));
		for (unsigned k = 0; k < i; k++)
			CHECK(!meet(&all[i], &all[k]));
	}
	for (unsigned i = 0; i < count; i++) {
		CHECK_EQ(pad_layout_key(&l, width, height,
			     (l.keys[i].x + 0.5) / width,
			     (l.keys[i].y + 0.5) / height, &is_in),
		    i);
		CHECK(is_in);
	}
	CHECK_EQ(pad_layout_key(&l, width, height, 0, 0, &is_in), PAD_NO_KEY);
	CHECK(!is_in);
	CHECK_EQ(pad_layout_key(&l, width, height, 1, 1, &is_in), PAD_NO_KEY);
	CHECK(!is_in);
}

TEST(on_every_screen_all_keys_have_their_place)
{
	static const unsigned sizes[][2] = { { 320, 180 }, { 640, 360 },
		{ 1024, 768 }, { 1280, 720 }, { 1920, 1080 }, { 1080, 1080 },
		{ 3840, 2160 } };

	for (size_t i = 0; i < KK_ARRAY_LEN(sizes); i++) {
		layout_check(sizes[i][0], sizes[i][1], false);
		layout_check(sizes[i][0], sizes[i][1], true);
	}
}

TEST(without_memory_there_is_none)
{
	struct pad *pad = NULL;

	mock_alloc_arm(1);
	CHECK_EQ(pad_new(&pad, WIDTH, HEIGHT), KK_ENOMEM);
	CHECK(mock_alloc_disarm());
	CHECK(!pad);
	pad_free(NULL);
}
