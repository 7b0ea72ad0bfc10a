/*
 * floor.c - the least that a forwarder on one thread can do: receive, open,
 * seal for each receiver, send.  No ICE, DTLS, RTCP, retransmission or switch;
 * what a real one takes beyond this is the price of being one.
 *
 * Sealing is AEAD_AES_128_GCM by OpenSSL with kept contexts, straight from the
 * shared plaintext into the output; sending is sendmmsg().
 *
 * Source: RFC 3711, 4.3 (keys); RFC 7714, 8.1 and 11.
 */
#define _GNU_SOURCE /* recvmmsg, sendmmsg */
#include <arpa/inet.h>
#include <errno.h>
#include <openssl/evp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/base.h"
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
	EVP_CIPHER_CTX *ctx;
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
	uint8_t plain[PACKET_BYTES];
	size_t waiting;
};

static _Noreturn void die(const char *what)
{
	(void)fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
	exit(EXIT_FAILURE);
}

/* --- SRTP ---------------------------------------------------------------- */

static void derive(const uint8_t *master, unsigned label, uint8_t *block)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t in[BLOCK_BYTES] = { 0 };
	int bytes = 0;

	memcpy(in, master + FLOOR_KEY_BYTES, FLOOR_SALT_BYTES);
	in[LABEL_AT] ^= (uint8_t)label;
	if (!ctx ||
	    EVP_EncryptInit_ex(ctx, EVP_aes_128_ecb(), NULL, master, NULL) !=
		1 ||
	    EVP_EncryptUpdate(ctx, block, &bytes, in, sizeof(in)) != 1)
		die("keys");
	EVP_CIPHER_CTX_free(ctx);
}

static void cipher_init(struct cipher *c, const uint8_t *master, bool is_seal)
{
	uint8_t key[BLOCK_BYTES], salt[BLOCK_BYTES];

	derive(master, LABEL_KEY, key);
	derive(master, LABEL_SALT, salt);
	memcpy(c->salt, salt, sizeof(c->salt));
	c->ctx = EVP_CIPHER_CTX_new();
	if (!c->ctx ||
	    EVP_CipherInit_ex(c->ctx, EVP_aes_128_gcm(), NULL, key, NULL,
		is_seal) != 1)
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

static bool packet_open(struct publisher *p, const uint8_t *in, size_t bytes,
    uint64_t index, uint8_t *out)
{
	const size_t body = bytes - HEADER_BYTES - TAG_BYTES;
	EVP_CIPHER_CTX *ctx = p->cipher.ctx;
	uint8_t nonce[FLOOR_SALT_BYTES];
	int n = 0;

	nonce_make(&p->cipher, in, index, nonce);
	return EVP_DecryptInit_ex(ctx, NULL, NULL, NULL, nonce) == 1 &&
	    EVP_DecryptUpdate(ctx, NULL, &n, in, HEADER_BYTES) == 1 &&
	    EVP_DecryptUpdate(ctx, out, &n, in + HEADER_BYTES, (int)body) ==
	    1 &&
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAG_BYTES,
		(void *)(uintptr_t)(in + bytes - TAG_BYTES)) == 1 &&
	    EVP_DecryptFinal_ex(ctx, out + n, &n) == 1;
}

static void packet_seal(struct cipher *c, const uint8_t *header,
    const uint8_t *body, size_t bytes, uint64_t index, uint8_t *out)
{
	uint8_t nonce[FLOOR_SALT_BYTES];
	int n = 0;

	nonce_make(c, header, index, nonce);
	memcpy(out, header, HEADER_BYTES);
	out += HEADER_BYTES;
	if (EVP_EncryptInit_ex(c->ctx, NULL, NULL, NULL, nonce) != 1 ||
	    EVP_EncryptUpdate(c->ctx, NULL, &n, header, HEADER_BYTES) != 1 ||
	    EVP_EncryptUpdate(c->ctx, out, &n, body, (int)bytes) != 1 ||
	    EVP_EncryptFinal_ex(c->ctx, out + n, &n) != 1 ||
	    EVP_CIPHER_CTX_ctrl(c->ctx, EVP_CTRL_AEAD_GET_TAG, TAG_BYTES,
		out + bytes) != 1)
		die("sealing");
}

/* --- forwarding ---------------------------------------------------------- */

static void flush(struct floor *f)
{
	for (size_t at = 0; at < f->waiting;) {
		int n = sendmmsg(f->udp, f->out + at,
		    (unsigned)(f->waiting - at), MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		at += n > 0 ? (size_t)n : f->waiting - at;
	}
	f->waiting = 0;
}

static void forward(struct floor *f, struct publisher *p, const uint8_t *in,
    size_t bytes)
{
	const size_t body = bytes - HEADER_BYTES - TAG_BYTES;
	uint64_t index;

	if (bytes < HEADER_BYTES + TAG_BYTES)
		return;
	index = wire_seq_extend(p->top, wire_get_u16(in + SEQ_AT));
	if (!packet_open(p, in, bytes, index, f->plain))
		return;
	p->top = index > p->top ? index : p->top;
	for (size_t i = 0; i < p->meeting->count; i++) {
		struct receiver *r = &p->meeting->list[i];

		if (f->waiting == BATCH)
			flush(f);
		packet_seal(&r->cipher, in, f->plain, body, index,
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
			forward(f, p, f->in_data[i], f->in[i].msg_len);
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
	cipher_init(&p->cipher, m->key, false);
	f->publishers[ntohs(m->at.sin_port)] = p;
}

static void receiver_add(struct meeting *meeting, const struct floor_member *m)
{
	struct receiver *r;

	if (meeting->count == RECEIVERS_MAX)
		die("receivers");
	r = &meeting->list[meeting->count++];
	r->at = m->at;
	cipher_init(&r->cipher, m->key, true);
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
		receiver_add(f->meetings[m.meeting], &m);
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
