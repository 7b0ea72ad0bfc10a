/* dial.c - number and PIN of a meeting, and numbers that are called. */
#include "room/dial.h"

#include <string.h>

#include "harness/tap.h"

static enum kk_err parse(struct room_dial_in *d, const char *text)
{
	return room_dial_in_parse(d, kk_view_text(text));
}

TEST(number_and_pin_are_read_from_one_line)
{
	struct room_dial_in d;

	CHECK_OK(parse(&d, "4711 123456\n"));
	CHECK_STR(d.number, "4711");
	CHECK_STR(d.pin, "123456");
	CHECK_OK(parse(&d, "0 0000"));
	CHECK_STR(d.pin, "0000");
	CHECK_OK(parse(&d, "123456789012 123456789012"));
}

TEST(what_is_no_such_line_is_refused_and_leaves_nothing)
{
	static const struct {
		const char *text;
		enum kk_err err;
	} bad[] = {
		{ "", KK_EFORMAT },
		{ "4711", KK_EFORMAT },
		{ "4711 ", KK_EFORMAT },
		{ "4711  1234", KK_EFORMAT },
		{ " 4711 1234", KK_EFORMAT },
		{ "4711\t1234", KK_EFORMAT },
		{ "4711 1234x", KK_EFORMAT },
		{ "4711 1234\n\n", KK_EFORMAT },
		{ "4711 1234\r\n", KK_EFORMAT },
		{ "+4711 1234", KK_EFORMAT },
		{ "4711 123", KK_ELIMIT },
		{ "1234567890123 1234", KK_ELIMIT },
		{ "4711 1234567890123", KK_ELIMIT },
	};
	static const struct room_dial_in none;

	for (size_t i = 0; i < KK_ARRAY_LEN(bad); i++) {
		struct room_dial_in d = { .number = "1", .pin = "1234" };

		CHECK_EQ(parse(&d, bad[i].text), bad[i].err);
		CHECK_MEM(&d, &none, sizeof(d));
	}
}

TEST(only_both_whole_are_right)
{
	struct room_dial_in d;

	CHECK_OK(parse(&d, "4711 123456"));
	CHECK(room_dial_in_is(&d, "4711", "123456"));
	CHECK(!room_dial_in_is(&d, "4711", "123457"));
	CHECK(!room_dial_in_is(&d, "4712", "123456"));
	CHECK(!room_dial_in_is(&d, "471", "123456"));
	CHECK(!room_dial_in_is(&d, "4711", "1234560"));
	CHECK(!room_dial_in_is(&d, "", ""));
	CHECK_OK(parse(&d, "123456789012 123456789012"));
	CHECK(room_dial_in_is(&d, "123456789012", "123456789012"));
	CHECK(!room_dial_in_is(&d, "1234567890123", "123456789012"));
	CHECK(!room_dial_in_is(&d, "123456789012", "1234567890124"));
}

TEST(numbers_that_can_be_called)
{
	CHECK(room_dial_is_number("110"));
	CHECK(room_dial_is_number("+4930123456"));
	CHECK(room_dial_is_number("01234567890123456789012345678901"));
	CHECK(!room_dial_is_number("012345678901234567890123456789012"));
	CHECK(!room_dial_is_number(""));
	CHECK(!room_dial_is_number("+"));
	CHECK(!room_dial_is_number("030 123"));
	CHECK(!room_dial_is_number("030;phone-context=x"));
	CHECK(!room_dial_is_number("++49"));
}

TEST(guesses_are_used_up_and_come_back_one_by_one)
{
	struct room_guesses g = { 0 };
	uint64_t now_ms = 1000;

	for (int i = 0; i < ROOM_GUESSES; i++) {
		CHECK(room_guess_may(&g, now_ms));
		room_guess_wrong(&g);
	}
	CHECK(!room_guess_may(&g, now_ms));
	CHECK(!room_guess_may(&g, now_ms + ROOM_GUESS_MS - 1));
	CHECK(room_guess_may(&g, now_ms + ROOM_GUESS_MS));
	room_guess_wrong(&g);
	CHECK(!room_guess_may(&g, now_ms + 2 * ROOM_GUESS_MS - 1));
	now_ms += (uint64_t)ROOM_GUESSES * ROOM_GUESS_MS * 2;
	for (int i = 0; i < ROOM_GUESSES; i++) {
		CHECK(room_guess_may(&g, now_ms));
		room_guess_wrong(&g);
	}
	CHECK(!room_guess_may(&g, now_ms));
}
