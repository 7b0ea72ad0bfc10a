/* link.c - a link's life: made, set going, ended; and its thread. */
#include <string.h>

#include "pipelines/link/link_internal.h"
#include "wire/demux.h"

enum {
	US_PER_S = 1000000,
	IDENTITY_S = 30 * 86400, /* a meeting is shorter */
	/* For servers that do not take their relays back; libnice is done long
	 * before (ice.c), on a machine that is not busy. */
	CLOSE_MAX_MS = 2000
};

bool link_server_is_ok(const struct link_server *s)
{
	const size_t host = s->host ? strlen(s->host) : 0;
	const bool is_turn = s->kind != LINK_STUN;

	return s->kind >= LINK_STUN && s->kind <= LINK_TURN_TCP && host > 0 &&
	    host <= LINK_HOST_MAX_BYTES && s->port != 0 &&
	    (!is_turn || (s->user && s->password));
}

static bool is_config_ok(const struct link_config *config)
{
	size_t cname = config->cname ? strlen(config->cname) : 0;

	if (cname == 0 || cname > LINK_CNAME_MAX_BYTES ||
	    config->server_count > LINK_SERVERS_MAX ||
	    config->address_count > LINK_ADDRESSES_MAX)
		return false;
	for (size_t i = 0; i < config->server_count; i++)
		if (!link_server_is_ok(&config->servers[i]))
			return false;
	for (size_t i = 0; i < config->address_count; i++)
		if (!link_address_is_ok(config->addresses[i]))
			return false;
	return true;
}

void link_servers_copy(struct link *link, const struct link_server *servers,
    size_t count)
{
	link->servers = g_new0(struct link_server, count + 1);
	for (size_t i = 0; i < count; i++) {
		link->servers[i] = servers[i];
		link->servers[i].host = g_strdup(servers[i].host);
		link->servers[i].user = g_strdup(servers[i].user);
		link->servers[i].password = g_strdup(servers[i].password);
	}
	link->config.servers = link->servers;
	link->config.server_count = count;
}

static void times_default(struct link_config *config)
{
	if (config->connect_ms == 0)
		config->connect_ms = LINK_CONNECT_DEFAULT_MS;
	if (config->silence_ms == 0)
		config->silence_ms = LINK_SILENCE_DEFAULT_MS;
	if (config->restart_ms == 0)
		config->restart_ms = LINK_RESTART_DEFAULT_MS;
}

static void config_copy(struct link *link, const struct link_config *config)
{
	link->config = *config;
	link->cname = g_strdup(config->cname);
	link->addresses = g_new0(char *, config->address_count + 1);
	for (size_t i = 0; i < config->address_count; i++)
		link->addresses[i] = g_strdup(config->addresses[i]);
	link_servers_copy(link, config->servers, config->server_count);
	link->config.addresses = (const char *const *)link->addresses;
	link->config.cname = link->cname;
	times_default(&link->config);
}

static void text_free_wiped(const char *text)
{
	char *own = (char *)text;

	if (own)
		kk_wipe(own, strlen(own));
	g_free(own);
}

void link_servers_clear(struct link *link)
{
	for (size_t i = 0; i < link->config.server_count; i++) {
		g_free((char *)link->servers[i].host);
		g_free((char *)link->servers[i].user);
		text_free_wiped(link->servers[i].password);
	}
	g_free(g_steal_pointer(&link->servers));
	link->config.server_count = 0;
}

static void link_release(struct link *link)
{
	link_session_clear(link);
	link_lookup_clear(link);
	link_queue_clear(&link->queue);
	dtls_identity_free(link->identity);
	link_servers_clear(link);
	g_strfreev(link->addresses);
	g_free(link->cname);
	if (link->loop)
		g_main_loop_unref(link->loop);
	if (link->context)
		g_main_context_unref(link->context);
	kk_free_wiped(link, sizeof(*link));
}

static gpointer thread_main(gpointer arg)
{
	struct link *link = arg;

	g_main_context_push_thread_default(link->context);
	g_main_loop_run(link->loop);
	/* What libnice has left to do when its agent goes. */
	while (g_main_context_iteration(link->context, FALSE))
		;
	g_main_context_pop_thread_default(link->context);
	return NULL;
}

static gpointer srtp_start(gpointer arg)
{
	(void)arg;
	return GINT_TO_POINTER((gint)srtp_library_init());
}

static enum kk_err parts_make(struct link *link)
{
	static GOnce once = G_ONCE_INIT;
	enum kk_err err;

	err = (enum kk_err)GPOINTER_TO_INT(g_once(&once, srtp_start, NULL));
	if (!err)
		err = dtls_identity_new(&link->identity, DTLS_BACKEND_MBEDTLS,
		    (uint64_t)g_get_real_time() / US_PER_S, IDENTITY_S);
	if (!err)
		err = link_queue_init(&link->queue, link->context, link);
	if (!err)
		err = link_session_init(link);
	return err;
}

enum kk_err link_new(struct link **linkp, const struct link_config *config)
{
	struct link *link;
	enum kk_err err;

	if (!is_config_ok(config))
		return KK_EINVAL;
	link = kk_calloc(1, sizeof(*link));
	if (!link)
		return KK_ENOMEM;
	config_copy(link, config);
	link->context = g_main_context_new();
	link->loop = g_main_loop_new(link->context, FALSE);
	err = parts_make(link);
	if (err) {
		link_release(link);
		return err;
	}
	link->thread = g_thread_new("link", thread_main, link);
	*linkp = link;
	return KK_OK;
}

static void finish(struct link *link)
{
	link_timer_stop(&link->close_timer);
	g_main_loop_quit(link->loop);
}

static gboolean close_is_over(gpointer arg)
{
	finish(arg);
	return G_SOURCE_REMOVE;
}

/* One agent after another, where ICE was restarted. */
static void agent_closed(struct link *link)
{
	if (--link->agents_closing == 0 && link->is_closing)
		finish(link);
}

void link_ice_end(struct link *link)
{
	link->agents_closing++;
	link_ice_close(link, agent_closed);
}

/* The order matters: BYE needs the keys, close_notify the sockets. */
static gboolean wind_up(gpointer arg)
{
	struct link *link = arg;

	link->is_closing = true;
	link_timer_stop(&link->connect_timer);
	link_timer_stop(&link->loss_timer);
	link_lookup_stop(link);
	if (link_state(link) != LINK_LOST) {
		link_session_end(link, true);
		link_secure_close(link);
	}
	link_state_change(link, LINK_LOST, KK_OK);
	link_secure_clear(link);
	link_ice_stop(link);
	link->close_timer = link_timer_start(link, CLOSE_MAX_MS, close_is_over);
	link_ice_end(link);
	return G_SOURCE_REMOVE;
}

void link_free(struct link *link)
{
	GSource *source;

	if (!link)
		return;
	source = g_idle_source_new();
	g_source_set_priority(source, G_PRIORITY_DEFAULT);
	g_source_set_callback(source, wind_up, link, NULL);
	g_source_attach(source, link->context);
	g_source_unref(source);
	g_thread_join(link->thread);
	link_release(link);
}

const char *link_fingerprint(const struct link *link)
{
	return dtls_identity_fingerprint_text(link->identity);
}

gboolean link_connect_is_late(gpointer arg)
{
	/* Where ICE found a way, it is the handshake that is late. */
	struct link *link = arg;

	link_lose(link,
	    link->secure.has_started && !link->is_restarting ?
		KK_EIO :
		link_ice_why(link));
	return G_SOURCE_REMOVE;
}

struct remote_call {
	const struct link_remote *remote;
	enum kk_err err;
};

static void servers_found(struct link *link)
{
	enum kk_err err = link_ice_gather(link);

	if (err)
		link_lose(link, err);
}

void link_servers_find(struct link *link)
{
	link_lookup_start(link, servers_found);
}

static void remote_set(struct link *link, void *arg)
{
	struct remote_call *call = arg;

	call->err = KK_ESTATE;
	if (link->ice.agent || link_state(link) != LINK_WAITING)
		return;
	call->err = KK_EINVAL;
	if (!link_ice_is_ok(call->remote))
		return;
	call->err = link_secure_prepare(link, call->remote->fingerprint);
	if (call->err)
		return;
	link_state_change(link, LINK_GATHERING, KK_OK);
	call->err = link_ice_prepare(link, call->remote);
	if (call->err) {
		link_lose(link, call->err);
		return;
	}
	link->connect_timer = link_timer_start(link, link->config.connect_ms,
	    link_connect_is_late);
	link_servers_find(link);
}

enum kk_err link_remote_set(struct link *link, const struct link_remote *remote)
{
	struct remote_call call = { .remote = remote };

	link_run(link, remote_set, &call);
	return call.err;
}

enum kk_err link_send_rtp(struct link *link, struct kk_view packet)
{
	const enum link_state state = link_state(link);

	if (state != LINK_CONNECTED && state != LINK_SILENT)
		return KK_ESTATE;
	if (packet.bytes > LINK_PACKET_MAX_BYTES)
		return KK_ELIMIT;
	if (wire_kind_of(packet) != WIRE_KIND_RTP)
		return KK_EINVAL;
	return link_queue_put(&link->queue, packet);
}

void link_key_frame_ask(struct link *link, uint32_t ssrc)
{
	link_queue_ask(&link->queue, ssrc);
}

static void counts_get(struct link *link, void *arg)
{
	struct link_counts *counts = arg;

	*counts = link->counts;
	counts->is_relayed = link_ice_is_relayed(&link->ice);
	for (size_t i = 0; i < link->session.sender_count; i++) {
		const struct link_tx *tx = &link->session.senders[i];

		if (tx->rtt_us / 1000 > counts->round_trip_ms)
			counts->round_trip_ms = (uint32_t)(tx->rtt_us / 1000);
		if (tx->fraction_lost > counts->fraction_lost)
			counts->fraction_lost = tx->fraction_lost;
	}
	for (size_t i = 0; i < link->session.receiver_count; i++)
		counts->lost += hop_rx_given_up(&link->session.receivers[i].rx);
	g_mutex_lock(&link->queue.mutex);
	counts->overflows = link->queue.overflows;
	g_mutex_unlock(&link->queue.mutex);
}

struct link_counts link_counts(struct link *link)
{
	struct link_counts counts;

	link_run(link, counts_get, &counts);
	return counts;
}
