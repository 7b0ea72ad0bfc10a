/* lined.c - calls through the whole of lined but SIP. */
#include <arpa/inet.h>
#include <string.h>
#include <unistd.h>

#include "world.h"

/* A call that is in the meeting. */
static void come_in(struct world *w, struct phone *p)
{
	const unsigned asks = w->asks;
	size_t lane;

	phone_press(w, p, "4711#0815#");
	UNTIL(w, w->asks > asks);
	lane = w->lane;
	w->states[lane] = "in";
	world_tell(w);
	UNTIL(w, phone_hears(p, CONFERENCE_HZ));
}

TEST(caller_goes_from_greeting_by_digits_to_the_conference_and_is_heard)
{
	static struct world w;
	struct phone *p = &w.phones[0];
	double prompt = prompt_hz(IVR_WELCOME);

	world_open(&w, NULL);
	phone_open(p, CODEC_PCMA, OFFER_SRTP_NEVER, "127.0.0.1");
	phone_call(&w, p, "+4930123456");
	UNTIL(&w, phone_hears(p, prompt));
	UNTIL(&w, phone_hears(p, prompt_hz(IVR_ASK_NUMBER)));
	phone_press(&w, p, "4711#");
	UNTIL(&w, phone_hears(p, prompt_hz(IVR_ASK_PIN)));
	w.answer = "wait";
	phone_press(&w, p, "0815#");
	UNTIL(&w, w.asks == 1);
	CHECK_STR(w.number, "4711");
	CHECK_STR(w.pin, "0815");
	CHECK_STR(w.label, "+49******56");
	CHECK_STR(w.origin, "exchange");
	CHECK_STR(w.transport, "tls");
	UNTIL(&w, phone_hears(p, MUSIC_HZ));
	CHECK_EQ(w.heard_ticks[0], 0);
	w.states[0] = "in";
	world_tell(&w);
	UNTIL(&w, phone_hears(p, CONFERENCE_HZ));
	while (!is_tone(w.heard[0], 900)) {
		const unsigned packets = p->packets;

		phone_say(p, 900);
		UNTIL(&w, p->packets > packets);
	}
	ua_fake_end(p->call, UA_END_THEIRS);
	UNTIL(&w, w.ends == 1);
	CHECK(!w.lined.lanes[0].call);
	world_close(&w);
}

TEST(keys_in_the_meeting_mute_raise_a_hand_and_leave)
{
	static struct world w;
	struct phone *p = &w.phones[0];

	world_open(&w, NULL);
	phone_open(p, CODEC_OPUS, OFFER_SRTP_NEVER, "127.0.0.1");
	phone_call(&w, p, "1");
	come_in(&w, p);
	phone_press(&w, p, "*6");
	UNTIL(&w, w.tells == 1);
	CHECK(w.is_muted && !w.has_hand_up);
	phone_press(&w, p, "*9");
	UNTIL(&w, w.tells == 2);
	CHECK(w.is_muted && w.has_hand_up);
	w.is_muted_by_host[0] = true;
	world_tell(&w);
	UNTIL(&w, phone_hears(p, prompt_hz(IVR_MUTED_BY_HOST)));
	phone_press(&w, p, "#");
	UNTIL(&w, phone_hears(p, prompt_hz(IVR_GOODBYE)));
	UNTIL(&w, w.ends == 1);
	CHECK_EQ(ua_fake()->ended, 1);
	world_close(&w);
}

TEST(with_srtp_nothing_is_in_clear_and_nothing_else_is_taken)
{
	static struct world w;
	struct phone *p = &w.phones[0];
	struct rtp_stats stats;
	uint8_t forged[64] = { 0x80, 8 };
	struct sockaddr_in to = { .sin_family = AF_INET };
	uint64_t taken;
	int other;

	world_open(&w, NULL);
	phone_open(p, CODEC_PCMA, OFFER_SRTP_REQUIRE, "127.0.0.1");
	phone_call(&w, p, "1");
	CHECK_EQ(p->stream.ours.suite, OFFER_AEAD_AES_128_GCM);
	UNTIL(&w, phone_hears(p, prompt_hz(IVR_WELCOME)));
	to.sin_port = htons(p->stream.port);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	CHECK(sendto(p->fd, forged, sizeof(forged), 0, (struct sockaddr *)&to,
		  sizeof(to)) > 0);
	do {
		world_step(&w);
		rtp_stats(w.lined.lanes[0].call->rtp, &stats);
	} while (stats.unauthentic == 0);
	CHECK_EQ(stats.taken, 0);
	/* From another port, behind a NAT: authentic, so it is answered. */
	other = p->fd;
	p->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	phone_press(&w, p, "4711#0815#");
	UNTIL(&w, w.asks == 1);
	CHECK_STR(w.transport, "srtp");
	p->packets = 0;
	UNTIL(&w, p->packets > 5);
	CHECK_EQ(p->unreadable, 0);
	/* And from then on from nowhere else: nobody even looks at it. */
	rtp_stats(w.lined.lanes[0].call->rtp, &stats);
	taken = stats.taken;
	phone_packet_send(p, other, kk_view_of(forged, sizeof(forged)));
	p->packets = 0;
	UNTIL(&w, p->packets > 5);
	rtp_stats(w.lined.lanes[0].call->rtp, &stats);
	CHECK_EQ(stats.taken, taken);
	(void)close(other);
	world_close(&w);
}

TEST(plain_sound_is_taken_from_the_address_that_was_named_alone)
{
	static struct world w;
	struct phone *p = &w.phones[0];
	struct sockaddr_in from = { .sin_family = AF_INET };
	struct rtp_stats stats;
	uint8_t packet[172] = { 0x80, 8 };
	int stranger;

	world_open(&w, NULL);
	phone_open(p, CODEC_PCMA, OFFER_SRTP_NEVER, "127.0.0.1");
	phone_call(&w, p, "1");
	stranger = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	CHECK(inet_pton(AF_INET, "127.0.0.2", &from.sin_addr) == 1);
	CHECK_EQ(bind(stranger, (struct sockaddr *)&from, sizeof(from)), 0);
	phone_packet_send(p, stranger, kk_view_of(packet, sizeof(packet)));
	do {
		world_step(&w);
		rtp_stats(w.lined.lanes[0].call->rtp, &stats);
	} while (stats.strange == 0);
	CHECK_EQ(stats.taken, 0);
	phone_say(p, 900);
	do {
		world_step(&w);
		rtp_stats(w.lined.lanes[0].call->rtp, &stats);
	} while (stats.taken == 0);
	(void)close(stranger);
	world_close(&w);
}

TEST(calls_hear_silence_while_mixd_is_away_and_the_conference_again_after)
{
	static struct world w;
	struct phone *p = &w.phones[0];

	world_open(&w, NULL);
	phone_open(p, CODEC_PCMU, OFFER_SRTP_NEVER, "127.0.0.1");
	phone_call(&w, p, "1");
	come_in(&w, p);
	mixd_stop(&w);
	UNTIL(&w, !w.lined.mix.ring);
	p->packets = 0;
	UNTIL(&w, p->packets > 10);
	CHECK(!phone_hears(p, CONFERENCE_HZ));
	mixd_start(&w);
	UNTIL(&w, phone_hears(p, CONFERENCE_HZ));
	CHECK_EQ(w.ends, 0);
	world_close(&w);
}

/* A busy machine may take one or the other late as well: not in each second. */
TEST(what_mixd_has_late_is_heard_late_and_whole)
{
	enum { ROW = 70, PACKETS_MAX = 2000 };
	static struct world w;
	struct phone *p = &w.phones[0];

	world_open(&w, NULL);
	phone_open(p, CODEC_PCMU, OFFER_SRTP_NEVER, "127.0.0.1");
	phone_call(&w, p, "1");
	come_in(&w, p);
	w.mix_stalls = true;
	p->hears_hz = CONFERENCE_HZ;
	p->packets = p->row = 0;
	UNTIL(&w, p->row >= ROW || p->packets > PACKETS_MAX);
	tap_diag("%u packets", p->packets);
	CHECK(p->row >= ROW);
	world_close(&w);
}

TEST(calls_are_told_and_end_when_roomd_goes)
{
	static struct world w;
	struct phone *p = &w.phones[0];

	world_open(&w, NULL);
	phone_open(p, CODEC_PCMA, OFFER_SRTP_NEVER, "127.0.0.1");
	phone_call(&w, p, "1");
	come_in(&w, p);
	roomd_stop(&w);
	UNTIL(&w, phone_hears(p, prompt_hz(IVR_NO_ANSWER)));
	UNTIL(&w, ua_fake()->ended == 1);
	UNTIL(&w, !w.lined.lanes[0].call);
	/* Who calls now is told after the digits. */
	phone_close(p);
	phone_open(p, CODEC_PCMA, OFFER_SRTP_NEVER, "127.0.0.1");
	phone_call(&w, p, "1");
	phone_press(&w, p, "1#2#");
	UNTIL(&w, phone_hears(p, prompt_hz(IVR_NO_ANSWER)));
	/* And it comes back. */
	roomd_start(&w);
	UNTIL(&w, w.watcher);
	world_close(&w);
}

TEST(wrong_pin_is_told_and_counted_against_the_caller)
{
	static struct world w;
	struct phone *p = &w.phones[0];
	uint64_t delay_ms = 0;

	world_open(&w, NULL);
	w.answer = "wrong";
	phone_open(p, CODEC_PCMA, OFFER_SRTP_NEVER, "127.0.0.1");
	phone_call(&w, p, "+49301");
	phone_press(&w, p, "1#2#");
	UNTIL(&w, phone_hears(p, prompt_hz(IVR_WRONG)));
	CHECK_OK(ivr_limits_delay(w.lined.limits,
	    lined_caller_of(&w.lined, "trunk", "+49301"), rtp_now_us() / 1000,
	    &delay_ms));
	CHECK(delay_ms > 0);
	CHECK_OK(ivr_limits_delay(w.lined.limits,
	    lined_caller_of(&w.lined, "trunk", "+49302"), rtp_now_us() / 1000,
	    &delay_ms));
	CHECK_EQ(delay_ms, 0);
	w.answer = "joining";
	come_in(&w, p);
	CHECK_EQ(w.asks, 2);
	world_close(&w);
}

TEST(lines_hear_who_comes_in_and_more_than_there_are_lanes_is_busy)
{
	static struct world w;
	struct kk_bytes offer;
	struct ua_call *fourth;

	world_open(&w, NULL);
	for (size_t i = 0; i < PHONES; i++) {
		phone_open(&w.phones[i], CODEC_PCMA, OFFER_SRTP_NEVER,
		    "127.0.0.1");
		phone_call(&w, &w.phones[i], "1");
	}
	CHECK_OK(offer_make(&w.phones[0].local, &offer));
	fourth = ua_fake_incoming("", "2", "127.0.0.1", UA_UDP,
	    lined_media_text(&offer));
	kk_bytes_clear(&offer);
	CHECK_EQ(fourth->rejected, 486);
	come_in(&w, &w.phones[0]);
	phone_press(&w, &w.phones[1], "1#2#");
	UNTIL(&w, w.asks == 2);
	w.states[w.lane] = "in";
	world_tell(&w);
	UNTIL(&w, phone_hears(&w.phones[0], prompt_hz(IVR_JOINED)));
	UNTIL(&w, phone_hears(&w.phones[0], CONFERENCE_HZ));
	world_close(&w);
}

TEST(held_call_gets_no_packet_until_it_is_taken_up_again)
{
	static struct world w;
	struct phone *p = &w.phones[0];
	struct kk_bytes offer;

	world_open(&w, NULL);
	phone_open(p, CODEC_G722, OFFER_SRTP_NEVER, "127.0.0.1");
	phone_call(&w, p, "1");
	come_in(&w, p);
	p->local.is_holding = true;
	p->local.version++;
	CHECK_OK(offer_make(&p->local, &offer));
	ua_fake()->handler.offered(ua_fake()->arg, p->call,
	    lined_media_text(&offer));
	kk_bytes_clear(&offer);
	phone_agree(p);
	CHECK(!p->stream.sends && !p->stream.hears);
	CHECK(!w.lined.lanes[0].call->stream.hears);
	phone_step(p); /* what was on its way */
	p->packets = 0;
	for (uint32_t tick = w.mix_tick; w.mix_tick < tick + 10;)
		world_step(&w);
	CHECK_EQ(p->packets, 0);
	p->local.is_holding = false;
	CHECK_OK(offer_make(&p->local, &offer));
	ua_fake()->handler.offered(ua_fake()->arg, p->call,
	    lined_media_text(&offer));
	kk_bytes_clear(&offer);
	phone_agree(p);
	UNTIL(&w, p->packets > 0);
	UNTIL(&w, phone_hears(p, CONFERENCE_HZ));
	world_close(&w);
}

static const char *const may_call[] = { "--may-call=+49", "--trunk=none",
	NULL };

TEST(room_calls_a_telephone_and_it_is_in_when_it_answers)
{
	static struct world w;
	struct phone *p = &w.phones[0];
	const struct kk_view none = { NULL, 0 };
	struct kk_bytes answer;

	world_open(&w, may_call);
	ua_fake()->trunk_is_ready = true;
	w.serial = 5;
	w.dial = "+4930123456";
	world_tell(&w);
	UNTIL(&w, ua_fake()->placed);
	CHECK_STR(ua_fake()->placed->to_user, "+4930123456");
	ua_fake()->handler.progress(ua_fake()->arg, ua_fake()->placed, 180,
	    none);
	UNTIL(&w, w.placed == 1);
	CHECK_STR(w.placed_state, "ringing");
	phone_open(p, CODEC_PCMA, OFFER_SRTP_NEVER, "127.0.0.1");
	phone_answer(p, &answer);
	ua_fake()->handler.answered(ua_fake()->arg, p->call,
	    lined_media_text(&answer));
	kk_bytes_clear(&answer);
	UNTIL(&w, w.asks == 1);
	CHECK_STR(w.placed_state, "talking");
	CHECK_STR(w.number, "");
	CHECK_STR(w.pin, "");
	CHECK_STR(w.label, "+49******56");
	CHECK_STR(w.origin, "exchange"); /* what we called */
	w.dial = NULL; /* done; the call goes on */
	w.states[0] = "in";
	world_tell(&w);
	UNTIL(&w, phone_hears(p, CONFERENCE_HZ));
	world_close(&w);
}

TEST(what_is_heard_before_the_answer_is_a_line_that_hears_nothing_yet)
{
	static struct world w;
	struct phone *p = &w.phones[0];
	struct kk_bytes answer;

	world_open(&w, may_call);
	ua_fake()->trunk_is_ready = true;
	w.serial = 5;
	w.dial = "+4930123456";
	world_tell(&w);
	UNTIL(&w, ua_fake()->placed);
	phone_open(p, CODEC_PCMA, OFFER_SRTP_NEVER, "127.0.0.1");
	phone_answer(p, &answer);
	ua_fake()->handler.progress(ua_fake()->arg, p->call, 183,
	    lined_media_text(&answer));
	kk_bytes_clear(&answer);
	UNTIL(&w, w.asks == 1);
	CHECK_STR(w.placed_state, "early");
	w.states[0] = "in";
	world_tell(&w);
	while (!is_tone(w.heard[0], 900)) {
		const unsigned packets = p->packets;

		phone_say(p, 900);
		UNTIL(&w, p->packets > packets);
	}
	phone_press(&w, p, "*6#");
	for (p->packets = 0; p->packets < 20;) {
		world_step(&w);
		CHECK(!phone_hears(p, CONFERENCE_HZ));
		CHECK(!phone_hears(p, prompt_hz(IVR_ENTERED)));
	}
	CHECK_EQ(w.tells + w.ends, 0);
	ua_fake()->handler.answered(ua_fake()->arg, p->call,
	    (struct kk_view){ NULL, 0 });
	UNTIL(&w, w.placed == 2);
	CHECK_STR(w.placed_state, "talking");
	UNTIL(&w, phone_hears(p, prompt_hz(IVR_ENTERED)));
	UNTIL(&w, phone_hears(p, CONFERENCE_HZ));
	CHECK_EQ(w.asks, 1);
	world_close(&w);
}

TEST(line_that_is_not_let_in_before_it_answers_is_given_up)
{
	static struct world w;
	struct phone *p = &w.phones[0];
	struct kk_bytes answer;

	world_open(&w, may_call);
	ua_fake()->trunk_is_ready = true;
	w.answer = "forbidden";
	w.serial = 5;
	w.dial = "+4930123456";
	world_tell(&w);
	UNTIL(&w, ua_fake()->placed);
	phone_open(p, CODEC_PCMA, OFFER_SRTP_NEVER, "127.0.0.1");
	phone_answer(p, &answer);
	ua_fake()->handler.progress(ua_fake()->arg, p->call, 183,
	    lined_media_text(&answer));
	kk_bytes_clear(&answer);
	UNTIL(&w, ua_fake()->ended == 1);
	UNTIL(&w, !w.lined.lanes[0].call);
	world_close(&w);
}

TEST(line_is_told_that_its_time_is_over_and_a_minute_before)
{
	static struct world w;
	struct phone *p = &w.phones[0];
	struct lined_call *c;
	uint64_t end_us;

	world_open(&w, NULL);
	phone_open(p, CODEC_PCMA, OFFER_SRTP_NEVER, "127.0.0.1");
	phone_call(&w, p, "1");
	come_in(&w, p);
	c = w.lined.lanes[0].call;
	CHECK_EQ(w.lined.options.talk_minutes, 240);
	end_us = c->begin_us + UINT64_C(240) * 60 * 1000000;
	lined_talk_check(c, end_us - 60000001);
	CHECK(!c->is_warned);
	lined_talk_check(c, end_us - 60000000);
	UNTIL(&w, phone_hears(p, prompt_hz(IVR_ENDING)));
	UNTIL(&w, phone_hears(p, CONFERENCE_HZ));
	lined_talk_check(c, end_us - 1); /* said once */
	for (p->packets = 0; p->packets < 2 * PROMPT_TICKS;) {
		world_step(&w);
		CHECK(!phone_hears(p, prompt_hz(IVR_ENDING)));
	}
	lined_talk_check(c, end_us);
	UNTIL(&w, phone_hears(p, prompt_hz(IVR_ENDED)));
	UNTIL(&w, w.ends == 1);
	CHECK_EQ(ua_fake()->ended, 1);
	world_close(&w);
}

static void dial(struct world *w, const char *number)
{
	w->serial++;
	w->dial = number;
	world_tell(w);
}

TEST(calls_that_cannot_be_are_told_to_the_room)
{
	static struct world w;
	const struct {
		const char *number;
		bool is_ready;
		const char *state;
	} bad[] = { { "+33123", true, "refused" },
		{ "030123", true, "refused" }, { "", true, "refused" },
		{ "+49 30", true, "refused" }, { "sip:x@y", true, "refused" },
		{ "+4930", false, "unreachable" } };

	world_open(&w, may_call);
	for (size_t i = 0; i < KK_ARRAY_LEN(bad); i++) {
		ua_fake()->trunk_is_ready = bad[i].is_ready;
		dial(&w, bad[i].number);
		UNTIL(&w, w.placed == i + 1);
		CHECK_STR(w.placed_state, bad[i].state);
		CHECK(!ua_fake()->placed);
	}
	/* Given up by the room while it rings. */
	ua_fake()->trunk_is_ready = true;
	dial(&w, "+49301");
	UNTIL(&w, ua_fake()->placed && ua_fake()->placed->is_live);
	w.dial = NULL;
	world_tell(&w);
	UNTIL(&w, ua_fake()->ended == 1);
	world_close(&w);
}

TEST(why_a_call_has_ended_is_told_to_the_room)
{
	static struct world w;
	static const struct {
		enum ua_reason reason;
		const char *state;
	} ends[] = { { UA_END_BUSY, "busy" }, { UA_END_DECLINED, "busy" },
		{ UA_END_NO_ANSWER, "no-answer" },
		{ UA_END_NOT_FOUND, "unknown" }, { UA_END_MEDIA, "failed" },
		{ UA_END_LOST, "failed" }, { UA_END_FAILED, "failed" } };

	world_open(&w, may_call);
	ua_fake()->trunk_is_ready = true;
	for (size_t i = 0; i < KK_ARRAY_LEN(ends); i++) {
		const struct ua_call *before = ua_fake()->placed;

		dial(&w, "+49301");
		UNTIL(&w, ua_fake()->placed != before);
		ua_fake_end(ua_fake()->placed, ends[i].reason);
		UNTIL(&w, w.placed == i + 1);
		CHECK_STR(w.placed_state, ends[i].state);
	}
	world_close(&w);
}

TEST(where_an_exchange_is_not_there_the_next_one_is_asked)
{
	static const char *const two[] = { "--may-call=+49", "--trunk=none",
		"--trunk=none", NULL };
	static struct world w;
	const struct ua_call *first;

	world_open(&w, two);
	ua_fake()->trunk_is_ready = true;
	dial(&w, "+4930123456");
	UNTIL(&w, ua_fake()->placed);
	first = ua_fake()->placed;
	CHECK_EQ(first->trunk, 0);
	ua_fake_end(ua_fake()->placed, UA_END_UNREACHABLE);
	CHECK(ua_fake()->placed != first);
	CHECK_EQ(ua_fake()->placed->trunk, 1);
	CHECK_STR(ua_fake()->placed->to_user, "+4930123456");
	CHECK_EQ(w.placed, 0);
	ua_fake_end(ua_fake()->placed, UA_END_UNREACHABLE);
	UNTIL(&w, w.placed == 1);
	CHECK_STR(w.placed_state, "unreachable");
	CHECK(!w.lined.lanes[0].call);
	world_close(&w);
}

TEST(offer_that_we_cannot_take_is_refused)
{
	static const char *const never[] = { "--srtp=require", NULL };
	static struct world w;
	struct ua_call *call;
	struct kk_bytes offer;

	world_open(&w, never);
	call = ua_fake_incoming("", "1", "127.0.0.1", UA_UDP,
	    kk_view_text("hello"));
	CHECK_EQ(call->rejected, 488);
	phone_open(&w.phones[0], CODEC_PCMA, OFFER_SRTP_NEVER, "127.0.0.1");
	CHECK_OK(offer_make(&w.phones[0].local, &offer));
	call = ua_fake_incoming("", "1", "127.0.0.1", UA_UDP,
	    lined_media_text(&offer));
	kk_bytes_clear(&offer);
	CHECK_EQ(call->rejected, 488);
	ua_fake_step();
	CHECK(!w.lined.lanes[0].call);
	CHECK_EQ(w.lined.refused, 2);
	world_close(&w);
}
