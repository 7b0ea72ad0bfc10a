/* audio.c - finding the kind of a device. */
#include <string.h>

#include "drivers/audio/audio_internal.h"

struct audio {
	const struct audio_ops *ops;
	void *ctx;
};

static const char alsa_prefix[] = "alsa:";

enum kk_err audio_new(struct audio **audiop, const struct audio_ops *ops,
    void *ctx)
{
	struct audio *audio = kk_calloc(1, sizeof(*audio));

	if (!audio) {
		ops->close(ctx);
		return KK_ENOMEM;
	}
	*audio = (struct audio){ ops, ctx };
	*audiop = audio;
	return KK_OK;
}

#ifdef KK_AUDIO_ALSA
static bool is_auto(const char *kind)
{
	const char *words = kind + sizeof(AUDIO_AUTO) - 1;

	return !strncmp(kind, AUDIO_AUTO, sizeof(AUDIO_AUTO) - 1) &&
	    (!*words || *words == ':');
}
#endif

static enum kk_err alsa_open(struct audio **audiop,
    const struct audio_config *config, bool is_microphone)
{
#ifdef KK_AUDIO_ALSA
	if (is_auto(config->kind))
		return audio_auto_open(audiop, config, is_microphone);
	return audio_alsa_open(audiop, config->kind + sizeof(alsa_prefix) - 1,
	    is_microphone);
#else
	(void)audiop;
	(void)config;
	(void)is_microphone;
	return KK_EUNSUP;
#endif
}

static bool is_alsa(const char *kind)
{
	return !strncmp(kind, alsa_prefix, sizeof(alsa_prefix) - 1);
}

enum kk_err audio_microphone_open(struct audio **audiop,
    const struct audio_config *config)
{
	if (is_alsa(config->kind))
		return alsa_open(audiop, config, true);
	if (strcmp(config->kind, "synthetic") != 0)
		return audio_wav_in_open(audiop, config->kind);
#ifdef KK_AUDIO_SANDBOX
	return audio_sandbox_open(audiop, config);
#else
	return KK_EUNSUP;
#endif
}

enum kk_err audio_loudspeaker_open(struct audio **audiop,
    const struct audio_config *config)
{
	if (is_alsa(config->kind))
		return alsa_open(audiop, config, false);
	if (!strcmp(config->kind, "none"))
		return audio_none_open(audiop);
	return audio_wav_out_open(audiop, config->kind);
}

enum kk_err audio_read(struct audio *audio, int16_t *samples)
{
	return audio->ops->read ? audio->ops->read(audio->ctx, samples) :
				  KK_EINVAL;
}

enum kk_err audio_write(struct audio *audio, const int16_t *samples)
{
	return audio->ops->write ? audio->ops->write(audio->ctx, samples) :
				   KK_EINVAL;
}

bool audio_hears_room(const struct audio *audio)
{
	return audio->ops->hears_room;
}

void audio_close(struct audio *audio)
{
	if (!audio)
		return;
	audio->ops->close(audio->ctx);
	kk_free(audio);
}
