/* calls.c - what siblings may ask, and what mediad is told. */
#define _GNU_SOURCE /* libsystemd's macros ask for it */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "call/contract.h"
#include "world.h"

static sd_json_variant *in_connect(uint64_t generation)
{
	sd_json_variant *in = NULL;

	CHECK_OK(call_put_u64(&in, "generation", generation));
	CHECK_OK(call_put_text(&in, "fingerprint",
	    "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:"
	    "55:66:77:88:99:AA:BB:CC:DD:EE:FF"));
	return in;
}

static sd_json_variant *in_report(uint64_t generation, const char *state,
    bool is_on, bool needs_epoch)
{
	sd_json_variant *in = NULL;

	CHECK_OK(call_put_u64(&in, "generation", generation));
	CHECK_OK(call_put_text(&in, "state", state));
	CHECK_OK(call_put_bool(&in, "isSpeaking", is_on));
	CHECK_OK(call_put_bool(&in, "hasMicrophone", is_on));
	CHECK_OK(call_put_bool(&in, "hasCamera", is_on));
	CHECK_OK(call_put_bool(&in, "needsEpoch", needs_epoch));
	return in;
}

static bool has_transport(struct world *w, const void *arg)
{
	const struct box *b = arg;

	(void)w;
	return plan_count(b, "transport") > 0 && plan_count(b, "slots") > 0;
}

static sd_json_variant *slot_shown(const struct box *b, const char *kind)
{
	sd_json_variant *slots = sd_json_variant_by_key(b->plan[FACE], "slots");

	for (size_t i = 0; slots && i < sd_json_variant_elements(slots); i++) {
		sd_json_variant *slot = sd_json_variant_by_index(slots, i);

		if (sd_json_variant_by_key(slot, "leaf") &&
		    !strcmp(sd_json_variant_string(sd_json_variant_by_key(slot,
				"kind")),
			kind))
			return slot;
	}
	return NULL;
}

static bool sees_the_other(struct world *w, const void *arg)
{
	(void)w;
	return slot_shown(arg, "audio") && slot_shown(arg, "video");
}

static bool sees_nobody(struct world *w, const void *arg)
{
	(void)w;
	return !slot_shown(arg, "audio") && !slot_shown(arg, "video");
}

static void two_meet(struct world *w, char **link)
{
	world_start(w);
	box_start(&w->box[0]);
	await(w, all_meet, NULL);
	*link = box_file(&w->box[0], "room/link");
	(*link)[strcspn(*link, "\n")] = '\0';
	w->box[1].link = *link;
	box_start(&w->box[1]);
	await(w, all_meet, NULL);
	for (size_t i = 0; i < 2; i++)
		await(w, has_transport, &w->box[i]);
}

/* And say what they have: a camera that is off is not shown. */
static void media_connect(struct box *b)
{
	const uint64_t generation = plan_number(b, "generation");
	const char *error;

	(void)ask(b, MEDIA, "Connect", in_connect(generation), &error);
	CHECK(error == NULL);
	(void)ask(b, MEDIA, "Report",
	    in_report(generation, "waiting", true, false), &error);
	CHECK(error == NULL);
}

TEST(interface_is_that_of_the_contract_s_file)
{
	struct world w;
	sd_varlink *link = NULL;

	world_start(&w);
	box_start(&w.box[0]);
	CHECK(sd_varlink_connect_address(&link, w.box[0].names[FACE]) >= 0);
	contract_check(link, "io.konklave.Room",
	    "firmware/bin/roomd/io.konklave.Room.varlink");
	sd_varlink_close_unref(link);
	world_end(&w);
}

TEST(plan_has_all_that_media_need)
{
	struct world w;
	sd_json_variant *publish, *camera;
	char *link;

	two_meet(&w, &link);
	CHECK(plan_number(&w.box[0], "generation") > 0);
	CHECK_EQ(plan_count(&w.box[0], "slots"),
	    ROOM_AUDIO_SLOTS + ROOM_VIDEO_SLOTS);
	publish = sd_json_variant_by_key(w.box[0].plan[FACE], "publish");
	CHECK_EQ(sd_json_variant_elements(publish), 2);
	camera = sd_json_variant_by_index(publish, 1);
	CHECK_EQ(
	    sd_json_variant_elements(sd_json_variant_by_key(camera, "ssrcs")),
	    ROOM_ENCODINGS_MAX);
	CHECK_EQ(sd_json_variant_elements(sd_json_variant_by_key(camera,
		     "rtxSsrcs")),
	    ROOM_ENCODINGS_MAX);
	CHECK_EQ(sd_json_variant_unsigned(sd_json_variant_by_key(camera,
		     "rtxPayloadType")),
	    97);
	CHECK_EQ(strlen(plan_text(&w.box[0], "meeting")), 24);
	CHECK(sees_nobody(&w, &w.box[0]));
	free(link);
	world_end(&w);
}

TEST(box_whose_media_connect_is_seen_by_the_other)
{
	struct world w;
	sd_json_variant *slot;
	char *link;

	two_meet(&w, &link);
	media_connect(&w.box[1]);
	await(&w, sees_the_other, &w.box[0]);
	slot = slot_shown(&w.box[0], "video");
	CHECK_EQ(sd_json_variant_unsigned(sd_json_variant_by_key(slot, "leaf")),
	    1);
	CHECK_STR(
	    sd_json_variant_string(sd_json_variant_by_key(slot, "source")),
	    "camera");
	roomd_kill(&w.box[1]);
	await(&w, sees_nobody, &w.box[0]);
	free(link);
	world_end(&w);
}

struct generation {
	const struct box *b;
	uint64_t above;
};

static bool generation_is_above(struct world *w, const void *arg)
{
	const struct generation *g = arg;

	return plan_number(g->b, "generation") > g->above &&
	    has_transport(w, g->b);
}

TEST(media_that_connect_again_or_lost_their_transport_get_a_new_one)
{
	struct world w;
	const char *error;
	struct generation g;
	char *link;

	two_meet(&w, &link);
	media_connect(&w.box[1]);
	await(&w, sees_the_other, &w.box[0]);
	g = (struct generation){ &w.box[1],
		plan_number(&w.box[1], "generation") };
	(void)ask(&w.box[1], MEDIA, "Connect", in_connect(g.above), &error);
	CHECK_STR(error, "WrongState");
	await(&w, generation_is_above, &g);
	media_connect(&w.box[1]);
	await(&w, sees_the_other, &w.box[0]);
	g.above = plan_number(&w.box[1], "generation");
	(void)ask(&w.box[1], MEDIA, "Report",
	    in_report(g.above, "lost", true, false), &error);
	CHECK(error == NULL);
	await(&w, generation_is_above, &g);
	free(link);
	world_end(&w);
}

static sd_json_variant *transport_field(const struct box *b, const char *name)
{
	return sd_json_variant_by_key(
	    sd_json_variant_by_key(b->plan[FACE], "transport"), name);
}

static bool is_restarted(struct world *w, const void *arg)
{
	sd_json_variant *v = transport_field(arg, "restarts");

	(void)w;
	return v && sd_json_variant_unsigned(v) == 1;
}

TEST(media_that_hear_nothing_get_new_credentials_of_the_same_transport)
{
	struct world w;
	struct box *b = &w.box[1];
	uint64_t generation;
	const char *error;
	char *link, ufrag[64], fingerprint[128];

	two_meet(&w, &link);
	media_connect(b);
	await(&w, sees_the_other, &w.box[0]);
	generation = plan_number(b, "generation");
	(void)snprintf(ufrag, sizeof(ufrag), "%s",
	    sd_json_variant_string(transport_field(b, "ufrag")));
	(void)snprintf(fingerprint, sizeof(fingerprint), "%s",
	    sd_json_variant_string(transport_field(b, "fingerprint")));
	(void)ask(b, MEDIA, "Report",
	    in_report(generation, "silent", true, false), &error);
	CHECK(error == NULL);
	await(&w, is_restarted, b);
	CHECK_EQ(plan_number(b, "generation"), generation);
	CHECK(strcmp(ufrag,
		  sd_json_variant_string(transport_field(b, "ufrag"))) != 0);
	CHECK_STR(sd_json_variant_string(transport_field(b, "fingerprint")),
	    fingerprint);
	CHECK(sees_the_other(&w, &w.box[0])); /* all of it goes on */
	(void)ask(b, MEDIA, "Report",
	    in_report(generation, "deaf", true, false), &error);
	CHECK(error != NULL);
	free(link);
	world_end(&w);
}

/* The server keeps four transports for a participant: what is given up has to
 * be said, or it would have to enter anew. */
TEST(media_that_start_again_and_again_stay_in_the_same_visit)
{
	struct world w;
	struct generation g;
	const char *error;
	char *link, *log;

	two_meet(&w, &link);
	for (int i = 0; i < 6; i++) {
		media_connect(&w.box[1]);
		g = (struct generation){ &w.box[1],
			plan_number(&w.box[1], "generation") };
		(void)ask(&w.box[1], MEDIA, "Report",
		    in_report(g.above, "lost", true, true), &error);
		CHECK(error == NULL);
		await(&w, generation_is_above, &g);
	}
	log = box_log(&w.box[1]);
	CHECK(strstr(log, "media request failed") == NULL);
	CHECK(strstr(log, "no transport for media") == NULL);
	free(log);
	free(link);
	world_end(&w);
}

static bool other_has_all(struct world *w, const void *arg)
{
	const struct box *b = arg;
	sd_json_variant *people = sd_json_variant_by_key(b->plan[FACE],
	    "people");
	sd_json_variant *one = sd_json_variant_by_index(people, 1);

	(void)w;
	return one &&
	    sd_json_variant_boolean(sd_json_variant_by_key(one,
		"hasMicrophone")) &&
	    sd_json_variant_boolean(sd_json_variant_by_key(one, "hasCamera")) &&
	    sd_json_variant_boolean(sd_json_variant_by_key(one, "isSpeaking"));
}

static bool epoch_is_above(struct world *w, const void *arg)
{
	return plan_number(&w->box[0], "epoch") > *(const uint64_t *)arg &&
	    all_meet(w, NULL);
}

TEST(report_reaches_the_other_box_and_makes_an_epoch_where_media_need_one)
{
	struct world w;
	const char *error;
	uint64_t epoch;
	char *link;

	two_meet(&w, &link);
	epoch = plan_number(&w.box[0], "epoch");
	(void)ask(&w.box[1], MEDIA, "Report",
	    in_report(plan_number(&w.box[1], "generation"), "waiting", true,
		true),
	    &error);
	CHECK(error == NULL);
	await(&w, other_has_all, &w.box[0]);
	await(&w, epoch_is_above, &epoch);
	free(link);
	world_end(&w);
}

TEST(health_is_told_how_it_stands_but_no_link_and_may_do_nothing)
{
	static const char *const calls[] = { "Leave", "Enter", "LinesAdmit" };
	struct world w;
	const char *error;
	sd_json_variant *out;

	world_start(&w);
	box_start(&w.box[0]);
	await(&w, all_meet, NULL);
	out = ask(&w.box[0], FACE, "Status", NULL, &error);
	CHECK(error == NULL && sd_json_variant_by_key(out, "link") != NULL);
	out = ask(&w.box[0], HEALTH, "Status", NULL, &error);
	CHECK(error == NULL);
	CHECK(sd_json_variant_by_key(out, "phase") != NULL);
	CHECK(sd_json_variant_by_key(out, "link") == NULL);
	for (size_t i = 0; i < KK_ARRAY_LEN(calls); i++) {
		(void)ask(&w.box[0], HEALTH, calls[i], NULL, &error);
		CHECK_STR(error, "NotAllowed");
	}
	world_end(&w);
}

TEST(roles_get_what_is_theirs)
{
	struct world w;
	const char *error;

	world_start(&w);
	box_start(&w.box[0]);
	await(&w, all_meet, NULL);
	(void)ask(&w.box[0], FACE, "Connect", in_connect(1), &error);
	CHECK_STR(error, "NotAllowed");
	(void)ask(&w.box[0], FACE, "Report",
	    in_report(1, "waiting", false, false), &error);
	CHECK_STR(error, "NotAllowed");
	(void)ask(&w.box[0], MEDIA, "Leave", NULL, &error);
	CHECK_STR(error, "NotAllowed");
	(void)ask(&w.box[0], MEDIA, "Connect", in_connect(99), &error);
	CHECK_STR(error, "WrongState");
	(void)ask(&w.box[0], MEDIA, "Report", in_report(1, "bored", 0, 0),
	    &error);
	CHECK_STR(error, "Invalid");
	world_end(&w);
}

TEST(box_leaves_and_enters_and_makes_another_meeting)
{
	struct world w;
	sd_json_variant *out, *in = NULL;
	const char *error;
	char *link;

	two_meet(&w, &link);
	(void)ask(&w.box[1], FACE, "Leave", NULL, &error);
	CHECK(error == NULL);
	out = ask(&w.box[1], FACE, "Status", NULL, &error);
	CHECK_STR(sd_json_variant_string(sd_json_variant_by_key(out, "phase")),
	    "off");
	(void)ask(&w.box[1], MEDIA, "Report",
	    in_report(1, "waiting", false, false), &error);
	CHECK_STR(error, "NotNow");
	(void)ask(&w.box[1], FACE, "Enter", NULL, &error);
	CHECK_STR(error, "Denied"); /* it has no token to make one */
	CHECK_OK(call_put_text(&in, "link", "https://nowhere/"));
	(void)ask(&w.box[1], FACE, "Enter", in, &error);
	CHECK_STR(error, "Format");
	box_stop(&w.box[1]);
	box_start(&w.box[1]);
	await(&w, all_meet, NULL);
	out = ask(&w.box[0], FACE, "Enter", NULL, &error);
	CHECK(error == NULL);
	CHECK(
	    strcmp(sd_json_variant_string(sd_json_variant_by_key(out, "link")),
		link) != 0);
	free(link);
	world_end(&w);
}

TEST(secrets_are_closed_to_others_and_not_in_the_log)
{
	struct world w;
	static const char *const names[] = { "meeting", "link" };
	char *link, *log, *saved, path[128];
	struct stat st;

	two_meet(&w, &link);
	for (size_t i = 0; i < KK_ARRAY_LEN(names); i++) {
		(void)snprintf(path, sizeof(path), "%s/room/%s",
		    w.box[0].folder, names[i]);
		CHECK_EQ(stat(path, &st), 0);
		CHECK_EQ(st.st_mode & 0777, 0600);
	}
	log = box_log(&w.box[0]);
	saved = box_file(&w.box[0], "room/meeting");
	CHECK(strstr(saved, strrchr(link, '.')) != NULL);
	CHECK(strstr(log, strrchr(link, '.')) == NULL);
	free(log);
	free(saved);
	free(link);
	world_end(&w);
}

/* As text in links, and as bytes. */
static size_t secret_count(const struct box *b, const char *text,
    const struct room_link *link)
{
	return process_memory_count(b->roomd, text, strlen(text)) +
	    process_memory_count(b->roomd, link->secret, sizeof(link->secret));
}

TEST(secret_of_a_meeting_is_gone_from_memory_when_it_was_left)
{
	struct room_link parsed;
	struct world w;
	const char *error, *text;
	char *link;

	process_memory_need_frees();
	two_meet(&w, &link);
	CHECK_OK(room_link_parse(&parsed, link));
	text = strrchr(link, '.') + 1;
	/* There, so the search works. */
	CHECK(secret_count(&w.box[0], text, &parsed) > 0);
	(void)ask(&w.box[0], FACE, "Leave", NULL, &error);
	CHECK(error == NULL);
	(void)ask(&w.box[0], FACE, "Status", NULL, &error);
	CHECK_EQ(secret_count(&w.box[0], text, &parsed), 0);
	kk_wipe(&parsed, sizeof(parsed));
	free(link);
	world_end(&w);
}

static bool media_have_plan(struct world *w, const void *arg)
{
	const struct box *b = arg;

	(void)w;
	return b->plan[MEDIA] != NULL;
}

TEST(media_get_a_plan_without_the_link)
{
	struct world w;
	sd_json_variant *out;
	const char *error;
	char *link;

	two_meet(&w, &link);
	plan_watch(&w.box[0], MEDIA);
	await(&w, media_have_plan, &w.box[0]);
	out = w.box[0].plan[MEDIA];
	CHECK(call_has(out, "transport") && call_has(out, "people"));
	CHECK(!call_has(out, "link"));
	out = ask(&w.box[0], MEDIA, "Status", NULL, &error);
	CHECK(call_has(out, "people") && !call_has(out, "link"));
	out = ask(&w.box[0], FACE, "Status", NULL, &error);
	CHECK(call_has(out, "link"));
	free(link);
	world_end(&w);
}

TEST(a_first_start_asks_keyd_for_nothing_that_it_refuses)
{
	struct world w;
	char *link, *log;

	two_meet(&w, &link);
	for (size_t i = 0; i < 2; i++) {
		log = box_log(&w.box[i]);
		CHECK(strstr(log, "ready") != NULL);
		CHECK(strstr(log, "keyd says no") == NULL);
		free(log);
	}
	free(link);
	world_end(&w);
}
