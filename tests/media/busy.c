/* busy.c - tests of many who send much over TCP, beside UDP. */
#include <sys/socket.h>

#include "harness/tap.h"
#include "media/client.h"

enum { BUSY = 6, BUSY_FRAME_BYTES = 1000, BUSY_MAX_BYTES = 512 * 1024 };

/* As much junk as the system takes; gives how much. */
static size_t busy_fill(const struct client *c)
{
	uint8_t frame[WIRE_FRAME_HEAD_BYTES + BUSY_FRAME_BYTES] = {
		BUSY_FRAME_BYTES >> 8, BUSY_FRAME_BYTES & 0xff, 0x80, 111
	};
	size_t bytes = 0;
	ssize_t n;

	while (bytes < BUSY_MAX_BYTES &&
	    (n = send(c->tcp, frame, sizeof(frame),
		 MSG_DONTWAIT | MSG_NOSIGNAL)) == (ssize_t)sizeof(frame))
		bytes += (size_t)n;
	return bytes;
}

TEST(busy_connections_of_tcp_do_not_keep_udp_waiting)
{
	static struct client alice, busy[BUSY];
	const struct check plain = { .role = WIRE_STUN_CONTROLLING };
	const struct check nominate = { .is_nominating = true,
		.role = WIRE_STUN_CONTROLLING };
	static struct world w;
	uint64_t before, after;
	size_t bytes = 0;

	world_open(&w, "127.0.0.1");
	client_open(&alice, &w, w.meeting, MEDIA_SEND, DTLS_BACKEND_OPENSSL);
	client_connect(&alice);
	for (size_t i = 0; i < BUSY; i++) {
		client_open(&busy[i], &w, w.meeting, MEDIA_SEND,
		    DTLS_BACKEND_OPENSSL);
		client_tcp_open(&busy[i]);
		client_check(&busy[i], &nominate);
		world_until(&w, client_is_answered, &busy[i]);
	}
	for (size_t i = 0; i < BUSY; i++)
		bytes += busy_fill(&busy[i]);
	CHECK(bytes > BUSY_MAX_BYTES);
	before = media_counts(w.media).in_bytes;
	client_check(&alice, &plain);
	world_until(&w, client_is_answered, &alice);
	after = media_counts(w.media).in_bytes;
	tap_diag("%zu bytes waited, %llu came first", bytes,
	    (unsigned long long)(after - before));
	CHECK(after - before < BUSY_MAX_BYTES);
	world_close(&w);
}
