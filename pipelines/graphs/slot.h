/*
 * slot.h - one slot's packets become frames again: jitter buffer, depayloader.
 * The frames are still sealed; whose they are, their key tells.
 *
 *     appsrc -> rtpjitterbuffer -> rtpvp8depay or rtpopusdepay -> appsink
 *     appsrc -> rtpjitterbuffer -> appsink -> vp9_join.h, of VP9
 */
#pragma once
#include "base/base.h"
#include "pipelines/graphs/reaper.h"
#include "pipelines/graphs/vp9_join.h"

enum slot_kind { SLOT_AUDIO, SLOT_VIDEO };

struct slot;

struct slot_frame {
	struct kk_view data; /* borrowed */
	/* Of VP9: a layer of a picture.  The rest is not told of others. */
	bool is_vp9;
	uint32_t timestamp;
	bool ends_picture;
	bool is_behind_loss; /* something before it has not come */
};

struct slot_config {
	enum slot_kind kind;
	uint8_t payload_type;
	uint8_t vp9_payload_type; /* of video, in place of VP8; 0: none */
	struct reaper *reaper; /* borrowed, outlives the slot */
	/* On the slot's thread. */
	void (*frame)(void *arg, const struct slot_frame *frame);
	/* The depayloader misses something: nothing until a key frame comes. */
	void (*key_frame_wanted)(void *arg);
	void *arg;
};

/* Errors: KK_EUNSUP an element is not installed; KK_EIO. */
MUST_CHECK enum kk_err slot_new(struct slot **slotp,
    const struct slot_config *config);
/* No callback runs or comes after it.  NULL is fine. */
void slot_free(struct slot *slot);

/* An RTP packet; any one thread; waits for a frame's callback at most, where
 * the codec changes. */
void slot_packet(struct slot *slot, struct kk_view packet);
