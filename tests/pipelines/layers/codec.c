/* codec.c - films in layers, and what they decode to. */
#include "pipelines/layers/codec.h"

#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>

#include "harness/tap.h"

enum { LAYERS = 3, WAIT_S = 60 };

struct codec {
	GstElement *pipeline;
	GstAppSrc *in;
	GstAppSink *out;
	GstClockTime time;
};

/* T0 T2 T1 T2, as browsers send them. */
static const int temporal[FILM_PERIOD] = { 0, 2, 1, 2 };

unsigned film_temporal(unsigned at)
{
	return (unsigned)temporal[at % FILM_PERIOD];
}

gboolean film_is_sync(unsigned at)
{
	return at % FILM_PERIOD == 1 || at % FILM_PERIOD == 2;
}

/* The arrays are of two kinds, and only one of them is read from text. */
static void numbers_set(GstElement *encoder, const char *name, const int *list,
    guint count)
{
	GValue value = G_VALUE_INIT;

	G_GNUC_BEGIN_IGNORE_DEPRECATIONS
	GValueArray *array = g_value_array_new(count);

	g_value_init(&value, G_TYPE_INT);
	for (guint i = 0; i < count; i++) {
		g_value_set_int(&value, list[i]);
		g_value_array_append(array, &value);
	}
	g_object_set(encoder, name, array, NULL);
	g_value_array_free(array);
	G_GNUC_END_IGNORE_DEPRECATIONS
	g_value_unset(&value);
}

/*
 * Layer 0 updates the last frame, layer 1 the golden one, layer 2 none; upper
 * ones leave the coder's statistics alone, so that they can be left out.
 */
static void layers_set(GstElement *encoder)
{
	static const int decimators[LAYERS] = { 4, 2, 1 };
	static const int bps[LAYERS] = { 80000, 120000, 200000 };

	numbers_set(encoder, "temporal-scalability-layer-id", temporal,
	    FILM_PERIOD);
	numbers_set(encoder, "temporal-scalability-rate-decimator", decimators,
	    LAYERS);
	numbers_set(encoder, "temporal-scalability-target-bitrate", bps,
	    LAYERS);
	g_object_set(encoder, "temporal-scalability-number-layers", LAYERS,
	    "temporal-scalability-periodicity", FILM_PERIOD, NULL);
	gst_util_set_object_arg(G_OBJECT(encoder),
	    "temporal-scalability-layer-flags",
	    "< no-ref-golden+no-ref-alt+no-upd-golden+no-upd-alt, "
	    "no-ref-golden+no-ref-alt+no-upd-last+no-upd-golden+no-upd-alt+"
	    "no-upd-entropy, "
	    "no-ref-golden+no-ref-alt+no-upd-last+no-upd-alt+no-upd-entropy, "
	    "no-ref-alt+no-upd-last+no-upd-golden+no-upd-alt+no-upd-entropy >");
	gst_util_set_object_arg(G_OBJECT(encoder),
	    "temporal-scalability-layer-sync-flags",
	    "< false, true, true, false >");
}

static void frames_encode(struct film *film, unsigned width, unsigned height)
{
	g_autofree char *launch = g_strdup_printf(
	    "videotestsrc num-buffers=%d pattern=ball "
	    "! video/x-raw,format=I420,width=%u,height=%u,framerate=30/1 "
	    "! vp8enc name=encoder threads=1 deadline=1 cpu-used=8 "
	    "error-resilient=default target-bitrate=200000 lag-in-frames=0 "
	    "keyframe-max-dist=%d "
	    "! appsink name=out sync=false",
	    FILM_FRAMES, width, height, FILM_KEY_EVERY);
	g_autoptr(GstElement) pipeline = gst_parse_launch(launch, NULL);
	g_autoptr(GstElement) encoder = NULL;
	g_autoptr(GstElement) out = NULL;

	CHECK(pipeline != NULL);
	encoder = gst_bin_get_by_name(GST_BIN(pipeline), "encoder");
	out = gst_bin_get_by_name(GST_BIN(pipeline), "out");
	layers_set(encoder);
	gst_element_set_state(pipeline, GST_STATE_PLAYING);
	for (unsigned i = 0; i < FILM_FRAMES; i++) {
		GstSample *sample = gst_app_sink_try_pull_sample(
		    GST_APP_SINK(out), WAIT_S * GST_SECOND);
		gpointer data;
		gsize bytes;

		CHECK(sample != NULL);
		gst_buffer_extract_dup(gst_sample_get_buffer(sample), 0, -1,
		    &data, &bytes);
		film->frames[i] = g_bytes_new_take(data, bytes);
		gst_sample_unref(sample);
	}
	gst_element_set_state(pipeline, GST_STATE_NULL);
}

void film_make(struct film *film, unsigned width, unsigned height)
{
	struct codec *codec = codec_new();

	frames_encode(film, width, height);
	for (unsigned i = 0; i < FILM_FRAMES; i++) {
		film->decoded[i] = codec_decode(codec, film->frames[i]);
		CHECK(film->decoded[i] != NULL);
	}
	codec_free(codec);
}

void film_clear(struct film *film)
{
	for (unsigned i = 0; i < FILM_FRAMES; i++) {
		g_bytes_unref(film->frames[i]);
		g_free(film->decoded[i]);
	}
}

/* --- decoding ------------------------------------------------------------ */

struct codec *codec_new(void)
{
	struct codec *c = g_new0(struct codec, 1);

	CHECK(gst_init_check(NULL, NULL, NULL));
	c->pipeline = gst_parse_launch(
	    "appsrc name=in format=time caps=video/x-vp8 ! vp8dec threads=1 "
	    "! appsink name=out sync=false",
	    NULL);
	CHECK(c->pipeline != NULL);
	c->in = GST_APP_SRC(gst_bin_get_by_name(GST_BIN(c->pipeline), "in"));
	c->out = GST_APP_SINK(gst_bin_get_by_name(GST_BIN(c->pipeline), "out"));
	gst_element_set_state(c->pipeline, GST_STATE_PLAYING);
	return c;
}

char *codec_decode(struct codec *codec, GBytes *frame)
{
	GstBuffer *buffer = gst_buffer_new_wrapped_bytes(frame);
	GstSample *sample;
	gpointer data;
	gsize bytes;
	char *sum;

	GST_BUFFER_PTS(buffer) = codec->time;
	codec->time += GST_SECOND / 30;
	CHECK(gst_app_src_push_buffer(codec->in, buffer) == GST_FLOW_OK);
	sample = gst_app_sink_try_pull_sample(codec->out, WAIT_S * GST_SECOND);
	if (!sample)
		return NULL;
	gst_buffer_extract_dup(gst_sample_get_buffer(sample), 0, -1, &data,
	    &bytes);
	sum = g_compute_checksum_for_data(G_CHECKSUM_SHA256, data, bytes);
	g_free(data);
	gst_sample_unref(sample);
	return sum;
}

void codec_free(struct codec *codec)
{
	gst_element_set_state(codec->pipeline, GST_STATE_NULL);
	gst_object_unref(codec->in);
	gst_object_unref(codec->out);
	gst_object_unref(codec->pipeline);
	g_free(codec);
}
