/* devices.c - microphones and loudspeakers without hardware. */
#define _GNU_SOURCE /* mkstemps() */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "drivers/audio/audio.h"
#include "harness/tap.h"

static struct audio_config config_of(const char *kind)
{
	return (struct audio_config){ kind, "Room 4", "en", NULL };
}

TEST(a_file_that_was_written_is_heard_by_a_microphone_again_and_again)
{
	char path[] = "/tmp/kk-audio-XXXXXX.wav";
	int16_t out[AUDIO_BLOCK_SAMPLES], in[AUDIO_BLOCK_SAMPLES];
	struct audio_config config = config_of(path);
	struct audio *speaker = NULL, *microphone = NULL;
	int fd = mkstemps(path, 4);

	CHECK(fd >= 0);
	CHECK_EQ(close(fd), 0);
	for (int i = 0; i < AUDIO_BLOCK_SAMPLES; i++)
		out[i] = (int16_t)(i * 37 - 9000);
	CHECK_OK(audio_loudspeaker_open(&speaker, &config));
	CHECK_OK(audio_write(speaker, out));
	CHECK_ERR(audio_read(speaker, in), KK_EINVAL);
	audio_close(speaker);
	CHECK_OK(audio_microphone_open(&microphone, &config));
	for (int i = 0; i < 3; i++) {
		CHECK_OK(audio_read(microphone, in));
		CHECK_MEM(in, out, sizeof(in));
	}
	CHECK_ERR(audio_write(microphone, out), KK_EINVAL);
	CHECK(!audio_hears_room(microphone));
	audio_close(microphone);
	CHECK_EQ(unlink(path), 0);
}

TEST(devices_that_are_not_there_are_named_so)
{
	struct audio_config file = config_of("/nonexistent/a.wav");
	struct audio_config card = config_of("alsa:hw:77");
	struct audio *audio = NULL;

	CHECK_ERR(audio_microphone_open(&audio, &file), KK_ENOENT);
	CHECK_ERR(audio_loudspeaker_open(&audio, &file), KK_ENOENT);
	CHECK_ERR(audio_microphone_open(&audio, &card), KK_ENOENT);
	CHECK(audio == NULL);
}

TEST(the_synthetic_voice_is_loud_and_pauses)
{
	struct audio_config config = config_of("synthetic");
	int16_t block[AUDIO_BLOCK_SAMPLES];
	struct audio *microphone = NULL;
	bool is_loud = false;

	CHECK_OK(audio_microphone_open(&microphone, &config));
	for (int n = 0; n < 100 && !is_loud; n++) {
		CHECK_OK(audio_read(microphone, block));
		for (int i = 0; i < AUDIO_BLOCK_SAMPLES; i++)
			is_loud = is_loud || block[i] > 4000;
	}
	CHECK(is_loud);
	audio_close(microphone);
}

TEST(without_espeak_the_synthetic_voice_is_named_missing)
{
	struct audio_config config = config_of("synthetic");
	struct audio *audio = NULL;
	char path[4096] = "";

	CHECK(getenv("PATH") && strlen(getenv("PATH")) < sizeof(path));
	memcpy(path, getenv("PATH"), strlen(getenv("PATH")));
	CHECK_EQ(setenv("PATH", "/nonexistent", 1), 0);
	CHECK_ERR(audio_microphone_open(&audio, &config), KK_ENOENT);
	CHECK_EQ(setenv("PATH", path, 1), 0);
}
