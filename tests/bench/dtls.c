/*
 * dtls.c - what a handshake costs each side, backend by backend.
 *
 * CPU time of this process spent in the calls of one side, the median of
 * several rounds; no loss, no waiting.
 */
#define _POSIX_C_SOURCE 200809L /* clock_gettime */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "dtls/dtls.h"

enum { ROUNDS = 31, NOW_S = 1795000000, DAY_S = 86400 };

struct side {
	struct dtls_identity *identity;
	struct dtls *machine;
	double ms; /* of the handshake that runs */
	double all_ms[ROUNDS];
};

static void must(enum kk_err err)
{
	if (!err)
		return;
	(void)fprintf(stderr, "bench-dtls: %s\n", kk_err_text(err));
	exit(1);
}

static double now_ms(void)
{
	struct timespec t;

	if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t))
		must(KK_EIO);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void machine_make(struct side *own, const struct side *peer,
    enum dtls_role role)
{
	struct dtls_config config = { .role = role };

	config.fingerprints = (const uint8_t(*)[DTLS_FINGERPRINT_BYTES])
	    dtls_identity_fingerprint(peer->identity);
	config.fingerprint_count = 1;
	own->ms = -now_ms();
	must(dtls_new(&own->machine, own->identity, &config, NOW_S));
	if (role == DTLS_CLIENT)
		must(dtls_start(own->machine, 0));
	own->ms += now_ms();
}

static bool pass(struct side *from, struct side *to)
{
	uint8_t datagram[DTLS_DATAGRAM_MAX_BYTES];
	size_t bytes = sizeof(datagram);
	bool has_passed = false;

	while (!dtls_take(from->machine, datagram, &bytes)) {
		to->ms -= now_ms();
		must(dtls_input(to->machine, kk_view_of(datagram, bytes), 0));
		to->ms += now_ms();
		bytes = sizeof(datagram);
		has_passed = true;
	}
	return has_passed;
}

static void shake(struct side *client, struct side *server, unsigned round)
{
	machine_make(client, server, DTLS_CLIENT);
	machine_make(server, client, DTLS_SERVER);
	while (pass(client, server) || pass(server, client))
		continue;
	if (dtls_state(client->machine) != DTLS_DONE ||
	    dtls_state(server->machine) != DTLS_DONE)
		must(KK_ESTATE);
	client->all_ms[round] = client->ms;
	server->all_ms[round] = server->ms;
	dtls_free(client->machine);
	dtls_free(server->machine);
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median_ms(struct side *side)
{
	qsort(side->all_ms, ROUNDS, sizeof(side->all_ms[0]), compare);
	return side->all_ms[ROUNDS / 2];
}

static void bench(enum dtls_backend client, enum dtls_backend server)
{
	struct side sides[2] = { 0 };

	must(dtls_identity_new(&sides[0].identity, client, NOW_S, DAY_S));
	must(dtls_identity_new(&sides[1].identity, server, NOW_S, DAY_S));
	for (unsigned i = 0; i < ROUNDS; i++)
		shake(&sides[0], &sides[1], i);
	(void)printf("%-8s %10.3f  %-8s %10.3f\n", dtls_backend_name(client),
	    median_ms(&sides[0]), dtls_backend_name(server),
	    median_ms(&sides[1]));
	for (unsigned i = 0; i < 2; i++)
		dtls_identity_free(sides[i].identity);
}

int main(void)
{
	(void)printf("CPU ms a handshake, median of %d\n", ROUNDS);
	(void)printf("%-8s %10s  %-8s %10s\n", "client", "ms", "server", "ms");
	for (unsigned c = DTLS_BACKEND_OPENSSL; c <= DTLS_BACKEND_MBEDTLS; c++)
		for (unsigned s = DTLS_BACKEND_OPENSSL;
		    s <= DTLS_BACKEND_MBEDTLS; s++)
			if (dtls_backend_is_here(c) && dtls_backend_is_here(s))
				bench(c, s);
	return 0;
}
