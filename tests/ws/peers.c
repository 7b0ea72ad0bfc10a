/* peers.c - peers that are slow, gone, or do not keep to the rules. */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "world.h"

enum { TEXT = 0x81, TEXT_MORE = 0x01, MORE = 0x00, LAST = 0x80, BINARY = 0x82 };

TEST(fragments_become_one_message)
{
	struct world w;
	int fd;

	world_start(&w);
	fd = raw_open(&w, "test.1");
	raw_frame(fd, TEXT_MORE, "a", 1);
	raw_frame(fd, 0x89, "p", 1); /* a ping between */
	raw_frame(fd, MORE, "", 0);
	raw_frame(fd, LAST, "bc", 2);
	WAIT_FOR(&w, w.at_server.messages == 1);
	CHECK_STR(w.at_server.text, "abc");
	close(fd);
	WAIT_FOR(&w, w.at_server.closed == 1);
	CHECK_EQ(w.at_server.why, WS_LOST);
	world_end(&w);
}

TEST(ours_is_found_among_the_subprotocols_that_are_offered)
{
	struct world w;
	int fd;

	world_start(&w);
	fd = raw_open(&w, "other.2, test.1");
	raw_frame(fd, TEXT, "a", 1);
	WAIT_FOR(&w, w.at_server.messages == 1);
	close(fd);
	world_end(&w);
}

static void expect_refused(const char *head)
{
	char answer[512] = "";
	size_t at = 0, n;
	struct world w;
	int fd;

	world_start(&w);
	fd = raw_connect(&w);
	raw_send(fd, head, strlen(head));
	while ((n = raw_read(&w, fd, answer + at, sizeof(answer) - 1 - at)) > 0)
		at += n;
	CHECK(strstr(answer, " 400 Bad Request") != NULL);
	CHECK_EQ(w.at_server.opened, 0);
	close(fd);
	world_end(&w);
}

#define HEAD                                                          \
	"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n" \
	"Connection: Upgrade, close\r\nSec-WebSocket-Version: 13\r\n" \
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

TEST(another_subprotocol_is_answered_and_refused)
{
	expect_refused(HEAD "Sec-WebSocket-Protocol: test.2\r\n\r\n");
}

TEST(no_subprotocol_is_answered_and_refused)
{
	expect_refused(HEAD "\r\n");
}

TEST(what_is_no_websocket_is_answered_and_refused)
{
	expect_refused("GET / HTTP/1.1\r\nHost: localhost\r\n"
		       "Connection: close\r\n\r\n");
}

static void expect_code(uint8_t first, const char *text, size_t bytes,
    unsigned code)
{
	struct world w;
	int fd;

	world_start(&w);
	fd = raw_open(&w, "test.1");
	raw_frame(fd, first, text, bytes);
	CHECK_EQ(raw_close_code(&w, fd), code);
	close(fd);
	WAIT_FOR(&w, w.at_server.closed == 1);
	CHECK_EQ(w.at_server.why, WS_CLOSED_BY_US);
	CHECK_EQ(w.at_server.messages, 0);
	world_end(&w);
}

TEST(a_binary_message_closes_with_its_code)
{
	expect_code(BINARY, "x", 1, 1003);
}

TEST(text_that_is_not_utf8_closes_with_its_code)
{
	static const char *const bad[] = { "\x80", "\xc0\x80", "\xc1\xbf",
		"\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x80\x80\x80",
		"\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xe2\x82",
		"a\xf0\x9f\x98" };

	for (size_t i = 0; i < KK_ARRAY_LEN(bad); i++)
		expect_code(TEXT, bad[i], strlen(bad[i]), 1007);
}

TEST(text_that_is_utf8_passes_in_any_cut)
{
	static const char text[] = "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"
				   "\xf4\x8f\xbf\xbf\xed\x9f\xbf";
	struct world w;
	int fd;

	world_start(&w);
	fd = raw_open(&w, "test.1");
	for (size_t cut = 0; cut < sizeof(text); cut++) {
		raw_frame(fd, TEXT_MORE, text, cut);
		raw_frame(fd, LAST, text + cut, sizeof(text) - 1 - cut);
		WAIT_FOR(&w, w.at_server.messages == cut + 1);
		CHECK_STR(w.at_server.text, text);
	}
	close(fd);
	world_end(&w);
}

TEST(a_message_over_the_limit_closes_when_its_head_says_so)
{
	uint8_t head[14] = { TEXT, 0x80 | 127, 0, 0, 0, 0, 0, 0x30, 0, 1 };
	struct world w;
	int fd;

	world_start(&w);
	fd = raw_open(&w, "test.1");
	/* 3 MiB and a byte; one byte of it comes with a long head */
	raw_send(fd, head, sizeof(head));
	for (int i = 0; i < 2; i++) {
		static const char some[16384];

		raw_send(fd, some, sizeof(some));
	}
	CHECK_EQ(raw_close_code(&w, fd), 1009);
	close(fd);
	WAIT_FOR(&w, w.at_server.closed == 1);
	world_end(&w);
}

TEST(fragments_over_the_limit_close)
{
	static const char some[65536];
	struct world w;
	int fd;

	world_start(&w);
	fd = raw_open(&w, "test.1");
	ws_conn_message_max_set(w.at_server.conn, 100);
	raw_frame(fd, TEXT_MORE, some, 60);
	raw_frame(fd, LAST, some, 41);
	CHECK_EQ(raw_close_code(&w, fd), 1009);
	close(fd);
	WAIT_FOR(&w, w.at_server.closed == 1);
	CHECK_EQ(w.at_server.messages, 0);
	world_end(&w);
}

TEST(unfinished_messages_have_a_bound_in_common)
{
	enum { PEERS = 60 };
	static char some[WS_MESSAGE_MAX_BYTES - 16];
	struct world w;
	int fds[PEERS];

	memset(some, 'x', sizeof(some));
	world_start(&w);
	for (size_t i = 0; i < PEERS; i++) {
		size_t at = 0;
		uint8_t head[14] = { TEXT_MORE, 0x80 | 127 };

		fds[i] = raw_open(&w, "test.1");
		for (int b = 0; b < 8; b++)
			head[2 + b] = (uint8_t)((uint64_t)sizeof(some) >>
			    (56 - 8 * b));
		raw_send(fds[i], head, sizeof(head));
		while (at < sizeof(some)) {
			ssize_t n = send(fds[i], some + at, sizeof(some) - at,
			    MSG_NOSIGNAL | MSG_DONTWAIT);

			if (n > 0)
				at += (size_t)n;
			else if (errno == EAGAIN)
				world_turn(&w);
			else
				break; /* refused */
		}
		CHECK(w.server->unfinished_bytes <= WS_UNFINISHED_MAX_BYTES);
	}
	WAIT_FOR(&w, w.at_server.closed > 0);
	CHECK(w.at_server.closed < PEERS);
	/* A small message passes all the same. */
	world_connect(&w, &w.at_client, NULL);
	WAIT_FOR(&w, w.at_client.opened == 1);
	CHECK_OK(ws_send(w.at_client.conn, "small", 5));
	WAIT_FOR(&w, w.at_server.messages == 1);
	for (size_t i = 0; i < PEERS; i++)
		close(fds[i]);
	WAIT_FOR(&w, w.at_server.closed == PEERS);
	CHECK_EQ(w.server->unfinished_bytes, 0);
	world_end(&w);
}

TEST(a_reader_that_is_too_slow_is_lost_and_others_are_served)
{
	static char text[1000000];
	struct world w;
	enum kk_err err = KK_OK;
	struct ws_conn *slow;
	int sent = 0, fd, small = 4096;

	memset(text, 'x', sizeof(text));
	world_start(&w);
	fd = raw_open(&w, "test.1"); /* and reads no more */
	CHECK_EQ(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)),
	    0);
	slow = w.at_server.conn;
	world_connect(&w, &w.at_client, NULL);
	WAIT_FOR(&w, w.at_client.opened == 1 && w.at_server.opened == 2);
	while (sent < 100) {
		err = ws_send(slow, text, sizeof(text));
		if (err)
			break;
		sent++;
		world_turn(&w);
	}
	CHECK_EQ(err, KK_ENOSPC);
	CHECK(sent >= 8);
	CHECK_ERR(ws_send(slow, "x", 1), KK_ESTATE);
	WAIT_FOR(&w, w.at_server.closed == 1);
	CHECK_EQ(w.at_server.why, WS_LOST);
	CHECK_OK(ws_send(w.at_server.conn, text, sizeof(text)));
	WAIT_FOR(&w, w.at_client.messages == 1);
	close(fd);
	world_end(&w);
}

TEST(readers_that_stand_still_have_a_bound_in_common)
{
	enum { SLOW = 6, BIG = 1000000, ROUNDS = 60 };
	static char text[BIG];
	struct ws_conn *slow[SLOW];
	int fds[SLOW], small = 4096, sent = 0;
	struct world w;

	memset(text, 'x', sizeof(text));
	world_start(&w);
	w.server->text_max_bytes = 4 * BIG;
	for (size_t i = 0; i < SLOW; i++) {
		fds[i] = raw_open(&w, "test.1"); /* and reads no more */
		CHECK_EQ(setsockopt(fds[i], SOL_SOCKET, SO_RCVBUF, &small,
			     sizeof(small)),
		    0);
		slow[i] = w.at_server.conn;
	}
	world_connect(&w, &w.at_client, NULL);
	WAIT_FOR(&w, w.at_client.opened == 1);
	WAIT_FOR(&w, w.at_server.opened == SLOW + 1);
	/* Each has texts of its own, and less of them than one may have. */
	while (ws_counts(w.server).slow_readers < SLOW - 2) {
		CHECK(sent < ROUNDS);
		for (size_t i = 0; i < SLOW; i++)
			(void)!ws_send(slow[i], text, sizeof(text));
		CHECK_OK(ws_send(w.at_server.conn, text, sizeof(text)));
		CHECK(w.server->text_bytes <= 4 * BIG);
		sent++;
		WAIT_FOR(&w, w.at_client.messages == (size_t)sent);
	}
	/* What all read together counts once, and who reads is never lost. */
	CHECK_EQ(w.at_client.closed, 0);
	for (size_t i = 0; i < SLOW; i++)
		close(fds[i]);
	WAIT_FOR(&w, w.at_server.closed == SLOW);
	WAIT_FOR(&w, w.server->text_bytes == 0);
	world_end(&w);
}

TEST(a_peer_that_answers_pings_is_kept)
{
	struct world w;

	world_start(&w);
	world_times(&w, 50, 300, 10000);
	world_pair(&w);
	/* Both ping; nothing else passes for longer than the limit. */
	for (uint64_t end = ws_now_us(w.server) + 1000000;
	    ws_now_us(w.server) < end;)
		world_turn(&w);
	CHECK_EQ(w.at_server.closed, 0);
	CHECK_EQ(w.at_client.closed, 0);
	CHECK_OK(ws_send(w.at_client.conn, "x", 1));
	WAIT_FOR(&w, w.at_server.messages == 1);
	world_end(&w);
}

TEST(a_half_open_peer_is_pinged_and_then_lost)
{
	char in[16];
	struct world w;
	int fd;

	world_start(&w);
	world_times(&w, 50, 400, 10000);
	fd = raw_open(&w, "test.1"); /* answers nothing */
	CHECK_EQ(raw_read(&w, fd, in, 3), 3);
	CHECK_EQ((uint8_t)in[0], 0x89); /* a ping */
	WAIT_FOR(&w, w.at_server.closed == 1);
	CHECK_EQ(w.at_server.why, WS_LOST);
	while (raw_read(&w, fd, in, sizeof(in)) > 0)
		; /* its socket is closed, too */
	close(fd);
	world_end(&w);
}

TEST(a_killed_peer_is_lost_at_once)
{
	struct world w;
	int status, fd;
	pid_t pid;

	world_start(&w);
	fd = raw_open(&w, "test.1");
	pid = fork();
	CHECK(pid >= 0);
	if (pid == 0) {
		pause();
		_exit(0);
	}
	close(fd); /* the child has it alone */
	CHECK_EQ(kill(pid, SIGKILL), 0);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	WAIT_FOR(&w, w.at_server.closed == 1);
	CHECK_EQ(w.at_server.why, WS_LOST);
	world_end(&w);
}

TEST(a_port_without_a_server_is_unreachable)
{
	struct world w;
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t bytes = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	world_start(&w);
	/* Bound, so that nobody else takes it, but not listening. */
	CHECK_EQ(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	CHECK_EQ(getsockname(fd, (struct sockaddr *)&at, &bytes), 0);
	w.port = ntohs(at.sin_port);
	world_connect(&w, &w.at_client, NULL);
	WAIT_FOR(&w, w.at_client.closed == 1);
	CHECK_EQ(w.at_client.why, WS_UNREACHABLE);
	close(fd);
	world_end(&w);
}

/* A server of a bare socket on a port of the world's. */
static int raw_listen(struct world *w)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t bytes = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	CHECK_EQ(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	CHECK_EQ(listen(fd, 4), 0);
	CHECK_EQ(getsockname(fd, (struct sockaddr *)&at, &bytes), 0);
	w->port = ntohs(at.sin_port);
	return fd;
}

TEST(a_server_that_says_nothing_is_unreachable)
{
	struct world w;
	int fd;

	world_start(&w);
	world_times(&w, 5000, 10000, 300);
	fd = raw_listen(&w);
	world_connect(&w, &w.at_client, NULL);
	WAIT_FOR(&w, w.at_client.closed == 1);
	CHECK_EQ(w.at_client.why, WS_UNREACHABLE);
	close(fd);
	world_end(&w);
}

static void expect_answer_refused(const char *answer)
{
	char in[1024];
	struct world w;
	int fd, peer;

	world_start(&w);
	fd = raw_listen(&w);
	world_connect(&w, &w.at_client, NULL);
	for (int i = 0; i < 5; i++)
		world_turn(&w);
	peer = accept(fd, NULL, NULL);
	CHECK(peer >= 0);
	CHECK(raw_read(&w, peer, in, sizeof(in)) > 0);
	raw_send(peer, answer, strlen(answer));
	WAIT_FOR(&w, w.at_client.closed == 1);
	CHECK_EQ(w.at_client.why, WS_REFUSED);
	CHECK_EQ(w.at_client.opened, 0);
	close(peer);
	close(fd);
	world_end(&w);
}

TEST(a_server_of_pages_refuses)
{
	expect_answer_refused("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
}

TEST(a_server_that_sends_elsewhere_is_not_followed)
{
	expect_answer_refused("HTTP/1.1 302 Found\r\n"
			      "Location: http://127.0.0.1:9/\r\n"
			      "Content-Length: 0\r\n\r\n");
}

TEST(our_server_with_another_subprotocol_refuses)
{
	struct world w;
	struct ws_connect how = { .host = "127.0.0.1",
		.path = "/",
		.subprotocol = "test.2",
		.handler = &side_handler };

	world_start(&w);
	how.port = w.port;
	how.arg = &w.at_client;
	world_connect(&w, &w.at_client, &how);
	WAIT_FOR(&w, w.at_client.closed == 1);
	CHECK_EQ(w.at_client.why, WS_REFUSED);
	world_end(&w);
}

TEST(a_client_that_gives_up_is_told_so_once)
{
	struct world w;
	int fd;

	world_start(&w);
	fd = raw_listen(&w);
	world_connect(&w, &w.at_client, NULL);
	ws_close(w.at_client.conn);
	ws_close(w.at_client.conn);
	CHECK_EQ(w.at_client.closed, 0); /* from the loop alone */
	WAIT_FOR(&w, w.at_client.closed == 1);
	CHECK_EQ(w.at_client.why, WS_CLOSED_BY_US);
	for (int i = 0; i < 10; i++)
		world_turn(&w);
	CHECK_EQ(w.at_client.closed, 1);
	close(fd);
	world_end(&w);
}
