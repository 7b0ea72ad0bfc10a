/*
 * voice.h - the microphone: echo taken out, Opus at constant rate, sealed, RTP.
 * A thread of its own, at the microphone's pace.
 *
 * Packets of one size come every 20 ms whether anybody speaks or not, also when
 * the microphone is gone: nobody on the way learns who speaks
 * (docs/protocol.md).
 */
#pragma once
#include "base/base.h"
#include "drivers/audio/audio.h"
#include "drivers/echo/echo.h"
#include "pipelines/elements/vault/vault.h"

enum { VOICE_FRAME_MS = 20, VOICE_BITRATE_BPS = 32000 };

struct voice;

struct voice_config {
	struct audio_config microphone; /* its texts outlive the object */
	struct echo *echo; /* borrowed; NULL: none */
	struct vault *vault; /* borrowed */
	const struct kk_log *log; /* borrowed; written on its thread */
	/* As of encode.h; on the microphone's thread. */
	void (*packet)(void *arg, uint8_t *packet, size_t bytes);
	void (*speaking)(void *arg, bool is_speaking);
	void *arg;
};

/* Starts its thread.  Errors: KK_EUNSUP no Opus, KK_ENOMEM. */
MUST_CHECK enum kk_err voice_new(struct voice **voicep,
    const struct voice_config *config);
void voice_free(struct voice *voice); /* waits; NULL is fine */
/*
 * From now on its packets say in clear how loud they are, or no more, as at
 * first: in the header extension WIRE_RTP_LEVEL_ID (RFC 6464).  Whoever is on
 * the way learns from it who speaks.  Any thread.
 */
void voice_level_tell(struct voice *voice, bool is_told);
bool voice_is_on(struct voice *voice); /* there is a microphone; any thread */
