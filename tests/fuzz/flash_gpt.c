/* libs: profile */
/* files: tools/flash/gpt.c */
/* flash_gpt.c - fuzzes a disk's table. */
#include <stdlib.h>

#include "tools/flash/flash.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct flash_part part = { 0 };

	if (flash_gpt_find(kk_view_of(data, bytes), "profile", &part))
		return 0;
	if (part.at == 0 || part.bytes == 0)
		abort();
	return 0;
}
