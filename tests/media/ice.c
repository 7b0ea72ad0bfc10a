/* ice.c - tests of checks, handshakes and consent over real sockets. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include "harness/tap.h"
#include "media/client.h"

static const struct check plain = { .role = WIRE_STUN_CONTROLLING };
static const struct check nominate = { .is_nominating = true,
	.role = WIRE_STUN_CONTROLLING };

static uint16_t port_of(const struct client *c)
{
	struct sockaddr_storage at;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	socklen_t bytes = sizeof(at);

	CHECK(getsockname(c->fd, (struct sockaddr *)&at, &bytes) == 0);
	memcpy(&v4, &at, sizeof(v4));
	memcpy(&v6, &at, sizeof(v6));
	return ntohs(at.ss_family == AF_INET6 ? v6.sin6_port : v4.sin_port);
}

static void check_answers(const char *address)
{
	struct client c;
	struct world w;

	world_open(&w, address);
	client_open(&c, &w, w.meeting, MEDIA_SEND, DTLS_BACKEND_OPENSSL);
	CHECK_STR(c.transport.candidates[0].address, address);
	CHECK_EQ(c.transport.candidates[0].port, media_port(w.media));
	client_check(&c, &plain);
	world_until(&w, client_is_answered, &c);
	CHECK_EQ(c.response.error, 0);
	CHECK_EQ(c.response.mapped.port, port_of(&c));
	CHECK_EQ(c.response.mapped.is_v6, strchr(address, ':') != NULL);
	world_close(&w);
}

static void shake_at(const char *address)
{
	struct client c;
	struct world w;

	world_open(&w, address);
	client_open(&c, &w, w.meeting, MEDIA_SEND, DTLS_BACKEND_OPENSSL);
	client_connect(&c);
	world_close(&w);
}

TEST(a_check_is_answered_with_the_address_it_came_from)
{
	check_answers("127.0.0.1");
}

/* The socket has no address of its own; client.c sees where it comes from. */
TEST(answers_leave_from_the_address_that_was_asked)
{
	check_answers("127.0.0.2");
	shake_at("127.0.0.3");
}

TEST(a_check_is_answered_over_ipv6_on_the_same_port)
{
	int fd = socket(AF_INET6, SOCK_DGRAM, 0);
	struct sockaddr_in6 any = { .sin6_family = AF_INET6,
		.sin6_addr = IN6ADDR_LOOPBACK_INIT };
	bool has_v6 = fd >= 0 &&
	    bind(fd, (struct sockaddr *)&any, sizeof(any)) == 0;

	if (fd >= 0)
		close(fd);
	if (!has_v6)
		SKIP("this machine has no IPv6");
	check_answers("::1");
	shake_at("::1");
}

/* The answers come in the order of the checks; only the last one is good. */
TEST(checks_with_wrong_credentials_are_not_answered_and_prove_nothing)
{
	const struct check wrong[] = {
		{ true, WIRE_STUN_CONTROLLING, NULL, "wrong password" },
		{ true, WIRE_STUN_CONTROLLING, "AAAAAAAAAAAAAAAA:client",
		    NULL },
		{ true, WIRE_STUN_CONTROLLING, "nocolon", NULL },
	};
	struct media_counts counts;
	struct client c;
	struct world w;

	world_open(&w, "127.0.0.1");
	client_open(&c, &w, w.meeting, MEDIA_SEND, DTLS_BACKEND_OPENSSL);
	for (size_t i = 0; i < KK_ARRAY_LEN(wrong); i++)
		client_check(&c, &wrong[i]);
	client_check(&c, &plain);
	world_until(&w, client_is_answered, &c);
	CHECK_EQ(c.responses, 1);
	counts = media_counts(w.media);
	CHECK_EQ(counts.refused_packets, KK_ARRAY_LEN(wrong));
	CHECK_EQ(counts.out_packets, 1);
	world_close(&w);
}

TEST(a_peer_that_is_controlled_too_is_told_of_the_conflict)
{
	const struct check controlled = { .role = WIRE_STUN_CONTROLLED };
	struct client c;
	struct world w;

	world_open(&w, "127.0.0.1");
	client_open(&c, &w, w.meeting, MEDIA_SEND, DTLS_BACKEND_OPENSSL);
	client_check(&c, &controlled);
	world_until(&w, client_is_answered, &c);
	CHECK_EQ(c.response.error, WIRE_STUN_ROLE_CONFLICT);
	world_close(&w);
}

static void shake(enum dtls_backend backend, enum srtp_profile want)
{
	struct client c;
	struct world w;

	if (!dtls_backend_is_here(backend))
		SKIP("a backend is not configured");
	world_open(&w, "127.0.0.1");
	client_open(&c, &w, w.meeting, MEDIA_SEND, backend);
	client_connect(&c);
	CHECK_EQ(c.profile, want);
	CHECK_EQ(w.change_count, 1);
	CHECK(w.changes[0].peer == c.peer);
	CHECK_EQ(w.changes[0].transport, c.transport.number);
	CHECK_EQ(media_counts(w.media).handshakes, 1);
	world_close(&w);
}

TEST(a_browsers_handshake_gives_gcm)
{
	shake(DTLS_BACKEND_OPENSSL, SRTP_PROFILE_AEAD_AES_128_GCM);
}

TEST(an_endpoints_handshake_gives_counter_mode)
{
	shake(DTLS_BACKEND_MBEDTLS, SRTP_PROFILE_AES128_CM_SHA1_80);
}

static bool is_lost(void *world)
{
	const struct world *w = world;

	return w->change_count > 0 &&
	    !w->changes[w->change_count - 1].is_connected;
}

TEST(a_certificate_of_another_fingerprint_fails_the_handshake)
{
	struct media_transport t;
	struct client c;
	struct world w;
	char text[DTLS_FINGERPRINT_TEXT_BYTES];

	world_open(&w, "127.0.0.1");
	client_open(&c, &w, w.meeting, MEDIA_SEND, DTLS_BACKEND_OPENSSL);
	/* Another transport, with a fingerprint that is not the client's. */
	CHECK_OK(media_transport_open(c.peer, MEDIA_SEND, &t));
	memcpy(text, dtls_identity_fingerprint_text(c.identity), sizeof(text));
	text[0] = text[0] == 'A' ? 'B' : 'A';
	CHECK_OK(media_transport_connect(c.peer, t.number, text));
	c.transport = t;
	client_check(&c, &nominate);
	world_until(&w, client_is_answered, &c);
	client_shake(&c);
	world_until(&w, is_lost, &w);
	CHECK_EQ(media_counts(w.media).failed_handshakes, 1);
	CHECK_EQ(media_counts(w.media).handshakes, 0);
	CHECK_ERR(media_transport_connect(c.peer, t.number, text), KK_ENOENT);
	world_close(&w);
}

TEST(a_transport_without_checks_for_30_s_is_lost_and_not_before)
{
	struct client c;
	struct world w;

	world_open(&w, "127.0.0.1");
	client_open(&c, &w, w.meeting, MEDIA_SEND, DTLS_BACKEND_OPENSSL);
	client_connect(&c);
	for (unsigned i = 0; i < 3; i++) {
		world_clock_move(29000000);
		client_check(&c, &plain);
		world_until(&w, client_is_answered, &c);
	}
	CHECK_EQ(w.change_count, 1);
	world_clock_move(31000000);
	world_until(&w, is_lost, &w);
	CHECK_EQ(w.change_count, 2);
	world_close(&w);
}

TEST(a_transport_that_its_client_closes_is_lost_at_once)
{
	struct client c;
	struct world w;

	world_open(&w, "127.0.0.1");
	client_open(&c, &w, w.meeting, MEDIA_SEND, DTLS_BACKEND_OPENSSL);
	client_connect(&c);
	dtls_close(c.dtls);
	world_until(&w, is_lost, &w);
	world_close(&w);
}

TEST(a_participant_may_be_freed_while_its_loss_is_told)
{
	struct client c, other;
	struct world w;

	world_open(&w, "127.0.0.1");
	client_open(&c, &w, w.meeting, MEDIA_SEND, DTLS_BACKEND_OPENSSL);
	client_open(&other, &w, w.meeting, MEDIA_SEND, DTLS_BACKEND_OPENSSL);
	client_connect(&c);
	client_connect(&other);
	w.free_when_told = c.peer;
	c.peer = NULL;
	dtls_close(c.dtls);
	dtls_close(other.dtls);
	world_until(&w, is_lost, &w);
	w.change_count--;
	world_until(&w, is_lost, &w);
	world_close(&w);
}

static bool client_has_audio(void *client)
{
	struct wire_rtp rtp;
	const struct client *c = client;

	for (size_t i = 0; i < c->inbox_count; i++) {
		if (!c->inbox[i].is_rtcp &&
		    !wire_rtp_parse(&rtp,
			kk_view_of(c->inbox[i].data, c->inbox[i].bytes)) &&
		    rtp.payload_type == AUDIO_TYPE)
			return true;
	}
	return false;
}

TEST(packets_follow_a_nominated_check_to_another_address)
{
	struct media_slot slots[1];
	struct client from, to;
	struct world w;

	world_open(&w, "127.0.0.1");
	client_open(&from, &w, w.meeting, MEDIA_SEND, DTLS_BACKEND_OPENSSL);
	client_open(&to, &w, w.meeting, MEDIA_RECEIVE, DTLS_BACKEND_OPENSSL);
	client_connect(&from);
	client_connect(&to);
	client_publish(&from);
	CHECK_OK(media_slots_make(to.peer, to.transport.number,
	    &(struct media_slots){ .audio = 1, .video = 0 }, slots));
	CHECK_OK(media_watch(to.peer,
	    &(struct media_watch){ .slot = slots[0].slot,
		.of = from.peer,
		.source = MEDIA_MICROPHONE }));
	client_audio(&from, 1);
	world_until(&w, client_has_audio, &to);
	to.inbox_count = 0;
	client_socket_renew(&to);
	client_check(&to, &nominate);
	world_until(&w, client_is_answered, &to);
	client_audio(&from, 2);
	world_until(&w, client_has_audio, &to);
	/* And what it sends from there is taken. */
	client_pli(&to, slots[0].ssrc);
	world_settle(&w);
	CHECK_EQ(media_counts(w.media).refused_packets, 0);
	world_close(&w);
}

TEST(packets_stay_where_they_are_when_a_stranger_asks_for_them)
{
	struct media_slot slots[1];
	const struct check forged = { true, WIRE_STUN_CONTROLLING, NULL,
		"guessed" };
	struct client from, to;
	struct world w;
	int fd;

	world_open(&w, "127.0.0.1");
	client_open(&from, &w, w.meeting, MEDIA_SEND, DTLS_BACKEND_OPENSSL);
	client_open(&to, &w, w.meeting, MEDIA_RECEIVE, DTLS_BACKEND_OPENSSL);
	client_connect(&from);
	client_connect(&to);
	client_publish(&from);
	CHECK_OK(media_slots_make(to.peer, to.transport.number,
	    &(struct media_slots){ .audio = 1, .video = 0 }, slots));
	CHECK_OK(media_watch(to.peer,
	    &(struct media_watch){ .slot = slots[0].slot,
		.of = from.peer,
		.source = MEDIA_MICROPHONE }));
	fd = to.fd;
	to.fd = -1;
	client_socket_renew(&to); /* elsewhere */
	client_check(&to, &forged);
	CHECK(dup2(fd, to.fd) >= 0);
	close(fd);
	world_settle(&w);
	client_audio(&from, 1);
	world_until(&w, client_has_audio, &to);
	CHECK_EQ(media_counts(w.media).refused_packets, 1);
	world_close(&w);
}

TEST(an_address_is_not_given_to_another_transport_while_it_is_used)
{
	struct client c, thief;
	struct world w;
	int own;

	world_open(&w, "127.0.0.1");
	client_open(&c, &w, w.meeting, MEDIA_SEND, DTLS_BACKEND_OPENSSL);
	client_open(&thief, &w, w.meeting, MEDIA_SEND, DTLS_BACKEND_OPENSSL);
	client_connect(&c);
	own = dup(thief.fd);
	CHECK(dup2(c.fd, thief.fd) >= 0); /* writes c's address on its checks */
	client_check(&thief, &nominate);
	CHECK(dup2(own, thief.fd) >= 0);
	close(own);
	world_settle(&w);
	CHECK_EQ(media_counts(w.media).refused_packets, 1);
	client_publish(&c);
	client_audio(&c, 1); /* is still taken as c's */
	world_settle(&w);
	CHECK_EQ(media_counts(w.media).refused_packets, 1);
	world_close(&w);
}

TEST(an_address_that_is_over_may_be_anothers)
{
	struct client c, next;
	struct world w;

	world_open(&w, "127.0.0.1");
	client_open(&c, &w, w.meeting, MEDIA_SEND, DTLS_BACKEND_OPENSSL);
	client_open(&next, &w, w.meeting, MEDIA_SEND, DTLS_BACKEND_OPENSSL);
	client_check(&c, &nominate);
	world_until(&w, client_is_answered, &c);
	world_clock_move(11000000);
	CHECK(dup2(c.fd, next.fd) >= 0);
	client_socket_renew(&c);
	client_connect(&next);
	world_close(&w);
}

/* As many as it may have at a time, again and again. */
TEST(a_client_whose_transports_are_lost_opens_and_publishes_anew)
{
	struct media_transport t;
	struct client c;
	struct world w;

	world_open(&w, "127.0.0.1");
	client_open(&c, &w, w.meeting, MEDIA_SEND, DTLS_BACKEND_OPENSSL);
	client_connect(&c);
	client_publish(&c);
	for (unsigned i = 0; i < 3; i++)
		CHECK_OK(media_transport_open(c.peer, MEDIA_SEND, &t));
	CHECK_ERR(media_transport_open(c.peer, MEDIA_SEND, &t), KK_ELIMIT);
	dtls_close(c.dtls);
	world_until(&w, is_lost, &w);
	c.transport = t;
	client_publish(&c); /* no KK_EEXIST */
	CHECK_OK(media_transport_open(c.peer, MEDIA_SEND, &t));
	CHECK_ERR(media_transport_open(c.peer, MEDIA_SEND, &t), KK_ELIMIT);
	CHECK_OK(media_unpublish(c.peer, MEDIA_CAMERA));
	world_close(&w);
}
