/* health.c - asks the one that serves how it is, as Prometheus does. */
#define _GNU_SOURCE /* memmem() */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sfud.h"

enum { ANSWER_BYTES = 512 * 1024, LIMIT_S = 5 };

/* -1: nobody listens.  One that hangs is not waited for long. */
static int connect_to(uint16_t port)
{
	const struct timeval limit = { .tv_sec = LIMIT_S };
	const struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) ||
	    connect(fd, (const struct sockaddr *)&to, sizeof(to))) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

static enum kk_err ask(int fd, struct kk_bytes *answer)
{
	static const char request[] = "GET /metrics HTTP/1.1\r\n"
				      "Host: localhost\r\n"
				      "Connection: close\r\n\r\n";
	size_t at = 0;
	ssize_t n;

	if (send(fd, request, sizeof(request) - 1, MSG_NOSIGNAL) !=
	    (ssize_t)sizeof(request) - 1)
		return KK_EIO;
	while (at < answer->bytes &&
	    ((n = recv(fd, answer->data + at, answer->bytes - at, 0)) > 0 ||
		(n < 0 && errno == EINTR)))
		at += n > 0 ? (size_t)n : 0;
	answer->bytes = at;
	return KK_OK;
}

static bool has(struct kk_view answer, const char *text)
{
	return memmem(answer.data, answer.bytes, text, strlen(text)) != NULL;
}

/* NULL: not ours, or not whole. */
static const char *state_of(struct kk_view answer)
{
	static const char ok[] = "HTTP/1.1 200 ";

	if (answer.bytes < sizeof(ok) ||
	    memcmp(answer.data, ok, sizeof(ok) - 1) != 0)
		return NULL;
	if (has(answer, "\nkonklave_sfu_draining 0\n"))
		return "serves";
	if (has(answer, "\nkonklave_sfu_draining 1\n"))
		return "drains: meetings go on, and none begins";
	return NULL;
}

enum kk_err sfud_health_tell(const char *program, uint16_t port)
{
	struct kk_bytes answer = { kk_calloc(1, ANSWER_BYTES), ANSWER_BYTES };
	const char *state = NULL;
	int fd = connect_to(port);

	if (fd >= 0 && answer.data && !ask(fd, &answer))
		state = state_of(kk_bytes_view(&answer));
	if (fd >= 0)
		(void)close(fd);
	kk_bytes_clear(&answer);
	(void)fprintf(stderr, "%s: %s\n", program,
	    state ? state : "does not answer at --metrics-loopback");
	return state ? KK_OK : KK_EIO;
}
