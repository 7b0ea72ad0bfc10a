/* slot.c - one slot's packets become frames again. */
#include "pipelines/graphs/slot.h"

#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <gst/video/video.h>

#include "pipelines/graphs/build.h"

/*
 * How long a gap is waited for.  Packets in order pass at once, so it costs
 * time only where one is missing: video then has a few round trips to get it
 * again; speech goes on without.
 */
enum { VIDEO_WAIT_MS = 400, AUDIO_WAIT_MS = 60, QUEUE_PACKETS = 1024 };

/* Outlives the slot as long as a thread of its pipeline runs. */
struct gate {
	gint refs;
	GMutex lock;
	bool is_open;
	struct slot_config config;
};

struct slot {
	struct gate *gate;
	struct reaper *reaper;
	GstElement *pipeline;
	GstAppSrc *in; /* ours */
};

static struct gate *gate_ref(struct gate *gate)
{
	g_atomic_int_inc(&gate->refs);
	return gate;
}

static void gate_unref(gpointer arg)
{
	struct gate *gate = arg;

	if (!g_atomic_int_dec_and_test(&gate->refs))
		return;
	g_mutex_clear(&gate->lock);
	g_free(gate);
}

static GstFlowReturn frame_came(GstAppSink *sink, gpointer arg)
{
	GstSample *sample = gst_app_sink_pull_sample(sink);
	struct gate *gate = arg;
	GstMapInfo map;

	if (!sample)
		return GST_FLOW_EOS;
	if (gst_buffer_map(gst_sample_get_buffer(sample), &map, GST_MAP_READ)) {
		g_mutex_lock(&gate->lock);
		if (gate->is_open)
			gate->config.frame(gate->config.arg,
			    kk_view_of(map.data, map.size));
		g_mutex_unlock(&gate->lock);
		gst_buffer_unmap(gst_sample_get_buffer(sample), &map);
	}
	gst_sample_unref(sample);
	return GST_FLOW_OK;
}

/* What goes upstream: the depayloader asks for a key frame. */
static GstPadProbeReturn event_passed(GstPad *pad, GstPadProbeInfo *info,
    gpointer arg)
{
	struct gate *gate = arg;

	(void)pad;
	if (!gst_video_event_is_force_key_unit(GST_PAD_PROBE_INFO_EVENT(info)))
		return GST_PAD_PROBE_OK;
	/* On the thread of frame_came(), which does not hold the lock now. */
	g_mutex_lock(&gate->lock);
	if (gate->is_open)
		gate->config.key_frame_wanted(gate->config.arg);
	g_mutex_unlock(&gate->lock);
	return GST_PAD_PROBE_OK;
}

static char *launch_make(const struct slot_config *config)
{
	bool is_video = config->kind == SLOT_VIDEO;

	return g_strdup_printf(
	    "appsrc name=in format=time is-live=true do-timestamp=true "
	    "max-buffers=%d max-bytes=0 leaky-type=downstream "
	    "caps=\"application/x-rtp,media=%s,payload=%u,clock-rate=%d,"
	    "encoding-name=%s\" "
	    "! rtpjitterbuffer latency=%d do-lost=true faststart-min-packets=1 "
	    "! %s ! appsink name=out sync=false async=false",
	    QUEUE_PACKETS, is_video ? "video" : "audio", config->payload_type,
	    is_video ? 90000 : 48000, is_video ? "VP8" : "OPUS",
	    is_video ? VIDEO_WAIT_MS : AUDIO_WAIT_MS,
	    is_video ?
		"rtpvp8depay wait-for-keyframe=true request-keyframe=true" :
		"rtpopusdepay");
}

enum kk_err slot_new(struct slot **slotp, const struct slot_config *config)
{
	GstAppSinkCallbacks callbacks = { .new_sample = frame_came };
	g_autofree char *launch = launch_make(config);
	g_autoptr(GstElement) in = NULL, out = NULL;
	g_autoptr(GstPad) pad = NULL;
	GstElement *pipeline;
	struct gate *gate;
	enum kk_err err;

	err = build_pipeline(&pipeline, launch);
	if (err)
		return err;
	gate = g_new0(struct gate, 1);
	*gate = (struct gate){ .refs = 1, .is_open = true, .config = *config };
	g_mutex_init(&gate->lock);
	in = gst_bin_get_by_name(GST_BIN(pipeline), "in");
	out = gst_bin_get_by_name(GST_BIN(pipeline), "out");
	gst_app_sink_set_callbacks(GST_APP_SINK(out), &callbacks,
	    gate_ref(gate), gate_unref);
	pad = gst_element_get_static_pad(in, "src");
	gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_EVENT_UPSTREAM, event_passed,
	    gate_ref(gate), gate_unref);
	*slotp = g_new0(struct slot, 1);
	**slotp = (struct slot){ .gate = gate,
		.reaper = config->reaper,
		.pipeline = pipeline,
		.in = GST_APP_SRC(g_steal_pointer(&in)) };
	gst_element_set_state(pipeline, GST_STATE_PLAYING);
	return KK_OK;
}

void slot_free(struct slot *slot)
{
	if (!slot)
		return;
	g_mutex_lock(&slot->gate->lock);
	slot->gate->is_open = false;
	g_mutex_unlock(&slot->gate->lock);
	gst_object_unref(slot->in);
	reaper_give(slot->reaper, slot->pipeline);
	gate_unref(slot->gate);
	g_free(slot);
}

void slot_packet(struct slot *slot, struct kk_view packet)
{
	gst_app_src_push_buffer(slot->in,
	    gst_buffer_new_memdup(packet.data, packet.bytes));
}
