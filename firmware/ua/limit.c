/* limit.c - how much strangers may ask, before anything is kept of it. */
#include <string.h>

#include "ua/ua_private.h"

enum { MILLI = 1000 };

bool ua_bucket_take(struct ua_bucket *b, unsigned per_s, int64_t now_ms)
{
	const int64_t past_ms = now_ms - b->at_ms;
	uint64_t leaked;

	if (past_ms > 0) {
		leaked = (uint64_t)past_ms * per_s;
		b->level_milli -= (uint32_t)(leaked < b->level_milli ?
			leaked :
			b->level_milli);
		b->at_ms = now_ms;
	}
	if (b->level_milli + MILLI > per_s * MILLI)
		return false;
	b->level_milli += MILLI;
	return true;
}

bool ua_is_trunk_address(const struct ua *ua, const char *address,
    size_t *trunk)
{
	for (size_t i = 0; i < ua->trunk_count; i++) {
		if (address[0] && strcmp(ua->trunks[i].address, address) == 0) {
			*trunk = i;
			return true;
		}
	}
	return false;
}

/* Addresses share buckets where their hashes meet; which do, nobody outside
 * can know (FNV-1a, begun with a secret). */
static struct ua_bucket *bucket_of(struct ua *ua, const char *address)
{
	uint64_t hash;

	memcpy(&hash, ua->secret, sizeof(hash));
	for (const char *c = address; *c; c++)
		hash = (hash ^ (uint8_t)*c) * UINT64_C(0x100000001b3);
	return &ua->sources[(hash ^ hash >> 32) % UA_SOURCES];
}

bool ua_limit_pass(struct ua *ua, const char *address)
{
	const struct ua_limits *l = &ua->limits;
	const int64_t now_ms = ua_now_ms();
	bool is_ok;
	size_t trunk;

	ua->counts.requests++;
	/* Others' floods leave what trunks may do. */
	if (ua_is_trunk_address(ua, address, &trunk))
		is_ok = ua_bucket_take(&ua->trunks_rate, l->requests_per_s,
		    now_ms);
	else
		is_ok = ua_bucket_take(bucket_of(ua, address),
			    l->source_requests_per_s, now_ms) &&
		    ua_bucket_take(&ua->all, l->requests_per_s, now_ms);
	ua->counts.dropped += !is_ok;
	return is_ok;
}
