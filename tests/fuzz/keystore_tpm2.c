/* libs: crypto */
/* keystore_tpm2.c - files of a TPM's keys, altered on the disk. */
#include <stdlib.h>

#include "drivers/keystore/keystore_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

#ifdef KK_KEYSTORE_TPM2
#include "drivers/keystore/tpm2_internal.h"

/* What is read is written alike, and read once more. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	const struct tpm2_curve *curve = NULL, *again = NULL;
	TPM2B_PUBLIC public;
	TPM2B_PRIVATE private;
	struct kk_bytes text;

	if (tpm2_file_parse(kk_view_of(data, bytes), &curve, &public, &private))
		return 0;
	if (tpm2_file_make(&text, curve, &public, &private))
		return 0;
	if (tpm2_file_parse(kk_bytes_view(&text), &again, &public, &private) ||
	    again != curve)
		abort();
	kk_bytes_clear(&text);
	return 0;
}
#else
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	(void)data;
	(void)bytes;
	return 0; /* this configuration has no such files */
}
#endif
