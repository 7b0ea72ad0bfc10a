/* x509_time.c - dates of certificates, against the C library's calendar. */
#define _DEFAULT_SOURCE /* timegm */
#include <time.h>

#include "crypto/x509_world.h"

static int64_t ours(int year, int month, int day, int hour, int min, int sec)
{
	mbedtls_x509_time t = { year, month, day, hour, min, sec };

	return x509_time_seconds(&t);
}

TEST(x509_time_knows_landmarks)
{
	CHECK_EQ(ours(1970, 1, 1, 0, 0, 0), 0);
	CHECK_EQ(ours(1950, 1, 1, 0, 0, 0), -631152000); /* first of UTCTime */
	CHECK_EQ(ours(2000, 2, 29, 23, 59, 59), 951868799);
	CHECK_EQ(ours(2000, 3, 1, 0, 0, 0), 951868800);
	CHECK_EQ(ours(2049, 12, 31, 23, 59, 59), INT64_C(2524607999));
	CHECK_EQ(ours(2050, 1, 1, 0, 0, 0), INT64_C(2524608000));
	CHECK_EQ(ours(2100, 3, 1, 0, 0, 0) - ours(2100, 2, 28, 0, 0, 0), 86400);
	CHECK_EQ(ours(9999, 12, 31, 23, 59, 59), INT64_C(253402300799));
}

TEST(x509_time_agrees_with_timegm_on_every_day_of_four_centuries)
{
	for (int year = 1900; year < 2300; year++)
		for (int month = 1; month <= 12; month++)
			for (int day = 1; day <= 28; day++) {
				struct tm tm = { .tm_year = year - 1900,
					.tm_mon = month - 1,
					.tm_mday = day,
					.tm_hour = 23,
					.tm_min = month,
					.tm_sec = day };

				CHECK_EQ(ours(year, month, day, 23, month, day),
				    timegm(&tm));
			}
}

/* RFC 5280, 4.1.2.5: UTCTime up to 2049, GeneralizedTime from 2050 on. */
TEST(x509_time_reads_both_forms_on_either_side_of_2050)
{
	struct crypto_x509_trust *trust = world_trust("root");
	struct kk_bytes utc = world_cert("utc"), gen = world_cert("general");
	struct x509_cert cert;

	CHECK_OK(x509_cert_parse(&cert, kk_bytes_view(&utc)));
	CHECK_EQ(cert.not_after_s, INT64_C(2524607999));
	x509_cert_clear(&cert);
	CHECK_OK(x509_cert_parse(&cert, kk_bytes_view(&gen)));
	CHECK_EQ(cert.not_after_s, INT64_C(2524608000));
	x509_cert_clear(&cert);
	kk_bytes_clear(&utc);
	kk_bytes_clear(&gen);
	crypto_x509_trust_free(trust);
}
