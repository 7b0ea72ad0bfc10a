/* race.c - others' hellos while somebody joins. */
#include <string.h>
#include <unistd.h>

#include "harness/tap.h"
#include "media/client.h"

enum { JOINS = 200, AT_ONCE = 4, HELLO_BYTES = 2048 };

struct racer { /* says hello from addresses that nobody has proved */
	int fd;
	struct dtls_identity *identity;
	uint8_t hello[HELLO_BYTES];
	size_t bytes;
	struct sockaddr_storage server;
	socklen_t server_bytes;
};

static void racer_open(struct racer *r, const struct client *c)
{
	static const uint8_t any[1][DTLS_FINGERPRINT_BYTES] = { { 1 } };
	const struct dtls_config config = { .role = DTLS_CLIENT,
		.fingerprints = any,
		.fingerprint_count = 1 };
	struct dtls *machine;

	r->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	CHECK(r->fd >= 0);
	CHECK_OK(dtls_identity_new(&r->identity, DTLS_BACKEND_OPENSSL,
	    1800000000, 86400));
	CHECK_OK(dtls_new(&machine, r->identity, &config, 1800000000));
	CHECK_OK(dtls_start(machine, 0));
	r->bytes = sizeof(r->hello);
	CHECK_OK(dtls_take(machine, r->hello, &r->bytes));
	dtls_free(machine);
	memcpy(&r->server, &c->server, sizeof(r->server));
	r->server_bytes = c->server_bytes;
}

static void racer_run(struct racer *r)
{
	uint8_t answer[HELLO_BYTES];

	for (unsigned i = 0; i < 3; i++)
		CHECK_EQ(sendto(r->fd, r->hello, r->bytes, 0,
			     (struct sockaddr *)&r->server, r->server_bytes),
		    r->bytes);
	CHECK(recv(r->fd, answer, sizeof(answer), 0) < 0);
}

static void racer_close(struct racer *r)
{
	dtls_identity_free(r->identity);
	close(r->fd);
}

static struct racer *racing;
static uint64_t joined;

/* A hello of the racer's stands in front of each of the client's datagrams. */
static bool is_done_racing(void *client)
{
	racer_run(racing);
	return client_is_done(client);
}

static bool are_shaken(void *world)
{
	const struct world *w = world;

	return media_counts(w->media).handshakes == joined;
}

static void join(struct world *w, struct client *c)
{
	static const struct check nominate = { .is_nominating = true,
		.role = WIRE_STUN_CONTROLLING };

	client_open(c, w, w->meeting, MEDIA_BOTH, DTLS_BACKEND_OPENSSL);
	racing->server = c->server;
	racing->server_bytes = c->server_bytes;
	racer_run(racing);
	client_check(c, &nominate);
	world_until(w, client_is_answered, c);
	client_shake(c);
	world_until(w, is_done_racing, c);
	joined++;
	world_until(w, are_shaken, w);
}

TEST(hellos_from_elsewhere_hinder_none_of_200_joins_and_get_no_answer)
{
	static struct client clients[AT_ONCE];
	struct racer racer = { 0 };
	struct world w;

	CHECK_OK(srtp_library_init());
	world_open(&w, "127.0.0.1");
	joined = 0;
	client_open(&clients[0], &w, w.meeting, MEDIA_BOTH,
	    DTLS_BACKEND_OPENSSL);
	racer_open(&racer, &clients[0]);
	client_close(&clients[0]);
	racing = &racer;
	for (unsigned i = 0; i < JOINS; i++) {
		struct client *c = &clients[i % AT_ONCE];

		if (i >= AT_ONCE)
			client_close(c);
		join(&w, c);
		w.change_count = 0; /* there is room for so many */
	}
	CHECK_EQ(media_counts(w.media).failed_handshakes, 0);
	CHECK(media_counts(w.media).refused_packets >= JOINS);
	racer_close(&racer);
	world_close(&w);
}
