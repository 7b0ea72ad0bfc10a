/* expiry.c - when people are told that a certificate ends.  No clock here. */
#include "keyd.h"

enum { DAY_S = 86400 };

bool keyd_expiry_is_near(int64_t until_s, int64_t now_s, int64_t *days)
{
	int64_t left_s = until_s - now_s;

	*days = 0;
	if (until_s <= 0 || now_s <= 0)
		return false;
	*days = left_s < 0 ? -1 : left_s / DAY_S;
	return left_s < (int64_t)KEYD_RENEW_DAYS * DAY_S;
}

bool keyd_expiry_is_due(int64_t until_s, int64_t now_s, int64_t *told_s,
    int64_t *days)
{
	if (!keyd_expiry_is_near(until_s, now_s, days))
		return false;
	/* A clock that was set back, too, is told anew. */
	if (*told_s > 0 && now_s >= *told_s && now_s - *told_s < DAY_S)
		return false;
	*told_s = now_s;
	return true;
}
