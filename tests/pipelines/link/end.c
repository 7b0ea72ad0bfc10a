/* end.c - how a link is lost, and freed in every state. */
#include <string.h>

#include "base/base.h"
#include "world.h"

enum { SHORT_MS = 300 };

TEST(a_wrong_certificate_ends_it)
{
	struct world *w = world_new("127.0.0.1");
	struct link_remote remote;
	char wrong[DTLS_FINGERPRINT_TEXT_BYTES];

	world_link(w);
	peer_expect(w->peer, link_fingerprint(w->link));
	remote = world_remote(w);
	g_strlcpy(wrong, remote.fingerprint, sizeof(wrong));
	wrong[0] = wrong[0] == '0' ? '1' : '0';
	remote.fingerprint = wrong;
	CHECK_OK(link_remote_set(w->link, &remote));
	world_until(w, world_is_lost);
	CHECK_ERR(w->why, KK_EAUTH);
	CHECK(!world_is_connected(w));
	CHECK(!peer_is_connected(w->peer));
	world_free(w);
}

TEST(a_forwarder_that_expects_another_certificate_ends_it)
{
	struct world *w = world_new("127.0.0.1");
	struct link_remote remote = world_remote(w);

	world_link(w);
	peer_expect(w->peer, remote.fingerprint); /* its own: not ours */
	CHECK_OK(link_remote_set(w->link, &remote));
	world_until(w, world_is_lost);
	CHECK_ERR(w->why, KK_EDENIED);
	CHECK(!peer_is_connected(w->peer));
	world_free(w);
}

TEST(a_good_bye_of_the_forwarder_ends_it)
{
	struct world *w = world_new("127.0.0.1");

	world_connect(w);
	peer_close(w->peer);
	world_until(w, world_is_lost);
	CHECK_ERR(w->why, KK_EDENIED);
	CHECK_ERR(world_send(w, 1), KK_ESTATE);
	world_free(w);
}

TEST(a_forwarder_that_never_answers_ends_it)
{
	struct world *w = world_new("127.0.0.1");

	w->peer->is_deaf = true;
	w->config.connect_ms = SHORT_MS;
	world_link(w);
	world_start(w);
	world_until(w, world_is_lost);
	CHECK_ERR(w->why, KK_EIO);
	world_free(w);
}

TEST(a_forwarder_that_shakes_no_hands_ends_it)
{
	struct world *w = world_new("127.0.0.1");

	w->peer->is_silent = true;
	w->config.connect_ms = SHORT_MS;
	world_link(w);
	world_start(w);
	world_until(w, world_is_lost);
	CHECK_ERR(w->why, KK_EIO);
	CHECK(w->peer->nominations > 0);
	world_free(w);
}

/* Takes the 30 s of RFC 7675, 5.1, which libnice has no setting for. */
TEST(a_forwarder_that_falls_silent_ends_it)
{
	struct world *w = world_new("127.0.0.1");

	world_connect(w);
	w->peer->is_deaf = true;
	world_until(w, world_is_lost);
	CHECK_ERR(w->why, KK_EIO);
	world_free(w);
}

static bool is_closed(void *arg)
{
	struct world *w = arg;

	return dtls_state(w->peer->machine) == DTLS_CLOSED &&
	    w->peer->bye_count > 0;
}

TEST(a_link_that_is_freed_says_bye_and_close_notify)
{
	struct world *w = world_new("127.0.0.1");

	world_connect(w);
	link_free(w->link);
	w->link = NULL;
	CHECK(peer_until(w->peer, is_closed, w));
	CHECK_EQ(w->peer->refused, 0); /* the BYE was sealed */
	world_free(w);
}

TEST(can_be_freed_before_it_knows_its_peer)
{
	struct world *w = world_new("127.0.0.1");

	world_link(w);
	world_free(w);
	link_free(NULL);
}

TEST(can_be_freed_while_it_gathers)
{
	struct world *w = world_new("127.0.0.1");

	world_link(w);
	world_start(w);
	world_free(w);
}

static bool is_checked(void *arg)
{
	return ((struct world *)arg)->peer->checks > 0;
}

TEST(can_be_freed_while_it_connects)
{
	struct world *w = world_new("127.0.0.1");

	w->peer->is_silent = true;
	world_link(w);
	world_start(w);
	CHECK(peer_until(w->peer, is_checked, w));
	world_free(w);
}

static bool has_hello(struct peer *peer, enum wire_kind kind, struct kk_view in)
{
	(void)in;
	if (kind == WIRE_KIND_DTLS)
		*(bool *)peer->arg = true;
	return kind != WIRE_KIND_DTLS;
}

static bool flag_is_set(void *arg)
{
	return *(bool *)arg;
}

TEST(can_be_freed_in_the_handshake)
{
	struct world *w = world_new("127.0.0.1");
	bool has_come = false;

	w->peer->let_in = has_hello;
	w->peer->arg = &has_come;
	world_link(w);
	world_start(w);
	CHECK(peer_until(w->peer, flag_is_set, &has_come));
	world_free(w);
}

TEST(can_be_freed_when_it_is_lost)
{
	struct world *w = world_new("127.0.0.1");

	world_connect(w);
	peer_close(w->peer);
	world_until(w, world_is_lost);
	world_free(w);
}

TEST(can_be_freed_while_packets_come_and_go)
{
	for (unsigned round = 0; round < 5; round++) {
		struct world *w = world_new("127.0.0.1");

		world_connect(w);
		for (uint16_t seq = 1; seq <= 200; seq++) {
			CHECK_OK(world_send(w, seq));
			world_peer_send(w, WORLD_SLOT, (uint16_t)(2 * seq));
		}
		link_key_frame_ask(w->link, WORLD_SLOT);
		world_free(w);
	}
}

/* What pipelines do at a time, each on a thread of its own. */
struct pipeline {
	struct world *w;
	unsigned which;
};

enum { PIPELINES = 4, ROUNDS = 300 };

static void *pipeline_run(void *arg)
{
	struct pipeline *p = arg;

	for (uint16_t i = 1; i <= ROUNDS; i++) {
		if (p->which == 0)
			(void)!world_send(p->w, i);
		else if (p->which == 1)
			link_key_frame_ask(p->w->link, WORLD_SLOT);
		else if (p->which == 2)
			(void)link_counts(p->w->link);
		else
			(void)!link_receiver_set(p->w->link, WORLD_AUDIO_SLOT,
			    NULL, NULL, NULL);
	}
	return NULL;
}

TEST(many_threads_may_use_it_at_a_time)
{
	struct world *w = world_new("127.0.0.1");
	struct pipeline pipelines[PIPELINES];
	GThread *threads[PIPELINES];

	world_connect(w);
	for (unsigned i = 0; i < PIPELINES; i++) {
		pipelines[i] = (struct pipeline){ w, i };
		threads[i] = g_thread_new("pipeline", pipeline_run,
		    &pipelines[i]);
	}
	for (unsigned i = 0; i < PIPELINES; i++)
		g_thread_join(threads[i]);
	CHECK_EQ(link_state(w->link), LINK_CONNECTED);
	CHECK_EQ(link_counts(w->link).overflows, 0);
	world_free(w);
}

TEST(many_links_come_and_go)
{
	struct world *worlds[8];

	for (size_t i = 0; i < G_N_ELEMENTS(worlds); i++) {
		worlds[i] = world_new("127.0.0.1");
		world_connect(worlds[i]);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(worlds); i++)
		world_free(worlds[i]);
}
