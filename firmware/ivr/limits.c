/* limits.c - whoever guesses has to wait. */
#include "ivr/ivr.h"

enum {
	HOUR_MS = 3600000,
	DELAY_MS = 500, /* after the first wrong one; twice that each time */
	DOUBLINGS_MAX = 6
};

struct caller {
	uint64_t id;
	uint64_t last_ms;
	unsigned wrong; /* 0: the place is free */
};

struct ivr_limits {
	struct caller caller[IVR_CALLERS_MAX];
	/* Of all: how many there still are, going down evenly in an hour. */
	double level;
	uint64_t level_ms;
};

enum kk_err ivr_limits_new(struct ivr_limits **lp)
{
	struct ivr_limits *l = kk_calloc(1, sizeof(*l));

	if (!l)
		return KK_ENOMEM;
	*lp = l;
	return KK_OK;
}

void ivr_limits_free(struct ivr_limits *l)
{
	kk_free_wiped(l, sizeof(*l));
}

static bool is_current(const struct caller *c, uint64_t now_ms)
{
	return c->wrong > 0 && now_ms - c->last_ms < IVR_CALLER_FORGET_MS;
}

static const struct caller *find(const struct ivr_limits *l, uint64_t id,
    uint64_t now_ms)
{
	for (size_t i = 0; i < IVR_CALLERS_MAX; i++) {
		if (l->caller[i].id == id && is_current(&l->caller[i], now_ms))
			return &l->caller[i];
	}
	return NULL;
}

/* Its own place, else a free one, else that of who was quiet for longest. */
static struct caller *place(struct ivr_limits *l, uint64_t id, uint64_t now_ms)
{
	struct caller *best = &l->caller[0];

	for (size_t i = 0; i < IVR_CALLERS_MAX; i++) {
		struct caller *c = &l->caller[i];

		if (c->wrong > 0 && c->id == id)
			return c;
		if (!is_current(c, now_ms))
			c->wrong = 0;
		if ((c->wrong == 0 && best->wrong > 0) ||
		    (best->wrong > 0 && c->last_ms < best->last_ms))
			best = c;
	}
	return best;
}

static double level_at(const struct ivr_limits *l, uint64_t now_ms)
{
	const double gone = (double)(now_ms - l->level_ms) / HOUR_MS *
	    IVR_ALL_WRONG_MAX;

	return l->level > gone ? l->level - gone : 0;
}

void ivr_limits_wrong(struct ivr_limits *l, uint64_t caller, uint64_t now_ms)
{
	struct caller *c = place(l, caller, now_ms);

	if (c->wrong == 0 || c->id != caller || !is_current(c, now_ms))
		*c = (struct caller){ .id = caller };
	c->wrong++;
	c->last_ms = now_ms;
	l->level = level_at(l, now_ms) + 1;
	l->level_ms = now_ms;
}

static uint64_t bounded(uint64_t ms)
{
	return ms < IVR_DELAY_MAX_MS ? ms : IVR_DELAY_MAX_MS;
}

enum kk_err ivr_limits_delay(const struct ivr_limits *l, uint64_t caller,
    uint64_t now_ms, uint64_t *delay_ms)
{
	const struct caller *c = find(l, caller, now_ms);
	const unsigned wrong = c ? c->wrong : 0;
	const double over = level_at(l, now_ms) - IVR_ALL_WRONG_MAX;

	if (wrong >= IVR_CALLER_WRONG_MAX)
		return KK_ELIMIT;
	*delay_ms = 0;
	if (wrong > 0)
		*delay_ms = bounded((uint64_t)DELAY_MS
		    << (wrong - 1 < DOUBLINGS_MAX ? wrong - 1 : DOUBLINGS_MAX));
	/* Many callers guess together: everybody waits, nobody is shut out. */
	if (over > 0)
		*delay_ms = bounded(*delay_ms + (uint64_t)(over * 100));
	return KK_OK;
}
