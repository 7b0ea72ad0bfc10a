/* page.c - a page by plain HTTP. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "world.h"

enum { LONG = 300000 };

struct content {
	size_t bytes;
	bool fails;
};

static void content_write(void *arg, struct kk_writer *body)
{
	const struct content *c = arg;

	for (size_t i = 0; i < c->bytes; i++)
		kk_write_u8(body, (uint8_t)('a' + i % 26));
	if (c->fails)
		kk_writer_fail(body, KK_ENOMEM);
}

static void page_open(struct world *w, struct content *content)
{
	const struct ws_page page = { .path = "/numbers",
		.type = "text/x-numbers",
		.write = content_write,
		.arg = content };
	const struct ws_listen how = { .address = "127.0.0.1",
		.connections_max = 4,
		.page = &page };

	world_start(w);
	CHECK_OK(ws_listen(w->server, &how, &w->port));
}

static size_t ask(struct world *w, const char *request, char *out, size_t room)
{
	size_t at = 0, n;
	int fd = raw_connect(w);

	raw_send(fd, request, strlen(request));
	while ((n = raw_read(w, fd, out + at, room - 1 - at)) > 0)
		at += n;
	out[at] = '\0';
	close(fd);
	return at;
}

#define GET(path) \
	"GET " path " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"

TEST(a_page_is_given_whole_however_long_it_is)
{
	static char answer[LONG + 1000];
	const size_t sizes[] = { 1, 1000, LONG };
	struct world w;

	for (size_t i = 0; i < KK_ARRAY_LEN(sizes); i++) {
		struct content content = { .bytes = sizes[i] };
		char length[64];
		const char *body;

		page_open(&w, &content);
		(void)ask(&w, GET("/numbers"), answer, sizeof(answer));
		(void)snprintf(length, sizeof(length), "%zu", sizes[i]);
		CHECK(!strncmp(answer, "HTTP/1.1 200 ", 13));
		CHECK(strstr(answer, "text/x-numbers") != NULL);
		CHECK(strstr(answer, length) != NULL);
		body = strstr(answer, "\r\n\r\n");
		CHECK(body != NULL);
		CHECK_EQ(strlen(body + 4), sizes[i]);
		for (size_t n = 0; n < sizes[i]; n++)
			CHECK_EQ(body[4 + n], 'a' + n % 26);
		world_end(&w);
	}
}

TEST(what_is_no_get_of_the_page_is_refused)
{
	static const struct {
		const char *request, *status;
	} cases[] = {
		{ GET("/"), " 404 " },
		{ GET("/numbers/"), " 404 " },
		{ GET("/../numbers2"), " 404 " },
		{ "POST /numbers HTTP/1.1\r\nHost: localhost\r\n"
		  "Content-Length: 0\r\nConnection: close\r\n\r\n",
		    " 405 " },
	};
	struct content content = { .bytes = 10 };
	struct world w;
	char answer[2048];

	page_open(&w, &content);
	for (size_t i = 0; i < KK_ARRAY_LEN(cases); i++) {
		(void)ask(&w, cases[i].request, answer, sizeof(answer));
		CHECK(strstr(answer, cases[i].status) != NULL);
		CHECK(strstr(answer, "abcdefghij") == NULL);
	}
	world_end(&w);
}

TEST(a_page_that_cannot_be_made_is_an_error_of_the_server)
{
	struct content content = { .bytes = 10, .fails = true };
	struct world w;
	char answer[2048];

	page_open(&w, &content);
	(void)ask(&w, GET("/numbers"), answer, sizeof(answer));
	CHECK(strstr(answer, " 503 ") != NULL);
	world_end(&w);
}

TEST(where_a_page_is_no_websocket_opens)
{
	struct content content = { .bytes = 10 };
	struct world w;
	char answer[2048];

	page_open(&w, &content);
	(void)ask(&w,
	    "GET /numbers HTTP/1.1\r\nHost: localhost\r\n"
	    "Upgrade: websocket\r\nConnection: Upgrade\r\n"
	    "Sec-WebSocket-Version: 13\r\n"
	    "Sec-WebSocket-Protocol: page\r\n"
	    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
	    answer, sizeof(answer));
	CHECK(strstr(answer, " 400 ") != NULL);
	CHECK_EQ(w.at_server.opened, 0);
	world_end(&w);
}
