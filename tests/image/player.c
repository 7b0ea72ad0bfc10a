/* player.c - plays a voice into a sound card, for ever: beats of a tone, since
 * what never ends is noise, which a microphone's cleaning takes out. */
#include <alsa/asoundlib.h>
#include <math.h>
#include <stdio.h>

enum {
	RATE_HZ = 48000,
	TONE_HZ = 1000,
	BLOCK_SAMPLES = 480,
	BEAT_SAMPLES = 7680, /* 160 ms, and as long a pause */
	LATENCY_US = 500000,
	LEVEL = 10000
};

static const double two_pi = 6.283185307179586;

static void block_fill(int16_t *block, unsigned long at)
{
	for (int i = 0; i < BLOCK_SAMPLES; i++, at++) {
		int is_on = at / BEAT_SAMPLES % 2 == 0;

		block[i] = (int16_t)(is_on * LEVEL *
		    sin(two_pi * TONE_HZ * (double)(at % RATE_HZ) / RATE_HZ));
	}
}

static int play(snd_pcm_t *pcm)
{
	int16_t block[BLOCK_SAMPLES];
	long n = 0;

	for (unsigned long at = 0; n >= 0; at += BLOCK_SAMPLES) {
		block_fill(block, at);
		n = snd_pcm_writei(pcm, block, BLOCK_SAMPLES);
		if (n < 0)
			n = snd_pcm_recover(pcm, (int)n, 1);
	}
	return (int)n;
}

int main(int argc, char **argv)
{
	snd_pcm_t *pcm;
	int err;

	if (argc != 2) {
		(void)fputs("usage: player DEVICE\n", stderr);
		return 2;
	}
	err = snd_pcm_open(&pcm, argv[1], SND_PCM_STREAM_PLAYBACK, 0);
	if (!err)
		err = snd_pcm_set_params(pcm, SND_PCM_FORMAT_S16,
		    SND_PCM_ACCESS_RW_INTERLEAVED, 1, RATE_HZ, 1, LATENCY_US);
	if (!err)
		err = play(pcm);
	(void)fprintf(stderr, "player: %s: %s\n", argv[1], snd_strerror(err));
	return 1;
}
