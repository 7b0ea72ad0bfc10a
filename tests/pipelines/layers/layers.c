/*
 * layers.c - a real decoder behind a slot: whatever layers it is shown, each
 * picture is bit by bit the one that the whole stream decodes to.
 */
#include <string.h>

#include "harness/tap.h"
#include "pipelines/layers/codec.h"
#include "sfu/sfu.h"
#include "wire/rtp.h"
#include "wire/vp8.h"

enum {
	SIZES = 2,
	PIECE_BYTES = 300,
	OUT_BYTES = 1600,
	FRAME_MAX_BYTES = 65536,
	STEP_US = 33333,
	TIMESTAMP_STEP = 3000,
	TURN_FRAMES = 29
};

struct show { /* what comes out of the slot */
	struct film films[SIZES];
	struct codec *codec;
	uint8_t frame[FRAME_MAX_BYTES]; /* that is being put together */
	size_t bytes;
	bool has_seq;
	uint16_t seq;
	unsigned shown[SIZES][3]; /* pictures that were right */
	unsigned last_size, last_temporal;
};

static const char *film_find(const struct show *s, GBytes *frame,
    unsigned *size, unsigned *at)
{
	for (*size = 0; *size < SIZES; ++*size) {
		for (*at = 0; *at < FILM_FRAMES; ++*at) {
			if (g_bytes_equal(s->films[*size].frames[*at], frame))
				return s->films[*size].decoded[*at];
		}
	}
	return NULL;
}

static void frame_show(struct show *s)
{
	g_autoptr(GBytes) frame = g_bytes_new(s->frame, s->bytes);
	g_autofree char *got = codec_decode(s->codec, frame);
	const char *right;
	unsigned size, at;

	right = film_find(s, frame, &size, &at);
	CHECK(right != NULL);
	CHECK_STR(got, right);
	s->shown[size][film_temporal(at)]++;
	s->last_size = size;
	s->last_temporal = film_temporal(at);
	s->bytes = 0;
}

static void on_send(void *arg, struct kk_view packet, bool is_rtcp)
{
	struct show *s = arg;
	struct wire_rtp rtp;
	struct wire_vp8 vp8;
	size_t bytes;

	if (is_rtcp)
		return;
	CHECK_OK(wire_rtp_parse(&rtp, packet));
	CHECK_OK(wire_vp8_parse(&vp8, rtp.payload));
	CHECK(!s->has_seq || rtp.seq == (uint16_t)(s->seq + 1));
	s->has_seq = true;
	s->seq = rtp.seq;
	bytes = rtp.payload.bytes - vp8.bytes;
	CHECK(s->bytes + bytes <= sizeof(s->frame));
	memcpy(s->frame + s->bytes, rtp.payload.data + vp8.bytes, bytes);
	s->bytes += bytes;
	if (rtp.has_marker)
		frame_show(s);
}

static void piece_send(struct sfu_link *link, struct wire_rtp *rtp,
    const struct wire_vp8 *vp8, struct kk_view piece, uint64_t now_us)
{
	uint8_t payload[OUT_BYTES], out[OUT_BYTES];
	struct wire_out p, w;

	wire_out_init(&p, payload, sizeof(payload));
	wire_vp8_write(&p, vp8);
	wire_out_raw(&p, piece);
	rtp->payload = wire_out_view(&p);
	wire_out_init(&w, out, sizeof(out));
	wire_rtp_write(&w, rtp);
	CHECK_OK(w.err);
	CHECK_OK(sfu_link_rtp(link, wire_out_view(&w), now_us));
	rtp->seq++;
}

struct sender {
	struct sfu_link *link;
	struct wire_rtp rtp[SIZES];
	uint64_t now_us;
};

static void frame_send(struct sender *from, const struct film *film,
    unsigned size, unsigned at)
{
	struct wire_rtp *rtp = &from->rtp[size];
	struct wire_vp8 vp8 = { .is_partition_start = true,
		.has_picture_id = true,
		.is_picture_id_long = true,
		.picture_id = (uint16_t)((0x7fd0 + at) & 0x7fff),
		.has_tl0_index = true,
		.tl0_index = (uint8_t)(at / FILM_PERIOD),
		.has_tid = true,
		.tid = (uint8_t)film_temporal(at),
		.is_layer_sync = film_is_sync(at) };
	gsize bytes;
	const uint8_t *data = g_bytes_get_data(film->frames[at], &bytes);

	for (gsize i = 0; i < bytes; i += PIECE_BYTES) {
		gsize part = MIN(bytes - i, PIECE_BYTES);

		rtp->has_marker = i + part == bytes;
		piece_send(from->link, rtp, &vp8, kk_view_of(data + i, part),
		    from->now_us);
		vp8.is_partition_start = false;
	}
	rtp->timestamp += TIMESTAMP_STEP;
}

static void on_nothing(void *arg, struct kk_view packet, bool is_rtcp)
{
	(void)arg;
	(void)packet;
	(void)is_rtcp;
}

static struct sfu_link *link_make(struct sfu_counts *counts, struct show *s)
{
	const struct sfu_link_config config = { .rtcp_ssrc = 1,
		.cname = "a",
		.send = s ? on_send : on_nothing,
		.arg = s,
		.counts = counts };
	struct sfu_link *link = NULL;

	CHECK_OK(sfu_link_new(&link, &config));
	sfu_link_open(link, 1);
	return link;
}

static struct sfu_slot *slot_make(struct sender *from, struct sfu_link *to)
{
	const struct sfu_source_config source = { .kind = SFU_VIDEO,
		.payload_type = 96,
		.encodings = { { .ssrc = 10 }, { .ssrc = 20 } },
		.encoding_count = SIZES };
	const struct sfu_slot_config slot = { .kind = SFU_VIDEO,
		.ssrc = 5,
		.payload_type = 96,
		.seq = 65530 };
	struct sfu_source *made = NULL;
	struct sfu_slot *out = NULL;

	CHECK_OK(sfu_source_new(&made, from->link, &source));
	CHECK_OK(sfu_slot_new(&out, to, &slot));
	CHECK_OK(sfu_slot_watch(out, made, from->now_us));
	for (unsigned i = 0; i < SIZES; i++)
		from->rtp[i] = (struct wire_rtp){ .payload_type = 96,
			.ssrc = 10 * (i + 1),
			.seq = (uint16_t)(65000 + 300 * i),
			.timestamp = 77777 * i };
	return out;
}

TEST(each_picture_of_any_layers_is_the_one_that_the_whole_stream_has)
{
	static const struct {
		uint8_t size, temporal;
	} turns[] = { { 1, 2 }, { 0, 2 }, { 1, 0 }, { 1, 2 }, { 0, 1 },
		{ 1, 1 }, { 0, 0 }, { 1, 2 } };
	static struct show s;
	struct sfu_counts counts = { 0 };
	struct sender from = { .link = link_make(&counts, NULL),
		.now_us = 1000000 };
	struct sfu_link *to = link_make(&counts, &s);
	struct sfu_slot *slot = slot_make(&from, to);

	s.codec = codec_new();
	film_make(&s.films[0], 160, 96);
	film_make(&s.films[1], 320, 192);
	for (unsigned at = 0; at < FILM_FRAMES; at++) {
		unsigned turn = at / TURN_FRAMES;

		/* At all places of the pattern, in turn. */
		if (at % TURN_FRAMES == 0 && turn < G_N_ELEMENTS(turns))
			sfu_slot_target(slot, turns[turn].size,
			    turns[turn].temporal, from.now_us);
		for (unsigned size = 0; size < SIZES; size++)
			frame_send(&from, &s.films[size], size, at);
		from.now_us += STEP_US;
	}
	CHECK_EQ(s.last_size, 1);
	CHECK_EQ(s.last_temporal, 2);
	for (unsigned size = 0; size < SIZES; size++) {
		for (unsigned temporal = 0; temporal < 3; temporal++)
			CHECK(s.shown[size][temporal] > 2);
	}
	/* Much was left out. */
	CHECK(s.shown[0][2] + s.shown[1][2] < FILM_FRAMES / 2 - 20);
	sfu_link_free(to);
	sfu_link_free(from.link);
	codec_free(s.codec);
	for (unsigned i = 0; i < SIZES; i++)
		film_clear(&s.films[i]);
}
