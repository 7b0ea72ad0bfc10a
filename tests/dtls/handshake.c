/* handshake.c - handshakes of both backends over good and bad networks. */
#include <malloc.h>
#include <string.h>

#include "dtls/net.h"

enum { SEEDS = 12 };

static struct net *open_pairing(unsigned i)
{
	struct net *net = net_new(net_pairings[i].client,
	    net_pairings[i].server);

	net_open(net);
	return net;
}

TEST(every_pairing_shakes_hands_and_has_equal_keys)
{
	for (unsigned i = 0; i < NET_PAIRINGS; i++) {
		struct net *net = open_pairing(i);
		struct dtls_srtp_keys keys;

		CHECK(net_run(net, NET_LIMIT_MS));
		CHECK(net->now_ms < 20); /* nothing waited for a timer */
		net_check_keys(net, &keys);
		CHECK(net->largest_bytes <= DTLS_MTU_DEFAULT_BYTES);
		CHECK_EQ(dtls_counts(net->machines[0]).junk, 0);
		CHECK_EQ(dtls_counts(net->machines[1]).misplaced, 0);
		net_free(net);
	}
}

/* The best profile that both backends know. */
TEST(openssl_alone_agrees_on_256_bit_gcm_and_mbedtls_on_cm_sha1)
{
	for (unsigned i = 0; i < NET_PAIRINGS; i++) {
		const bool is_gcm = net_pairings[i].client ==
			DTLS_BACKEND_OPENSSL &&
		    net_pairings[i].server == DTLS_BACKEND_OPENSSL;
		struct net *net = open_pairing(i);
		struct dtls_srtp_keys keys;

		CHECK(net_run(net, NET_LIMIT_MS));
		net_check_keys(net, &keys);
		CHECK_EQ(keys.profile,
		    is_gcm ? DTLS_SRTP_AEAD_AES_256_GCM :
			     DTLS_SRTP_AES128_CM_SHA1_80);
		CHECK_EQ(keys.key_bytes, is_gcm ? 32 : 16);
		CHECK_EQ(keys.salt_bytes, is_gcm ? 12 : 14);
		net_free(net);
	}
}

TEST(the_servers_order_of_profiles_decides)
{
	struct net *net = net_new(DTLS_BACKEND_OPENSSL, DTLS_BACKEND_OPENSSL);
	struct dtls_srtp_keys keys;

	net->configs[1].profiles[0] = DTLS_SRTP_AEAD_AES_128_GCM;
	net->configs[1].profiles[1] = DTLS_SRTP_AEAD_AES_256_GCM;
	net->configs[1].profile_count = 2;
	net_open(net);
	CHECK(net_run(net, NET_LIMIT_MS));
	net_check_keys(net, &keys);
	CHECK_EQ(keys.profile, DTLS_SRTP_AEAD_AES_128_GCM);
	CHECK_EQ(keys.key_bytes, 16);
	net_free(net);
}

TEST(two_handshakes_of_the_same_identities_have_different_keys)
{
	for (unsigned i = 0; i < NET_PAIRINGS; i++) {
		struct net *net = open_pairing(i);
		struct dtls_srtp_keys first, second;

		CHECK(net_run(net, NET_LIMIT_MS));
		net_check_keys(net, &first);
		dtls_free(net->machines[0]);
		dtls_free(net->machines[1]);
		memset(net->way, 0, sizeof(net->way));
		net_open(net);
		CHECK(net_run(net, NET_LIMIT_MS));
		net_check_keys(net, &second);
		CHECK(memcmp(first.client_key, second.client_key, 16) != 0);
		CHECK(memcmp(first.server_key, second.server_key, 16) != 0);
		net_free(net);
	}
}

static void shake_on_bad_network(unsigned pairing, unsigned loss_percent,
    uint64_t seed)
{
	struct net *net = net_new(net_pairings[pairing].client,
	    net_pairings[pairing].server);
	struct dtls_srtp_keys keys;

	net->random = seed;
	net->loss_percent = loss_percent;
	net->double_percent = 10;
	net->delay_max_ms = 150;
	for (unsigned i = 0; i < 2; i++) {
		net->configs[i].timeout_first_ms = 300;
		net->configs[i].timeout_max_ms = 3000;
		net->configs[i].mtu_bytes = seed % 2 ? 300 : 0;
	}
	net_open(net);
	if (!net_run(net, NET_LIMIT_MS))
		tap_diag("%u %% loss, pairing %u, seed %u: %s and %s",
		    loss_percent, pairing, (unsigned)seed,
		    dtls_state_name(dtls_state(net->machines[0])),
		    dtls_state_name(dtls_state(net->machines[1])));
	CHECK_EQ(dtls_state(net->machines[0]), DTLS_DONE);
	CHECK_EQ(dtls_state(net->machines[1]), DTLS_DONE);
	CHECK(seed % 2 == 0 || net->largest_bytes <= 300);
	net_check_keys(net, &keys);
	net_free(net);
}

static void shake_at_loss(unsigned loss_percent)
{
	for (unsigned i = 0; i < NET_PAIRINGS; i++)
		for (uint64_t seed = 1; seed <= SEEDS; seed++)
			shake_on_bad_network(i, loss_percent, seed);
}

TEST(handshakes_end_while_datagrams_are_reordered_and_doubled)
{
	shake_at_loss(0);
}

TEST(handshakes_end_at_a_tenth_of_loss)
{
	shake_at_loss(10);
}

TEST(handshakes_end_at_three_tenths_of_loss)
{
	shake_at_loss(30);
}

/* Drops the first datagrams of one side. */
struct dropper {
	unsigned from;
	unsigned first; /* datagrams of that side that pass */
	unsigned count; /* that are dropped then */
	unsigned seen;
};

static bool drop(struct net *net, unsigned from, struct net_datagram *d)
{
	struct dropper *dropper = net->watch_arg;

	(void)d;
	if (from != dropper->from)
		return true;
	dropper->seen++;
	return dropper->seen <= dropper->first ||
	    dropper->seen > dropper->first + dropper->count;
}

TEST(timeouts_double_up_to_the_limit)
{
	for (unsigned i = 0; i < NET_PAIRINGS; i += 3) {
		static const uint64_t want_ms[] = { 1000, 2000, 4000, 5000,
			5000 };
		struct net *net = net_new(net_pairings[i].client,
		    net_pairings[i].server);
		struct dropper all = { 0, 0, 1000, 0 };

		net->watch = drop;
		net->watch_arg = &all;
		net->configs[0].timeout_max_ms = 5000;
		net_open(net);
		for (unsigned n = 0; n < KK_ARRAY_LEN(want_ms); n++) {
			uint64_t start_ms = net->now_ms;

			CHECK(net_step(net, NET_LIMIT_MS));
			CHECK_EQ(net->now_ms - start_ms, want_ms[n]);
			CHECK_EQ(all.seen, n + 2);
		}
		net_free(net);
	}
}

TEST(without_any_answer_a_machine_gives_up_at_its_limit)
{
	for (unsigned i = 0; i < NET_PAIRINGS; i += 3) {
		struct net *net = net_new(net_pairings[i].client,
		    net_pairings[i].server);
		struct dropper all = { 0, 0, 1000, 0 };

		net->watch = drop;
		net->watch_arg = &all;
		net->configs[0].give_up_ms = 10000;
		net_open(net);
		CHECK(!net_run(net, NET_LIMIT_MS));
		CHECK_EQ(dtls_state(net->machines[0]), DTLS_FAILED);
		CHECK_EQ(dtls_error(net->machines[0]), KK_EIO);
		CHECK_EQ(net->errs[0], KK_EIO);
		CHECK_EQ(net->now_ms, 10000);
		CHECK_EQ(dtls_timeout_ms(net->machines[0], net->now_ms), -1);
		net_free(net);
	}
}

/* The server is done and has freed what it can; its last flight is lost. */
TEST(a_lost_last_flight_is_repeated_by_a_server_that_is_done)
{
	for (unsigned i = 0; i < NET_PAIRINGS; i++) {
		struct net *net = open_pairing(i);
		struct dropper last = { 1, 0, 3, 0 };
		struct dtls_srtp_keys keys;

		while (dtls_state(net->machines[1]) != DTLS_DONE) {
			if (net->sent[1] > 0 && !net->watch) {
				net->watch = drop;
				net->watch_arg = &last;
			}
			CHECK(net_step(net, NET_LIMIT_MS));
		}
		CHECK_EQ(dtls_state(net->machines[0]), DTLS_SHAKING);
		CHECK(net_run(net, NET_LIMIT_MS));
		CHECK(last.seen >= 4);
		net_check_keys(net, &keys);
		net_free(net);
	}
}

/* Everything the client repeats is answered at most once, and in the end not
 * at all. */
static bool record_finished(struct net *net, unsigned from,
    struct net_datagram *d)
{
	struct net_datagram *kept = net->watch_arg;

	if (from == 0)
		*kept = *d;
	return true;
}

TEST(a_replayed_last_flight_of_the_client_gets_a_bounded_number_of_answers)
{
	for (unsigned i = 0; i < NET_PAIRINGS; i++) {
		struct net *net = net_new(net_pairings[i].client,
		    net_pairings[i].server);
		struct net_datagram kept = { 0 };
		unsigned sent;

		net->watch = record_finished;
		net->watch_arg = &kept;
		net_open(net);
		CHECK(net_run(net, NET_LIMIT_MS));
		sent = net->sent[1];
		for (unsigned n = 0; n < 500; n++)
			net_input(net, 1, kept.data, kept.bytes);
		CHECK(net->sent[1] - sent <= DTLS_LINGER_REPEATS_MAX);
		CHECK_EQ(dtls_state(net->machines[1]), DTLS_DONE);
		sent = net->sent[1];
		net->now_ms += DTLS_LINGER_MS;
		net_input(net, 1, kept.data, kept.bytes);
		CHECK_EQ(net->sent[1], sent);
		net_free(net);
	}
}

TEST(close_notify_reaches_the_peer_and_ends_it)
{
	for (unsigned i = 0; i < NET_PAIRINGS; i++)
		for (unsigned who = 0; who < 2; who++) {
			struct net *net = open_pairing(i);

			CHECK(net_run(net, NET_LIMIT_MS));
			dtls_close(net->machines[who]);
			CHECK_EQ(dtls_state(net->machines[who]), DTLS_CLOSED);
			net_pump(net, who);
			while (net_step(net, NET_LIMIT_MS))
				continue;
			CHECK_EQ(dtls_state(net->machines[!who]), DTLS_CLOSED);
			CHECK_EQ(dtls_error(net->machines[!who]), KK_OK);
			dtls_close(net->machines[who]);
			net_free(net);
		}
}

TEST(closing_in_the_middle_ends_the_peer_too)
{
	for (unsigned i = 0; i < NET_PAIRINGS; i++) {
		struct net *net = open_pairing(i);

		CHECK(net_step(net, NET_LIMIT_MS)); /* ClientHello arrives */
		CHECK_EQ(dtls_state(net->machines[1]), DTLS_SHAKING);
		memset(net->way, 0, sizeof(net->way));
		dtls_close(net->machines[0]);
		net_pump(net, 0);
		CHECK(net_step(net, NET_LIMIT_MS));
		CHECK_EQ(dtls_state(net->machines[1]), DTLS_CLOSED);
		net_free(net);
	}
}

/* A forwarder keeps one for each of its receivers. */
TEST(machines_that_openssl_has_finished_keep_under_four_kilobytes)
{
	enum { COUNT = 16, KEPT_MAX_BYTES = 4096 };
	struct dtls *servers[COUNT];
	struct net *net = net_new(DTLS_BACKEND_OPENSSL, DTLS_BACKEND_OPENSSL);
	size_t before = 0, after;

	/* The first half warms the libraries up. */
	for (unsigned i = 0; i < COUNT; i++) {
		if (i == COUNT / 2)
			before = mallinfo2().uordblks;
		net_open(net);
		CHECK(net_run(net, NET_LIMIT_MS));
		dtls_free(net->machines[0]);
		servers[i] = net->machines[1];
		net->machines[0] = net->machines[1] = NULL;
		memset(net->way, 0, sizeof(net->way));
	}
	after = mallinfo2().uordblks;
	for (unsigned i = 0; i < COUNT; i++)
		dtls_free(servers[i]);
	net_free(net);
	if (after == 0)
		SKIP("this allocator does not tell what it has given");
	CHECK(after > before);
	CHECK(after - before < COUNT / 2 * KEPT_MAX_BYTES);
}
