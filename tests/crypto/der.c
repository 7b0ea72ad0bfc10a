/* der.c - only the one DER form of a signature is read. */
#include "crypto/der.h"

#include <string.h>

#include "harness/tap.h"
#include "hex.h"

static enum kk_err decode(const char *text, uint8_t *raw)
{
	struct hex der = hex_of(text);

	return crypto_der_decode(hex_view(&der), 32, raw);
}

TEST(der_reads_small_numbers_and_such_with_a_set_top_bit)
{
	uint8_t raw[64], want[64] = { 0 };

	CHECK_OK(decode("3006020101020102", raw));
	want[31] = 1;
	want[63] = 2;
	CHECK_MEM(raw, want, sizeof(want));
	CHECK_OK(decode("30080202008002020081", raw));
	want[31] = 0x80;
	want[63] = 0x81;
	CHECK_MEM(raw, want, sizeof(want));
}

TEST(der_refuses_malformed_signatures)
{
	static const char *const bad[] = {
		"", "30", "3006", "30060201010201", /* truncated */
		"300602010102010200", /* behind the sequence */
		"300702010102010200", /* behind s */
		"3003020101", /* s missing */
		"3106020101020102", /* no sequence */
		"3006030101020102", /* no integer */
		"3006020101030102",
		"308106020101020102", /* long form of a short length */
		"30820006020101020102",
		"30800201010201020000", /* indefinite length */
		"300702810101020102", /* long form inside */
		"3006020100020102", /* r is zero */
		"3006020101020100", /* s is zero */
		"3006020180020102", /* r is negative */
		"30060201010201ff", /* s is negative */
		"300702020001020102", /* needless zero byte */
		"300702010102020002", "30050200020102", /* no digit */
		"30050201010200", "30080203000000020101", /* zero twice over */
	};
	uint8_t raw[64];

	for (size_t i = 0; i < KK_ARRAY_LEN(bad); i++) {
		if (decode(bad[i], raw) != KK_EFORMAT)
			tap_diag("accepted: %s", bad[i]);
		CHECK_ERR(decode(bad[i], raw), KK_EFORMAT);
	}
}

TEST(der_refuses_a_number_longer_than_the_curve)
{
	uint8_t der[80] = { 0x30, 0x26, 0x02, 0x21, 0x01 }, raw[96];

	der[37] = 0x02;
	der[38] = 0x01;
	der[39] = 0x01;
	CHECK_ERR(crypto_der_decode(kk_view_of(der, 40), 32, raw), KK_EFORMAT);
	CHECK_OK(crypto_der_decode(kk_view_of(der, 40), 48, raw));
}

static void check_round_trip(size_t coord_bytes, uint8_t fill)
{
	uint8_t raw[132], back[132], der[CRYPTO_SIGNATURE_MAX_BYTES];
	size_t der_bytes;

	memset(raw, fill, sizeof(raw));
	CHECK_OK(crypto_der_encode(raw, coord_bytes, der, &der_bytes));
	CHECK(der_bytes <= sizeof(der));
	CHECK_OK(crypto_der_decode(kk_view_of(der, der_bytes), coord_bytes,
	    back));
	CHECK_MEM(raw, back, 2 * coord_bytes);
}

TEST(der_round_trips_each_curve_at_its_longest)
{
	static const size_t sizes[] = { 32, 48, 66 };

	for (size_t i = 0; i < KK_ARRAY_LEN(sizes); i++) {
		check_round_trip(sizes[i], 0xff);
		check_round_trip(sizes[i], 0x7f);
		check_round_trip(sizes[i], 0x01);
	}
}

TEST(der_writes_no_zero)
{
	uint8_t raw[64] = { 0 }, der[CRYPTO_SIGNATURE_MAX_BYTES];
	size_t der_bytes;

	raw[0] = 1;
	CHECK_ERR(crypto_der_encode(raw, 32, der, &der_bytes), KK_EINVAL);
	raw[0] = 0;
	raw[63] = 1;
	CHECK_ERR(crypto_der_encode(raw, 32, der, &der_bytes), KK_EINVAL);
	CHECK_EQ(der_bytes, 0);
}

TEST(der_refuses_every_truncation)
{
	uint8_t raw[132], der[CRYPTO_SIGNATURE_MAX_BYTES];
	size_t der_bytes;

	memset(raw, 0xa5, sizeof(raw));
	CHECK_OK(crypto_der_encode(raw, 66, der, &der_bytes));
	for (size_t n = 0; n < der_bytes; n++)
		CHECK_ERR(crypto_der_decode(kk_view_of(der, n), 66, raw),
		    KK_EFORMAT);
}
