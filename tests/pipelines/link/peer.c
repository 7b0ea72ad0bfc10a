/* peer.c - the forwarder's end. */
#include "peer.h"

#include <arpa/inet.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/base.h"
#include "wire/stun.h"

enum { STEP_MS = 5, US_PER_S = 1000000, US_PER_MS = 1000, SSRCS = 64 };

static uint64_t now_ms(void)
{
	return (uint64_t)g_get_monotonic_time() / US_PER_MS;
}

static void own_fill(struct peer *peer, const char *address)
{
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)&peer->own;
	struct sockaddr_in *four = (struct sockaddr_in *)&peer->own;

	if (inet_pton(AF_INET6, address, &six->sin6_addr) == 1) {
		six->sin6_family = AF_INET6;
		peer->own_bytes = sizeof(*six);
		return;
	}
	CHECK_EQ(inet_pton(AF_INET, address, &four->sin_addr), 1);
	four->sin_family = AF_INET;
	peer->own_bytes = sizeof(*four);
}

struct peer *peer_new(const char *address)
{
	struct peer *peer = g_new0(struct peer, 1);
	const int buffer_bytes = 1 << 20;

	own_fill(peer, address);
	peer->fd = socket(peer->own.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (peer->fd < 0 ||
	    bind(peer->fd, (struct sockaddr *)&peer->own, peer->own_bytes)) {
		if (peer->fd >= 0)
			close(peer->fd);
		g_free(peer);
		return NULL;
	}
	CHECK_EQ(setsockopt(peer->fd, SOL_SOCKET, SO_RCVBUF, &buffer_bytes,
		     sizeof(buffer_bytes)),
	    0);
	CHECK_EQ(getsockname(peer->fd, (struct sockaddr *)&peer->own,
		     &peer->own_bytes),
	    0);
	g_strlcpy(peer->ufrag, "ufragfwd", sizeof(peer->ufrag));
	g_strlcpy(peer->pwd, "0123456789abcdef0123456789abcdef",
	    sizeof(peer->pwd));
	CHECK_OK(srtp_library_init());
	CHECK_OK(dtls_identity_new(&peer->identity, DTLS_BACKEND_OPENSSL,
	    (uint64_t)g_get_real_time() / US_PER_S, 86400));
	return peer;
}

void peer_free(struct peer *peer)
{
	close(peer->fd);
	dtls_free(peer->machine);
	dtls_identity_free(peer->identity);
	srtp_tx_free(peer->tx);
	srtp_rx_free(peer->rx);
	g_free(peer);
}

uint16_t peer_port(const struct peer *peer)
{
	const struct sockaddr_in *four = (const struct sockaddr_in *)&peer->own;

	return ntohs(four->sin_port); /* at the same place in both */
}

void peer_expect(struct peer *peer, const char *fingerprint)
{
	uint8_t expected[1][DTLS_FINGERPRINT_BYTES];
	struct dtls_config config = { .role = DTLS_SERVER,
		.fingerprints =
		    (const uint8_t(*)[DTLS_FINGERPRINT_BYTES])expected,
		.fingerprint_count = 1,
		.timeout_first_ms = 100 };

	CHECK_OK(dtls_fingerprint_read(fingerprint, expected[0]));
	CHECK_OK(dtls_new(&peer->machine, peer->identity, &config,
	    (uint64_t)g_get_real_time() / US_PER_S));
}

void peer_send_raw(struct peer *peer, struct kk_view packet)
{
	CHECK(peer->from_bytes > 0);
	CHECK(sendto(peer->fd, packet.data, packet.bytes, 0,
		  (struct sockaddr *)&peer->from,
		  peer->from_bytes) == (ssize_t)packet.bytes);
}

/* --- STUN ----------------------------------------------------------------- */

static struct wire_stun_addr mapped_of(const struct sockaddr_storage *from)
{
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)from;
	const struct sockaddr_in *four = (const struct sockaddr_in *)from;
	struct wire_stun_addr addr = { .is_v6 = from->ss_family == AF_INET6 };

	addr.port = ntohs(four->sin_port);
	if (addr.is_v6)
		memcpy(addr.ip, &six->sin6_addr, 16);
	else
		memcpy(addr.ip, &four->sin_addr, 4);
	return addr;
}

static void stun_take(struct peer *peer, struct kk_view in,
    const struct sockaddr_storage *from, socklen_t from_bytes)
{
	uint8_t answer[WIRE_STUN_SUCCESS_MAX_BYTES];
	struct wire_stun_addr mapped = mapped_of(from);
	struct kk_view username, local, remote;
	struct wire_stun_request req;
	struct wire_out w;

	if (wire_stun_username(in, &username) ||
	    wire_stun_username_split(username, &local, &remote) ||
	    !kk_view_equal(local, kk_view_text(peer->ufrag)) ||
	    wire_stun_request_check(&req, in, username,
		kk_view_text(peer->pwd))) {
		peer->refused++;
		return;
	}
	peer->checks++;
	CHECK_EQ(req.role, WIRE_STUN_CONTROLLING);
	if (req.is_nominating || peer->from_bytes == 0) {
		peer->nominations += req.is_nominating;
		peer->from = *from;
		peer->from_bytes = from_bytes;
	}
	wire_out_init(&w, answer, sizeof(answer));
	wire_stun_success_write(&w, req.transaction, &mapped,
	    kk_view_text(peer->pwd));
	CHECK_OK(w.err);
	(void)sendto(peer->fd, answer, w.bytes, 0,
	    (const struct sockaddr *)from, from_bytes);
}

/* --- DTLS ----------------------------------------------------------------- */

static void keys_take(struct peer *peer)
{
	struct dtls_srtp_keys k;

	if (peer->tx || dtls_keys_take(peer->machine, &k))
		return;
	CHECK_EQ(k.profile, DTLS_SRTP_AES128_CM_SHA1_80);
	CHECK_OK(srtp_tx_new(&peer->tx, SRTP_PROFILE_AES128_CM_SHA1_80,
	    kk_view_of(k.server_key, k.key_bytes),
	    kk_view_of(k.server_salt, k.salt_bytes), SSRCS));
	CHECK_OK(srtp_rx_new(&peer->rx, SRTP_PROFILE_AES128_CM_SHA1_80,
	    kk_view_of(k.client_key, k.key_bytes),
	    kk_view_of(k.client_salt, k.salt_bytes), SSRCS));
	kk_wipe(&k, sizeof(k));
}

static void dtls_flush(struct peer *peer)
{
	uint8_t out[DTLS_DATAGRAM_MAX_BYTES];
	size_t bytes = sizeof(out);

	while (!dtls_take(peer->machine, out, &bytes)) {
		if (peer->dtls_lost > 0)
			peer->dtls_lost--;
		else
			peer_send_raw(peer, kk_view_of(out, bytes));
		bytes = sizeof(out);
	}
	keys_take(peer);
}

static void dtls_take_in(struct peer *peer, struct kk_view in)
{
	if (peer->is_silent || !peer->machine)
		return;
	if (peer->dtls_lost > 0) {
		peer->dtls_lost--;
		return;
	}
	peer->dtls_err = dtls_input(peer->machine, in, now_ms());
	dtls_flush(peer);
}

void peer_close(struct peer *peer)
{
	dtls_close(peer->machine);
	dtls_flush(peer);
}

bool peer_is_connected(void *peer)
{
	return ((struct peer *)peer)->tx != NULL;
}

/* --- media ---------------------------------------------------------------- */

static void rtp_take(struct peer *peer, struct kk_view in)
{
	struct peer_sealed *to = &peer->opened;
	struct wire_rtp rtp;

	to->bytes = sizeof(to->data);
	if (!peer->rx || srtp_rx_open_rtp(peer->rx, in, to->data, &to->bytes)) {
		peer->refused++;
		return;
	}
	CHECK_OK(wire_rtp_parse(&rtp, kk_view_of(to->data, to->bytes)));
	memcpy(peer->last.data, in.data, in.bytes);
	peer->last.bytes = in.bytes;
	CHECK(peer->rtp_count < PEER_PACKETS_MAX);
	peer->seqs[peer->rtp_count++] = rtp.seq;
}

static void reports_take(struct peer *peer, struct kk_view reports)
{
	for (size_t i = 0; i < wire_rtcp_report_count(reports); i++) {
		peer->report = wire_rtcp_report_get(reports, i);
		peer->report_count++;
	}
}

static void arrivals_take(struct peer *peer, const struct wire_rtcp_fb *fb)
{
	struct wire_twcc_status status;
	struct wire_twcc_iter it;
	struct wire_twcc twcc;

	if (wire_twcc_parse(&twcc, fb))
		return;
	wire_twcc_begin(&it, &twcc);
	while (wire_twcc_next(&it, &status)) {
		if (!status.is_received)
			continue;
		peer->told_count++;
		peer->told_last = status.seq;
		peer->told_time = status.time;
	}
}

static void fb_take(struct peer *peer, const struct wire_rtcp_fb *fb)
{
	struct wire_rtcp_nack_iter it;
	uint16_t seq;

	arrivals_take(peer, fb);

	if (!wire_rtcp_pli_check(fb)) {
		peer->pli_count++;
		peer->pli_ssrc = fb->media_ssrc;
	}
	if (wire_rtcp_nack_begin(&it, fb))
		return;
	while (wire_rtcp_nack_next(&it, &seq))
		if (peer->nack_count < PEER_NACKS_MAX)
			peer->nacks[peer->nack_count++] = seq;
}

static void one_take(struct peer *peer, const struct wire_rtcp *packet)
{
	struct wire_rtcp_rr rr;
	struct wire_rtcp_fb fb;
	struct wire_rtcp_bye bye;

	if (!wire_rtcp_sr_parse(&peer->sr, packet)) {
		peer->sr_count++;
		reports_take(peer, peer->sr.reports);
		peer->sr.reports = kk_view_of(NULL, 0);
	} else if (!wire_rtcp_rr_parse(&rr, packet)) {
		peer->rr_count++;
		reports_take(peer, rr.reports);
	} else if (!wire_rtcp_bye_parse(&bye, packet)) {
		peer->bye_count++;
	} else if (!wire_rtcp_fb_parse(&fb, packet)) {
		fb_take(peer, &fb);
	}
}

static void rtcp_take(struct peer *peer, struct kk_view in)
{
	uint8_t plain[SRTP_PACKET_MAX_BYTES];
	size_t bytes = sizeof(plain);
	struct wire_rtcp_iter it;
	struct wire_rtcp packet;
	struct kk_view cname;

	if (!peer->rx || srtp_rx_open_rtcp(peer->rx, in, plain, &bytes)) {
		peer->refused++;
		return;
	}
	/* Strictly: a report first. */
	CHECK_OK(wire_rtcp_begin(&it, kk_view_of(plain, bytes), false));
	while (wire_rtcp_next(&it, &packet)) {
		one_take(peer, &packet);
		if (!wire_rtcp_cname_find(&packet,
			wire_get_u32(plain + WIRE_RTCP_HEADER_BYTES), &cname))
			g_strlcpy(peer->cname, (const char *)cname.data,
			    MIN(cname.bytes + 1, sizeof(peer->cname)));
	}
}

void peer_send_rtp(struct peer *peer, struct kk_view packet)
{
	uint8_t out[SRTP_PACKET_MAX_BYTES];
	size_t bytes = sizeof(out);

	CHECK_OK(srtp_tx_seal_rtp(peer->tx, packet, out, &bytes));
	peer_send_raw(peer, kk_view_of(out, bytes));
}

void peer_send_rtcp(struct peer *peer, struct wire_out *w)
{
	uint8_t out[SRTP_PACKET_MAX_BYTES];
	size_t bytes = sizeof(out);

	CHECK_OK(w->err);
	CHECK_OK(srtp_tx_seal_rtcp(peer->tx, wire_out_view(w), out, &bytes));
	peer_send_raw(peer, kk_view_of(out, bytes));
}

size_t peer_rtp_write(uint8_t *out, size_t room, const struct peer_rtp *rtp)
{
	struct wire_rtp whole = { .payload_type = rtp->payload_type,
		.seq = rtp->seq,
		.timestamp = rtp->timestamp,
		.ssrc = rtp->ssrc,
		.payload = rtp->payload };
	struct wire_out w;

	wire_out_init(&w, out, room);
	wire_rtp_write(&w, &whole);
	CHECK_OK(w.err);
	return w.bytes;
}

/* --- the loop ------------------------------------------------------------- */

static void datagram_take(struct peer *peer, struct kk_view in,
    const struct sockaddr_storage *from, socklen_t from_bytes)
{
	enum wire_kind kind = wire_kind_of(in);

	if (peer->is_deaf || (peer->let_in && !peer->let_in(peer, kind, in)))
		return;
	if (kind == WIRE_KIND_STUN)
		stun_take(peer, in, from, from_bytes);
	else if (kind == WIRE_KIND_DTLS)
		dtls_take_in(peer, in);
	else if (kind == WIRE_KIND_RTP)
		rtp_take(peer, in);
	else if (kind == WIRE_KIND_RTCP)
		rtcp_take(peer, in);
	else
		peer->refused++;
}

static void source_note(struct peer *peer, const struct sockaddr_storage *from)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)from;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)from;
	uint16_t port = ntohs(from->ss_family == AF_INET ? v4->sin_port :
							   v6->sin6_port);

	if (!peer->lowest_port || port < peer->lowest_port)
		peer->lowest_port = port;
	if (port > peer->highest_port)
		peer->highest_port = port;
}

void peer_step(struct peer *peer, int wait_ms)
{
	struct pollfd poll_fd = { .fd = peer->fd, .events = POLLIN };
	uint8_t in[SRTP_PACKET_MAX_BYTES];
	struct sockaddr_storage from;
	socklen_t from_bytes = sizeof(from);
	ssize_t bytes;

	if (poll(&poll_fd, 1, wait_ms) > 0) {
		bytes = recvfrom(peer->fd, in, sizeof(in), 0,
		    (struct sockaddr *)&from, &from_bytes);
		if (bytes > 0)
			source_note(peer, &from);
		if (bytes > 0)
			datagram_take(peer, kk_view_of(in, (size_t)bytes),
			    &from, from_bytes);
	}
	if (peer->machine && peer->from_bytes > 0 && !peer->is_silent &&
	    dtls_timeout_ms(peer->machine, now_ms()) == 0) {
		peer->dtls_err = dtls_tick(peer->machine, now_ms());
		dtls_flush(peer);
	}
}

bool peer_until(struct peer *peer, bool (*is_done)(void *arg), void *arg)
{
	uint64_t end_ms = now_ms() + PEER_LIMIT_MS;

	while (!is_done(arg)) {
		if (now_ms() > end_ms)
			return false;
		peer_step(peer, STEP_MS);
	}
	return true;
}
