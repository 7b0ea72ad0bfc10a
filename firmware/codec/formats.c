/* formats.c - what the codecs are like. */
#include "codec/codec_private.h"

static const struct {
	struct codec_format format;
	const struct codec_ops *ops;
} codecs[CODEC_COUNT] = {
	/* RFC 7587, 7: always 48 kHz and two channels. */
	[CODEC_OPUS] = { { "opus", CODEC_TYPE_DYNAMIC, 48000, 48000, 2, false,
			     true },
	    &codec_opus },
	/* RFC 3551, 4.5.2: 8000 by mistake, for ever. */
	[CODEC_G722] = { { "G722", 9, 8000, 16000, 1, false, false },
	    &codec_g722 },
	[CODEC_PCMA] = { { "PCMA", 8, 8000, 8000, 1, true, false },
	    &codec_g711_a },
	[CODEC_PCMU] = { { "PCMU", 0, 8000, 8000, 1, true, false },
	    &codec_g711_u },
};

const struct codec_format *codec_format(enum codec_id id)
{
	return (unsigned)id < CODEC_COUNT ? &codecs[id].format : NULL;
}

const struct codec_ops *codec_ops(enum codec_id id)
{
	return (unsigned)id < CODEC_COUNT ? codecs[id].ops : NULL;
}
