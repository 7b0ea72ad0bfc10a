/*
 * share.c - what a link's slots show, under the estimate of its path.
 *
 * Each source is measured once, whoever watches it; each link is shared out ten
 * times a second, and at once when the estimate has fallen by much, or rises at
 * the start.
 */
#include <string.h>

#include "sfu/sfu_internal.h"

enum {
	METER_US = 500000, /* a window */
	METER_WEIGHT = 4, /* a window counts as one in so many */
	SHARE_EVERY_US = 100000,
	FALL_PERCENT = 85, /* of the estimate: shared out at once */
	PERCENT = 100,
	/* A source that is quiet for so long needs no room; when it comes
	 * again, its rate is known still. */
	QUIET_US = 2000000,
	/* Who tells what comes has begun to by then: a long round trip, and the
	 * time between two words. */
	TELLS_US = 1000000,
	STARTING_US = 1500000, /* after its first word */
	/* More than networks lose by chance. */
	LOSS_PERMILLE = 120,
	SPARE = 8,
	PRIORITY_MAX = 255,
	US_PER_S = 1000000,
	BITS = 8
};

/* --- what layers cost ---------------------------------------------------- */

static void window_close(struct sfu_meter *m, uint64_t now_us)
{
	uint64_t us = now_us - m->from_us;

	for (size_t s = 0; s < SFU_ALLOCATE_SPATIAL_MAX; s++) {
		for (size_t t = 0; t < SFU_ALLOCATE_TEMPORAL_MAX; t++) {
			uint64_t bps = m->bytes[s][t] * BITS * US_PER_S / us;
			uint64_t *old = &m->bps[s][t];

			if (*old > 0)
				bps = (*old * (METER_WEIGHT - 1) + bps) /
				    METER_WEIGHT;
			*old = bps;
		}
	}
	memset(m->bytes, 0, sizeof(m->bytes));
	m->from_us = now_us;
}

static void meter_add(struct sfu_meter *m, size_t spatial, size_t temporal,
    size_t bytes)
{
	if (spatial < SFU_ALLOCATE_SPATIAL_MAX &&
	    temporal < SFU_ALLOCATE_TEMPORAL_MAX)
		m->bytes[spatial][temporal] += bytes;
}

static bool has_targets(const struct sfu_encoding *encoding)
{
	return encoding->dd && encoding->dd->target_count > 0;
}

void sfu_share_packet(struct sfu_encoding *encoding, const struct sfu_packet *p,
    size_t bytes, uint64_t now_us)
{
	struct sfu_meter *m = &encoding->source->meter;

	if (!m->has_begun)
		m->from_us = now_us;
	m->has_begun = true;
	if (now_us - m->from_us >= METER_US)
		window_close(m, now_us);
	if (!has_targets(encoding)) {
		meter_add(m, encoding->index, p->vp8.tid, bytes);
		return;
	}
	for (int i = 0; p->has_dd && i < encoding->dd->target_count; i++) {
		const struct wire_dd_target *t = &encoding->dd->targets[i];

		if (p->dd.frame.uses[i] != WIRE_DD_ABSENT)
			meter_add(m, t->spatial, t->temporal, bytes);
	}
}

static void targets_fill(struct sfu_share *share,
    const struct sfu_encoding *encoding)
{
	const struct sfu_meter *m = &encoding->source->meter;

	for (int i = 0; i < encoding->dd->target_count; i++) {
		const struct wire_dd_target *t = &encoding->dd->targets[i];

		if (encoding->dd_active >> i & 1 &&
		    t->spatial < SFU_ALLOCATE_SPATIAL_MAX &&
		    t->temporal < SFU_ALLOCATE_TEMPORAL_MAX)
			share->bps[t->spatial][t->temporal] =
			    m->bps[t->spatial][t->temporal];
	}
}

/* A temporal layer needs all those below it. */
static void encoding_fill(struct sfu_share *share,
    const struct sfu_encoding *encoding)
{
	const uint64_t *own = encoding->source->meter.bps[encoding->index];
	uint64_t bps = 0;

	for (size_t t = 0; t < SFU_ALLOCATE_TEMPORAL_MAX; t++) {
		bps += own[t];
		if (own[t] > 0)
			share->bps[encoding->index][t] = bps;
	}
}

static bool is_sent(const struct sfu_share *share, size_t spatial)
{
	for (size_t t = 0; t < SFU_ALLOCATE_TEMPORAL_MAX; t++) {
		if (share->bps[spatial][t] > 0)
			return true;
	}
	return false;
}

/* Layers beyond what fills the tile are taken only where no other is sent, as
 * choose.c has it; the lowest of them. */
static void tile_cut(struct sfu_share *share, uint8_t fit)
{
	bool has_any = false;

	for (size_t s = 0; s < SFU_ALLOCATE_SPATIAL_MAX; s++) {
		if (s > fit && has_any)
			memset(share->bps[s], 0, sizeof(share->bps[s]));
		has_any |= is_sent(share, s);
	}
}

static void costs_fill(struct sfu_share *share, const struct sfu_slot *slot,
    uint64_t now_us)
{
	const struct sfu_source *source = slot->source;

	if (now_us - source->came_us > QUIET_US)
		return;
	for (size_t i = 0; i < source->config.encoding_count; i++) {
		const struct sfu_encoding *e = &source->encodings[i];

		if (has_targets(e))
			targets_fill(share, e);
		else if (sfu_encoding_is_alive(e))
			encoding_fill(share, e);
	}
	tile_cut(share, sfu_source_fit(source, slot->width, slot->height));
}

/* --- the slots ----------------------------------------------------------- */

static struct sfu_share share_of(const struct sfu_slot *slot, uint64_t now_us)
{
	const struct sfu_source_config *c = &slot->source->config;
	struct sfu_share share = { .is_audio = c->kind == SFU_AUDIO,
		.is_screen = c->is_screen,
		/* At one priority, what is to be read comes first. */
		.rank = (PRIORITY_MAX - slot->priority) * 2u + !c->is_screen,
		/* Sizes have been looked at already: any order is right. */
		.height = SFU_ALLOCATE_SPATIAL_MAX,
		.choice = slot->choice };

	for (size_t i = 0; i < SFU_ALLOCATE_SPATIAL_MAX; i++)
		share.heights[i] = (uint16_t)(i + 1);
	costs_fill(&share, slot, now_us);
	return share;
}

static bool is_known(const struct sfu_share *share)
{
	for (size_t s = 0; s < SFU_ALLOCATE_SPATIAL_MAX; s++) {
		if (is_sent(share, s))
			return true;
	}
	return false;
}

/* Probes are still looking for what there is. */
static bool is_starting(const struct sfu_link *link, uint64_t now_us)
{
	struct estimate_state state = sfu_link_estimate(link);

	return !link->is_told ||
	    (now_us - link->told_us < STARTING_US && !state.is_overused &&
		!state.is_silent && state.loss_permille <= LOSS_PERMILLE);
}

/* Nothing can be left out of it but the whole. */
static bool is_single(const struct sfu_share *share)
{
	size_t count = 0;

	for (size_t s = 0; s < SFU_ALLOCATE_SPATIAL_MAX; s++) {
		for (size_t t = 0; t < SFU_ALLOCATE_TEMPORAL_MAX; t++)
			count += share->bps[s][t] > 0;
	}
	return count == 1;
}

static void choice_apply(struct sfu_slot *slot, const struct sfu_share *share,
    uint64_t now_us)
{
	const struct sfu_choice *c = &share->choice;

	slot->choice = *c;
	/* Of what is not sent, or not measured yet, nothing is changed. */
	if (share->is_audio || !is_known(share))
		return;
	if (!c->is_on) {
		/* The little that is known at first is no reason to show
		 * nothing: too much of it would be seen in a moment. */
		if (!slot->link->is_starting || !is_single(share))
			sfu_slot_pause(slot);
		return;
	}
	if (slot->is_paused || slot->spatial != c->spatial ||
	    slot->temporal != c->temporal) {
		slot->is_paused = false;
		sfu_slot_target(slot, c->spatial, c->temporal, now_us);
	}
}

static void link_share(struct sfu_link *link, uint64_t bps, uint64_t now_us)
{
	struct sfu_share shares[SFU_LINK_SLOTS_MAX];
	struct sfu_slot *slots[SFU_LINK_SLOTS_MAX];
	struct sfu_allocation allocation;
	size_t count = 0;

	link->share_us = now_us;
	link->share_bps = bps;
	link->is_held = true;
	link->is_starting = is_starting(link, now_us);
	for (size_t i = 0; i < link->slot_count; i++) {
		if (!link->slots[i]->source)
			continue;
		slots[count] = link->slots[i];
		shares[count++] = share_of(link->slots[i], now_us);
	}
	sfu_allocate(shares, count, bps, now_us, &allocation);
	for (size_t i = 0; i < count; i++) {
		/* What goes up and down at the start is no path's limit. */
		if (link->is_starting)
			shares[i].choice.has_risen =
			    shares[i].choice.has_fallen = false;
		choice_apply(slots[i], &shares[i], now_us);
	}
	/* A bit above what the last step takes: estimates that come near to
	 * what is wanted are not probed any further. */
	if (allocation.next_bps)
		allocation.most_bps += allocation.most_bps / SPARE;
	/* Probes whose end nobody tells are for nothing. */
	if (link->is_told)
		sfu_link_want(link, allocation.next_bps, allocation.most_bps);
}

/*
 * At first it is not known whether the peer tells what comes, so little is
 * shown.  Whose peer does not gets all that it watches.
 */
static bool is_followed(struct sfu_link *link, uint64_t now_us, uint64_t *bps)
{
	struct estimate_state state = sfu_link_estimate(link);

	*bps = state.bps;
	if (!link->is_open || !link->estimate)
		return false;
	if (state.is_known && !link->is_told)
		link->told_us = now_us;
	link->is_told = state.is_known;
	return link->is_told || !link->has_begun ||
	    now_us - link->begun_us < TELLS_US;
}

static void link_release(struct sfu_link *link, uint64_t now_us)
{
	link->is_held = false;
	for (size_t i = 0; i < link->slot_count; i++) {
		struct sfu_slot *slot = link->slots[i];

		slot->choice = (struct sfu_choice){ 0 };
		slot->is_paused = false;
		sfu_slot_target(slot, SFU_LAYERS_ALL, SFU_LAYERS_ALL, now_us);
	}
}

void sfu_share_begin(struct sfu_slot *slot, uint64_t now_us)
{
	uint64_t bps;

	slot->choice = (struct sfu_choice){ 0 };
	slot->is_paused = false;
	if (!is_followed(slot->link, now_us, &bps))
		return;
	/* As long as nobody knows what it costs. */
	slot->spatial = 0;
	slot->temporal = SFU_LAYERS_ALL;
	link_share(slot->link, bps, now_us);
}

void sfu_share_open(struct sfu_link *link, uint64_t now_us)
{
	uint64_t bps;

	if (!is_followed(link, now_us, &bps))
		return;
	for (size_t i = 0; i < link->slot_count; i++) {
		link->slots[i]->spatial = 0;
		link->slots[i]->temporal = SFU_LAYERS_ALL;
	}
	link_share(link, bps, now_us);
}

void sfu_share_tick(struct sfu_link *link, uint64_t now_us)
{
	bool was_told = link->is_told;
	uint64_t bps;

	link->is_shared = is_followed(link, now_us, &bps);
	if (!link->is_shared) {
		if (link->is_held)
			link_release(link, now_us);
		return;
	}
	if (now_us - link->share_us >= SHARE_EVERY_US ||
	    was_told != link->is_told ||
	    bps < link->share_bps * FALL_PERCENT / PERCENT ||
	    (bps > link->share_bps && is_starting(link, now_us)))
		link_share(link, bps, now_us);
}

uint64_t sfu_share_due_us(const struct sfu_link *link)
{
	uint64_t us = link->share_us + SHARE_EVERY_US;

	if (!link->is_shared)
		return UINT64_MAX;
	if (!link->is_told && link->has_begun && us > link->begun_us + TELLS_US)
		us = link->begun_us + TELLS_US;
	return us;
}

void sfu_slot_priority(struct sfu_slot *slot, uint8_t priority)
{
	slot->priority = priority;
}
