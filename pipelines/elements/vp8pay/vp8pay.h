/*
 * vp8pay.h - puts VP8 frames into RTP packets without looking inside, so that
 * sealed ones pass too.  GStreamer's own payloader parses what it carries.
 *
 * Each buffer is a frame.  Each packet begins with a descriptor that has a
 * 15-bit picture id; a whole frame is partition 0.  Where vp8enc's metadata
 * tells of temporal layers, it also has the frame's layer, whether that refers
 * to the lowest one alone, and the lowest one's number.  A key frame, which all
 * that follows may refer to, is always of the lowest, whatever the encoder's
 * pattern says.  Is not registered: vp8pay_new() makes it.
 *
 * Source: RFC 7741, 4.2.
 */
#pragma once
#include <gst/gst.h>

enum { /* without and with layers */
	VP8PAY_DESCRIPTOR_BYTES = 4,
	VP8PAY_DESCRIPTOR_LAYERS_BYTES = 6
};

GstElement *vp8pay_new(const char *name); /* floating, as all new elements */
