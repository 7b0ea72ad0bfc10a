/* writer.c - the bounded writer, and what it writes read back. */
#include "base/writer.h"

#include <string.h>

#include "base/base.h"
#include "harness/tap.h"
#include "mock/alloc.h"

static void check_written(const struct kk_writer *w, const void *want,
    size_t bytes)
{
	CHECK_OK(w->err);
	CHECK_EQ(kk_writer_view(w).bytes, bytes);
	CHECK_MEM(kk_writer_view(w).data, want, bytes);
}

TEST(writer_writes_numbers_big_endian)
{
	static const uint8_t want[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
		13, 14, 15 };
	struct kk_writer w;

	kk_writer_init(&w);
	kk_write_u8(&w, 0x01);
	kk_write_u16(&w, 0x0203);
	kk_write_u32(&w, 0x04050607);
	kk_write_u64(&w, 0x08090a0b0c0d0e0f);
	check_written(&w, want, sizeof(want));
	kk_writer_clear(&w);
}

TEST(writer_writes_each_varint_in_the_form_that_is_read)
{
	static const size_t numbers[] = { 0, 1, 62, 63, 64, 65, 16382, 16383,
		16384, 16385, 0x3ffffffe, KK_VARINT_MAX };
	static const size_t sizes[] = { 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4 };

	for (size_t i = 0; i < KK_ARRAY_LEN(numbers); i++) {
		struct kk_writer w;
		struct kk_reader r;

		kk_writer_init(&w);
		kk_write_varint(&w, numbers[i]);
		CHECK_EQ(kk_writer_view(&w).bytes, sizes[i]);
		kk_reader_init(&r, kk_writer_view(&w));
		CHECK_EQ(kk_read_varint(&r), numbers[i]);
		CHECK_OK(kk_reader_end(&r));
		kk_writer_clear(&w);
	}
}

TEST(writer_refuses_a_varint_over_30_bits)
{
	struct kk_writer w;
	struct kk_bytes out;

	kk_writer_init(&w);
	kk_write_varint(&w, (size_t)KK_VARINT_MAX + 1);
	kk_write_u8(&w, 1);
	CHECK_ERR(kk_writer_take(&w, &out), KK_ELIMIT);
	CHECK(out.data == NULL && out.bytes == 0);
	CHECK(w.data == NULL);
}

/* A vector of content bytes of the number content. */
static void write_filled(struct kk_writer *w, size_t content)
{
	size_t at = kk_write_vec_begin(w);

	for (size_t i = 0; i < content; i++)
		kk_write_u8(w, (uint8_t)i);
	kk_write_vec_end(w, at);
}

TEST(writer_puts_the_length_in_front_of_what_was_written_piecewise)
{
	static const size_t sizes[] = { 0, 1, 63, 64, 65, 16383, 16384 };

	for (size_t i = 0; i < KK_ARRAY_LEN(sizes); i++) {
		struct kk_writer w;
		struct kk_reader r;
		struct kk_view v;

		kk_writer_init(&w);
		kk_write_u8(&w, 0xaa);
		write_filled(&w, sizes[i]);
		kk_write_u8(&w, 0xbb);
		kk_reader_init(&r, kk_writer_view(&w));
		CHECK_EQ(kk_read_u8(&r), 0xaa);
		v = kk_read_vec(&r);
		CHECK_EQ(v.bytes, sizes[i]);
		for (size_t at = 0; at < v.bytes; at++)
			CHECK_EQ(v.data[at], (uint8_t)at);
		CHECK_EQ(kk_read_u8(&r), 0xbb);
		CHECK_OK(kk_reader_end(&r));
		kk_writer_clear(&w);
	}
}

TEST(writer_nests_vectors_that_are_read_back)
{
	struct kk_reader r, outer, inner;
	struct kk_writer w;
	size_t a, b;

	kk_writer_init(&w);
	a = kk_write_vec_begin(&w);
	for (int i = 0; i < 3; i++) {
		b = kk_write_vec_begin(&w);
		kk_write_vec(&w, kk_view_text("name"));
		write_filled(&w, 100);
		kk_write_vec_end(&w, b);
	}
	kk_write_vec_end(&w, a);
	kk_reader_init(&r, kk_writer_view(&w));
	outer = kk_read_sub(&r);
	for (int i = 0; i < 3; i++) {
		inner = kk_read_sub(&outer);
		CHECK(kk_view_equal(kk_read_vec(&inner), kk_view_text("name")));
		CHECK_EQ(kk_read_vec(&inner).bytes, 100);
		kk_read_sub_end(&outer, &inner);
	}
	kk_read_sub_end(&r, &outer);
	CHECK_OK(kk_reader_end(&r));
	kk_writer_clear(&w);
}

TEST(writer_stops_at_its_limit_and_stays_stopped)
{
	const size_t most = KK_WRITER_MAX_BYTES;
	uint8_t *zeroes = kk_calloc(1, most);
	struct kk_writer w;

	CHECK(zeroes != NULL);
	kk_writer_init(&w);
	kk_write_raw(&w, kk_view_of(zeroes, most));
	CHECK_OK(w.err);
	kk_write_u8(&w, 1);
	CHECK_ERR(w.err, KK_ELIMIT);
	CHECK_EQ(w.bytes, most);
	kk_write_raw(&w, kk_view_of(zeroes, 0));
	CHECK_ERR(w.err, KK_ELIMIT);
	kk_writer_clear(&w);
	kk_write_raw(&w, kk_view_of(zeroes, SIZE_MAX)); /* no overflow */
	CHECK_ERR(w.err, KK_ELIMIT);
	kk_writer_clear(&w);
	kk_free(zeroes);
}

TEST(writer_take_hands_the_bytes_over_and_empties_the_writer)
{
	struct kk_writer w;
	struct kk_bytes out;

	kk_writer_init(&w);
	kk_write_raw(&w, kk_view_text("text"));
	CHECK_OK(kk_writer_take(&w, &out));
	CHECK(kk_view_equal(kk_bytes_view(&out), kk_view_text("text")));
	CHECK(w.data == NULL && w.bytes == 0 && w.room_bytes == 0);
	kk_bytes_clear(&out);
	CHECK_OK(kk_writer_take(&w, &out)); /* of nothing */
	CHECK(out.data == NULL && out.bytes == 0);
}

TEST(writer_keeps_the_first_error)
{
	struct kk_writer w;
	struct kk_bytes out;

	kk_writer_init(&w);
	kk_write_u32(&w, 7);
	kk_writer_fail(&w, KK_EUNSUP);
	kk_writer_fail(&w, KK_ENOMEM);
	kk_write_varint(&w, SIZE_MAX);
	CHECK_ERR(kk_writer_take(&w, &out), KK_EUNSUP);
	CHECK(out.data == NULL && w.data == NULL);
}

TEST(writer_clear_may_be_called_twice)
{
	struct kk_writer w;

	kk_writer_init(&w);
	kk_write_u32(&w, 7);
	kk_writer_clear(&w);
	kk_writer_clear(&w);
	CHECK(w.data == NULL && w.bytes == 0);
}

static enum kk_err write_long(struct kk_bytes *out)
{
	struct kk_writer w;

	kk_writer_init(&w);
	for (int i = 0; i < 20; i++)
		write_filled(&w, 100);
	return kk_writer_take(&w, out);
}

TEST(writer_reports_each_failed_allocation)
{
	struct kk_bytes out;
	enum kk_err err;

	ALLOC_FAULT_LOOP(err, write_long(&out));
	CHECK_OK(err);
	CHECK_EQ(out.bytes, 20 * 102);
	kk_bytes_clear(&out);
}
