/* card.c - a box with a sound card: ALSA's `file` plug-in on pipes, whose other
 * ends are a room in which the loudspeaker is heard by the microphone. */
#define _GNU_SOURCE /* F_SETPIPE_SZ, mkdtemp() */
#include <alsa/asoundlib.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "drivers/audio/audio.h"
#include "drivers/audio/wav.h"
#include "meeting.h"
#include "wire/out.h"

enum {
	PIPE_BYTES = 4096, /* 43 ms of sound, as in a card's buffer */
	BLOCK_BYTES = AUDIO_BLOCK_SAMPLES * 2,
	DELAY_BLOCKS = 3, /* from the loudspeaker to the microphone */
	LOUD = 300, /* a block with words in it, as its mean level */
	SECOND_BLOCKS = 100,
	SSRC_AT = 8
};

/* Cards that are pulled: so many of the next calls fail. */
static struct {
	gint reads, writes;
} pulled;

snd_pcm_sframes_t __real_snd_pcm_readi(snd_pcm_t *pcm, void *to,
    snd_pcm_uframes_t count);
snd_pcm_sframes_t __real_snd_pcm_writei(snd_pcm_t *pcm, const void *from,
    snd_pcm_uframes_t count);
snd_pcm_sframes_t __wrap_snd_pcm_readi(snd_pcm_t *pcm, void *to,
    snd_pcm_uframes_t count);
snd_pcm_sframes_t __wrap_snd_pcm_writei(snd_pcm_t *pcm, const void *from,
    snd_pcm_uframes_t count);

static bool is_pulled(gint *calls)
{
	gint left = g_atomic_int_get(calls);

	if (left > 0)
		g_atomic_int_set(calls, left - 1);
	return left > 0;
}

snd_pcm_sframes_t __wrap_snd_pcm_readi(snd_pcm_t *pcm, void *to,
    snd_pcm_uframes_t count)
{
	return is_pulled(&pulled.reads) ? -ENODEV :
					  __real_snd_pcm_readi(pcm, to, count);
}

snd_pcm_sframes_t __wrap_snd_pcm_writei(snd_pcm_t *pcm, const void *from,
    snd_pcm_uframes_t count)
{
	return is_pulled(&pulled.writes) ?
	    -ENODEV :
	    __real_snd_pcm_writei(pcm, from, count);
}

struct level { /* of what was loud enough to be words */
	double sum;
	unsigned blocks;
};

struct rig {
	char folder[32], conf[64], in[64], out[64];
	int mouth, ear;
	struct audio *person; /* who sits in the room */
	int16_t air[DELAY_BLOCKS][AUDIO_BLOCK_SAMPLES];
	unsigned at;
	GThread *thread;
	gint is_stopping, speaks;
	GMutex lock; /* of all below */
	struct level echo, words;
	GString *said;
	struct kk_log log;
};

static double block_level(const int16_t *block)
{
	double sum = 0;

	for (int i = 0; i < AUDIO_BLOCK_SAMPLES; i++)
		sum += (double)block[i] * block[i];
	return sqrt(sum / AUDIO_BLOCK_SAMPLES);
}

static void level_add(struct level *level, const int16_t *block)
{
	double now = block_level(block);

	if (now < LOUD)
		return;
	level->sum += now * now;
	level->blocks++;
}

static double level_mean(const struct level *level)
{
	return level->blocks ? sqrt(level->sum / level->blocks) : 0;
}

/* Ten milliseconds: the person's clock is the room's. */
static void room_turn(struct rig *r)
{
	int16_t *old = r->air[r->at++ % DELAY_BLOCKS];
	int16_t heard[AUDIO_BLOCK_SAMPLES], words[AUDIO_BLOCK_SAMPLES];
	bool speaks = g_atomic_int_get(&r->speaks);
	ssize_t n;

	CHECK_OK(audio_read(r->person, words));
	for (int i = 0; i < AUDIO_BLOCK_SAMPLES; i++)
		heard[i] = (int16_t)(old[i] / 2);
	g_mutex_lock(&r->lock);
	level_add(&r->echo, heard);
	if (speaks)
		level_add(&r->words, words);
	g_mutex_unlock(&r->lock);
	for (int i = 0; speaks && i < AUDIO_BLOCK_SAMPLES; i++)
		heard[i] = (int16_t)(heard[i] + words[i] / 2);
	memset(old, 0, BLOCK_BYTES);
	n = read(r->mouth, old, BLOCK_BYTES);
	CHECK(n >= 0 || errno == EAGAIN);
	/* Full, where the box is behind: then it misses something. */
	n = write(r->ear, heard, BLOCK_BYTES);
	CHECK(n > 0 || errno == EAGAIN);
}

static gpointer room_run(gpointer arg)
{
	struct rig *r = arg;

	while (!g_atomic_int_get(&r->is_stopping))
		room_turn(r);
	return NULL;
}

static void line_came(void *arg, enum kk_log_level level, const char *line)
{
	struct rig *r = arg;

	(void)level;
	g_mutex_lock(&r->lock);
	g_string_append_printf(r->said, "%s\n", line);
	g_mutex_unlock(&r->lock);
}

static int pipe_make(const char *path)
{
	int fd;

	CHECK_EQ(mkfifo(path, 0600), 0);
	/* Both of its ends, so that neither the box's is ever alone. */
	fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	CHECK(fd >= 0);
	CHECK_EQ(fcntl(fd, F_SETPIPE_SZ, PIPE_BYTES), PIPE_BYTES);
	return fd;
}

static void rig_make(struct rig *r)
{
	struct audio_config person = { "synthetic", "Anna", "en", NULL };
	g_autofree char *cards = NULL;

	*r = (struct rig){ .folder = "/tmp/kk-card-XXXXXX",
		.said = g_string_new(NULL) };
	CHECK(mkdtemp(r->folder) != NULL);
	(void)snprintf(r->conf, sizeof(r->conf), "%s/conf", r->folder);
	(void)snprintf(r->in, sizeof(r->in), "%s/in", r->folder);
	(void)snprintf(r->out, sizeof(r->out), "%s/out", r->folder);
	cards = g_strdup_printf("pcm.nothing { type null }\n"
				"pcm.ear { type file slave.pcm nothing "
				"file /dev/null format raw infile %s }\n"
				"pcm.mouth { type file slave.pcm nothing "
				"file %s format raw }\n",
	    r->in, r->out);
	CHECK(g_file_set_contents(r->conf, cards, -1, NULL));
	CHECK_EQ(setenv("ALSA_CONFIG_PATH", r->conf, 1), 0);
	r->mouth = pipe_make(r->out);
	r->ear = pipe_make(r->in);
	g_mutex_init(&r->lock);
	r->log = (struct kk_log){ line_came, r, "test", KK_LOG_INFO };
	CHECK_OK(audio_microphone_open(&r->person, &person));
	r->thread = g_thread_new("room", room_run, r);
}

static void rig_clear(struct rig *r)
{
	g_atomic_int_set(&r->is_stopping, 1);
	g_thread_join(r->thread);
	audio_close(r->person);
	CHECK_EQ(close(r->mouth), 0);
	CHECK_EQ(close(r->ear), 0);
	CHECK_EQ(unlink(r->conf), 0);
	CHECK_EQ(unlink(r->in), 0);
	CHECK_EQ(unlink(r->out), 0);
	CHECK_EQ(rmdir(r->folder), 0);
	CHECK_EQ(unsetenv("ALSA_CONFIG_PATH"), 0);
	(void)snd_config_update_free_global();
	g_string_free(r->said, TRUE);
	g_mutex_clear(&r->lock);
}

static bool has_said(struct rig *r, const char *words)
{
	bool has;

	g_mutex_lock(&r->lock);
	has = strstr(r->said->str, words) != NULL;
	g_mutex_unlock(&r->lock);
	return has;
}

static struct level level_get(struct rig *r, const struct level *from)
{
	struct level level;

	g_mutex_lock(&r->lock);
	level = *from;
	g_mutex_unlock(&r->lock);
	return level;
}

/* Everything is measured from now on. */
static void levels_begin(struct rig *r)
{
	g_mutex_lock(&r->lock);
	r->echo = (struct level){ 0 };
	r->words = (struct level){ 0 };
	g_mutex_unlock(&r->lock);
}

static void meeting_begin(struct meeting *m, struct rig *r)
{
	meeting_start(m);
	m->boxes[0].microphone = "alsa:ear";
	m->boxes[0].loudspeaker = "alsa:mouth";
	m->boxes[0].log = &r->log;
	box_start(&m->boxes[0]);
	box_start(&m->boxes[1]);
	meeting_epoch(m, 3);
}

/* How many samples the other box has heard, and how loud those are that it has
 * heard since. */
static double heard_since(struct box *b, size_t *at)
{
	g_autofree char *data = NULL;
	struct level level = { 0 };
	gsize bytes = 0;
	size_t blocks;

	CHECK(g_file_get_contents(b->sound, &data, &bytes, NULL));
	blocks = bytes > WAV_HEADER_BYTES ?
	    (bytes - WAV_HEADER_BYTES) / BLOCK_BYTES :
	    0;
	for (size_t i = *at; i < blocks; i++) {
		int16_t block[AUDIO_BLOCK_SAMPLES];
		double now;

		memcpy(block, data + WAV_HEADER_BYTES + i * BLOCK_BYTES,
		    BLOCK_BYTES);
		now = block_level(block);
		level.sum += now * now;
		level.blocks++;
	}
	*at = blocks;
	return level_mean(&level);
}

/* The other's words do not reach the box. */
static bool is_not_heard(struct meeting *m, int from, int to, uint8_t *packet,
    size_t bytes)
{
	(void)m;
	(void)bytes;
	return from != 1 || to != 0 || wire_get_u32(packet + SSRC_AT) % 10 != 0;
}

enum { ECHO_LOOKS = 15 };

/* How loud the other one is in the room, and of it what comes back to him. */
static void echo_look(struct meeting *m, struct rig *r, double *echo,
    double *back)
{
	struct level loud;
	size_t at = 0;

	(void)heard_since(&m->boxes[1], &at);
	levels_begin(r);
	AWAIT(level_get(r, &r->echo).blocks >= 3 * SECOND_BLOCKS);
	*back = heard_since(&m->boxes[1], &at);
	loud = level_get(r, &r->echo);
	*echo = level_mean(&loud);
}

TEST(who_speaks_with_a_box_does_not_hear_himself_and_hears_who_sits_there)
{
	double echo = 0, back = 0, words, heard;
	struct level loud;
	struct meeting m;
	struct rig r;
	size_t at = 0;

	rig_make(&r);
	meeting_begin(&m, &r);
	/* Until the room is known. */
	AWAIT(level_get(&r, &r.echo).blocks >= 5 * SECOND_BLOCKS);
	/* Where threads come late the room has to be learned anew. */
	for (int i = 0; i == 0 || (i < ECHO_LOOKS && back >= echo / 10); i++)
		echo_look(&m, &r, &echo, &back);
	(void)heard_since(&m.boxes[1], &at);
	g_rec_mutex_lock(&m.lock);
	m.wire = is_not_heard;
	g_rec_mutex_unlock(&m.lock);
	g_atomic_int_set(&r.speaks, 1);
	levels_begin(&r);
	AWAIT(level_get(&r, &r.words).blocks >= 3 * SECOND_BLOCKS);
	heard = heard_since(&m.boxes[1], &at);
	loud = level_get(&r, &r.words);
	words = level_mean(&loud) / 2;
	tap_diag("echo %.0f, comes back %.0f; words %.0f, come through %.0f",
	    echo, back, words, heard);
	/* What fails below leaves no threads behind. */
	meeting_end(&m);
	rig_clear(&r);
	CHECK(echo > LOUD);
	CHECK(back < echo / 10);
	CHECK(heard > words / 4);
}

TEST(a_card_that_is_pulled_is_named_and_taken_again_when_it_is_back)
{
	struct meeting m;
	struct rig r;
	gint packets;

	rig_make(&r);
	meeting_begin(&m, &r);
	AWAIT(level_get(&r, &r.echo).blocks >= SECOND_BLOCKS / 2);
	CHECK(!has_said(&r, "gone"));
	g_atomic_int_set(&pulled.reads, 1);
	AWAIT(has_said(&r, "the microphone alsa:ear is gone"));
	packets = g_atomic_int_get(&m.packets);
	AWAIT(has_said(&r, "the microphone is back"));
	/* Silence went out in between, at the same pace. */
	CHECK(g_atomic_int_get(&m.packets) > packets);
	g_atomic_int_set(&pulled.writes, 1);
	AWAIT(has_said(&r, "the loudspeaker alsa:mouth is gone"));
	AWAIT(has_said(&r, "the loudspeaker is back"));
	levels_begin(&r);
	AWAIT(level_get(&r, &r.echo).blocks >= SECOND_BLOCKS / 2);
	meeting_end(&m);
	rig_clear(&r);
}
