/* text.c - tests of texts that others have written. */
#include <string.h>

#include "base/base.h"
#include "harness/tap.h"

static bool is_utf8(const char *text)
{
	return kk_text_is_utf8(kk_view_of(text, strlen(text)));
}

static bool is_shown(const char *text)
{
	return kk_text_is_shown(kk_view_of(text, strlen(text)));
}

TEST(utf8_of_each_length_is_utf8)
{
	CHECK(is_utf8(""));
	CHECK(is_utf8("plain\r\n\x7f"));
	CHECK(is_utf8("\xc2\x80 \xdf\xbf"));
	CHECK(is_utf8("\xe0\xa0\x80 \xed\x9f\xbf \xee\x80\x80 \xef\xbf\xbf"));
	CHECK(is_utf8("\xf0\x90\x80\x80 \xf4\x8f\xbf\xbf"));
	CHECK(kk_text_is_utf8(kk_view_of("a\0b", 3)));
}

TEST(what_is_cut_too_long_or_no_character_is_not)
{
	static const char *const bad[] = { "\x80", "\xbf", "a\xc2", "\xc2.a",
		"\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xe1\x80",
		"\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf",
		"\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff",
		"\xf1\x80\x80" };

	for (size_t i = 0; i < KK_ARRAY_LEN(bad); i++) {
		CHECK(!is_utf8(bad[i]));
		CHECK(!is_shown(bad[i]));
	}
}

TEST(text_that_moves_or_turns_the_screen_is_not_shown)
{
	static const char *const bad[] = { "", "a\nb", "\t", "\x7f", "\xc2\x85",
		"\xe2\x80\xae.abc", "\xe2\x81\xa6", "\xef\xbb\xbf", "\xd8\x9c",
		"\xe2\x80\xa8" };

	for (size_t i = 0; i < KK_ARRAY_LEN(bad); i++)
		CHECK(!is_shown(bad[i]));
	CHECK(!kk_text_is_shown(kk_view_of("a\0b", 3)));
	CHECK(is_shown(
	    "M\xc3\xbcller, \xe4\xbc\x9a\xe8\xad\xb0 \xf0\x9f\x98\x80"));
}

TEST(a_device_is_known_by_words_of_its_name_whatever_is_between)
{
	static const char name[] = "HD Pro Webcam C920: B\xc3\xbcro";

	CHECK(kk_text_has_words(name, "HD Pro Webcam C920"));
	CHECK(kk_text_has_words(name, "webcam-c920"));
	CHECK(kk_text_has_words(name, "PROWEB"));
	CHECK(kk_text_has_words(name, "-c920--b\xc3\xbcro-"));
	CHECK(kk_text_has_words(name, ""));
	CHECK(kk_text_has_words(name, ":"));
	CHECK(kk_text_has_words("aab", "ab"));
	CHECK(!kk_text_has_words(name, "Pro C920"));
	CHECK(!kk_text_has_words(name, "C920 HD"));
	CHECK(!kk_text_has_words(name, "buro"));
	CHECK(!kk_text_has_words(name, "c920 b\xc3\xbcro 2"));
	CHECK(!kk_text_has_words("", "a"));
}

TEST(fingerprint_is_shown_in_blocks_of_four_and_never_beyond_its_room)
{
	char out[32];

	kk_text_blocks("0123456789abcdef", out, sizeof(out));
	CHECK_STR(out, "0123 4567 89ab cdef");
	kk_text_blocks("0123456789abcdef", out, sizeof("0123 4567 89ab cdef"));
	CHECK_STR(out, "0123 4567 89ab cdef");
	kk_text_blocks("0123456789abcdef", out, sizeof("0123 4567 89ab cde"));
	CHECK_STR(out, "0123 4567 89ab cde");
	kk_text_blocks("01234", out, sizeof(out));
	CHECK_STR(out, "0123 4");
	kk_text_blocks("", out, sizeof(out));
	CHECK_STR(out, "");
	for (size_t room = 1; room < sizeof(out); room++) {
		memset(out, '!', sizeof(out));
		kk_text_blocks("0123456789abcdef0123456789abcdef", out, room);
		CHECK(strlen(out) < room);
		CHECK_EQ(out[room], '!');
	}
}

TEST(lines_are_taken_off_a_text_until_nothing_is_left)
{
	static const char *const lines[] = { "one", "", "two\r", "three" };
	struct kk_view text = kk_view_text("one\n\ntwo\r\nthree");

	for (size_t i = 0; i < KK_ARRAY_LEN(lines); i++) {
		CHECK(text.bytes > 0);
		CHECK(kk_view_equal(kk_text_line_take(&text),
		    kk_view_text(lines[i])));
	}
	CHECK_EQ(text.bytes, 0);
	CHECK_EQ(kk_text_line_take(&text).bytes, 0);
	text = (struct kk_view){ NULL, 0 };
	CHECK_EQ(kk_text_line_take(&text).bytes, 0);
	text = kk_view_text("\n");
	CHECK_EQ(kk_text_line_take(&text).bytes, 0);
	CHECK_EQ(text.bytes, 0);
}
