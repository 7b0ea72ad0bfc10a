/* wire_rtp.c - fuzzes RTP packets and their header extensions. */
#include "wire/rtp.h"

#include <stdlib.h>
#include <string.h>

enum { PACKET_MAX_BYTES = 2048 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void must(bool is_true)
{
	if (!is_true)
		abort();
}

/* What parses is written as the same bytes, but for what padding holds. */
static void write_check(const struct wire_rtp *rtp, struct kk_view in)
{
	uint8_t out[PACKET_MAX_BYTES];
	struct wire_out w;

	wire_out_init(&w, out, sizeof(out));
	wire_rtp_write(&w, rtp);
	must(!w.err && w.bytes == in.bytes);
	must(!memcmp(out, in.data, in.bytes - rtp->padding_bytes));
}

static size_t ext_count(const struct wire_rtp *rtp, enum kk_err *err)
{
	struct wire_rtp_ext_iter it;
	struct wire_rtp_ext ext;
	size_t count = 0;

	wire_rtp_ext_begin(&it, rtp);
	while (wire_rtp_ext_next(&it, &ext)) {
		must(ext.data.data >= rtp->ext.data &&
		    ext.data.data + ext.data.bytes <=
			rtp->ext.data + rtp->ext.bytes);
		count++;
	}
	*err = wire_rtp_ext_err(&it);
	return count;
}

/* Mapped to one id, all are there; mapped to 0, none is. */
static void rewrite_check(struct kk_view in, const struct wire_rtp *rtp)
{
	uint8_t copy[PACKET_MAX_BYTES], map[256];
	struct wire_rtp again;
	enum kk_err err, ext_err;
	size_t count = ext_count(rtp, &ext_err);

	memcpy(copy, in.data, in.bytes);
	memset(map, 5, sizeof(map));
	err = wire_rtp_ext_rewrite(copy, in.bytes, map);
	must(err == ext_err);
	if (err) {
		must(!memcmp(copy, in.data, in.bytes));
		return;
	}
	must(!wire_rtp_header_parse(&again, kk_view_of(copy, in.bytes)));
	must(ext_count(&again, &ext_err) == count && !ext_err);
	memset(map, 0, sizeof(map));
	must(!wire_rtp_ext_rewrite(copy, in.bytes, map));
	must(!wire_rtp_header_parse(&again, kk_view_of(copy, in.bytes)));
	must(ext_count(&again, &ext_err) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct kk_view in = kk_view_of(data, bytes);
	struct wire_rtp rtp, header;

	if (bytes > PACKET_MAX_BYTES)
		return 0;
	if (wire_rtp_header_parse(&header, in)) {
		must(wire_rtp_parse(&rtp, in));
		return 0;
	}
	must(header.header_bytes + header.payload.bytes == bytes);
	rewrite_check(in, &header);
	if (!wire_rtp_parse(&rtp, in))
		write_check(&rtp, in);
	return 0;
}
