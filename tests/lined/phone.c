/* phone.c - a telephone's sound. */
#include <arpa/inet.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "wire/demux.h"
#include "wire/rtp.h"
#include "world.h"

#define TURN 6.283185307179586

enum { TICK = CODEC_TICK_SAMPLES, ROOM = 2048 };

bool is_tone(const int16_t *pcm, double hz)
{
	double re = 0, im = 0, all = 1;

	for (size_t i = 0; i < TICK; i++) {
		re += pcm[i] * cos(TURN * hz * (double)i / CODEC_HZ);
		im += pcm[i] * sin(TURN * hz * (double)i / CODEC_HZ);
		all += (double)pcm[i] * pcm[i];
	}
	return all > TICK * 100.0 * 100.0 &&
	    2 * (re * re + im * im) / (TICK * all) > 0.7;
}

bool phone_hears(const struct phone *p, double hz)
{
	return is_tone(p->heard, hz);
}

void phone_open(struct phone *p, enum codec_id codec, enum offer_srtp srtp,
    const char *address)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t bytes = sizeof(a);

	memset(p, 0, sizeof(*p));
	CHECK(inet_pton(AF_INET, address, &a.sin_addr) == 1);
	p->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	CHECK(p->fd >= 0);
	CHECK_EQ(bind(p->fd, (struct sockaddr *)&a, sizeof(a)), 0);
	CHECK_EQ(getsockname(p->fd, (struct sockaddr *)&a, &bytes), 0);
	p->local = (struct offer_local){ .port = ntohs(a.sin_port),
		.session = 7,
		.version = 1,
		.srtp = srtp };
	memcpy(p->local.address, address, strlen(address) + 1);
	p->local.has_codec[codec] = true;
	for (size_t i = 0; i < sizeof(p->local.key); i++)
		p->local.key[i] = (uint8_t)(i + p->local.port);
}

static void cut(char *text, const char *from, const char *to)
{
	char *at = strstr(text, from), *end = at ? strstr(at, to) : NULL;

	CHECK(end != NULL);
	end += strlen(to);
	memmove(at, end, strlen(end) + 1);
}

void phone_offer(const struct phone *p, struct kk_bytes *offer)
{
	char *text;

	CHECK_OK(offer_make(&p->local, offer));
	if (!p->has_no_events)
		return;
	text = (char *)offer->data;
	cut(text, " 101", " 101");
	cut(text, "a=rtpmap:101 ", "\n");
	cut(text, "a=fmtp:101 ", "\n");
	CHECK(!strstr(text, "telephone-event"));
	offer->bytes = strlen(text) + 1;
}

static void keys_make(struct phone *p)
{
	const struct offer_stream *s = &p->stream;
	const enum srtp_profile profile = SRTP_PROFILE_AEAD_AES_128_GCM;

	if (s->ours.suite == OFFER_NO_SRTP || p->seals)
		return;
	CHECK_EQ(s->ours.suite, OFFER_AEAD_AES_128_GCM);
	CHECK_OK(srtp_tx_new(&p->seals, profile, kk_view_of(s->ours.key, 16),
	    kk_view_of(s->ours.key + 16, 12), 4));
	CHECK_OK(srtp_rx_new(&p->opens, profile, kk_view_of(s->theirs.key, 16),
	    kk_view_of(s->theirs.key + 16, 12), 4));
}

void phone_take(struct phone *p, struct kk_view answer)
{
	struct phone_config config;

	CHECK_OK(offer_answer_take(&p->local, answer, &p->stream));
	keys_make(p);
	if (p->tx)
		return;
	config = (struct phone_config){ p->stream.codec, p->stream.payload_type,
		p->stream.event_type, p->stream.event_hz };
	CHECK_OK(phone_tx_new(&p->tx, &config, p->local.port, 1, 1));
	CHECK_OK(codec_tx_new(&p->says, p->stream.codec));
	CHECK_OK(codec_rx_new(&p->hears, p->stream.codec));
}

void phone_agree(struct phone *p)
{
	phone_take(p, lined_media_text(&p->call->sdp));
}

void phone_call(struct world *w, struct phone *p, const char *number)
{
	struct kk_bytes offer;

	(void)w;
	CHECK_OK(offer_make(&p->local, &offer));
	p->call = ua_fake_incoming("", number, p->local.address, UA_TLS,
	    lined_media_text(&offer));
	kk_bytes_clear(&offer);
	CHECK_EQ(p->call->rejected, 0);
	phone_agree(p);
}

void phone_answer(struct phone *p, struct kk_bytes *answer)
{
	struct offer_stream stream;
	struct phone_config config;

	p->call = ua_fake()->placed;
	CHECK_OK(offer_answer(&p->local, kk_bytes_view(&p->call->sdp), &stream,
	    answer));
	p->stream = stream;
	config = (struct phone_config){ stream.codec, stream.payload_type,
		stream.event_type, stream.event_hz };
	CHECK_OK(phone_tx_new(&p->tx, &config, p->local.port, 1, 1));
	CHECK_OK(codec_tx_new(&p->says, stream.codec));
	CHECK_OK(codec_rx_new(&p->hears, stream.codec));
}

void phone_close(struct phone *p)
{
	if (p->fd > 0)
		(void)close(p->fd);
	phone_tx_free(p->tx);
	codec_tx_free(p->says);
	codec_rx_free(p->hears);
	phone_rx_free(p->keys);
	srtp_tx_free(p->seals);
	srtp_rx_free(p->opens);
	memset(p, 0, sizeof(*p));
}

/* Of the last packet and this one. */
static void gap_count(struct phone *p, const struct wire_rtp *rtp)
{
	const uint32_t step = codec_format(p->stream.codec)->rtp_hz /
	    (CODEC_HZ / TICK);

	if (p->packets > 0) {
		p->lost += (uint16_t)(rtp->seq - p->seq - 1);
		p->skipped += (rtp->timestamp - p->timestamp) / step - 1;
	}
	p->seq = rtp->seq;
	p->timestamp = rtp->timestamp;
}

/* What lined presses for it, read as lined reads it. */
static void key_take(struct phone *p, struct kk_view packet)
{
	const struct phone_config config = { p->stream.codec,
		p->stream.payload_type, p->stream.event_type,
		p->stream.event_hz };
	const size_t count = strlen(p->pressed);

	if (!p->keys)
		CHECK_OK(phone_rx_new(&p->keys, &config));
	CHECK_OK(phone_rx_put(p->keys, packet, 1000000));
	CHECK(count + 1 < sizeof(p->pressed));
	(void)phone_rx_digit(p->keys, &p->pressed[count]);
}

void phone_step(struct phone *p)
{
	uint8_t data[ROOM], open[ROOM];
	ssize_t n;

	while (p->fd > 0 && (n = recv(p->fd, data, sizeof(data), 0)) > 0) {
		struct kk_view in = kk_view_of(data, (size_t)n);
		size_t bytes = sizeof(open), samples = 0;
		struct wire_rtp rtp;

		if (wire_kind_of(in) != WIRE_KIND_RTP || !p->hears)
			continue;
		if (p->opens) {
			if (srtp_rx_open_rtp(p->opens, in, open, &bytes)) {
				p->unreadable++;
				continue;
			}
			in = kk_view_of(open, bytes);
		}
		CHECK_OK(wire_rtp_parse(&rtp, in));
		if (rtp.payload_type == p->stream.event_type) {
			key_take(p, in);
			continue;
		}
		gap_count(p, &rtp);
		CHECK_OK(codec_rx_decode(p->hears, rtp.payload, p->heard,
		    &samples));
		p->packets++;
		if (p->hears_hz > 0 && phone_hears(p, p->hears_hz)) {
			p->row++;
			p->times++;
		} else {
			p->row = 0;
		}
	}
}

/* fd: another socket than its own, or its own. */
void phone_packet_send(struct phone *p, int fd, struct kk_view packet)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons(p->stream.port) };
	uint8_t sealed[ROOM];
	size_t bytes = sizeof(sealed);

	CHECK(inet_pton(AF_INET, p->stream.address, &to.sin_addr) == 1);
	if (p->seals) {
		CHECK_OK(srtp_tx_seal_rtp(p->seals, packet, sealed, &bytes));
		packet = kk_view_of(sealed, bytes);
	}
	CHECK_EQ(sendto(fd, packet.data, packet.bytes, 0,
		     (const struct sockaddr *)&to, sizeof(to)),
	    (ssize_t)packet.bytes);
}

void phone_send(struct phone *p, const int16_t *pcm)
{
	uint8_t payload[CODEC_PAYLOAD_BYTES], packet[PHONE_PACKET_BYTES];
	size_t bytes = sizeof(payload), packet_bytes = sizeof(packet);
	struct kk_view v;

	p->said++;
	CHECK_OK(codec_tx_encode(p->says, pcm, payload, &bytes));
	v = kk_view_of(payload, bytes);
	CHECK_OK(phone_tx_packet(p->tx, &v, packet, &packet_bytes));
	phone_packet_send(p, p->fd, kk_view_of(packet, packet_bytes));
}

void phone_say(struct phone *p, double hz)
{
	int16_t pcm[TICK];

	for (size_t i = 0; i < TICK; i++)
		pcm[i] = (int16_t)lrint(8000 *
		    sin(TURN * hz * ((double)p->said * TICK + (double)i) /
			CODEC_HZ));
	phone_send(p, pcm);
}

void phone_press(struct world *w, struct phone *p, const char *keys)
{
	static const char all[] = "0123456789*#";

	(void)w;
	for (; *keys; keys++) {
		const uint8_t payload[] = { (uint8_t)(strchr(all, *keys) - all),
			0x8a, 3, 0x20 };
		const struct wire_rtp rtp = {
			.payload_type = (uint8_t)p->stream.event_type,
			.ssrc = p->local.port + 1u,
			.seq = p->event_seq,
			.timestamp = 1000 + 2000u * p->event_seq,
			.payload = kk_view_of(payload, sizeof(payload))
		};
		uint8_t data[64];
		struct wire_out out;

		p->event_seq++;
		wire_out_init(&out, data, sizeof(data));
		wire_rtp_write(&out, &rtp);
		CHECK_OK(out.err);
		phone_packet_send(p, p->fd, wire_out_view(&out));
	}
}
