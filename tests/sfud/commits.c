/* commits.c - one commit for an epoch, and what survives a kill. */
#define _GNU_SOURCE /* O_CLOEXEC, pwrite(), truncate() */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "world.h"

#define COMMIT ", \"epoch\": %d, \"message\": \"%s\", \"welcomes\": []"

static const char *word(struct world *w, const char *stem, size_t n)
{
	char text[64];

	(void)snprintf(text, sizeof(text), "%s %zu", stem, n);
	return b64(w, text);
}

static sd_json_variant *commit(struct client *c, int epoch, const char *message)
{
	sd_json_variant *v = ask(c, "commit", COMMIT, epoch, message);

	CHECK_EQ(number_of(v, "epoch"), epoch + 1);
	return v;
}

static void expect_commit(struct client *c, uint64_t epoch, const char *from,
    const char *message)
{
	sd_json_variant *v = event_take(c, "commit");

	CHECK_EQ(number_of(v, "epoch"), epoch);
	CHECK_STR(text_of(v, "message"), message);
	if (from)
		CHECK_STR(text_of(v, "from"), from);
}

static bool is_behind(sd_json_variant *v)
{
	return sd_json_variant_boolean(sd_json_variant_by_key(v, "isBehind"));
}

TEST(an_epoch_begins_once_and_goes_on_by_commits)
{
	struct world w = { 0 };
	struct client *a, *b;

	world_start(&w);
	meeting_make(&w, 3);
	(void)client_enter(&w, 0, "null");
	(void)client_enter(&w, 1, "null");
	a = &w.clients[0];
	b = &w.clients[1];
	CHECK_STR(ask_fails(a, "commit", COMMIT, 0, b64(&w, "early")), "state");
	(void)ask(a, "begin", ", \"epoch\": %d", 0);
	CHECK_STR(ask_fails(b, "begin", ", \"epoch\": %d", 5), "state");
	(void)commit(a, 0, b64(&w, "one"));
	expect_commit(b, 0, a->participant, b64(&w, "one"));
	(void)commit(b, 1, b64(&w, "two"));
	expect_commit(a, 1, b->participant, b64(&w, "two"));
	(void)event_take(a, "joined");
	CHECK_EQ(events_left(a), 0);
	CHECK_EQ(events_left(b), 0);
	CHECK_STR(ask_fails(a, "commit", COMMIT, 1, b64(&w, "old")), "stale");
	CHECK_STR(ask_fails(a, "commit", COMMIT, 3, b64(&w, "ahead")), "stale");
	world_end(&w);
}

TEST(of_commits_for_one_epoch_exactly_one_wins_and_all_agree_which)
{
	enum { RACERS = 6, ROUNDS = 12 };
	struct world w = { 0 };

	world_start(&w);
	meeting_make(&w, 10);
	for (size_t i = 0; i < RACERS; i++)
		(void)client_enter(&w, i, "null");
	(void)ask(&w.clients[0], "begin", ", \"epoch\": %d", 0);
	for (int round = 0; round < ROUNDS; round++) {
		uint64_t ids[RACERS];
		size_t winner = RACERS;
		char fields[256];

		for (size_t i = 0; i < RACERS; i++) {
			size_t who = (i + (size_t)round) % RACERS;

			(void)snprintf(fields, sizeof(fields), COMMIT, round,
			    word(&w, "by", who));
			ids[who] = ask_send(&w.clients[who], "commit", fields);
		}
		for (size_t i = 0; i < RACERS; i++) {
			sd_json_variant *v = answer_take(&w.clients[i], ids[i]);

			CHECK_EQ(number_of(v, "epoch"), round + 1);
			if (!strcmp(text_of(v, "type"), "answer")) {
				CHECK_EQ(winner, RACERS);
				winner = i;
			} else {
				CHECK_STR(text_of(v, "error"), "stale");
			}
		}
		CHECK(winner < RACERS);
		for (size_t i = 0; i < RACERS; i++) {
			if (i != winner)
				expect_commit(&w.clients[i], (uint64_t)round,
				    w.clients[winner].participant,
				    word(&w, "by", winner));
		}
	}
	world_end(&w);
}

TEST(a_welcome_comes_to_those_named_and_before_later_commits)
{
	struct world w = { 0 };
	struct client *a, *b, *c;
	sd_json_variant *v;

	world_start(&w);
	meeting_make(&w, 4);
	(void)client_enter(&w, 0, "null");
	(void)client_enter(&w, 1, "null");
	(void)client_enter(&w, 2, "null");
	a = &w.clients[0];
	b = &w.clients[1];
	c = &w.clients[2];
	(void)ask(a, "begin", ", \"epoch\": %d", 0);
	(void)ask(a, "commit",
	    ", \"epoch\": 0, \"message\": \"%s\", \"groupInfo\": \"%s\", "
	    "\"welcomes\": [{\"to\": \"%s\", \"message\": \"%s\"}, "
	    "{\"to\": \"AAAAAAAAAAAAAAAAAAAAAA==\", \"message\": \"%s\"}]",
	    b64(&w, "add b"), b64(&w, "info"), b->participant,
	    b64(&w, "welcome b"), b64(&w, "welcome nobody"));
	(void)commit(a, 1, b64(&w, "next"));
	client_settle(b);
	(void)event_take(b, "joined"); /* c */
	v = b->texts[0];
	CHECK_STR(text_of(v, "type"), "commit");
	CHECK_EQ(number_of(v, "epoch"), 0);
	v = b->texts[1];
	CHECK_STR(text_of(v, "type"), "welcome");
	CHECK_EQ(number_of(v, "epoch"), 1);
	CHECK_STR(text_of(v, "from"), a->participant);
	CHECK_STR(text_of(v, "message"), b64(&w, "welcome b"));
	v = b->texts[2];
	CHECK_STR(text_of(v, "type"), "commit");
	CHECK_EQ(number_of(v, "epoch"), 1);
	CHECK_EQ(b->text_count, 3);
	CHECK_EQ(events_left(c), 2); /* the commits alone */
	world_end(&w);
}

TEST(who_enters_with_an_older_epoch_gets_what_it_missed_after_the_answer)
{
	struct world w = { 0 };
	struct client *a, *b;
	sd_json_variant *v;

	world_start(&w);
	meeting_make(&w, 4);
	(void)client_enter(&w, 0, "null");
	a = &w.clients[0];
	(void)ask(a, "begin", ", \"epoch\": %d", 10);
	for (int i = 0; i < 5; i++)
		(void)commit(a, 10 + i, word(&w, "commit", (size_t)i));
	v = client_enter(&w, 1, "12");
	b = &w.clients[1];
	CHECK_EQ(number_of(v, "epoch"), 15);
	CHECK(!is_behind(v));
	client_settle(b);
	CHECK_EQ(b->text_count, 3);
	for (size_t i = 0; i < 3; i++)
		expect_commit(b, 12 + i, a->participant,
		    word(&w, "commit", 2 + i));
	v = client_enter(&w, 2, "15");
	CHECK(!is_behind(v));
	CHECK_EQ(events_left(&w.clients[2]), 0);
	world_end(&w);
}

TEST(an_epoch_that_is_not_kept_or_not_reached_is_behind)
{
	struct world w = { 0 };
	sd_json_variant *v;
	struct client *a;

	world_start(&w);
	meeting_make(&w, 8);
	(void)client_enter(&w, 0, "null");
	a = &w.clients[0];
	(void)ask(a, "begin", ", \"epoch\": %d", 0);
	for (int i = 0; i < 258; i++)
		(void)commit(a, i, word(&w, "commit", (size_t)i));
	CHECK(is_behind(client_enter(&w, 1, "1"))); /* 256 are kept */
	CHECK_EQ(events_left(&w.clients[1]), 0);
	CHECK(!is_behind(client_enter(&w, 2, "2")));
	CHECK_EQ(events_left(&w.clients[2]), 256);
	v = client_enter(&w, 3, "259");
	CHECK(is_behind(v));
	CHECK_EQ(number_of(v, "epoch"), 258);
	CHECK_EQ(events_left(&w.clients[3]), 0);
	world_end(&w);
}

TEST(after_kill_9_between_commits_the_order_goes_on_without_a_fork)
{
	enum { KILLS = 6 };
	struct world w = { 0 };
	int epoch = 0;

	world_start(&w);
	meeting_make(&w, 8);
	(void)client_enter(&w, 0, "null");
	(void)ask(&w.clients[0], "begin", ", \"epoch\": %d", 0);
	for (size_t kill = 0; kill < KILLS; kill++) {
		struct client *a = &w.clients[0];
		char mine[256], number[16];
		sd_json_variant *v;
		uint64_t now;

		for (int i = 0; i < 3; i++, epoch++)
			(void)commit(a, epoch,
			    word(&w, "commit", (size_t)epoch));
		/* One is on its way when it dies: accepted or not, ... */
		(void)snprintf(mine, sizeof(mine), COMMIT, epoch,
		    word(&w, "commit", (size_t)epoch));
		(void)ask_send(a, "commit", mine);
		for (size_t turn = 0; turn < kill; turn++)
			world_turn(&w);
		sfud_kill(&w);
		client_drop(a);
		sfud_start(&w);
		(void)snprintf(number, sizeof(number), "%d", epoch - 2);
		v = client_enter(&w, 0, number);
		now = number_of(v, "epoch");
		CHECK(now == (uint64_t)epoch || now == (uint64_t)epoch + 1);
		CHECK(!is_behind(v));
		/* ... and what was answered for is there. */
		for (uint64_t n = (uint64_t)epoch - 2; n < now; n++)
			expect_commit(&w.clients[0], n, NULL,
			    word(&w, "commit", n));
		epoch = (int)now;
	}
	world_end(&w);
}

/* The one file of a meeting. */
static void meeting_file(const struct world *w, char *path, size_t room)
{
	char folder[80];
	const struct dirent *entry;
	DIR *d;

	(void)snprintf(folder, sizeof(folder), "%s/state/meetings", w->folder);
	d = opendir(folder);
	CHECK(d != NULL);
	path[0] = '\0';
	while ((entry = readdir(d)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		CHECK_STR(path, "");
		(void)snprintf(path, room, "%s/%.128s", folder, entry->d_name);
	}
	closedir(d);
	CHECK(path[0] != '\0');
}

static void three_commits(struct world *w)
{
	meeting_make(w, 8);
	(void)client_enter(w, 0, "null");
	(void)ask(&w->clients[0], "begin", ", \"epoch\": %d", 0);
	for (int i = 0; i < 3; i++)
		(void)commit(&w->clients[0], i, word(w, "commit", (size_t)i));
}

TEST(a_record_that_was_cut_short_is_left_out_and_written_over)
{
	struct world w = { 0 };
	struct stat st;
	char path[256];
	sd_json_variant *v;

	world_start(&w);
	three_commits(&w);
	sfud_kill(&w);
	meeting_file(&w, path, sizeof(path));
	CHECK_EQ(stat(path, &st), 0);
	CHECK_EQ(truncate(path, st.st_size - 5), 0);
	sfud_start(&w);
	v = client_enter(&w, 0, "0");
	CHECK_EQ(number_of(v, "epoch"), 2);
	(void)commit(&w.clients[0], 2, b64(&w, "again"));
	sfud_kill(&w);
	sfud_start(&w);
	v = client_enter(&w, 0, "2");
	CHECK_EQ(number_of(v, "epoch"), 3);
	expect_commit(&w.clients[0], 2, NULL, b64(&w, "again"));
	world_end(&w);
}

static size_t file_count(const struct world *w)
{
	char folder[80];
	const struct dirent *entry;
	size_t count = 0;
	DIR *d;

	(void)snprintf(folder, sizeof(folder), "%s/state/meetings", w->folder);
	d = opendir(folder);
	CHECK(d != NULL);
	while ((entry = readdir(d)) != NULL)
		count += entry->d_name[0] != '.';
	closedir(d);
	return count;
}

static bool is_forgotten(const struct world *w)
{
	char *log = sfud_log(w);
	const bool is_so = strstr(log, "nobody has used for long") != NULL;

	free(log);
	return is_so;
}

TEST(a_meeting_that_nobody_uses_is_forgotten_with_its_file)
{
	struct world w = { .args = { "--keep=1s" } };
	struct client *c;

	world_start(&w);
	meeting_make(&w, 3);
	WAIT_FOR(&w, is_forgotten(&w));
	CHECK_EQ(file_count(&w), 0);
	c = client_greet(&w, 0);
	CHECK_STR(ask_fails(c, "enter",
		      ", \"meeting\": \"%s\", \"token\": \"%s\"", MEETING,
		      TOKEN),
	    "unknown-meeting");
	meeting_make(&w, 3);
	(void)client_enter(&w, 1, "null");
	world_end(&w);
}

TEST(a_damaged_file_is_set_aside_and_the_meeting_registered_anew)
{
	struct world w = { 0 };
	char path[256], *log;
	struct client *c;
	int fd;

	world_start(&w);
	three_commits(&w);
	sfud_kill(&w);
	meeting_file(&w, path, sizeof(path));
	fd = open(path, O_WRONLY | O_CLOEXEC);
	CHECK(fd >= 0);
	CHECK_EQ(pwrite(fd, "\xff", 1, 60), 1);
	CHECK_EQ(close(fd), 0);
	sfud_start(&w);
	log = sfud_log(&w);
	CHECK(strstr(log, "damaged and was set aside") != NULL);
	free(log);
	meeting_file(&w, path, sizeof(path));
	CHECK(strstr(path, ".damaged") != NULL);
	c = client_greet(&w, 0);
	CHECK_STR(ask_fails(c, "enter",
		      ", \"meeting\": \"%s\", \"token\": \"%s\"", MEETING,
		      TOKEN),
	    "unknown-meeting");
	meeting_make(&w, 8);
	CHECK(is_null(client_enter(&w, 0, "3"), "epoch"));
	(void)ask(&w.clients[0], "begin", ", \"epoch\": %d", 3);
	world_end(&w);
}

TEST(an_unregistered_meeting_leaves_no_file)
{
	struct world w = { 0 };
	char path[256];
	struct stat st;

	world_start(&w);
	three_commits(&w);
	meeting_file(&w, path, sizeof(path));
	CHECK_EQ(stat(path, &st), 0);
	CHECK_EQ(st.st_mode & 0777, 0600);
	(void)ask(&w.clients[0], "unregister",
	    ", \"siteToken\": \"%s\", \"meeting\": \"%s\"", SITE_TOKEN,
	    MEETING);
	CHECK(stat(path, &st) != 0);
	world_end(&w);
}

TEST(a_commit_that_cannot_be_kept_is_not_accepted_and_nobody_hears_of_it)
{
	struct world w = { 0 };
	char path[256], aside[280];
	struct client *a, *b;

	world_start(&w);
	three_commits(&w);
	(void)client_enter(&w, 1, "3");
	a = &w.clients[0];
	b = &w.clients[1];
	/* A folder is in the file's place: it can be neither appended to nor
	 * replaced. */
	meeting_file(&w, path, sizeof(path));
	(void)snprintf(aside, sizeof(aside), "%s/file", w.folder);
	CHECK_EQ(rename(path, aside), 0);
	CHECK_EQ(mkdir(path, 0700), 0);
	CHECK_STR(ask_fails(a, "commit", COMMIT, 3, b64(&w, "lost")),
	    "internal");
	CHECK_STR(ask_fails(a, "commit", COMMIT, 3, b64(&w, "lost")),
	    "internal");
	CHECK_EQ(events_left(b), 0);
	CHECK_EQ(rmdir(path), 0);
	(void)commit(b, 3, b64(&w, "kept"));
	expect_commit(a, 3, b->participant, b64(&w, "kept"));
	sfud_kill(&w);
	sfud_start(&w);
	CHECK_EQ(number_of(client_enter(&w, 0, "0"), "epoch"), 4);
	CHECK_EQ(events_left(&w.clients[0]), 4);
	world_end(&w);
}
