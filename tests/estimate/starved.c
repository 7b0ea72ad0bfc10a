/* starved.c - tests of receivers that are not always run, in virtual time. */
#include "estimate/estimate_private.h"
#include "estimate/sim.h"
#include "harness/tap.h"

enum { KBPS = 1000, MBPS = 1000000, END = 60 * SIM_S };

static struct sim *run(uint64_t bps, uint64_t starved_us,
    const struct sim_flow_config *flow, unsigned seed)
{
	const struct sim_config path = { .seed = seed,
		.steps = { { 0, bps } },
		.queue_us = 300 * SIM_MS,
		.delay_us = 10 * SIM_MS,
		.starved_us = starved_us };
	struct sim *s = sim_new(&path);

	sim_flow_add(s, flow);
	sim_run(s, END);
	return s;
}

TEST(what_is_read_late_is_no_queue_and_makes_no_estimate_fall)
{
	const uint64_t longest[] = { 30, 100, 250 };
	const struct sim_flow_config flow = { .app_bps = 1500 * KBPS,
		.want_bps = 3 * MBPS };

	for (size_t i = 0; i < 3 * KK_ARRAY_LEN(longest); i++) {
		struct sim *s = run(100 * MBPS, longest[i % 3] * SIM_MS, &flow,
		    (unsigned)(i / 3 + 1));

		CHECK(sim_lowest_bps(&s->flows[0], 10 * SIM_S, END) >=
		    1500 * KBPS);
		CHECK_EQ(s->flows[0].errors, 0);
		sim_free(s);
	}
}

TEST(a_queue_is_found_although_packets_are_read_late)
{
	const uint64_t longest[] = { 30, 60, 100 };
	const struct sim_flow_config flow = { 0 };

	for (size_t i = 0; i < KK_ARRAY_LEN(longest); i++) {
		struct sim *s = run(1 * MBPS, longest[i] * SIM_MS, &flow, 1);

		CHECK(sim_estimate_bps(&s->flows[0], 20 * SIM_S, END) <=
		    1100 * KBPS);
		CHECK(sim_came_bps(&s->flows[0], 20 * SIM_S, END) >=
		    600 * KBPS);
		CHECK(sim_queue_us(&s->flows[0], 20 * SIM_S, END, 950) <=
		    250 * SIM_MS);
		sim_free(s);
	}
}

/* So many packets, sent every 10 ms, that came at once at at_us. */
static void bunch(struct estimate_floor *f, uint64_t at_us, unsigned count)
{
	for (unsigned i = count; i-- > 0;)
		estimate_floor_add(f, at_us - 10000 * (uint64_t)i,
		    (int64_t)at_us + 5000);
}

TEST(the_floor_is_what_even_the_last_of_a_bunch_has_waited)
{
	struct estimate_floor f = { 0 };
	uint64_t now = SIM_START_US;

	CHECK_EQ(estimate_floor_queue_us(&f), 0);
	for (unsigned i = 0; i < 20; i++, now += 100 * SIM_MS)
		bunch(&f, now, 10);
	CHECK_EQ(estimate_floor_queue_us(&f), 0);
	/* All packets of 100 ms wait, the least of them for 30 ms. */
	for (unsigned i = 0; i < 30; i++, now += 10 * SIM_MS)
		estimate_floor_add(&f, now,
		    (int64_t)now + 5000 + 30000 + i % 3 * 1000);
	CHECK_EQ(estimate_floor_queue_us(&f), 30000);
	estimate_floor_add(&f, now, (int64_t)now + 6000);
	CHECK_EQ(estimate_floor_queue_us(&f), 1000);
	/* A longer way is no queue for ever. */
	for (unsigned i = 0; i < 1600; i++, now += 10 * SIM_MS)
		estimate_floor_add(&f, now, (int64_t)now + 50000);
	CHECK_EQ(estimate_floor_queue_us(&f), 0);
}
