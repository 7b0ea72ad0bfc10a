/* framing.c - see framing.h. */
#include "wire/framing.h"

#include <string.h>

/* Keeps up to so many bytes in all; false where in has not so many. */
static bool keep(struct wire_framing *f, struct kk_view *in, size_t bytes)
{
	size_t more = bytes - f->bytes;

	if (more > in->bytes)
		more = in->bytes;
	if (more > 0)
		memcpy(f->data + f->bytes, in->data, more);
	f->bytes += more;
	*in = kk_view_of(in->data + more, in->bytes - more);
	return f->bytes == bytes;
}

/* Nothing is kept, and the frame is whole. */
static bool take(struct kk_view *in, struct kk_view *packet)
{
	size_t bytes;

	if (in->bytes < WIRE_FRAME_HEAD_BYTES)
		return false;
	bytes = wire_get_u16(in->data);
	if (bytes > WIRE_FRAME_MAX_BYTES ||
	    bytes > in->bytes - WIRE_FRAME_HEAD_BYTES)
		return false;
	*packet = kk_view_of(in->data + WIRE_FRAME_HEAD_BYTES, bytes);
	bytes += WIRE_FRAME_HEAD_BYTES;
	*in = kk_view_of(in->data + bytes, in->bytes - bytes);
	return true;
}

enum kk_err wire_framing_next(struct wire_framing *f, struct kk_view *in,
    struct kk_view *packet)
{
	size_t bytes;

	if (f->bytes == 0 && take(in, packet))
		return KK_OK;
	if (f->bytes < WIRE_FRAME_HEAD_BYTES &&
	    !keep(f, in, WIRE_FRAME_HEAD_BYTES))
		return KK_ETRUNC;
	bytes = wire_get_u16(f->data);
	if (bytes > WIRE_FRAME_MAX_BYTES)
		return KK_ELIMIT;
	if (!keep(f, in, WIRE_FRAME_HEAD_BYTES + bytes))
		return KK_ETRUNC;
	*packet = kk_view_of(f->data + WIRE_FRAME_HEAD_BYTES, bytes);
	f->bytes = 0;
	return KK_OK;
}

void wire_framing_write(struct wire_out *w, struct kk_view packet)
{
	const size_t before = w->bytes;

	if (packet.bytes > WIRE_FRAME_MAX_BYTES)
		wire_out_fail(w, KK_ELIMIT);
	wire_out_u16(w, (unsigned)packet.bytes);
	wire_out_raw(w, packet);
	if (w->err)
		w->bytes = before;
}
