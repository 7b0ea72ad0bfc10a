/*
 * room.h - a loudspeaker, a microphone, and the way of the sound between them.
 *
 * All sound is at ECHO_RATE_HZ.  Echo is the far end's sound, late and through
 * reflections that die away: the samples are delayed, as in a room.
 */
#pragma once
#include "drivers/echo/echo.h"
#include "harness/tap.h"

enum { ROOM_DELAY_MS = 120, ROOM_SECONDS_MAX = 30 };

struct sound {
	int16_t *samples;
	size_t count;
};

/* What espeak-ng says, again and again until it is so long; level in dB below
 * full scale (RMS while it is there). */
struct sound sound_speech(const char *voice, const char *text, size_t seconds,
    double level_db);
struct sound sound_silence(size_t seconds);
struct sound sound_noise(size_t seconds, double level_db);
struct sound sound_copy(struct sound from);
void sound_free(struct sound *s);
void sound_quiet(struct sound *s, size_t from_s, size_t to_s); /* silences */

/* What the microphone hears of the loudspeaker. */
struct sound room_echo(struct sound far, double loss_db);
/* Sum, clipped; both of the same length. */
void sound_add(struct sound *to, struct sound what);

/* Runs both through the canceller, frame by frame; mic becomes the output. */
void room_run(struct echo *echo, struct sound far, struct sound *mic,
    unsigned delay_ms);

/* RMS in dB of full scale. */
double sound_level_db(struct sound s, size_t from_s, size_t to_s);
/* The largest normalised correlation, with b up to 30 ms later than a. */
double sound_likeness(struct sound a, struct sound b, size_t from_s,
    size_t to_s);
