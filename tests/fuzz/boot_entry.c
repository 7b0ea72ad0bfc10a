/* boot_entry.c - fuzzes boot entries and the record: variables that a firmware,
 * or anybody who starts another system, may have written. */
#include <stdlib.h>
#include <string.h>

#include "boot/boot.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void must(bool is_true)
{
	if (!is_true)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	const struct kk_view in = kk_view_of(data, bytes);
	uint8_t again[BOOT_ENTRY_BYTES], bytes_of[BOOT_RECORD_BYTES];
	struct boot_entry e, f;
	struct boot_record r;

	if (boot_entry_parse(&e, in) == KK_OK) {
		must(e.slot <= BOOT_NO_SLOT && e.optional_bytes <= bytes);
		if (e.slot != BOOT_NO_SLOT && e.has_disk) {
			const size_t n = boot_entry_write(e.slot, &e.disk,
			    again);

			must(!boot_entry_parse(&f, kk_view_of(again, n)));
			must(f.slot == e.slot && f.has_disk &&
			    f.disk.start == e.disk.start);
		}
	}
	if (boot_record_parse(&r, in) == KK_OK) {
		must(r.preferred < BOOT_NO_SLOT);
		must(r.state[0] < BOOT_STATES && r.state[1] < BOOT_STATES);
		boot_record_write(&r, bytes_of);
		must(bytes == sizeof(bytes_of));
		must(!memcmp(bytes_of, data, bytes));
	}
	return 0;
}
