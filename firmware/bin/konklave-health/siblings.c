/* siblings.c - whether the programs of this box answer. */
#define _GNU_SOURCE /* libsystemd's macros ask for it */
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <systemd/sd-varlink.h>

#include "probe.h"

enum { ARG_BYTES = 48, USEC = 1000000 };

/* It has answered, and not with an error. */
static bool is_answered(const char *socket, const char *method)
{
	sd_varlink *link = NULL;
	sd_json_variant *out = NULL;
	const char *error = NULL;
	bool is_good = sd_varlink_connect_address(&link, socket) >= 0 &&
	    sd_varlink_set_relative_timeout(link,
		(uint64_t)PROBE_ANSWER_S * USEC) >= 0 &&
	    sd_varlink_call(link, method, NULL, &out, &error) >= 0 && !error;

	(void)sd_varlink_close_unref(link);
	return is_good;
}

static void sibling_look(struct probe *p, enum health_check check,
    const char *socket, const char *method, const char *why)
{
	const bool is_good = is_answered(socket, method);

	health_tell(p->health, check, is_good ? HEALTH_PASSED : HEALTH_WAITS,
	    is_good ? NULL : why, probe_now_ms());
}

/* Without a key it ends, and its unit says why ("trouble=WORD TEXT"). */
static const char *keys_why(const struct probe *p, struct probe_unit *u)
{
	const char *text;

	if (probe_unit_ask(p->o->manager, "keyd.service", u) ||
	    strncmp(u->status, "trouble=", 8) != 0)
		return "keyd does not answer";
	text = strchr(u->status, ' ');
	return text ? text + 1 : u->status;
}

void probe_keys(struct probe *p, uint64_t now_ms)
{
	const bool is_good = is_answered(p->o->keyd, "io.konklave.Keys.Status");
	struct probe_unit u;

	(void)now_ms;
	health_tell(p->health, HEALTH_KEYS,
	    is_good ? HEALTH_PASSED : HEALTH_WAITS,
	    is_good ? NULL : keys_why(p, &u), probe_now_ms());
}

/* Without the site's server there is no room to ask. */
void probe_room(struct probe *p, uint64_t now_ms)
{
	struct probe_unit u;

	if (!p->o->roomd ||
	    (!probe_unit_ask(p->o->manager, "roomd.service", &u) &&
		u.state == HEALTH_INACTIVE && u.is_unmet)) {
		health_tell(p->health, HEALTH_ROOM, HEALTH_OFF,
		    "no server is configured", now_ms);
		return;
	}
	sibling_look(p, HEALTH_ROOM, p->o->roomd, "io.konklave.Room.Status",
	    "roomd does not answer");
}

/* It has a time limit of its own. */
static bool is_serving(const char *sfud, uint16_t port)
{
	char health[] = "--health", metrics[ARG_BYTES];
	char name[ARG_BYTES] = "sfud", *env[] = { NULL };
	char *argv[] = { name, metrics, health, NULL };
	int status = 0;
	pid_t pid;

	(void)snprintf(metrics, sizeof(metrics), "--metrics-loopback=%u",
	    (unsigned)port);
	if (posix_spawn(&pid, sfud, NULL, NULL, argv, env))
		return false;
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
	    WEXITSTATUS(status) == 0;
}

void probe_forwarder(struct probe *p, uint64_t now_ms)
{
	if (!p->o->forwarder_port)
		health_tell(p->health, HEALTH_FORWARDER, HEALTH_OFF,
		    "it is not in this box", now_ms);
	else if (is_serving(p->o->sfud, p->o->forwarder_port))
		health_tell(p->health, HEALTH_FORWARDER, HEALTH_PASSED, NULL,
		    now_ms);
	else
		health_tell(p->health, HEALTH_FORWARDER, HEALTH_WAITS,
		    "sfud does not say that it serves", now_ms);
}
