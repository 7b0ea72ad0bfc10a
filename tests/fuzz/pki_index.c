/* libs: program */
/* files: tools/pki/index.c */
/* pki_index.c - a CA's index: what is read is what would be written. */
#include "tools/pki/index.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void need(bool is_true)
{
	if (!is_true)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct kk_view left = kk_view_of(data, bytes);
	struct pki_index index;
	char line[PKI_LINE_BYTES];
	size_t where = 0;

	if (pki_index_parse(&index, left, &where)) {
		need(index.count == 0 && index.events == NULL);
		return 0;
	}
	need(index.count > 0 && index.events[0].act == PKI_BEGUN);
	for (size_t i = 0; i < index.count; i++) {
		size_t length;

		pki_index_line(&index.events[i], line);
		length = strlen(line);
		need(length <= left.bytes &&
		    memcmp(line, left.data, length) == 0);
		left = kk_view_of(left.data + length, left.bytes - length);
	}
	need(left.bytes == 0);
	pki_index_clear(&index);
	return 0;
}
