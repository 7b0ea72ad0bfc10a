/*
 * crypto_der.c - fuzzes the reader of ECDSA signatures.
 *
 * The first byte chooses the curve.  What is read must be the one form that is
 * written.
 */
#include <stdlib.h>
#include <string.h>

#include "crypto/der.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	static const size_t sizes[] = { 32, 48, 66 };
	uint8_t raw[2 * CRYPTO_SIG_PRIVATE_MAX_BYTES];
	uint8_t der[CRYPTO_SIGNATURE_MAX_BYTES];
	struct kk_view in;
	size_t coord_bytes, der_bytes;
	enum kk_err err;

	if (bytes == 0)
		return 0;
	coord_bytes = sizes[data[0] % KK_ARRAY_LEN(sizes)];
	in = kk_view_of(data + 1, bytes - 1);
	err = crypto_der_decode(in, coord_bytes, raw);
	if (err && err != KK_EFORMAT)
		abort();
	if (err)
		return 0;
	if (crypto_der_encode(raw, coord_bytes, der, &der_bytes))
		abort();
	if (!kk_view_equal(in, kk_view_of(der, der_bytes)))
		abort();
	return 0;
}
