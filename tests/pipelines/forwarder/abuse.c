/* abuse.c - what strangers and bad participants send. */
#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "call.h"
#include "wire/rtp.h"

#ifdef __SANITIZE_ADDRESS__
#define HAS_SANITIZER 1
#elif defined(__has_feature)
#define HAS_SANITIZER __has_feature(address_sanitizer)
#else
#define HAS_SANITIZER 0
#endif

enum {
	/* With sanitizers each takes ten times as long. */
	FORGED = HAS_SANITIZER ? 50000 : 1000000,
	AT_ONCE = 200,
	BYTES = 1200,
	STRANGERS = 5000,
	/* More than the other sends: 1200. */
	FLOOD_PACKETS_PER_S = 2000,
	AT_A_TURN = 20,
	OVER_LIMIT = 1000
};

static uint32_t next(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

static void random_fill(uint8_t *data, size_t bytes, uint32_t *state)
{
	for (size_t i = 0; i < bytes; i++)
		data[i] = (uint8_t)next(state);
}

/* --- forged packets, from a participant's own address ------------------------
 */

/* With the header of what it sends, a little ahead of it. */
static void forge(struct call *call)
{
	static uint32_t state = 2463534242u;
	struct seat *s = &call->seats[0];
	struct wire_rtp rtp = { .payload_type = 96,
		.seq = (uint16_t)(s->video_seq + next(&state) % 100),
		.timestamp = (uint32_t)s->picture_id * 3000,
		.ssrc = s->video_ssrc };
	uint8_t data[BYTES];
	struct wire_out w;

	random_fill(data, sizeof(data), &state);
	wire_out_init(&w, data, sizeof(data));
	wire_rtp_header_write(&w, &rtp);
	(void)sendto(s->relay.far_fd, data, sizeof(data), 0,
	    (const struct sockaddr *)&s->relay.far, sizeof(s->relay.far));
}

static bool are_refused(struct call *call)
{
	uint64_t refused = media_counts(call->media).refused_packets;

	/* As many as the socket's buffer holds are under way. */
	while (call->sent < refused + AT_ONCE && call->sent < FORGED) {
		forge(call);
		call->sent++;
	}
	return refused >= FORGED - 10000 && call->sent == FORGED;
}

static bool has_run(struct call *call)
{
	return call_run_length(call) >= call->want;
}

TEST(a_live_call_outlives_a_million_forged_packets_and_none_is_delivered)
{
	struct call *call = call_new(0, 0);
	unsigned before;

	tap_diag("%d forged packets", FORGED);
	call->is_sending = true;
	call->want = 100;
	call_until(call, has_run);
	before = call->seats[1].video_count;
	call_until(call, are_refused);
	call->want = before + 200;
	call_until(call, has_run);
	CHECK_EQ(call->seats[1].doubles, 0);
	CHECK_EQ(link_counts(call->seats[1].link).refused, 0);
	CHECK_EQ(call_missing(call, call->want), 0);
	call_free(call);
}

/* --- strangers ---------------------------------------------------------------
 */

static bool is_heard(struct call *call)
{
	return media_counts(call->media).in_packets >= call->want_in;
}

TEST(strangers_get_no_answer_whatever_they_send)
{
	/* STUN with and without its cookie, DTLS, RTP, RTCP, nothing known. */
	static const uint8_t heads[][8] = {
		{ 0x00, 0x01, 0x00, 0x08, 0x21, 0x12, 0xa4, 0x42 },
		{ 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00 },
		{ 0x16, 0xfe, 0xfd, 0x00, 0x00, 0x00, 0x00, 0x00 },
		{ 0x80, 0x60, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00 },
		{ 0x80, 0xc8, 0x00, 0x06, 0x00, 0x00, 0x00, 0x00 },
		{ 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
	};
	struct call *call = call_new(0, 0);
	struct sockaddr_in to = call->seats[0].relay.far;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	uint8_t data[BYTES];
	uint32_t state = 88675123;

	CHECK_EQ(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	for (unsigned i = 0; i < STRANGERS; i++) {
		size_t bytes = sizeof(heads[0]) + next(&state) % 1000;

		random_fill(data, bytes, &state);
		memcpy(data, heads[i % KK_ARRAY_LEN(heads)], sizeof(heads[0]));
		call->want_in = media_counts(call->media).in_packets + 1;
		CHECK_EQ(send(fd, data, bytes, 0), bytes);
		call_until(call, is_heard);
		CHECK(recv(fd, data, sizeof(data), 0) < 0);
	}
	close(fd);
	call->is_sending = true;
	call->want = 50;
	call_until(call, has_run);
	call_free(call);
}

/* --- a participant that floods
 * ------------------------------------------------ */

static void flood(struct seat *s)
{
	uint8_t payload[100] = { 0 }, data[200];
	struct wire_rtp rtp = { .payload_type = 111,
		.seq = s->audio_seq++,
		.timestamp = (uint32_t)s->audio_seq * 960,
		.ssrc = s->audio_ssrc,
		.payload = kk_view_of(payload, sizeof(payload)) };
	struct wire_out w;

	wire_out_init(&w, data, sizeof(data));
	wire_rtp_write(&w, &rtp);
	CHECK_OK(w.err);
	(void)!link_send_rtp(s->link, wire_out_view(&w));
}

static bool is_flooded(struct call *call)
{
	for (unsigned i = 0; i < AT_A_TURN; i++)
		flood(&call->seats[1]);
	return media_counts(call->media).limited_packets > OVER_LIMIT;
}

TEST(who_floods_is_limited_and_the_others_notice_nothing)
{
	struct call *call = call_new_limited(FLOOD_PACKETS_PER_S);

	call->seats[0].relay.more = call->seats[1].relay.more = AT_A_TURN;
	call->is_sending = true;
	call->want = 50;
	call_until(call, has_run);
	call_until(call, is_flooded);
	call->want = call->seats[1].video_count + 100;
	call_until(call, has_run);
	CHECK_EQ(call_missing(call, call->want), 0);
	CHECK_EQ(call->seats[1].doubles, 0);
	call_free(call);
}
