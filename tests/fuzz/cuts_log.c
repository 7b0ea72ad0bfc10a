/* libs: boot */
/* files: tests/cuts/log.c */
/* cuts_log.c - fuzzes the log of a disk's writes. */
#include <stdlib.h>

#include "../tests/cuts/log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

enum { DISK_SECTORS = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct cuts_log log;

	if (cuts_log_parse(&log, kk_view_of(data, bytes), DISK_SECTORS)) {
		if (log.entries || log.count)
			abort();
		return 0;
	}
	for (size_t i = 0; i < log.count; i++) {
		const struct cuts_entry *e = &log.entries[i];

		if (e->at + e->sectors > DISK_SECTORS)
			abort();
		if (e->data &&
		    (e->data < data ||
			e->data + e->sectors * CUTS_SECTOR > data + bytes))
			abort();
	}
	cuts_log_clear(&log);
	return 0;
}
