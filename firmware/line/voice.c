/*
 * voice.c - one coder for all lines that hear the same.
 *
 * Lines may be some ticks apart, as their lanes of the ring are: so the last
 * payloads are kept.  A telephone's decoder remembers what it had: who leaves
 * takes the coder's state along, and who comes waits for a payload that leans
 * on nothing before it.
 */
#include <string.h>

#include "line/line_private.h"

enum { KEPT = 8 }; /* payloads: as many as a lane of the ring has frames */

struct kept {
	bool is_used, is_start;
	uint32_t tick;
	size_t bytes;
	uint8_t payload[CODEC_PAYLOAD_BYTES];
};

struct stream {
	struct codec_tx *tx; /* behind newest */
	struct codec_tx *before; /* one tick before, where has_before */
	bool has_newest, has_before, restarts;
	uint32_t newest;
	struct kept kept[KEPT];
};

struct line_voice {
	/* By line_shared's retells at last. */
	struct stream stream[LINE_SOURCE_COUNT][CODEC_COUNT][2];
	struct line_voice_stats stats;
};

enum kk_err line_voice_new(struct line_voice **vp)
{
	struct line_voice *v = kk_calloc(1, sizeof(*v));

	if (!v)
		return KK_ENOMEM;
	*vp = v;
	return KK_OK;
}

static void stream_close(struct stream *s)
{
	codec_tx_free(s->tx);
	codec_tx_free(s->before);
}

void line_voice_free(struct line_voice *v)
{
	if (!v)
		return;
	for (size_t s = 0; s < LINE_SOURCE_COUNT; s++) {
		for (size_t c = 0; c < CODEC_COUNT; c++) {
			stream_close(&v->stream[s][c][false]);
			stream_close(&v->stream[s][c][true]);
		}
	}
	kk_free_wiped(v, sizeof(*v));
}

void line_voice_stats(const struct line_voice *v,
    struct line_voice_stats *stats)
{
	*stats = v->stats;
}

void line_voice_count_own(struct line_voice *v)
{
	v->stats.own++;
}

static struct stream *stream_of(struct line_voice *v,
    const struct line_shared *of)
{
	return &v->stream[of->source][of->codec][of->retells];
}

static enum kk_err stream_open(struct stream *s, const struct line_shared *of)
{
	enum kk_err err = KK_OK;

	if (!s->tx) {
		err = codec_tx_new(&s->tx, of->codec);
		if (!err)
			codec_tx_retell(s->tx, of->retells);
	}
	if (!err && !s->before)
		err = codec_tx_new(&s->before, of->codec);
	return err;
}

static enum kk_err encode(struct stream *s, struct kept *k, uint32_t tick,
    const int16_t *pcm, const int16_t *before)
{
	const bool is_next = s->has_newest && tick - s->newest == 1;
	size_t bytes = sizeof(k->payload);
	enum kk_err err;

	codec_tx_follow(s->before, s->tx, NULL);
	k->is_start = s->restarts || !is_next;
	if (k->is_start)
		codec_tx_restart(s->tx, is_next ? NULL : before);
	err = codec_tx_encode(s->tx, pcm, k->payload, &bytes);
	k->is_used = !err;
	k->tick = tick;
	k->bytes = bytes;
	s->has_before = is_next;
	s->has_newest = !err;
	s->newest = tick;
	s->restarts = false;
	return err;
}

/* Ticks of the conference begin anew with mixd: only one that a lane can still
 * have is an older one. */
enum kk_err line_voice_take(struct line_voice *v, const struct line_shared *of,
    uint32_t tick, const int16_t *pcm, const int16_t *before,
    struct line_payload *payload)
{
	struct stream *s = stream_of(v, of);
	struct kept *k = &s->kept[tick % KEPT];
	enum kk_err err = KK_OK;

	if (!s->has_newest || tick - s->newest - 1 < UINT32_MAX - KEPT) {
		err = stream_open(s, of);
		if (!err)
			err = encode(s, k, tick, pcm, before);
		v->stats.shared += !err;
	} else if (!k->is_used || k->tick != tick) {
		err = KK_ENOENT;
	}
	if (!err)
		*payload = (struct line_payload){
			kk_view_of(k->payload, k->bytes), k->is_start
		};
	return err;
}

void line_voice_join(struct line_voice *v, const struct line_shared *of)
{
	stream_of(v, of)->restarts = true;
}

bool line_voice_leave(struct line_voice *v, const struct line_shared *of,
    uint32_t tick, struct codec_tx *own, const int16_t *before)
{
	const struct stream *s = stream_of(v, of);

	if (s->has_newest && s->newest == tick)
		codec_tx_follow(own, s->tx, before);
	else if (s->has_newest && s->has_before && s->newest - tick == 1)
		codec_tx_follow(own, s->before, before);
	else
		return false;
	return true;
}
