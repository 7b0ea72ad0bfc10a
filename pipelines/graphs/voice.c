/* voice.c - the microphone. */
#include "pipelines/graphs/voice.h"

#include <glib.h>
#include <opus.h>
#include <string.h>

#include "pipelines/graphs/speaking.h"
#include "wire/rtp.h"

enum {
	FRAME_SAMPLES = AUDIO_RATE_HZ / 1000 * VOICE_FRAME_MS,
	BLOCKS = VOICE_FRAME_MS / AUDIO_BLOCK_MS,
	OPUS_MAX_BYTES = 1275, /* RFC 6716, 3.1 */
	EXT_ROOM_BYTES = 8,
	VOICE_BIT = 0x80,
	COMPLEXITY = 5, /* FINDINGS: 179 us a frame; 10 has 290 */
	EXPECTED_LOSS_PERCENT = 5,
	RETRY_BLOCKS = 100, /* of a microphone that is gone: each second */
	DELAY_GUESS_MS = 60 /* what waits in both cards' buffers */
};

struct voice {
	struct voice_config config;
	GThread *thread;
	gint is_stopping, is_on, tells_level;
	struct audio *microphone; /* NULL: none, and silence is sent */
	struct audio *silence; /* keeps the pace in its place */
	bool is_none; /* there is to be none */
	unsigned gone_blocks;
	bool is_told;
	OpusEncoder *encoder;
	struct speaking speaking;
	uint16_t seq;
	uint32_t timestamp;
};

static void microphone_open(struct voice *v)
{
	enum kk_err err = audio_microphone_open(&v->microphone,
	    &v->config.microphone);

	g_atomic_int_set(&v->is_on, !err);
	if (err && !v->is_told)
		kk_log(v->config.log, KK_LOG_WARNING,
		    "no microphone %s: %s err=%s", v->config.microphone.kind,
		    kk_err_text(err), kk_err_name(err));
	if (!err && v->is_told)
		kk_log(v->config.log, KK_LOG_INFO, "the microphone is back");
	v->is_told = err != KK_OK;
}

static void microphone_lose(struct voice *v)
{
	kk_log(v->config.log, KK_LOG_WARNING, "the microphone %s is gone",
	    v->config.microphone.kind);
	audio_close(v->microphone);
	v->microphone = NULL;
	g_atomic_int_set(&v->is_on, 0);
	v->gone_blocks = 1; /* tried again in a second */
	v->is_told = true;
}

/* A block of the microphone's, or silence in its place. */
static void block_read(struct voice *v, int16_t *samples)
{
	if (!v->microphone && !v->is_none &&
	    v->gone_blocks++ % RETRY_BLOCKS == 0)
		microphone_open(v);
	if (v->microphone && !audio_read(v->microphone, samples))
		return;
	if (v->microphone)
		microphone_lose(v);
	memset(samples, 0, AUDIO_BLOCK_SAMPLES * sizeof(*samples));
	(void)!audio_write(v->silence, samples); /* it cannot fail */
}

/* RFC 6464, 3: V, and the level. */
static void level_write(const struct voice *v, uint8_t level,
    struct wire_out *to, struct wire_rtp *rtp)
{
	const uint8_t data =
	    (uint8_t)((v->speaking.is_speaking ? VOICE_BIT : 0) | level);
	const struct wire_rtp_ext ext = { WIRE_RTP_LEVEL_ID, { &data, 1 } };

	wire_rtp_ext_write(to, &ext, 1, &rtp->ext_profile);
	rtp->ext = wire_out_view(to);
	rtp->has_ext = true;
}

static void packet_send(struct voice *v, struct kk_view sealed, uint8_t level)
{
	uint8_t packet[WIRE_RTP_FIXED_BYTES + EXT_ROOM_BYTES + OPUS_MAX_BYTES +
	    SFRAME_OVERHEAD_BYTES];
	uint8_t ext[EXT_ROOM_BYTES];
	struct wire_rtp rtp = { .seq = v->seq,
		.timestamp = v->timestamp,
		.payload = sealed };
	struct wire_out out, ext_out;

	wire_out_init(&ext_out, ext, sizeof(ext));
	if (g_atomic_int_get(&v->tells_level))
		level_write(v, level, &ext_out, &rtp);
	wire_out_init(&out, packet, sizeof(packet));
	wire_rtp_write(&out, &rtp);
	if (!out.err) {
		v->seq++;
		v->config.packet(v->config.arg, packet, out.bytes);
	}
}

static void frame_send(struct voice *v, const int16_t *samples)
{
	uint8_t sealed[OPUS_MAX_BYTES + SFRAME_OVERHEAD_BYTES];
	size_t sealed_bytes = sizeof(sealed);
	uint8_t coded[OPUS_MAX_BYTES];
	int n = opus_encode(v->encoder, samples, FRAME_SAMPLES, coded,
	    sizeof(coded));

	v->timestamp += FRAME_SAMPLES;
	if (n > 0 &&
	    !vault_seal(v->config.vault, VAULT_MICROPHONE, 0,
		kk_view_of(coded, (size_t)n), 0, sealed, &sealed_bytes))
		packet_send(v, kk_view_of(sealed, sealed_bytes),
		    speaking_level(samples, FRAME_SAMPLES));
}

static gpointer run(gpointer arg)
{
	int16_t frame[FRAME_SAMPLES];
	struct voice *v = arg;

	while (!g_atomic_int_get(&v->is_stopping)) {
		for (int i = 0; i < BLOCKS; i++) {
			int16_t *block = frame + i * AUDIO_BLOCK_SAMPLES;

			block_read(v, block);
			/* A block that it cannot clean goes as it is. */
			if (v->config.echo)
				(void)!echo_capture(v->config.echo, block,
				    DELAY_GUESS_MS);
			if (speaking_block(&v->speaking, block,
				AUDIO_BLOCK_SAMPLES))
				v->config.speaking(v->config.arg,
				    v->speaking.is_speaking);
		}
		frame_send(v, frame);
	}
	return NULL;
}

/* Constant size, always on: variable sizes and pauses tell what is said
 * (FINDINGS, "Traffic analysis").  FEC changes what a packet has, not its
 * size. */
static enum kk_err encoder_start(struct voice *v)
{
	int failed = OPUS_OK;

	v->encoder = opus_encoder_create(AUDIO_RATE_HZ, 1,
	    OPUS_APPLICATION_VOIP, &failed);
	if (!v->encoder)
		return KK_ENOMEM;
	if (opus_encoder_ctl(v->encoder, OPUS_SET_BITRATE(VOICE_BITRATE_BPS)) ||
	    opus_encoder_ctl(v->encoder, OPUS_SET_VBR(0)) ||
	    opus_encoder_ctl(v->encoder, OPUS_SET_DTX(0)) ||
	    opus_encoder_ctl(v->encoder, OPUS_SET_INBAND_FEC(1)) ||
	    opus_encoder_ctl(v->encoder,
		OPUS_SET_PACKET_LOSS_PERC(EXPECTED_LOSS_PERCENT)) ||
	    opus_encoder_ctl(v->encoder, OPUS_SET_COMPLEXITY(COMPLEXITY)))
		return KK_EUNSUP;
	return KK_OK;
}

enum kk_err voice_new(struct voice **voicep, const struct voice_config *config)
{
	const struct audio_config none = { .kind = "none" };
	struct voice *v = g_new0(struct voice, 1);
	enum kk_err err;

	v->config = *config;
	v->is_none = !strcmp(config->microphone.kind, "none");
	v->seq = (uint16_t)g_random_int();
	v->timestamp = g_random_int();
	err = audio_loudspeaker_open(&v->silence, &none);
	if (!err)
		err = encoder_start(v);
	if (err) {
		voice_free(v);
		return err;
	}
	v->thread = g_thread_new("microphone", run, v);
	*voicep = v;
	return KK_OK;
}

void voice_free(struct voice *voice)
{
	if (!voice)
		return;
	g_atomic_int_set(&voice->is_stopping, 1);
	if (voice->thread)
		g_thread_join(voice->thread);
	audio_close(voice->microphone);
	audio_close(voice->silence);
	if (voice->encoder)
		opus_encoder_destroy(voice->encoder);
	g_free(voice);
}

bool voice_is_on(struct voice *voice)
{
	return g_atomic_int_get(&voice->is_on);
}

void voice_level_tell(struct voice *voice, bool is_told)
{
	g_atomic_int_set(&voice->tells_level, is_told);
}
