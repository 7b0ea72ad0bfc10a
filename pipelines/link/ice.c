/*
 * ice.c - libnice's agent: full ICE, controlling, one component, towards a lite
 * peer.
 *
 * Remote candidates are set before gathering begins, so checks go as soon as
 * there is a pair, and a STUN or TURN server that does not answer delays
 * nothing.  Where only relays may be used they are set when the first relay is
 * there: libnice's force-relay leaves host candidates out of pairs with remote
 * ones that come later, but checks those that it knows before.
 *
 * Source: RFC 8445, 5 to 8; RFC 7675; RFC 8839, 5.4 for the lengths.
 */
#include <string.h>
#include <sys/socket.h>

#include "pipelines/link/link_internal.h"
#include "wire/demux.h"

enum {
	COMPONENT = 1,
	UFRAG_MIN = 4,
	PWD_MIN = 22,
	ICE_CHARS_MAX = 256,
	/* A key frame of each of nine senders at a time; the system's default
	 * holds 200 packets. */
	SOCKET_BYTES = 1 << 20,
	/* Packets that are taken before everything else has its turn. */
	TURN_PACKETS = 32,
	/* A relay is given back by two requests and a wait: 225 ms where the
	 * server is dead. */
	END_MS = 150,
	END_REQUESTS = 2
};

/*
 * libnice reads a socket until it is empty (0.1.22, component_io_cb), however
 * long that takes.  Where as much comes in as this thread can do, which is so
 * after a standstill and on a busy machine, nothing would go out, nothing be
 * asked for again, and no timer run.  So reception is paused after a few
 * packets, which ends that loop, and goes on with the context's next turn.
 */
struct turn {
	GSource source;
	struct link *link;
};

static void packet_came(NiceAgent *agent, guint stream, guint component,
    guint bytes, gchar *data, gpointer arg);

static gboolean turn_begins(GSource *source, gint *timeout_ms)
{
	struct link *link = ((struct turn *)source)->link;
	struct link_ice *ice = &link->ice;

	*timeout_ms = -1;
	ice->taken = 0;
	if (ice->is_paused)
		nice_agent_attach_recv(ice->agent, ice->stream, COMPONENT,
		    link->context, packet_came, link);
	ice->is_paused = false;
	return FALSE;
}

static GSourceFuncs turn_funcs = { .prepare = turn_begins };

static void turn_watch(struct link *link)
{
	GSource *source = g_source_new(&turn_funcs, sizeof(struct turn));

	((struct turn *)source)->link = link;
	g_source_attach(source, link->context);
	link->ice.turn = source;
}

static void packet_count(struct link *link)
{
	struct link_ice *ice = &link->ice;

	if (++ice->taken < TURN_PACKETS || ice->stream == 0)
		return;
	ice->is_paused = true;
	nice_agent_attach_recv(ice->agent, ice->stream, COMPONENT,
	    link->context, NULL, NULL);
}

static void packet_came(NiceAgent *agent, guint stream, guint component,
    guint bytes, gchar *data, gpointer arg)
{
	struct kk_view in = kk_view_of(data, bytes);
	struct link *link = arg;

	(void)agent;
	(void)stream;
	(void)component;
	switch (wire_kind_of(in)) {
	case WIRE_KIND_DTLS:
		link_secure_input(link, in);
		break;
	case WIRE_KIND_RTP:
		link_session_rtp(link, in);
		break;
	case WIRE_KIND_RTCP:
		link_session_rtcp(link, in);
		break;
	default: /* STUN is libnice's, and does not come here */
		link->counts.refused++;
		break;
	}
	packet_count(link);
}

static void component_changed(NiceAgent *agent, guint stream, guint component,
    guint state, gpointer arg)
{
	struct link *link = arg;

	(void)agent;
	(void)stream;
	(void)component;
	switch (state) {
	case NICE_COMPONENT_STATE_CONNECTING:
		link_state_change(link, LINK_CONNECTING, KK_OK);
		break;
	case NICE_COMPONENT_STATE_CONNECTED:
	case NICE_COMPONENT_STATE_READY:
		link_state_change(link, LINK_CONNECTING, KK_OK);
		link_secure_start(link);
		link_way_found(link);
		break;
	case NICE_COMPONENT_STATE_FAILED:
		/* Where candidates may still come, connect_ms decides. */
		if (link->ice.is_gathered)
			link_lose(link, link_ice_why(link));
		break;
	default:
		break;
	}
}

static void waiting_enter(struct link_ice *ice)
{
	GSList *list = g_steal_pointer(&ice->waiting);

	if (list)
		nice_agent_set_remote_candidates(ice->agent, ice->stream,
		    COMPONENT, list);
	g_slist_free_full(list, (GDestroyNotify)nice_candidate_free);
}

static void candidate_came(NiceAgent *agent, NiceCandidate *candidate,
    gpointer arg)
{
	struct link *link = arg;

	(void)agent;
	if (candidate->type == NICE_CANDIDATE_TYPE_RELAYED)
		waiting_enter(&link->ice);
}

static void gathering_done(NiceAgent *agent, guint stream, gpointer arg)
{
	struct link *link = arg;

	(void)agent;
	(void)stream;
	link->ice.is_gathered = true;
	link_state_change(link, LINK_CONNECTING, KK_OK);
}

static bool wants_relay(const struct link *link)
{
	for (size_t i = 0; i < link->config.server_count; i++)
		if (link->servers[i].kind != LINK_STUN)
			return true;
	return false;
}

static bool has_relay(const struct link_ice *ice)
{
	GSList *list = nice_agent_get_local_candidates(ice->agent, ice->stream,
	    COMPONENT);
	bool has_one = false;

	for (GSList *l = list; l; l = l->next) {
		const NiceCandidate *c = l->data;

		has_one = has_one || c->type == NICE_CANDIDATE_TYPE_RELAYED;
	}
	g_slist_free_full(list, (GDestroyNotify)nice_candidate_free);
	return has_one;
}

enum kk_err link_ice_why(const struct link *link)
{
	if (link->ice.stream != 0 && wants_relay(link) &&
	    !has_relay(&link->ice))
		return KK_EPOLICY;
	return KK_EIO;
}

bool link_ice_is_relayed(const struct link_ice *ice)
{
	NiceCandidate *local = NULL, *remote = NULL;

	return ice->stream != 0 &&
	    nice_agent_get_selected_pair(ice->agent, ice->stream, COMPONENT,
		&local, &remote) &&
	    local->type == NICE_CANDIDATE_TYPE_RELAYED;
}

static bool has_loopback(const struct link_remote *remote)
{
	for (size_t i = 0; i < remote->candidate_count; i++)
		if (link_address_is_loopback(remote->candidates[i].address))
			return true;
	return false;
}

static bool is_length(const char *text, size_t min, size_t max)
{
	return text && strlen(text) >= min && strlen(text) <= max;
}

bool link_ice_is_ok(const struct link_remote *remote)
{
	if (remote->candidate_count == 0 ||
	    remote->candidate_count > LINK_CANDIDATES_MAX ||
	    !is_length(remote->ufrag, UFRAG_MIN, ICE_CHARS_MAX) ||
	    !is_length(remote->pwd, PWD_MIN, ICE_CHARS_MAX))
		return false;
	for (size_t i = 0; i < remote->candidate_count; i++) {
		const struct link_candidate *c = &remote->candidates[i];

		if (!link_address_is_ok(c->address) || c->port == 0 ||
		    !is_length(c->foundation, 1,
			NICE_CANDIDATE_MAX_FOUNDATION - 1))
			return false;
	}
	return true;
}

static enum kk_err own_addresses_set(struct link *link,
    const struct link_remote *remote)
{
	g_auto(GStrv) found = NULL;
	char **list = link->addresses;
	size_t count = 0;

	if (!list[0]) {
		found = link_addresses_find(has_loopback(remote));
		list = found;
	}
	for (; list[count]; count++) {
		NiceAddress address;

		nice_address_init(&address);
		if (nice_address_set_from_string(&address, list[count]))
			nice_agent_add_local_address(link->ice.agent, &address);
	}
	return count > 0 ? KK_OK : KK_EIO;
}

static void servers_set(struct link *link)
{
	static const NiceRelayType types[] = {
		[LINK_TURN_UDP] = NICE_RELAY_TYPE_TURN_UDP,
		[LINK_TURN_TCP] = NICE_RELAY_TYPE_TURN_TCP,
	};
	struct link_ice *ice = &link->ice;

	for (size_t i = 0; i < link->config.server_count; i++) {
		const struct link_server *s = &link->servers[i];

		if (!link_address_is_ok(s->host))
			continue; /* it was not found */
		if (s->kind == LINK_STUN)
			g_object_set(ice->agent, "stun-server", s->host,
			    "stun-server-port", (guint)s->port, NULL);
		else
			nice_agent_set_relay_info(ice->agent, ice->stream,
			    COMPONENT, s->host, s->port, s->user, s->password,
			    types[s->kind]);
	}
}

static enum kk_err remote_enter(struct link *link,
    const struct link_remote *remote)
{
	struct link_ice *ice = &link->ice;
	GSList *list = NULL;
	int count = 0;

	if (!nice_agent_set_remote_credentials(ice->agent, ice->stream,
		remote->ufrag, remote->pwd))
		return KK_EINVAL;
	for (size_t i = 0; i < remote->candidate_count; i++) {
		const struct link_candidate *from = &remote->candidates[i];
		NiceCandidate *c = nice_candidate_new(NICE_CANDIDATE_TYPE_HOST);

		c->transport = from->is_tcp ?
		    NICE_CANDIDATE_TRANSPORT_TCP_PASSIVE :
		    NICE_CANDIDATE_TRANSPORT_UDP;
		c->stream_id = ice->stream;
		c->component_id = COMPONENT;
		c->priority = from->priority;
		nice_address_set_from_string(&c->addr, from->address);
		nice_address_set_port(&c->addr, from->port);
		g_strlcpy(c->foundation, from->foundation,
		    sizeof(c->foundation));
		list = g_slist_append(list, c);
	}
	if (link->config.is_relay_only) {
		ice->waiting = list;
		return KK_OK;
	}
	count = nice_agent_set_remote_candidates(ice->agent, ice->stream,
	    COMPONENT, list);
	g_slist_free_full(list, (GDestroyNotify)nice_candidate_free);
	return count > 0 ? KK_OK : KK_EINVAL;
}

static bool has_tcp(const struct link_remote *remote)
{
	for (size_t i = 0; i < remote->candidate_count; i++)
		if (remote->candidates[i].is_tcp)
			return true;
	return false;
}

/* Where there is nobody to connect to, libnice opens no TCP port either. */
static void agent_new(struct link *link, bool with_tcp)
{
	struct link_ice *ice = &link->ice;

	ice->agent = nice_agent_new_full(link->context,
	    NICE_COMPATIBILITY_RFC5245,
	    NICE_AGENT_OPTION_REGULAR_NOMINATION |
		NICE_AGENT_OPTION_CONSENT_FRESHNESS);
	g_object_set(ice->agent, "controlling-mode", TRUE, "ice-tcp",
	    (gboolean)with_tcp, "upnp", FALSE, "keepalive-conncheck", TRUE,
	    "force-relay", (gboolean)link->config.is_relay_only, NULL);
	g_signal_connect(ice->agent, "component-state-changed",
	    G_CALLBACK(component_changed), link);
	g_signal_connect(ice->agent, "candidate-gathering-done",
	    G_CALLBACK(gathering_done), link);
	g_signal_connect(ice->agent, "new-candidate-full",
	    G_CALLBACK(candidate_came), link);
	ice->stream = nice_agent_add_stream(ice->agent, COMPONENT);
	nice_agent_attach_recv(ice->agent, ice->stream, COMPONENT,
	    link->context, packet_came, link);
	turn_watch(link);
}

static void buffers_set(struct link_ice *ice)
{
	g_autoptr(GPtrArray)
	    list = nice_agent_get_sockets(ice->agent, ice->stream, COMPONENT);

	/* As far as the system allows; less is no reason to fail. */
	for (guint i = 0; list && i < list->len; i++) {
		GSocket *s = g_ptr_array_index(list, i);

		(void)g_socket_set_option(s, SOL_SOCKET, SO_RCVBUF,
		    SOCKET_BYTES, NULL);
		(void)g_socket_set_option(s, SOL_SOCKET, SO_SNDBUF,
		    SOCKET_BYTES, NULL);
	}
}

enum kk_err link_ice_prepare(struct link *link,
    const struct link_remote *remote)
{
	enum kk_err err;

	/* Relays speak UDP with the forwarder. */
	agent_new(link, has_tcp(remote) && !link->config.is_relay_only);
	err = own_addresses_set(link, remote);
	return err ? err : remote_enter(link, remote);
}

enum kk_err link_ice_gather(struct link *link)
{
	servers_set(link);
	if (!nice_agent_gather_candidates(link->ice.agent, link->ice.stream))
		return KK_EIO;
	buffers_set(&link->ice);
	return KK_OK;
}

bool link_ice_send(struct link *link, struct kk_view packet)
{
	struct link_ice *ice = &link->ice;

	if (ice->stream != 0 &&
	    nice_agent_send(ice->agent, ice->stream, COMPONENT,
		(guint)packet.bytes,
		(const gchar *)packet.data) == (gint)packet.bytes)
		return true;
	link->counts.unsent++;
	return false;
}

static bool has_tcp_server(const struct link *link)
{
	for (size_t i = 0; i < link->config.server_count; i++) {
		if (link->servers[i].kind == LINK_TURN_TCP)
			return true;
	}
	return false;
}

/*
 * libnice's agent lives, with its sockets, until relays are given back, for
 * which it takes its time with requests in general; and it holds the context
 * whose loop has to run for that.  Where one is reached over TCP it has to have
 * its time: it leaks that connection otherwise (0.1.22).
 */
static void ends_soon(const struct link *link)
{
	if (!has_tcp_server(link))
		g_object_set(link->ice.agent, "stun-initial-timeout",
		    (guint)END_MS, "stun-max-retransmissions",
		    (guint)END_REQUESTS, NULL);
}

void link_ice_stop(struct link *link)
{
	struct link_ice *ice = &link->ice;

	if (ice->stream == 0)
		return;
	ends_soon(link);
	link_timer_stop(&ice->turn);
	g_signal_handlers_disconnect_by_data(ice->agent, link);
	nice_agent_attach_recv(ice->agent, ice->stream, COMPONENT,
	    link->context, NULL, NULL);
	nice_agent_remove_stream(ice->agent, ice->stream);
	ice->stream = 0;
	g_slist_free_full(g_steal_pointer(&ice->waiting),
	    (GDestroyNotify)nice_candidate_free);
	ice->is_gathered = ice->is_paused = false;
	ice->taken = 0;
}

struct closing {
	struct link *link;
	void (*done)(struct link *link);
};

static void closed(GObject *agent, GAsyncResult *result, gpointer arg)
{
	struct closing *closing = arg;

	(void)agent;
	(void)result;
	closing->done(closing->link);
	g_free(closing);
}

void link_ice_close(struct link *link, void (*done)(struct link *link))
{
	struct link_ice *ice = &link->ice;
	struct closing *closing;

	if (!ice->agent) {
		done(link);
		return;
	}
	closing = g_new(struct closing, 1);
	*closing = (struct closing){ link, done };
	/* Relays are given back to their servers. */
	nice_agent_close_async(ice->agent, closed, closing);
	g_clear_object(&ice->agent);
}
