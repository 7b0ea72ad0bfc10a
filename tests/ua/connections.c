/* connections.c - what others open to us by TCP, and what of it is closed. */
#include <arpa/inet.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ua/end.h"

enum { MANY = 60, TURNS = 9000, TURN_MS = 5 };

static struct end there;

static int connection_open(const char *address)
{
	struct sockaddr_in own = { .sin_family = AF_INET };
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons(ua_port(there.ua, UA_TCP)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const int fd = socket(AF_INET, SOCK_STREAM, 0);

	CHECK(fd >= 0);
	CHECK(inet_pton(AF_INET, address, &own.sin_addr) == 1);
	CHECK(bind(fd, (struct sockaddr *)&own, sizeof(own)) == 0);
	CHECK(connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0);
	return fd;
}

static void connections_open(int *fds, unsigned count, const char *address)
{
	for (unsigned i = 0; i < count; i++)
		fds[i] = connection_open(address);
}

static void connections_close(const int *fds, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		CHECK_EQ(close(fds[i]), 0);
}

/* Of those, how many the other end has closed. */
static unsigned closed_of(const int *fds, unsigned count)
{
	unsigned closed = 0;
	char byte;

	for (unsigned i = 0; i < count; i++)
		closed += recv(fds[i], &byte, 1, MSG_DONTWAIT) == 0;
	return closed;
}

static uint64_t closed_by_us(void)
{
	struct ua_counts counts;

	ua_counts_get(there.ua, &counts);
	return counts.closed;
}

static unsigned closed_await(const int *fds, unsigned count, unsigned closed)
{
	for (unsigned i = 0; i < TURNS && closed_of(fds, count) < closed; i++)
		end_run_ms(TURN_MS);
	return closed_of(fds, count);
}

TEST(connections_beyond_the_cap_are_closed)
{
	enum { LIMIT = 16 };
	int fds[MANY];
	unsigned closed;

	end_open(&there,
	    (struct ua_config){ .limits = { .connections = LIMIT,
				    .source_connections = MANY } });
	connections_open(fds, MANY, "127.0.0.1");
	closed = closed_await(fds, MANY, MANY - LIMIT);
	tap_diag("%u of %u closed, %u by us", closed, (unsigned)MANY,
	    (unsigned)closed_by_us());
	CHECK(closed >= MANY - LIMIT && closed <= MANY - LIMIT / 2);
	CHECK_EQ(closed_by_us(), closed);
	connections_close(fds, MANY);
	end_close(&there);
}

TEST(connections_of_one_address_are_bounded_but_not_those_of_a_trunk)
{
	static const char *const addresses[] = { "127.0.0.1", "127.0.0.2",
		"127.0.0.3" };
	const struct ua_trunk trunk = { .name = "pbx",
		.domain = "site.example",
		.servers = { "sip:127.0.0.3;transport=tcp" },
		.user = "4711",
		.is_static = true };
	int fds[3][8];

	end_open(&there,
	    (struct ua_config){ .trunks = &trunk,
		.trunk_count = 1,
		.limits = { .source_connections = 4 } });
	connections_open(fds[0], 8, addresses[0]);
	connections_open(fds[1], 4, addresses[1]);
	connections_open(fds[2], 8, addresses[2]);
	CHECK_EQ(closed_await(fds[0], 8, 4), 4);
	CHECK_EQ(closed_of(fds[1], 4), 0);
	CHECK_EQ(closed_of(fds[2], 8), 0);
	CHECK_EQ(closed_by_us(), 4);
	connections_close(fds[0], 8);
	connections_close(fds[1], 4);
	connections_close(fds[2], 8);
	end_close(&there);
}

/* What is no SIP is not read to its end. */
TEST(connection_that_said_no_sip_is_closed_when_its_other_end_has_gone)
{
	static const char nonsense[] = "no SIP\r\n\r\nno SIP\r\n\r\n";
	struct ua_counts counts;
	unsigned turns = 0;
	int fd;

	end_open(&there, (struct ua_config){ .domain = "site.example" });
	fd = connection_open("127.0.0.1");
	CHECK(send(fd, nonsense, sizeof(nonsense) - 1, 0) > 0);
	do {
		end_run_ms(TURN_MS);
		ua_counts_get(there.ua, &counts);
	} while (counts.unreadable == 0 && turns++ < TURNS);
	CHECK(counts.unreadable > 0);
	CHECK_EQ(close(fd), 0);
	for (turns = 0; closed_by_us() == 0 && turns < TURNS; turns++)
		end_run_ms(TURN_MS);
	CHECK_EQ(closed_by_us(), 1);
	end_close(&there);
}

TEST(message_longer_than_what_may_wait_unread_is_read_whole)
{
	enum { LINES = 300, TEXT = 32 * 1024 };
	static char text[TEXT];
	char answer[16] = "";
	size_t bytes, sent = 0;
	int fd, n;

	n = snprintf(text, sizeof(text),
	    "OPTIONS sip:99@site.example SIP/2.0\r\n"
	    "Via: SIP/2.0/TCP 127.0.0.1:9;branch=z9hG4bK1;rport\r\n"
	    "From: <sip:x@x.example>;tag=1\r\nTo: <sip:99@site.example>\r\n"
	    "Call-ID: 1\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\n");
	bytes = (size_t)n;
	for (unsigned i = 0; i < LINES; i++)
		bytes += (size_t)snprintf(text + bytes, sizeof(text) - bytes,
		    "X-%u: what nobody asks for, and is read all the same, "
		    "to its very end\r\n",
		    i);
	bytes += (size_t)snprintf(text + bytes, sizeof(text) - bytes,
	    "Content-Length: 0\r\n\r\n");
	CHECK(bytes > 20000 && bytes < sizeof(text));
	end_open(&there, (struct ua_config){ .domain = "site.example" });
	fd = connection_open("127.0.0.1");
	for (unsigned i = 0; i < TURNS && !answer[0]; i++) {
		const ssize_t more = send(fd, text + sent, bytes - sent,
		    MSG_DONTWAIT);

		sent += more > 0 ? (size_t)more : 0;
		end_run_ms(TURN_MS);
		(void)recv(fd, answer, 11, MSG_DONTWAIT);
	}
	CHECK_STR(answer, "SIP/2.0 200");
	CHECK_EQ(close(fd), 0);
	end_close(&there);
}

/* In how many turns of the loop one that is open is answered, while MANY others
 * are being opened; MANY: in no less than it takes to accept all of them. */
static unsigned turns_to_answer(void)
{
	static const char options[] =
	    "OPTIONS sip:99@site.example SIP/2.0\r\n"
	    "Via: SIP/2.0/TCP 127.0.0.1:9;branch=z9hG4bK1;rport\r\n"
	    "From: <sip:x@x.example>;tag=1\r\nTo: <sip:99@site.example>\r\n"
	    "Call-ID: 1\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\n"
	    "Content-Length: 0\r\n\r\n";
	unsigned turns = 0;
	int fd, others[MANY];
	char byte;

	end_open(&there,
	    (struct ua_config){ .limits = { .source_connections = 2 * MANY } });
	fd = connection_open("127.0.0.1");
	end_run_ms(50);
	connections_open(others, MANY, "127.0.0.1");
	CHECK(send(fd, options, sizeof(options) - 1, 0) > 0);
	for (; turns < MANY && recv(fd, &byte, 1, MSG_DONTWAIT) < 0; turns++)
		(void)g_main_context_iteration(NULL, FALSE);
	CHECK_EQ(close(fd), 0);
	connections_close(others, MANY);
	end_close(&there);
	return turns;
}

TEST(connections_that_are_opened_do_not_make_those_that_are_open_wait)
{
	enum { TRIES = 9 };
	unsigned soon = 0;

	/* At some moments new ones go first. */
	for (unsigned i = 0; i < TRIES; i++)
		soon += turns_to_answer() < MANY;
	tap_diag("soon in %u of %u tries", soon, (unsigned)TRIES);
	CHECK(soon > TRIES / 2);
}
