/*
 * demux.h - what kind of packet a datagram on a media port is.  No state.
 *
 * Source: RFC 9443, 3 (updates RFC 7983, 7) for the first byte; RFC 5761, 4 for
 * RTP and RTCP on one port.
 */
#pragma once
#include "base/base.h"

enum wire_kind {
	WIRE_KIND_UNKNOWN, /* dropped */
	WIRE_KIND_STUN, /* 0 to 3 */
	WIRE_KIND_DTLS, /* 20 to 63 */
	WIRE_KIND_TURN, /* 64 to 79, from a TURN server only */
	WIRE_KIND_RTP, /* 128 to 191 */
	WIRE_KIND_RTCP /* the same, with a second byte of 192 to 223 */
};

/*
 * A datagram too short for the smallest packet of its kind is unknown.  ZRTP
 * and QUIC are unknown, too: nothing here speaks them.
 */
enum wire_kind wire_kind_of(struct kk_view in);
