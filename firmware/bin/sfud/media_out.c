/*
 * media_out.c - datagrams on their way out, many in one system call.
 *
 * Each leaves from the address that its peer's check came to: on a machine with
 * several, the system would choose another one, which the peer does not expect.
 *
 * Those to one peer that have one length go as one message, which the system
 * cuts up (UDP_SEGMENT, udp(7)): sending is the most of a forwarder's work, and
 * this is the one thing that makes it less.
 */
#define _GNU_SOURCE /* sendmmsg, in_pktinfo */
#include <errno.h>
#include <netinet/udp.h>
#include <string.h>

#include "media_internal.h"

enum {
	QUEUE_DATAGRAMS = 1024,
	SEGMENTS_MAX = 64, /* UDP_MAX_SEGMENTS of older systems */
	MESSAGE_MAX_BYTES = 65000, /* an IP packet, less its headers */
	CONTROL_BYTES = CMSG_SPACE(sizeof(struct in6_pktinfo)) +
	    CMSG_SPACE(sizeof(uint16_t))
};

struct datagram {
	size_t bytes;
	struct datagram *next; /* of its message */
	uint8_t data[MEDIA_DATAGRAM_BYTES];
};

struct message { /* to one peer; all as long as the first, the last less */
	struct sockaddr_storage to;
	socklen_t to_bytes;
	struct media_address local;
	int fd;
	struct datagram *first, *last;
	size_t count, bytes;
	_Alignas(struct cmsghdr) uint8_t control[CONTROL_BYTES];
};

struct media_out {
	struct datagram list[QUEUE_DATAGRAMS];
	struct message messages[QUEUE_DATAGRAMS];
	struct mmsghdr headers[QUEUE_DATAGRAMS];
	struct iovec iovs[QUEUE_DATAGRAMS];
	size_t count, message_count;
	uint64_t round; /* of the queue's fillings; from 1 on */
};

enum kk_err media_out_new(struct media_out **outp)
{
	struct media_out *out = kk_calloc(1, sizeof(*out));

	if (!out)
		return KK_ENOMEM;
	out->round = 1;
	*outp = out;
	return KK_OK;
}

void media_out_free(struct media_out *out)
{
	kk_free(out);
}

/* --- queueing --------------------------------------------------------------
 */

static int fd_of(const struct media *media, const struct media_address *remote)
{
	return media->sockets[remote->family == AF_INET ? MEDIA_V4 : MEDIA_V6]
	    .fd;
}

/* The one place where UDP and TCP part: what is in the room goes by its
 * connection. */
static bool goes_by_tcp(struct media *media, struct kk_view packet,
    const struct media_address *remote)
{
	if (remote->connection)
		media_tcp_send(media, remote->connection, packet);
	return remote->connection != 0;
}

/* The room is gone, whether it is used or not. */
static struct datagram *take(struct media *media, size_t bytes,
    const struct media_address *remote)
{
	struct media_out *out = media->out;
	struct datagram *d = &out->list[out->count++];

	if (bytes == 0 ||
	    goes_by_tcp(media, kk_view_of(d->data, bytes), remote) ||
	    fd_of(media, remote) < 0)
		return NULL;
	d->bytes = bytes;
	d->next = NULL;
	media->counts.out_packets++;
	media->counts.out_bytes += bytes;
	return d;
}

static void message_begin(struct media *media, struct datagram *d,
    const struct media_address *remote, const struct media_address *local)
{
	struct media_out *out = media->out;
	struct message *m = &out->messages[out->message_count++];

	m->fd = fd_of(media, remote);
	m->local = *local;
	if (local->family != remote->family)
		m->local.family = AF_UNSPEC;
	m->to_bytes = media_address_to(remote, &m->to);
	m->first = m->last = d;
	m->count = 1;
	m->bytes = d->bytes;
}

void media_out_commit(struct media *media, size_t bytes,
    const struct media_address *remote, const struct media_address *local)
{
	struct datagram *d = take(media, bytes, remote);

	if (d)
		message_begin(media, d, remote, local);
}

/* One that is shorter than the first ends the message. */
static bool fits(const struct media_path *path, const struct message *m,
    size_t bytes)
{
	return !path->has_no_segments && m->count < SEGMENTS_MAX &&
	    m->last->bytes == m->first->bytes && bytes <= m->first->bytes &&
	    m->bytes + bytes <= MESSAGE_MAX_BYTES;
}

void media_out_commit_to(struct media *media, size_t bytes,
    struct media_path *path)
{
	struct media_out *out = media->out;
	struct datagram *d;
	struct message *m;

	if (!path) {
		out->count++; /* the room is gone */
		return;
	}
	d = take(media, bytes, &path->remote);
	if (!d)
		return;
	m = &out->messages[path->out_message];
	if (path->out_round != out->round || !fits(path, m, bytes)) {
		path->out_round = out->round;
		path->out_message = out->message_count;
		message_begin(media, d, &path->remote, &path->local);
		return;
	}
	m->last->next = d;
	m->last = d;
	m->count++;
	m->bytes += bytes;
}

/* --- sending ---------------------------------------------------------------
 */

/* Gives what comes after it. */
static uint8_t *control_add(uint8_t *at, int level, int type, const void *data,
    size_t bytes)
{
	struct cmsghdr head = { .cmsg_len = CMSG_LEN(bytes),
		.cmsg_level = level,
		.cmsg_type = type };

	memcpy(at, &head, sizeof(head));
	memcpy(at + CMSG_LEN(0), data, bytes);
	return at + CMSG_SPACE(bytes);
}

static size_t control_write(struct message *m)
{
	const struct media_address *local = &m->local;
	uint16_t segment = (uint16_t)m->first->bytes;
	uint8_t *at = m->control;

	if (local->family == AF_INET) {
		struct in_pktinfo info = { 0 };

		memcpy(&info.ipi_spec_dst, local->ip,
		    sizeof(info.ipi_spec_dst));
		at = control_add(at, IPPROTO_IP, IP_PKTINFO, &info,
		    sizeof(info));
	} else if (local->family == AF_INET6) {
		struct in6_pktinfo info = { .ipi6_ifindex = local->scope };

		memcpy(&info.ipi6_addr, local->ip, sizeof(info.ipi6_addr));
		at = control_add(at, IPPROTO_IPV6, IPV6_PKTINFO, &info,
		    sizeof(info));
	}
	if (m->count > 1)
		at = control_add(at, IPPROTO_UDP, UDP_SEGMENT, &segment,
		    sizeof(segment));
	return (size_t)(at - m->control);
}

/* Returns the next free one of iovs. */
static struct iovec *header_write(struct mmsghdr *header, struct message *m,
    struct iovec *iov)
{
	size_t control_bytes = control_write(m);

	header->msg_hdr = (struct msghdr){ .msg_name = &m->to,
		.msg_namelen = m->to_bytes,
		.msg_iov = iov,
		.msg_iovlen = m->count,
		.msg_control = control_bytes ? m->control : NULL,
		.msg_controllen = control_bytes };
	for (struct datagram *d = m->first; d; d = d->next)
		*iov++ = (struct iovec){ d->data, d->bytes };
	return iov;
}

/* One by one, where the system does not cut up.  Whether they are sent. */
static bool send_singly(struct message *m)
{
	struct datagram *d, *next;
	bool is_sent = true;

	m->count = 1;
	for (d = m->first; d; d = next) {
		struct mmsghdr header;
		struct iovec iov;

		next = d->next;
		d->next = NULL;
		m->first = d;
		(void)header_write(&header, m, &iov);
		/* Lost, where it cannot be sent. */
		is_sent &= sendmsg(m->fd, &header.msg_hdr,
			       MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
	}
	return is_sent;
}

/*
 * A message of several was refused.  That may be for the way to its peer, which
 * cannot cut up (EIO, EINVAL) or carries less than it did (EMSGSIZE, which does
 * not stay); or for what has nothing to do with it, such as an address of ours
 * that is gone (EINVAL).  So only where each is sent alone, the way is blamed.
 */
static void segments_refused(struct media *media, struct message *m, int error)
{
	struct media_address remote;
	struct media_path *path;

	if (!send_singly(m) || error == EMSGSIZE)
		return;
	media_address_of(&remote, (const struct sockaddr *)&m->to);
	path = media_path_find(media, &remote);
	if (path)
		path->has_no_segments = true;
}

static bool is_about_segments(int error)
{
	return error == EINVAL || error == EIO || error == EOPNOTSUPP ||
	    error == EMSGSIZE;
}

/* Messages of one socket, from at on; returns how many are done with. */
static size_t run_send(struct media *media, size_t at)
{
	struct media_out *out = media->out;
	struct message *m = &out->messages[at];
	size_t end = at + 1;
	int n;

	while (end < out->message_count && out->messages[end].fd == m->fd)
		end++;
	do {
		n = sendmmsg(m->fd, &out->headers[at], (unsigned)(end - at),
		    MSG_DONTWAIT | MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	if (n > 0)
		return (size_t)n;
	/* A full buffer loses them, as a network does; any other error is
	 * about the first one alone. */
	if (n < 0 && (errno == EAGAIN || errno == ENOBUFS))
		return end - at;
	if (n < 0 && m->count > 1 && is_about_segments(errno))
		segments_refused(media, m, errno);
	return 1;
}

static void queue_send(struct media *media)
{
	struct media_out *out = media->out;
	struct iovec *iov = out->iovs;

	for (size_t i = 0; i < out->message_count; i++)
		iov = header_write(&out->headers[i], &out->messages[i], iov);
	media->counts.out_messages += out->message_count;
	for (size_t at = 0; at < out->message_count;)
		at += run_send(media, at);
	out->count = out->message_count = 0;
	out->round++;
	media_tcp_flush(media);
}

void media_out_flush(struct media *media)
{
	media_burst_end(media);
	media_burst_seal(media);
	queue_send(media);
}

/* --- rooms -----------------------------------------------------------------
 */

uint8_t *media_out_room(struct media *media)
{
	media_burst_seal(media); /* what was shown before goes before */
	media_out_reserve(media, 1);
	return media_out_room_at(media, 0);
}

void media_out_reserve(struct media *media, size_t count)
{
	if (QUEUE_DATAGRAMS - media->out->count < count)
		queue_send(media);
}

uint8_t *media_out_room_at(struct media *media, size_t at)
{
	return media->out->list[media->out->count + at].data;
}
