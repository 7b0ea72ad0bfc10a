/*
 * streams.h - what is kept of each source, bounded, found in O(1).  Internal.
 *
 * Indices, and which of them were seen: RFC 3711, 3.3.1 to 3.3.2 and 3.4.
 */
#pragma once
#include "srtp/srtp.h"

enum { SRTP_RTCP_REPLAY_PACKETS = 128, SRTP_WORD_BITS = 64 };

struct srtp_stream {
	uint32_t ssrc;
	uint32_t rtcp_top; /* highest index; sealing: the last */
	uint64_t rtp_top; /* rollover counter and sequence number */
	uint64_t used; /* the object's last packet of it, of all it has had */
	uint64_t rtp_seen[SRTP_REPLAY_PACKETS / SRTP_WORD_BITS]; /* rings */
	uint64_t rtcp_seen[SRTP_RTCP_REPLAY_PACKETS / SRTP_WORD_BITS];
};

struct srtp_streams {
	struct srtp_stream *list; /* grows as they come */
	uint16_t *table; /* by SSRC: place in the list and 1; 0: free */
	size_t count, room, max;
	uint32_t seed;
	size_t last; /* found last: packets come in runs */
};

/* A peer that does not know the seed cannot pile SSRCs up in one place. */
void srtp_streams_init(struct srtp_streams *s, size_t max, uint32_t seed);
void srtp_streams_clear(struct srtp_streams *s);

/* NULL: not there.  Valid until the next one is added or removed. */
struct srtp_stream *srtp_streams_find(struct srtp_streams *s, uint32_t ssrc);
/* Makes room for one more.  Errors: KK_ELIMIT, KK_ENOMEM. */
MUST_CHECK enum kk_err srtp_streams_reserve(struct srtp_streams *s);
void srtp_streams_add(struct srtp_streams *s,
    const struct srtp_stream *stream); /* not there, and room for it */
void srtp_streams_remove(struct srtp_streams *s, uint32_t ssrc);

/*
 * The index that a sequence number stands for, and whether it may be used.
 * A stream of zeros is one that has not begun.
 * Errors: KK_EREPLAY seen, or older than the window; KK_ESPENT.
 * Source: RFC 3711, 3.3.1 and appendix A.
 */
MUST_CHECK enum kk_err srtp_rtp_index(const struct srtp_stream *stream,
    uint16_t seq, uint64_t *index);
void srtp_rtp_mark(struct srtp_stream *stream, uint64_t index);
MUST_CHECK enum kk_err srtp_rtcp_check(const struct srtp_stream *stream,
    uint32_t index);
void srtp_rtcp_mark(struct srtp_stream *stream, uint32_t index);
