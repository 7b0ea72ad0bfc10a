/* samples.h - states that a machine is to start from, and a part of all of
 * them. */
#pragma once
#include "boot/world.h"
#include "tests/cuts/disk.h"

enum { SAMPLE_OF = 2999 }; /* one of so many is kept, by its hash */

/* Writes the disk; with the variables as their mark, or NULL. */
void sample_keep(const char *path, const struct cuts_disk *d,
    const struct world *w);

/* KK_PART=K/N: the K-th of N parts, from 0; without it 0 of 0, which is all. */
void part_read(size_t *part, size_t *parts);
