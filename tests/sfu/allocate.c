/* allocate.c - tests of who gets how much of a path. */
#include "sfu/allocate.h"

#include "harness/tap.h"

enum { KBPS = 1000, S = 1000000, AUDIO_BPS = 40 * KBPS, T0 = 100 * S };

/* A simulcast of 180, 360 and 720 lines, each at 1/4, 1/2 and all frames. */
static struct sfu_share camera(unsigned rank, uint16_t height)
{
	return (struct sfu_share){ .rank = rank,
		.height = height,
		.bps = { { 60 * KBPS, 90 * KBPS, 150 * KBPS },
		    { 200 * KBPS, 300 * KBPS, 500 * KBPS },
		    { 600 * KBPS, 900 * KBPS, 1500 * KBPS } },
		.heights = { 180, 360, 720 } };
}

static struct sfu_share screen(void)
{
	struct sfu_share s = camera(SFU_RANK_SCREEN, 1080);

	s.is_screen = true;
	return s;
}

static struct sfu_share audio(void)
{
	return (struct sfu_share){ .is_audio = true, .bps = { { AUDIO_BPS } } };
}

static bool shows(const struct sfu_share *s, unsigned spatial,
    unsigned temporal)
{
	return s->choice.is_on && s->choice.spatial == spatial &&
	    s->choice.temporal == temporal;
}

static uint64_t cost(const struct sfu_share *s)
{
	return s->choice.is_on ? s->bps[s->choice.spatial][s->choice.temporal] :
				 0;
}

static uint64_t video_bps(const struct sfu_share *shares, size_t count)
{
	uint64_t bps = 0;

	for (size_t i = 0; i < count; i++)
		bps += shares[i].is_audio ? 0 : cost(&shares[i]);
	return bps;
}

TEST(a_slot_gets_the_size_that_it_is_shown_at_and_no_more)
{
	const uint16_t heights[] = { 90, 180, 200, 360, 500, 720, 2160 };
	const unsigned spatial[] = { 0, 0, 1, 1, 2, 2, 2 };
	struct sfu_allocation a;

	for (size_t i = 0; i < KK_ARRAY_LEN(heights); i++) {
		struct sfu_share s = camera(0, heights[i]);

		sfu_allocate(&s, 1, 100000 * KBPS, T0, &a);
		CHECK(shows(&s, spatial[i], 2));
		CHECK_EQ(a.used_bps, cost(&s));
		CHECK_EQ(a.next_bps, 0);
	}
}

TEST(a_slot_that_is_not_shown_or_not_sent_costs_nothing)
{
	struct sfu_share s[] = { camera(0, 0), { .height = 720 } };
	struct sfu_allocation a;

	sfu_allocate(s, 2, 100000 * KBPS, T0, &a);
	CHECK(!s[0].choice.is_on);
	CHECK(!s[1].choice.is_on);
	CHECK_EQ(a.used_bps, 0);
	CHECK_EQ(a.most_bps, 0);
}

TEST(sound_comes_first_even_beyond_the_estimate)
{
	struct sfu_share s[] = { camera(0, 720), audio(), audio() };
	struct sfu_allocation a;

	sfu_allocate(s, 3, 50 * KBPS, T0, &a);
	CHECK(s[1].choice.is_on && s[2].choice.is_on);
	CHECK(!s[0].choice.is_on);
	CHECK_EQ(a.used_bps, 2 * AUDIO_BPS);
	sfu_allocate(s, 3, 2 * AUDIO_BPS + 60 * KBPS, T0, &a);
	CHECK(shows(&s[0], 0, 0));
}

TEST(layers_are_dropped_before_speakers)
{
	struct sfu_share s[9];
	struct sfu_allocation a;

	for (size_t i = 0; i < 9; i++)
		s[i] = camera(i ? SFU_RANK_OTHER : SFU_RANK_PINNED, 720);
	sfu_allocate(s, 9, 9 * 60 * KBPS, T0, &a);
	for (size_t i = 0; i < 9; i++)
		CHECK(shows(&s[i], 0, 0));
	/* Only when not even that fits, the last ones go. */
	sfu_allocate(s, 9, 5 * 60 * KBPS, T0, &a);
	for (size_t i = 0; i < 9; i++)
		CHECK_EQ(s[i].choice.is_on, i < 5);
}

TEST(who_is_pinned_gets_all_before_others_get_more)
{
	struct sfu_share s[] = { camera(SFU_RANK_OTHER, 360),
		camera(SFU_RANK_PINNED, 720), camera(SFU_RANK_SPEAKER, 720),
		camera(SFU_RANK_OTHER, 360) };
	struct sfu_allocation a;

	sfu_allocate(s, 4, 1950 * KBPS, T0, &a);
	CHECK(shows(&s[1], 2, 2));
	CHECK(shows(&s[0], 0, 0));
	CHECK(shows(&s[2], 0, 0));
	for (size_t i = 0; i < 4; i++)
		s[i].choice = (struct sfu_choice){ 0 };
	sfu_allocate(s, 4, 2600 * KBPS, T0, &a);
	CHECK(shows(&s[1], 2, 2));
	CHECK(shows(&s[2], 1, 2));
	CHECK(shows(&s[0], 0, 2));
	CHECK(shows(&s[3], 0, 1));
}

TEST(those_of_a_rank_rise_together)
{
	struct sfu_share s[4];
	struct sfu_allocation a;

	for (size_t i = 0; i < 4; i++)
		s[i] = camera(SFU_RANK_OTHER, 720);
	sfu_allocate(s, 4, 1400 * KBPS, T0, &a);
	for (size_t i = 0; i < 4; i++)
		CHECK(shows(&s[i], 1, 1));
}

TEST(a_screen_is_sharp_before_it_is_smooth)
{
	struct sfu_share s = screen();
	struct sfu_allocation a;

	sfu_allocate(&s, 1, 250 * KBPS, T0, &a);
	CHECK(shows(&s, 1, 0));
	sfu_allocate(&s, 1, 700 * KBPS, T0 + 10 * S, &a);
	CHECK(shows(&s, 2, 0));
	sfu_allocate(&s, 1, 1100 * KBPS, T0 + 20 * S, &a);
	CHECK(shows(&s, 2, 1));
}

TEST(down_goes_at_once_and_up_after_a_rest_with_room_to_spare)
{
	struct sfu_share s = camera(0, 720);
	struct sfu_allocation a;

	sfu_allocate(&s, 1, 1800 * KBPS, T0, &a);
	CHECK(shows(&s, 2, 2));
	sfu_allocate(&s, 1, 1500 * KBPS, T0 + 1, &a); /* it still fits */
	CHECK(shows(&s, 2, 2));
	sfu_allocate(&s, 1, 1499 * KBPS, T0 + 2, &a);
	CHECK(shows(&s, 2, 1));
	sfu_allocate(&s, 1, 310 * KBPS, T0 + 3, &a);
	CHECK(shows(&s, 1, 1));
	sfu_allocate(&s, 1, 5000 * KBPS, T0 + 4, &a);
	CHECK(shows(&s, 1, 1));
	sfu_allocate(&s, 1, 5000 * KBPS, T0 + 2 + SFU_ALLOCATE_FELL_US, &a);
	CHECK(shows(&s, 1, 1));
	sfu_allocate(&s, 1, 574 * KBPS, T0 + 3 + SFU_ALLOCATE_FELL_US, &a);
	CHECK(shows(&s, 1, 1)); /* 500 and its margin are 575 */
	sfu_allocate(&s, 1, 575 * KBPS, T0 + 3 + SFU_ALLOCATE_FELL_US, &a);
	CHECK(shows(&s, 1, 1)); /* it may be a peak */
	sfu_allocate(&s, 1, 575 * KBPS,
	    T0 + 3 + SFU_ALLOCATE_FELL_US + SFU_ALLOCATE_ROOM_US, &a);
	CHECK(shows(&s, 1, 2));
}

/* From down, up with room all the time; how long that takes. */
static uint64_t rise_us(struct sfu_share *s, uint64_t *now_us)
{
	uint64_t from_us = *now_us;
	struct sfu_allocation a;

	do {
		*now_us += S / 10;
		sfu_allocate(s, 1, 1800 * KBPS, *now_us, &a);
	} while (!shows(s, 2, 2) && *now_us < from_us + 100ULL * S);
	return *now_us - from_us;
}

TEST(who_cannot_stay_up_rests_longer_and_longer)
{
	static const uint64_t rests[] = { 5, 10, 20, 40, 40 };
	struct sfu_share s = camera(0, 720);
	struct sfu_allocation a;
	uint64_t now = T0;

	sfu_allocate(&s, 1, 1800 * KBPS, now, &a);
	now += 60ULL * S;
	for (size_t i = 0; i < KK_ARRAY_LEN(rests); i++) {
		sfu_allocate(&s, 1, 1400 * KBPS, now, &a);
		CHECK(shows(&s, 2, 1));
		CHECK_EQ(rise_us(&s, &now), rests[i] * S);
		now += 2ULL * S;
	}
	/* It stays: the next fall is another matter. */
	now += SFU_ALLOCATE_STAY_US;
	sfu_allocate(&s, 1, 1400 * KBPS, now, &a);
	CHECK_EQ(rise_us(&s, &now), 5 * S);
}

TEST(a_fall_of_several_steps_is_one)
{
	struct sfu_share s = camera(0, 720);
	struct sfu_allocation a;
	uint64_t now = T0 + S;

	sfu_allocate(&s, 1, 1400 * KBPS, T0, &a);
	sfu_allocate(&s, 1, 1800 * KBPS, now, &a);
	CHECK(shows(&s, 2, 2));
	for (uint64_t bps = 1400; bps > 200; bps -= 200)
		sfu_allocate(&s, 1, bps * KBPS, ++now, &a);
	CHECK(shows(&s, 1, 1));
	now += SFU_ALLOCATE_FELL_US;
	sfu_allocate(&s, 1, 1800 * KBPS, now, &a);
	now += SFU_ALLOCATE_ROOM_US;
	sfu_allocate(&s, 1, 1800 * KBPS, now, &a);
	CHECK(shows(&s, 2, 2));
}

TEST(a_larger_pictures_key_frame_is_no_reason_to_take_it_back)
{
	struct sfu_share s[] = { camera(0, 720), camera(1, 180) };
	struct sfu_allocation a;
	uint64_t now = T0;

	sfu_allocate(s, 2, 450 * KBPS, now, &a);
	CHECK(shows(&s[0], 1, 1) && shows(&s[1], 0, 1));
	now += SFU_ALLOCATE_ROSE_US;
	sfu_allocate(s, 2, 1300 * KBPS, now, &a);
	CHECK(shows(&s[0], 2, 1) && shows(&s[1], 0, 2));
	/* A queue's cut, of 15 per cent: nobody falls for a moment. */
	sfu_allocate(s, 2, 900 * KBPS, now + S / 10, &a);
	CHECK(shows(&s[0], 2, 1) && shows(&s[1], 0, 2));
	sfu_allocate(s, 2, 900 * KBPS, now + SFU_ALLOCATE_GRACE_US, &a);
	CHECK(shows(&s[0], 1, 2));
	/* More frames of the same size begin with no key frame. */
	for (unsigned i = 1; i < 200; i++)
		sfu_allocate(s, 2, (i < 100 ? 1300 : 1900) * KBPS,
		    now + i * S / 10, &a);
	CHECK(shows(&s[0], 2, 2));
	s[0].choice.rose_us = now + 20ULL * S;
	sfu_allocate(s, 2, 1500 * KBPS, now + 20ULL * S, &a);
	CHECK(shows(&s[0], 2, 1));
}

TEST(an_estimate_that_trembles_makes_no_slot_tremble)
{
	struct sfu_share s[] = { camera(SFU_RANK_SPEAKER, 720),
		camera(SFU_RANK_OTHER, 360), camera(SFU_RANK_OTHER, 360) };
	struct sfu_allocation a;
	unsigned changes = 0;

	for (unsigned i = 0; i < 600; i++) { /* a minute, by 12 per cent */
		const struct sfu_choice before = s[0].choice;

		sfu_allocate(s, 3, (1000 + i * 37 % 130) * KBPS,
		    T0 + (uint64_t)i * S / 10, &a);
		changes += before.spatial != s[0].choice.spatial ||
		    before.temporal != s[0].choice.temporal;
		CHECK(a.used_bps <= (1000 + i * 37 % 130) * KBPS);
	}
	CHECK(changes <= 3);
}

TEST(somebody_is_seen_as_long_as_the_lowest_layer_fits)
{
	struct sfu_share s[] = { camera(SFU_RANK_PINNED, 720),
		camera(SFU_RANK_OTHER, 360) };
	struct sfu_allocation a;

	sfu_allocate(s, 2, 50 * KBPS, T0, &a);
	CHECK(!s[0].choice.is_on && !s[1].choice.is_on);
	/* No margin, no rest: it may not stay dark. */
	sfu_allocate(s, 2, 60 * KBPS, T0 + 1, &a);
	CHECK(shows(&s[0], 0, 0));
	CHECK(!s[1].choice.is_on);
	s[0].bps[0][0] = 0; /* the next one's fits, if not the first one's */
	s[0].bps[0][1] = 0;
	s[0].bps[0][2] = 0;
	sfu_allocate(s, 2, 60 * KBPS, T0 + 2, &a);
	CHECK(!s[0].choice.is_on);
	CHECK(shows(&s[1], 0, 0));
}

TEST(a_slot_that_fell_dark_comes_back_after_a_rest)
{
	struct sfu_share s[] = { camera(SFU_RANK_PINNED, 180),
		camera(SFU_RANK_OTHER, 180) };
	struct sfu_allocation a;

	sfu_allocate(s, 2, 120 * KBPS, T0, &a);
	CHECK(s[1].choice.is_on);
	sfu_allocate(s, 2, 119 * KBPS, T0 + S, &a);
	CHECK(!s[1].choice.is_on);
	sfu_allocate(s, 2, 500 * KBPS, T0 + 2 * S, &a);
	CHECK(!s[1].choice.is_on);
	sfu_allocate(s, 2, 500 * KBPS, T0 + 6 * S, &a);
	CHECK(s[1].choice.is_on);
}

TEST(it_says_what_the_next_step_takes_and_what_all_does)
{
	struct sfu_share s[] = { audio(), camera(SFU_RANK_PINNED, 360) };
	struct sfu_allocation a;

	sfu_allocate(s, 2, AUDIO_BPS + 150 * KBPS, T0, &a);
	CHECK(shows(&s[1], 0, 1));
	CHECK_EQ(a.next_bps, (AUDIO_BPS + 150 * KBPS) * 115 / 100);
	CHECK_EQ(a.most_bps, (AUDIO_BPS + 500 * KBPS) * 115 / 100);
	/* With just that much it takes the step. */
	sfu_allocate(s, 2, a.next_bps, T0 + 10 * S, &a);
	CHECK(shows(&s[1], 0, 2));
	sfu_allocate(s, 2, a.most_bps, T0 + 20 * S, &a);
	CHECK(shows(&s[1], 1, 2));
	CHECK_EQ(a.next_bps, 0);
}

TEST(a_layer_that_is_not_sent_any_more_is_left_for_the_next_lower)
{
	struct sfu_share s = camera(0, 720);
	struct sfu_allocation a;

	sfu_allocate(&s, 1, 5000 * KBPS, T0, &a);
	for (size_t i = 0; i < 3; i++)
		s.bps[2][i] = 0;
	sfu_allocate(&s, 1, 5000 * KBPS, T0 + 1, &a);
	CHECK(shows(&s, 1, 2));
}

TEST(steps_that_cost_more_and_show_less_are_left_out)
{
	struct sfu_share s = camera(0, 720);
	struct sfu_allocation a;

	s.bps[0][2] = 350 * KBPS; /* more than half the frames of 360 lines */
	sfu_allocate(&s, 1, 400 * KBPS, T0, &a);
	CHECK(shows(&s, 1, 1));
	sfu_allocate(&s, 1, 299 * KBPS, T0 + 1, &a);
	CHECK(shows(&s, 0, 1));
}

static uint64_t random_next(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state;
}

static struct sfu_share random_share(uint64_t *r)
{
	struct sfu_share s = camera((unsigned)(random_next(r) % 5),
	    (uint16_t)(random_next(r) % 1000));

	s.is_audio = random_next(r) % 5 == 0;
	s.is_screen = random_next(r) % 5 == 0;
	for (size_t i = 0; i < SFU_ALLOCATE_SPATIAL_MAX; i++) {
		for (size_t t = 0; t < SFU_ALLOCATE_TEMPORAL_MAX; t++)
			s.bps[i][t] = random_next(r) % 3 == 0 ?
			    0 :
			    random_next(r) % (2000 * KBPS);
	}
	return s;
}

TEST(whatever_is_wanted_no_more_is_used_than_there_is)
{
	struct sfu_share s[SFU_ALLOCATE_SLOTS_MAX + 8];
	struct sfu_allocation a;
	uint64_t r = 88172645463325252ULL;

	for (unsigned round = 0; round < 3000; round++) {
		size_t count = random_next(&r) % KK_ARRAY_LEN(s);
		uint64_t audio_bps = 0, bps;

		for (size_t i = 0; i < count; i++)
			s[i] = random_share(&r);
		for (unsigned k = 0; k < 5; k++) {
			bps = random_next(&r) % (10000 * KBPS);
			sfu_allocate(s, count, bps, T0 + (uint64_t)k * S, &a);
			audio_bps = 0;
			for (size_t i = 0;
			    i < count && i < SFU_ALLOCATE_SLOTS_MAX; i++)
				audio_bps += s[i].is_audio ? s[i].bps[0][0] : 0;
			CHECK_EQ(a.used_bps, audio_bps + video_bps(s, count));
			CHECK(a.used_bps <= bps || a.used_bps == audio_bps);
			CHECK(a.next_bps <= a.most_bps);
			for (size_t i = 0; i < count; i++)
				CHECK(!s[i].choice.is_on || s[i].is_audio ||
				    cost(&s[i]) > 0);
		}
	}
}
