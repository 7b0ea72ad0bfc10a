/*
 * slot.h - one slot's packets become frames again: jitter buffer, depayloader.
 * The frames are still sealed; whose they are, their key tells.
 *
 *     appsrc -> rtpjitterbuffer -> rtpvp8depay or rtpopusdepay -> appsink
 */
#pragma once
#include "base/base.h"
#include "pipelines/graphs/reaper.h"

enum slot_kind { SLOT_AUDIO, SLOT_VIDEO };

struct slot;

struct slot_config {
	enum slot_kind kind;
	uint8_t payload_type;
	struct reaper *reaper; /* borrowed, outlives the slot */
	/* On the slot's thread.  frame is borrowed. */
	void (*frame)(void *arg, struct kk_view frame);
	/* The depayloader misses something: nothing until a key frame comes. */
	void (*key_frame_wanted)(void *arg);
	void *arg;
};

/* Errors: KK_EUNSUP an element is not installed; KK_EIO. */
MUST_CHECK enum kk_err slot_new(struct slot **slotp,
    const struct slot_config *config);
/* No callback runs or comes after it.  NULL is fine. */
void slot_free(struct slot *slot);

/* An RTP packet; any one thread; never blocks. */
void slot_packet(struct slot *slot, struct kk_view packet);
