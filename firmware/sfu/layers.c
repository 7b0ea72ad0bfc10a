/*
 * layers.c - which frames of an encoding are shown.
 *
 * VP8: by temporal layer (RFC 7741, 4.2).  A layer can be joined at a frame of
 * it that refers to the lowest one alone, one layer at a time, and left at any
 * frame.  Pictures that are left out take no picture id, since decoders count
 * them; those that are missing keep theirs.
 *
 * VP9: by the dependency descriptor's decode target (wire/dd.h).  A target can
 * be joined at a frame that says so, and whose own references were all shown.
 * Picture ids keep their holes, since references are counted in them.
 *
 * What was decided of a frame's first packet holds for all, and for a late
 * frame what held when it was due.
 */
#include "sfu/sfu_internal.h"

enum {
	SHORT_RANGE = WIRE_VP8_PICTURE_ID_SHORT_MAX + 1,
	TEMPORAL_MAX = 3 /* two bits in VP8's descriptor */
};

static struct sfu_frame *frame_at(struct sfu_layers *l, uint16_t number)
{
	return &l->frames[number % SFU_FRAMES_MAX];
}

static struct sfu_frame *frame_find(struct sfu_layers *l, uint16_t number)
{
	struct sfu_frame *f = frame_at(l, number);

	return f->state != SFU_FRAME_NONE && f->number == number ? f : NULL;
}

static struct sfu_frame *frame_put(struct sfu_layers *l, uint16_t number,
    enum sfu_frame_state state)
{
	struct sfu_frame *f = frame_at(l, number);

	*f = (struct sfu_frame){ .number = number,
		.state = (uint8_t)state,
		.limit = l->limit };
	return f;
}

static uint64_t missing_packets(const struct sfu_run *run,
    const struct sfu_packet *p)
{
	return p->seq > run->top_in ? p->seq - run->top_in - 1 : 0;
}

/* --- VP8 ----------------------------------------------------------------- */

/* An id of 7 bits as one of 15, the nearest to the last. */
static uint16_t picture_number(const struct sfu_layers *l,
    const struct wire_vp8 *vp8)
{
	unsigned ahead;

	if (vp8->is_picture_id_long)
		return vp8->picture_id;
	ahead = (vp8->picture_id - (unsigned)l->top) % SHORT_RANGE;
	if (ahead >= SHORT_RANGE / 2)
		ahead -= SHORT_RANGE;
	return (l->top + ahead) & SFU_PICTURE_MASK;
}

static uint8_t temporal_wanted(const struct sfu_slot *slot)
{
	return slot->temporal < TEMPORAL_MAX ? slot->temporal : TEMPORAL_MAX;
}

static void temporal_move(struct sfu_slot *slot, const struct sfu_packet *p)
{
	struct sfu_layers *l = &slot->video->layers;
	uint8_t want = temporal_wanted(slot);

	if (p->is_key || want < l->limit)
		l->limit = want;
	else if (p->vp8.tid == l->limit + 1 && p->vp8.tid <= want &&
	    p->vp8.is_layer_sync)
		l->limit = p->vp8.tid;
}

static uint16_t picture_next(struct sfu_slot *slot)
{
	slot->picture_id = (slot->picture_id + 1) & SFU_PICTURE_MASK;
	return slot->picture_id;
}

static struct sfu_frame *picture_new(struct sfu_slot *slot,
    const struct sfu_run *run, const struct sfu_packet *p, uint16_t number)
{
	struct sfu_layers *l = &slot->video->layers;
	unsigned missing = l->has_top ?
	    (number - l->top - 1u) & SFU_PICTURE_MASK :
	    0;
	struct sfu_frame *f;

	/* Pictures that the sender left out itself were in no packet. */
	if (missing > missing_packets(run, p))
		missing = (unsigned)missing_packets(run, p);
	if (missing >= SFU_FRAMES_MAX)
		missing = 0;
	for (unsigned i = missing; i > 0; i--) {
		f = frame_put(l, (number - i) & SFU_PICTURE_MASK,
		    SFU_FRAME_MISSING);
		f->picture_id = picture_next(slot);
	}
	temporal_move(slot, p);
	f = frame_put(l, number,
	    p->vp8.tid <= l->limit ? SFU_FRAME_SHOWN : SFU_FRAME_DROPPED);
	if (f->state == SFU_FRAME_SHOWN)
		f->picture_id = picture_next(slot);
	l->top = number;
	l->has_top = true;
	return f;
}

static const struct sfu_frame *picture_take(struct sfu_slot *slot,
    const struct sfu_run *run, const struct sfu_packet *p)
{
	struct sfu_layers *l = &slot->video->layers;
	uint16_t number = picture_number(l, &p->vp8);
	unsigned ahead = (number - (unsigned)l->top) & SFU_PICTURE_MASK;
	struct sfu_frame *f;

	if (!l->has_top || (ahead > 0 && ahead <= SFU_PICTURE_MASK / 2))
		return picture_new(slot, run, p, number);
	f = frame_find(l, number);
	if (f && f->state == SFU_FRAME_MISSING)
		f->state = p->vp8.tid <= f->limit ? SFU_FRAME_SHOWN :
						    SFU_FRAME_DROPPED;
	return f;
}

/* --- VP9 ----------------------------------------------------------------- */

static unsigned rank(const struct wire_dd_target *t)
{
	return t->spatial * (unsigned)WIRE_DD_TEMPORAL_MAX + t->temporal;
}

/* The highest target that is wanted and sent; else the lowest that is sent. */
static uint8_t target_wanted(const struct sfu_slot *slot,
    const struct sfu_encoding *encoding)
{
	const struct wire_dd_structure *s = encoding->dd;
	const uint8_t spatial = sfu_slot_spatial(slot);
	int best = -1, least = -1;

	for (int i = 0; i < s->target_count; i++) {
		const struct wire_dd_target *t = &s->targets[i];

		if (!(encoding->dd_active >> i & 1))
			continue;
		if (least < 0 || rank(t) < rank(&s->targets[least]))
			least = i;
		if (t->spatial <= spatial && t->temporal <= slot->temporal &&
		    (best < 0 || rank(t) > rank(&s->targets[best])))
			best = i;
	}
	return (uint8_t)(best >= 0 ? best : least >= 0 ? least : 0);
}

static bool refs_are_shown(struct sfu_layers *l, const struct wire_dd *dd)
{
	for (size_t i = 0; i < dd->frame.ref_count; i++) {
		uint16_t number = (uint16_t)(dd->frame_number -
		    dd->frame.refs[i]);
		const struct sfu_frame *f = frame_find(l, number);

		/* One that is missing is asked for, there and here. */
		if (!f || f->state == SFU_FRAME_DROPPED)
			return false;
	}
	return true;
}

static void target_move(struct sfu_slot *slot, const struct sfu_run *run,
    const struct wire_dd *dd, uint64_t now_us)
{
	struct sfu_layers *l = &slot->video->layers;
	uint8_t want = target_wanted(slot, run->encoding);

	if (dd->has_structure) { /* targets have other numbers now */
		l->limit = want;
		l->has_target = true;
		return;
	}
	if (!l->has_target || want == l->limit ||
	    dd->frame.uses[want] != WIRE_DD_SWITCH)
		return;
	if (refs_are_shown(l, dd)) {
		l->limit = want;
		return;
	}
	/* Nothing but a key frame leads there. */
	hop_keyframe_want(&run->encoding->keyframe);
	sfu_encoding_keyframe(run->encoding, now_us);
}

static bool is_used(const struct sfu_layers *l, const struct wire_dd *dd,
    uint8_t limit)
{
	return !l->has_target ||
	    dd->frame.uses[limit % WIRE_DD_TARGETS_MAX] != WIRE_DD_ABSENT;
}

static const struct sfu_frame *layer_take(struct sfu_slot *slot,
    const struct sfu_run *run, const struct sfu_packet *p, uint64_t now_us)
{
	struct sfu_layers *l = &slot->video->layers;
	const struct wire_dd *dd = &p->dd;
	uint16_t ahead = (uint16_t)(dd->frame_number - l->top);
	struct sfu_frame *f;

	if (l->has_top && (ahead == 0 || ahead > UINT16_MAX / 2)) {
		f = frame_find(l, dd->frame_number);
		if (f && f->state == SFU_FRAME_MISSING)
			f->state = is_used(l, dd, f->limit) ? SFU_FRAME_SHOWN :
							      SFU_FRAME_DROPPED;
		return f;
	}
	for (unsigned i = ahead; l->has_top && ahead <= SFU_FRAMES_MAX && i > 1;
	    i--)
		(void)frame_put(l, (uint16_t)(dd->frame_number - i + 1),
		    SFU_FRAME_MISSING);
	target_move(slot, run, dd, now_us);
	l->top = dd->frame_number;
	l->has_top = true;
	return frame_put(l, dd->frame_number,
	    is_used(l, dd, l->limit) ? SFU_FRAME_SHOWN : SFU_FRAME_DROPPED);
}

bool sfu_layers_end(const struct sfu_slot *slot, const struct sfu_run *run,
    const struct sfu_packet *p)
{
	struct sfu_layers *l = &slot->video->layers;
	const struct sfu_frame *f;

	if (p->rtp.has_marker)
		return true;
	if (!p->has_dd || !l->has_target || !p->dd.is_end)
		return false;
	f = frame_find(l, p->dd.frame_number);
	return f && f->limit < run->encoding->dd->target_count &&
	    run->encoding->dd->targets[f->limit].spatial == p->dd.frame.spatial;
}

/* --- both ---------------------------------------------------------------- */

void sfu_layers_begin(struct sfu_slot *slot)
{
	slot->video->layers = (struct sfu_layers){ 0 };
	slot->video->layers.limit = temporal_wanted(slot);
}

bool sfu_layers_take(struct sfu_slot *slot, const struct sfu_run *run,
    const struct sfu_packet *p, uint64_t now_us, uint16_t *picture_id)
{
	const struct sfu_frame *f;

	if (p->has_vp9) {
		*picture_id = (p->vp9.picture_id + run->picture_offset) &
		    SFU_PICTURE_MASK;
		if (!p->has_dd)
			return true;
		f = layer_take(slot, run, p, now_us);
		return f && f->state == SFU_FRAME_SHOWN;
	}
	if (!p->vp8.has_picture_id) {
		temporal_move(slot, p);
		return p->vp8.tid <= slot->video->layers.limit;
	}
	f = picture_take(slot, run, p);
	if (!f || f->state != SFU_FRAME_SHOWN)
		return false;
	*picture_id = f->picture_id;
	return true;
}

bool sfu_slot_layers(const struct sfu_slot *slot, uint8_t *spatial,
    uint8_t *temporal)
{
	const struct sfu_run *run;
	const struct sfu_layers *l;

	if (!slot->video || slot->run_count == 0)
		return false;
	run = &slot->runs[slot->run_count - 1];
	l = &slot->video->layers;
	*spatial = run->encoding->index;
	*temporal = l->limit;
	if (l->has_target) {
		const struct wire_dd_target *t =
		    &run->encoding->dd->targets[l->limit % WIRE_DD_TARGETS_MAX];

		*spatial = t->spatial;
		*temporal = t->temporal;
	}
	return true;
}
