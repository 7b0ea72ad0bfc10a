/* input_words.c - what is pressed, in words. */
#include <stdlib.h>
#include <string.h>

#include "drivers/input/words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void must(bool is_true)
{
	if (!is_true)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct input_event e;

	memset(&e, 0xa5, sizeof(e));
	if (input_words_parse(&e, kk_view_of(data, bytes)))
		return 0;
	must(bytes <= INPUT_WORDS_BYTES && e.kind <= INPUT_PRESS);
	must((e.kind == INPUT_TEXT) == (e.text[0] != '\0'));
	must(memchr(e.text, '\0', sizeof(e.text)) != NULL);
	must(e.x >= 0 && e.x <= 1 && e.y >= 0 && e.y <= 1);
	must(e.kind == INPUT_PRESS || (e.x == 0 && e.y == 0));
	return 0;
}
