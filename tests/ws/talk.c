/* talk.c - messages between two of ours. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "world.h"

static char *text_of(size_t bytes)
{
	char *text = malloc(bytes + 1);

	if (!text)
		abort();
	for (size_t i = 0; i < bytes; i++)
		text[i] = (char)('a' + i % 23);
	text[bytes] = '\0';
	return text;
}

TEST(a_client_and_a_server_exchange_messages_whole)
{
	static const size_t sizes[] = { 0, 1, 125, 126, 16384, 16385, 65536,
		1000000, WS_MESSAGE_MAX_BYTES };
	struct world w;

	world_start(&w);
	world_pair(&w);
	w.at_server.echoes = true;
	for (size_t i = 0; i < KK_ARRAY_LEN(sizes); i++) {
		char *text = text_of(sizes[i]);

		CHECK_OK(ws_send(w.at_client.conn, text, sizes[i]));
		WAIT_FOR(&w, w.at_client.messages == i + 1);
		CHECK_EQ(w.at_client.bytes, sizes[i]);
		CHECK_MEM(w.at_client.text, text, sizes[i]);
		free(text);
	}
	world_end(&w);
}

TEST(messages_keep_their_order_and_their_borders)
{
	struct world w;
	char text[32];

	world_start(&w);
	world_pair(&w);
	w.at_server.counts = true;
	for (int i = 0; i < 500; i++) {
		(void)snprintf(text, sizeof(text), "%d", i);
		CHECK_OK(ws_send(w.at_client.conn, text, strlen(text)));
	}
	WAIT_FOR(&w, w.at_server.messages == 500);
	world_end(&w);
}

TEST(one_text_goes_to_many)
{
	enum { MANY = 40 };
	struct side sides[MANY] = { 0 };
	struct ws_conn *conns[MANY];
	char *text = text_of(100000);
	struct world w;

	world_start(&w);
	for (size_t i = 0; i < MANY; i++) {
		sides[i].world = &w;
		(void)world_connect(&w, &sides[i], NULL);
		WAIT_FOR(&w, w.at_server.opened == i + 1);
		conns[i] = w.at_server.conn;
	}
	CHECK_OK(ws_send_all(conns, MANY, text, 100000));
	for (size_t i = 0; i < MANY; i++) {
		WAIT_FOR(&w, sides[i].messages == 1);
		CHECK_EQ(sides[i].bytes, 100000);
		CHECK_MEM(sides[i].text, text, 100000);
		ws_conn_free(sides[i].conn);
		ws_conn_free(conns[i]);
		free(sides[i].text);
	}
	w.at_server.conn = NULL;
	CHECK_ERR(ws_send_all(NULL, 0, text, WS_MESSAGE_MAX_BYTES + 1),
	    KK_ELIMIT);
	free(text);
	world_end(&w);
}

TEST(closing_comes_after_what_is_queued)
{
	char *text = text_of(1000000);
	struct world w;

	world_start(&w);
	world_pair(&w);
	CHECK_OK(ws_send(w.at_server.conn, text, 1000000));
	ws_close(w.at_server.conn);
	CHECK_ERR(ws_send(w.at_server.conn, "x", 1), KK_ESTATE);
	WAIT_FOR(&w, w.at_client.closed == 1 && w.at_server.closed == 1);
	CHECK_EQ(w.at_client.messages, 1);
	CHECK_EQ(w.at_client.bytes, 1000000);
	CHECK_EQ(w.at_client.why, WS_CLOSED_BY_PEER);
	CHECK_EQ(w.at_server.why, WS_CLOSED_BY_US);
	free(text);
	world_end(&w);
}

TEST(a_client_closes_too)
{
	struct world w;

	world_start(&w);
	world_pair(&w);
	ws_close(w.at_client.conn);
	WAIT_FOR(&w, w.at_client.closed == 1 && w.at_server.closed == 1);
	CHECK_EQ(w.at_server.why, WS_CLOSED_BY_PEER);
	CHECK_EQ(w.at_client.why, WS_CLOSED_BY_US);
	world_end(&w);
}

TEST(freeing_a_connection_ends_it_at_once_for_the_other_side)
{
	struct world w;

	world_start(&w);
	world_pair(&w);
	ws_conn_free(w.at_client.conn);
	w.at_client.conn = NULL;
	WAIT_FOR(&w, w.at_server.closed == 1);
	CHECK_EQ(w.at_server.why, WS_LOST);
	CHECK_EQ(w.at_client.closed, 0);
	world_end(&w);
}

TEST(a_connection_may_be_freed_while_its_message_is_handled)
{
	struct world w;

	world_start(&w);
	world_pair(&w);
	w.at_server.frees_on_message = true;
	CHECK_OK(ws_send(w.at_client.conn, "now", 3));
	CHECK_OK(ws_send(w.at_client.conn, "never", 5));
	WAIT_FOR(&w, w.at_client.closed == 1);
	CHECK_EQ(w.at_server.messages, 1);
	CHECK_STR(w.at_server.text, "now");
	CHECK_EQ(w.at_server.closed, 0);
	world_end(&w);
}

TEST(a_message_over_the_limit_is_refused_before_it_is_sent)
{
	char *text = text_of(WS_MESSAGE_MAX_BYTES + 1);
	struct world w;

	world_start(&w);
	world_pair(&w);
	CHECK_ERR(ws_send(w.at_client.conn, text, WS_MESSAGE_MAX_BYTES + 1),
	    KK_ELIMIT);
	CHECK_OK(ws_send(w.at_client.conn, "still here", 10));
	WAIT_FOR(&w, w.at_server.messages == 1);
	free(text);
	world_end(&w);
}

TEST(a_server_may_allow_less_and_then_more)
{
	char *text = text_of(5000);
	struct world w;

	world_start(&w);
	world_pair(&w);
	ws_conn_message_max_set(w.at_server.conn, 4999);
	ws_conn_message_max_set(w.at_server.conn, 5000);
	CHECK_OK(ws_send(w.at_client.conn, text, 5000));
	WAIT_FOR(&w, w.at_server.messages == 1);
	ws_conn_message_max_set(w.at_server.conn, 4999);
	CHECK_OK(ws_send(w.at_client.conn, text, 5000));
	WAIT_FOR(&w, w.at_server.closed == 1 && w.at_client.closed == 1);
	CHECK_EQ(w.at_server.messages, 1);
	CHECK_EQ(w.at_server.why, WS_CLOSED_BY_US);
	free(text);
	world_end(&w);
}

TEST(many_connections_stand_and_more_than_allowed_do_not)
{
	enum { MANY = 300, ALLOWED = 200 };
	static struct side sides[MANY];
	struct ws_listen how = { .address = "127.0.0.1",
		.subprotocol = "test.1",
		.connections_max = ALLOWED,
		.handler = &side_handler };
	struct side few = { 0 };
	size_t opened = 0, closed = 0;
	struct world w;

	world_start(&w);
	few.world = &w;
	how.arg = &few;
	CHECK_OK(ws_listen(w.server, &how, &w.port));
	for (size_t i = 0; i < MANY; i++) {
		sides[i] = (struct side){ .world = &w };
		(void)world_connect(&w, &sides[i], NULL);
	}
	do {
		world_turn(&w);
		opened = closed = 0;
		for (size_t i = 0; i < MANY; i++) {
			opened += sides[i].opened;
			closed += sides[i].closed;
		}
	} while (opened + closed < MANY);
	CHECK_EQ(opened, ALLOWED);
	CHECK_EQ(few.opened, ALLOWED);
	for (size_t i = 0; i < MANY; i++) {
		if (!sides[i].opened)
			CHECK_EQ(sides[i].why, WS_UNREACHABLE);
		ws_conn_free(sides[i].conn);
	}
	WAIT_FOR(&w, few.closed == ALLOWED);
	/* Those are free again. */
	sides[0] = (struct side){ .world = &w };
	(void)world_connect(&w, &sides[0], NULL);
	WAIT_FOR(&w, sides[0].opened == 1 && few.opened == ALLOWED + 1);
	ws_conn_free(sides[0].conn);
	ws_conn_free(few.conn);
	world_end(&w);
}

TEST(connections_outlive_the_loop_until_their_owner_frees_them)
{
	struct world w;

	world_start(&w);
	world_pair(&w);
	ws_free(w.server);
	ws_free(w.client);
	w.server = w.client = NULL;
	CHECK_ERR(ws_send(w.at_client.conn, "x", 1), KK_ESTATE);
	ws_close(w.at_client.conn);
	CHECK_EQ(w.at_client.closed, 0);
	world_end(&w);
}
