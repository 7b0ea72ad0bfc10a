/* vp9_join.c - VP9's packets become frames again. */
#include "pipelines/graphs/vp9_join.h"

#include <glib.h>

#include "wire/rtp.h"
#include "wire/vp9.h"

struct vp9_join {
	GByteArray *data;
	bool has_begun; /* a frame */
	bool has_lost;
	bool has_seq;
	uint16_t seq; /* of the packet before */
};

struct vp9_join *vp9_join_new(void)
{
	struct vp9_join *join = g_new0(struct vp9_join, 1);

	join->data = g_byte_array_new();
	return join;
}

void vp9_join_free(struct vp9_join *join)
{
	if (!join)
		return;
	g_byte_array_unref(join->data);
	g_free(join);
}

static void lost(struct vp9_join *join)
{
	join->has_begun = false;
	join->has_lost = true;
}

static void seq_look(struct vp9_join *join, uint16_t seq)
{
	if (join->has_seq && (uint16_t)(join->seq + 1) != seq)
		lost(join);
	join->has_seq = true;
	join->seq = seq;
}

static void frame_begin(struct vp9_join *join)
{
	if (join->has_begun) /* the one before has no end */
		lost(join);
	join->has_begun = true;
	g_byte_array_set_size(join->data, 0);
}

bool vp9_join_packet(struct vp9_join *join, struct kk_view packet,
    struct vp9_frame *frame)
{
	struct wire_rtp rtp = { 0 };
	struct wire_vp9 vp9 = { 0 };
	size_t bytes;

	if (wire_rtp_parse(&rtp, packet))
		return false;
	seq_look(join, rtp.seq);
	if (rtp.payload.bytes == 0)
		return false; /* it fills a gap that a forwarder left */
	if (wire_vp9_parse(&vp9, rtp.payload)) {
		lost(join);
		return false;
	}
	if (vp9.is_frame_start)
		frame_begin(join);
	bytes = rtp.payload.bytes - vp9.bytes;
	if (!join->has_begun || join->data->len + bytes > VP9_JOIN_MAX_BYTES) {
		lost(join);
		return false;
	}
	g_byte_array_append(join->data, rtp.payload.data + vp9.bytes,
	    (guint)bytes);
	if (!vp9.is_frame_end)
		return false;
	*frame = (struct vp9_frame){ .data = kk_view_of(join->data->data,
					 join->data->len),
		.timestamp = rtp.timestamp,
		.ends_picture = rtp.has_marker,
		.is_behind_loss = join->has_lost };
	join->has_begun = join->has_lost = false;
	return true;
}
