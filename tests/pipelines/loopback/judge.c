/* judge.c - what was seen of a call, and what it is called. */
#include <string.h>

#include "harness/tap.h"
#include "pipelines/loopback/loopback_private.h"

static const struct loopback_seen good = { .frames = 100,
	.opened = 100,
	.sound_percent = 90,
	.has_picture = true,
	.pictures = LOOPBACK_PICTURES };

TEST(call_of_which_all_came_lacks_nothing)
{
	CHECK_EQ(loopback_missing(&good).part, LOOPBACK_NOTHING);
	CHECK_EQ(loopback_broken(&good).part, LOOPBACK_NOTHING);
}

TEST(what_somebody_without_the_key_could_read_is_broken)
{
	struct loopback_seen seen = good;

	seen.readable = 1;
	CHECK_EQ(loopback_broken(&seen).part, LOOPBACK_SEAL);
}

/* Where none was opened it is the key. */
TEST(frame_that_was_refused_among_good_ones_is_broken)
{
	struct loopback_seen seen = good;

	seen.refused = 1;
	CHECK_EQ(loopback_broken(&seen).part, LOOPBACK_SEAL);
	seen.opened = 0;
	CHECK_EQ(loopback_broken(&seen).part, LOOPBACK_NOTHING);
	CHECK_EQ(loopback_missing(&seen).part, LOOPBACK_KEYS);
}

TEST(each_part_has_a_name_of_its_own)
{
	for (int i = 0; i < LOOPBACK_PARTS; i++) {
		for (int j = 0; j < i; j++)
			CHECK(strcmp(loopback_part_name((enum loopback_part)i),
				  loopback_part_name((enum loopback_part)j)) !=
			    0);
	}
}

TEST(what_stands_in_what_came_is_not_hidden)
{
	uint8_t opened[64], sealed[96];

	for (size_t i = 0; i < sizeof(opened); i++)
		opened[i] = (uint8_t)(i * 37 + 11);
	for (size_t i = 0; i < sizeof(sealed); i++)
		sealed[i] = (uint8_t)(i * 91 + 5);
	CHECK(loopback_is_hidden(kk_view_of(sealed, sizeof(sealed)),
	    kk_view_of(opened, sizeof(opened)), 10));
	memcpy(sealed + 17, opened + 10, sizeof(opened) - 10);
	CHECK(!loopback_is_hidden(kk_view_of(sealed, sizeof(sealed)),
	    kk_view_of(opened, sizeof(opened)), 10));
	/* Too short to tell. */
	CHECK(loopback_is_hidden(kk_view_of(sealed, sizeof(sealed)),
	    kk_view_of(opened, 20), 10));
}
