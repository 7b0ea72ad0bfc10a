/*
 * history.h - packets that were sent, or passed on, to be sent again.
 *
 * It holds runs of bytes by sequence number and does not look into them: hop
 * plaintext, which goes out again under RTX only (hop/rtx.h), since SRTP seals
 * a number once.  Bounded in number, bytes and age.  No socket, no clock.
 */
#pragma once
#include "base/base.h"

enum {
	HOP_PACKET_MAX_BYTES = 1500, /* longer ones are not kept */
	HOP_HISTORY_AGE_US = 2000000,
	HOP_RESENT_MAX = 256,
	HOP_RESENT_TIMES_MAX = 10 /* as often as hop/rx.h asks */
};

struct hop_history;

/*
 * packets is a power of two.  Errors: KK_EINVAL that, or bytes less than
 * HOP_PACKET_MAX_BYTES; KK_ENOMEM.
 */
MUST_CHECK enum kk_err hop_history_new(struct hop_history **historyp,
    size_t packets, size_t bytes);
void hop_history_free(struct hop_history *history); /* NULL is fine */

/* Copies the packet; the oldest make room.  seq is extended, or counts up. */
void hop_history_put(struct hop_history *history, uint64_t seq,
    struct kk_view packet, uint64_t now_us);

/*
 * The packet with this number, borrowed until the next put.
 * Errors: KK_ENOENT never there, gone, or too old.
 */
MUST_CHECK enum kk_err hop_history_get(const struct hop_history *history,
    uint64_t seq, uint64_t now_us, struct kk_view *packet);

/*
 * Who asks twice within a round trip asks for a packet that is on its way, and
 * who asks for ever is no receiver.  True when seq may be sent (again) now, and
 * then remembers it.
 */
struct hop_resent { /* opaque; all zero is empty */
	struct {
		uint32_t seq, us; /* low bits */
		uint8_t times;
	} list[HOP_RESENT_MAX];
};
bool hop_resent_may(struct hop_resent *resent, uint64_t seq, uint64_t rtt_us,
    uint64_t now_us);
