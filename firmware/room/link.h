/*
 * link.h - a meeting's link: https://HOST[:PORT]/#1.ID.SECRET.  Zone: policy.
 *
 * Source: docs/protocol.md, "The link"; base64url of RFC 4648, 5.
 */
#pragma once
#include "room/types.h"

enum {
	ROOM_HOST_BYTES = 256, /* RFC 1035, 2.3.4: 255 */
	ROOM_LINK_BYTES = 8 + ROOM_HOST_BYTES + 2 + 6 + 4 + 2 * 22 + 2,
	ROOM_HTTPS_PORT = 443
};

struct room_link {
	char host[ROOM_HOST_BYTES]; /* an IPv6 address without its brackets */
	uint16_t port;
	uint8_t id[ROOM_ID_BYTES];
	uint8_t secret[ROOM_SECRET_BYTES]; /* the holder wipes it */
};

/*
 * Reads a link.  On error *link is all zero.
 * Errors: KK_EFORMAT no such link, KK_EUNSUP of another version, KK_ELIMIT a
 * host that is too long.
 */
MUST_CHECK enum kk_err room_link_parse(struct room_link *link,
    const char *text);

/* Reads https://HOST[:PORT] alone, with or without a slash; id and secret are
 * left zero.  Errors: KK_EFORMAT, KK_ELIMIT. */
MUST_CHECK enum kk_err room_link_parse_page(struct room_link *link,
    const char *text);

/* out has ROOM_LINK_BYTES.  Errors: KK_EINVAL no host. */
MUST_CHECK enum kk_err room_link_write(const struct room_link *link, char *out);
