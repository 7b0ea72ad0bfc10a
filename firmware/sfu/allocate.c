/* allocate.c - what each slot of a receiver shows. */
#include "sfu/allocate.h"

enum {
	STEPS_MAX = SFU_ALLOCATE_SPATIAL_MAX * SFU_ALLOCATE_TEMPORAL_MAX,
	PERCENT = 100
};

struct step {
	uint8_t spatial, temporal;
	uint64_t bps;
};

/* A slot's ways up, each dearer than the one before. */
struct ladder {
	struct sfu_share *share;
	struct step steps[STEPS_MAX];
	size_t count;
	size_t now; /* steps that it has: 0 is off */
	size_t got; /* that it gets */
	bool is_full; /* no more in this round */
};

struct budget {
	struct ladder ladders[SFU_ALLOCATE_SLOTS_MAX];
	size_t count; /* by rank */
	uint64_t estimate_bps, used_bps, now_us;
	uint64_t keep_bps; /* for what is shown already */
};

/* --- a slot's ways ------------------------------------------------------- */

static size_t temporal_count(const struct sfu_share *s, size_t spatial)
{
	size_t count = SFU_ALLOCATE_TEMPORAL_MAX;

	while (count > 0 && s->bps[spatial][count - 1] == 0)
		count--;
	return count;
}

/* The smallest picture that fills the place, or the largest there is. */
static size_t spatial_top(const struct sfu_share *s)
{
	size_t top = 0;

	for (size_t i = 0; i < SFU_ALLOCATE_SPATIAL_MAX; i++) {
		if (temporal_count(s, i) == 0)
			continue;
		top = i;
		if (s->heights[i] >= s->height)
			break;
	}
	return top;
}

static void step_add(struct ladder *l, size_t spatial, size_t temporal)
{
	uint64_t bps = l->share->bps[spatial][temporal];

	if (bps == 0)
		return;
	/* What costs as much as this, or more, and is worse: leave it out. */
	while (l->count > 0 && l->steps[l->count - 1].bps >= bps)
		l->count--;
	l->steps[l->count++] = (struct step){ (uint8_t)spatial,
		(uint8_t)temporal, bps };
}

/* Size by size, each first with all its frames; but a larger picture with a
 * quarter of the frames is no gain. */
static void camera_steps(struct ladder *l, size_t top)
{
	for (size_t i = 0; i <= top; i++) {
		size_t count = temporal_count(l->share, i);
		size_t from = l->count > 0 && count > 2 ? 1 : 0;

		for (size_t t = from; t < count; t++)
			step_add(l, i, t);
	}
}

/* A text is to be read: the size first, then the frames. */
static void screen_steps(struct ladder *l, size_t top)
{
	for (size_t i = 0; i < top; i++)
		step_add(l, i, 0);
	for (size_t t = 0; t < temporal_count(l->share, top); t++)
		step_add(l, top, t);
}

static bool is_within(const struct step *step, const struct sfu_choice *c)
{
	return step->spatial < c->spatial ||
	    (step->spatial == c->spatial && step->temporal <= c->temporal);
}

static void ladder_init(struct ladder *l, struct sfu_share *s)
{
	*l = (struct ladder){ .share = s };
	if (s->height == 0)
		return;
	if (s->is_screen)
		screen_steps(l, spatial_top(s));
	else
		camera_steps(l, spatial_top(s));
	if (!s->choice.is_on || l->count == 0)
		return;
	l->now = 1;
	while (l->now < l->count && is_within(&l->steps[l->now], &s->choice))
		l->now++;
}

static uint64_t cost_of(const struct ladder *l, size_t steps)
{
	return steps > 0 ? l->steps[steps - 1].bps : 0;
}

/* --- the room ------------------------------------------------------------ */

static bool has_rested(const struct sfu_choice *c, uint64_t now_us)
{
	if (c->has_fallen &&
	    (now_us - c->fell_us < c->rest_us || !c->has_room ||
		now_us - c->room_us < SFU_ALLOCATE_ROOM_US))
		return false;
	return !c->has_risen || now_us - c->rose_us >= SFU_ALLOCATE_ROSE_US;
}

/* estimate_bps that it takes to go up to use bps. */
static uint64_t with_margin(uint64_t bps)
{
	return bps + bps * SFU_ALLOCATE_MARGIN_PERCENT / PERCENT;
}

/* From bps on, one step above what it shows.  A peak of the estimate is no
 * room: it is to be there for a while. */
static bool may_rise(const struct budget *b, struct ladder *l, uint64_t bps)
{
	struct sfu_choice *c = &l->share->choice;
	bool is_first = l->got == l->now;

	if (with_margin(bps) > b->estimate_bps) {
		c->has_room &= !is_first;
		return false;
	}
	if (is_first && !c->has_room) {
		c->has_room = true;
		c->room_us = b->now_us;
	}
	return has_rested(c, b->now_us);
}

static bool step_take(struct budget *b, struct ladder *l)
{
	uint64_t bps = b->used_bps - cost_of(l, l->got);

	if (l->got >= l->count)
		return false;
	bps += cost_of(l, l->got + 1);
	if (bps > (l->got < l->now ? b->keep_bps : b->estimate_bps))
		return false;
	/* Who was never shown is shown at once; more of it takes room. */
	if (l->got + 1 > l->now &&
	    (l->got > 0 || l->share->choice.has_fallen) && !may_rise(b, l, bps))
		return false;
	b->used_bps = bps;
	l->got++;
	return true;
}

/* Somebody is seen as long as anybody's lowest layer fits. */
static void first_force(struct budget *b)
{
	for (size_t i = 0; i < b->count; i++) {
		if (b->ladders[i].got > 0)
			return;
	}
	for (size_t i = 0; i < b->count; i++) {
		struct ladder *l = &b->ladders[i];

		if (l->count == 0 ||
		    b->used_bps + cost_of(l, 1) > b->estimate_bps)
			continue;
		b->used_bps += cost_of(l, 1);
		l->got = 1;
		return;
	}
}

static void faces_take(struct budget *b)
{
	for (size_t i = 0; i < b->count; i++)
		(void)step_take(b, &b->ladders[i]);
	first_force(b);
}

/* From first to until, all of a rank: a step for each, as long as one can. */
static void rank_raise(struct budget *b, size_t first, size_t until)
{
	bool has_room = true;

	while (has_room) {
		has_room = false;
		for (size_t i = first; i < until; i++) {
			struct ladder *l = &b->ladders[i];

			if (l->is_full || l->got == 0)
				continue;
			l->is_full = !step_take(b, l);
			has_room |= !l->is_full;
		}
	}
}

static void ranks_raise(struct budget *b)
{
	size_t first = 0;

	for (size_t i = 1; i <= b->count; i++) {
		if (i < b->count &&
		    b->ladders[i].share->rank == b->ladders[first].share->rank)
			continue;
		rank_raise(b, first, i);
		first = i;
	}
}

/* --- what comes out ------------------------------------------------------ */

static uint64_t rest_of(const struct sfu_choice *c, uint64_t now_us)
{
	if (!c->has_risen || now_us - c->rose_us >= SFU_ALLOCATE_STAY_US ||
	    !c->has_fallen)
		return SFU_ALLOCATE_FELL_US;
	/* Down by several steps, one soon after the other: one fall. */
	if (c->fell_us >= c->rose_us)
		return c->rest_us;
	return 2 * c->rest_us < SFU_ALLOCATE_FELL_MAX_US ?
	    2 * c->rest_us :
	    SFU_ALLOCATE_FELL_MAX_US;
}

static void choice_set(const struct ladder *l, uint64_t now_us)
{
	struct sfu_choice *c = &l->share->choice;

	if (l->got < l->now) {
		c->rest_us = rest_of(c, now_us);
		c->has_fallen = true;
		c->fell_us = now_us;
		c->has_room = false;
	} else if (l->got > l->now) {
		c->has_risen = true;
		c->has_grown = l->now > 0 &&
		    l->steps[l->got - 1].spatial > c->spatial;
		c->rose_us = now_us;
		c->has_room = false;
	}
	c->is_on = l->got > 0;
	if (l->count == 0) {
		/* Not shown, or not sent: begins anew. */
		*c = (struct sfu_choice){ 0 };
	} else if (c->is_on) {
		c->spatial = l->steps[l->got - 1].spatial;
		c->temporal = l->steps[l->got - 1].temporal;
	}
}

/* See SFU_ALLOCATE_GRACE_US. */
static void grace_give(struct budget *b)
{
	b->keep_bps = b->estimate_bps;
	for (size_t i = 0; i < b->count; i++) {
		const struct sfu_choice *c = &b->ladders[i].share->choice;

		if (!c->has_risen || !c->has_grown ||
		    b->now_us - c->rose_us >= SFU_ALLOCATE_GRACE_US)
			continue;
		b->keep_bps += b->estimate_bps * SFU_ALLOCATE_GRACE_PERCENT /
		    PERCENT;
		return;
	}
}

static void tell(const struct budget *b, uint64_t audio_bps,
    struct sfu_allocation *a)
{
	uint64_t most_bps = audio_bps;

	*a = (struct sfu_allocation){ .used_bps = b->used_bps };
	for (size_t i = 0; i < b->count; i++) {
		const struct ladder *l = &b->ladders[i];

		most_bps += cost_of(l, l->count);
		if (a->next_bps == 0 && l->got < l->count)
			a->next_bps = with_margin(b->used_bps +
			    cost_of(l, l->got + 1) - cost_of(l, l->got));
	}
	a->most_bps = with_margin(most_bps);
}

static void by_rank(struct budget *b, struct sfu_share *s)
{
	size_t at = b->count++;

	for (; at > 0 && b->ladders[at - 1].share->rank > s->rank; at--)
		b->ladders[at] = b->ladders[at - 1];
	ladder_init(&b->ladders[at], s);
}

void sfu_allocate(struct sfu_share *shares, size_t count, uint64_t estimate_bps,
    uint64_t now_us, struct sfu_allocation *allocation)
{
	struct budget b;
	uint64_t audio_bps = 0;

	b.count = 0;
	b.estimate_bps = estimate_bps;
	b.now_us = now_us;
	for (size_t i = 0; i < count; i++) {
		shares[i].choice.is_on &= i < SFU_ALLOCATE_SLOTS_MAX;
		if (i >= SFU_ALLOCATE_SLOTS_MAX)
			continue;
		if (!shares[i].is_audio) {
			by_rank(&b, &shares[i]);
			continue;
		}
		shares[i].choice.is_on = true;
		audio_bps += shares[i].bps[0][0];
	}
	b.used_bps = audio_bps;
	grace_give(&b);
	faces_take(&b);
	ranks_raise(&b);
	for (size_t i = 0; i < b.count; i++)
		choice_set(&b.ladders[i], now_us);
	tell(&b, audio_bps, allocation);
}
