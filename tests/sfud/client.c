/* client.c - the clients of the world. */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "call/call.h"
#include "world.h"

static sd_json_variant *keep(struct world *w, sd_json_variant *v)
{
	CHECK(w->kept_count < KEPT_MAX);
	w->kept[w->kept_count++] = v;
	return v;
}

static void opened(void *arg, struct ws_conn *conn)
{
	struct client *c = arg;

	(void)conn;
	c->is_open = true;
}

static void message(void *arg, struct ws_conn *conn, const char *text,
    size_t bytes)
{
	struct client *c = arg;

	(void)conn;
	(void)bytes;
	CHECK(c->text_count < TEXTS_MAX);
	CHECK(sd_json_parse(text, 0, &c->texts[c->text_count], NULL, NULL) >=
	    0);
	c->text_count++;
}

static void closed(void *arg, struct ws_conn *conn, enum ws_close why)
{
	struct client *c = arg;

	c->is_closed = true;
	c->is_open = false;
	c->why = why;
	c->conn = NULL;
	ws_conn_free(conn);
}

static const struct ws_handler handler = { opened, message, closed };

struct client *client_open(struct world *w, size_t i)
{
	struct client *c = &w->clients[i];
	struct ws_connect how = { .host = "127.0.0.1",
		.port = (uint16_t)w->loopback_port,
		.path = "/",
		.subprotocol = "konklave.1",
		.handler = &handler,
		.arg = c };

	client_drop(c);
	while (c->text_count > 0)
		sd_json_variant_unref(c->texts[--c->text_count]);
	*c = (struct client){ .world = w };
	CHECK_OK(ws_connect(w->ws, &how, &c->conn));
	WAIT_FOR(w, c->is_open || c->is_closed);
	CHECK(c->is_open);
	return c;
}

struct client *client_greet(struct world *w, size_t i)
{
	struct client *c = client_open(w, i);

	CHECK_EQ(
	    number_of(ask(c, "hello", ", \"version\": 1, \"client\": \"test\""),
		"version"),
	    1);
	return c;
}

void client_close(struct client *c)
{
	ws_close(c->conn);
	client_wait_closed(c);
}

void client_drop(struct client *c)
{
	ws_conn_free(c->conn);
	c->conn = NULL;
	c->is_open = false;
}

void client_send(struct client *c, const char *text)
{
	CHECK_OK(ws_send(c->conn, text, strlen(text)));
}

void client_wait_closed(struct client *c)
{
	WAIT_FOR(c->world, c->is_closed);
}

uint64_t ask_send(struct client *c, const char *type, const char *fields)
{
	char *text = NULL;

	CHECK(asprintf(&text, "{\"type\": \"%s\", \"id\": %llu%s}", type,
		  (unsigned long long)++c->last_id, fields) > 0);
	client_send(c, text);
	free(text);
	return c->last_id;
}

static sd_json_variant *text_remove(struct client *c, size_t i)
{
	sd_json_variant *v = keep(c->world, c->texts[i]);

	memmove(&c->texts[i], &c->texts[i + 1],
	    (c->text_count - i - 1) * sizeof(*c->texts));
	c->text_count--;
	return v;
}

static bool is_answer(sd_json_variant *v)
{
	const char *type = text_of(v, "type");

	return !strcmp(type, "answer") ||
	    (!strcmp(type, "error") && sd_json_variant_by_key(v, "id"));
}

sd_json_variant *answer_take(struct client *c, uint64_t id)
{
	for (;;) {
		for (size_t i = 0; i < c->text_count; i++) {
			if (is_answer(c->texts[i]) &&
			    number_of(c->texts[i], "id") == id)
				return text_remove(c, i);
		}
		CHECK(!c->is_closed);
		world_turn(c->world);
	}
}

__attribute__((format(printf, 3, 0))) static sd_json_variant *ask_any(
    struct client *c, const char *type, const char *fields, va_list args)
{
	char *text = NULL;
	uint64_t id;

	CHECK(vasprintf(&text, fields, args) >= 0);
	id = ask_send(c, type, text);
	free(text);
	return answer_take(c, id);
}

sd_json_variant *ask(struct client *c, const char *type, const char *fields,
    ...)
{
	sd_json_variant *v;
	va_list args;

	va_start(args, fields);
	v = ask_any(c, type, fields, args);
	va_end(args);
	if (!strcmp(text_of(v, "type"), "error"))
		tap_diag("%s: %s", type, text_of(v, "error"));
	CHECK_STR(text_of(v, "type"), "answer");
	return v;
}

const char *ask_fails(struct client *c, const char *type, const char *fields,
    ...)
{
	sd_json_variant *v;
	va_list args;

	va_start(args, fields);
	v = ask_any(c, type, fields, args);
	va_end(args);
	CHECK_STR(text_of(v, "type"), "error");
	CHECK(strlen(text_of(v, "text")) > 0);
	return text_of(v, "error");
}

sd_json_variant *event_take(struct client *c, const char *type)
{
	for (;;) {
		for (size_t i = 0; i < c->text_count; i++) {
			if (!is_answer(c->texts[i]) &&
			    !strcmp(text_of(c->texts[i], "type"), type))
				return text_remove(c, i);
		}
		CHECK(!c->is_closed);
		world_turn(c->world);
	}
}

size_t events_left(struct client *c)
{
	client_settle(c);
	return c->text_count;
}

void client_settle(struct client *c)
{
	/* Nobody has this transport, and asking changes nothing. */
	(void)ask_fails(c, "connect",
	    ", \"transport\": 4000000000, \"fingerprint\": \"AA\"");
}

const char *text_of(sd_json_variant *v, const char *name)
{
	sd_json_variant *field = sd_json_variant_by_key(v, name);

	CHECK(field != NULL);
	CHECK(sd_json_variant_is_string(field));
	return sd_json_variant_string(field);
}

uint64_t number_of(sd_json_variant *v, const char *name)
{
	sd_json_variant *field = sd_json_variant_by_key(v, name);

	CHECK(field != NULL);
	CHECK(sd_json_variant_is_unsigned(field));
	return sd_json_variant_unsigned(field);
}

bool is_null(sd_json_variant *v, const char *name)
{
	sd_json_variant *field = sd_json_variant_by_key(v, name);

	CHECK(field != NULL);
	return sd_json_variant_is_null(field);
}

void meeting_make(struct world *w, unsigned participants)
{
	struct client *c = client_greet(w, WORLD_CLIENTS - 1);

	(void)ask(c, "register",
	    ", \"siteToken\": \"%s\", \"meeting\": \"%s\", \"tokenHash\": "
	    "\"%s\", \"participants\": %u",
	    SITE_TOKEN, MEETING, TOKEN_HASH, participants);
	client_close(c);
}

sd_json_variant *client_enter(struct world *w, size_t i, const char *epoch)
{
	struct client *c = client_greet(w, i);
	sd_json_variant *v = ask(c, "enter",
	    ", \"meeting\": \"%s\", \"token\": \"%s\", \"epoch\": %s", MEETING,
	    TOKEN, epoch);

	c->participant = text_of(v, "participant");
	return v;
}

const char *b64(struct world *w, const char *text)
{
	sd_json_variant *v = NULL;

	CHECK(sd_json_variant_new_base64(&v, text, strlen(text)) >= 0);
	return sd_json_variant_string(keep(w, v));
}
