/* api.c - what the header refuses. */
#include <string.h>

#include "base/base.h"
#include "mock/alloc.h"
#include "world.h"

static void nothing(void *arg, struct kk_view packet)
{
	(void)arg;
	(void)packet;
}

static enum kk_err link_try(const struct link_config *config)
{
	struct link *link = NULL;
	enum kk_err err = link_new(&link, config);

	CHECK((err == KK_OK) == (link != NULL));
	link_free(link);
	return err;
}

TEST(new_refuses_a_bad_configuration)
{
	static const char *const no_address[] = { "example" };
	static const char *const address[] = { "192.0.2.1" };
	char name[LINK_CNAME_MAX_BYTES + 2], host[LINK_HOST_MAX_BYTES + 2];
	struct link_server servers[LINK_SERVERS_MAX + 1] = { { LINK_STUN,
	    "192.0.2.1", 3478, NULL, NULL } };
	struct link_config c = { .cname = "x" };

	CHECK_OK(link_try(&c));
	c.cname = NULL;
	CHECK_ERR(link_try(&c), KK_EINVAL);
	c.cname = "";
	CHECK_ERR(link_try(&c), KK_EINVAL);
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	c.cname = name;
	CHECK_ERR(link_try(&c), KK_EINVAL);
	name[LINK_CNAME_MAX_BYTES] = '\0';
	c.servers = servers;
	c.server_count = 1;
	c.addresses = address;
	c.address_count = 1;
	CHECK_OK(link_try(&c));
	c.addresses = no_address;
	CHECK_ERR(link_try(&c), KK_EINVAL);
	c.addresses = address;
	servers[0].host = "turn.example"; /* a name is looked up later */
	CHECK_OK(link_try(&c));
	servers[0].host = host;
	memset(host, 'h', sizeof(host) - 1);
	host[sizeof(host) - 1] = '\0';
	CHECK_ERR(link_try(&c), KK_EINVAL);
	servers[0].host = "";
	CHECK_ERR(link_try(&c), KK_EINVAL);
	servers[0].host = "192.0.2.1";
	servers[0].port = 0;
	CHECK_ERR(link_try(&c), KK_EINVAL);
	servers[0].port = 3478;
	servers[0].kind = LINK_TURN_UDP; /* without a name and password */
	CHECK_ERR(link_try(&c), KK_EINVAL);
	servers[0].user = servers[0].password = "x";
	CHECK_OK(link_try(&c));
	c.server_count = LINK_SERVERS_MAX + 1;
	CHECK_ERR(link_try(&c), KK_EINVAL);
}

TEST(new_reports_each_failed_allocation)
{
	struct link_config c = { .cname = "x" };
	enum kk_err err;

	ALLOC_FAULT_LOOP(err, link_try(&c));
	CHECK_OK(err);
}

TEST(remote_set_refuses_what_is_no_peer_and_stays_ready)
{
	struct world *w = world_new("127.0.0.1");
	struct link_remote good = world_remote(w), bad = good;
	struct link_candidate c = good.candidates[0];

	world_link(w);
	bad.candidate_count = 0;
	CHECK_ERR(link_remote_set(w->link, &bad), KK_EINVAL);
	bad.candidate_count = LINK_CANDIDATES_MAX + 1;
	CHECK_ERR(link_remote_set(w->link, &bad), KK_EINVAL);
	bad = good;
	bad.ufrag = "abc";
	CHECK_ERR(link_remote_set(w->link, &bad), KK_EINVAL);
	bad = good;
	bad.pwd = "short";
	CHECK_ERR(link_remote_set(w->link, &bad), KK_EINVAL);
	bad = good;
	bad.fingerprint = "no";
	CHECK_ERR(link_remote_set(w->link, &bad), KK_EFORMAT);
	bad = good;
	bad.candidates = &c;
	c.address = "example";
	CHECK_ERR(link_remote_set(w->link, &bad), KK_EINVAL);
	c = good.candidates[0];
	c.foundation = "";
	CHECK_ERR(link_remote_set(w->link, &bad), KK_EINVAL);
	c = good.candidates[0];
	c.port = 0;
	CHECK_ERR(link_remote_set(w->link, &bad), KK_EINVAL);
	CHECK_EQ(link_state(w->link), LINK_WAITING);
	world_start(w);
	CHECK_ERR(link_remote_set(w->link, &good), KK_ESTATE);
	world_until(w, world_is_connected);
	world_free(w);
}

TEST(senders_and_receivers_have_their_limits)
{
	struct world *w = world_new("127.0.0.1");
	struct link_sender s = { 1, 48000, 0, 0 };
	struct link_receiver r = { .ssrc = 1000,
		.payload_type = 111,
		.clock_hz = 48000,
		.packet = nothing };

	CHECK_OK(link_new(&w->link, &w->config));
	CHECK_ERR(link_sender_add(w->link,
		      &(struct link_sender){ .clock_hz = 1 }),
	    KK_EINVAL);
	CHECK_ERR(link_sender_add(w->link, &(struct link_sender){ .ssrc = 1 }),
	    KK_EINVAL);
	s.rtx_ssrc = 1;
	CHECK_ERR(link_sender_add(w->link, &s), KK_EINVAL);
	s.rtx_payload_type = 128;
	s.rtx_ssrc = 101;
	CHECK_ERR(link_sender_add(w->link, &s), KK_EINVAL);
	s.rtx_payload_type = 127;
	for (; s.ssrc <= LINK_SENDERS_MAX; s.ssrc++, s.rtx_ssrc++)
		CHECK_OK(link_sender_add(w->link, &s));
	CHECK_ERR(link_sender_add(w->link, &s), KK_ELIMIT);
	s.ssrc = 1;
	CHECK_ERR(link_sender_add(w->link, &s), KK_EEXIST);
	s.ssrc = 101;
	CHECK_ERR(link_sender_add(w->link, &s), KK_EEXIST);
	s.ssrc = 2000;
	s.rtx_ssrc = 101;
	CHECK_ERR(link_sender_add(w->link, &s), KK_EEXIST);

	for (unsigned i = 0; i < LINK_RECEIVERS_MAX; i++, r.ssrc++)
		CHECK_OK(link_receiver_add(w->link, &r));
	CHECK_ERR(link_receiver_add(w->link, &r), KK_ELIMIT);
	r.rtx_ssrc = 1000;
	CHECK_ERR(link_receiver_add(w->link, &r), KK_EEXIST);
	r.ssrc = 1000;
	r.rtx_ssrc = 1;
	CHECK_ERR(link_receiver_add(w->link, &r), KK_EEXIST);
	r.rtx_ssrc = r.ssrc = 2000;
	CHECK_ERR(link_receiver_add(w->link, &r), KK_EINVAL);
	r.rtx_ssrc = 0;
	r.payload_type = 128;
	CHECK_ERR(link_receiver_add(w->link, &r), KK_EINVAL);
	r.payload_type = 1;
	r.packet = NULL;
	CHECK_ERR(link_receiver_add(w->link, &r), KK_EINVAL);
	CHECK_ERR(link_receiver_set(w->link, 2000, nothing, NULL, NULL),
	    KK_ENOENT);
	world_free(w);
}

TEST(send_refuses_what_cannot_go)
{
	struct world *w = world_new("127.0.0.1");
	uint8_t long_one[LINK_PACKET_MAX_BYTES + 1] = { 0x80, 96 };

	world_link(w);
	CHECK_ERR(world_send(w, 1), KK_ESTATE);
	world_start(w);
	world_until(w, world_is_connected);
	CHECK_ERR(link_send_rtp(w->link,
		      kk_view_of(long_one, sizeof(long_one))),
	    KK_ELIMIT);
	CHECK_ERR(link_send_rtp(w->link, kk_view_of(long_one, 11)), KK_EINVAL);
	CHECK_ERR(link_send_rtp(w->link,
		      kk_view_of("\0\0\0\0\0\0\0\0\0\0\0\0", 12)),
	    KK_EINVAL);
	CHECK_OK(world_send(w, 2));
	world_free(w);
}

/* Holds the link's thread in a callback. */
struct gate {
	GMutex mutex;
	GCond cond;
	bool is_entered, is_open;
};

static void gate_pass(void *arg, struct kk_view packet)
{
	struct gate *gate = arg;

	(void)packet;
	g_mutex_lock(&gate->mutex);
	gate->is_entered = true;
	while (!gate->is_open)
		g_cond_wait(&gate->cond, &gate->mutex);
	g_mutex_unlock(&gate->mutex);
}

static bool gate_is_entered(void *arg)
{
	struct gate *gate = arg;
	bool is_entered;

	g_mutex_lock(&gate->mutex);
	is_entered = gate->is_entered;
	g_mutex_unlock(&gate->mutex);
	return is_entered;
}

static void gate_open(struct gate *gate)
{
	g_mutex_lock(&gate->mutex);
	gate->is_open = true;
	g_cond_signal(&gate->cond);
	g_mutex_unlock(&gate->mutex);
}

TEST(a_full_queue_drops_and_counts_and_never_blocks)
{
	struct world *w = world_new("127.0.0.1");
	struct gate *gate = g_new0(struct gate, 1);
	unsigned sent = 0;

	world_connect(w);
	CHECK_OK(link_receiver_set(w->link, WORLD_SLOT, gate_pass, NULL, gate));
	world_peer_send(w, WORLD_SLOT, 1);
	CHECK(peer_until(w->peer, gate_is_entered, gate));
	while (world_send(w, (uint16_t)(sent + 1)) == KK_OK)
		sent++;
	CHECK_EQ(sent, LINK_QUEUE_MAX);
	CHECK_ERR(world_send(w, (uint16_t)(sent + 1)), KK_ENOSPC);
	gate_open(gate);
	CHECK_EQ(link_counts(w->link).overflows, 2);
	CHECK_OK(world_send(w, (uint16_t)(sent + 3)));
	world_free(w);
	g_free(gate);
}

TEST(callbacks_that_were_replaced_are_not_called_again)
{
	struct world *w = world_new("127.0.0.1");
	unsigned before;

	world_connect(w);
	world_peer_send(w, WORLD_SLOT, 1);
	w->want = 1;
	world_until(w, world_has_packets);
	CHECK_OK(link_receiver_set(w->link, WORLD_SLOT, NULL, NULL, NULL));
	before = (unsigned)w->packet_count;
	world_peer_send(w, WORLD_SLOT, 2);
	while (link_counts(w->link).in_packets < 2)
		peer_step(w->peer, 1);
	CHECK_EQ(w->packet_count, before);
	world_free(w);
}

TEST(names_of_states_are_never_null)
{
	for (unsigned s = 0; s <= LINK_STATE_COUNT; s++)
		CHECK(link_state_name((enum link_state)s) != NULL);
}
