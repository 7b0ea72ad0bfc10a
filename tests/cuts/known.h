/*
 * known.h - what has been seen: a set of numbers, of which each stands for a
 * content.
 */
#pragma once
#include "base/base.h"

struct known {
	uint64_t *place;
	size_t places, count;
};

/* places: a power of two, of which half may be taken. */
void known_open(struct known *k, size_t places);
void known_close(struct known *k);
/* Whether it has been asked for before. */
bool known_is(struct known *k, uint64_t number);
