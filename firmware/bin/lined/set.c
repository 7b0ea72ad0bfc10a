/*
 * set.c - the sockets of all calls behind one descriptor.  (An sd_event asks
 * the kernel for all that are ready anew before it hands out each of them: with
 * n sockets that is n times n.)
 */
#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "rtp_private.h"

enum { EVENTS = 64 }; /* before others have their turn */

static int ready(sd_event_source *source, int fd, uint32_t events, void *arg)
{
	struct epoll_event ready[EVENTS];
	const int count = epoll_wait(fd, ready, EVENTS, 0);

	(void)source;
	(void)events;
	(void)arg;
	if (count < 0)
		return errno == EINTR ? 0 : -errno;
	for (int i = 0; i < count; i++) {
		const struct rtp_socket *of = ready[i].data.ptr;

		rtp_readable(of->rtp, of->which);
	}
	return 0;
}

void rtp_set_free(struct rtp_set *s)
{
	if (!s)
		return;
	(void)sd_event_source_disable_unref(s->io);
	if (s->epoll >= 0)
		(void)close(s->epoll);
	kk_free_wiped(s, sizeof(*s));
}

enum kk_err rtp_set_new(struct rtp_set **sp, sd_event *event)
{
	struct rtp_set *s = kk_calloc(1, sizeof(*s));

	if (!s)
		return KK_ENOMEM;
	s->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (s->epoll < 0 ||
	    sd_event_add_io(event, &s->io, s->epoll, EPOLLIN, ready, s) < 0) {
		rtp_set_free(s);
		return KK_EIO;
	}
	*sp = s;
	return KK_OK;
}

/* The kernel forgets a socket that is closed. */
enum kk_err rtp_set_add(struct rtp_set *s, struct rtp_socket *of)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = of };

	return epoll_ctl(s->epoll, EPOLL_CTL_ADD, of->fd, &event) ? KK_EIO :
								    KK_OK;
}
