/*
 * encoding.h - one size of the box's own pictures: scaled, encoded in three
 * temporal layers, sealed, put into packets.  A part of encode.h's pipeline.
 *
 *     queue -> scale -> vp8enc -> (sealed here) -> vp8pay -> appsink
 *
 * Layers: of four pictures in a row, the first is of layer 0, the third of
 * layer 1, the others of layer 2 (RFC 7741, 4.2; as browsers have it).
 */
#pragma once
#include <gst/gst.h>

#include "pipelines/graphs/encode.h"
#include "pipelines/graphs/sizes.h"

struct encoding;

/* The text of its part for gst_parse_launch(), behind a tee called "sizes". */
char *encoding_launch(unsigned index, const struct size *size);

/* Completes the part in the pipeline; config is borrowed, and so is out, that
 * all encodings of a picture share: held while one gives a frame away. */
struct encoding *encoding_new(GstElement *pipeline, unsigned index,
    const struct encode_config *config, GMutex *out);
void encoding_free(struct encoding *encoding); /* the pipeline is stopped */

/* bps 0: is not encoded, until it is more again; then it begins with a key
 * frame.  One thread at a time. */
void encoding_bitrate_set(struct encoding *encoding, unsigned bps);
unsigned encoding_bitrate(struct encoding *encoding); /* any thread */
void encoding_key_frame(struct encoding *encoding); /* any thread */
