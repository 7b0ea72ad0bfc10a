/* keys.h - a meeting's keys from the inside. */
#pragma once
#include "crypto/crypto.h"
#include "meeting/meeting.h"

enum { MEETING_WRAP_KEY_BYTES = 32, MEETING_VERSION = 1 };

struct meeting_keys {
	uint8_t id[MEETING_ID_MAX_BYTES];
	size_t id_bytes;
	uint8_t token[MEETING_TOKEN_BYTES];
	uint8_t wrap[MEETING_WRAP_KEY_BYTES];
	uint8_t psk[MEETING_PSK_BYTES];
	uint8_t psk_id[MEETING_PSK_ID_BYTES];
};
