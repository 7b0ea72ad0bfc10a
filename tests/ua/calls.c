/* calls.c - calls between two ends, message by message. */
#include <string.h>

#include "ua/end.h"
#include "ua/ua_private.h"

static struct end here, there;
static char uri[END_TEXT_BYTES];

static void both_open(enum ua_transport transport, struct ua_limits limits)
{
	struct ua_trunk trunk;

	end_open(&there,
	    (struct ua_config){ .rule = UA_RULE_ANYBODY, .limits = limits });
	trunk = end_trunk(&there, transport, uri);
	end_open(&here,
	    (struct ua_config){ .trunks = &trunk,
		.trunk_count = 1,
		.limits = limits });
}

static void both_close(void)
{
	end_close(&here);
	end_close(&there);
}

static void both_talk(enum ua_transport transport)
{
	both_open(transport, (struct ua_limits){ 0 });
	end_place(&here, "99", "offer");
	end_wait(there.incoming, 1);
	CHECK_OK(ua_call_answer(there.call, end_text("answer")));
	end_wait(here.answered, 1);
}

static void talk(enum ua_transport transport)
{
	both_open(transport, (struct ua_limits){ 0 });
	end_place(&here, "99", "offer");
	end_wait(there.incoming, 1);
	CHECK_STR(there.from, "4711");
	CHECK_STR(there.to, "99");
	CHECK_STR(there.name, "\"Room 4\"");
	CHECK_STR(there.sdp, "offer");
	CHECK_EQ(there.origin, UA_FROM_ANYBODY);
	CHECK_EQ(ua_call_transport(there.call), transport);
	CHECK_OK(ua_call_ring(there.call, end_text("")));
	end_wait(here.rings, 1);
	CHECK_EQ(here.ring_status, 180);
	CHECK_OK(ua_call_ring(there.call, end_text("early")));
	end_wait(here.rings, 2);
	CHECK_EQ(here.ring_status, 183);
	CHECK_STR(here.sdp, "early");
	CHECK_OK(ua_call_answer(there.call, end_text("answer")));
	end_wait(here.answered, 1);
	CHECK_STR(here.sdp, "answer");
	ua_call_end(here.call);
	end_wait(here.ended, 1);
	end_wait(there.ended, 1);
	CHECK_EQ(here.reason, UA_END_OURS);
	CHECK_EQ(there.reason, UA_END_THEIRS);
	both_close();
}

TEST(call_rings_is_answered_and_ended_over_udp)
{
	talk(UA_UDP);
}

TEST(call_rings_is_answered_and_ended_over_tcp)
{
	talk(UA_TCP);
}

TEST(who_was_called_ends_the_call_too)
{
	both_talk(UA_UDP);
	/* Its ACK is there when its change can begin. */
	while (ua_call_offer(there.call, end_text("hold")) == KK_ESTATE)
		end_run_ms(1);
	end_wait(here.offered, 1);
	CHECK_OK(ua_call_answer(here.call, end_text("held")));
	end_wait(there.answered, 1);
	ua_call_end(there.call);
	end_wait(there.ended, 1);
	end_wait(here.ended, 1);
	CHECK_EQ(here.reason, UA_END_THEIRS);
	both_close();
}

TEST(call_is_held_and_a_refused_change_changes_nothing)
{
	both_talk(UA_UDP);
	CHECK_OK(ua_call_offer(here.call, end_text("hold")));
	CHECK_ERR(ua_call_offer(here.call, end_text("again")), KK_ESTATE);
	end_wait(there.offered, 1);
	CHECK_STR(there.sdp, "hold");
	CHECK_OK(ua_call_answer(there.call, end_text("held")));
	end_wait(here.answered, 2);
	CHECK_STR(here.sdp, "held");
	CHECK_OK(ua_call_offer(here.call, end_text("nonsense")));
	end_wait(there.offered, 2);
	CHECK_OK(ua_call_reject(there.call, 488));
	end_wait(here.answered, 3);
	CHECK_STR(here.sdp, "");
	CHECK_EQ(here.ended, 0);
	ua_call_end(here.call);
	end_wait(here.ended, 1);
	end_wait(there.ended, 1);
	both_close();
}

/* RFC 3261, 14.1: both get a 491. */
TEST(changes_that_meet_change_nothing_and_may_be_asked_for_again)
{
	both_talk(UA_UDP);
	while (ua_call_offer(there.call, end_text("theirs")) == KK_ESTATE)
		end_run_ms(1);
	CHECK_OK(ua_call_offer(here.call, end_text("ours")));
	end_wait(here.answered, 2);
	end_wait(there.answered, 1);
	CHECK_STR(here.sdp, "");
	CHECK_STR(there.sdp, "");
	CHECK_EQ(here.offered + there.offered, 0);
	CHECK_OK(ua_call_offer(here.call, end_text("again")));
	end_wait(there.offered, 1);
	CHECK_STR(there.sdp, "again");
	CHECK_OK(ua_call_answer(there.call, end_text("now")));
	end_wait(here.answered, 3);
	CHECK_STR(here.sdp, "now");
	CHECK_EQ(here.ended + there.ended, 0);
	both_close();
}

TEST(refusals_have_their_reasons)
{
	static const struct {
		unsigned status;
		enum ua_reason reason;
	} rows[] = {
		{ 486, UA_END_BUSY },
		{ 603, UA_END_DECLINED },
		{ 480, UA_END_NO_ANSWER },
		{ 404, UA_END_NOT_FOUND },
		{ 488, UA_END_MEDIA },
		{ 500, UA_END_FAILED },
	};

	both_open(UA_UDP, (struct ua_limits){ 0 });
	for (unsigned i = 0; i < KK_ARRAY_LEN(rows); i++) {
		end_place(&here, "99", "offer");
		end_wait(there.incoming, i + 1);
		CHECK_OK(ua_call_reject(there.call, rows[i].status));
		end_wait(here.ended, i + 1);
		end_wait(there.ended, i + 1);
		CHECK_EQ(here.reason, rows[i].reason);
		CHECK_EQ(here.status, rows[i].status);
	}
	both_close();
}

TEST(call_is_taken_back_while_it_rings)
{
	both_open(UA_UDP, (struct ua_limits){ 0 });
	end_place(&here, "99", "offer");
	end_wait(there.incoming, 1);
	CHECK_OK(ua_call_ring(there.call, end_text("")));
	end_wait(here.rings, 1);
	ua_call_end(here.call);
	end_wait(here.ended, 1);
	CHECK_EQ(here.reason, UA_END_OURS);
	end_wait(there.ended, 1);
	CHECK_EQ(there.reason, UA_END_THEIRS);
	both_close();
}

TEST(call_is_taken_back_while_it_is_answered)
{
	both_open(UA_UDP, (struct ua_limits){ 0 });
	end_place(&here, "99", "offer");
	end_wait(there.incoming, 1);
	CHECK_OK(ua_call_answer(there.call, end_text("answer")));
	ua_call_end(here.call);
	end_wait(here.ended, 1);
	CHECK_EQ(here.reason, UA_END_OURS);
	CHECK_EQ(here.answered, 0);
	end_wait(there.ended, 1);
	CHECK_EQ(there.reason, UA_END_THEIRS);
	both_close();
}

TEST(call_that_nobody_answers_ends)
{
	both_open(UA_UDP, (struct ua_limits){ .ring_s = 1 });
	end_place(&here, "99", "offer");
	end_wait(there.incoming, 1);
	end_wait(here.ended, 1);
	end_wait(there.ended, 1);
	CHECK(here.reason == UA_END_NO_ANSWER ||
	    there.reason == UA_END_NO_ANSWER);
	both_close();
}

TEST(calls_beyond_the_cap_are_refused)
{
	struct ua_counts counts;

	both_open(UA_UDP, (struct ua_limits){ .calls = 2 });
	end_place(&here, "99", "offer");
	end_place(&here, "99", "offer");
	end_wait(there.incoming, 2);
	CHECK_ERR(ua_call_place(here.ua,
		      &(struct ua_place){ .trunk = 0,
			  .to_user = "99",
			  .offer = end_text("offer") },
		      &here.call),
	    KK_ELIMIT);
	ua_counts_get(there.ua, &counts);
	CHECK_EQ(counts.calls, 2);
	both_close();
}

/* As many as its rate lets in, however long that takes here. */
TEST(calls_that_come_are_so_many_a_second)
{
	enum { CALLS = 20 };
	struct ua_counts counts;
	int64_t from_ms;

	both_open(UA_TCP,
	    (struct ua_limits){ .calls_per_s = 2,
		.source_calls = CALLS,
		.source_requests_per_s = 10 * CALLS });
	end_wait(here.trunk_state, UA_TRUNK_READY);
	from_ms = ua_now_ms();
	for (unsigned i = 0; i < CALLS; i++)
		end_place(&here, "99", "offer");
	while (there.incoming + here.ended < CALLS)
		end_run_ms(1);
	CHECK(there.incoming >= 2);
	CHECK(there.incoming <= 2 + 2 * (ua_now_ms() - from_ms + 999) / 1000);
	CHECK_EQ(here.status, 503);
	ua_counts_get(there.ua, &counts);
	CHECK_EQ(counts.refused, here.ended);
	both_close();
}

TEST(calls_of_one_address_at_a_time_are_bounded)
{
	both_open(UA_UDP, (struct ua_limits){ .source_calls = 2 });
	for (unsigned i = 0; i < 3; i++)
		end_place(&here, "99", "offer");
	end_wait(here.ended, 1);
	CHECK_EQ(here.status, 503);
	CHECK_EQ(there.incoming, 2);
	CHECK_OK(ua_call_reject(there.call, 486));
	end_wait(here.ended, 2);
	end_place(&here, "99", "offer");
	end_wait(there.incoming, 3);
	both_close();
}

TEST(wrong_moments_have_their_error)
{
	both_talk(UA_UDP);
	CHECK_ERR(ua_call_ring(there.call, end_text("")), KK_ESTATE);
	CHECK_ERR(ua_call_answer(here.call, end_text("x")), KK_ESTATE);
	CHECK_ERR(ua_call_reject(here.call, 486), KK_ESTATE);
	CHECK_ERR(ua_call_reject(here.call, 200), KK_EINVAL);
	CHECK_ERR(ua_call_offer(here.call, end_text("")), KK_EINVAL);
	both_close();
}

static enum kk_err opened(struct ua_config config)
{
	static const struct ua_handler none;
	struct ua *ua;
	const enum kk_err err = ua_new(&ua, &config, &none, NULL);

	if (!err)
		ua_free(ua);
	return err;
}

TEST(configs_that_are_wrong_have_their_error)
{
	const struct ua_listen good = { .address = "127.0.0.1" };
	const struct ua_listen nowhere = { .address = "192.0.2.1" };
	const struct ua_listen bare = { .transport = UA_TLS,
		.address = "127.0.0.1" };
	const struct ua_trunk trunk = { .name = "pbx",
		.domain = "site.example",
		.servers = { "tel:1" },
		.user = "1" };
	struct ua_config c = { .domain = "site.example",
		.listens = &good,
		.listen_count = 1 };

	CHECK_OK(opened(c));
	c.domain = "site\r\nexample";
	CHECK_ERR(opened(c), KK_EINVAL);
	c.domain = "site.example";
	c.listens = &nowhere;
	CHECK_ERR(opened(c), KK_EIO);
	c.listens = &bare;
	CHECK_ERR(opened(c), KK_EIO);
	c.listens = &good;
	c.trunks = &trunk;
	c.trunk_count = 1;
	CHECK_ERR(opened(c), KK_EINVAL);
	c.trunk_count = UA_TRUNKS_MAX + 1;
	CHECK_ERR(opened(c), KK_ELIMIT);
}
