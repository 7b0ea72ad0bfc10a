/* plugs.h - what a card tells of what is plugged in.  Not for others. */
#pragma once
#include <alsa/asoundlib.h>

#include "drivers/audio/audio_internal.h"

/*
 * Sets plug of a card's devices, CHOICE_UNTOLD where it does not say.  The
 * kernel's drivers tell it by controls: "ELD" of an HDMI or DisplayPort device
 * (its bytes: what a screen that plays says of itself), and "... Jack" of an
 * analog output (Documentation/sound/designs/jack-controls.rst).
 */
void audio_plugs_read(snd_ctl_t *ctl, struct choice_device *devices,
    size_t count);
