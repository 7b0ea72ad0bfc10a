/*
 * encode.h - the box's own pictures become sealed RTP packets, in several sizes
 * at once, and its self view.
 *
 *     appsrc -> tee -> I420 -> tee -> encoding.h, one for each size
 *                 \--> scale to the tile -> appsink -> frames.h
 *
 * Where no epoch lets us seal, frames are dropped; none leaves in clear.
 */
#pragma once
#include "base/base.h"
#include "pipelines/elements/vault/vault.h"
#include "pipelines/graphs/frames.h"
#include "pipelines/graphs/sizes.h"

struct encode;

struct encode_config {
	struct sizes sizes; /* of the encodings; the last is the picture's */
	unsigned fps;
	unsigned self_width, self_height;
	struct vault *vault; /* borrowed */
	/* A sealed RTP packet of an encoding, on that one's thread; SSRC and
	 * payload type are 0 and the caller's to set.  packet is borrowed.
	 * A frame's packets come one after the other with no other encoding's
	 * between: who changes over from one to the other has whole frames. */
	void (*packet)(void *arg, unsigned encoding, uint8_t *packet,
	    size_t bytes);
	void *arg;
};

enum { ENCODE_ALL = SIZES_MAX }; /* encodings */

/* Errors: KK_EUNSUP an element is not installed. */
MUST_CHECK enum kk_err encode_new(struct encode **encodep,
    const struct encode_config *config);
void encode_free(struct encode *encode); /* waits; NULL is fine */

/* A picture in I420 or BGRx of the configured size; sample is given.  One
 * thread; never blocks. */
void encode_picture(struct encode *encode, GstSample *sample);
/* The next picture of an encoding, or of ENCODE_ALL.  Any thread. */
void encode_key_frame(struct encode *encode, unsigned encoding);
/* What there is room for, shared out by rates.h, from the next picture on.  Any
 * thread. */
void encode_bitrate_set(struct encode *encode, uint64_t bps);
/* So many encodings are drawn by anybody, from the smallest on; 0: all. */
void encode_want(struct encode *encode, size_t encodings);
void encode_tick(struct encode *encode); /* once a second; any thread */
/* That holds; 0: the encoding is left out.  Any thread. */
unsigned encode_bitrate(struct encode *encode, unsigned encoding);
void encode_self_size_set(struct encode *encode, unsigned width,
    unsigned height);
struct frames *encode_self(struct encode *encode); /* borrowed */
