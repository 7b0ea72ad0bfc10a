/*
 * receive.c - what comes, for all members.
 *
 * The RTP header is clear under SRTP, so each packet is counted without opening
 * it; every so manieth is opened, and must be what a publisher has sent.
 */
#define _GNU_SOURCE /* recvmmsg */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tools/load/load.h"
#include "wire/demux.h"
#include "wire/out.h"

enum {
	BATCH = 32, /* datagrams of a socket at once */
	SOCKETS = 64, /* at once */
	ROUNDS = 16, /* then others have their turn */
	TYPE_MASK = 0x7f,
	RTP_SEQ_AT = 2,
	RTP_SSRC_AT = 8,
	NS_PER_S = 1000000000
};

struct load_inbox {
	struct mmsghdr headers[BATCH];
	struct iovec iov[BATCH];
	uint8_t data[BATCH][LOAD_DATAGRAM_BYTES];
	_Alignas(struct cmsghdr)
	    uint8_t control[BATCH][CMSG_SPACE(sizeof(struct timespec))];
	uint8_t plain[LOAD_DATAGRAM_BYTES];
	uint64_t now_us; /* of the reading */
	sd_event_source *source;
};

static struct load_stream *stream_find(struct load_member *m, uint32_t ssrc)
{
	for (size_t i = 0; i < m->stream_count; i++) {
		if (m->streams[i].ssrc == ssrc)
			return &m->streams[i];
	}
	if (m->stream_count == LOAD_STREAMS_MAX)
		return NULL;
	m->streams[m->stream_count].ssrc = ssrc;
	return &m->streams[m->stream_count++];
}

static void latency_add(struct load *load, uint64_t sent_ns,
    uint64_t arrived_ns)
{
	uint64_t us = arrived_ns > sent_ns ?
	    (arrived_ns - sent_ns) / LOAD_NS_PER_US :
	    0;

	if (load->is_measuring &&
	    load_series_add(&load->result.late_us,
		us < UINT32_MAX ? (uint32_t)us : UINT32_MAX) == KK_ENOMEM)
		load_fail(load, "no memory");
}

static void sample_open(struct load_member *m, struct kk_view datagram,
    uint64_t arrived_ns)
{
	struct load *load = m->load;
	size_t bytes = sizeof(load->inbox->plain);
	enum kk_err err = srtp_rx_open_rtp(m->peer.rx, datagram,
	    load->inbox->plain, &bytes);
	uint64_t sent_ns;

	if (err == KK_EREPLAY)
		return; /* twice, or late: counted as such */
	if (err) {
		load->totals.forged++;
		return;
	}
	load->totals.opened++;
	if (load_packet_is_ours(m, kk_view_of(load->inbox->plain, bytes),
		&sent_ns))
		latency_add(load, sent_ns, arrived_ns);
	else
		load->totals.wrong++;
}

/* A picture begins with a key frame, whatever came before.  The floor asks
 * nobody for one. */
static void first_look(struct load_member *m, struct kk_view datagram)
{
	uint8_t *plain = m->load->inbox->plain;
	size_t bytes = sizeof(m->load->inbox->plain);

	if (m->load->options.server == LOAD_FLOOR ||
	    ((datagram.data[1] & TYPE_MASK) == LOAD_VIDEO_TYPE &&
		!srtp_rx_open_rtp(m->peer.rx, datagram, plain, &bytes) &&
		load_packet_is_key(kk_view_of(plain, bytes))))
		load_member_first(m);
}

static void rtp_take(struct load_member *m, struct kk_view datagram,
    uint64_t arrived_ns)
{
	struct load *load = m->load;
	struct load_stream *s = m->is_publisher ?
	    NULL :
	    stream_find(m, wire_get_u32(datagram.data + RTP_SSRC_AT));

	if (!s || m->peer.phase != LOAD_PEER_READY) {
		load->totals.strangers++;
		return;
	}
	load_stream_take(s, wire_get_u16(datagram.data + RTP_SEQ_AT),
	    &load->totals.counts);
	load->arrived_us = load->inbox->now_us;
	load->totals.bytes += datagram.bytes;
	if (!m->peer.first_us)
		first_look(m, datagram);
	if (m->until_sample-- > 0)
		return;
	m->until_sample = load->options.sample - 1;
	sample_open(m, datagram, arrived_ns);
}

static void datagram_take(struct load_member *m, struct kk_view datagram,
    uint64_t arrived_ns)
{
	switch (wire_kind_of(datagram)) {
	case WIRE_KIND_RTP:
		rtp_take(m, datagram, arrived_ns);
		break;
	case WIRE_KIND_RTCP:
		load_rtcp_take(m, datagram);
		break;
	case WIRE_KIND_STUN:
		load_peer_stun(m, datagram);
		break;
	case WIRE_KIND_DTLS:
		load_peer_dtls(m, datagram);
		break;
	default:
		m->load->totals.strangers++;
	}
}

/* When the kernel got it: how busy we are does not matter. */
static uint64_t arrived_ns(const struct msghdr *header)
{
	const struct cmsghdr *c = CMSG_FIRSTHDR(header);
	struct timespec t;

	if (!c || c->cmsg_level != SOL_SOCKET ||
	    c->cmsg_type != SCM_TIMESTAMPNS)
		return load_wall_ns();
	memcpy(&t, CMSG_DATA(c), sizeof(t));
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

static void member_read(struct load_member *m)
{
	struct load_inbox *in = m->load->inbox;
	int n;

	for (size_t i = 0; i < BATCH; i++) {
		in->iov[i] = (struct iovec){ in->data[i], sizeof(in->data[i]) };
		in->headers[i].msg_hdr =
		    (struct msghdr){ .msg_iov = &in->iov[i],
			    .msg_iovlen = 1,
			    .msg_control = in->control[i],
			    .msg_controllen = sizeof(in->control[i]) };
	}
	n = recvmmsg(m->peer.fd, in->headers, BATCH, MSG_DONTWAIT, NULL);
	in->now_us = load_now_us();
	for (int i = 0; i < n && m->peer.fd >= 0; i++)
		datagram_take(m,
		    kk_view_of(in->data[i], in->headers[i].msg_len),
		    arrived_ns(&in->headers[i].msg_hdr));
}

static int on_readable(sd_event_source *source, int fd, uint32_t events,
    void *arg)
{
	struct epoll_event ready[SOCKETS];
	struct load *load = arg;
	int n = SOCKETS;

	(void)source;
	(void)events;
	for (int round = 0; round < ROUNDS && n == SOCKETS; round++) {
		n = epoll_wait(fd, ready, SOCKETS, 0);
		for (int i = 0; i < n && !load->has_failed; i++)
			member_read(ready[i].data.ptr);
	}
	return 0;
}

enum kk_err load_receive_start(struct load *load)
{
	load->inbox = kk_calloc(1, sizeof(*load->inbox));
	if (!load->inbox)
		return KK_ENOMEM;
	load->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (load->epoll < 0)
		return KK_EIO;
	return sd_event_add_io(load->event, &load->inbox->source, load->epoll,
		   EPOLLIN, on_readable, load) < 0 ?
	    KK_ENOMEM :
	    KK_OK;
}

void load_receive_stop(struct load *load)
{
	if (load->inbox)
		sd_event_source_disable_unref(load->inbox->source);
	kk_free(load->inbox);
	if (load->epoll >= 0)
		(void)close(load->epoll);
}
