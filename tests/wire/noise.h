/* noise.h - numbers that look random and are the same in each run. */
#pragma once
#include <stdint.h>

static inline uint32_t noise_next(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) +
	    UINT64_C(1442695040888963407);
	return (uint32_t)(*state >> 32);
}
