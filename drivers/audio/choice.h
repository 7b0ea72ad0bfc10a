/*
 * choice.h - which sound card a room box takes, of those that are there.
 * Nothing of the machine is asked: the list is the caller's.
 */
#pragma once
#include "base/base.h"

enum {
	CHOICE_DRIVER_BYTES = 16, /* as in the kernel's snd_ctl_card_info */
	CHOICE_TITLE_BYTES = 80, /* of a card's name, or a device's */
	CHOICE_DEVICES_MAX = 64
};

/* The better, the smaller. */
enum choice_rank {
	CHOICE_SPEAKERPHONE, /* on USB, hears and plays */
	CHOICE_USB, /* one way alone: a camera's microphone */
	CHOICE_BOARD, /* the jacks of a board; one is in use, or cannot tell */
	CHOICE_SCREEN, /* HDMI, DisplayPort: one that plays is on */
	CHOICE_EMPTY, /* the jacks of a board: nothing is in them */
	CHOICE_DIGITAL, /* its optical output */
	CHOICE_NO_SCREEN, /* HDMI, DisplayPort: none that plays is on */
	CHOICE_LOOPBACK, /* the kernel's own, for tests */
	CHOICE_NONE
};

/* What is known of the far end of an output. */
enum choice_plug { CHOICE_UNTOLD, CHOICE_PLUGGED, CHOICE_UNPLUGGED };

/* One device of a card's, as ALSA tells of it. */
struct choice_device {
	int card, device;
	char driver[CHOICE_DRIVER_BYTES]; /* "USB-Audio", "HDA-Intel" */
	char card_name[CHOICE_TITLE_BYTES]; /* "HDA Intel PCH" */
	char name[CHOICE_TITLE_BYTES]; /* "ALC897 Analog", "HDMI 0" */
	bool hears, plays;
	enum choice_plug plug; /* where it plays */
	enum choice_rank rank; /* set by choice_sort() */
};

bool choice_is_screen(const struct choice_device *device);

/*
 * Brings the devices of one direction to the front of the list, the best one
 * first, those of one rank as they stood.  Returns how many these are; what
 * follows them is of no order.
 */
size_t choice_sort(struct choice_device *devices, size_t count,
    bool is_microphone);
