/*
 * recording.h - a log that a machine has made, and the disk that it began with:
 * a folder with base, log and built, or with base.zst and log.zst.
 */
#pragma once
#include "tests/cuts/box.h"
#include "tests/cuts/replay.h"

struct recording {
	struct kk_bytes base, bytes; /* mapped; base may be changed */
	struct cuts_log log;
	struct cuts_disk disk;
};

/* Checks that it is one. */
void recording_open(struct recording *r, const char *folder);
void recording_close(struct recording *r);
/* Adds the digests in its file built, as sha256sum writes them. */
void recording_built(const char *folder, struct box *b);
