/* main.c - konklave-health: looks once a second, until each check has its
 * result, and ends. */
#define _POSIX_C_SOURCE 200809L /* clock_gettime() */
#include <stdlib.h>
#include <time.h>

#include "probe.h"

enum { MS = 1000, ROUND_NS = 1000000000L - 1 };

uint64_t probe_now_ms(void)
{
	struct timespec now = { 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * MS + (uint64_t)now.tv_nsec / 1000000;
}

static void look(struct probe *p)
{
	static void (*const probes[HEALTH_CHECKS])(struct probe *p,
	    uint64_t now_ms) = {
		[HEALTH_SERVICES] = probe_services,
		[HEALTH_KEYS] = probe_keys,
		[HEALTH_ROOM] = probe_room,
		[HEALTH_FORWARDER] = probe_forwarder,
		[HEALTH_WATCHDOG] = probe_watchdog,
		[HEALTH_PICTURE] = probe_picture,
		[HEALTH_CALL] = probe_call,
	};

	for (size_t i = 0; i < HEALTH_CHECKS; i++) {
		const struct health_told t = health_told(p->health,
		    (enum health_check)i);

		if (t.result == HEALTH_WAITS)
			probes[i](p, probe_now_ms());
	}
	health_tick(p->health, probe_now_ms());
}

static enum kk_err run(const struct probe_options *o, bool *is_well)
{
	const struct timespec round = { .tv_nsec = ROUND_NS };
	struct probe p = { .o = o };
	uint64_t limits_ms[HEALTH_CHECKS];
	enum kk_err err;

	for (size_t i = 0; i < HEALTH_CHECKS; i++)
		limits_ms[i] = (uint64_t)o->limit_s * MS;
	err = health_new(&p.health, limits_ms, probe_now_ms());
	if (err)
		return err;
	for (look(&p); !health_is_done(p.health); look(&p))
		(void)nanosleep(&round, NULL);
	*is_well = health_is_well(p.health);
	err = probe_tell(p.health, o->is_json, stdout);
	health_free(p.health);
	return err;
}

int main(int argc, char **argv)
{
	const struct kk_log log = { .fn = program_log_write,
		.module = "health",
		.level = KK_LOG_INFO };
	struct probe_options o;
	bool is_well = false;
	enum kk_err err;

	if (probe_options_parse(&o, argc, argv))
		return 2;
	if (o.is_done)
		return EXIT_SUCCESS;
	err = program_sandbox_enter(0, &log);
	if (!err)
		err = run(&o, &is_well);
	if (err)
		kk_log(&log, KK_LOG_ERROR, "no result err=%s (%s)",
		    kk_err_name(err), kk_err_text(err));
	return err || fflush(stdout) || !is_well ? EXIT_FAILURE : EXIT_SUCCESS;
}
