/* codec_private.h - one table of functions for each codec. */
#pragma once
#include <spandsp.h>

#include "codec/codec.h"

/* All sound here is of the codec's own rate (pcm_hz). */
struct codec_ops {
	void *(*enc_new)(void); /* NULL: no memory */
	void (*enc_free)(void *enc);
	/* Bytes written, at most CODEC_PAYLOAD_BYTES; or below 0. */
	int (*encode)(void *enc, const int16_t *pcm, int samples, uint8_t *out);
	void (*enc_follow)(void *enc, const void *of); /* NULL: no state */
	void (*enc_restart)(void *enc); /* NULL: there is nothing to do */
	void (*enc_retell)(void *enc, bool is_on); /* NULL: it cannot */
	void *(*dec_new)(void);
	void (*dec_free)(void *dec);
	int (*samples)(struct kk_view payload); /* below 1: it is none */
	bool (*is_pause)(struct kk_view payload); /* NULL: none is */
	/* NULL: none says anything; else there is dec_restart, too. */
	enum codec_says (*says)(struct kk_view payload);
	void (*dec_restart)(void *dec);
	/* Samples written, exactly those that samples() says; or below 0. */
	int (*decode)(void *dec, struct kk_view payload, int16_t *pcm);
	/* Writes so many samples; true: they are good. */
	bool (*conceal)(void *dec, struct kk_view next, int16_t *pcm,
	    int samples);
};

extern const struct codec_ops codec_g711_a, codec_g711_u, codec_g722;
extern const struct codec_ops codec_opus;

const struct codec_ops *codec_ops(enum codec_id id);

/* rate.c: a third or a sixth of CODEC_HZ (times 3 or 6), 2 ms late at 8 kHz. */
enum codec_way { CODEC_WAY_UP, CODEC_WAY_DOWN };
struct codec_rate;
struct codec_rate *codec_rate_new(enum codec_way way,
    unsigned times); /* NULL: no memory */
void codec_rate_free(struct codec_rate *r); /* wipes; NULL is fine */
void codec_rate_restart(struct codec_rate *r); /* nothing was before */
/* Any number of samples becomes as many times that. */
void codec_rate_up(struct codec_rate *r, const int16_t *low, size_t samples,
    int16_t *pcm);
/* A tick becomes one of the lower rate. */
void codec_rate_down(struct codec_rate *r, const int16_t *pcm, int16_t *low);

/* conceal.c: for codecs without a concealment of their own. */
struct codec_conceal;
struct codec_conceal *codec_conceal_new(unsigned hz); /* 8000 or 16000 */
/* What was heard or made last. */
const int16_t *codec_conceal_history(const struct codec_conceal *c,
    int *samples);
void codec_conceal_free(struct codec_conceal *c);
void codec_conceal_heard(struct codec_conceal *c, int16_t *pcm, int samples);
void codec_conceal_lost(struct codec_conceal *c, int16_t *pcm, int samples);
