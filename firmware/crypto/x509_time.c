/* x509_time.c - times of certificates as seconds since 1970. */
#include "crypto/x509_internal.h"

/* Days from 1970-01-01 to the first of March of year. */
static int64_t days_to_march(int64_t year)
{
	/* A year that starts in March has its leap day last. */
	return 365 * year + year / 4 - year / 100 + year / 400 - 719468;
}

int64_t x509_time_seconds(const mbedtls_x509_time *t)
{
	/* Days before each month, counted from March. */
	static const int before[12] = { 306, 337, 0, 31, 61, 92, 122, 153, 184,
		214, 245, 275 };
	int64_t year = t->mon <= 2 ? t->year - 1 : t->year;
	int64_t days = days_to_march(year) + before[(t->mon - 1) % 12] +
	    t->day - 1;

	return ((days * 24 + t->hour) * 60 + t->min) * 60 + t->sec;
}
