/* out.c - the forwarder's queue of datagrams, over real sockets. */
#define _DEFAULT_SOURCE /* SO_NO_CHECK */
#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "bin/sfud/media_internal.h"
#include "call.h"

enum { PEERS = 3, PACKETS = 60, ROOM = 2048 };

struct peer {
	int fd;
	struct media_path path;
	unsigned sent, got;
};

static void peer_open(struct peer *p)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct timeval limit = { .tv_sec = 10 };
	socklen_t bytes = sizeof(at);

	*p = (struct peer){ .fd = socket(AF_INET, SOCK_DGRAM, 0) };
	CHECK_EQ(bind(p->fd, (struct sockaddr *)&at, sizeof(at)), 0);
	CHECK_EQ(getsockname(p->fd, (struct sockaddr *)&at, &bytes), 0);
	CHECK_EQ(setsockopt(p->fd, SOL_SOCKET, SO_RCVTIMEO, &limit,
		     sizeof(limit)),
	    0);
	media_address_of(&p->path.remote, (struct sockaddr *)&at);
	p->path.local = p->path.remote;
	p->path.local.port = 0;
}

/* Its number, and then its length all over. */
static void fill(uint8_t *data, unsigned number, size_t bytes)
{
	memset(data, (int)(bytes & 0xff), bytes);
	memcpy(data, &number, sizeof(number));
}

static void queue(struct media *media, struct peer *p, size_t bytes)
{
	fill(media_out_room(media), p->sent++, bytes);
	media_out_commit_to(media, bytes, &p->path);
}

static void receive(struct peer *p, size_t bytes)
{
	uint8_t data[ROOM], want[ROOM];

	fill(want, p->got++, bytes);
	CHECK_EQ(recv(p->fd, data, sizeof(data), 0), bytes);
	CHECK_MEM(data, want, bytes);
}

TEST(packets_of_one_length_to_one_peer_go_as_few_messages_and_arrive_as_sent)
{
	struct call *call = call_new(0, 0);
	uint64_t before = media_counts(call->media).out_messages;
	struct peer peers[PEERS];

	for (size_t i = 0; i < PEERS; i++)
		peer_open(&peers[i]);
	for (unsigned n = 0; n < PACKETS; n++) {
		for (size_t i = 0; i < PEERS; i++)
			queue(call->media, &peers[i], 1200);
	}
	media_out_flush(call->media);
	/* 65000 bytes hold 54 of them. */
	CHECK_EQ(media_counts(call->media).out_messages - before, PEERS * 2);
	for (size_t i = 0; i < PEERS; i++) {
		for (unsigned n = 0; n < PACKETS; n++)
			receive(&peers[i], 1200);
		close(peers[i].fd);
	}
	call_free(call);
}

TEST(packets_of_any_lengths_arrive_in_their_order)
{
	static const size_t lengths[] = { 1200, 1200, 700, 1200, 1300, 60, 1300,
		1300, 60, 60, 60, 4, 1200 };
	struct call *call = call_new(0, 0);
	struct peer peer;

	peer_open(&peer);
	for (size_t i = 0; i < KK_ARRAY_LEN(lengths); i++)
		queue(call->media, &peer, lengths[i]);
	media_out_flush(call->media);
	for (size_t i = 0; i < KK_ARRAY_LEN(lengths); i++)
		receive(&peer, lengths[i]);
	close(peer.fd);
	call_free(call);
}

TEST(a_full_queue_is_sent_and_goes_on)
{
	enum { MANY = 8, EACH = 130 }; /* the queue holds 1024 */
	struct call *call = call_new(0, 0);
	struct peer peers[MANY];

	for (size_t i = 0; i < MANY; i++)
		peer_open(&peers[i]);
	for (unsigned n = 0; n < EACH; n++) {
		for (size_t i = 0; i < MANY; i++)
			queue(call->media, &peers[i], 100);
	}
	media_out_flush(call->media);
	for (size_t i = 0; i < MANY; i++) {
		for (unsigned n = 0; n < EACH; n++)
			receive(&peers[i], 100);
		close(peers[i].fd);
	}
	call_free(call);
}

/* --- messages that the system does not take ------------------------------- */

struct way { /* a peer whose path the forwarder knows */
	struct peer peer;
	struct media_transport_state transport;
	struct media_path *path;
};

static void way_open(struct way *w, struct media *media)
{
	peer_open(&w->peer);
	w->transport = (struct media_transport_state){ .media = media };
	w->path = media_path_prove(&w->transport, &w->peer.path.remote,
	    &w->peer.path.local, media_now_us());
	CHECK(w->path);
}

static void way_close(struct way *w)
{
	media_paths_clear(&w->transport);
	close(w->peer.fd);
}

/* In how many messages. */
static uint64_t several_send(struct media *media, struct way *w, unsigned count)
{
	uint64_t before = media_counts(media).out_messages;

	for (unsigned i = 0; i < count; i++) {
		fill(media_out_room(media), w->peer.sent++, 1200);
		media_out_commit_to(media, 1200, w->path);
	}
	media_out_flush(media);
	return media_counts(media).out_messages - before;
}

TEST(an_address_of_ours_that_is_gone_leaves_all_messages_whole)
{
	static const uint8_t gone[] = { 192, 0, 2, 1 }; /* RFC 5737 */
	struct call *call = call_new(0, 0);
	struct way lost, good;

	way_open(&lost, call->media);
	way_open(&good, call->media);
	memcpy(lost.path->local.ip, gone, sizeof(gone));
	CHECK_EQ(several_send(call->media, &lost, 10), 1);
	CHECK(!lost.path->has_no_segments);
	CHECK_EQ(several_send(call->media, &good, 10), 1);
	for (unsigned i = 0; i < 10; i++)
		receive(&good.peer, 1200);
	/* Its peer checks at another address of ours: as if nothing was. */
	lost.path->local = good.path->local;
	lost.peer.got = lost.peer.sent;
	CHECK_EQ(several_send(call->media, &lost, 10), 1);
	for (unsigned i = 0; i < 10; i++)
		receive(&lost.peer, 1200);
	way_close(&lost);
	way_close(&good);
	call_free(call);
}

TEST(a_way_that_does_not_cut_up_gets_each_packet_alone_and_others_do_not)
{
	struct call *call = call_new(0, 0);
	const int fd = call->media->sockets[MEDIA_V4].fd;
	struct way odd, even;
	int on = 1;

	way_open(&odd, call->media);
	way_open(&even, call->media);
	/* Without checksums the system refuses to cut up (EINVAL). */
	CHECK_EQ(setsockopt(fd, SOL_SOCKET, SO_NO_CHECK, &on, sizeof(on)), 0);
	CHECK_EQ(several_send(call->media, &odd, 10), 1);
	CHECK(odd.path->has_no_segments);
	on = 0;
	CHECK_EQ(setsockopt(fd, SOL_SOCKET, SO_NO_CHECK, &on, sizeof(on)), 0);
	CHECK_EQ(several_send(call->media, &odd, 10), 10);
	CHECK_EQ(several_send(call->media, &even, 10), 1);
	for (unsigned i = 0; i < 20; i++)
		receive(&odd.peer, 1200);
	for (unsigned i = 0; i < 10; i++)
		receive(&even.peer, 1200);
	way_close(&odd);
	way_close(&even);
	call_free(call);
}
