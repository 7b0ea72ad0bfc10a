/* encoding.c - one size of the box's own pictures. */
#include "pipelines/graphs/encoding.h"

#include <gst/app/gstappsink.h>
#include <gst/video/video.h>

#include "pipelines/elements/vp8pay/vp8pay.h"

enum { LAYERS = 3, PERIOD = 4, PERCENT = 100 };

struct encoding {
	const struct encode_config *config;
	GMutex *out;
	unsigned index;
	GstElement *encoder;
	gint is_on;
	unsigned bps;
	bool needs_key; /* what was not sealed is missing to what follows */
};

/* --- the encoder --------------------------------------------------------- */

char *encoding_launch(unsigned index, const struct size *size)
{
	/* Key frames come when they are asked for: one that the encoder made by
	 * itself would keep its layer's flags, and be no reference. */
	return g_strdup_printf(
	    "sizes. ! queue name=branch%u leaky=downstream max-size-buffers=2 "
	    "max-size-bytes=0 max-size-time=0 "
	    "! videoscale add-borders=false "
	    "! video/x-raw,width=%u,height=%u "
	    "! vp8enc name=encoder%u threads=1 deadline=1 cpu-used=-8 "
	    "end-usage=cbr lag-in-frames=0 keyframe-mode=disabled "
	    "error-resilient=default min-quantizer=4 max-quantizer=56 "
	    "undershoot=95 buffer-size=600 buffer-initial-size=400 "
	    "buffer-optimal-size=500 "
	    "! capsfilter name=behind%u caps=video/x-vp8 ",
	    index, size->width, size->height, index, index);
}

/* A GValueArray: GStreamer reads only its newer arrays from text. */
static void numbers_set(GstElement *encoder, const char *name, const int *list,
    guint count)
{
	GValue value = G_VALUE_INIT;
	GValueArray *array;

	G_GNUC_BEGIN_IGNORE_DEPRECATIONS
	array = g_value_array_new(count);
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

/* Each layer's share includes those below it; libwebrtc shares alike
 * (vp8/default_temporal_layers.cc). */
static void rate_apply(struct encoding *e)
{
	static const int percent[LAYERS] = { 40, 60, 100 };
	int bps[LAYERS];

	for (int i = 0; i < LAYERS; i++)
		bps[i] = (int)(e->bps / PERCENT) * percent[i];
	/* The element hands both to the running encoder, under its own lock. */
	numbers_set(e->encoder, "temporal-scalability-target-bitrate", bps,
	    LAYERS);
	g_object_set(e->encoder, "target-bitrate", (gint)e->bps, NULL);
}

/*
 * Layer 0 renews the last frame, layer 1 the golden one, layer 2 none; the
 * upper ones leave the coder's statistics alone, so that they can be left out.
 * Without the flags of sync the element divides by their number, 0.
 */
static void layers_set(GstElement *encoder)
{
	static const int layers[PERIOD] = { 0, 2, 1, 2 };
	static const int decimators[LAYERS] = { 4, 2, 1 };

	numbers_set(encoder, "temporal-scalability-layer-id", layers, PERIOD);
	numbers_set(encoder, "temporal-scalability-rate-decimator", decimators,
	    LAYERS);
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
	g_object_set(encoder, "temporal-scalability-number-layers", LAYERS,
	    "temporal-scalability-periodicity", PERIOD, NULL);
}

/* --- sealing ------------------------------------------------------------- */

static GstBuffer *sealed_make(struct encoding *e, GstBuffer *frame)
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
		err = vault_seal(e->config->vault, VAULT_CAMERA, e->index,
		    kk_view_of(from.data, from.size), clear_bytes, to.data,
		    &out_bytes);
	gst_buffer_unmap(sealed, &to);
	gst_buffer_unmap(frame, &from);
	if (err) {
		gst_buffer_unref(sealed);
		return NULL;
	}
	gst_buffer_set_size(sealed, (gssize)out_bytes);
	gst_buffer_copy_into(sealed, frame, GST_BUFFER_COPY_METADATA, 0, -1);
	return sealed;
}

/* Between encoder and payloader: what is not sealed does not pass. */
static GstPadProbeReturn frame_passed(GstPad *pad, GstPadProbeInfo *info,
    gpointer arg)
{
	GstBuffer *frame = GST_PAD_PROBE_INFO_BUFFER(info);
	struct encoding *e = arg;
	GstBuffer *sealed;

	(void)pad;
	if (e->needs_key &&
	    GST_BUFFER_FLAG_IS_SET(frame, GST_BUFFER_FLAG_DELTA_UNIT)) {
		if (vault_may_seal(e->config->vault))
			encoding_key_frame(e);
		return GST_PAD_PROBE_DROP;
	}
	sealed = sealed_make(e, frame);
	e->needs_key = !sealed;
	if (!sealed)
		return GST_PAD_PROBE_DROP;
	gst_buffer_unref(frame);
	info->data = sealed;
	return GST_PAD_PROBE_OK;
}

/* --- its ends ------------------------------------------------------------ */

/* In front of the queue: what is left out is not even scaled. */
static GstPadProbeReturn picture_passed(GstPad *pad, GstPadProbeInfo *info,
    gpointer arg)
{
	struct encoding *e = arg;

	(void)pad;
	(void)info;
	return g_atomic_int_get(&e->is_on) ? GST_PAD_PROBE_OK :
					     GST_PAD_PROBE_DROP;
}

static GstFlowReturn packet_came(GstAppSink *sink, gpointer arg)
{
	GstSample *sample = gst_app_sink_pull_sample(sink);
	GstBufferList *list;
	struct encoding *e = arg;

	if (!sample)
		return GST_FLOW_EOS;
	list = gst_sample_get_buffer_list(sample);
	g_mutex_lock(e->out);
	for (guint i = 0; list && i < gst_buffer_list_length(list); i++) {
		GstBuffer *buffer = gst_buffer_list_get(list, i);
		g_autofree uint8_t *copy = NULL;
		gsize bytes = 0;

		gst_buffer_extract_dup(buffer, 0, -1, (gpointer *)&copy,
		    &bytes);
		e->config->packet(e->config->arg, e->index, copy, bytes);
	}
	g_mutex_unlock(e->out);
	gst_sample_unref(sample);
	return GST_FLOW_OK;
}

static GstElement *part_of(GstElement *pipeline, const char *name,
    unsigned index)
{
	g_autofree char *full = g_strdup_printf("%s%u", name, index);

	return gst_bin_get_by_name(GST_BIN(pipeline), full);
}

static void probe_add(GstElement *element, GstPadProbeCallback fn,
    struct encoding *e)
{
	g_autoptr(GstPad) pad = gst_element_get_static_pad(element, "sink");

	gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, fn, e, NULL);
}

/* The payloader is not in the registry: it is put in by hand. */
static void payloader_add(struct encoding *e, GstElement *pipeline)
{
	GstAppSinkCallbacks callbacks = { .new_sample = packet_came };
	g_autoptr(GstElement) behind = part_of(pipeline, "behind", e->index);
	GstElement *pay = vp8pay_new(NULL);
	GstElement *out = gst_element_factory_make("appsink", NULL);

	g_object_set(pay, "ssrc", 0, "pt", 96, NULL);
	/* No sink waits for the others to have something. */
	g_object_set(out, "sync", FALSE, "async", FALSE, "buffer-list", TRUE,
	    NULL);
	gst_app_sink_set_callbacks(GST_APP_SINK(out), &callbacks, e, NULL);
	gst_bin_add_many(GST_BIN(pipeline), pay, out, NULL);
	gst_element_link_many(behind, pay, out, NULL);
	probe_add(pay, frame_passed, e);
}

struct encoding *encoding_new(GstElement *pipeline, unsigned index,
    const struct encode_config *config, GMutex *out)
{
	g_autoptr(GstElement) queue = part_of(pipeline, "branch", index);
	struct encoding *e = g_new0(struct encoding, 1);

	e->config = config;
	e->out = out;
	e->index = index;
	e->encoder = part_of(pipeline, "encoder", index);
	layers_set(e->encoder);
	probe_add(queue, picture_passed, e);
	payloader_add(e, pipeline);
	return e;
}

void encoding_free(struct encoding *encoding)
{
	if (!encoding)
		return;
	gst_object_unref(encoding->encoder);
	g_free(encoding);
}

void encoding_bitrate_set(struct encoding *encoding, unsigned bps)
{
	const bool was_on = encoding->bps > 0;

	if (encoding->bps == bps)
		return;
	encoding->bps = bps;
	g_atomic_int_set(&encoding->is_on, bps > 0);
	if (bps > 0)
		rate_apply(encoding);
	if (bps > 0 && !was_on)
		encoding_key_frame(encoding);
}

void encoding_key_frame(struct encoding *encoding)
{
	g_autoptr(GstPad)
	    pad = gst_element_get_static_pad(encoding->encoder, "src");

	gst_pad_send_event(pad,
	    gst_video_event_new_upstream_force_key_unit(GST_CLOCK_TIME_NONE,
		TRUE, 0));
}

unsigned encoding_bitrate(struct encoding *encoding)
{
	gint bps = 0;

	if (!g_atomic_int_get(&encoding->is_on))
		return 0;
	g_object_get(encoding->encoder, "target-bitrate", &bps, NULL);
	return (unsigned)bps;
}
