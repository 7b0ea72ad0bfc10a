/* call.c - two links, two relays, one forwarder. */
#include "call.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/base.h"
#include "dtls/dtls.h"
#include "srtp/srtp.h"
#include "wire/demux.h"
#include "wire/rtp.h"
#include "wire/twcc.h"
#include "wire/vp8.h"

enum {
	STEP_US = 2000,
	FRAME_EVERY_US = 5000,
	US_PER_MS = 1000,
	BUFFER_BYTES = 1 << 20,
	DATAGRAM_BYTES = 2048,
	PAYLOAD_BYTES = 600,
	CLOCK_HZ = 90000,
	FRAME_TS = CLOCK_HZ / 30,
	OPUS_HZ = 48000,
	OPUS_TS = OPUS_HZ / 50,
	VP8 = 96,
	VP8_RTX = 97,
	OPUS = 111,
	RTX = 0x10000 /* more than the SSRC of what was lost */
};

/* --- relays --------------------------------------------------------------- */

static bool is_lost(struct relay *r, struct kk_view in)
{
	enum wire_kind kind = wire_kind_of(in);

	r->random = r->random * 1664525u + 1013904223u;
	if ((kind != WIRE_KIND_RTP && kind != WIRE_KIND_RTCP) ||
	    (r->random >> 8) % 100 >= r->loss_percent)
		return false;
	r->lost++;
	return true;
}

struct late { /* a datagram on its way */
	gint64 due_us;
	bool is_to_far;
	size_t bytes;
	uint8_t data[DATAGRAM_BYTES];
};

static void relay_flush(struct relay *r)
{
	gint64 now_us = g_get_monotonic_time();
	struct late *late;

	while ((late = g_queue_peek_head(&r->waiting)) &&
	    late->due_us <= now_us) {
		const struct sockaddr_in *to = late->is_to_far ? &r->far :
								 &r->near;

		(void)sendto(late->is_to_far ? r->far_fd : r->near_fd,
		    late->data, late->bytes, 0, (const struct sockaddr *)to,
		    sizeof(*to));
		g_free(g_queue_pop_head(&r->waiting));
	}
}

/* One datagram; false: there is none. */
static bool one_take(struct relay *r, int fd)
{
	uint8_t data[DATAGRAM_BYTES];
	struct sockaddr_in from;
	socklen_t from_bytes = sizeof(from);
	bool is_near = fd == r->near_fd;
	struct late *late;
	ssize_t bytes = recvfrom(fd, data, sizeof(data), 0,
	    (struct sockaddr *)&from, &from_bytes);

	if (bytes <= 0)
		return false;
	if (is_lost(r, kk_view_of(data, (size_t)bytes)))
		return true;
	if (is_near)
		r->near = from;
	late = g_new(struct late, 1);
	late->due_us = g_get_monotonic_time() + (gint64)r->delay_ms * US_PER_MS;
	late->is_to_far = is_near;
	late->bytes = (size_t)bytes;
	memcpy(late->data, data, late->bytes);
	g_queue_push_tail(&r->waiting, late);
	return true;
}

static int relay_take(sd_event_source *source, int fd, uint32_t events,
    void *arg)
{
	struct relay *r = arg;

	(void)source;
	(void)events;
	for (unsigned i = 0; i <= r->more && one_take(r, fd); i++)
		;
	relay_flush(r);
	return 0;
}

static int socket_open(uint16_t *port)
{
	struct sockaddr_in own = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t own_bytes = sizeof(own);
	const int buffer_bytes = BUFFER_BYTES;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	CHECK(fd >= 0);
	CHECK_EQ(bind(fd, (struct sockaddr *)&own, sizeof(own)), 0);
	CHECK_EQ(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer_bytes,
		     sizeof(buffer_bytes)),
	    0);
	CHECK_EQ(getsockname(fd, (struct sockaddr *)&own, &own_bytes), 0);
	*port = ntohs(own.sin_port);
	return fd;
}

static void relay_open(struct call *call, struct relay *r)
{
	uint16_t unused;

	r->random = r->loss_percent;
	g_queue_init(&r->waiting);
	r->far = (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons(media_port(call->media)) };
	r->near_fd = socket_open(&r->port);
	r->far_fd = socket_open(&unused);
	CHECK(sd_event_add_io(call->event, &r->sources[0], r->near_fd, EPOLLIN,
		  relay_take, r) >= 0);
	CHECK(sd_event_add_io(call->event, &r->sources[1], r->far_fd, EPOLLIN,
		  relay_take, r) >= 0);
}

/* --- what the links tell -------------------------------------------------- */

static void state_changed(void *arg, enum link_state state, enum kk_err why)
{
	struct seat *s = arg;

	g_mutex_lock(&s->mutex);
	s->state = state;
	s->why = why;
	g_mutex_unlock(&s->mutex);
}

static void key_frame_wanted(void *arg, uint32_t ssrc)
{
	struct seat *s = arg;

	g_mutex_lock(&s->mutex);
	s->wanted += ssrc == s->video_ssrc;
	g_mutex_unlock(&s->mutex);
	if (s->on_wanted)
		s->on_wanted(s->arg, ssrc);
}

static void video_came(void *arg, struct kk_view packet)
{
	struct wire_rtp rtp = { 0 };
	struct wire_vp8 vp8 = { 0 };
	struct seat *s = arg;

	CHECK_OK(wire_rtp_parse(&rtp, packet));
	CHECK_OK(wire_vp8_parse(&vp8, rtp.payload));
	g_mutex_lock(&s->mutex);
	if (!s->has_first) {
		s->has_first = true;
		s->first_seq = rtp.seq;
		s->is_first_key = wire_vp8_is_key_frame(&vp8, rtp.payload);
	}
	s->doubles += s->has[rtp.seq];
	s->has[rtp.seq] = true;
	s->video_count++;
	g_mutex_unlock(&s->mutex);
}

static void audio_came(void *arg, struct kk_view packet)
{
	struct seat *s = arg;

	(void)packet;
	g_mutex_lock(&s->mutex);
	s->audio_count++;
	g_mutex_unlock(&s->mutex);
}

static void reported(void *arg, uint64_t ntp, uint32_t timestamp)
{
	struct seat *s = arg;

	(void)ntp;
	(void)timestamp;
	g_mutex_lock(&s->mutex);
	s->reported++;
	g_mutex_unlock(&s->mutex);
}

static void estimate_changed(void *arg, uint64_t bps)
{
	struct seat *s = arg;

	g_mutex_lock(&s->mutex);
	s->room_bps = bps;
	g_mutex_unlock(&s->mutex);
}

/* --- what is sent --------------------------------------------------------- */

static void packet_send(struct seat *s, const struct wire_rtp *rtp)
{
	uint8_t data[LINK_PACKET_MAX_BYTES];
	struct wire_out w;

	wire_out_init(&w, data, sizeof(data));
	wire_rtp_write(&w, rtp);
	CHECK_OK(w.err);
	CHECK_OK(link_send_rtp(s->link, wire_out_view(&w)));
}

static void frame_send(struct seat *s)
{
	uint8_t payload[PAYLOAD_BYTES] = { 0 };
	struct wire_vp8 vp8 = { .has_picture_id = true,
		.is_picture_id_long = true,
		.picture_id = s->picture_id++ & 0x7fff };
	struct wire_rtp rtp = { .payload_type = VP8,
		.timestamp = (uint32_t)s->picture_id * FRAME_TS,
		.ssrc = s->video_ssrc };
	struct wire_out w;
	bool is_key;

	g_mutex_lock(&s->mutex);
	is_key = s->wanted != s->wanted_seen;
	s->wanted_seen = s->wanted;
	g_mutex_unlock(&s->mutex);
	for (unsigned i = 0; i < CALL_FRAME_PACKETS; i++) {
		wire_out_init(&w, payload, sizeof(payload));
		vp8.is_partition_start = i == 0;
		wire_vp8_write(&w, &vp8);
		CHECK_OK(w.err);
		payload[w.bytes] = is_key ? 0 : 1; /* RFC 7741, 4.3: P */
		rtp.payload = kk_view_of(payload, sizeof(payload));
		rtp.has_marker = i == CALL_FRAME_PACKETS - 1;
		rtp.seq = s->video_seq++;
		packet_send(s, &rtp);
	}
}

static void sound_send(struct seat *s)
{
	uint8_t payload[PAYLOAD_BYTES] = { 0 };
	struct wire_rtp rtp = { .payload_type = OPUS,
		.timestamp = (uint32_t)s->audio_seq * OPUS_TS,
		.ssrc = s->audio_ssrc,
		.seq = s->audio_seq++,
		.payload = kk_view_of(payload, sizeof(payload)) };

	packet_send(s, &rtp);
}

/* --- seats ---------------------------------------------------------------- */

static void link_make(struct seat *s)
{
	static const char *const own[] = { "127.0.0.1" };
	struct link_config config = { .cname = "call",
		.addresses = own,
		.address_count = 1,
		.state_changed = state_changed,
		.key_frame_wanted = key_frame_wanted,
		.start_bps = CALL_START_BPS,
		.min_bps = CALL_MIN_BPS,
		.max_bps = CALL_MAX_BPS,
		.estimate_changed = estimate_changed,
		.arg = s };
	struct link_sender audio = { .ssrc = s->audio_ssrc,
		.clock_hz = OPUS_HZ };
	struct link_sender video = { s->video_ssrc, CLOCK_HZ,
		s->video_ssrc + RTX, VP8_RTX };

	CHECK_OK(link_new(&s->link, &config));
	CHECK_OK(link_sender_add(s->link, &audio));
	CHECK_OK(link_sender_add(s->link, &video));
}

static void publish(struct seat *s)
{
	struct media_publish what = { .transport = s->transport.number,
		.source = MEDIA_CAMERA,
		.kind = MEDIA_VIDEO,
		.payload_type = VP8,
		.rtx_payload_type = VP8_RTX,
		.encodings = { { .ssrc = s->video_ssrc,
		    .rtx_ssrc = s->video_ssrc + RTX } },
		.encoding_count = 1,
		.extensions = { { WIRE_TWCC_URI, WIRE_TWCC_ID } },
		.extension_count = 1 };

	CHECK_OK(media_publish(s->peer, &what));
	what.source = MEDIA_MICROPHONE;
	what.kind = MEDIA_AUDIO;
	what.payload_type = OPUS;
	what.rtx_payload_type = 0;
	what.encodings[0] = (struct media_encoding){ .ssrc = s->audio_ssrc };
	CHECK_OK(media_publish(s->peer, &what));
}

static void slots_take(struct seat *s)
{
	CHECK_OK(media_slots_make(s->peer, s->transport.number,
	    &(struct media_slots){ .audio = 1, .video = 1 }, s->slots));
	for (size_t i = 0; i < 2; i++) {
		const struct media_slot *slot = &s->slots[i];
		bool is_video = slot->kind == MEDIA_VIDEO;
		struct link_receiver receiver = { .ssrc = slot->ssrc,
			.payload_type = slot->payload_type,
			.rtx_ssrc = slot->rtx_ssrc,
			.rtx_payload_type = slot->rtx_payload_type,
			.clock_hz = is_video ? CLOCK_HZ : OPUS_HZ,
			.is_video = is_video,
			.packet = is_video ? video_came : audio_came,
			.reported = reported,
			.arg = s };

		CHECK_OK(link_receiver_add(s->link, &receiver));
	}
}

static void seat_take(struct call *call, struct seat *s)
{
	struct link_candidate candidate = { .address = "127.0.0.1",
		.priority = 2130706431,
		.foundation = "1" };
	struct link_remote remote = { .candidates = &candidate,
		.candidate_count = 1 };

	s->call = call;
	s->video_ssrc = 0x1000 + (uint32_t)(s - call->seats);
	s->audio_ssrc = 0x2000 + (uint32_t)(s - call->seats);
	g_mutex_init(&s->mutex);
	link_make(s);
	relay_open(call, &s->relay);
	CHECK_OK(media_peer_new(&s->peer, call->meeting, s));
	CHECK_OK(media_transport_open(s->peer, MEDIA_BOTH, &s->transport));
	CHECK_OK(media_transport_connect(s->peer, s->transport.number,
	    link_fingerprint(s->link)));
	publish(s);
	slots_take(s);
	candidate.is_tcp = call->is_tcp;
	candidate.port = call->is_tcp ? media_port(call->media) : s->relay.port;
	remote.ufrag = s->transport.ufrag;
	remote.pwd = s->transport.pwd;
	remote.fingerprint = s->transport.fingerprint;
	CHECK_OK(link_remote_set(s->link, &remote));
}

static void seat_leave(struct seat *s)
{
	link_free(s->link);
	if (s->peer)
		media_peer_free(s->peer);
	for (size_t i = 0; i < 2; i++)
		sd_event_source_unref(s->relay.sources[i]);
	g_queue_clear_full(&s->relay.waiting, g_free);
	close(s->relay.near_fd);
	close(s->relay.far_fd);
	g_mutex_clear(&s->mutex);
}

static bool are_connected(struct call *call)
{
	return call->seats[0].state == LINK_CONNECTED &&
	    call->seats[1].state == LINK_CONNECTED;
}

static void transport_changed(void *arg, struct media_peer *peer,
    uint32_t transport, bool is_connected)
{
	(void)arg;
	(void)peer;
	(void)transport;
	(void)is_connected;
}

static struct call *call_make(unsigned loss_percent, unsigned delay_ms,
    unsigned packets_per_s, bool is_tcp)
{
	static const char *const addresses[] = { "127.0.0.1" };
	struct media_config config = { .addresses = addresses,
		.address_count = 1,
		.packets_per_s = packets_per_s,
		.transport_changed = transport_changed };
	struct call *call;

	if (!dtls_backend_is_here(DTLS_BACKEND_OPENSSL))
		SKIP("the forwarder's OpenSSL is not in this build");
	call = g_new0(struct call, 1);
	call->is_tcp = is_tcp;
	CHECK(sd_event_new(&call->event) >= 0);
	CHECK_OK(srtp_library_init());
	CHECK_OK(postbox_new(&call->box, call->event));
	CHECK_OK(media_shaker_new(&call->shaker, NULL));
	config.box = call->box;
	config.shaker = call->shaker;
	CHECK_OK(media_new(&call->media, call->event, &config));
	CHECK_OK(media_meeting_new(&call->meeting, call->media));
	for (size_t i = 0; i < CALL_SEATS; i++) {
		call->seats[i].relay.loss_percent = loss_percent;
		call->seats[i].relay.delay_ms = delay_ms;
		seat_take(call, &call->seats[i]);
	}
	CHECK_OK(media_watch(call->seats[1].peer,
	    &(struct media_watch){ .slot = call->seats[1].slots[0].slot,
		.of = call->seats[0].peer,
		.source = MEDIA_MICROPHONE }));
	CHECK_OK(media_watch(call->seats[1].peer,
	    &(struct media_watch){ .slot = call->seats[1].slots[1].slot,
		.of = call->seats[0].peer,
		.source = MEDIA_CAMERA }));
	call_until(call, are_connected);
	return call;
}

struct call *call_new(unsigned loss_percent, unsigned delay_ms)
{
	return call_make(loss_percent, delay_ms, 0, false);
}

struct call *call_new_limited(unsigned packets_per_s)
{
	return call_make(0, 0, packets_per_s, false);
}

struct call *call_new_tcp(void)
{
	return call_make(0, 0, 0, true);
}

void call_free(struct call *call)
{
	for (size_t i = 0; i < CALL_SEATS; i++)
		seat_leave(&call->seats[i]);
	media_meeting_free(call->meeting);
	media_shaker_free(call->shaker);
	postbox_free(call->box);
	media_free(call->media);
	sd_event_unref(call->event);
	g_free(call);
}

static bool holds(struct call *call, bool (*is_done)(struct call *call))
{
	bool is;

	for (size_t i = 0; i < CALL_SEATS; i++)
		g_mutex_lock(&call->seats[i].mutex);
	is = is_done(call);
	for (size_t i = CALL_SEATS; i-- > 0;)
		g_mutex_unlock(&call->seats[i].mutex);
	return is;
}

void call_until(struct call *call, bool (*is_done)(struct call *call))
{
	gint64 end_us = g_get_monotonic_time() +
	    (gint64)CALL_LIMIT_MS * US_PER_MS;

	while (!holds(call, is_done)) {
		gint64 now_us = g_get_monotonic_time();

		CHECK(now_us < end_us);
		if (call->is_sending && now_us >= call->frame_us) {
			frame_send(&call->seats[0]);
			sound_send(&call->seats[0]);
			call->frame_us = now_us + FRAME_EVERY_US;
		}
		CHECK(sd_event_run(call->event, STEP_US) >= 0);
		for (size_t i = 0; i < CALL_SEATS; i++)
			relay_flush(&call->seats[i].relay);
	}
}

unsigned call_run_length(struct call *call)
{
	const struct seat *s = &call->seats[1];
	unsigned count = 0;

	while (s->has_first && s->has[(uint16_t)(s->first_seq + count)])
		count++;
	return count;
}

unsigned call_missing(struct call *call, unsigned among)
{
	const struct seat *s = &call->seats[1];
	unsigned count = 0;

	for (unsigned i = 0; i < among; i++)
		count += !s->has[(uint16_t)(s->first_seq + i)];
	return count;
}
