/* connect.c - how a link comes up, and goes. */
#include <string.h>

#include "base/base.h"
#include "world.h"

static void states_check(const struct world *w, const enum link_state *states,
    size_t count)
{
	CHECK_EQ(w->state_count, count);
	for (size_t i = 0; i < count; i++)
		CHECK_STR(link_state_name(w->states[i]),
		    link_state_name(states[i]));
}

static void connects_over(const char *address)
{
	static const enum link_state states[] = { LINK_GATHERING,
		LINK_CONNECTING, LINK_CONNECTED };
	struct world *w = world_new(address);

	world_connect(w);
	states_check(w, states, 3);
	CHECK_EQ(link_state(w->link), LINK_CONNECTED);
	CHECK(w->peer->nominations > 0);
	world_free(w);
}

TEST(connects_over_ipv4_and_tells_each_state_once)
{
	connects_over("127.0.0.1");
}

TEST(connects_over_ipv6)
{
	connects_over("::1");
}

/* Servers that are there, and never say a word. */
static void silent_servers_run(struct world *w, enum link_server_kind kind)
{
	struct peer *silent = peer_new("127.0.0.1");
	struct link_server servers[2] = { { kind, "127.0.0.1",
	    peer_port(silent), "user", "password" } };

	servers[1] = servers[0];
	w->config.servers = servers;
	w->config.server_count = 2;
	world_connect(w);
	world_free(w);
	peer_free(silent);
}

TEST(a_stun_server_that_does_not_answer_is_not_waited_for)
{
	silent_servers_run(world_new("127.0.0.1"), LINK_STUN);
}

TEST(a_turn_server_that_does_not_answer_is_not_waited_for)
{
	silent_servers_run(world_new("127.0.0.1"), LINK_TURN_UDP);
}

TEST(lost_datagrams_of_the_handshake_are_sent_again)
{
	struct world *w = world_new("127.0.0.1");

	w->peer->dtls_lost = 3;
	world_connect(w);
	CHECK_EQ(w->peer->dtls_lost, 0);
	world_free(w);
}
