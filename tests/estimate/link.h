/*
 * link.h - links that were recorded (links/NAME.link), a line each:
 *
 *     # words                    how it was made
 *     s MICROSECONDS BYTES       a packet went out, since the start
 *     f MICROSECONDS HEX         feedback came, an RTCP packet
 */
#pragma once
#include "estimate/estimate.h"

extern const struct estimate_config link_config; /* it was recorded with */

/* Errors: those of estimate_feedback() and of the packet's parsers. */
MUST_CHECK enum kk_err link_feedback(struct estimate *e, struct kk_view rtcp,
    uint64_t now_us);
