/* encode.c - a picture in sizes and layers, as sealed packets. */
#include "pipelines/graphs/encode.h"

#include <gst/gst.h>

#include "crypto/crypto.h"
#include "harness/tap.h"
#include "pipelines/layers/codec.h"
#include "wire/rtp.h"
#include "wire/sframe_header.h"
#include "wire/vp8.h"

#define SUITE SFRAME_AES_256_GCM_SHA512_128

enum {
	FPS = 25,
	PERIOD = 4,
	SLOW_US = 200, /* a packet's way out */
	FRAMES_MAX = 512,
	/* RFC 6386, 9.1: behind the start code */
	WIDTH_AT = 6,
	HEIGHT_AT = 8,
	SIZE_MASK = 0x3fff
};

struct frame { /* opened */
	GBytes *bytes;
	struct wire_vp8 vp8; /* of its first packet */
	struct sframe_kid kid;
	bool is_key;
};

struct sent { /* of an encoding */
	GByteArray *parts; /* of the frame that is being put together */
	struct wire_vp8 first;
	struct frame frames[FRAMES_MAX];
	unsigned count;
};

struct studio_of_one {
	struct encode *encode;
	struct sizes sizes;
	struct vault *own, *other;
	GMutex lock; /* of what is sent */
	struct sent sent[SIZES_MAX];
	unsigned in_parts; /* frames of more than one packet */
	struct sent *begun; /* whose frame is not whole yet */
	bool is_slow;
	unsigned pictures;
};

static void frame_take(struct studio_of_one *s, struct sent *to)
{
	struct frame *f = &to->frames[to->count];
	g_autofree uint8_t *out = g_malloc(to->parts->len);
	size_t clear_bytes, bytes = to->parts->len;
	struct kk_view sealed = kk_view_of(to->parts->data, to->parts->len);
	struct sframe_source source;

	CHECK(to->count < FRAMES_MAX);
	CHECK_OK(sframe_vp8_clear_bytes(sealed, &clear_bytes));
	CHECK_OK(vault_open(s->other, sealed, clear_bytes, out, &bytes,
	    &source));
	f->bytes = g_bytes_new(out, bytes);
	f->is_key = !(out[0] & 1);
	f->vp8 = to->first;
	f->kid = source.kid;
	to->count++;
	g_byte_array_set_size(to->parts, 0);
}

static void packet_came(void *arg, unsigned encoding, uint8_t *packet,
    size_t bytes)
{
	struct studio_of_one *s = arg;
	struct sent *to = &s->sent[encoding];
	struct wire_rtp rtp;
	struct wire_vp8 vp8;

	CHECK(encoding < s->sizes.count);
	CHECK_OK(wire_rtp_parse(&rtp, kk_view_of(packet, bytes)));
	CHECK_OK(wire_vp8_parse(&vp8, rtp.payload));
	if (s->is_slow)
		g_usleep(SLOW_US);
	g_mutex_lock(&s->lock);
	CHECK(!s->begun || s->begun == to);
	if (!s->begun && !rtp.has_marker)
		s->in_parts++;
	s->begun = rtp.has_marker ? NULL : to;
	if (!to->parts)
		to->parts = g_byte_array_new();
	CHECK_EQ(vp8.is_partition_start, to->parts->len == 0);
	if (vp8.is_partition_start)
		to->first = vp8;
	g_byte_array_append(to->parts, rtp.payload.data + vp8.bytes,
	    (guint)(rtp.payload.bytes - vp8.bytes));
	if (rtp.has_marker)
		frame_take(s, to);
	g_mutex_unlock(&s->lock);
}

static void vault_start(struct vault **vaultp, uint32_t leaf)
{
	uint8_t key[SFRAME_BASE_KEY_MAX_BYTES] = { 7 };
	const uint8_t members = 3;
	const struct vault_epoch epoch = { .epoch = 1,
		.suite = SUITE,
		.base_key = kk_view_of(key, sframe_base_key_bytes(SUITE)),
		.own_leaf = leaf,
		.members = kk_view_of(&members, 1),
		.may_seal = true };

	CHECK_OK(vault_new(vaultp));
	CHECK_OK(vault_epoch_set(*vaultp, &epoch, 0));
}

static struct studio_of_one *start(unsigned width, unsigned height)
{
	struct studio_of_one *s = g_new0(struct studio_of_one, 1);
	struct encode_config config = { .sizes = sizes_of(width, height, 0),
		.fps = FPS,
		.self_width = 64,
		.self_height = 36,
		.packet = packet_came,
		.arg = s };

	gst_init(NULL, NULL);
	CHECK_OK(crypto_init());
	s->sizes = config.sizes;
	g_mutex_init(&s->lock);
	vault_start(&s->own, 0);
	vault_start(&s->other, 1);
	config.vault = s->own;
	CHECK_OK(encode_new(&s->encode, &config));
	return s;
}

static void end(struct studio_of_one *s)
{
	encode_free(s->encode);
	vault_free(s->own);
	vault_free(s->other);
	for (size_t i = 0; i < SIZES_MAX; i++) {
		if (s->sent[i].parts)
			g_byte_array_unref(s->sent[i].parts);
		for (unsigned n = 0; n < s->sent[i].count; n++)
			g_bytes_unref(s->sent[i].frames[n].bytes);
	}
	g_mutex_clear(&s->lock);
	g_free(s);
}

/* A square that moves over a slope. */
static void picture_push(struct studio_of_one *s)
{
	const struct size *size = &s->sizes.list[s->sizes.count - 1];
	const gsize luma = (gsize)size->width * size->height;
	g_autoptr(GstCaps) caps = gst_caps_new_simple("video/x-raw", "format",
	    G_TYPE_STRING, "I420", "width", G_TYPE_INT, (int)size->width,
	    "height", G_TYPE_INT, (int)size->height, "framerate",
	    GST_TYPE_FRACTION, FPS, 1, NULL);
	g_autoptr(GstBuffer)
	    buffer = gst_buffer_new_allocate(NULL, luma * 3 / 2, NULL);
	const unsigned left = s->pictures++ * 8 % (size->width / 2);
	GstMapInfo map;

	gst_buffer_map(buffer, &map, GST_MAP_WRITE);
	memset(map.data + luma, 128, luma / 2);
	for (unsigned y = 0; y < size->height; y++) {
		for (unsigned x = 0; x < size->width; x++)
			map.data[y * size->width + x] = (guint8)(x + y);
		if (y > size->height / 4 && y < size->height / 2)
			memset(map.data + y * size->width + left, 255,
			    size->width / 8);
	}
	gst_buffer_unmap(buffer, &map);
	encode_picture(s->encode, gst_sample_new(buffer, caps, NULL, NULL));
}

static unsigned count_of(struct studio_of_one *s, size_t encoding)
{
	unsigned count;

	g_mutex_lock(&s->lock);
	count = s->sent[encoding].count;
	g_mutex_unlock(&s->lock);
	return count;
}

/* One picture after the other: none is left out. */
static void pictures_send(struct studio_of_one *s, unsigned count)
{
	for (unsigned n = 0; n < count; n++) {
		picture_push(s);
		for (size_t i = 0; i < s->sizes.count; i++) {
			while (encode_bitrate(s->encode, (unsigned)i) &&
			    count_of(s, i) < s->pictures)
				g_usleep(500);
		}
	}
}

static unsigned number_at(const struct frame *f, size_t at)
{
	const uint8_t *data = g_bytes_get_data(f->bytes, NULL);

	return (data[at] | (unsigned)data[at + 1] << 8) & SIZE_MASK;
}

TEST(each_size_goes_out_in_three_layers_under_a_key_of_its_own)
{
	static const unsigned layers[PERIOD] = { 0, 2, 1, 2 };
	struct studio_of_one *s = start(960, 540);

	CHECK_EQ(s->sizes.count, 3);
	pictures_send(s, 3 * PERIOD);
	for (unsigned i = 0; i < 3; i++) {
		const struct frame *first = &s->sent[i].frames[0];

		CHECK_EQ(s->sent[i].count, 3 * PERIOD);
		CHECK(first->is_key);
		CHECK_EQ(number_at(first, WIDTH_AT), s->sizes.list[i].width);
		CHECK_EQ(number_at(first, HEIGHT_AT), s->sizes.list[i].height);
		for (unsigned n = 0; n < 3 * PERIOD; n++) {
			const struct frame *f = &s->sent[i].frames[n];

			CHECK_EQ(f->kid.stream, VAULT_CAMERA);
			CHECK_EQ(f->kid.layer, i);
			CHECK(f->vp8.has_tid && f->vp8.has_tl0_index);
			CHECK_EQ(f->vp8.tid, layers[n % PERIOD]);
			CHECK_EQ(f->vp8.is_layer_sync,
			    n % PERIOD == 1 || n % PERIOD == 2);
			CHECK_EQ(f->vp8.tl0_index,
			    (uint8_t)(first->vp8.tl0_index + n / PERIOD));
			CHECK_EQ(f->is_key, n == 0);
		}
	}
	end(s);
}

/* Encodings run each on a thread of its own. */
TEST(frames_go_out_whole_with_nothing_of_other_sizes_between)
{
	struct studio_of_one *s = start(960, 540);

	s->is_slow = true;
	for (unsigned n = 0; n < PERIOD; n++) {
		encode_key_frame(s->encode, ENCODE_ALL);
		pictures_send(s, 1);
	}
	CHECK(s->in_parts >= PERIOD * 2); /* of two sizes at least */
	end(s);
}

static unsigned keys_of(const struct sent *sent)
{
	unsigned count = 0;

	for (unsigned n = 0; n < sent->count; n++)
		count += sent->frames[n].is_key;
	return count;
}

TEST(a_key_frame_comes_in_the_size_that_it_is_asked_of)
{
	struct studio_of_one *s = start(640, 360);

	pictures_send(s, 3);
	encode_key_frame(s->encode, 0);
	pictures_send(s, 3);
	CHECK_EQ(keys_of(&s->sent[0]), 2);
	CHECK_EQ(keys_of(&s->sent[1]), 1);
	encode_key_frame(s->encode, ENCODE_ALL);
	pictures_send(s, 3);
	CHECK_EQ(keys_of(&s->sent[0]), 3);
	CHECK_EQ(keys_of(&s->sent[1]), 2);
	end(s);
}

/* What libvpx makes of the frames up to a layer is what it makes of all. */
static void layers_check(const struct sent *sent, unsigned up_to,
    char *const whole[])
{
	struct codec *codec = codec_new();
	unsigned shown = 0;

	for (unsigned n = 0; n < sent->count; n++) {
		const struct frame *f = &sent->frames[n];
		g_autofree char *sum = NULL;

		if (f->vp8.tid > up_to)
			continue;
		sum = codec_decode(codec, f->bytes);
		CHECK_STR(sum, whole[n]);
		shown++;
	}
	CHECK(shown < sent->count && shown >= sent->count / 4);
	codec_free(codec);
}

TEST(lower_layers_decode_without_upper_ones_wherever_key_frames_fall)
{
	struct studio_of_one *s = start(320, 180);
	char *whole[8 * PERIOD] = { NULL };
	struct codec *codec;

	/* At each place of the pattern, in turn. */
	for (unsigned turn = 0; turn < PERIOD; turn++) {
		pictures_send(s, PERIOD + 1);
		encode_key_frame(s->encode, 0);
	}
	pictures_send(s, PERIOD);
	CHECK_EQ(keys_of(&s->sent[0]), 1 + PERIOD);
	codec = codec_new();
	for (unsigned n = 0; n < s->sent[0].count; n++) {
		const struct frame *f = &s->sent[0].frames[n];

		CHECK(!f->is_key || f->vp8.tid == 0);
		whole[n] = codec_decode(codec, f->bytes);
		CHECK(whole[n] != NULL);
	}
	codec_free(codec);
	layers_check(&s->sent[0], 1, whole);
	layers_check(&s->sent[0], 0, whole);
	for (unsigned n = 0; n < s->sent[0].count; n++)
		g_free(whole[n]);
	end(s);
}

TEST(a_size_without_room_is_not_encoded_and_comes_back_with_a_key_frame)
{
	struct studio_of_one *s = start(640, 360);
	unsigned without;

	pictures_send(s, PERIOD);
	encode_bitrate_set(s->encode, 160000);
	CHECK(encode_bitrate(s->encode, 0) > 0);
	CHECK_EQ(encode_bitrate(s->encode, 1), 0);
	pictures_send(s, PERIOD);
	without = s->sent[1].count;
	CHECK_EQ(without, PERIOD);
	CHECK_EQ(s->sent[0].count, 2 * PERIOD);
	encode_bitrate_set(s->encode, 10000000);
	/* A while must go by (rates.h). */
	while (!encode_bitrate(s->encode, 1)) {
		g_usleep(100000);
		encode_tick(s->encode);
	}
	picture_push(s);
	while (count_of(s, 1) == without)
		g_usleep(500);
	CHECK(s->sent[1].frames[without].is_key);
	CHECK_EQ(keys_of(&s->sent[0]), 1); /* it went on without one */
	end(s);
}

TEST(a_size_that_nobody_draws_is_not_encoded_and_comes_back_with_a_key_frame)
{
	struct studio_of_one *s = start(640, 360);
	unsigned without;

	pictures_send(s, PERIOD);
	encode_want(s->encode, 1);
	CHECK(encode_bitrate(s->encode, 0) > 0);
	CHECK_EQ(encode_bitrate(s->encode, 1), 0);
	pictures_send(s, PERIOD);
	without = s->sent[1].count;
	CHECK_EQ(without, PERIOD);
	CHECK_EQ(s->sent[0].count, 2 * PERIOD);
	encode_want(s->encode, 2);
	CHECK(encode_bitrate(s->encode, 1) > 0); /* at once */
	picture_push(s);
	while (count_of(s, 1) == without)
		g_usleep(500);
	CHECK(s->sent[1].frames[without].is_key);
	CHECK_EQ(keys_of(&s->sent[0]), 1); /* it went on without one */
	end(s);
}

TEST(an_encoder_follows_the_room_there_is_within_its_bounds)
{
	struct studio_of_one *s = start(320, 180);
	unsigned full_bps = encode_bitrate(s->encode, 0);

	CHECK_EQ(full_bps, 150000);
	encode_bitrate_set(s->encode, 1); /* a picture needs more */
	CHECK_EQ(encode_bitrate(s->encode, 0), 150000);
	end(s);
	s = start(1280, 720);
	full_bps = encode_bitrate(s->encode, 2);
	CHECK(full_bps > 1000000);
	encode_bitrate_set(s->encode, 1400000);
	CHECK(encode_bitrate(s->encode, 2) < full_bps);
	CHECK(encode_bitrate(s->encode, 2) > 500000);
	encode_bitrate_set(s->encode, UINT64_MAX);
	CHECK_EQ(encode_bitrate(s->encode, 2), full_bps);
	end(s);
}
