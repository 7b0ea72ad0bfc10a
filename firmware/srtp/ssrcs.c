/* ssrcs.c - the sources that an object has state for. */
#include "srtp/ssrcs.h"

enum kk_err srtp_ssrcs_init(struct srtp_ssrcs *s, size_t max)
{
	*s = (struct srtp_ssrcs){ .max = max };
	s->list = kk_calloc(max, sizeof(s->list[0]));
	return s->list ? KK_OK : KK_ENOMEM;
}

void srtp_ssrcs_clear(struct srtp_ssrcs *s)
{
	kk_free(s->list);
	*s = (struct srtp_ssrcs){ 0 };
}

bool srtp_ssrcs_has(struct srtp_ssrcs *s, uint32_t ssrc)
{
	if (s->last < s->count && s->list[s->last] == ssrc)
		return true;
	for (size_t i = 0; i < s->count; i++) {
		if (s->list[i] != ssrc)
			continue;
		s->last = i;
		return true;
	}
	return false;
}

bool srtp_ssrcs_is_full(const struct srtp_ssrcs *s)
{
	return s->count == s->max;
}

void srtp_ssrcs_add(struct srtp_ssrcs *s, uint32_t ssrc)
{
	s->last = s->count;
	s->list[s->count++] = ssrc;
}
