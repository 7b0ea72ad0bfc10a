/*
 * janus_text.h - what Janus says, read.  Pure; bounded.
 *
 * Source: Janus' documentation, "JavaScript API" and "VideoRoom plugin", as of
 * 1.1.2.
 */
#pragma once
#include "base/base.h"

enum {
	JANUS_TEXT_MAX_BYTES = 256 * 1024,
	JANUS_WORD_BYTES = 32,
	JANUS_WHY_BYTES = 128
};

struct janus_text {
	char what[JANUS_WORD_BYTES]; /* "success", "event", "hangup", ... */
	uint64_t id; /* data.id: of a session or a handle; 0: none */
	char room[JANUS_WORD_BYTES]; /* what the plugin says: "joined", ... */
	uint64_t feed; /* of a publisher; 0: none */
	char why[JANUS_WHY_BYTES]; /* of an error, of either; empty: none */
	char *sdp; /* ours; NULL: none */
};

/*
 * Reads one; text is zero-terminated behind bytes.  On success *t is to be
 * released with janus_text_clear(); on error it is empty.
 * Errors: KK_ELIMIT too long or deep, KK_EFORMAT, KK_ENOMEM.
 */
MUST_CHECK enum kk_err janus_text_parse(struct janus_text *t, const char *text,
    size_t bytes);
void janus_text_clear(struct janus_text *t);
