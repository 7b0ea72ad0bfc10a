/* wire_vp9.c - fuzzes the VP9 payload descriptor. */
#include "wire/vp9.h"

#include <stdlib.h>
#include <string.h>

enum { PAYLOAD_MAX_BYTES = 2048 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void must(bool is_true)
{
	if (!is_true)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	const struct wire_vp9 to = { .picture_id = 0x1234, .tl0_index = 0x56 };
	uint8_t copy[PAYLOAD_MAX_BYTES];
	struct wire_vp9 vp9, again;

	if (bytes > sizeof(copy) ||
	    wire_vp9_parse(&vp9, kk_view_of(data, bytes)))
		return 0;
	must(vp9.bytes > 0 && vp9.bytes <= bytes);
	must(vp9.ref_count <= WIRE_VP9_REFS_MAX);
	must(vp9.layer_count <= WIRE_VP9_LAYERS_MAX);
	must(vp9.groups.bytes <= vp9.bytes);
	(void)wire_vp9_is_key_picture(&vp9);
	/* All stands in its own bytes: without those behind, the same. */
	must(!wire_vp9_parse(&again, kk_view_of(data, vp9.bytes)));
	must(again.bytes == vp9.bytes);
	must(wire_vp9_parse(&again, kk_view_of(data, vp9.bytes - 1)) ==
	    KK_ETRUNC);
	memcpy(copy, data, bytes);
	must(!wire_vp9_rewrite(copy, bytes, &to));
	must(!wire_vp9_parse(&again, kk_view_of(copy, bytes)));
	must(!vp9.has_picture_id ||
	    again.picture_id == (vp9.is_picture_id_long ? 0x1234 : 0x34));
	must(again.tid == vp9.tid && again.sid == vp9.sid);
	must(again.bytes == vp9.bytes);
	return 0;
}
