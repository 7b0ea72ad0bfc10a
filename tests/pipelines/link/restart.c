/* restart.c - a link that hears nothing, and ICE begun anew. */
#include <string.h>

#include "base/base.h"
#include "coturn.h"
#include "world.h"

enum { SHORT_MS = 300 };

static bool peer_has_rtp(void *arg)
{
	struct world *w = arg;

	return w->peer->rtp_count >= w->want;
}

static void peer_rtp_until(struct world *w, size_t want)
{
	w->want = want;
	CHECK(peer_until(w->peer, peer_has_rtp, w));
}

static void heard_until(struct world *w, size_t want)
{
	w->want = want;
	world_until(w, world_has_packets);
}

/* A link that is connected, and has heard the peer. */
static struct world *world_talking(uint32_t silence_ms)
{
	struct world *w = world_new("127.0.0.1");

	w->config.silence_ms = silence_ms;
	w->config.restart_ms = SHORT_MS;
	world_connect(w);
	world_peer_send(w, WORLD_SLOT, 1);
	heard_until(w, 1);
	return w;
}

static enum link_state last_state(const struct world *w)
{
	return w->states[w->state_count - 1];
}

static bool is_silent(struct world *w)
{
	return last_state(w) == LINK_SILENT;
}

static bool is_up(struct world *w)
{
	return last_state(w) == LINK_CONNECTED;
}

/* As the forwarder makes them (RFC 8445, 9): the old ones are gone. */
static struct link_remote credentials_renew(struct world *w)
{
	g_strlcpy(w->peer->ufrag, "ufragnew", sizeof(w->peer->ufrag));
	g_strlcpy(w->peer->pwd, "fedcba9876543210fedcba9876543210",
	    sizeof(w->peer->pwd));
	return world_remote(w);
}

TEST(who_sends_and_hears_nothing_is_silent_until_something_comes)
{
	struct world *w = world_talking(SHORT_MS);

	CHECK_OK(world_send(w, 1));
	world_until(w, is_silent);
	CHECK_OK(world_send(w, 2)); /* it may still arrive */
	peer_rtp_until(w, 2);
	world_peer_send(w, WORLD_SLOT, 2);
	world_until(w, is_up);
	world_free(w);
}

TEST(who_sends_nothing_waits_for_nothing)
{
	struct world *quiet = world_talking(SHORT_MS);
	struct world *w = world_talking(SHORT_MS);

	CHECK_OK(world_send(w, 1));
	world_until(w, is_silent); /* as long has gone by for both */
	CHECK_EQ(link_state(quiet->link), LINK_CONNECTED);
	world_free(w);
	world_free(quiet);
}

static bool handshake_count(struct peer *peer, enum wire_kind kind,
    struct kk_view in)
{
	(void)in;
	*(unsigned *)peer->arg += kind == WIRE_KIND_DTLS;
	return true;
}

TEST(ice_begun_anew_goes_on_with_keys_and_numbers_from_another_port)
{
	struct world *w = world_talking(0);
	struct sockaddr_storage before = w->peer->from;
	struct link_remote remote;
	unsigned handshakes = 0;

	for (uint16_t seq = 1; seq <= 3; seq++)
		CHECK_OK(world_send(w, seq));
	peer_rtp_until(w, 3);
	w->peer->let_in = handshake_count;
	w->peer->arg = &handshakes;
	remote = credentials_renew(w);
	CHECK_OK(link_restart(w->link, &remote, NULL, 0));
	CHECK_EQ(link_state(w->link), LINK_SILENT);
	world_until(w, is_up);
	CHECK(memcmp(&before, &w->peer->from, w->peer->from_bytes) != 0);
	CHECK_OK(world_send(w, 4));
	peer_rtp_until(w, 4);
	CHECK_EQ(w->peer->seqs[3], 4);
	world_peer_send(w, WORLD_SLOT, 2);
	heard_until(w, 2);
	CHECK_EQ(handshakes, 0);
	CHECK_EQ(link_counts(w->link).refused, 0);
	world_free(w);
}

TEST(several_restarts_one_after_the_other_end_in_the_last_one)
{
	struct world *w = world_talking(0);
	struct link_remote old = world_remote(w), remote;
	char ufrag[] = "otherone";

	old.ufrag = ufrag; /* that the peer does not know any more */
	remote = credentials_renew(w);
	for (unsigned i = 0; i < 5; i++)
		CHECK_OK(link_restart(w->link, i < 4 ? &old : &remote, NULL,
		    0));
	world_until(w, is_up);
	CHECK_OK(world_send(w, 1));
	peer_rtp_until(w, 1);
	world_free(w);
}

TEST(a_restart_that_finds_no_way_in_time_loses_the_link)
{
	struct world *w = world_talking(0);
	struct link_remote remote = credentials_renew(w);

	w->peer->is_deaf = true;
	CHECK_OK(link_restart(w->link, &remote, NULL, 0));
	world_until(w, world_is_lost);
	CHECK_ERR(w->why, KK_EIO);
	CHECK_ERR(link_restart(w->link, &remote, NULL, 0), KK_ESTATE);
	world_free(w);
}

TEST(restart_refuses_what_is_no_peer_and_the_way_stays)
{
	struct world *w = world_new("127.0.0.1");
	struct link_server servers[LINK_SERVERS_MAX + 1] = { { LINK_STUN,
	    "192.0.2.1", 3478, NULL, NULL } };
	struct link_remote remote = world_remote(w);

	world_link(w);
	CHECK_ERR(link_restart(w->link, &remote, NULL, 0), KK_ESTATE);
	world_start(w);
	world_until(w, world_is_connected);
	CHECK(peer_until(w->peer, peer_is_connected, w->peer));
	remote.ufrag = "abc";
	CHECK_ERR(link_restart(w->link, &remote, NULL, 0), KK_EINVAL);
	remote = world_remote(w);
	remote.candidate_count = 0;
	CHECK_ERR(link_restart(w->link, &remote, NULL, 0), KK_EINVAL);
	remote = world_remote(w);
	CHECK_ERR(link_restart(w->link, &remote, servers,
		      G_N_ELEMENTS(servers)),
	    KK_EINVAL);
	servers[0].port = 0;
	CHECK_ERR(link_restart(w->link, &remote, servers, 1), KK_EINVAL);
	CHECK_EQ(link_state(w->link), LINK_CONNECTED);
	CHECK_OK(world_send(w, 1));
	peer_rtp_until(w, 1);
	world_free(w);
}

TEST(can_be_freed_while_it_restarts)
{
	struct world *w = world_talking(0);
	struct link_remote remote = credentials_renew(w);

	CHECK_OK(link_restart(w->link, &remote, NULL, 0));
	world_free(w);
}

/* One that is gone is told nothing any more, and another takes its place. */
TEST(a_relay_that_is_gone_is_replaced_by_another)
{
	struct world *w = world_new("127.0.0.1");
	struct link_server server = { LINK_TURN_UDP, "localhost", 0,
		COTURN_USER, COTURN_PASSWORD };
	struct link_remote remote;
	struct coturn turn;

	coturn_start(&turn, false);
	server.port = turn.port;
	w->config.servers = &server;
	w->config.server_count = 1;
	w->config.is_relay_only = true;
	w->config.silence_ms = SHORT_MS;
	world_connect(w);
	world_peer_send(w, WORLD_SLOT, 1);
	heard_until(w, 1);
	CHECK_OK(world_send(w, 1));
	peer_rtp_until(w, 1);
	coturn_stop(&turn);
	CHECK_OK(world_send(w, 2));
	world_until(w, is_silent);

	coturn_start(&turn, false);
	server.port = turn.port;
	remote = credentials_renew(w);
	CHECK_OK(link_restart(w->link, &remote, &server, 1));
	world_until(w, is_up);
	CHECK(link_counts(w->link).is_relayed);
	CHECK_OK(world_send(w, 3));
	peer_rtp_until(w, 2);
	CHECK_EQ(w->peer->seqs[1], 3);
	world_free(w);
	coturn_stop(&turn);
}
