/* book.c - address books. */
#include "room/book.h"

#include <string.h>

#include "harness/tap.h"

static const char book[] = "# whom we call\n\n+49301234 Reception\r\n"
			   "112\tFire brigade  \n030x wrong\n"
			   "5 Müller\n6 Reception\n7\n8  \x1b[2J\n";

static bool is(const struct room_book_entry *e, const char *number,
    const char *name)
{
	return !strcmp(e->number, number) && e->name.bytes == strlen(name) &&
	    !memcmp(e->name.data, name, e->name.bytes);
}

TEST(book_is_read_line_by_line_and_tells_which_are_none)
{
	struct kk_view text = kk_view_text(book);
	struct room_book_entry e = { .number = "" };
	size_t line = 0;

	CHECK_OK(room_book_next(&text, &e, &line));
	CHECK(is(&e, "+49301234", "Reception") && line == 3);
	CHECK_OK(room_book_next(&text, &e, &line));
	CHECK(is(&e, "112", "Fire brigade") && line == 4);
	CHECK_ERR(room_book_next(&text, &e, &line), KK_EFORMAT);
	CHECK(is(&e, "112", "Fire brigade") && line == 5);
	CHECK_OK(room_book_next(&text, &e, &line));
	CHECK(is(&e, "5", "Müller"));
	CHECK_OK(room_book_next(&text, &e, &line));
	CHECK_ERR(room_book_next(&text, &e, &line), KK_EFORMAT); /* no name */
	CHECK_ERR(room_book_next(&text, &e, &line), KK_EFORMAT);
	CHECK_ERR(room_book_next(&text, &e, &line), KK_ENOENT);
	CHECK_EQ(line, 9);
}

TEST(name_in_the_book_is_found_whole_and_the_first_of_them)
{
	const struct kk_view text = kk_view_text(book);
	struct room_book_entry e;

	CHECK_OK(room_book_find(text, "Reception", &e));
	CHECK_STR(e.number, "+49301234");
	CHECK_OK(room_book_find(text, "Müller", &e));
	CHECK_STR(e.number, "5");
	CHECK_ERR(room_book_find(text, "Recep", &e), KK_ENOENT);
	CHECK_ERR(room_book_find(text, "wrong", &e), KK_ENOENT);
	CHECK_ERR(room_book_find(text, "", &e), KK_ENOENT);
	CHECK_ERR(room_book_find(kk_view_text(""), "a", &e), KK_ENOENT);
}
