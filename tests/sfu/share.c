/*
 * share.c - tests of a link whose slots follow the estimate: three cameras and
 * microphones shown to one receiver (sfu/downlink.h).
 */
#include "harness/tap.h"
#include "sfu/downlink.h"

enum {
	KBPS = DOWNLINK_KBPS,
	S = DOWNLINK_S,
	MS = DOWNLINK_MS,
	PEOPLE = DOWNLINK_PEOPLE,
	SPEAKER = DOWNLINK_SPEAKER,
	WORD_US = DOWNLINK_WORD_US
};

static struct downlink *path_of(uint64_t capacity_bps)
{
	const struct downlink_config config = { .capacity_bps = capacity_bps };

	return downlink_open(&config);
}

TEST(what_is_shown_fits_the_path_or_is_all_there_is)
{
	static const uint64_t capacities[] = { 500 * KBPS, 1500 * KBPS,
		6000 * KBPS };

	for (size_t i = 0; i < KK_ARRAY_LEN(capacities); i++) {
		struct downlink *d = path_of(capacities[i]);
		uint64_t dropped;
		struct downlink_seen seen;

		downlink_run(d, 40 * S);
		dropped = d->dropped;
		seen = downlink_watch(d, 10 * S);
		CHECK(seen.bps <= capacities[i] * 105 / 100);
		/* A step up takes as much as a third, and 15 % to spare. */
		CHECK(downlink_all_show_all(d) ||
		    seen.bps >= capacities[i] * 7 / 10);
		CHECK_EQ(downlink_shown(d), PEOPLE);
		CHECK_EQ(d->dropped, dropped);
		CHECK(i < 2 || downlink_all_show_all(d));
		downlink_close(d);
	}
}

TEST(a_path_at_its_limit_is_no_cause_for_endless_switching)
{
	static const uint64_t capacities[] = { 500 * KBPS, 1500 * KBPS,
		6000 * KBPS };
	/* Up once in 5 s, and down again: no more, of anybody. */
	static const unsigned most[] = { 36, 36, 0 };

	for (size_t i = 0; i < KK_ARRAY_LEN(capacities); i++) {
		struct downlink *d = path_of(capacities[i]);

		downlink_run(d, 30 * S);
		CHECK(downlink_watch(d, 30 * S).switches <= most[i]);
		downlink_close(d);
	}
}

TEST(layers_drop_with_the_path_the_speakers_last_and_sound_never)
{
	struct downlink *d = path_of(6000 * KBPS);
	unsigned words = 0, feedbacks = 0;

	downlink_run(d, 20 * S);
	CHECK(downlink_all_show_all(d));
	d->config.capacity_bps = 3000 * KBPS;
	for (; d->people[1].spatial == 2 || d->people[2].spatial == 2;
	    feedbacks++) {
		CHECK(feedbacks < 20); /* of 50 ms */
		words += downlink_watch(d, 50 * MS).words;
		CHECK(downlink_shows_all(d, SPEAKER));
	}
	/* What stood in the queue has come. */
	words += downlink_watch(d, 10 * S - feedbacks * 50ULL * MS).words;
	CHECK_EQ(d->dropped, 0);
	CHECK(words + 3 >= 10 * S / WORD_US * PEOPLE);
	CHECK(downlink_shows_all(d, SPEAKER));
	CHECK_EQ(downlink_shown(d), PEOPLE);
	CHECK(downlink_watch(d, 5 * S).bps <= 3000ULL * KBPS * 105 / 100);
	downlink_close(d);
}

TEST(layers_come_back_with_the_path)
{
	struct downlink *d = path_of(6000 * KBPS);

	downlink_run(d, 20 * S);
	d->config.capacity_bps = 3000 * KBPS;
	downlink_run(d, 10 * S);
	CHECK(!downlink_all_show_all(d));
	d->config.capacity_bps = 6000 * KBPS;
	downlink_run(d, 45 * S);
	CHECK(downlink_all_show_all(d));
	CHECK(downlink_watch(d, 10 * S).switches == 0);
	downlink_close(d);
}

TEST(whose_lowest_layer_does_not_fit_is_paused_and_comes_back)
{
	struct downlink *d = path_of(1500 * KBPS);
	struct downlink_seen seen;

	downlink_run(d, 20 * S);
	CHECK_EQ(downlink_shown(d), PEOPLE);
	d->config.capacity_bps = 200 * KBPS;
	downlink_run(d, 10 * S);
	seen = downlink_watch(d, 2 * S);
	CHECK(d->people[SPEAKER].is_on);
	CHECK(downlink_shown(d) < PEOPLE);
	CHECK(seen.words + 15 >= 2 * S / WORD_US * PEOPLE);
	d->config.capacity_bps = 1500 * KBPS;
	downlink_run(d, 30 * S);
	CHECK_EQ(downlink_shown(d), PEOPLE);
	CHECK(downlink_watch(d, 5 * S).bps >= 1500ULL * KBPS / 2);
	downlink_close(d);
}

TEST(who_gets_priority_gets_the_larger_picture)
{
	struct downlink *d = path_of(1500 * KBPS);

	downlink_run(d, 40 * S);
	CHECK(d->people[SPEAKER].spatial > d->people[1].spatial);
	sfu_slot_priority(d->people[1].slot, 250);
	downlink_run(d, 20 * S);
	CHECK(d->people[1].spatial > d->people[SPEAKER].spatial);
	downlink_close(d);
}

TEST(who_tells_nothing_of_what_comes_gets_all)
{
	struct downlink *d = path_of(500 * KBPS);

	d->config.is_mute = true;
	downlink_run(d, 5 * S);
	CHECK(downlink_all_show_all(d));
	downlink_run(d, 5 * S);
	CHECK(downlink_all_show_all(d));
	downlink_close(d);
}
