/* digits.c - keys as events and as tones. */
#define _GNU_SOURCE /* mkdtemp() */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/audio/wav.h"
#include "harness/process.h"
#include "harness/tap.h"
#include "mock/alloc.h"
#include "phone/phone.h"
#include "program/program.h"
#include "wire/rtp.h"

#define TURN 6.283185307179586

enum {
	TYPE = 8,
	EVENTS = 101,
	SPEECH_MAX_BYTES = 32 * 1024 * 1024,
	SPEECH_MIN_S = 60
};

static const struct phone_config config = { CODEC_PCMA, TYPE, EVENTS, 0 };

struct sender {
	struct phone_rx *rx;
	uint16_t seq;
	uint64_t now_us;
};

static void sender_open(struct sender *s)
{
	*s = (struct sender){ .now_us = 1000000 };
	CHECK_OK(phone_rx_new(&s->rx, &config));
}

static enum kk_err event(struct sender *s, uint32_t timestamp, uint8_t key,
    bool is_end, size_t bytes)
{
	const uint8_t payload[] = { key, is_end ? 0x8a : 0x0a, 1, 0x40 };
	struct wire_rtp rtp = { .payload_type = EVENTS,
		.ssrc = 9,
		.seq = s->seq++,
		.timestamp = timestamp,
		.payload = kk_view_of(payload, bytes) };
	uint8_t data[64];
	struct wire_out w;

	wire_out_init(&w, data, sizeof(data));
	wire_rtp_write(&w, &rtp);
	CHECK_OK(w.err);
	s->now_us += 20000;
	return phone_rx_put(s->rx, wire_out_view(&w), s->now_us);
}

/* A key as it is sent: some packets while it is down, three for its end. */
static void press(struct sender *s, uint32_t timestamp, uint8_t key,
    unsigned lost)
{
	for (unsigned i = 0; i < 8; i++) {
		if (!(lost >> i & 1))
			CHECK_OK(event(s, timestamp, key, i >= 5, 4));
	}
}

static void expect(struct phone_rx *rx, const char *digits)
{
	char digit;

	for (; *digits; digits++) {
		CHECK(phone_rx_digit(rx, &digit));
		CHECK_EQ(digit, *digits);
	}
	CHECK(!phone_rx_digit(rx, &digit));
}

TEST(each_press_is_one_digit_whatever_is_lost_of_it)
{
	struct sender s;

	sender_open(&s);
	for (uint8_t key = 0; key < 16; key++)
		press(&s, 1000 + key * 1000u, key, 0);
	press(&s, 20000, 5, 0x1f);
	press(&s, 21000, 5, 0xfe);
	press(&s, 22000, 7, 0xff); /* of this one nothing came */
	expect(s.rx, "0123456789*#ABCD55");
	phone_rx_free(s.rx);
}

TEST(old_event_is_no_second_press)
{
	struct sender s;

	sender_open(&s);
	press(&s, 1000, 1, 0);
	press(&s, 2000, 2, 0);
	CHECK_OK(event(&s, 1000, 1, true, 4));
	expect(s.rx, "12");
	phone_rx_free(s.rx);
}

TEST(timestamps_of_events_wrap)
{
	struct sender s;

	sender_open(&s);
	press(&s, 0xffffff00, 1, 0);
	press(&s, 0x00000100, 2, 0);
	expect(s.rx, "12");
	phone_rx_free(s.rx);
}

TEST(event_that_is_too_short_or_no_key_is_no_digit)
{
	struct sender s;
	struct phone_stats stats;

	sender_open(&s);
	CHECK_ERR(event(&s, 1000, 1, false, 3), KK_EFORMAT);
	CHECK_OK(event(&s, 2000, 16, false, 4)); /* flash */
	CHECK_OK(event(&s, 3000, 255, false, 4));
	expect(s.rx, "");
	phone_rx_stats(s.rx, &stats);
	CHECK_EQ(stats.bad, 1);
	phone_rx_free(s.rx);
}

TEST(of_too_many_digits_the_last_are_kept)
{
	struct sender s;
	char digit;
	size_t count = 0;

	sender_open(&s);
	for (uint32_t i = 0; i < 100; i++)
		press(&s, 1000 + 1000 * i, (uint8_t)(i % 10), 0);
	while (phone_rx_digit(s.rx, &digit)) {
		CHECK_EQ(digit,
		    '0' + (int)((100 - PHONE_DIGITS_MAX + count) % 10));
		count++;
	}
	CHECK_EQ(count, PHONE_DIGITS_MAX);
	phone_rx_free(s.rx);
}

struct tones {
	struct phone_rx *rx;
	struct codec_tx *codec;
	struct phone_tx *tx;
	uint64_t now_us;
	size_t at;
	int16_t heard[CODEC_TICK_SAMPLES]; /* in the last tick */
};

static void tones_open(struct tones *t, enum codec_id id, int event_type)
{
	const struct phone_config c = { id, 96, event_type, 0 };

	*t = (struct tones){ .now_us = 1000000 };
	CHECK_OK(phone_rx_new(&t->rx, &c));
	CHECK_OK(codec_tx_new(&t->codec, id));
	CHECK_OK(phone_tx_new(&t->tx, &c, 1, 2, 3));
}

static void tones_close(struct tones *t)
{
	phone_rx_free(t->rx);
	codec_tx_free(t->codec);
	phone_tx_free(t->tx);
}

static void say(struct tones *t, const int16_t *pcm)
{
	uint8_t payload[CODEC_PAYLOAD_BYTES], packet[PHONE_PACKET_BYTES];
	size_t bytes = sizeof(payload), packet_bytes = sizeof(packet);
	struct kk_view v;
	enum kk_err err;

	CHECK_OK(codec_tx_encode(t->codec, pcm, payload, &bytes));
	v = kk_view_of(payload, bytes);
	CHECK_OK(phone_tx_packet(t->tx, &v, packet, &packet_bytes));
	t->now_us += 20000;
	err = phone_rx_put(t->rx, kk_view_of(packet, packet_bytes), t->now_us);
	CHECK(!err || err == KK_EEXPIRED); /* behind a stall */
	phone_rx_tick(t->rx, t->heard, t->now_us + 5000);
}

static void tone(struct tones *t, double low_hz, double high_hz, unsigned ticks)
{
	for (; ticks > 0; ticks--) {
		int16_t pcm[CODEC_TICK_SAMPLES];

		for (size_t i = 0; i < CODEC_TICK_SAMPLES; i++, t->at++)
			pcm[i] = (int16_t)lrint(low_hz < 1 ? 0 :
							     5000 *
					sin(TURN * low_hz * (double)t->at /
					    CODEC_HZ) +
				    5000 *
					sin(TURN * high_hz * (double)t->at /
					    CODEC_HZ));
		say(t, pcm);
	}
}

static void dial(struct tones *t)
{
	static const double low[] = { 697, 770, 852, 941 };
	static const double high[] = { 1209, 1336, 1477, 1633 };

	for (size_t i = 0; i < 16; i++) {
		tone(t, low[i / 4], high[i % 4], 5);
		tone(t, 0, 0, 5);
	}
	tone(t, 0, 0, 10);
}

TEST(tones_are_digits_where_the_telephone_has_no_events)
{
	static const enum codec_id ids[] = { CODEC_PCMA, CODEC_PCMU,
		CODEC_G722 };

	for (size_t i = 0; i < KK_ARRAY_LEN(ids); i++) {
		struct tones t;

		tones_open(&t, ids[i], PHONE_NO_TYPE);
		dial(&t);
		expect(t.rx, "123A456B789C*0#D");
		tones_close(&t);
	}
}

TEST(tones_are_no_digits_where_it_has_events)
{
	struct tones t;

	tones_open(&t, CODEC_PCMA, EVENTS);
	dial(&t);
	expect(t.rx, "");
	tones_close(&t);
}

TEST(sound_under_a_pressed_key_is_not_heard)
{
	struct tones t;
	struct sender s;
	int16_t pcm[CODEC_TICK_SAMPLES];
	static const int16_t silence[CODEC_TICK_SAMPLES];

	tones_open(&t, CODEC_PCMA, EVENTS);
	tone(&t, 697, 1209, 10);
	phone_rx_tick(t.rx, pcm, t.now_us + 10000);
	CHECK(memcmp(pcm, silence, sizeof(pcm)) != 0);
	s = (struct sender){ .rx = t.rx, .now_us = t.now_us };
	CHECK_OK(event(&s, 1000, 1, false, 4));
	phone_rx_tick(t.rx, pcm, s.now_us + 1000);
	CHECK_MEM(pcm, silence, sizeof(pcm));
	tones_close(&t);
}

/* The loudest of what is heard while a tone, or a voice, is sent. */
static int loudest(struct tones *t, double low_hz, double high_hz,
    unsigned ticks)
{
	int most = 0;

	for (; ticks > 0; ticks--) {
		tone(t, low_hz, high_hz, 1);
		for (size_t i = 0; i < CODEC_TICK_SAMPLES; i++)
			most = abs(t->heard[i]) > most ? abs(t->heard[i]) :
							 most;
	}
	return most;
}

TEST(tone_of_a_digit_is_not_heard_by_others_though_the_voice_around_it_is)
{
	static const enum codec_id ids[] = { CODEC_PCMA, CODEC_PCMU,
		CODEC_G722 };

	for (size_t i = 0; i < KK_ARRAY_LEN(ids); i++) {
		for (unsigned ticks = 3; ticks < 12; ticks++) {
			struct tones t;

			tones_open(&t, ids[i], PHONE_NO_TYPE);
			CHECK(loudest(&t, 0, 0, 10) < 50);
			CHECK(loudest(&t, 770, 1336, ticks) < 400);
			CHECK(loudest(&t, 0, 0, 10) < 400);
			CHECK(loudest(&t, 300, 450, 15) > 8000);
			expect(t.rx, "5");
			tones_close(&t);
		}
	}
}

/* Nothing comes for so many ticks. */
static void stall(struct tones *t, unsigned ticks)
{
	for (; ticks > 0; ticks--) {
		t->now_us += 20000;
		phone_rx_tick(t->rx, t->heard, t->now_us + 5000);
	}
}

/* G.722's decoder needs a while to be right again. */
TEST(tone_of_g711_that_a_stall_has_torn_is_one_digit)
{
	static const enum codec_id ids[] = { CODEC_PCMA, CODEC_PCMU };

	for (size_t i = 0; i < KK_ARRAY_LEN(ids); i++) {
		for (unsigned ticks = 1; ticks < 9; ticks++) {
			struct tones t;

			tones_open(&t, ids[i], PHONE_NO_TYPE);
			tone(&t, 0, 0, 10);
			tone(&t, 770, 1336, 5);
			stall(&t, ticks);
			tone(&t, 770, 1336, 5);
			tone(&t, 0, 0, 10);
			tone(&t, 770, 1336, 5);
			tone(&t, 0, 0, 20);
			expect(t.rx, "55");
			tones_close(&t);
		}
	}
}

/* espeak-ng says all that lined says, in a voice. */
static void speech_make(const char *language, const char *voice, int16_t **pcm,
    size_t *count)
{
	char folder[] = "/tmp/kk-phone-XXXXXX";
	char script[192], path[64], texts[64], out[256];
	struct kk_bytes file;

	CHECK(mkdtemp(folder) != NULL);
	(void)snprintf(path, sizeof(path), "%s/speech.wav", folder);
	(void)snprintf(texts, sizeof(texts), "rootfs/prompts/%s", language);
	(void)snprintf(script, sizeof(script),
	    "cat *.txt | espeak-ng -v %s%s -w %s", language, voice, path);
	CHECK_EQ(process_script(texts, script, out, sizeof(out)), 0);
	CHECK_OK(program_file_read(path, SPEECH_MAX_BYTES, &file));
	CHECK_OK(wav_read(kk_bytes_view(&file), pcm, count));
	kk_bytes_clear(&file);
	folder_remove(folder);
}

/* The key after it is one. */
TEST(speech_presses_no_keys_where_they_are_tones)
{
	static const struct {
		enum codec_id codec;
		const char *language, *voice;
	} of[] = { { CODEC_PCMA, "en", "" }, { CODEC_PCMU, "de", "" },
		{ CODEC_G722, "en", "+f2" }, { CODEC_PCMA, "de", "+f4" },
		{ CODEC_PCMU, "en", "+m3" }, { CODEC_G722, "de", "+m7" } };

	for (size_t i = 0; i < KK_ARRAY_LEN(of); i++) {
		struct tones t;
		int16_t *pcm = NULL;
		size_t count = 0;

		tones_open(&t, of[i].codec, PHONE_NO_TYPE);
		speech_make(of[i].language, of[i].voice, &pcm, &count);
		CHECK(count > (size_t)SPEECH_MIN_S * CODEC_HZ);
		for (size_t at = 0; at + CODEC_TICK_SAMPLES <= count;
		    at += CODEC_TICK_SAMPLES)
			say(&t, pcm + at);
		kk_free(pcm);
		tone(&t, 0, 0, 10);
		tone(&t, 770, 1336, 5);
		tone(&t, 0, 0, 10);
		expect(t.rx, "5");
		tones_close(&t);
	}
}

TEST(wrong_settings_and_no_memory_are_refused)
{
	static const struct phone_config wrong[] = { { CODEC_COUNT, 8, 101, 0 },
		{ CODEC_PCMA, -1, 101, 0 }, { CODEC_PCMA, 128, 101, 0 },
		{ CODEC_PCMA, 8, 8, 0 }, { CODEC_PCMA, 8, 128, 0 },
		{ CODEC_PCMA, 8, -2, 0 } };
	static const struct phone_config tones = { CODEC_PCMA, 8, PHONE_NO_TYPE,
		0 };
	uint8_t out[PHONE_PACKET_BYTES];
	size_t bytes = sizeof(out) - 1;
	struct phone_rx *rx = NULL;
	struct phone_tx *tx = NULL;
	enum kk_err err;

	for (size_t i = 0; i < KK_ARRAY_LEN(wrong); i++)
		CHECK_ERR(phone_rx_new(&rx, &wrong[i]), KK_EINVAL);
	CHECK(!rx);
	ALLOC_FAULT_LOOP(err, phone_rx_new(&rx, &tones));
	CHECK_OK(err);
	ALLOC_FAULT_LOOP(err, phone_tx_new(&tx, &tones, 1, 2, 3));
	CHECK_OK(err);
	CHECK_ERR(phone_tx_packet(tx, NULL, out, &bytes), KK_ENOSPC);
	phone_rx_free(rx);
	phone_tx_free(tx);
	phone_rx_free(NULL);
	phone_tx_free(NULL);
}
