/*
 * studio_private.h - what the studio's files share.
 *
 * Locks, in the order in which they may be taken: a slot's gate (slot.c), the
 * slot's, people's.  The others are taken alone.
 */
#pragma once
#include <glib.h>

#include "drivers/display/display.h"
#include "pipelines/graphs/camera_run.h"
#include "pipelines/graphs/encode.h"
#include "pipelines/graphs/person.h"
#include "pipelines/graphs/screen.h"
#include "pipelines/graphs/show.h"
#include "pipelines/graphs/slot.h"
#include "pipelines/graphs/sound.h"
#include "pipelines/graphs/studio.h"
#include "pipelines/graphs/voice.h"

/* A member's camera, or the screen that it shares.  Its address stays. */
struct film {
	struct frames *frames; /* NULL: not in use */
	struct person *decoder; /* NULL: no frame yet */
	unsigned width, height; /* as it is drawn */
	gint ssrc; /* of the slot that its last frame came in */
	struct studio *studio;
};

/* A member of the view. */
struct member {
	bool is_used;
	struct view_person person;
	uint64_t first_epoch; /* in which it was first seen */
	struct film camera, screen;
	uint64_t audio_epoch, audio_ctr; /* of its last packet */
	bool has_audio;
	int64_t still_us; /* since when its picture stands still; 0: it goes */
};

struct waiting { /* a frame before its key */
	int64_t came_us;
	struct kk_bytes frame;
	struct slot_frame is; /* its data is frame's */
};

/* A slot.  Its address stays: callbacks have it. */
struct slot_entry {
	struct studio *studio;
	struct studio_slot config;
	struct slot *slot;
	GMutex lock; /* of all below */
	GQueue waiting;
	size_t waiting_bytes;
	uint8_t *opened; /* a frame, opened */
	size_t opened_room;
	bool has_lost; /* since the last one that was shown */
};

struct studio {
	struct studio_config config;
	struct vault *vault;
	struct reaper *reaper;
	struct screen *screen;
	struct display *window, *file;
	struct show *show;
	struct encode *encode;
	struct camera_run *camera;
	struct echo *echo; /* NULL: the microphone hears no room */
	struct voice *voice;
	struct sound *sound;
	gint is_speaking;

	GMutex publish_lock;
	struct studio_publish publish;

	GMutex slots_lock; /* of the table; the control thread changes it */
	struct slot_entry *slots[STUDIO_SLOTS_MAX];
	size_t slot_count;

	GMutex people_lock;
	struct member members[VIEW_PEOPLE_MAX];

	GMutex counts_lock;
	struct studio_counts counts;
};

/* studio_people.c */
void studio_people_clear(struct studio *studio);
/* False: a slot's thread has the lock, and is not waited for. */
bool studio_people_try(struct studio *studio);
void studio_people_let_go(struct studio *studio);
void studio_people_tick(struct studio *studio); /* says who stands still */
/* An opened frame.  False: it is nobody's here. */
typedef bool studio_take_fn(struct studio *studio,
    const struct slot_entry *from, const struct sframe_source *source,
    const struct slot_frame *frame);
studio_take_fn studio_frame_take; /* on a slot's thread */
studio_take_fn studio_frame_take_held; /* by who has the people's lock */

/* studio_slots.c */
void studio_slots_clear(struct studio *studio);
void studio_slots_retry(struct studio *studio); /* a key has come */
