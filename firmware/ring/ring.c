/* ring.c */
#include <stdatomic.h>
#include <string.h>

#include "ring/ring.h"

enum {
	MAGIC = 0x324b4c4b, /* "KLK2" */
	SLOT_OWN = RING_SOUND,
	SLOT_NOISE = RING_NOISE,
	SLOT_SPEECH = RING_SPEECH,
	SLOT_COMMON = 3,
	COPIES = 4, /* of common frames: lanes are some ticks apart */
	COMMON_FRAMES = 2 * RING_FRAMES /* a common one outlives all lanes */
};

/*
 * The layout.  Positions count frames and wrap at 2^32; each is written by one
 * side, on a cache line of its own.
 */
struct lane_slot {
	_Atomic uint32_t kind, tick, samples;
	int16_t pcm[RING_SAMPLES];
};

struct lane {
	_Alignas(64) _Atomic uint32_t head; /* put so far */
	_Alignas(64) _Atomic uint32_t tail; /* taken so far */
	_Atomic uint32_t want; /* enum ring_want, of who takes */
	_Alignas(64) struct lane_slot slot[RING_FRAMES];
};

struct common {
	_Alignas(64) _Atomic uint32_t tick;
	int16_t pcm[RING_SAMPLES];
};

struct memory {
	uint32_t magic, lines;
	_Alignas(64) struct common common[COMMON_FRAMES];
	struct lane lane[]; /* of each line: what it says, what it hears */
};

struct own { /* our positions */
	uint32_t put, taken;
};

struct copy { /* of a common frame, for all lanes that say so */
	bool is_used;
	uint32_t tick;
	int16_t pcm[RING_SAMPLES];
};

struct ring {
	enum ring_side side;
	size_t lines;
	struct memory *memory;
	uint32_t tick;
	struct copy copy[COPIES];
	int16_t pcm[RING_SAMPLES]; /* of the last frame that was taken */
	struct own own[];
};

_Static_assert(ATOMIC_INT_LOCK_FREE == 2, "positions are lock-free");

size_t ring_bytes(size_t lines)
{
	return sizeof(struct memory) + 2 * lines * sizeof(struct lane);
}

static enum kk_err size_check(size_t bytes, size_t lines)
{
	if (lines == 0 || lines > RING_LINES_MAX)
		return KK_EINVAL;
	return bytes < ring_bytes(lines) ? KK_ENOSPC : KK_OK;
}

enum kk_err ring_format(void *memory, size_t bytes, size_t lines)
{
	const enum kk_err err = size_check(bytes, lines);
	struct memory *m = memory;

	if (err)
		return err;
	memset(m, 0, ring_bytes(lines));
	m->magic = MAGIC;
	m->lines = (uint32_t)lines;
	return KK_OK;
}

enum kk_err ring_new(struct ring **rp, enum ring_side side, void *memory,
    size_t bytes, size_t lines)
{
	const enum kk_err err = size_check(bytes, lines);
	struct memory *m = memory;
	struct ring *r;

	if (err)
		return err;
	if (m->magic != MAGIC || m->lines != lines)
		return KK_EFORMAT;
	r = kk_calloc(1, sizeof(*r) + lines * sizeof(r->own[0]));
	if (!r)
		return KK_ENOMEM;
	r->side = side;
	r->lines = lines;
	r->memory = m;
	*rp = r;
	return KK_OK;
}

void ring_free(struct ring *r)
{
	if (r)
		kk_free_wiped(r, sizeof(*r) + r->lines * sizeof(r->own[0]));
}

static struct lane *lane_out(const struct ring *r, size_t line)
{
	return &r->memory->lane[2 * line + (r->side == RING_MIXD)];
}

static struct lane *lane_in(const struct ring *r, size_t line)
{
	return &r->memory->lane[2 * line + (r->side == RING_LINED)];
}

static enum kk_err put(struct ring *r, size_t line, uint32_t kind,
    const int16_t *pcm, size_t samples)
{
	struct lane_slot *slot;
	struct lane *lane;
	struct own *own;

	if (line >= r->lines)
		return KK_EINVAL;
	lane = lane_out(r, line);
	own = &r->own[line];
	/* A tail that cannot be counts as full. */
	if (own->put -
		atomic_load_explicit(&lane->tail, memory_order_acquire) >=
	    RING_FRAMES)
		return KK_ENOSPC;
	slot = &lane->slot[own->put % RING_FRAMES];
	atomic_store_explicit(&slot->kind, kind, memory_order_relaxed);
	atomic_store_explicit(&slot->tick, r->tick, memory_order_relaxed);
	atomic_store_explicit(&slot->samples, (uint32_t)samples,
	    memory_order_relaxed);
	if (samples > 0)
		memcpy(slot->pcm, pcm, samples * sizeof(slot->pcm[0]));
	atomic_store_explicit(&lane->head, ++own->put, memory_order_release);
	return KK_OK;
}

enum kk_err ring_put(struct ring *r, size_t line, const int16_t *pcm)
{
	return put(r, line, SLOT_OWN, pcm, RING_SAMPLES);
}

static bool is_rate(size_t samples)
{
	return samples == RING_SAMPLES || samples == RING_SAMPLES / 3 ||
	    samples == RING_SAMPLES / 6;
}

enum kk_err ring_put_low(struct ring *r, size_t line, const int16_t *pcm,
    size_t samples)
{
	if (r->side != RING_LINED)
		return KK_ESTATE;
	return is_rate(samples) ? put(r, line, SLOT_OWN, pcm, samples) :
				  KK_EINVAL;
}

enum kk_err ring_put_word(struct ring *r, size_t line, enum ring_kind kind)
{
	if (r->side != RING_LINED)
		return KK_ESTATE;
	return kind == RING_NOISE || kind == RING_SPEECH ?
	    put(r, line, kind, NULL, 0) :
	    KK_EINVAL;
}

enum kk_err ring_put_common(struct ring *r, size_t line)
{
	return r->side == RING_MIXD ? put(r, line, SLOT_COMMON, NULL, 0) :
				      KK_ESTATE;
}

enum kk_err ring_common_set(struct ring *r, const int16_t *pcm)
{
	struct common *c;

	if (r->side != RING_MIXD)
		return KK_ESTATE;
	r->tick++;
	c = &r->memory->common[r->tick % COMMON_FRAMES];
	memcpy(c->pcm, pcm, sizeof(c->pcm));
	atomic_store_explicit(&c->tick, r->tick, memory_order_release);
	return KK_OK;
}

/* Copied once, whatever is written there then. */
static enum kk_err common_copy(struct ring *r, uint32_t tick,
    struct ring_frame *frame)
{
	struct common *c = &r->memory->common[tick % COMMON_FRAMES];
	struct copy *copy = &r->copy[tick % COPIES];

	frame->pcm = copy->pcm;
	if (copy->is_used && copy->tick == tick)
		return KK_OK;
	if (atomic_load_explicit(&c->tick, memory_order_acquire) != tick)
		return KK_EFORMAT;
	memcpy(copy->pcm, c->pcm, sizeof(copy->pcm));
	copy->tick = tick;
	copy->is_used = true;
	return KK_OK;
}

static enum kk_err own_copy(struct ring *r, struct lane_slot *slot,
    struct ring_frame *frame)
{
	frame->samples = atomic_load_explicit(&slot->samples,
	    memory_order_relaxed);
	if (frame->samples != RING_SAMPLES &&
	    (r->side == RING_LINED || !is_rate(frame->samples)))
		return KK_EFORMAT;
	memcpy(r->pcm, slot->pcm, frame->samples * sizeof(r->pcm[0]));
	frame->pcm = r->pcm;
	return KK_OK;
}

static enum kk_err slot_copy(struct ring *r, struct lane_slot *slot,
    struct ring_frame *frame)
{
	const uint32_t kind = atomic_load_explicit(&slot->kind,
	    memory_order_relaxed);

	if (kind == SLOT_OWN)
		return own_copy(r, slot, frame);
	if (r->side == RING_MIXD) {
		frame->kind = (enum ring_kind)kind;
		frame->samples = 0;
		return kind == SLOT_NOISE || kind == SLOT_SPEECH ? KK_OK :
								   KK_EFORMAT;
	}
	if (kind != SLOT_COMMON)
		return KK_EFORMAT;
	frame->is_common = true;
	frame->tick = atomic_load_explicit(&slot->tick, memory_order_relaxed);
	return common_copy(r, frame->tick, frame);
}

static void frame_clear(struct ring_frame *frame)
{
	static const int16_t silence[RING_SAMPLES];

	*frame = (struct ring_frame){ .samples = RING_SAMPLES, .pcm = silence };
}

static uint32_t head_of(const struct ring *r, size_t line)
{
	return atomic_load_explicit(&lane_in(r, line)->head,
	    memory_order_acquire);
}

static void taken_set(struct ring *r, size_t line, uint32_t taken)
{
	r->own[line].taken = taken;
	atomic_store_explicit(&lane_in(r, line)->tail, taken,
	    memory_order_release);
}

enum kk_err ring_take(struct ring *r, size_t line, struct ring_frame *frame)
{
	uint32_t head, taken;
	enum kk_err err;

	frame_clear(frame);
	if (line >= r->lines)
		return KK_EINVAL;
	head = head_of(r, line);
	taken = r->own[line].taken;
	if (head == taken)
		return KK_ENOENT;
	if (head - taken > RING_FRAMES) {
		taken_set(r, line, head);
		return KK_EFORMAT;
	}
	err = slot_copy(r, &lane_in(r, line)->slot[taken % RING_FRAMES], frame);
	if (err)
		frame_clear(frame);
	taken_set(r, line, err ? head : taken + 1);
	return err;
}

size_t ring_waiting(const struct ring *r, size_t line)
{
	uint32_t count;

	if (line >= r->lines)
		return 0;
	count = head_of(r, line) - r->own[line].taken;
	return count > RING_FRAMES ? 0 : count;
}

void ring_drop(struct ring *r, size_t line)
{
	if (line < r->lines)
		taken_set(r, line, head_of(r, line));
}

void ring_want_set(struct ring *r, size_t line, enum ring_want want)
{
	if (line < r->lines)
		atomic_store_explicit(&lane_in(r, line)->want, (uint32_t)want,
		    memory_order_relaxed);
}

enum ring_want ring_want(const struct ring *r, size_t line)
{
	const uint32_t want = line < r->lines ?
	    atomic_load_explicit(&lane_out(r, line)->want,
		memory_order_relaxed) :
	    RING_WANT_ALL;

	return want == RING_WANT_SPEECH || want == RING_WANT_LOOK ?
	    (enum ring_want)want :
	    RING_WANT_ALL;
}
