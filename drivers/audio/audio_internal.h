/* audio_internal.h - what kinds of devices share.  Not for others. */
#pragma once
#include "drivers/audio/audio.h"
#include "drivers/audio/choice.h"

struct audio_ops {
	enum kk_err (*read)(void *ctx, int16_t *samples);
	enum kk_err (*write)(void *ctx, const int16_t *samples);
	void (*close)(void *ctx);
	bool hears_room;
};

/* Owns ctx from now on, also on error.  Errors: KK_ENOMEM. */
MUST_CHECK enum kk_err audio_new(struct audio **audiop,
    const struct audio_ops *ops, void *ctx);

/* pace.c.  Waits until the next block's time; one who is far behind begins
 * anew and does not hurry after. */
struct audio_pace {
	uint64_t next_ns; /* CLOCK_MONOTONIC; 0: not begun */
};
void audio_pace_wait(struct audio_pace *pace);

/* The kinds.  Errors: those of audio.h. */
MUST_CHECK enum kk_err audio_none_open(struct audio **audiop);
MUST_CHECK enum kk_err audio_wav_in_open(struct audio **audiop,
    const char *path);
MUST_CHECK enum kk_err audio_wav_out_open(struct audio **audiop,
    const char *path);
MUST_CHECK enum kk_err audio_alsa_open(struct audio **audiop,
    const char *device, bool is_microphone);
MUST_CHECK enum kk_err audio_auto_open(struct audio **audiop,
    const struct audio_config *config, bool is_microphone);
MUST_CHECK enum kk_err audio_sandbox_open(struct audio **audiop,
    const struct audio_config *config);

/*
 * A file that plays again and again, with pause_samples of silence between.
 * samples is taken over, also on error.
 */
MUST_CHECK enum kk_err audio_loop_open(struct audio **audiop, int16_t *samples,
    size_t count, size_t pause_samples);

/* The devices of all cards that can be asked now; at most room.  Their ranks
 * are not set. */
size_t audio_cards_list(struct choice_device *devices, size_t room);

/* All of a file or pipe.  Errors: KK_EIO, KK_ELIMIT, KK_ENOMEM. */
MUST_CHECK enum kk_err audio_fd_read(int fd, struct kk_bytes *out);
