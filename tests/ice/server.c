/* server.c - URIs of STUN and TURN servers. */
#include <string.h>

#include "harness/tap.h"
#include "ice/ice.h"

struct good {
	const char *text;
	enum ice_kind kind;
	const char *host;
	uint16_t port;
	const char *again;
};

TEST(uris_of_rfc_7064_and_7065_are_understood)
{
	/* RFC 7064, A; RFC 7065, A. */
	static const struct good goods[] = {
		{ "stun:example.org", ICE_STUN, "example.org", 3478,
		    "stun:example.org:3478" },
		{ "stun:example.org:8000", ICE_STUN, "example.org", 8000,
		    "stun:example.org:8000" },
		{ "turn:example.org", ICE_TURN_UDP, "example.org", 3478,
		    "turn:example.org:3478?transport=udp" },
		{ "turns:example.org", ICE_TURN_TLS, "example.org", 5349,
		    "turns:example.org:5349?transport=tcp" },
		{ "turn:example.org:8000", ICE_TURN_UDP, "example.org", 8000,
		    "turn:example.org:8000?transport=udp" },
		{ "turn:example.org?transport=udp", ICE_TURN_UDP, "example.org",
		    3478, "turn:example.org:3478?transport=udp" },
		{ "turn:example.org?transport=tcp", ICE_TURN_TCP, "example.org",
		    3478, "turn:example.org:3478?transport=tcp" },
		{ "turns:example.org:443?transport=tcp", ICE_TURN_TLS,
		    "example.org", 443, "turns:example.org:443?transport=tcp" },
		{ "TURN:192.0.2.1?Transport=TCP", ICE_TURN_TCP, "192.0.2.1",
		    3478, "turn:192.0.2.1:3478?transport=tcp" },
		{ "stun:[2001:db8::1]:65535", ICE_STUN, "2001:db8::1", 65535,
		    "stun:[2001:db8::1]:65535" },
		{ "turns:[::1]", ICE_TURN_TLS, "::1", 5349,
		    "turns:[::1]:5349?transport=tcp" },
	};

	for (size_t i = 0; i < KK_ARRAY_LEN(goods); i++) {
		const struct good *g = &goods[i];
		char again[ICE_URI_BYTES];
		struct ice_server s;

		CHECK_OK(ice_server_parse(&s, g->text));
		CHECK_EQ(s.kind, g->kind);
		CHECK_STR(s.host, g->host);
		CHECK_EQ(s.port, g->port);
		ice_server_write(&s, again);
		CHECK_STR(again, g->again);
	}
}

static void refused(const char *text, enum kk_err why)
{
	static const struct ice_server none;
	struct ice_server s;

	if (ice_server_parse(&s, text) != why)
		tap_diag("%.40s", text);
	memset(&s, 0x55, sizeof(s));
	CHECK_ERR(ice_server_parse(&s, text), why);
	CHECK_EQ(s.kind, none.kind);
	CHECK_EQ(s.port, 0);
	CHECK_STR(s.host, "");
}

TEST(what_is_no_uri_is_refused_whole)
{
	static const char *const bad[] = { "", "stun", "stun:", "stun://host",
		"http:host", "turn:host:", "turn:host:0", "turn:host:65536",
		"turn:host:99999999999999999999", "turn:host:12x",
		"turn:host:-1", "turn:ho st", "turn:host/", "turn:user@host",
		"turn:host?",
		"turn:host?transport=", "turn:host?transport=sctp",
		"turn:host?transport=udpx", "turn:host?transport=tcp&x=1",
		"turn:host?transport=tcp?transport=tcp", "turn:[::1",
		"turn:::1", "turn:[]", "turn:[host]", "turn:[127.0.0.1]",
		"turn:[::1]x", "stun:host?transport=udp", "turn:host%20",
		"turn:h\nost", " turn:host", "turn:host ", "turnsx:host" };

	for (size_t i = 0; i < KK_ARRAY_LEN(bad); i++)
		refused(bad[i], KK_EFORMAT);
}

TEST(what_no_endpoint_speaks_is_refused_by_name)
{
	refused("stuns:host", KK_EUNSUP);
	refused("turns:host?transport=udp", KK_EUNSUP);
}

TEST(a_host_may_have_255_bytes_and_no_more)
{
	char text[sizeof("stun:") + ICE_HOST_BYTES] = "stun:";
	struct ice_server s;

	memset(text + 5, 'h', ICE_HOST_BYTES - 1);
	CHECK_OK(ice_server_parse(&s, text));
	CHECK_EQ(strlen(s.host), ICE_HOST_BYTES - 1);
	text[5 + ICE_HOST_BYTES - 1] = 'h';
	refused(text, KK_ELIMIT);
}

TEST(the_longest_uri_has_room)
{
	struct ice_server s = { ICE_TURN_TCP, "", 65535 };
	char out[ICE_URI_BYTES];

	memset(s.host, ':', sizeof(s.host) - 1);
	ice_server_write(&s, out);
	CHECK(strlen(out) < sizeof(out));
	CHECK_STR(out + strlen(out) - 4, "=tcp");
}

TEST(names_of_kinds_are_never_null)
{
	for (unsigned i = 0; i <= ICE_KIND_COUNT; i++)
		CHECK(ice_kind_name((enum ice_kind)i) != NULL);
	CHECK_STR(ice_kind_name(ICE_TURN_TLS), "turn-tls");
}
