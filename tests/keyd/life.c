/* life.c - meetings between boxes. */
#include <string.h>

#include "world.h"

static void data_send(struct world *w, struct box *from, struct box *to)
{
	sd_json_variant *sent, *got;

	sent = ask(w, from->link[POLICY], "Protect",
	    in_with("data", "aGVsbG8="));
	got = ask(w, to->link[POLICY], "Process",
	    in_with("message", text_of(sent, "message")));
	CHECK_STR(text_of(got, "kind"), "application");
	CHECK_STR(text_of(got, "data"), "aGVsbG8=");
	CHECK_STR(ask_fails(to->link[POLICY], "Process",
		      in_with("message", text_of(sent, "message"))),
	    "Replayed");
}

TEST(two_boxes_meet_by_a_welcome_show_one_code_and_talk)
{
	struct world w;
	sd_json_variant *roster, *members;

	world_start(&w, 2);
	meeting_create(&w, &w.box[0]);
	meeting_join(&w, &w.box[0], &w.box[1]);
	agree(&w, 2);
	roster = ask(&w, w.box[1].link[POLICY], "Roster", in_meeting());
	members = sd_json_variant_by_key(roster, "members");
	CHECK_EQ(sd_json_variant_elements(members), 2);
	CHECK_EQ(number_of(roster, "ownLeaf"), 1);
	CHECK(!is_true(sd_json_variant_by_index(members, 0), "verified"));
	CHECK_STR(text_of(sd_json_variant_by_index(members, 0), "name"),
	    "Konklave box");
	data_send(&w, &w.box[0], &w.box[1]);
	data_send(&w, &w.box[1], &w.box[0]);
	world_end(&w);
}

TEST(box_joins_by_an_external_commit_and_its_staged_join_can_be_dropped)
{
	struct world w;
	sd_json_variant *info, *join, *seen;
	sd_varlink *b;

	world_start(&w, 2);
	b = w.box[1].link[POLICY];
	meeting_create(&w, &w.box[0]);
	(void)ask(&w, b, "OpenMeeting", in_open());
	info = ask(&w, w.box[0].link[POLICY], "GroupInfo", in_meeting());
	join = ask(&w, b, "JoinExternal",
	    in_with("groupInfo", text_of(info, "groupInfo")));
	(void)ask(&w, b, "Drop", in_handle(join));
	CHECK_STR(ask_fails(b, "Apply", in_handle(join)), "NotFound");
	join = ask(&w, b, "JoinExternal",
	    in_with("groupInfo", text_of(info, "groupInfo")));
	seen = ask(&w, w.box[0].link[POLICY], "Process",
	    in_with("message", text_of(join, "commit")));
	CHECK_EQ(number_of(sd_json_variant_by_key(seen, "committer"), "leaf"),
	    1);
	CHECK(is_true(seen, "hasPath"));
	(void)ask(&w, w.box[0].link[POLICY], "Apply", in_handle(seen));
	(void)ask(&w, b, "Apply", in_handle(join));
	agree(&w, 2);
	world_end(&w);
}

TEST(of_two_raced_commits_the_loser_s_is_dropped_and_all_agree)
{
	struct world w;
	sd_json_variant *a, *b, *seen;

	world_start(&w, 2);
	meeting_create(&w, &w.box[0]);
	meeting_join(&w, &w.box[0], &w.box[1]);
	a = ask(&w, w.box[0].link[POLICY], "Commit", in_meeting());
	b = ask(&w, w.box[1].link[POLICY], "Commit", in_meeting());
	CHECK_STR(ask_fails(w.box[0].link[POLICY], "Commit", in_meeting()),
	    "Exists");
	/* The server takes a's: it comes back to a, and goes to b. */
	seen = ask(&w, w.box[0].link[POLICY], "Process",
	    in_with("message", text_of(a, "commit")));
	CHECK_STR(text_of(seen, "kind"), "own");
	CHECK_EQ(number_of(seen, "handle"), number_of(a, "handle"));
	(void)ask(&w, w.box[0].link[POLICY], "Apply", in_handle(seen));
	spread(&w, &w.box[0], text_of(a, "commit"));
	/* Entering the epoch dropped b's own; it is of no use any more. */
	CHECK_STR(ask_fails(w.box[1].link[POLICY], "Apply", in_handle(b)),
	    "NotFound");
	agree(&w, 2);
	(void)commit(&w, &w.box[1], in_meeting());
	agree(&w, 2);
	world_end(&w);
}

static sd_json_variant *in_removes(uint64_t leaf)
{
	sd_json_variant *in = in_meeting(), *list = NULL, *one = NULL;

	CHECK(sd_json_variant_new_unsigned(&one, leaf) >= 0);
	CHECK_OK(call_list_add(&list, one));
	CHECK_OK(call_put_value(&in, "removes", list));
	sd_json_variant_unref(one);
	sd_json_variant_unref(list);
	return in;
}

TEST(removed_box_is_told_and_can_do_nothing_more_in_the_meeting)
{
	struct world w;
	sd_json_variant *made, *seen, *done;
	sd_varlink *b;

	world_start(&w, 2);
	b = w.box[1].link[POLICY];
	meeting_create(&w, &w.box[0]);
	meeting_join(&w, &w.box[0], &w.box[1]);
	made = ask(&w, w.box[0].link[POLICY], "Commit", in_removes(1));
	seen = ask(&w, b, "Process",
	    in_with("message", text_of(made, "commit")));
	CHECK(is_true(seen, "removesUs"));
	CHECK_STR(text_of(sd_json_variant_by_index(
			      sd_json_variant_by_key(seen, "changes"), 0),
		      "what"),
	    "remove");
	done = ask(&w, b, "Apply", in_handle(seen));
	CHECK(is_true(done, "ended"));
	CHECK_STR(ask_fails(b, "SecurityCode", in_meeting()), "NotNow");
	CHECK_STR(ask_fails(b, "Commit", in_meeting()), "NotNow");
	(void)ask(&w, b, "Forget", in_meeting());
	(void)ask(&w, b, "OpenMeeting", in_open());
	world_end(&w);
}

TEST(box_that_wants_to_leave_is_removed_by_another_s_commit)
{
	struct world w;
	sd_json_variant *leave, *seen, *made;

	world_start(&w, 2);
	meeting_create(&w, &w.box[0]);
	meeting_join(&w, &w.box[0], &w.box[1]);
	leave = ask(&w, w.box[1].link[POLICY], "Leave", in_meeting());
	seen = ask(&w, w.box[0].link[POLICY], "Process",
	    in_with("message", text_of(leave, "message")));
	CHECK_STR(text_of(seen, "kind"), "proposal");
	CHECK_EQ(number_of(seen, "sender"), 1);
	made = ask(&w, w.box[0].link[POLICY], "Commit", in_meeting());
	(void)ask(&w, w.box[0].link[POLICY], "Apply", in_handle(made));
	seen = ask(&w, w.box[0].link[POLICY], "Roster", in_meeting());
	CHECK_EQ(
	    sd_json_variant_elements(sd_json_variant_by_key(seen, "members")),
	    1);
	world_end(&w);
}

TEST(meeting_s_state_is_the_same_for_all_and_changed_by_commits)
{
	struct world w;
	sd_json_variant *in = in_open();

	world_start(&w, 2);
	CHECK_OK(call_put_text(&in, "state", "b25l"));
	(void)ask(&w, w.box[0].link[POLICY], "CreateMeeting", in);
	meeting_join(&w, &w.box[0], &w.box[1]);
	for (size_t i = 0; i < 2; i++)
		CHECK_STR(text_of(ask(&w, w.box[i].link[POLICY], "Roster",
				      in_meeting()),
			      "state"),
		    "b25l");
	(void)commit(&w, &w.box[1], in_with("state", "dHdv"));
	for (size_t i = 0; i < 2; i++)
		CHECK_STR(text_of(ask(&w, w.box[i].link[POLICY], "Roster",
				      in_meeting()),
			      "state"),
		    "dHdv");
	world_end(&w);
}

TEST(another_secret_opens_nothing_of_the_meeting)
{
	struct world w;
	sd_json_variant *info;

	world_start(&w, 2);
	meeting_create(&w, &w.box[0]);
	(void)ask(&w, w.box[1].link[POLICY], "OpenMeeting",
	    in_with("secret", "AAAAAAAAAAAAAAAAAAAAAA=="));
	info = ask(&w, w.box[0].link[POLICY], "GroupInfo", in_meeting());
	CHECK_STR(ask_fails(w.box[1].link[POLICY], "JoinExternal",
		      in_with("groupInfo", text_of(info, "groupInfo"))),
	    "BadTag");
	world_end(&w);
}

TEST(meeting_in_suite_2_works_and_other_suites_are_refused)
{
	struct world w;
	sd_json_variant *in;

	world_start(&w, 1);
	in = in_open();
	CHECK_OK(call_put_u64(&in, "suite", 3));
	CHECK_STR(ask_fails(w.box[0].link[POLICY], "CreateMeeting", in),
	    "Unsupported");
	in = in_open();
	CHECK_OK(call_put_u64(&in, "suite", 2));
	(void)ask(&w, w.box[0].link[POLICY], "CreateMeeting", in);
	CHECK_EQ(strlen(code_of(&w, &w.box[0])), 35);
	world_end(&w);
}
