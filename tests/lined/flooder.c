/* flooder.c - the process, its sockets and what it says. */
#define _GNU_SOURCE /* MAP_ANONYMOUS, prctl() */
#include "flooder.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "harness/tap.h"

enum {
	TEXT = 1536,
	KINDS = 10,
	PLACES = 8, /* of a number that differs in each request */
	DIGITS = 8,
	STRANGERS = 250, /* addresses 127.0.1.1 and on */
	STREAMS = 4, /* of TCP, and of TLS */
	ROUND_US = 5000,
	ROUND_MOST = 200, /* requests, where it is behind */
	US = 1000000
};

static const char place[] = "@@@@@@@@";

static const char *const names[FLOODER_WAYS] = { "UDP", "TCP", "TLS" };

struct request {
	char text[TEXT];
	size_t bytes, places;
	char *at[PLACES];
};

struct stream {
	int fd; /* -1: none */
	SSL *ssl; /* NULL: TCP */
	uint8_t left[TEXT]; /* what it has not taken yet */
	size_t left_bytes;
};

struct sender {
	struct flooder_config config;
	struct flooder_counts *counts;
	struct request requests[FLOODER_WAYS][KINDS];
	int udp[STRANGERS];
	SSL_CTX *tls;
	struct stream streams[FLOODER_WAYS][STREAMS];
	uint64_t n; /* no request was as this one */
	uint64_t said; /* all of it, in all ways */
	uint64_t begin_us;
};

/*
 * What it says.
 */
static void request_make(struct request *r, const char *method,
    enum flooder_way way, const char *headers, const char *body)
{
	const int n = snprintf(r->text, sizeof(r->text),
	    "%s sip:konklave@127.0.0.1 SIP/2.0\r\n"
	    "Via: SIP/2.0/%s 127.0.0.1:9;branch=z9hG4bK%s;rport\r\n"
	    "Max-Forwards: 70\r\nFrom: <sip:%s@site.example>;tag=%s\r\n"
	    "To: <sip:konklave@site.example>\r\nCall-ID: %s\r\n"
	    "CSeq: 1 %s\r\nContact: <sip:x@127.0.0.1:9>\r\n%s"
	    "Content-Length: %zu\r\n\r\n%s",
	    method, names[way], place, place, place, place, method, headers,
	    strlen(body), body);

	CHECK(n > 0 && (size_t)n < sizeof(r->text));
	r->bytes = (size_t)n;
}

static void request_no_sip(struct request *r)
{
	r->bytes = 300;
	CHECK_EQ(getrandom(r->text, r->bytes, 0), r->bytes);
	memcpy(r->text, "\r\n\r\nno SIP\r\n\r\n", 14);
}

static void places_find(struct request *r)
{
	char *at = r->text;

	while (r->places < PLACES &&
	    (at = memmem(at, r->bytes - (size_t)(at - r->text), place,
		 DIGITS))) {
		r->at[r->places++] = at;
		at += DIGITS;
	}
}

static void requests_make(struct request *of, enum flooder_way way)
{
	static const char type[] = "Content-Type: application/sdp\r\n";
	static const char offer[] =
	    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\n"
	    "t=0 0\r\nm=audio 9 RTP/AVP 0 8\r\n";
	static const char known[] =
	    "Authorization: Digest username=\"anna\", realm=\"site.example\", "
	    "nonce=\"00000000\", uri=\"sip:x\", algorithm=MD5, "
	    "response=\"00112233445566778899aabbccddeeff\"\r\n";

	for (size_t i = 0; i < 4; i++)
		request_make(&of[i], "INVITE", way, type, offer);
	request_make(&of[4], "REGISTER", way, "", "");
	request_make(&of[5], "REGISTER", way, known, "");
	request_make(&of[6], "OPTIONS", way, "", "");
	request_make(&of[7], "OPTIONS", way, "", "");
	request_make(&of[8], "INVITE", way, "CSeq: x\r\nVia\r\nTo: <<\r\n",
	    "m=audio\r\nv=\r\n");
	request_no_sip(&of[9]);
	for (size_t i = 0; i < KINDS; i++)
		places_find(&of[i]);
}

/* The next one, as no other was. */
static const struct request *next(struct sender *s, enum flooder_way way)
{
	const struct request *r = &s->requests[way][s->n / 4 % KINDS];

	for (size_t i = 0; i < r->places; i++) {
		char digits[DIGITS + 1];

		(void)snprintf(digits, sizeof(digits), "%08x", (unsigned)s->n);
		memcpy(r->at[i], digits, DIGITS);
	}
	return r;
}

/*
 * Over what.
 */
static struct sockaddr_in address_of(const char *text, uint16_t port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_port = htons(port) };

	(void)inet_pton(AF_INET, text, &a.sin_addr);
	return a;
}

static int connected(int type, const char *from, uint16_t port)
{
	const struct sockaddr_in own = address_of(from, 0);
	const struct sockaddr_in to = address_of("127.0.0.1", port);
	const int fd = socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd >= 0 &&
	    (bind(fd, (const struct sockaddr *)&own, sizeof(own)) ||
		(connect(fd, (const struct sockaddr *)&to, sizeof(to)) &&
		    errno != EINPROGRESS))) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

static void stream_close(struct stream *st)
{
	SSL_free(st->ssl);
	if (st->fd >= 0)
		(void)close(st->fd);
	*st = (struct stream){ .fd = -1 };
}

static uint64_t now_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * US + (uint64_t)t.tv_nsec / 1000;
}

/* One was handed to the system to its last byte. */
static void said_count(struct sender *s, enum flooder_way way)
{
	if (s->said++ >= s->config.count)
		return;
	s->counts->sent[way]++;
	if (s->said == s->config.count)
		s->counts->took_us = now_us() - s->begin_us;
}

static bool stream_open(struct sender *s, struct stream *st,
    enum flooder_way way)
{
	if (way == FLOODER_TCP) {
		st->fd = connected(SOCK_STREAM, "127.0.0.2", s->config.port);
	} else {
		st->fd = connected(SOCK_STREAM, "127.0.0.3",
		    s->config.tls_port);
		st->ssl = SSL_new(s->tls);
		if (!st->ssl || SSL_set_fd(st->ssl, st->fd) != 1) {
			stream_close(st);
			return false;
		}
		SSL_set_connect_state(st->ssl);
	}
	if (st->fd >= 0)
		s->counts->connections++;
	return st->fd >= 0;
}

/* Below 0: it is over. */
static int stream_write(struct stream *st, const void *data, size_t bytes)
{
	int n;

	if (st->ssl) {
		n = SSL_write(st->ssl, data, (int)bytes);
		if (n > 0)
			return n;
		n = SSL_get_error(st->ssl, n);
		return n == SSL_ERROR_WANT_READ || n == SSL_ERROR_WANT_WRITE ?
		    0 :
		    -1;
	}
	n = (int)send(st->fd, data, bytes, MSG_NOSIGNAL);
	return n < 0 && errno == EAGAIN ? 0 : n;
}

/* What is left when it closes was not said. */
static void stream_flush(struct sender *s, struct stream *st,
    enum flooder_way way)
{
	const int n = stream_write(st, st->left, st->left_bytes);

	if (n < 0) {
		stream_close(st);
		return;
	}
	st->left_bytes -= (size_t)n;
	memmove(st->left, st->left + n, st->left_bytes);
	if (st->left_bytes == 0)
		said_count(s, way);
}

/* Below 0: it is over; 0: nothing is there. */
static int stream_recv(struct stream *st, void *data, size_t bytes)
{
	int n;

	if (st->ssl) {
		n = SSL_read(st->ssl, data, (int)bytes);
		if (n > 0)
			return n;
		n = SSL_get_error(st->ssl, n);
		return n == SSL_ERROR_WANT_READ || n == SSL_ERROR_WANT_WRITE ?
		    0 :
		    -1;
	}
	n = (int)recv(st->fd, data, bytes, 0);
	if (n > 0)
		return n;
	return n < 0 && (errno == EAGAIN || errno == ENOTCONN) ? 0 : -1;
}

/* What is answered is read, or the other end would stop. */
static void stream_read(struct stream *st)
{
	uint8_t data[4096];
	int n = 1;

	while (st->fd >= 0 && n > 0) {
		n = stream_recv(st, data, sizeof(data));
		if (n < 0)
			stream_close(st);
	}
}

/* False: it does not take it at this time. */
static bool stream_say(struct sender *s, enum flooder_way way)
{
	struct stream *st = &s->streams[way][s->n / 4 % STREAMS];
	const struct request *r;

	if (st->fd >= 0 && st->left_bytes > 0)
		stream_flush(s, st, way);
	if (st->fd < 0 && !stream_open(s, st, way))
		return false;
	if (st->left_bytes > 0)
		return false;
	r = next(s, way);
	memcpy(st->left, r->text, r->bytes);
	st->left_bytes = r->bytes;
	stream_flush(s, st, way);
	return true;
}

static bool udp_say(struct sender *s)
{
	const struct request *r = next(s, FLOODER_UDP);

	if (send(s->udp[s->n % STRANGERS], r->text, r->bytes, 0) !=
	    (ssize_t)r->bytes)
		return false;
	said_count(s, FLOODER_UDP);
	return true;
}

/*
 * The process.
 */
/* Half over UDP, a quarter each over the others; what a connection does not
 * take goes over UDP. */
static bool say(struct sender *s)
{
	static const enum flooder_way ways[] = { FLOODER_UDP, FLOODER_TCP,
		FLOODER_UDP, FLOODER_TLS };

	const enum flooder_way way = ways[s->n % KK_ARRAY_LEN(ways)];

	return (way != FLOODER_UDP && stream_say(s, way)) || udp_say(s);
}

/* That wait in connections to be taken. */
static unsigned left(const struct sender *s)
{
	unsigned count = 0;

	for (size_t i = 0; i < STREAMS; i++)
		count += (s->streams[FLOODER_TCP][i].left_bytes > 0) +
		    (s->streams[FLOODER_TLS][i].left_bytes > 0);
	return count;
}

static void round_run(struct sender *s)
{
	const uint64_t due = (now_us() - s->begin_us) * s->config.per_s / US;

	for (unsigned i = 0; i < ROUND_MOST && s->said + left(s) < due; i++) {
		if (!say(s))
			break;
		s->n++;
	}
	for (size_t i = 0; i < STREAMS; i++) {
		stream_read(&s->streams[FLOODER_TCP][i]);
		stream_read(&s->streams[FLOODER_TLS][i]);
	}
}

static _Noreturn void run(struct sender *s)
{
	const struct timespec pause = { .tv_nsec = ROUND_US * 1000 };

	s->begin_us = now_us();
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)signal(SIGPIPE, SIG_IGN);
	for (;;) {
		round_run(s);
		(void)nanosleep(&pause, NULL);
	}
}

static void sender_open(struct sender *s, const struct flooder_config *config,
    struct flooder_counts *counts)
{
	s->config = *config;
	s->counts = counts;
	s->tls = SSL_CTX_new(TLS_client_method());
	CHECK(s->tls != NULL);
	(void)SSL_CTX_set_mode(s->tls,
	    SSL_MODE_ENABLE_PARTIAL_WRITE |
		SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	for (size_t i = 0; i < STRANGERS; i++) {
		char from[32];

		(void)snprintf(from, sizeof(from), "127.0.1.%zu", i + 1);
		s->udp[i] = connected(SOCK_DGRAM, from, config->port);
		CHECK(s->udp[i] >= 0);
	}
	for (enum flooder_way way = 0; way < FLOODER_WAYS; way++) {
		requests_make(s->requests[way], way);
		for (size_t i = 0; i < STREAMS; i++)
			s->streams[way][i].fd = -1;
	}
}

static void sender_close(struct sender *s)
{
	for (size_t i = 0; i < STRANGERS; i++)
		(void)close(s->udp[i]);
	SSL_CTX_free(s->tls);
	kk_free(s);
}

void flooder_start(struct flooder *f, const struct flooder_config *config)
{
	struct sender *s = kk_calloc(1, sizeof(*s));

	if (!s)
		abort();
	f->counts = mmap(NULL, sizeof(*f->counts), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(f->counts != MAP_FAILED);
	sender_open(s, config, f->counts);
	f->pid = fork();
	CHECK(f->pid >= 0);
	if (f->pid == 0)
		run(s);
	sender_close(s);
}

bool flooder_is_done(const struct flooder *f)
{
	CHECK_EQ(waitpid(f->pid, NULL, WNOHANG), 0);
	return f->counts->took_us > 0;
}

void flooder_stop(struct flooder *f)
{
	CHECK_EQ(kill(f->pid, SIGKILL), 0);
	CHECK_EQ(waitpid(f->pid, NULL, 0), f->pid);
	(void)munmap(f->counts, sizeof(*f->counts));
}
