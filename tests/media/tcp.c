/* tcp.c - ICE over TCP: paths, and who may not have one. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness/tap.h"
#include "media/client.h"

enum {
	STRANGERS_OF_ONE = 32, /* as media_tcp.c has it */
	FLOOD = 1000,
	JUNK_BYTES = 65536
};

static const struct check plain = { .role = WIRE_STUN_CONTROLLING };
static const struct check nominate = { .is_nominating = true,
	.role = WIRE_STUN_CONTROLLING };

struct call { /* alice is heard and seen by bob */
	struct world w;
	struct client alice, bob;
	struct media_slot slots[2]; /* audio, video */
	size_t heard;
};

static void call_open(struct call *c, bool is_tcp)
{
	memset(c, 0, sizeof(*c));
	world_open(&c->w, "127.0.0.1");
	client_open(&c->alice, &c->w, c->w.meeting, MEDIA_SEND,
	    DTLS_BACKEND_OPENSSL);
	client_open(&c->bob, &c->w, c->w.meeting, MEDIA_RECEIVE,
	    DTLS_BACKEND_OPENSSL);
	if (is_tcp) {
		client_tcp_open(&c->alice);
		client_tcp_open(&c->bob);
	}
	client_connect(&c->alice);
	client_connect(&c->bob);
	client_publish(&c->alice);
	CHECK_OK(media_slots_make(c->bob.peer, c->bob.transport.number,
	    &(struct media_slots){ .audio = 1, .video = 1 }, c->slots));
	for (size_t i = 0; i < 2; i++)
		CHECK_OK(media_watch(c->bob.peer,
		    &(struct media_watch){ .slot = c->slots[i].slot,
			.of = c->alice.peer,
			.source = i ? MEDIA_CAMERA : MEDIA_MICROPHONE }));
}

static bool bob_hears_one_more(void *call)
{
	struct call *c = call;
	struct wire_rtp rtp;

	return client_rtp(&c->bob, c->slots[0].ssrc, c->heard, &rtp);
}

static void hear(struct call *c)
{
	client_audio(&c->alice, (uint8_t)c->heard);
	world_until(&c->w, bob_hears_one_more, c);
	c->heard++;
}

static bool alice_has_pli(void *call)
{
	const struct call *c = call;

	return client_feedback(&c->alice, WIRE_RTCP_PSFB, WIRE_RTCP_PSFB_PLI) >
	    0;
}

static bool bob_sees(void *call)
{
	const struct call *c = call;
	struct wire_rtp rtp;

	return client_rtp(&c->bob, c->slots[1].ssrc, 0, &rtp);
}

static void check_is_answered(struct client *c, const struct check *check)
{
	client_check(c, check);
	world_until(c->world, client_is_answered, c);
	CHECK_EQ(c->response.error, 0);
}

static bool tcp_is_closed(void *client)
{
	return ((struct client *)client)->is_tcp_closed;
}

static void raw_send(struct client *c, const void *data, size_t bytes)
{
	CHECK_EQ(send(c->tcp, data, bytes, MSG_NOSIGNAL), (ssize_t)bytes);
}

TEST(a_candidate_of_tcp_has_the_same_port_and_a_lower_priority)
{
	const struct media_candidate *list;
	struct client c;
	struct world w;

	world_open(&w, "127.0.0.1");
	client_open(&c, &w, w.meeting, MEDIA_SEND, DTLS_BACKEND_OPENSSL);
	list = c.transport.candidates;
	CHECK(!list[0].is_tcp && list[1].is_tcp);
	CHECK_EQ(list[1].port, list[0].port);
	CHECK_STR(list[1].address, list[0].address);
	CHECK(list[1].priority < list[0].priority);
	CHECK(strcmp(list[1].foundation, list[0].foundation) != 0);
	world_close(&w);
}

TEST(sound_and_picture_go_over_tcp_alone)
{
	static struct call c;

	call_open(&c, true);
	CHECK_EQ(c.bob.response.mapped.is_v6, false);
	world_until(&c.w, alice_has_pli, &c);
	client_video(&c.alice, true, 1);
	world_until(&c.w, bob_sees, &c);
	hear(&c);
	CHECK(c.bob.frames > 3 && c.alice.frames > 3);
	CHECK_EQ(media_counts(c.w.media).refused_packets, 0);
	world_close(&c.w);
}

TEST(sound_goes_over_tcp_of_ipv6)
{
	int fd = socket(AF_INET6, SOCK_DGRAM, 0);
	struct sockaddr_in6 any = { .sin6_family = AF_INET6,
		.sin6_addr = IN6ADDR_LOOPBACK_INIT };
	bool has_v6 = fd >= 0 &&
	    bind(fd, (struct sockaddr *)&any, sizeof(any)) == 0;
	struct client c;
	struct world w;

	if (fd >= 0)
		close(fd);
	if (!has_v6)
		SKIP("this machine has no IPv6");
	world_open(&w, "::1");
	client_open(&c, &w, w.meeting, MEDIA_SEND, DTLS_BACKEND_OPENSSL);
	client_tcp_open(&c);
	client_connect(&c);
	CHECK(c.response.mapped.is_v6);
	world_close(&w);
}

/* Each of a call's frames, cut at each of its bytes. */
TEST(frames_may_be_cut_at_every_byte)
{
	static struct call c;
	uint8_t frame[256];
	struct wire_stun_request req = { .has_priority = true,
		.role = WIRE_STUN_CONTROLLING };
	char username[64];
	struct wire_out w, f;
	uint8_t packet[200];

	call_open(&c, true);
	(void)snprintf(username, sizeof(username), "%s:client",
	    c.bob.transport.ufrag);
	req.username = kk_view_text(username);
	wire_out_init(&w, packet, sizeof(packet));
	wire_stun_request_write(&w, &req, kk_view_text(c.bob.transport.pwd));
	wire_out_init(&f, frame, sizeof(frame));
	wire_framing_write(&f, wire_out_view(&w));
	CHECK_OK(f.err);
	memcpy(c.bob.transaction, req.transaction, sizeof(req.transaction));
	for (size_t cut = 1; cut < f.bytes; cut++) {
		c.bob.responses = 0;
		raw_send(&c.bob, frame, cut);
		check_is_answered(&c.alice, &plain); /* the first part is in */
		raw_send(&c.bob, frame + cut, f.bytes - cut);
		world_until(&c.w, client_is_answered, &c.bob);
	}
	hear(&c);
	CHECK_EQ(media_counts(c.w.media).refused_packets, 0);
	world_close(&c.w);
}

TEST(a_call_goes_from_udp_to_tcp_and_back)
{
	static struct call c;
	size_t frames;

	call_open(&c, false);
	hear(&c);
	client_tcp_open(&c.bob);
	check_is_answered(&c.bob, &plain);
	frames = c.bob.frames;
	hear(&c); /* a check that does not nominate moves nothing */
	CHECK_EQ(c.bob.frames, frames);
	check_is_answered(&c.bob, &nominate);
	frames = c.bob.frames;
	hear(&c);
	CHECK(c.bob.frames > frames);
	client_tcp_open(&c.alice);
	check_is_answered(&c.alice, &nominate);
	hear(&c);
	client_tcp_close(&c.alice);
	client_tcp_close(&c.bob);
	check_is_answered(&c.bob, &nominate);
	check_is_answered(&c.alice, &nominate);
	hear(&c);
	CHECK_EQ(c.w.change_count, 2);
	CHECK_EQ(media_counts(c.w.media).handshakes, 2);
	CHECK_EQ(media_counts(c.w.media).refused_packets, 0);
	world_close(&c.w);
}

TEST(a_connection_that_is_lost_is_replaced_by_another)
{
	static struct call c;

	call_open(&c, true);
	hear(&c);
	client_tcp_open(&c.bob); /* the old one is gone */
	check_is_answered(&c.bob, &nominate);
	hear(&c);
	CHECK_EQ(c.w.change_count, 2);
	world_close(&c.w);
}

/* As with UDP, the forwarder says nothing to those; and it ends them. */
static void stranger_says(struct world *w, struct client *c, const void *data,
    size_t bytes)
{
	const uint64_t out = media_counts(w->media).out_bytes;
	const uint64_t refused = media_counts(w->media).refused_connections;

	client_tcp_open(c);
	raw_send(c, data, bytes);
	world_until(w, tcp_is_closed, c);
	CHECK_EQ(c->frames, 0);
	CHECK_EQ(media_counts(w->media).out_bytes, out);
	CHECK_EQ(media_counts(w->media).refused_connections, refused + 1);
}

TEST(strangers_get_no_answer_and_their_connections_end)
{
	static const uint8_t hello[] = { 0, 16, 22, 0xfe, 0xfd, 0, 0, 0, 0, 0,
		0, 0, 0, 0, 3, 1, 2, 3 };
	static const uint8_t rtp[] = { 0, 12, 0x80, 96, 0, 1, 0, 0, 0, 1, 0, 0,
		0, 9 };
	static const uint8_t stun[] = { 0, 20, 0, 1, 0, 0, 0x21, 0x12, 0xa4,
		0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 };
	static const uint8_t null[] = { 0, 0 }, large[] = { 0xff, 0xff };
	static uint8_t junk[JUNK_BYTES];
	static struct client c, other;
	struct world w;

	world_open(&w, "127.0.0.1");
	client_open(&c, &w, w.meeting, MEDIA_SEND, DTLS_BACKEND_OPENSSL);
	client_open(&other, &w, w.meeting, MEDIA_SEND, DTLS_BACKEND_OPENSSL);
	client_connect(&other);
	stranger_says(&w, &c, "GET / HTTP/1.1\r\n\r\n", 18);
	stranger_says(&w, &c, hello, sizeof(hello));
	stranger_says(&w, &c, rtp, sizeof(rtp));
	stranger_says(&w, &c, stun, sizeof(stun));
	stranger_says(&w, &c, null, sizeof(null));
	stranger_says(&w, &c, large, sizeof(large));
	memset(junk, 0x41, sizeof(junk));
	stranger_says(&w, &c, junk, 4096);
	client_tcp_close(&c);
	CHECK_EQ(w.change_count, 1);
	world_close(&w);
}

TEST(a_check_with_a_wrong_password_ends_the_connection_unanswered)
{
	static const struct check forged = { true, WIRE_STUN_CONTROLLING, NULL,
		"guessed" };
	static struct client c;
	struct world w;

	world_open(&w, "127.0.0.1");
	client_open(&c, &w, w.meeting, MEDIA_SEND, DTLS_BACKEND_OPENSSL);
	client_tcp_open(&c);
	client_check(&c, &forged);
	world_until(&w, tcp_is_closed, &c);
	CHECK_EQ(c.frames, 0);
	CHECK_EQ(media_counts(w.media).out_packets, 0);
	client_tcp_close(&c);
	client_connect(&c);
	world_close(&w);
}

TEST(a_connection_is_one_transports_till_its_end)
{
	static struct call c;
	struct client thief;
	int own;

	call_open(&c, true);
	client_open(&thief, &c.w, c.w.meeting, MEDIA_SEND,
	    DTLS_BACKEND_OPENSSL);
	world_clock_move(20000000); /* for UDP it would be over */
	client_tcp_open(&thief);
	own = dup(thief.tcp);
	CHECK(dup2(c.bob.tcp, thief.tcp) >= 0);
	client_check(&thief, &nominate); /* on bob's connection */
	CHECK(dup2(own, thief.tcp) >= 0);
	close(own);
	check_is_answered(&c.bob, &plain);
	CHECK_EQ(thief.responses, 0);
	CHECK_EQ(media_counts(c.w.media).refused_packets, 1);
	check_is_answered(&c.alice, &plain);
	hear(&c);
	world_close(&c.w);
}

/* --- too many, too slow, too long ---------------------------------------- */

struct crowd {
	struct world *w;
	int list[FLOOD];
	size_t count;
};

static void crowd_add(struct crowd *crowd, const struct client *of)
{
	int fd = socket(of->server.ss_family, SOCK_STREAM, 0);

	CHECK(fd >= 0);
	CHECK(connect(fd, (const struct sockaddr *)&of->server,
		  of->server_bytes) == 0);
	crowd->list[crowd->count++] = fd;
}

static void crowd_close(struct crowd *crowd)
{
	while (crowd->count > 0)
		close(crowd->list[--crowd->count]);
}

/* How many the forwarder has not closed. */
static size_t crowd_left(const struct crowd *crowd)
{
	size_t left = 0;
	char byte;

	for (size_t i = 0; i < crowd->count; i++)
		left += recv(crowd->list[i], &byte, 1, MSG_DONTWAIT) < 0;
	return left;
}

static bool crowd_is_small(void *crowd)
{
	const struct crowd *c = crowd;

	return crowd_left(c) <= STRANGERS_OF_ONE &&
	    media_counts(c->w->media).refused_connections >=
	    c->count - STRANGERS_OF_ONE;
}

static bool crowd_is_gone(void *crowd)
{
	return crowd_left(crowd) == 0;
}

TEST(of_silent_connections_the_oldest_go_and_who_means_it_comes_through)
{
	static struct crowd crowd;
	static struct call c;

	call_open(&c, false);
	crowd = (struct crowd){ .w = &c.w };
	for (unsigned i = 0; i < FLOOD / 2; i++) {
		crowd_add(&crowd, &c.bob);
		if (i % 16 == 0)
			hear(&c); /* and the loop turns */
	}
	world_until(&c.w, crowd_is_small, &crowd);
	CHECK_EQ(crowd_left(&crowd), STRANGERS_OF_ONE);
	client_tcp_open(&c.bob);
	check_is_answered(&c.bob, &nominate);
	for (unsigned i = 0; i < STRANGERS_OF_ONE * 2; i++) {
		crowd_add(&crowd, &c.bob);
		hear(&c);
	}
	CHECK(!c.bob.is_tcp_closed);
	crowd_close(&crowd);
	CHECK_EQ(c.w.change_count, 2);
	world_close(&c.w);
}

TEST(a_connection_without_a_good_check_ends_in_10_s)
{
	static struct crowd crowd;
	static struct call c;

	call_open(&c, true);
	crowd = (struct crowd){ .w = &c.w };
	for (unsigned i = 0; i < 3; i++)
		crowd_add(&crowd, &c.bob);
	check_is_answered(&c.bob, &plain);
	CHECK_EQ(crowd_left(&crowd), 3);
	world_clock_move(11000000);
	world_until(&c.w, crowd_is_gone, &crowd);
	crowd_close(&crowd);
	CHECK_EQ(media_counts(c.w.media).refused_connections, 3);
	hear(&c);
	world_close(&c.w);
}

TEST(a_connection_without_checks_for_30_s_ends_and_the_call_goes_on)
{
	static struct call c;

	call_open(&c, false);
	client_tcp_open(&c.bob);
	check_is_answered(&c.bob, &plain);
	c.bob.tcp = dup(c.bob.tcp);
	for (unsigned i = 0; i < 2; i++) {
		int tcp = c.bob.tcp;

		world_clock_move(16000000);
		check_is_answered(&c.alice, &plain);
		c.bob.tcp = -1;
		check_is_answered(&c.bob, &nominate); /* by UDP */
		c.bob.tcp = tcp;
	}
	world_until(&c.w, tcp_is_closed, &c.bob);
	hear(&c);
	CHECK_EQ(c.w.change_count, 2);
	world_close(&c.w);
}

static bool has_dropped(void *world)
{
	const struct world *w = world;

	return media_counts(w->media).dropped_packets > 0;
}

static bool has_lost_more(void *call)
{
	struct call *c = call;

	for (unsigned i = 0; i < 64; i++)
		client_audio(&c->alice, 0);
	return has_dropped(&c->w);
}

static bool bob_hears_the_last(void *call)
{
	struct call *c = call;
	struct wire_rtp rtp;

	client_audio(&c->alice, 0);
	return client_rtp(&c->bob, c->slots[0].ssrc, 0, &rtp);
}

TEST(a_reader_that_is_too_slow_loses_packets_and_delays_nobody)
{
	const int small = 32768;
	static struct call c;

	call_open(&c, false);
	client_tcp_open(&c.bob);
	CHECK(setsockopt(c.bob.tcp, SOL_SOCKET, SO_RCVBUF, &small,
		  sizeof(small)) == 0);
	check_is_answered(&c.bob, &nominate);
	c.bob.is_deaf = true;
	world_until(&c.w, has_lost_more, &c);
	check_is_answered(&c.alice, &plain);
	client_check(&c.bob, &plain); /* has its answer all the same */
	/* It reads again, and what comes is whole frames. */
	c.bob.is_deaf = false;
	c.bob.forgets = true;
	world_until(&c.w, client_is_answered, &c.bob);
	c.bob.inbox_count = 0;
	world_until(&c.w, bob_hears_the_last, &c);
	CHECK(!c.bob.is_tcp_closed);
	CHECK_EQ(c.w.change_count, 2);
	world_close(&c.w);
}

TEST(junk_on_a_proved_connection_is_refused_and_the_call_goes_on)
{
	uint8_t junk[WIRE_FRAME_MAX_BYTES];
	static struct call c;

	call_open(&c, true);
	for (unsigned i = 0; i < FLOOD; i++) {
		memset(junk, (int)i, sizeof(junk));
		client_send_raw(&c.bob, kk_view_of(junk, (i * 7) % 1500));
		if (i % 8 == 0)
			check_is_answered(&c.bob, &plain);
	}
	check_is_answered(&c.alice, &plain);
	hear(&c);
	CHECK(!c.bob.is_tcp_closed);
	CHECK(media_counts(c.w.media).refused_packets > 0);
	world_close(&c.w);
}

TEST(a_frame_that_is_too_long_ends_a_proved_connection_and_not_the_transport)
{
	static struct call c;

	call_open(&c, true);
	raw_send(&c.bob, "\xff\xff", 2);
	world_until(&c.w, tcp_is_closed, &c.bob);
	client_tcp_close(&c.bob);
	check_is_answered(&c.bob, &plain); /* any way is better than none */
	hear(&c);
	CHECK_EQ(c.w.change_count, 2);
	world_close(&c.w);
}

TEST(connections_go_with_their_transport)
{
	static struct call c;

	call_open(&c, true);
	CHECK_OK(media_transport_close(c.bob.peer, c.bob.transport.number));
	world_until(&c.w, tcp_is_closed, &c.bob);
	world_close(&c.w);
}

/* --- options ------------------------------------------------------------- */

static void no_change(void *arg, struct media_peer *peer, uint32_t transport,
    bool is_connected)
{
	(void)arg;
	(void)peer;
	(void)transport;
	(void)is_connected;
}

/* How many candidates of UDP and of TCP; the first one's port. */
static enum kk_err offered(struct media_config *config, size_t counts[2],
    uint16_t *port)
{
	const char *address = "127.0.0.1";
	struct media_meeting *meeting = NULL;
	struct media_peer *peer = NULL;
	struct media *media = NULL;
	struct media_transport t;
	sd_event *event = NULL;
	enum kk_err err;

	config->transport_changed = no_change;
	config->addresses = &address;
	config->address_count = 1;
	counts[0] = counts[1] = 0;
	CHECK(sd_event_new(&event) >= 0);
	err = media_new(&media, event, config);
	if (!err) {
		CHECK_OK(media_meeting_new(&meeting, media));
		CHECK_OK(media_peer_new(&peer, meeting, NULL));
		CHECK_OK(media_transport_open(peer, MEDIA_BOTH, &t));
		for (size_t i = 0; i < t.candidate_count; i++)
			counts[t.candidates[i].is_tcp]++;
		*port = t.candidates[t.candidate_count - 1].port;
		media_peer_free(peer);
		media_meeting_free(meeting);
		media_free(media);
	}
	sd_event_unref(event);
	return err;
}

static int listener_open(uint16_t *port)
{
	struct sockaddr_in any = { .sin_family = AF_INET };
	socklen_t bytes = sizeof(any);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	CHECK(fd >= 0);
	CHECK(bind(fd, (struct sockaddr *)&any, sizeof(any)) == 0);
	CHECK(listen(fd, 1) == 0);
	CHECK(getsockname(fd, (struct sockaddr *)&any, &bytes) == 0);
	*port = ntohs(any.sin_port);
	return fd;
}

TEST(what_is_offered_is_what_the_site_wants)
{
	struct media_config config = { .over = MEDIA_OVER_UDP };
	uint16_t port, taken;
	size_t counts[2];
	int fd;

	if (!dtls_backend_is_here(DTLS_BACKEND_OPENSSL))
		SKIP("the forwarder needs OpenSSL");
	CHECK_OK(offered(&config, counts, &port));
	CHECK(counts[0] == 1 && counts[1] == 0);
	config.over = MEDIA_OVER_TCP;
	CHECK_OK(offered(&config, counts, &port));
	CHECK(counts[0] == 0 && counts[1] == 1);
	/* A port that something else has: by default there is no TCP then. */
	fd = listener_open(&taken);
	config = (struct media_config){ .port = taken };
	CHECK_OK(offered(&config, counts, &port));
	CHECK(counts[0] == 1 && counts[1] == 0);
	config.over = MEDIA_OVER_TCP;
	CHECK_ERR(offered(&config, counts, &port), KK_EIO);
	config = (struct media_config){ .tcp_port = taken };
	CHECK_ERR(offered(&config, counts, &port), KK_EIO);
	close(fd);
	CHECK_OK(offered(&config, counts, &port));
	CHECK(counts[0] == 1 && counts[1] == 1);
	CHECK_EQ(port, taken);
}
