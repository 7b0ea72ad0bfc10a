/* tones.c - ITU-T Q.23 tones in the sound, heard by spandsp. */
#include <spandsp.h>
#include <speex/speex_resampler.h>
#include <string.h>

#include "phone/phone_private.h"

enum {
	TONES_HZ = 8000,
	TONES_SAMPLES = CODEC_TICK_SAMPLES * TONES_HZ / CODEC_HZ,
	QUALITY = 2, /* of the resampler */
	MAYBE = 'x' /* of dtmf_rx_status(): half a tone */
};

struct phone_tones {
	size_t samples; /* of a tick */
	SpeexResamplerState *down; /* NULL: it has their rate */
	dtmf_rx_state_t *dtmf;
	unsigned muted; /* ticks that are left of those to be silent */
	size_t next; /* in late */
	int16_t late[PHONE_TONES_TICKS][CODEC_TICK_SAMPLES];
};

void phone_tones_free(struct phone_tones *t)
{
	if (!t)
		return;
	if (t->down)
		speex_resampler_destroy(t->down);
	if (t->dtmf)
		(void)dtmf_rx_free(t->dtmf);
	kk_free_wiped(t, sizeof(*t));
}

struct phone_tones *phone_tones_new(unsigned hz)
{
	struct phone_tones *t = kk_calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->samples = hz / (CODEC_HZ / CODEC_TICK_SAMPLES);
	if (hz != TONES_HZ)
		t->down = speex_resampler_init(1, hz, TONES_HZ, QUALITY, NULL);
	t->dtmf = dtmf_rx_init(NULL, NULL, NULL);
	if ((t->down || hz == TONES_HZ) && t->dtmf)
		return t;
	phone_tones_free(t);
	return NULL;
}

static void digits_hear(struct phone_tones *t, const int16_t *pcm,
    struct phone_digits *d)
{
	spx_uint32_t in_count = (spx_uint32_t)t->samples;
	spx_uint32_t out_count = TONES_SAMPLES;
	int16_t low[TONES_SAMPLES];
	char heard[PHONE_DIGITS_MAX + 1];
	size_t count;

	if (t->down &&
	    speex_resampler_process_int(t->down, 0, pcm, &in_count, low,
		&out_count) != RESAMPLER_ERR_SUCCESS)
		return;
	(void)dtmf_rx(t->dtmf, t->down ? low : pcm, (int)out_count);
	kk_wipe(low, sizeof(low));
	count = dtmf_rx_get(t->dtmf, heard, PHONE_DIGITS_MAX);
	for (size_t i = 0; i < count; i++)
		phone_digits_add(d, heard[i]);
	kk_wipe(heard, sizeof(heard)); /* it may be a PIN */
}

/* All that waits is of the tone, too, or of its beginning. */
static void late_pass(struct phone_tones *t, int16_t *pcm, bool is_muted)
{
	int16_t *late = t->late[t->next];
	const size_t bytes = t->samples * sizeof(*pcm);
	int16_t now[CODEC_TICK_SAMPLES];

	memcpy(now, pcm, bytes);
	if (is_muted)
		memset(pcm, 0, bytes);
	else
		memcpy(pcm, late, bytes);
	memcpy(late, now, bytes);
	t->next = (t->next + 1) % PHONE_TONES_TICKS;
	kk_wipe(now, sizeof(now));
}

void phone_tones_hear(struct phone_tones *t, int16_t *pcm, bool is_heard,
    struct phone_digits *d)
{
	int status;

	if (is_heard)
		digits_hear(t, pcm, d);
	status = dtmf_rx_status(t->dtmf);
	/* One that is sure.  Its end is known late, too: within the tick after
	 * the last in which it is. */
	if (status != 0 && status != MAYBE)
		t->muted = PHONE_TONES_TICKS + 2;
	late_pass(t, pcm, t->muted > 0);
	if (t->muted > 0)
		t->muted--;
}
