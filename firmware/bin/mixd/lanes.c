/* lanes.c */
#include "lanes.h"

#include <string.h>

#include "codec/codec.h"
#include "memory.h"
#include "ring/ring.h"

enum {
	/* That wait at most when a tick takes one: 40 ms, for a lined that is
	 * not on time. */
	WAITING_MAX = 2,
	/* More who speak at once nobody understands; each costs a coder. */
	HEARD_MAX = 8,
	/* What has waited in each tick of a second is more than has to. */
	BEHIND_TICKS = 50,
	/* As mediad's microphone has it: it begins with 60 ms of speech, and a
	 * pause of 600 ms does not end it. */
	BEGIN_TICKS = 3,
	HOLD_TICKS = 30,
	LOW_SAMPLES_MAX = RING_SAMPLES / 3
};

_Static_assert((int)RING_SAMPLES == (int)MIX_SAMPLES, "a frame is a tick");

struct lane {
	bool is_open, is_wanted;
	size_t line; /* of the mix, where it is open */
	unsigned behind_ticks; /* in a row that something was left waiting */
	/* What came at a lower rate is brought to ours where it is heard. */
	struct codec_up *up; /* NULL: nothing has */
	size_t up_samples; /* of its ticks */
	bool is_up; /* it was heard in the last tick */
	size_t low_samples; /* 0: nothing waits in low */
	int16_t low[LOW_SAMPLES_MAX];
};

struct lanes {
	size_t count, open_count;
	struct mix *mix;
	struct memory memory;
	struct ring *ring; /* NULL: nobody has attached */
	unsigned loud_ticks, hold_ticks;
	struct lanes_counts counts;
	struct lane lane[];
};

void lanes_free(struct lanes *l)
{
	if (!l)
		return;
	for (size_t i = 0; i < l->count; i++)
		codec_up_free(l->lane[i].up);
	ring_free(l->ring);
	memory_close(&l->memory);
	mix_free(l->mix);
	kk_free_wiped(l, sizeof(*l) + l->count * sizeof(l->lane[0]));
}

enum kk_err lanes_new(struct lanes **lp, size_t lines)
{
	const struct mix_config config = { .lines = lines,
		.has_gate = true,
		.has_gain = true,
		.heard = HEARD_MAX };
	struct lanes *l;
	enum kk_err err;

	if (lines == 0 || lines > RING_LINES_MAX)
		return KK_EINVAL;
	l = kk_calloc(1, sizeof(*l) + lines * sizeof(l->lane[0]));
	if (!l)
		return KK_ENOMEM;
	l->count = lines;
	l->memory.fd = -1;
	err = mix_new(&l->mix, &config);
	if (err)
		lanes_free(l);
	else
		*lp = l;
	return err;
}

size_t lanes_count(const struct lanes *l)
{
	return l->count;
}

enum kk_err lanes_attach(struct lanes *l, int *fd)
{
	const size_t bytes = ring_bytes(l->count);
	struct ring *ring = NULL;
	struct memory memory;
	enum kk_err err = memory_open(&memory, bytes);

	if (!err)
		err = ring_format(memory.data, memory.bytes, l->count);
	if (!err)
		err = ring_new(&ring, RING_MIXD, memory.data, memory.bytes,
		    l->count);
	if (err) {
		memory_close(&memory);
		return KK_ENOMEM;
	}
	ring_free(l->ring);
	memory_close(&l->memory);
	l->ring = ring;
	l->memory = memory;
	*fd = memory.fd;
	return KK_OK;
}

static void lane_close(struct lanes *l, struct lane *lane)
{
	if (!lane->is_open)
		return;
	mix_line_remove(l->mix, lane->line);
	codec_up_free(lane->up);
	kk_wipe(lane, sizeof(*lane));
	l->open_count--;
}

/* What waits there is from before: nobody is to hear it. */
static void lane_open(struct lanes *l, struct lane *lane)
{
	if (lane->is_open || mix_line_add(l->mix, &lane->line))
		return;
	lane->is_open = true;
	l->open_count++;
	if (l->ring)
		ring_drop(l->ring, (size_t)(lane - l->lane));
}

/* Those that go make room in the mix for those that come. */
void lanes_set(struct lanes *l, const struct plan_lane *open, size_t count)
{
	for (size_t i = 0; i < l->count; i++)
		l->lane[i].is_wanted = false;
	for (size_t i = 0; i < count; i++) {
		if (open[i].lane < l->count)
			l->lane[open[i].lane].is_wanted = true;
	}
	for (size_t i = 0; i < l->count; i++) {
		if (!l->lane[i].is_wanted)
			lane_close(l, &l->lane[i]);
	}
	for (size_t i = 0; i < count; i++) {
		struct lane *lane;

		if (open[i].lane >= l->count)
			continue;
		lane = &l->lane[open[i].lane];
		lane_open(l, lane);
		if (lane->is_open)
			mix_line_mute(l->mix, lane->line, open[i].is_muted);
	}
}

size_t lanes_open_count(const struct lanes *l)
{
	return l->open_count;
}

/* More than a little that waits would be heard late from then on. */
static void surplus_drop(struct lanes *l, size_t i)
{
	struct ring_frame frame;

	while (ring_waiting(l->ring, i) > WAITING_MAX) {
		l->counts.dropped++;
		if (ring_take(l->ring, i, &frame))
			return;
	}
}

/* Somebody who was late once would be heard late for ever: a pause is cut. */
static void behind_drop(struct lanes *l, size_t i)
{
	struct lane *lane = &l->lane[i];
	struct ring_frame frame;

	lane->behind_ticks = ring_waiting(l->ring, i) > 1 ?
	    lane->behind_ticks + 1 :
	    0;
	if (lane->behind_ticks < BEHIND_TICKS ||
	    mix_line_is_talking(l->mix, lane->line))
		return;
	lane->behind_ticks = 0;
	l->counts.dropped++;
	(void)!ring_take(l->ring, i, &frame); /* it waits there */
}

/* A word, or sound; what has a lower rate waits until it is asked for. */
static void frame_use(struct lanes *l, struct lane *lane,
    const struct ring_frame *frame)
{
	if (frame->kind != RING_SOUND) {
		mix_line_skip(l->mix, lane->line, frame->kind == RING_SPEECH);
	} else if (frame->samples > LOW_SAMPLES_MAX) {
		mix_line_put(l->mix, lane->line, frame->pcm);
	} else {
		mix_line_tell(l->mix, lane->line,
		    mix_level_db(frame->pcm, frame->samples));
		memcpy(lane->low, frame->pcm,
		    frame->samples * sizeof(lane->low[0]));
		lane->low_samples = frame->samples;
	}
}

static void lane_take(struct lanes *l, size_t i)
{
	struct ring_frame frame;
	enum kk_err err;

	if (!l->lane[i].is_open) {
		ring_drop(l->ring, i);
		return;
	}
	surplus_drop(l, i);
	behind_drop(l, i);
	err = ring_take(l->ring, i, &frame);
	l->counts.heard += !err;
	l->counts.missing += err == KK_ENOENT;
	l->counts.wrong += err && err != KK_ENOENT;
	if (!err)
		frame_use(l, &l->lane[i], &frame);
}

void lanes_take(struct lanes *l)
{
	for (size_t i = 0; l->ring && i < l->count; i++)
		lane_take(l, i);
}

/* Another codec may have another rate.  False: no memory; it is silent. */
static bool up_open(struct lane *lane)
{
	if (lane->up && lane->up_samples == lane->low_samples)
		return true;
	codec_up_free(lane->up);
	lane->up = NULL;
	lane->up_samples = lane->low_samples;
	return !codec_up_new(&lane->up,
	    (unsigned)lane->low_samples * (CODEC_HZ / CODEC_TICK_SAMPLES));
}

static void lane_up(struct lanes *l, struct lane *lane)
{
	const bool is_asked = lane->is_open && lane->low_samples > 0 &&
	    mix_line_is_asked(l->mix, lane->line);
	int16_t pcm[MIX_SAMPLES];

	if (is_asked && up_open(lane)) {
		if (!lane->is_up)
			codec_up_restart(lane->up);
		codec_up_run(lane->up, lane->low, pcm);
		mix_line_put(l->mix, lane->line, pcm);
		kk_wipe(pcm, sizeof(pcm));
	}
	lane->is_up = is_asked;
	lane->low_samples = 0;
}

static void wants_set(struct lanes *l)
{
	static const enum ring_want wants[] = {
		[MIX_WANT_ALL] = RING_WANT_ALL,
		[MIX_WANT_SPEECH] = RING_WANT_SPEECH,
		[MIX_WANT_LOOK] = RING_WANT_LOOK,
	};

	for (size_t i = 0; l->ring && i < l->count; i++) {
		const struct lane *lane = &l->lane[i];

		ring_want_set(l->ring, i,
		    lane->is_open ? wants[mix_line_want(l->mix, lane->line)] :
				    RING_WANT_SPEECH);
	}
}

struct mix *lanes_mix(struct lanes *l)
{
	return l->mix;
}

static bool is_anybody_talking(const struct lanes *l)
{
	for (size_t i = 0; i < l->count; i++) {
		if (l->lane[i].is_open &&
		    mix_line_is_talking(l->mix, l->lane[i].line))
			return true;
	}
	return false;
}

static void speaking_update(struct lanes *l)
{
	const bool is_loud = is_anybody_talking(l);

	l->loud_ticks = is_loud ? l->loud_ticks + 1 : 0;
	if (l->hold_ticks > 0)
		l->hold_ticks--;
	if (l->loud_ticks >= BEGIN_TICKS || (is_loud && l->hold_ticks > 0))
		l->hold_ticks = HOLD_TICKS;
}

/* The conference's sound goes into the memory only for a lane that hears it. */
static enum kk_err lane_give(struct lanes *l, size_t i, bool *has_common)
{
	static const int16_t silence[MIX_SAMPLES];
	const int16_t *common = mix_common_get(l->mix), *heard;
	enum kk_err err = KK_OK;

	if (!l->lane[i].is_open)
		return ring_put(l->ring, i, silence);
	heard = mix_line_get(l->mix, l->lane[i].line);
	if (heard != common)
		return ring_put(l->ring, i, heard);
	if (!*has_common)
		err = ring_common_set(l->ring, common);
	*has_common = true;
	return err ? err : ring_put_common(l->ring, i);
}

const int16_t *lanes_give(struct lanes *l)
{
	bool has_common = false;

	mix_listen(l->mix);
	for (size_t i = 0; i < l->count; i++)
		lane_up(l, &l->lane[i]);
	mix_tick(l->mix);
	wants_set(l);
	speaking_update(l);
	for (size_t i = 0; l->ring && i < l->count; i++) {
		/* Of a lane that is not open nobody has to take. */
		if (lane_give(l, i, &has_common) && l->lane[i].is_open)
			l->counts.unheard++;
	}
	return mix_lines_get(l->mix);
}

bool lanes_are_speaking(const struct lanes *l)
{
	return l->hold_ticks > 0;
}

struct lanes_counts lanes_counts(const struct lanes *l)
{
	return l->counts;
}
