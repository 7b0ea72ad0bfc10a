/* state.c - which state leads to which, and the end of a link. */
#include "pipelines/link/link_internal.h"

static const bool leads_to[LINK_STATE_COUNT][LINK_STATE_COUNT] = {
	[LINK_WAITING] = { [LINK_GATHERING] = true, [LINK_LOST] = true },
	[LINK_GATHERING] = { [LINK_CONNECTING] = true, [LINK_LOST] = true },
	[LINK_CONNECTING] = { [LINK_CONNECTED] = true, [LINK_LOST] = true },
	[LINK_CONNECTED] = { [LINK_SILENT] = true, [LINK_LOST] = true },
	[LINK_SILENT] = { [LINK_CONNECTED] = true, [LINK_LOST] = true },
};

const char *link_state_name(enum link_state state)
{
	static const char *const names[] = { "waiting", "gathering",
		"connecting", "connected", "silent", "lost" };

	return (size_t)state < G_N_ELEMENTS(names) ? names[state] : "unknown";
}

enum link_state link_state(struct link *link)
{
	return (enum link_state)g_atomic_int_get(&link->state);
}

void link_state_change(struct link *link, enum link_state to, enum kk_err why)
{
	enum link_state from = link_state(link);

	if (!leads_to[from][to])
		return;
	g_atomic_int_set(&link->state, (gint)to);
	if (why)
		kk_log(link->config.log, KK_LOG_WARNING, "link %s: %s",
		    link_state_name(to), kk_err_text(why));
	else
		kk_log(link->config.log,
		    to == LINK_SILENT ? KK_LOG_WARNING : KK_LOG_INFO, "link %s",
		    link_state_name(to));
	if (link->config.state_changed && !link->is_closing)
		link->config.state_changed(link->config.arg, to, why);
}

static gboolean stop(gpointer arg)
{
	struct link *link = arg;

	link_timer_stop(&link->loss_timer);
	link_lookup_stop(link);
	link_session_end(link, false); /* nobody consents to a BYE */
	link_secure_clear(link);
	link_ice_stop(link);
	return G_SOURCE_REMOVE;
}

/* Not from inside libnice or a handshake, which may have called us. */
void link_lose(struct link *link, enum kk_err why)
{
	if (link_state(link) == LINK_LOST)
		return;
	link_timer_stop(&link->connect_timer);
	if (!link->loss_timer)
		link->loss_timer = link_timer_start(link, 0, stop);
	link_state_change(link, LINK_LOST, why);
}
