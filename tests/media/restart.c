/* restart.c - ICE begins anew on a transport that goes on (RFC 8445, 9). */
#include <string.h>

#include "harness/tap.h"
#include "media/client.h"

enum { RESTARTS = 50 };

static const struct check plain = { .role = WIRE_STUN_CONTROLLING };
static const struct check nominate = { .is_nominating = true,
	.role = WIRE_STUN_CONTROLLING };

struct call { /* alice is heard by bob */
	struct world w;
	struct client alice, bob;
	struct media_slot slot;
	struct media_transport old; /* of bob, before */
	size_t heard;
};

static void call_open(struct call *c)
{
	memset(c, 0, sizeof(*c));
	world_open(&c->w, "127.0.0.1");
	client_open(&c->alice, &c->w, c->w.meeting, MEDIA_SEND,
	    DTLS_BACKEND_OPENSSL);
	client_open(&c->bob, &c->w, c->w.meeting, MEDIA_RECEIVE,
	    DTLS_BACKEND_OPENSSL);
	client_connect(&c->alice);
	client_connect(&c->bob);
	client_publish(&c->alice);
	CHECK_OK(media_slots_make(c->bob.peer, c->bob.transport.number,
	    &(struct media_slots){ .audio = 1 }, &c->slot));
	CHECK_OK(media_watch(c->bob.peer,
	    &(struct media_watch){ .slot = c->slot.slot,
		.of = c->alice.peer,
		.source = MEDIA_MICROPHONE }));
}

static bool bob_hears_one_more(void *call)
{
	struct call *c = call;
	struct wire_rtp rtp;

	return client_rtp(&c->bob, c->slot.ssrc, c->heard, &rtp);
}

static void hear(struct call *c)
{
	client_audio(&c->alice, (uint8_t)c->heard);
	world_until(&c->w, bob_hears_one_more, c);
	c->heard++;
}

static void restart(struct call *c)
{
	c->old = c->bob.transport;
	CHECK_OK(media_transport_restart(c->bob.peer, c->old.number,
	    &c->bob.transport));
}

static void check_is_answered(struct client *c, const struct check *check)
{
	client_check(c, check);
	world_until(c->world, client_is_answered, c);
	CHECK_EQ(c->response.error, 0);
}

/* A check with these gets no answer: one that comes behind it has one. */
static void check_is_refused(struct call *c, const struct media_transport *with)
{
	const uint64_t refused = media_counts(c->w.media).refused_packets;
	const struct media_transport now = c->bob.transport;

	c->bob.transport = *with;
	client_check(&c->bob, &nominate);
	c->bob.transport = now;
	check_is_answered(&c->alice, &plain);
	CHECK_EQ(media_counts(c->w.media).refused_packets, refused + 1);
}

TEST(a_restart_gives_other_credentials_for_the_same_transport)
{
	static struct call c;

	call_open(&c);
	restart(&c);
	CHECK_EQ(c.bob.transport.number, c.old.number);
	CHECK_STR(c.bob.transport.fingerprint, c.old.fingerprint);
	CHECK(strcmp(c.bob.transport.ufrag, c.old.ufrag) != 0);
	CHECK(strcmp(c.bob.transport.pwd, c.old.pwd) != 0);
	CHECK_EQ(strlen(c.bob.transport.ufrag), MEDIA_UFRAG_BYTES - 1);
	CHECK_EQ(strlen(c.bob.transport.pwd), MEDIA_PWD_BYTES - 1);
	CHECK_EQ(c.bob.transport.candidate_count, 2);
	world_close(&c.w);
}

TEST(what_is_agreed_goes_on_through_a_restart_to_another_address)
{
	static struct call c;

	call_open(&c);
	hear(&c);
	restart(&c);
	hear(&c); /* where it was */
	client_socket_renew(&c.bob);
	check_is_answered(&c.bob, &nominate);
	hear(&c);
	client_pli(&c.bob, c.slot.ssrc); /* and what comes from there counts */
	check_is_answered(&c.bob, &plain);
	CHECK_EQ(media_counts(c.w.media).refused_packets, 0);
	CHECK_EQ(media_counts(c.w.media).handshakes, 2);
	CHECK_EQ(c.w.change_count, 2); /* nothing was lost or came up again */
	world_close(&c.w);
}

TEST(old_credentials_hold_until_the_first_good_check_with_the_new_ones)
{
	struct media_transport renewed;
	static struct call c;

	call_open(&c);
	restart(&c);
	renewed = c.bob.transport;
	c.bob.transport = c.old;
	check_is_answered(&c.bob, &nominate);
	check_is_answered(&c.bob, &plain);
	c.bob.transport = renewed;
	check_is_answered(&c.bob, &plain);
	check_is_refused(&c, &c.old);
	check_is_answered(&c.bob, &nominate);
	hear(&c);
	world_close(&c.w);
}

TEST(a_check_with_the_new_name_and_a_wrong_password_ends_nothing)
{
	struct media_transport forged;
	static struct call c;

	call_open(&c);
	restart(&c);
	forged = c.bob.transport;
	memcpy(forged.pwd, c.old.pwd, sizeof(forged.pwd));
	check_is_refused(&c, &forged);
	c.bob.transport = c.old;
	check_is_answered(&c.bob, &plain);
	world_close(&c.w);
}

TEST(of_several_restarts_the_last_one_counts_and_the_one_in_use)
{
	static struct media_transport made[RESTARTS];
	struct media_transport first;
	static struct call c;

	call_open(&c);
	first = c.bob.transport;
	for (size_t i = 0; i < RESTARTS; i++) {
		restart(&c);
		made[i] = c.bob.transport;
	}
	for (size_t i = 0; i + 1 < RESTARTS; i++)
		check_is_refused(&c, &made[i]);
	c.bob.transport = first;
	check_is_answered(&c.bob, &plain);
	c.bob.transport = made[RESTARTS - 1];
	check_is_answered(&c.bob, &nominate);
	check_is_refused(&c, &first);
	hear(&c);
	world_close(&c.w);
}

static bool is_lost(void *world)
{
	const struct world *w = world;

	return !w->changes[w->change_count - 1].is_connected;
}

TEST(a_restart_is_refused_for_anothers_a_lost_and_an_unknown_transport)
{
	struct media_transport t;
	static struct call c;

	call_open(&c);
	CHECK_ERR(media_transport_restart(c.alice.peer, c.bob.transport.number,
		      &t),
	    KK_ENOENT);
	CHECK_ERR(media_transport_restart(c.bob.peer, 4000, &t), KK_ENOENT);
	restart(&c); /* not used: it goes with the transport */
	dtls_close(c.bob.dtls);
	world_until(&c.w, is_lost, &c.w);
	CHECK_ERR(media_transport_restart(c.bob.peer, c.bob.transport.number,
		      &t),
	    KK_ENOENT);
	check_is_refused(&c, &c.bob.transport);
	check_is_refused(&c, &c.old);
	world_close(&c.w);
}

/* Checks alone are consent (RFC 7675): asking for a restart is none. */
TEST(a_restart_without_checks_is_no_consent)
{
	static struct call c;

	call_open(&c);
	world_clock_move(29000000);
	check_is_answered(&c.alice, &plain);
	restart(&c);
	world_clock_move(2000000);
	world_until(&c.w, is_lost, &c.w);
	CHECK(c.w.changes[c.w.change_count - 1].peer == c.bob.peer);
	world_close(&c.w);
}

TEST(a_restart_before_the_handshake_is_as_good)
{
	struct client c;
	struct world w;

	world_open(&w, "127.0.0.1");
	client_open(&c, &w, w.meeting, MEDIA_SEND, DTLS_BACKEND_OPENSSL);
	CHECK_OK(media_transport_restart(c.peer, c.transport.number,
	    &c.transport));
	client_connect(&c);
	world_close(&w);
}
