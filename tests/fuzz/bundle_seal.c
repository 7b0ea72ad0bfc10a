/* libs: crypto */
/* bundle_seal.c - fuzzes the frame of a bundle's signature. */
#include <stdlib.h>
#include <string.h>

#include "bundle/bundle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

/* What is right is wrong with a byte less. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	if (!bundle_seal_check(kk_view_of(data, bytes)) &&
	    !bundle_seal_check(kk_view_of(data, bytes - 1)))
		abort();
	return 0;
}
