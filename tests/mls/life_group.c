/* life_group.c - random lives of groups: KK_SEED and KK_STEPS make others. */
#include "harness/tap.h"
#include "life_world.h"

#if defined(__SANITIZE_ADDRESS__)
enum { SLOWER = 4 };
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
enum { SLOWER = 4 };
#else
enum { SLOWER = 1 };
#endif
#else
enum { SLOWER = 1 };
#endif

static void live(uint16_t suite, uint64_t seed, uint32_t people, uint64_t steps)
{
	struct life l;

	steps = life_setting("KK_STEPS", steps / SLOWER);
	life_init(&l, suite, seed, people);
	for (uint64_t i = 0; i < steps; i++)
		life_step(&l);
	life_check(&l);
	life_report(&l);
	life_clear(&l);
}

TEST(life_of_up_to_64_members_holds_its_invariants_in_suite_2)
{
	live(2, 1, 64, 500);
}

TEST(life_of_a_few_members_holds_its_invariants_in_suite_2)
{
	live(2, 2, 7, 1600);
}

TEST(life_of_up_to_24_members_holds_its_invariants_in_suite_7)
{
	live(7, 3, 24, 200);
}

TEST(life_of_a_few_members_holds_its_invariants_in_every_suite)
{
	for (uint16_t suite = 1; suite <= 7; suite++) {
		if (crypto_suite_get(suite))
			live(suite, 10 + suite, 6, 80);
	}
}
