/* address.c - addresses of sound, as text and as the kernel has them. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "rtp_private.h"

bool rtp_address_parse(union rtp_address *a, const char *text, uint16_t port)
{
	memset(a, 0, sizeof(*a));
	if (inet_pton(AF_INET, text, &a->v4.sin_addr) == 1) {
		a->v4.sin_family = AF_INET;
		a->v4.sin_port = htons(port);
		return true;
	}
	memset(a, 0, sizeof(*a));
	if (inet_pton(AF_INET6, text, &a->v6.sin6_addr) == 1) {
		a->v6.sin6_family = AF_INET6;
		a->v6.sin6_port = htons(port);
		return true;
	}
	return false;
}

socklen_t rtp_address_bytes(const union rtp_address *a)
{
	return a->any.sa_family == AF_INET ? sizeof(a->v4) : sizeof(a->v6);
}

uint16_t rtp_address_port(const union rtp_address *a)
{
	return ntohs(a->any.sa_family == AF_INET ? a->v4.sin_port :
						   a->v6.sin6_port);
}

void rtp_address_set_port(union rtp_address *a, uint16_t port)
{
	if (a->any.sa_family == AF_INET)
		a->v4.sin_port = htons(port);
	else
		a->v6.sin6_port = htons(port);
}

bool rtp_address_is_host(const union rtp_address *a, const union rtp_address *b)
{
	if (a->any.sa_family != b->any.sa_family)
		return false;
	return a->any.sa_family == AF_INET ?
	    a->v4.sin_addr.s_addr == b->v4.sin_addr.s_addr :
	    memcmp(&a->v6.sin6_addr, &b->v6.sin6_addr,
		sizeof(a->v6.sin6_addr)) == 0;
}

bool rtp_address_is(const union rtp_address *a, const union rtp_address *b)
{
	return rtp_address_is_host(a, b) &&
	    rtp_address_port(a) == rtp_address_port(b);
}

static void text_of(const union rtp_address *a, char text[RTP_ADDRESS_BYTES])
{
	const void *bytes = a->any.sa_family == AF_INET ?
	    (const void *)&a->v4.sin_addr :
	    (const void *)&a->v6.sin6_addr;

	if (!inet_ntop(a->any.sa_family, bytes, text, RTP_ADDRESS_BYTES))
		text[0] = '\0';
}

/* The kernel chooses it for a socket that is connected; nothing is sent. */
void rtp_address_towards(const char *text, char own[RTP_ADDRESS_BYTES])
{
	enum { DISCARD = 9 };
	union rtp_address to, from = { .any.sa_family = AF_UNSPEC };
	socklen_t bytes = sizeof(from);
	int fd;

	own[0] = '\0';
	if (!rtp_address_parse(&to, text, DISCARD))
		return;
	fd = socket(to.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	if (!connect(fd, &to.any, rtp_address_bytes(&to)) &&
	    !getsockname(fd, &from.any, &bytes))
		text_of(&from, own);
	(void)close(fd);
}

uint64_t rtp_us_of(const struct timespec *t)
{
	return (uint64_t)t->tv_sec * 1000000 + (uint64_t)t->tv_nsec / 1000;
}

uint64_t rtp_now_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return rtp_us_of(&now);
}
