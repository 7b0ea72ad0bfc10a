/* roles.c - the forwarder as the DTLS client, and a handshake without memory.
 */
#include <string.h>
#include <unistd.h>

#include "bin/sfud/worker.h"
#include "harness/tap.h"
#include "media/client.h"
#include "mock/alloc.h"

static const struct check nominate = { .is_nominating = true,
	.role = WIRE_STUN_CONTROLLING };

static enum kk_err tell(struct client *c)
{
	return media_transport_connect_to(c->peer, c->transport.number,
	    dtls_identity_fingerprint_text(c->identity));
}

static bool client_has_audio(void *client)
{
	const struct client *c = client;

	for (size_t i = 0; i < c->inbox_count; i++) {
		struct wire_rtp rtp;

		if (!c->inbox[i].is_rtcp &&
		    !wire_rtp_parse(&rtp,
			kk_view_of(c->inbox[i].data, c->inbox[i].bytes)) &&
		    rtp.payload_type == AUDIO_TYPE)
			return true;
	}
	return false;
}

/* Each role's keys are the right ones: sound goes both ways. */
static void hear_both(struct world *w, struct client *a, struct client *b)
{
	struct client *ends[] = { a, b, a };

	for (size_t i = 0; i < 2; i++) {
		struct client *from = ends[i], *to = ends[i + 1];
		struct media_slot slot;

		client_publish(from);
		CHECK_OK(media_slots_make(to->peer, to->transport.number,
		    &(struct media_slots){ .audio = 1 }, &slot));
		CHECK_OK(media_watch(to->peer,
		    &(struct media_watch){ .slot = slot.slot,
			.of = from->peer,
			.source = MEDIA_MICROPHONE }));
		client_audio(from, 1);
		world_until(w, client_has_audio, to);
	}
}

static void server_run(enum dtls_backend backend, enum srtp_profile want)
{
	static struct client server, client;
	struct world w;

	if (!dtls_backend_is_here(backend))
		SKIP("a backend is not configured");
	world_open(&w, "127.0.0.1");
	client_open_server(&server, &w, MEDIA_BOTH, backend);
	client_open(&client, &w, w.meeting, MEDIA_BOTH, DTLS_BACKEND_OPENSSL);
	CHECK_OK(tell(&server));
	client_connect(&server);
	client_connect(&client);
	CHECK_EQ(server.profile, want);
	CHECK_EQ(w.change_count, 2);
	CHECK_EQ(media_counts(w.media).handshakes, 2);
	hear_both(&w, &server, &client);
	world_close(&w);
}

TEST(a_browser_that_is_the_server_is_shaken_hands_with)
{
	/* It chooses, and likes the longer key more than we do. */
	server_run(DTLS_BACKEND_OPENSSL, SRTP_PROFILE_AEAD_AES_256_GCM);
}

TEST(an_endpoint_that_is_the_server_is_shaken_hands_with)
{
	server_run(DTLS_BACKEND_MBEDTLS, SRTP_PROFILE_AES128_CM_SHA1_80);
}

TEST(the_fingerprint_may_come_after_the_check)
{
	static struct client c;
	struct world w;

	world_open(&w, "127.0.0.1");
	CHECK_OK(srtp_library_init());
	client_open_server(&c, &w, MEDIA_BOTH, DTLS_BACKEND_OPENSSL);
	client_check(&c, &nominate);
	world_until(&w, client_is_answered, &c);
	CHECK_EQ(media_counts(w.media).out_packets, 1);
	CHECK_OK(tell(&c));
	CHECK_ERR(tell(&c), KK_ESTATE);
	world_until(&w, client_is_done, &c);
	world_close(&w);
}

/* Its handshakes' thread has done what was asked of it before. */
static void nothing(void *arg)
{
	(void)arg;
}

TEST(no_hello_leaves_before_a_good_check_nor_elsewhere_than_that_came_from)
{
	static const struct check forged = { true, WIRE_STUN_CONTROLLING, NULL,
		"guessed" };
	static struct client c, other;
	struct world w;
	char byte;
	int fd;

	world_open(&w, "127.0.0.1");
	client_open_server(&c, &w, MEDIA_BOTH, DTLS_BACKEND_OPENSSL);
	client_open(&other, &w, w.meeting, MEDIA_BOTH, DTLS_BACKEND_OPENSSL);
	CHECK_OK(tell(&c));
	fd = c.fd;
	c.fd = -1;
	client_socket_renew(&c);
	client_check(&c, &forged); /* from elsewhere */
	client_check(&other, &nominate);
	world_until(&w, client_is_answered, &other);
	worker_call(media_shaker_worker(w.shaker), nothing, NULL);
	client_check(&other, &nominate);
	world_until(&w, client_is_answered, &other);
	CHECK_EQ(media_counts(w.media).out_packets, 2);
	CHECK(dup2(fd, c.fd) >= 0); /* the first address */
	CHECK_OK(srtp_library_init());
	client_check(&c, &nominate);
	world_until(&w, client_is_done, &c);
	CHECK(recv(fd, &byte, 1, MSG_DONTWAIT) < 0);
	close(fd);
	world_close(&w);
}

static bool is_lost(void *world)
{
	const struct world *w = world;

	return w->change_count > 0 &&
	    !w->changes[w->change_count - 1].is_connected;
}

TEST(a_server_with_another_certificate_is_not_spoken_with)
{
	char text[DTLS_FINGERPRINT_TEXT_BYTES];
	static struct client c;
	struct world w;

	world_open(&w, "127.0.0.1");
	client_open_server(&c, &w, MEDIA_BOTH, DTLS_BACKEND_OPENSSL);
	memcpy(text, dtls_identity_fingerprint_text(c.identity), sizeof(text));
	text[0] = text[0] == 'A' ? 'B' : 'A';
	CHECK_ERR(media_transport_connect_to(c.peer, c.transport.number, "AB"),
	    KK_EFORMAT);
	CHECK_ERR(media_transport_connect_to(c.peer, 4000, text), KK_ENOENT);
	CHECK_OK(media_transport_connect_to(c.peer, c.transport.number, text));
	client_check(&c, &nominate);
	world_until(&w, is_lost, &w);
	CHECK_EQ(media_counts(w.media).failed_handshakes, 1);
	CHECK_EQ(media_counts(w.media).handshakes, 0);
	world_close(&w);
}

/* --- no memory ----------------------------------------------------------- */

static void arm(void *arg)
{
	(void)arg;
	mock_alloc_arm(1);
}

static void disarm(void *has_failed)
{
	*(bool *)has_failed = mock_alloc_disarm();
}

/* What c has begun meets a thread without memory. */
static void begin_in_vain(struct client *c, void (*begin)(struct client *c))
{
	struct world *w = c->world;
	bool has_failed = false;

	worker_call(media_shaker_worker(w->shaker), arm, NULL);
	begin(c);
	client_check(c, &nominate); /* behind it */
	world_until(w, client_is_answered, c);
	worker_call(media_shaker_worker(w->shaker), disarm, &has_failed);
	CHECK(has_failed);
}

static void check_answered(struct client *c)
{
	client_check(c, &nominate);
	world_until(c->world, client_is_answered, c);
}

TEST(a_hello_that_finds_no_memory_loses_nothing_and_may_come_again)
{
	static struct client c;
	struct world w;

	CHECK_OK(srtp_library_init());
	world_open(&w, "127.0.0.1");
	client_open(&c, &w, w.meeting, MEDIA_SEND, DTLS_BACKEND_OPENSSL);
	check_answered(&c);
	begin_in_vain(&c, client_shake);
	world_until(&w, client_is_done, &c);
	CHECK_EQ(media_counts(w.media).failed_handshakes, 0);
	world_close(&w);
}

TEST(a_hello_of_ours_that_finds_no_memory_goes_with_a_later_check)
{
	static struct client c;
	struct world w;

	CHECK_OK(srtp_library_init());
	world_open(&w, "127.0.0.1");
	client_open_server(&c, &w, MEDIA_SEND, DTLS_BACKEND_OPENSSL);
	CHECK_OK(tell(&c));
	begin_in_vain(&c, check_answered);
	check_answered(&c); /* it is known by now, or with the next one */
	check_answered(&c);
	world_until(&w, client_is_done, &c);
	CHECK_EQ(media_counts(w.media).failed_handshakes, 0);
	world_close(&w);
}
