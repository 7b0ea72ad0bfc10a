/*
 * health.h - whether a box that has started works, so that its slot may be
 * called good.  Zone: boot.
 *
 * Pure: what was seen and the time go in, a result comes out.  Each check waits
 * for what it wants to see, for its own time; what has passed once is not asked
 * again.  One thread.
 */
#pragma once
#include "base/base.h"

enum health_check {
	HEALTH_SERVICES, /* systemd says that they run, and they stay so */
	HEALTH_KEYS, /* keyd answers */
	HEALTH_ROOM, /* roomd answers */
	HEALTH_FORWARDER, /* sfud of the same box says that it serves */
	HEALTH_WATCHDOG, /* the board's, where it has one, is fed */
	HEALTH_PICTURE, /* mediad draws, and a connected screen shows it */
	HEALTH_CALL, /* konklave-loopback has held one */
	HEALTH_CHECKS
};

enum health_result {
	HEALTH_WAITS,
	HEALTH_PASSED,
	HEALTH_OFF, /* this box has no such part, or it is not configured */
	HEALTH_FAILED,
	HEALTH_RESULTS
};

const char *health_check_name(enum health_check check); /* "services", ... */
const char *health_result_name(enum health_result result);

/*
 * One service, as systemd tells (judge.c).
 * Source: systemd 257, org.freedesktop.systemd1(5), ActiveState and LoadState.
 */
enum health_state {
	HEALTH_ACTIVE, /* and reloading, refreshing */
	HEALTH_INACTIVE,
	HEALTH_STARTING, /* activating, deactivating, maintenance */
	HEALTH_BROKEN, /* failed */
	HEALTH_MISSING, /* there is no such unit, or it cannot be read */
	HEALTH_STATES
};

enum { HEALTH_STEADY_MS = 10000 }; /* so long it has to run */

/* Unknown words are HEALTH_STARTING. */
enum health_state health_state_of(const char *load, const char *active);

/* is_unmet: a condition kept it from starting.  since_ms: it was started, the
 * last time.  OFF, FAILED, PASSED, or WAITS. */
enum health_result health_unit_judge(enum health_state state, bool is_unmet,
    uint64_t since_ms, uint64_t now_ms);

/* The same for a template's: one that ended well has nothing to do. */
enum health_result health_instance_judge(enum health_state state,
    uint64_t since_ms, uint64_t now_ms);

/*
 * The picture (judge.c), as mediad counts.
 */
struct health_picture {
	uint64_t drawn; /* pictures that were composed */
	uint64_t shown; /* that the screen's driver took */
};

enum { HEALTH_PICTURES = 2 }; /* more than at the first look */

/* The counts in "pictures=N shown=N", whatever stands around them.  Errors:
 * KK_EFORMAT one of them is not there or no number. */
MUST_CHECK enum kk_err health_picture_parse(struct health_picture *picture,
    const char *status);

/* first is that of the first look, and begins anew when mediad has. has_screen:
 * one is connected; a box whose screen is off is not sick.  *why is set unless
 * it has passed. */
enum health_result health_picture_judge(struct health_picture *first,
    const struct health_picture *now, bool has_screen, const char **why);

/* The unit that holds a call, and ends (judge.c).  OFF, FAILED, PASSED, or
 * WAITS; it is not started again. */
enum health_result health_call_judge(enum health_state state, bool is_unmet);

/*
 * All checks (health.c).
 */
enum { HEALTH_WHY_BYTES = 160 };

struct health;

/* limits are for each check; times are of a clock that does not go back.
 * Errors: KK_ENOMEM. */
MUST_CHECK enum kk_err health_new(struct health **healthp,
    const uint64_t limits_ms[HEALTH_CHECKS], uint64_t now_ms);
void health_free(struct health *health); /* NULL is fine */

/* What was seen.  why is copied, or NULL.  After a check has its result nothing
 * changes it any more. */
void health_tell(struct health *health, enum health_check check,
    enum health_result result, const char *why, uint64_t now_ms);
/* Who waits for longer than its limit has failed. */
void health_tick(struct health *health, uint64_t now_ms);

bool health_is_done(const struct health *health);
/* All have passed, or are off; services and picture cannot be off. */
bool health_is_well(const struct health *health);

struct health_told {
	enum health_result result;
	const char *why; /* the last that was told, or "" */
	uint64_t took_ms; /* until it had its result */
};
struct health_told health_told(const struct health *health,
    enum health_check check);
