/* vp8pay.c - frames into packets that GStreamer's depayloader puts together. */
#include "pipelines/elements/vp8pay/vp8pay.h"

#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <gst/rtp/rtp.h>

#include "base/base.h"
#include "harness/tap.h"
#include "wire/vp8.h"

struct line {
	GstElement *pipeline, *pay;
	GstAppSrc *in;
	GstAppSink *out;
};

/* appsrc, the payloader, more elements or none, appsink. */
static struct line line_start(const char *more)
{
	g_autofree char *launch = g_strdup_printf(
	    "appsrc name=in format=time caps=video/x-vp8 "
	    " %s ! appsink name=out sync=false",
	    more);
	g_autoptr(GstElement) behind = NULL;
	struct line l = { 0 };

	CHECK(gst_init_check(NULL, NULL, NULL));
	l.pipeline = gst_parse_launch(launch, NULL);
	CHECK(l.pipeline != NULL);
	l.in = GST_APP_SRC(gst_bin_get_by_name(GST_BIN(l.pipeline), "in"));
	l.out = GST_APP_SINK(gst_bin_get_by_name(GST_BIN(l.pipeline), "out"));
	behind = gst_bin_get_by_name(GST_BIN(l.pipeline), "behind");
	l.pay = vp8pay_new("pay");
	CHECK(gst_bin_add(GST_BIN(l.pipeline), l.pay));
	CHECK(gst_element_link(GST_ELEMENT(l.in), l.pay));
	CHECK(gst_element_link(l.pay, behind));
	gst_element_set_state(l.pipeline, GST_STATE_PLAYING);
	return l;
}

static void line_end(struct line *l)
{
	gst_element_set_state(l->pipeline, GST_STATE_NULL);
	gst_object_unref(l->in);
	gst_object_unref(l->out);
	gst_object_unref(l->pipeline);
}

/* Noise that begins as a key frame does, and is no VP8 behind that. */
static GstBuffer *frame_make(gsize bytes, guint8 seed)
{
	GstBuffer *frame = gst_buffer_new_allocate(NULL, bytes, NULL);
	GstMapInfo map;

	gst_buffer_map(frame, &map, GST_MAP_WRITE);
	for (gsize i = 0; i < bytes; i++)
		map.data[i] = (guint8)(seed + i * 31 + i / 256 * 7);
	map.data[0] &= 0xfe;
	gst_buffer_unmap(frame, &map);
	GST_BUFFER_PTS(frame) = 0;
	return frame;
}

static void packet_check(GstBuffer *packet, bool is_first, bool is_last,
    guint16 *picture_id)
{
	GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
	struct wire_vp8 vp8;

	CHECK(gst_buffer_get_size(packet) <= 1200);
	CHECK(gst_rtp_buffer_map(packet, GST_MAP_READ, &rtp));
	CHECK_OK(wire_vp8_parse(&vp8,
	    kk_view_of(gst_rtp_buffer_get_payload(&rtp),
		gst_rtp_buffer_get_payload_len(&rtp))));
	CHECK_EQ(vp8.bytes, VP8PAY_DESCRIPTOR_BYTES);
	CHECK_EQ(vp8.is_partition_start, is_first);
	CHECK(vp8.has_picture_id && vp8.is_picture_id_long);
	CHECK_EQ(gst_rtp_buffer_get_marker(&rtp), is_last);
	CHECK_EQ(gst_rtp_buffer_get_payload_type(&rtp), 96);
	if (is_first)
		*picture_id = vp8.picture_id;
	CHECK_EQ(vp8.picture_id, *picture_id);
	gst_rtp_buffer_unmap(&rtp);
}

TEST(each_packet_has_its_descriptor_and_the_last_one_the_marker)
{
	struct line l = line_start("identity name=behind");
	static const gsize sizes[] = { 1, 1184, 1185, 5000 };
	static const guint counts[] = { 1, 1, 2, 5 };
	guint16 id = 0, last_id = 0;

	for (size_t i = 0; i < KK_ARRAY_LEN(sizes); i++) {
		gst_app_src_push_buffer(l.in, frame_make(sizes[i], 4));
		for (guint n = 0; n < counts[i]; n++) {
			g_autoptr(GstSample)
			    sample = gst_app_sink_pull_sample(l.out);

			CHECK(sample != NULL);
			packet_check(gst_sample_get_buffer(sample), n == 0,
			    n + 1 == counts[i], &id);
		}
		CHECK(i == 0 ||
		    id == ((last_id + 1) & WIRE_VP8_PICTURE_ID_LONG_MAX));
		last_id = id;
	}
	line_end(&l);
}

TEST(sealed_frames_come_out_of_the_stock_depayloader_as_they_went_in)
{
	struct line l = line_start("rtpvp8depay name=behind");
	static const gsize sizes[] = { 30, 700, 1200, 40000 };

	for (size_t i = 0; i < KK_ARRAY_LEN(sizes); i++) {
		g_autoptr(GstBuffer)
		    want = frame_make(sizes[i], (guint8)(i * 2));
		g_autoptr(GstSample) sample = NULL;
		GstMapInfo map;

		gst_app_src_push_buffer(l.in, gst_buffer_ref(want));
		sample = gst_app_sink_pull_sample(l.out);
		CHECK(sample != NULL);
		CHECK(gst_buffer_map(want, &map, GST_MAP_READ));
		CHECK_EQ(gst_buffer_get_size(gst_sample_get_buffer(sample)),
		    map.size);
		CHECK_EQ(gst_buffer_memcmp(gst_sample_get_buffer(sample), 0,
			     map.data, map.size),
		    0);
		gst_buffer_unmap(want, &map);
	}
	line_end(&l);
}

static gpointer meta_register(gpointer arg)
{
	(void)arg;
	return (gpointer)gst_meta_register_custom_simple("GstVP8Meta");
}

/* As vp8enc tells it. */
static GstBuffer *layered_make(gsize bytes, bool is_key, guint layer,
    bool is_sync)
{
	static GOnce once = G_ONCE_INIT;
	GstBuffer *frame = frame_make(bytes, 4);
	GstCustomMeta *meta;

	g_once(&once, meta_register, NULL);
	meta = gst_buffer_add_custom_meta(frame, "GstVP8Meta");
	CHECK(meta != NULL);
	gst_structure_set(gst_custom_meta_get_structure(meta),
	    "use-temporal-scaling", G_TYPE_BOOLEAN, TRUE, "layer-id",
	    G_TYPE_UINT, layer, "layer-sync", G_TYPE_BOOLEAN, is_sync,
	    "tl0picidx", G_TYPE_UINT, 77, NULL);
	if (!is_key)
		GST_BUFFER_FLAG_SET(frame, GST_BUFFER_FLAG_DELTA_UNIT);
	return frame;
}

static struct wire_vp8 layered_next(struct line *l, GstBuffer *frame)
{
	GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
	g_autoptr(GstSample) sample = NULL;
	struct wire_vp8 vp8;

	gst_app_src_push_buffer(l->in, frame);
	sample = gst_app_sink_pull_sample(l->out);
	CHECK(sample != NULL);
	CHECK(gst_rtp_buffer_map(gst_sample_get_buffer(sample), GST_MAP_READ,
	    &rtp));
	CHECK_OK(wire_vp8_parse(&vp8,
	    kk_view_of(gst_rtp_buffer_get_payload(&rtp),
		gst_rtp_buffer_get_payload_len(&rtp))));
	gst_rtp_buffer_unmap(&rtp);
	return vp8;
}

/* RFC 7741, 4.2: TL0PICIDX counts the pictures of layer 0, and those above have
 * that of the one that they build on; Y is about pictures above layer 0. */
TEST(layers_stand_in_the_descriptor_as_the_encoder_tells_them)
{
	static const struct {
		bool is_key;
		guint layer;
		bool is_sync, begins;
		guint tid;
		bool has_y;
	} frames[] = { { true, 0, false, true, 0, false },
		{ false, 2, true, false, 2, true },
		{ false, 1, true, false, 1, true },
		{ false, 2, false, false, 2, false },
		{ false, 0, false, true, 0, false },
		/* A key frame in the place of another layer. */
		{ true, 2, true, true, 0, false },
		{ false, 1, true, false, 1, true } };
	struct line l = line_start("identity name=behind");
	struct wire_vp8 last = { 0 };

	for (size_t i = 0; i < KK_ARRAY_LEN(frames); i++) {
		struct wire_vp8 vp8 = layered_next(&l,
		    layered_make(100, frames[i].is_key, frames[i].layer,
			frames[i].is_sync));

		CHECK_EQ(vp8.bytes, VP8PAY_DESCRIPTOR_LAYERS_BYTES);
		CHECK(vp8.has_picture_id && vp8.is_picture_id_long);
		CHECK(vp8.has_tl0_index && vp8.has_tid && !vp8.has_key_index);
		CHECK_EQ(vp8.tid, frames[i].tid);
		CHECK_EQ(vp8.is_layer_sync, frames[i].has_y);
		if (i > 0)
			CHECK_EQ(vp8.tl0_index,
			    (guint8)(last.tl0_index + frames[i].begins));
		CHECK(i == 0 ||
		    vp8.picture_id ==
			((last.picture_id + 1) & WIRE_VP8_PICTURE_ID_LONG_MAX));
		last = vp8;
	}
	line_end(&l);
}

TEST(all_packets_of_a_layered_frame_have_one_descriptor_and_fit)
{
	struct line l = line_start("identity name=behind");
	struct wire_vp8 vp8;

	gst_app_src_push_buffer(l.in, layered_make(2500, true, 0, false));
	for (int i = 0; i < 3; i++) {
		g_autoptr(GstSample) sample = gst_app_sink_pull_sample(l.out);
		GstBuffer *packet = gst_sample_get_buffer(sample);
		GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
		struct wire_vp8 one;

		CHECK(gst_buffer_get_size(packet) <= 1200);
		CHECK(gst_rtp_buffer_map(packet, GST_MAP_READ, &rtp));
		CHECK_OK(wire_vp8_parse(&one,
		    kk_view_of(gst_rtp_buffer_get_payload(&rtp),
			gst_rtp_buffer_get_payload_len(&rtp))));
		CHECK_EQ(gst_rtp_buffer_get_marker(&rtp), i == 2);
		gst_rtp_buffer_unmap(&rtp);
		CHECK_EQ(one.is_partition_start, i == 0);
		CHECK(i == 0 ||
		    (one.picture_id == vp8.picture_id &&
			one.tl0_index == vp8.tl0_index && one.tid == vp8.tid));
		vp8 = one;
	}
	line_end(&l);
}
