/* up.c - a tick at a lower rate becomes one at ours. */
#include <string.h>

#include "codec/codec_private.h"

struct codec_up {
	struct codec_rate *rate; /* NULL: the rates are the same */
	unsigned samples; /* of a tick, at the lower rate */
};

void codec_up_free(struct codec_up *u)
{
	if (!u)
		return;
	codec_rate_free(u->rate);
	kk_free(u);
}

enum kk_err codec_up_new(struct codec_up **up, unsigned hz)
{
	struct codec_up *u;

	if (hz != 8000 && hz != 16000 && hz != CODEC_HZ)
		return KK_EINVAL;
	u = kk_calloc(1, sizeof(*u));
	if (!u)
		return KK_ENOMEM;
	u->samples = hz / (CODEC_HZ / CODEC_TICK_SAMPLES);
	if (hz != CODEC_HZ) {
		u->rate = codec_rate_new(CODEC_WAY_UP, CODEC_HZ / hz);
		if (!u->rate) {
			kk_free(u);
			return KK_ENOMEM;
		}
	}
	*up = u;
	return KK_OK;
}

void codec_up_run(struct codec_up *u, const int16_t *low, int16_t *pcm)
{
	if (u->rate)
		codec_rate_up(u->rate, low, u->samples, pcm);
	else
		memcpy(pcm, low, CODEC_TICK_SAMPLES * sizeof(*pcm));
}

void codec_up_restart(struct codec_up *u)
{
	if (u->rate)
		codec_rate_restart(u->rate);
}
