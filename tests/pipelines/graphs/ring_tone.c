/* ring_tone.c - what the room hears while it rings: 425 Hz, a second in five.
 */
#include "pipelines/graphs/ring_tone.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "drivers/audio/wav.h"
#include "harness/tap.h"
#include "pipelines/graphs/sound.h"

enum {
	BLOCKS_A_SECOND = AUDIO_RATE_HZ / AUDIO_BLOCK_SAMPLES,
	SECONDS = 12,
	TURNS = 1200,
	TURN_US = 100000
};

static int32_t heard[SECONDS * AUDIO_RATE_HZ];

static int32_t *block_at(unsigned block)
{
	return heard + (size_t)block * AUDIO_BLOCK_SAMPLES;
}

static void blocks_mix(struct ring_tone *t, bool is_on, unsigned from,
    unsigned count)
{
	for (unsigned i = from; i < from + count; i++)
		ring_tone_mix(t, is_on, block_at(i));
}

static bool is_silent(unsigned from, unsigned count)
{
	const int32_t *at = block_at(from);

	for (size_t i = 0; i < (size_t)count * AUDIO_BLOCK_SAMPLES; i++) {
		if (at[i] != 0)
			return false;
	}
	return true;
}

/* The share of a second's power that is of one frequency. */
static double share_of(const int32_t *at, double hz)
{
	const double turn = 2 * G_PI * hz / AUDIO_RATE_HZ;
	double real = 0, imaginary = 0, all = 1;

	for (int i = 0; i < AUDIO_RATE_HZ; i++) {
		real += at[i] * cos(turn * i);
		imaginary += at[i] * sin(turn * i);
		all += (double)at[i] * at[i];
	}
	return 2 * (real * real + imaginary * imaginary) /
	    (AUDIO_RATE_HZ * all);
}

TEST(ring_tone_is_a_second_of_425_hz_in_five)
{
	struct ring_tone t = { 0 };
	int32_t most = 0;

	memset(heard, 0, sizeof(heard));
	blocks_mix(&t, true, 0, SECONDS * BLOCKS_A_SECOND);
	for (unsigned s = 0; s < SECONDS; s++) {
		const unsigned at = s * BLOCKS_A_SECOND;

		if (s % 5 == 0)
			CHECK(share_of(block_at(at), RING_TONE_HZ) > 0.98);
		else /* but for its last moment, fading */
			CHECK(is_silent(at + 1, BLOCKS_A_SECOND - 1));
	}
	for (int i = 0; i < AUDIO_RATE_HZ; i++)
		most = heard[i] > most ? heard[i] : most;
	CHECK(most > RING_TONE_LEVEL * 9 / 10 && most <= RING_TONE_LEVEL);
}

TEST(ring_tone_ends_at_once_without_a_click_and_begins_anew)
{
	struct ring_tone t = { 0 };
	int32_t most = 0;

	memset(heard, 0, sizeof(heard));
	for (size_t i = 0; i < KK_ARRAY_LEN(heard); i++)
		heard[i] = 1; /* it is added to what others say */
	blocks_mix(&t, true, 0, BLOCKS_A_SECOND / 2);
	blocks_mix(&t, false, BLOCKS_A_SECOND / 2, BLOCKS_A_SECOND);
	blocks_mix(&t, true, 2 * BLOCKS_A_SECOND, BLOCKS_A_SECOND);
	for (size_t i = 0; i < KK_ARRAY_LEN(heard); i++)
		heard[i]--;
	CHECK(!is_silent(0, 1));
	CHECK(is_silent(BLOCKS_A_SECOND / 2 + 1, BLOCKS_A_SECOND));
	CHECK(share_of(block_at(2 * BLOCKS_A_SECOND), RING_TONE_HZ) > 0.98);
	/* Of a sine of this height and frequency, no step is larger. */
	for (int i = 1; i < 3 * AUDIO_RATE_HZ; i++)
		most = MAX(most, ABS(heard[i] - heard[i - 1]));
	CHECK(most <=
	    RING_TONE_LEVEL * 2 * G_PI * RING_TONE_HZ / AUDIO_RATE_HZ + 2);
}

/* What the loudspeaker was given by now. */
static bool has_heard(const char *path, size_t samples)
{
	GStatBuf file;

	return g_stat(path, &file) == 0 &&
	    (size_t)file.st_size >= WAV_HEADER_BYTES + 2 * samples;
}

static size_t loud_of(const char *path)
{
	struct kk_bytes file = { 0 };
	int16_t *samples = NULL;
	size_t count = 0, loud = 0;
	char *data = NULL;
	gsize bytes = 0;

	CHECK(g_file_get_contents(path, &data, &bytes, NULL));
	file = (struct kk_bytes){ (uint8_t *)data, bytes };
	CHECK_OK(wav_read(kk_bytes_view(&file), &samples, &count));
	for (size_t i = 0; i < count; i++)
		loud += ABS(samples[i]) > RING_TONE_LEVEL / 2;
	kk_free(samples);
	g_free(data);
	return loud;
}

TEST(loudspeaker_of_the_room_rings)
{
	char folder[] = "/tmp/kk-ring-XXXXXX", path[64];
	struct sound *sound = NULL;
	unsigned turns = 0;

	CHECK(g_mkdtemp(folder) != NULL);
	(void)g_snprintf(path, sizeof(path), "%s/heard.wav", folder);
	CHECK_OK(sound_new(&sound,
	    &(struct sound_config){ .loudspeaker = { .kind = path } }));
	sound_ring(sound, true);
	while (!has_heard(path, 2 * AUDIO_RATE_HZ) && turns++ < TURNS)
		g_usleep(TURN_US);
	sound_free(sound);
	/* Two thirds of a sine are above half its height. */
	CHECK(loud_of(path) > AUDIO_RATE_HZ / 2);
	CHECK(loud_of(path) < AUDIO_RATE_HZ * 3 / 4);
	CHECK_EQ(g_remove(path), 0);
	CHECK_EQ(g_rmdir(folder), 0);
}
