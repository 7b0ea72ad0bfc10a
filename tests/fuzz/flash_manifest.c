/* libs: profile */
/* files: tools/flash/manifest.c */
/* flash_manifest.c - fuzzes what a package says it holds. */
#include <stdlib.h>

#include "tools/flash/flash.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void must(bool is_true)
{
	if (!is_true)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	const struct kk_view text = kk_view_of(data, bytes);
	struct flash_manifest m;
	struct kk_bytes back;
	uint64_t all = 0;

	if (flash_manifest_parse(&m, text)) {
		must(!m.chunks);
		return 0;
	}
	for (size_t i = 0; i < m.count; i++)
		all += flash_chunk_bytes(&m, i);
	must(all == m.image_bytes);
	/* There is one way to write it. */
	must(!flash_manifest_write(&m, &back));
	must(kk_view_equal(kk_bytes_view(&back), text));
	kk_bytes_clear(&back);
	flash_manifest_clear(&m);
	return 0;
}
