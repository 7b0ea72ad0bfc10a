/* sim.c - a path between senders and receivers, in virtual time. */
#include "estimate/sim.h"

#include <stdlib.h>
#include <string.h>

enum {
	STEP_US = 1000,
	PACKET_BYTES = 1200,
	PACKET_MIN_BYTES = 100,
	PACE_US = 1000, /* between the packets of a frame, at most */
	FPS = 30,
	PERMILLE = 1000,
	NOISE_PERMILLE = 200, /* of frames' sizes, up and down */
	BITS = 8,
	STARVED_MIN_US = 2000,
	SSRC = 1
};

static void must(bool is_true)
{
	if (!is_true)
		abort();
}

static uint64_t random_next(struct sim *s) /* xorshift64* */
{
	s->random ^= s->random >> 12;
	s->random ^= s->random << 25;
	s->random ^= s->random >> 27;
	return (s->random * 0x2545f4914f6cdd1d) >> 32;
}

static bool chance(struct sim *s, unsigned permille)
{
	return permille > 0 && random_next(s) % PERMILLE < permille;
}

struct sim *sim_new(const struct sim_config *config)
{
	struct sim *s = kk_calloc(1, sizeof(*s));

	must(s);
	s->config = *config;
	s->random = 0x9e3779b97f4a7c15ULL *
	    (uint64_t)(config->seed ? config->seed : 1);
	return s;
}

void sim_free(struct sim *s)
{
	for (size_t i = 0; i < s->flow_count; i++)
		estimate_free(s->flows[i].estimate);
	kk_free(s);
}

static uint64_t or_else(uint64_t n, uint64_t otherwise)
{
	return n ? n : otherwise;
}

struct sim_flow *sim_flow_add(struct sim *s,
    const struct sim_flow_config *config)
{
	struct sim_flow *f = &s->flows[s->flow_count++];
	const struct estimate_config c = {
		.min_bps = or_else(config->min_bps, 100000),
		.start_bps = or_else(config->start_bps, 300000),
		.max_bps = or_else(config->max_bps, 20000000),
	};

	must(s->flow_count <= SIM_FLOWS_MAX);
	f->config = *config;
	must(!estimate_new(&f->estimate, &c, SIM_START_US + config->begin_us));
	if (config->want_bps)
		estimate_want(f->estimate, 0, config->want_bps);
	hop_rx_twcc_init(&f->rx);
	f->frame_us = config->begin_us + s->flow_count * 7 * SIM_MS;
	return f;
}

uint64_t sim_capacity(const struct sim *s)
{
	uint64_t bps = s->config.steps[0].bps;

	for (size_t i = 0; i < SIM_STEPS_MAX && s->config.steps[i].bps; i++) {
		if (s->config.steps[i].at_us <= s->now_us)
			bps = s->config.steps[i].bps;
	}
	return bps;
}

static struct sim_sample *sample_at(struct sim_flow *f, uint64_t us)
{
	size_t i = us / SIM_SAMPLE_US;

	must(i < SIM_SAMPLES_MAX);
	return &f->samples[i];
}

/* --- senders ------------------------------------------------------------- */

static void enqueue(struct sim *s, struct sim_packet p)
{
	uint64_t room = sim_capacity(s) / BITS * s->config.queue_us / SIM_S;

	if (s->queue_bytes + p.bytes > room + PACKET_BYTES ||
	    s->queue_count == SIM_QUEUE_MAX)
		return;
	p.queued_us = s->now_us;
	s->queue[(s->queue_head + s->queue_count++) % SIM_QUEUE_MAX] = p;
	s->queue_bytes += p.bytes;
}

static void packet_send(struct sim *s, struct sim_flow *f, size_t bytes)
{
	struct sim_packet p = { .bytes = (uint16_t)bytes,
		.flow = (int8_t)(f - s->flows) };

	p.seq = estimate_sent(f->estimate, bytes, SIM_START_US + s->now_us);
	sample_at(f, s->now_us)->sent_bytes += bytes;
	enqueue(s, p);
}

static uint64_t target_of(const struct sim_flow *f)
{
	uint64_t bps = estimate_get(f->estimate).bps;

	if (f->config.is_fixed)
		return f->config.app_bps;
	if (f->config.app_bps && bps > f->config.app_bps)
		return f->config.app_bps;
	return bps;
}

static void frame_make(struct sim *s, struct sim_flow *f)
{
	uint64_t fps = or_else(f->config.frames_per_s, FPS);
	uint64_t bytes = target_of(f) / BITS / fps;
	uint64_t noise = PERMILLE - NOISE_PERMILLE +
	    random_next(s) % (2 * NOISE_PERMILLE + 1);

	f->frame_bytes += bytes * noise / PERMILLE;
	f->frame_us += SIM_S / fps;
	f->frame_packet_us = s->now_us;
}

static void padding_send(struct sim *s, struct sim_flow *f)
{
	size_t bytes = estimate_probe_bytes(f->estimate,
	    SIM_START_US + s->now_us);

	while (bytes > 0) {
		size_t now = bytes < PACKET_BYTES ? bytes : PACKET_BYTES;

		packet_send(s, f,
		    now < PACKET_MIN_BYTES ? PACKET_MIN_BYTES : now);
		bytes -= now;
	}
}

static void flow_send(struct sim *s, struct sim_flow *f)
{
	if (s->now_us < f->config.begin_us)
		return;
	if (s->now_us >= f->frame_us)
		frame_make(s, f);
	/* A pacer sends a frame in half of its time. */
	while (f->frame_bytes > 0 && f->frame_packet_us <= s->now_us) {
		uint64_t pace_us = (uint64_t)SIM_S / 2 * BITS * PACKET_BYTES /
		    (target_of(f) + 1);
		size_t bytes = f->frame_bytes < PACKET_BYTES ? f->frame_bytes :
							       PACKET_BYTES;

		packet_send(s, f, bytes);
		f->frame_bytes -= bytes;
		f->frame_packet_us += pace_us < SIM_S / FPS ? pace_us :
							      SIM_S / FPS;
	}
	if (s->now_us % ESTIMATE_TICK_US != 0)
		return;
	estimate_tick(f->estimate, SIM_START_US + s->now_us);
	if (!f->config.has_no_probes)
		padding_send(s, f);
}

static void cross_send(struct sim *s)
{
	uint64_t round_us = s->config.cross_on_us + s->config.cross_off_us;

	if (round_us && s->now_us % round_us >= s->config.cross_on_us)
		return;
	s->cross_due += s->config.cross_bps;
	while (s->cross_due >= (uint64_t)PACKET_BYTES * BITS * 1000) {
		s->cross_due -= (uint64_t)PACKET_BYTES * BITS * 1000;
		enqueue(s,
		    (struct sim_packet){ .bytes = PACKET_BYTES, .flow = -1 });
	}
}

/* --- the link ------------------------------------------------------------ */

static void air_put(struct sim *s, const struct sim_packet *p)
{
	size_t at = s->air_count;

	must(s->air_count < SIM_AIR_MAX);
	while (at > 0 && s->air[at - 1].at_us <= p->at_us) {
		s->air[at] = s->air[at - 1];
		at--;
	}
	s->air[at] = *p;
	s->air_count++;
}

/* When a receiver that is not always run reads what came at at_us. */
static uint64_t read_us(struct sim *s, struct sim_flow *f, uint64_t at_us)
{
	if (s->config.starved_us == 0)
		return at_us;
	while (f->wake_us < at_us)
		f->wake_us += STARVED_MIN_US +
		    random_next(s) % s->config.starved_us;
	return f->wake_us;
}

static void depart(struct sim *s, struct sim_packet *p, uint64_t when_us)
{
	struct sim_flow *f;
	struct sim_sample *sample;

	if (p->flow < 0)
		return;
	f = &s->flows[p->flow];
	sample = sample_at(f, s->now_us);
	if (when_us - p->queued_us > sample->queue_us)
		sample->queue_us = when_us - p->queued_us;
	if (chance(s, s->config.loss_permille))
		return;
	p->at_us = when_us + s->config.delay_us;
	if (s->config.jitter_us)
		p->at_us += random_next(s) % s->config.jitter_us;
	if (!s->config.is_reordering && p->at_us < f->came_us)
		p->at_us = f->came_us;
	f->came_us = p->at_us;
	p->at_us = read_us(s, f, p->at_us);
	air_put(s, p);
}

static void link_run(struct sim *s)
{
	uint64_t per_step = sim_capacity(s); /* bits times 1000 a ms */

	if (per_step == 0)
		return;
	s->credit += per_step;
	while (s->queue_count > 0) {
		struct sim_packet *p = &s->queue[s->queue_head];
		uint64_t cost = (uint64_t)p->bytes * BITS * 1000;

		if (s->credit < cost)
			return;
		s->credit -= cost;
		depart(s, p,
		    s->now_us + STEP_US -
			STEP_US * (s->credit < per_step ? s->credit : 0) /
			    per_step);
		s->queue_bytes -= p->bytes;
		s->queue_head = (s->queue_head + 1) % SIM_QUEUE_MAX;
		s->queue_count--;
	}
	s->credit = 0; /* an idle link saves nothing up */
}

/* --- receivers ----------------------------------------------------------- */

static uint64_t clock_of(const struct sim_flow *f, uint64_t us)
{
	int64_t us_there = (int64_t)us + f->config.clock_us +
	    (int64_t)us * f->config.drift_ppm / 1000000;

	return SIM_START_US + (uint64_t)us_there;
}

static void air_run(struct sim *s)
{
	while (s->air_count > 0 &&
	    s->air[s->air_count - 1].at_us <= s->now_us) {
		const struct sim_packet *p = &s->air[--s->air_count];
		struct sim_flow *f = &s->flows[p->flow];

		f->is_awake = true;
		sample_at(f, s->now_us)->came_bytes += p->bytes;
		hop_rx_twcc_packet(&f->rx, p->seq, clock_of(f, p->at_us));
	}
}

static void feedback_put(struct sim *s, struct sim_flow *f,
    const struct wire_out *w)
{
	struct sim_feedback *to =
	    &f->feedback[(f->feedback_head + f->feedback_count) %
		SIM_FEEDBACK_MAX];

	if (f->is_deaf || chance(s, s->config.feedback_loss_permille))
		return;
	must(f->feedback_count < SIM_FEEDBACK_MAX);
	f->feedback_count++;
	to->at_us = s->now_us + s->config.delay_us;
	to->bytes = w->bytes;
	memcpy(to->data, w->data, w->bytes);
}

static void feedback_make(struct sim *s, struct sim_flow *f)
{
	uint8_t out[SIM_FEEDBACK_BYTES];
	struct wire_out w;

	wire_out_init(&w, out, sizeof(out));
	while (hop_rx_twcc_write(&f->rx, &w, SSRC, SSRC,
	    clock_of(f, s->now_us))) {
		feedback_put(s, f, &w);
		wire_out_init(&w, out, sizeof(out));
	}
}

static void feedback_give(struct sim *s, struct sim_flow *f,
    const struct sim_feedback *from)
{
	struct wire_rtcp_iter it;
	struct wire_rtcp packet;
	struct wire_rtcp_fb fb;
	struct wire_twcc twcc;

	must(!wire_rtcp_begin(&it, kk_view_of(from->data, from->bytes), true));
	must(wire_rtcp_next(&it, &packet));
	must(!wire_rtcp_fb_parse(&fb, &packet));
	must(!wire_twcc_parse(&twcc, &fb));
	f->feedbacks++;
	if (estimate_feedback(f->estimate, &twcc, SIM_START_US + s->now_us))
		f->errors++;
}

static void flow_receive(struct sim *s, struct sim_flow *f)
{
	if (s->config.starved_us ? f->is_awake :
				   s->now_us % ESTIMATE_TICK_US == 0)
		feedback_make(s, f);
	f->is_awake = false;
	while (f->feedback_count > 0 &&
	    f->feedback[f->feedback_head].at_us <= s->now_us) {
		feedback_give(s, f, &f->feedback[f->feedback_head]);
		f->feedback_head = (f->feedback_head + 1) % SIM_FEEDBACK_MAX;
		f->feedback_count--;
	}
	sample_at(f, s->now_us)->bps = estimate_get(f->estimate).bps;
}

void sim_run(struct sim *s, uint64_t until_us)
{
	for (; s->now_us < until_us; s->now_us += STEP_US) {
		for (size_t i = 0; i < s->flow_count; i++)
			flow_send(s, &s->flows[i]);
		cross_send(s);
		link_run(s);
		air_run(s);
		for (size_t i = 0; i < s->flow_count; i++)
			flow_receive(s, &s->flows[i]);
	}
}

/* --- what came of it ----------------------------------------------------- */

uint64_t sim_came_bps(const struct sim_flow *f, uint64_t from_us,
    uint64_t until_us)
{
	uint64_t bytes = 0;

	for (size_t i = from_us / SIM_SAMPLE_US; i < until_us / SIM_SAMPLE_US;
	    i++)
		bytes += f->samples[i].came_bytes;
	return bytes * BITS * SIM_S / (until_us - from_us);
}

uint64_t sim_estimate_bps(const struct sim_flow *f, uint64_t from_us,
    uint64_t until_us)
{
	uint64_t sum = 0;

	for (size_t i = from_us / SIM_SAMPLE_US; i < until_us / SIM_SAMPLE_US;
	    i++)
		sum += f->samples[i].bps;
	return sum * SIM_SAMPLE_US / (until_us - from_us);
}

uint64_t sim_lowest_bps(const struct sim_flow *f, uint64_t from_us,
    uint64_t until_us)
{
	uint64_t low = UINT64_MAX;

	for (size_t i = from_us / SIM_SAMPLE_US; i < until_us / SIM_SAMPLE_US;
	    i++)
		low = f->samples[i].bps < low ? f->samples[i].bps : low;
	return low;
}

static int order(const void *a, const void *b)
{
	uint64_t x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return x < y ? -1 : x > y;
}

uint64_t sim_queue_us(const struct sim_flow *f, uint64_t from_us,
    uint64_t until_us, unsigned permille)
{
	uint64_t waits[SIM_SAMPLES_MAX];
	size_t count = 0;

	for (size_t i = from_us / SIM_SAMPLE_US; i < until_us / SIM_SAMPLE_US;
	    i++)
		waits[count++] = f->samples[i].queue_us;
	must(count > 0);
	qsort(waits, count, sizeof(waits[0]), order);
	return waits[(count - 1) * permille / PERMILLE];
}

uint64_t sim_when(const struct sim_flow *f, uint64_t from_us, uint64_t low_bps,
    uint64_t high_bps)
{
	size_t in_row = 0;

	for (size_t i = from_us / SIM_SAMPLE_US; i < SIM_SAMPLES_MAX; i++) {
		bool is_in = f->samples[i].bps >= low_bps &&
		    f->samples[i].bps <= high_bps;

		in_row = is_in ? in_row + 1 : 0;
		if (in_row * SIM_SAMPLE_US >= SIM_S)
			return (i + 1) * SIM_SAMPLE_US - SIM_S;
	}
	return UINT64_MAX;
}
