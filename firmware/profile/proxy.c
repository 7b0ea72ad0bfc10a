/* proxy.c - which hosts are reached by a site's proxy. */
#define _GNU_SOURCE /* strtok_r() */
#include <string.h>
#include <strings.h>

#include "profile/profile_private.h"

/* HOST of https://HOST[:PORT], without the [ ] of a v6 address. */
static void host_take(const char *origin, char host[PROFILE_VALUE_MAX + 1])
{
	const char *at = strstr(origin, "//");
	size_t bytes;

	at = at ? at + 2 : origin;
	at += *at == '[';
	bytes = at > origin && at[-1] == '[' ? strcspn(at, "]") :
					       strcspn(at, ":");
	memcpy(host, at, bytes);
	host[bytes] = '\0';
}

/* The host itself or, of .DOMAIN, all in that. */
static bool is_named(const char *item, const char *host)
{
	const size_t item_bytes = strlen(item), host_bytes = strlen(host);

	if (item[0] != '.')
		return !strcasecmp(item, host);
	return host_bytes > item_bytes &&
	    !strcasecmp(item, host + host_bytes - item_bytes);
}

bool profile_takes_proxy(const struct profile *p, const char *origin)
{
	char list[PROFILE_VALUE_MAX + 1], *rest = NULL;
	char host[PROFILE_VALUE_MAX + 1];

	if (!p->values[PROFILE_PROXY][0])
		return false;
	host_take(origin, host);
	memcpy(list, p->values[PROFILE_NO_PROXY], sizeof(list));
	for (const char *one = strtok_r(list, PROFILE_LIST, &rest); one;
	    one = strtok_r(NULL, PROFILE_LIST, &rest)) {
		if (is_named(one, host))
			return false;
	}
	return true;
}
