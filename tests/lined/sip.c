/* sip.c - calls by SIP. */
#include "sip.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	AGAIN_US = 500000, /* RFC 3261, 17.1.1.1: T1 */
	PORT_TRIES = 100
};

static uint16_t port_bind(int fd, const char *address)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t bytes = sizeof(a);

	CHECK(fd >= 0);
	CHECK(inet_pton(AF_INET, address, &a.sin_addr) == 1);
	CHECK_EQ(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	CHECK_EQ(getsockname(fd, (struct sockaddr *)&a, &bytes), 0);
	return ntohs(a.sin_port);
}

static bool is_free_of_tcp(uint16_t port)
{
	const struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool is_free;

	CHECK(fd >= 0);
	is_free = bind(fd, (const struct sockaddr *)&a, sizeof(a)) == 0;
	(void)close(fd);
	return is_free;
}

uint16_t port_take(int *fd)
{
	for (unsigned i = 0;; i++) {
		const int own = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		const uint16_t port = port_bind(own, "127.0.0.1");
		const bool is_free = is_free_of_tcp(port);

		if (is_free && fd)
			*fd = own;
		else
			(void)close(own);
		if (is_free)
			return port;
		CHECK(i < PORT_TRIES);
	}
}

void sip_open_at(struct sip *s, const char *address, uint16_t to)
{
	memset(s, 0, sizeof(*s));
	s->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	s->own = port_bind(s->fd, address);
	s->to = to;
	(void)snprintf(s->address, sizeof(s->address), "%s", address);
}

void sip_open(struct sip *s, uint16_t to)
{
	sip_open_at(s, "127.0.0.1", to);
}

void sip_close(struct sip *s)
{
	(void)close(s->fd);
}

/* of: the method whose branch and To it has. */
static void request_send(const struct sip *s, const char *method,
    const char *of, const char *body)
{
	const struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_port = htons(s->to),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	char text[SIP_TEXT];
	const int n = snprintf(text, sizeof(text),
	    "%s sip:9000@127.0.0.1:%u SIP/2.0\r\n"
	    "Via: SIP/2.0/UDP %s:%u;branch=z9hG4bK%u%s;rport\r\n"
	    "Max-Forwards: 70\r\n"
	    "From: \"Anna\" <sip:anna@%s:%u>;tag=a1\r\n"
	    "To: <sip:9000@127.0.0.1>%s\r\n"
	    "Call-ID: c%u@%s\r\nCSeq: %u %s\r\n"
	    "Contact: <sip:anna@%s:%u>\r\n%s"
	    "Content-Length: %zu\r\n\r\n%s",
	    method, s->to, s->address, s->own, s->cseq, of, s->address, s->own,
	    of == method ? s->tag : "", s->own, s->address, s->cseq, method,
	    s->address, s->own,
	    *body ? "Content-Type: application/sdp\r\n" : "", strlen(body),
	    body);

	CHECK(n > 0 && (size_t)n < sizeof(text));
	CHECK_EQ(sendto(s->fd, text, (size_t)n, 0, (const struct sockaddr *)&a,
		     sizeof(a)),
	    n);
}

void sip_send(struct sip *s, const char *method, const char *body)
{
	s->cseq += strcmp(method, "ACK") != 0; /* it has the INVITE's */
	request_send(s, method, method, body);
	s->status = 0;
}

void sip_cancel(struct sip *s)
{
	request_send(s, "CANCEL", "INVITE", "");
	s->status = 0;
}

void sip_step(struct sip *s)
{
	const ssize_t n = recv(s->fd, s->text, sizeof(s->text) - 1, 0);
	const char *tag;

	if (n <= 0)
		return;
	s->text[n] = '\0';
	if (strncmp(s->text, "SIP/2.0 ", 8) != 0) {
		s->status = 0;
		return;
	}
	s->status = (unsigned)strtoul(s->text + 8, NULL, 10);
	tag = strstr(s->text, "\nTo:");
	CHECK(tag != NULL);
	tag = strstr(tag, ";tag=");
	if (tag && s->status >= 200 && !strstr(s->text, " CANCEL\r\n"))
		(void)snprintf(s->tag, sizeof(s->tag), "%.*s",
		    (int)strcspn(tag, "\r\n"), tag);
}

void sip_ask(struct world *w, struct sip *s, const char *method,
    const char *body)
{
	uint64_t again_us = rtp_now_us() + AGAIN_US;

	sip_send(s, method, body);
	while (s->status < 200) {
		if (rtp_now_us() > again_us) {
			request_send(s, method, method, body);
			again_us = rtp_now_us() + AGAIN_US;
		}
		world_step(w);
		sip_step(s);
	}
}

void sip_invite(struct world *w, struct sip *s, struct phone *p)
{
	struct kk_bytes offer;
	const char *body;

	phone_offer(p, &offer);
	sip_ask(w, s, "INVITE", (const char *)offer.data);
	kk_bytes_clear(&offer);
	CHECK_EQ(s->status, 200);
	body = strstr(s->text, "\r\n\r\n");
	CHECK(body != NULL);
	phone_take(p, kk_view_text(body + 4));
	sip_send(s, "ACK", "");
}
