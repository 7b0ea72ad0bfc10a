/*
 * vp9_join.h - VP9's packets become the frames that their sender has sealed,
 * one for each spatial layer of a picture; still sealed.  GStreamer's
 * depayloader joins whole pictures, where no frame's end can be found any more.
 *
 * One thread.  Source: RFC 9628, 4.2 (B and E are a layer's frame, the marker
 * ends the picture).
 */
#pragma once
#include "base/base.h"

/* A longer frame is dropped. */
enum { VP9_JOIN_MAX_BYTES = 2 * 1024 * 1024 };

struct vp9_join;

struct vp9_frame {
	struct kk_view data; /* valid until the next packet */
	uint32_t timestamp; /* of its picture */
	bool ends_picture;
	bool is_behind_loss; /* something before it is missing */
};

struct vp9_join *vp9_join_new(void);
void vp9_join_free(struct vp9_join *join); /* NULL is fine */

/* An RTP packet, in order, as a jitter buffer gives them.  True: a frame ends
 * with it. */
bool vp9_join_packet(struct vp9_join *join, struct kk_view packet,
    struct vp9_frame *frame);
