/* vp8.c - tests of the VP8 payload descriptor. */
#include "wire/vp8.h"

#include <string.h>

#include "harness/tap.h"
#include "wire/noise.h"

/* After RFC 7741, 4.2: X, N, S; I, L, T, K; a long picture id 0x1234; TL0
 * index 0x56; TID 2, Y, key index 7; then a frame header. */
static const uint8_t full[] = { 0xb0, 0xf0, 0x92, 0x34, 0x56, 0xa7, 0x10 };

static enum kk_err parse(struct wire_vp8 *vp8, const void *in, size_t bytes)
{
	return wire_vp8_parse(vp8, kk_view_of(in, bytes));
}

TEST(vp8_descriptor_with_everything_has_its_fields)
{
	struct wire_vp8 d;

	CHECK_OK(parse(&d, full, sizeof(full)));
	CHECK_EQ(d.bytes, WIRE_VP8_DESCRIPTOR_MAX_BYTES);
	CHECK(d.is_discardable && d.is_partition_start);
	CHECK_EQ(d.partition, 0);
	CHECK(d.has_picture_id && d.is_picture_id_long);
	CHECK_EQ(d.picture_id, 0x1234);
	CHECK(d.has_tl0_index);
	CHECK_EQ(d.tl0_index, 0x56);
	CHECK(d.has_tid && d.is_layer_sync);
	CHECK_EQ(d.tid, 2);
	CHECK(d.has_key_index);
	CHECK_EQ(d.key_index, 7);
}

TEST(vp8_shortest_descriptor_is_one_byte)
{
	static const uint8_t in[] = { 0x15 };
	struct wire_vp8 d;

	CHECK_OK(parse(&d, in, 1));
	CHECK_EQ(d.bytes, 1);
	CHECK(d.is_partition_start && !d.is_discardable);
	CHECK_EQ(d.partition, 5);
	CHECK(!d.has_picture_id && !d.has_tl0_index && !d.has_tid);
}

TEST(vp8_descriptor_cut_anywhere_is_truncated_and_changes_nothing)
{
	for (size_t cut = 0; cut < WIRE_VP8_DESCRIPTOR_MAX_BYTES; cut++) {
		struct wire_vp8 d = { .picture_id = 5 };

		CHECK_ERR(parse(&d, full, cut), KK_ETRUNC);
		CHECK_EQ(d.picture_id, 5);
		CHECK(!d.has_tid);
	}
}

static void check_back(const struct wire_vp8 *d)
{
	uint8_t out[WIRE_VP8_DESCRIPTOR_MAX_BYTES];
	struct wire_vp8 back;
	struct wire_out w;

	wire_out_init(&w, out, sizeof(out));
	wire_vp8_write(&w, d);
	CHECK_OK(w.err);
	CHECK_OK(parse(&back, out, w.bytes));
	CHECK_EQ(back.bytes, w.bytes);
	CHECK_EQ(back.is_discardable, d->is_discardable);
	CHECK_EQ(back.partition, d->partition);
	CHECK_EQ(back.has_picture_id, d->has_picture_id);
	CHECK_EQ(back.picture_id, d->has_picture_id ? d->picture_id : 0);
	CHECK_EQ(back.has_tl0_index, d->has_tl0_index);
	CHECK_EQ(back.tl0_index, d->has_tl0_index ? d->tl0_index : 0);
	CHECK_EQ(back.has_tid, d->has_tid);
	CHECK_EQ(back.tid, d->has_tid ? d->tid : 0);
	CHECK_EQ(back.has_key_index, d->has_key_index);
	CHECK_EQ(back.key_index, d->has_key_index ? d->key_index : 0);
}

TEST(vp8_descriptor_of_every_set_of_fields_comes_back)
{
	for (unsigned set = 0; set < 64; set++) {
		const struct wire_vp8 d = {
			.is_discardable = set & 32,
			.is_partition_start = true,
			.partition = set & 7,
			.has_picture_id = set & 1,
			.is_picture_id_long = set & 2,
			.picture_id = set & 2 ? 0x7fff : 0x7f,
			.has_tl0_index = set & 4,
			.tl0_index = 255,
			.has_tid = set & 8,
			.tid = 3,
			.has_key_index = set & 16,
			.key_index = 31,
		};
		check_back(&d);
	}
}

TEST(vp8_write_refuses_numbers_out_of_range_and_too_little_room)
{
	static const struct wire_vp8 bad[] = { { .partition = 8 }, { .tid = 4 },
		{ .key_index = 32 },
		{ .has_picture_id = true, .picture_id = 0x80 },
		{ .has_picture_id = true,
		    .is_picture_id_long = true,
		    .picture_id = 0x8000 } };
	uint8_t out[WIRE_VP8_DESCRIPTOR_MAX_BYTES];
	struct wire_vp8 d;
	struct wire_out w;

	for (size_t i = 0; i < KK_ARRAY_LEN(bad); i++) {
		wire_out_init(&w, out, sizeof(out));
		wire_vp8_write(&w, &bad[i]);
		CHECK_ERR(w.err, KK_EINVAL);
		CHECK_EQ(w.bytes, 0);
	}
	CHECK_OK(parse(&d, full, sizeof(full)));
	for (size_t room = 0; room < sizeof(out); room++) {
		wire_out_init(&w, out, room);
		wire_vp8_write(&w, &d);
		CHECK_ERR(w.err, KK_ENOSPC);
		CHECK_EQ(w.bytes, 0);
	}
}

TEST(vp8_rewrite_keeps_widths_and_all_else)
{
	static const uint8_t want[] = { 0xb0, 0xf0, 0xff, 0xfe, 0x01, 0xa7,
		0x10 };
	static const uint8_t short_id[] = { 0x80, 0x80, 0x11, 0x22 };
	static const uint8_t tl0_only[] = { 0x80, 0x40, 0x11, 0x22 };
	const struct wire_vp8 to = { .picture_id = 0x7ffe, .tl0_index = 1 };
	uint8_t d[sizeof(full)];

	memcpy(d, full, sizeof(d));
	CHECK_OK(wire_vp8_rewrite(d, sizeof(d), &to));
	CHECK_MEM(d, want, sizeof(want));
	memcpy(d, short_id, sizeof(short_id));
	CHECK_OK(wire_vp8_rewrite(d, sizeof(short_id), &to));
	CHECK_EQ(d[2], 0x7e);
	CHECK_EQ(d[3], 0x22);
	memcpy(d, tl0_only, sizeof(tl0_only));
	CHECK_OK(wire_vp8_rewrite(d, sizeof(tl0_only), &to));
	CHECK_EQ(d[2], 1);
	CHECK_EQ(d[3], 0x22);
	CHECK_ERR(wire_vp8_rewrite(d, 2, &to), KK_ETRUNC);
}

TEST(vp8_key_frame_is_told_by_its_first_packet_only)
{
	uint8_t in[] = { 0x10, 0x9c, 0x01 };
	struct wire_vp8 d;

	CHECK_OK(parse(&d, in, sizeof(in)));
	CHECK(wire_vp8_is_key_frame(&d, kk_view_of(in, sizeof(in))));
	CHECK(!wire_vp8_is_key_frame(&d, kk_view_of(in, 1)));
	in[1] |= 1; /* an inter frame */
	CHECK(!wire_vp8_is_key_frame(&d, kk_view_of(in, sizeof(in))));
	in[1] &= 0xfe;
	in[0] = 0x11; /* the second partition */
	CHECK_OK(parse(&d, in, sizeof(in)));
	CHECK(!wire_vp8_is_key_frame(&d, kk_view_of(in, sizeof(in))));
	in[0] = 0x00; /* not a start */
	CHECK_OK(parse(&d, in, sizeof(in)));
	CHECK(!wire_vp8_is_key_frame(&d, kk_view_of(in, sizeof(in))));
}

TEST(vp8_descriptor_of_random_bytes_comes_back)
{
	uint64_t state = 2;

	for (unsigned round = 0; round < 20000; round++) {
		uint8_t in[WIRE_VP8_DESCRIPTOR_MAX_BYTES];
		struct wire_vp8 d;

		for (size_t i = 0; i < sizeof(in); i++)
			in[i] = (uint8_t)noise_next(&state);
		CHECK_OK(parse(&d, in, sizeof(in)));
		check_back(&d);
	}
}
