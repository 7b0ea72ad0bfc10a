/* ports.c - are the ports free?  The children would say it later and less
 * plainly. */
#define _GNU_SOURCE /* struct in6_addr */
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tools/sandbox/sandbox.h"

enum { OTHER_PORT = 100 }; /* so far away is the one proposed */

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

enum kk_err sandbox_ports_check(const struct sandbox *s)
{
	char taken[16], other[16];
	enum kk_err err = KK_OK;

	for (int p = 0; p < SANDBOX_PORTS; p++) {
		bool is_udp = p == SANDBOX_MEDIA_UDP;
		uint16_t port = sandbox_port(&s->options, (enum sandbox_port)p);

		if (!is_taken(port, is_udp ? SOCK_DGRAM : SOCK_STREAM))
			continue;
		(void)snprintf(taken, sizeof(taken), "%u", port);
		(void)snprintf(other, sizeof(other), "%d",
		    s->options.port + OTHER_PORT);
		sandbox_tell(s, WORD_PORT, taken, is_udp ? "UDP" : "TCP",
		    other);
		err = KK_EEXIST;
	}
	return err;
}
