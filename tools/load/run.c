/*
 * run.c - the stages of a run.
 *
 * Before and behind what is measured nothing is on its way, so each packet that
 * was sent has come, or is lost; and all CPU time of the server is for them.
 */
#include "tools/load/load.h"

enum {
	TICK_US = 10000,
	ACCURACY_US = 1000,
	WARM_US = 1000000,
	HUSH_US = 200000, /* nothing has come for so long */
	HUSH_MAX_US = 5000000, /* then it is taken as lost */
	GIVE_UP_US = 40000000 /* without progress */
};

static enum kk_err snapshot(struct load *load, struct load_snapshot *to)
{
	unsigned pid = load->options.pid;
	enum kk_err err = KK_OK;

	to->us = load_now_us();
	to->totals = load->totals;
	if (pid) {
		err = load_usage_read(&to->usage, pid);
		if (!err)
			err = load_memory_read(&to->memory, pid);
	}
	if (err)
		load_fail(load, "--pid=%u: %s", pid, kk_err_text(err));
	return err;
}

static void stage_set(struct load *load, enum load_stage stage)
{
	load->stage = stage;
	load->stage_us = load_now_us();
}

/* So many have come in when a stage is over. */
static size_t stage_end(const struct load *load)
{
	const struct load_options *o = &load->options;

	if (load->stage == LOAD_FIRST)
		return o->meetings;
	if (load->stage == LOAD_PUBLISHERS)
		return o->meetings * o->publishers;
	return load->member_count;
}

static void joins_begin(struct load *load)
{
	const struct load_options *o = &load->options;

	while (!load->has_failed && load->begun < stage_end(load) &&
	    load->begun - load->up < o->at_once &&
	    load_now_us() - load->joining_us >=
		(uint64_t)o->gap_ms * LOAD_US_PER_MS) {
		load->joining_us = load_now_us();
		load_member_begin(load->members[load->begun++]);
	}
}

static void joins_advance(struct load *load)
{
	while (load->stage <= LOAD_RECEIVERS && load->up == stage_end(load)) {
		if (load->stage == LOAD_RECEIVERS &&
		    snapshot(load, &load->result.joins[1]))
			return;
		stage_set(load, load->stage + 1);
		if (load->stage == LOAD_RECEIVERS &&
		    snapshot(load, &load->result.joins[0]))
			return;
	}
	if (load->stage <= LOAD_RECEIVERS)
		joins_begin(load);
}

void load_run_joined(struct load *load)
{
	load->stage_us = load_now_us(); /* progress */
	/* From the loop: a join begins inside of another one's end. */
	(void)sd_event_source_set_time(load->tick, 0);
}

static size_t receivers(const struct load *load)
{
	return load->options.meetings * load->options.receivers;
}

static void measure_begin(struct load *load)
{
	if (snapshot(load, &load->result.measured[0]))
		return;
	load->is_measuring = true;
	load->result.sending_us = load->result.measured[0].us;
	load_publish_set(load, true);
	stage_set(load, LOAD_MEASURE);
}

static void measure_end(struct load *load)
{
	load->is_measuring = false;
	load->result.last_us = load->arrived_us;
	if (snapshot(load, &load->result.measured[1]))
		return;
	stage_set(load, LOAD_DONE);
	(void)sd_event_exit(load->event, 0);
}

static bool is_hushed(const struct load *load, uint64_t now_us)
{
	return now_us - load->stage_us >= HUSH_MAX_US ||
	    (now_us - load->stage_us >= HUSH_US &&
		now_us - load->arrived_us >= HUSH_US);
}

static void stage_run(struct load *load, uint64_t now_us)
{
	uint64_t for_us = now_us - load->stage_us;

	switch (load->stage) {
	case LOAD_WARM:
		if (for_us < WARM_US || load->firsts < receivers(load))
			break;
		load_publish_set(load, false);
		stage_set(load, LOAD_HUSH);
		break;
	case LOAD_HUSH:
		if (is_hushed(load, now_us))
			measure_begin(load);
		break;
	case LOAD_MEASURE:
		if (for_us < (uint64_t)load->options.seconds * LOAD_US_PER_S)
			break;
		load_publish_set(load, false);
		stage_set(load, LOAD_DRAIN);
		break;
	case LOAD_DRAIN:
		if (is_hushed(load, now_us))
			measure_end(load);
		break;
	default:
		joins_advance(load);
	}
}

static void stuck_check(struct load *load, uint64_t now_us)
{
	if (load->stage > LOAD_WARM || now_us - load->stage_us < GIVE_UP_US)
		return;
	if (load->stage == LOAD_WARM)
		load_fail(load, "%zu of %zu receivers get nothing",
		    receivers(load) - load->firsts, receivers(load));
	else
		load_fail(load,
		    "%zu of %zu participants are in, and no more come",
		    load->up, load->member_count);
}

static int on_tick(sd_event_source *source, uint64_t usec, void *arg)
{
	struct load *load = arg;
	uint64_t now_us = load_now_us();

	(void)usec;
	for (size_t i = 0; i < load->begun && !load->has_failed; i++) {
		load_peer_tick(load->members[i], now_us);
		load_rtcp_tick(load->members[i], now_us);
	}
	if (!load->has_failed) {
		stage_run(load, now_us);
		stuck_check(load, load_now_us());
	}
	if (sd_event_source_set_time(source, now_us + TICK_US) < 0)
		return -1;
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

enum kk_err load_run_start(struct load *load)
{
	load->stage_us = load_now_us();
	return sd_event_add_time(load->event, &load->tick, CLOCK_MONOTONIC, 0,
		   ACCURACY_US, on_tick, load) < 0 ?
	    KK_ENOMEM :
	    KK_OK;
}
