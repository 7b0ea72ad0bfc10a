/* slow.c - participants that read slowly, or not at all, and the others. */
#define _GNU_SOURCE /* asprintf() */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "raw.h"

enum {
	BIG_BYTES = 9 * 256 * 1024, /* with its event near the most */
	BIG_MAX = 20, /* far beyond any buffer */
	SMALL_COUNT = 40
};

static void raw_enter(struct raw *r)
{
	char *text = NULL;

	CHECK(asprintf(&text,
		  "{\"type\":\"enter\",\"id\":2,\"meeting\":\"%s\","
		  "\"token\":\"%s\",\"epoch\":null}",
		  MEETING, TOKEN) > 0);
	raw_send(r, text);
	free(text);
}

static void raw_wait(struct raw *r, size_t count, size_t bytes_at_once)
{
	while (r->count < count) {
		CHECK(!r->is_closed);
		if (raw_read(r, bytes_at_once) == 0)
			world_turn(r->world);
	}
}

/* Alice and Bob are there; then who reads slowly comes, and is named. */
static const char *meeting_begin(struct world *w, struct raw *slow)
{
	world_start(w);
	meeting_make(w, 8);
	(void)client_enter(w, 0, "null");
	(void)ask(&w->clients[0], "begin", ", \"epoch\": %d", 0);
	(void)client_enter(w, 1, "null");
	raw_open(slow, w);
	raw_enter(slow);
	return text_of(event_take(&w->clients[1], "joined"), "participant");
}

static void commit(struct world *w, unsigned epoch)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "commit %u", epoch);
	(void)ask(&w->clients[0], "commit",
	    ", \"epoch\": %u, \"message\": \"%s\", \"welcomes\": []", epoch,
	    b64(w, text));
}

static void commit_expect(struct world *w, struct client *c, unsigned epoch)
{
	sd_json_variant *v = event_take(c, "commit");
	char text[32];

	(void)snprintf(text, sizeof(text), "commit %u", epoch);
	CHECK_EQ(number_of(v, "epoch"), epoch);
	CHECK_STR(text_of(v, "message"), b64(w, text));
}

/* Alice to all; Bob gets it as it was. */
static void message_pass(struct world *w, const char *text)
{
	sd_json_variant *v;

	(void)ask(&w->clients[0], "message", ", \"message\": \"%s\"", text);
	v = event_take(&w->clients[1], "message");
	CHECK_STR(text_of(v, "from"), w->clients[0].participant);
	CHECK_STR(text_of(v, "message"), text);
}

/* Carol comes and goes, and Bob is told. */
static void carol_visits(struct world *w)
{
	(void)client_enter(w, 2, "null");
	(void)event_take(&w->clients[1], "joined");
	(void)ask(&w->clients[2], "leave", "%s", "");
}

/* Letters that are base64. */
static char *big_make(void)
{
	char *text = malloc(BIG_BYTES + 1);

	CHECK(text != NULL);
	memset(text, 'A', BIG_BYTES);
	text[BIG_BYTES] = '\0';
	return text;
}

/* Of so many that have left. */
static size_t lost_count(struct client *c, size_t count)
{
	size_t lost = 0;

	while (count-- > 0)
		lost += !strcmp(text_of(event_take(c, "left"), "reason"),
		    "lost");
	return lost;
}

TEST(who_stops_reading_is_lost_at_the_bound_and_the_others_miss_nothing)
{
	struct world w = { .args = { "--metrics-loopback=0" },
		.is_patient = true };
	char *text = big_make();
	const char *to;
	struct raw slow;
	unsigned n = 0;

	to = meeting_begin(&w, &slow);
	raw_live(&slow);
	carol_visits(&w);
	for (; metrics_value(&w, "slow_readers_total") == 0; n++) {
		CHECK(n < BIG_MAX);
		(void)ask(&w.clients[0], "message",
		    ", \"to\": \"%s\", \"message\": \"%s\"", to, text);
		CHECK(metrics_value(&w, "unsent_bytes") <=
		    WS_QUEUE_MAX_BYTES + WS_MESSAGE_MAX_BYTES);
		commit(&w, n);
		commit_expect(&w, &w.clients[1], n);
	}
	CHECK(n > 2);
	/* The others are told, and go on. */
	carol_visits(&w);
	CHECK_EQ(lost_count(&w.clients[1], 3), 1);
	message_pass(&w, b64(&w, "still here"));
	commit(&w, n);
	commit_expect(&w, &w.clients[1], n);
	CHECK_EQ(events_left(&w.clients[1]), 0);
	CHECK_EQ(metrics_value(&w, "slow_readers_total"), 1);
	raw_close(&slow);
	/* It comes back with the epoch that it had, and gets what it missed. */
	CHECK_EQ(number_of(client_enter(&w, 3, "0"), "epoch"), n + 1);
	for (unsigned i = 0; i < n + 1; i++)
		commit_expect(&w, &w.clients[3], i);
	CHECK_EQ(events_left(&w.clients[3]), 0);
	free(text);
	world_end(&w);
}

/* Of a text's event, as the server writes it. */
static void same_expect(sd_json_variant *v, const char *text)
{
	char *want = NULL;

	CHECK(sd_json_variant_format(v, 0, &want) >= 0);
	CHECK_STR(text, want);
	free(want);
}

TEST(who_reads_a_byte_at_a_time_gets_all_in_order)
{
	struct world w = { .args = { "--metrics-loopback=0" },
		.is_patient = true };
	sd_json_variant *events[2 * SMALL_COUNT];
	struct raw slow;

	(void)meeting_begin(&w, &slow);
	raw_wait(&slow, 2, 1); /* hello and enter are answered */
	for (unsigned i = 0; i < SMALL_COUNT; i++) {
		commit(&w, i);
		events[2 * i] = event_take(&w.clients[1], "commit");
		(void)ask(&w.clients[0], "message", ", \"message\": \"%s\"",
		    b64(&w, "x"));
		events[2 * i + 1] = event_take(&w.clients[1], "message");
		(void)raw_read(&slow, 1); /* much less than comes */
	}
	CHECK(slow.count < SMALL_COUNT);
	CHECK_EQ(events_left(&w.clients[1]), 0);
	raw_wait(&slow, 2 + 2 * SMALL_COUNT, 1);
	for (size_t i = 0; i < KK_ARRAY_LEN(events); i++)
		same_expect(events[i], slow.texts[2 + i]);
	CHECK_EQ(metrics_value(&w, "unsent_bytes"), 0);
	CHECK_EQ(metrics_value(&w, "slow_readers_total"), 0);
	raw_close(&slow);
	world_end(&w);
}
