/* rules.c - what clients may not do, and what then happens. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "world.h"

#define HELLO ", \"version\": 1, \"client\": \"test\""

TEST(another_version_is_told_ours_and_ends_the_connection)
{
	struct world w = { 0 };
	struct client *c;
	sd_json_variant *v;

	world_start(&w);
	c = client_open(&w, 0);
	client_send(c, "{\"type\": \"hello\", \"id\": 1, \"version\": 2}");
	v = answer_take(c, 1);
	CHECK_STR(text_of(v, "error"), "version");
	v = sd_json_variant_by_key(v, "supported");
	CHECK_EQ(sd_json_variant_elements(v), 1);
	CHECK_EQ(sd_json_variant_unsigned(sd_json_variant_by_index(v, 0)), 1);
	client_wait_closed(c);
	world_end(&w);
}

TEST(what_is_no_json_object_ends_the_connection)
{
	static const char *const texts[] = { "", "x", "{", "[]", "1", "null",
		"\"hello\"", "{} {}", "{\"type\": \"hello\",}" };
	struct world w = { 0 };
	struct client *c;

	world_start(&w);
	for (size_t i = 0; i < KK_ARRAY_LEN(texts); i++) {
		c = client_greet(&w, 0);
		client_send(c, texts[i]);
		while (!c->is_closed)
			world_turn(&w);
		CHECK_EQ(c->text_count, 1);
		CHECK_STR(text_of(c->texts[0], "error"), "format");
		CHECK_EQ(c->why, WS_CLOSED_BY_PEER);
	}
	world_end(&w);
}

TEST(nothing_is_answered_before_hello)
{
	struct world w = { 0 };
	struct client *c;

	world_start(&w);
	c = client_open(&w, 0);
	CHECK_STR(ask_fails(c, "leave", "%s", ""), "state");
	client_wait_closed(c);
	c = client_open(&w, 0);
	CHECK_STR(ask_fails(c, "enter",
		      ", \"meeting\": \"%s\", \"token\": \"%s\"", MEETING,
		      TOKEN),
	    "state");
	client_wait_closed(c);
	c = client_open(&w, 0);
	CHECK_STR(ask_fails(c, "nonsense", "%s", ""), "format");
	client_wait_closed(c);
	world_end(&w);
}

TEST(each_request_has_its_state)
{
	static const struct {
		const char *type, *fields;
	} inside[] = {
		{ "begin", ", \"epoch\": 0" },
		{ "commit",
		    ", \"epoch\": 0, \"message\": \"AA==\", \"welcomes\": []" },
		{ "message", ", \"message\": \"AA==\"" },
		{ "transport", ", \"direction\": \"send\"" },
		{ "connect", ", \"transport\": 1, \"fingerprint\": \"AA\"" },
		{ "disconnect", ", \"transport\": 1" },
		{ "publish",
		    ", \"transport\": 1, \"source\": \"camera\", \"kind\": "
		    "\"video\", \"payloadType\": 96, \"encodings\": "
		    "[{\"ssrc\": 1}]" },
		{ "unpublish", ", \"source\": \"camera\"" },
		{ "slots", ", \"transport\": 1, \"audio\": 1, \"video\": 1" },
		{ "watch", ", \"slots\": []" },
		{ "leave", "" },
	};
	struct world w = { 0 };
	struct client *c;

	world_start(&w);
	meeting_make(&w, 3);
	c = client_greet(&w, 0);
	for (size_t i = 0; i < KK_ARRAY_LEN(inside); i++)
		CHECK_STR(ask_fails(c, inside[i].type, "%s", inside[i].fields),
		    "state");
	CHECK_STR(ask_fails(c, "hello", HELLO), "state");
	(void)client_enter(&w, 1, "null");
	c = &w.clients[1];
	CHECK_STR(ask_fails(c, "hello", HELLO), "state");
	CHECK_STR(ask_fails(c, "enter",
		      ", \"meeting\": \"%s\", \"token\": \"%s\"", MEETING,
		      TOKEN),
	    "state");
	(void)ask(c, "leave", "%s", "");
	CHECK_STR(ask_fails(c, "leave", "%s", ""), "state");
	world_end(&w);
}

TEST(ids_rise_and_an_error_without_an_id_has_none)
{
	struct world w = { 0 };
	struct client *c;
	sd_json_variant *v;

	world_start(&w);
	c = client_greet(&w, 0); /* its id was 1 */
	client_send(c, "{\"type\": \"leave\", \"id\": 1}");
	CHECK_STR(text_of(answer_take(c, 1), "error"), "format");
	client_send(c, "{\"type\": \"leave\", \"id\": \"2\"}");
	v = event_take(c, "error");
	CHECK_STR(text_of(v, "error"), "format");
	CHECK(!sd_json_variant_by_key(v, "id"));
	client_send(c, "{\"type\": \"leave\", \"id\": 9}");
	CHECK_STR(text_of(answer_take(c, 9), "error"), "state");
	world_end(&w);
}

/* n opening brackets after a beginning. */
static char *deep(const char *head, size_t n)
{
	char *text = malloc(strlen(head) + n + 1);

	CHECK(text != NULL);
	memcpy(text, head, strlen(head));
	memset(text + strlen(head), '[', n);
	text[strlen(head) + n] = '\0';
	return text;
}

TEST(deep_and_giant_json_is_a_limit_without_much_work)
{
	struct world w = { 0 };
	struct client *c;
	char *text;

	world_start(&w);
	meeting_make(&w, 3);
	(void)client_enter(&w, 0, "null");
	c = &w.clients[0];
	text = deep("{\"type\": \"leave\", \"id\": 100, \"x\": ", 2000000);
	client_send(c, text);
	CHECK_STR(text_of(event_take(c, "error"), "error"), "limit");
	for (size_t i = 37; text[i]; i++)
		text[i] = i % 2 ? '1' : ',';
	client_send(c, text);
	CHECK_STR(text_of(event_take(c, "error"), "error"), "limit");
	free(text);
	(void)ask(c, "leave", "%s", "");
	world_end(&w);
}

TEST(who_is_in_no_meeting_has_little_room_and_inside_there_is_more)
{
	struct world w = { 0 };
	char *text = malloc(3 * 1024 * 1024 + 2);
	char *big;
	struct client *c;

	CHECK(text != NULL);
	memset(text, 'A', 3 * 1024 * 1024 + 1);
	text[3 * 1024 * 1024 + 1] = '\0';
	world_start(&w);
	meeting_make(&w, 3);
	c = client_greet(&w, 0);
	text[9000] = '\0';
	client_send(c, text);
	client_wait_closed(c);
	text[9000] = 'A';
	(void)client_enter(&w, 0, "null");
	(void)client_enter(&w, 1, "null");
	text[3000000] = '\0'; /* base64 of 2.25 MB */
	(void)ask(&w.clients[0], "message", ", \"message\": \"%s\"", text);
	big = text;
	CHECK_STR(text_of(event_take(&w.clients[1], "message"), "message"),
	    big);
	free(text);
	world_end(&w);
}

TEST(too_many_requests_are_told_when_to_come_again)
{
	enum { FLOOD = 900 };
	struct world w = { 0 };
	struct client *c;
	size_t busy = 0;

	world_start(&w);
	c = client_greet(&w, 0);
	for (size_t i = 0; i < FLOOD; i++) {
		(void)ask_send(c, "leave", "");
	}
	for (size_t i = 0; i < FLOOD; i++) {
		sd_json_variant *v = answer_take(c, i + 2);

		if (!strcmp(text_of(v, "error"), "busy")) {
			CHECK(number_of(v, "retryMs") >= 1);
			CHECK(number_of(v, "retryMs") <= 2000);
			busy++;
		} else {
			CHECK_STR(text_of(v, "error"), "state");
		}
	}
	CHECK(busy > 0);
	CHECK(busy <= FLOOD - 399);
	/* It is served again. */
	for (;;) {
		uint64_t id = ask_send(c, "leave", "");

		if (strcmp(text_of(answer_take(c, id), "error"), "busy") != 0)
			break;
	}
	world_end(&w);
}

TEST(who_floods_on_is_closed_and_others_are_served)
{
	struct world w = { 0 };
	struct client *c;

	world_start(&w);
	meeting_make(&w, 3);
	c = client_greet(&w, 0);
	for (size_t i = 0; i < 40000 && !c->is_closed; i++) {
		if (ws_send(c->conn, "{\"type\": \"leave\", \"id\": 5}", 26))
			break;
		if (i % 200 == 0)
			world_turn(&w);
		while (c->text_count > 0)
			sd_json_variant_unref(c->texts[--c->text_count]);
	}
	while (!c->is_closed) {
		world_turn(&w);
		while (c->text_count > 0)
			sd_json_variant_unref(c->texts[--c->text_count]);
	}
	(void)client_enter(&w, 1, "null");
	world_end(&w);
}

TEST(bad_fields_are_a_format_or_a_limit_and_nothing_more)
{
	static const struct {
		const char *type, *fields, *error;
	} bad[] = {
		{ "begin", "", "format" },
		{ "begin", ", \"epoch\": -1", "format" },
		{ "begin", ", \"epoch\": 1.5", "format" },
		{ "begin", ", \"epoch\": \"1\"", "format" },
		{ "begin", ", \"epoch\": 9007199254740992", "limit" },
		{ "message", "", "format" },
		{ "message", ", \"message\": \"?\"", "format" },
		{ "message", ", \"message\": \"\"", "format" },
		{ "message", ", \"message\": 7", "format" },
		{ "message", ", \"message\": \"AA==\", \"to\": \"AA==\"",
		    "format" },
		{ "commit", ", \"epoch\": 0, \"message\": \"AA==\"", "format" },
		{ "commit",
		    ", \"epoch\": 0, \"message\": \"AA==\", \"welcomes\": "
		    "[1]",
		    "format" },
		{ "commit",
		    ", \"epoch\": 0, \"message\": \"AA==\", \"welcomes\": "
		    "[{\"to\": \"AA==\", \"message\": \"AA==\"}]",
		    "format" },
		{ "transport", ", \"direction\": \"up\"", "format" },
		{ "publish",
		    ", \"transport\": 1, \"source\": \"camera\", \"kind\": "
		    "\"audio\", \"payloadType\": 96, \"encodings\": "
		    "[{\"ssrc\": 1}]",
		    "format" },
		{ "publish",
		    ", \"transport\": 1, \"source\": \"camera\", \"kind\": "
		    "\"video\", \"payloadType\": 96, \"encodings\": "
		    "[{\"ssrc\": 1}, {\"ssrc\": 2}, {\"ssrc\": 3}, "
		    "{\"ssrc\": 4}]",
		    "limit" },
		{ "slots", ", \"transport\": 1, \"audio\": 17, \"video\": 0",
		    "limit" },
		{ "watch", "", "format" },
		{ "nonsense", "", "format" },
	};
	struct world w = { 0 };
	struct client *c;

	world_start(&w);
	meeting_make(&w, 3);
	(void)client_enter(&w, 0, "null");
	c = &w.clients[0];
	for (size_t i = 0; i < KK_ARRAY_LEN(bad); i++)
		CHECK_STR(ask_fails(c, bad[i].type, "%s", bad[i].fields),
		    bad[i].error);
	(void)ask(c, "begin", ", \"epoch\": %d", 0);
	world_end(&w);
}

TEST(at_its_end_everybody_is_told)
{
	struct world w = { 0 };

	world_start(&w);
	meeting_make(&w, 3);
	(void)client_enter(&w, 0, "null");
	(void)client_greet(&w, 1);
	sfud_stop(&w);
	for (size_t i = 0; i < 2; i++) {
		struct client *c = &w.clients[i];

		WAIT_FOR(&w, c->is_closed);
		CHECK_EQ(c->why, WS_CLOSED_BY_PEER);
		CHECK(c->text_count > 0);
		CHECK_STR(text_of(c->texts[c->text_count - 1], "type"),
		    "closed");
		CHECK_STR(text_of(c->texts[c->text_count - 1], "reason"),
		    "shutdown");
	}
	world_end(&w);
}

TEST(who_says_nothing_does_not_hold_up_the_end)
{
	struct world w = { 0 };
	struct client *c;
	int status;

	world_start(&w);
	c = client_open(&w, 0);
	CHECK(c->is_open);
	/* No turn of the client's loop: it reads and closes nothing. */
	CHECK_EQ(kill(w.pid, SIGTERM), 0);
	CHECK_EQ(waitpid(w.pid, &status, 0), w.pid);
	w.pid = 0;
	CHECK(WIFEXITED(status));
	CHECK_EQ(WEXITSTATUS(status), 0);
	world_end(&w);
}

TEST(the_log_has_no_token_and_no_participant)
{
	static const char *const never[] = { SITE_TOKEN, OTHER_TOKEN, TOKEN,
		"ssssssss", "tttttttt", "oooooooo" };
	struct world w = { 0 };
	struct client *c;
	char *log;

	world_start(&w);
	meeting_make(&w, 3);
	(void)client_enter(&w, 0, "null");
	c = client_greet(&w, 1);
	(void)ask_fails(c, "enter", ", \"meeting\": \"%s\", \"token\": \"%s\"",
	    MEETING, OTHER_TOKEN);
	log = sfud_log(&w);
	CHECK(strstr(log, "ready") != NULL);
	for (size_t i = 0; i < KK_ARRAY_LEN(never); i++)
		CHECK(!strstr(log, never[i]));
	CHECK(!strstr(log, w.clients[0].participant));
	free(log);
	world_end(&w);
}

static int run(char said[4096], const char *a, const char *b, const char *c)
{
	const char *const args[] = { a, b, c, NULL };

	return process_run("sfud", args, said, 4096);
}

TEST(wrong_options_are_named_and_nothing_starts)
{
	struct world w = { 0 };
	char hash[96], said[4096];

	world_start(&w);
	(void)snprintf(hash, sizeof(hash), "--site-token-hash=%s/log",
	    w.folder);
	CHECK_EQ(run(said, "--help", NULL, NULL), 0);
	CHECK(strstr(said, "usage: konklave-sfu") != NULL);
	CHECK_EQ(run(said, "--state=/tmp", NULL, NULL), 2);
	CHECK(strstr(said, "--site-token-hash: needed") != NULL);
	CHECK_EQ(run(said, "--media-port=x", NULL, NULL), 2);
	CHECK(strstr(said, "x: not a number from 0 to 65535") != NULL);
	CHECK_EQ(run(said, "--listen=::1:99", NULL, NULL), 2);
	CHECK(strstr(said, "put a v6 address into [ ]") != NULL);
	CHECK_EQ(run(said, "--keep=24", NULL, NULL), 2);
	CHECK_EQ(run(said, "--keep=1d", NULL, NULL), 2);
	CHECK(strstr(said, "1d: not a time like 24h") != NULL);
	CHECK_EQ(run(said, "--nonsense", NULL, NULL), 2);
	CHECK_EQ(run(said, "--state=/tmp", hash, "--listen-loopback=0"), 1);
	CHECK(strstr(said, "it is a file of 32 bytes") != NULL);
	world_end(&w);
}
