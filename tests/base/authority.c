/* authority.c - HOST[:PORT]. */
#include "base/authority.h"

#include <string.h>

#include "base/base.h"
#include "harness/tap.h"

enum { ROOM = 20 };

TEST(names_and_addresses_are_taken_with_what_follows_left)
{
	static const struct {
		const char *text, *host, *rest;
		uint16_t port;
	} cases[] = {
		{ "meet.example/x", "meet.example", "/x", 99 },
		{ "192.0.2.1:8443?a", "192.0.2.1", "?a", 8443 },
		{ "[2001:db8::1]:1", "2001:db8::1", "", 1 },
		{ "[::1]", "::1", "", 99 },
		{ "a:65535:", "a", ":", 65535 },
	};

	for (size_t i = 0; i < KK_ARRAY_LEN(cases); i++) {
		const char *at = cases[i].text;
		char host[ROOM];
		uint16_t port = 0;

		CHECK_OK(kk_host_take(&at, host, sizeof(host)));
		CHECK_STR(host, cases[i].host);
		CHECK_OK(kk_port_take(&at, 99, &port));
		CHECK_EQ(port, cases[i].port);
		CHECK_STR(at, cases[i].rest);
	}
}

TEST(what_is_no_host_is_refused_and_nothing_taken)
{
	static const char *const wrong[] = { "", "/x", ":80", "[]", "[::1",
		"[abc]", "[::g]", " a", "\xc3\xa4" };
	char host[ROOM] = "before";

	for (size_t i = 0; i < KK_ARRAY_LEN(wrong); i++) {
		const char *at = wrong[i];

		CHECK_ERR(kk_host_take(&at, host, sizeof(host)), KK_EFORMAT);
		CHECK(at == wrong[i]);
		CHECK_STR(host, "before");
	}
}

TEST(a_host_as_long_as_the_room_is_too_long)
{
	char text[ROOM + 1], host[ROOM];
	const char *at = text;

	memset(text, 'a', ROOM);
	text[ROOM] = '\0';
	CHECK_ERR(kk_host_take(&at, host, sizeof(host)), KK_ELIMIT);
	text[ROOM - 1] = '\0';
	CHECK_OK(kk_host_take(&at, host, sizeof(host)));
	CHECK_EQ(strlen(host), ROOM - 1);
}

TEST(what_is_no_port_is_refused_and_nothing_taken)
{
	static const char *const wrong[] = { ":", ":0", ":x", ":65536",
		":99999999999999999999" };
	uint16_t port = 7;

	for (size_t i = 0; i < KK_ARRAY_LEN(wrong); i++) {
		const char *at = wrong[i];

		CHECK_ERR(kk_port_take(&at, 99, &port), KK_EFORMAT);
		CHECK(at == wrong[i]);
		CHECK_EQ(port, 7);
	}
}
