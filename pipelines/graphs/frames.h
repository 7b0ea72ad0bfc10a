/*
 * frames.h - a place for the latest picture, between two pipelines: who writes
 * never waits, and who reads gets the newest one.  Any thread.
 */
#pragma once
#include <gst/gst.h>

#include "base/base.h"

struct frames; /* counts its references */

struct frames *frames_new(void);
struct frames *frames_ref(struct frames *frames);
void frames_unref(struct frames *frames); /* NULL is fine */

/* sample is given; the one before is dropped. */
void frames_give(struct frames *frames, GstSample *sample, int64_t now_us);
void frames_drop(struct frames *frames); /* none is there now */

/* A reference to the latest one, and when it came; NULL: none.  It stays. */
GstSample *frames_latest(struct frames *frames, int64_t *came_us);
uint64_t frames_count(struct frames *frames); /* that came at all */
int64_t frames_came_us(struct frames *frames); /* the latest; 0: none */

/*
 * An appsink's callbacks that put each picture of 4 bytes a pixel into a
 * place, which they keep a reference of.
 */
void frames_attach(GstElement *appsink, struct frames *frames);
