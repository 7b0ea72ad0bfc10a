/* loopback_private.h - the inside of a participant. */
#pragma once
#include <glib.h>
#include <opus.h>

#include "pipelines/graphs/camera_run.h"
#include "pipelines/graphs/encode.h"
#include "pipelines/graphs/person.h"
#include "pipelines/graphs/reaper.h"
#include "pipelines/graphs/slot.h"
#include "pipelines/graphs/voice.h"
#include "pipelines/loopback/loopback.h"
#include "pipelines/loopback/pattern.h"
#include "pipelines/loopback/tune.h"

/* The nonce's parts. */
enum { LOOPBACK_TUNE_AT = PATTERN_NONCE_BYTES };
_Static_assert(LOOPBACK_TUNE_AT + TUNE_NONCE_BYTES == LOOPBACK_NONCE_BYTES,
    "the nonce is both");

struct play;
struct paint;

struct loopback {
	struct loopback_config config;
	/* The other one has a key too, of another group. */
	struct vault *vault, *stranger;
	struct reaper *reaper;

	/* What it sends. */
	struct encode *encode;
	struct voice *voice;
	struct camera_run *camera;
	struct paint *paint;
	struct play *play;

	/* What comes. */
	struct loopback *from; /* NULL: nobody is expected yet */
	struct slot *slots[2]; /* sound, picture */
	struct person *person;
	struct frames *frames;
	OpusDecoder *decoder; /* the sound's slot's */
	GMutex sound_lock; /* of ear */
	struct tune_ear *ear;
	GMutex lock; /* of the counts in seen */
	struct loopback_seen seen;
	uint64_t pictures; /* looked at; of frames_count() */
	uint16_t number; /* of the last picture */
};

/* play.c: plays a sound again and again until it is freed. */
struct play *play_new(const struct loopback_config *config);
void play_free(struct play *play); /* waits; NULL is fine */

/* paint.c: gives pictures of the pattern to the encoder, likewise. */
struct paint *paint_new(struct loopback *end);
void paint_free(struct paint *paint); /* waits; NULL is fine */

/* look.c: a piece of what was sealed stands nowhere in what came; what is too
 * short for one is hidden. */
bool loopback_is_hidden(struct kk_view sealed, struct kk_view opened,
    size_t clear_bytes);

/* look.c: a frame as it came, still sealed; on its slot's thread. */
void loopback_frame_take(struct loopback *end, bool is_video,
    struct kk_view sealed);
