/* codec_forms.c - every struct comes back as written, and only so. */
#include <stdlib.h>
#include <string.h>

#include "codec_sample.h"
#include "harness/tap.h"

/* Reads from memory without a byte to spare, so that overruns are seen. */
static enum kk_err rewrite(const struct codec_kind *kind, struct kk_view in,
    struct kk_writer *w)
{
	uint8_t *copy = malloc(in.bytes > 0 ? in.bytes : 1);
	struct kk_reader r;
	enum kk_err err;

	CHECK(copy != NULL);
	if (in.bytes > 0)
		memcpy(copy, in.data, in.bytes);
	kk_reader_init(&r, kk_view_of(copy, in.bytes));
	kk_writer_init(w);
	kind->rewrite(&r, w);
	err = kk_reader_end(&r);
	free(copy);
	return err;
}

static enum kk_err read_only(const struct codec_kind *kind, struct kk_view in)
{
	struct kk_writer w;
	enum kk_err err = rewrite(kind, in, &w);

	kk_writer_clear(&w);
	return err;
}

/* What parses must be the one encoding of what it says. */
static enum kk_err read_canonical(const struct codec_kind *kind,
    struct kk_view in)
{
	struct kk_writer w;
	enum kk_err err = rewrite(kind, in, &w);

	if (!err) {
		CHECK_OK(w.err);
		CHECK_EQ(w.bytes, in.bytes);
		CHECK_MEM(w.data, in.data, in.bytes);
	}
	kk_writer_clear(&w);
	return err;
}

static void for_each_sample(void (*check)(const struct codec_kind *kind,
    struct kk_writer *sample))
{
	size_t count;
	const struct codec_kind *kinds = codec_kinds(&count);

	for (size_t k = 0; k < count; k++) {
		for (unsigned int v = 0; v < kinds[k].variants; v++) {
			struct kk_writer w;

			kk_writer_init(&w);
			kinds[k].write(&w, v);
			CHECK_OK(w.err);
			CHECK(w.bytes > 0);
			check(&kinds[k], &w);
			kk_writer_clear(&w);
		}
	}
}

static void check_same(const struct codec_kind *kind, struct kk_writer *sample)
{
	CHECK_OK(read_canonical(kind, kk_writer_view(sample)));
}

TEST(codec_gives_back_every_struct_as_it_was_written)
{
	for_each_sample(check_same);
}

static void check_cut(const struct codec_kind *kind, struct kk_writer *sample)
{
	for (size_t n = 0; n < sample->bytes; n++) {
		enum kk_err err = read_only(kind, kk_view_of(sample->data, n));

		if (err != KK_ETRUNC)
			tap_diag("%s cut at %zu", kind->name, n);
		CHECK_ERR(err, KK_ETRUNC);
	}
}

TEST(codec_refuses_every_struct_cut_short_anywhere)
{
	for_each_sample(check_cut);
}

static void check_tail(const struct codec_kind *kind, struct kk_writer *sample)
{
	kk_write_u8(sample, 0);
	CHECK_ERR(read_only(kind, kk_writer_view(sample)), KK_ETRAIL);
}

TEST(codec_refuses_a_byte_after_every_struct)
{
	for_each_sample(check_tail);
}

static void check_changed(const struct codec_kind *kind,
    struct kk_writer *sample)
{
	static const uint8_t changes[] = { 0x01, 0x02, 0x40, 0x80, 0xff };

	for (size_t i = 0; i < sample->bytes; i++) {
		for (size_t k = 0; k < KK_ARRAY_LEN(changes); k++) {
			sample->data[i] ^= changes[k];
			(void)read_canonical(kind, kk_writer_view(sample));
			sample->data[i] ^= changes[k];
		}
	}
}

TEST(codec_accepts_a_changed_struct_only_in_its_one_encoding)
{
	for_each_sample(check_changed);
}

static void check_lost(const struct codec_kind *kind, struct kk_writer *sample)
{
	struct kk_view in = kk_writer_view(sample);
	uint8_t *copy = malloc(in.bytes);

	CHECK(copy != NULL);
	for (size_t i = 0; i < in.bytes; i++) {
		memcpy(copy, in.data, i);
		memcpy(copy + i, in.data + i + 1, in.bytes - i - 1);
		(void)read_canonical(kind, kk_view_of(copy, in.bytes - 1));
	}
	free(copy);
}

TEST(codec_accepts_a_struct_with_a_lost_byte_only_in_its_one_encoding)
{
	for_each_sample(check_lost);
}
