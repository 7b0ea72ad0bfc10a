/* media_candidate.c - addresses that peers can reach us at. */
#define _GNU_SOURCE /* getifaddrs */
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "media_internal.h"

enum {
	HOST_PREFERENCE = 126, /* RFC 8445, 5.1.2.2 */
	COMPONENT = 1,
	/* The upper bits of the local preference; the lower ones keep the
	 * order.  RFC 8421, 4: IPv6 first, but a box's IPv6 is too often one
	 * of its own site alone. */
	RANK_V4 = 3,
	RANK_V6 = 2,
	RANK_LOOPBACK = 1, /* for a machine that has nothing else */
	RANK_SHIFT = 8,
	IPV4_BYTES = 4,
	IPV6_BYTES = 16
};

static enum kk_err address_read(struct media_address *a, const char *text)
{
	*a = (struct media_address){ .family = AF_INET };
	if (inet_pton(AF_INET, text, a->ip) == 1)
		return KK_OK;
	a->family = AF_INET6;
	return inet_pton(AF_INET6, text, a->ip) == 1 ? KK_OK : KK_EINVAL;
}

enum kk_err media_addresses_copy(struct media *media, const char *const *texts,
    size_t count)
{
	enum kk_err err = KK_OK;

	media->addresses = kk_calloc(count, sizeof(media->addresses[0]));
	if (!media->addresses)
		return KK_ENOMEM;
	for (size_t i = 0; !err && i < count; i++)
		err = address_read(&media->addresses[i], texts[i]);
	return err;
}

static bool is_loopback(const struct media_address *a)
{
	static const uint8_t v6[IPV6_BYTES] = { [15] = 1 };

	if (a->family == AF_INET)
		return a->ip[0] == IN_LOOPBACKNET;
	return memcmp(a->ip, v6, sizeof(v6)) == 0;
}

/* Peers cannot know on which of their interfaces it would be. */
static bool is_link_local(const struct media_address *a)
{
	return a->family == AF_INET6 && a->ip[0] == 0xfe &&
	    (a->ip[1] & 0xc0) == 0x80;
}

static bool has_socket(const struct media *media, const struct media_address *a)
{
	return media->sockets[a->family == AF_INET ? MEDIA_V4 : MEDIA_V6].fd >=
	    0;
}

static bool is_listed(const struct media_candidate *list, size_t count,
    const char *text)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(list[i].address, text) == 0)
			return true;
	}
	return false;
}

/* Source: RFC 8445, 5.1.2.1. */
static size_t candidate_add(const struct media *media,
    const struct media_address *a, struct media_candidate *list, size_t count,
    size_t max)
{
	struct media_candidate c = { .port = media->port };
	unsigned rank = a->family == AF_INET ? RANK_V4 : RANK_V6;

	if (is_loopback(a))
		rank = RANK_LOOPBACK;
	if (count == max || !has_socket(media, a) ||
	    !inet_ntop(a->family, a->ip, c.address, sizeof(c.address)) ||
	    is_listed(list, count, c.address))
		return count;
	c.priority = (uint32_t)HOST_PREFERENCE << 24 |
	    (rank << RANK_SHIFT | (uint32_t)(max - count)) << 8 |
	    (256 - COMPONENT);
	(void)snprintf(c.foundation, sizeof(c.foundation), "%u",
	    (unsigned)count + 1);
	list[count] = c;
	return count + 1;
}

static size_t interfaces_add(const struct media *media,
    struct media_candidate *list, size_t max)
{
	struct ifaddrs *all = NULL;
	size_t count = 0;

	if (getifaddrs(&all))
		return 0;
	/* The last places are not taken by loopback addresses. */
	for (int round = 0; round < 2; round++) {
		for (struct ifaddrs *i = all; i; i = i->ifa_next) {
			struct media_address a;

			if (!i->ifa_addr || !(i->ifa_flags & IFF_UP) ||
			    (i->ifa_addr->sa_family != AF_INET &&
				i->ifa_addr->sa_family != AF_INET6))
				continue;
			media_address_of(&a, i->ifa_addr);
			if (is_loopback(&a) == (round == 1) &&
			    !is_link_local(&a))
				count = candidate_add(media, &a, list, count,
				    max);
		}
	}
	freeifaddrs(all);
	return count;
}

size_t media_candidates(const struct media *media, struct media_candidate *list,
    size_t max)
{
	size_t count = 0;

	if (media->config.address_count == 0)
		return interfaces_add(media, list, max);
	for (size_t i = 0; i < media->config.address_count; i++)
		count = candidate_add(media, &media->addresses[i], list, count,
		    max);
	return count;
}
