/* sounds.c - prompts from WAV files, and music where there is no file of it. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "drivers/audio/wav.h"
#include "lined.h"

enum {
	FILE_MAX_BYTES = 16 * 1024 * 1024,
	PATH_BYTES = 512,
	NOTE_SAMPLES = 24000, /* half a second */
	NOTES = 16,
	MUSIC = IVR_PROMPT_COUNT /* its place behind the prompts */
};

static const char *const languages[LINED_LANGUAGES] = { "en", "de" };

static enum kk_err file_read(const char *folder, const char *language,
    const char *name, int16_t **pcm, size_t *samples)
{
	char path[PATH_BYTES];
	struct kk_bytes file;
	const int n = snprintf(path, sizeof(path), "%s/%s/%s.wav", folder,
	    language, name);
	enum kk_err err;

	if (n < 0 || (size_t)n >= sizeof(path))
		return KK_EINVAL;
	err = program_file_read(path, FILE_MAX_BYTES, &file);
	if (!err)
		err = wav_read(kk_bytes_view(&file), pcm, samples);
	kk_bytes_clear(&file);
	return err;
}

/* The site's own first.  One of it that is no sound is an error, one that is
 * not there is none. */
static enum kk_err sound_read(struct lined_sounds *s, size_t language,
    size_t at, const char *prompts, const char *own, const char *name)
{
	struct line_sounds *of = &s->of[language];
	struct line_sound *sound = at == MUSIC ? &of->music : &of->prompt[at];
	int16_t *pcm = NULL;
	size_t samples = 0;
	enum kk_err err = KK_ENOENT;

	if (own)
		err = file_read(own, languages[language], name, &pcm, &samples);
	if (err == KK_ENOENT)
		err = file_read(prompts, languages[language], name, &pcm,
		    &samples);
	if (err)
		return err;
	s->owned[language][at] = pcm;
	*sound = (struct line_sound){ pcm, samples };
	return KK_OK;
}

/* A slow row of soft notes: that somebody waits, and is still there. */
static enum kk_err music_make(struct lined_sounds *s, size_t language)
{
	static const float hz[NOTES] = { 262, 330, 392, 330, 0, 0, 0, 0, 220,
		262, 330, 262, 0, 0, 0, 0 };
	const size_t samples = (size_t)NOTES * NOTE_SAMPLES;
	int16_t *pcm = kk_calloc(samples, sizeof(*pcm));

	if (!pcm)
		return KK_ENOMEM;
	for (size_t i = 0; i < samples; i++) {
		const float t = (float)(i % NOTE_SAMPLES) / CODEC_HZ;
		const float rise = t < 0.02F ? t / 0.02F : 1;
		const float fall = 1 - t / (NOTE_SAMPLES / (float)CODEC_HZ);

		pcm[i] = (int16_t)lrintf(1200 * rise * fall *
		    sinf(6.2831853F * hz[i / NOTE_SAMPLES] * t));
	}
	s->owned[language][MUSIC] = pcm;
	s->of[language].music = (struct line_sound){ pcm, samples };
	return KK_OK;
}

static enum kk_err language_read(struct lined_sounds *s, size_t language,
    const char *prompts, const char *own)
{
	enum kk_err err;

	for (size_t p = 0; p < IVR_PROMPT_COUNT; p++) {
		err = sound_read(s, language, p, prompts, own,
		    ivr_prompt_name((enum ivr_prompt)p));
		if (err && err != KK_ENOENT)
			return err;
		s->missing += err == KK_ENOENT;
	}
	err = sound_read(s, language, MUSIC, prompts, own, "music");
	return err == KK_ENOENT ? music_make(s, language) : err;
}

enum kk_err lined_sounds_read(struct lined_sounds *s, const char *prompts,
    const char *own)
{
	enum kk_err err = KK_OK;

	for (size_t l = 0; !err && l < LINED_LANGUAGES; l++)
		err = language_read(s, l, prompts, own);
	return err;
}

void lined_sounds_clear(struct lined_sounds *s)
{
	for (size_t l = 0; l < LINED_LANGUAGES; l++) {
		for (size_t p = 0; p < KK_ARRAY_LEN(s->owned[l]); p++)
			kk_free(s->owned[l][p]);
	}
	*s = (struct lined_sounds){ .missing = 0 };
}
