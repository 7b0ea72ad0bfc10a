/*
 * reaper.h - where pipelines are taken down.  Bringing one to NULL waits for
 * its threads, which may be stuck for seconds; nobody else has that time.
 */
#pragma once
#include <gst/gst.h>

struct reaper;

struct reaper *reaper_new(void);
/* Waits until all that was given is down. */
void reaper_free(struct reaper *reaper); /* NULL is fine */

/* pipeline is given; is brought to NULL on a thread of its own, so that a stuck
 * one holds up no other.  Any thread. */
void reaper_give(struct reaper *reaper, GstElement *pipeline);

/* How many are not down yet.  Any thread. */
guint reaper_waiting(struct reaper *reaper);
