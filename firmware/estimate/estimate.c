/* estimate.c - what the parts say, put together. */
#include "estimate/estimate_private.h"
#include "wire/seq.h"

enum {
	ACKED_SPAN_US = 500000,
	ACKED_OVER_US = 300000, /* a queue makes arrivals even: less will do */
	ACKED_FULL_US = 100000,
	SENT_SPAN_US = 500000,
	JUMP_UNITS = 80, /* 64 ms each: a receiver's clock has been set */
	RTT_WEIGHT = 8,
	PERMILLE = 1000,
	/* Between probes; longer and longer while they show nothing. */
	PROBE_EVERY_US = 5000000,
	PROBE_EVERY_MAX_US = 20000000,
	PROBE_AGAIN_US = 150000, /* one that was held up; then rarer */
	PROBE_AGAIN_MAX = 7,
	PROBED_US = 500000, /* so long its word counts */
	FULL_PART = 4,
	QUEUE_US = 10000, /* less is none */
	PROBE_FIRST = 3, /* times the start */
	PROBE_NEXT = 2 /* times what is known */
};

static const double limited = 0.85; /* of the estimate is sent */
static const double silent_keep = 0.7;
static const double full_more = 1.2; /* of what came: more than chance */
static const double probe_good = 0.7; /* of its rate came: look further */
static const double probe_over = 1.1;
static const double probe_further = 1.2; /* than the last one, at least */
static const double probe_more = 1.05; /* is worth a probe */
static const double probe_trust = 1.5; /* of the estimate: see held_up() */

struct estimate {
	struct estimate_config config;
	struct estimate_history history;
	struct estimate_groups groups;
	struct estimate_trend trend;
	struct estimate_floor floor;
	struct estimate_acked acked;
	struct estimate_rate rate;
	struct estimate_loss loss;
	struct estimate_probe probe;
	uint64_t want_bps, next_bps;
	uint64_t told_seq; /* newest that feedback told of; 0: none */
	bool has_reference;
	int64_t reference; /* 64 ms units, extended */
	uint64_t rtt_us;
	bool is_known; /* by feedback, once at least */
	bool is_waiting; /* packets went out since the last feedback */
	uint64_t waiting_us; /* since when */
	uint64_t cut_us; /* for silence */
	bool is_silent;
	uint64_t sent_us, sent_bytes, sent_bps;
	uint64_t probe_us; /* when the last one began */
	unsigned held_up; /* probes in a row that were, and for nothing */
	uint64_t probed_bps, probed_us; /* what the last one showed */
	uint64_t refused;
	uint64_t due_us; /* before, a tick has nothing to do */
};

enum kk_err estimate_new(struct estimate **ep,
    const struct estimate_config *config, uint64_t now_us)
{
	struct estimate *e;

	if (config->min_bps == 0 || config->min_bps > config->start_bps ||
	    config->start_bps > config->max_bps)
		return KK_EINVAL;
	e = kk_calloc(1, sizeof(*e));
	if (!e || estimate_history_init(&e->history)) {
		kk_free(e);
		return KK_ENOMEM;
	}
	e->config = *config;
	e->want_bps = config->max_bps;
	e->rate.bps = config->start_bps;
	e->rate.changed_us = now_us;
	e->probe.pause_us = PROBE_EVERY_US;
	e->sent_us = now_us;
	estimate_trend_init(&e->trend);
	estimate_loss_init(&e->loss, now_us);
	*ep = e;
	return KK_OK;
}

void estimate_free(struct estimate *e)
{
	if (!e)
		return;
	estimate_history_clear(&e->history);
	kk_free(e);
}

static uint64_t clamp(const struct estimate *e, uint64_t bps)
{
	if (bps < e->config.min_bps)
		return e->config.min_bps;
	return bps < e->config.max_bps ? bps : e->config.max_bps;
}

static uint64_t bps_now(const struct estimate *e)
{
	uint64_t bps = e->rate.bps < e->loss.bound_bps ? e->rate.bps :
							 e->loss.bound_bps;

	return clamp(e, bps);
}

static bool is_app_limited(const struct estimate *e)
{
	return (double)e->sent_bps < limited * (double)bps_now(e);
}

/* --- what goes out ------------------------------------------------------- */

static void sent_count(struct estimate *e, size_t bytes, uint64_t now_us)
{
	uint64_t since_us = now_us - e->sent_us;

	if (since_us >= SENT_SPAN_US) {
		e->sent_bps = e->sent_bytes * ESTIMATE_BITS *
		    ESTIMATE_US_PER_S / since_us;
		e->sent_us = now_us;
		e->sent_bytes = 0;
		e->due_us = 0;
	}
	e->sent_bytes += bytes;
}

uint16_t estimate_sent(struct estimate *e, size_t bytes, uint64_t now_us)
{
	uint8_t cluster = estimate_probe_sent(&e->probe, bytes, now_us);

	sent_count(e, bytes, now_us);
	if (!e->is_waiting) {
		e->is_waiting = true;
		e->waiting_us = now_us;
		e->due_us = 0;
	}
	return estimate_history_put(&e->history, bytes, cluster, now_us);
}

/* --- what is told -------------------------------------------------------- */

/* Delays that grow are a queue's only where no packet is without any. */
static bool has_queue(const struct estimate *e)
{
	return estimate_floor_queue_us(&e->floor) >= QUEUE_US;
}

static bool is_over(const struct estimate *e)
{
	return e->trend.signal == ESTIMATE_OVER && has_queue(e);
}

/* The receiver's clock has jumped, or its times are nonsense. */
static void times_forget(struct estimate *e)
{
	e->groups = (struct estimate_groups){ 0 };
	estimate_trend_init(&e->trend);
	e->floor = (struct estimate_floor){ 0 };
	e->acked.count = 0;
}

/* The reference time without its wrap after 24 bits. */
static int64_t reference_extend(struct estimate *e, int32_t reference)
{
	uint32_t ahead = ((uint32_t)reference - (uint32_t)e->reference) &
	    0xffffff;
	int64_t step = ahead < 0x800000 ? (int64_t)ahead :
					  (int64_t)ahead - 0x1000000;

	if (!e->has_reference)
		return reference;
	return e->reference + step;
}

static void reference_take(struct estimate *e, int64_t reference)
{
	if (e->has_reference && (reference < e->reference - JUMP_UNITS))
		times_forget(e);
	if (!e->has_reference || reference > e->reference ||
	    reference < e->reference - JUMP_UNITS)
		e->reference = reference;
	e->has_reference = true;
}

/* Packets that no feedback tells of any more: it was lost. */
static void gap_skip(struct estimate *e, uint64_t from_seq)
{
	uint64_t seq = e->told_seq ? e->told_seq + 1 : from_seq;

	if (from_seq > seq + ESTIMATE_HISTORY_PACKETS)
		seq = from_seq - ESTIMATE_HISTORY_PACKETS;
	for (; seq < from_seq; seq++) {
		struct estimate_packet *p = estimate_history_get(&e->history,
		    seq);

		if (p && p->fate == ESTIMATE_UNTOLD)
			e->groups.untold_bytes += p->bytes;
	}
}

static void came(struct estimate *e, const struct estimate_packet *p,
    int64_t came_us, uint64_t now_us)
{
	struct estimate_delta d;

	if (!estimate_groups_add(&e->groups,
		estimate_history_sent_us(p, now_us), came_us, p->bytes, &d))
		return;
	if (d.is_reset) {
		times_forget(e);
		return;
	}
	estimate_acked_add(&e->acked, d.at_us, d.bytes);
	if (d.is_delay)
		estimate_trend_add(&e->trend, &d);
}

struct told { /* by one feedback */
	uint64_t newest_sent_us;
	bool has_new;
	bool is_over; /* at some time within */
};

static void packet_told(struct estimate *e, struct estimate_packet *p,
    const struct wire_twcc_status *s, int64_t came_us, uint64_t now_us,
    struct told *told)
{
	uint64_t sent_us = estimate_history_sent_us(p, now_us);

	if (p->fate == ESTIMATE_CAME ||
	    (p->fate == ESTIMATE_LOST && !s->is_received))
		return;
	estimate_loss_told(&e->loss, p->fate, s->is_received, sent_us);
	if (p->fate == ESTIMATE_UNTOLD)
		estimate_probe_told(&e->probe, p->cluster, s->is_received,
		    sent_us, came_us, p->bytes);
	p->fate = s->is_received ? ESTIMATE_CAME : ESTIMATE_LOST;
	if (!s->is_received)
		return;
	if (!told->has_new || sent_us > told->newest_sent_us)
		told->newest_sent_us = sent_us;
	told->has_new = true;
	estimate_floor_add(&e->floor, sent_us, came_us);
	came(e, p, came_us, now_us);
	told->is_over |= e->trend.signal == ESTIMATE_OVER;
}

static void rtt_learn(struct estimate *e, uint64_t rtt_us)
{
	if (e->rtt_us == 0)
		e->rtt_us = rtt_us;
	e->rtt_us = (e->rtt_us * (RTT_WEIGHT - 1) + rtt_us) / RTT_WEIGHT;
}

/* A little more than is wanted, since less of it comes out. */
static uint64_t probe_cap(const struct estimate *e, uint64_t bps)
{
	uint64_t most_bps = (uint64_t)(probe_over * (double)e->want_bps);

	return bps < most_bps ? bps : most_bps;
}

static void probe_go_on(struct estimate *e, uint64_t shown_bps, uint64_t now_us)
{
	uint64_t next_bps = probe_cap(e, shown_bps * PROBE_NEXT);

	if ((double)shown_bps < probe_good * (double)e->probe.bps ||
	    (double)next_bps < probe_further * (double)e->probe.bps)
		return;
	estimate_probe_begin(&e->probe, next_bps, now_us);
	e->probe_us = now_us;
}

static void probe_raise(struct estimate *e, uint64_t bps, uint64_t now_us)
{
	if (bps <= e->rate.bps)
		return;
	e->rate.bps = clamp(e, bps);
	e->rate.changed_us = now_us;
	e->rate.capacity_kbps = 0;
	e->probe.pause_us = PROBE_EVERY_US;
}

/*
 * A receiver that is not always run cannot tell how fast a probe came.  That
 * all of it did, and that no queue is left, is half an answer; where there is
 * less room after all, a queue will tell.
 */
static void held_up(struct estimate *e, uint64_t bps, uint64_t now_us)
{
	uint64_t trust_bps = (uint64_t)(probe_trust * (double)bps_now(e));

	if (trust_bps > e->probe.bps)
		trust_bps = e->probe.bps;
	if (bps < trust_bps && e->probe.came_count == e->probe.sent_count &&
	    !has_queue(e) && !e->rate.has_fallen)
		bps = trust_bps;
	e->held_up = bps > e->rate.bps ? 0 : e->held_up + 1;
	if (e->held_up > PROBE_AGAIN_MAX)
		e->held_up = PROBE_AGAIN_MAX;
	probe_raise(e, bps, now_us);
	e->probe.pause_us = (uint64_t)PROBE_AGAIN_US << e->held_up;
}

/* Before over-use is judged, which a probe itself may have made. */
static void probe_judge(struct estimate *e, bool is_over, uint64_t now_us)
{
	uint64_t bps = 0;
	enum estimate_answer answer = estimate_probe_result(&e->probe, &bps);

	if (answer == ESTIMATE_NO_ANSWER)
		return;
	if (answer == ESTIMATE_HELD_UP) {
		if (!is_over)
			held_up(e, bps, now_us);
		return;
	}
	e->held_up = 0;
	e->probed_bps = bps;
	e->probed_us = now_us;
	if (answer == ESTIMATE_FULL && bps < e->rate.bps)
		e->rate.bps = clamp(e, bps);
	if (is_over)
		return;
	/* For a moment a probe gets the larger part of what it fills, of
	 * others' share as well. */
	if (answer == ESTIMATE_FULL && e->rate.has_fallen && bps > e->rate.bps)
		bps = e->rate.bps + (bps - e->rate.bps) / FULL_PART;
	probe_raise(e, bps, now_us);
	probe_go_on(e, bps, now_us);
}

/* What got through the queue: loss behind it is not for want of room. */
static uint64_t passed_bps(const struct estimate *e, uint64_t now_us,
    bool is_over)
{
	uint64_t bps = estimate_acked_bps(&e->acked,
	    is_over ? ACKED_OVER_US : ACKED_SPAN_US);

	/* As long as something waits, the path is full; what came before a
	 * burst, a key frame's, was less than it carries. */
	if (is_over) {
		uint64_t full_bps = estimate_acked_bps(&e->acked,
		    ACKED_FULL_US);

		if ((double)full_bps > full_more * (double)bps)
			bps = full_bps;
	}

	bps = (uint64_t)((double)bps / (1 - e->loss.inherent));
	/* Arrivals of before a probe tell less than the probe. */
	if (is_over && bps && bps < e->probed_bps &&
	    now_us - e->probed_us < PROBED_US)
		bps = e->probed_bps;
	return bps;
}

static void update(struct estimate *e, const struct told *told, uint64_t now_us)
{
	uint64_t acked_bps, before_bps = e->rate.bps;
	bool had_capacity = e->rate.capacity_kbps > 0;

	probe_judge(e, told->is_over, now_us);
	acked_bps = passed_bps(e, now_us, told->is_over);
	if (told->is_over)
		estimate_rate_over(&e->rate, acked_bps, e->rtt_us, now_us);
	else if (e->trend.signal == ESTIMATE_UNDER)
		estimate_rate_under(&e->rate, now_us);
	else
		estimate_rate_normal(&e->rate, acked_bps, e->rtt_us, now_us);
	/* It may come back, or there is more than there was. */
	if (e->rate.bps < before_bps * 2 / 3 ||
	    (had_capacity && e->rate.capacity_kbps <= 0))
		e->probe.pause_us = PROBE_EVERY_US;
	estimate_loss_update(&e->loss, bps_now(e), e->rtt_us, now_us);
	e->rate.bps = clamp(e, e->rate.bps);
}

static enum kk_err feedback_check(struct estimate *e,
    const struct wire_twcc *twcc, uint64_t *base)
{
	uint64_t end;

	if (twcc->status_count > ESTIMATE_HISTORY_PACKETS)
		return KK_ELIMIT;
	*base = wire_seq_extend(e->history.next_seq, twcc->base_seq);
	end = *base + twcc->status_count;
	if (end > e->history.next_seq ||
	    !estimate_history_get(&e->history, end - 1))
		return KK_ENOENT;
	return KK_OK;
}

static void feedback_take(struct estimate *e, const struct wire_twcc *twcc,
    uint64_t base, int64_t reference, uint64_t now_us, struct told *told)
{
	int64_t shift = (reference - twcc->reference_time) *
	    WIRE_TWCC_REFERENCE_UNITS;
	struct wire_twcc_status status;
	struct wire_twcc_iter it;

	wire_twcc_begin(&it, twcc);
	for (uint64_t seq = base; wire_twcc_next(&it, &status); seq++) {
		struct estimate_packet *p = estimate_history_get(&e->history,
		    seq);

		if (p)
			packet_told(e, p, &status,
			    (status.time + shift) * WIRE_TWCC_UNIT_US, now_us,
			    told);
	}
}

enum kk_err estimate_feedback(struct estimate *e, const struct wire_twcc *twcc,
    uint64_t now_us)
{
	struct told told = { 0 };
	int64_t reference;
	uint64_t base;
	enum kk_err err = feedback_check(e, twcc, &base);

	if (err) {
		e->refused++;
		return err;
	}
	e->due_us = 0;
	reference = reference_extend(e, twcc->reference_time);
	reference_take(e, reference);
	estimate_history_stretch(&e->history, base);
	gap_skip(e, base);
	feedback_take(e, twcc, base, reference, now_us, &told);
	if (base + twcc->status_count - 1 > e->told_seq)
		e->told_seq = base + twcc->status_count - 1;
	if (!told.has_new)
		return KK_OK;
	rtt_learn(e, now_us - told.newest_sent_us);
	e->is_waiting = e->is_silent = false;
	e->is_known = true;
	/* Of a receiver that was held up the last packets tell the most. */
	told.is_over &= has_queue(e);
	update(e, &told, now_us);
	return KK_OK;
}

/* --- time ---------------------------------------------------------------- */

/* When the estimate is cut next, should nothing be told. */
static uint64_t silence_us(const struct estimate *e)
{
	uint64_t from_us = e->waiting_us + ESTIMATE_SILENCE_US + 2 * e->rtt_us;
	uint64_t again_us = e->cut_us + ESTIMATE_SILENCE_STEP_US;

	/* Who has never told a thing may not know how. */
	if (!e->is_known || !e->is_waiting)
		return UINT64_MAX;
	return e->is_silent && again_us > from_us ? again_us : from_us;
}

static void silence_check(struct estimate *e, uint64_t now_us)
{
	if (now_us < silence_us(e))
		return;
	e->is_silent = true;
	e->cut_us = now_us;
	e->rate.bps = clamp(e, (uint64_t)(silent_keep * (double)bps_now(e)));
	e->rate.capacity_kbps = 0;
	e->rate.phase = ESTIMATE_HOLD;
	e->probe.pause_us = PROBE_EVERY_US;
}

/* What is used up to the estimate finds its capacity by itself, and a probe
 * would take from others; where that was left behind, it is of use. */
static bool may_probe(const struct estimate *e)
{
	return e->rate.capacity_kbps <= 0 || is_app_limited(e);
}

static uint64_t probe_bps(const struct estimate *e, uint64_t bps)
{
	uint64_t most_bps = bps * PROBE_NEXT;

	if (e->probe.count == 0)
		most_bps = bps * PROBE_FIRST;
	else if (e->next_bps && e->next_bps < most_bps)
		most_bps = (uint64_t)(probe_over * (double)e->next_bps);
	return probe_cap(e, most_bps);
}

/* From when on a probe may begin, as it stands now. */
static uint64_t probe_start_us(const struct estimate *e)
{
	uint64_t bps = bps_now(e), from_us = e->probe_us + e->probe.pause_us;

	if (e->probe.is_waiting || e->is_silent ||
	    (e->probe.count > 0 && !e->is_known) ||
	    e->trend.signal == ESTIMATE_UNDER || is_over(e) ||
	    (double)e->want_bps < probe_more * (double)bps ||
	    (e->next_bps && e->next_bps <= bps))
		return UINT64_MAX;
	if (e->probe.count == 0) /* not while nothing goes out */
		return e->is_waiting ? 0 : UINT64_MAX;
	if (e->loss.is_trial || !may_probe(e))
		return UINT64_MAX;
	if (e->rate.has_fallen && from_us < e->rate.fell_us + PROBE_EVERY_US)
		from_us = e->rate.fell_us + PROBE_EVERY_US;
	return from_us;
}

static void probe_start(struct estimate *e, uint64_t now_us)
{
	if (now_us < probe_start_us(e))
		return;
	/* The next one later, unless this one shows more. */
	if (e->probe.count > 0 && e->probe.pause_us < PROBE_EVERY_MAX_US)
		e->probe.pause_us *= 2;
	estimate_probe_begin(&e->probe, probe_bps(e, bps_now(e)), now_us);
	e->probe_us = now_us;
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

void estimate_tick(struct estimate *e, uint64_t now_us)
{
	silence_check(e, now_us);
	estimate_probe_tick(&e->probe, now_us);
	probe_start(e, now_us);
	e->due_us = least(least(silence_us(e), probe_start_us(e)),
	    estimate_probe_end_us(&e->probe));
}

uint64_t estimate_due_us(const struct estimate *e)
{
	return e->due_us;
}

bool estimate_is_probing(const struct estimate *e)
{
	return e->probe.is_due || e->probe.is_sending;
}

void estimate_want(struct estimate *e, uint64_t next_bps, uint64_t most_bps)
{
	most_bps = least(most_bps, e->config.max_bps);
	if (next_bps == e->next_bps && most_bps == e->want_bps)
		return;
	e->next_bps = next_bps;
	e->want_bps = most_bps;
	e->due_us = 0;
}

size_t estimate_probe_bytes(struct estimate *e, uint64_t now_us)
{
	if (e->probe.is_due) /* now it begins, and with it the wait */
		e->due_us = 0;
	return estimate_probe_due(&e->probe, now_us);
}

struct estimate_state estimate_get(const struct estimate *e)
{
	uint64_t bps = bps_now(e);

	return (struct estimate_state){
		.bps = bps,
		.acked_bps = estimate_acked_bps(&e->acked, ACKED_SPAN_US),
		.rtt_us = e->rtt_us,
		.loss_permille = (unsigned)(estimate_loss_share(&e->loss) *
		    PERMILLE),
		.is_overused = is_over(e),
		.is_app_limited = is_app_limited(e),
		.is_known = e->is_known,
		.is_silent = e->is_silent,
		.probes = e->probe.count,
		.refused = e->refused,
	};
}
