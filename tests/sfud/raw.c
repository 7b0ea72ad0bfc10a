/* raw.c - see raw.h.  Source: RFC 6455, 5. */
#define _GNU_SOURCE /* strndup() */
#include "raw.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	SMALL_BYTES = 2048,
	FINAL_TEXT = 0x81,
	FINAL_CLOSE = 0x88,
	FINAL_PING = 0x89,
	FINAL_PONG = 0x8a,
	IS_MASKED = 0x80,
	LENGTH_BITS = 0x7f,
	TWO_BYTES = 126 /* of length follow */
};

static const char upgrade[] =
    "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Protocol: konklave.1\r\n\r\n";

static void all_send(int fd, const void *data, size_t bytes)
{
	CHECK_EQ(send(fd, data, bytes, MSG_NOSIGNAL), bytes);
}

/* With a mask of zeroes, which changes nothing. */
static void frame_send(const struct raw *r, uint8_t first, const void *data,
    size_t bytes)
{
	uint8_t frame[RAW_FRAME_BYTES] = { first };
	size_t head = 2;

	if (bytes < TWO_BYTES) {
		frame[1] = (uint8_t)(IS_MASKED | bytes);
	} else {
		frame[1] = IS_MASKED | TWO_BYTES;
		frame[2] = (uint8_t)(bytes >> 8);
		frame[3] = (uint8_t)bytes;
		head += 2;
	}
	head += 4;
	CHECK(head + bytes <= sizeof(frame));
	if (bytes)
		memcpy(frame + head, data, bytes);
	all_send(r->fd, frame, head + bytes);
}

void raw_send(struct raw *r, const char *text)
{
	frame_send(r, FINAL_TEXT, text, strlen(text));
}

static void frame_take(struct raw *r, const uint8_t *data, size_t bytes)
{
	if (r->frame[0] == FINAL_PING) {
		frame_send(r, FINAL_PONG, data, bytes);
	} else if (r->frame[0] == FINAL_CLOSE) {
		r->is_closed = true;
	} else if (r->frame[0] == FINAL_TEXT) {
		CHECK(r->count < RAW_TEXTS_MAX);
		r->texts[r->count] = strndup((const char *)data, bytes);
		CHECK(r->texts[r->count++] != NULL);
	}
}

/* Its first bytes are there; is it whole? */
static void frame_look(struct raw *r)
{
	size_t head = 2, length;

	if (r->bytes < head)
		return;
	length = r->frame[1] & LENGTH_BITS;
	CHECK(length <= TWO_BYTES);
	if (length == TWO_BYTES) {
		head += 2;
		if (r->bytes < head)
			return;
		length = (size_t)r->frame[2] << 8 | r->frame[3];
	}
	CHECK(head + length <= sizeof(r->frame));
	if (r->bytes < head + length)
		return;
	CHECK_EQ(r->bytes, head + length);
	frame_take(r, r->frame + head, length);
	r->bytes = 0;
}

/* One at a time: a frame ends where it ends. */
size_t raw_read(struct raw *r, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++) {
		ssize_t n = recv(r->fd, r->frame + r->bytes, 1, MSG_DONTWAIT);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return i;
		if (n <= 0) {
			r->is_closed = true;
			return i;
		}
		r->bytes++;
		frame_look(r);
	}
	return bytes;
}

/* The head of the answer ends in an empty line. */
static void upgraded_wait(struct raw *r)
{
	char head[1024] = "";
	size_t at = 0;

	while (!strstr(head, "\r\n\r\n")) {
		ssize_t n = recv(r->fd, head + at, 1, MSG_DONTWAIT);

		CHECK(at + 1 < sizeof(head));
		if (n == 1)
			at++;
		else
			world_turn(r->world);
	}
	CHECK(strstr(head, " 101 ") != NULL);
}

void raw_open(struct raw *r, struct world *w)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)w->loopback_port),
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	const int small = SMALL_BYTES;

	*r = (struct raw){ .world = w,
		.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) };
	CHECK(r->fd >= 0);
	CHECK_EQ(
	    setsockopt(r->fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)), 0);
	CHECK_EQ(connect(r->fd, (struct sockaddr *)&to, sizeof(to)), 0);
	all_send(r->fd, upgrade, strlen(upgrade));
	upgraded_wait(r);
	raw_send(r,
	    "{\"type\":\"hello\",\"id\":1,\"version\":1,\"client\":\"raw\"}");
}

void raw_close(struct raw *r)
{
	while (r->count > 0)
		free(r->texts[--r->count]);
	CHECK_EQ(close(r->fd), 0);
}
