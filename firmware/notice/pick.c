/* pick.c - what of all that was told still counts. */
#include "notice/notice.h"

enum {
	/* Who has put a stick in stands there and reads; who comes later is
	 * not told of it any more. */
	ANSWER_S = 600,
	READING_S = 60, /* it takes a second or two */
	/* Its writer is gone where nothing new came: no such step takes that
	 * long. */
	STEP_S = 3600,
	RESTART_LATE_S = 120, /* it does not restart after all */
	FOR_EVER = 0 /* until something else is told, or the next start */
};

static unsigned lasts_s(enum notice_kind kind)
{
	switch (kind) {
	case NOTICE_UPDATE_LOADED:
	case NOTICE_UPDATE_WAITING:
	case NOTICE_UPDATE_SICK:
	case NOTICE_UPDATE_CAME_BACK:
	case NOTICE_UPDATE_FAILED_BEFORE:
	case NOTICE_RESET_SET:
	case NOTICE_CERTIFICATE_WAITS:
		return FOR_EVER;
	case NOTICE_UPDATE_LOADING:
	case NOTICE_UPDATE_CHECKING:
	case NOTICE_UPDATE_WRITING:
	case NOTICE_UPDATE_TRYING:
		return STEP_S;
	case NOTICE_STICK_READING:
		return READING_S;
	default:
		return ANSWER_S;
	}
}

/* What stays for days, and is for the operator. */
bool notice_is_for_meetings(enum notice_kind kind)
{
	return kind != NOTICE_NONE && kind != NOTICE_UPDATE_CAME_BACK &&
	    kind != NOTICE_UPDATE_FAILED_BEFORE;
}

static bool counts_down(enum notice_kind kind)
{
	return kind == NOTICE_UPDATE_RESTARTING ||
	    kind == NOTICE_UPDATE_RETURNING;
}

static bool still_counts(const struct notice *n, uint64_t now_s)
{
	const uint64_t age_s = now_s > n->at_s ? now_s - n->at_s : 0;

	if (n->kind == NOTICE_NONE)
		return false;
	if (counts_down(n->kind))
		return age_s < n->number + RESTART_LATE_S;
	return lasts_s(n->kind) == FOR_EVER || age_s < lasts_s(n->kind);
}

/* Into its place; the oldest one falls out. */
static void insert(struct notices *out, const struct notice *n)
{
	size_t at = 0;

	while (at < out->count && out->list[at].at_s > n->at_s)
		at++;
	if (at == NOTICES_SHOWN)
		return;
	if (out->count < NOTICES_SHOWN)
		out->count++;
	for (size_t i = out->count - 1; i > at; i--)
		out->list[i] = out->list[i - 1];
	out->list[at] = *n;
}

/* That a stick is read says nothing once it is known what was on it. */
static bool is_answered(const struct notice *all, size_t count,
    const struct notice *reading, uint64_t now_s)
{
	for (size_t i = 0; i < count; i++) {
		if (&all[i] != reading && all[i].at_s >= reading->at_s &&
		    still_counts(&all[i], now_s))
			return true;
	}
	return false;
}

void notice_pick(struct notices *out, const struct notice *all, size_t count,
    uint64_t now_s)
{
	*out = (struct notices){ .count = 0 };
	for (size_t i = 0; i < count; i++) {
		if (still_counts(&all[i], now_s) &&
		    !(all[i].kind == NOTICE_STICK_READING &&
			is_answered(all, count, &all[i], now_s)))
			insert(out, &all[i]);
	}
	for (size_t i = 0; i < out->count; i++) {
		struct notice *n = &out->list[i];
		const uint64_t age_s = now_s > n->at_s ? now_s - n->at_s : 0;

		if (counts_down(n->kind))
			n->number -= age_s < n->number ? (unsigned)age_s :
							 n->number;
	}
}
