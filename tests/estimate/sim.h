/*
 * sim.h - a path between senders that follow their estimates and receivers that
 * tell what came: deterministic, in virtual time, one step a millisecond.
 *
 *     sender -> queue of limited length -> link of a capacity -> delay, jitter,
 *     random loss -> receiver (hop/rx_twcc.h) -> feedback, as bytes -> sender
 */
#pragma once
#include "estimate/estimate.h"
#include "hop/rx_twcc.h"

enum {
	SIM_FLOWS_MAX = 3,
	SIM_STEPS_MAX = 16,
	SIM_MS = 1000,
	SIM_S = 1000000,
	SIM_SAMPLE_US = 100000,
	SIM_SAMPLES_MAX = 3000, /* five minutes */
	SIM_QUEUE_MAX = 8192,
	SIM_AIR_MAX = 8192,
	SIM_FEEDBACK_MAX = 256,
	SIM_FEEDBACK_BYTES = 1200,
	SIM_START_US = 5000000
};

struct sim_step { /* the capacity from a time on */
	uint64_t at_us; /* since the start */
	uint64_t bps;
};

struct sim_config {
	unsigned seed; /* 0: 1 */
	struct sim_step steps[SIM_STEPS_MAX]; /* up to the first bps of 0 */
	uint64_t queue_us; /* its length, at the present capacity */
	uint64_t delay_us; /* one way */
	uint64_t jitter_us; /* evenly, 0 to this much */
	bool is_reordering; /* jitter lets packets overtake each other */
	/* Receivers are not run for up to this long, again and again. */
	uint64_t starved_us;
	unsigned loss_permille;
	unsigned feedback_loss_permille;
	uint64_t cross_bps; /* that takes no notice of anything */
	uint64_t cross_on_us, cross_off_us; /* 0: always */
};

struct sim_flow_config {
	uint64_t begin_us;
	uint64_t min_bps, start_bps, max_bps; /* 0: 100k, 300k, 20M */
	uint64_t app_bps; /* what the application sends at most; 0: all */
	uint64_t want_bps; /* what it would send; 0: max_bps */
	unsigned frames_per_s; /* 0: 30 */
	bool has_no_probes;
	bool is_fixed; /* sends app_bps whatever the estimate says */
	int64_t clock_us; /* the receiver's clock is off by */
	int64_t drift_ppm; /* and runs faster by */
};

struct sim_sample { /* of SIM_SAMPLE_US each */
	uint64_t sent_bytes, came_bytes;
	uint64_t bps; /* the estimate at its end */
	uint64_t queue_us; /* longest wait of a packet in the queue */
};

struct sim_packet {
	uint64_t at_us; /* when it arrives */
	uint64_t queued_us;
	uint16_t bytes, seq;
	int8_t flow; /* -1: cross traffic */
};

struct sim_feedback {
	uint64_t at_us;
	size_t bytes;
	uint8_t data[SIM_FEEDBACK_BYTES];
};

struct sim_flow {
	struct sim_flow_config config;
	struct estimate *estimate;
	struct hop_rx_twcc rx;
	uint64_t frame_us; /* when the next one is made */
	uint64_t frame_bytes; /* left of the present one */
	uint64_t frame_packet_us; /* when its next packet goes */
	uint64_t came_us; /* the last packet: order is kept */
	uint64_t wake_us; /* when a starved receiver reads next */
	bool is_awake;
	bool is_deaf; /* feedback is not delivered */
	unsigned feedbacks, errors;
	struct sim_feedback feedback[SIM_FEEDBACK_MAX];
	size_t feedback_head, feedback_count;
	struct sim_sample samples[SIM_SAMPLES_MAX];
};

struct sim {
	struct sim_config config;
	uint64_t now_us; /* since the start */
	uint64_t random;
	struct sim_flow flows[SIM_FLOWS_MAX];
	size_t flow_count;
	struct sim_packet queue[SIM_QUEUE_MAX];
	size_t queue_head, queue_count;
	uint64_t queue_bytes, credit; /* credit: bits times 1000 */
	uint64_t cross_due; /* bits times 1000 */
	struct sim_packet air[SIM_AIR_MAX]; /* by arrival, last one first */
	size_t air_count;
};

struct sim *sim_new(const struct sim_config *config);
void sim_free(struct sim *s);
struct sim_flow *sim_flow_add(struct sim *s,
    const struct sim_flow_config *config);
void sim_run(struct sim *s, uint64_t until_us);

uint64_t sim_capacity(const struct sim *s);

/* Over a time, in whole samples. */
uint64_t sim_came_bps(const struct sim_flow *f, uint64_t from_us,
    uint64_t until_us);
uint64_t sim_estimate_bps(const struct sim_flow *f, uint64_t from_us,
    uint64_t until_us);
uint64_t sim_lowest_bps(const struct sim_flow *f, uint64_t from_us,
    uint64_t until_us);
/* So many permille of the samples had no longer wait. */
uint64_t sim_queue_us(const struct sim_flow *f, uint64_t from_us,
    uint64_t until_us, unsigned permille);
/* The first time from which on the estimate was in bounds for a second. */
uint64_t sim_when(const struct sim_flow *f, uint64_t from_us, uint64_t low_bps,
    uint64_t high_bps);
