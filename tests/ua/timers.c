/* timers.c - what happens later: with the time of it brought forward. */
#include "ua/end.h"
#include "ua/ua_private.h"

static struct end here, there;
static char uri[END_TEXT_BYTES];

static void both_talk(void)
{
	struct ua_trunk trunk;

	end_open(&there, (struct ua_config){ .rule = UA_RULE_ANYBODY });
	trunk = end_trunk(&there, UA_UDP, uri);
	end_open(&here,
	    (struct ua_config){ .trunks = &trunk, .trunk_count = 1 });
	end_place(&here, "99", "offer");
	end_wait(there.incoming, 1);
	CHECK_OK(ua_call_answer(there.call, end_text("answer")));
	end_wait(here.answered, 1);
	end_wait(there.call->state, UA_CALL_UP);
}

static void both_close(void)
{
	end_close(&here);
	end_close(&there);
}

TEST(both_ends_agree_who_refreshes_the_session)
{
	both_talk();
	CHECK_EQ(here.call->session_s, 1800);
	CHECK_EQ(there.call->session_s, 1800);
	CHECK(here.call->is_refresher != there.call->is_refresher);
	both_close();
}

static void refreshes(bool by_update)
{
	struct end *refresher, *other;
	int64_t was_s;

	both_talk();
	refresher = here.call->is_refresher ? &here : &there;
	other = refresher == &here ? &there : &here;
	refresher->call->takes_update = by_update;
	other->call->refresh_at_s -= 1000;
	was_s = other->call->refresh_at_s;
	refresher->call->refresh_at_s = 0;
	if (!by_update) {
		end_wait(other->offered, 1);
		CHECK_STR(other->sdp, refresher == &here ? "offer" : "answer");
		CHECK_OK(ua_call_answer(other->call, end_text("same")));
	}
	while (other->call->refresh_at_s == was_s || refresher->call->ours)
		end_run_ms(1);
	CHECK(other->call->refresh_at_s > was_s);
	CHECK_EQ(here.answered, 1); /* nothing to tell of */
	CHECK_EQ(there.answered, 0);
	CHECK_EQ(here.ended + there.ended, 0);
	both_close();
}

TEST(session_is_refreshed_by_update)
{
	refreshes(true);
}

TEST(session_is_refreshed_by_invite_where_update_is_unknown)
{
	refreshes(false);
}

TEST(session_without_refresh_is_lost)
{
	struct end *other;

	both_talk();
	other = here.call->is_refresher ? &there : &here;
	other->call->refresh_at_s = 0;
	end_wait(other->ended, 1);
	CHECK_EQ(other->reason, UA_END_LOST);
	end_wait(here.ended, 1);
	end_wait(there.ended, 1);
	both_close();
}

TEST(bucket_gives_its_rate_and_no_more)
{
	struct ua_bucket b = { .level_milli = 0 };
	unsigned given = 0;

	for (int64_t ms = 0; ms < 10000; ms++)
		given += ua_bucket_take(&b, 20, 5000 + ms);
	/* What is saved up, and ten seconds of it. */
	CHECK(given >= 20 * 10 && given <= 20 * 11);
}

TEST(trunk_registers_again_before_its_time_is_over)
{
	static const char text[] = "anna a9b17a852696035661f5310fff19dcde\n";
	struct ua_account *accounts;
	struct ua_trunk trunk;
	int64_t left_s;
	size_t count;

	CHECK_OK(ua_accounts_read(&accounts, &count,
	    kk_view_of(text, sizeof(text) - 1)));
	end_open(&there,
	    (struct ua_config){ .accounts = accounts, .account_count = count });
	ua_accounts_free(accounts, count);
	trunk = end_trunk(&there, UA_TCP, uri);
	trunk.user = "anna";
	trunk.password = "secret";
	trunk.is_static = false;
	trunk.expires_s = 100;
	end_open(&here,
	    (struct ua_config){ .trunks = &trunk, .trunk_count = 1 });
	end_wait(here.trunk_state, UA_TRUNK_READY);
	left_s = here.ua->trunks[0].next_s - ua_now_s();
	CHECK(left_s > 50 && left_s <= 75);
	CHECK_EQ(there.ua->counts.contacts, 1);
	there.ua->owns[0].contacts->expires_at_s -= 1000;
	here.ua->trunks[0].next_s = 0;
	/* It is known again, or still, once that is answered. */
	while (here.ua->trunks[0].next_s == 0 || here.ua->trunks[0].request)
		end_run_ms(1);
	CHECK_EQ(here.trunk_state, UA_TRUNK_READY);
	CHECK_EQ(there.ua->counts.contacts, 1);
	CHECK(there.ua->owns[0].contacts->expires_at_s > ua_now_s());
	there.ua->owns[0].contacts->expires_at_s = 0;
	while (there.ua->counts.contacts != 0)
		end_run_ms(1);
	both_close();
}
