/* ports.c - are the ports free?  The children would say it later and less
 * plainly. */
#define _GNU_SOURCE /* struct in6_addr */
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tools/sandbox/sandbox.h"

enum { OTHER_PORT = 100 }; /* so far away is the one proposed */

/* Both: SIP comes over either. */
static bool is_of(enum sandbox_port port, int type)
{
	if (port == SANDBOX_SIP)
		return true;
	return (type == SOCK_DGRAM) ==
	    (port == SANDBOX_MEDIA_UDP || port >= SANDBOX_RTP);
}

static bool is_taken(uint16_t port, int type)
{
	const struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_port = htons(port) };
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0), on = 1;
	bool is_busy = false;

	if (fd < 0)
		return false;
	/* As the programs do: what a past connection left is no hindrance. */
	if (type == SOCK_STREAM)
		(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (const struct sockaddr *)&at, sizeof(at)) ||
	    (type == SOCK_STREAM && listen(fd, 1)))
		is_busy = errno == EADDRINUSE || errno == EACCES;
	(void)close(fd);
	return is_busy;
}

static bool is_bad(const struct sandbox *s, enum sandbox_port p, int type)
{
	const uint16_t port = sandbox_port(&s->options, p);
	char taken[16], other[16];

	if (!is_of(p, type) || !is_taken(port, type))
		return false;
	(void)snprintf(taken, sizeof(taken), "%u", port);
	(void)snprintf(other, sizeof(other), "%d",
	    s->options.port + OTHER_PORT);
	sandbox_tell(s, WORD_PORT, taken, type == SOCK_DGRAM ? "UDP" : "TCP",
	    other);
	return true;
}

enum kk_err sandbox_ports_check(const struct sandbox *s)
{
	enum kk_err err = KK_OK;

	for (unsigned p = 0; p < sandbox_ports(&s->options); p++) {
		if (is_bad(s, (enum sandbox_port)p, SOCK_DGRAM))
			err = KK_EEXIST;
		if (is_bad(s, (enum sandbox_port)p, SOCK_STREAM))
			err = KK_EEXIST;
	}
	return err;
}
