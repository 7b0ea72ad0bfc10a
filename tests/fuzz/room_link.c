/* room_link.c - links; what was read is written and read again. */
#include <stdlib.h>
#include <string.h>

#include "room/link.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void must(bool is_true)
{
	if (!is_true)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct room_link link, again;
	char out[ROOM_LINK_BYTES];
	char *text = kk_calloc(1, bytes + 1);

	must(text != NULL);
	if (bytes)
		memcpy(text, data, bytes);
	if (!room_link_parse(&link, text)) {
		must(!room_link_write(&link, out));
		must(!room_link_parse(&again, out));
		must(!memcmp(&link, &again, sizeof(link)));
	}
	(void)!room_link_parse_page(&link, text);
	kk_free(text);
	return 0;
}
