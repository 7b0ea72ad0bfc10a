/*
 * media_tcp_stream.c - packets on a TCP connection, their lengths in front.
 *
 * A reader that is too slow loses packets, as on any other path: what waits for
 * it is bounded, here and in the system.
 */
#include <errno.h>
#include <string.h>

#include "media_tcp.h"
#include "wire/demux.h"

enum {
	READS_MAX = 4, /* before others have their turn */
	OUT_BYTES = 64 * 1024, /* a key frame, and what comes meanwhile */
	/* Not for media: checks are answered on a connection that is full. */
	OUT_KEPT_BYTES = 4 * 1024
};

/* --- sending ------------------------------------------------------------- */

static void blocked_set(struct media_connection *c, bool is_blocked)
{
	if (c->is_blocked == is_blocked)
		return;
	c->is_blocked = is_blocked;
	(void)sd_event_source_set_io_events(c->source,
	    is_blocked ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

/* Not closed here: callers hold paths. */
static void broken_set(struct media_connection *c)
{
	c->is_broken = true;
	c->out_bytes = 0;
	(void)shutdown(c->fd, SHUT_RDWR); /* wakes its event */
}

static void write_out(struct media_connection *c)
{
	while (c->out_bytes > 0 && !c->is_broken) {
		ssize_t n = send(c->fd, c->out + c->out_from, c->out_bytes,
		    MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno != EAGAIN) {
			broken_set(c);
			return;
		}
		if (n < 0)
			break;
		c->out_from += (size_t)n;
		c->out_bytes -= (size_t)n;
	}
	if (c->out_bytes == 0)
		c->out_from = 0;
	blocked_set(c, c->out_bytes > 0);
}

static bool room_make(struct media_connection *c, struct kk_view packet)
{
	const enum wire_kind kind = wire_kind_of(packet);
	const bool is_media = kind == WIRE_KIND_RTP || kind == WIRE_KIND_RTCP;
	const size_t room = is_media ? OUT_BYTES - OUT_KEPT_BYTES : OUT_BYTES;
	const size_t bytes = WIRE_FRAME_HEAD_BYTES + packet.bytes;

	if (!c->out)
		c->out = kk_calloc(1, OUT_BYTES);
	if (!c->out || c->out_bytes + bytes > room)
		return false;
	if (c->out_from + c->out_bytes + bytes > OUT_BYTES) {
		memmove(c->out, c->out + c->out_from, c->out_bytes);
		c->out_from = 0;
	}
	return true;
}

void media_tcp_send(struct media *media, uint64_t number, struct kk_view packet)
{
	struct media_connection *c = media_connection_find(media, number);
	struct wire_out w;

	if (!c || c->is_broken)
		return;
	if (!room_make(c, packet)) {
		media->counts.dropped_packets++;
		return;
	}
	wire_out_init(&w, c->out + c->out_from + c->out_bytes,
	    OUT_BYTES - c->out_from - c->out_bytes);
	wire_framing_write(&w, packet);
	c->out_bytes += w.bytes;
	media->counts.out_packets++;
	media->counts.out_bytes += packet.bytes;
	if (c->is_waiting || c->is_blocked)
		return;
	c->is_waiting = true;
	c->waiting_next = media->tcp->waiting;
	media->tcp->waiting = c;
}

void media_tcp_flush(struct media *media)
{
	struct media_connection *c;

	while (media->tcp && (c = media->tcp->waiting)) {
		media->tcp->waiting = c->waiting_next;
		c->is_waiting = false;
		media->counts.out_messages++;
		write_out(c);
	}
}

/* --- receiving ----------------------------------------------------------- */

/* False: it is to be closed. */
static bool packet_take(struct media *media, uint64_t number,
    struct kk_view packet, uint64_t now_us)
{
	struct media_connection *c = media_connection_find(media, number);

	if (c->is_stranger && wire_kind_of(packet) != WIRE_KIND_STUN)
		return false;
	if (packet.bytes == 0)
		return true; /* RFC 4571, 2: the null packet */
	media_input(media, packet, &c->remote, &c->local, now_us);
	c = media_connection_find(media, number);
	if (!c || !c->is_stranger)
		return true;
	if (!media_path_find(media, &c->remote))
		return false;
	media_stranger_forget(media->tcp, c);
	return true;
}

static void stranger_refuse(struct media *media, struct media_connection *c)
{
	if (c->is_stranger)
		media->counts.refused_connections++;
	/* It may have been told why: its role, what is not known. */
	media_tcp_flush(media);
	media_tcp_close(media, c->number);
}

/* False: it is closed. */
static bool bytes_take(struct media *media, uint64_t number, struct kk_view in)
{
	const uint64_t now_us = media_now_us();
	struct media_connection *c;

	while ((c = media_connection_find(media, number))) {
		struct kk_view packet;
		enum kk_err err = wire_framing_next(&c->in, &in, &packet);

		if (err == KK_ETRUNC)
			return true;
		if (!err && packet_take(media, number, packet, now_us))
			continue;
		if (err)
			media->counts.refused_packets++;
		c = media_connection_find(media, number);
		if (c)
			stranger_refuse(media, c);
		break;
	}
	return false;
}

static void read_all(struct media *media, struct media_connection *c)
{
	const uint64_t number = c->number;
	struct media_tcp *tcp = media->tcp;
	const int fd = c->fd;

	for (unsigned i = 0; i < READS_MAX; i++) {
		ssize_t n = recv(fd, tcp->in, sizeof(tcp->in), MSG_DONTWAIT);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0) {
			media_tcp_close(media, number);
			return;
		}
		tcp->taken_bytes += (size_t)n;
		if (!bytes_take(media, number, kk_view_of(tcp->in, (size_t)n)))
			return;
		if ((size_t)n < sizeof(tcp->in))
			return;
	}
}

int media_connection_event(sd_event_source *source, int fd, uint32_t events,
    void *arg)
{
	struct media_connection *c = arg;
	struct media *media = c->media;

	(void)source;
	(void)fd;
	if (events & EPOLLOUT)
		write_out(c);
	if (c->is_broken)
		media_tcp_close(media, c->number);
	else if (events & ~(uint32_t)EPOLLOUT)
		read_all(media, c);
	if (media->tcp->taken_bytes >= MEDIA_TCP_TURN_BYTES) {
		media->tcp->taken_bytes = 0;
		media_sockets_read(media);
	}
	media_settle(media);
	return 0;
}
