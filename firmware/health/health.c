/* health.c - all checks, and what follows from them. */
#include "health/health.h"

#include <stdio.h>

struct told {
	enum health_result result;
	uint64_t took_ms;
	char why[HEALTH_WHY_BYTES];
};

struct health {
	uint64_t limits_ms[HEALTH_CHECKS], began_ms;
	struct told told[HEALTH_CHECKS];
};

const char *health_check_name(enum health_check check)
{
	static const char *const names[HEALTH_CHECKS] = {
		[HEALTH_SERVICES] = "services",
		[HEALTH_KEYS] = "keys",
		[HEALTH_ROOM] = "room",
		[HEALTH_FORWARDER] = "forwarder",
		[HEALTH_WATCHDOG] = "watchdog",
		[HEALTH_PICTURE] = "picture",
		[HEALTH_CALL] = "call",
	};

	return names[check];
}

const char *health_result_name(enum health_result result)
{
	static const char *const names[HEALTH_RESULTS] = {
		[HEALTH_WAITS] = "waits",
		[HEALTH_PASSED] = "passed",
		[HEALTH_OFF] = "off",
		[HEALTH_FAILED] = "failed",
	};

	return names[result];
}

/* What each box has. */
static bool may_be_off(enum health_check check)
{
	return check != HEALTH_SERVICES && check != HEALTH_PICTURE;
}

enum kk_err health_new(struct health **healthp,
    const uint64_t limits_ms[HEALTH_CHECKS], uint64_t now_ms)
{
	struct health *h = kk_calloc(1, sizeof(*h));

	if (!h)
		return KK_ENOMEM;
	for (size_t i = 0; i < HEALTH_CHECKS; i++)
		h->limits_ms[i] = limits_ms[i];
	h->began_ms = now_ms;
	*healthp = h;
	return KK_OK;
}

void health_free(struct health *health)
{
	kk_free(health);
}

void health_tell(struct health *health, enum health_check check,
    enum health_result result, const char *why, uint64_t now_ms)
{
	struct told *t = &health->told[check];

	if (t->result != HEALTH_WAITS)
		return;
	if (result == HEALTH_OFF && !may_be_off(check))
		result = HEALTH_FAILED;
	t->result = result;
	t->took_ms = now_ms - health->began_ms;
	(void)snprintf(t->why, sizeof(t->why), "%s", why ? why : "");
}

void health_tick(struct health *health, uint64_t now_ms)
{
	for (size_t i = 0; i < HEALTH_CHECKS; i++) {
		struct told *t = &health->told[i];

		if (t->result != HEALTH_WAITS ||
		    now_ms - health->began_ms < health->limits_ms[i])
			continue;
		t->result = HEALTH_FAILED;
		t->took_ms = now_ms - health->began_ms;
	}
}

bool health_is_done(const struct health *health)
{
	for (size_t i = 0; i < HEALTH_CHECKS; i++) {
		if (health->told[i].result == HEALTH_WAITS)
			return false;
	}
	return true;
}

bool health_is_well(const struct health *health)
{
	for (size_t i = 0; i < HEALTH_CHECKS; i++) {
		if (health->told[i].result != HEALTH_PASSED &&
		    health->told[i].result != HEALTH_OFF)
			return false;
	}
	return true;
}

struct health_told health_told(const struct health *health,
    enum health_check check)
{
	const struct told *t = &health->told[check];

	return (struct health_told){ t->result, t->why, t->took_ms };
}
