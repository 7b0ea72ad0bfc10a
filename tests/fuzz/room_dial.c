/* room_dial.c - the file with number and PIN; what was read is right. */
#include <stdlib.h>
#include <string.h>

#include "room/dial.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void must(bool is_true)
{
	if (!is_true)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	const struct room_dial_in none = { .number = "" };
	struct room_dial_in d = { .number = "1" };
	char *text = kk_calloc(1, bytes + 1);

	must(text != NULL);
	if (bytes)
		memcpy(text, data, bytes);
	if (room_dial_in_parse(&d, kk_view_of(data, bytes))) {
		must(!memcmp(&d, &none, sizeof(d)));
		must(!room_dial_in_is(&d, text, text) || !text[0]);
	} else {
		must(room_dial_is_number(d.number));
		must(room_dial_in_is(&d, d.number, d.pin));
		must(!room_dial_in_is(&d, text, d.pin));
	}
	if (room_dial_is_number(text))
		must(strlen(text) < ROOM_DIAL_BYTES);
	kk_free(text);
	return 0;
}
