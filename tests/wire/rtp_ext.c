/* rtp_ext.c - tests of RTP header extensions (RFC 8285). */
#include <string.h>

#include "harness/tap.h"
#include "wire/rtp.h"

enum { PACKET_BYTES = 128, LIST_MAX = 16 };

/* The figures of RFC 8285, 4.2 and 4.3, with ids 1, 2, 3. */
static const uint8_t one_byte[] = { 0x10, 0xaa, 0x21, 0xbb, 0xbb, 0x00, 0x00,
	0x33, 0xcc, 0xcc, 0xcc, 0xcc };
static const uint8_t two_byte[] = { 0x01, 0x00, 0x02, 0x01, 0xbb, 0x00, 0x03,
	0x04, 0xcc, 0xcc, 0xcc, 0xcc };

static struct wire_rtp packet_of(unsigned profile, const void *block,
    size_t bytes)
{
	return (struct wire_rtp){ .has_ext = true,
		.ext_profile = (uint16_t)profile,
		.ext = { block, bytes } };
}

static size_t list_read(const struct wire_rtp *rtp, struct wire_rtp_ext *list,
    enum kk_err *err)
{
	struct wire_rtp_ext_iter it;
	size_t count = 0;

	wire_rtp_ext_begin(&it, rtp);
	while (count < LIST_MAX && wire_rtp_ext_next(&it, &list[count]))
		count++;
	*err = wire_rtp_ext_err(&it);
	return count;
}

static void check_list(const struct wire_rtp *rtp, const char *want)
{
	struct wire_rtp_ext list[LIST_MAX];
	enum kk_err err;
	size_t count = list_read(rtp, list, &err);

	CHECK_OK(err);
	CHECK_EQ(count, strlen(want) / 2);
	for (size_t i = 0; i < count; i++) {
		CHECK_EQ(list[i].id, want[2 * i] - '0');
		CHECK_EQ(list[i].data.bytes, want[2 * i + 1] - '0');
	}
}

TEST(ext_of_both_figures_of_the_rfc_are_read)
{
	struct wire_rtp one = packet_of(0xbede, one_byte, sizeof(one_byte));
	struct wire_rtp two = packet_of(0x1000, two_byte, sizeof(two_byte));

	check_list(&one, "112234");
	check_list(&two, "102134");
	two.ext_profile = 0x100f; /* the low bits are the application's */
	check_list(&two, "102134");
	two.ext_profile = 0x1010;
	check_list(&two, "");
	two.ext_profile = 0xbedf;
	check_list(&two, "");
	two.has_ext = false;
	two.ext_profile = 0x1000;
	check_list(&two, "");
}

TEST(ext_is_found_by_its_id)
{
	struct wire_rtp one = packet_of(0xbede, one_byte, sizeof(one_byte));
	struct kk_view data = { one_byte, 99 };

	CHECK_ERR(wire_rtp_ext_find(&one, 4, &data), KK_ENOENT);
	CHECK_EQ(data.bytes, 99);
	CHECK_OK(wire_rtp_ext_find(&one, 3, &data));
	CHECK_EQ(data.bytes, 4);
	CHECK_EQ(data.data - one_byte, 8);
}

TEST(ext_block_ends_at_id_15_and_at_id_0_with_a_length)
{
	static const uint8_t reserved[] = { 0x10, 0xaa, 0xf0, 0xbb, 0x20, 0xcc,
		0, 0 };
	static const uint8_t zero[] = { 0x10, 0xaa, 0x01, 0xbb, 0x20, 0xcc, 0,
		0 };
	struct wire_rtp a = packet_of(0xbede, reserved, sizeof(reserved));
	struct wire_rtp b = packet_of(0xbede, zero, sizeof(zero));

	check_list(&a, "11");
	check_list(&b, "11");
}

TEST(ext_that_reaches_beyond_the_block_is_truncated)
{
	static const uint8_t one[] = { 0x10, 0xaa, 0x22, 0xbb };
	static const uint8_t two[] = { 0x01, 0x00, 0x02, 0x01 };
	static const uint8_t half[] = { 0x01, 0x01, 0xaa, 0x02 };
	const struct wire_rtp packets[] = { packet_of(0xbede, one, 4),
		packet_of(0x1000, two, 4), packet_of(0x1000, half, 4) };

	for (size_t i = 0; i < KK_ARRAY_LEN(packets); i++) {
		struct wire_rtp_ext list[LIST_MAX];
		enum kk_err err;

		CHECK_EQ(list_read(&packets[i], list, &err), 1);
		CHECK_ERR(err, KK_ETRUNC);
	}
}

static void check_round(const struct wire_rtp_ext *exts, size_t count,
    unsigned want_profile, size_t want_bytes)
{
	struct wire_rtp_ext list[LIST_MAX];
	uint8_t block[3 * PACKET_BYTES];
	struct wire_rtp rtp;
	struct wire_out w;
	uint16_t profile = 0;
	enum kk_err err;

	wire_out_init(&w, block, sizeof(block));
	wire_rtp_ext_write(&w, exts, count, &profile);
	CHECK_OK(w.err);
	CHECK_EQ(profile, want_profile);
	CHECK_EQ(w.bytes, want_bytes);
	rtp = packet_of(profile, block, w.bytes);
	CHECK_EQ(list_read(&rtp, list, &err), count);
	CHECK_OK(err);
	for (size_t i = 0; i < count; i++) {
		CHECK_EQ(list[i].id, exts[i].id);
		CHECK(kk_view_equal(list[i].data, exts[i].data));
	}
}

TEST(ext_set_is_written_in_the_shortest_form_that_fits)
{
	static const uint8_t data[255] = { 9 };
	struct wire_rtp_ext exts[] = { { 1, { data, 1 } }, { 14, { data, 16 } },
		{ 3, { data, 3 } } };

	check_round(exts, 3, 0xbede, 24); /* 2 + 17 + 4 = 23 */
	exts[0].data.bytes = 0;
	check_round(exts, 3, 0x1000, 28); /* 2 + 18 + 5 = 25 */
	exts[0].data.bytes = 17;
	check_round(exts, 1, 0x1000, 20);
	exts[0].data.bytes = 255;
	check_round(exts, 1, 0x1000, 260);
	exts[0] = (struct wire_rtp_ext){ 15, { data, 1 } };
	check_round(exts, 1, 0x1000, 4);
	check_round(exts, 0, 0xbede, 0);
}

TEST(ext_set_that_cannot_be_written_changes_nothing)
{
	static const uint8_t data[256] = { 0 };
	const struct wire_rtp_ext bad[] = { { 0, { data, 1 } },
		{ 1, { data, 256 } } };
	const struct wire_rtp_ext fine = { 1, { data, 4 } };
	uint8_t block[PACKET_BYTES * 4];
	uint16_t profile = 77;
	struct wire_out w;

	for (size_t i = 0; i < KK_ARRAY_LEN(bad); i++) {
		wire_out_init(&w, block, sizeof(block));
		wire_rtp_ext_write(&w, &bad[i], 1, &profile);
		CHECK_ERR(w.err, KK_EINVAL);
		CHECK_EQ(w.bytes, 0);
	}
	for (size_t room = 0; room < 8; room++) {
		wire_out_init(&w, block, room);
		wire_rtp_ext_write(&w, &fine, 1, &profile);
		CHECK_ERR(w.err, KK_ENOSPC);
		CHECK_EQ(w.bytes, 0);
	}
	CHECK_EQ(profile, 77);
}

static size_t packet_make(uint8_t *out, unsigned profile, const uint8_t *block,
    size_t bytes)
{
	struct wire_rtp rtp = packet_of(profile, block, bytes);
	struct wire_out w;

	rtp.csrc_count = 1;
	rtp.payload = kk_view_text("payload");
	wire_out_init(&w, out, PACKET_BYTES);
	wire_rtp_write(&w, &rtp);
	CHECK_OK(w.err);
	return w.bytes;
}

TEST(ext_ids_are_mapped_in_place_and_blanked)
{
	uint8_t packet[PACKET_BYTES], map[256] = { 0 };
	struct wire_rtp rtp;
	size_t bytes;

	map[1] = 14;
	map[3] = 1;
	bytes = packet_make(packet, 0xbede, one_byte, sizeof(one_byte));
	CHECK_OK(wire_rtp_ext_rewrite(packet, bytes, map));
	CHECK_OK(wire_rtp_parse(&rtp, kk_view_of(packet, bytes)));
	check_list(&rtp, ">114"); /* '>' is '0' + 14 */
	CHECK_MEM(rtp.payload.data, "payload", 7);
	map[1] = 0;
	map[2] = 200;
	map[3] = 2;
	bytes = packet_make(packet, 0x1000, two_byte, sizeof(two_byte));
	CHECK_OK(wire_rtp_ext_rewrite(packet, bytes, map));
	CHECK_OK(wire_rtp_parse(&rtp, kk_view_of(packet, bytes)));
	CHECK_EQ(rtp.ext.data[0], 0);
	CHECK_EQ(rtp.ext.data[2], 200);
	CHECK_EQ(rtp.ext.data[6], 2);
	CHECK_MEM(rtp.payload.data, "payload", 7);
}

TEST(ext_ids_that_do_not_fit_or_a_broken_block_leave_the_packet)
{
	static const uint8_t broken[] = { 0x10, 0xaa, 0x2f, 0xbb };
	uint8_t packet[PACKET_BYTES], before[PACKET_BYTES], map[256];
	size_t bytes;

	memset(map, 5, sizeof(map));
	map[3] = 15;
	bytes = packet_make(packet, 0xbede, one_byte, sizeof(one_byte));
	memcpy(before, packet, bytes);
	CHECK_ERR(wire_rtp_ext_rewrite(packet, bytes, map), KK_EINVAL);
	CHECK_MEM(packet, before, bytes);
	bytes = packet_make(packet, 0xbede, broken, sizeof(broken));
	memcpy(before, packet, bytes);
	CHECK_ERR(wire_rtp_ext_rewrite(packet, bytes, map), KK_ETRUNC);
	CHECK_MEM(packet, before, bytes);
	CHECK_ERR(wire_rtp_ext_rewrite(packet, 11, map), KK_ETRUNC);
}

TEST(ext_data_is_set_in_place_when_its_length_is_right)
{
	static const uint8_t data[] = { 1, 2, 3, 4 };
	uint8_t packet[PACKET_BYTES];
	struct wire_rtp rtp;
	struct kk_view found;
	size_t bytes;

	bytes = packet_make(packet, 0xbede, one_byte, sizeof(one_byte));
	CHECK_ERR(wire_rtp_ext_set(packet, bytes, 3, kk_view_of(data, 3)),
	    KK_EINVAL);
	CHECK_ERR(wire_rtp_ext_set(packet, bytes, 9, kk_view_of(data, 4)),
	    KK_ENOENT);
	CHECK_ERR(wire_rtp_ext_set(packet, 20, 3, kk_view_of(data, 4)),
	    KK_ETRUNC);
	CHECK_OK(wire_rtp_ext_set(packet, bytes, 3, kk_view_of(data, 4)));
	CHECK_OK(wire_rtp_parse(&rtp, kk_view_of(packet, bytes)));
	CHECK_OK(wire_rtp_ext_find(&rtp, 3, &found));
	CHECK_MEM(found.data, data, 4);
	CHECK_OK(wire_rtp_ext_find(&rtp, 1, &found));
	CHECK_EQ(found.data[0], 0xaa);
}
