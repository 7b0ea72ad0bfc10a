/* slot.c - one slot's packets become frames again. */
#include "pipelines/graphs/slot.h"

#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <gst/video/video.h>

#include "pipelines/graphs/build.h"
#include "wire/rtp.h"
#include "wire/seq.h"

/*
 * How long a gap is waited for.  Packets in order pass at once, so it costs
 * time only where one is missing: video then has a few round trips to get it
 * again; speech goes on without.
 */
enum { VIDEO_WAIT_MS = 400, AUDIO_WAIT_MS = 60, QUEUE_PACKETS = 1024 };

/* Of one pipeline, and outlives it as long as a thread of it runs. */
struct gate {
	gint refs;
	GMutex lock;
	bool is_open;
	struct slot_config config;
	struct vp9_join *join; /* NULL: not of VP9 */
};

struct slot {
	struct slot_config config;
	struct gate *gate; /* NULL: there is no pipeline */
	GstElement *pipeline;
	GstAppSrc *in; /* ours */
	bool is_vp9; /* what the pipeline is for */
	bool has_seq;
	uint16_t seq; /* the newest that came */
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
	vp9_join_free(gate->join);
	g_free(gate);
}

/* A frame, or a packet of VP9; the lock is held. */
static void data_take(struct gate *gate, struct kk_view data)
{
	struct slot_frame frame = { .data = data };
	struct vp9_frame vp9;

	if (gate->join) {
		if (!vp9_join_packet(gate->join, data, &vp9))
			return;
		frame = (struct slot_frame){ .data = vp9.data,
			.is_vp9 = true,
			.timestamp = vp9.timestamp,
			.ends_picture = vp9.ends_picture,
			.is_behind_loss = vp9.is_behind_loss };
	}
	gate->config.frame(gate->config.arg, &frame);
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
			data_take(gate, kk_view_of(map.data, map.size));
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

static const char *depay_of(const struct slot_config *config, bool is_vp9)
{
	if (config->kind == SLOT_AUDIO)
		return "! rtpopusdepay";
	return is_vp9 ? "" :
			"! rtpvp8depay wait-for-keyframe=true "
			"request-keyframe=true";
}

static char *launch_make(const struct slot_config *config, bool is_vp9)
{
	bool is_video = config->kind == SLOT_VIDEO;

	return g_strdup_printf(
	    "appsrc name=in format=time is-live=true do-timestamp=true "
	    "max-buffers=%d max-bytes=0 leaky-type=downstream "
	    "caps=\"application/x-rtp,media=%s,payload=%u,clock-rate=%d,"
	    "encoding-name=%s\" "
	    "! rtpjitterbuffer latency=%d do-lost=true faststart-min-packets=1 "
	    "%s ! appsink name=out sync=false async=false",
	    QUEUE_PACKETS, is_video ? "video" : "audio",
	    is_vp9 ? config->vp9_payload_type : config->payload_type,
	    is_video ? 90000 : 48000,
	    is_vp9       ? "VP9" :
		is_video ? "VP8" :
			   "OPUS",
	    is_video ? VIDEO_WAIT_MS : AUDIO_WAIT_MS, depay_of(config, is_vp9));
}

static enum kk_err pipeline_open(struct slot *slot, bool is_vp9)
{
	GstAppSinkCallbacks callbacks = { .new_sample = frame_came };
	g_autofree char *launch = launch_make(&slot->config, is_vp9);
	g_autoptr(GstElement) in = NULL, out = NULL;
	g_autoptr(GstPad) pad = NULL;
	GstElement *pipeline;
	struct gate *gate;
	enum kk_err err;

	err = build_pipeline(&pipeline, launch);
	if (err)
		return err;
	gate = g_new0(struct gate, 1);
	*gate = (struct gate){ .refs = 1,
		.is_open = true,
		.config = slot->config,
		.join = is_vp9 ? vp9_join_new() : NULL };
	g_mutex_init(&gate->lock);
	in = gst_bin_get_by_name(GST_BIN(pipeline), "in");
	out = gst_bin_get_by_name(GST_BIN(pipeline), "out");
	gst_app_sink_set_callbacks(GST_APP_SINK(out), &callbacks,
	    gate_ref(gate), gate_unref);
	pad = gst_element_get_static_pad(in, "src");
	gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_EVENT_UPSTREAM, event_passed,
	    gate_ref(gate), gate_unref);
	slot->gate = gate;
	slot->pipeline = pipeline;
	slot->in = GST_APP_SRC(g_steal_pointer(&in));
	slot->is_vp9 = is_vp9;
	gst_element_set_state(pipeline, GST_STATE_PLAYING);
	return KK_OK;
}

static void pipeline_close(struct slot *slot)
{
	if (!slot->gate)
		return;
	g_mutex_lock(&slot->gate->lock);
	slot->gate->is_open = false;
	g_mutex_unlock(&slot->gate->lock);
	gst_object_unref(slot->in);
	reaper_give(slot->config.reaper, slot->pipeline);
	gate_unref(slot->gate);
	slot->gate = NULL;
}

enum kk_err slot_new(struct slot **slotp, const struct slot_config *config)
{
	struct slot *slot = g_new0(struct slot, 1);
	enum kk_err err;

	slot->config = *config;
	err = pipeline_open(slot, false);
	if (err)
		g_free(slot);
	else
		*slotp = slot;
	return err;
}

void slot_free(struct slot *slot)
{
	if (!slot)
		return;
	pipeline_close(slot);
	g_free(slot);
}

/*
 * Another codec comes with somebody else, whose first packet is newer than all
 * before: what those still lack is not waited for.  False: of no use any more.
 */
static bool codec_follow(struct slot *slot, struct kk_view packet)
{
	struct wire_rtp rtp = { 0 };
	bool is_vp9, is_newer;

	if (slot->config.vp9_payload_type == 0)
		return true;
	if (wire_rtp_parse(&rtp, packet))
		return false;
	is_vp9 = rtp.payload_type == slot->config.vp9_payload_type;
	is_newer = !slot->has_seq || wire_seq_is_newer(rtp.seq, slot->seq);
	if (is_newer)
		slot->seq = rtp.seq;
	slot->has_seq = true;
	if (is_vp9 == slot->is_vp9)
		return slot->gate;
	if (!is_newer)
		return false;
	pipeline_close(slot);
	return !pipeline_open(slot, is_vp9);
}

void slot_packet(struct slot *slot, struct kk_view packet)
{
	if (codec_follow(slot, packet))
		gst_app_src_push_buffer(slot->in,
		    gst_buffer_new_memdup(packet.data, packet.bytes));
}
