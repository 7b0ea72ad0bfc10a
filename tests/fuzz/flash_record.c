/* libs: profile crypto */
/* files: tools/flash/record.c */
/* flash_record.c - fuzzes what a profile's partition begins with. */
#include <stdlib.h>

#include "tools/flash/flash.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct kk_view text = { NULL, 0 };

	if (flash_record_parse(kk_view_of(data, bytes), &text))
		return 0;
	if (text.bytes > bytes || text.bytes > PROFILE_BYTES_MAX ||
	    text.data < data || text.data + text.bytes > data + bytes)
		abort();
	return 0;
}
