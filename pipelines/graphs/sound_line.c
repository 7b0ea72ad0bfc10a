/* sound_line.c - one member's sound. */
#include "pipelines/graphs/sound_line.h"

#include <opus.h>
#include <string.h>

#include "drivers/audio/audio.h"

enum {
	MS_SAMPLES = AUDIO_RATE_HZ / 1000,
	ROOM_SAMPLES = SOUND_LINE_ROOM_MS * MS_SAMPLES,
	AHEAD_SAMPLES = SOUND_LINE_AHEAD_MS * MS_SAMPLES,
	/* Above this on average, a sender's clock is faster than ours, or a
	 * burst came: 10 ms are left out. */
	HIGH_SAMPLES = 2 * AHEAD_SAMPLES,
	PACKET_SAMPLES_MAX = 120 * MS_SAMPLES, /* RFC 6716, 2.1.4 */
	LOST_MAX = 5, /* more than that is a pause, not a loss */
	CONCEAL_MS_MAX = 60,
	CONCEAL_STEP_MS = 20,
	FRAME_SAMPLES = CONCEAL_STEP_MS * MS_SAMPLES
};

struct sound_line {
	OpusDecoder *decoder;
	int16_t ring[ROOM_SAMPLES];
	size_t at, count; /* the first one, and how many */
	bool is_running;
	unsigned concealed_ms;
};

enum kk_err sound_line_new(struct sound_line **linep)
{
	struct sound_line *l = kk_calloc(1, sizeof(*l));

	if (!l)
		return KK_ENOMEM;
	l->decoder = opus_decoder_create(AUDIO_RATE_HZ, 1, NULL);
	if (!l->decoder) {
		kk_free(l);
		return KK_ENOMEM;
	}
	*linep = l;
	return KK_OK;
}

void sound_line_free(struct sound_line *line)
{
	if (!line)
		return;
	opus_decoder_destroy(line->decoder);
	kk_free_wiped(line, sizeof(*line));
}

static void samples_skip(struct sound_line *l, size_t count)
{
	l->at = (l->at + count) % ROOM_SAMPLES;
	l->count -= count;
}

static void samples_add(struct sound_line *l, const int16_t *samples,
    size_t count)
{
	if (l->count + count > ROOM_SAMPLES)
		samples_skip(l, l->count + count - ROOM_SAMPLES);
	for (size_t i = 0; i < count; i++)
		l->ring[(l->at + l->count + i) % ROOM_SAMPLES] = samples[i];
	l->count += count;
}

static void decode(struct sound_line *l, struct kk_view packet, int samples,
    bool is_fec)
{
	int16_t out[PACKET_SAMPLES_MAX];
	int n = opus_decode(l->decoder, packet.data, (opus_int32)packet.bytes,
	    out, samples, is_fec);

	if (n > 0)
		samples_add(l, out, (size_t)n);
}

void sound_line_packet(struct sound_line *line, struct kk_view packet,
    unsigned lost)
{
	int samples;

	if (packet.bytes == 0 || packet.bytes > INT32_MAX)
		return;
	samples = opus_packet_get_nb_samples(packet.data,
	    (opus_int32)packet.bytes, AUDIO_RATE_HZ);
	if (samples <= 0)
		return;
	/* All but the last one are guessed, and that one is in this packet
	 * again, at less quality (RFC 6716, 2.1.7). */
	for (unsigned i = 0; lost <= LOST_MAX && i < lost; i++) {
		bool is_last = i + 1 == lost;

		decode(line, is_last ? packet : (struct kk_view){ 0 }, samples,
		    is_last);
	}
	decode(line, packet, PACKET_SAMPLES_MAX, false);
	line->concealed_ms = 0;
}

void sound_line_mix(struct sound_line *line, int32_t *sum)
{
	if (!line->is_running && line->count < AHEAD_SAMPLES)
		return;
	line->is_running = true;
	if (line->count > HIGH_SAMPLES)
		samples_skip(line, AUDIO_BLOCK_SAMPLES);
	if (line->count < AUDIO_BLOCK_SAMPLES) {
		if (line->concealed_ms >= CONCEAL_MS_MAX) {
			line->is_running = false;
			line->concealed_ms = 0;
			return;
		}
		decode(line, (struct kk_view){ 0 }, FRAME_SAMPLES, false);
		line->concealed_ms += CONCEAL_STEP_MS;
	}
	if (line->count < AUDIO_BLOCK_SAMPLES)
		return;
	for (size_t i = 0; i < AUDIO_BLOCK_SAMPLES; i++)
		sum[i] += line->ring[(line->at + i) % ROOM_SAMPLES];
	samples_skip(line, AUDIO_BLOCK_SAMPLES);
}
