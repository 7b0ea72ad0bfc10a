/* path.c - tests of the estimate on simulated paths, in virtual time. */
#include "estimate/sim.h"
#include "harness/tap.h"

enum { KBPS = 1000, MBPS = 1000000, SETTLED = 20 * SIM_S, END = 80 * SIM_S };

static const struct sim_flow_config plain = { 0 };

static struct sim_config path_of(uint64_t bps)
{
	return (struct sim_config){ .steps = { { 0, bps } },
		.queue_us = 300 * SIM_MS,
		.delay_us = 25 * SIM_MS };
}

/* A run of one flow; the caller frees it. */
static struct sim *run(const struct sim_config *path,
    const struct sim_flow_config *flow, uint64_t until_us)
{
	struct sim *s = sim_new(path);

	sim_flow_add(s, flow);
	sim_run(s, until_us);
	return s;
}

static void is_between(uint64_t n, uint64_t low, uint64_t high)
{
	if (n < low || n > high)
		tap_diag("%llu is not in %llu to %llu", (unsigned long long)n,
		    (unsigned long long)low, (unsigned long long)high);
	CHECK(n >= low && n <= high);
}

static void is_settled(const struct sim_flow *f, uint64_t capacity_bps)
{
	is_between(sim_estimate_bps(f, SETTLED, END), capacity_bps * 85 / 100,
	    capacity_bps * 105 / 100);
	is_between(sim_came_bps(f, SETTLED, END), capacity_bps * 85 / 100,
	    capacity_bps);
}

TEST(it_settles_at_85_to_105_per_cent_of_a_capacity)
{
	const uint64_t capacities[] = { 200 * KBPS, 500 * KBPS, 1 * MBPS,
		2 * MBPS, 5 * MBPS, 15 * MBPS };

	for (size_t i = 0; i < KK_ARRAY_LEN(capacities); i++) {
		struct sim_config path = path_of(capacities[i]);
		struct sim *s = run(&path, &plain, END);

		tap_diag("%llu bit/s", (unsigned long long)capacities[i]);
		is_settled(&s->flows[0], capacities[i]);
		is_between(sim_queue_us(&s->flows[0], SETTLED, END, 950), 0,
		    150 * SIM_MS);
		CHECK_EQ(s->flows[0].errors, 0);
		sim_free(s);
	}
}

TEST(it_settles_whatever_the_random_numbers)
{
	for (unsigned seed = 2; seed < 12; seed++) {
		struct sim_config path = path_of(2 * MBPS);
		struct sim *s;

		path.seed = seed;
		s = run(&path, &plain, END);
		is_settled(&s->flows[0], 2 * MBPS);
		sim_free(s);
	}
}

TEST(it_settles_on_paths_with_long_delays_and_long_or_short_queues)
{
	const uint64_t delays[] = { 1 * SIM_MS, 100 * SIM_MS, 250 * SIM_MS };
	const uint64_t queues[] = { 60 * SIM_MS, 3 * SIM_S };

	for (size_t i = 0; i < 6; i++) {
		struct sim_config path = path_of(2 * MBPS);
		struct sim *s;

		path.delay_us = delays[i % 3];
		path.queue_us = queues[i / 3];
		s = run(&path, &plain, END);
		is_settled(&s->flows[0], 2 * MBPS);
		is_between(sim_queue_us(&s->flows[0], SETTLED, END, 950), 0,
		    150 * SIM_MS);
		sim_free(s);
	}
}

TEST(a_path_that_drops_without_a_queue_is_found_by_its_loss)
{
	struct sim_config path = path_of(2 * MBPS);
	struct sim *s;

	path.queue_us = 15 * SIM_MS;
	s = run(&path, &plain, END);
	is_between(sim_estimate_bps(&s->flows[0], SETTLED, END), 1700 * KBPS,
	    2200 * KBPS);
	is_between(sim_came_bps(&s->flows[0], SETTLED, END), 1700 * KBPS,
	    2000 * KBPS);
	sim_free(s);
}

TEST(it_begins_with_probes_and_is_near_the_capacity_in_two_seconds)
{
	const uint64_t capacities[] = { 1 * MBPS, 3 * MBPS, 10 * MBPS };

	for (size_t i = 0; i < KK_ARRAY_LEN(capacities); i++) {
		struct sim_config path = path_of(capacities[i]);
		struct sim *s = run(&path, &plain, 10 * SIM_S);

		is_between(sim_when(&s->flows[0], 0, capacities[i] * 7 / 10,
			       capacities[i] * 115 / 100),
		    0, 2 * SIM_S);
		sim_free(s);
	}
}

TEST(without_probes_it_gets_there_too)
{
	const struct sim_flow_config flow = { .has_no_probes = true };
	struct sim_config path = path_of(2 * MBPS);
	struct sim *s = run(&path, &flow, END);

	is_settled(&s->flows[0], 2 * MBPS);
	sim_free(s);
}

TEST(a_capacity_that_halves_is_followed_within_ten_feedbacks)
{
	for (unsigned seed = 1; seed < 9; seed++) {
		struct sim_config path = path_of(2 * MBPS);
		const struct sim_flow *f;
		struct sim *s;

		path.seed = seed;
		path.queue_us = 2 * SIM_S;
		path.steps[1] = (struct sim_step){ 30 * SIM_S, 1 * MBPS };
		s = run(&path, &plain, END);
		f = &s->flows[0];
		is_between(sim_when(f, 30 * SIM_S, 0, 1050 * KBPS), 0,
		    30 * SIM_S + 10 * HOP_TWCC_EVERY_US);
		is_between(sim_queue_us(f, 30 * SIM_S, 32 * SIM_S, 1000), 0,
		    500 * SIM_MS);
		is_between(sim_queue_us(f, 33 * SIM_S, END, 950), 0,
		    150 * SIM_MS);
		is_between(sim_came_bps(f, 33 * SIM_S, END), 850 * KBPS,
		    1 * MBPS);
		sim_free(s);
	}
}

TEST(a_capacity_that_comes_back_is_found_again)
{
	struct sim_config path = path_of(3 * MBPS);
	const struct sim_flow *f;
	struct sim *s;

	path.steps[1] = (struct sim_step){ 20 * SIM_S, 500 * KBPS };
	path.steps[2] = (struct sim_step){ 40 * SIM_S, 3 * MBPS };
	s = run(&path, &plain, END);
	f = &s->flows[0];
	is_between(sim_came_bps(f, 25 * SIM_S, 40 * SIM_S), 425 * KBPS,
	    500 * KBPS);
	is_between(sim_when(f, 40 * SIM_S, 2400 * KBPS, 4 * MBPS), 0,
	    55 * SIM_S);
	is_between(sim_came_bps(f, 60 * SIM_S, END), 2550 * KBPS, 3 * MBPS);
	sim_free(s);
}

TEST(random_loss_of_a_tenth_does_not_make_it_collapse)
{
	const unsigned losses[] = { 20, 50, 80, 100 };

	for (size_t i = 0; i < 4 * 4; i++) {
		struct sim_config path = path_of(2 * MBPS);
		const struct sim_flow *f;
		struct sim *s;

		path.seed = (unsigned)(i / 4 + 1);
		path.loss_permille = losses[i % 4];
		s = run(&path, &plain, END);
		f = &s->flows[0];
		is_between(sim_estimate_bps(f, SETTLED, END), 1600 * KBPS,
		    2100 * KBPS);
		is_between(sim_lowest_bps(f, SETTLED, END), 1000 * KBPS,
		    2 * MBPS);
		sim_free(s);
	}
}

TEST(jitter_and_reordering_do_not_make_it_collapse)
{
	for (size_t i = 0; i < 4; i++) {
		struct sim_config path = path_of(2 * MBPS);
		struct sim *s;

		path.jitter_us = (i & 1 ? 30 : 10) * SIM_MS;
		path.is_reordering = i & 2;
		s = run(&path, &plain, END);
		is_between(sim_estimate_bps(&s->flows[0], SETTLED, END),
		    1500 * KBPS, 2100 * KBPS);
		sim_free(s);
	}
}

TEST(lost_feedback_is_no_lost_packet)
{
	struct sim_config path = path_of(2 * MBPS);
	struct sim *s;

	path.feedback_loss_permille = 300;
	s = run(&path, &plain, END);
	is_settled(&s->flows[0], 2 * MBPS);
	CHECK(estimate_get(s->flows[0].estimate).loss_permille < 20);
	sim_free(s);
}

TEST(cross_traffic_that_comes_and_goes_leaves_no_long_queue)
{
	struct sim_config path = path_of(3 * MBPS);
	struct sim *s;

	path.queue_us = 2 * SIM_S;
	path.cross_bps = 1 * MBPS;
	path.cross_on_us = path.cross_off_us = 5 * SIM_S;
	s = run(&path, &plain, END);
	is_between(sim_came_bps(&s->flows[0], SETTLED, END), 1800 * KBPS,
	    2500 * KBPS);
	is_between(sim_queue_us(&s->flows[0], SETTLED, END, 950), 0,
	    250 * SIM_MS);
	sim_free(s);
}

/* The smaller share of two, in permille, over the last minute of two. */
static unsigned fairness(uint64_t second_begins_us, unsigned seed)
{
	const struct sim_flow_config second = { .begin_us = second_begins_us };
	struct sim_config path = path_of(4 * MBPS);
	struct sim *s;
	uint64_t a, b;

	path.seed = seed;
	s = sim_new(&path);
	sim_flow_add(s, &plain);
	sim_flow_add(s, &second);
	sim_run(s, 180 * SIM_S);
	a = sim_came_bps(&s->flows[0], 120 * SIM_S, 180 * SIM_S);
	b = sim_came_bps(&s->flows[1], 120 * SIM_S, 180 * SIM_S);
	is_between(a + b, 3400 * KBPS, 4 * MBPS);
	is_between(sim_queue_us(&s->flows[0], 120 * SIM_S, 180 * SIM_S, 950), 0,
	    150 * SIM_MS);
	sim_free(s);
	return (unsigned)((a < b ? a : b) * 1000 / (a + b));
}

TEST(two_flows_share_a_path_evenly_whoever_came_first)
{
	for (unsigned seed = 1; seed < 5; seed++) {
		is_between(fairness(0, seed), 350, 500);
		is_between(fairness(20 * SIM_S, seed), 350, 500);
	}
}

TEST(an_application_that_sends_little_learns_by_probes_what_there_is)
{
	const struct sim_flow_config flow = { .app_bps = 400 * KBPS,
		.want_bps = 1500 * KBPS };
	struct sim_config path = path_of(3 * MBPS);
	struct sim *s = run(&path, &flow, END);
	struct estimate_state state = estimate_get(s->flows[0].estimate);

	is_between(sim_lowest_bps(&s->flows[0], SETTLED, END), 1400 * KBPS,
	    3 * MBPS);
	CHECK(state.is_app_limited);
	CHECK(state.probes > 0 && state.probes < 10);
	/* Not beyond what is of use. */
	is_between(sim_came_bps(&s->flows[0], SETTLED, END), 350 * KBPS,
	    450 * KBPS);
	sim_free(s);
}

TEST(probes_on_a_path_that_has_no_more_are_rare_and_do_no_harm)
{
	const struct sim_flow_config flow = { .app_bps = 400 * KBPS,
		.want_bps = 1500 * KBPS };
	struct sim_config path = path_of(600 * KBPS);
	struct sim *s = run(&path, &flow, END);

	is_between(sim_estimate_bps(&s->flows[0], SETTLED, END), 400 * KBPS,
	    750 * KBPS);
	is_between(sim_queue_us(&s->flows[0], SETTLED, END, 950), 0,
	    150 * SIM_MS);
	is_between(sim_came_bps(&s->flows[0], SETTLED, END), 380 * KBPS,
	    430 * KBPS);
	sim_free(s);
}

/* A forwarder: what goes out is one of few rates, by what there is. */
TEST(an_application_of_steps_climbs_them_by_probes_and_stays)
{
	const uint64_t steps[] = { 150, 300, 500, 900, 1500, 3000 };
	const struct sim_flow_config flow = { .app_bps = 150 * KBPS };
	struct sim_config path = path_of(1200 * KBPS);
	struct sim_flow *f;
	struct sim *s;
	size_t step = 0;

	path.steps[1] = (struct sim_step){ 50 * SIM_S, 5 * MBPS };
	s = sim_new(&path);
	f = sim_flow_add(s, &flow);
	for (uint64_t us = SIM_SAMPLE_US; us <= END; us += SIM_SAMPLE_US) {
		uint64_t bps = estimate_get(f->estimate).bps;

		if (step < 5 && bps > steps[step + 1] * KBPS * 115 / 100)
			step++;
		while (step > 0 && bps < steps[step] * KBPS)
			step--;
		f->config.app_bps = steps[step] * KBPS;
		estimate_want(f->estimate,
		    step < 5 ? steps[step + 1] * KBPS * 115 / 100 : 0,
		    3450 * KBPS);
		sim_run(s, us);
	}
	is_between(sim_came_bps(f, SETTLED, 50 * SIM_S), 850 * KBPS,
	    1000 * KBPS);
	is_between(sim_queue_us(f, SETTLED, 50 * SIM_S, 950), 0, 50 * SIM_MS);
	/* There is more: it is found, at the latest 20 s later. */
	is_between(sim_came_bps(f, 72 * SIM_S, END), 2700 * KBPS, 3300 * KBPS);
	CHECK(estimate_get(f->estimate).probes < 30);
	sim_free(s);
}

TEST(when_feedback_stops_the_estimate_falls_to_its_least_and_comes_back)
{
	struct sim_config path = path_of(2 * MBPS);
	struct sim *s = run(&path, &plain, 20 * SIM_S);
	struct sim_flow *f = &s->flows[0];

	f->is_deaf = true;
	sim_run(s, 32 * SIM_S);
	for (size_t i = 205; i < 320; i++) /* never up, and down in the end */
		CHECK(f->samples[i].bps <= f->samples[i - 1].bps);
	is_between(f->samples[225].bps, 0, 1500 * KBPS);
	CHECK_EQ(f->samples[319].bps, 100 * KBPS);
	CHECK(estimate_get(f->estimate).is_silent);
	f->is_deaf = false;
	sim_run(s, END);
	CHECK(!estimate_get(f->estimate).is_silent);
	is_between(sim_came_bps(f, 60 * SIM_S, END), 1700 * KBPS, 2 * MBPS);
	sim_free(s);
}

TEST(who_sends_nothing_is_not_silent)
{
	const struct estimate_config config = { 300 * KBPS, 100 * KBPS,
		2 * MBPS };
	struct estimate *e = NULL;

	CHECK_OK(estimate_new(&e, &config, 0));
	for (uint64_t us = 0; us < 60 * SIM_S; us += ESTIMATE_TICK_US)
		estimate_tick(e, us);
	CHECK_EQ(estimate_get(e).bps, 300 * KBPS);
	CHECK(!estimate_get(e).is_silent);
	CHECK_EQ(estimate_get(e).probes, 0);
	estimate_free(e);
}

TEST(numbers_and_times_wrap_without_a_trace)
{
	/* The reference time of 24 bits of 64 ms wraps 20 s after the start;
	 * numbers wrap after 65,536 packets. */
	const struct sim_flow_config flow = { .clock_us = 536870912LL * SIM_MS -
		    25LL * SIM_S };
	struct sim_config path = path_of(12 * MBPS);
	struct sim *s = run(&path, &flow, END);

	CHECK(sim_came_bps(&s->flows[0], 0, END) / 8 * 80 / 1200 > 75000);
	is_settled(&s->flows[0], 12 * MBPS);
	CHECK_EQ(s->flows[0].errors, 0);
	sim_free(s);
}

TEST(a_clock_that_runs_faster_or_slower_does_not_matter)
{
	const int64_t drifts[] = { -200, 200 };

	for (size_t i = 0; i < 2; i++) {
		const struct sim_flow_config flow = { .drift_ppm = drifts[i],
			.clock_us = -3 * SIM_S };
		struct sim_config path = path_of(2 * MBPS);
		struct sim *s = run(&path, &flow, END);

		is_settled(&s->flows[0], 2 * MBPS);
		sim_free(s);
	}
}

TEST(a_receivers_clock_that_is_set_costs_little)
{
	struct sim_config path = path_of(2 * MBPS);
	struct sim *s = run(&path, &plain, 30 * SIM_S);
	struct sim_flow *f = &s->flows[0];

	f->config.clock_us = 100LL * SIM_S;
	sim_run(s, 50 * SIM_S);
	is_between(sim_lowest_bps(f, 30 * SIM_S, 50 * SIM_S), 1400 * KBPS,
	    2 * MBPS);
	f->config.clock_us = 0; /* back */
	hop_rx_twcc_init(&f->rx); /* its sums start anew with its clock */
	sim_run(s, END);
	is_between(sim_lowest_bps(f, 50 * SIM_S, END), 1400 * KBPS, 2 * MBPS);
	sim_free(s);
}

TEST(the_same_packets_at_the_same_times_give_the_same_estimate)
{
	struct sim_config path = path_of(2 * MBPS);
	struct sim *a, *b;

	path.loss_permille = 30;
	path.jitter_us = 5 * SIM_MS;
	a = run(&path, &plain, SETTLED);
	b = run(&path, &plain, SETTLED);
	CHECK_MEM(a->flows[0].samples, b->flows[0].samples,
	    sizeof(a->flows[0].samples));
	sim_free(a);
	sim_free(b);
}
