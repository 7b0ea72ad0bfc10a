/* change.c - who may change what. */
#include <string.h>

#include "conference/conference.h"

struct change {
	const struct conference *before, *after;
	uint32_t committer;
	bool is_host;
	conference_gone_fn *is_gone;
	void *arg;
};

/* Without those who are gone. */
static bool hosts_changed(const struct change *x)
{
	size_t at = 0;

	for (size_t i = 0; i < x->before->host_count; i++) {
		const uint32_t leaf = x->before->hosts[i];

		if (x->is_gone(x->arg, leaf))
			continue;
		if (at == x->after->host_count || x->after->hosts[at] != leaf)
			return true;
		at++;
	}
	return at != x->after->host_count;
}

static bool has_host_left(const struct change *x)
{
	for (size_t i = 0; i < x->before->host_count; i++) {
		if (!x->is_gone(x->arg, x->before->hosts[i]))
			return true;
	}
	return false;
}

/* A meeting whose last host has gone is not without one for ever. */
static bool is_claim(const struct change *x)
{
	return x->before->host_count == 0 && x->after->host_count == 1 &&
	    x->after->hosts[0] == x->committer;
}

static bool settings_are_ok(const struct change *x)
{
	const struct conference *before = x->before, *after = x->after;

	if (x->is_host)
		return after->host_count > 0 || !has_host_left(x);
	return before->is_locked == after->is_locked &&
	    before->forbids_lines == after->forbids_lines &&
	    strcmp(before->label, after->label) == 0 &&
	    (!hosts_changed(x) || is_claim(x));
}

static bool is_addable(const struct change *x, const struct conference_line *l)
{
	return l->leaf == x->committer && !x->before->forbids_lines &&
	    !l->is_muted_by_host &&
	    (l->waits || !x->before->is_locked || x->is_host);
}

static bool is_alterable(const struct change *x,
    const struct conference_line *was, const struct conference_line *is)
{
	if (strcmp(was->label, is->label) != 0 || was->origin != is->origin ||
	    was->since_ms != is->since_ms || was->transport != is->transport)
		return false;
	if (was->waits != is->waits && (is->waits || !x->is_host))
		return false;
	if (was->is_muted_by_host != is->is_muted_by_host && !x->is_host)
		return false;
	return is->leaf == x->committer ||
	    (was->is_muted == is->is_muted &&
		was->has_hand_up == is->has_hand_up);
}

static bool lines_after_are_ok(const struct change *x)
{
	for (size_t i = 0; i < x->after->line_count; i++) {
		const struct conference_line *is = &x->after->lines[i];
		const struct conference_line *was = conference_line_find(
		    x->before, is->leaf, is->id);

		if (x->after->forbids_lines || x->is_gone(x->arg, is->leaf) ||
		    (is->waits && !x->after->is_locked))
			return false;
		if (was ? !is_alterable(x, was, is) : !is_addable(x, is))
			return false;
	}
	return true;
}

static bool lines_before_are_ok(const struct change *x)
{
	for (size_t i = 0; i < x->before->line_count; i++) {
		const struct conference_line *was = &x->before->lines[i];

		if (!conference_line_find(x->after, was->leaf, was->id) &&
		    !x->is_host && was->leaf != x->committer &&
		    !x->is_gone(x->arg, was->leaf))
			return false;
	}
	return true;
}

static bool hosts_are_there(const struct change *x)
{
	for (size_t i = 0; i < x->after->host_count; i++) {
		if (x->is_gone(x->arg, x->after->hosts[i]))
			return false;
	}
	return true;
}

enum kk_err conference_change_check(const struct conference *before,
    const struct conference *after, uint32_t committer,
    conference_gone_fn *is_gone, void *arg)
{
	const struct change x = { before, after, committer,
		conference_is_host(before, committer), is_gone, arg };

	return settings_are_ok(&x) && hosts_are_there(&x) &&
		lines_after_are_ok(&x) && lines_before_are_ok(&x) ?
	    KK_OK :
	    KK_EDENIED;
}
