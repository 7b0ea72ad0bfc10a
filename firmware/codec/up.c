/* up.c - a tick at a lower rate becomes one at ours. */
#include <string.h>

#include "codec/codec_private.h"

struct codec_up {
	SpeexResamplerState *state; /* NULL: the rates are the same */
	unsigned samples; /* of a tick, at the lower rate */
};

void codec_up_free(struct codec_up *u)
{
	if (!u)
		return;
	if (u->state)
		speex_resampler_destroy(u->state);
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
		u->state = speex_resampler_init(1, hz, CODEC_HZ,
		    CODEC_QUALITY_UP, NULL);
		if (!u->state) {
			kk_free(u);
			return KK_ENOMEM;
		}
	}
	*up = u;
	return KK_OK;
}

void codec_up_run(struct codec_up *u, const int16_t *low, int16_t *pcm)
{
	spx_uint32_t in_count = u->samples, out_count = CODEC_TICK_SAMPLES;

	if (!u->state)
		memcpy(pcm, low, CODEC_TICK_SAMPLES * sizeof(*pcm));
	else if (speex_resampler_process_int(u->state, 0, low, &in_count, pcm,
		     &out_count) != RESAMPLER_ERR_SUCCESS ||
	    out_count != CODEC_TICK_SAMPLES)
		memset(pcm, 0, CODEC_TICK_SAMPLES * sizeof(*pcm));
}

void codec_up_restart(struct codec_up *u)
{
	if (u->state)
		(void)speex_resampler_reset_mem(u->state);
}
