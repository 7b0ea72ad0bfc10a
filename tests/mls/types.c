/* types.c - lists of numbers and GREASE. */
#include "mls/types.h"

#include "harness/tap.h"

TEST(list_has_its_numbers_and_no_others)
{
	static const uint8_t bytes[] = { 0, 1, 0x0a, 0x0a, 0xff, 0xff };
	const struct mls_u16_list list = { kk_view_of(bytes, sizeof(bytes)) };
	const struct mls_u16_list none = { { 0 } };

	CHECK(mls_u16_list_has(list, 1));
	CHECK(mls_u16_list_has(list, 0x0a0a));
	CHECK(mls_u16_list_has(list, 0xffff));
	CHECK(!mls_u16_list_has(list, 0x010a)); /* across two entries */
	CHECK(!mls_u16_list_has(list, 0x0aff));
	CHECK(!mls_u16_list_has(list, 0));
	CHECK(!mls_u16_list_has(none, 0));
}

TEST(grease_is_the_fifteen_values_of_rfc_9420)
{
	unsigned int count = 0;

	for (uint32_t n = 0; n <= UINT16_MAX; n++)
		count += mls_is_grease((uint16_t)n);
	CHECK_EQ(count, 15);
	for (unsigned int high = 0; high <= 0xe; high++)
		CHECK(mls_is_grease((uint16_t)(high << 12 | 0xa << 8 |
		    high << 4 | 0xa)));
	CHECK(!mls_is_grease(0xfafa)); /* private use */
}
