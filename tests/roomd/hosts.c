/* hosts.c - what hosts decide: who comes in, under which label, who is host. */
#define _GNU_SOURCE /* libsystemd's macros ask for it */
#include <string.h>

#include "lined.h"
#include "room/link.h"

enum { OTHER = 2 /* another room's box */ };

static bool is_locked(struct world *w, const void *arg)
{
	const struct box *b = arg;

	(void)w;
	return sd_json_variant_boolean(sd_json_variant_by_key(b->plan[FACE],
	    "isLocked"));
}

static void lines_meet_locked(struct lined *l, struct world *w)
{
	lines_meet(l, w, NULL);
	CHECK_STR(host_asks(&w->box[ROOM], "Lock", in_flag("locked", true)),
	    "");
	await(w, is_locked, &w->box[LINES]);
}

static void wait_at_the_door(struct lined *l, uint64_t lane)
{
	CHECK_STR(ask_line(l, lane), "joining");
	answer_await(l, lane, "wait");
}

static size_t lanes_count(const struct box *b)
{
	sd_json_variant *list = sd_json_variant_by_key(b->plan[MEDIA], "lines");
	size_t count = 0;

	for (size_t i = 0; list && i < sd_json_variant_elements(list); i++)
		count += call_has(sd_json_variant_by_index(list, i), "lane");
	return count;
}

static bool has_one_lane(struct world *w, const void *arg)
{
	(void)w;
	return lanes_count(arg) == 1;
}

TEST(host_lets_a_caller_in_and_only_then_the_mixer_has_its_lane)
{
	struct world w;
	struct lined l;

	lines_meet_locked(&l, &w);
	plan_watch(&w.box[LINES], MEDIA);
	wait_at_the_door(&l, 3);
	(void)lines_await(&l, ROOM, 1);
	(void)lines_await(&l, LINES, 1);
	CHECK(line_has(&w.box[LINES], "waits"));
	CHECK_EQ(lanes_count(&w.box[LINES]), 0);
	CHECK_STR(host_asks(&w.box[LINES], "LineAdmit",
		      in_line(&w.box[LINES], NULL, false)),
	    "Denied"); /* not by its own box */
	CHECK_STR(host_asks(&w.box[LINES], "LinesAdmit", NULL), "Denied");
	CHECK_STR(host_asks(&w.box[ROOM], "LineAdmit",
		      in_line(&w.box[ROOM], NULL, false)),
	    "");
	answer_await(&l, 3, "in");
	await(&w, has_one_lane, &w.box[LINES]);
	while (line_has(&w.box[ROOM], "waits"))
		CHECK(sd_event_run(w.event, UINT64_MAX) >= 0);
	lines_end(&l, &w);
}

TEST(host_refuses_one_and_lets_all_others_in)
{
	struct world w;
	struct lined l;
	size_t refused = 0;

	lines_meet_locked(&l, &w);
	for (uint64_t lane = 0; lane < 3; lane++)
		wait_at_the_door(&l, lane);
	(void)lines_await(&l, ROOM, 3);
	CHECK_STR(host_asks(&w.box[ROOM], "LineRemove",
		      in_line(&w.box[ROOM], NULL, false)),
	    "");
	(void)lines_await(&l, ROOM, 2);
	CHECK_STR(host_asks(&w.box[ROOM], "LinesAdmit", NULL), "");
	for (uint64_t lane = 0; lane < 3; lane++) {
		const struct wanted no = { &l, lane, "refused", false };
		const struct wanted yes = { &l, lane, "in", false };

		while (!is_answered(&w, &no) && !is_answered(&w, &yes))
			CHECK(sd_event_run(w.event, UINT64_MAX) >= 0);
		refused += is_answered(&w, &no);
	}
	CHECK_EQ(refused, 1);
	CHECK_EQ(refusals(&l, "forbidden"), 1);
	lines_end(&l, &w);
}

TEST(caller_who_hangs_up_at_the_door_is_shown_no_more)
{
	struct world w;
	struct lined l;

	lines_meet_locked(&l, &w);
	wait_at_the_door(&l, 0);
	(void)lines_await(&l, ROOM, 1);
	end_line(&l, 0);
	(void)lines_await(&l, ROOM, 0);
	lines_end(&l, &w);
}

TEST(whose_word_a_label_is_all_are_told)
{
	static const char *const origins[] = { "caller", "exchange",
		"account" };
	struct world w;
	struct lined l;
	sd_json_variant *v;

	lines_meet(&l, &w, NULL);
	for (uint64_t i = 0; i < KK_ARRAY_LEN(origins); i++) {
		l.origin = origins[i];
		come(&l, 0);
		(void)lines_await(&l, ROOM, 1);
		v = sd_json_variant_by_key(line_of(&w.box[ROOM]), "origin");
		CHECK_STR(sd_json_variant_string(v), origins[i]);
		end_line(&l, 0);
		(void)lines_await(&l, ROOM, 0);
	}
	lines_end(&l, &w);
}

static sd_json_variant *in_label(const char *label)
{
	sd_json_variant *in = NULL;

	CHECK_OK(call_put_text(&in, "label", label));
	return in;
}

static void label_await(struct box *b, const char *label)
{
	const char *now;

	while (!(now = plan_text(b, "label")) || strcmp(now, label) != 0)
		CHECK(sd_event_run(b->w->event, UINT64_MAX) >= 0);
}

TEST(label_under_which_the_site_allows_no_lines_ends_and_refuses_them)
{
	struct world w;
	struct lined l;
	struct box *room = &w.box[ROOM];

	world_start(&w);
	lines_make(&l, &w, "--label=Intern");
	room->roomd_options[0] = "--label=Intern";
	room->roomd_options[1] = "--label-no-lines=Geheim";
	w.box[LINES].roomd_options[5] = "--label-no-lines=Geheim";
	lines_begin(&l);
	CHECK_STR(host_asks(room, "Label", in_label("Offen")), "Denied");
	CHECK_STR(host_asks(room, "Label", in_label("Intern")), "");
	label_await(&w.box[LINES], "Intern");
	come(&l, 0);
	CHECK_STR(host_asks(room, "Label", in_label("Geheim")), "");
	answer_await(&l, 0, "classified");
	(void)lines_await(&l, ROOM, 0);
	label_await(room, "Geheim");
	CHECK(sd_json_variant_boolean(sd_json_variant_by_key(room->plan[FACE],
	    "forbidsLines")));
	CHECK_STR(ask_line(&l, 1), "classified");
	CHECK_STR(host_asks(room, "LinesAllow", in_flag("allowed", true)),
	    "Denied");
	CHECK_STR(host_asks(room, "Label", in_label("")), "");
	while (plan_text(&w.box[LINES], "label"))
		CHECK(sd_event_run(w.event, UINT64_MAX) >= 0);
	CHECK_STR(ask_line(&l, 1), "forbidden"); /* until a host allows them */
	CHECK_EQ(refusals(&l, "forbidden"), 3);
	lines_end(&l, &w);
}

/* Whatever the label's host knows of the site: the lines' box knows it. */
TEST(lines_of_a_site_go_at_a_label_that_is_not_the_site_s)
{
	struct world w;
	struct lined l;

	lines_meet(&l, &w, "--label=Intern");
	come(&l, 0);
	CHECK_STR(host_asks(&w.box[ROOM], "Label", in_label("VS-NfD")), "");
	answer_await(&l, 0, "classified");
	(void)lines_await(&l, ROOM, 0);
	CHECK(!sd_json_variant_boolean(
	    sd_json_variant_by_key(w.box[ROOM].plan[FACE], "forbidsLines")));
	CHECK_STR(ask_line(&l, 1), "classified");
	lines_end(&l, &w);
}

static sd_json_variant *in_host(uint64_t leaf, bool is_host)
{
	sd_json_variant *in = NULL;

	CHECK_OK(call_put_u64(&in, "leaf", leaf));
	CHECK_OK(call_put_bool(&in, "isHost", is_host));
	return in;
}

/* The person's leaf, by what is said of it; UINT64_MAX: none. */
static uint64_t leaf_of(const struct box *b, const char *name)
{
	sd_json_variant *list = sd_json_variant_by_key(b->plan[FACE], "people");

	for (size_t i = 0; i < sd_json_variant_elements(list); i++) {
		sd_json_variant *one = sd_json_variant_by_index(list, i);
		const char *its = sd_json_variant_string(
		    sd_json_variant_by_key(one, "name"));

		if (!strcmp(its, name))
			return sd_json_variant_unsigned(
			    sd_json_variant_by_key(one, "leaf"));
	}
	return UINT64_MAX;
}

static bool is_host(const struct box *b, const char *name)
{
	sd_json_variant *list = sd_json_variant_by_key(b->plan[FACE], "people");

	for (size_t i = 0; i < sd_json_variant_elements(list); i++) {
		sd_json_variant *one = sd_json_variant_by_index(list, i);

		if (!strcmp(sd_json_variant_string(sd_json_variant_by_key(one,
				"name")),
			name))
			return sd_json_variant_boolean(
			    sd_json_variant_by_key(one, "isHost"));
	}
	return false;
}

static void host_await(struct box *b, const char *name, bool is)
{
	while (is_host(b, name) != is)
		CHECK(sd_event_run(b->w->event, UINT64_MAX) >= 0);
}

TEST(host_makes_another_room_host_and_takes_it_back)
{
	struct world w;
	struct lined l;
	struct box *room = &w.box[ROOM], *other = &w.box[OTHER];
	char link[ROOM_LINK_BYTES];

	lines_meet(&l, &w, NULL);
	CHECK(strlen(plan_text(room, "link")) < sizeof(link));
	memcpy(link, plan_text(room, "link"),
	    strlen(plan_text(room, "link")) + 1);
	other->link = link;
	box_start(other);
	await(&w, all_meet, NULL);
	CHECK(leaf_of(room, "Box 2") != UINT64_MAX);
	CHECK_STR(host_asks(room, "HostSet", in_host(0, false)), "WrongState");
	CHECK_STR(host_asks(room, "HostSet", in_host(99, true)), "NotFound");
	CHECK_STR(host_asks(room, "HostSet",
		      in_host(leaf_of(room, "Lines of Box 0"), true)),
	    "Invalid");
	CHECK_STR(host_asks(other, "HostSet", in_host(0, false)), "Denied");
	CHECK_STR(host_asks(room, "HostSet",
		      in_host(leaf_of(room, "Box 2"), true)),
	    "");
	host_await(other, "Box 2", true);
	CHECK_STR(host_asks(other, "Lock", in_flag("locked", true)), "");
	await(&w, is_locked, room);
	CHECK_STR(host_asks(room, "HostSet",
		      in_host(leaf_of(room, "Box 2"), false)),
	    "");
	host_await(other, "Box 2", false);
	CHECK_STR(host_asks(other, "Lock", in_flag("locked", false)), "Denied");
	CHECK(is_host(room, "Box 0"));
	lines_end(&l, &w);
}
