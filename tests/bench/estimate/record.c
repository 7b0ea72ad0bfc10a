/*
 * record.c - a sender that follows its estimate over a real link, and writes
 * down all that the estimate was told.
 *
 *	link-record receive PORT
 *	link-record send ADDRESS PORT SECONDS >NAME.link
 *
 * What such a file has is in tests/estimate/link.h; `make record-links` makes
 * those in tests/estimate/links/.  It is no test: its time is the clock's.
 */
#define _GNU_SOURCE /* ppoll() */
#include <arpa/inet.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "estimate/estimate.h"
#include "estimate/link.h"
#include "hop/rx_twcc.h"

enum {
	PACKET_BYTES = 1200,
	TICK_US = 5000,
	S_US = 1000000,
	SSRC = 1,
	IDLE_S = 3 /* the receiver ends when nothing comes for so long */
};

static uint64_t now_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * S_US + (uint64_t)t.tv_nsec / 1000;
}

static void die(const char *what)
{
	perror(what);
	exit(EXIT_FAILURE);
}

static bool await(int fd, uint64_t us)
{
	const struct timespec limit = { (time_t)(us / S_US),
		(long)(us % S_US) * 1000 };
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return ppoll(&p, 1, &limit, NULL) > 0;
}

/* --- the receiver --------------------------------------------------------- */

static void receive(int fd)
{
	uint8_t data[2 * PACKET_BYTES];
	struct sockaddr_storage from;
	socklen_t from_bytes = 0;
	struct hop_rx_twcc rx;
	uint64_t last_us = UINT64_MAX - S_US * (uint64_t)IDLE_S;
	uint16_t seq;

	hop_rx_twcc_init(&rx);
	while (now_us() < last_us + S_US * (uint64_t)IDLE_S) {
		struct wire_out w;

		if (await(fd, TICK_US)) {
			from_bytes = sizeof(from);
			if (recvfrom(fd, data, sizeof(data), 0,
				(struct sockaddr *)&from,
				&from_bytes) < (ssize_t)sizeof(seq))
				continue;
			memcpy(&seq, data, sizeof(seq));
			last_us = now_us();
			hop_rx_twcc_packet(&rx, ntohs(seq), last_us);
		}
		wire_out_init(&w, data, PACKET_BYTES);
		if (from_bytes > 0 &&
		    hop_rx_twcc_write(&rx, &w, SSRC, SSRC, now_us()))
			(void)!sendto(fd, data, wire_out_view(&w).bytes, 0,
			    (struct sockaddr *)&from, from_bytes);
	}
}

/* --- the sender ----------------------------------------------------------- */

struct sender {
	int fd;
	struct estimate *e;
	uint64_t begin_us, told_us;
	uint64_t due_bits; /* times a million */
};

static void packet_send(struct sender *s, size_t bytes, uint64_t at_us)
{
	uint8_t data[PACKET_BYTES] = { 0 };
	uint16_t seq;

	bytes = bytes < sizeof(seq) ? sizeof(seq) : bytes;
	bytes = bytes > sizeof(data) ? sizeof(data) : bytes;
	seq = htons(estimate_sent(s->e, bytes, at_us));
	memcpy(data, &seq, sizeof(seq));
	(void)!send(s->fd, data, bytes, MSG_DONTWAIT);
	(void)printf("s %" PRIu64 " %zu\n", at_us - s->begin_us, bytes);
}

static void due_send(struct sender *s, uint64_t passed_us)
{
	const uint64_t packet_bits = 8ULL * PACKET_BYTES * S_US;
	const uint64_t at_us = now_us();
	size_t probe;

	s->due_bits += estimate_get(s->e).bps * passed_us;
	for (; s->due_bits >= packet_bits; s->due_bits -= packet_bits)
		packet_send(s, PACKET_BYTES, at_us);
	probe = estimate_probe_bytes(s->e, at_us);
	for (; probe >= PACKET_BYTES; probe -= PACKET_BYTES)
		packet_send(s, PACKET_BYTES, at_us);
}

static void feedback_take(struct sender *s)
{
	uint8_t data[2 * PACKET_BYTES];
	const ssize_t n = recv(s->fd, data, sizeof(data), MSG_DONTWAIT);
	const uint64_t at_us = now_us();

	if (n <= 0)
		return;
	(void)!link_feedback(s->e, kk_view_of(data, (size_t)n), at_us);
	(void)printf("f %" PRIu64 " ", at_us - s->begin_us);
	for (ssize_t i = 0; i < n; i++)
		(void)printf("%02x", data[i]);
	(void)printf("\n");
}

static void send_all(int fd, unsigned seconds)
{
	struct sender s = { .fd = fd, .begin_us = now_us() };
	uint64_t last_us = s.begin_us, end_us = last_us + S_US * 1ULL * seconds;

	if (estimate_new(&s.e, &link_config, s.begin_us))
		die("estimate");
	while (last_us < end_us) {
		const uint64_t at_us = now_us();

		estimate_tick(s.e, at_us);
		due_send(&s, at_us - last_us);
		last_us = at_us;
		if (await(fd, TICK_US))
			feedback_take(&s);
	}
	estimate_free(s.e);
}

int main(int argc, char **argv)
{
	const bool is_receiver = argc == 3 && !strcmp(argv[1], "receive");
	struct sockaddr_in a = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (!is_receiver && (argc != 5 || strcmp(argv[1], "send") != 0)) {
		(void)fputs("usage: link-record receive PORT\n"
			    "       link-record send ADDRESS PORT SECONDS\n",
		    stderr);
		return 2;
	}
	a.sin_port = htons((uint16_t)strtoul(argv[is_receiver ? 2 : 3], NULL,
	    10));
	if (!is_receiver && inet_pton(AF_INET, argv[2], &a.sin_addr) != 1)
		die(argv[2]);
	if (fd < 0 ||
	    (is_receiver ? bind(fd, (struct sockaddr *)&a, sizeof(a)) :
			   connect(fd, (struct sockaddr *)&a, sizeof(a))))
		die("socket");
	if (is_receiver)
		receive(fd);
	else
		send_all(fd, (unsigned)strtoul(argv[4], NULL, 10));
	(void)close(fd);
	return EXIT_SUCCESS;
}
