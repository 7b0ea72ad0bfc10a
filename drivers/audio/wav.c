/* wav.c - reading sound files, and the header of one. */
#include "drivers/audio/wav.h"

#include <string.h>

#include "drivers/audio/audio.h"

enum {
	ID_BYTES = 4,
	CHUNK_BYTES = 8, /* its id and length */
	RIFF_BYTES = 12,
	FORMAT_BYTES = 16,
	FORMAT_PCM = 1,
	FORMAT_EXTENSIBLE = 0xfffe,
	SAMPLE_BYTES = 2,
	SAMPLE_BITS = 16
};

static uint16_t le16(const uint8_t *at)
{
	return (uint16_t)(at[0] | at[1] << 8);
}

static uint32_t le32(const uint8_t *at)
{
	return (uint32_t)le16(at) | (uint32_t)le16(at + 2) << 16;
}

struct wav {
	const uint8_t *format; /* NULL: not seen yet */
	struct kk_view data;
};

/* Goes through the chunks until the one with the sound. */
static enum kk_err chunks_walk(struct wav *wav, struct kk_view file)
{
	size_t at = RIFF_BYTES;

	while (file.bytes - at >= CHUNK_BYTES) {
		const uint8_t *chunk = file.data + at;
		size_t bytes = le32(chunk + ID_BYTES);
		size_t left = file.bytes - at - CHUNK_BYTES;

		if (!memcmp(chunk, "data", ID_BYTES)) {
			wav->data = kk_view_of(chunk + CHUNK_BYTES,
			    bytes < left ? bytes : left);
			return wav->format ? KK_OK : KK_EFORMAT;
		}
		if (bytes > left)
			return KK_ETRUNC;
		if (!memcmp(chunk, "fmt ", ID_BYTES)) {
			if (bytes < FORMAT_BYTES)
				return KK_EFORMAT;
			wav->format = chunk + CHUNK_BYTES;
		}
		at += CHUNK_BYTES + bytes;
		at += (bytes & 1) && at < file.bytes; /* chunks are even */
	}
	return KK_ETRUNC;
}

/* The mean of a frame's channels. */
static int frame_level(const uint8_t *frame, unsigned channels)
{
	int sum = 0;

	for (unsigned i = 0; i < channels; i++)
		sum += (int16_t)le16(frame + (size_t)i * SAMPLE_BYTES);
	return sum / (int)channels;
}

static enum kk_err convert(const struct wav *wav, unsigned channels,
    uint32_t rate_hz, int16_t **samples, size_t *count)
{
	const size_t frame_bytes = (size_t)channels * SAMPLE_BYTES;
	const size_t frames = wav->data.bytes / frame_bytes;
	const uint8_t *data = wav->data.data;
	size_t n = (size_t)((uint64_t)frames * AUDIO_RATE_HZ / rate_hz);
	int16_t *out;

	if (n == 0)
		return KK_ETRUNC;
	out = kk_calloc(n, sizeof(*out));
	if (!out)
		return KK_ENOMEM;
	for (size_t i = 0; i < n; i++) {
		uint64_t at = (uint64_t)i * rate_hz;
		size_t from = (size_t)(at / AUDIO_RATE_HZ);
		size_t to = from + 1 < frames ? from + 1 : from;
		int64_t part = (int64_t)(at % AUDIO_RATE_HZ);
		int a = frame_level(data + from * frame_bytes, channels);
		int b = frame_level(data + to * frame_bytes, channels);

		out[i] = (int16_t)(a + (b - a) * part / AUDIO_RATE_HZ);
	}
	*samples = out;
	*count = n;
	return KK_OK;
}

enum kk_err wav_read(struct kk_view file, int16_t **samples, size_t *count)
{
	struct wav wav = { 0 };
	unsigned channels;
	uint32_t rate_hz;
	enum kk_err err;

	if (file.bytes < RIFF_BYTES)
		return KK_ETRUNC;
	if (memcmp(file.data, "RIFF", ID_BYTES) != 0 ||
	    memcmp(file.data + CHUNK_BYTES, "WAVE", ID_BYTES) != 0)
		return KK_EFORMAT;
	err = chunks_walk(&wav, file);
	if (err)
		return err;
	channels = le16(wav.format + 2);
	rate_hz = le32(wav.format + 4);
	if ((le16(wav.format) != FORMAT_PCM &&
		le16(wav.format) != FORMAT_EXTENSIBLE) ||
	    le16(wav.format + 14) != SAMPLE_BITS || channels == 0 ||
	    channels > WAV_CHANNELS_MAX || rate_hz < WAV_RATE_MIN_HZ ||
	    rate_hz > WAV_RATE_MAX_HZ)
		return KK_EUNSUP;
	return convert(&wav, channels, rate_hz, samples, count);
}

static void put16(uint8_t *at, uint16_t n)
{
	at[0] = (uint8_t)n;
	at[1] = (uint8_t)(n >> 8);
}

static void put32(uint8_t *at, uint32_t n)
{
	put16(at, (uint16_t)n);
	put16(at + 2, (uint16_t)(n >> 16));
}

void wav_header_write(uint8_t out[WAV_HEADER_BYTES], uint32_t count)
{
	const uint32_t bytes = count * SAMPLE_BYTES;

	memcpy(out, "RIFF....WAVEfmt ....................data",
	    WAV_HEADER_BYTES - 4);
	put32(out + 4, bytes + WAV_HEADER_BYTES - CHUNK_BYTES);
	put32(out + 16, FORMAT_BYTES);
	put16(out + 20, FORMAT_PCM);
	put16(out + 22, 1);
	put32(out + 24, AUDIO_RATE_HZ);
	put32(out + 28, AUDIO_RATE_HZ * SAMPLE_BYTES);
	put16(out + 32, SAMPLE_BYTES);
	put16(out + 34, SAMPLE_BITS);
	put32(out + 40, bytes);
}
