/* room_letter.c - what a member says; what was read is written and read again.
 */
#include <stdlib.h>
#include <string.h>

#include "room/letter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void must(bool is_true)
{
	if (!is_true)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct room_letter letter, again;
	struct kk_bytes out;

	if (room_letter_parse(&letter, kk_view_of(data, bytes)) ||
	    letter.type == ROOM_LETTER_OTHER)
		return 0;
	must(!room_letter_write(&letter, &out));
	must(!room_letter_parse(&again, kk_bytes_view(&out)));
	must(letter.type == again.type);
	must(!memcmp(letter.peer.bytes, again.peer.bytes, ROOM_PEER_BYTES));
	must(letter.has_microphone == again.has_microphone);
	must(letter.has_camera == again.has_camera);
	must(letter.is_speaking == again.is_speaking);
	kk_bytes_clear(&out);
	return 0;
}
