/* wav.c - sound files, read and written. */
#include "drivers/audio/wav.h"

#include <math.h>
#include <string.h>

#include "drivers/audio/audio.h"
#include "harness/tap.h"

enum { MAX_BYTES = 200000 };

struct file {
	uint8_t data[MAX_BYTES];
	size_t bytes;
};

static void put16(struct file *f, unsigned n)
{
	f->data[f->bytes++] = (uint8_t)n;
	f->data[f->bytes++] = (uint8_t)(n >> 8);
}

static void put32(struct file *f, uint32_t n)
{
	put16(f, n & 0xffff);
	put16(f, n >> 16);
}

static void put_text(struct file *f, const char *text)
{
	memcpy(f->data + f->bytes, text, strlen(text));
	f->bytes += strlen(text);
}

/* Up to the sound, which frames say to be as long as. */
static void file_start(struct file *f, unsigned channels, uint32_t rate,
    unsigned bits, uint32_t data_bytes)
{
	f->bytes = 0;
	put_text(f, "RIFF");
	put32(f, 36 + data_bytes);
	put_text(f, "WAVEfmt ");
	put32(f, 16);
	put16(f, 1);
	put16(f, channels);
	put32(f, rate);
	put32(f, rate * channels * bits / 8);
	put16(f, channels * bits / 8);
	put16(f, bits);
	put_text(f, "data");
	put32(f, data_bytes);
}

static enum kk_err read_file(const struct file *f, int16_t **samples,
    size_t *count)
{
	return wav_read(kk_view_of(f->data, f->bytes), samples, count);
}

TEST(sound_of_our_own_rate_is_read_as_it_is)
{
	struct file f;
	int16_t *samples = NULL;
	size_t count = 0;

	file_start(&f, 1, 48000, 16, 2000);
	for (int i = 0; i < 1000; i++)
		put16(&f, (unsigned)(i - 500));
	CHECK_OK(read_file(&f, &samples, &count));
	CHECK_EQ(count, 1000);
	for (int i = 0; i < 1000; i++)
		CHECK_EQ(samples[i], i - 500);
	kk_free(samples);
}

TEST(a_stereo_tone_of_22050_hz_keeps_its_length_and_shape)
{
	struct file f;
	int16_t *samples = NULL;
	size_t count = 0;
	double worst = 0;

	file_start(&f, 2, 22050, 16, 22050 * 4);
	for (int i = 0; i < 22050; i++) {
		int level = (int)(10000 *
		    sin(i * 440 * 2 * 3.14159265 / 22050));

		put16(&f, (unsigned)(level + 100));
		put16(&f, (unsigned)(level - 100));
	}
	CHECK_OK(read_file(&f, &samples, &count));
	CHECK_EQ(count, 48000);
	for (size_t i = 0; i < count - 10; i++) {
		double want = 10000 *
		    sin((double)i * 440 * 2 * 3.14159265 / 48000);

		worst = fmax(worst, fabs(samples[i] - want));
	}
	CHECK(worst < 60);
	kk_free(samples);
}

TEST(a_length_of_a_pipe_ends_with_the_file)
{
	struct file f;
	int16_t *samples = NULL;
	size_t count = 0;

	file_start(&f, 1, 48000, 16, 0x7ffff000);
	for (int i = 0; i < 10; i++)
		put16(&f, 7);
	CHECK_OK(read_file(&f, &samples, &count));
	CHECK_EQ(count, 10);
	kk_free(samples);
}

TEST(what_is_no_such_sound_is_named)
{
	int16_t *samples = NULL;
	size_t count = 0;
	struct file f;

	file_start(&f, 1, 48000, 8, 10);
	put_text(&f, "0123456789");
	CHECK_ERR(read_file(&f, &samples, &count), KK_EUNSUP);
	f.data[0] = 'X';
	CHECK_ERR(read_file(&f, &samples, &count), KK_EFORMAT);
	file_start(&f, 0, 48000, 16, 10);
	put_text(&f, "0123456789");
	CHECK_ERR(read_file(&f, &samples, &count), KK_EUNSUP);
	for (size_t bytes = 0; bytes < WAV_HEADER_BYTES; bytes++)
		CHECK_FAIL(wav_read(kk_view_of(f.data, bytes), &samples,
		    &count));
	file_start(&f, 1, 48000, 16, 0);
	CHECK_ERR(read_file(&f, &samples, &count), KK_ETRUNC);
	CHECK(samples == NULL);
}

TEST(our_header_is_read_by_our_reader)
{
	uint8_t file[WAV_HEADER_BYTES + 8] = { 0 };
	int16_t *samples = NULL;
	size_t count = 0;

	wav_header_write(file, 4);
	CHECK_OK(wav_read(kk_view_of(file, sizeof(file)), &samples, &count));
	CHECK_EQ(count, 4);
	kk_free(samples);
}
