/*
 * ice.h - STUN and TURN servers as a configuration: their URIs, who may use
 * them, and passwords that last for a while.  Zones: policy, face.  No sockets,
 * no clock: files and times are arguments.
 *
 * Source: RFC 7064 (stun:), RFC 7065 (turn:, turns:), RFC 8489 and 8656;
 * draft-uberti-behave-turn-rest-00 for passwords that last for a while.
 */
#pragma once
#include "base/base.h"

enum {
	ICE_HOST_BYTES = 256, /* RFC 1035, 2.3.4: 255 */
	ICE_URI_BYTES = 6 + ICE_HOST_BYTES + 2 + 6 + sizeof("?transport=udp"),
	ICE_SERVERS_MAX = 8,
	ICE_NAME_MAX_BYTES = 128, /* RFC 8489, 14.3 allows 508 */
	ICE_USER_BYTES = 20 + 1 + ICE_NAME_MAX_BYTES + 1, /* "time:name" */
	ICE_PASSWORD_BYTES = 256 + 1,
	ICE_SECRET_MAX_BYTES = 256,
	ICE_FILE_MAX_BYTES = ICE_USER_BYTES + ICE_PASSWORD_BYTES + 2,
	ICE_PORT = 3478,
	ICE_PORT_TLS = 5349 /* RFC 7065, 3.2 */
};

enum ice_kind {
	ICE_STUN,
	ICE_TURN_UDP,
	ICE_TURN_TCP,
	ICE_TURN_TLS, /* over TCP */
	ICE_KIND_COUNT
};

/* "stun", "turn-udp", "turn-tcp", "turn-tls": as io.konklave.Room has them. */
const char *ice_kind_name(enum ice_kind kind); /* never NULL */

struct ice_server {
	enum ice_kind kind;
	char host[ICE_HOST_BYTES]; /* an IPv6 address without its brackets */
	uint16_t port;
};

/*
 * Reads stun:HOST[:PORT], turn:HOST[:PORT][?transport=udp|tcp] or
 * turns:HOST[:PORT][?transport=tcp].  On error *server is all zero.
 * Errors: KK_EFORMAT no such URI; KK_EUNSUP stuns:, and turns: over UDP, which
 * neither libnice nor browsers speak; KK_ELIMIT a host that is too long.
 */
MUST_CHECK enum kk_err ice_server_parse(struct ice_server *server,
    const char *text);

/* The URI, in one form for all that mean the same; out has ICE_URI_BYTES. */
void ice_server_write(const struct ice_server *server, char *out);

/* Who may use a TURN server.  The holder wipes it. */
struct ice_login {
	char user[ICE_USER_BYTES];
	char password[ICE_PASSWORD_BYTES];
};

/*
 * Reads a file of one line, USER:PASSWORD, with or without its newline.  On
 * error *login is all zero.
 * Errors: KK_EFORMAT no colon, an empty part, control characters; KK_ELIMIT.
 */
MUST_CHECK enum kk_err ice_login_parse(struct ice_login *login,
    struct kk_view file);

/*
 * Makes a password that the TURN servers who hold the same secret take until
 * expires_s (seconds since 1970), from whoever holds it.  name stands in their
 * logs; it has ICE_NAME_MAX_BYTES at most.  crypto_init() comes first.  On
 * error *login is all zero.  Errors: KK_EINVAL the name or secret; KK_ECRYPTO.
 * Source: draft-uberti-behave-turn-rest-00, 2.2.
 */
MUST_CHECK enum kk_err ice_login_mint(struct ice_login *login,
    struct kk_view secret, const char *name, uint64_t expires_s);

/*
 * A configuration, as options and files give it.  Zero it first.
 */
struct ice_config {
	struct ice_server servers[ICE_SERVERS_MAX];
	size_t server_count;
	bool is_relay_only; /* no way but over TURN */
	bool has_login;
	struct ice_login login;
	size_t secret_bytes; /* 0: none */
	uint8_t secret[ICE_SECRET_MAX_BYTES];
};

/* Errors: of ice_server_parse(); KK_EEXIST it is there; KK_ELIMIT too many. */
MUST_CHECK enum kk_err ice_config_server_add(struct ice_config *config,
    const char *uri);
/* What stands in files.  Errors: of ice_login_parse(); for the secret
 * KK_EFORMAT an empty one or control characters, KK_ELIMIT. */
MUST_CHECK enum kk_err ice_config_login_set(struct ice_config *config,
    struct kk_view file);
MUST_CHECK enum kk_err ice_config_secret_set(struct ice_config *config,
    struct kk_view file);
/* Does it hold together?  Errors: KK_ENOKEY TURN servers without a login or
 * secret; KK_EEXIST both; KK_ENOENT only relays, and no TURN server. */
MUST_CHECK enum kk_err ice_config_check(const struct ice_config *config);
/*
 * The login to use now: that of the file, or one made from the secret that
 * lasts for lasts_s.  Errors: KK_ENOENT there is no TURN server; of
 * ice_login_mint().
 */
MUST_CHECK enum kk_err ice_config_login_get(const struct ice_config *config,
    const char *name, uint64_t now_s, uint64_t lasts_s,
    struct ice_login *login);
