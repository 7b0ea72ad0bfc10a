/* wanted.c - which of a source's sizes anybody draws. */
#include "sfu/sfu_internal.h"

size_t sfu_source_wanted(const struct sfu_source *source)
{
	const size_t count = source->config.encoding_count;
	size_t wanted = 1;

	for (const struct sfu_slot *s = source->watchers; s && wanted < count;
	    s = s->next) {
		const size_t fit = sfu_source_fit(source, s->width, s->height);

		if (fit >= count)
			wanted = count;
		else if (fit + 1 > wanted)
			wanted = fit + 1;
	}
	return wanted;
}

bool sfu_source_wants(struct sfu_source *source, uint64_t now_us,
    size_t *wanted)
{
	struct sfu_wanted *w = &source->wanted;
	const size_t count = sfu_source_wanted(source);
	const bool was_less = w->is_less;

	w->is_less = count < w->told;
	if (count == w->told)
		return false;
	if (w->is_less && !was_less)
		w->less_us = now_us;
	if (w->is_less && now_us - w->less_us < SFU_WANTED_HOLD_US)
		return false;
	w->is_less = false;
	*wanted = w->told = count;
	return true;
}
