/* codec.h - libvpx, by GStreamer: films in layers, and what they decode to. */
#pragma once
#include <gst/gst.h>

enum { FILM_FRAMES = 240, FILM_KEY_EVERY = 24, FILM_PERIOD = 4 };

struct film { /* of one size */
	GBytes *frames[FILM_FRAMES];
	char *
	    decoded[FILM_FRAMES]; /* checksums of the pictures, of all layers */
};

/* Temporal layer of a frame, and whether it refers to the lowest one alone. */
unsigned film_temporal(unsigned at);
gboolean film_is_sync(unsigned at);

void film_make(struct film *film, unsigned width, unsigned height);
void film_clear(struct film *film);

struct codec; /* a decoder */
struct codec *codec_new(void);
/* The picture's checksum; NULL: none came out. */
char *codec_decode(struct codec *codec, GBytes *frame);
void codec_free(struct codec *codec);
