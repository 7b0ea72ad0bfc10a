/*
 * tree.h - a root's tree of hashes, as dm-verity goes through it.
 * Source: Linux, Documentation/admin-guide/device-mapper/verity.rst; a tree
 * without a superblock, as rootfs/image/make-image makes it.
 */
#pragma once
#include "tests/cuts/disk.h"
#include "verity/verity.h"

enum { TREE_HASH = 32, TREE_MEMORY = 1 << 16 };

struct tree_memory { /* hashes of blocks, by the places of their sectors */
	struct {
		uint64_t key;
		uint8_t hash[TREE_HASH];
	} block[TREE_MEMORY];
};

/* Whether each block of the root is what its hash says: nothing that is read
 * would be refused.  memory may be NULL. */
bool tree_is_whole(struct tree_memory *memory, const struct cuts_disk *d,
    uint64_t first, uint64_t sectors, const struct verity_root *root);
