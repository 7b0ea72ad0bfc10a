/* uplink.c */
#include "uplink.h"

#include <sys/random.h>

#include "codec/codec.h"
#include "pipelines/graphs/speaking.h"
#include "wire/rtp.h"

struct uplink {
	struct vault *vault;
	struct codec_tx *codec;
	uint16_t seq;
	uint32_t timestamp;
};

enum { EXT_BYTES = 8, SPEECH_BIT = 0x80 };

_Static_assert(UPLINK_PACKET_BYTES ==
	WIRE_RTP_FIXED_BYTES + EXT_BYTES + CODEC_PAYLOAD_BYTES +
	    SFRAME_OVERHEAD_BYTES,
    "header, level, sound, seal");

enum kk_err uplink_new(struct uplink **vp, struct vault *vault)
{
	struct uplink *v = kk_calloc(1, sizeof(*v));
	enum kk_err err;

	if (!v)
		return KK_ENOMEM;
	v->vault = vault;
	err = codec_tx_new(&v->codec, CODEC_OPUS);
	/* Where numbers begin is nobody's to guess (RFC 3550, 5.1). */
	if (!err &&
	    (getrandom(&v->seq, sizeof(v->seq), 0) != sizeof(v->seq) ||
		getrandom(&v->timestamp, sizeof(v->timestamp), 0) !=
		    sizeof(v->timestamp)))
		err = KK_EIO;
	if (err)
		uplink_free(v);
	else
		*vp = v;
	return err;
}

void uplink_free(struct uplink *v)
{
	if (!v)
		return;
	codec_tx_free(v->codec);
	kk_free(v);
}

void uplink_skip(struct uplink *v, uint64_t ticks)
{
	v->timestamp += (uint32_t)(ticks * CODEC_TICK_SAMPLES);
}

static enum kk_err seal(struct uplink *v, const int16_t *pcm, uint8_t *sealed,
    size_t *sealed_bytes)
{
	uint8_t coded[CODEC_PAYLOAD_BYTES];
	size_t coded_bytes = sizeof(coded);
	enum kk_err err = codec_tx_encode(v->codec, pcm, coded, &coded_bytes);

	if (!err)
		err = vault_seal(v->vault, VAULT_MICROPHONE, 0,
		    kk_view_of(coded, coded_bytes), 0, sealed, sealed_bytes);
	kk_wipe(coded, sizeof(coded));
	return err;
}

/* RFC 6464, 3: V, and the level. */
static void level_write(const int16_t *pcm, bool is_speaking,
    struct wire_out *to, struct wire_rtp *rtp)
{
	const uint8_t data = (uint8_t)((is_speaking ? SPEECH_BIT : 0) |
	    speaking_level(pcm, CODEC_TICK_SAMPLES));
	const struct wire_rtp_ext ext = { WIRE_RTP_LEVEL_ID, { &data, 1 } };

	wire_rtp_ext_write(to, &ext, 1, &rtp->ext_profile);
	rtp->ext = wire_out_view(to);
	rtp->has_ext = true;
}

enum kk_err uplink_packet(struct uplink *v, const int16_t *pcm,
    const struct uplink_stream *stream, uint8_t *out, size_t *out_bytes)
{
	uint8_t sealed[CODEC_PAYLOAD_BYTES + SFRAME_OVERHEAD_BYTES];
	size_t sealed_bytes = sizeof(sealed);
	struct wire_rtp rtp = { .payload_type = stream->payload_type,
		.seq = v->seq,
		.timestamp = v->timestamp,
		.ssrc = stream->ssrc };
	struct wire_out w, ext_out;
	uint8_t ext[EXT_BYTES];
	enum kk_err err = seal(v, pcm, sealed, &sealed_bytes);

	uplink_skip(v, 1);
	wire_out_init(&w, out, *out_bytes);
	*out_bytes = 0;
	if (err)
		return err;
	wire_out_init(&ext_out, ext, sizeof(ext));
	if (stream->tells_level)
		level_write(pcm, stream->is_speaking, &ext_out, &rtp);
	rtp.payload = kk_view_of(sealed, sealed_bytes);
	wire_rtp_write(&w, &rtp);
	if (w.err)
		return w.err;
	v->seq++;
	*out_bytes = w.bytes;
	return KK_OK;
}
