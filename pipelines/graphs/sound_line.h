/*
 * sound_line.h - one member's sound: decodes, and evens out when packets come.
 * One thread at a time; no clock.
 */
#pragma once
#include "base/base.h"

enum {
	SOUND_LINE_AHEAD_MS = 60, /* gathered before it begins */
	SOUND_LINE_ROOM_MS = 400
};

struct sound_line;

MUST_CHECK enum kk_err sound_line_new(struct sound_line **linep);
void sound_line_free(struct sound_line *line); /* NULL is fine */

/* An opened Opus packet, and how many were lost right before it. */
void sound_line_packet(struct sound_line *line, struct kk_view packet,
    unsigned lost);

/*
 * Adds the next 10 ms to sum.  What is late is concealed for a moment, then
 * silent until SOUND_LINE_AHEAD_MS are there again; what is too early is
 * skipped.
 */
void sound_line_mix(struct sound_line *line, int32_t *sum);
