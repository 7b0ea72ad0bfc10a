/*
 * rid.c - browsers do not say the SSRCs of their encodings before: at first
 * each packet names its encoding itself.
 *
 * Source: RFC 8852, 3 (RtpStreamId, RepairedRtpStreamId); RFC 8843, 9.2 (MID).
 */
#include <string.h>

#include "sfu/sfu_internal.h"

static bool says(const struct wire_rtp *rtp, uint8_t id, const char *name)
{
	struct kk_view data;

	return id != 0 && name[0] && !wire_rtp_ext_find(rtp, id, &data) &&
	    kk_view_equal(data, kk_view_text(name));
}

/* The number of whoever has none yet is entered; a known one stays. */
static struct sfu_encoding *source_learn(struct sfu_source *source,
    const struct wire_rtp *rtp)
{
	const struct sfu_source_config *c = &source->config;

	if (c->mid[0] && !says(rtp, c->mid_id, c->mid))
		return NULL;
	for (size_t i = 0; i < c->encoding_count; i++) {
		struct sfu_encoding_config *e = &source->encodings[i].config;

		if (e->ssrc == 0 && rtp->payload_type == c->payload_type &&
		    says(rtp, c->rid_id, e->rid)) {
			e->ssrc = rtp->ssrc;
			return &source->encodings[i];
		}
		if (e->rtx_ssrc == 0 &&
		    rtp->payload_type == c->rtx_payload_type &&
		    says(rtp, c->repaired_rid_id, e->rid)) {
			e->rtx_ssrc = rtp->ssrc;
			return &source->encodings[i];
		}
	}
	return NULL;
}

struct sfu_encoding *sfu_link_learn(struct sfu_link *link,
    const struct wire_rtp *rtp)
{
	struct sfu_encoding *found = NULL;

	for (size_t i = 0; rtp->ssrc && !found && i < link->source_count; i++)
		found = source_learn(link->sources[i], rtp);
	return found;
}
