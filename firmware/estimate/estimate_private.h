/* estimate_private.h - the parts of an estimate.  Internal. */
#pragma once
#include "estimate/estimate.h"

enum { ESTIMATE_US_PER_S = 1000000, ESTIMATE_BITS = 8 };

/* --- history.c: what was sent -------------------------------------------- */

enum estimate_fate {
	ESTIMATE_UNSENT,
	ESTIMATE_UNTOLD,
	ESTIMATE_LOST, /* told lost; it may still come */
	ESTIMATE_CAME
};

struct estimate_packet {
	uint32_t sent_us; /* low bits */
	uint16_t bytes;
	uint8_t fate;
	uint8_t cluster; /* of a probe; 0: none */
};

struct estimate_history {
	struct estimate_packet *ring;
	size_t room; /* a power of two */
	uint64_t next_seq; /* extended; wraps are above bit 16 */
};

/* Errors: KK_ENOMEM. */
MUST_CHECK enum kk_err estimate_history_init(struct estimate_history *h);
void estimate_history_clear(struct estimate_history *h);
/* Packets from seq on are told of only now: so it is to reach twice as far
 * back.  Without memory it stays as it is. */
void estimate_history_stretch(struct estimate_history *h, uint64_t seq);
uint16_t estimate_history_put(struct estimate_history *h, size_t bytes,
    uint8_t cluster, uint64_t now_us);
/* NULL: not sent, or forgotten. */
struct estimate_packet *estimate_history_get(struct estimate_history *h,
    uint64_t seq);
uint64_t estimate_history_sent_us(const struct estimate_packet *p,
    uint64_t now_us);

/* --- groups.c: packets that were sent together --------------------------- */

struct estimate_group {
	bool is_set;
	uint64_t first_sent_us, sent_us; /* sent_us: of the last packet */
	int64_t first_came_us, came_us; /* by the receiver's clock */
	uint32_t bytes;
};

struct estimate_groups {
	struct estimate_group now, before;
	uint32_t untold_bytes; /* nobody told of them: taken as arrived */
	unsigned backward; /* groups in a row that came before their time */
};

struct estimate_delta { /* between two groups' ends */
	int64_t sent_us, came_us;
	int64_t at_us; /* the receiver's clock */
	uint32_t bytes; /* of the later group */
	bool is_delay; /* else the times tell nothing, but bytes came */
	bool is_reset; /* the clocks have jumped: all before is void */
};

/* True when a group is complete, and how it stands to the one before. */
bool estimate_groups_add(struct estimate_groups *g, uint64_t sent_us,
    int64_t came_us, uint32_t bytes, struct estimate_delta *d);

/* --- trend.c: does a queue grow? ----------------------------------------- */

enum { ESTIMATE_TREND_POINTS = 20 };

enum estimate_signal {
	ESTIMATE_NORMAL,
	ESTIMATE_OVER, /* the queue grows */
	ESTIMATE_UNDER /* the queue empties */
};

struct estimate_trend {
	struct {
		double at_ms, delay_ms;
	} points[ESTIMATE_TREND_POINTS];
	size_t count, next;
	unsigned deltas;
	int64_t first_us;
	double sum_ms, smooth_ms;
	double trend; /* the last one */
	double threshold_ms;
	double over_ms; /* how long it has been above */
	unsigned over_count;
	int64_t adapted_us;
	bool has_adapted;
	enum estimate_signal signal;
};

void estimate_trend_init(struct estimate_trend *t);
void estimate_trend_add(struct estimate_trend *t,
    const struct estimate_delta *d);

/* --- floor.c: is there a queue at all? ------------------------------------ */

enum { ESTIMATE_FLOOR_LATE = 8, ESTIMATE_FLOOR_LONG = 8 };

struct estimate_least { /* of a step of time */
	bool is_set;
	int64_t step, delay_us;
};

struct estimate_floor {
	struct estimate_least late[ESTIMATE_FLOOR_LATE];
	struct estimate_least long_ago[ESTIMATE_FLOOR_LONG];
	bool has_newest;
	int64_t newest_us;
};

void estimate_floor_add(struct estimate_floor *f, uint64_t sent_us,
    int64_t came_us);
/* How much more than ever packets of the last 100 ms have waited, all of them;
 * ever: in the last 14 s. */
uint64_t estimate_floor_queue_us(const struct estimate_floor *f);

/* --- acked.c: what arrives ----------------------------------------------- */

enum { ESTIMATE_ACKED_GROUPS = 128 };

struct estimate_acked {
	struct {
		int64_t at_us;
		uint32_t bytes;
	} ring[ESTIMATE_ACKED_GROUPS];
	size_t count, next;
};

void estimate_acked_add(struct estimate_acked *a, int64_t at_us,
    uint32_t bytes);
/* Over the last span_us that groups came in; 0: not known. */
uint64_t estimate_acked_bps(const struct estimate_acked *a, uint64_t span_us);

/* --- rate.c: the bound by delay ------------------------------------------ */

struct estimate_rate {
	uint64_t bps;
	enum { ESTIMATE_RISE, ESTIMATE_HOLD } phase;
	uint64_t changed_us, fell_us;
	bool has_fallen;
	/* The capacity that over-use has shown; 0: not known. */
	double capacity_kbps, deviation_kbps;
};

void estimate_rate_over(struct estimate_rate *r, uint64_t acked_bps,
    uint64_t rtt_us, uint64_t now_us);
void estimate_rate_under(struct estimate_rate *r, uint64_t now_us);
void estimate_rate_normal(struct estimate_rate *r, uint64_t acked_bps,
    uint64_t rtt_us, uint64_t now_us);

/* --- loss.c: the bound by loss ------------------------------------------- */

enum { ESTIMATE_LOSS_SPANS = 8 };

struct estimate_loss {
	struct {
		unsigned told, lost;
	} spans[ESTIMATE_LOSS_SPANS]; /* [0] is the newest, not full yet */
	uint64_t span_us; /* when the newest began */
	uint64_t bound_bps; /* UINT64_MAX: none */
	double inherent; /* share that goes away with no rate */
	bool is_trial; /* the rate was cut: does loss fall? */
	double trial_loss; /* before */
	uint64_t trial_bps; /* before */
	unsigned trial_spans; /* since the last cut */
	uint64_t cut_us;
	uint64_t found_bps; /* that gets through, by the last trial */
};

void estimate_loss_init(struct estimate_loss *l, uint64_t now_us);
void estimate_loss_told(struct estimate_loss *l, enum estimate_fate before,
    bool is_received, uint64_t sent_us);
/* bps: what holds now.  Changes the bound where it is time. */
void estimate_loss_update(struct estimate_loss *l, uint64_t bps,
    uint64_t rtt_us, uint64_t now_us);
double estimate_loss_share(const struct estimate_loss *l);

/* --- probe.c: a little more than is known, for a moment ------------------ */

struct estimate_probe {
	uint8_t cluster; /* the last one's number */
	bool is_due; /* as soon as somebody asks */
	bool is_sending, is_waiting; /* for feedback */
	uint64_t bps;
	uint64_t begun_us, first_us, last_us; /* sent */
	size_t sent_bytes, first_bytes; /* first: burst */
	unsigned sent_count, told_count, came_count;
	size_t came_bytes; /* without the first burst's */
	bool has_first, has_last;
	int64_t first_came_us, last_came_us; /* the bursts' last packets */
	bool has_delay;
	uint64_t end_sent_us; /* of the newest that came */
	int64_t end_delay_us, most_delay_us; /* its delay; the longest */
	unsigned end_count; /* of the last burst, and when they came */
	int64_t end_first_us, end_last_us;
	uint64_t pause_us; /* until the next one */
	uint64_t count;
};

void estimate_probe_begin(struct estimate_probe *p, uint64_t bps,
    uint64_t now_us);
/* The cluster that a packet sent now belongs to; 0: none. */
uint8_t estimate_probe_sent(struct estimate_probe *p, size_t bytes,
    uint64_t now_us);
size_t estimate_probe_due(struct estimate_probe *p, uint64_t now_us);
void estimate_probe_told(struct estimate_probe *p, uint8_t cluster,
    bool is_received, uint64_t sent_us, int64_t came_us, size_t bytes);

enum estimate_answer {
	ESTIMATE_NO_ANSWER, /* yet, or never: feedback is lost */
	ESTIMATE_PASSED, /* it came as it was sent */
	ESTIMATE_FULL, /* it came slower: that is the path's rate */
	/* Packets were held up by something that is no queue, too many were
	 * lost, or they came at times that make no sense: the path has this
	 * rate at least. */
	ESTIMATE_HELD_UP
};

/* Each answer is given once. */
enum estimate_answer estimate_probe_result(struct estimate_probe *p,
    uint64_t *bps);
void estimate_probe_tick(struct estimate_probe *p, uint64_t now_us);
/* When the tick gives it up; UINT64_MAX: never. */
uint64_t estimate_probe_end_us(const struct estimate_probe *p);
