/*
 * wire_framing.c - fuzzes packets in a stream: cut anywhere, the same ones come
 * out, and written again they are the stream.
 *
 *     length of the first piece (2) | stream
 */
#include "wire/framing.h"

#include <stdlib.h>
#include <string.h>

enum { STREAM_MAX_BYTES = 16384 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void must(bool is_true)
{
	if (!is_true)
		abort();
}

static enum kk_err run(struct wire_framing *f, struct kk_view in,
    struct wire_out *again)
{
	struct kk_view packet;
	enum kk_err err;

	while (!(err = wire_framing_next(f, &in, &packet))) {
		must(packet.bytes <= WIRE_FRAME_MAX_BYTES);
		wire_framing_write(again, packet);
	}
	must(err == KK_ELIMIT || (err == KK_ETRUNC && in.bytes == 0));
	return err;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	static uint8_t whole[STREAM_MAX_BYTES], cut[STREAM_MAX_BYTES];
	struct wire_framing f = { 0 };
	struct wire_out a, b;
	struct kk_view in;
	size_t first;
	enum kk_err err;

	if (bytes < 2 || bytes - 2 > STREAM_MAX_BYTES)
		return 0;
	first = wire_get_u16(data);
	in = kk_view_of(data + 2, bytes - 2);
	if (first > in.bytes)
		first = in.bytes;
	wire_out_init(&a, whole, sizeof(whole));
	err = run(&f, in, &a);
	must(!a.err && a.bytes <= in.bytes &&
	    memcmp(whole, in.data, a.bytes) == 0);
	must(err || a.bytes + f.bytes == in.bytes);
	f = (struct wire_framing){ 0 };
	wire_out_init(&b, cut, sizeof(cut));
	if (run(&f, kk_view_of(in.data, first), &b) == KK_ETRUNC)
		must(run(&f, kk_view_of(in.data + first, in.bytes - first),
			 &b) == err);
	must(b.bytes == a.bytes && memcmp(whole, cut, a.bytes) == 0);
	return 0;
}
