/* encode.c - the box's own pictures become sealed RTP packets. */
#include "pipelines/graphs/encode.h"

#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <gst/video/video.h>

#include "pipelines/elements/vp8pay/vp8pay.h"
#include "pipelines/graphs/build.h"

enum {
	/* About 1.5 Mbit/s at 1280x720 and 25 pictures a second, and less than
	 * in proportion below that. */
	BITS_PER_PIXEL_1000 = 65,
	BITRATE_MIN_BPS = 150000,
	/* A key frame comes when one is asked for; this one is a safety net. */
	KEY_FRAME_SECONDS = 60
};

struct encode {
	struct encode_config config;
	struct frames *self;
	GstElement *pipeline, *encoder, *self_size;
	GstAppSrc *in;
	bool needs_key; /* what was not sealed is missing to what follows */
};

static GstBuffer *sealed_make(struct encode *e, GstBuffer *frame)
{
	size_t clear_bytes = 0, out_bytes;
	GstBuffer *sealed;
	GstMapInfo from, to;
	enum kk_err err;

	if (!gst_buffer_map(frame, &from, GST_MAP_READ))
		return NULL;
	out_bytes = from.size + SFRAME_OVERHEAD_BYTES;
	sealed = gst_buffer_new_allocate(NULL, out_bytes, NULL);
	gst_buffer_map(sealed, &to, GST_MAP_WRITE);
	err = sframe_vp8_clear_bytes(kk_view_of(from.data, from.size),
	    &clear_bytes);
	if (!err)
		err = vault_seal(e->config.vault, VAULT_CAMERA,
		    kk_view_of(from.data, from.size), clear_bytes, to.data,
		    &out_bytes);
	gst_buffer_unmap(sealed, &to);
	gst_buffer_unmap(frame, &from);
	if (err) {
		gst_buffer_unref(sealed);
		return NULL;
	}
	gst_buffer_set_size(sealed, (gssize)out_bytes);
	gst_buffer_copy_into(sealed, frame,
	    GST_BUFFER_COPY_FLAGS | GST_BUFFER_COPY_TIMESTAMPS, 0, -1);
	return sealed;
}

/* Between encoder and payloader: what is not sealed does not pass. */
static GstPadProbeReturn frame_passed(GstPad *pad, GstPadProbeInfo *info,
    gpointer arg)
{
	GstBuffer *frame = GST_PAD_PROBE_INFO_BUFFER(info);
	struct encode *e = arg;
	GstBuffer *sealed;

	(void)pad;
	if (e->needs_key &&
	    GST_BUFFER_FLAG_IS_SET(frame, GST_BUFFER_FLAG_DELTA_UNIT)) {
		if (vault_may_seal(e->config.vault))
			encode_key_frame(e);
		return GST_PAD_PROBE_DROP;
	}
	sealed = sealed_make(e, frame);
	e->needs_key = !sealed;
	if (!sealed)
		return GST_PAD_PROBE_DROP;
	gst_buffer_unref(frame);
	GST_PAD_PROBE_INFO_DATA(info) = sealed;
	return GST_PAD_PROBE_OK;
}

static GstFlowReturn packet_came(GstAppSink *sink, gpointer arg)
{
	GstSample *sample = gst_app_sink_pull_sample(sink);
	GstBufferList *list;
	struct encode *e = arg;

	if (!sample)
		return GST_FLOW_EOS;
	list = gst_sample_get_buffer_list(sample);
	for (guint i = 0; list && i < gst_buffer_list_length(list); i++) {
		GstBuffer *buffer = gst_buffer_list_get(list, i);
		g_autofree uint8_t *copy = NULL;
		gsize bytes = 0;

		gst_buffer_extract_dup(buffer, 0, -1, (gpointer *)&copy,
		    &bytes);
		e->config.packet(e->config.arg, copy, bytes);
	}
	gst_sample_unref(sample);
	return GST_FLOW_OK;
}

/* What the size calls for. */
static unsigned bitrate_full(const struct encode_config *c)
{
	unsigned rate = c->width * c->height * c->fps / 1000 *
	    BITS_PER_PIXEL_1000;

	return MAX(rate, BITRATE_MIN_BPS);
}

void encode_bitrate_set(struct encode *encode, uint64_t bps)
{
	unsigned full_bps = bitrate_full(&encode->config);
	unsigned to_bps = bps < full_bps ? (unsigned)bps : full_bps;

	/* The element hands it to the running encoder, under its own lock. */
	g_object_set(encode->encoder, "target-bitrate",
	    (gint)MAX(to_bps, BITRATE_MIN_BPS), NULL);
}

unsigned encode_bitrate(struct encode *encode)
{
	gint bps = 0;

	g_object_get(encode->encoder, "target-bitrate", &bps, NULL);
	return (unsigned)bps;
}

static char *launch_make(const struct encode_config *c)
{
	return g_strdup_printf(
	    "appsrc name=in format=time is-live=true do-timestamp=true "
	    "max-buffers=2 max-bytes=0 leaky-type=downstream "
	    "! tee name=t allow-not-linked=true "
	    "t. ! queue leaky=downstream max-size-buffers=2 max-size-bytes=0 "
	    "max-size-time=0 ! videoconvert ! video/x-raw,format=I420 "
	    "! vp8enc name=encoder threads=1 deadline=1 cpu-used=-8 "
	    "end-usage=cbr target-bitrate=%u lag-in-frames=0 "
	    "keyframe-max-dist=%u min-quantizer=4 max-quantizer=56 "
	    "undershoot=95 buffer-size=600 buffer-initial-size=400 "
	    "buffer-optimal-size=500 "
	    "! capsfilter name=behind caps=video/x-vp8 "
	    "t. ! queue leaky=downstream max-size-buffers=1 max-size-bytes=0 "
	    "max-size-time=0 ! videoconvertscale add-borders=true "
	    "! capsfilter name=self_size "
	    "! appsink name=self sync=false async=false max-buffers=1 "
	    "drop=true",
	    bitrate_full(c), c->fps * KEY_FRAME_SECONDS);
}

/* The payloader is not in the registry: it is put in by hand. */
static void payloader_add(struct encode *e)
{
	GstAppSinkCallbacks callbacks = { .new_sample = packet_came };
	g_autoptr(GstElement) behind = NULL;
	g_autoptr(GstPad) pad = NULL;
	GstElement *pay = vp8pay_new("pay");
	GstElement *out = gst_element_factory_make("appsink", "out");

	g_object_set(pay, "ssrc", 0, "pt", 96, NULL);
	/* Neither sink waits for the other to have something. */
	g_object_set(out, "sync", FALSE, "async", FALSE, "buffer-list", TRUE,
	    NULL);
	gst_app_sink_set_callbacks(GST_APP_SINK(out), &callbacks, e, NULL);
	gst_bin_add_many(GST_BIN(e->pipeline), pay, out, NULL);
	behind = gst_bin_get_by_name(GST_BIN(e->pipeline), "behind");
	gst_element_link_many(behind, pay, out, NULL);
	pad = gst_element_get_static_pad(pay, "sink");
	gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, frame_passed, e,
	    NULL);
}

void encode_self_size_set(struct encode *encode, unsigned width,
    unsigned height)
{
	g_autoptr(GstCaps) caps = gst_caps_new_simple("video/x-raw", "format",
	    G_TYPE_STRING, "BGRx", "width", G_TYPE_INT, (int)width, "height",
	    G_TYPE_INT, (int)height, "pixel-aspect-ratio", GST_TYPE_FRACTION, 1,
	    1, NULL);

	g_object_set(encode->self_size, "caps", caps, NULL);
}

enum kk_err encode_new(struct encode **encodep,
    const struct encode_config *config)
{
	g_autofree char *launch = launch_make(config);
	g_autoptr(GstElement) self = NULL;
	GstElement *pipeline = NULL;
	struct encode *e;
	enum kk_err err = build_pipeline(&pipeline, launch);

	if (err)
		return err;
	e = g_new0(struct encode, 1);
	e->config = *config;
	e->pipeline = pipeline;
	e->self = frames_new();
	e->in = GST_APP_SRC(gst_bin_get_by_name(GST_BIN(pipeline), "in"));
	e->encoder = gst_bin_get_by_name(GST_BIN(pipeline), "encoder");
	e->self_size = gst_bin_get_by_name(GST_BIN(pipeline), "self_size");
	self = gst_bin_get_by_name(GST_BIN(pipeline), "self");
	frames_attach(self, e->self);
	encode_self_size_set(e, config->self_width, config->self_height);
	payloader_add(e);
	gst_element_set_state(pipeline, GST_STATE_PLAYING);
	*encodep = e;
	return KK_OK;
}

void encode_free(struct encode *encode)
{
	if (!encode)
		return;
	gst_element_set_state(encode->pipeline, GST_STATE_NULL);
	gst_object_unref(encode->in);
	gst_object_unref(encode->encoder);
	gst_object_unref(encode->self_size);
	gst_object_unref(encode->pipeline);
	frames_unref(encode->self);
	g_free(encode);
}

void encode_picture(struct encode *encode, GstSample *sample)
{
	gst_app_src_push_sample(encode->in, sample);
	gst_sample_unref(sample);
}

void encode_key_frame(struct encode *encode)
{
	g_autoptr(GstPad)
	    pad = gst_element_get_static_pad(encode->encoder, "src");

	gst_pad_send_event(pad,
	    gst_video_event_new_upstream_force_key_unit(GST_CLOCK_TIME_NONE,
		TRUE, 0));
}

struct frames *encode_self(struct encode *encode)
{
	return encode->self;
}
