/*
 * vp8pay.h - puts VP8 frames into RTP packets without looking inside, so that
 * sealed ones pass too.  GStreamer's own payloader parses what it carries.
 *
 * Each buffer is a frame.  Each packet begins with the shortest descriptor that
 * has a 15-bit picture id; a whole frame is partition 0.  Is not registered:
 * vp8pay_new() makes it.
 *
 * Source: RFC 7741, 4.2.
 */
#pragma once
#include <gst/gst.h>

enum { VP8PAY_DESCRIPTOR_BYTES = 4 };

GstElement *vp8pay_new(const char *name); /* floating, as all new elements */
