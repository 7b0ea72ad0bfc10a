/*
 * letter.h - what members tell each other inside MLS.  Zone: policy.
 *
 * Source: docs/protocol.md, "Life of a group".
 */
#pragma once
#include "room/types.h"

enum { ROOM_LETTER_MAX_BYTES = 16 * 1024 };

enum room_letter_type {
	ROOM_LETTER_HERE,
	ROOM_LETTER_MEDIA,
	ROOM_LETTER_SPEAKING,
	ROOM_LETTER_OTHER /* chat, or of a later version: not for a box */
};

struct room_letter {
	enum room_letter_type type;
	struct room_peer_id peer; /* here */
	bool has_microphone, has_camera, has_screen; /* media: is on */
	bool is_speaking;
};

/* Errors: KK_ELIMIT over ROOM_LETTER_MAX_BYTES, KK_EFORMAT, KK_ENOMEM. */
MUST_CHECK enum kk_err room_letter_parse(struct room_letter *letter,
    struct kk_view data);

/* *out becomes the caller's.  Errors: KK_EINVAL another type than the first
 * three; KK_ENOMEM. */
MUST_CHECK enum kk_err room_letter_write(const struct room_letter *letter,
    struct kk_bytes *out);
