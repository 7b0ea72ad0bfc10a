/* alsa.c - sound cards, in whose place stand files: ALSA's own plug-ins `file`
 * and `null`, and errors as cards make them. */
#define _GNU_SOURCE /* mkdtemp(), M_PI */
#include <alsa/asoundlib.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "drivers/audio/audio.h"
#include "harness/tap.h"

enum { PATH_BYTES = 64, HZ = 1000, OTHER_RATE_HZ = 44100 };

/* What the next calls answer in place of the card. */
static struct {
	int error; /* 0: the card answers */
	int count;
	int calls;
} fault;

snd_pcm_sframes_t __real_snd_pcm_readi(snd_pcm_t *pcm, void *to,
    snd_pcm_uframes_t count);
snd_pcm_sframes_t __real_snd_pcm_writei(snd_pcm_t *pcm, const void *from,
    snd_pcm_uframes_t count);
snd_pcm_sframes_t __wrap_snd_pcm_readi(snd_pcm_t *pcm, void *to,
    snd_pcm_uframes_t count);
snd_pcm_sframes_t __wrap_snd_pcm_writei(snd_pcm_t *pcm, const void *from,
    snd_pcm_uframes_t count);

static bool fails_now(void)
{
	fault.calls++;
	return fault.error && fault.count-- > 0;
}

static snd_pcm_uframes_t start_at; /* of the last card that moved a block */

static void start_look(snd_pcm_t *pcm)
{
	snd_pcm_sw_params_t *sw;

	CHECK_EQ(snd_pcm_sw_params_malloc(&sw), 0);
	CHECK_EQ(snd_pcm_sw_params_current(pcm, sw), 0);
	CHECK_EQ(snd_pcm_sw_params_get_start_threshold(sw, &start_at), 0);
	snd_pcm_sw_params_free(sw);
}

/* As the kernel's: a read of less than that does not start a card, and one that
 * was not started gives nothing. */
snd_pcm_sframes_t __wrap_snd_pcm_readi(snd_pcm_t *pcm, void *to,
    snd_pcm_uframes_t count)
{
	start_look(pcm);
	if (snd_pcm_state(pcm) == SND_PCM_STATE_PREPARED && count < start_at)
		return -EIO;
	return fails_now() ? fault.error : __real_snd_pcm_readi(pcm, to, count);
}

snd_pcm_sframes_t __wrap_snd_pcm_writei(snd_pcm_t *pcm, const void *from,
    snd_pcm_uframes_t count)
{
	start_look(pcm);
	return fails_now() ? fault.error :
			     __real_snd_pcm_writei(pcm, from, count);
}

static void fault_set(int error, int count)
{
	fault.error = error;
	fault.count = count;
	fault.calls = 0;
}

/*
 * The cards: "ear" hears the file in, "mouth" speaks into the file out, "other"
 * is an ear of 44.1 kHz, stereo and 32 bits behind ALSA's conversions, and
 * "odd" takes no 16-bit samples.
 */
static const char cards[] =
    "pcm.nothing { type null }\n"
    "pcm.ear { type file slave.pcm nothing file /dev/null format raw "
    "infile %s/in }\n"
    "pcm.mouth { type file slave.pcm nothing file %s/out format raw }\n"
    "pcm.other { type plug slave { pcm ear rate 44100 channels 2 "
    "format S32_LE } }\n"
    "pcm.odd { type lfloat slave { pcm nothing format S16_LE } }\n";

struct place {
	char folder[PATH_BYTES], conf[PATH_BYTES * 2], in[PATH_BYTES * 2];
	char out[PATH_BYTES * 2];
};

static void file_write(const char *path, const void *data, size_t bytes)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	CHECK(fd >= 0);
	CHECK_EQ(write(fd, data, bytes), (ssize_t)bytes);
	CHECK_EQ(close(fd), 0);
}

static void place_make(struct place *p)
{
	char conf[sizeof(cards) + (size_t)2 * PATH_BYTES];
	int n;

	*p = (struct place){ .folder = "/tmp/kk-alsa-XXXXXX" };
	CHECK(mkdtemp(p->folder) != NULL);
	(void)snprintf(p->conf, sizeof(p->conf), "%s/conf", p->folder);
	(void)snprintf(p->in, sizeof(p->in), "%s/in", p->folder);
	(void)snprintf(p->out, sizeof(p->out), "%s/out", p->folder);
	n = snprintf(conf, sizeof(conf), cards, p->folder, p->folder);
	CHECK(n > 0 && (size_t)n < sizeof(conf));
	file_write(p->conf, conf, (size_t)n);
	CHECK_EQ(setenv("ALSA_CONFIG_PATH", p->conf, 1), 0);
	fault_set(0, 0);
}

static void place_clear(struct place *p)
{
	fault_set(0, 0);
	CHECK_EQ(unsetenv("ALSA_CONFIG_PATH"), 0);
	(void)unlink(p->in);
	(void)unlink(p->out);
	CHECK_EQ(unlink(p->conf), 0);
	CHECK_EQ(rmdir(p->folder), 0);
	/* What ALSA keeps for the process's life is not ours. */
	(void)snd_config_update_free_global();
}

static struct audio *ear_open(const char *kind)
{
	struct audio_config config = { kind, "Room", "en", NULL };
	struct audio *audio = NULL;

	CHECK_OK(audio_microphone_open(&audio, &config));
	CHECK(audio_hears_room(audio));
	return audio;
}

static int16_t level(int n)
{
	return (int16_t)(n * 29 - 14000);
}

TEST(a_card_is_heard_sample_by_sample_and_again_when_it_comes_back)
{
	enum { BLOCKS = 3 };
	int16_t said[BLOCKS * AUDIO_BLOCK_SAMPLES], block[AUDIO_BLOCK_SAMPLES];
	struct audio *audio;
	struct place p;

	for (int i = 0; i < BLOCKS * AUDIO_BLOCK_SAMPLES; i++)
		said[i] = level(i % 900);
	place_make(&p);
	file_write(p.in, said, sizeof(said));
	audio = ear_open("alsa:ear");
	for (int i = 0; i < BLOCKS; i++) {
		CHECK_OK(audio_read(audio, block));
		CHECK_MEM(block, said + i * AUDIO_BLOCK_SAMPLES, sizeof(block));
	}
	CHECK_ERR(audio_write(audio, block), KK_EINVAL);
	fault_set(-ENODEV, 1);
	CHECK_ERR(audio_read(audio, block), KK_EIO);
	audio_close(audio);
	audio = ear_open("alsa:ear");
	CHECK_OK(audio_read(audio, block));
	CHECK_MEM(block, said, sizeof(block));
	audio_close(audio);
	place_clear(&p);
}

TEST(what_is_said_comes_out_of_a_card_sample_by_sample)
{
	enum { BLOCKS = 20 };
	int16_t block[AUDIO_BLOCK_SAMPLES], out[AUDIO_BLOCK_SAMPLES];
	struct audio_config config = { "alsa:mouth", "Room", "en", NULL };
	struct audio *audio = NULL;
	struct place p;
	int fd;

	place_make(&p);
	CHECK_OK(audio_loudspeaker_open(&audio, &config));
	for (int n = 0; n < BLOCKS; n++) {
		for (int i = 0; i < AUDIO_BLOCK_SAMPLES; i++)
			block[i] = level(n + i);
		CHECK_OK(audio_write(audio, block));
	}
	CHECK_ERR(audio_read(audio, block), KK_EINVAL);
	audio_close(audio);
	fd = open(p.out, O_RDONLY | O_CLOEXEC);
	CHECK(fd >= 0);
	for (int n = 0; n < BLOCKS; n++) {
		CHECK_EQ(read(fd, out, sizeof(out)), (ssize_t)sizeof(out));
		for (int i = 0; i < AUDIO_BLOCK_SAMPLES; i++)
			CHECK_EQ(out[i], level(n + i));
	}
	CHECK_EQ(close(fd), 0);
	place_clear(&p);
}

TEST(a_card_of_another_rate_width_and_channels_is_converted)
{
	enum { FRAMES = OTHER_RATE_HZ, BLOCKS = 90 };
	static int32_t frames[FRAMES][2];
	int16_t block[AUDIO_BLOCK_SAMPLES], before = 0, loudest = 0;
	int crossings = 0;
	struct audio *audio;
	struct place p;

	for (int i = 0; i < FRAMES; i++) {
		double at = 2 * M_PI * HZ * i / OTHER_RATE_HZ;

		frames[i][0] = (int32_t)(sin(at) * INT32_MAX / 4);
		frames[i][1] = frames[i][0];
	}
	place_make(&p);
	file_write(p.in, frames, sizeof(frames));
	audio = ear_open("alsa:other");
	for (int n = 0; n < BLOCKS; n++) {
		CHECK_OK(audio_read(audio, block));
		for (int i = 0; i < AUDIO_BLOCK_SAMPLES; i++) {
			crossings += before < 0 && block[i] >= 0;
			before = block[i];
			if (block[i] > loudest)
				loudest = block[i];
		}
	}
	/* 0.9 s of a kilohertz, a quarter of what 16 bits hold. */
	CHECK(crossings > 890 && crossings < 910);
	CHECK(loudest > 7500 && loudest < 8700);
	audio_close(audio);
	place_clear(&p);
}

TEST(a_card_that_cannot_is_named_so)
{
	struct audio_config odd = { "alsa:odd", "Room", "en", NULL };
	struct audio_config none = { "alsa:none", "Room", "en", NULL };
	struct audio *audio = NULL;
	struct place p;

	place_make(&p);
	CHECK_ERR(audio_microphone_open(&audio, &odd), KK_EUNSUP);
	CHECK_ERR(audio_loudspeaker_open(&audio, &odd), KK_EUNSUP);
	CHECK_ERR(audio_microphone_open(&audio, &none), KK_ENOENT);
	CHECK(audio == NULL);
	place_clear(&p);
}

/* What the process says meanwhile goes into the file out. */
static int stderr_turn(const struct place *p)
{
	int was = dup(STDERR_FILENO);
	int fd = open(p->out, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	CHECK(was >= 0 && fd >= 0);
	CHECK(dup2(fd, STDERR_FILENO) >= 0);
	CHECK_EQ(close(fd), 0);
	return was;
}

static void stderr_turn_back(int was)
{
	CHECK(dup2(was, STDERR_FILENO) >= 0);
	CHECK_EQ(close(was), 0);
}

/* It is tried again each second, for as long as the box has none. */
TEST(of_a_card_that_is_not_there_the_library_fills_no_log)
{
	struct audio_config none = { "alsa:none", "Room", "en", NULL };
	struct audio *audio = NULL;
	enum kk_err ear, mouth;
	struct stat out;
	struct place p;
	int was;

	place_make(&p);
	was = stderr_turn(&p);
	ear = audio_microphone_open(&audio, &none);
	mouth = audio_loudspeaker_open(&audio, &none);
	stderr_turn_back(was);
	CHECK_ERR(ear, KK_ENOENT);
	CHECK_ERR(mouth, KK_ENOENT);
	CHECK_EQ(stat(p.out, &out), 0);
	CHECK_EQ(out.st_size, 0);
	place_clear(&p);
}

/* An overrun or underrun, or a machine that slept: snd_pcm_recover(). */
TEST(after_an_xrun_a_card_goes_on)
{
	static const int errors[] = { -EPIPE, -EINTR, -ESTRPIPE, -EAGAIN,
		-EIO };
	struct audio_config config = { "alsa:mouth", "Room", "en", NULL };
	int16_t said[8 * AUDIO_BLOCK_SAMPLES], block[AUDIO_BLOCK_SAMPLES];
	struct audio *ear, *mouth = NULL;
	struct place p;

	for (size_t i = 0; i < KK_ARRAY_LEN(said); i++)
		said[i] = level((int)i % 900);
	place_make(&p);
	file_write(p.in, said, sizeof(said));
	ear = ear_open("alsa:ear");
	CHECK_OK(audio_loudspeaker_open(&mouth, &config));
	for (size_t i = 0; i < KK_ARRAY_LEN(errors); i++) {
		fault_set(errors[i], 2);
		CHECK_OK(audio_read(ear, block));
		CHECK_EQ(fault.calls, 3);
		CHECK_MEM(block, said + i * AUDIO_BLOCK_SAMPLES, sizeof(block));
		fault_set(errors[i], 2);
		CHECK_OK(audio_write(mouth, block));
		CHECK_EQ(fault.calls, 3);
	}
	audio_close(mouth);
	audio_close(ear);
	place_clear(&p);
}

/* What is said has a buffer's time until it is due. */
TEST(a_card_hears_at_once_and_speaks_when_its_buffer_is_full)
{
	static const int16_t said[AUDIO_BLOCK_SAMPLES];
	struct audio_config config = { "alsa:mouth", "Room", "en", NULL };
	int16_t block[AUDIO_BLOCK_SAMPLES];
	struct audio *ear, *mouth = NULL;
	struct place p;

	place_make(&p);
	file_write(p.in, said, sizeof(said));
	ear = ear_open("alsa:ear");
	CHECK_OK(audio_read(ear, block));
	CHECK_EQ(start_at, 1);
	fault_set(-EPIPE, 3);
	CHECK_OK(audio_read(ear, block));
	CHECK_EQ(start_at, 1);
	fault_set(0, 0);
	CHECK_OK(audio_loudspeaker_open(&mouth, &config));
	CHECK_OK(audio_write(mouth, block));
	CHECK_EQ(start_at, AUDIO_RATE_HZ / 1000 * 60);
	audio_close(mouth);
	audio_close(ear);
	place_clear(&p);
}

TEST(a_card_that_is_pulled_or_does_not_come_back_is_gone_in_bounded_tries)
{
	static const int16_t said[AUDIO_BLOCK_SAMPLES];
	int16_t block[AUDIO_BLOCK_SAMPLES];
	struct audio *ear;
	struct place p;

	place_make(&p);
	file_write(p.in, said, sizeof(said));
	ear = ear_open("alsa:ear");
	fault_set(-ENODEV, 1000);
	CHECK_ERR(audio_read(ear, block), KK_EIO);
	CHECK_EQ(fault.calls, 1);
	fault_set(-EPIPE, 1000);
	CHECK_ERR(audio_read(ear, block), KK_EIO);
	CHECK(fault.calls < 10);
	audio_close(ear);
	place_clear(&p);
}
