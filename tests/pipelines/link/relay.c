/* relay.c - media by a real TURN server. */
#include <signal.h>
#include <string.h>

#include "base/base.h"
#include "coturn.h"
#include "crypto/crypto.h"
#include "ice/ice.h"
#include "world.h"

enum { PACKETS = 5, SHORT_MS = 3000, LASTS_S = 60 };

static bool peer_has_packets(void *arg)
{
	return ((struct world *)arg)->peer->rtp_count >= PACKETS;
}

/* Both ways, and what arrives is what was sent. */
static void media_check(struct world *w)
{
	for (uint16_t seq = 1; seq <= PACKETS; seq++)
		CHECK_OK(world_send(w, seq));
	CHECK(peer_until(w->peer, peer_has_packets, w));
	for (uint16_t i = 0; i < PACKETS; i++)
		CHECK_EQ(w->peer->seqs[i], i + 1);
	CHECK_EQ(w->peer->opened.data[w->peer->opened.bytes - 1], PACKETS);
	for (uint16_t seq = 1; seq <= PACKETS; seq++)
		world_peer_send(w, WORLD_SLOT, seq);
	w->want = PACKETS;
	world_until(w, world_has_packets);
	CHECK_EQ(w->packet.data[w->packet.bytes - 1], PACKETS);
}

static void media_go_by(enum link_server_kind kind, const char *host)
{
	struct coturn turn;
	struct world *w = world_new("127.0.0.1");
	struct link_server server = { kind, host, 0, COTURN_USER,
		COTURN_PASSWORD };

	coturn_start(&turn, false);
	server.port = turn.port;
	w->config.servers = &server;
	w->config.server_count = 1;
	w->config.is_relay_only = true;
	world_connect(w);
	CHECK(link_counts(w->link).is_relayed);
	media_check(w);
	world_free(w);
	coturn_stop(&turn);
}

TEST(media_go_by_a_turn_server_over_udp)
{
	media_go_by(LINK_TURN_UDP, "127.0.0.1");
}

TEST(media_go_by_a_turn_server_over_tcp)
{
	media_go_by(LINK_TURN_TCP, "127.0.0.1");
}

TEST(turn_server_s_name_is_looked_up)
{
	media_go_by(LINK_TURN_UDP, "localhost");
}

TEST(password_that_was_made_from_the_secret_is_taken_by_coturn)
{
	struct ice_config config = { .server_count = 0 };
	struct ice_login login;
	struct coturn turn;
	struct world *w = world_new("127.0.0.1");
	struct link_server server = { LINK_TURN_UDP, "127.0.0.1", 0, NULL,
		NULL };

	CHECK_OK(crypto_init());
	CHECK_OK(ice_config_server_add(&config, "turn:127.0.0.1"));
	CHECK_OK(ice_config_secret_set(&config, kk_view_text(COTURN_SECRET)));
	CHECK_OK(ice_config_login_get(&config, "room",
	    (uint64_t)g_get_real_time() / G_USEC_PER_SEC, LASTS_S, &login));
	coturn_start(&turn, true);
	server.port = turn.port;
	server.user = login.user;
	server.password = login.password;
	w->config.servers = &server;
	w->config.server_count = 1;
	w->config.is_relay_only = true;
	world_connect(w);
	media_check(w);
	world_free(w);
	coturn_stop(&turn);
}

static void lost_for(struct world *w, struct coturn *turn, const char *password,
    bool is_relay_only, enum kk_err why)
{
	struct link_server server = { LINK_TURN_UDP, "127.0.0.1", turn->port,
		COTURN_USER, password };

	w->config.servers = &server;
	w->config.server_count = 1;
	w->config.is_relay_only = is_relay_only;
	w->config.connect_ms = SHORT_MS;
	world_link(w);
	world_start(w);
	world_until(w, world_is_lost);
	CHECK_STR(kk_err_name(w->why), kk_err_name(why));
	world_free(w);
}

TEST(wrong_password_is_told_where_there_is_no_other_way)
{
	struct coturn turn;
	struct world *w = world_new("127.0.0.1");

	coturn_start(&turn, false);
	lost_for(w, &turn, "wrong", true, KK_EPOLICY);
	w = world_new("127.0.0.1");
	w->peer->is_deaf = true;
	lost_for(w, &turn, "wrong", false, KK_EPOLICY);
	coturn_stop(&turn);
}

TEST(relay_without_a_forwarder_behind_it_is_not_the_relay_s_fault)
{
	struct coturn turn;
	struct world *w = world_new("127.0.0.1");

	coturn_start(&turn, false);
	w->peer->is_deaf = true;
	lost_for(w, &turn, COTURN_PASSWORD, true, KK_EIO);
	coturn_stop(&turn);
}

TEST(wrong_password_disturbs_no_other_way)
{
	struct coturn turn;
	struct world *w = world_new("127.0.0.1");
	struct link_server server = { LINK_TURN_UDP, "127.0.0.1", 0,
		COTURN_USER, "wrong" };

	coturn_start(&turn, false);
	server.port = turn.port;
	w->config.servers = &server;
	w->config.server_count = 1;
	world_connect(w);
	CHECK(!link_counts(w->link).is_relayed);
	media_check(w);
	world_free(w);
	coturn_stop(&turn);
}

TEST(only_relays_means_that_nothing_comes_from_an_address_of_ours)
{
	struct coturn turn;
	struct world *w = world_new("127.0.0.1");
	struct link_server server = { LINK_TURN_UDP, "127.0.0.1", 0,
		COTURN_USER, COTURN_PASSWORD };

	coturn_start(&turn, false);
	server.port = turn.port;
	w->config.servers = &server;
	w->config.server_count = 1;
	w->config.is_relay_only = true;
	world_connect(w);
	media_check(w);
	CHECK(w->peer->lowest_port >= COTURN_PORT_MIN);
	CHECK(w->peer->highest_port <= COTURN_PORT_MAX);
	world_free(w);
	coturn_stop(&turn);
}

static size_t fd_count(void)
{
	g_autoptr(GDir) dir = g_dir_open("/proc/self/fd", 0, NULL);
	size_t count = 0;

	CHECK(dir != NULL);
	while (g_dir_read_name(dir))
		count++;
	return count;
}

static void dead_relay_run(void)
{
	struct coturn turn;
	struct world *w = world_new("127.0.0.1");
	struct link_server server = { LINK_TURN_UDP, "127.0.0.1", 0,
		COTURN_USER, COTURN_PASSWORD };

	coturn_start(&turn, false);
	server.port = turn.port;
	w->config.servers = &server;
	w->config.server_count = 1;
	w->config.is_relay_only = true;
	world_connect(w);
	CHECK_EQ(kill(turn.pid, SIGSTOP), 0);
	world_free(w);
	CHECK_EQ(kill(turn.pid, SIGCONT), 0);
	coturn_stop(&turn);
}

/* It cannot give its relay back, and no socket stays open for that. */
TEST(links_whose_relay_is_dead_end_and_leave_nothing)
{
	size_t before;

	dead_relay_run(); /* what libraries open once is open */
	before = fd_count();
	dead_relay_run();
	CHECK_EQ(fd_count(), before);
}
