/* metrics.c - reading sfud's page for Prometheus. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "world.h"

enum { PAGE_ROOM = 65536 };

char *metrics_read(const struct world *w)
{
	static const char ask_text[] = "GET /metrics HTTP/1.1\r\n"
				       "Host: localhost\r\n"
				       "Connection: close\r\n\r\n";
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)w->metrics_port),
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	char *page = kk_calloc(1, PAGE_ROOM);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	size_t at = 0;
	ssize_t n;

	CHECK(page != NULL);
	CHECK_EQ(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	CHECK_EQ(send(fd, ask_text, strlen(ask_text), 0), strlen(ask_text));
	while ((n = recv(fd, page + at, PAGE_ROOM - 1 - at, 0)) > 0)
		at += (size_t)n;
	close(fd);
	return page;
}

long metrics_value(const struct world *w, const char *name)
{
	char *page = metrics_read(w), start[96];
	const char *at;
	long value = -1;

	(void)snprintf(start, sizeof(start), "\nkonklave_sfu_%s ", name);
	at = strstr(page, start);
	if (at)
		value = strtol(at + strlen(start), NULL, 10);
	else
		tap_diag("no %s in:\n%s", name, page);
	CHECK(value >= 0);
	kk_free(page);
	return value;
}
