/* server.c - the URIs of STUN and TURN servers. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/authority.h"
#include "ice/ice.h"

const char *ice_kind_name(enum ice_kind kind)
{
	static const char *const names[ICE_KIND_COUNT] = { "stun", "turn-udp",
		"turn-tcp", "turn-tls" };

	return (size_t)kind < ICE_KIND_COUNT ? names[kind] : "unknown";
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
		err = kk_host_take(&text, got.host, sizeof(got.host));
	if (!err)
		err = kk_port_take(&text,
		    got.kind == ICE_TURN_TLS ? ICE_PORT_TLS : ICE_PORT,
		    &got.port);
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
