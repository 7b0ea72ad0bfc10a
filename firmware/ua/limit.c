/* limit.c - how much strangers may ask, before anything is kept of it. */
#include <string.h>

#include "ua/ua_private.h"

enum { MILLI = 1000, TELL_S = 10 };

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

/* Addresses share slots where their hashes meet; which do, nobody outside can
 * know (FNV-1a, begun with a secret). */
size_t ua_source_slot(const struct ua *ua, const char *address)
{
	uint64_t hash;

	memcpy(&hash, ua->secret, sizeof(hash));
	for (const char *c = address; *c; c++)
		hash = (hash ^ (uint8_t)*c) * UINT64_C(0x100000001b3);
	return (hash ^ hash >> 32) % UA_SOURCES;
}

bool ua_limit_pass(struct ua *ua, const char *address)
{
	const struct ua_limits *l = &ua->limits;
	const int64_t now_ms = ua_now_ms();
	bool is_ok;
	size_t trunk;

	ua->counts.requests++;
	/* Others' floods leave what trunks and own telephones may do. */
	if (ua_is_trunk_address(ua, address, &trunk))
		is_ok = ua_bucket_take(&ua->trunks_rate, l->requests_per_s,
		    now_ms);
	else
		is_ok = ua_bucket_take(
			    &ua->sources[ua_source_slot(ua, address)],
			    l->source_requests_per_s, now_ms) &&
		    (ua_bucket_take(&ua->all, l->requests_per_s, now_ms) ||
			(ua_is_known_address(ua, address) &&
			    ua_bucket_take(&ua->known_rate, l->requests_per_s,
				now_ms)));
	ua->counts.dropped += !is_ok;
	return is_ok;
}

void ua_counts_get(struct ua *ua, struct ua_counts *counts)
{
	usize_t messages = 0, requests = 0;

	if (nta_agent_get_stats(ua->agent, NTATAG_S_BAD_MESSAGE_REF(messages),
		NTATAG_S_BAD_REQUEST_REF(requests), TAG_END()) > 0)
		ua->counts.unreadable = messages + requests;
	*counts = ua->counts;
}

static bool has_refused_more(const struct ua_counts *a,
    const struct ua_counts *b)
{
	return a->dropped != b->dropped || a->refused != b->refused ||
	    a->unreadable != b->unreadable || a->closed != b->closed ||
	    a->handshakes_refused != b->handshakes_refused;
}

/* Who asks for much would fill the log. */
void ua_counts_tell(struct ua *ua)
{
	struct ua_counts c;

	ua_counts_get(ua, &c);
	if (ua_now_s() < ua->tell_s || !has_refused_more(&c, &ua->told))
		return;
	kk_log(ua->log, KK_LOG_WARNING,
	    "sip refused=%llu dropped=%llu unreadable=%llu closed=%llu "
	    "requests=%llu handshakes-refused=%llu handshakes=%llu",
	    (unsigned long long)c.refused, (unsigned long long)c.dropped,
	    (unsigned long long)c.unreadable, (unsigned long long)c.closed,
	    (unsigned long long)c.requests,
	    (unsigned long long)c.handshakes_refused,
	    (unsigned long long)c.handshakes);
	ua->told = c;
	ua->tell_s = ua_now_s() + TELL_S;
}
