/* values.c - hex and members, the same over any JSON library. */
#include <string.h>

#include "json.h"

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

enum kk_err json_hex(const struct json *v, struct kk_bytes *out)
{
	const char *text = json_text(v);
	size_t bytes = text ? strlen(text) / 2 : 0;

	*out = (struct kk_bytes){ 0 };
	if (!text || strlen(text) % 2)
		return KK_EFORMAT;
	if (!bytes)
		return KK_OK;
	out->data = kk_calloc(bytes, 1);
	if (!out->data)
		return KK_ENOMEM;
	out->bytes = bytes;
	for (size_t i = 0; i < bytes; i++) {
		int high = hex_digit(text[2 * i]);
		int low = hex_digit(text[2 * i + 1]);

		if (high < 0 || low < 0) {
			kk_bytes_clear(out);
			return KK_EFORMAT;
		}
		out->data[i] = (uint8_t)(high * 16 + low);
	}
	return KK_OK;
}

enum kk_err json_get_hex(const struct json *v, const char *key,
    struct kk_bytes *out)
{
	return json_hex(json_get(v, key), out);
}

enum kk_err json_get_u64(const struct json *v, const char *key, uint64_t *out)
{
	return json_u64(json_get(v, key), out);
}

enum kk_err json_get_bool(const struct json *v, const char *key, bool *out)
{
	return json_bool(json_get(v, key), out);
}
