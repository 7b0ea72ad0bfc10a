/* alsa.c - sound cards. */
#define _GNU_SOURCE /* its header wants struct timespec */
#include <alsa/asoundlib.h>
#include <string.h>

#include "drivers/audio/audio_internal.h"

enum {
	LATENCY_US = 60000, /* of the card's buffer */
	TRIES = 8, /* after an overrun or underrun, or when it gives nothing */
	WAIT_MS = 1000 /* no card takes that long for a block */
};

struct card {
	snd_pcm_t *pcm;
};

/* So many of a block's samples, one way or the other. */
typedef snd_pcm_sframes_t move_fn(snd_pcm_t *pcm, int16_t *samples,
    snd_pcm_uframes_t count);

static snd_pcm_sframes_t part_read(snd_pcm_t *pcm, int16_t *samples,
    snd_pcm_uframes_t count)
{
	return snd_pcm_readi(pcm, samples, count);
}

static snd_pcm_sframes_t part_write(snd_pcm_t *pcm, int16_t *samples,
    snd_pcm_uframes_t count)
{
	return snd_pcm_writei(pcm, samples, count);
}

/* A card that hears starts at the first read, however small: what
 * snd_pcm_set_params() sets is a read of the whole buffer. */
static int hearing_start(snd_pcm_t *pcm)
{
	snd_pcm_sw_params_t *sw;
	int err = snd_pcm_sw_params_malloc(&sw);

	if (err < 0)
		return err;
	err = snd_pcm_sw_params_current(pcm, sw);
	if (!err)
		err = snd_pcm_sw_params_set_start_threshold(pcm, sw, 1);
	if (!err)
		err = snd_pcm_sw_params(pcm, sw);
	snd_pcm_sw_params_free(sw);
	return err;
}

static int params_set(snd_pcm_t *pcm, bool is_microphone)
{
	int err = snd_pcm_set_params(pcm, SND_PCM_FORMAT_S16,
	    SND_PCM_ACCESS_RW_INTERLEAVED, 1, AUDIO_RATE_HZ, 1, LATENCY_US);

	return err < 0 || !is_microphone ? err : hearing_start(pcm);
}

/* A whole block; after an overrun the card is begun again. */
static enum kk_err block_move(struct card *c, move_fn *move, int16_t *samples)
{
	size_t done = 0;

	for (int tries = 0; done < AUDIO_BLOCK_SAMPLES && tries < TRIES;) {
		snd_pcm_sframes_t n = move(c->pcm, samples + done,
		    AUDIO_BLOCK_SAMPLES - done);

		if (n == -EAGAIN)
			n = snd_pcm_wait(c->pcm, WAIT_MS) > 0 ? 0 : -EIO;
		if (n > 0)
			done += (size_t)n;
		else
			tries++;
		/* The kernel waits for 100 ms, then calls it an error: a
		 * machine that is busy is later. */
		if (n < 0 && n != -EIO &&
		    snd_pcm_recover(c->pcm, (int)n, 1) < 0)
			return KK_EIO;
	}
	return done == AUDIO_BLOCK_SAMPLES ? KK_OK : KK_EIO;
}

static enum kk_err card_read(void *ctx, int16_t *samples)
{
	return block_move(ctx, part_read, samples);
}

static enum kk_err card_write(void *ctx, const int16_t *samples)
{
	int16_t copy[AUDIO_BLOCK_SAMPLES];

	memcpy(copy, samples, sizeof(copy));
	return block_move(ctx, part_write, copy);
}

static void card_close(void *ctx)
{
	struct card *c = ctx;

	(void)snd_pcm_close(c->pcm);
	kk_free(c);
}

static const struct audio_ops microphone_ops = { .read = card_read,
	.close = card_close,
	.hears_room = true };
static const struct audio_ops loudspeaker_ops = { .write = card_write,
	.close = card_close,
	.hears_room = true };

/* The library would tell of a card that is not there at each try; who opens it
 * does so once. */
static void not_told(const char *file, int line, const char *function, int err,
    const char *format, va_list args)
{
	(void)file;
	(void)line;
	(void)function;
	(void)err;
	(void)format;
	(void)args;
}

enum kk_err audio_alsa_open(struct audio **audiop, const char *device,
    bool is_microphone)
{
	struct card *c = kk_calloc(1, sizeof(*c));
	snd_pcm_stream_t stream = is_microphone ? SND_PCM_STREAM_CAPTURE :
						  SND_PCM_STREAM_PLAYBACK;

	if (!c)
		return KK_ENOMEM;
	(void)snd_lib_error_set_local(not_told); /* of this thread */
	if (snd_pcm_open(&c->pcm, device, stream, 0) < 0) {
		kk_free(c);
		return KK_ENOENT;
	}
	if (params_set(c->pcm, is_microphone) < 0) {
		card_close(c);
		return KK_EUNSUP;
	}
	return audio_new(audiop,
	    is_microphone ? &microphone_ops : &loudspeaker_ops, c);
}
