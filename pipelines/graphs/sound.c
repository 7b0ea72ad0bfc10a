/* sound.c - all members' sound, mixed. */
#include "pipelines/graphs/sound.h"

#include <glib.h>
#include <string.h>

#include "pipelines/graphs/ring_tone.h"
#include "pipelines/graphs/sound_line.h"

enum { RETRY_BLOCKS = 100, LIMIT = 32767, KNEE = 24576 };

struct sound {
	struct sound_config config;
	GThread *thread;
	gint is_stopping, is_ringing;
	struct ring_tone tone; /* the thread's */
	GMutex lock; /* of lines */
	GHashTable *lines; /* leaf -> struct sound_line */
	struct audio *loudspeaker; /* NULL: none now */
	struct audio *silence; /* keeps the pace in its place */
	unsigned gone_blocks;
	bool is_told;
};

void sound_packet(struct sound *sound, uint32_t leaf, struct kk_view packet,
    unsigned lost)
{
	struct sound_line *line;

	g_mutex_lock(&sound->lock);
	line = g_hash_table_lookup(sound->lines, GUINT_TO_POINTER(leaf));
	if (!line && !sound_line_new(&line))
		g_hash_table_insert(sound->lines, GUINT_TO_POINTER(leaf), line);
	if (line)
		sound_line_packet(line, packet, lost);
	g_mutex_unlock(&sound->lock);
}

void sound_leave(struct sound *sound, uint32_t leaf)
{
	g_mutex_lock(&sound->lock);
	g_hash_table_remove(sound->lines, GUINT_TO_POINTER(leaf));
	g_mutex_unlock(&sound->lock);
}

void sound_ring(struct sound *sound, bool is_ringing)
{
	g_atomic_int_set(&sound->is_ringing, is_ringing);
}

/* Two who speak at once may be louder than there is room for: bent, not
 * cut. */
static int16_t soft_limit(int32_t level)
{
	int64_t size = level < 0 ? -(int64_t)level : level;

	if (size > KNEE) {
		int64_t over = size - KNEE, room = LIMIT - KNEE;

		size = KNEE + over * room / (over + room);
	}
	return (int16_t)(level < 0 ? -size : size);
}

static void block_mix(struct sound *s, int16_t *out)
{
	int32_t sum[AUDIO_BLOCK_SAMPLES] = { 0 };
	GHashTableIter it;
	gpointer line;

	g_mutex_lock(&s->lock);
	g_hash_table_iter_init(&it, s->lines);
	while (g_hash_table_iter_next(&it, NULL, &line))
		sound_line_mix(line, sum);
	g_mutex_unlock(&s->lock);
	ring_tone_mix(&s->tone, g_atomic_int_get(&s->is_ringing), sum);
	for (int i = 0; i < AUDIO_BLOCK_SAMPLES; i++)
		out[i] = soft_limit(sum[i]);
}

static void loudspeaker_open(struct sound *s)
{
	enum kk_err err = audio_loudspeaker_open(&s->loudspeaker,
	    &s->config.loudspeaker);

	if (err && !s->is_told)
		kk_log(s->config.log, KK_LOG_WARNING,
		    "no loudspeaker %s: %s err=%s", s->config.loudspeaker.kind,
		    kk_err_text(err), kk_err_name(err));
	if (!err && s->is_told)
		kk_log(s->config.log, KK_LOG_INFO, "the loudspeaker is back");
	s->is_told = err != KK_OK;
}

static void loudspeaker_lose(struct sound *s)
{
	kk_log(s->config.log, KK_LOG_WARNING, "the loudspeaker %s is gone",
	    s->config.loudspeaker.kind);
	audio_close(s->loudspeaker);
	s->loudspeaker = NULL;
	s->gone_blocks = 1; /* tried again in a second */
	s->is_told = true;
}

static void block_write(struct sound *s, const int16_t *samples)
{
	if (!s->loudspeaker && s->gone_blocks++ % RETRY_BLOCKS == 0)
		loudspeaker_open(s);
	if (s->loudspeaker && !audio_write(s->loudspeaker, samples))
		return;
	if (s->loudspeaker)
		loudspeaker_lose(s);
	(void)!audio_write(s->silence, samples); /* it cannot fail */
}

static gpointer run(gpointer arg)
{
	int16_t block[AUDIO_BLOCK_SAMPLES];
	struct sound *s = arg;

	while (!g_atomic_int_get(&s->is_stopping)) {
		block_mix(s, block);
		/* Without it, the echo stays in for these 10 ms. */
		if (s->config.echo)
			(void)!echo_reverse(s->config.echo, block);
		block_write(s, block);
	}
	return NULL;
}

static void line_release(gpointer line)
{
	sound_line_free(line);
}

enum kk_err sound_new(struct sound **soundp, const struct sound_config *config)
{
	const struct audio_config none = { .kind = "none" };
	struct sound *s = g_new0(struct sound, 1);
	enum kk_err err;

	s->config = *config;
	g_mutex_init(&s->lock);
	s->lines = g_hash_table_new_full(NULL, NULL, NULL, line_release);
	err = audio_loudspeaker_open(&s->silence, &none);
	if (err) {
		sound_free(s);
		return err;
	}
	s->thread = g_thread_new("loudspeaker", run, s);
	*soundp = s;
	return KK_OK;
}

void sound_free(struct sound *sound)
{
	if (!sound)
		return;
	g_atomic_int_set(&sound->is_stopping, 1);
	if (sound->thread)
		g_thread_join(sound->thread);
	audio_close(sound->loudspeaker);
	audio_close(sound->silence);
	g_hash_table_unref(sound->lines);
	g_mutex_clear(&sound->lock);
	g_free(sound);
}
