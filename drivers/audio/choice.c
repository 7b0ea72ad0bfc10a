/* choice.c - which sound card. */
#include "drivers/audio/choice.h"

#include <string.h>

static const char usb[] = "USB-Audio"; /* linux/sound/usb/card.c */
static const char *const loopbacks[] = { "Loopback", "Dummy" };
/* Names that the kernel's drivers give (sound/pci/hda). */
static const char *const screens[] = { "HDMI", "DisplayPort" };
static const char *const digitals[] = { "Digital", "IEC958", "S/PDIF",
	"SPDIF" };
static const char modem[] = "Modem";

static bool is_driver(const struct choice_device *of,
    const char *const *drivers, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!strcmp(of->driver, drivers[i]))
			return true;
	}
	return false;
}

static bool is_named(const struct choice_device *of, const char *const *words,
    size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (strstr(of->name, words[i]))
			return true;
	}
	return false;
}

bool choice_is_screen(const struct choice_device *device)
{
	return is_named(device, screens, KK_ARRAY_LEN(screens));
}

/* A card may hear by one of its devices and play by another. */
static bool is_both_ways(const struct choice_device *devices, size_t count,
    int card)
{
	bool hears = false, plays = false;

	for (size_t i = 0; i < count; i++) {
		if (devices[i].card != card)
			continue;
		hears = hears || devices[i].hears;
		plays = plays || devices[i].plays;
	}
	return hears && plays;
}

static enum choice_rank rank_of(const struct choice_device *devices,
    size_t count, const struct choice_device *of, bool is_microphone)
{
	if (is_microphone ? !of->hears : !of->plays)
		return CHOICE_NONE;
	if (is_driver(of, loopbacks, KK_ARRAY_LEN(loopbacks)))
		return CHOICE_LOOPBACK;
	if (!strcmp(of->driver, usb))
		return is_both_ways(devices, count, of->card) ?
		    CHOICE_SPEAKERPHONE :
		    CHOICE_USB;
	if (strstr(of->name, modem))
		return CHOICE_NONE;
	if (choice_is_screen(of))
		return of->plug == CHOICE_PLUGGED ? CHOICE_SCREEN :
						    CHOICE_NO_SCREEN;
	if (is_named(of, digitals, KK_ARRAY_LEN(digitals)))
		return CHOICE_DIGITAL;
	return !is_microphone && of->plug == CHOICE_UNPLUGGED ? CHOICE_EMPTY :
								CHOICE_BOARD;
}

/* By insertion: equal ones stay as they stood. */
size_t choice_sort(struct choice_device *devices, size_t count,
    bool is_microphone)
{
	size_t found = 0;

	for (size_t i = 0; i < count; i++)
		devices[i].rank = rank_of(devices, count, &devices[i],
		    is_microphone);
	for (size_t i = 1; i < count; i++) {
		const struct choice_device moved = devices[i];
		size_t at = i;

		for (; at > 0 && devices[at - 1].rank > moved.rank; at--)
			devices[at] = devices[at - 1];
		devices[at] = moved;
	}
	while (found < count && devices[found].rank != CHOICE_NONE)
		found++;
	return found;
}
