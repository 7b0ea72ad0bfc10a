/* ssrcs.h - the sources that an object has state for, bounded.  Internal. */
#pragma once
#include "base/base.h"

struct srtp_ssrcs {
	uint32_t *list;
	size_t count, max;
	size_t last; /* found last: packets come in runs */
};

MUST_CHECK enum kk_err srtp_ssrcs_init(struct srtp_ssrcs *s, size_t max);
void srtp_ssrcs_clear(struct srtp_ssrcs *s);

bool srtp_ssrcs_has(struct srtp_ssrcs *s, uint32_t ssrc);
bool srtp_ssrcs_is_full(const struct srtp_ssrcs *s);
void srtp_ssrcs_add(struct srtp_ssrcs *s, uint32_t ssrc); /* not there, room */
