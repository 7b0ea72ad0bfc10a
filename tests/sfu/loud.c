/* loud.c - tests of who is loudest, and who comes into slots for it. */
#include "sfu/loud.h"

#include "harness/tap.h"
#include "sfu/world.h"

enum {
	S = 1000000,
	FRAME_US = 20000,
	DB = SFU_LEVEL_UNIT,
	SILENCE = 127, /* as it stands in the extension: -dBov */
	VOICE = 25,
	PEOPLE = 50,
	LEVEL_ID = 4
};

static const uint64_t t0 = 50 * S;

/* So long at one level; gives the time behind it. */
static uint64_t tell(struct sfu_level *l, uint8_t dbov, uint64_t from_us,
    uint64_t us)
{
	uint64_t at;

	for (at = from_us; at < from_us + us; at += FRAME_US)
		sfu_level_take(l, kk_view_of(&dbov, 1), at);
	return at;
}

TEST(a_level_follows_speech_and_not_a_click)
{
	struct sfu_level l = { 0 };
	uint64_t at = tell(&l, SILENCE, t0, S);

	CHECK_EQ(sfu_level_now(&l, at), 0);
	at = tell(&l, 0, at, FRAME_US); /* one packet as loud as can be */
	CHECK(sfu_level_now(&l, at) < SFU_LOUD_SPEECH * DB);
	at = tell(&l, VOICE, at, S / 2);
	CHECK(sfu_level_now(&l, at) > (127 - VOICE - 3) * DB);
	/* V, RFC 6464, 3, is no part of the level. */
	tell(&l, VOICE | 0x80, at, S);
	CHECK(sfu_level_now(&l, at + S) <= (127 - VOICE) * DB);
	CHECK(sfu_level_now(&l, at + S) > (127 - VOICE - 1) * DB);
}

TEST(what_was_fades_and_who_tells_nothing_is_silent)
{
	struct sfu_level l = { 0 };
	uint64_t at = tell(&l, VOICE, t0, 2 * S);
	uint32_t was = sfu_level_held(&l, at);

	at = tell(&l, SILENCE, at, 2 * S);
	CHECK(sfu_level_now(&l, at) < 10 * DB);
	CHECK(sfu_level_held(&l, at) <= was - 7 * DB);
	CHECK(sfu_level_held(&l, at) >= was - 9 * DB);
	CHECK_EQ(sfu_level_now(&l, at + S), 0);
	CHECK(sfu_level_held(&l, at + S) > 0);
	CHECK_EQ(sfu_level_held(&l, at + 3600ULL * S), 0);
	CHECK_EQ(sfu_level_now(&l, UINT64_MAX), 0);
}

TEST(data_that_is_no_level_changes_nothing)
{
	struct sfu_level l = { 0 };
	const uint8_t data[2] = { 0, 0 };

	sfu_level_take(&l, kk_view_of(data, 0), t0);
	sfu_level_take(&l, kk_view_of(data, 2), t0);
	CHECK_EQ(sfu_level_held(&l, t0), 0);
}

/* --- voices and slots ---------------------------------------------------- */

struct stage {
	char people[PEOPLE]; /* their addresses are who they are */
	uint32_t now[PEOPLE], held[PEOPLE]; /* in decibels */
	struct sfu_loud_slot slots[3];
	size_t count;
	int excluded; /* -1: nobody */
};

static struct sfu_voice voice(const struct stage *s, int i)
{
	return (struct sfu_voice){ &s->people[i], (uint64_t)i + 1,
		s->now[i] * DB, s->held[i] * DB };
}

static bool may(const void *arg, const void *of)
{
	const struct stage *s = arg;

	return s->excluded < 0 || of != &s->people[s->excluded];
}

static int who(const struct stage *s, size_t slot)
{
	const char *of = s->slots[slot].voice.of;

	return of ? (int)(of - s->people) : -1;
}

static void choose(struct stage *s, int people, uint64_t now_us)
{
	struct sfu_voices voices = { .count = 0 };

	for (int i = 0; i < people; i++) {
		const struct sfu_voice v = voice(s, i);

		sfu_voices_add(&voices, &v);
	}
	for (size_t i = 0; i < s->count; i++) {
		if (who(s, i) >= 0)
			s->slots[i].voice = voice(s, who(s, i));
		s->slots[i].is_changed = false;
	}
	sfu_loud_choose(s->slots, s->count, &voices, may, s, now_us);
}

TEST(free_slots_are_filled_by_the_loudest_and_then_by_the_first)
{
	struct stage s = { .count = 3, .excluded = -1 };

	s.now[4] = s.held[4] = 100;
	choose(&s, 5, t0);
	CHECK_EQ(who(&s, 0), 4);
	CHECK_EQ(who(&s, 1), 0); /* all others are as loud */
	CHECK_EQ(who(&s, 2), 1);
	for (size_t i = 0; i < 3; i++)
		CHECK(s.slots[i].is_changed);
	choose(&s, 5, t0 + S);
	for (size_t i = 0; i < 3; i++)
		CHECK(!s.slots[i].is_changed);
}

TEST(who_speaks_comes_in_for_the_quietest_after_its_stay)
{
	struct stage s = { .count = 3, .excluded = -1 };

	s.now[0] = s.held[0] = 90;
	s.held[1] = 60;
	s.held[2] = 60; /* as loud: the one that came later goes */
	choose(&s, 4, t0);
	s.now[3] = s.held[3] = 95;
	choose(&s, 4, t0 + SFU_LOUD_STAY_US - 1);
	CHECK_EQ(who(&s, 2), 2);
	choose(&s, 4, t0 + SFU_LOUD_STAY_US);
	CHECK_EQ(who(&s, 0), 0);
	CHECK_EQ(who(&s, 1), 1);
	CHECK_EQ(who(&s, 2), 3);
	CHECK(s.slots[2].is_changed);
	CHECK(!s.slots[0].is_changed && !s.slots[1].is_changed);
}

TEST(neither_noise_nor_a_little_more_puts_anybody_out)
{
	struct stage s = { .count = 3, .excluded = -1 };

	choose(&s, 4, t0);
	s.now[3] = SFU_LOUD_SPEECH - 1; /* all others are silent */
	choose(&s, 4, t0 + 10ULL * S);
	CHECK_EQ(who(&s, 2), 2);
	s.now[3] = 100;
	for (int i = 0; i < 3; i++)
		s.held[i] = 100 - SFU_LOUD_MARGIN + 1;
	choose(&s, 4, t0 + 10ULL * S);
	CHECK_EQ(who(&s, 2), 2);
	s.held[1] = 100 - SFU_LOUD_MARGIN;
	choose(&s, 4, t0 + 10ULL * S);
	CHECK_EQ(who(&s, 1), 3);
}

TEST(a_slot_whose_voice_has_gone_is_free_at_once)
{
	struct stage s = { .count = 3, .excluded = -1 };

	choose(&s, 4, t0);
	s.slots[1].voice.of = NULL;
	s.excluded = 1;
	choose(&s, 4, t0 + 1);
	CHECK_EQ(who(&s, 1), 3);
}

TEST(nobody_comes_in_twice_nor_who_may_not)
{
	struct stage s = { .count = 3, .excluded = 0 };

	s.now[0] = s.held[0] = 120;
	choose(&s, 3, t0);
	CHECK_EQ(who(&s, 0), 1);
	CHECK_EQ(who(&s, 1), 2);
	CHECK_EQ(who(&s, 2), -1);
	choose(&s, 3, t0 + 10ULL * S);
	CHECK_EQ(who(&s, 2), -1);
}

TEST(of_more_voices_than_are_looked_at_the_loudest_are)
{
	struct stage s = { .count = 3, .excluded = -1 };

	for (int i = 0; i < PEOPLE; i++)
		s.now[i] = s.held[i] = (uint32_t)(i * 37 % PEOPLE);
	choose(&s, PEOPLE, t0);
	for (size_t i = 0; i < 3; i++)
		CHECK_EQ(s.now[who(&s, i)], PEOPLE - 1 - i);
}

/* Two who speak as loud by turns, and one slot: as in talk, words and pauses of
 * a second each, one's in the other's. */
TEST(two_who_talk_by_turns_do_not_throw_each_other_out)
{
	struct stage s = { .count = 1, .excluded = -1 };
	struct sfu_level l[2] = { { 0 } };
	unsigned changes = 0;

	for (uint64_t at = t0; at < t0 + 60ULL * S; at += S) {
		const int speaks = (int)((at - t0) / S % 2);

		tell(&l[speaks], VOICE, at, S);
		tell(&l[!speaks], SILENCE, at, S);
		for (int i = 0; i < 2; i++) {
			s.now[i] = sfu_level_now(&l[i], at + S) / DB;
			s.held[i] = sfu_level_held(&l[i], at + S) / DB;
		}
		choose(&s, 2, at + S);
		changes += s.slots[0].is_changed;
	}
	CHECK_EQ(changes, 1);
}

/* --- packets ------------------------------------------------------------- */

struct call {
	struct sfu_counts counts;
	struct world_peer alice;
	struct sfu_source *source;
};

static void packet_send(struct call *c, uint16_t seq, uint8_t dbov,
    uint64_t now_us)
{
	const struct wire_rtp_ext level = { LEVEL_ID, { &dbov, 1 } };
	struct wire_rtp rtp = { .payload_type = 111,
		.seq = seq,
		.timestamp = seq * 960u,
		.ssrc = 7,
		.has_ext = true,
		.payload = kk_view_text("sealed") };
	uint8_t out[100], ext[8];
	struct wire_out w, e;

	wire_out_init(&e, ext, sizeof(ext));
	wire_rtp_ext_write(&e, &level, 1, &rtp.ext_profile);
	rtp.ext = wire_out_view(&e);
	wire_out_init(&w, out, sizeof(out));
	wire_rtp_write(&w, &rtp);
	CHECK_OK(sfu_link_rtp(c->alice.link, wire_out_view(&w), now_us));
}

static void call_open(struct call *c, uint8_t level_id)
{
	const struct sfu_source_config config = { .kind = SFU_AUDIO,
		.payload_type = 111,
		.level_id = level_id,
		.encodings = { { .ssrc = 7 } },
		.encoding_count = 1 };

	*c = (struct call){ .source = NULL };
	world_peer_open(&c->alice, &c->counts);
	CHECK_OK(sfu_source_new(&c->source, c->alice.link, &config));
}

TEST(a_source_knows_its_level_by_its_newest_packets)
{
	struct call c;
	uint32_t level;

	call_open(&c, LEVEL_ID);
	for (uint16_t i = 0; i < 50; i++)
		packet_send(&c, i, VOICE, t0 + i * FRAME_US);
	level = sfu_level_now(sfu_source_level(c.source), t0 + S);
	CHECK(level > (127 - VOICE - 1) * DB);
	CHECK_EQ(c.counts.levels, 50);
	packet_send(&c, 52, VOICE, t0 + S);
	packet_send(&c, 51, SILENCE, t0 + S); /* late */
	CHECK_EQ(c.counts.levels, 51);
	world_peer_close(&c.alice);
}

TEST(a_source_that_has_agreed_on_no_level_has_none)
{
	struct call c;

	call_open(&c, 0);
	packet_send(&c, 1, 0, t0);
	CHECK_EQ(sfu_level_held(sfu_source_level(c.source), t0), 0);
	CHECK_EQ(c.counts.levels, 0);
	world_peer_close(&c.alice);
}
