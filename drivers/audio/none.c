/* none.c - a loudspeaker that is not there. */
#include "drivers/audio/audio_internal.h"

static enum kk_err none_write(void *ctx, const int16_t *samples)
{
	(void)samples;
	audio_pace_wait(ctx);
	return KK_OK;
}

static void none_close(void *ctx)
{
	kk_free(ctx);
}

static const struct audio_ops none_ops = { .write = none_write,
	.close = none_close };

enum kk_err audio_none_open(struct audio **audiop)
{
	struct audio_pace *pace = kk_calloc(1, sizeof(*pace));

	return pace ? audio_new(audiop, &none_ops, pace) : KK_ENOMEM;
}
