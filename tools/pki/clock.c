/* clock.c - an offline PC's clock is set by hand: is it plausible? */
#define _GNU_SOURCE /* clock_gettime() */
#include <time.h>

#include "tools/pki/cert.h"
#include "tools/pki/pki.h"

enum { FAR_S = 800 * PKI_DAY_S };

enum kk_err pki_clock_read(struct pki *p)
{
	struct timespec now;

	if (clock_gettime(CLOCK_REALTIME, &now))
		return pki_fail(p, PKI_CLOCK, PKI_BAD_CLOCK_UNSET, NULL, NULL);
	p->now_s = now.tv_sec;
	if (p->now_s < PKI_CLOCK_SET_S)
		return pki_fail(p, PKI_CLOCK, PKI_BAD_CLOCK_UNSET, NULL, NULL);
	return KK_OK;
}

enum kk_err pki_clock_check(struct pki *p)
{
	int64_t last_s = pki_index_last_s(&p->index);
	char now[PKI_TIME_TEXT], last[PKI_TIME_TEXT];

	pki_time_text(p->now_s, now);
	pki_time_text(last_s, last);
	if (p->now_s > pki_asn1_time(X509_get0_notAfter(p->ca)))
		return pki_fail(p, PKI_CLOCK, PKI_BAD_CA_OVER, now, NULL);
	if (p->o.is_clock_right)
		return KK_OK;
	if (p->now_s < last_s)
		return pki_fail(p, PKI_CLOCK, PKI_BAD_CLOCK_BACK, now, last);
	if (p->now_s > last_s + FAR_S)
		return pki_fail(p, PKI_CLOCK, PKI_BAD_CLOCK_FAR, now, last);
	return KK_OK;
}
