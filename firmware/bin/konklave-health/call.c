/* call.c - how the call went that a unit of its own holds (konklave-loopback).
 */
#include "probe.h"

static const char *why_of(const struct probe_unit *u)
{
	if (u->state == HEALTH_MISSING)
		return "there is no such unit";
	if (u->state != HEALTH_BROKEN)
		return "it is not held yet";
	return u->status[0] ? u->status : "its unit has failed";
}

void probe_call(struct probe *p, uint64_t now_ms)
{
	enum health_result result;
	struct probe_unit u;

	if (!p->o->call) {
		health_tell(p->health, HEALTH_CALL, HEALTH_OFF,
		    "none was asked for", now_ms);
		return;
	}
	if (probe_unit_ask(p->o->manager, p->o->call, &u)) {
		health_tell(p->health, HEALTH_CALL, HEALTH_WAITS,
		    "systemd does not say how it went", now_ms);
		return;
	}
	result = health_call_judge(u.state, u.is_unmet);
	health_tell(p->health, HEALTH_CALL, result,
	    result == HEALTH_PASSED  ? NULL :
		result == HEALTH_OFF ? "its unit is off" :
				       why_of(&u),
	    now_ms);
}
