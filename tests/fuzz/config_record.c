/* libs: profile crypto program */
/* files: firmware/bin/konklave-config/store.c tools/flash/record.c */
/* config_record.c - fuzzes what a profile's partition begins with, as
 * konklave-config reads it: what it takes, konklave-flash takes too, and no
 * other text. */
#include <stdlib.h>

#include "../firmware/bin/konklave-config/config.h"
#include "tools/flash/flash.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void must(bool is_true)
{
	if (!is_true)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	const struct kk_view in = kk_view_of(data, bytes);
	struct kk_view flashed = { NULL, 0 };
	struct kk_bytes text;
	const bool is_taken = !record_parse(in, &text);

	must(is_taken == !flash_record_parse(in, &flashed));
	must(kk_view_equal(kk_bytes_view(&text),
	    is_taken ? flashed : kk_view_of(NULL, 0)));
	kk_bytes_clear(&text);
	return 0;
}
