/*
 * sizes.c - a box's camera in three sizes, through its link and the forwarder:
 * who draws it larger gets a larger one, and each picture is bit by bit the one
 * that the encoder made.
 */
#include <gst/gst.h>

#include "call.h"
#include "crypto/crypto.h"
#include "pipelines/graphs/encode.h"
#include "pipelines/layers/codec.h"
#include "wire/rtp.h"
#include "wire/twcc.h"
#include "wire/vp8.h"

#define SUITE SFRAME_AES_256_GCM_SHA512_128

enum {
	WIDTH = 960,
	HEIGHT = 540,
	FPS = 25,
	STEP_US = 1000000 / FPS,
	FRAMES_MAX = 2048,
	TURN_FRAMES = 6,
	VP8 = 96,
	SSRC = 0x1000, /* the first is the seat's own camera's */
	SSRC_AT = 8
};

struct sent { /* of an encoding */
	GByteArray *parts; /* of the frame that is being put together */
	GBytes *sealed[FRAMES_MAX];
	unsigned count;
	unsigned asked; /* for a key frame */
};

struct got { /* a frame that came */
	GBytes *sealed;
	struct wire_vp8 vp8;
	uint32_t timestamp;
};

struct run {
	struct call *call;
	struct encode *encode;
	struct vault *own, *other;
	gint64 next_us;
	unsigned pictures, turn_from;
	size_t turn_size; /* the encoding that is waited for */
	GMutex lock; /* of all below */
	struct sent sent[SIZES_MAX];
	GByteArray *parts;
	struct wire_vp8 first;
	bool has_seq;
	uint16_t seq;
	struct got got[FRAMES_MAX];
	unsigned got_count;
};

/* --- the sending box ------------------------------------------------------ */

static void packet_made(void *arg, unsigned encoding, uint8_t *packet,
    size_t bytes)
{
	struct run *r = arg;
	struct sent *s = &r->sent[encoding];
	struct wire_rtp rtp;
	struct wire_vp8 vp8;

	wire_put_u32(packet + SSRC_AT, SSRC + encoding);
	CHECK_OK(wire_rtp_parse(&rtp, kk_view_of(packet, bytes)));
	CHECK_OK(wire_vp8_parse(&vp8, rtp.payload));
	g_mutex_lock(&r->lock);
	g_byte_array_append(s->parts, rtp.payload.data + vp8.bytes,
	    (guint)(rtp.payload.bytes - vp8.bytes));
	if (rtp.has_marker) {
		CHECK(s->count < FRAMES_MAX);
		s->sealed[s->count++] = g_bytes_new(s->parts->data,
		    s->parts->len);
		g_byte_array_set_size(s->parts, 0);
	}
	g_mutex_unlock(&r->lock);
	CHECK_OK(link_send_rtp(r->call->seats[0].link,
	    kk_view_of(packet, bytes)));
}

static void key_frame_wanted(void *arg, uint32_t ssrc)
{
	struct run *r = arg;

	if (ssrc < SSRC || ssrc >= SSRC + SIZES_MAX)
		return;
	g_mutex_lock(&r->lock);
	r->sent[ssrc - SSRC].asked++;
	g_mutex_unlock(&r->lock);
	encode_key_frame(r->encode, ssrc - SSRC);
}

/* A bar that goes over a slope. */
static void picture_push(struct run *r)
{
	const gsize luma = WIDTH * HEIGHT;
	g_autoptr(GstCaps) caps = gst_caps_new_simple("video/x-raw", "format",
	    G_TYPE_STRING, "I420", "width", G_TYPE_INT, WIDTH, "height",
	    G_TYPE_INT, HEIGHT, "framerate", GST_TYPE_FRACTION, FPS, 1, NULL);
	g_autoptr(GstBuffer)
	    buffer = gst_buffer_new_allocate(NULL, luma * 3 / 2, NULL);
	const unsigned left = r->pictures++ * 8 % (WIDTH / 2);
	GstMapInfo map;

	gst_buffer_map(buffer, &map, GST_MAP_WRITE);
	memset(map.data + luma, 128, luma / 2);
	for (unsigned y = 0; y < HEIGHT; y++) {
		memset(map.data + y * WIDTH, (int)(y / 4), WIDTH);
		memset(map.data + y * WIDTH + left, 255, WIDTH / 8);
	}
	gst_buffer_unmap(buffer, &map);
	encode_picture(r->encode, gst_sample_new(buffer, caps, NULL, NULL));
}

/* --- the receiving box ---------------------------------------------------- */

static void packet_came(void *arg, struct kk_view packet)
{
	struct run *r = arg;
	struct wire_rtp rtp;
	struct wire_vp8 vp8;

	CHECK_OK(wire_rtp_parse(&rtp, packet));
	CHECK_OK(wire_vp8_parse(&vp8, rtp.payload));
	g_mutex_lock(&r->lock);
	CHECK(!r->has_seq || rtp.seq == (uint16_t)(r->seq + 1));
	r->has_seq = true;
	r->seq = rtp.seq;
	if (vp8.is_partition_start)
		r->first = vp8;
	g_byte_array_append(r->parts, rtp.payload.data + vp8.bytes,
	    (guint)(rtp.payload.bytes - vp8.bytes));
	if (rtp.has_marker) {
		CHECK(r->got_count < FRAMES_MAX);
		r->got[r->got_count++] =
		    (struct got){ g_bytes_new(r->parts->data, r->parts->len),
			    r->first, rtp.timestamp };
		g_byte_array_set_size(r->parts, 0);
	}
	g_mutex_unlock(&r->lock);
}

/* Which encoding's frame it is, and the how many-th. */
static size_t found(const struct run *r, GBytes *sealed, unsigned *at)
{
	for (size_t i = 0; i < SIZES_MAX; i++) {
		for (*at = 0; *at < r->sent[i].count; ++*at) {
			if (g_bytes_equal(r->sent[i].sealed[*at], sealed))
				return i;
		}
	}
	return SIZES_MAX;
}

/* --- a run ---------------------------------------------------------------- */

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

/* In place of the seat's own camera. */
static void publish(struct seat *s, const struct sizes *sizes)
{
	struct media_publish what = { .transport = s->transport.number,
		.source = MEDIA_CAMERA,
		.kind = MEDIA_VIDEO,
		.payload_type = VP8,
		.encoding_count = sizes->count,
		.extensions = { { WIRE_TWCC_URI, WIRE_TWCC_ID } },
		.extension_count = 1 };

	for (unsigned i = 0; i < sizes->count; i++)
		what.encodings[i] = (struct media_encoding){ .ssrc = SSRC + i,
			.max_width = (uint16_t)sizes->list[i].width,
			.max_height = (uint16_t)sizes->list[i].height };
	CHECK_OK(media_unpublish(s->peer, MEDIA_CAMERA));
	CHECK_OK(media_publish(s->peer, &what));
}

static struct run *run_start(void)
{
	struct run *r = g_new0(struct run, 1);
	struct encode_config config = { .sizes = sizes_of(WIDTH, HEIGHT, 0),
		.fps = FPS,
		.self_width = 64,
		.self_height = 36,
		.packet = packet_made,
		.arg = r };
	struct seat *from, *to;

	gst_init(NULL, NULL);
	CHECK_OK(crypto_init());
	g_mutex_init(&r->lock);
	r->parts = g_byte_array_new();
	r->call = call_new(0, 0);
	from = &r->call->seats[0];
	to = &r->call->seats[1];
	vault_start(&r->own, 0);
	vault_start(&r->other, 1);
	config.vault = r->own;
	publish(from, &config.sizes);
	from->arg = r;
	from->on_wanted = key_frame_wanted;
	for (unsigned i = 0; i < SIZES_MAX; i++) {
		const struct link_sender sender = { .ssrc = SSRC + i,
			.clock_hz = 90000 };

		r->sent[i].parts = g_byte_array_new();
		if (sender.ssrc != from->video_ssrc)
			CHECK_OK(link_sender_add(from->link, &sender));
	}
	CHECK_OK(link_receiver_set(to->link, to->slots[1].ssrc, packet_came,
	    NULL, r));
	CHECK_OK(encode_new(&r->encode, &config));
	return r;
}

static void run_end(struct run *r)
{
	encode_free(r->encode);
	call_free(r->call);
	vault_free(r->own);
	vault_free(r->other);
	for (size_t i = 0; i < SIZES_MAX; i++) {
		g_byte_array_unref(r->sent[i].parts);
		for (unsigned n = 0; n < r->sent[i].count; n++)
			g_bytes_unref(r->sent[i].sealed[n]);
	}
	for (unsigned n = 0; n < r->got_count; n++)
		g_bytes_unref(r->got[n].sealed);
	g_byte_array_unref(r->parts);
	g_mutex_clear(&r->lock);
	g_free(r);
}

/* So many of the size in a row, since the turn began; pictures go on. */
static bool turn_is_over(struct call *call)
{
	struct run *r = call->seats[0].arg;
	unsigned right = 0, at;

	if (g_get_monotonic_time() >= r->next_us) {
		r->next_us = g_get_monotonic_time() + STEP_US;
		picture_push(r);
	}
	g_mutex_lock(&r->lock);
	for (unsigned n = r->turn_from; n < r->got_count; n++)
		right = found(r, r->got[n].sealed, &at) == r->turn_size ?
		    right + 1 :
		    0;
	g_mutex_unlock(&r->lock);
	return right >= TURN_FRAMES;
}

static void turn(struct run *r, uint16_t width, uint16_t height, size_t size)
{
	struct seat *to = &r->call->seats[1];

	CHECK_OK(media_watch(to->peer,
	    &(struct media_watch){ .slot = to->slots[1].slot,
		.of = r->call->seats[0].peer,
		.source = MEDIA_CAMERA,
		.width = width,
		.height = height }));
	r->turn_size = size;
	r->turn_from = r->got_count;
	call_until(r->call, turn_is_over);
}

/* --- what came ------------------------------------------------------------ */

static GBytes *opened(struct vault *vault, GBytes *sealed)
{
	gsize bytes;
	const uint8_t *data = g_bytes_get_data(sealed, &bytes);
	g_autofree uint8_t *out = g_malloc(bytes);
	struct kk_view in = kk_view_of(data, bytes);
	struct sframe_source source;
	size_t clear_bytes;

	CHECK_OK(sframe_vp8_clear_bytes(in, &clear_bytes));
	CHECK_OK(vault_open(vault, in, clear_bytes, out, &bytes, &source));
	return g_bytes_new(out, bytes);
}

struct whole { /* an encoding */
	GBytes *frames[FRAMES_MAX];
	char *sums[FRAMES_MAX];
};

static void whole_decode(struct run *r, size_t size, struct whole *w)
{
	struct codec *codec = codec_new();

	for (unsigned n = 0; n < r->sent[size].count; n++) {
		w->frames[n] = opened(r->other, r->sent[size].sealed[n]);
		w->sums[n] = codec_decode(codec, w->frames[n]);
		CHECK(w->sums[n] != NULL);
	}
	codec_free(codec);
}

static void whole_clear(struct whole *w, unsigned count)
{
	for (unsigned n = 0; n < count; n++) {
		g_bytes_unref(w->frames[n]);
		g_free(w->sums[n]);
	}
}

static void order_check(const struct got *a, const struct got *b)
{
	CHECK_EQ(b->vp8.picture_id,
	    (a->vp8.picture_id + 1) & WIRE_VP8_PICTURE_ID_LONG_MAX);
	CHECK((uint8_t)(b->vp8.tl0_index - a->vp8.tl0_index) <= 1);
	CHECK((int32_t)(b->timestamp - a->timestamp) > 0);
}

/* One decoder for all that came, whatever size that is of. */
static unsigned pictures_check(struct run *r)
{
	struct whole *whole = g_new0(struct whole, SIZES_MAX);
	struct codec *codec = codec_new();
	size_t size = SIZES_MAX, before;
	unsigned switches = 0, at;

	for (size_t i = 0; i < SIZES_MAX; i++)
		whole_decode(r, i, &whole[i]);
	for (unsigned n = 0; n < r->got_count; n++) {
		g_autofree char *sum = NULL;

		before = size;
		size = found(r, r->got[n].sealed, &at);
		CHECK(size < SIZES_MAX);
		sum = codec_decode(codec, whole[size].frames[at]);
		CHECK_STR(sum, whole[size].sums[at]);
		if (n > 0)
			order_check(&r->got[n - 1], &r->got[n]);
		switches += n > 0 && size != before;
	}
	codec_free(codec);
	for (size_t i = 0; i < SIZES_MAX; i++)
		whole_clear(&whole[i], r->sent[i].count);
	g_free(whole);
	return switches;
}

TEST(a_tile_that_grows_gets_a_larger_picture_of_a_box_without_a_break)
{
	struct run *r = run_start();
	unsigned asked, switches;

	turn(r, 160, 90, 0);
	asked = r->sent[2].asked;
	CHECK_EQ(r->sent[1].asked, 0); /* nobody has looked at it */
	turn(r, 960, 540, 2);
	CHECK(r->sent[2].asked > asked);
	turn(r, 480, 270, 1);
	CHECK(r->sent[1].asked > 0);
	turn(r, 160, 90, 0);
	turn(r, 960, 540, 2);
	encode_free(r->encode);
	r->encode = NULL;
	switches = pictures_check(r);
	tap_diag("%u pictures, %u came, %u switches; asked for key frames of "
		 "%u, %u, %u",
	    r->pictures, r->got_count, switches, r->sent[0].asked,
	    r->sent[1].asked, r->sent[2].asked);
	/* Each turn ends with its size; a path that is found to be wide step by
	 * step may show one between. */
	CHECK(switches >= 4);
	run_end(r);
}
