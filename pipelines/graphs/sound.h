/*
 * sound.h - all members' sound, mixed to the loudspeaker.  A thread of its own,
 * at the loudspeaker's pace.
 */
#pragma once
#include "base/base.h"
#include "drivers/audio/audio.h"
#include "drivers/echo/echo.h"

struct sound;

struct sound_config {
	struct audio_config loudspeaker; /* its texts outlive the object */
	struct echo *echo; /* borrowed: is shown all that is heard; or NULL */
	const struct kk_log *log; /* borrowed; written on its thread */
};

/* Starts its thread.  Errors: KK_ENOMEM. */
MUST_CHECK enum kk_err sound_new(struct sound **soundp,
    const struct sound_config *config);
void sound_free(struct sound *sound); /* waits; NULL is fine */

/* An opened Opus packet of a member, and how many were lost right before it.
 * Any thread. */
void sound_packet(struct sound *sound, uint32_t leaf, struct kk_view packet,
    unsigned lost);
void sound_leave(struct sound *sound, uint32_t leaf); /* any thread */
/* Whether a telephone that the room calls rings (ring_tone.h); any thread. */
void sound_ring(struct sound *sound, bool is_ringing);
