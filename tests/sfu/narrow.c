/*
 * narrow.c - tests of what a receiver gets behind paths of many kinds, from its
 * first packet on.  Three people are shown, who take 4.6 Mbit/s with all their
 * layers; key frames are four times as large as other frames.  The figures are
 * printed as rows of a table (docs/benchmarks.md).
 */
#include <stdio.h>

#include "harness/tap.h"
#include "sfu/downlink.h"

enum {
	KBPS = DOWNLINK_KBPS,
	S = DOWNLINK_S,
	MS = DOWNLINK_MS,
	ALL_KBPS = 4600, /* what all layers of all take */
	NEVER = -1,
	START_S = 5,
	SETTLE_S = 30,
	WATCH_S = 60
};

struct bounds {
	int near_ms; /* the estimate has 80 % of what can be used */
	int all_ms; /* all layers are shown; NEVER: it cannot be */
	unsigned lost_permille, queue_ms; /* of the first 5 s; lost: for want of
					   * room */
	unsigned changes; /* in a minute, of all three, when it has settled */
	unsigned arrives_percent; /* at least, of what can be used */
};

struct scene {
	const char *name;
	struct downlink_config path;
	struct bounds most;
};

struct seen {
	int near_ms, all_ms;
	unsigned lost_permille, queue_ms, changes, arrives_percent;
	uint64_t dropped; /* in the minute */
};

static uint64_t usable_bps(const struct downlink *d)
{
	const uint64_t all_bps = (uint64_t)ALL_KBPS * KBPS;

	return d->config.capacity_bps < all_bps ? d->config.capacity_bps :
						  all_bps;
}

static void start_look(struct downlink *d, uint64_t from_us, struct seen *seen)
{
	int now_ms = (int)((d->now_us - from_us) / MS);

	if (seen->near_ms == NEVER &&
	    sfu_link_estimate(d->bob.link).bps >= usable_bps(d) * 8 / 10)
		seen->near_ms = now_ms;
	if (seen->all_ms == NEVER && downlink_all_show_all(d))
		seen->all_ms = now_ms;
}

/* From now on. */
static struct seen look(struct downlink *d)
{
	struct seen seen = { .near_ms = NEVER, .all_ms = NEVER };
	uint64_t from_us = d->now_us, sent = d->sent, dropped = d->dropped;
	struct downlink_seen late;

	d->queue_us = 0;
	while (d->now_us < from_us + (uint64_t)SETTLE_S * S) {
		downlink_run(d, 20 * MS);
		start_look(d, from_us, &seen);
		if (d->now_us != from_us + (uint64_t)START_S * S)
			continue;
		seen.lost_permille = (unsigned)((d->dropped - dropped) * 1000 /
		    (d->sent - sent));
		seen.queue_ms = (unsigned)(d->queue_us / MS);
	}
	late = downlink_watch(d, (uint64_t)WATCH_S * S);
	seen.changes = late.switches;
	seen.arrives_percent = (unsigned)(late.bps * 100 / usable_bps(d));
	seen.dropped = late.dropped;
	return seen;
}

static void row_print(const char *name, const struct seen *s)
{
	char all[16] = "-";

	if (s->all_ms != NEVER)
		(void)snprintf(all, sizeof(all), "%.1f",
		    (double)s->all_ms / 1000);
	tap_diag("| %s | %.1f | %s | %.1f | %u | %u | %u |", name,
	    (double)s->near_ms / 1000, all, (double)s->lost_permille / 10,
	    s->queue_ms, s->changes, s->arrives_percent);
}

static void is_within(const struct seen *s, const struct bounds *most)
{
	CHECK(s->near_ms != NEVER && s->near_ms <= most->near_ms);
	if (most->all_ms != NEVER)
		CHECK(s->all_ms != NEVER && s->all_ms <= most->all_ms);
	CHECK(s->lost_permille <= most->lost_permille);
	CHECK(s->queue_ms <= most->queue_ms);
	CHECK(s->changes <= most->changes);
	CHECK(s->arrives_percent >= most->arrives_percent);
}

static void scenes_run(const struct scene *scenes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct downlink_config path = scenes[i].path;
		struct downlink *d;
		struct seen seen;

		path.key_factor = 4;
		d = downlink_open(&path);
		seen = look(d);
		row_print(scenes[i].name, &seen);
		is_within(&seen, &scenes[i].most);
		downlink_close(d);
	}
}

TEST(a_path_that_is_narrow_from_the_start_sees_no_flood)
{
	static const struct scene scenes[] = {
		/* Three voices and three of the smallest pictures take 270. */
		{ "0.3 Mbit/s",
		    { .capacity_bps = 300 * KBPS, .is_known = true },
		    { 100, NEVER, 10, 330, 24, 75 } },
		{ "0.5 Mbit/s",
		    { .capacity_bps = 500 * KBPS, .is_known = true },
		    { 1000, NEVER, 0, 250, 24, 70 } },
		{ "0.5 Mbit/s, queue of 2 s",
		    { .capacity_bps = 500 * KBPS,
			.queue_us = 2ULL * S,
			.is_known = true },
		    { 1000, NEVER, 0, 250, 24, 70 } },
		{ "1 Mbit/s", { .capacity_bps = 1000 * KBPS, .is_known = true },
		    { 1000, NEVER, 0, 250, 18, 70 } },
		{ "3 Mbit/s", { .capacity_bps = 3000 * KBPS, .is_known = true },
		    { 1000, NEVER, 0, 250, 18, 75 } },
	};

	scenes_run(scenes, KK_ARRAY_LEN(scenes));
}

TEST(a_path_that_is_wide_shows_all_in_a_second_or_two)
{
	static const struct scene scenes[] = {
		{ "6 Mbit/s", { .capacity_bps = 6000 * KBPS, .is_known = true },
		    { 1000, 1500, 0, 150, 0, 95 } },
		{ "20 Mbit/s",
		    { .capacity_bps = 20000 * KBPS, .is_known = true },
		    { 1000, 1000, 0, 60, 0, 95 } },
		{ "20 Mbit/s, all come together",
		    { .capacity_bps = 20000 * KBPS },
		    { 1500, 2000, 0, 60, 0, 95 } },
	};

	scenes_run(scenes, KK_ARRAY_LEN(scenes));
}

TEST(loss_and_jitter_do_not_make_a_path_look_narrow)
{
	static const struct scene scenes[] = {
		{ "3 Mbit/s, 2 % loss",
		    { .capacity_bps = 3000 * KBPS,
			.loss_permille = 20,
			.is_known = true },
		    { 1000, NEVER, 0, 250, 18, 70 } },
		{ "3 Mbit/s, 30 ms jitter",
		    { .capacity_bps = 3000 * KBPS,
			.jitter_us = 30 * MS,
			.is_known = true },
		    { 1000, NEVER, 0, 250, 24, 70 } },
	};

	scenes_run(scenes, KK_ARRAY_LEN(scenes));
}

/* On a machine whose processors are busy packets are read late, and together:
 * no queue of the path's. */
TEST(a_receiver_that_is_not_always_run_gets_all)
{
	static const struct scene scenes[] = {
		{ "100 Mbit/s, run every 40 ms at worst",
		    { .capacity_bps = 100000 * KBPS,
			.starved_us = 40 * MS,
			.is_known = true },
		    { 2000, 3000, 0, 20, 0, 95 } },
		{ "100 Mbit/s, run every 100 ms at worst",
		    { .capacity_bps = 100000 * KBPS,
			.starved_us = 100 * MS,
			.is_known = true },
		    { 3000, 4000, 0, 20, 0, 95 } },
		{ "100 Mbit/s, run every 300 ms at worst",
		    { .capacity_bps = 100000 * KBPS,
			.starved_us = 300 * MS,
			.is_known = true },
		    { 8000, 10000, 0, 20, 0, 95 } },
		{ "1.5 Mbit/s, run every 100 ms at worst",
		    { .capacity_bps = 1500 * KBPS,
			.starved_us = 100 * MS,
			.is_known = true },
		    { 8000, NEVER, 10, 310, 36, 50 } },
	};

	scenes_run(scenes, KK_ARRAY_LEN(scenes));
}

TEST(a_receiver_that_is_not_always_run_gets_all_whenever_it_is)
{
	for (unsigned seed = 2; seed <= 6; seed++) {
		const struct downlink_config path = { .seed = seed,
			.capacity_bps = 100000 * KBPS,
			.starved_us = 100 * MS,
			.key_factor = 4,
			.is_known = true };
		struct downlink *d = downlink_open(&path);

		downlink_run(d, 4 * S);
		CHECK(downlink_all_show_all(d));
		CHECK_EQ(downlink_watch(d, 20 * S).switches, 0);
		downlink_close(d);
	}
}

static void change_run(const char *name, uint64_t from_bps, uint64_t to_bps,
    const struct bounds *most)
{
	const struct downlink_config path = { .capacity_bps = from_bps,
		.key_factor = 4,
		.is_known = true };
	struct downlink *d = downlink_open(&path);
	struct seen seen;

	downlink_run(d, 20 * S);
	d->config.capacity_bps = to_bps;
	seen = look(d);
	row_print(name, &seen);
	is_within(&seen, most);
	downlink_close(d);
}

TEST(a_path_that_shrinks_to_a_quarter_is_followed)
{
	change_run("from 6 to 1.5 Mbit/s", 6000 * KBPS, 1500 * KBPS,
	    &(struct bounds){ 100, NEVER, 100, 310, 24, 70 });
}

TEST(a_path_that_grows_is_found)
{
	change_run("from 1 to 6 Mbit/s", 1000 * KBPS, 6000 * KBPS,
	    &(struct bounds){ 25000, 28000, 0, 150, 0, 95 });
}

TEST(no_path_makes_pictures_tremble_or_the_estimate_collapse)
{
	static const struct downlink_config paths[] = {
		{ .seed = 2, .capacity_bps = 500 * KBPS, .jitter_us = 10 * MS },
		{ .seed = 3, .capacity_bps = 1500 * KBPS, .loss_permille = 10 },
		{ .seed = 4, .capacity_bps = 3000 * KBPS },
	};

	for (size_t i = 0; i < KK_ARRAY_LEN(paths); i++) {
		struct downlink_config path = paths[i];
		struct downlink *d;
		unsigned changes = 0;

		path.key_factor = 4;
		d = downlink_open(&path);
		downlink_run(d, 10 * S);
		for (unsigned s = 0; s < 2 * WATCH_S; s++) {
			changes += downlink_watch(d, S).switches;
			CHECK(sfu_link_estimate(d->bob.link).bps >=
			    path.capacity_bps * 4 / 10);
			CHECK_EQ(downlink_shown(d), DOWNLINK_PEOPLE);
		}
		CHECK(changes <= 2 * 24);
		downlink_close(d);
	}
}

TEST(who_tells_nothing_gets_little_for_a_second_and_then_all)
{
	const struct downlink_config path = { .capacity_bps = 100000 * KBPS,
		.is_mute = true,
		.is_known = true };
	struct downlink *d = downlink_open(&path);

	downlink_run(d, 900 * MS);
	CHECK(!downlink_all_show_all(d));
	CHECK_EQ(sfu_link_estimate(d->bob.link).probes, 0);
	downlink_run(d, 400 * MS);
	CHECK(downlink_all_show_all(d));
	CHECK_EQ(downlink_watch(d, 10 * S).switches, 0);
	CHECK_EQ(sfu_link_estimate(d->bob.link).probes, 0);
	/* It learns to. */
	d->config.is_mute = false;
	d->config.capacity_bps = 1000 * KBPS;
	downlink_run(d, 10 * S);
	CHECK(!downlink_all_show_all(d));
	CHECK(downlink_watch(d, 5 * S).bps <= 1000 * KBPS);
	downlink_close(d);
}

/* A camera of one layer that takes more than the estimate begins with. */
TEST(what_has_no_lower_layer_is_shown_until_it_is_known_to_be_too_much)
{
	const struct world_frame f = { .is_start = true, .is_end = true };
	const struct estimate_config little = { 50 * KBPS, 50 * KBPS,
		20000 * KBPS };
	struct sfu_counts counts = { 0 };
	struct world_peer alice, bob;
	struct world_stream cam;
	uint64_t now = WORLD_START_US;
	struct wire_rtp rtp;
	size_t sent = 1;

	world_peer_open(&alice, &counts);
	world_peer_make(&bob, &counts);
	world_publish(&cam, &alice, SFU_VIDEO, 1000);
	for (unsigned i = 0; i < 2000; i++, now += MS) /* some 500 kbit/s */
		world_send(&cam, &f, now);
	CHECK_OK(sfu_link_measure(bob.link, 3, &little, now));
	sfu_link_want(bob.link, 0, 0);
	sfu_link_open(bob.link, now);
	CHECK_OK(sfu_slot_watch(world_slot(&bob, SFU_VIDEO, 10), cam.source,
	    now));
	world_frame(&cam, true, 1, now);
	for (unsigned i = 0; i < 900; i++, now += MS, sent++) {
		world_send(&cam, &f, now);
		sfu_link_tick(bob.link, now);
	}
	CHECK(world_rtp_at(&bob, sent - 1, &rtp));
	CHECK(!world_rtp_at(&bob, sent, &rtp));
	world_peer_close(&alice);
	world_peer_close(&bob);
}
