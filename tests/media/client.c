/* client.c - the packets' half of sfud, and clients of it. */
#define _GNU_SOURCE /* clock_gettime */
#include "media/client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bin/sfud/media_shaker.h"
#include "harness/tap.h"
#include "wire/demux.h"
#include "wire/vp8.h"

enum {
	TURN_US = 2000,
	GIVE_UP_S = 60, /* never reached when all is well */
	IDENTITY_S = 86400,
	PAYLOAD_BYTES = 60
};

/* --- clock --------------------------------------------------------------- */

static uint64_t clock_moved_us;

int __real_clock_gettime(clockid_t id, struct timespec *t);
int __wrap_clock_gettime(clockid_t id, struct timespec *t);

/* sd-event has its own: only what our code asks is moved. */
int __wrap_clock_gettime(clockid_t id, struct timespec *t)
{
	int status = __real_clock_gettime(id, t);

	if (id == CLOCK_MONOTONIC)
		t->tv_sec += (time_t)(clock_moved_us / 1000000);
	return status;
}

void world_clock_move(uint64_t us)
{
	clock_moved_us += us;
}

static uint64_t real_ms(void)
{
	struct timespec t = { 0 };

	CHECK(__real_clock_gettime(CLOCK_MONOTONIC, &t) == 0);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* --- world --------------------------------------------------------------- */

static void on_changed(void *arg, struct media_peer *peer, uint32_t transport,
    bool is_connected)
{
	struct world *w = arg;

	CHECK(w->change_count < WORLD_CHANGES_MAX);
	w->changes[w->change_count].peer = peer;
	w->changes[w->change_count].transport = transport;
	w->changes[w->change_count++].is_connected = is_connected;
	if (w->free_when_told == peer) {
		w->free_when_told = NULL;
		media_peer_free(peer);
	}
}

void world_open_heard(struct world *w, const char *address,
    void (*heard)(void *arg, struct media_peer *peer,
	const struct media_heard *list, size_t count))
{
	struct media_config config = { .addresses = &address,
		.address_count = 1,
		.transport_changed = on_changed,
		.loudest_changed = heard,
		.arg = w };

	if (!dtls_backend_is_here(DTLS_BACKEND_OPENSSL))
		SKIP("the forwarder needs OpenSSL");
	memset(w, 0, sizeof(*w));
	CHECK(sd_event_new(&w->event) >= 0);
	CHECK_OK(postbox_new(&w->box, w->event));
	CHECK_OK(media_shaker_new(&w->shaker, NULL));
	config.box = w->box;
	config.shaker = w->shaker;
	CHECK_OK(media_new(&w->media, w->event, &config));
	CHECK_OK(media_meeting_new(&w->meeting, w->media));
}

void world_close(struct world *w)
{
	while (w->client_count > 0)
		client_close(w->clients[w->client_count - 1]);
	media_meeting_free(w->meeting);
	media_shaker_free(w->shaker);
	postbox_free(w->box);
	media_free(w->media);
	sd_event_unref(w->event);
}

static void client_pump(struct client *c);

static void world_turn(struct world *w, uint64_t us)
{
	CHECK(sd_event_run(w->event, us) >= 0);
	for (size_t i = 0; i < w->client_count; i++)
		client_pump(w->clients[i]);
}

void world_until(struct world *w, world_done_fn *done, void *arg)
{
	uint64_t end_ms = real_ms() + GIVE_UP_S * 1000;

	while (!done(arg)) {
		CHECK(real_ms() < end_ms);
		world_turn(w, TURN_US);
	}
}

/* Loopback keeps the order: when a check behind it is answered, all that was
 * in front has been worked on. */
void world_settle(struct world *w)
{
	const struct check plain = { .role = WIRE_STUN_CONTROLLING };

	for (size_t i = 0; i < w->client_count; i++) {
		client_check(w->clients[i], &plain);
		world_until(w, client_is_answered, w->clients[i]);
	}
}

/* --- opening ------------------------------------------------------------- */

void client_socket_renew(struct client *c)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6,
		.sin6_addr = IN6ADDR_LOOPBACK_INIT };
	bool is_v6 = c->server.ss_family == AF_INET6;

	if (c->fd >= 0)
		close(c->fd);
	c->fd = socket(c->server.ss_family,
	    SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	CHECK(c->fd >= 0);
	CHECK(bind(c->fd,
		  is_v6 ? (struct sockaddr *)&v6 : (struct sockaddr *)&v4,
		  is_v6 ? sizeof(v6) : sizeof(v4)) == 0);
}

static void server_set(struct client *c)
{
	/* The last one's port is TCP's; it is the same. */
	const struct media_candidate *to = &c->transport.candidates[0];
	struct sockaddr_in v4 = { .sin_family = AF_INET,
		.sin_port = htons(to->port) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6,
		.sin6_port = htons(to->port) };

	if (inet_pton(AF_INET, to->address, &v4.sin_addr) == 1) {
		memcpy(&c->server, &v4, sizeof(v4));
		c->server_bytes = sizeof(v4);
		return;
	}
	CHECK(inet_pton(AF_INET6, to->address, &v6.sin6_addr) == 1);
	memcpy(&c->server, &v6, sizeof(v6));
	c->server_bytes = sizeof(v6);
}

static void dtls_open(struct client *c, enum dtls_backend backend)
{
	uint8_t fingerprint[1][DTLS_FINGERPRINT_BYTES];
	struct dtls_config config = { .role = c->role,
		.fingerprints =
		    (const uint8_t(*)[DTLS_FINGERPRINT_BYTES])fingerprint,
		.fingerprint_count = 1 };
	uint64_t now_s = (uint64_t)time(NULL);

	CHECK_OK(dtls_fingerprint_read(c->transport.fingerprint,
	    fingerprint[0]));
	CHECK_OK(dtls_identity_new(&c->identity, backend, now_s, IDENTITY_S));
	CHECK_OK(dtls_new(&c->dtls, c->identity, &config, now_s));
}

static void open_as(struct client *c, struct world *w,
    struct media_meeting *meeting, enum media_direction direction,
    enum dtls_backend backend, enum dtls_role role)
{
	memset(c, 0, sizeof(*c));
	c->world = w;
	c->role = role;
	c->fd = c->tcp = -1;
	c->seq = 65530;
	CHECK(w->client_count < WORLD_CLIENTS_MAX);
	w->clients[w->client_count++] = c;
	CHECK_OK(media_peer_new(&c->peer, meeting, c));
	CHECK(media_peer_arg(c->peer) == c);
	CHECK_OK(media_transport_open(c->peer, direction, &c->transport));
	CHECK_EQ(c->transport.candidate_count, 2); /* UDP, TCP */
	server_set(c);
	client_socket_renew(c);
	dtls_open(c, backend);
}

void client_open(struct client *c, struct world *w,
    struct media_meeting *meeting, enum media_direction direction,
    enum dtls_backend backend)
{
	open_as(c, w, meeting, direction, backend, DTLS_CLIENT);
	CHECK_OK(media_transport_connect(c->peer, c->transport.number,
	    dtls_identity_fingerprint_text(c->identity)));
}

void client_open_server(struct client *c, struct world *w,
    enum media_direction direction, enum dtls_backend backend)
{
	open_as(c, w, w->meeting, direction, backend, DTLS_SERVER);
}

void client_tcp_open(struct client *c)
{
	client_tcp_close(c);
	c->tcp = socket(c->server.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	CHECK(c->tcp >= 0);
	CHECK(connect(c->tcp, (struct sockaddr *)&c->server, c->server_bytes) ==
	    0);
}

void client_tcp_close(struct client *c)
{
	if (c->tcp >= 0)
		close(c->tcp);
	c->tcp = -1;
	c->is_tcp_closed = c->is_deaf = false;
	c->frames = 0;
	memset(&c->framing, 0, sizeof(c->framing));
}

void client_close(struct client *c)
{
	struct world *w = c->world;
	size_t kept = 0;

	for (size_t i = 0; i < w->client_count; i++) {
		if (w->clients[i] != c)
			w->clients[kept++] = w->clients[i];
	}
	w->client_count = kept;
	media_peer_free(c->peer);
	dtls_free(c->dtls);
	dtls_identity_free(c->identity);
	srtp_tx_free(c->tx);
	srtp_rx_free(c->rx);
	client_tcp_close(c);
	close(c->fd);
}

/* --- ICE and DTLS -------------------------------------------------------- */

static void tcp_send(struct client *c, struct kk_view packet)
{
	uint8_t out[WIRE_FRAME_HEAD_BYTES + WIRE_FRAME_MAX_BYTES];
	struct wire_out w;

	wire_out_init(&w, out, sizeof(out));
	wire_framing_write(&w, packet);
	CHECK_OK(w.err);
	/* It may have been closed meanwhile; the test sees that. */
	(void)!send(c->tcp, out, w.bytes, MSG_NOSIGNAL);
}

void client_send_raw(struct client *c, struct kk_view datagram)
{
	if (c->tcp >= 0) {
		tcp_send(c, datagram);
		return;
	}
	CHECK(sendto(c->fd, datagram.data, datagram.bytes, 0,
		  (struct sockaddr *)&c->server,
		  c->server_bytes) == (ssize_t)datagram.bytes);
}

void client_check(struct client *c, const struct check *check)
{
	struct wire_stun_request req = { .is_nominating = check->is_nominating,
		.has_priority = true,
		.priority = 1,
		.role = check->role,
		.tie_breaker = 5 };
	char username[64];
	uint8_t out[256];
	struct wire_out w;

	c->transaction[0]++;
	c->responses = 0;
	memcpy(req.transaction, c->transaction, sizeof(req.transaction));
	CHECK((size_t)snprintf(username, sizeof(username), "%s:client",
		  c->transport.ufrag) < sizeof(username));
	req.username = kk_view_text(check->username ? check->username :
						      username);
	wire_out_init(&w, out, sizeof(out));
	wire_stun_request_write(&w, &req,
	    kk_view_text(check->password ? check->password : c->transport.pwd));
	CHECK_OK(w.err);
	client_send_raw(c, wire_out_view(&w));
}

bool client_is_answered(void *client)
{
	return ((struct client *)client)->responses > 0;
}

bool client_is_done(void *client)
{
	return ((struct client *)client)->tx != NULL;
}

static void dtls_flush(struct client *c)
{
	uint8_t out[DTLS_DATAGRAM_MAX_BYTES];
	size_t bytes = sizeof(out);

	while (!dtls_take(c->dtls, out, &bytes)) {
		client_send_raw(c, kk_view_of(out, bytes));
		bytes = sizeof(out);
	}
}

static void keys_take(struct client *c)
{
	const bool is_client = c->role == DTLS_CLIENT;
	struct dtls_srtp_keys keys;

	CHECK_OK(dtls_keys_take(c->dtls, &keys));
	c->profile = (enum srtp_profile)keys.profile;
	CHECK_OK(srtp_tx_new(&c->tx, c->profile,
	    kk_view_of(is_client ? keys.client_key : keys.server_key,
		keys.key_bytes),
	    kk_view_of(is_client ? keys.client_salt : keys.server_salt,
		keys.salt_bytes),
	    64));
	CHECK_OK(srtp_rx_new(&c->rx, c->profile,
	    kk_view_of(is_client ? keys.server_key : keys.client_key,
		keys.key_bytes),
	    kk_view_of(is_client ? keys.server_salt : keys.client_salt,
		keys.salt_bytes),
	    64));
	kk_wipe(&keys, sizeof(keys));
}

static bool is_told(void *client)
{
	const struct client *c = client;

	for (size_t i = 0; i < c->world->change_count; i++) {
		if (c->world->changes[i].peer == c->peer &&
		    c->world->changes[i].is_connected)
			return true;
	}
	return false;
}

void client_shake(struct client *c)
{
	CHECK_OK(dtls_start(c->dtls, real_ms()));
	dtls_flush(c);
}

void client_connect(struct client *c)
{
	const struct check nominate = { true, WIRE_STUN_CONTROLLING, NULL,
		NULL };

	CHECK_OK(srtp_library_init());
	client_check(c, &nominate);
	world_until(c->world, client_is_answered, c);
	CHECK_EQ(c->response.error, 0);
	if (c->role == DTLS_CLIENT)
		client_shake(c);
	world_until(c->world, client_is_done, c);
	world_until(c->world, is_told, c);
}

/* --- packets ------------------------------------------------------------- */

static void packet_open(struct client *c, struct kk_view datagram, bool is_rtcp)
{
	size_t bytes = CLIENT_PACKET_BYTES;
	uint8_t *out;

	CHECK(c->rx);
	if (c->forgets && c->inbox_count == CLIENT_INBOX_MAX)
		c->inbox_count = 0;
	CHECK(c->inbox_count < CLIENT_INBOX_MAX);
	out = c->inbox[c->inbox_count].data;
	CHECK_OK(is_rtcp ? srtp_rx_open_rtcp(c->rx, datagram, out, &bytes) :
			   srtp_rx_open_rtp(c->rx, datagram, out, &bytes));
	c->inbox[c->inbox_count].is_rtcp = is_rtcp;
	c->inbox[c->inbox_count++].bytes = bytes;
}

static void datagram_take(struct client *c, struct kk_view in)
{
	switch (wire_kind_of(in)) {
	case WIRE_KIND_STUN:
		if (!wire_stun_response_check(&c->response, in, c->transaction,
			kk_view_text(c->transport.pwd)))
			c->responses++;
		return;
	case WIRE_KIND_DTLS:
		(void)!dtls_input(c->dtls, in, real_ms());
		return;
	case WIRE_KIND_RTP:
		packet_open(c, in, false);
		return;
	case WIRE_KIND_RTCP:
		packet_open(c, in, true);
		return;
	default:
		CHECK_EQ(wire_kind_of(in), WIRE_KIND_RTP); /* or the like */
	}
}

static void tcp_pump(struct client *c)
{
	uint8_t in[16384];
	ssize_t n;

	while (c->tcp >= 0 && !c->is_deaf && !c->is_tcp_closed &&
	    (n = recv(c->tcp, in, sizeof(in), MSG_DONTWAIT)) != -1) {
		struct kk_view piece = kk_view_of(in, (size_t)n), packet;
		enum kk_err err;

		c->is_tcp_closed = n == 0;
		while (
		    !(err = wire_framing_next(&c->framing, &piece, &packet))) {
			c->frames++;
			datagram_take(c, packet);
		}
		CHECK_ERR(err, KK_ETRUNC);
	}
	if (c->tcp >= 0 && !c->is_deaf && !c->is_tcp_closed)
		c->is_tcp_closed = errno == ECONNRESET;
}

static void client_pump(struct client *c)
{
	uint8_t in[CLIENT_PACKET_BYTES];
	struct sockaddr_storage from = { 0 };
	socklen_t bytes = sizeof(from);
	ssize_t n;

	while ((n = recvfrom(c->fd, in, sizeof(in), 0, (struct sockaddr *)&from,
		    &bytes)) >= 0) {
		/* From the address that it sends to, or ICE would drop it. */
		CHECK_EQ(bytes, c->server_bytes);
		CHECK_MEM(&from, &c->server, bytes);
		datagram_take(c, kk_view_of(in, (size_t)n));
		bytes = sizeof(from);
	}
	tcp_pump(c);
	(void)!dtls_tick(c->dtls, real_ms());
	dtls_flush(c);
	if (!c->tx && dtls_state(c->dtls) == DTLS_DONE)
		keys_take(c);
}

void client_send(struct client *c, struct kk_view plain, bool is_rtcp)
{
	uint8_t out[CLIENT_PACKET_BYTES];
	size_t bytes = sizeof(out);

	CHECK_OK(is_rtcp ? srtp_tx_seal_rtcp(c->tx, plain, out, &bytes) :
			   srtp_tx_seal_rtp(c->tx, plain, out, &bytes));
	client_send_raw(c, kk_view_of(out, bytes));
}

void client_publish(struct client *c)
{
	struct media_publish what = { .transport = c->transport.number,
		.source = MEDIA_CAMERA,
		.kind = MEDIA_VIDEO,
		.payload_type = VIDEO_TYPE,
		.rtx_payload_type = VIDEO_RTX_TYPE,
		.encodings = { { .ssrc = VIDEO_SSRC,
		    .rtx_ssrc = VIDEO_RTX_SSRC } },
		.encoding_count = 1 };

	CHECK_OK(media_publish(c->peer, &what));
	what = (struct media_publish){ .transport = c->transport.number,
		.source = MEDIA_MICROPHONE,
		.kind = MEDIA_AUDIO,
		.payload_type = AUDIO_TYPE,
		.encodings = { { .ssrc = AUDIO_SSRC } },
		.encoding_count = 1 };
	CHECK_OK(media_publish(c->peer, &what));
}

static void media_send(struct client *c, struct wire_rtp *rtp,
    const struct wire_vp8 *vp8, unsigned first, uint8_t fill)
{
	uint8_t payload[PAYLOAD_BYTES], out[CLIENT_PACKET_BYTES];
	struct wire_out p, w;

	wire_out_init(&p, payload, sizeof(payload));
	if (vp8)
		wire_vp8_write(&p, vp8);
	wire_out_u8(&p, first);
	while (p.bytes < sizeof(payload))
		wire_out_u8(&p, fill);
	rtp->payload = wire_out_view(&p);
	wire_out_init(&w, out, sizeof(out));
	wire_rtp_write(&w, rtp);
	CHECK_OK(w.err);
	client_send(c, wire_out_view(&w), false);
}

void client_video(struct client *c, bool is_key, uint8_t fill)
{
	const struct wire_vp8 vp8 = { .is_partition_start = true,
		.has_picture_id = true,
		.is_picture_id_long = true,
		.picture_id = c->picture_id++ };
	struct wire_rtp rtp = { .has_marker = true,
		.payload_type = VIDEO_TYPE,
		.seq = c->seq++,
		.timestamp = c->timestamp += 3000,
		.ssrc = VIDEO_SSRC };

	media_send(c, &rtp, &vp8, is_key ? 0x10 : 0x11, fill);
}

void client_audio(struct client *c, uint8_t fill)
{
	struct wire_rtp rtp = { .payload_type = AUDIO_TYPE,
		.seq = c->seq++,
		.timestamp = c->timestamp += 960,
		.ssrc = AUDIO_SSRC };

	media_send(c, &rtp, NULL, fill, fill);
}

void client_nack(struct client *c, uint32_t ssrc, uint16_t seq)
{
	uint8_t out[64];
	struct wire_out w;

	wire_out_init(&w, out, sizeof(out));
	wire_rtcp_nack_write(&w, 1, ssrc, &seq, 1);
	client_send(c, wire_out_view(&w), true);
}

void client_pli(struct client *c, uint32_t ssrc)
{
	uint8_t out[64];
	struct wire_out w;

	wire_out_init(&w, out, sizeof(out));
	wire_rtcp_pli_write(&w, 1, ssrc);
	client_send(c, wire_out_view(&w), true);
}

bool client_rtp(const struct client *c, uint32_t ssrc, size_t i,
    struct wire_rtp *rtp)
{
	for (size_t j = 0; j < c->inbox_count; j++) {
		if (c->inbox[j].is_rtcp)
			continue;
		CHECK_OK(wire_rtp_parse(rtp,
		    kk_view_of(c->inbox[j].data, c->inbox[j].bytes)));
		if (rtp->ssrc == ssrc && i-- == 0)
			return true;
	}
	return false;
}

size_t client_feedback(const struct client *c, unsigned type, unsigned fmt)
{
	size_t count = 0;

	for (size_t i = 0; i < c->inbox_count; i++) {
		struct wire_rtcp_iter it;
		struct wire_rtcp packet;

		if (!c->inbox[i].is_rtcp)
			continue;
		CHECK_OK(wire_rtcp_begin(&it,
		    kk_view_of(c->inbox[i].data, c->inbox[i].bytes), true));
		while (wire_rtcp_next(&it, &packet))
			count += packet.type == type && packet.count == fmt;
	}
	return count;
}
