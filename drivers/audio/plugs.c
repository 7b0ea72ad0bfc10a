/* plugs.c - what a card tells of what is plugged in. */
#define _GNU_SOURCE /* ALSA's header wants struct timespec */
#include "drivers/audio/plugs.h"

#include <string.h>

enum { CONTROLS_MAX = 512 }; /* of a card; more are not looked at */

static const char eld[] = "ELD";
static const char jack[] = " Jack";
static const char *const outputs[] = { "Headphone", "Line Out", "Speaker" };

struct plugs {
	snd_ctl_t *ctl;
	struct choice_device *devices;
	size_t count;
};

static bool ends_with(const char *text, const char *end)
{
	size_t bytes = strlen(text), end_bytes = strlen(end);

	return bytes >= end_bytes && !strcmp(text + bytes - end_bytes, end);
}

static bool is_output_jack(const char *name)
{
	if (!ends_with(name, jack))
		return false;
	for (size_t i = 0; i < KK_ARRAY_LEN(outputs); i++) {
		if (strstr(name, outputs[i]))
			return true;
	}
	return false;
}

/* Without a screen, or with one that does not play, it has no bytes. */
static void eld_read(const struct plugs *p, const snd_ctl_elem_id_t *id,
    unsigned device)
{
	snd_ctl_elem_info_t *info;

	if (snd_ctl_elem_info_malloc(&info) < 0)
		return;
	snd_ctl_elem_info_set_id(info, id);
	for (size_t i = 0; i < p->count; i++) {
		if (p->devices[i].device == (int)device &&
		    snd_ctl_elem_info(p->ctl, info) >= 0)
			p->devices[i].plug = snd_ctl_elem_info_get_count(info) >
				0 ?
			    CHOICE_PLUGGED :
			    CHOICE_UNPLUGGED;
	}
	snd_ctl_elem_info_free(info);
}

/* One jack in use is enough. */
static void jack_read(const struct plugs *p, const snd_ctl_elem_id_t *id)
{
	snd_ctl_elem_value_t *value;

	if (snd_ctl_elem_value_malloc(&value) < 0)
		return;
	snd_ctl_elem_value_set_id(value, id);
	if (snd_ctl_elem_read(p->ctl, value) < 0) {
		snd_ctl_elem_value_free(value);
		return;
	}
	for (size_t i = 0; i < p->count; i++) {
		struct choice_device *d = &p->devices[i];

		if (choice_is_screen(d))
			continue;
		if (snd_ctl_elem_value_get_boolean(value, 0))
			d->plug = CHOICE_PLUGGED;
		else if (d->plug == CHOICE_UNTOLD)
			d->plug = CHOICE_UNPLUGGED;
	}
	snd_ctl_elem_value_free(value);
}

static void control_read(const struct plugs *p, const snd_ctl_elem_list_t *list,
    unsigned at, snd_ctl_elem_id_t *id)
{
	const char *name = snd_ctl_elem_list_get_name(list, at);

	snd_ctl_elem_list_get_id(list, at, id);
	if (!strcmp(name, eld))
		eld_read(p, id, snd_ctl_elem_list_get_device(list, at));
	else if (is_output_jack(name))
		jack_read(p, id);
}

static void controls_read(const struct plugs *p, snd_ctl_elem_list_t *list)
{
	snd_ctl_elem_id_t *id;

	if (snd_ctl_elem_list_alloc_space(list, CONTROLS_MAX) < 0)
		return;
	if (snd_ctl_elem_id_malloc(&id) >= 0) {
		if (snd_ctl_elem_list(p->ctl, list) >= 0) {
			for (unsigned i = 0;
			    i < snd_ctl_elem_list_get_used(list); i++)
				control_read(p, list, i, id);
		}
		snd_ctl_elem_id_free(id);
	}
	snd_ctl_elem_list_free_space(list);
}

void audio_plugs_read(snd_ctl_t *ctl, struct choice_device *devices,
    size_t count)
{
	const struct plugs p = { .ctl = ctl,
		.devices = devices,
		.count = count };
	snd_ctl_elem_list_t *list;

	for (size_t i = 0; i < count; i++)
		devices[i].plug = CHOICE_UNTOLD;
	if (count == 0 || snd_ctl_elem_list_malloc(&list) < 0)
		return;
	controls_read(&p, list);
	snd_ctl_elem_list_free(list);
}
