/* vp8pay.c - the payloader of sealed VP8 frames. */
#include "pipelines/elements/vp8pay/vp8pay.h"

#include <gst/rtp/rtp.h>

#include "wire/vp8.h"

enum {
	CLOCK_HZ = 90000,
	PAYLOAD_TYPE = 96,
	FIXED_HEADER_BYTES = 12,
	LAYER_MAX = 3 /* two bits */
};

G_DECLARE_FINAL_TYPE(KkVp8pay, kk_vp8pay, KK, VP8PAY, GstRTPBasePayload)

struct _KkVp8pay {
	GstRTPBasePayload parent;
	guint16 picture_id;
	guint8 tl0_index;
};

G_DEFINE_TYPE(KkVp8pay, kk_vp8pay, GST_TYPE_RTP_BASE_PAYLOAD)

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE("sink",
    GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS("video/x-vp8"));
static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE("src",
    GST_PAD_SRC, GST_PAD_ALWAYS,
    GST_STATIC_CAPS("application/x-rtp, media = (string) video, "
		    "clock-rate = (int) 90000, "
		    "encoding-name = (string) VP8"));

static gboolean vp8pay_caps_set(GstRTPBasePayload *base, GstCaps *caps)
{
	(void)caps;
	gst_rtp_base_payload_set_options(base, "video", TRUE, "VP8", CLOCK_HZ);
	return gst_rtp_base_payload_set_outcaps(base, NULL);
}

/* What stands in the descriptors of all its packets. */
static struct wire_vp8 descriptor_of(KkVp8pay *pay, GstBuffer *frame)
{
	GstCustomMeta *meta = gst_buffer_get_custom_meta(frame, "GstVP8Meta");
	const bool is_key = !GST_BUFFER_FLAG_IS_SET(frame,
	    GST_BUFFER_FLAG_DELTA_UNIT);
	struct wire_vp8 vp8 = { .has_picture_id = true,
		.is_picture_id_long = true,
		.picture_id = pay->picture_id };
	gboolean has_layers = FALSE, is_sync = FALSE;
	guint layer = 0;

	if (!meta ||
	    !gst_structure_get(gst_custom_meta_get_structure(meta),
		"use-temporal-scaling", G_TYPE_BOOLEAN, &has_layers, "layer-id",
		G_TYPE_UINT, &layer, "layer-sync", G_TYPE_BOOLEAN, &is_sync,
		NULL) ||
	    !has_layers || layer > LAYER_MAX)
		return vp8;
	if (is_key)
		layer = 0;
	if (layer == 0)
		pay->tl0_index++;
	vp8.has_tl0_index = vp8.has_tid = true;
	vp8.tl0_index = pay->tl0_index;
	vp8.tid = (uint8_t)layer;
	vp8.is_layer_sync = layer > 0 && is_sync;
	return vp8;
}

static gsize descriptor_bytes(const struct wire_vp8 *vp8)
{
	return vp8->has_tid ? VP8PAY_DESCRIPTOR_LAYERS_BYTES :
			      VP8PAY_DESCRIPTOR_BYTES;
}

/* A packet with the frame's bytes from offset on. */
static GstBuffer *packet_make(KkVp8pay *pay, const struct wire_vp8 *vp8,
    GstBuffer *frame, gsize offset, gsize bytes)
{
	const gsize head = descriptor_bytes(vp8);
	GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
	struct wire_out out;
	GstBuffer *packet;

	packet = gst_rtp_base_payload_allocate_output_buffer(&pay->parent,
	    (guint)head, 0, 0);
	gst_rtp_buffer_map(packet, GST_MAP_WRITE, &rtp);
	wire_out_init(&out, gst_rtp_buffer_get_payload(&rtp), head);
	wire_vp8_write(&out, vp8);
	g_assert(!out.err && out.bytes == head);
	gst_rtp_buffer_set_marker(&rtp,
	    offset + bytes == gst_buffer_get_size(frame));
	gst_rtp_buffer_unmap(&rtp);
	return gst_buffer_append(packet,
	    gst_buffer_copy_region(frame, GST_BUFFER_COPY_MEMORY, offset,
		bytes));
}

static GstFlowReturn vp8pay_frame(GstRTPBasePayload *base, GstBuffer *frame)
{
	KkVp8pay *pay = KK_VP8PAY(base);
	struct wire_vp8 vp8 = descriptor_of(pay, frame);
	const gsize room = GST_RTP_BASE_PAYLOAD_MTU(base) - FIXED_HEADER_BYTES -
	    descriptor_bytes(&vp8);
	const gsize total = gst_buffer_get_size(frame);
	GstBufferList *list = gst_buffer_list_new();

	for (gsize at = 0; at < total; at += room) {
		GstBuffer *packet;

		vp8.is_partition_start = at == 0;
		packet = packet_make(pay, &vp8, frame, at,
		    MIN(room, total - at));
		GST_BUFFER_PTS(packet) = GST_BUFFER_PTS(frame);
		gst_buffer_list_add(list, packet);
	}
	pay->picture_id = (pay->picture_id + 1) & WIRE_VP8_PICTURE_ID_LONG_MAX;
	gst_buffer_unref(frame);
	return gst_rtp_base_payload_push_list(base, list);
}

static void kk_vp8pay_class_init(KkVp8payClass *klass)
{
	GstElementClass *element = (GstElementClass *)klass;

	gst_element_class_add_static_pad_template(element, &sink_template);
	gst_element_class_add_static_pad_template(element, &src_template);
	gst_element_class_set_static_metadata(element, "Sealed VP8 payloader",
	    "Codec/Payloader/Network/RTP", "VP8 frames to RTP, unread",
	    "Konklave");
	klass->parent_class.set_caps = vp8pay_caps_set;
	klass->parent_class.handle_buffer = vp8pay_frame;
}

static void kk_vp8pay_init(KkVp8pay *pay)
{
	pay->picture_id = (guint16)g_random_int_range(0,
	    WIRE_VP8_PICTURE_ID_LONG_MAX + 1);
	pay->tl0_index = (guint8)g_random_int();
	GST_RTP_BASE_PAYLOAD_MTU(&pay->parent) = 1200; /* docs/protocol.md */
	GST_RTP_BASE_PAYLOAD_PT(&pay->parent) = PAYLOAD_TYPE;
}

GstElement *vp8pay_new(const char *name)
{
	return g_object_new(kk_vp8pay_get_type(), "name", name, NULL);
}
