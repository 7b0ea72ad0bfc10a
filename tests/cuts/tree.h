/*
 * tree.h - a root's tree of hashes, as dm-verity goes through it.
 * Source: Linux, Documentation/admin-guide/device-mapper/verity.rst; a tree
 * without a superblock, as rootfs/image/make-image makes it.
 */
#pragma once
#include "tests/cuts/disk.h"
#include "verity/verity.h"

/* Whether each block of the root is what its hash says: nothing that is read
 * would be refused. */
bool tree_is_whole(const struct cuts_disk *d, uint64_t first, uint64_t sectors,
    const struct verity_root *root);
