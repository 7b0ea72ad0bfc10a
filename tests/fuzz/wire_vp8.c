/* wire_vp8.c - fuzzes the VP8 payload descriptor. */
#include "wire/vp8.h"

#include <stdlib.h>
#include <string.h>

enum { PAYLOAD_MAX_BYTES = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void must(bool is_true)
{
	if (!is_true)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	const struct wire_vp8 to = { .picture_id = 0x1234, .tl0_index = 0x56 };
	uint8_t out[WIRE_VP8_DESCRIPTOR_MAX_BYTES], copy[PAYLOAD_MAX_BYTES];
	uint8_t second[WIRE_VP8_DESCRIPTOR_MAX_BYTES];
	struct kk_view in = kk_view_of(data, bytes);
	struct wire_vp8 vp8, again;
	struct wire_out w;

	if (bytes > PAYLOAD_MAX_BYTES || wire_vp8_parse(&vp8, in))
		return 0;
	must(vp8.bytes > 0 && vp8.bytes <= bytes);
	(void)wire_vp8_is_key_frame(&vp8, in);
	wire_out_init(&w, out, sizeof(out));
	wire_vp8_write(&w, &vp8);
	must(!w.err && w.bytes <= vp8.bytes);
	must(!wire_vp8_parse(&again, wire_out_view(&w)));
	wire_out_init(&w, second, sizeof(second));
	wire_vp8_write(&w, &again);
	must(!w.err && w.bytes == again.bytes);
	must(!memcmp(out, second, w.bytes));
	memcpy(copy, data, bytes);
	must(!wire_vp8_rewrite(copy, bytes, &to));
	must(!wire_vp8_parse(&again, kk_view_of(copy, bytes)));
	must(!vp8.has_picture_id ||
	    again.picture_id == (vp8.is_picture_id_long ? 0x1234 : 0x34));
	must(!vp8.has_tl0_index || again.tl0_index == 0x56);
	must(again.tid == vp8.tid && again.key_index == vp8.key_index);
	return 0;
}
