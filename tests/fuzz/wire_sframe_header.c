/* wire_sframe_header.c - fuzzes the clear header of a sealed frame. */
#include "wire/sframe_header.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	const struct wire_sframe before = { 1, 2, 3 };
	struct wire_sframe hdr = before;
	uint8_t again[WIRE_SFRAME_MAX_BYTES];

	if (wire_sframe_parse(&hdr, kk_view_of(data, bytes))) {
		if (hdr.kid != before.kid || hdr.ctr != before.ctr ||
		    hdr.bytes != before.bytes)
			abort(); /* an error must change nothing */
		return 0;
	}
	if (hdr.bytes > bytes || hdr.bytes > sizeof(again) ||
	    wire_sframe_write(hdr.kid, hdr.ctr, again) != hdr.bytes ||
	    memcmp(again, data, hdr.bytes) != 0)
		abort(); /* a header has one form */
	return 0;
}
