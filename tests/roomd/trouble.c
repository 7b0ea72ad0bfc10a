/* trouble.c - what goes wrong has its name. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "world.h"

static char *made_link(struct world *w)
{
	char *link;

	box_start(&w->box[0]);
	await(w, all_meet, NULL);
	link = box_file(&w->box[0], "room/link");
	link[strcspn(link, "\n")] = '\0';
	return link;
}

/* Another letter in place of the one so far from the end. */
static void letter_change(char *link, size_t from_end)
{
	char *at = link + strlen(link) - from_end;

	*at = *at == 'A' ? 'B' : 'A';
}

TEST(server_that_is_not_there_is_unreachable)
{
	struct world w;

	world_start(&w);
	server_kill(&w);
	box_start(&w.box[0]);
	trouble_await(&w.box[0], "unreachable");
	CHECK_STR(plan_text(&w.box[0], "phase"), "connecting");
	server_start(&w);
	await(&w, all_meet, NULL);
	CHECK(plan_text(&w.box[0], "trouble") == NULL);
	world_end(&w);
}

TEST(server_of_another_version_is_told)
{
	struct world w;

	world_start(&w);
	server_kill(&w);
	server_start_other(&w);
	box_start(&w.box[0]);
	trouble_await(&w.box[0], "version");
	CHECK_STR(plan_text(&w.box[0], "phase"), "refused");
	world_end(&w);
}

TEST(wrong_site_token_is_denied)
{
	struct world w;
	static const char other[32] = "thirty-two bytes that are others";
	char path[96];

	world_start(&w);
	(void)snprintf(path, sizeof(path), "%s/site", w.box[0].folder);
	file_write(path, other, sizeof(other));
	box_start(&w.box[0]);
	trouble_await(&w.box[0], "denied");
	world_end(&w);
}

TEST(link_with_a_wrong_secret_is_told_and_disturbs_nobody)
{
	struct world w;
	char *link;
	uint64_t epoch;

	world_start(&w);
	link = made_link(&w);
	epoch = plan_number(&w.box[0], "epoch");
	letter_change(link, 5);
	w.box[1].link = link;
	box_start(&w.box[1]);
	trouble_await(&w.box[1], "wrong-secret");
	CHECK_STR(plan_text(&w.box[0], "phase"), "in");
	CHECK_EQ(plan_number(&w.box[0], "epoch"), epoch);
	free(link);
	world_end(&w);
}

TEST(meeting_that_is_not_there_is_told)
{
	struct world w;
	char *link;

	world_start(&w);
	link = made_link(&w);
	letter_change(link, 30);
	w.box[1].link = link;
	box_start(&w.box[1]);
	trouble_await(&w.box[1], "unknown-meeting");
	free(link);
	world_end(&w);
}

TEST(full_meeting_is_told)
{
	struct world w;
	char *link;

	world_start(&w);
	link = made_link(&w);
	meeting_make_small(&w.box[0]);
	w.box[1].link = w.box[2].link = link;
	box_start(&w.box[1]);
	await(&w, all_meet, NULL);
	box_start(&w.box[2]);
	trouble_await(&w.box[2], "full");
	free(link);
	world_end(&w);
}

TEST(server_with_a_foreign_certificate_is_untrusted)
{
	struct world w;
	char trust[96];
	int status = 0;
	pid_t pid;

	world_start(&w);
	server_kill(&w);
	pid = fork();
	CHECK(pid >= 0);
	if (pid == 0) {
		execl("tests/ws/ca", "ca", w.folder, (char *)NULL);
		_exit(127);
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	(void)snprintf(trust, sizeof(trust), "%s/other.pem", w.folder);
	w.server.has_tls = true;
	w.server.port = 0;
	server_start(&w);
	w.trust = trust;
	box_start(&w.box[0]);
	trouble_await(&w.box[0], "untrusted");
	box_stop(&w.box[0]);
	(void)snprintf(trust, sizeof(trust), "%s/site.pem", w.folder);
	box_start(&w.box[0]);
	await(&w, all_meet, NULL);
	world_end(&w);
}

enum { LASTS, IS_OVER };

static void certificate_make(struct box *b, const char *ca, const char *key,
    int how)
{
	int status = 0;
	pid_t pid = fork();

	CHECK(pid >= 0);
	if (pid == 0) {
		if (how == IS_OVER)
			execl("tests/keyd/ca", "ca", b->folder, ca,
			    "Room of a site", key, "-not_before",
			    "20250101000000Z", "-not_after", "20250201000000Z",
			    (char *)NULL);
		else
			execl("tests/keyd/ca", "ca", b->folder, ca,
			    "Room of a site", key, (char *)NULL);
		_exit(127);
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* keyd goes on with a certificate of this CA for its key. */
static void keyd_certify(struct box *b, const char *ca, int how)
{
	static char options[WORLD_BOXES][2][128];
	char(*own)[128] = options[b - b->w->box];
	char path[128];
	sd_varlink *link = NULL;
	sd_json_variant *out = NULL;
	const char *error = NULL;

	keyd_start(b);
	(void)snprintf(path, sizeof(path), "%s/policy", b->folder);
	CHECK(sd_varlink_connect_address(&link, path) >= 0);
	CHECK(sd_varlink_call(link, "io.konklave.Keys.Identity", NULL, &out,
		  &error) >= 0);
	CHECK(error == NULL);
	certificate_make(b, ca,
	    sd_json_variant_string(sd_json_variant_by_key(out, "publicKey")),
	    how);
	sd_varlink_close_unref(link);
	keyd_kill(b);
	(void)snprintf(own[0], sizeof(own[0]), "--chain=%s/%s.chain.pem",
	    b->folder, ca);
	(void)snprintf(own[1], sizeof(own[1]), "--trust=%s/%s.pem", b->folder,
	    ca);
	b->keyd_options[0] = own[0];
	b->keyd_options[1] = own[1];
}

TEST(box_whose_members_are_of_a_foreign_ca_is_told_and_stays_out)
{
	struct world w;
	sd_json_variant *one;
	char *link;

	world_start(&w);
	keyd_certify(&w.box[0], "one", LASTS);
	link = made_link(&w);
	one = sd_json_variant_by_index(
	    sd_json_variant_by_key(w.box[0].plan[FACE], "people"), 0);
	CHECK(sd_json_variant_boolean(sd_json_variant_by_key(one, "verified")));
	w.box[1].link = link;
	box_start(&w.box[1]);
	trouble_await(&w.box[1], "foreign");
	CHECK_STR(plan_text(&w.box[1], "phase"), "refused");
	box_stop(&w.box[1]);
	await(&w, all_meet, NULL);
	free(link);
	world_end(&w);
}

TEST(box_whose_own_certificate_is_over_stays_out_until_it_has_another)
{
	struct world w;

	world_start(&w);
	keyd_certify(&w.box[0], "one", IS_OVER);
	box_start(&w.box[0]);
	trouble_await(&w.box[0], "expired");
	CHECK_STR(plan_text(&w.box[0], "phase"), "refused");
	keyd_kill(&w.box[0]);
	keyd_certify(&w.box[0], "one", LASTS);
	keyd_start(&w.box[0]);
	await(&w, all_meet, NULL);
	world_end(&w);
}

TEST(box_whom_nobody_lets_in_is_told)
{
	struct world w;
	char *link;

	world_start(&w);
	link = made_link(&w);
	w.box[1].link = link;
	keyd_kill(&w.box[0]); /* nobody can let it in */
	box_start(&w.box[1]);
	trouble_await(&w.box[1], "not-admitted");
	keyd_start(&w.box[0]);
	free(link);
	world_end(&w);
}
