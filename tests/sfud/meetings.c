/* meetings.c - registering, entering, leaving: each error of the table. */
#include <string.h>

#include "world.h"

#define REGISTER                                                        \
	", \"siteToken\": \"%s\", \"meeting\": \"%s\", \"tokenHash\": " \
	"\"%s\", \"participants\": %u"
#define ENTER ", \"meeting\": \"%s\", \"token\": \"%s\""

static size_t length_of(sd_json_variant *v, const char *name)
{
	sd_json_variant *list = sd_json_variant_by_key(v, name);

	CHECK(list != NULL);
	CHECK(sd_json_variant_is_array(list));
	return sd_json_variant_elements(list);
}

TEST(a_meeting_is_registered_entered_and_left)
{
	struct world w = { 0 };
	struct client *a, *b;
	sd_json_variant *v;

	world_start(&w);
	a = client_greet(&w, 0);
	v = ask(a, "register", REGISTER, SITE_TOKEN, MEETING, TOKEN_HASH, 2);
	CHECK(is_null(v, "epoch"));
	v = ask(a, "enter", ENTER, MEETING, TOKEN);
	CHECK(is_null(v, "epoch"));
	CHECK_EQ(length_of(v, "participants"), 0);
	CHECK(!sd_json_variant_boolean(sd_json_variant_by_key(v, "isBehind")));
	a->participant = text_of(v, "participant");
	v = client_enter(&w, 1, "null");
	b = &w.clients[1];
	CHECK_EQ(length_of(v, "participants"), 1);
	v = sd_json_variant_by_index(sd_json_variant_by_key(v, "participants"),
	    0);
	CHECK_STR(text_of(v, "participant"), a->participant);
	CHECK_EQ(length_of(v, "sources"), 0);
	v = event_take(a, "joined");
	CHECK_STR(text_of(v, "participant"), b->participant);
	CHECK(strcmp(a->participant, b->participant) != 0);
	(void)ask(b, "leave", "%s", "");
	v = event_take(a, "left");
	CHECK_STR(text_of(v, "participant"), b->participant);
	CHECK_STR(text_of(v, "reason"), "left");
	CHECK_EQ(events_left(a), 0);
	/* It may come again, as somebody else. */
	v = ask(b, "enter", ENTER, MEETING, TOKEN);
	CHECK(strcmp(text_of(v, "participant"), b->participant) != 0);
	world_end(&w);
}

TEST(who_closes_has_left_and_who_is_cut_off_is_lost)
{
	struct world w = { 0 };
	const char *b, *c;
	sd_json_variant *v;

	world_start(&w);
	meeting_make(&w, 10);
	(void)client_enter(&w, 0, "null");
	(void)client_enter(&w, 1, "null");
	(void)client_enter(&w, 2, "null");
	b = w.clients[1].participant;
	c = w.clients[2].participant;
	client_close(&w.clients[1]);
	v = event_take(&w.clients[0], "left");
	CHECK_STR(text_of(v, "participant"), b);
	CHECK_STR(text_of(v, "reason"), "left");
	client_drop(&w.clients[2]);
	v = event_take(&w.clients[0], "left");
	CHECK_STR(text_of(v, "participant"), c);
	CHECK_STR(text_of(v, "reason"), "lost");
	world_end(&w);
}

TEST(a_wrong_site_token_is_denied)
{
	struct world w = { 0 };
	struct client *a;

	world_start(&w);
	a = client_greet(&w, 0);
	CHECK_STR(ask_fails(a, "register", REGISTER, OTHER_TOKEN, MEETING,
		      TOKEN_HASH, 2),
	    "denied");
	CHECK_STR(ask_fails(a, "enter", ENTER, MEETING, TOKEN),
	    "unknown-meeting");
	(void)ask(a, "register", REGISTER, SITE_TOKEN, MEETING, TOKEN_HASH, 2);
	CHECK_STR(ask_fails(a, "unregister",
		      ", \"siteToken\": \"%s\", \"meeting\": \"%s\"",
		      OTHER_TOKEN, MEETING),
	    "denied");
	(void)ask(a, "enter", ENTER, MEETING, TOKEN);
	world_end(&w);
}

TEST(a_wrong_token_is_denied_and_nobody_hears_of_it)
{
	struct world w = { 0 };
	struct client *a;

	world_start(&w);
	meeting_make(&w, 10);
	(void)client_enter(&w, 0, "null");
	a = client_greet(&w, 1);
	CHECK_STR(ask_fails(a, "enter", ENTER, MEETING, OTHER_TOKEN), "denied");
	CHECK_STR(ask_fails(a, "enter", ENTER, MEETING_2, TOKEN),
	    "unknown-meeting");
	CHECK_EQ(events_left(&w.clients[0]), 0);
	(void)ask(a, "enter", ENTER, MEETING, TOKEN);
	world_end(&w);
}

TEST(a_full_meeting_says_so_until_somebody_leaves)
{
	struct world w = { 0 };
	struct client *c;

	world_start(&w);
	meeting_make(&w, 2);
	(void)client_enter(&w, 0, "null");
	(void)client_enter(&w, 1, "null");
	c = client_greet(&w, 2);
	CHECK_STR(ask_fails(c, "enter", ENTER, MEETING, TOKEN), "full");
	(void)ask(&w.clients[1], "leave", "%s", "");
	(void)ask(c, "enter", ENTER, MEETING, TOKEN);
	world_end(&w);
}

TEST(registering_again_changes_nothing_and_tells_the_epoch)
{
	struct world w = { 0 };
	struct client *a;
	sd_json_variant *v;

	world_start(&w);
	meeting_make(&w, 2);
	(void)client_enter(&w, 0, "null");
	a = &w.clients[0];
	(void)ask(a, "begin", ", \"epoch\": %d", 7);
	v = ask(a, "register", REGISTER, SITE_TOKEN, MEETING, TOKEN_HASH, 2);
	CHECK_EQ(number_of(v, "epoch"), 7);
	CHECK_STR(ask_fails(a, "register", REGISTER, SITE_TOKEN, MEETING,
		      OTHER_HASH, 2),
	    "denied");
	v = ask(a, "register", REGISTER, SITE_TOKEN, MEETING, TOKEN_HASH, 5);
	CHECK_EQ(number_of(v, "epoch"), 7);
	(void)client_enter(&w, 1, "null");
	(void)client_enter(&w, 2, "null"); /* the third of now five */
	world_end(&w);
}

TEST(a_reset_forgets_the_epoch_and_everybody_else_is_told)
{
	struct world w = { 0 };
	sd_json_variant *v;

	world_start(&w);
	meeting_make(&w, 3);
	(void)client_enter(&w, 0, "null");
	(void)client_enter(&w, 1, "null");
	(void)ask(&w.clients[0], "begin", ", \"epoch\": %d", 7);
	v = ask(&w.clients[0], "register", REGISTER ", \"reset\": true",
	    SITE_TOKEN, MEETING, TOKEN_HASH, 3);
	CHECK(is_null(v, "epoch"));
	(void)event_take(&w.clients[1], "reset");
	(void)event_take(&w.clients[0], "joined");
	CHECK_EQ(events_left(&w.clients[0]), 0);
	(void)ask(&w.clients[0], "begin", ", \"epoch\": %d", 0);
	world_end(&w);
}

TEST(a_reset_to_another_token_sends_those_of_the_old_one_away)
{
	struct world w = { 0 };
	struct client *c;

	world_start(&w);
	meeting_make(&w, 3);
	(void)client_enter(&w, 0, "null");
	c = client_greet(&w, 1);
	(void)ask(c, "register", REGISTER ", \"reset\": true", SITE_TOKEN,
	    MEETING, OTHER_HASH, 3);
	CHECK_STR(text_of(event_take(&w.clients[0], "closed"), "reason"),
	    "unregistered");
	client_wait_closed(&w.clients[0]);
	CHECK_STR(ask_fails(c, "enter", ENTER, MEETING, TOKEN), "denied");
	world_end(&w);
}

TEST(an_unregistered_meeting_closes)
{
	struct world w = { 0 };
	struct client *c;

	world_start(&w);
	meeting_make(&w, 3);
	(void)client_enter(&w, 0, "null");
	(void)client_enter(&w, 1, "null");
	c = client_greet(&w, 2);
	(void)ask(c, "unregister",
	    ", \"siteToken\": \"%s\", \"meeting\": \"%s\"", SITE_TOKEN,
	    MEETING);
	for (size_t i = 0; i < 2; i++) {
		CHECK_STR(text_of(event_take(&w.clients[i], "closed"),
			      "reason"),
		    "unregistered");
		client_wait_closed(&w.clients[i]);
		CHECK_EQ(w.clients[i].why, WS_CLOSED_BY_PEER);
	}
	CHECK_STR(ask_fails(c, "unregister",
		      ", \"siteToken\": \"%s\", \"meeting\": \"%s\"",
		      SITE_TOKEN, MEETING),
	    "unknown-meeting");
	CHECK_STR(ask_fails(c, "enter", ENTER, MEETING, TOKEN),
	    "unknown-meeting");
	world_end(&w);
}

TEST(messages_reach_all_others_or_the_one_who_is_named)
{
	struct world w = { 0 };
	struct client *a, *b, *c;
	sd_json_variant *v;

	world_start(&w);
	meeting_make(&w, 3);
	(void)client_enter(&w, 0, "null");
	(void)client_enter(&w, 1, "null");
	(void)client_enter(&w, 2, "null");
	a = &w.clients[0];
	b = &w.clients[1];
	c = &w.clients[2];
	(void)ask(a, "message", ", \"message\": \"%s\"", b64(&w, "all"));
	v = event_take(b, "message");
	CHECK_STR(text_of(v, "from"), a->participant);
	CHECK_STR(text_of(v, "message"), b64(&w, "all"));
	CHECK_STR(text_of(event_take(c, "message"), "message"), b64(&w, "all"));
	(void)ask(a, "message", ", \"message\": \"%s\", \"to\": \"%s\"",
	    b64(&w, "one"), c->participant);
	CHECK_STR(text_of(event_take(c, "message"), "message"), b64(&w, "one"));
	(void)event_take(b, "joined");
	CHECK_EQ(events_left(b), 0);
	CHECK_EQ(events_left(c), 0);
	client_close(c);
	CHECK_STR(ask_fails(a, "message",
		      ", \"message\": \"%s\", \"to\": \"%s\"", b64(&w, "one"),
		      c->participant),
	    "unknown");
	world_end(&w);
}

TEST(meetings_hear_nothing_of_each_other)
{
	struct world w = { 0 };
	struct client *a;

	world_start(&w);
	meeting_make(&w, 3);
	(void)client_enter(&w, 0, "null");
	a = client_greet(&w, 1);
	(void)ask(a, "register", REGISTER, SITE_TOKEN, MEETING_2, TOKEN_HASH,
	    2);
	(void)ask(a, "enter", ENTER, MEETING_2, TOKEN);
	(void)ask(a, "message", ", \"message\": \"%s\"", b64(&w, "x"));
	CHECK_STR(ask_fails(a, "message",
		      ", \"message\": \"%s\", \"to\": \"%s\"", b64(&w, "x"),
		      w.clients[0].participant),
	    "unknown");
	(void)ask(a, "leave", "%s", "");
	CHECK_EQ(events_left(&w.clients[0]), 0);
	world_end(&w);
}
