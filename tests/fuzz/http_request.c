/* http_request.c - paths and headers, as a browser or an attacker sends them.
 */
#include <stdlib.h>
#include <string.h>

#include "http/http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void need(bool is_true)
{
	if (!is_true)
		abort();
}

static void path_try(struct kk_view uri)
{
	char path[HTTP_PATH_BYTES];

	if (http_path_map(uri, path)) {
		need(path[0] == '\0');
		return;
	}
	need(memchr(path, '\0', sizeof(path)) != NULL);
	need(path[0] != '/' && path[0] != '.' && path[0] != '\0');
	need(strstr(path, "/.") == NULL && strstr(path, "//") == NULL);
	need(http_path_type(path)[0] != '\0');
	(void)http_path_is_hashed(path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	char *text = kk_calloc(1, bytes + 1);

	if (!text)
		return 0;
	path_try(kk_view_of(data, bytes));
	if (bytes)
		memcpy(text, data, bytes);
	(void)http_accept_has(text, "gzip");
	(void)http_accept_is_german(text);
	(void)http_etag_matches(text, "\"0123456789abcdef\"");
	kk_free(text);
	return 0;
}
