/* vp8.c - what of a VP8 frame stays clear. */
#include "sframe/sframe.h"

enum { /* RFC 6386, 9.1 */
	INTERFRAME_BIT = 0x01, /* of the first byte; clear in a key frame */
	INTERFRAME_BYTES = 3, /* frame tag */
	KEY_FRAME_BYTES = 10 /* frame tag, start code, width and height */
};

enum kk_err sframe_vp8_clear_bytes(struct kk_view frame, size_t *clear_bytes)
{
	size_t bytes = KEY_FRAME_BYTES;

	if (frame.bytes && frame.data[0] & INTERFRAME_BIT)
		bytes = INTERFRAME_BYTES;
	if (frame.bytes < bytes)
		return KK_ETRUNC;
	*clear_bytes = bytes;
	return KK_OK;
}
