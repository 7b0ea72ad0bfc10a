/* names.c - who may call, who is registered, and what a flood costs. */
#include <arpa/inet.h>
#include <glib.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ua/end.h"

/* MD5 of "anna:site.example:secret" */
#define ANNA "anna a9b17a852696035661f5310fff19dcde\n"

static struct end here, there;
static struct ua_account *accounts;
static size_t account_count;

static enum kk_err accounts_of(const char *text)
{
	return ua_accounts_read(&accounts, &account_count, end_text(text));
}

TEST(accounts_are_read_or_refused)
{
	CHECK_OK(accounts_of("# site\r\n\r\n" ANNA
			     "22 00112233445566778899AABBCCDDEEFF"));
	CHECK_EQ(account_count, 2);
	CHECK_STR(accounts[1].user, "22");
	CHECK_EQ(accounts[1].ha1[15], 0xff);
	ua_accounts_free(accounts, account_count);
	CHECK_ERR(accounts_of(ANNA ANNA), KK_EEXIST);
	CHECK_ERR(accounts_of("anna 00"), KK_EFORMAT);
	CHECK_ERR(accounts_of("an na 00112233445566778899aabbccddeeff"),
	    KK_EFORMAT);
	CHECK_ERR(accounts_of(" 00112233445566778899aabbccddeeff"), KK_EFORMAT);
	CHECK_ERR(accounts_of("anna 00112233445566778899aabbccddeefg"),
	    KK_EFORMAT);
}

static void registrar_open(enum ua_rule rule)
{
	CHECK_OK(accounts_of(ANNA));
	end_open(&there,
	    (struct ua_config){ .rule = rule,
		.accounts = accounts,
		.account_count = account_count,
		.users = { "99" },
		.user_count = 1 });
	ua_accounts_free(accounts, account_count);
}

static void telephone_open(const char *password, bool registers)
{
	char uri[END_TEXT_BYTES];
	struct ua_trunk trunk = end_trunk(&there, UA_UDP, uri);

	trunk.user = "anna";
	trunk.password = password;
	trunk.is_static = !registers;
	end_open(&here,
	    (struct ua_config){ .trunks = &trunk, .trunk_count = 1 });
}

static void both_close(void)
{
	end_close(&here);
	end_close(&there);
}

TEST(telephone_registers_and_is_called)
{
	const struct ua_place place = { .trunk = UA_NO_TRUNK,
		.to_user = "anna",
		.offer = end_text("offer") };
	struct ua_counts counts;

	registrar_open(UA_RULE_KNOWN);
	CHECK_ERR(ua_call_place(there.ua, &place, &there.call), KK_ENOENT);
	telephone_open("secret", true);
	end_wait(here.trunk_state, UA_TRUNK_READY);
	ua_counts_get(there.ua, &counts);
	CHECK_EQ(counts.contacts, 1);
	CHECK_OK(ua_call_place(there.ua, &place, &there.call));
	end_wait(here.incoming, 1);
	CHECK_EQ(here.origin, UA_FROM_TRUNK);
	CHECK_EQ(here.trunk, 0);
	CHECK_STR(here.to, "anna");
	CHECK_OK(ua_call_answer(here.call, end_text("answer")));
	end_wait(there.answered, 1);
	ua_call_end(there.call);
	end_wait(here.ended, 1);
	both_close();
}

TEST(wrong_password_registers_nobody)
{
	struct ua_counts counts;

	registrar_open(UA_RULE_KNOWN);
	telephone_open("secreT", true);
	end_wait(here.trunk_state, UA_TRUNK_REFUSED);
	ua_counts_get(there.ua, &counts);
	CHECK_EQ(counts.contacts, 0);
	both_close();
}

TEST(telephone_proves_who_calls)
{
	registrar_open(UA_RULE_KNOWN);
	telephone_open("secret", false);
	end_place(&here, "99", "offer");
	end_wait(there.incoming, 1);
	CHECK_EQ(there.origin, UA_FROM_ACCOUNT);
	CHECK_STR(there.from, "anna");
	CHECK_OK(ua_call_answer(there.call, end_text("answer")));
	end_wait(here.answered, 1);
	ua_call_end(there.call);
	end_wait(here.ended, 1);
	both_close();
}

static void refused(enum ua_rule rule, const char *password, const char *to,
    unsigned status)
{
	registrar_open(rule);
	telephone_open(password, false);
	end_place(&here, to, "offer");
	end_wait(here.ended, 1);
	CHECK_EQ(here.status, status);
	CHECK_EQ(there.incoming, 0);
	both_close();
}

TEST(calls_are_let_in_by_the_rule_alone)
{
	refused(UA_RULE_TRUNKS, "secret", "99", 403);
	refused(UA_RULE_KNOWN, "secreT", "99", 401);
	refused(UA_RULE_KNOWN, NULL, "99", 401);
	/* Nor can anybody call in a telephone's name. */
	refused(UA_RULE_ANYBODY, NULL, "99", 401);
	refused(UA_RULE_KNOWN, "secret", "98", 404);
}

TEST(second_server_is_asked_when_the_first_is_not_there)
{
	char gone[END_TEXT_BYTES], uri[END_TEXT_BYTES];
	struct ua_trunk trunk;
	struct end closed;

	registrar_open(UA_RULE_KNOWN);
	trunk = end_trunk(&there, UA_UDP, uri);
	end_open(&closed, (struct ua_config){ .rule = UA_RULE_KNOWN });
	(void)end_trunk(&closed, UA_TCP, gone);
	end_close(&closed);
	trunk.servers[0] = gone;
	trunk.servers[1] = uri;
	trunk.user = "anna";
	trunk.password = "secret";
	trunk.is_static = false;
	end_open(&here,
	    (struct ua_config){ .trunks = &trunk, .trunk_count = 1 });
	end_wait(here.trunk_state, UA_TRUNK_READY);
	both_close();
}

/* A server that takes what is sent to it and says nothing. */
static int silent_open(char uri[END_TEXT_BYTES])
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t bytes = sizeof(a);
	const int fd = socket(AF_INET, SOCK_DGRAM, 0);

	CHECK(fd >= 0);
	CHECK_EQ(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	CHECK_EQ(getsockname(fd, (struct sockaddr *)&a, &bytes), 0);
	(void)snprintf(uri, END_TEXT_BYTES, "sip:127.0.0.1:%u",
	    ntohs(a.sin_port));
	return fd;
}

static int silent_first(bool is_unchecked)
{
	static char silent[END_TEXT_BYTES], uri[END_TEXT_BYTES];
	const int fd = silent_open(silent);
	struct ua_trunk trunk;

	registrar_open(UA_RULE_ANYBODY);
	trunk = end_trunk(&there, UA_UDP, uri);
	trunk.servers[0] = silent;
	trunk.servers[1] = uri;
	trunk.is_unchecked = is_unchecked;
	end_open(&here,
	    (struct ua_config){ .trunks = &trunk,
		.trunk_count = 1,
		.limits = { .silent_s = 2 } });
	return fd;
}

TEST(silent_server_is_known_before_a_call_and_the_second_one_has_it)
{
	const int fd = silent_first(false);

	end_wait(here.trunk_state, UA_TRUNK_UNREACHABLE);
	end_place(&here, "99", "offer"); /* when it is ready again */
	end_wait(there.incoming, 1);
	CHECK_EQ(here.ended, 0);
	CHECK_EQ(close(fd), 0);
	both_close();
}

TEST(call_at_a_silent_server_goes_to_the_second_one)
{
	const int fd = silent_first(true);

	end_place(&here, "99", "offer");
	end_wait(there.incoming, 1);
	CHECK_STR(there.sdp, "offer");
	CHECK_OK(ua_call_answer(there.call, end_text("answer")));
	end_wait(here.answered, 1);
	CHECK_EQ(here.ended, 0);
	CHECK_EQ(here.trunk_state, UA_TRUNK_READY);
	CHECK_EQ(close(fd), 0);
	both_close();
}

/* --- strangers ----------------------------------------------------------- */

static int stranger_open_at(const struct end *e, const char *address)
{
	struct sockaddr_in own = { .sin_family = AF_INET };
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons(ua_port(e->ua, UA_UDP)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const int fd = socket(AF_INET, SOCK_DGRAM, 0);

	CHECK(fd >= 0);
	CHECK(inet_pton(AF_INET, address, &own.sin_addr) == 1);
	CHECK(bind(fd, (struct sockaddr *)&own, sizeof(own)) == 0);
	CHECK(connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0);
	return fd;
}

static int stranger_open(const struct end *e)
{
	return stranger_open_at(e, "127.0.0.1");
}

static void stranger_say(int fd, const char *method, unsigned n)
{
	char text[512];
	const int bytes = snprintf(text, sizeof(text),
	    "%s sip:99@site.example SIP/2.0\r\n"
	    "Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK%u;rport\r\n"
	    "From: <sip:x@x.example>;tag=%u\r\nTo: <sip:99@site.example>\r\n"
	    "Call-ID: %u\r\nCSeq: 1 %s\r\nContact: <sip:x@127.0.0.1:9>\r\n"
	    "Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n",
	    method, n, n, n, method);

	CHECK(send(fd, text, (size_t)bytes, 0) == bytes);
}

enum { FLOOD = 4000, FLOOD_BURST = 50, FLOOD_GROWTH_BYTES = 2 * 1024 * 1024 };

static size_t heap_bytes(void)
{
	const struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

static void flood(int fd, unsigned first)
{
	static const char *const methods[] = { "INVITE", "OPTIONS", "REGISTER",
		"REFER", "NONSENSE" };

	for (unsigned n = first; n < first + FLOOD; n++) {
		stranger_say(fd, methods[n % KK_ARRAY_LEN(methods)], n);
		if (n % FLOOD_BURST == FLOOD_BURST - 1)
			end_run_ms(5);
	}
	end_run_ms(50);
}

TEST(flood_is_dropped_without_an_answer_and_without_memory)
{
	struct ua_counts counts;
	size_t before_bytes, after_bytes;
	int fd;

	registrar_open(UA_RULE_ANYBODY);
	fd = stranger_open(&there);
	before_bytes = heap_bytes();
	flood(fd, 0);
	flood(fd, FLOOD);
	after_bytes = heap_bytes();
	ua_counts_get(there.ua, &counts);
	tap_diag("%u requests, %u dropped, %zu bytes before, %zu after",
	    (unsigned)counts.requests, (unsigned)counts.dropped, before_bytes,
	    after_bytes);
	CHECK(after_bytes < before_bytes + FLOOD_GROWTH_BYTES);
	CHECK(counts.requests > FLOOD);
	/* 20 a second of one address, for as long as it took. */
	CHECK(counts.dropped > counts.requests / 2);
	CHECK(counts.calls <= 10);
	CHECK_EQ(close(fd), 0);
	end_close(&there);
}

/* Whose telephone registered is let in, though others ask for more than all
 * together may. */
TEST(registered_telephone_gets_through_a_flood_of_others)
{
	enum { STRANGERS = 50 };
	struct ua_counts before, after;
	unsigned waits = 0;
	int fds[STRANGERS];

	CHECK_OK(accounts_of(ANNA));
	end_open(&there,
	    (struct ua_config){ .rule = UA_RULE_KNOWN,
		.accounts = accounts,
		.account_count = account_count,
		.limits = { .requests_per_s = 5 } });
	ua_accounts_free(accounts, account_count);
	telephone_open("secret", true);
	end_wait(here.trunk_state, UA_TRUNK_READY);
	for (unsigned i = 0; i < STRANGERS; i++) {
		char address[32];

		(void)snprintf(address, sizeof(address), "127.0.1.%u", i + 1);
		fds[i] = stranger_open_at(&there, address);
	}
	for (unsigned n = 0; n < 200; n++)
		stranger_say(fds[n % STRANGERS], "OPTIONS", n);
	do {
		end_run_ms(5);
		ua_counts_get(there.ua, &before);
	} while (before.dropped == 0 && waits++ < 2000);
	CHECK(before.dropped > 0);
	end_place(&here, "99", "offer");
	for (unsigned n = 200; there.incoming == 0; n++) {
		stranger_say(fds[n % STRANGERS], "OPTIONS", n);
		(void)g_main_context_iteration(NULL, FALSE);
	}
	CHECK_EQ(there.origin, UA_FROM_ACCOUNT);
	ua_counts_get(there.ua, &after);
	CHECK(after.dropped > before.dropped);
	for (unsigned i = 0; i < STRANGERS; i++)
		CHECK_EQ(close(fds[i]), 0);
	both_close();
}

static void answer_is(int fd, const char *start)
{
	char text[2048];
	ssize_t bytes = -1;

	for (unsigned i = 0; i < 2000 && bytes < 0; i++) {
		end_run_ms(5);
		bytes = recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT);
	}
	CHECK(bytes > 0);
	text[bytes] = '\0';
	text[strlen(start)] = '\0';
	CHECK_STR(text, start);
}

TEST(what_is_not_for_us_is_refused_politely)
{
	int fd;

	registrar_open(UA_RULE_ANYBODY);
	fd = stranger_open(&there);
	stranger_say(fd, "OPTIONS", 1);
	answer_is(fd, "SIP/2.0 200");
	stranger_say(fd, "REFER", 2);
	answer_is(fd, "SIP/2.0 405");
	stranger_say(fd, "NONSENSE", 3);
	answer_is(fd, "SIP/2.0 501");
	stranger_say(fd, "REGISTER", 4);
	answer_is(fd, "SIP/2.0 401");
	stranger_say(fd, "BYE", 5);
	answer_is(fd, "SIP/2.0 481");
	CHECK_EQ(close(fd), 0);
	end_close(&there);
}
