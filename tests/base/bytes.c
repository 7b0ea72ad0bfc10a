/* bytes.c - runs of bytes, the heap, and errors' names. */
#include "base/bytes.h"

#include <stdint.h>
#include <string.h>

#include "base/base.h"
#include "harness/tap.h"
#include "mock/alloc.h"

TEST(calloc_gives_zeroed_memory_and_refuses_overflow)
{
	volatile size_t huge = SIZE_MAX; /* the compiler must not look */
	uint8_t *p = kk_calloc(3, 100);

	CHECK(p != NULL);
	for (size_t i = 0; p && i < 300; i++)
		CHECK_EQ(p[i], 0);
	kk_free(p);
	CHECK(kk_calloc(huge / 2, 3) == NULL);
	CHECK(kk_calloc(huge, huge) == NULL);
	CHECK(kk_regrow(NULL, 0, huge / 2, 3) == NULL);
}

TEST(calloc_of_nothing_gives_distinct_pointers)
{
	void *a = kk_calloc(0, 8), *b = kk_calloc(8, 0);

	CHECK(a && b && a != b);
	kk_free(a);
	kk_free_wiped(b, 0);
	kk_free(NULL);
	kk_free_wiped(NULL, 100);
}

TEST(regrow_keeps_the_old_and_zeroes_the_new)
{
	uint16_t *p = kk_regrow(NULL, 0, 2, sizeof(*p));
	uint16_t *grown;

	CHECK(p != NULL);
	if (!p)
		return;
	p[0] = 1;
	p[1] = 2;
	grown = kk_regrow(p, 2, 5, sizeof(*p));
	CHECK(grown != NULL);
	if (!grown)
		return;
	CHECK_EQ(grown[0], 1);
	CHECK_EQ(grown[1], 2);
	CHECK(grown[2] == 0 && grown[3] == 0 && grown[4] == 0);
	p = kk_regrow(grown, 5, 1, sizeof(*p)); /* and shrinks */
	CHECK(p != NULL);
	if (!p)
		return;
	CHECK_EQ(p[0], 1);
	kk_free(p);
}

TEST(regrow_leaves_the_old_alone_when_there_is_no_memory)
{
	uint8_t *p = kk_calloc(1, 4), *grown;

	CHECK(p != NULL);
	if (!p)
		return;
	memcpy(p, "old", 4);
	mock_alloc_arm(1);
	grown = kk_regrow(p, 4, 8, 1);
	CHECK(mock_alloc_disarm());
	CHECK(grown == NULL);
	CHECK_STR((char *)p, "old");
	kk_free(p);
}

TEST(wipe_zeroes_and_bears_nothing)
{
	uint8_t secret[40];

	memset(secret, 0xcc, sizeof(secret));
	kk_wipe(secret, 39);
	for (size_t i = 0; i < 39; i++)
		CHECK_EQ(secret[i], 0);
	CHECK_EQ(secret[39], 0xcc);
	kk_wipe(NULL, 0);
	kk_wipe(NULL, 5);
	kk_wipe(secret, 0);
}

TEST(views_compare_like_memcmp_then_by_length)
{
	struct kk_view none = { 0 }, a = kk_view_text("a");
	struct kk_view ab = kk_view_text("ab"), b = kk_view_text("b");
	struct kk_view high = kk_view_text("\xff");

	CHECK(kk_view_compare(a, b) < 0 && kk_view_compare(b, a) > 0);
	CHECK(kk_view_compare(a, ab) < 0 && kk_view_compare(ab, a) > 0);
	CHECK(kk_view_compare(ab, b) < 0);
	CHECK(kk_view_compare(b, high) < 0); /* bytes are unsigned */
	CHECK(kk_view_compare(none, a) < 0 && kk_view_compare(a, none) > 0);
	CHECK(kk_view_compare(none, kk_view_text("")) == 0);
	CHECK(kk_view_equal(none, kk_view_of("x", 0)));
	CHECK(kk_view_equal(ab, kk_view_of("abc", 2)));
	CHECK(!kk_view_equal(a, ab));
}

TEST(secret_equal_finds_a_difference_anywhere)
{
	uint8_t a[33] = { 0 }, b[33] = { 0 };

	CHECK(kk_secret_equal(a, b, sizeof(a)));
	CHECK(kk_secret_equal(a, b, 0));
	for (size_t bit = 0; bit < sizeof(a) * 8; bit++) {
		b[bit / 8] ^= (uint8_t)(1 << bit % 8);
		CHECK(!kk_secret_equal(a, b, sizeof(a)));
		b[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
}

TEST(bytes_copy_take_and_clear)
{
	struct kk_bytes a = { 0 }, b;
	enum kk_err err;

	ALLOC_FAULT_LOOP(err, kk_bytes_copy(&a, kk_view_text("text")));
	CHECK_OK(err);
	CHECK(kk_view_equal(kk_bytes_view(&a), kk_view_text("text")));
	b = kk_bytes_take(&a);
	CHECK(a.data == NULL && a.bytes == 0);
	CHECK_EQ(b.bytes, 4);
	kk_bytes_clear(&b);
	CHECK(b.data == NULL && b.bytes == 0);
	kk_bytes_clear(&b);
	CHECK_OK(kk_bytes_copy(&a, kk_view_text("")));
	CHECK(a.data == NULL && a.bytes == 0);
}

TEST(bytes_copy_leaves_nothing_when_there_is_no_memory)
{
	struct kk_bytes b = { (uint8_t *)1, 7 };
	enum kk_err err;

	mock_alloc_arm(1);
	err = kk_bytes_copy(&b, kk_view_text("text"));
	CHECK(mock_alloc_disarm());
	CHECK_ERR(err, KK_ENOMEM);
	CHECK(b.data == NULL && b.bytes == 0);
}

TEST(every_error_has_a_name_and_a_sentence_of_its_own)
{
	for (int a = 0; a < KK_ERR_COUNT; a++) {
		const char *name = kk_err_name((enum kk_err)a);
		const char *text = kk_err_text((enum kk_err)a);

		CHECK(strncmp(name, "KK_", 3) == 0);
		CHECK(strlen(text) > 5);
		for (int b = 0; b < a; b++) {
			CHECK(strcmp(name, kk_err_name((enum kk_err)b)));
			CHECK(strcmp(text, kk_err_text((enum kk_err)b)));
		}
	}
	CHECK_STR(kk_err_name(KK_EAUTH), "KK_EAUTH");
}

TEST(an_error_out_of_range_is_unknown)
{
	CHECK_STR(kk_err_name(KK_ERR_COUNT), "unknown");
	CHECK_STR(kk_err_name((enum kk_err) - 1), "unknown");
	CHECK_STR(kk_err_text((enum kk_err)10000), "unknown error");
}
