/* etag.c - entity tags, RFC 9110, 8.8.3. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "http/http.h"

/* FNV-1a, 64 bits: offset basis and prime. */
static const uint64_t fnv_basis = 0xcbf29ce484222325;
static const uint64_t fnv_prime = 0x100000001b3;

void http_etag_init(struct http_etag *etag)
{
	*etag = (struct http_etag){ .hash = fnv_basis };
}

void http_etag_add(struct http_etag *etag, const void *data, size_t bytes)
{
	const uint8_t *at = data;

	for (size_t i = 0; i < bytes; i++)
		etag->hash = (etag->hash ^ at[i]) * fnv_prime;
	etag->bytes += bytes;
}

void http_etag_write(const struct http_etag *etag, char out[HTTP_ETAG_BYTES])
{
	(void)snprintf(out, HTTP_ETAG_BYTES, "\"%016" PRIx64 "\"",
	    etag->hash ^ etag->bytes << 32);
}

bool http_etag_matches(const char *header, const char *etag)
{
	size_t length = strlen(etag);

	while (header && *header) {
		header += strspn(header, " \t,");
		if (*header == '*')
			return true;
		if (header[0] == 'W' && header[1] == '/')
			header += 2;
		if (!strncmp(header, etag, length))
			return true;
		header += strcspn(header, ",");
	}
	return false;
}
