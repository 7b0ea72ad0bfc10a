/*
 * restart.c - a link that hears nothing, and ICE begun anew (RFC 8445, 9).
 *
 * The forwarder reports on what we send once a second (RFC 3550, 6.4), so who
 * sends and hears nothing for some seconds has lost its way, long before
 * consent runs out.
 *
 * A restart is another agent: nice_agent_restart() (libnice 0.1.22) goes on
 * with the sockets and relays that it has, and so with addresses that may be
 * gone.
 */
#include "pipelines/link/link_internal.h"

enum {
	US_PER_MS = 1000,
	/* Ticks come once a second at least.  Late by so much, it was we who
	 * stood still: what has come meanwhile is still to be read. */
	STOOD_STILL_US = 2000000
};

static uint64_t silent_from_us(const struct link *link)
{
	return link->session.unheard_us +
	    (uint64_t)link->config.silence_ms * US_PER_MS;
}

static bool is_listening(struct link *link)
{
	const struct link_session *s = &link->session;

	return s->has_heard && s->unheard_us != 0 && !link->is_restarting &&
	    link_state(link) == LINK_CONNECTED;
}

void link_heard(struct link *link)
{
	link->session.has_heard = true;
	link->session.unheard_us = 0;
	if (!link->is_restarting && link_state(link) == LINK_SILENT)
		link_state_change(link, LINK_CONNECTED, KK_OK);
}

int64_t link_silence_wait_us(struct link *link, uint64_t now_us)
{
	uint64_t from_us = silent_from_us(link);

	if (!is_listening(link))
		return -1;
	return from_us > now_us ? (int64_t)(from_us - now_us) : 0;
}

void link_silence_look(struct link *link, uint64_t now_us)
{
	struct link_session *s = &link->session;
	const bool stood_still = now_us - s->ticked_us > STOOD_STILL_US;

	s->ticked_us = now_us;
	if (!is_listening(link))
		return;
	if (stood_still)
		s->unheard_us = now_us;
	else if (now_us >= silent_from_us(link))
		link_state_change(link, LINK_SILENT, KK_OK);
}

void link_way_found(struct link *link)
{
	if (!link->is_restarting)
		return;
	link->is_restarting = false;
	link->session.unheard_us = 0;
	link_timer_stop(&link->connect_timer);
	link_state_change(link, LINK_CONNECTED, KK_OK);
}

struct restart_call {
	const struct link_remote *remote;
	const struct link_server *servers;
	size_t server_count;
	enum kk_err err;
};

static bool is_ok(const struct restart_call *call)
{
	if (!link_ice_is_ok(call->remote) ||
	    call->server_count > LINK_SERVERS_MAX)
		return false;
	for (size_t i = 0; i < call->server_count; i++)
		if (!link_server_is_ok(&call->servers[i]))
			return false;
	return true;
}

static void way_forget(struct link *link)
{
	link_timer_stop(&link->connect_timer);
	link_lookup_stop(link);
	link_ice_stop(link);
	link_ice_end(link);
}

static void restart(struct link *link, void *arg)
{
	const enum link_state state = link_state(link);
	struct restart_call *call = arg;

	call->err = KK_ESTATE;
	if (state != LINK_CONNECTED && state != LINK_SILENT)
		return;
	call->err = KK_EINVAL;
	if (!is_ok(call))
		return;
	link->is_restarting = true;
	link_state_change(link, LINK_SILENT, KK_OK);
	way_forget(link);
	link_servers_clear(link);
	link_servers_copy(link, call->servers, call->server_count);
	call->err = link_ice_prepare(link, call->remote);
	if (call->err) {
		link_lose(link, call->err);
		return;
	}
	link->connect_timer = link_timer_start(link, link->config.restart_ms,
	    link_connect_is_late);
	link_servers_find(link);
}

enum kk_err link_restart(struct link *link, const struct link_remote *remote,
    const struct link_server *servers, size_t server_count)
{
	struct restart_call call = { remote, servers, server_count, KK_OK };

	link_run(link, restart, &call);
	return call.err;
}
