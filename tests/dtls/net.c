/* net.c - a network that loses, reorders and doubles. */
#include "dtls/net.h"

#include <stdlib.h>
#include <string.h>

#if defined(KK_DTLS_OPENSSL) && defined(KK_DTLS_MBEDTLS)
const enum dtls_backend net_backends[NET_BACKENDS] = { DTLS_BACKEND_OPENSSL,
	DTLS_BACKEND_MBEDTLS };
const struct net_pairing net_pairings[NET_PAIRINGS] = {
	{ DTLS_BACKEND_OPENSSL, DTLS_BACKEND_OPENSSL },
	{ DTLS_BACKEND_OPENSSL, DTLS_BACKEND_MBEDTLS },
	{ DTLS_BACKEND_MBEDTLS, DTLS_BACKEND_OPENSSL },
	{ DTLS_BACKEND_MBEDTLS, DTLS_BACKEND_MBEDTLS },
};
#elif defined(KK_DTLS_OPENSSL)
const enum dtls_backend net_backends[] = { DTLS_BACKEND_OPENSSL };
const struct net_pairing net_pairings[] = { { DTLS_BACKEND_OPENSSL,
    DTLS_BACKEND_OPENSSL } };
#else
const enum dtls_backend net_backends[] = { DTLS_BACKEND_MBEDTLS };
const struct net_pairing net_pairings[] = { { DTLS_BACKEND_MBEDTLS,
    DTLS_BACKEND_MBEDTLS } };
#endif

/* splitmix64 */
static uint64_t net_random(struct net *net)
{
	uint64_t n = net->random += 0x9e3779b97f4a7c15;

	n = (n ^ n >> 30) * 0xbf58476d1ce4e5b9;
	n = (n ^ n >> 27) * 0x94d049bb133111eb;
	return n ^ n >> 31;
}

const uint8_t (*net_peer_fingerprint(struct net *net,
    unsigned of))[DTLS_FINGERPRINT_BYTES]
{
	const uint8_t *f = dtls_identity_fingerprint(net->identities[!of]);

	return (const uint8_t(*)[DTLS_FINGERPRINT_BYTES])f;
}

struct net *net_new(enum dtls_backend client, enum dtls_backend server)
{
	const enum dtls_backend backends[] = { client, server };
	struct net *net;

	if (!dtls_backend_is_here(client) || !dtls_backend_is_here(server))
		SKIP("a backend is not configured");
	net = calloc(1, sizeof(*net));
	CHECK(net);
	net->delay_max_ms = 1;
	for (unsigned i = 0; i < 2; i++)
		CHECK_OK(dtls_identity_new(&net->identities[i], backends[i],
		    NET_NOW_S, NET_DAY_S));
	for (unsigned i = 0; i < 2; i++) {
		net->configs[i].role = i ? DTLS_SERVER : DTLS_CLIENT;
		net->configs[i].fingerprints = net_peer_fingerprint(net, i);
		net->configs[i].fingerprint_count = 1;
	}
	return net;
}

void net_open(struct net *net)
{
	for (unsigned i = 0; i < 2; i++)
		CHECK_OK(dtls_new(&net->machines[i], net->identities[i],
		    &net->configs[i], NET_NOW_S));
	CHECK_OK(dtls_start(net->machines[0], net->now_ms));
	net_pump(net, 0);
}

void net_free(struct net *net)
{
	for (unsigned i = 0; i < 2; i++) {
		dtls_free(net->machines[i]);
		dtls_identity_free(net->identities[i]);
	}
	free(net);
}

static void way_put(struct net *net, const struct net_datagram *d)
{
	for (unsigned i = 0; i < NET_WAY_MAX; i++) {
		if (net->way[i].is_there)
			continue;
		net->way[i] = *d;
		net->way[i].is_there = true;
		net->way[i].at_ms = net->now_ms + 1 +
		    net_random(net) % net->delay_max_ms;
		return;
	}
	CHECK(false); /* the way is full */
}

size_t net_take(struct net *net, unsigned from, uint8_t *out)
{
	size_t bytes = DTLS_DATAGRAM_MAX_BYTES;
	enum kk_err err = dtls_take(net->machines[from], out, &bytes);

	CHECK(!err || err == KK_ENOENT);
	return bytes;
}

void net_pump(struct net *net, unsigned from)
{
	struct net_datagram d;

	memset(&d, 0, sizeof(d));
	d.to = !from;
	while ((d.bytes = net_take(net, from, d.data)) > 0) {
		net->sent[from]++;
		if (d.bytes > net->largest_bytes)
			net->largest_bytes = d.bytes;
		if (net->watch && !net->watch(net, from, &d))
			continue;
		if (net_random(net) % 100 < net->loss_percent)
			continue;
		way_put(net, &d);
		if (net_random(net) % 100 < net->double_percent)
			way_put(net, &d);
	}
}

static void note(struct net *net, unsigned at, enum kk_err err)
{
	if (!net->errs[at])
		net->errs[at] = err;
	net_pump(net, at);
}

void net_input(struct net *net, unsigned to, const void *data, size_t bytes)
{
	/* Exactly as long as it is, so that ASan sees what reads over it. */
	uint8_t *copy = malloc(bytes ? bytes : 1);
	enum kk_err err;

	CHECK(copy);
	memcpy(copy, data, bytes);
	err = dtls_input(net->machines[to], kk_view_of(copy, bytes),
	    net->now_ms);
	free(copy);
	note(net, to, err);
}

static struct net_datagram *way_first(struct net *net)
{
	struct net_datagram *first = NULL;

	for (unsigned i = 0; i < NET_WAY_MAX; i++)
		if (net->way[i].is_there &&
		    (!first || net->way[i].at_ms < first->at_ms))
			first = &net->way[i];
	return first;
}

static void tick(struct net *net, unsigned at, uint64_t at_ms)
{
	net->now_ms = at_ms;
	note(net, at, dtls_tick(net->machines[at], at_ms));
}

bool net_step(struct net *net, uint64_t limit_ms)
{
	struct net_datagram *first = way_first(net), copy;
	uint64_t at_ms = first ? first->at_ms : UINT64_MAX;
	int ticking = -1;

	for (int i = 0; i < 2; i++) {
		int64_t in_ms = dtls_timeout_ms(net->machines[i], net->now_ms);

		if (in_ms >= 0 && net->now_ms + (uint64_t)in_ms < at_ms) {
			at_ms = net->now_ms + (uint64_t)in_ms;
			ticking = i;
		}
	}
	if (at_ms == UINT64_MAX || at_ms > limit_ms)
		return false;
	if (ticking >= 0) {
		tick(net, (unsigned)ticking, at_ms);
		return true;
	}
	net->now_ms = at_ms;
	copy = *first;
	first->is_there = false;
	net_input(net, copy.to, copy.data, copy.bytes);
	return true;
}

/* What has ended refuses its input; that is no news. */
static bool is_done(const struct net *net, unsigned i)
{
	return dtls_state(net->machines[i]) == DTLS_DONE;
}

bool net_run(struct net *net, uint64_t limit_ms)
{
	while (!is_done(net, 0) || !is_done(net, 1))
		if (!net_step(net, limit_ms))
			return false;
	return true;
}

void net_check_keys(struct net *net, struct dtls_srtp_keys *keys)
{
	static const uint8_t zero[DTLS_SRTP_KEY_MAX_BYTES];
	struct dtls_srtp_keys others;

	CHECK_OK(dtls_keys_take(net->machines[0], keys));
	CHECK_OK(dtls_keys_take(net->machines[1], &others));
	CHECK_EQ(keys->profile, others.profile);
	CHECK_EQ(keys->key_bytes, others.key_bytes);
	CHECK_EQ(keys->salt_bytes, others.salt_bytes);
	CHECK_MEM(keys->client_key, others.client_key, sizeof(zero));
	CHECK_MEM(keys->server_key, others.server_key, sizeof(zero));
	CHECK_MEM(keys->client_salt, others.client_salt,
	    DTLS_SRTP_SALT_MAX_BYTES);
	CHECK_MEM(keys->server_salt, others.server_salt,
	    DTLS_SRTP_SALT_MAX_BYTES);
	CHECK(memcmp(keys->client_key, zero, keys->key_bytes) != 0);
	CHECK(memcmp(keys->client_key, keys->server_key, keys->key_bytes) != 0);
	CHECK_ERR(dtls_keys_take(net->machines[0], &others), KK_ENOKEY);
}
