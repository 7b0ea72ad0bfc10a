/* judge.c - what is seen of a service and of the picture, and what it means. */
#include <stdlib.h>
#include <string.h>

#include "health/health.h"

enum health_state health_state_of(const char *load, const char *active)
{
	static const struct {
		const char *word;
		enum health_state state;
	} rows[] = {
		{ "active", HEALTH_ACTIVE },
		{ "reloading", HEALTH_ACTIVE },
		{ "refreshing", HEALTH_ACTIVE },
		{ "inactive", HEALTH_INACTIVE },
		{ "failed", HEALTH_BROKEN },
	};

	if (strcmp(load, "loaded") != 0)
		return HEALTH_MISSING;
	for (size_t i = 0; i < KK_ARRAY_LEN(rows); i++) {
		if (!strcmp(active, rows[i].word))
			return rows[i].state;
	}
	return HEALTH_STARTING;
}

/* By state, and whether it has lasted.  What is broken may be started again by
 * systemd, as often as the limit allows. */
static const enum health_result units[HEALTH_STATES][2] = {
	[HEALTH_ACTIVE] = { HEALTH_WAITS, HEALTH_PASSED },
	[HEALTH_INACTIVE] = { HEALTH_WAITS, HEALTH_WAITS },
	[HEALTH_STARTING] = { HEALTH_WAITS, HEALTH_WAITS },
	[HEALTH_BROKEN] = { HEALTH_WAITS, HEALTH_WAITS },
	[HEALTH_MISSING] = { HEALTH_FAILED, HEALTH_FAILED },
};

enum health_result health_unit_judge(enum health_state state, bool is_unmet,
    uint64_t since_ms, uint64_t now_ms)
{
	const bool is_steady = now_ms >= since_ms &&
	    now_ms - since_ms >= HEALTH_STEADY_MS;

	if (state == HEALTH_INACTIVE && is_unmet)
		return HEALTH_OFF;
	return units[state][is_steady];
}

enum health_result health_instance_judge(enum health_state state,
    uint64_t since_ms, uint64_t now_ms)
{
	return health_unit_judge(state, true, since_ms, now_ms);
}

enum health_result health_call_judge(enum health_state state, bool is_unmet)
{
	static const enum health_result calls[HEALTH_STATES] = {
		[HEALTH_ACTIVE] = HEALTH_PASSED, /* it has ended well */
		[HEALTH_INACTIVE] = HEALTH_WAITS,
		[HEALTH_STARTING] = HEALTH_WAITS,
		[HEALTH_BROKEN] = HEALTH_FAILED,
		[HEALTH_MISSING] = HEALTH_FAILED,
	};

	return state == HEALTH_INACTIVE && is_unmet ? HEALTH_OFF : calls[state];
}

static bool number_take(const char *status, const char *name, uint64_t *n)
{
	const char *at = strstr(status, name);
	char *end;

	if (!at)
		return false;
	at += strlen(name);
	if (*at < '0' || *at > '9')
		return false;
	*n = strtoull(at, &end, 10);
	return *end == '\0' || *end == ' ';
}

enum kk_err health_picture_parse(struct health_picture *picture,
    const char *status)
{
	struct health_picture p;

	if (!number_take(status, "pictures=", &p.drawn) ||
	    !number_take(status, "shown=", &p.shown))
		return KK_EFORMAT;
	*picture = p;
	return KK_OK;
}

/* By: it draws, it is shown, a screen is connected. */
static const struct {
	enum health_result result;
	const char *why;
} pictures[2][2][2] = {
	{ { { HEALTH_WAITS, "nothing is drawn" },
	      { HEALTH_WAITS, "nothing is drawn" } },
	    { { HEALTH_WAITS, "nothing is drawn" },
		{ HEALTH_WAITS, "nothing is drawn" } } },
	{ { { HEALTH_PASSED, "no screen is connected" },
	      { HEALTH_WAITS, "a screen is connected and shows nothing" } },
	    { { HEALTH_PASSED, NULL }, { HEALTH_PASSED, NULL } } },
};

enum health_result health_picture_judge(struct health_picture *first,
    const struct health_picture *now, bool has_screen, const char **why)
{
	bool draws, shows;

	if (now->drawn < first->drawn || now->shown < first->shown)
		*first = *now;
	draws = now->drawn - first->drawn >= HEALTH_PICTURES;
	shows = now->shown - first->shown >= HEALTH_PICTURES;
	*why = pictures[draws][shows][has_screen].why;
	return pictures[draws][shows][has_screen].result;
}
