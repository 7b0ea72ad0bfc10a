/* rates.c - in which sizes a picture is sent, and how they share the room. */
#include "pipelines/graphs/rates.h"

#include "harness/tap.h"

enum { SECOND_US = 1000000 };

static void sizes_are(unsigned width, unsigned height, unsigned most,
    const struct sizes *right)
{
	struct sizes s = sizes_of(width, height, most);

	CHECK_EQ(s.count, right->count);
	for (size_t i = 0; i < s.count; i++) {
		CHECK_EQ(s.list[i].width, right->list[i].width);
		CHECK_EQ(s.list[i].height, right->list[i].height);
	}
}

TEST(a_picture_has_as_many_sizes_as_browsers_give_it)
{
	sizes_are(1280, 720, 0,
	    &(struct sizes){ { { 320, 180 }, { 640, 360 }, { 1280, 720 } },
		3 });
	sizes_are(1920, 1080, 3,
	    &(struct sizes){ { { 480, 270 }, { 960, 540 }, { 1920, 1080 } },
		3 });
	sizes_are(960, 540, 3,
	    &(struct sizes){ { { 240, 134 }, { 480, 270 }, { 960, 540 } }, 3 });
	sizes_are(640, 360, 3,
	    &(struct sizes){ { { 320, 180 }, { 640, 360 } }, 2 });
	sizes_are(320, 180, 3, &(struct sizes){ { { 320, 180 } }, 1 });
	sizes_are(2, 2, 3, &(struct sizes){ { { 2, 2 } }, 1 });
}

TEST(fewer_sizes_leave_out_the_small_ones)
{
	sizes_are(1280, 720, 2,
	    &(struct sizes){ { { 640, 360 }, { 1280, 720 } }, 2 });
	sizes_are(1280, 720, 1, &(struct sizes){ { { 1280, 720 } }, 1 });
}

static struct rates rates_make(void)
{
	const struct sizes sizes = sizes_of(1280, 720, 3);
	struct rates r;

	rates_init(&r, &sizes, 25);
	CHECK(r.full_bps[0] < r.full_bps[1] && r.full_bps[1] < r.full_bps[2]);
	for (size_t i = 0; i < 3; i++)
		CHECK_EQ(r.bps[i], r.full_bps[i]);
	return r;
}

TEST(the_lowest_size_gets_its_share_first_and_is_never_left_out)
{
	struct rates r = rates_make();
	unsigned lower_bps = r.full_bps[0] + r.full_bps[1];

	rates_share(&r, UINT64_MAX, 0);
	CHECK_EQ(r.bps[2], r.full_bps[2]);
	rates_share(&r, lower_bps + 700000, 0);
	CHECK_EQ(r.bps[0], r.full_bps[0]);
	CHECK_EQ(r.bps[1], r.full_bps[1]);
	CHECK_EQ(r.bps[2], 700000);
	rates_share(&r, lower_bps + 100000, 0); /* not worth its size */
	CHECK_EQ(r.bps[1], r.full_bps[1]);
	CHECK_EQ(r.bps[2], 0);
	rates_share(&r, r.full_bps[0], 0);
	CHECK_EQ(r.bps[0], r.full_bps[0]);
	CHECK_EQ(r.bps[1], 0);
	rates_share(&r, 0, 0);
	CHECK_EQ(r.bps[0], RATES_LEAST_BPS);
	CHECK_EQ(r.bps[1], 0);
}

TEST(no_more_than_the_room_is_given_away)
{
	struct rates r = rates_make();

	for (uint64_t room = RATES_LEAST_BPS; room < 3000000; room += 7777) {
		rates_share(&r, room, room * 1000);
		CHECK(r.bps[0] + r.bps[1] + r.bps[2] <= room);
		CHECK(!r.bps[2] || r.bps[1]);
	}
}

TEST(a_size_that_was_left_out_comes_back_late_and_with_room_to_spare)
{
	struct rates r = rates_make();
	unsigned lower_bps = r.full_bps[0] + r.full_bps[1];
	unsigned least_bps = r.full_bps[2] / 100 * RATES_LEAST_PERCENT;

	rates_share(&r, lower_bps + least_bps - 1000, 0);
	CHECK_EQ(r.bps[2], 0);
	rates_share(&r, UINT64_MAX, RATES_BACK_US - 1);
	CHECK_EQ(r.bps[2], 0);
	/* It would have stayed with so much, but does not come with it. */
	rates_share(&r, lower_bps + least_bps + least_bps / 10, RATES_BACK_US);
	CHECK_EQ(r.bps[2], 0);
	rates_share(&r, lower_bps + least_bps * 2, RATES_BACK_US + SECOND_US);
	CHECK_EQ(r.bps[2], least_bps * 2);
	rates_share(&r, lower_bps + least_bps + least_bps / 10,
	    RATES_BACK_US + SECOND_US);
	CHECK_EQ(r.bps[2], least_bps + least_bps / 10);
}

TEST(what_nobody_wants_is_left_out_and_comes_back_at_once)
{
	struct rates r = rates_make();

	CHECK(rates_want(&r, 1));
	CHECK(!rates_want(&r, 1));
	rates_share(&r, UINT64_MAX, SECOND_US);
	CHECK_EQ(r.bps[0], r.full_bps[0]);
	CHECK_EQ(r.bps[1], 0);
	CHECK_EQ(r.bps[2], 0);
	CHECK(rates_want(&r, 2));
	rates_share(&r, UINT64_MAX, SECOND_US);
	CHECK_EQ(r.bps[1], r.full_bps[1]);
	CHECK_EQ(r.bps[2], 0);
	CHECK(rates_want(&r, 0)); /* all */
	rates_share(&r, UINT64_MAX, SECOND_US);
	CHECK_EQ(r.bps[2], r.full_bps[2]);
	CHECK(!rates_want(&r, 7));
}

TEST(what_is_wanted_again_still_needs_its_room)
{
	struct rates r = rates_make();

	CHECK(rates_want(&r, 1));
	rates_share(&r, UINT64_MAX, SECOND_US);
	CHECK(rates_want(&r, 3));
	rates_share(&r, r.full_bps[0] + r.full_bps[1], 2 * SECOND_US);
	CHECK(r.bps[1] > 0);
	CHECK_EQ(r.bps[2], 0);
}
