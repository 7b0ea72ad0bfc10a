/* server.c - the URIs of STUN and TURN servers. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "ice/ice.h"

const char *ice_kind_name(enum ice_kind kind)
{
	static const char *const names[ICE_KIND_COUNT] = { "stun", "turn-udp",
		"turn-tcp", "turn-tls" };

	return (size_t)kind < ICE_KIND_COUNT ? names[kind] : "unknown";
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Letters of a name or of an IPv4 address. */
static bool is_host_char(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') ||
	    (c >= 'A' && c <= 'Z') || c == '-' || c == '.';
}

static bool is_v6_char(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') ||
	    (c >= 'A' && c <= 'F') || c == ':' || c == '.';
}

/* Goes on behind word where text begins with it, in small or large letters. */
static bool word_take(const char **text, const char *word)
{
	const size_t n = strlen(word);

	if (strncasecmp(*text, word, n) != 0)
		return false;
	*text += n;
	return true;
}

static enum kk_err host_take(const char **at, struct ice_server *server)
{
	const bool is_v6 = **at == '[';
	const char *p = *at + is_v6;
	size_t n = 0;

	while (n < ICE_HOST_BYTES &&
	    (is_v6 ? is_v6_char(p[n]) : is_host_char(p[n])))
		n++;
	if (n >= ICE_HOST_BYTES)
		return KK_ELIMIT;
	if (n == 0 || (is_v6 && p[n] != ']'))
		return KK_EFORMAT;
	/* Ours are told apart by their colons. */
	if (is_v6 && !memchr(p, ':', n))
		return KK_EFORMAT;
	memcpy(server->host, p, n);
	*at = p + n + is_v6;
	return KK_OK;
}

static enum kk_err port_take(const char **at, struct ice_server *server,
    uint16_t otherwise)
{
	unsigned long port = 0;
	const char *p = *at;

	server->port = otherwise;
	if (*p != ':')
		return KK_OK;
	for (p++; is_digit(*p); p++) {
		port = port * 10 + (unsigned long)(*p - '0');
		if (port > UINT16_MAX)
			return KK_EFORMAT;
	}
	*at = p;
	server->port = (uint16_t)port;
	return port > 0 ? KK_OK : KK_EFORMAT;
}

/* RFC 7065, 3.1: of turn: UDP where nothing is said, of turns: TCP. */
static enum kk_err transport_take(const char **at, struct ice_server *server)
{
	const bool has_tls = server->kind == ICE_TURN_TLS;

	if (!word_take(at, "?transport="))
		return KK_OK;
	if (word_take(at, "udp"))
		return has_tls && !**at ? KK_EUNSUP : KK_OK;
	if (!word_take(at, "tcp"))
		return KK_EFORMAT;
	if (!has_tls)
		server->kind = ICE_TURN_TCP;
	return KK_OK;
}

static enum kk_err scheme_take(const char **at, struct ice_server *server)
{
	if (word_take(at, "stun:"))
		server->kind = ICE_STUN;
	else if (word_take(at, "turn:"))
		server->kind = ICE_TURN_UDP;
	else if (word_take(at, "turns:"))
		server->kind = ICE_TURN_TLS;
	else
		return word_take(at, "stuns:") ? KK_EUNSUP : KK_EFORMAT;
	return KK_OK;
}

enum kk_err ice_server_parse(struct ice_server *server, const char *text)
{
	struct ice_server got = { .kind = ICE_STUN };
	enum kk_err err = scheme_take(&text, &got);
	const bool is_stun = got.kind == ICE_STUN;

	if (!err)
		err = host_take(&text, &got);
	if (!err)
		err = port_take(&text, &got,
		    got.kind == ICE_TURN_TLS ? ICE_PORT_TLS : ICE_PORT);
	if (!err && !is_stun)
		err = transport_take(&text, &got);
	if (!err && *text)
		err = KK_EFORMAT;
	*server = err ? (struct ice_server){ .kind = ICE_STUN } : got;
	return err;
}

void ice_server_write(const struct ice_server *server, char *out)
{
	static const char *const starts[ICE_KIND_COUNT] = { "stun:", "turn:",
		"turn:", "turns:" };
	static const char *const ends[ICE_KIND_COUNT] = { "", "?transport=udp",
		"?transport=tcp", "?transport=tcp" };
	const bool is_v6 = strchr(server->host, ':') != NULL;

	(void)snprintf(out, ICE_URI_BYTES, "%s%s%s%s:%u%s",
	    starts[server->kind], is_v6 ? "[" : "", server->host,
	    is_v6 ? "]" : "", (unsigned)server->port, ends[server->kind]);
}
