/* forks.c - a call to a name that several telephones have registered by. */
#include "ua/end.h"

enum { PHONES = 3 };

static struct end there, phones[PHONES];

static void all_ring(void)
{
	static const char text[] = "anna a9b17a852696035661f5310fff19dcde\n";
	const struct ua_place place = { .trunk = UA_NO_TRUNK,
		.to_user = "anna",
		.offer = end_text("offer") };
	struct ua_account *accounts;
	struct ua_counts counts;
	size_t count;

	CHECK_OK(ua_accounts_read(&accounts, &count, end_text(text)));
	end_open(&there,
	    (struct ua_config){ .accounts = accounts, .account_count = count });
	ua_accounts_free(accounts, count);
	for (size_t i = 0; i < PHONES; i++) {
		char uri[END_TEXT_BYTES];
		struct ua_trunk trunk = end_trunk(&there, UA_UDP, uri);

		trunk.user = "anna";
		trunk.password = "secret";
		trunk.is_static = false;
		end_open(&phones[i],
		    (struct ua_config){ .trunks = &trunk, .trunk_count = 1 });
		end_wait(phones[i].trunk_state, UA_TRUNK_READY);
	}
	CHECK_OK(ua_call_place(there.ua, &place, &there.call));
	for (size_t i = 0; i < PHONES; i++) {
		end_wait(phones[i].incoming, 1);
		CHECK_OK(ua_call_ring(phones[i].call, end_text("")));
		CHECK_STR(phones[i].sdp, "offer");
	}
	end_wait(there.rings, PHONES);
	ua_counts_get(there.ua, &counts);
	CHECK_EQ(counts.calls, 1);
	CHECK_EQ(counts.calls_out, 1);
}

static void all_close(void)
{
	struct ua_counts counts;

	for (size_t i = 0; i < PHONES; i++) {
		end_wait(phones[i].ended, 1);
		CHECK_EQ(phones[i].incoming, 1);
		end_close(&phones[i]);
	}
	CHECK_EQ(there.ended, 1);
	ua_counts_get(there.ua, &counts);
	CHECK(counts.calls <= 1); /* its answer to CANCEL may be under way */
	end_close(&there);
}

static void answers(size_t who)
{
	all_ring();
	CHECK_OK(ua_call_answer(phones[who].call, end_text("answer")));
	end_wait(there.answered, 1);
	CHECK_STR(there.sdp, "answer");
	for (size_t i = 0; i < PHONES; i++) {
		if (i == who)
			continue;
		end_wait(phones[i].ended, 1);
		CHECK_EQ(phones[i].reason, UA_END_THEIRS);
	}
	CHECK_EQ(phones[who].ended, 0);
	/* What is said in the call is said to that one. */
	CHECK_OK(ua_call_offer(there.call, end_text("hold")));
	end_wait(phones[who].offered, 1);
	CHECK_OK(ua_call_answer(phones[who].call, end_text("held")));
	end_wait(there.answered, 2);
	CHECK_STR(there.sdp, "held");
	ua_call_end(phones[who].call);
	end_wait(there.ended, 1);
	CHECK_EQ(there.reason, UA_END_THEIRS);
	all_close();
}

TEST(first_telephone_that_answers_has_the_call_and_the_others_are_released)
{
	for (size_t who = 0; who < PHONES; who++)
		answers(who);
}

static void refuse(size_t who, unsigned status, unsigned ended)
{
	CHECK_OK(ua_call_reject(phones[who].call, status));
	end_wait(phones[who].ended, 1);
	end_run_ms(20);
	end_wait(there.ended, ended);
}

TEST(call_is_refused_when_the_last_telephone_has_and_busy_is_told_before_others)
{
	all_ring();
	refuse(2, 480, 0);
	refuse(0, 486, 0);
	refuse(1, 404, 1);
	CHECK_EQ(there.reason, UA_END_BUSY);
	all_close();
}

TEST(telephone_that_answers_after_others_have_refused_has_the_call)
{
	all_ring();
	refuse(2, 486, 0);
	refuse(1, 486, 0);
	CHECK_OK(ua_call_answer(phones[0].call, end_text("answer")));
	end_wait(there.answered, 1);
	ua_call_end(there.call);
	end_wait(phones[0].ended, 1);
	end_wait(there.ended, 1);
	all_close();
}

TEST(telephone_that_refuses_for_all_ends_the_call)
{
	for (size_t who = 0; who < PHONES; who++) {
		all_ring();
		refuse(who, 603, 1);
		CHECK_EQ(there.reason, UA_END_DECLINED);
		CHECK_EQ(there.status, 603);
		all_close();
	}
}

TEST(call_to_several_is_taken_back)
{
	all_ring();
	ua_call_end(there.call);
	end_wait(there.ended, 1);
	CHECK_EQ(there.reason, UA_END_OURS);
	all_close();
}

/* Both have said yes before either knows of the other. */
TEST(second_answer_at_once_is_ended)
{
	all_ring();
	CHECK_OK(ua_call_answer(phones[0].call, end_text("one")));
	CHECK_OK(ua_call_answer(phones[1].call, end_text("two")));
	end_wait(there.answered, 1);
	while (phones[0].ended + phones[1].ended == 0)
		end_run_ms(1);
	CHECK_EQ(phones[0].ended + phones[1].ended, 1);
	CHECK_EQ(there.answered, 1);
	ua_call_end(there.call);
	end_wait(there.ended, 1);
	all_close();
}
