/* alloc.c - each allocation of our own fails once. */
#include <string.h>

#include "dtls/net.h"
#include "mock/alloc.h"

static enum kk_err identity_try(enum dtls_backend backend)
{
	struct dtls_identity *id = NULL;
	enum kk_err err;

	err = dtls_identity_new(&id, backend, NET_NOW_S, NET_DAY_S);
	if (!err)
		dtls_identity_free(id);
	else if (id)
		return KK_EINVAL; /* must be left alone */
	return err;
}

TEST(an_identity_survives_every_failed_allocation)
{
	for (unsigned i = 0; i < NET_BACKENDS; i++) {
		enum kk_err err;

		ALLOC_FAULT_LOOP(err, identity_try(net_backends[i]));
		CHECK_OK(err);
	}
}

static enum kk_err pass(struct dtls *from, struct dtls *to, bool *has_more)
{
	uint8_t datagram[DTLS_DATAGRAM_MAX_BYTES];
	size_t bytes = sizeof(datagram);
	enum kk_err err = KK_OK;

	while (!err && !dtls_take(from, datagram, &bytes)) {
		*has_more = true;
		err = dtls_input(to, kk_view_of(datagram, bytes), 0);
		bytes = sizeof(datagram);
	}
	return err;
}

static enum kk_err shake(struct dtls *client, struct dtls *server)
{
	bool has_more = true;
	enum kk_err err;

	err = dtls_start(client, 0);
	while (!err && has_more) {
		has_more = false;
		err = pass(client, server, &has_more);
		if (!err)
			err = pass(server, client, &has_more);
	}
	if (!err &&
	    (dtls_state(client) != DTLS_DONE ||
		dtls_state(server) != DTLS_DONE))
		err = KK_ESTATE;
	return err;
}

static enum kk_err handshake_try(struct net *net)
{
	struct dtls *client = NULL, *server = NULL;
	enum kk_err err;

	err = dtls_new(&client, net->identities[0], &net->configs[0],
	    NET_NOW_S);
	if (!err)
		err = dtls_new(&server, net->identities[1], &net->configs[1],
		    NET_NOW_S);
	if (!err)
		err = shake(client, server);
	/* A machine that has met the error has failed by it. */
	if (err && client && server && dtls_error(client) != err &&
	    dtls_error(server) != err)
		err = KK_EINVAL;
	dtls_free(client);
	dtls_free(server);
	return err;
}

TEST(a_handshake_fails_cleanly_at_every_failed_allocation)
{
	for (unsigned i = 0; i < NET_PAIRINGS; i++) {
		struct net *net = net_new(net_pairings[i].client,
		    net_pairings[i].server);
		enum kk_err err;

		ALLOC_FAULT_LOOP(err, handshake_try(net));
		CHECK_OK(err);
		net_free(net);
	}
}

/* A lost answer: the client's timer asks for it again. */
TEST(a_verify_request_that_finds_no_memory_is_a_lost_one)
{
	static const uint8_t secret[DTLS_COOKIE_SECRET_BYTES];
	struct net *net = net_new(net_pairings[0].client,
	    net_pairings[0].server);

	net->configs[1].address = kk_view_text("a");
	net->configs[1].cookie_secret = kk_view_of(secret, sizeof(secret));
	net_open(net);
	mock_alloc_arm(1);
	CHECK_OK(dtls_input(net->machines[1],
	    kk_view_of(net->way[0].data, net->way[0].bytes), 0));
	CHECK(mock_alloc_disarm());
	CHECK_EQ(dtls_counts(net->machines[1]).verifies, 0);
	net->way[0].is_there = false;
	CHECK(net_run(net, NET_LIMIT_MS));
	net_free(net);
}
