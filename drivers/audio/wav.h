/*
 * wav.h - sound files: RIFF WAVE with 16 bits a sample, and nothing else.
 *
 * Source: Multimedia Programming Interface and Data Specifications 1.0 (IBM,
 * Microsoft, 1991), "RIFF" and "WAVE".
 */
#pragma once
#include "base/base.h"

enum {
	WAV_HEADER_BYTES = 44,
	WAV_RATE_MIN_HZ = 8000,
	WAV_RATE_MAX_HZ = 192000,
	WAV_CHANNELS_MAX = 8
};

/*
 * Reads a file, as 48 kHz mono: channels are averaged, other rates
 * interpolated.  A data chunk that says to be longer than the file ends with
 * it, as those of programs that write into a pipe.  *samples is the caller's,
 * to be released with kk_free(); on error it is left alone.
 * Errors: KK_ETRUNC it ends before its sound; KK_EFORMAT no such file;
 * KK_EUNSUP not 16-bit PCM, or a rate or channels out of range; KK_ENOMEM.
 */
MUST_CHECK enum kk_err wav_read(struct kk_view file, int16_t **samples,
    size_t *count);

/* The header of a 48 kHz mono file of count samples. */
void wav_header_write(uint8_t out[WAV_HEADER_BYTES], uint32_t count);
