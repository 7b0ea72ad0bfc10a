/* play.c - the sound, as a file and out of a loudspeaker. */
#include "drivers/audio/wav.h"
#include "pipelines/loopback/loopback_private.h"
#include "program/program.h"

enum { RETRY_MS = 1000 };

struct play {
	const struct loopback_config *config; /* borrowed */
	int16_t samples[TUNE_SAMPLES];
	GThread *thread;
	GMutex lock;
	GCond stopping;
	bool is_stopping;
};

enum kk_err loopback_sound_write(int folder, const char *name,
    const uint8_t nonce[LOOPBACK_NONCE_BYTES])
{
	const size_t bytes = TUNE_SAMPLES * sizeof(int16_t);
	uint8_t *file = kk_calloc(1, WAV_HEADER_BYTES + bytes);
	int16_t *samples = kk_calloc(TUNE_SAMPLES, sizeof(*samples));
	enum kk_err err = file && samples ? KK_OK : KK_ENOMEM;

	if (!err) {
		wav_header_write(file, TUNE_SAMPLES);
		tune_make(nonce + LOOPBACK_TUNE_AT, samples);
		for (size_t i = 0; i < TUNE_SAMPLES; i++) {
			const uint16_t s = (uint16_t)samples[i];

			file[WAV_HEADER_BYTES + 2 * i] = (uint8_t)s;
			file[WAV_HEADER_BYTES + 2 * i + 1] = (uint8_t)(s >> 8);
		}
		err = program_file_write(folder, name,
		    kk_view_of(file, WAV_HEADER_BYTES + bytes));
	}
	kk_free(samples);
	kk_free(file);
	return err;
}

static bool goes_on(struct play *p)
{
	bool is;

	g_mutex_lock(&p->lock);
	is = !p->is_stopping;
	g_mutex_unlock(&p->lock);
	return is;
}

static void retry_wait(struct play *p)
{
	const int64_t end_us = g_get_monotonic_time() +
	    RETRY_MS * G_TIME_SPAN_MILLISECOND;

	g_mutex_lock(&p->lock);
	while (!p->is_stopping &&
	    g_cond_wait_until(&p->stopping, &p->lock, end_us))
		;
	g_mutex_unlock(&p->lock);
}

/* Until the loudspeaker is gone, or the end. */
static void sound_play(struct play *p, struct audio *loudspeaker)
{
	size_t at = 0;

	while (goes_on(p) && !audio_write(loudspeaker, p->samples + at))
		at = (at + AUDIO_BLOCK_SAMPLES) % TUNE_SAMPLES;
}

static gpointer run(gpointer arg)
{
	struct play *p = arg;
	const struct audio_config config = { .kind = p->config->loudspeaker };

	while (goes_on(p)) {
		struct audio *loudspeaker = NULL;
		enum kk_err err = audio_loudspeaker_open(&loudspeaker, &config);

		if (err)
			kk_log(p->config->log, KK_LOG_WARNING,
			    "no loudspeaker %s: %s", config.kind,
			    kk_err_text(err));
		else
			sound_play(p, loudspeaker);
		audio_close(loudspeaker);
		retry_wait(p);
	}
	return NULL;
}

struct play *play_new(const struct loopback_config *config)
{
	struct play *p = g_new0(struct play, 1);

	_Static_assert(TUNE_SAMPLES % AUDIO_BLOCK_SAMPLES == 0, "whole blocks");
	p->config = config;
	tune_make(config->nonce + LOOPBACK_TUNE_AT, p->samples);
	g_mutex_init(&p->lock);
	g_cond_init(&p->stopping);
	p->thread = g_thread_new("loudspeaker", run, p);
	return p;
}

void play_free(struct play *play)
{
	if (!play)
		return;
	g_mutex_lock(&play->lock);
	play->is_stopping = true;
	g_cond_broadcast(&play->stopping);
	g_mutex_unlock(&play->lock);
	g_thread_join(play->thread);
	g_mutex_clear(&play->lock);
	g_cond_clear(&play->stopping);
	g_free(play);
}
