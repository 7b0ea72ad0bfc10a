/*
 * allocate.h - what each slot of a receiver shows, under the estimate of its
 * path.  Zone: forward.
 *
 * Sound comes first.  Then layers are dropped before speakers: everybody gets
 * the lowest layer, in the order of ranks, before anybody gets more; then each
 * rank gets what it wants before the next one does, one step at a time.  Down
 * goes a slot at once.  Up it goes when there is room to spare, some time after
 * it went up last; and once it has fallen, when there has been that room for a
 * while, the later the more often it went up and could not stay.
 *
 * Pure functions of their arguments: no state, no clock, no heap.  What a slot
 * shows now comes in with it.
 */
#pragma once
#include "base/base.h"

enum {
	SFU_ALLOCATE_SLOTS_MAX = 32,
	SFU_ALLOCATE_SPATIAL_MAX = 3,
	SFU_ALLOCATE_TEMPORAL_MAX = 4,
	SFU_ALLOCATE_MARGIN_PERCENT = 15, /* of room, before it goes up */
	SFU_ALLOCATE_ROSE_US = 1000000, /* up again after so long */
	SFU_ALLOCATE_FELL_US = 5000000, /* up after a fall */
	/* Who falls so soon after it went up should not have gone up: its next
	 * rest is twice as long, up to this. */
	SFU_ALLOCATE_STAY_US = 20000000,
	SFU_ALLOCATE_FELL_MAX_US = 40000000,
	SFU_ALLOCATE_ROOM_US = 1000000, /* of room, before it goes up again */
	/* A larger picture begins with a key frame, which is a queue by itself:
	 * for so long a cut of the estimate by so much takes nothing back. */
	SFU_ALLOCATE_GRACE_US = 1000000,
	SFU_ALLOCATE_GRACE_PERCENT = 18 /* 0.85 times it are 1 */
};

enum sfu_rank { /* who comes first; further ones may follow */
	SFU_RANK_PINNED,
	SFU_RANK_SCREEN,
	SFU_RANK_SPEAKER,
	SFU_RANK_OTHER
};

struct sfu_choice { /* all zero: nothing was shown yet */
	bool is_on;
	uint8_t spatial, temporal;
	bool has_risen, has_fallen;
	uint64_t rose_us, fell_us;
	bool has_grown; /* when it rose, so that it began with a key frame */
	uint64_t rest_us; /* after the fall */
	bool has_room; /* for the next step; since room_us */
	uint64_t room_us;
};

struct sfu_share { /* a slot, and what it may get */
	bool is_audio;
	bool is_screen; /* sharp rather than smooth */
	unsigned rank;
	uint16_t height; /* that it is shown at; 0: it is not shown */
	/* What a choice costs: the layer and all that it needs; 0: it is not
	 * sent.  Of audio [0][0]. */
	uint64_t bps[SFU_ALLOCATE_SPATIAL_MAX][SFU_ALLOCATE_TEMPORAL_MAX];
	uint16_t heights[SFU_ALLOCATE_SPATIAL_MAX]; /* of the pictures */
	struct sfu_choice choice; /* in: what is shown; out: what shall be */
};

struct sfu_allocation {
	uint64_t used_bps; /* by what was chosen */
	uint64_t next_bps; /* an estimate that allows the next step; 0: none */
	uint64_t most_bps; /* one that allows all that is wanted */
};

/*
 * Chooses for all slots of a receiver.  At most SFU_ALLOCATE_SLOTS_MAX are
 * looked at; further ones are off.  Sound may take more than the estimate, and
 * so may what is shown already, for a moment after a picture grew; nothing else
 * does.
 */
void sfu_allocate(struct sfu_share *shares, size_t count, uint64_t estimate_bps,
    uint64_t now_us, struct sfu_allocation *allocation);
