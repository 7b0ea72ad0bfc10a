/* authority.c - HOST[:PORT]. */
#include "base/authority.h"

#include <stdbool.h>
#include <string.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Letters of a name or of an IPv4 address. */
static bool is_host_char(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') ||
	    (c >= 'A' && c <= 'Z') || c == '-' || c == '.';
}

static bool is_v6_char(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') ||
	    (c >= 'A' && c <= 'F') || c == ':' || c == '.';
}

enum kk_err kk_host_take(const char **at, char *host, size_t room)
{
	const bool is_v6 = **at == '[';
	const char *p = *at + is_v6;
	size_t n = 0;

	while (n < room && (is_v6 ? is_v6_char(p[n]) : is_host_char(p[n])))
		n++;
	if (n >= room)
		return KK_ELIMIT;
	if (n == 0 || (is_v6 && (p[n] != ']' || !memchr(p, ':', n))))
		return KK_EFORMAT;
	memcpy(host, p, n);
	host[n] = '\0';
	*at = p + n + is_v6;
	return KK_OK;
}

enum kk_err kk_port_take(const char **at, uint16_t otherwise, uint16_t *port)
{
	unsigned long n = 0;
	const char *p = *at;

	if (*p != ':') {
		*port = otherwise;
		return KK_OK;
	}
	for (p++; is_digit(*p); p++) {
		n = n * 10 + (unsigned long)(*p - '0');
		if (n > UINT16_MAX)
			return KK_EFORMAT;
	}
	if (n == 0)
		return KK_EFORMAT;
	*at = p;
	*port = (uint16_t)n;
	return KK_OK;
}
