/* systemd.c - what systemd says of its units.  No bus is needed for that: its
 * private socket speaks D-Bus with root. */
#define _GNU_SOURCE /* libsystemd's macros ask for it */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>

#include "probe.h"

#define SERVICE "org.freedesktop.systemd1"
#define UNIT SERVICE ".Unit"

enum { ADDRESS_BYTES = 256, USEC = 1000000, MS = 1000 };

static enum kk_err manager_open(sd_bus **busp, const char *path)
{
	char address[ADDRESS_BYTES];
	sd_bus *bus = NULL;
	int n = snprintf(address, sizeof(address), "unix:path=%s", path);

	if (n < 0 || (size_t)n >= sizeof(address) || sd_bus_new(&bus) < 0)
		return KK_EIO;
	if (sd_bus_set_address(bus, address) < 0 ||
	    sd_bus_set_method_call_timeout(bus,
		(uint64_t)PROBE_ANSWER_S * USEC) < 0 ||
	    sd_bus_start(bus) < 0) {
		(void)sd_bus_close_unref(bus);
		return KK_EIO;
	}
	*busp = bus;
	return KK_OK;
}

/* "" where there is none; kk_free() it. */
static char *text_get(sd_bus *bus, const char *path, const char *interface,
    const char *name)
{
	char *text = NULL;

	return sd_bus_get_property_string(bus, SERVICE, path, interface, name,
		   NULL, &text) < 0 ?
	    NULL :
	    text;
}

static enum kk_err unit_read(sd_bus *bus, const char *path,
    struct probe_unit *unit)
{
	char *load = text_get(bus, path, UNIT, "LoadState");
	char *active = text_get(bus, path, UNIT, "ActiveState");
	char *status = text_get(bus, path, SERVICE ".Service", "StatusText");
	uint64_t tried = 0, since = 0;
	int is_met = 1;
	enum kk_err err = load && active ? KK_OK : KK_EIO;

	/* A condition that nobody has looked at yet says nothing. */
	if (!err &&
	    (sd_bus_get_property_trivial(bus, SERVICE, path, UNIT,
		 "ConditionTimestampMonotonic", NULL, 't', &tried) < 0 ||
		sd_bus_get_property_trivial(bus, SERVICE, path, UNIT,
		    "ConditionResult", NULL, 'b', &is_met) < 0 ||
		sd_bus_get_property_trivial(bus, SERVICE, path, UNIT,
		    "ActiveEnterTimestampMonotonic", NULL, 't', &since) < 0))
		err = KK_EIO;
	if (!err)
		*unit = (struct probe_unit){
			.state = health_state_of(load, active),
			.is_unmet = tried && !is_met,
			.since_ms = since / MS,
		};
	if (!err && status)
		(void)snprintf(unit->status, sizeof(unit->status), "%s",
		    status);
	free(load); /* NOLINT(*-malloc): libsystemd's */
	free(active);
	free(status);
	return err;
}

enum kk_err probe_unit_ask(const char *manager, const char *name,
    struct probe_unit *unit)
{
	sd_bus *bus = NULL;
	char *path = NULL;
	enum kk_err err = manager_open(&bus, manager);

	if (err)
		return err;
	if (sd_bus_path_encode("/org/freedesktop/systemd1/unit", name, &path) <
	    0)
		err = KK_ENOMEM;
	if (!err)
		err = unit_read(bus, path, unit);
	free(path);
	(void)sd_bus_flush_close_unref(bus);
	return err;
}

static enum kk_err names_read(sd_bus_message *reply, struct probe_match *m)
{
	const char *name = NULL;
	int r = sd_bus_message_enter_container(reply, 'a', "(ssssssouso)");

	while (r > 0 && m->count < PROBE_UNITS_MAX) {
		r = sd_bus_message_read(reply, "(ssssssouso)", &name, NULL,
		    NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
		if (r > 0)
			(void)snprintf(m->names[m->count++],
			    sizeof(m->names[0]), "%s", name);
	}
	return r < 0 ? KK_EIO : KK_OK;
}

enum kk_err probe_units_match(const char *manager, const char *pattern,
    struct probe_match *match)
{
	sd_bus_message *reply = NULL;
	sd_bus *bus = NULL;
	enum kk_err err = manager_open(&bus, manager);

	*match = (struct probe_match){ .count = 0 };
	if (err)
		return err;
	if (sd_bus_call_method(bus, SERVICE, "/org/freedesktop/systemd1",
		SERVICE ".Manager", "ListUnitsByPatterns", NULL, &reply, "asas",
		0, 1, pattern) < 0)
		err = KK_EIO;
	if (!err)
		err = names_read(reply, match);
	(void)sd_bus_message_unref(reply);
	(void)sd_bus_flush_close_unref(bus);
	return err;
}

/* rootinit has started the watchdog: only systemd says whether it feeds it. */
bool probe_is_watchdog_fed(const char *manager)
{
	sd_bus *bus = NULL;
	uint64_t last_us = 0;

	if (manager_open(&bus, manager))
		return false;
	if (sd_bus_get_property_trivial(bus, SERVICE,
		"/org/freedesktop/systemd1", SERVICE ".Manager",
		"WatchdogLastPingTimestampMonotonic", NULL, 't', &last_us) < 0)
		last_us = 0;
	(void)sd_bus_flush_close_unref(bus);
	return last_us > 0;
}

static const char *word_of(enum health_state state)
{
	static const char *const words[HEALTH_STATES] = {
		[HEALTH_ACTIVE] = "runs, but not for long",
		[HEALTH_INACTIVE] = "does not run",
		[HEALTH_STARTING] = "has not started yet",
		[HEALTH_BROKEN] = "has failed",
		[HEALTH_MISSING] = "is no unit",
	};

	return words[state];
}

/* The first that does not run is named: others may wait for it. */
static enum health_result named(enum health_result result, const char *name,
    const char *what, char why[HEALTH_WHY_BYTES])
{
	if (result != HEALTH_PASSED && result != HEALTH_OFF && !why[0])
		(void)snprintf(why, HEALTH_WHY_BYTES, "%s %s", name, what);
	return result;
}

static enum health_result service_look(const struct probe *p, const char *name,
    bool is_instance, uint64_t now_ms, char why[HEALTH_WHY_BYTES])
{
	struct probe_unit u;
	enum health_result result;

	if (probe_unit_ask(p->o->manager, name, &u))
		return named(HEALTH_WAITS, name,
		    "is a unit that systemd says nothing of", why);
	result = is_instance ?
	    health_instance_judge(u.state, u.since_ms, now_ms) :
	    health_unit_judge(u.state, u.is_unmet, u.since_ms, now_ms);
	return named(result, name, word_of(u.state), why);
}

/* All that a template has now; it may have none. */
static enum health_result instances_look(const struct probe *p,
    const char *pattern, uint64_t now_ms, char why[HEALTH_WHY_BYTES])
{
	enum health_result all = HEALTH_OFF;
	struct probe_match match;

	if (probe_units_match(p->o->manager, pattern, &match))
		return named(HEALTH_WAITS, pattern,
		    "are units that systemd says nothing of", why);
	for (size_t i = 0; i < match.count && all != HEALTH_FAILED; i++) {
		const enum health_result one = service_look(p, match.names[i],
		    true, now_ms, why);

		if (one == HEALTH_FAILED || one == HEALTH_WAITS)
			all = one;
	}
	return all;
}

/* All at the same time: one that breaks again makes the others wait for it. */
void probe_services(struct probe *p, uint64_t now_ms)
{
	enum health_result all = HEALTH_PASSED;
	char why[HEALTH_WHY_BYTES] = "";

	for (size_t i = 0; i < p->o->unit_count && all != HEALTH_FAILED; i++) {
		const char *name = p->o->units[i];
		const enum health_result one = strchr(name, '*') ?
		    instances_look(p, name, now_ms, why) :
		    service_look(p, name, false, now_ms, why);

		if (one == HEALTH_FAILED || one == HEALTH_WAITS)
			all = one;
	}
	health_tell(p->health, HEALTH_SERVICES, all, why, now_ms);
}
