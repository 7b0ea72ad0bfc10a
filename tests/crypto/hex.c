/* hex.c - test vectors as text. */
#include "hex.h"

#include <string.h>

#include "harness/tap.h"

static uint8_t nibble(char c)
{
	if (c >= '0' && c <= '9')
		return (uint8_t)(c - '0');
	CHECK(c >= 'a' && c <= 'f');
	return (uint8_t)(c - 'a' + 10);
}

struct hex hex_of(const char *text)
{
	struct hex hex = { .bytes = strlen(text) / 2 };

	CHECK(strlen(text) % 2 == 0 && hex.bytes <= HEX_MAX_BYTES);
	for (size_t i = 0; i < hex.bytes; i++)
		hex.data[i] = (uint8_t)(nibble(text[2 * i]) << 4 |
		    nibble(text[2 * i + 1]));
	return hex;
}

struct kk_view hex_view(const struct hex *hex)
{
	return kk_view_of(hex->data, hex->bytes);
}

struct hex hex_run(uint8_t fill, size_t bytes)
{
	struct hex hex = { .bytes = bytes };

	CHECK(bytes <= HEX_MAX_BYTES);
	memset(hex.data, fill, bytes);
	return hex;
}

struct hex hex_count(uint8_t first, size_t bytes)
{
	struct hex hex = { .bytes = bytes };

	CHECK(bytes <= HEX_MAX_BYTES);
	for (size_t i = 0; i < bytes; i++)
		hex.data[i] = (uint8_t)(first + i);
	return hex;
}
