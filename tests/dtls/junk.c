/* junk.c - what is no DTLS, or not for us, and address races. */
#include <string.h>

#include "dtls/net.h"

static const uint8_t secret[DTLS_COOKIE_SECRET_BYTES] = "a site's secret";

/* Sends junk made of each real datagram to its receiver, before it. */
static bool junk_watch(struct net *net, unsigned from, struct net_datagram *d)
{
	uint8_t junk[DTLS_DATAGRAM_MAX_BYTES + 1];

	(void)from;
	if (dtls_state(net->machines[d->to]) == DTLS_FAILED)
		return true;
	memcpy(junk, d->data, d->bytes);
	net_input(net, d->to, junk, d->bytes - 1); /* truncated */
	net_input(net, d->to, junk, 12);
	net_input(net, d->to, junk, 0);
	memset(junk, 22, sizeof(junk));
	net_input(net, d->to, junk, 100); /* no version */
	memcpy(junk, d->data, d->bytes);
	net_input(net, d->to, junk, sizeof(junk)); /* oversized */
	junk[0] = 63; /* a content type of nobody */
	net_input(net, d->to, junk, d->bytes);
	return true;
}

TEST(garbage_truncated_and_oversized_datagrams_are_counted_and_disturb_nothing)
{
	for (unsigned i = 0; i < NET_PAIRINGS; i++) {
		struct net *net = net_new(net_pairings[i].client,
		    net_pairings[i].server);
		struct dtls_srtp_keys keys;

		net->watch = junk_watch;
		net_open(net);
		CHECK(net_run(net, NET_LIMIT_MS));
		CHECK(net->now_ms < 20);
		for (unsigned who = 0; who < 2; who++) {
			CHECK_EQ(dtls_counts(net->machines[who]).junk,
			    6 * net->sent[!who]);
			CHECK_EQ(net->errs[who], KK_OK);
		}
		net_check_keys(net, &keys);
		net_free(net);
	}
}

/* Flips bits of sealed records: they are dropped, and repeated in time. */
static bool flip_watch(struct net *net, unsigned from, struct net_datagram *d)
{
	unsigned *left = net->watch_arg;

	(void)from;
	/* The last record of a flight with Finished is sealed. */
	if (*left > 0 && d->bytes > 61 && d->data[d->bytes - 61] == 22 &&
	    d->data[d->bytes - 57] == 1) {
		(*left)--;
		d->data[d->bytes - 1] ^= 1;
	}
	return true;
}

TEST(forged_sealed_records_do_not_end_a_connection_that_is_done)
{
	for (unsigned i = 0; i < NET_PAIRINGS; i++) {
		struct net *net = net_new(net_pairings[i].client,
		    net_pairings[i].server);
		uint8_t alert[] = { 21, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 9, 0,
			26, [13 + 25] = 0 };
		const uint8_t clear[] = { 21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0,
			9, 0, 2, 2, 40 };
		unsigned none = 0;

		net->watch = flip_watch;
		net->watch_arg = &none;
		net_open(net);
		CHECK(net_run(net, NET_LIMIT_MS));
		for (unsigned who = 0; who < 2; who++) {
			net_input(net, who, alert, sizeof(alert));
			net_input(net, who, clear, sizeof(clear));
			CHECK_EQ(dtls_state(net->machines[who]), DTLS_DONE);
			CHECK_EQ(dtls_counts(net->machines[who]).misplaced, 1);
		}
		net_free(net);
	}
}

TEST(a_damaged_finished_never_leads_to_keys_on_both_sides)
{
	for (unsigned i = 0; i < NET_PAIRINGS; i++) {
		struct net *net = net_new(net_pairings[i].client,
		    net_pairings[i].server);
		unsigned once = 1;
		bool is_done;

		net->watch = flip_watch;
		net->watch_arg = &once;
		net_open(net);
		is_done = net_run(net, NET_LIMIT_MS);
		CHECK_EQ(once, 0);
		/* Dropped and repeated, or refused: both are sound. */
		for (unsigned who = 0; who < 2; who++)
			CHECK_EQ(dtls_state(net->machines[who]) == DTLS_DONE,
			    is_done);
		net_free(net);
	}
}

TEST(a_client_hello_after_the_end_changes_nothing)
{
	for (unsigned i = 0; i < NET_PAIRINGS; i++) {
		struct net *net = net_new(net_pairings[i].client,
		    net_pairings[i].server);
		struct net *other = net_new(net_pairings[i].client,
		    net_pairings[i].server);
		struct dtls_srtp_keys keys;
		unsigned sent;

		net_open(net);
		net_open(other);
		CHECK(net_run(net, NET_LIMIT_MS));
		sent = net->sent[1];
		net_input(net, 1, other->way[0].data, other->way[0].bytes);
		CHECK_EQ(net->sent[1], sent);
		CHECK_EQ(dtls_counts(net->machines[1]).misplaced, 1);
		net_check_keys(net, &keys);
		net_free(other);
		net_free(net);
	}
}

static void ask_for_cookies(struct net *net, const char *address)
{
	net->configs[1].address = kk_view_text(address);
	net->configs[1].cookie_secret = kk_view_of(secret, sizeof(secret));
}

TEST(a_server_that_asks_for_cookies_shakes_hands_on_every_network)
{
	for (unsigned i = 0; i < NET_PAIRINGS; i++)
		for (unsigned loss = 0; loss <= 30; loss += 15) {
			struct net *net = net_new(net_pairings[i].client,
			    net_pairings[i].server);
			struct dtls_srtp_keys keys;

			ask_for_cookies(net, "192.0.2.1:5000");
			net->random = 77 + loss;
			net->loss_percent = loss;
			net->double_percent = loss;
			net->delay_max_ms = 1 + 3 * loss;
			for (unsigned who = 0; who < 2; who++) {
				net->configs[who].timeout_first_ms = 300;
				net->configs[who].timeout_max_ms = 3000;
			}
			net_open(net);
			CHECK(net_run(net, NET_LIMIT_MS));
			CHECK(dtls_counts(net->machines[1]).verifies > 0);
			net_check_keys(net, &keys);
			net_free(net);
		}
}

/* Never more bytes out than in, whatever comes, before the address is proved;
 * and nothing that one client was told helps another address. */
TEST(answers_are_never_larger_than_requests_before_the_address_is_proved)
{
	for (unsigned i = 0; i < NET_PAIRINGS; i++) {
		struct net *net = net_new(net_pairings[i].client,
		    net_pairings[i].server);
		struct dtls_counts counts;

		ask_for_cookies(net, "192.0.2.1:5000");
		net_open(net);
		for (size_t bytes = 1; bytes <= net->way[0].bytes; bytes++)
			net_input(net, 1, net->way[0].data, bytes);
		for (unsigned n = 0; n < 100; n++)
			net_input(net, 1, net->way[0].data, net->way[0].bytes);
		counts = dtls_counts(net->machines[1]);
		CHECK_EQ(counts.verifies, 101);
		CHECK(counts.out_bytes <= 101 * net->way[0].bytes);
		CHECK_EQ(counts.out_bytes, 101 * 60);
		CHECK_EQ(dtls_state(net->machines[1]), DTLS_WAITING);
		net_free(net);
	}
}

/* Keeps the first ClientHello with a cookie. */
static bool keep_second(struct net *net, unsigned from, struct net_datagram *d)
{
	struct net_datagram *kept = net->watch_arg;

	if (from == 0 && net->sent[0] == 2)
		*kept = *d;
	return true;
}

TEST(a_cookie_is_worth_nothing_from_another_address_or_when_changed)
{
	for (unsigned i = 0; i < NET_PAIRINGS; i++) {
		struct net *net = net_new(net_pairings[i].client,
		    net_pairings[i].server);
		struct net_datagram kept = { 0 };
		struct dtls *other;

		ask_for_cookies(net, "192.0.2.1:5000");
		net->watch = keep_second;
		net->watch_arg = &kept;
		net_open(net);
		CHECK(net_run(net, NET_LIMIT_MS));
		CHECK(kept.bytes > 0);
		net->configs[1].address = kk_view_text("192.0.2.1:5001");
		CHECK_OK(dtls_new(&other, net->identities[1], &net->configs[1],
		    NET_NOW_S));
		CHECK_OK(dtls_input(other, kk_view_of(kept.data, kept.bytes),
		    0));
		CHECK_EQ(dtls_state(other), DTLS_WAITING);
		CHECK_EQ(dtls_counts(other).verifies, 1);
		dtls_free(other);
		net->configs[1].address = kk_view_text("192.0.2.1:5000");
		CHECK_OK(dtls_new(&other, net->identities[1], &net->configs[1],
		    NET_NOW_S));
		kept.data[13 + 12 + 36] ^= 1; /* in the cookie */
		CHECK_OK(dtls_input(other, kk_view_of(kept.data, kept.bytes),
		    0));
		CHECK_EQ(dtls_state(other), DTLS_WAITING);
		kept.data[13 + 12 + 36] ^= 1;
		CHECK_OK(dtls_input(other, kk_view_of(kept.data, kept.bytes),
		    0));
		CHECK_EQ(dtls_state(other), DTLS_SHAKING);
		dtls_free(other);
		net_free(net);
	}
}

/* A stranger's ClientHellos arrive from the client's own (forged) address,
 * before and after each of the client's datagrams. */
struct racer {
	struct net *stranger;
};

static bool race_watch(struct net *net, unsigned from, struct net_datagram *d)
{
	struct racer *racer = net->watch_arg;
	struct net_datagram *hello = &racer->stranger->way[0];

	(void)d;
	if (from == 0)
		net_input(net, 1, hello->data, hello->bytes);
	return true;
}

TEST(a_third_party_that_races_with_client_hellos_does_not_stop_a_client)
{
	for (unsigned i = 0; i < NET_PAIRINGS; i++) {
		struct net *net = net_new(net_pairings[i].client,
		    net_pairings[i].server);
		struct racer racer = { net_new(net_pairings[i].client,
		    net_pairings[i].server) };
		struct dtls_srtp_keys keys;

		net_open(racer.stranger);
		ask_for_cookies(net, "192.0.2.1:5000");
		net->watch = race_watch;
		net->watch_arg = &racer;
		net_open(net);
		CHECK(net_run(net, NET_LIMIT_MS));
		CHECK(dtls_counts(net->machines[1]).verifies > 1);
		net_check_keys(net, &keys);
		net_free(racer.stranger);
		net_free(net);
	}
}
