/*
 * studio.h - all of a box's media: camera, microphone, loudspeaker, screen, and
 * the members' pictures and sound.  It has no network and no meeting: packets,
 * keys and who is there come from outside.
 *
 * Calls marked "control" come from one thread, the others from any.  Callbacks
 * come from threads of the studio's, must not block, and must not call it.
 */
#pragma once
#include "base/base.h"
#include "pipelines/elements/vault/vault.h"
#include "pipelines/graphs/sizes.h"
#include "pipelines/graphs/view.h"

enum { STUDIO_SLOTS_MAX = 32, STUDIO_PACKET_MAX_BYTES = 1400 };

struct studio;

struct studio_config { /* its texts outlive the object */
	const char *name; /* the box's */
	const char *language; /* "en", "de", or a locale's name */
	/* Kinds of drivers/camera and drivers/audio, or "none". */
	const char *camera, *microphone, *loudspeaker;
	const char *picture; /* a PNG file to be kept, or NULL */
	const char *screen; /* a kind of drivers/display */
	int number; /* in the test strip, or CAMERA_NUMBER_OF_NAME */
	/* Of the screen; 0, 0: what suits it, or 1280x720. */
	unsigned width, height, fps;
	unsigned send_width, send_height, send_fps;
	/* In how many sizes the camera's picture is sent, at most; 0: in as
	 * many as its size calls for (sizes.h). */
	unsigned send_encodings;
	const struct kk_log *log; /* borrowed; written on any thread */

	/* A sealed RTP packet, to be sent. */
	void (*send)(void *arg, struct kk_view packet);
	/* A key frame is wanted of a slot. */
	void (*key_frame_ask)(void *arg, uint32_t ssrc);
	/* studio_state() has changed. */
	void (*changed)(void *arg);
	void *arg;
};

/*
 * Starts it all.  A device that is not there does not keep the rest from
 * running, and is tried again.
 * Errors: KK_EINVAL a size or the kind of screen; KK_EUNSUP an element of
 * GStreamer, or a kind of screen, is not installed; KK_ENOMEM.
 */
MUST_CHECK enum kk_err studio_new(struct studio **studiop,
    const struct studio_config *config);
void studio_free(struct studio *studio); /* control; waits; NULL is fine */

/* --- keys (control) ------------------------------------------------------ */

/* As vault_epoch_set(); frames that waited for it are opened.  Times are
 * CLOCK_MONOTONIC's. */
MUST_CHECK enum kk_err studio_epoch_set(struct studio *studio,
    const struct vault_epoch *epoch);
void studio_epochs_clear(struct studio *studio);

/* --- the meeting (control) ----------------------------------------------- */

/* Who is there.  Frames of a leaf that is nobody's here are not shown, nor are
 * those of an epoch before the one in which its person was first seen. */
void studio_view_set(struct studio *studio, const struct view *view);

struct studio_slot {
	uint32_t ssrc;
	uint8_t payload_type;
	bool is_video;
	int64_t leaf; /* whose media was asked for; -1: nobody's */
	uint8_t vp9_payload_type; /* of video, in place of VP8; 0: none */
};
/* Slots that were there stay as they are.  Errors: KK_EUNSUP, KK_ELIMIT. */
MUST_CHECK enum kk_err studio_slots_set(struct studio *studio,
    const struct studio_slot *slots, size_t count);

struct studio_publish {
	uint32_t audio_ssrc; /* 0: is not sent */
	/* Of the camera's encodings, as in studio_sizes(). */
	uint32_t video_ssrcs[SIZES_MAX];
	uint8_t audio_payload_type, video_payload_type;
	/* Sound's packets say in clear how loud they are (voice.h). */
	bool tells_level;
};
void studio_publish_set(struct studio *studio,
    const struct studio_publish *publish);
/* What the camera's picture is sent in; any thread. */
struct sizes studio_sizes(const struct studio *studio);

/* The number pad on the screen. */
struct pad_look;
void studio_pad_set(struct studio *studio, const struct pad_look *pad);

/* What the box tells beside the meeting. */
struct notices;
void studio_notices_set(struct studio *studio, const struct notices *notices);

void studio_tick(struct studio *studio); /* once a second */

/* --- packets ------------------------------------------------------------- */

/* An RTP packet of a slot; never blocks.  One thread for each SSRC. */
void studio_packet(struct studio *studio, uint32_t ssrc, struct kk_view packet);
/* Somebody needs one of ours: of that encoding, or of all of them (0). */
void studio_key_frame(struct studio *studio, uint32_t ssrc);
/* How many of its sizes are drawn by anybody, from the smallest on; the others
 * are not made.  0: all, as at first.  Any thread. */
void studio_want(struct studio *studio, size_t sizes);
/* What there is room for on the way out, sound and picture together.  Any
 * thread. */
void studio_room_set(struct studio *studio, uint64_t bps);

/* --- what there is ------------------------------------------------------- */

struct studio_state {
	bool is_speaking, has_microphone, has_camera;
	bool has_epoch, may_seal;
};
struct studio_state studio_state(struct studio *studio);

struct studio_counts {
	uint64_t out_packets; /* sealed and given to send() */
	uint64_t opened,
	    dropped; /* frames of others; of nobody here, too old */
	uint64_t waited; /* frames that came before their key */
	struct sframe_rx_stats frames;
};
struct studio_counts studio_counts(struct studio *studio);

/* Of the room's: pictures that were composed, and that the screen has taken (0
 * for one that takes them itself). */
void studio_pictures_get(struct studio *studio, uint64_t *drawn,
    uint64_t *shown);

/* Of the screen's picture. */
void studio_size_get(const struct studio *studio, unsigned *width,
    unsigned *height);

struct screen;
struct screen *studio_screen(struct studio *studio); /* borrowed; for tests */
/* For tests: how many pictures of a member were decoded, and making its decoder
 * hang.  False: there is no such member, or none came. */
uint64_t studio_person_pictures(struct studio *studio, uint32_t leaf);
bool studio_person_hang(struct studio *studio, uint32_t leaf);
