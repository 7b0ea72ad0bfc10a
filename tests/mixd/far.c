/* far.c - tests of members on their way to the lines: sealed by uplink.c, in
 * virtual time. */
#include "bin/mixd/far.h"

#include <math.h>
#include <string.h>

#include "bin/mixd/uplink.h"
#include "codec/codec.h"
#include "crypto/crypto.h"
#include "harness/tap.h"
#include "mock/alloc.h"
#include "voices.h"
#include "wire/rtp.h"

enum {
	MEMBERS = 3,
	OWN = 2, /* whose ears these are */
	TICK_US = 20000,
	TICKS = 60,
	OPUS = 111,
	KEY_BYTES = 32
};

struct hall {
	uint64_t now_us;
	struct vault *vaults[MEMBERS];
	struct uplink *uplinks[MEMBERS];
	uint64_t at[MEMBERS];
	struct far *far;
	struct mix *mix;
	struct ear ear;
};

static const struct uplink_stream some = { .ssrc = 1, .payload_type = OPUS };

static void epoch_tell(struct vault *v, uint64_t epoch, uint32_t leaf)
{
	const uint8_t members = (1U << MEMBERS) - 1;
	uint8_t key[KEY_BYTES];
	struct vault_epoch e = { .epoch = epoch,
		.suite = SFRAME_AES_256_GCM_SHA512_128,
		.own_leaf = leaf,
		.members = kk_view_of(&members, 1),
		.retire_ms = 10000,
		.may_seal = true };

	for (size_t i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)(epoch + i);
	e.base_key = kk_view_of(key, sframe_base_key_bytes(e.suite));
	CHECK_OK(vault_epoch_set(v, &e, 0));
}

static void others_tell(struct hall *h, unsigned leaves, uint64_t who,
    uint64_t epoch)
{
	struct plan_other others[MEMBERS];
	size_t count = 0;

	for (uint32_t i = 0; i < MEMBERS; i++) {
		if (leaves & 1U << i)
			others[count++] = (struct plan_other){ i, who + i };
	}
	far_others_set(h->far, others, count, epoch);
}

static void hall_open(struct hall *h)
{
	const struct mix_config config = { .lines = 1 };

	*h = (struct hall){ .now_us = 1000000 };
	CHECK_OK(crypto_init());
	for (uint32_t i = 0; i < MEMBERS; i++) {
		CHECK_OK(vault_new(&h->vaults[i]));
		CHECK_OK(uplink_new(&h->uplinks[i], h->vaults[i]));
		epoch_tell(h->vaults[i], 1, i);
	}
	CHECK_OK(far_new(&h->far, h->vaults[OWN]));
	CHECK_OK(mix_new(&h->mix, &config));
	ear_open(&h->ear);
	others_tell(h, 3, 100, 1);
}

static void hall_close(struct hall *h)
{
	mix_free(h->mix);
	far_free(h->far);
	for (uint32_t i = 0; i < MEMBERS; i++) {
		uplink_free(h->uplinks[i]);
		vault_free(h->vaults[i]);
	}
}

/* What a member says in this tick; a slot each. */
static size_t say(struct hall *h, uint32_t leaf, uint8_t *packet)
{
	size_t bytes = UPLINK_PACKET_BYTES;
	int16_t pcm[MIX_SAMPLES];

	voice_say((enum voices)leaf, h->at[leaf], pcm);
	h->at[leaf] += MIX_SAMPLES;
	CHECK_OK(uplink_packet(h->uplinks[leaf], pcm,
	    &(struct uplink_stream){ .ssrc = 10 + leaf, .payload_type = OPUS },
	    packet, &bytes));
	return bytes;
}

static void say_to(struct hall *h, uint32_t leaf)
{
	uint8_t packet[UPLINK_PACKET_BYTES];
	size_t bytes = say(h, leaf, packet);

	far_packet(h->far, kk_view_of(packet, bytes), h->now_us);
}

static void tick(struct hall *h)
{
	h->now_us += TICK_US;
	far_tick(h->far, h->mix, h->now_us);
	mix_tick(h->mix);
	ear_hear(&h->ear, mix_common_get(h->mix), MIX_SAMPLES);
}

static void ticks(struct hall *h, unsigned leaves, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		for (uint32_t leaf = 0; leaf < MEMBERS; leaf++) {
			if (leaves & 1U << leaf)
				say_to(h, leaf);
		}
		tick(h);
	}
}

TEST(members_are_heard_together_and_soon)
{
	struct hall h;
	unsigned lag = 0;

	hall_open(&h);
	ticks(&h, 3, TICKS);
	CHECK(ear_has(&h.ear, VOICE_FAR) && ear_has(&h.ear, VOICE_A));
	CHECK_EQ(far_counts(h.far).heard, 2 * TICKS);
	CHECK_EQ(far_counts(h.far).dropped, 0);
	/* A jitter buffer's least, and Opus' own 6.5 ms, on a good way. */
	CHECK(ear_likeness(&h.ear, VOICE_FAR, &lag) > 0.5);
	tap_diag("%u ms", lag * 1000 / MIX_HZ);
	CHECK(lag <= MIX_HZ / 1000 * 60);
	hall_close(&h);
}

/*
 * What a telephone hears of them, second by second, against what was said.
 */
enum {
	SECONDS = 28,
	SECOND_TICKS = 50,
	TICKS_ALL = SECONDS * SECOND_TICKS,
	HELD_MAX = 8, /* ticks that a member stalls, at most */
	LAG_STEP = 4,
	LOOK_STEP = 16
};

struct telephone {
	struct codec_tx *tx;
	struct codec_rx *rx;
	int16_t heard[TICKS_ALL * MIX_SAMPLES];
	size_t at;
};

static void telephone_open(struct telephone *p)
{
	memset(p, 0, sizeof(*p));
	CHECK_OK(codec_tx_new(&p->tx, CODEC_OPUS));
	CHECK_OK(codec_rx_new(&p->rx, CODEC_OPUS));
}

static void telephone_close(struct telephone *p)
{
	codec_tx_free(p->tx);
	codec_rx_free(p->rx);
}

static void telephone_hear(struct telephone *p, const int16_t *pcm)
{
	int16_t out[CODEC_PACKET_SAMPLES];
	uint8_t payload[CODEC_PAYLOAD_BYTES];
	size_t bytes = sizeof(payload), samples;

	CHECK_OK(codec_tx_encode(p->tx, pcm, payload, &bytes));
	CHECK_OK(codec_rx_decode(p->rx, kk_view_of(payload, bytes), out,
	    &samples));
	memcpy(p->heard + p->at, out, sizeof(p->heard[0]) * MIX_SAMPLES);
	p->at += MIX_SAMPLES;
}

/* What a member says in a second from so many samples before on. */
static double likeness_at(const int16_t *heard, const int16_t *period,
    size_t from)
{
	double xy = 0, xx = 1e-9, yy = 1e-9;

	for (size_t i = 0; i < MIX_HZ; i += LOOK_STEP) {
		const double x = heard[i],
			     y = period[(from + i) % VOICE_PERIOD];

		xy += x * y;
		xx += x * x;
		yy += y * y;
	}
	return xy / sqrt(xx * yy);
}

/* Voices come again after VOICE_PERIOD, as does the lag. */
static double second_likeness(const struct telephone *p, size_t second,
    enum voices voice, size_t *lag)
{
	int16_t period[VOICE_PERIOD];
	double best = -1;

	for (size_t i = 0; i < VOICE_PERIOD; i += MIX_SAMPLES)
		voice_say(voice, i, period + i);
	for (size_t l = 0; l < VOICE_PERIOD; l += LAG_STEP) {
		const double like = likeness_at(p->heard + second * MIX_HZ,
		    period, second * MIX_HZ + VOICE_PERIOD - l);

		if (like > best) {
			best = like;
			*lag = l;
		}
	}
	return best;
}

_Static_assert(VOICE_PERIOD % MIX_SAMPLES == 0, "a period is some ticks");

struct held {
	size_t count, bytes[HELD_MAX];
	uint8_t packet[HELD_MAX][UPLINK_PACKET_BYTES];
};

/* As a browser sends on a machine that is busy: a packet each 20 ms, up to 8
 * ms late; now and then none for 40 to 120 ms, and then all at once. */
static void member_send(struct hall *h, struct held *held, bool is_stalled,
    uint32_t dice)
{
	held->bytes[held->count] = say(h, 0, held->packet[held->count]);
	held->count++;
	if (is_stalled && held->count < HELD_MAX)
		return;
	for (size_t i = 0; i < held->count; i++)
		far_packet(h->far, kk_view_of(held->packet[i], held->bytes[i]),
		    h->now_us + dice % 8000);
	held->count = 0;
}

static void run_with_stalls(struct hall *h, struct telephone *p)
{
	struct held held = { 0 };
	uint32_t seed = 3;
	size_t stall = 0; /* ticks until it ends */

	for (size_t i = 0; i < TICKS_ALL; i++) {
		seed = seed * 1664525 + 1013904223;
		if (stall == 0 && (seed >> 8) % (2 * SECOND_TICKS) == 0)
			stall = 2 + (seed >> 20) % 5;
		member_send(h, &held, stall > 0, seed >> 12);
		stall -= stall > 0;
		tick(h);
		telephone_hear(p, mix_common_get(h->mix));
	}
}

TEST(member_that_stalls_again_and_again_is_soon_heard_whole)
{
	enum { KNOWN = SECONDS / 2 };
	static struct telephone phone;
	size_t first = 0, lag = 0;
	struct hall h;

	hall_open(&h);
	telephone_open(&phone);
	run_with_stalls(&h, &phone);
	(void)second_likeness(&phone, KNOWN, VOICE_FAR, &first);
	for (size_t s = 0; s < SECONDS; s++) {
		const double like = second_likeness(&phone, s, VOICE_FAR, &lag);

		tap_diag("second %zu: %.3f after %zu ms", s, like,
		    lag * 1000 / MIX_HZ);
		CHECK(s < KNOWN || (like > 0.98 && lag == first));
	}
	telephone_close(&phone);
	hall_close(&h);
}

/* So each of them is found at 0.7 in what is heard, though all is there. */
TEST(members_that_speak_at_once_are_heard_whole_together)
{
	static struct telephone phone;
	struct hall h;

	hall_open(&h);
	telephone_open(&phone);
	for (size_t i = 0; i < (size_t)6 * SECOND_TICKS; i++) {
		ticks(&h, 3, 1);
		telephone_hear(&phone, mix_common_get(h.mix));
	}
	for (size_t s = 1; s < 6; s++) {
		size_t lag = 0;
		const double one = second_likeness(&phone, s, VOICE_FAR, &lag);
		const double two = second_likeness(&phone, s, VOICE_A, &lag);

		tap_diag("second %zu: %.3f and %.3f", s, one, two);
		CHECK(one > 0.6 && one < 0.8 && two > 0.6 && two < 0.8);
		CHECK(one * one + two * two > 0.97);
	}
	telephone_close(&phone);
	hall_close(&h);
}

/* A counter in the clear grows with their number alone; another leaf's number
 * may be longer. */
TEST(packets_are_of_one_size_whatever_is_said)
{
	static const int16_t silence[MIX_SAMPLES];
	uint8_t packet[UPLINK_PACKET_BYTES];
	size_t longer = 0;
	struct hall h;

	hall_open(&h);
	for (unsigned i = 0; i < 300; i++) {
		const size_t said = say(&h, 0, packet);
		size_t bytes = sizeof(packet);

		CHECK_OK(uplink_packet(h.uplinks[1], silence, &some, packet,
		    &bytes));
		if (i == 0)
			longer = bytes - said;
		CHECK_EQ(bytes - said, longer);
	}
	hall_close(&h);
}

TEST(uplink_s_time_goes_on_when_nothing_may_be_sent)
{
	static const int16_t silence[MIX_SAMPLES];
	uint8_t packet[UPLINK_PACKET_BYTES];
	size_t bytes = sizeof(packet);
	struct wire_rtp a, b;
	struct hall h;

	hall_open(&h);
	CHECK_OK(wire_rtp_parse(&a, kk_view_of(packet, say(&h, 0, packet))));
	vault_clear(h.vaults[0]);
	CHECK_ERR(uplink_packet(h.uplinks[0], silence, &some, packet, &bytes),
	    KK_ESTATE);
	CHECK_EQ(bytes, 0);
	uplink_skip(h.uplinks[0], 5);
	epoch_tell(h.vaults[0], 2, 0);
	CHECK_OK(wire_rtp_parse(&b, kk_view_of(packet, say(&h, 0, packet))));
	CHECK_EQ(b.timestamp - a.timestamp, 7 * MIX_SAMPLES);
	CHECK_EQ((uint16_t)(b.seq - a.seq), 1); /* nothing was lost */
	hall_close(&h);
}

/* RFC 6464, 3 and RFC 8285, 4.2: profile, one word, ID and length, V and level.
 */
TEST(uplink_tells_how_loud_it_is_where_it_is_to_and_else_not)
{
	struct uplink_stream stream = { .ssrc = 1,
		.payload_type = OPUS,
		.tells_level = true };
	uint8_t packet[UPLINK_PACKET_BYTES];
	int16_t pcm[MIX_SAMPLES] = { 0 };
	size_t bytes = sizeof(packet);
	struct wire_rtp rtp;
	struct hall h;

	hall_open(&h);
	CHECK_OK(uplink_packet(h.uplinks[0], pcm, &stream, packet, &bytes));
	CHECK_OK(wire_rtp_parse(&rtp, kk_view_of(packet, bytes)));
	CHECK(rtp.has_ext && rtp.ext_profile == WIRE_RTP_EXT_ONE_BYTE);
	CHECK_EQ(rtp.ext.data[0], WIRE_RTP_LEVEL_ID << 4);
	CHECK_EQ(rtp.ext.data[1], 127);
	stream.is_speaking = true;
	for (size_t i = 0; i < MIX_SAMPLES; i++)
		pcm[i] = i % 2 ? 32767 : -32767;
	bytes = sizeof(packet);
	CHECK_OK(uplink_packet(h.uplinks[0], pcm, &stream, packet, &bytes));
	CHECK_OK(wire_rtp_parse(&rtp, kk_view_of(packet, bytes)));
	CHECK_EQ(rtp.ext.data[1], 0x80);
	bytes = say(&h, 0, packet);
	CHECK_OK(wire_rtp_parse(&rtp, kk_view_of(packet, bytes)));
	CHECK(!rtp.has_ext);
	hall_close(&h);
}

TEST(who_is_not_in_the_group_any_more_is_not_heard)
{
	struct hall h;

	hall_open(&h);
	others_tell(&h, 2, 100, 1);
	ticks(&h, 3, TICKS);
	CHECK(ear_has(&h.ear, VOICE_A) && ear_has_not(&h.ear, VOICE_FAR));
	CHECK_EQ(far_counts(h.far).dropped, TICKS);
	others_tell(&h, 1, 100, 1);
	ear_open(&h.ear);
	tick(&h);
	CHECK(h.ear.is_silent); /* nor what was waiting to be heard */
	hall_close(&h);
}

TEST(packets_of_an_epoch_before_a_leaf_s_new_holder_are_not_heard)
{
	uint8_t packet[UPLINK_PACKET_BYTES];
	size_t bytes;
	struct hall h;

	hall_open(&h);
	bytes = say(&h, 0, packet);
	for (uint32_t i = 0; i < MEMBERS; i++)
		epoch_tell(h.vaults[i], 2, i);
	others_tell(&h, 3, 200, 2); /* others at the same leaves */
	far_packet(h.far, kk_view_of(packet, bytes), h.now_us);
	CHECK_EQ(far_counts(h.far).dropped, 1);
	say_to(&h, 0);
	CHECK_EQ(far_counts(h.far).heard, 1);
	/* Who stays is heard from before as well. */
	bytes = say(&h, 1, packet);
	for (uint32_t i = 0; i < MEMBERS; i++)
		epoch_tell(h.vaults[i], 3, i);
	others_tell(&h, 3, 200, 3);
	far_packet(h.far, kk_view_of(packet, bytes), h.now_us);
	CHECK_EQ(far_counts(h.far).heard, 2);
	hall_close(&h);
}

TEST(packets_before_their_key_wait_for_it_and_are_heard_in_time)
{
	struct hall h;

	hall_open(&h);
	epoch_tell(h.vaults[0], 2, 0);
	ticks(&h, 1, 3); /* 60 ms, as if keyd were slow */
	CHECK_EQ(far_counts(h.far).waited, 3);
	CHECK(h.ear.is_silent);
	epoch_tell(h.vaults[OWN], 2, OWN);
	far_retry(h.far, h.now_us);
	CHECK_EQ(far_counts(h.far).heard, 3);
	/* In the midst of a word. */
	ticks(&h, 1, TICKS);
	epoch_tell(h.vaults[0], 3, 0);
	say_to(&h, 0);
	CHECK_EQ(far_counts(h.far).waited, 4);
	epoch_tell(h.vaults[OWN], 3, OWN);
	far_retry(h.far, h.now_us);
	tick(&h);
	ticks(&h, 1, 3);
	CHECK(ear_has(&h.ear, VOICE_FAR));
	CHECK_EQ(far_counts(h.far).heard, 3 + TICKS + 1 + 3);
	CHECK_EQ(far_counts(h.far).dropped, 0);
	hall_close(&h);
}

TEST(packets_whose_key_does_not_come_are_given_up)
{
	struct hall h;

	hall_open(&h);
	epoch_tell(h.vaults[0], 2, 0);
	ticks(&h, 1, FAR_WAITING_MAX + 10);
	CHECK_EQ(far_counts(h.far).heard, 0);
	CHECK_EQ(far_counts(h.far).dropped, 10); /* there is no more room */
	h.now_us += FAR_WAITING_US;
	far_retry(h.far, h.now_us);
	CHECK_EQ(far_counts(h.far).dropped, FAR_WAITING_MAX + 10);
	far_forget(h.far);
	hall_close(&h);
}

TEST(what_is_wrong_or_comes_twice_is_counted_and_not_heard)
{
	uint8_t packet[UPLINK_PACKET_BYTES];
	struct hall h;
	size_t bytes;

	hall_open(&h);
	bytes = say(&h, 0, packet);
	far_packet(h.far, kk_view_of(packet, bytes), h.now_us);
	far_packet(h.far, kk_view_of(packet, bytes), h.now_us);
	CHECK_EQ(far_counts(h.far).dropped, 1);
	bytes = say(&h, 0, packet);
	packet[bytes - 1] ^= 1;
	far_packet(h.far, kk_view_of(packet, bytes), h.now_us);
	far_packet(h.far, kk_view_of(packet, 5), h.now_us);
	far_packet(h.far, kk_view_of(packet, 12), h.now_us);
	CHECK_EQ(far_counts(h.far).dropped, 4);
	CHECK_EQ(far_counts(h.far).heard, 1);
	hall_close(&h);
}

TEST(far_and_uplink_need_memory_to_begin)
{
	struct uplink *uplink = NULL;
	struct far *far = NULL;
	enum kk_err err;
	struct hall h;

	hall_open(&h);
	ALLOC_FAULT_LOOP(err, far_new(&far, h.vaults[0]));
	CHECK_OK(err);
	far_free(far);
	ALLOC_FAULT_LOOP(err, uplink_new(&uplink, h.vaults[0]));
	CHECK_OK(err);
	uplink_free(uplink);
	hall_close(&h);
}
