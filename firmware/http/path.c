/* path.c - the way from a request's path to a file. */
#include <string.h>

#include "http/http.h"

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static bool is_lower(uint8_t c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_upper(uint8_t c)
{
	return c >= 'A' && c <= 'Z';
}

static bool is_plain(uint8_t c)
{
	return is_digit(c) || is_lower(c) || is_upper(c) || c == '-' ||
	    c == '_' || c == '.';
}

/* Names that begin with a dot are hidden; "." and ".." are among them. */
static enum kk_err segments_check(struct kk_view uri)
{
	bool is_start = true;
	size_t depth = 0;

	for (size_t i = 1; i < uri.bytes; i++) {
		uint8_t c = uri.data[i];

		if (c == '/' && !is_start) {
			is_start = true;
			continue;
		}
		if (!is_plain(c) || (is_start && c == '.'))
			return KK_EFORMAT;
		if (is_start && ++depth > HTTP_DEPTH_MAX)
			return KK_ELIMIT;
		is_start = false;
	}
	return KK_OK;
}

enum kk_err http_path_map(struct kk_view uri, char out[HTTP_PATH_BYTES])
{
	static const char index[] = "index.html";
	enum kk_err err;
	size_t bytes;
	bool is_folder;

	out[0] = '\0';
	if (uri.bytes == 0 || uri.data[0] != '/')
		return KK_EFORMAT;
	is_folder = uri.data[uri.bytes - 1] == '/';
	bytes = uri.bytes - 1;
	if (bytes + (is_folder ? sizeof(index) : 1) > HTTP_PATH_BYTES)
		return KK_ELIMIT;
	err = segments_check(uri);
	if (err)
		return err;
	memcpy(out, uri.data + 1, bytes);
	out[bytes] = '\0';
	if (is_folder)
		memcpy(out + bytes, index, sizeof(index));
	return KK_OK;
}

static const char *ending(const char *path)
{
	const char *name = strrchr(path, '/');
	const char *dot = strrchr(name ? name : path, '.');

	return dot ? dot + 1 : "";
}

const char *http_path_type(const char *path)
{
	static const char *const types[][2] = {
		{ "css", "text/css; charset=utf-8" },
		{ "html", "text/html; charset=utf-8" },
		{ "ico", "image/vnd.microsoft.icon" },
		{ "js", "text/javascript; charset=utf-8" },
		{ "json", "application/json" },
		{ "map", "application/json" },
		{ "mjs", "text/javascript; charset=utf-8" },
		{ "mp3", "audio/mpeg" },
		{ "ogg", "audio/ogg" },
		{ "png", "image/png" },
		{ "svg", "image/svg+xml" },
		{ "txt", "text/plain; charset=utf-8" },
		{ "wasm", "application/wasm" },
		{ "wav", "audio/wav" },
		{ "webmanifest", "application/manifest+json" },
		{ "woff2", "font/woff2" },
	};
	const char *end = ending(path);

	for (size_t i = 0; i < KK_ARRAY_LEN(types); i++) {
		if (!strcmp(end, types[i][0]))
			return types[i][1];
	}
	return "application/octet-stream";
}

/* A word of small letters alone is a word, not a hash. */
bool http_path_is_hashed(const char *path)
{
	const char *name = strrchr(path, '/');
	const char *dash = strrchr(name ? name : path, '-');
	size_t length = 0;
	bool is_mixed = false;

	if (!dash)
		return false;
	for (dash++; *dash && *dash != '.'; dash++, length++) {
		if (!is_plain((uint8_t)*dash))
			return false;
		if (!is_lower((uint8_t)*dash))
			is_mixed = true;
	}
	return *dash && length >= HTTP_HASH_MIN && is_mixed;
}
