/*
 * base_reader.c - fuzzes reader and writer by a program of reads.
 *
 * Each step takes one byte of the input as an operation and the rest as what is
 * read.  What was read is written again and must come out as it went in: so
 * every number and length is in its only form.
 */
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

enum { OPS_MAX = 64, OPS = 9 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void must(bool is_true)
{
	if (!is_true)
		abort();
}

/* Reads a vector of vectors and writes it back. */
static void copy_nested(struct kk_reader *r, struct kk_writer *w)
{
	struct kk_reader sub = kk_read_sub(r);
	size_t at = kk_write_vec_begin(w);

	while (kk_reader_more(&sub))
		kk_write_vec(w, kk_read_vec(&sub));
	kk_read_sub_end(r, &sub);
	kk_write_vec_end(w, at);
}

static void copy_owned(struct kk_reader *r, struct kk_writer *w)
{
	struct kk_bytes owned;

	kk_read_vec_copy(r, &owned);
	must(!kk_reader_err(r) || (!owned.data && owned.bytes == 0));
	kk_write_vec(w, kk_bytes_view(&owned));
	kk_bytes_clear(&owned);
}

static void copy_one(struct kk_reader *r, struct kk_writer *w, uint8_t op)
{
	switch (op % OPS) {
	case 0:
		kk_write_u8(w, kk_read_u8(r));
		break;
	case 1:
		kk_write_u16(w, kk_read_u16(r));
		break;
	case 2:
		kk_write_u32(w, kk_read_u32(r));
		break;
	case 3:
		kk_write_u64(w, kk_read_u64(r));
		break;
	case 4:
		kk_write_varint(w, kk_read_varint(r));
		break;
	case 5:
		kk_write_u8(w, kk_read_present(r));
		break;
	case 6:
		kk_write_vec(w, kk_read_vec(r));
		break;
	case 7:
		copy_nested(r, w);
		break;
	default:
		copy_owned(r, w);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	size_t ops = bytes < OPS_MAX ? bytes / 2 : OPS_MAX / 2;
	struct kk_reader r;
	struct kk_writer w;
	struct kk_view out;

	kk_reader_init(&r, kk_view_of(data + ops, bytes - ops));
	kk_writer_init(&w);
	for (size_t i = 0; i < ops && !kk_reader_err(&r); i++) {
		size_t left = r.left_bytes;

		copy_one(&r, &w, data[i]);
		must(r.left_bytes <= left);
	}
	must(!w.err);
	out = kk_writer_view(&w);
	if (!kk_reader_err(&r))
		must(kk_view_equal(out,
		    kk_view_of(data + ops, bytes - ops - r.left_bytes)));
	kk_writer_clear(&w);
	return 0;
}
