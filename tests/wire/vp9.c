/* vp9.c - tests of the VP9 payload descriptor. */
#include "wire/vp9.h"

#include <string.h>

#include "harness/tap.h"

/* After RFC 9628, 4.2, non-flexible: I, L, B, V; long picture id 0x1234; TID 1,
 * U, SID 0; TL0 index 0x56; structure of two layers with sizes 320x180 and
 * 640x360 and a group of two pictures: one without, one with a reference. */
static const uint8_t key[] = { 0xaa, 0x92, 0x34, 0x30, 0x56, 0x38, 0x01, 0x40,
	0x00, 0xb4, 0x02, 0x80, 0x01, 0x68, 0x02, 0x00, 0x24, 0x01 };
/* Flexible: I, P, L, F, E, Z; short picture id 0x35; TID 2, SID 1, D; two
 * references 1 and 4 pictures back. */
static const uint8_t flexible[] = { 0xf5, 0x35, 0x43, 0x03, 0x08 };

static enum kk_err parse(struct wire_vp9 *vp9, const void *in, size_t bytes)
{
	return wire_vp9_parse(vp9, kk_view_of(in, bytes));
}

TEST(vp9_descriptor_with_structure_has_its_fields)
{
	struct wire_vp9 d;

	CHECK_OK(parse(&d, key, sizeof(key)));
	CHECK_EQ(d.bytes, sizeof(key));
	CHECK(d.has_picture_id && d.is_picture_id_long);
	CHECK_EQ(d.picture_id, 0x1234);
	CHECK(d.has_layers && d.is_switching_point && !d.is_inter_layer);
	CHECK_EQ(d.tid, 1);
	CHECK_EQ(d.sid, 0);
	CHECK_EQ(d.tl0_index, 0x56);
	CHECK(d.is_frame_start && !d.is_frame_end && !d.is_inter);
	CHECK(d.has_structure && d.has_sizes);
	CHECK_EQ(d.layer_count, 2);
	CHECK_EQ(d.sizes[0].width, 320);
	CHECK_EQ(d.sizes[0].height, 180);
	CHECK_EQ(d.sizes[1].width, 640);
	CHECK_EQ(d.sizes[1].height, 360);
	CHECK_EQ(d.groups.bytes, 4);
	CHECK(wire_vp9_is_key_picture(&d));
}

TEST(vp9_flexible_descriptor_has_its_references)
{
	struct wire_vp9 d;

	CHECK_OK(parse(&d, flexible, sizeof(flexible)));
	CHECK_EQ(d.bytes, sizeof(flexible));
	CHECK(d.is_flexible && d.is_inter && d.is_frame_end);
	CHECK(d.is_no_upper_ref && d.is_inter_layer && !d.is_picture_id_long);
	CHECK_EQ(d.picture_id, 0x35);
	CHECK_EQ(d.tid, 2);
	CHECK_EQ(d.sid, 1);
	CHECK_EQ(d.ref_count, 2);
	CHECK_EQ(d.refs[0], 1);
	CHECK_EQ(d.refs[1], 4);
	CHECK(!wire_vp9_is_key_picture(&d));
}

TEST(vp9_descriptor_cut_anywhere_is_truncated_and_changes_nothing)
{
	for (size_t cut = 0; cut < sizeof(key); cut++) {
		struct wire_vp9 d = { .picture_id = 5 };

		CHECK_ERR(parse(&d, key, cut), KK_ETRUNC);
		CHECK_EQ(d.picture_id, 5);
		CHECK(!d.has_layers);
	}
	for (size_t cut = 0; cut < sizeof(flexible); cut++) {
		struct wire_vp9 d;

		CHECK_ERR(parse(&d, flexible, cut), KK_ETRUNC);
	}
}

TEST(vp9_descriptor_against_the_rules_is_refused)
{
	static const uint8_t no_id[] = { 0x10, 0x00, 0x00 };
	static const uint8_t four_refs[] = { 0xd0, 0x01, 0x03, 0x03, 0x03, 0x02,
		0x02 };
	static const uint8_t zero_ref[] = { 0xd0, 0x01, 0x00 };
	static const uint8_t three_refs[] = { 0xd0, 0x01, 0x03, 0x03, 0x02 };
	struct wire_vp9 d;

	CHECK_ERR(parse(&d, no_id, sizeof(no_id)), KK_EFORMAT);
	CHECK_ERR(parse(&d, four_refs, sizeof(four_refs)), KK_EFORMAT);
	CHECK_ERR(parse(&d, zero_ref, sizeof(zero_ref)), KK_EFORMAT);
	CHECK_OK(parse(&d, three_refs, sizeof(three_refs)));
	CHECK_EQ(d.ref_count, 3);
}

TEST(vp9_rewrite_changes_picture_id_and_tl0_index_alone)
{
	const struct wire_vp9 to = { .picture_id = 0x7ffe, .tl0_index = 9 };
	uint8_t d[sizeof(key)], f[sizeof(flexible)];

	memcpy(d, key, sizeof(d));
	CHECK_OK(wire_vp9_rewrite(d, sizeof(d), &to));
	CHECK_EQ(d[1], 0xff);
	CHECK_EQ(d[2], 0xfe);
	CHECK_EQ(d[3], key[3]);
	CHECK_EQ(d[4], 9);
	CHECK_EQ(d[0], key[0]);
	CHECK_MEM(d + 5, key + 5, sizeof(key) - 5);
	memcpy(f, flexible, sizeof(f));
	CHECK_OK(wire_vp9_rewrite(f, sizeof(f), &to));
	CHECK_EQ(f[1], 0x7e);
	CHECK_MEM(f + 2, flexible + 2, sizeof(f) - 2);
	CHECK_ERR(wire_vp9_rewrite(d, 4, &to), KK_ETRUNC);
}

TEST(vp9_key_picture_begins_in_the_lowest_layer_only)
{
	struct wire_vp9 d = { .is_frame_start = true };

	CHECK(wire_vp9_is_key_picture(&d));
	d.has_layers = true;
	CHECK(wire_vp9_is_key_picture(&d));
	d.sid = 1;
	CHECK(!wire_vp9_is_key_picture(&d));
	d.sid = 0;
	d.is_inter = true;
	CHECK(!wire_vp9_is_key_picture(&d));
	d.is_inter = false;
	d.is_frame_start = false;
	CHECK(!wire_vp9_is_key_picture(&d));
}
