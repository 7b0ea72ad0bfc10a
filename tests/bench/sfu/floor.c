/*
 * floor.c - the least that a forwarder on one thread can do: receive, open,
 * seal for each receiver, send.  No ICE, DTLS, RTCP, retransmission or switch;
 * what a real one takes beyond this is the price of being one.
 *
 * Sealing is AEAD_AES_128_GCM by the engine that sfud would take, too, many at
 * a time, straight from the shared plaintext into the output; sending is
 * sendmmsg().
 *
 * Source: RFC 3711, 4.3 (keys); RFC 7714, 8.1 and 11.
 */
#define _GNU_SOURCE /* recvmmsg, sendmmsg */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/base.h"
#include "drivers/crypto-engine/engine.h"
#include "tools/load/floor.h"
#include "wire/out.h"
#include "wire/seq.h"

enum {
	BATCH = 64,
	PACKET_BYTES = 2048,
	TAG_BYTES = 16,
	HEADER_BYTES = 12,
	BLOCK_BYTES = 16,
	SSRC_AT = 8,
	SEQ_AT = 2,
	RECEIVERS_MAX = 1000, /* of a meeting */
	SOCKET_BYTES = 4 * 1024 * 1024,
	LABEL_KEY = 0,
	LABEL_SALT = 2,
	LABEL_AT = 7,
	PORTS = 65536
};

struct cipher {
	struct engine_key *key;
	uint8_t salt[FLOOR_SALT_BYTES];
};

struct receiver {
	struct sockaddr_in at;
	struct cipher cipher;
};

struct meeting {
	struct receiver list[RECEIVERS_MAX];
	size_t count;
};

struct publisher {
	struct meeting *meeting;
	struct cipher cipher;
	uint64_t top; /* sequence number, extended: the rollover counter */
};

struct floor {
	int udp, listener, link;
	struct sockaddr_in at;
	struct meeting *meetings[FLOOR_MEETINGS_MAX];
	struct publisher *publishers[PORTS]; /* all are at one address */
	struct mmsghdr in[BATCH], out[BATCH];
	struct iovec in_iov[BATCH], out_iov[BATCH];
	struct sockaddr_in from[BATCH];
	uint8_t in_data[BATCH][PACKET_BYTES], out_data[BATCH][PACKET_BYTES];
	uint8_t plain[BATCH][PACKET_BYTES];
	/* What waits to be sealed, and sent. */
	size_t waiting;
	struct engine_set *engines;
	struct engine_job jobs[BATCH];
	uint8_t nonces[BATCH][FLOOR_SALT_BYTES];
};

static _Noreturn void die(const char *what)
{
	(void)fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
	exit(EXIT_FAILURE);
}

/* --- SRTP ---------------------------------------------------------------- */

static void derive(struct floor *f, const uint8_t *master, unsigned label,
    uint8_t *block)
{
	uint8_t in[BLOCK_BYTES] = { 0 };

	memcpy(in, master + FLOOR_KEY_BYTES, FLOOR_SALT_BYTES);
	in[LABEL_AT] ^= (uint8_t)label;
	if (engine_keystream(f->engines, kk_view_of(master, FLOOR_KEY_BYTES),
		in, block, BLOCK_BYTES))
		die("keys");
}

static void cipher_init(struct floor *f, struct cipher *c,
    const uint8_t *master)
{
	uint8_t key[BLOCK_BYTES], salt[BLOCK_BYTES];

	derive(f, master, LABEL_KEY, key);
	derive(f, master, LABEL_SALT, salt);
	memcpy(c->salt, salt, sizeof(c->salt));
	if (engine_key_new(&c->key, f->engines, ENGINE_AES128_GCM,
		kk_view_of(key, sizeof(key)), kk_view_of(NULL, 0)))
		die("cipher");
}

static void nonce_make(const struct cipher *c, const uint8_t *header,
    uint64_t index, uint8_t *nonce)
{
	memset(nonce, 0, FLOOR_SALT_BYTES);
	memcpy(nonce + 2, header + SSRC_AT, 4);
	wire_put_u32(nonce + 6, (uint32_t)(index >> 16));
	wire_put_u16(nonce + 10, (unsigned)index & UINT16_MAX);
	for (size_t i = 0; i < FLOOR_SALT_BYTES; i++)
		nonce[i] ^= c->salt[i];
}

static bool packet_open(struct floor *f, struct publisher *p, uint8_t *in,
    size_t bytes, uint64_t index, uint8_t *out)
{
	uint8_t nonce[FLOOR_SALT_BYTES];
	struct engine_job job = { .key = p->cipher.key,
		.iv = nonce,
		.aad = kk_view_of(in, HEADER_BYTES),
		.in = kk_view_of(in + HEADER_BYTES,
		    bytes - HEADER_BYTES - TAG_BYTES),
		.out = out,
		.tag = in + bytes - TAG_BYTES };

	nonce_make(&p->cipher, in, index, nonce);
	return !engine_open(f->engines, &job);
}

/* At the next flush, with all others that wait. */
static void packet_seal(struct floor *f, struct cipher *c,
    const uint8_t *header, struct kk_view body, uint64_t index, uint8_t *out)
{
	const size_t at = f->waiting;

	nonce_make(c, header, index, f->nonces[at]);
	memcpy(out, header, HEADER_BYTES);
	f->jobs[at] = (struct engine_job){ .key = c->key,
		.iv = f->nonces[at],
		.aad = kk_view_of(out, HEADER_BYTES),
		.in = body,
		.out = out + HEADER_BYTES,
		.tag = out + HEADER_BYTES + body.bytes };
}

/* --- forwarding ---------------------------------------------------------- */

static void flush(struct floor *f)
{
	engine_seal_many(f->engines, f->jobs, f->waiting);
	for (size_t i = 0; i < f->waiting; i++) {
		if (f->jobs[i].err)
			die("sealing");
	}
	for (size_t at = 0; at < f->waiting;) {
		int n = sendmmsg(f->udp, f->out + at,
		    (unsigned)(f->waiting - at), MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		at += n > 0 ? (size_t)n : f->waiting - at;
	}
	f->waiting = 0;
}

static void forward(struct floor *f, struct publisher *p, uint8_t *in,
    size_t bytes, uint8_t *plain)
{
	const size_t body = bytes - HEADER_BYTES - TAG_BYTES;
	uint64_t index;

	if (bytes < HEADER_BYTES + TAG_BYTES)
		return;
	index = wire_seq_extend(p->top, wire_get_u16(in + SEQ_AT));
	if (!packet_open(f, p, in, bytes, index, plain))
		return;
	p->top = index > p->top ? index : p->top;
	for (size_t i = 0; i < p->meeting->count; i++) {
		struct receiver *r = &p->meeting->list[i];

		if (f->waiting == BATCH)
			flush(f);
		packet_seal(f, &r->cipher, in, kk_view_of(plain, body), index,
		    f->out_data[f->waiting]);
		f->out_iov[f->waiting].iov_len = bytes;
		f->out[f->waiting++].msg_hdr.msg_name = &r->at;
	}
}

static void media_read(struct floor *f)
{
	int n = recvmmsg(f->udp, f->in, BATCH, MSG_DONTWAIT, NULL);

	for (int i = 0; i < n; i++) {
		struct publisher *p = f->publishers[ntohs(f->from[i].sin_port)];

		f->in[i].msg_hdr.msg_namelen = sizeof(f->from[i]);
		if (p)
			forward(f, p, f->in_data[i], f->in[i].msg_len,
			    f->plain[i]);
	}
	flush(f);
}

/* --- participants -------------------------------------------------------- */

static void *room(size_t bytes)
{
	void *p = kk_calloc(1, bytes);

	if (!p)
		die("memory");
	return p;
}

static void publisher_add(struct floor *f, struct meeting *meeting,
    const struct floor_member *m)
{
	struct publisher *p = room(sizeof(*p));

	p->meeting = meeting;
	cipher_init(f, &p->cipher, m->key);
	f->publishers[ntohs(m->at.sin_port)] = p;
}

static void receiver_add(struct floor *f, struct meeting *meeting,
    const struct floor_member *m)
{
	struct receiver *r;

	if (meeting->count == RECEIVERS_MAX)
		die("receivers");
	r = &meeting->list[meeting->count++];
	r->at = m->at;
	cipher_init(f, &r->cipher, m->key);
}

static void link_read(struct floor *f)
{
	const struct floor_hello hello = { .media = f->at };
	struct floor_member m;
	ssize_t n = recv(f->link, &m, sizeof(m), 0);

	if (n != sizeof(m) || m.meeting >= FLOOR_MEETINGS_MAX)
		exit(n == 0 ? EXIT_SUCCESS : EXIT_FAILURE);
	if (!f->meetings[m.meeting])
		f->meetings[m.meeting] = room(sizeof(struct meeting));
	if (m.is_publisher)
		publisher_add(f, f->meetings[m.meeting], &m);
	else
		receiver_add(f, f->meetings[m.meeting], &m);
	if (send(f->link, &hello, sizeof(hello), MSG_NOSIGNAL) != sizeof(hello))
		die("answer");
}

/* --- beginning ----------------------------------------------------------- */

static void batches_init(struct floor *f)
{
	for (size_t i = 0; i < BATCH; i++) {
		f->in_iov[i] = (struct iovec){ f->in_data[i], PACKET_BYTES };
		f->out_iov[i] = (struct iovec){ f->out_data[i], 0 };
		f->in[i].msg_hdr = (struct msghdr){ .msg_name = &f->from[i],
			.msg_namelen = sizeof(f->from[i]),
			.msg_iov = &f->in_iov[i],
			.msg_iovlen = 1 };
		f->out[i].msg_hdr =
		    (struct msghdr){ .msg_namelen = sizeof(struct sockaddr_in),
			    .msg_iov = &f->out_iov[i],
			    .msg_iovlen = 1 };
	}
}

static void sockets_open(struct floor *f, const char *path, const char *address)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	socklen_t bytes = sizeof(f->at);
	const int size = SOCKET_BYTES;

	f->at.sin_family = AF_INET;
	(void)snprintf(at.sun_path, sizeof(at.sun_path), "%s", path);
	(void)unlink(path);
	f->udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	f->listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (setsockopt(f->udp, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)) ||
	    setsockopt(f->udp, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)) ||
	    inet_pton(AF_INET, address, &f->at.sin_addr) != 1 ||
	    bind(f->udp, (struct sockaddr *)&f->at, sizeof(f->at)) ||
	    getsockname(f->udp, (struct sockaddr *)&f->at, &bytes))
		die(address);
	if (bind(f->listener, (struct sockaddr *)&at, sizeof(at)) ||
	    listen(f->listener, 1))
		die(path);
}

int main(int argc, char **argv)
{
	static struct floor f;
	struct pollfd fds[2];

	if (argc != 3) {
		(void)fputs("usage: bench-floor SOCKET ADDRESS\n", stderr);
		return 2;
	}
	batches_init(&f);
	if (engine_set_new(&f.engines, &(struct engine_config){ 0 }))
		die("engines");
	sockets_open(&f, argv[1], argv[2]);
	(void)puts("ready");
	(void)fflush(stdout);
	f.link = accept(f.listener, NULL, NULL);
	if (f.link < 0)
		die(argv[1]);
	fds[0] = (struct pollfd){ .fd = f.udp, .events = POLLIN };
	fds[1] = (struct pollfd){ .fd = f.link, .events = POLLIN };
	for (;;) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			die("poll");
		if (fds[0].revents)
			media_read(&f);
		if (fds[1].revents)
			link_read(&f);
	}
}
