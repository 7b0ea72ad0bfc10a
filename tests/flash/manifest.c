/* manifest.c - what a package says it holds. */
#include <stdio.h>
#include <string.h>

#include "harness/tap.h"
#include "mock/alloc.h"
#include "tools/flash/flash.h"

#define HASH                               \
	"0123456789abcdef0123456789abcdef" \
	"0123456789abcdef0123456789abcdef"
#define HEAD                  \
	"konklave-image 1\n"  \
	"board qemu-x86_64\n" \
	"version 1.4.0-rc_2\n"
#define SIZES                  \
	"image-bytes 200000\n" \
	"chunk-bytes 65536\n"

static const char good[] = HEAD SIZES "chunk 70 " HASH "\nhole\nchunk 9 " HASH
				      "\nhole\n";

static enum kk_err parse(struct flash_manifest *m, const char *text)
{
	return flash_manifest_parse(m, kk_view_text(text));
}

TEST(a_manifest_is_read_and_written_back_to_the_letter)
{
	struct flash_manifest m;
	struct kk_bytes text;

	CHECK_OK(parse(&m, good));
	CHECK_STR(m.board, "qemu-x86_64");
	CHECK_STR(m.version, "1.4.0-rc_2");
	CHECK_EQ(m.image_bytes, 200000);
	CHECK_EQ(m.count, 4);
	CHECK_EQ(m.chunks[0].frame_bytes, 70);
	CHECK_EQ(m.chunks[1].frame_bytes, 0);
	CHECK_EQ(m.chunks[2].at, 70);
	CHECK_EQ(m.chunks[0].hash[1], 0x23);
	CHECK_EQ(flash_chunk_bytes(&m, 0), 65536);
	CHECK_EQ(flash_chunk_bytes(&m, 3), 200000 - 3 * 65536);
	CHECK_OK(flash_manifest_write(&m, &text));
	CHECK(kk_view_equal(kk_bytes_view(&text), kk_view_text(good)));
	kk_bytes_clear(&text);
	flash_manifest_clear(&m);
}

TEST(every_prefix_of_a_manifest_is_refused)
{
	struct flash_manifest m;

	for (size_t i = 0; i + 1 < sizeof(good); i++)
		CHECK_ERR(flash_manifest_parse(&m, kk_view_of(good, i)),
		    KK_EFORMAT);
}

TEST(what_breaks_the_form_is_refused)
{
	static const char *const texts[] = {
		HEAD SIZES "hole\nhole\nhole\nhole\nhole\n", /* one too many */
		HEAD SIZES "hole\nhole\nhole\nhole\n\n",
		HEAD SIZES "chunk 0 " HASH "\nhole\nhole\nhole\n",
		HEAD SIZES "chunk 131073 " HASH "\nhole\nhole\nhole\n",
		HEAD SIZES "chunk 9 " HASH "0\nhole\nhole\nhole\n",
		HEAD SIZES "chunk 9  " HASH "\nhole\nhole\nhole\n",
		HEAD SIZES "Hole\nhole\nhole\nhole\n",
		HEAD "image-bytes 0\nchunk-bytes 65536\n",
		HEAD "image-bytes 1\nchunk-bytes 65535\nhole\n",
		HEAD "image-bytes 1\nchunk-bytes 32768\nhole\n",
		HEAD "image-bytes 1\nchunk-bytes 33554432\nhole\n",
		HEAD "image-bytes 99999999999999999999\nchunk-bytes 65536\n",
		"konklave-image 1\nboard a b\nversion 1\n" SIZES,
		"konklave-image 1\nboard ../x\nversion 1\n" SIZES,
		"konklave-image 1\nboard "
		"a23456789012345678901234567890123\nversion 1\n" SIZES,
		"konklave-image one\n",
	};
	struct flash_manifest m;

	for (size_t i = 0; i < KK_ARRAY_LEN(texts); i++) {
		CHECK_ERR(parse(&m, texts[i]), KK_EFORMAT);
		CHECK(!m.chunks);
	}
	CHECK_ERR(parse(&m, "konklave-image 2\n"), KK_EUNSUP);
	CHECK_ERR(parse(&m,
		      HEAD "image-bytes 68719476736\nchunk-bytes 65536\n"),
	    KK_ELIMIT);
}

TEST(a_zero_byte_in_a_manifest_is_refused)
{
	char text[sizeof(good)];
	struct flash_manifest m;

	for (size_t i = 0; i + 1 < sizeof(good); i++) {
		memcpy(text, good, sizeof(good));
		text[i] = '\0';
		CHECK_ERR(flash_manifest_parse(&m,
			      kk_view_of(text, sizeof(good) - 1)),
		    KK_EFORMAT);
	}
}

TEST(a_manifest_without_memory_leaves_nothing)
{
	struct flash_manifest m;
	struct kk_bytes text;
	enum kk_err err;

	ALLOC_FAULT_LOOP(err, parse(&m, good));
	CHECK_OK(err);
	ALLOC_FAULT_LOOP(err, flash_manifest_write(&m, &text));
	CHECK_OK(err);
	kk_bytes_clear(&text);
	flash_manifest_clear(&m);
}
