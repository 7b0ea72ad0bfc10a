/* reader.c - the bounded reader refuses early and stays refused. */
#include "base/reader.h"

#include "base/base.h"
#include "harness/tap.h"

#define READER(r, ...)                              \
	const uint8_t r##_text[] = { __VA_ARGS__ }; \
	struct kk_reader r;                         \
	kk_reader_init(&r, kk_view_of(r##_text, sizeof(r##_text)))

TEST(reader_reads_numbers_big_endian)
{
	READER(r, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);

	CHECK_EQ(kk_read_u8(&r), 0x01);
	CHECK_EQ(kk_read_u16(&r), 0x0203);
	CHECK_EQ(kk_read_u32(&r), 0x04050607);
	CHECK_EQ(kk_read_u64(&r), 0x08090a0b0c0d0e0f);
	CHECK(!kk_reader_more(&r));
	CHECK_OK(kk_reader_end(&r));
}

struct varint_case {
	uint8_t text[4];
	size_t bytes;
	uint32_t value;
};

TEST(reader_reads_varints_at_the_edges_of_their_forms)
{
	static const struct varint_case cases[] = {
		{ { 0x00 }, 1, 0 },
		{ { 0x3f }, 1, 63 },
		{ { 0x40, 0x40 }, 2, 64 },
		{ { 0x7f, 0xff }, 2, 16383 },
		{ { 0x80, 0x00, 0x40, 0x00 }, 4, 16384 },
		{ { 0xbf, 0xff, 0xff, 0xff }, 4, KK_VARINT_MAX },
		{ { 0x9d, 0x7f, 0x3e, 0x7d }, 4, 494878333 }, /* RFC 9000 */
		{ { 0x7b, 0xbd }, 2, 15293 },
	};

	for (size_t i = 0; i < KK_ARRAY_LEN(cases); i++) {
		struct kk_reader r;

		kk_reader_init(&r, kk_view_of(cases[i].text, cases[i].bytes));
		CHECK_EQ(kk_read_varint(&r), cases[i].value);
		CHECK_OK(kk_reader_end(&r));
	}
}

TEST(reader_refuses_varints_that_are_not_in_their_shortest_form)
{
	static const struct varint_case cases[] = {
		{ { 0x40, 0x00 }, 2, 0 },
		{ { 0x40, 0x25 }, 2, 37 }, /* fine in RFC 9000, not here */
		{ { 0x40, 0x3f }, 2, 63 },
		{ { 0x80, 0x00, 0x00, 0x00 }, 4, 0 },
		{ { 0x80, 0x00, 0x3f, 0xff }, 4, 16383 },
	};

	for (size_t i = 0; i < KK_ARRAY_LEN(cases); i++) {
		struct kk_reader r;

		kk_reader_init(&r, kk_view_of(cases[i].text, cases[i].bytes));
		CHECK_EQ(kk_read_varint(&r), 0);
		CHECK_ERR(kk_reader_err(&r), KK_EMINIMAL);
	}
}

TEST(reader_refuses_the_reserved_varint_prefix)
{
	for (unsigned int first = 0xc0; first <= 0xff; first++) {
		READER(r, (uint8_t)first, 0, 0, 0, 0, 0, 0, 1);

		CHECK_EQ(kk_read_varint(&r), 0);
		CHECK_ERR(kk_reader_err(&r), KK_EFORMAT);
	}
}

/* Reads one of each thing. */
static enum kk_err read_everything(struct kk_view in)
{
	struct kk_bytes copy;
	struct kk_reader r, sub;

	kk_reader_init(&r, in);
	(void)kk_read_u8(&r);
	(void)kk_read_u16(&r);
	(void)kk_read_u32(&r);
	(void)kk_read_u64(&r);
	(void)kk_read_varint(&r);
	(void)kk_read_present(&r);
	(void)kk_read_raw(&r, 3);
	(void)kk_read_vec(&r);
	sub = kk_read_sub(&r);
	(void)kk_read_vec(&sub);
	kk_read_sub_end(&r, &sub);
	kk_read_vec_copy(&r, &copy);
	kk_bytes_clear(&copy);
	return kk_reader_end(&r);
}

TEST(reader_refuses_every_truncation_and_one_byte_more)
{
	static const uint8_t text[] = { 1, 2, 2, 4, 4, 4, 4, 8, 8, 8, 8, 8, 8,
		8, 8, 0x40, 0x41, 1, 'r', 'a', 'w', 2, 'v', 'e', 3, 2, 'i', 'n',
		4, 'c', 'o', 'p', 'y', 0 };
	const size_t whole = sizeof(text) - 1;

	CHECK_OK(read_everything(kk_view_of(text, whole)));
	for (size_t n = 0; n < whole; n++)
		CHECK_ERR(read_everything(kk_view_of(text, n)), KK_ETRUNC);
	CHECK_ERR(read_everything(kk_view_of(text, whole + 1)), KK_ETRAIL);
}

TEST(reader_keeps_its_first_error_and_gives_nothing_after_it)
{
	struct kk_bytes copy = { 0 };
	struct kk_reader sub;
	READER(r, 0xff, 1, 2, 3, 4, 5, 6, 7, 8, 9);

	(void)kk_read_varint(&r);
	CHECK_ERR(kk_reader_err(&r), KK_EFORMAT);
	CHECK(!kk_reader_more(&r));
	CHECK_EQ(kk_read_u8(&r), 0);
	CHECK_EQ(kk_read_u64(&r), 0);
	CHECK(!kk_read_present(&r));
	CHECK(kk_read_raw(&r, 1).data == NULL);
	CHECK_EQ(kk_read_vec(&r).bytes, 0);
	sub = kk_read_sub(&r);
	CHECK(!kk_reader_more(&sub));
	CHECK_ERR(kk_reader_err(&sub), KK_EFORMAT);
	kk_read_vec_copy(&r, &copy);
	CHECK(copy.data == NULL && copy.bytes == 0);
	kk_reader_fail(&r, KK_EDENIED);
	CHECK_ERR(kk_reader_end(&r), KK_EFORMAT);
}

TEST(reader_takes_presence_as_0_or_1_only)
{
	for (unsigned int octet = 0; octet < 256; octet++) {
		READER(r, (uint8_t)octet);

		CHECK_EQ(kk_read_present(&r), octet == 1);
		CHECK_ERR(kk_reader_end(&r), octet <= 1 ? KK_OK : KK_EFORMAT);
	}
}

TEST(reader_of_a_vector_ends_where_the_vector_ends)
{
	READER(r, 3, 1, 2, 3, 9);
	struct kk_reader sub = kk_read_sub(&r);

	CHECK_EQ(kk_read_u16(&sub), 0x0102);
	CHECK_EQ(kk_read_u16(&sub), 0); /* not 0x0309 */
	CHECK_ERR(kk_reader_err(&sub), KK_ETRUNC);
	kk_read_sub_end(&r, &sub);
	CHECK_ERR(kk_reader_err(&r), KK_ETRUNC);
}

TEST(reader_of_a_vector_reports_bytes_left_in_it)
{
	READER(r, 3, 1, 2, 3, 9);
	struct kk_reader sub = kk_read_sub(&r);

	(void)kk_read_u16(&sub);
	kk_read_sub_end(&r, &sub);
	CHECK_ERR(kk_reader_err(&r), KK_ETRAIL);
}

TEST(reader_goes_on_behind_a_vector_read_to_its_end)
{
	READER(r, 2, 1, 2, 9);
	struct kk_reader sub = kk_read_sub(&r);

	while (kk_reader_more(&sub))
		(void)kk_read_u8(&sub);
	kk_read_sub_end(&r, &sub);
	CHECK_EQ(kk_read_u8(&r), 9);
	CHECK_OK(kk_reader_end(&r));
}

TEST(reader_loop_over_a_broken_vector_ends)
{
	READER(r, 3, 1, 0xaa, 5);
	struct kk_reader sub = kk_read_sub(&r);
	unsigned int rounds = 0;

	while (kk_reader_more(&sub)) {
		(void)kk_read_vec(&sub);
		CHECK(++rounds < 10);
	}
	CHECK_EQ(rounds, 2);
	kk_read_sub_end(&r, &sub);
	CHECK_ERR(kk_reader_end(&r), KK_ETRUNC);
}

TEST(reader_of_nothing_is_at_its_end)
{
	struct kk_reader r;

	kk_reader_init(&r, kk_view_of(NULL, 0));
	CHECK(!kk_reader_more(&r));
	CHECK_EQ(kk_read_raw(&r, 0).bytes, 0);
	CHECK_OK(kk_reader_end(&r));
	(void)kk_read_u8(&r);
	CHECK_ERR(kk_reader_end(&r), KK_ETRUNC);
}

TEST(reader_views_point_into_the_input)
{
	READER(r, 2, 7, 8);
	struct kk_view v = kk_read_vec(&r);

	CHECK(v.data == r_text + 1);
	CHECK_EQ(v.bytes, 2);
}
