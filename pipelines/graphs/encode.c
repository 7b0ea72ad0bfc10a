/* encode.c - the box's own pictures become sealed RTP packets. */
#include "pipelines/graphs/encode.h"

#include <gst/app/gstappsrc.h>

#include "pipelines/graphs/build.h"
#include "pipelines/graphs/encoding.h"
#include "pipelines/graphs/rates.h"

struct encode {
	struct encode_config config;
	struct frames *self;
	GstElement *pipeline, *self_size;
	GstAppSrc *in;
	struct encoding *encodings[SIZES_MAX];
	GMutex out; /* held while a frame's packets are given away */
	GMutex lock; /* of what follows */
	struct rates rates;
	uint64_t room_bps;
};

static char *launch_make(const struct encode_config *c)
{
	g_autoptr(GString) text = g_string_new(
	    "appsrc name=in format=time is-live=true do-timestamp=true "
	    "max-buffers=2 max-bytes=0 leaky-type=downstream "
	    "! tee name=t allow-not-linked=true "
	    "t. ! queue leaky=downstream max-size-buffers=1 max-size-bytes=0 "
	    "max-size-time=0 ! videoconvertscale add-borders=true "
	    "! capsfilter name=self_size "
	    "! appsink name=self sync=false async=false max-buffers=1 "
	    "drop=true "
	    "t. ! videoconvert ! video/x-raw,format=I420 "
	    "! tee name=sizes allow-not-linked=true ");

	for (unsigned i = 0; i < c->sizes.count; i++) {
		g_autofree char *one = encoding_launch(i, &c->sizes.list[i]);

		g_string_append(text, one);
	}
	return g_string_free(g_steal_pointer(&text), FALSE);
}

/* Locked by the caller, or alone. */
static void rates_apply(struct encode *e)
{
	for (size_t i = 0; i < e->rates.count; i++)
		encoding_bitrate_set(e->encodings[i], e->rates.bps[i]);
}

static void room_share(struct encode *e)
{
	rates_share(&e->rates, e->room_bps, (uint64_t)g_get_monotonic_time());
	rates_apply(e);
}

void encode_bitrate_set(struct encode *encode, uint64_t bps)
{
	g_mutex_lock(&encode->lock);
	encode->room_bps = bps;
	room_share(encode);
	g_mutex_unlock(&encode->lock);
}

void encode_want(struct encode *encode, size_t encodings)
{
	g_mutex_lock(&encode->lock);
	if (rates_want(&encode->rates, encodings))
		room_share(encode);
	g_mutex_unlock(&encode->lock);
}

void encode_tick(struct encode *encode)
{
	g_mutex_lock(&encode->lock);
	room_share(encode);
	g_mutex_unlock(&encode->lock);
}

unsigned encode_bitrate(struct encode *encode, unsigned encoding)
{
	return encoding_bitrate(encode->encodings[encoding]);
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

static void encodings_make(struct encode *e)
{
	rates_init(&e->rates, &e->config.sizes, e->config.fps);
	e->room_bps = UINT64_MAX; /* as long as nobody knows */
	for (unsigned i = 0; i < e->config.sizes.count; i++)
		e->encodings[i] = encoding_new(e->pipeline, i, &e->config,
		    &e->out);
	rates_apply(e);
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
	g_mutex_init(&e->lock);
	g_mutex_init(&e->out);
	e->in = GST_APP_SRC(gst_bin_get_by_name(GST_BIN(pipeline), "in"));
	e->self_size = gst_bin_get_by_name(GST_BIN(pipeline), "self_size");
	self = gst_bin_get_by_name(GST_BIN(pipeline), "self");
	frames_attach(self, e->self);
	encode_self_size_set(e, config->self_width, config->self_height);
	encodings_make(e);
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
	gst_object_unref(encode->self_size);
	gst_object_unref(encode->pipeline);
	for (size_t i = 0; i < SIZES_MAX; i++)
		encoding_free(encode->encodings[i]);
	frames_unref(encode->self);
	g_mutex_clear(&encode->lock);
	g_mutex_clear(&encode->out);
	g_free(encode);
}

void encode_picture(struct encode *encode, GstSample *sample)
{
	gst_app_src_push_sample(encode->in, sample);
	gst_sample_unref(sample);
}

void encode_key_frame(struct encode *encode, unsigned encoding)
{
	for (unsigned i = 0; i < encode->config.sizes.count; i++) {
		if (encoding == i || encoding == ENCODE_ALL)
			encoding_key_frame(encode->encodings[i]);
	}
}

struct frames *encode_self(struct encode *encode)
{
	return encode->self;
}
