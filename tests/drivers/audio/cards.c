/* cards.c - what is read of the cards, where ALSA's calls answer for the
 * test's. */
#define _GNU_SOURCE /* ALSA's header wants struct timespec */
#include <alsa/asoundlib.h>
#include <string.h>

#include "drivers/audio/plugs.h"
#include "harness/tap.h"

enum { DEVICES = 3, CARDS = 3, NONE = -1 };

static const struct fake {
	bool is_pulled; /* after it was listed */
	const char *driver, *name;
	struct {
		int number; /* NONE: no more */
		const char *hears, *plays; /* its names, or NULL */
	} devices[DEVICES];
} fakes[CARDS] = {
	{ .driver = "HDA-Intel",
	    .name = "HDA Intel PCH",
	    .devices = { { 0, "ALC897 Analog", "ALC897 Analog" },
		{ 3, NULL, "HDMI 0" }, { NONE, NULL, NULL } } },
	{ .is_pulled = true },
	{ .driver = "USB-Audio and a name that is too long",
	    .name = "C920",
	    .devices = { { 0, "USB Audio", NULL }, { 1, NULL, NULL },
		{ NONE, NULL, NULL } } },
};

static const struct fake *asked;
static size_t told; /* of so many devices what is plugged in */
static const char *pcm_name;

int __wrap_snd_card_next(int *card);
int __wrap_snd_ctl_open(snd_ctl_t **ctl, const char *name, int mode);
int __wrap_snd_ctl_close(snd_ctl_t *ctl);
int __wrap_snd_ctl_card_info(snd_ctl_t *ctl, snd_ctl_card_info_t *info);
const char *__wrap_snd_ctl_card_info_get_driver(
    const snd_ctl_card_info_t *info);
const char *__wrap_snd_ctl_card_info_get_name(const snd_ctl_card_info_t *info);
int __wrap_snd_ctl_pcm_next_device(snd_ctl_t *ctl, int *device);
int __wrap_snd_ctl_pcm_info(snd_ctl_t *ctl, snd_pcm_info_t *info);
const char *__wrap_snd_pcm_info_get_name(const snd_pcm_info_t *info);
void __wrap_audio_plugs_read(snd_ctl_t *ctl, struct choice_device *devices,
    size_t count);
size_t __real_audio_cards_list(struct choice_device *devices, size_t room);

int __wrap_snd_card_next(int *card)
{
	*card = *card + 1 < CARDS ? *card + 1 : NONE;
	return 0;
}

int __wrap_snd_ctl_open(snd_ctl_t **ctl, const char *name, int mode)
{
	int card = name[3] - '0';

	(void)mode;
	CHECK(!strncmp(name, "hw:", 3));
	CHECK(card >= 0 && card < CARDS);
	CHECK(asked == NULL);
	if (fakes[card].is_pulled)
		return -ENODEV;
	asked = &fakes[card];
	*ctl = (snd_ctl_t *)&asked;
	return 0;
}

int __wrap_snd_ctl_close(snd_ctl_t *ctl)
{
	CHECK(ctl && asked);
	asked = NULL;
	return 0;
}

int __wrap_snd_ctl_card_info(snd_ctl_t *ctl, snd_ctl_card_info_t *info)
{
	CHECK(ctl && info && asked);
	return 0;
}

const char *__wrap_snd_ctl_card_info_get_driver(const snd_ctl_card_info_t *info)
{
	CHECK(info && asked);
	return asked->driver;
}

const char *__wrap_snd_ctl_card_info_get_name(const snd_ctl_card_info_t *info)
{
	CHECK(info && asked);
	return asked->name;
}

int __wrap_snd_ctl_pcm_next_device(snd_ctl_t *ctl, int *device)
{
	CHECK(ctl && asked);
	for (int i = 0; i < DEVICES; i++) {
		if (asked->devices[i].number == NONE ||
		    asked->devices[i].number > *device) {
			*device = asked->devices[i].number;
			return 0;
		}
	}
	return -EINVAL;
}

int __wrap_snd_ctl_pcm_info(snd_ctl_t *ctl, snd_pcm_info_t *info)
{
	int device = (int)snd_pcm_info_get_device(info);
	bool hears = snd_pcm_info_get_stream(info) == SND_PCM_STREAM_CAPTURE;

	CHECK(ctl && asked);
	pcm_name = NULL;
	for (int i = 0; i < DEVICES && asked->devices[i].number != NONE; i++) {
		if (asked->devices[i].number == device)
			pcm_name = hears ? asked->devices[i].hears :
					   asked->devices[i].plays;
	}
	return pcm_name ? 0 : -ENOENT;
}

const char *__wrap_snd_pcm_info_get_name(const snd_pcm_info_t *info)
{
	CHECK(info && pcm_name);
	return pcm_name;
}

void __wrap_audio_plugs_read(snd_ctl_t *ctl, struct choice_device *devices,
    size_t count)
{
	CHECK(ctl && asked);
	for (size_t i = 0; i < count; i++)
		devices[i].plug = CHOICE_PLUGGED;
	told += count;
}

static void is_device(const struct choice_device *got,
    const struct choice_device *wanted)
{
	CHECK_EQ(got->card, wanted->card);
	CHECK_EQ(got->device, wanted->device);
	CHECK(!strcmp(got->driver, wanted->driver));
	CHECK(!strcmp(got->card_name, wanted->card_name));
	CHECK(!strcmp(got->name, wanted->name));
	CHECK_EQ(got->hears, wanted->hears);
	CHECK_EQ(got->plays, wanted->plays);
	CHECK_EQ(got->plug, CHOICE_PLUGGED);
}

static const struct choice_device wanted[] = {
	{ 0, 0, "HDA-Intel", "HDA Intel PCH", "ALC897 Analog", true, true,
	    CHOICE_UNTOLD, CHOICE_NONE },
	{ 0, 3, "HDA-Intel", "HDA Intel PCH", "HDMI 0", false, true,
	    CHOICE_UNTOLD, CHOICE_NONE },
	{ 2, 0, "USB-Audio and a", "C920", "USB Audio", true, false,
	    CHOICE_UNTOLD, CHOICE_NONE },
};

TEST(each_device_of_the_cards_that_answer_is_listed)
{
	struct choice_device got[CHOICE_DEVICES_MAX];
	size_t count = __real_audio_cards_list(got, KK_ARRAY_LEN(got));

	CHECK_EQ(count, KK_ARRAY_LEN(wanted));
	CHECK_EQ(told, count);
	for (size_t i = 0; i < count; i++)
		is_device(&got[i], &wanted[i]);
	CHECK(asked == NULL);
}

TEST(more_devices_than_there_is_room_for_are_left_out)
{
	struct choice_device got[KK_ARRAY_LEN(wanted) + 1];

	for (size_t room = 0; room <= KK_ARRAY_LEN(wanted); room++) {
		memset(got, 0xff, sizeof(got));
		CHECK_EQ(__real_audio_cards_list(got, room), room);
		for (size_t i = 0; i < room; i++)
			is_device(&got[i], &wanted[i]);
		CHECK_EQ(got[room].card, -1);
		CHECK(asked == NULL);
	}
}
