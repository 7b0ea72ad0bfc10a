/*
 * echo.h - cleans a microphone's sound: takes out the loudspeaker's echo and
 * steady noise, and evens the level.  Zone: media.
 *
 * All sound is 48 kHz, mono, 16 bits, in frames of 10 ms.  Each frame that goes
 * to the loudspeaker is shown to echo_reverse(), and each one from the
 * microphone goes through echo_capture(), at the same pace: a device that has
 * one clock for both is best.  Who has no sound for the loudspeaker shows
 * silence; frames must not be left out.
 *
 * One thread may call echo_reverse() while another calls echo_capture(); else
 * one thread at a time.
 */
#pragma once
#include "base/base.h"

enum {
	ECHO_RATE_HZ = 48000,
	ECHO_FRAME_MS = 10,
	ECHO_FRAME_SAMPLES = 480,
	ECHO_DELAY_MAX_MS = 500
};

struct echo;

struct echo_config {
	bool cancels_echo;
	bool suppresses_noise;
	bool controls_gain;
};

/*
 * On success *echop is the caller's; on error it is left alone.
 * echo_webrtc_new: libwebrtc-audio-processing.  echo_sandbox_new: nothing is
 * done to the sound, as for a file or a synthetic microphone, which hear no
 * room.
 * Errors: KK_ENOMEM; KK_EUNSUP not in this build.
 */
MUST_CHECK enum kk_err echo_webrtc_new(struct echo **echop,
    const struct echo_config *config);
MUST_CHECK enum kk_err echo_sandbox_new(struct echo **echop);
void echo_free(struct echo *echo); /* NULL is fine */

/* Shows what goes to the loudspeaker: ECHO_FRAME_SAMPLES, unchanged.
 * Errors: KK_EIO the library failed. */
MUST_CHECK enum kk_err echo_reverse(struct echo *echo, const int16_t *samples);

/*
 * Cleans one frame in place.  delay_ms: from showing a frame to echo_reverse()
 * until its echo is in a frame here, that is what waits in the buffers of
 * loudspeaker and microphone; a guess will do, the rest is found out.
 * Errors: KK_EINVAL delay over ECHO_DELAY_MAX_MS; KK_EIO the library failed,
 * and the frame is as it was.
 */
MUST_CHECK enum kk_err echo_capture(struct echo *echo, int16_t *samples,
    unsigned delay_ms);
