/*
 * sframe_header.h - the clear header of a sealed frame.  No state, no keys.
 *
 *      0 1 2 3 4 5 6 7
 *     +-+-----+-+-----+---------------+---------------+
 *     |X|  K  |Y|  C  | KID, 0-8 bytes | CTR, 0-8 bytes |
 *     +-+-----+-+-----+---------------+---------------+
 *
 * With X clear K is the KID itself (0 to 7); with X set the KID follows in
 * K + 1 bytes, big-endian.  Y and C are the same for the CTR.
 *
 * Source: RFC 9605, 4.3.
 */
#pragma once
#include "base/base.h"

enum { WIRE_SFRAME_MAX_BYTES = 17 }; /* RFC 9605, 4.3: 1 + 8 + 8 */

struct wire_sframe {
	uint64_t kid; /* which key */
	uint64_t ctr; /* which frame under this key */
	size_t bytes; /* the header's length on the wire */
};

/*
 * Reads the header at the start of in; what follows it is the ciphertext.
 * On error *hdr is left alone.
 * Errors: KK_ETRUNC in ends inside the header; KK_EMINIMAL the KID or CTR is
 * longer than it must be.  Every header has one form only, so that none can be
 * rewritten on the way into another that names the same key and counter.
 */
MUST_CHECK enum kk_err wire_sframe_parse(struct wire_sframe *hdr,
    struct kk_view in);

/*
 * Writes the header of kid and ctr and returns its length, which is at most
 * WIRE_SFRAME_MAX_BYTES; out has room for that many.
 */
size_t wire_sframe_write(uint64_t kid, uint64_t ctr, uint8_t *out);
