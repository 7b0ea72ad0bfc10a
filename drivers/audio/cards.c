/* cards.c - the sound cards that the kernel has now. */
#define _GNU_SOURCE /* its header wants struct timespec */
#include <alsa/asoundlib.h>
#include <stdio.h>

#include "drivers/audio/plugs.h"

enum { CTL_BYTES = 16 }; /* "hw:31" */

static bool has_stream(snd_ctl_t *ctl, int device, snd_pcm_stream_t stream,
    snd_pcm_info_t *info)
{
	snd_pcm_info_set_device(info, (unsigned)device);
	snd_pcm_info_set_subdevice(info, 0);
	snd_pcm_info_set_stream(info, stream);
	return snd_ctl_pcm_info(ctl, info) >= 0;
}

/* False where it is neither, or was pulled just now. */
static bool device_get(snd_ctl_t *ctl, struct choice_device *out)
{
	snd_pcm_info_t *info;

	if (snd_pcm_info_malloc(&info) < 0)
		return false;
	out->hears = has_stream(ctl, out->device, SND_PCM_STREAM_CAPTURE, info);
	out->name[0] = '\0';
	if (out->hears)
		(void)snprintf(out->name, sizeof(out->name), "%s",
		    snd_pcm_info_get_name(info));
	out->plays = has_stream(ctl, out->device, SND_PCM_STREAM_PLAYBACK,
	    info);
	if (out->plays)
		(void)snprintf(out->name, sizeof(out->name), "%s",
		    snd_pcm_info_get_name(info));
	snd_pcm_info_free(info);
	return out->hears || out->plays;
}

static bool card_get(snd_ctl_t *ctl, struct choice_device *out)
{
	snd_ctl_card_info_t *info;
	bool is_known;

	if (snd_ctl_card_info_malloc(&info) < 0)
		return false;
	is_known = snd_ctl_card_info(ctl, info) >= 0;
	if (is_known) {
		(void)snprintf(out->driver, sizeof(out->driver), "%s",
		    snd_ctl_card_info_get_driver(info));
		(void)snprintf(out->card_name, sizeof(out->card_name), "%s",
		    snd_ctl_card_info_get_name(info));
	}
	snd_ctl_card_info_free(info);
	return is_known;
}

static size_t card_list(int card, struct choice_device *devices, size_t room)
{
	struct choice_device of = { .card = card, .device = -1 };
	char name[CTL_BYTES];
	size_t count = 0;
	snd_ctl_t *ctl;

	(void)snprintf(name, sizeof(name), "hw:%d", card);
	if (snd_ctl_open(&ctl, name, SND_CTL_NONBLOCK) < 0)
		return 0;
	if (card_get(ctl, &of)) {
		while (count < room &&
		    snd_ctl_pcm_next_device(ctl, &of.device) >= 0 &&
		    of.device >= 0) {
			if (device_get(ctl, &of))
				devices[count++] = of;
		}
		audio_plugs_read(ctl, devices, count);
	}
	(void)snd_ctl_close(ctl);
	return count;
}

size_t audio_cards_list(struct choice_device *devices, size_t room)
{
	size_t count = 0;
	int card = -1;

	while (count < room && snd_card_next(&card) >= 0 && card >= 0)
		count += card_list(card, devices + count, room - count);
	return count;
}
