/* life_random.h - repeatable random numbers, for tests alone. */
#pragma once
#include <stdint.h>

struct life_random {
	uint64_t state;
};

/* The seed is KK_SEED where it is set, else fallback; it is printed. */
struct life_random life_random_new(uint64_t fallback);

uint32_t life_random_below(struct life_random *r, uint32_t end); /* end > 0 */

/* True once in n times. */
int life_random_once_in(struct life_random *r, uint32_t n);

/* A number from the environment, or fallback. */
uint64_t life_setting(const char *name, uint64_t fallback);
