/*
 * box.h - what a box makes of a disk and of its firmware's variables: which
 * kernel image starts, whether the root behind it is whole, and whether an
 * update can go on.  The firmware and the kernel are models here; what decides,
 * firmware/boot and firmware/verity, is the product's.
 */
#pragma once
#include "boot/world.h"
#include "tests/cuts/disk.h"
#include "tests/cuts/fat.h"
#include "tests/cuts/gpt.h"
#include "verity/verity.h"

enum {
	BOX_DIGEST = 32, /* SHA-256 */
	BOX_BUILT_MAX = 16, /* kernel images that were built */
	BOX_MEMORY = 1 << 12
};

enum box_image { /* what stands where the firmware looks for one */
	BOX_NONE,
	BOX_HALF, /* it is not as it was built: Secure Boot refuses it */
	BOX_BUILT
};

struct box_kernel {
	enum box_image image;
	struct verity_root root;
};

enum { BOX_FALLBACK = BOOT_SLOTS, BOX_KERNELS };

struct box_seen { /* how often */
	size_t starts[BOOT_SLOTS];
	size_t named_halves; /* of what the variables name */
	size_t second_boots; /* the first one ended in no root */
	size_t halves; /* kernel images that the firmware refuses */
	size_t half_roots; /* of a slot that is not to be started */
	size_t without_fallback; /* nothing would start without variables */
	size_t second_tables;
	size_t shared; /* two names have the same clusters of the ESP */
	uint32_t lost_sectors; /* at most, of the ESP, that no file has */
};

struct box {
	uint8_t built[BOX_BUILT_MAX][BOX_DIGEST];
	size_t built_count;
	struct box_seen seen;
	struct box_memory *memory; /* what was computed of a content before */
};

void box_open(struct box *b);
void box_close(struct box *b);
/* A kernel image is one that was built. */
void box_built_add(struct box *b, const uint8_t digest[BOX_DIGEST]);

/*
 * Checks that this disk with these variables is a box that starts, never half
 * of anything, and that an update may be written after it.  Gives the slot that
 * runs; *emptied, where it is not NULL, gets the variables with which that
 * update begins to write.
 */
enum boot_slot box_check(struct box *b, const struct cuts_disk *d,
    const struct world *w, struct world *emptied);
