/* url.c - where a site's server is. */
#include <stdio.h>
#include <string.h>

#include "bundle/bundle_private.h"

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9');
}

/* A v6 address stands in [ ]. */
static bool is_host_letter(char c)
{
	return is_letter(c) || (c && strchr("-.:[]", c));
}

static bool is_path_letter(char c)
{
	return is_letter(c) || (c && strchr("-._~%/+,=", c));
}

/* curl reads all of it; nothing that it would understand as a name with a
 * password, or in two ways, gets there. */
bool bundle_url_is_right(const char *url)
{
	static const char scheme[] = "https://";
	const char *at = url + sizeof(scheme) - 1;
	const char *host = at;

	if (strncmp(url, scheme, sizeof(scheme) - 1) != 0 ||
	    strlen(url) >= BUNDLE_URL_BYTES)
		return false;
	while (is_host_letter(*at))
		at++;
	if (at == host || *at != '/' || at[1] == '\0')
		return false;
	while (is_path_letter(*at))
		at++;
	return *at == '\0' && !strstr(host, "/../") && !strstr(host, "/./");
}

enum kk_err bundle_url_beside(const char *url, const char *file,
    char out[BUNDLE_URL_BYTES])
{
	const char *end = strrchr(url, '/');
	int n;

	out[0] = '\0';
	if (!bundle_url_is_right(url) || !end)
		return KK_EINVAL;
	n = snprintf(out, BUNDLE_URL_BYTES, "%.*s/%s", (int)(end - url), url,
	    file);
	if (n > 0 && n < BUNDLE_URL_BYTES)
		return bundle_url_is_right(out) ? KK_OK : KK_EINVAL;
	out[0] = '\0';
	return KK_ELIMIT;
}
