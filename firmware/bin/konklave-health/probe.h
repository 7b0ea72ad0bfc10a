/* probe.h - the inside of konklave-health.  Zone: boot. */
#pragma once
#include <stdio.h>

#include "health/health.h"
#include "program/options.h"
#include "program/program.h"

enum { PROBE_UNITS_MAX = 16, PROBE_NAME_BYTES = 256, PROBE_ANSWER_S = 10 };

struct probe_options {
	const char *units[PROBE_UNITS_MAX];
	size_t unit_count;
	const char *keyd, *roomd; /* sockets of their role health */
	const char *sfud; /* the program */
	const char *call; /* the unit that holds one, or NULL */
	uint16_t forwarder_port; /* of its metrics; 0: none in this box */
	const char *manager; /* systemd's private socket */
	const char *sys;
	unsigned limit_s;
	bool is_json, is_done;
};

/* Errors: KK_EINVAL, and it was said what is wrong. */
MUST_CHECK enum kk_err probe_options_parse(struct probe_options *o, int argc,
    char **argv);

/* What goes on from one look to the next. */
struct probe {
	const struct probe_options *o;
	struct health *health;
	struct health_picture picture; /* the first */
	bool has_picture;
};

/*
 * systemd, by its private socket, which answers root without a bus (systemd.c).
 * Errors: KK_EIO it does not answer.
 */
struct probe_unit {
	enum health_state state;
	bool is_unmet;
	uint64_t since_ms; /* it was started, the last time */
	char status[256]; /* what the service says of itself */
};
MUST_CHECK enum kk_err probe_unit_ask(const char *manager, const char *name,
    struct probe_unit *unit);

/* The units that systemd knows of a pattern (*), the first of them.
 * Errors: KK_EIO it does not answer. */
struct probe_match {
	char names[PROBE_UNITS_MAX][PROBE_NAME_BYTES];
	size_t count;
};
MUST_CHECK enum kk_err probe_units_match(const char *manager,
    const char *pattern, struct probe_match *match);

/* Whether systemd has fed the board's watchdog since it started. */
bool probe_is_watchdog_fed(const char *manager);

uint64_t probe_now_ms(void); /* of a clock that does not go back */

/* Another look (systemd.c, siblings.c, screen.c, call.c); each tells p->health.
 */
void probe_services(struct probe *p, uint64_t now_ms);
void probe_keys(struct probe *p, uint64_t now_ms);
void probe_room(struct probe *p, uint64_t now_ms);
void probe_forwarder(struct probe *p, uint64_t now_ms);
void probe_watchdog(struct probe *p, uint64_t now_ms);
void probe_picture(struct probe *p, uint64_t now_ms);
void probe_call(struct probe *p, uint64_t now_ms);

/* Whether a screen is connected to any of the kernel's cards. */
bool probe_has_screen(const char *sys);
/* OFF: there is none; WAITS: nobody feeds it. */
enum health_result probe_watchdog_look(const char *sys);

/* The result, for people or as JSON (tell.c).  Errors: KK_ENOMEM, KK_EIO. */
MUST_CHECK enum kk_err probe_tell(const struct health *health, bool is_json,
    FILE *out);
