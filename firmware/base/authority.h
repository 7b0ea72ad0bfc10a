/*
 * authority.h - HOST[:PORT], as it stands in URIs: a name, an IPv4 address, or
 * an IPv6 address in [ ].  What follows is the caller's.
 *
 * Source: RFC 3986, 3.2.2 and 3.2.3.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"

/*
 * Both go on behind what they took, and change nothing on error.
 *
 * host gets the text without brackets and with a zero; a v6 address is told
 * from the others by its colons.  Names are not looked up, addresses not
 * checked further.  Errors: KK_EFORMAT; KK_ELIMIT it has room bytes or more.
 */
MUST_CHECK enum kk_err kk_host_take(const char **at, char *host, size_t room);

/* 1 to 65535; otherwise where no ":" stands.  Errors: KK_EFORMAT. */
MUST_CHECK enum kk_err kk_port_take(const char **at, uint16_t otherwise,
    uint16_t *port);
