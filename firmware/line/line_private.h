/* line_private.h - coders that lines share, from inside. */
#pragma once
#include "line/line.h"

struct line_payload { /* of one tick; borrowed */
	struct kk_view bytes;
	bool is_start; /* of those who heard another coder until now */
};

struct line_shared { /* which coder of a voice */
	enum line_source source;
	enum codec_id codec;
	bool retells;
};

/*
 * The payload of a tick: encoded from pcm where it is the next one, kept where
 * it is an older one.  before is what the caller's telephone had last.
 * Errors: KK_ENOENT too old; KK_ENOMEM; KK_EIO.
 */
MUST_CHECK enum kk_err line_voice_take(struct line_voice *v,
    const struct line_shared *of, uint32_t tick, const int16_t *pcm,
    const int16_t *before, struct line_payload *payload);

/* Asks for a start. */
void line_voice_join(struct line_voice *v, const struct line_shared *of);

/* own goes on behind a tick of it, with its settings.  False: it is not known
 * any more. */
bool line_voice_leave(struct line_voice *v, const struct line_shared *of,
    uint32_t tick, struct codec_tx *own, const int16_t *before);

void line_voice_count_own(struct line_voice *v);
