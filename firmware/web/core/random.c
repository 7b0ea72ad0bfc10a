/*
 * random.c - random bytes from the browser or Node.
 *
 * Source: Web Cryptography API, 10.1.1: getRandomValues() gives at most 65,536
 * bytes at once.
 */
#include <emscripten.h>
#include <psa/crypto.h>

/* clang-format off */
/* The copy is needed where the module's memory is shared. */
EM_JS(void, random_fill, (uint8_t *out, size_t bytes), {
	const source = globalThis.crypto;
	if (!source || !source.getRandomValues)
		throw new Error("no crypto.getRandomValues here");
	for (let at = 0; at < bytes; at += 65536) {
		const part = new Uint8Array(Math.min(65536, bytes - at));
		source.getRandomValues(part);
		HEAPU8.set(part, out + at);
		part.fill(0);
	}
})
/* clang-format on */

psa_status_t mbedtls_psa_external_get_random(
    mbedtls_psa_external_random_context_t *context, uint8_t *output,
    size_t output_size, size_t *output_length)
{
	(void)context;
	random_fill(output, output_size);
	*output_length = output_size;
	return PSA_SUCCESS;
}
