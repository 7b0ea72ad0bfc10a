/*
 * person.h - one member's pictures: a decoder of its own, so that whatever a
 * member sends or does not send touches nobody else's picture.
 *
 *     appsrc -> vp8dec or vp9dec -> scale to the tile -> appsink -> frames.h
 */
#pragma once
#include "base/base.h"
#include "pipelines/graphs/frames.h"
#include "pipelines/graphs/reaper.h"

struct person;

struct person_config {
	bool is_vp9; /* else VP8 */
	unsigned width, height; /* of its tile */
	struct frames *frames; /* where its pictures go; referenced */
	struct reaper *reaper; /* borrowed, outlives the person */
	/* The decoder cannot go on; on its thread. */
	void (*key_frame_wanted)(void *arg);
	void *arg; /* must be valid until person_free() */
};

/* Errors: KK_EUNSUP an element is not installed. */
MUST_CHECK enum kk_err person_new(struct person **personp,
    const struct person_config *config);
/* No callback runs or comes after it.  NULL is fine. */
void person_free(struct person *person);

bool person_is_vp9(const struct person *person);

/* An opened VP8 frame; one thread at a time; never blocks. */
void person_frame(struct person *person, struct kk_view frame);
/* An opened layer of a VP9 picture, from small to large; as above.  timestamp
 * tells pictures apart, also where an end has not come. */
void person_layer(struct person *person, struct kk_view layer,
    uint32_t timestamp, bool ends_picture);
/* What comes next may lack one that did not come here: it is shown from the
 * next key frame on, which is asked for.  As person_frame(). */
void person_frame_lost(struct person *person);
void person_size_set(struct person *person, unsigned width, unsigned height);

/* For tests: the decoder's threads stop where they are, until it is freed. */
void person_hang(struct person *person);
