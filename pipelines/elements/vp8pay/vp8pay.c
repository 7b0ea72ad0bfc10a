/* vp8pay.c - the payloader of sealed VP8 frames. */
#include "pipelines/elements/vp8pay/vp8pay.h"

#include <gst/rtp/rtp.h>

#include "wire/vp8.h"

enum { CLOCK_HZ = 90000, PAYLOAD_TYPE = 96, FIXED_HEADER_BYTES = 12 };

G_DECLARE_FINAL_TYPE(KkVp8pay, kk_vp8pay, KK, VP8PAY, GstRTPBasePayload)

struct _KkVp8pay {
	GstRTPBasePayload parent;
	guint16 picture_id;
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

/* A packet with the frame's bytes from offset on. */
static GstBuffer *packet_make(KkVp8pay *pay, GstBuffer *frame, gsize offset,
    gsize bytes)
{
	struct wire_vp8 descriptor = { .is_partition_start = offset == 0,
		.has_picture_id = true,
		.is_picture_id_long = true,
		.picture_id = pay->picture_id };
	GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
	struct wire_out out;
	GstBuffer *packet;

	packet = gst_rtp_base_payload_allocate_output_buffer(&pay->parent,
	    VP8PAY_DESCRIPTOR_BYTES, 0, 0);
	gst_rtp_buffer_map(packet, GST_MAP_WRITE, &rtp);
	wire_out_init(&out, gst_rtp_buffer_get_payload(&rtp),
	    VP8PAY_DESCRIPTOR_BYTES);
	wire_vp8_write(&out, &descriptor);
	g_assert(!out.err && out.bytes == VP8PAY_DESCRIPTOR_BYTES);
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
	const gsize room = GST_RTP_BASE_PAYLOAD_MTU(base) - FIXED_HEADER_BYTES -
	    VP8PAY_DESCRIPTOR_BYTES;
	const gsize total = gst_buffer_get_size(frame);
	GstBufferList *list = gst_buffer_list_new();

	for (gsize at = 0; at < total; at += room) {
		GstBuffer *packet = packet_make(pay, frame, at,
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
	GST_RTP_BASE_PAYLOAD_MTU(&pay->parent) = 1200; /* docs/protocol.md */
	GST_RTP_BASE_PAYLOAD_PT(&pay->parent) = PAYLOAD_TYPE;
}

GstElement *vp8pay_new(const char *name)
{
	return g_object_new(kk_vp8pay_get_type(), "name", name, NULL);
}
