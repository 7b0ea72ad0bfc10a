/*
 * audio.h - microphones and loudspeakers.  One thread per object.
 *
 * All sound is 48 kHz, mono, 16 bits, in blocks of 10 ms.  A device has its own
 * clock: reading waits until a block is there, writing until there is room.
 * Kinds without a clock keep that of the machine.
 */
#pragma once
#include "base/base.h"
#include "base/log.h"

enum { AUDIO_RATE_HZ = 48000, AUDIO_BLOCK_MS = 10, AUDIO_BLOCK_SAMPLES = 480 };

/* The best card that there is (choice.h), which is left for a better one that
 * comes.  With :WORDS behind it, one with these words in its names
 * (kk_text_has_words()), and no other. */
#define AUDIO_AUTO "alsa:auto"

struct audio;

struct audio_config {
	/* Microphone: "synthetic", AUDIO_AUTO, "alsa:DEVICE", or a WAV file.
	 * Loudspeaker: "none", and "alsa:" as above, or a WAV file to be
	 * written. */
	const char *kind;
	const char *name; /* the box's, that the synthetic voice says */
	const char *language; /* "en" or "de" */
	const struct kk_log *log; /* of which card AUDIO_AUTO is; or NULL.  It
				   * outlives the device. */
};

/*
 * config is borrowed for the call.  On success *audiop is the caller's; on
 * error it is left alone.
 * Errors: KK_ENOENT no such device or file, or no espeak-ng; KK_EFORMAT no WAV
 * file of 16 bits a sample; KK_EUNSUP the configuration left this kind out, or
 * the card cannot do that;
 * KK_ELIMIT a file over AUDIO_FILE_MAX_BYTES, or that many words; KK_EIO,
 * KK_ENOMEM.
 */
enum { AUDIO_FILE_MAX_BYTES = 64 * 1024 * 1024 };
MUST_CHECK enum kk_err audio_microphone_open(struct audio **audiop,
    const struct audio_config *config);
MUST_CHECK enum kk_err audio_loudspeaker_open(struct audio **audiop,
    const struct audio_config *config);

/*
 * A block of AUDIO_BLOCK_SAMPLES.  Errors: KK_EIO the device is gone: close it
 * and open it again; KK_EINVAL it is one for the other way.
 */
MUST_CHECK enum kk_err audio_read(struct audio *audio, int16_t *samples);
MUST_CHECK enum kk_err audio_write(struct audio *audio, const int16_t *samples);

/* Does its sound come from a room, so that a loudspeaker is heard in it? */
bool audio_hears_room(const struct audio *audio);

void audio_close(struct audio *audio); /* finishes a file; NULL is fine */
