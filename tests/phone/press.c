/* press.c - keys that are pressed for a telephone, read back as it does. */
#include <string.h>

#include "harness/tap.h"
#include "phone/phone.h"
#include "wire/rtp.h"

enum { TYPE = 96, EVENTS = 101, KEY_TICKS = 8, KEY_PACKETS = 7, ENDS = 3 };

struct call {
	struct phone_tx *tx;
	struct phone_rx *rx;
	uint64_t now_us;
	struct wire_rtp rtp; /* the last packet, */
	uint8_t data[PHONE_PACKET_BYTES]; /* where it is */
	size_t bytes; /* 0: there was none */
};

static void call_open(struct call *c, const struct phone_config *config)
{
	*c = (struct call){ .now_us = 1000000 };
	CHECK_OK(phone_tx_new(&c->tx, config, 7, 65530, 0xfffff000));
	CHECK_OK(phone_rx_new(&c->rx, config));
}

static void call_close(struct call *c)
{
	phone_tx_free(c->tx);
	phone_rx_free(c->rx);
}

static bool is_event(const struct call *c)
{
	return c->bytes > 0 && c->rtp.payload_type == EVENTS;
}

static unsigned duration(const struct call *c)
{
	return c->rtp.payload.data[2] * 256u + c->rtp.payload.data[3];
}

static bool is_end(const struct call *c)
{
	return c->rtp.payload.data[1] & 0x80;
}

/* A tick, whose packet comes unless it is lost. */
static void tick(struct call *c, bool is_held, bool is_lost)
{
	static const uint8_t sound[40] = { 0x78 };
	const struct kk_view payload = kk_view_of(sound, sizeof(sound));

	c->now_us += 20000;
	c->bytes = sizeof(c->data);
	CHECK_OK(phone_tx_packet(c->tx, is_held ? NULL : &payload, c->data,
	    &c->bytes));
	if (c->bytes == 0)
		return;
	CHECK_OK(wire_rtp_parse(&c->rtp, kk_view_of(c->data, c->bytes)));
	if (!is_lost && is_event(c))
		CHECK_OK(phone_rx_put(c->rx, kk_view_of(c->data, c->bytes),
		    c->now_us));
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

TEST(keys_are_read_back_as_they_were_pressed_beside_every_codec)
{
	for (enum codec_id id = 0; id < CODEC_COUNT; id++) {
		const struct phone_config config = { id, TYPE, EVENTS, 0 };
		struct call c;

		call_open(&c, &config);
		CHECK_OK(phone_tx_digits(c.tx, "0123456789*#"));
		CHECK_OK(phone_tx_digits(c.tx, "55"));
		for (unsigned i = 0; i < 14 * KEY_TICKS; i++)
			tick(&c, false, false);
		expect(c.rx, "0123456789*#55");
		tick(&c, false, false);
		CHECK(!is_event(&c));
		call_close(&c);
	}
}

/* One key, packet by packet (RFC 4733, 2.5.1). */
static void key_check(struct call *c, unsigned key, uint32_t step,
    unsigned units, uint16_t *seq, uint32_t *timestamp)
{
	const uint32_t began = *timestamp + step;

	for (unsigned i = 0; i < KEY_TICKS; i++) {
		const unsigned down = i < 5 ? i + 1 : 5;

		tick(c, false, false);
		*timestamp += step;
		CHECK_EQ(c->rtp.seq, ++*seq);
		CHECK_EQ(is_event(c), i < KEY_PACKETS);
		if (!is_event(c)) {
			CHECK_EQ(c->rtp.timestamp, *timestamp);
			continue;
		}
		CHECK_EQ(c->rtp.payload.bytes, 4);
		CHECK_EQ(c->rtp.payload.data[0], key);
		CHECK_EQ(c->rtp.payload.data[1] & 0x7f, 10);
		CHECK_EQ(c->rtp.timestamp, began);
		CHECK_EQ(c->rtp.has_marker, i == 0);
		CHECK_EQ(is_end(c), i >= KEY_PACKETS - ENDS);
		CHECK_EQ(duration(c), down * units);
	}
	CHECK(c->rtp.has_marker); /* sound begins again */
}

TEST(key_grows_from_its_beginning_and_its_end_is_told_three_times)
{
	static const struct {
		struct phone_config config;
		uint32_t step;
		unsigned units;
	} of[] = { { { CODEC_PCMA, TYPE, EVENTS, 0 }, 160, 160 },
		{ { CODEC_G722, TYPE, EVENTS, 8000 }, 160, 160 },
		{ { CODEC_OPUS, TYPE, EVENTS, 48000 }, 960, 960 },
		{ { CODEC_OPUS, TYPE, EVENTS, 8000 }, 960, 160 } };

	for (size_t i = 0; i < KK_ARRAY_LEN(of); i++) {
		struct call c;
		uint16_t seq;
		uint32_t timestamp;

		call_open(&c, &of[i].config);
		tick(&c, false, false);
		CHECK(!is_event(&c));
		seq = c.rtp.seq;
		timestamp = c.rtp.timestamp;
		CHECK_OK(phone_tx_digits(c.tx, "7##"));
		key_check(&c, 7, of[i].step, of[i].units, &seq, &timestamp);
		key_check(&c, 11, of[i].step, of[i].units, &seq, &timestamp);
		key_check(&c, 11, of[i].step, of[i].units, &seq, &timestamp);
		expect(c.rx, "7##");
		call_close(&c);
	}
}

TEST(whichever_one_packet_of_a_key_comes_it_is_one_digit)
{
	const struct phone_config config = { CODEC_PCMA, TYPE, EVENTS, 0 };
	struct call c;

	call_open(&c, &config);
	for (unsigned only = 0; only < KEY_PACKETS; only++) {
		CHECK_OK(phone_tx_digits(c.tx, "99"));
		for (unsigned i = 0; i < 2 * KEY_TICKS; i++)
			tick(&c, false, i % KEY_TICKS != only);
		expect(c.rx, "99");
	}
	call_close(&c);
}

TEST(keys_wait_while_nothing_is_sent_and_one_that_is_down_ends_after)
{
	const struct phone_config config = { CODEC_PCMA, TYPE, EVENTS, 0 };
	struct call c;

	call_open(&c, &config);
	CHECK_OK(phone_tx_digits(c.tx, "12"));
	tick(&c, true, false);
	CHECK_EQ(c.bytes, 0);
	tick(&c, false, false);
	CHECK(is_event(&c) && !is_end(&c));
	tick(&c, false, false);
	CHECK_EQ(duration(&c), 320);
	for (unsigned i = 0; i < 1000; i++)
		tick(&c, true, false);
	for (unsigned i = 0; i < ENDS; i++) {
		tick(&c, false, false);
		CHECK(is_event(&c) && is_end(&c));
		CHECK_EQ(duration(&c), 320);
	}
	tick(&c, false, false);
	CHECK(!is_event(&c));
	tick(&c, false, false);
	CHECK(is_event(&c) && c.rtp.has_marker);
	/* Time that was left out is the same. */
	phone_tx_skip(c.tx, 50);
	tick(&c, false, false);
	CHECK(is_event(&c) && is_end(&c));
	CHECK_EQ(duration(&c), 160);
	expect(c.rx, "12");
	call_close(&c);
}

TEST(what_cannot_be_sent_is_refused_whole)
{
	const struct phone_config config = { CODEC_PCMA, TYPE, EVENTS, 0 };
	const struct phone_config none = { CODEC_PCMA, TYPE, PHONE_NO_TYPE, 0 };
	static const struct phone_config wrong[] = {
		{ CODEC_PCMA, TYPE, TYPE, 0 },
		{ CODEC_PCMA, TYPE, 128, 0 },
		{ CODEC_PCMA, TYPE, -2, 0 },
		{ CODEC_PCMA, TYPE, EVENTS, 192001 },
	};
	char many[PHONE_SENT_MAX + 1] = "";
	struct call c;

	memset(many, '3', PHONE_SENT_MAX);
	call_open(&c, &config);
	for (size_t i = 0; i < KK_ARRAY_LEN(wrong); i++)
		CHECK_ERR(phone_tx_change(c.tx, &wrong[i]), KK_EINVAL);
	CHECK_ERR(phone_tx_digits(c.tx, ""), KK_EINVAL);
	CHECK_ERR(phone_tx_digits(c.tx, "12A"), KK_EINVAL);
	CHECK_ERR(phone_tx_digits(c.tx, "+1"), KK_EINVAL);
	tick(&c, false, false);
	CHECK(!is_event(&c));
	CHECK_OK(phone_tx_digits(c.tx, "1"));
	CHECK_ERR(phone_tx_digits(c.tx, many), KK_ELIMIT);
	CHECK_OK(phone_tx_digits(c.tx, many + 1));
	CHECK_ERR(phone_tx_digits(c.tx, "4"), KK_ELIMIT);
	/* The call is changed: nobody could take what waits. */
	CHECK_OK(phone_tx_change(c.tx, &none));
	CHECK_ERR(phone_tx_digits(c.tx, "1"), KK_EUNSUP);
	CHECK_OK(phone_tx_change(c.tx, &config));
	for (unsigned i = 0; i < KEY_TICKS; i++) {
		tick(&c, false, false);
		CHECK(!is_event(&c));
	}
	call_close(&c);
}

TEST(key_goes_on_where_a_change_leaves_events_as_they_were)
{
	const struct phone_config config = { CODEC_PCMA, TYPE, EVENTS, 0 };
	const struct phone_config same = { CODEC_PCMU, 0, EVENTS, 0 };
	const struct phone_config other = { CODEC_OPUS, TYPE, EVENTS, 0 };
	struct call c;

	call_open(&c, &config);
	CHECK_OK(phone_tx_digits(c.tx, "12"));
	tick(&c, false, false);
	CHECK_OK(phone_tx_change(c.tx, &same));
	tick(&c, false, false);
	CHECK_EQ(duration(&c), 320);
	CHECK_OK(phone_tx_change(c.tx, &other));
	tick(&c, false, false);
	CHECK(c.rtp.has_marker);
	CHECK_EQ(c.rtp.payload.data[0], 2);
	CHECK_EQ(duration(&c), 960);
	call_close(&c);
}
