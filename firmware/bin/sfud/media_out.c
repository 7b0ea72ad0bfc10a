/*
 * media_out.c - datagrams on their way out, many in one system call.
 *
 * Each leaves from the address that its peer's check came to: on a machine with
 * several, the system would choose another one, which the peer does not expect.
 */
#define _GNU_SOURCE /* sendmmsg, in_pktinfo */
#include <errno.h>
#include <string.h>

#include "media_internal.h"

struct datagram {
	uint8_t data[MEDIA_DATAGRAM_BYTES];
	struct sockaddr_storage to;
	struct iovec iov;
	_Alignas(struct cmsghdr)
	    uint8_t control[CMSG_SPACE(sizeof(struct in6_pktinfo))];
	int fd;
};

struct media_out {
	struct datagram list[MEDIA_BATCH];
	struct mmsghdr headers[MEDIA_BATCH];
	size_t count;
};

enum kk_err media_out_new(struct media_out **outp)
{
	*outp = kk_calloc(1, sizeof(**outp));
	return *outp ? KK_OK : KK_ENOMEM;
}

void media_out_free(struct media_out *out)
{
	kk_free(out);
}

uint8_t *media_out_room(struct media *media)
{
	if (media->out->count == MEDIA_BATCH)
		media_out_flush(media);
	return media->out->list[media->out->count].data;
}

static void control_write(struct msghdr *m, struct datagram *d,
    const struct media_address *local)
{
	struct cmsghdr *head;

	m->msg_control = d->control;
	m->msg_controllen = sizeof(d->control);
	head = CMSG_FIRSTHDR(m);
	if (local->family == AF_INET) {
		struct in_pktinfo info = { 0 };

		memcpy(&info.ipi_spec_dst, local->ip,
		    sizeof(info.ipi_spec_dst));
		m->msg_controllen = CMSG_SPACE(sizeof(info));
		head->cmsg_level = IPPROTO_IP;
		head->cmsg_type = IP_PKTINFO;
		head->cmsg_len = CMSG_LEN(sizeof(info));
		memcpy(CMSG_DATA(head), &info, sizeof(info));
	} else {
		struct in6_pktinfo info = { .ipi6_ifindex = local->scope };

		memcpy(&info.ipi6_addr, local->ip, sizeof(info.ipi6_addr));
		m->msg_controllen = CMSG_SPACE(sizeof(info));
		head->cmsg_level = IPPROTO_IPV6;
		head->cmsg_type = IPV6_PKTINFO;
		head->cmsg_len = CMSG_LEN(sizeof(info));
		memcpy(CMSG_DATA(head), &info, sizeof(info));
	}
}

void media_out_commit(struct media *media, size_t bytes,
    const struct media_address *remote, const struct media_address *local)
{
	struct media_out *out = media->out;
	struct datagram *d = &out->list[out->count];
	struct msghdr *m = &out->headers[out->count].msg_hdr;

	d->fd =
	    media->sockets[remote->family == AF_INET ? MEDIA_V4 : MEDIA_V6].fd;
	if (d->fd < 0 || bytes == 0)
		return;
	d->iov = (struct iovec){ d->data, bytes };
	*m = (struct msghdr){ .msg_name = &d->to,
		.msg_namelen = media_address_to(remote, &d->to),
		.msg_iov = &d->iov,
		.msg_iovlen = 1 };
	if (local->family == remote->family)
		control_write(m, d, local);
	out->count++;
	media->counts.out_packets++;
	media->counts.out_bytes += bytes;
}

/* Datagrams of one socket, from at on; returns how many are done with. */
static size_t run_send(struct media_out *out, size_t at)
{
	size_t end = at + 1;
	int n;

	while (end < out->count && out->list[end].fd == out->list[at].fd)
		end++;
	do {
		n = sendmmsg(out->list[at].fd, &out->headers[at],
		    (unsigned)(end - at), MSG_DONTWAIT | MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	/* A full buffer loses them, as a network does; any other error is
	 * about the first one alone. */
	if (n < 0)
		return errno == EAGAIN || errno == ENOBUFS ? end - at : 1;
	return n > 0 ? (size_t)n : 1;
}

void media_out_flush(struct media *media)
{
	struct media_out *out = media->out;

	for (size_t at = 0; at < out->count;)
		at += run_send(out, at);
	out->count = 0;
}
