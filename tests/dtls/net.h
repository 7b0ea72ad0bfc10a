/*
 * net.h - two machines and the network between them, in simulated time.
 *
 * The network loses, delays (and so reorders) and doubles datagrams by a
 * seeded generator, so that a run can be repeated.
 */
#pragma once
#include "dtls/dtls.h"
#include "harness/tap.h"

enum {
	NET_NOW_S = 1795000000, /* a time in 2026 */
	NET_DAY_S = 86400,
	NET_WAY_MAX = 256, /* datagrams on their way */
	NET_LIMIT_MS = 120000
};

struct net_datagram {
	bool is_there;
	unsigned to;
	uint64_t at_ms;
	size_t bytes;
	uint8_t data[DTLS_DATAGRAM_MAX_BYTES];
};

struct net {
	struct dtls_identity *identities[2];
	struct dtls_config configs[2];
	struct dtls *machines[2]; /* 0 is the client, 1 the server */
	enum kk_err errs[2]; /* the first that an input or a tick told */
	uint64_t now_ms;
	uint64_t random;
	unsigned loss_percent;
	unsigned double_percent;
	unsigned delay_max_ms; /* each takes 1 to this */
	size_t largest_bytes; /* of all datagrams */
	unsigned sent[2];
	/* Sees, and may change, each datagram; false drops it. */
	bool (*watch)(struct net *net, unsigned from, struct net_datagram *d);
	void *watch_arg;
	struct net_datagram way[NET_WAY_MAX];
};

/* A perfect network and good configurations; machines come with net_open().
 * Skips the test where a backend is not in this build. */
struct net *net_new(enum dtls_backend client, enum dtls_backend server);
void net_open(struct net *net); /* makes both machines, starts the client */
void net_free(struct net *net);

/* Fingerprints that net_new() has set. */
const uint8_t (*net_peer_fingerprint(struct net *net,
    unsigned of))[DTLS_FINGERPRINT_BYTES];

/* Collects what a machine wants to send. */
void net_pump(struct net *net, unsigned from);
/* The next event; false when there is none, or limit_ms is reached. */
bool net_step(struct net *net, uint64_t limit_ms);
/* Until both are done (true), or nothing happens any more, or limit_ms. */
bool net_run(struct net *net, uint64_t limit_ms);

void net_input(struct net *net, unsigned to, const void *data, size_t bytes);
/* Takes a machine's next datagram; 0 when there is none. */
size_t net_take(struct net *net, unsigned from, uint8_t *out);

/* Takes the keys of both and checks that they are the same and not zero. */
void net_check_keys(struct net *net, struct dtls_srtp_keys *keys);

struct net_pairing {
	enum dtls_backend client;
	enum dtls_backend server;
};

/* Those of this build. */
#if defined(KK_DTLS_OPENSSL) && defined(KK_DTLS_MBEDTLS)
enum { NET_PAIRINGS = 4, NET_BACKENDS = 2 };
#else
enum { NET_PAIRINGS = 1, NET_BACKENDS = 1 };
#endif
extern const struct net_pairing net_pairings[NET_PAIRINGS];
extern const enum dtls_backend net_backends[NET_BACKENDS];
