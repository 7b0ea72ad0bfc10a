/*
 * set.c - the sockets of all calls behind one descriptor, which is asked once
 * in a tick.  To be woken for each packet costs as much as all that is done
 * with it, and no sound is needed before.  What goes waits for the others of
 * its tick.
 */
#define _GNU_SOURCE /* CLOCK_MONOTONIC */
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "rtp_private.h"

enum {
	EVENTS = 64, /* of one question */
	MORE_ROUNDS = 4,
	CLOCK_TRIES = 3,
	CLOCKS_APART_US = 50
};

/* Both clocks at one time: nobody takes the processor in between. */
static void clocks_read(struct rtp_set *s)
{
	struct timespec real;
	uint64_t before_us;

	for (int i = 0; i < CLOCK_TRIES; i++) {
		before_us = rtp_now_us();
		(void)clock_gettime(CLOCK_REALTIME, &real);
		s->now_us = rtp_now_us();
		if (s->now_us - before_us < CLOCKS_APART_US)
			break;
	}
	s->real_us = rtp_us_of(&real);
}

uint64_t rtp_set_came_us(const struct rtp_set *s, const struct timespec *stamp)
{
	const uint64_t age_us = s->real_us - rtp_us_of(stamp);

	/* It came while we were at it, or the clock was set. */
	return age_us > RTP_AGE_US ? s->now_us : s->now_us - age_us;
}

/* A packet of each socket, then what else each has (rtp_readable()); those who
 * send without end keep us no longer. */
void rtp_set_take(struct rtp_set *s)
{
	struct epoll_event ready[EVENTS];
	size_t rounds = s->sockets / EVENTS + MORE_ROUNDS;
	int count;

	clocks_read(s);
	do {
		count = epoll_wait(s->epoll, ready, EVENTS, 0);
		for (int i = 0; i < count; i++) {
			const struct rtp_socket *of = ready[i].data.ptr;

			rtp_readable(of->rtp, of->which);
		}
	} while (count > 0 && --rounds > 0);
}

uint8_t *rtp_set_room(struct rtp_set *s)
{
	if (s->count == RTP_WAITING ||
	    s->bytes > RTP_WAITING_BYTES - RTP_DATAGRAM_BYTES)
		rtp_set_send(s);
	return s->waits + s->bytes;
}

void rtp_set_wait(struct rtp_set *s, struct rtp *of, size_t bytes)
{
	s->waiting[s->count++] = (struct rtp_waiting){ of, s->waits + s->bytes,
		bytes };
	s->bytes += bytes;
}

/* One after the other, so that the kernel's way stays in the caches. */
void rtp_set_send(struct rtp_set *s)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct rtp_waiting *w = &s->waiting[i];

		rtp_datagram_send(w->rtp, RTP_SOUND,
		    kk_view_of(w->data, w->bytes));
	}
	kk_wipe(s->waits, s->bytes);
	s->count = s->bytes = 0;
}

void rtp_set_free(struct rtp_set *s)
{
	if (!s)
		return;
	if (s->epoll >= 0)
		(void)close(s->epoll);
	kk_free_wiped(s, sizeof(*s));
}

enum kk_err rtp_set_new(struct rtp_set **sp)
{
	struct rtp_set *s = kk_calloc(1, sizeof(*s));

	if (!s)
		return KK_ENOMEM;
	s->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (s->epoll < 0) {
		rtp_set_free(s);
		return KK_EIO;
	}
	*sp = s;
	return KK_OK;
}

enum kk_err rtp_set_add(struct rtp_set *s, struct rtp_socket *of)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = of };

	if (epoll_ctl(s->epoll, EPOLL_CTL_ADD, of->fd, &event))
		return KK_EIO;
	s->sockets++;
	of->is_added = true;
	return KK_OK;
}

/* The kernel forgets a socket that is closed. */
void rtp_set_close(struct rtp_set *s, struct rtp_socket *of)
{
	if (of->fd >= 0)
		(void)close(of->fd);
	of->fd = -1;
	if (of->is_added)
		s->sockets--;
	of->is_added = false;
}
