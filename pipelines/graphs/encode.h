/*
 * encode.h - the box's own pictures become sealed RTP packets, and its self
 * view.
 *
 *     appsrc -> tee -> vp8enc -> (sealed here) -> vp8pay -> appsink
 *                 \--> scale to the tile -> appsink -> frames.h
 *
 * Where no epoch lets us seal, frames are dropped; none leaves in clear.
 */
#pragma once
#include "base/base.h"
#include "pipelines/elements/vault/vault.h"
#include "pipelines/graphs/frames.h"

struct encode;

struct encode_config {
	unsigned width, height, fps;
	unsigned self_width, self_height;
	struct vault *vault; /* borrowed */
	/* A sealed RTP packet, on the encoder's thread; SSRC and payload type
	 * are 0 and the caller's to set.  packet is borrowed. */
	void (*packet)(void *arg, uint8_t *packet, size_t bytes);
	void *arg;
};

/* Errors: KK_EUNSUP an element is not installed. */
MUST_CHECK enum kk_err encode_new(struct encode **encodep,
    const struct encode_config *config);
void encode_free(struct encode *encode); /* waits; NULL is fine */

/* A picture in I420 or BGRx of the configured size; sample is given.  One
 * thread; never blocks. */
void encode_picture(struct encode *encode, GstSample *sample);
void encode_key_frame(struct encode *encode); /* the next one; any thread */
/* What there is room for, from the next picture on; never more than the size
 * calls for, nor less than a picture needs.  Any thread. */
void encode_bitrate_set(struct encode *encode, uint64_t bps);
unsigned encode_bitrate(struct encode *encode); /* that holds; any thread */
void encode_self_size_set(struct encode *encode, unsigned width,
    unsigned height);
struct frames *encode_self(struct encode *encode); /* borrowed */
