/*
 * start.h - what a box does when it starts with a disk that a cut of its first
 * boot has left: the image's own scripts and programs, on files here
 * (tests/cuts/opens, tests/cuts/starts; kept.h).
 */
#pragma once
#include "tests/cuts/gpt.h"
#include "tests/cuts/known.h"
#include "tests/cuts/plain.h"

enum { START_PATH = 512, START_CONTENTS = 1024 };

struct start_seen { /* how often */
	size_t opens; /* the script for the data ran: tables and keys */
	size_t makes; /* and made them */
	size_t starts; /* data and profiles */
	size_t untaken, taken; /* the profile, before */
	size_t without_keys, with_keys; /* keyd's, the lines' */
	size_t with_identity;
	size_t mended; /* the file system had more than a journal to replay */
};

struct start {
	const char *folder; /* of the recording */
	const char *runtime; /* of a Debian with e2fsck, systemd-repart */
	char world[START_PATH]; /* ours */
	struct gpt_part profile, key, data; /* as they are at the end */
	const uint8_t **last; /* the disk then; borrowed */
	struct plain plain;
	struct known known;
	struct {
		uint64_t content; /* of profile and data */
		int status;
	} went[START_CONTENTS]; /* the box from it, with what comes of it */
	size_t count;
	struct start_seen seen;
};

/* d: the disk at the end, of which the others are to be a part; base is what it
 * was opened with; name is that of a folder for files, in that of the
 * recording. */
void start_open(struct start *s, const struct cuts_disk *d, struct kk_view base,
    const char *name);
void start_close(struct start *s);

/* The script for data makes them where the table g has none, and never where it
 * has them: these it opens, by the key that they were made with. */
void start_opens(struct start *s, const struct cuts_disk *d,
    const struct gpt *g);
/* Where the table has them: profile, keys and file system are whole or can be
 * made, and nothing of the profile is left in the clear.  Gives whether e2fsck
 * had something to mend. */
bool start_goes(struct start *s, const struct cuts_disk *d);
