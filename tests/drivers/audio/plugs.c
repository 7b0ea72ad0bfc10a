/* plugs.c - what a card tells of what is plugged in, where ALSA's calls answer
 * for the test. */
#define _GNU_SOURCE /* ALSA's header wants struct timespec */
#include "drivers/audio/plugs.h"

#include <string.h>

#include "harness/tap.h"

enum { CONTROLS_MAX = 8, HDMI = 3, ANALOG = 0 };

struct control {
	const char *name;
	unsigned device; /* of an ELD */
	unsigned bytes; /* of an ELD */
	bool is_on, is_lost; /* of a jack; it cannot be read */
};

static const struct control *controls, *current;

int __wrap_snd_ctl_elem_list(snd_ctl_t *ctl, snd_ctl_elem_list_t *list);
unsigned __wrap_snd_ctl_elem_list_get_used(const snd_ctl_elem_list_t *list);
const char *__wrap_snd_ctl_elem_list_get_name(const snd_ctl_elem_list_t *list,
    unsigned at);
unsigned __wrap_snd_ctl_elem_list_get_device(const snd_ctl_elem_list_t *list,
    unsigned at);
void __wrap_snd_ctl_elem_list_get_id(const snd_ctl_elem_list_t *list,
    unsigned at, snd_ctl_elem_id_t *id);
int __wrap_snd_ctl_elem_info(snd_ctl_t *ctl, snd_ctl_elem_info_t *info);
unsigned __wrap_snd_ctl_elem_info_get_count(const snd_ctl_elem_info_t *info);
int __wrap_snd_ctl_elem_read(snd_ctl_t *ctl, snd_ctl_elem_value_t *value);
int __wrap_snd_ctl_elem_value_get_boolean(const snd_ctl_elem_value_t *value,
    unsigned at);
void __real_audio_plugs_read(snd_ctl_t *ctl, struct choice_device *devices,
    size_t count);

int __wrap_snd_ctl_elem_list(snd_ctl_t *ctl, snd_ctl_elem_list_t *list)
{
	CHECK(ctl && list);
	return controls ? 0 : -ENODEV;
}

unsigned __wrap_snd_ctl_elem_list_get_used(const snd_ctl_elem_list_t *list)
{
	unsigned count = 0;

	CHECK(list != NULL);
	while (count < CONTROLS_MAX && controls[count].name)
		count++;
	return count;
}

const char *__wrap_snd_ctl_elem_list_get_name(const snd_ctl_elem_list_t *list,
    unsigned at)
{
	CHECK(list != NULL);
	return controls[at].name;
}

unsigned __wrap_snd_ctl_elem_list_get_device(const snd_ctl_elem_list_t *list,
    unsigned at)
{
	CHECK(list != NULL);
	return controls[at].device;
}

void __wrap_snd_ctl_elem_list_get_id(const snd_ctl_elem_list_t *list,
    unsigned at, snd_ctl_elem_id_t *id)
{
	CHECK(list && id);
	current = &controls[at];
}

int __wrap_snd_ctl_elem_info(snd_ctl_t *ctl, snd_ctl_elem_info_t *info)
{
	CHECK(ctl && info && current);
	return current->is_lost ? -ENODEV : 0;
}

unsigned __wrap_snd_ctl_elem_info_get_count(const snd_ctl_elem_info_t *info)
{
	CHECK(info && current);
	return current->bytes;
}

int __wrap_snd_ctl_elem_read(snd_ctl_t *ctl, snd_ctl_elem_value_t *value)
{
	CHECK(ctl && value && current);
	return current->is_lost ? -ENODEV : 0;
}

int __wrap_snd_ctl_elem_value_get_boolean(const snd_ctl_elem_value_t *value,
    unsigned at)
{
	CHECK(value && current && at == 0);
	return current->is_on;
}

static const struct {
	const char *what;
	struct control controls[CONTROLS_MAX];
	enum choice_plug analog, first, second; /* screens */
} table[] = {
	{ "a card without controls", { { NULL, 0, 0, false, false } },
	    CHOICE_UNTOLD, CHOICE_UNTOLD, CHOICE_UNTOLD },
	{ "controls that tell nothing of it",
	    { { "Master Playback Volume", 0, 0, true, false },
		{ "Mic Jack", 0, 0, true, false },
		{ "Headphone Playback Switch", 0, 0, true, false },
		{ "HDMI/DP,pcm=3 Jack", 0, 0, true, false } },
	    CHOICE_UNTOLD, CHOICE_UNTOLD, CHOICE_UNTOLD },
	{ "nothing is plugged in",
	    { { "Headphone Jack", 0, 0, false, false },
		{ "Line Out Front Jack", 0, 0, false, false },
		{ "ELD", HDMI, 0, false, false },
		{ "ELD", HDMI + 1, 0, false, false } },
	    CHOICE_UNPLUGGED, CHOICE_UNPLUGGED, CHOICE_UNPLUGGED },
	{ "the first jack, the second screen",
	    { { "Headphone Jack", 0, 0, true, false },
		{ "Line Out Front Jack", 0, 0, false, false },
		{ "ELD", HDMI, 0, false, false },
		{ "ELD", HDMI + 1, 36, false, false } },
	    CHOICE_PLUGGED, CHOICE_UNPLUGGED, CHOICE_PLUGGED },
	{ "the second jack, the first screen",
	    { { "Headphone Jack", 0, 0, false, false },
		{ "Line Out Front Jack", 0, 0, true, false },
		{ "ELD", HDMI, 36, false, false },
		{ "ELD", HDMI + 1, 0, false, false } },
	    CHOICE_PLUGGED, CHOICE_PLUGGED, CHOICE_UNPLUGGED },
	{ "loudspeakers that are built in",
	    { { "Speaker Phantom Jack", 0, 0, true, false } }, CHOICE_PLUGGED,
	    CHOICE_UNTOLD, CHOICE_UNTOLD },
	{ "controls that cannot be read",
	    { { "Headphone Jack", 0, 0, true, true },
		{ "ELD", HDMI, 36, false, true } },
	    CHOICE_UNTOLD, CHOICE_UNTOLD, CHOICE_UNTOLD },
};

static void devices_make(struct choice_device devices[static 3])
{
	devices[0] = (struct choice_device){ .device = ANALOG,
		.name = "ALC897 Analog",
		.plug = CHOICE_PLUGGED };
	devices[1] = (struct choice_device){ .device = HDMI,
		.name = "HDMI 0",
		.plug = CHOICE_PLUGGED };
	devices[2] = (struct choice_device){ .device = HDMI + 1,
		.name = "HDMI 1",
		.plug = CHOICE_PLUGGED };
}

TEST(controls_of_jacks_and_screens_tell_what_is_plugged_in)
{
	snd_ctl_t *ctl = (snd_ctl_t *)&controls;
	struct choice_device devices[3];

	for (size_t row = 0; row < KK_ARRAY_LEN(table); row++) {
		tap_diag("%s", table[row].what);
		controls = table[row].controls;
		devices_make(devices);
		__real_audio_plugs_read(ctl, devices, KK_ARRAY_LEN(devices));
		CHECK_EQ(devices[0].plug, table[row].analog);
		CHECK_EQ(devices[1].plug, table[row].first);
		CHECK_EQ(devices[2].plug, table[row].second);
	}
}

TEST(a_card_that_was_pulled_tells_nothing)
{
	snd_ctl_t *ctl = (snd_ctl_t *)&controls;
	struct choice_device devices[3];

	controls = NULL;
	devices_make(devices);
	__real_audio_plugs_read(ctl, devices, KK_ARRAY_LEN(devices));
	for (size_t i = 0; i < KK_ARRAY_LEN(devices); i++)
		CHECK_EQ(devices[i].plug, CHOICE_UNTOLD);
}
