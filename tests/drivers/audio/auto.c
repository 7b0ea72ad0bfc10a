/* auto.c - the best card, where the list of cards is the test's and the cards
 * are files: card N hears the level of N, and plays into the file of N. */
#define _GNU_SOURCE /* mkdtemp() */
#include <alsa/asoundlib.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "drivers/audio/audio_internal.h"
#include "harness/tap.h"

enum {
	PATH_BYTES = 64,
	CARDS = 3,
	BOARD = 0, /* their numbers */
	PHONE = 1,
	BROKEN = 2, /* cannot be opened */
	LEVEL = 1000,
	LOOKS = 3 * 200 /* blocks, in which it looks for a better one */
};

static const struct choice_device board = { .card = BOARD,
	.driver = "HDA-Intel",
	.card_name = "HDA Intel PCH",
	.name = "ALC897 Analog",
	.hears = true,
	.plays = true };
static const struct choice_device phone = { .card = PHONE,
	.driver = "USB-Audio",
	.card_name = "Speakerphone",
	.name = "USB Audio",
	.hears = true,
	.plays = true };
static const struct choice_device broken = { .card = BROKEN,
	.driver = "USB-Audio",
	.card_name = "Broken",
	.name = "USB Audio",
	.hears = true,
	.plays = true };

/* Those that are there now. */
static struct {
	struct choice_device devices[CARDS];
	size_t count;
	unsigned asked;
} there;

size_t __wrap_audio_cards_list(struct choice_device *devices, size_t room);

size_t __wrap_audio_cards_list(struct choice_device *devices, size_t room)
{
	CHECK(room >= there.count);
	memcpy(devices, there.devices, there.count * sizeof(*devices));
	there.asked++;
	return there.count;
}

static void plug_in(const struct choice_device *device)
{
	there.devices[there.count++] = *device;
}

static const char conf_text[] =
    "pcm.nothing { type null }\n"
    "pcm.plughw { @args [ CARD DEV ] @args.CARD { type string }\n"
    " @args.DEV { type string } type file slave.pcm nothing format raw\n"
    " file { @func concat strings [ %s/out $CARD ] }\n"
    " infile { @func concat strings [ %s/in $CARD ] } }\n";

struct place {
	char folder[PATH_BYTES], conf[PATH_BYTES * 2], said[PATH_BYTES * 2];
	struct kk_log log;
};

static const char *path_of(const struct place *p, const char *kind, int card)
{
	static char path[PATH_BYTES * 2];

	(void)snprintf(path, sizeof(path), "%s/%s%d", p->folder, kind, card);
	return path;
}

static void file_write(const char *path, const void *data, size_t bytes)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	CHECK(fd >= 0);
	CHECK_EQ(write(fd, data, bytes), (ssize_t)bytes);
	CHECK_EQ(close(fd), 0);
}

static int16_t level_of(int card)
{
	return (int16_t)(LEVEL * (card + 1));
}

static void said(void *arg, enum kk_log_level level, const char *line)
{
	struct place *p = arg;

	CHECK_EQ(level, KK_LOG_INFO);
	(void)snprintf(p->said, sizeof(p->said), "%s", line);
}

/* What a card hears, for longer than a test listens. */
static void ear_make(const struct place *p, int card)
{
	static int16_t samples[(LOOKS + 2) * AUDIO_BLOCK_SAMPLES];

	for (size_t i = 0; i < KK_ARRAY_LEN(samples); i++)
		samples[i] = level_of(card);
	file_write(path_of(p, "in", card), samples, sizeof(samples));
}

static void place_make(struct place *p)
{
	char conf[sizeof(conf_text) + (size_t)2 * PATH_BYTES];
	int n;

	*p = (struct place){ .folder = "/tmp/kk-auto-XXXXXX" };
	p->log = (struct kk_log){ said, p, "test", KK_LOG_INFO };
	memset(&there, 0, sizeof(there));
	CHECK(mkdtemp(p->folder) != NULL);
	(void)snprintf(p->conf, sizeof(p->conf), "%s/conf", p->folder);
	n = snprintf(conf, sizeof(conf), conf_text, p->folder, p->folder);
	CHECK(n > 0 && (size_t)n < sizeof(conf));
	file_write(p->conf, conf, (size_t)n);
	CHECK_EQ(setenv("ALSA_CONFIG_PATH", p->conf, 1), 0);
	ear_make(p, BOARD);
	ear_make(p, PHONE);
}

static void place_clear(struct place *p)
{
	CHECK_EQ(unsetenv("ALSA_CONFIG_PATH"), 0);
	for (int card = 0; card < CARDS; card++) {
		(void)unlink(path_of(p, "in", card));
		(void)unlink(path_of(p, "out", card));
	}
	CHECK_EQ(unlink(p->conf), 0);
	CHECK_EQ(rmdir(p->folder), 0);
	(void)snd_config_update_free_global();
}

static struct audio *kind_open(struct place *p, bool is_microphone,
    const char *kind)
{
	struct audio_config config = { kind, "Room", "en", &p->log };
	struct audio *audio = NULL;

	if (is_microphone)
		CHECK_OK(audio_microphone_open(&audio, &config));
	else
		CHECK_OK(audio_loudspeaker_open(&audio, &config));
	CHECK(audio_hears_room(audio));
	return audio;
}

static struct audio *auto_open(struct place *p, bool is_microphone)
{
	return kind_open(p, is_microphone, AUDIO_AUTO);
}

static int heard_card(struct audio *audio)
{
	int16_t block[AUDIO_BLOCK_SAMPLES];

	CHECK_OK(audio_read(audio, block));
	return block[0] / LEVEL - 1;
}

/* Until it hears by that card: it has to look for it. */
static bool comes_to_hear(struct audio *audio, int card)
{
	for (int i = 0; i < LOOKS; i++) {
		if (heard_card(audio) == card)
			return true;
	}
	return false;
}

static void blocks_play(struct audio *audio)
{
	static const int16_t block[AUDIO_BLOCK_SAMPLES] = { 1 };

	for (int i = 0; i < LOOKS; i++)
		CHECK_OK(audio_write(audio, block));
}

static size_t played_bytes(const struct place *p, int card)
{
	int fd = open(path_of(p, "out", card), O_RDONLY | O_CLOEXEC);
	off_t bytes = fd < 0 ? 0 : lseek(fd, 0, SEEK_END);

	if (fd >= 0)
		CHECK_EQ(close(fd), 0);
	CHECK(bytes >= 0);
	return (size_t)bytes;
}

TEST(a_microphone_hears_by_the_board_and_by_a_speakerphone_once_it_is_there)
{
	struct audio *audio;
	struct place p;

	place_make(&p);
	plug_in(&board);
	audio = auto_open(&p, true);
	CHECK(!strcmp(p.said,
	    "test: the microphone is plughw:0,0: "
	    "HDA Intel PCH, ALC897 Analog"));
	CHECK(!comes_to_hear(audio, PHONE));
	audio_close(audio);
	audio = auto_open(&p, true);
	plug_in(&phone);
	CHECK_EQ(heard_card(audio), BOARD);
	CHECK(comes_to_hear(audio, PHONE));
	CHECK(!strcmp(p.said,
	    "test: the microphone is plughw:1,0: "
	    "Speakerphone, USB Audio"));
	audio_close(audio);
	place_clear(&p);
}

TEST(a_loudspeaker_plays_by_the_board_and_by_a_speakerphone_once_it_is_there)
{
	static const int16_t block[AUDIO_BLOCK_SAMPLES] = { 1 };
	struct audio *audio;
	struct place p;

	place_make(&p);
	plug_in(&board);
	audio = auto_open(&p, false);
	CHECK_OK(audio_write(audio, block));
	plug_in(&phone);
	blocks_play(audio);
	audio_close(audio);
	CHECK(played_bytes(&p, BOARD) > 0);
	CHECK(played_bytes(&p, PHONE) > played_bytes(&p, BOARD));
	place_clear(&p);
}

/* Where nothing changed for the better it is not opened anew either. */
TEST(a_loudspeaker_goes_by_what_is_plugged_in_now)
{
	struct choice_device *jacks = &there.devices[0];
	struct choice_device screen = { .card = PHONE,
		.driver = "HDA-Intel",
		.card_name = "HDA Intel HDMI",
		.name = "HDMI 0",
		.plays = true,
		.plug = CHOICE_PLUGGED };
	struct audio *audio;
	struct place p;

	place_make(&p);
	plug_in(&board);
	jacks->plug = CHOICE_UNPLUGGED;
	audio = auto_open(&p, false);
	p.said[0] = '\0';
	jacks->plug = CHOICE_PLUGGED;
	plug_in(&screen);
	blocks_play(audio);
	CHECK_STR(p.said, "");
	jacks->plug = CHOICE_UNPLUGGED;
	blocks_play(audio);
	CHECK_STR(p.said,
	    "test: the loudspeaker is plughw:1,0: HDA Intel HDMI, HDMI 0");
	jacks->plug = CHOICE_PLUGGED;
	blocks_play(audio);
	CHECK_STR(p.said,
	    "test: the loudspeaker is plughw:0,0: "
	    "HDA Intel PCH, ALC897 Analog");
	audio_close(audio);
	place_clear(&p);
}

/* It is not asked again and again: nothing is better. */
TEST(of_two_speakerphones_the_one_that_was_first_is_kept)
{
	struct choice_device second = phone;
	struct audio *audio;
	struct place p;

	place_make(&p);
	second.card = BOARD;
	plug_in(&phone);
	audio = auto_open(&p, true);
	there.count = 0;
	plug_in(&second);
	plug_in(&phone);
	CHECK(!comes_to_hear(audio, BOARD));
	CHECK_EQ(there.asked, 1U);
	audio_close(audio);
	place_clear(&p);
}

TEST(a_card_that_cannot_be_opened_leaves_the_turn_until_it_can)
{
	struct audio *audio;
	struct place p;

	place_make(&p);
	plug_in(&broken);
	plug_in(&board);
	audio = auto_open(&p, true);
	CHECK_EQ(heard_card(audio), BOARD);
	CHECK(!comes_to_hear(audio, BROKEN));
	audio_close(audio);
	audio = auto_open(&p, true);
	ear_make(&p, BROKEN);
	CHECK(comes_to_hear(audio, BROKEN));
	audio_close(audio);
	place_clear(&p);
}

TEST(a_card_that_is_named_is_taken_and_no_other)
{
	struct audio_config config = { AUDIO_AUTO ":alc897", "Room", "en",
		NULL };
	struct audio *audio = NULL;
	struct place p;

	place_make(&p);
	plug_in(&phone);
	CHECK_ERR(audio_microphone_open(&audio, &config), KK_ENOENT);
	CHECK_ERR(audio_loudspeaker_open(&audio, &config), KK_ENOENT);
	plug_in(&board);
	audio = kind_open(&p, true, AUDIO_AUTO ":alc897");
	CHECK_EQ(heard_card(audio), BOARD);
	CHECK(!comes_to_hear(audio, PHONE));
	audio_close(audio);
	/* Of its card's name and the device's, one behind the other. */
	audio = kind_open(&p, true, AUDIO_AUTO ":PCH-ALC897-Analog");
	CHECK_EQ(heard_card(audio), BOARD);
	audio_close(audio);
	place_clear(&p);
}

TEST(more_words_than_names_have_are_refused)
{
	static char kind[sizeof(AUDIO_AUTO) + 128] = AUDIO_AUTO ":";
	struct audio_config config = { kind, "Room", "en", NULL };
	struct audio *audio = NULL;
	struct place p;

	place_make(&p);
	memset(kind + sizeof(AUDIO_AUTO), 'a', 127);
	CHECK_ERR(audio_microphone_open(&audio, &config), KK_ELIMIT);
	kind[sizeof(AUDIO_AUTO) + 126] = '\0';
	CHECK_ERR(audio_microphone_open(&audio, &config), KK_ENOENT);
	place_clear(&p);
}

TEST(without_a_card_that_can_there_is_none)
{
	struct audio_config config = { "alsa:auto", "Room", "en", NULL };
	struct choice_device deaf = board;
	struct audio *audio = NULL;
	struct place p;

	place_make(&p);
	CHECK_ERR(audio_microphone_open(&audio, &config), KK_ENOENT);
	CHECK_ERR(audio_loudspeaker_open(&audio, &config), KK_ENOENT);
	deaf.hears = false;
	plug_in(&deaf);
	plug_in(&broken);
	CHECK_ERR(audio_microphone_open(&audio, &config), KK_ENOENT);
	CHECK(audio == NULL);
	place_clear(&p);
}
