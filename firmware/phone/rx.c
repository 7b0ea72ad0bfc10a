/* rx.c - packets in, ticks out. */
#include <string.h>

#include "phone/phone_private.h"

enum {
	JUMP = 2 * CODEC_HZ, /* a stream that jumps this far begins anew */
	KEY_US = 100000 /* that a pressed key lasts after its last packet */
};

static bool is_type(int type)
{
	return type >= 0 && type <= 127;
}

static bool is_config(const struct phone_config *c)
{
	return codec_format(c->codec) && is_type(c->payload_type) &&
	    (c->event_type == PHONE_NO_TYPE ||
		(is_type(c->event_type) && c->event_type != c->payload_type));
}

void phone_rx_free(struct phone_rx *rx)
{
	if (!rx)
		return;
	codec_rx_free(rx->codec);
	codec_up_free(rx->up);
	phone_tones_free(rx->tones);
	kk_free_wiped(rx, sizeof(*rx));
}

enum kk_err phone_rx_new(struct phone_rx **rxp,
    const struct phone_config *config)
{
	struct phone_rx *rx;
	enum kk_err err;
	unsigned hz;

	if (!is_config(config))
		return KK_EINVAL;
	hz = codec_format(config->codec)->pcm_hz;
	rx = kk_calloc(1, sizeof(*rx));
	if (!rx)
		return KK_ENOMEM;
	rx->config = *config;
	rx->times = CODEC_HZ / codec_format(config->codec)->rtp_hz;
	rx->samples = hz / (CODEC_HZ / CODEC_TICK_SAMPLES);
	rx->play.times = CODEC_HZ / hz;
	err = codec_rx_new_plain(&rx->codec, config->codec);
	if (!err)
		err = codec_up_new(&rx->up, hz);
	if (!err && config->event_type == PHONE_NO_TYPE) {
		rx->tones = phone_tones_new(hz);
		err = rx->tones ? KK_OK : KK_ENOMEM;
	}
	if (err) {
		phone_rx_free(rx);
		return err;
	}
	*rxp = rx;
	return KK_OK;
}

static void stream_begin(struct phone_rx *rx, const struct wire_rtp *rtp)
{
	rx->has_stream = true;
	rx->ssrc = rtp->ssrc;
	rx->timestamp = rtp->timestamp;
	rx->at = 0;
	rx->digits.has_event = false;
	phone_store_clear(&rx->store);
	phone_play_stop(&rx->play);
	rx->play.span_us = 0;
}

/* The packet's time without wrapping; a stream that jumps begins anew. */
static int64_t time_of(struct phone_rx *rx, const struct wire_rtp *rtp)
{
	int64_t step = (int64_t)(int32_t)(rtp->timestamp - rx->timestamp) *
	    rx->times;

	if (!rx->has_stream || rtp->ssrc != rx->ssrc || step > JUMP ||
	    step < -JUMP) {
		stream_begin(rx, rtp);
		step = 0;
	}
	return rx->at + step;
}

static enum kk_err sound_put(struct phone_rx *rx, const struct wire_rtp *rtp,
    int64_t now_us)
{
	const size_t samples = codec_rx_samples(rx->codec, rtp->payload) *
	    rx->play.times;
	enum kk_err err;
	int64_t at;

	if (samples == 0)
		return KK_EFORMAT;
	at = time_of(rx, rtp);
	phone_play_came(&rx->play, at, now_us);
	if (rx->play.is_playing && at + (int64_t)samples <= rx->play.at)
		return KK_EEXPIRED;
	err = phone_store_put(&rx->store, at, (uint32_t)samples, rtp->payload);
	if (!err && at > rx->at) {
		rx->at = at;
		rx->timestamp = rtp->timestamp;
	}
	return err;
}

static enum kk_err packet_put(struct phone_rx *rx, const struct wire_rtp *rtp,
    int64_t now_us)
{
	enum kk_err err;

	if (rtp->payload_type == rx->config.payload_type)
		return sound_put(rx, rtp, now_us);
	if (rtp->payload_type == PHONE_TYPE_CN)
		return KK_OK; /* the gate makes silence of it anyway */
	if (rtp->payload_type != rx->config.event_type)
		return KK_ENOENT;
	if (!rx->has_stream || rtp->ssrc != rx->ssrc)
		stream_begin(rx, rtp);
	err = phone_digits_event(&rx->digits, rtp->timestamp, rtp->payload);
	/* Others are not to hear the tone that some send along. */
	if (err != KK_EFORMAT)
		rx->quiet_us = now_us + KEY_US;
	return err == KK_EREPLAY ? KK_OK : err;
}

enum kk_err phone_rx_put(struct phone_rx *rx, struct kk_view packet,
    uint64_t now_us)
{
	struct wire_rtp rtp;
	enum kk_err err = wire_rtp_parse(&rtp, packet);

	if (!err)
		err = packet_put(rx, &rtp, (int64_t)now_us);
	if (err == KK_EREPLAY || err == KK_EEXPIRED)
		rx->stats.late++;
	else if (err)
		rx->stats.bad++;
	else
		rx->stats.packets++;
	return err;
}

static bool is_pressed(const struct phone_rx *rx, uint64_t now_us)
{
	return (int64_t)now_us < rx->quiet_us;
}

/* Where digits are tones, and while one is pressed, all is decoded. */
void phone_rx_take(struct phone_rx *rx, enum phone_want want,
    struct phone_sound *sound, uint64_t now_us)
{
	const bool has_key = is_pressed(rx, now_us);
	const uint64_t concealed = rx->play.concealed;
	bool is_heard;

	sound->kind = phone_play_tick(&rx->play, &rx->store, rx->codec,
	    rx->tones || has_key ? PHONE_WANT_ALL : want, sound->pcm,
	    (int64_t)now_us);
	sound->samples = sound->kind == PHONE_SOUND ? rx->samples : 0;
	/* A tone does not end where nothing comes: it would be two. */
	is_heard = rx->play.pauses ||
	    (rx->play.missing == 0 && rx->play.concealed == concealed);
	if (rx->tones)
		phone_tones_hear(rx->tones, sound->pcm, is_heard, &rx->digits);
	if (has_key)
		memset(sound->pcm, 0, rx->samples * sizeof(sound->pcm[0]));
}

void phone_rx_tick(struct phone_rx *rx, int16_t *pcm, uint64_t now_us)
{
	struct phone_sound sound;

	phone_rx_take(rx, PHONE_WANT_ALL, &sound, now_us);
	codec_up_run(rx->up, sound.pcm, pcm);
	if (is_pressed(rx, now_us)) /* what was before ends late */
		memset(pcm, 0, CODEC_TICK_SAMPLES * sizeof(*pcm));
	kk_wipe(&sound, sizeof(sound));
}

bool phone_rx_digit(struct phone_rx *rx, char *digit)
{
	return phone_digits_take(&rx->digits, digit);
}

void phone_rx_stats(const struct phone_rx *rx, struct phone_stats *stats)
{
	*stats = rx->stats;
	stats->concealed_ms = rx->play.concealed / SAMPLES_PER_MS;
	stats->delay_ms = (unsigned)(phone_play_delay(&rx->play) /
	    SAMPLES_PER_MS);
}
