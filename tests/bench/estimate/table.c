/* table.c - the estimator on simulated links, as a table (docs/benchmarks.md).
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "estimate/sim.h"

enum { KBPS = 1000, MBPS = 1000000, RUN_S = 60, SETTLED_S = 20 };

struct scene {
	const char *name;
	struct sim_config path;
	struct sim_flow_config flows[SIM_FLOWS_MAX];
	size_t flow_count;
	uint64_t fair_bps; /* what a flow's share is */
};

static const struct scene scenes[] = {
	{ "500 kbit/s",
	    { .steps = { { 0, 500 * KBPS } },
		.queue_us = 300 * SIM_MS,
		.delay_us = 25 * SIM_MS },
	    { { 0 } }, 1, 500 * KBPS },
	{ "2 Mbit/s",
	    { .steps = { { 0, 2 * MBPS } },
		.queue_us = 300 * SIM_MS,
		.delay_us = 25 * SIM_MS },
	    { { 0 } }, 1, 2 * MBPS },
	{ "10 Mbit/s",
	    { .steps = { { 0, 10 * MBPS } },
		.queue_us = 300 * SIM_MS,
		.delay_us = 25 * SIM_MS },
	    { { 0 } }, 1, 10 * MBPS },
	{ "2 Mbit/s, 200 ms one way",
	    { .steps = { { 0, 2 * MBPS } },
		.queue_us = 300 * SIM_MS,
		.delay_us = 200 * SIM_MS },
	    { { 0 } }, 1, 2 * MBPS },
	{ "2 Mbit/s, queue of 2 s",
	    { .steps = { { 0, 2 * MBPS } },
		.queue_us = 2 * SIM_S,
		.delay_us = 25 * SIM_MS },
	    { { 0 } }, 1, 2 * MBPS },
	{ "2 Mbit/s, queue of 20 ms",
	    { .steps = { { 0, 2 * MBPS } },
		.queue_us = 20 * SIM_MS,
		.delay_us = 25 * SIM_MS },
	    { { 0 } }, 1, 2 * MBPS },
	{ "2 Mbit/s, 5 % loss",
	    { .steps = { { 0, 2 * MBPS } },
		.queue_us = 300 * SIM_MS,
		.delay_us = 25 * SIM_MS,
		.loss_permille = 50 },
	    { { 0 } }, 1, 2 * MBPS },
	{ "2 Mbit/s, 10 % loss",
	    { .steps = { { 0, 2 * MBPS } },
		.queue_us = 300 * SIM_MS,
		.delay_us = 25 * SIM_MS,
		.loss_permille = 100 },
	    { { 0 } }, 1, 2 * MBPS },
	{ "2 Mbit/s, 10 ms jitter",
	    { .steps = { { 0, 2 * MBPS } },
		.queue_us = 300 * SIM_MS,
		.delay_us = 25 * SIM_MS,
		.jitter_us = 10 * SIM_MS },
	    { { 0 } }, 1, 2 * MBPS },
	{ "2 Mbit/s, 30 ms jitter, reordering",
	    { .steps = { { 0, 2 * MBPS } },
		.queue_us = 300 * SIM_MS,
		.delay_us = 25 * SIM_MS,
		.jitter_us = 30 * SIM_MS,
		.is_reordering = true },
	    { { 0 } }, 1, 2 * MBPS },
	{ "2 Mbit/s, 20 % of feedback lost",
	    { .steps = { { 0, 2 * MBPS } },
		.queue_us = 300 * SIM_MS,
		.delay_us = 25 * SIM_MS,
		.feedback_loss_permille = 200 },
	    { { 0 } }, 1, 2 * MBPS },
	{ "3 Mbit/s, 1 of it taken every other 5 s",
	    { .steps = { { 0, 3 * MBPS } },
		.queue_us = 300 * SIM_MS,
		.delay_us = 25 * SIM_MS,
		.cross_bps = 1 * MBPS,
		.cross_on_us = 5 * SIM_S,
		.cross_off_us = 5 * SIM_S },
	    { { 0 } }, 1, 2500 * KBPS },
	{ "two flows on 4 Mbit/s",
	    { .steps = { { 0, 4 * MBPS } },
		.queue_us = 300 * SIM_MS,
		.delay_us = 25 * SIM_MS },
	    { { 0 }, { .begin_us = 0 } }, 2, 2 * MBPS },
	{ "two flows, the second 10 s later",
	    { .steps = { { 0, 4 * MBPS } },
		.queue_us = 300 * SIM_MS,
		.delay_us = 25 * SIM_MS },
	    { { 0 }, { .begin_us = 10 * SIM_S } }, 2, 2 * MBPS },
};

static void scene_run(const struct scene *scene)
{
	struct sim *s = sim_new(&scene->path);
	uint64_t when_us;

	for (size_t i = 0; i < scene->flow_count; i++)
		sim_flow_add(s, &scene->flows[i]);
	sim_run(s, RUN_S * SIM_S);
	for (size_t i = 0; i < s->flow_count; i++) {
		const struct sim_flow *f = &s->flows[i];

		when_us = sim_when(f, f->config.begin_us,
		    scene->fair_bps * 4 / 5, UINT64_MAX);
		printf("| %s | %.1f | %" PRIu64 " | %" PRIu64 " | %" PRIu64
		       " | %" PRIu64 " | %" PRIu64 " |\n",
		    i ? "" : scene->name,
		    when_us == UINT64_MAX ?
			-1.0 :
			(double)(when_us - f->config.begin_us) / SIM_S,
		    sim_estimate_bps(f, SETTLED_S * SIM_S, RUN_S * SIM_S) *
			100 / scene->fair_bps,
		    sim_came_bps(f, SETTLED_S * SIM_S, RUN_S * SIM_S) * 100 /
			scene->fair_bps,
		    sim_lowest_bps(f, SETTLED_S * SIM_S, RUN_S * SIM_S) * 100 /
			scene->fair_bps,
		    sim_queue_us(f, SETTLED_S * SIM_S, RUN_S * SIM_S, 500) /
			SIM_MS,
		    sim_queue_us(f, SETTLED_S * SIM_S, RUN_S * SIM_S, 950) /
			SIM_MS);
	}
	sim_free(s);
}

/* How fast a change of the capacity is followed. */
static void step_run(uint64_t from_bps, uint64_t to_bps)
{
	struct sim_config path = { .steps = { { 0, from_bps },
				       { 30 * SIM_S, to_bps } },
		.queue_us = 1 * SIM_S,
		.delay_us = 25 * SIM_MS };
	struct sim *s = sim_new(&path);
	struct sim_flow *f = sim_flow_add(s, &(struct sim_flow_config){ 0 });
	bool is_down = to_bps < from_bps;
	uint64_t when_us;

	sim_run(s, RUN_S * SIM_S);
	when_us = is_down ? sim_when(f, 30 * SIM_S, 0, to_bps * 105 / 100) :
			    sim_when(f, 30 * SIM_S, to_bps * 4 / 5, UINT64_MAX);
	printf("| %.1f to %.1f Mbit/s | %.1f | %" PRIu64 " |\n",
	    (double)from_bps / MBPS, (double)to_bps / MBPS,
	    when_us == UINT64_MAX ? -1.0 :
				    ((double)when_us - 30.0 * SIM_S) / SIM_S,
	    sim_queue_us(f, 30 * SIM_S, 35 * SIM_S, 1000) / SIM_MS);
	sim_free(s);
}

static void trace(const struct scene *scene)
{
	struct sim *s = sim_new(&scene->path);

	for (size_t i = 0; i < scene->flow_count; i++)
		sim_flow_add(s, &scene->flows[i]);
	sim_run(s, RUN_S * SIM_S);
	for (size_t i = 0; i < RUN_S * SIM_S / SIM_SAMPLE_US; i++) {
		printf("%.1f", (double)i * SIM_SAMPLE_US / SIM_S);
		for (size_t k = 0; k < s->flow_count; k++)
			printf(" %" PRIu64 " %" PRIu64 " %" PRIu64,
			    s->flows[k].samples[i].bps / KBPS,
			    s->flows[k].samples[i].came_bytes * 80 / KBPS,
			    s->flows[k].samples[i].queue_us / SIM_MS);
		printf("\n");
	}
	sim_free(s);
}

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < KK_ARRAY_LEN(scenes); i++) {
		if (!strcmp(scenes[i].name, argv[1]))
			trace(&scenes[i]);
	}
	if (argc > 1)
		return 0;
	printf("| path | s to 80 %% | estimate %% | arrives %% | lowest %% | "
	       "queue p50 ms | p95 |\n|---|---|---|---|---|---|---|\n");
	for (size_t i = 0; i < KK_ARRAY_LEN(scenes); i++)
		scene_run(&scenes[i]);
	printf("\n| capacity | s | longest queue ms |\n|---|---|---|\n");
	step_run(2 * MBPS, 1 * MBPS);
	step_run(4 * MBPS, 1 * MBPS);
	step_run(1 * MBPS, 2 * MBPS);
	step_run(1 * MBPS, 4 * MBPS);
	return 0;
}
