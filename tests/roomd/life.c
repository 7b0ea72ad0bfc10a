/* life.c - boxes in one meeting, by real processes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "world.h"

/* The link that the first box has made. */
static char *link_of(struct box *b)
{
	char *link = box_file(b, "room/link");

	link[strcspn(link, "\n")] = '\0';
	CHECK(strstr(link, "https://box.test:8443/#1.") == link);
	return link;
}

static char *meeting_make(struct world *w, size_t count)
{
	char *link;

	box_start(&w->box[0]);
	await(w, all_meet, NULL);
	link = link_of(&w->box[0]);
	for (size_t i = 1; i < count; i++) {
		w->box[i].link = link;
		box_start(&w->box[i]);
	}
	await(w, all_meet, NULL);
	return link;
}

TEST(box_makes_a_meeting_and_is_in_it_alone)
{
	struct world w;
	char *link;

	world_start(&w);
	link = meeting_make(&w, 1);
	CHECK_STR(plan_text(&w.box[0], "link"), link);
	CHECK_EQ(strlen(plan_text(&w.box[0], "code")), 35);
	free(link);
	world_end(&w);
}

TEST(three_boxes_meet_under_one_code_and_know_each_other)
{
	struct world w;
	sd_json_variant *people, *one;
	char *link;

	world_start(&w);
	link = meeting_make(&w, 3);
	people = sd_json_variant_by_key(w.box[2].plan[FACE], "people");
	one = sd_json_variant_by_index(people, 0);
	CHECK_STR(sd_json_variant_string(sd_json_variant_by_key(one, "name")),
	    "Box 0");
	free(link);
	world_end(&w);
}

TEST(leaver_and_killed_box_are_removed_by_who_stays)
{
	struct world w;
	const char *error;
	char *link;
	double took_s;

	world_start(&w);
	link = meeting_make(&w, 3);
	(void)ask(&w.box[1], FACE, "Leave", NULL, &error);
	CHECK(error == NULL);
	box_stop(&w.box[1]);
	took_s = await_s(&w, all_meet, NULL);
	tap_diag("after a leave: %.2f s", took_s);
	roomd_kill(&w.box[2]);
	took_s = await_s(&w, all_meet, NULL);
	tap_diag("after a kill: %.2f s", took_s);
	CHECK_EQ(plan_count(&w.box[0], "people"), 1);
	free(link);
	world_end(&w);
}

TEST(killed_roomd_comes_back_into_the_same_meeting)
{
	struct world w;
	char *link;

	world_start(&w);
	link = meeting_make(&w, 2);
	for (size_t i = 0; i < 2; i++) {
		roomd_kill(&w.box[i]);
		roomd_start(&w.box[i]);
		await(&w, all_meet, NULL);
		CHECK_STR(plan_text(&w.box[i], "link"), link);
	}
	free(link);
	world_end(&w);
}

static bool epoch_is_above(struct world *w, const void *arg)
{
	return plan_number(&w->box[0], "epoch") > *(const uint64_t *)arg &&
	    all_meet(w, NULL);
}

TEST(killed_keyd_comes_back_with_a_new_epoch_for_the_media)
{
	struct world w;
	uint64_t epoch;
	char *link;

	world_start(&w);
	link = meeting_make(&w, 2);
	for (size_t i = 0; i < 2; i++) {
		epoch = plan_number(&w.box[0], "epoch");
		keyd_kill(&w.box[i]);
		keyd_start(&w.box[i]);
		await(&w, epoch_is_above, &epoch);
	}
	free(link);
	world_end(&w);
}

static bool nobody_is_in(struct world *w, const void *unused)
{
	(void)unused;
	for (size_t i = 0; i < WORLD_BOXES; i++) {
		const struct box *b = &w->box[i];

		if (b->roomd && !strcmp(plan_text(b, "phase"), "in"))
			return false;
	}
	return true;
}

TEST(killed_server_comes_back_and_all_meet_again)
{
	struct world w;
	char *link;

	world_start(&w);
	link = meeting_make(&w, 3);
	server_kill(&w);
	await(&w, nobody_is_in, NULL);
	trouble_await(&w.box[0], "unreachable");
	server_start(&w);
	await(&w, all_meet, NULL);
	free(link);
	world_end(&w);
}

TEST(server_without_its_disk_is_told_of_the_meeting_again)
{
	struct world w;
	char *link;

	world_start(&w);
	link = meeting_make(&w, 2);
	server_kill(&w);
	server_forget(&w);
	await(&w, nobody_is_in, NULL);
	server_start(&w);
	await(&w, all_meet, NULL);
	free(link);
	world_end(&w);
}

TEST(meeting_goes_on_after_all_were_off)
{
	struct world w;
	char *link;

	world_start(&w);
	link = meeting_make(&w, 2);
	for (size_t i = 0; i < 2; i++)
		box_stop(&w.box[i]);
	for (size_t i = 0; i < 2; i++)
		box_start(&w.box[i]);
	await(&w, all_meet, NULL);
	CHECK_STR(plan_text(&w.box[0], "link"), link);
	free(link);
	world_end(&w);
}
