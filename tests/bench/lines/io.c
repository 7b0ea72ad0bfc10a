/* io.c - lines over sockets: those of lined, and telephones that fork off. */
#define _GNU_SOURCE /* SOCK_CLOEXEC */
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "firmware/bin/lined/rtp_private.h"
#include "lines.h"

static const char address[] = "127.0.0.1";

static void telephone_open(struct io_line *l)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t bytes = sizeof(a);

	l->telephone = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (l->telephone < 0 ||
	    bind(l->telephone, (struct sockaddr *)&a, sizeof(a)) ||
	    getsockname(l->telephone, (struct sockaddr *)&a, &bytes))
		bench_must(KK_EIO, "socket");
	l->port = ntohs(a.sin_port);
}

static void telephone_connect(const struct io_line *l)
{
	const struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_port = htons(rtp_port(l->rtp)),
		.sin_addr = { htonl(INADDR_LOOPBACK) } };

	if (connect(l->telephone, (const struct sockaddr *)&a, sizeof(a)))
		bench_must(KK_EIO, "connect");
}

static void came(void *arg, struct kk_view packet, uint64_t now_us)
{
	const struct io_line *l = arg;

	(void)now_us; /* the time is simulated */
	bench_came(l->bench, (size_t)(l - l->bench->io), packet);
}

static void line_open(struct bench *b, struct io_line *l)
{
	static const struct rtp_ports ports = { 30000, 39999 };
	struct offer_stream stream = { .codec = b->scene->codec,
		.payload_type = PAYLOAD_TYPE,
		.event_type = -1,
		.sends = true,
		.hears = true };

	l->bench = b;
	telephone_open(l);
	bench_must(rtp_new(&l->rtp, b->set, address, ports, came, l), "rtp");
	for (size_t i = 0; i < sizeof(address); i++)
		stream.address[i] = address[i];
	stream.port = l->port;
	stream.rtcp_port = (uint16_t)(l->port + 1);
	bench_must(rtp_agree(l->rtp, &stream), "rtp");
	telephone_connect(l);
}

/* --- the telephones' process ---------------------------------------------- */

static void packet_send(void *arg, size_t line, struct kk_view packet)
{
	const struct bench *b = arg;

	(void)!send(b->io[line].telephone, packet.data, packet.bytes, 0);
}

static void telephones_empty(const struct bench *b)
{
	uint8_t data[PHONE_PACKET_BYTES];

	for (size_t i = 0; i < b->lines; i++) {
		while (recv(b->io[i].telephone, data, sizeof(data),
			   MSG_DONTWAIT) > 0)
			;
	}
}

static void telephones_run(struct bench *b, int fd)
{
	unsigned t;

	while (read(fd, &t, sizeof(t)) == sizeof(t)) {
		telephones_empty(b);
		bench_telephones_send(b, t, packet_send, b);
		if (write(fd, &t, sizeof(t)) != sizeof(t))
			break;
	}
	_exit(EXIT_SUCCESS);
}

/* --- this one ------------------------------------------------------------- */

void bench_io_open(struct bench *b)
{
	int pair[2] = { -1, -1 };

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		bench_must(KK_EIO, "socketpair");
	bench_must(rtp_set_new(&b->set), "sockets");
	for (size_t i = 0; i < b->lines; i++)
		line_open(b, &b->io[i]);
	switch (fork()) {
	case -1:
		bench_must(KK_EIO, "fork");
		break;
	case 0:
		(void)close(pair[0]);
		telephones_run(b, pair[1]);
		break;
	default:
		(void)close(pair[1]);
		b->others = pair[0];
	}
	for (size_t i = 0; i < b->lines; i++)
		(void)close(b->io[i].telephone);
}

void bench_io_close(struct bench *b)
{
	(void)close(b->others);
	(void)wait(NULL);
	for (size_t i = 0; i < b->lines; i++)
		rtp_free(b->io[i].rtp);
	rtp_set_free(b->set);
}

void bench_io_others(struct bench *b, unsigned t)
{
	if (write(b->others, &t, sizeof(t)) != sizeof(t) ||
	    read(b->others, &t, sizeof(t)) != sizeof(t))
		bench_must(KK_EIO, "the telephones' process");
	for (size_t i = 0; i < b->lines; i++)
		rtp_tick(b->io[i].rtp, rtp_now_us());
}

void bench_io_take(struct bench *b)
{
	rtp_set_take(b->set);
}

void bench_io_send(struct bench *b, size_t line, struct kk_view packet)
{
	rtp_send(b->io[line].rtp, packet);
}

void bench_io_sent(struct bench *b)
{
	rtp_set_send(b->set);
}

void bench_io_bare(const struct bench *b)
{
	uint8_t data[PHONE_PACKET_BYTES];

	for (size_t i = 0; i < b->lines; i++) {
		const int fd = b->io[i].rtp->socket[RTP_SOUND].fd;
		const ssize_t n = recv(fd, data, sizeof(data), MSG_DONTWAIT);

		if (n < 0)
			bench_must(KK_EIO, "a telephone's packet is missing");
		(void)!send(fd, data, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL);
	}
}
