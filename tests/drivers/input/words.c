/* words.c - what is pressed, in words. */
#include "drivers/input/words.h"

#include <string.h>

#include "harness/tap.h"

static enum kk_err parse(struct input_event *event, const char *line)
{
	*event = (struct input_event){ .kind = INPUT_BACK, .x = 7 };
	return input_words_parse(event, kk_view_of(line, strlen(line)));
}

TEST(each_key_has_its_name)
{
	static const struct {
		const char *line;
		enum input_kind kind;
	} keys[] = {
		{ "key up", INPUT_UP },
		{ "key down", INPUT_DOWN },
		{ "key left", INPUT_LEFT },
		{ "key right", INPUT_RIGHT },
		{ "key enter", INPUT_ENTER },
		{ "key back", INPUT_BACK },
		{ "key erase", INPUT_ERASE },
		{ "key next", INPUT_NEXT },
		{ "key previous", INPUT_PREVIOUS },
		{ "key call", INPUT_CALL },
		{ "key hang-up\n", INPUT_HANG_UP },
	};
	struct input_event e;

	for (size_t i = 0; i < KK_ARRAY_LEN(keys); i++) {
		CHECK_OK(parse(&e, keys[i].line));
		CHECK_EQ(e.kind, keys[i].kind);
		CHECK_STR(e.text, "");
		CHECK(e.x == 0);
	}
}

TEST(a_character_is_a_text)
{
	static const char *const texts[] = { "5", "#", "+", "a", "ä", "€",
		"\xf0\x9f\x93\x9e" };
	char line[32] = "key ";
	struct input_event e;

	for (size_t i = 0; i < KK_ARRAY_LEN(texts); i++) {
		memcpy(line + 4, texts[i], strlen(texts[i]) + 1);
		CHECK_OK(parse(&e, line));
		CHECK_EQ(e.kind, INPUT_TEXT);
		CHECK_STR(e.text, texts[i]);
	}
	CHECK_OK(parse(&e, "key space"));
	CHECK_STR(e.text, " ");
}

TEST(a_press_has_a_place)
{
	struct input_event e;

	CHECK_OK(parse(&e, "press 0.25 1"));
	CHECK_EQ(e.kind, INPUT_PRESS);
	CHECK(e.x > 0.2499 && e.x < 0.2501 && e.y == 1);
	CHECK_OK(parse(&e, "press 0 0.9999\n"));
	CHECK(e.x == 0 && e.y > 0.99989 && e.y < 0.99991);
}

TEST(what_is_no_word_of_ours_changes_nothing)
{
	static const char *const lines[] = { "", "\n", "key", "key ", "key  5",
		"key 55", "key Up", "key up ", "key \t", "key \x7f", "key \xc3",
		"key \xff", "press", "press 0.5", "press 0.5 ",
		"press 0.5  0.5", "press 0.5 0.5 ", "press 1.1 0", "press 2 0",
		"press -0 0", "press .5 0", "press 0. 0", "press 0.00001 0",
		"press 0,5 0", "press 0 1.0001", "click 0 0", "key up\n\n",
		"key aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" };
	struct input_event e;

	for (size_t i = 0; i < KK_ARRAY_LEN(lines); i++) {
		CHECK_EQ(parse(&e, lines[i]), KK_EFORMAT);
		CHECK(e.kind == INPUT_BACK && e.x == 7);
	}
}
