/* life_random.c - repeatable random numbers, for tests alone. */
#include "life_random.h"

#include <inttypes.h>
#include <stdlib.h>

#include "harness/tap.h"

uint64_t life_setting(const char *name, uint64_t fallback)
{
	const char *text = getenv(name);

	return text && *text ? strtoull(text, NULL, 0) : fallback;
}

struct life_random life_random_new(uint64_t fallback)
{
	struct life_random r = { life_setting("KK_SEED", fallback) };

	tap_diag("KK_SEED=%" PRIu64, r.state);
	return r;
}

/* splitmix64: good enough to choose, and one line. */
static uint64_t next(struct life_random *r)
{
	uint64_t z = r->state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

uint32_t life_random_below(struct life_random *r, uint32_t end)
{
	return (uint32_t)(next(r) % end);
}

int life_random_once_in(struct life_random *r, uint32_t n)
{
	return life_random_below(r, n) == 0;
}
