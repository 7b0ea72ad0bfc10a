/* byes.c - calls whose end was killed are ended by who comes after it. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "mock/alloc.h"
#include "ua/end.h"
#include "ua/ua_private.h"

enum { TEXT = 2048, HOLDS = 3 };

/* after: who comes after one of them. */
static struct end here, there, after;
static char uri[END_TEXT_BYTES];

static void talk(enum ua_transport transport)
{
	struct ua_trunk trunk;

	end_open(&there, (struct ua_config){ .rule = UA_RULE_ANYBODY });
	trunk = end_trunk(&there, transport, uri);
	trunk.password = "secret-word";
	end_open(&here,
	    (struct ua_config){ .trunks = &trunk, .trunk_count = 1 });
	end_open(&after, (struct ua_config){ .users = { "99" } });
	end_place(&here, "99", "offer");
	end_wait(there.incoming, 1);
	CHECK_OK(ua_call_answer(there.call, end_text("answer")));
	end_wait(here.answered, 1);
	end_wait(here.kept, 1);
	end_wait(there.kept, 1);
}

static void all_close(void)
{
	end_close(&here);
	end_close(&there);
	end_close(&after);
}

/* Who is gone does not know that its call is over. */
static void ended_for(const struct end *gone, const struct end *other)
{
	CHECK_OK(ua_bye_send(after.ua, end_text(gone->bye)));
	end_wait(other->ended, 1);
	CHECK_EQ(other->reason, UA_END_THEIRS);
	CHECK_EQ(gone->ended, 0);
	/* 200, or it would be tried again. */
	while (after.ua->byes)
		end_run_ms(1);
	CHECK_EQ(after.ua->bye_count, 0);
}

TEST(call_that_was_placed_is_ended_by_who_comes_after)
{
	talk(UA_UDP);
	ended_for(&here, &there);
	all_close();
	talk(UA_TCP);
	ended_for(&here, &there);
	all_close();
}

TEST(call_that_was_taken_is_ended_by_who_comes_after)
{
	talk(UA_UDP);
	ended_for(&there, &here);
	all_close();
	talk(UA_TCP);
	ended_for(&there, &here);
	all_close();
}

static unsigned number_of(const char *text)
{
	const char *at = strstr(text, "\r\nCSeq: ");

	CHECK(at != NULL);
	return (unsigned)strtoul(at + 8, NULL, 10);
}

/* RFC 3261, 12.2.2: it would be refused where its number was behind. */
TEST(bye_is_kept_once_and_its_number_is_ahead_of_all_that_the_call_asks)
{
	char first[UA_BYE_BYTES + 1];

	talk(UA_UDP);
	memcpy(first, here.bye, sizeof(first));
	for (unsigned i = 0; i < HOLDS; i++) {
		CHECK_OK(ua_call_offer(here.call, end_text("hold")));
		end_wait(there.offered, i + 1);
		CHECK_OK(ua_call_answer(there.call, end_text("held")));
		end_wait(here.answered, i + 2);
	}
	end_run_ms(50);
	CHECK_EQ(here.kept, 1);
	CHECK_EQ(there.kept, 1);
	CHECK_STR(here.bye, first);
	CHECK(number_of(first) > nta_leg_get_seq(here.call->leg));
	ended_for(&here, &there);
	all_close();
}

TEST(what_is_kept_names_nobody_and_has_no_secret)
{
	talk(UA_UDP);
	for (const struct end *e = &here; e; e = e == &here ? &there : NULL) {
		CHECK(!strncmp(e->bye, "BYE sip:", 8));
		CHECK(!strstr(e->bye, "Room"));
		CHECK(!strstr(e->bye, "offer") && !strstr(e->bye, "answer"));
		CHECK(!strstr(e->bye, "secret-word"));
	}
	CHECK(strstr(here.bye, "\r\nKonklave-Trunk: pbx\r\n") != NULL);
	CHECK(!strstr(there.bye, "Konklave-"));
	all_close();
}

/* --- word by word -------------------------------------------------------- */

struct other { /* a telephone, or an exchange */
	int fd;
	uint16_t port;
	struct sockaddr_in from; /* of what came last */
	char text[2 * TEXT];
};

static void other_open(struct other *o)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t bytes = sizeof(a);

	o->fd = socket(AF_INET, SOCK_DGRAM, 0);
	CHECK(o->fd >= 0);
	CHECK_EQ(bind(o->fd, (struct sockaddr *)&a, sizeof(a)), 0);
	CHECK_EQ(getsockname(o->fd, (struct sockaddr *)&a, &bytes), 0);
	o->port = ntohs(a.sin_port);
}

static void other_hear(struct other *o, const char *begin)
{
	socklen_t bytes = sizeof(o->from);
	ssize_t n;

	do {
		end_run_ms(5);
		n = recvfrom(o->fd, o->text, sizeof(o->text) - 1, MSG_DONTWAIT,
		    (struct sockaddr *)&o->from, &bytes);
		if (n >= 0)
			o->text[n] = '\0';
	} while (n < 0 || strncmp(o->text, begin, strlen(begin)) != 0);
}

static void other_say(struct other *o, const char *text)
{
	CHECK_EQ(sendto(o->fd, text, strlen(text), 0,
		     (struct sockaddr *)&o->from, sizeof(o->from)),
	    (ssize_t)strlen(text));
}

/* A line of what it heard. */
static void line_of(const struct other *o, const char *name, char out[TEXT])
{
	const char *at = strstr(o->text, name);

	CHECK(at != NULL);
	(void)snprintf(out, TEXT, "%.*s", (int)strcspn(at + 2, "\r"), at + 2);
}

static void other_answer(struct other *o, const char *status, const char *more)
{
	static const char *const names[] = { "\r\nVia:", "\r\nFrom:", "\r\nTo:",
		"\r\nCall-ID:", "\r\nCSeq:" };
	char text[2 * TEXT], line[TEXT];
	size_t at = (size_t)snprintf(text, sizeof(text), "SIP/2.0 %s\r\n",
	    status);

	for (size_t i = 0; i < KK_ARRAY_LEN(names); i++) {
		line_of(o, names[i], line);
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s\r\n",
		    line);
		CHECK(at < sizeof(text));
	}
	(void)snprintf(text + at, sizeof(text) - at,
	    "%sContent-Length: 0\r\n\r\n", more);
	other_say(o, text);
}

static void bye_write(const struct other *o, const char *more, char out[TEXT])
{
	(void)snprintf(out, TEXT,
	    "BYE sip:anna@192.0.2.1 SIP/2.0\r\n"
	    "Route: <sip:127.0.0.1:%u;lr>, <sip:192.0.2.2;lr>\r\n"
	    "From: <sip:99@site.example>;tag=ours\r\n"
	    "To: <sip:anna@192.0.2.1>;tag=theirs\r\n"
	    "Call-ID: one\r\nCSeq: 1000 BYE\r\n%s\r\n",
	    o->port, more);
}

TEST(bye_goes_by_the_route_of_its_dialog_and_is_nothing_but_that)
{
	struct other exchange;
	char bye[TEXT];

	end_open(&after, (struct ua_config){ .users = { "99" } });
	other_open(&exchange);
	bye_write(&exchange,
	    "Konklave-Trunk: gone\r\nSubject: x\r\nContent-Length: 2\r\n", bye);
	memcpy(bye + strlen(bye), "ab", 3);
	CHECK_OK(ua_bye_send(after.ua, end_text(bye)));
	other_hear(&exchange, "BYE sip:anna@192.0.2.1 SIP/2.0\r\n");
	CHECK(strstr(exchange.text, ";tag=ours\r\n") != NULL);
	CHECK(strstr(exchange.text, ";tag=theirs\r\n") != NULL);
	CHECK(strstr(exchange.text, "\r\nCall-ID: one\r\n") != NULL);
	CHECK(strstr(exchange.text, "192.0.2.2;lr>") != NULL);
	CHECK(!strstr(exchange.text, "Konklave-Trunk"));
	CHECK(!strstr(exchange.text, "Subject"));
	CHECK(strstr(exchange.text, "\r\nContent-Length: 0\r\n\r\n") != NULL);
	CHECK_EQ(number_of(exchange.text), 1000);
	other_answer(&exchange, "200 OK", "");
	while (after.ua->byes)
		end_run_ms(1);
	CHECK_EQ(close(exchange.fd), 0);
	end_close(&after);
}

#define ASKS                                                             \
	"WWW-Authenticate: Digest realm=\"site.example\", nonce=\"n\", " \
	"algorithm=SHA-256, qop=\"auth\"\r\n"

TEST(trunk_that_asks_who_ends_its_call_is_told_as_often_as_it_may_ask)
{
	struct other exchange;
	struct ua_trunk trunk;
	char bye[TEXT];

	other_open(&exchange);
	(void)snprintf(uri, sizeof(uri), "sip:127.0.0.1:%u", exchange.port);
	trunk = (struct ua_trunk){ .name = "pbx",
		.domain = "site.example",
		.servers = { uri },
		.user = "4711",
		.password = "secret-word",
		.is_static = true,
		.is_unchecked = true };
	end_open(&after,
	    (struct ua_config){ .trunks = &trunk, .trunk_count = 1 });
	bye_write(&exchange, "Konklave-Trunk: pbx\r\n", bye);
	CHECK_OK(ua_bye_send(after.ua, end_text(bye)));
	for (unsigned i = 0; i <= UA_AUTH_TRIES_MAX; i++) {
		do {
			other_hear(&exchange, "BYE ");
		} while (number_of(exchange.text) < 1000 + i);
		CHECK_EQ(number_of(exchange.text), 1000 + i);
		CHECK_EQ(strstr(exchange.text, "Digest username=\"4711\"") !=
			NULL,
		    i > 0);
		other_answer(&exchange, "401 Unauthorized", ASKS);
	}
	while (after.ua->byes)
		end_run_ms(1);
	/* Of a trunk that we know no more nothing can be proved. */
	bye_write(&exchange, "Konklave-Trunk: other\r\n", bye);
	CHECK_OK(ua_bye_send(after.ua, end_text(bye)));
	do {
		other_hear(&exchange, "BYE ");
	} while (number_of(exchange.text) != 1000);
	other_answer(&exchange, "401 Unauthorized", ASKS);
	while (after.ua->byes)
		end_run_ms(1);
	CHECK_EQ(close(exchange.fd), 0);
	end_close(&after);
}

static void telephone_ask(struct other *o, const char *method, unsigned number,
    const char *tag, const char *contact)
{
	const bool is_invite = !strcmp(method, "INVITE");
	const char *offer = is_invite ? "offer" : "";
	char text[TEXT];

	(void)snprintf(text, sizeof(text),
	    "%s sip:99@127.0.0.1 SIP/2.0\r\n"
	    "Via: SIP/2.0/UDP 127.0.0.1:%u;branch=z9hG4bK%u%s;rport\r\n"
	    "From: <sip:anna@127.0.0.1>;tag=a1\r\n"
	    "To: <sip:99@127.0.0.1>%s\r\nCall-ID: two\r\nCSeq: %u %s\r\n"
	    "Contact: <%s>\r\nMax-Forwards: 70\r\n%s"
	    "Content-Length: %zu\r\n\r\n%s",
	    method, o->port, number, method, tag, number, method, contact,
	    is_invite ? "Content-Type: application/sdp\r\n" : "", strlen(offer),
	    offer);
	other_say(o, text);
}

/* RFC 3261, 12.2.2 and RFC 3311, 5.1: the target of a dialog changes. */
TEST(bye_that_is_kept_goes_to_where_the_telephone_is_now)
{
	struct other anna;
	char line[TEXT];
	unsigned number;

	end_open(&there, (struct ua_config){ .rule = UA_RULE_ANYBODY });
	other_open(&anna);
	anna.from = (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_port = htons(ua_port(there.ua, UA_UDP)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	telephone_ask(&anna, "INVITE", 1, "", "sip:anna@192.0.2.1");
	end_wait(there.incoming, 1);
	CHECK_OK(ua_call_answer(there.call, end_text("answer")));
	other_hear(&anna, "SIP/2.0 200");
	line_of(&anna, "\r\nTo:", line);
	telephone_ask(&anna, "ACK", 1, strstr(line, ";tag="),
	    "sip:anna@192.0.2.1");
	end_wait(there.kept, 1);
	number = number_of(there.bye);
	CHECK(!strncmp(there.bye, "BYE sip:anna@192.0.2.1 ", 23));
	telephone_ask(&anna, "UPDATE", 2, strstr(line, ";tag="),
	    "sip:anna@192.0.2.3");
	end_wait(there.kept, 2);
	CHECK(!strncmp(there.bye, "BYE sip:anna@192.0.2.3 ", 23));
	CHECK_EQ(number_of(there.bye), number);
	CHECK_EQ(close(anna.fd), 0);
	end_close(&there);
}

/* --- what is none -------------------------------------------------------- */

TEST(what_is_no_bye_of_a_dialog_is_refused)
{
	static const char *const bad[] = { "", "\r\n\r\n", "nonsense",
		"BYE sip:a@b SIP/2.0\r\n\r\n", "SIP/2.0 200 OK\r\n\r\n",
		"BYE sip:a@b SIP/2.0\r\nFrom: <sip:a@b>;tag=1\r\n"
		"To: <sip:c@d>\r\nCall-ID: x\r\nCSeq: 1 BYE\r\n\r\n",
		"BYE sip:a@b SIP/2.0\r\nFrom: <sip:a@b>\r\n"
		"To: <sip:c@d>;tag=2\r\nCall-ID: x\r\nCSeq: 1 BYE\r\n\r\n",
		"INVITE sip:a@b SIP/2.0\r\nFrom: <sip:a@b>;tag=1\r\n"
		"To: <sip:c@d>;tag=2\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\n\r\n",
		"BYE sip:a@b SIP/2.0\r\nFrom: <sip:a@b>;tag=1\r\n"
		"To: <sip:c@d>;tag=2\r\nCall-ID: x\r\nCSeq: 1 ACK\r\n\r\n" };
	static char longer[UA_BYE_BYTES + 1];

	end_open(&after, (struct ua_config){ .users = { "99" } });
	for (size_t i = 0; i < KK_ARRAY_LEN(bad); i++)
		CHECK_ERR(ua_bye_send(after.ua, end_text(bad[i])), KK_EFORMAT);
	CHECK_ERR(ua_bye_send(after.ua, kk_view_of(longer, 20)), KK_EFORMAT);
	CHECK_ERR(ua_bye_send(after.ua, kk_view_of(longer, sizeof(longer))),
	    KK_ELIMIT);
	CHECK_EQ(after.ua->bye_count, 0);
	end_close(&after);
}

TEST(bye_to_what_cannot_be_reached_at_all_is_given_up)
{
	static const char *const ways[] = { "http://127.0.0.1",
		"sip:127.0.0.1;transport=sctp", "sip:[::1]" };
	char bye[TEXT], way[END_TEXT_BYTES];
	struct other nobody = { .port = 9 };

	end_open(&after, (struct ua_config){ .users = { "99" } });
	for (size_t i = 0; i < KK_ARRAY_LEN(ways); i++) {
		(void)snprintf(way, sizeof(way), "Konklave-Way: %s\r\n",
		    ways[i]);
		bye_write(&nobody, way, bye);
		(void)!ua_bye_send(after.ua, end_text(bye));
	}
	while (after.ua->byes)
		end_run_ms(1);
	CHECK_EQ(after.ua->bye_count, 0);
	end_close(&after);
}

TEST(byes_that_nobody_answers_are_bounded_and_end_with_the_agent)
{
	struct other silent;
	char bye[TEXT];
	enum kk_err err;

	end_open(&after, (struct ua_config){ .users = { "99" } });
	other_open(&silent);
	bye_write(&silent, "", bye);
	ALLOC_FAULT_LOOP(err, ua_bye_send(after.ua, end_text(bye)));
	CHECK_OK(err);
	CHECK_EQ(after.ua->bye_count, 1);
	for (unsigned i = 1; i < UA_BYES_MAX; i++)
		CHECK_OK(ua_bye_send(after.ua, end_text(bye)));
	CHECK_ERR(ua_bye_send(after.ua, end_text(bye)), KK_ELIMIT);
	CHECK_EQ(close(silent.fd), 0);
	end_close(&after);
}
