/*
 * load.h - nine members as packets: what they film and say is recorded once,
 * and sealed anew for each round before it begins, so that a round has the
 * receiver's work alone.
 */
#pragma once
#include <glib.h>

#include "switch.h"

enum {
	LOAD_MEMBERS = 9, /* leaves 1 to 9 */
	LOAD_WIDTH = 320,
	LOAD_HEIGHT = 180,
	LOAD_FPS = 25,
	LOAD_AUDIO_TYPE = 111,
	LOAD_VIDEO_TYPE = 96,
	LOAD_PACKET_MAX_BYTES = 1500
};

struct load;

/* Takes some seconds.  vaults are the members', and borrowed; hop is what the
 * forwarder seals with, likewise. */
struct load *load_new(struct vault *const vaults[LOAD_MEMBERS],
    struct srtp_tx *hop);
void load_free(struct load *load);

/* A leaf's slot. */
uint32_t load_ssrc(uint32_t leaf, bool is_video);

/* Makes the packets of a round that begins at from_ms of the load's time. */
void load_make(struct load *load, uint64_t from_ms, unsigned round_ms);

struct load_packet {
	unsigned due_ms; /* from the round's begin */
	uint32_t ssrc;
	size_t bytes;
	uint8_t data[LOAD_PACKET_MAX_BYTES];
};
/* In the order in which they are due. */
const struct load_packet *load_packets(const struct load *load, size_t *count);
