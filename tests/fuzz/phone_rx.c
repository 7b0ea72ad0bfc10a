/* phone_rx.c - fuzzes what telephones send: a codec, then packets, each with
 * its length and the milliseconds until it comes in front. */
#include <stdlib.h>

#include "phone/phone.h"

enum { TYPE = 96, EVENTS = 101 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void must(bool is_true)
{
	if (!is_true)
		abort();
}

static void ticks(struct phone_rx *rx, uint64_t *tick_us, uint64_t now_us)
{
	for (; *tick_us < now_us; *tick_us += 20000) {
		struct phone_sound sound;

		phone_rx_take(rx, (enum phone_want)(*tick_us / 20000 / 16 % 3),
		    &sound, *tick_us);
		must((sound.kind == PHONE_SOUND) == (sound.samples > 0));
		must(sound.samples <= CODEC_TICK_SAMPLES);
	}
}

static void packets(struct phone_rx *rx, struct kk_reader *in)
{
	uint64_t now_us = 1000000, tick_us = now_us, put = 0;
	struct phone_stats stats;

	for (; kk_reader_more(in); put++) {
		const uint8_t len = kk_read_u8(in);

		now_us += kk_read_u8(in) * UINT64_C(1000);
		ticks(rx, &tick_us, now_us);
		(void)!phone_rx_put(rx, kk_read_raw(in, len), now_us);
	}
	ticks(rx, &tick_us, now_us + 1000000);
	phone_rx_stats(rx, &stats);
	must(stats.packets + stats.bad + stats.late == put);
	must(stats.delay_ms <= PHONE_DELAY_MAX_MS);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct phone_config config = { .payload_type = TYPE };
	struct phone_rx *rx;
	struct kk_reader in;
	uint8_t what;
	char digit;

	kk_reader_init(&in, kk_view_of(data, bytes));
	what = kk_read_u8(&in);
	config.codec = what % CODEC_COUNT;
	config.event_type = what & 0x80 ? PHONE_NO_TYPE : EVENTS;
	if (phone_rx_new(&rx, &config))
		return 0;
	packets(rx, &in);
	for (size_t i = 0; i < PHONE_DIGITS_MAX; i++)
		(void)phone_rx_digit(rx, &digit);
	must(!phone_rx_digit(rx, &digit));
	phone_rx_free(rx);
	return 0;
}
