/* refuse.c - peers and configurations that are refused. */
#include <string.h>

#include "dtls/foreign.h"
#include "dtls/mbed_private.h"
#include "dtls/net.h"

static struct dtls_identity *identity_new(enum dtls_backend backend)
{
	struct dtls_identity *id;

	if (!dtls_backend_is_here(backend))
		SKIP("a backend is not configured");
	CHECK_OK(dtls_identity_new(&id, backend, NET_NOW_S, NET_DAY_S));
	return id;
}

static struct dtls_config config_for(struct dtls_identity *id,
    enum dtls_role role)
{
	struct dtls_config config = { .role = role };

	config.fingerprints = (const uint8_t(*)[DTLS_FINGERPRINT_BYTES])
	    dtls_identity_fingerprint(id);
	config.fingerprint_count = 1;
	return config;
}

static void check_refused(struct dtls_identity *id,
    const struct dtls_config *config, uint64_t now_s, enum kk_err want)
{
	struct dtls *none = NULL;

	CHECK_ERR(dtls_new(&none, id, config, now_s), want);
	CHECK(none == NULL);
}

TEST(a_machine_without_or_with_too_many_fingerprints_is_refused)
{
	struct dtls_identity *id = identity_new(net_backends[0]);
	struct dtls_config config = config_for(id, DTLS_CLIENT);

	config.fingerprint_count = 0;
	check_refused(id, &config, NET_NOW_S, KK_EINVAL);
	config.fingerprint_count = DTLS_FINGERPRINTS_MAX + 1;
	check_refused(id, &config, NET_NOW_S, KK_EINVAL);
	dtls_identity_free(id);
}

TEST(roles_profiles_sizes_and_times_out_of_range_are_refused)
{
	struct dtls_identity *id = identity_new(net_backends[0]);
	const struct dtls_config good = config_for(id, DTLS_SERVER);
	struct dtls_config bad[8];

	for (unsigned i = 0; i < KK_ARRAY_LEN(bad); i++)
		bad[i] = good;
	bad[0].role = (enum dtls_role)3;
	bad[1].profile_count = DTLS_PROFILES_MAX + 1;
	bad[2].profiles[0] = (enum dtls_srtp)2;
	bad[2].profile_count = 1;
	bad[3].profiles[0] = bad[3].profiles[1] = DTLS_SRTP_AEAD_AES_128_GCM;
	bad[3].profile_count = 2;
	bad[4].mtu_bytes = DTLS_MTU_MIN_BYTES - 1;
	bad[5].mtu_bytes = DTLS_DATAGRAM_MAX_BYTES + 1;
	bad[6].timeout_max_ms = DTLS_TIMEOUT_MAX_MS + 1;
	bad[7].timeout_first_ms = 2000;
	bad[7].timeout_max_ms = 1000;
	for (unsigned i = 0; i < KK_ARRAY_LEN(bad); i++)
		check_refused(id, &bad[i], NET_NOW_S, KK_EINVAL);
	dtls_identity_free(id);
}

TEST(cookies_need_an_address_a_whole_secret_and_a_server)
{
	static const uint8_t bytes[DTLS_ADDRESS_MAX_BYTES + 1];
	struct dtls_identity *id = identity_new(net_backends[0]);
	struct dtls_config config = config_for(id, DTLS_SERVER);

	config.address = kk_view_of(bytes, 6);
	check_refused(id, &config, NET_NOW_S, KK_EINVAL);
	config.cookie_secret = kk_view_of(bytes, DTLS_COOKIE_SECRET_BYTES - 1);
	check_refused(id, &config, NET_NOW_S, KK_EINVAL);
	config.cookie_secret.bytes = DTLS_COOKIE_SECRET_BYTES;
	config.address.bytes = sizeof(bytes);
	check_refused(id, &config, NET_NOW_S, KK_EINVAL);
	config.address.bytes = 6;
	config.role = DTLS_CLIENT;
	check_refused(id, &config, NET_NOW_S, KK_EINVAL);
	dtls_identity_free(id);
}

TEST(an_identity_that_is_expired_or_not_yet_valid_makes_no_machine)
{
	for (unsigned i = 0; i < NET_BACKENDS; i++) {
		struct dtls_identity *id = identity_new(net_backends[i]);
		struct dtls_config config = config_for(id, DTLS_CLIENT);
		struct dtls *machine;

		CHECK_EQ(dtls_identity_expires_s(id), NET_NOW_S + NET_DAY_S);
		check_refused(id, &config, NET_NOW_S + NET_DAY_S, KK_EEXPIRED);
		check_refused(id, &config, NET_NOW_S - 2 * NET_DAY_S,
		    KK_EEXPIRED);
		CHECK_OK(dtls_new(&machine, id, &config,
		    NET_NOW_S + NET_DAY_S - 1));
		dtls_free(machine);
		dtls_identity_free(id);
	}
}

TEST(mbedtls_refuses_to_be_asked_for_gcm_alone)
{
	struct dtls_identity *id = identity_new(DTLS_BACKEND_MBEDTLS);
	struct dtls_config config = config_for(id, DTLS_SERVER);

	config.profiles[0] = DTLS_SRTP_AEAD_AES_256_GCM;
	config.profiles[1] = DTLS_SRTP_AEAD_AES_128_GCM;
	config.profile_count = 2;
	check_refused(id, &config, NET_NOW_S, KK_EUNSUP);
	dtls_identity_free(id);
}

static void expect_another(struct net *net, unsigned who)
{
	static uint8_t other[DTLS_FINGERPRINTS_MAX][DTLS_FINGERPRINT_BYTES];

	for (unsigned i = 0; i < DTLS_FINGERPRINTS_MAX; i++) {
		memcpy(other[i], net_peer_fingerprint(net, who),
		    DTLS_FINGERPRINT_BYTES);
		other[i][i] ^= 1;
	}
	net->configs[who].fingerprints =
	    (const uint8_t(*)[DTLS_FINGERPRINT_BYTES])other;
	net->configs[who].fingerprint_count = DTLS_FINGERPRINTS_MAX;
}

TEST(a_certificate_with_another_fingerprint_ends_the_handshake)
{
	for (unsigned i = 0; i < NET_PAIRINGS; i++)
		for (unsigned who = 0; who < 2; who++) {
			struct net *net = net_new(net_pairings[i].client,
			    net_pairings[i].server);
			struct dtls_srtp_keys keys;

			expect_another(net, who);
			net_open(net);
			CHECK(!net_run(net, NET_LIMIT_MS));
			CHECK_EQ(dtls_state(net->machines[who]), DTLS_FAILED);
			CHECK_EQ(dtls_error(net->machines[who]), KK_EAUTH);
			CHECK_ERR(dtls_keys_take(net->machines[who], &keys),
			    KK_ESTATE);
			/* The peer is told, and is not done either. */
			CHECK_EQ(dtls_state(net->machines[!who]), DTLS_FAILED);
			CHECK_EQ(dtls_error(net->machines[!who]), KK_EDENIED);
			CHECK(net->now_ms < 1000);
			net_free(net);
		}
}

TEST(one_right_fingerprint_among_several_is_enough)
{
	static uint8_t list[3][DTLS_FINGERPRINT_BYTES];

	for (unsigned i = 0; i < NET_PAIRINGS; i++) {
		struct net *net = net_new(net_pairings[i].client,
		    net_pairings[i].server);

		memcpy(list[2], net_peer_fingerprint(net, 1),
		    DTLS_FINGERPRINT_BYTES);
		net->configs[1].fingerprints =
		    (const uint8_t(*)[DTLS_FINGERPRINT_BYTES])list;
		net->configs[1].fingerprint_count = 3;
		net_open(net);
		CHECK(net_run(net, NET_LIMIT_MS));
		net_free(net);
	}
}

TEST(without_a_common_profile_no_side_is_done)
{
	for (unsigned i = 0; i < NET_BACKENDS; i++) {
		/* mbedTLS knows one profile alone, and so may only serve. */
		struct net *net = net_new(DTLS_BACKEND_OPENSSL,
		    net_backends[i]);

		net->configs[0].profiles[0] = DTLS_SRTP_AEAD_AES_256_GCM;
		net->configs[0].profile_count = 1;
		net->configs[1].profiles[0] = DTLS_SRTP_AES128_CM_SHA1_80;
		net->configs[1].profile_count = 1;
		net_open(net);
		CHECK(!net_run(net, NET_LIMIT_MS));
		/* Who sees it first says so, the other gets the alert. */
		CHECK(dtls_error(net->machines[0]) == KK_EUNSUP ||
		    dtls_error(net->machines[1]) == KK_EUNSUP);
		for (unsigned who = 0; who < 2; who++) {
			enum kk_err err = dtls_error(net->machines[who]);

			CHECK_EQ(dtls_state(net->machines[who]), DTLS_FAILED);
			CHECK(err == KK_EUNSUP || err == KK_EDENIED);
		}
		CHECK(net->now_ms < 1000);
		net_free(net);
	}
}

/* How a machine of each backend and role ends with a foreigner. */
static void check_foreign(struct foreign_config config, enum kk_err want)
{
	for (unsigned i = 0; i < NET_BACKENDS; i++)
		for (unsigned role = DTLS_CLIENT; role <= DTLS_SERVER; role++) {
			struct dtls_identity *id = identity_new(
			    net_backends[i]);
			struct dtls_config own = config_for(id, role);
			struct dtls *machine;
			struct foreign f;
			enum kk_err err;

			config.role = role == DTLS_CLIENT ? DTLS_SERVER :
							    DTLS_CLIENT;
			foreign_init(&f, &config);
			own.fingerprints = &f.fingerprint;
			CHECK_OK(dtls_new(&machine, id, &own, NET_NOW_S));
			if (role == DTLS_CLIENT)
				CHECK_OK(dtls_start(machine, 0));
			err = foreign_talk(&f, machine);
			if (err != want)
				tap_diag("%s, role %u",
				    dtls_backend_name(net_backends[i]), role);
			CHECK_ERR(err, want);
			CHECK_EQ(dtls_state(machine),
			    want ? DTLS_FAILED : DTLS_DONE);
			CHECK_EQ(f.is_done, want == KK_OK);
			dtls_free(machine);
			foreign_clear(&f);
			dtls_identity_free(id);
		}
}

static const struct foreign_config good_foreign = {
	.srtp = "SRTP_AES128_CM_SHA1_80",
	.curve = "P-256"
};

TEST(a_foreign_openssl_shakes_hands)
{
	check_foreign(good_foreign, KK_OK);
}

/* The foreigner may believe that it is done: it cannot see what we want. */
static void check_foreign_fails(struct foreign_config config,
    enum dtls_role role, enum kk_err want)
{
	for (unsigned i = 0; i < NET_BACKENDS; i++) {
		struct dtls_identity *id = identity_new(net_backends[i]);
		struct dtls_config own = config_for(id, role);
		struct dtls_srtp_keys keys;
		struct dtls *machine;
		struct foreign f;

		config.role = role == DTLS_CLIENT ? DTLS_SERVER : DTLS_CLIENT;
		foreign_init(&f, &config);
		own.fingerprints = &f.fingerprint;
		CHECK_OK(dtls_new(&machine, id, &own, NET_NOW_S));
		if (role == DTLS_CLIENT)
			CHECK_OK(dtls_start(machine, 0));
		CHECK_ERR(foreign_talk(&f, machine), want);
		CHECK_EQ(dtls_state(machine), DTLS_FAILED);
		CHECK_ERR(dtls_keys_take(machine, &keys), KK_ESTATE);
		CHECK_ERR(dtls_input(machine, kk_view_of("", 0), 2), KK_ESTATE);
		dtls_free(machine);
		foreign_clear(&f);
		dtls_identity_free(id);
	}
}

TEST(a_peer_without_use_srtp_is_refused)
{
	struct foreign_config config = good_foreign;

	config.srtp = NULL;
	check_foreign_fails(config, DTLS_SERVER, KK_EUNSUP);
	check_foreign_fails(config, DTLS_CLIENT, KK_EUNSUP);
}

TEST(a_peer_without_extended_master_secret_is_refused)
{
	struct foreign_config config = good_foreign;

	config.options = SSL_OP_NO_EXTENDED_MASTER_SECRET;
	check_foreign_fails(config, DTLS_SERVER, KK_EUNSUP);
	check_foreign_fails(config, DTLS_CLIENT, KK_EUNSUP);
}

TEST(a_client_without_a_certificate_is_refused)
{
	struct foreign_config config = good_foreign;

	config.curve = NULL;
	check_foreign_fails(config, DTLS_SERVER, KK_EAUTH);
}

TEST(a_client_that_offers_no_suite_of_ours_is_refused)
{
	struct foreign_config config = good_foreign;

	config.ciphers =
	    "ECDHE-ECDSA-AES128-SHA256:ECDHE-RSA-AES128-GCM-SHA256";
	check_foreign_fails(config, DTLS_SERVER, KK_EUNSUP);
}

/* A whole handshake with a ClientHello over 1.4 kB. */
static void shake_large_hello(enum dtls_backend backend, bool has_cookies)
{
	static const uint8_t secret[DTLS_COOKIE_SECRET_BYTES];
	struct dtls_identity *id = identity_new(backend);
	struct dtls_config own = config_for(id, DTLS_SERVER);
	struct foreign_config config = good_foreign;
	struct dtls *machine;
	struct foreign f;

	config.role = DTLS_CLIENT;
	config.padding_bytes = 1216;
	foreign_init(&f, &config);
	own.fingerprints = &f.fingerprint;
	if (has_cookies) {
		own.address = kk_view_text("192.0.2.1:5000");
		own.cookie_secret = kk_view_of(secret, sizeof(secret));
	}
	CHECK_OK(dtls_new(&machine, id, &own, NET_NOW_S));
	CHECK_OK(foreign_talk(&f, machine));
	CHECK_EQ(dtls_state(machine), DTLS_DONE);
	CHECK(f.is_done);
	CHECK(dtls_counts(machine).in_bytes > 1400 + 500);
	CHECK_EQ(dtls_counts(machine).verifies, has_cookies ? 1 : 0);
	dtls_free(machine);
	foreign_clear(&f);
	dtls_identity_free(id);
}

TEST(a_client_hello_in_two_datagrams_leads_to_keys)
{
	for (unsigned i = 0; i < NET_BACKENDS; i++) {
		shake_large_hello(net_backends[i], false);
		shake_large_hello(net_backends[i], true);
	}
}

/* mbedTLS's identity is a pair that can be taken apart. */
static void swap_keys(struct dtls_identity *a, struct dtls_identity *b)
{
	struct mbed_identity *x = a->ctx, *y = b->ctx;
	mbedtls_pk_context key = x->key;

	x->key = y->key;
	y->key = key;
}

TEST(the_right_certificate_without_its_key_is_refused)
{
	for (unsigned i = 0; i < 2 * NET_BACKENDS; i++) {
		const unsigned thief = i % 2;
		enum dtls_backend honest = net_backends[i / 2];
		struct dtls_identity *other;
		struct net *net;

		other = identity_new(DTLS_BACKEND_MBEDTLS);
		net = net_new(thief ? honest : DTLS_BACKEND_MBEDTLS,
		    thief ? DTLS_BACKEND_MBEDTLS : honest);
		swap_keys(net->identities[thief], other);
		net_open(net);
		CHECK(!net_run(net, NET_LIMIT_MS));
		CHECK_EQ(dtls_state(net->machines[!thief]), DTLS_FAILED);
		CHECK_EQ(dtls_error(net->machines[!thief]), KK_EVERIFY);
		CHECK(dtls_state(net->machines[thief]) != DTLS_DONE);
		net_free(net);
		dtls_identity_free(other);
	}
}

TEST(two_clients_and_two_servers_come_to_nothing)
{
	for (unsigned i = 0; i < NET_PAIRINGS; i++)
		for (unsigned role = DTLS_CLIENT; role <= DTLS_SERVER; role++) {
			struct net *net = net_new(net_pairings[i].client,
			    net_pairings[i].server);

			net->configs[0].role = net->configs[1].role = role;
			for (unsigned who = 0; who < 2; who++) {
				CHECK_OK(dtls_new(&net->machines[who],
				    net->identities[who], &net->configs[who],
				    NET_NOW_S));
				CHECK_ERR(dtls_start(net->machines[who], 0),
				    role == DTLS_CLIENT ? KK_OK : KK_ESTATE);
				net_pump(net, who);
			}
			CHECK(!net_run(net, NET_LIMIT_MS));
			for (unsigned who = 0; who < 2; who++)
				CHECK_EQ(dtls_state(net->machines[who]),
				    role == DTLS_CLIENT ? DTLS_FAILED :
							  DTLS_WAITING);
			CHECK_EQ(net->errs[0],
			    role == DTLS_CLIENT ? KK_EIO : KK_OK);
			net_free(net);
		}
}
