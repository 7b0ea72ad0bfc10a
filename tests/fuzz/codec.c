/* codec.c - fuzzes what telephones send as sound: a codec, then payloads, each
 * with its length and with whether it was lost in front. */
#include <stdlib.h>

#include "codec/codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void must(bool is_true)
{
	if (!is_true)
		abort();
}

static void packet(struct codec_rx *rx, struct kk_view payload, bool is_lost)
{
	static int16_t pcm[CODEC_PACKET_SAMPLES];
	const size_t told = codec_rx_samples(rx, payload);
	size_t samples = 1;
	enum kk_err err;

	must(told <= CODEC_PACKET_SAMPLES);
	/* Who says something lasts a tick. */
	must(codec_rx_says(rx, payload) == CODEC_SAYS_NOTHING ||
	    told == CODEC_TICK_SAMPLES);
	if (payload.bytes % 16 == 15)
		codec_rx_skip(rx);
	if (is_lost) {
		must(!codec_rx_conceal(rx, payload, pcm, CODEC_TICK_SAMPLES));
		return;
	}
	err = codec_rx_decode(rx, payload, pcm, &samples);
	must(err == KK_OK || err == KK_EFORMAT);
	must(samples == (err ? 0 : told));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct codec_rx *rx;
	struct kk_reader in;

	kk_reader_init(&in, kk_view_of(data, bytes));
	if (codec_rx_new(&rx, kk_read_u8(&in) % CODEC_COUNT))
		return 0;
	while (kk_reader_more(&in)) {
		const uint16_t head = kk_read_u16(&in);

		packet(rx, kk_read_raw(&in, head & 0x7ff), head & 0x8000);
	}
	codec_rx_free(rx);
	return 0;
}
