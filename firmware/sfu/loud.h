/*
 * loud.h - who is loudest: from the levels that packets tell in clear to who is
 * in the slots that a receiver leaves to the forwarder.  Zone: forward.
 *
 * Pure, without heap; time is an argument and never goes back.  A level costs
 * the same for each packet; who is chosen is bounded by the enums here.
 *
 * Levels are decibels above the quietest that there is, 127 below overload.
 * A voice that waits counts as loud as it is, smoothed; one that is in a slot
 * as loud as it was, which fades: so neither a syllable nor a pause between two
 * words moves anybody.
 *
 * Source: RFC 6464, 3 and 4.
 */
#pragma once
#include "base/base.h"

enum {
	SFU_LEVEL_MAX = 127,
	SFU_LEVEL_UNIT = 256, /* fractions of a decibel */
	/* A voice weighs a packet's level as one in so many: up within some
	 * 80 ms of Opus, down within some 640. */
	SFU_LEVEL_RISE = 4,
	SFU_LEVEL_FALL = 32,
	SFU_LEVEL_QUIET_US = 500000, /* nothing told: it is silent */
	/* Of what it was: a pause of 1.5 s for one that is as loud. */
	SFU_LOUD_FADE_PER_S = 4,
	SFU_LOUD_MARGIN = 6,
	/* Below 50 dB under overload a room is, not a word; no such voice puts
	 * another one out. */
	SFU_LOUD_SPEECH = SFU_LEVEL_MAX - 50,
	SFU_LOUD_STAY_US = 2000000, /* whoever comes in */
	SFU_LOUD_EVERY_US = 100000, /* is right */
	SFU_LOUD_SLOTS_MAX = 16, /* of a receiver */
	/* Those, as many that it has chosen itself, and itself. */
	SFU_LOUD_VOICES_MAX = 40
};

struct sfu_level { /* of a source; all zero is one that has told nothing */
	uint64_t told_us;
	uint32_t now, held; /* when it told */
};

/* One packet's: the extension's data.  What is none changes nothing. */
void sfu_level_take(struct sfu_level *level, struct kk_view data,
    uint64_t now_us);
/* In SFU_LEVEL_UNIT: as loud as it is, and as it was. */
uint32_t sfu_level_now(const struct sfu_level *level, uint64_t now_us);
uint32_t sfu_level_held(const struct sfu_level *level, uint64_t now_us);

struct sfu_voice {
	const void *of; /* whose; NULL: nobody's */
	uint64_t number; /* differs; of two that are as loud the lower first */
	uint32_t now, held;
};

struct sfu_voices { /* the loudest first; all zero is none */
	struct sfu_voice list[SFU_LOUD_VOICES_MAX];
	size_t count;
};

void sfu_voices_add(struct sfu_voices *voices, const struct sfu_voice *voice);

struct sfu_loud_slot {
	struct sfu_voice voice; /* that is in it, as it is now */
	uint64_t since_us;
	bool is_changed; /* is set, never cleared */
};

/*
 * Brings a receiver's slots up to who is loudest.  A voice without a slot takes
 * a free one, however quiet; else that of who was quietest (of equal ones: who
 * has the higher number), where it speaks and is louder by the margin.  may
 * says who may come in: not the receiver, nor whom it hears already.
 */
void sfu_loud_choose(struct sfu_loud_slot *slots, size_t count,
    const struct sfu_voices *voices,
    bool (*may)(const void *arg, const void *of), const void *arg,
    uint64_t now_us);
