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
	/* RFC 6544, 4.2: below all that UDP has, reflexive ones (100) too, and
	 * above relays (0). */
	TCP_PREFERENCE = 90,
	TCP_PASSIVE = 4, /* of a host candidate; above 13 bits of preference */
	TCP_SHIFT = 13,
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
    const struct media_candidate *c)
{
	for (size_t i = 0; i < count; i++) {
		if (list[i].is_tcp == c->is_tcp &&
		    strcmp(list[i].address, c->address) == 0)
			return true;
	}
	return false;
}

struct candidates { /* as they are filled */
	const struct media *media;
	struct media_candidate *list;
	size_t count, max;
	bool are_tcp; /* those that come now */
};

/* Source: RFC 8445, 5.1.2.1; RFC 6544, 4.2. */
static uint32_t priority_of(const struct candidates *to, unsigned rank)
{
	uint32_t local = rank << RANK_SHIFT | (uint32_t)(to->max - to->count);
	uint32_t type = HOST_PREFERENCE;

	if (to->are_tcp) {
		type = TCP_PREFERENCE;
		local |= TCP_PASSIVE << TCP_SHIFT;
	}
	return type << 24 | local << 8 | (256 - COMPONENT);
}

static void candidate_add(struct candidates *to, const struct media_address *a)
{
	const struct media *media = to->media;
	struct media_candidate c = { .is_tcp = to->are_tcp,
		.port = to->are_tcp ? media->tcp_port : media->port };
	unsigned rank = a->family == AF_INET ? RANK_V4 : RANK_V6;

	if (is_loopback(a))
		rank = RANK_LOOPBACK;
	if (to->count == to->max || !has_socket(media, a) ||
	    !inet_ntop(a->family, a->ip, c.address, sizeof(c.address)) ||
	    is_listed(to->list, to->count, &c))
		return;
	c.priority = priority_of(to, rank);
	(void)snprintf(c.foundation, sizeof(c.foundation), "%u",
	    (unsigned)to->count + 1);
	to->list[to->count++] = c;
}

static void interfaces_add(struct candidates *to, const struct ifaddrs *all)
{
	/* The last places are not taken by loopback addresses. */
	for (int round = 0; round < 2; round++) {
		for (const struct ifaddrs *i = all; i; i = i->ifa_next) {
			struct media_address a;

			if (!i->ifa_addr || !(i->ifa_flags & IFF_UP) ||
			    (i->ifa_addr->sa_family != AF_INET &&
				i->ifa_addr->sa_family != AF_INET6))
				continue;
			media_address_of(&a, i->ifa_addr);
			if (is_loopback(&a) == (round == 1) &&
			    !is_link_local(&a))
				candidate_add(to, &a);
		}
	}
}

static void all_add(struct candidates *to, const struct ifaddrs *interfaces)
{
	const struct media *media = to->media;

	if (media->config.address_count == 0)
		interfaces_add(to, interfaces);
	for (size_t i = 0; i < media->config.address_count; i++)
		candidate_add(to, &media->addresses[i]);
}

/* Of UDP first, and half of the places at most. */
size_t media_candidates(const struct media *media, struct media_candidate *list,
    size_t max)
{
	struct candidates to = { .media = media, .list = list };
	struct ifaddrs *interfaces = NULL;

	if (media->config.address_count == 0 && getifaddrs(&interfaces))
		return 0;
	to.max = media->tcp ? max / 2 : max;
	if (media->config.over != MEDIA_OVER_TCP)
		all_add(&to, interfaces);
	to.max = max;
	to.are_tcp = true;
	if (media->tcp)
		all_add(&to, interfaces);
	freeifaddrs(interfaces);
	return to.count;
}
