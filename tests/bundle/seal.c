/* seal.c - the frame of a signature that RAUC has made. */
#include <string.h>

#include "bundle/bundle.h"
#include "harness/tap.h"
#include "signed.h"

/* Bytes in which RAUC 1.13 takes a turned bit: versions, algorithms, the
 * issuer's name in another case. */
static const size_t lenient[] = { 25, 47, 48, 49, 50, 51, 52, 53, 54, 1177,
	1205, 1353, 1354, 1355, 1356, 1357, 1358, 1359, 1360 };

TEST(seal_as_rauc_makes_it_is_right)
{
	struct kk_bytes seal = signed_seal();

	CHECK_OK(bundle_seal_check(kk_bytes_view(&seal)));
	kk_bytes_clear(&seal);
}

TEST(seal_is_wrong_with_a_bit_turned_where_rauc_is_lenient)
{
	struct kk_bytes seal = signed_seal();

	for (size_t i = 0; i < KK_ARRAY_LEN(lenient); i++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			CHECK(lenient[i] < seal.bytes);
			seal.data[lenient[i]] ^= (uint8_t)(1U << bit);
			CHECK_ERR(bundle_seal_check(kk_bytes_view(&seal)),
			    KK_EFORMAT);
			seal.data[lenient[i]] ^= (uint8_t)(1U << bit);
		}
	}
	CHECK_OK(bundle_seal_check(kk_bytes_view(&seal)));
	kk_bytes_clear(&seal);
}

TEST(seal_is_wrong_where_it_is_cut_or_has_more_behind)
{
	struct kk_bytes seal = signed_seal(), more = { 0 };

	for (size_t n = 0; n < seal.bytes; n++) {
		CHECK_ERR(bundle_seal_check(kk_view_of(seal.data, n)),
		    KK_EFORMAT);
	}
	more.data = kk_calloc(1, seal.bytes + 1);
	CHECK(more.data != NULL);
	more.bytes = seal.bytes + 1;
	memcpy(more.data, seal.data, seal.bytes);
	CHECK_ERR(bundle_seal_check(kk_bytes_view(&more)), KK_EFORMAT);
	kk_bytes_clear(&more);
	kk_bytes_clear(&seal);
}
