/* restart.c - kill -9, and what is there afterwards. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "world.h"

static void restart(struct box *b)
{
	box_kill(b);
	box_start(b);
}

TEST(killed_box_comes_back_in_its_epoch_and_goes_on)
{
	struct world w;
	char code[64];

	world_start(&w, 2);
	meeting_create(&w, &w.box[0]);
	meeting_join(&w, &w.box[0], &w.box[1]);
	(void)snprintf(code, sizeof(code), "%s", code_of(&w, &w.box[0]));
	restart(&w.box[0]);
	CHECK_STR(code_of(&w, &w.box[0]), code);
	restart(&w.box[1]);
	agree(&w, 2);
	(void)commit(&w, &w.box[0], in_meeting());
	(void)commit(&w, &w.box[1], in_meeting());
	agree(&w, 2);
	CHECK(strcmp(code_of(&w, &w.box[0]), code) != 0);
	world_end(&w);
}

TEST(identity_is_the_same_after_a_restart)
{
	struct world w;
	const char *before;

	world_start(&w, 1);
	before = text_of(ask(&w, w.box[0].link[POLICY], "Identity", NULL),
	    "fingerprint");
	CHECK_EQ(strlen(before), 64);
	restart(&w.box[0]);
	CHECK_STR(text_of(ask(&w, w.box[0].link[POLICY], "Identity", NULL),
		      "fingerprint"),
	    before);
	world_end(&w);
}

TEST(commit_that_was_on_its_way_is_applied_after_a_restart)
{
	struct world w;
	sd_json_variant *made, *seen;

	world_start(&w, 2);
	meeting_create(&w, &w.box[0]);
	meeting_join(&w, &w.box[0], &w.box[1]);
	made = ask(&w, w.box[0].link[POLICY], "Commit", in_meeting());
	restart(&w.box[0]);
	CHECK_EQ(
	    number_of(ask(&w, w.box[0].link[POLICY], "Roster", in_meeting()),
		"staged"),
	    number_of(made, "handle"));
	spread(&w, &w.box[0], text_of(made, "commit"));
	seen = ask(&w, w.box[0].link[POLICY], "Process",
	    in_with("message", text_of(made, "commit")));
	CHECK_STR(text_of(seen, "kind"), "own");
	(void)ask(&w, w.box[0].link[POLICY], "Apply", in_handle(seen));
	CHECK(!call_has(ask(&w, w.box[0].link[POLICY], "Roster", in_meeting()),
	    "staged"));
	agree(&w, 2);
	world_end(&w);
}

TEST(key_package_serves_after_a_restart)
{
	struct world w;
	sd_json_variant *kp, *in = in_meeting(), *list = NULL, *made;

	world_start(&w, 2);
	meeting_create(&w, &w.box[0]);
	(void)ask(&w, w.box[1].link[POLICY], "OpenMeeting", in_open());
	kp = ask(&w, w.box[1].link[POLICY], "NewKeyPackage", in_meeting());
	restart(&w.box[1]);
	CHECK_OK(call_list_add(&list,
	    sd_json_variant_by_key(kp, "keyPackage")));
	CHECK_OK(call_put_value(&in, "adds", list));
	sd_json_variant_unref(list);
	made = commit(&w, &w.box[0], in);
	(void)ask(&w, w.box[1].link[POLICY], "JoinByWelcome",
	    in_with("welcome", text_of(made, "welcome")));
	agree(&w, 2);
	world_end(&w);
}

TEST(message_opened_before_a_restart_does_not_open_again)
{
	struct world w;
	sd_json_variant *sent;

	world_start(&w, 2);
	meeting_create(&w, &w.box[0]);
	meeting_join(&w, &w.box[0], &w.box[1]);
	sent = ask(&w, w.box[0].link[POLICY], "Protect",
	    in_with("data", "aGVsbG8="));
	(void)ask(&w, w.box[1].link[POLICY], "Process",
	    in_with("message", text_of(sent, "message")));
	restart(&w.box[1]);
	CHECK_STR(ask_fails(w.box[1].link[POLICY], "Process",
		      in_with("message", text_of(sent, "message"))),
	    "Replayed");
	world_end(&w);
}

TEST(forgotten_meeting_stays_forgotten)
{
	struct world w;

	world_start(&w, 1);
	meeting_create(&w, &w.box[0]);
	(void)ask(&w, w.box[0].link[POLICY], "Forget", in_meeting());
	restart(&w.box[0]);
	CHECK_EQ(number_of(ask(&w, w.box[0].link[POLICY], "Status", NULL),
		     "meetings"),
	    0);
	world_end(&w);
}

/* The file of MEETING, "meeting one" in hex. */
static void meeting_path(const struct box *b, char *path, size_t room)
{
	(void)snprintf(path, room, "%s/state/meetings/%s", b->folder,
	    "6d656574696e67206f6e65");
}

TEST(altered_file_is_refused_and_said_and_nothing_else_suffers)
{
	char path[160], *log;
	struct world w;

	world_start(&w, 1);
	meeting_create(&w, &w.box[0]);
	box_kill(&w.box[0]);
	meeting_path(&w.box[0], path, sizeof(path));
	file_patch(path, 100, "altered", 7);
	box_start(&w.box[0]);
	CHECK_STR(ask_fails(w.box[0].link[POLICY], "Roster", in_meeting()),
	    "NotNow");
	log = box_log(&w.box[0]);
	CHECK(strstr(log, "not to be read err=KK_EAUTH") != NULL);
	free(log);
	meeting_create(&w, &w.box[0]);
	world_end(&w);
}

TEST(box_that_cannot_save_gives_the_group_up_and_joins_anew)
{
	char path[160], blocked[180];
	struct world w;
	sd_json_variant *info, *join, *in;

	world_start(&w, 2);
	meeting_create(&w, &w.box[0]);
	meeting_join(&w, &w.box[0], &w.box[1]);
	/* A folder in the place of the file that is to be written. */
	meeting_path(&w.box[1], path, sizeof(path));
	(void)snprintf(blocked, sizeof(blocked), "%s.new", path);
	CHECK_EQ(mkdir(blocked, 0700), 0);
	CHECK_STR(ask_fails(w.box[1].link[POLICY], "Protect",
		      in_with("data", "AA==")),
	    "Failed");
	CHECK_STR(ask_fails(w.box[1].link[POLICY], "Roster", in_meeting()),
	    "NotNow");
	CHECK_EQ(rmdir(blocked), 0);
	info = ask(&w, w.box[0].link[POLICY], "GroupInfo", in_meeting());
	in = in_with("groupInfo", text_of(info, "groupInfo"));
	CHECK_OK(call_put_u64(&in, "replaces", 1));
	join = ask(&w, w.box[1].link[POLICY], "JoinExternal", in);
	spread(&w, &w.box[1], text_of(join, "commit"));
	(void)ask(&w, w.box[1].link[POLICY], "Apply", in_handle(join));
	agree(&w, 2);
	world_end(&w);
}

TEST(state_is_closed_to_others_and_one_process_has_it)
{
	char path[160];
	struct world w;
	struct stat st;

	world_start(&w, 1);
	meeting_create(&w, &w.box[0]);
	meeting_path(&w.box[0], path, sizeof(path));
	CHECK_EQ(stat(path, &st), 0);
	CHECK_EQ(st.st_mode & 0777, 0600);
	(void)snprintf(path, sizeof(path), "%s/state/meetings",
	    w.box[0].folder);
	CHECK_EQ(stat(path, &st), 0);
	CHECK_EQ(st.st_mode & 0777, 0700);
	world_end(&w);
}
