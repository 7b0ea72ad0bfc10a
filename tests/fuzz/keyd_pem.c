/* libs: call base */
/* files: firmware/bin/keyd/pem.c */
/* keyd_pem.c - fuzzes the certificates that a box is to take in. */
#include <stdlib.h>

#include "../firmware/bin/keyd/keyd.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct kk_bytes chain;

	if (keyd_pem_certs(kk_view_of(data, bytes), &chain)) {
		if (chain.data || chain.bytes)
			abort();
		return 0;
	}
	/* Not empty, and no more than its text had. */
	if (chain.bytes == 0 || chain.bytes > bytes)
		abort();
	kk_bytes_clear(&chain);
	return 0;
}
