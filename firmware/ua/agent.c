/* agent.c - the start and the end of all, and where we stand. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "ua/ua_private.h"

enum {
	MS_PER_S = 1000,
	US_PER_MS = 1000,
	TICK_MS = 250,
	MESSAGE_TIMEOUT_MS = 10000, /* TCP: a message in pieces */
	IDLE_SLACK_S = 60,
	LISTEN_BYTES = 96
};

static const char *const transport_names[UA_TRANSPORT_COUNT] = { "udp", "tcp",
	"tls" };

bool ua_random(void *out, size_t bytes)
{
	return getrandom(out, bytes, 0) == (ssize_t)bytes;
}

int64_t ua_now_ms(void)
{
	return g_get_monotonic_time() / US_PER_MS;
}

int64_t ua_now_s(void)
{
	return ua_now_ms() / MS_PER_S;
}

/* The second that has begun is none. */
int64_t ua_silent_at_s(const struct ua *ua)
{
	return ua_now_s() + 1 + ua->limits.silent_s;
}

/* --- messages ------------------------------------------------------------ */

enum ua_transport ua_transport_of(struct ua *ua, msg_t *msg)
{
	const tport_t *tport = tport_delivered_by(nta_agent_tports(ua->agent),
	    msg);
	const char *proto = tport ? tport_name(tport)->tpn_proto : NULL;

	for (enum ua_transport t = 0; proto && t < UA_TRANSPORT_COUNT; t++) {
		if (su_casematch(proto, transport_names[t]))
			return t;
	}
	return UA_UDP;
}

void ua_source(msg_t *msg, char address[UA_ADDRESS_BYTES], uint16_t *port)
{
	const su_sockaddr_t *su = msg_addr(msg);

	*port = 0;
	address[0] = '\0';
	if (!su ||
	    !su_inet_ntop(su->su_family, SU_ADDR(su), address,
		UA_ADDRESS_BYTES))
		address[0] = '\0';
	else
		*port = g_ntohs(su->su_port);
}

static const sip_via_t *via_find(const struct ua *ua,
    enum ua_transport transport)
{
	static const char *const protocols[] = { "SIP/2.0/UDP", "SIP/2.0/TCP",
		"SIP/2.0/TLS" };

	for (const sip_via_t *v = nta_agent_via(ua->agent); v; v = v->v_next) {
		if (su_casematch(v->v_protocol, protocols[transport]))
			return v;
	}
	return NULL;
}

sip_contact_t *ua_contact_of(struct ua *ua, su_home_t *home, const char *user,
    enum ua_transport transport)
{
	static const char *const parameters[UA_TRANSPORT_COUNT] = { "",
		";transport=tcp", ";transport=tls" };
	const sip_via_t *v = via_find(ua, transport);

	/* Not "sips", as sofia-sip would have it: that asks for TLS on hops
	 * behind the next one, which telephones and exchanges refuse. */
	return v ? sip_contact_format(home, "<sip:%s@%s:%s%s>", user, v->v_host,
		       sip_via_port(v, NULL), parameters[transport]) :
		   NULL;
}

uint16_t ua_port(const struct ua *ua, enum ua_transport transport)
{
	const sip_via_t *v = via_find(ua, transport);

	return v ? (uint16_t)strtoul(sip_via_port(v, NULL), NULL, 10) : 0;
}

/* --- time ---------------------------------------------------------------- */

static void tick(struct ua *magic, su_timer_t *timer, struct ua *ua)
{
	(void)magic;
	(void)timer;
	ua_connections_bound(ua);
	ua_handshakes_tick(ua, ua_now_ms());
	ua_registrar_tick(ua);
	ua_trunks_tick(ua);
	for (struct ua_call *c = ua->calls; c; c = c->next)
		ua_timer_tick(c);
	ua_calls_sweep(ua);
	ua_counts_tell(ua);
}

/* --- the configuration --------------------------------------------------- */

static unsigned or_default(unsigned value, unsigned otherwise)
{
	return value ? value : otherwise;
}

static void limits_take(struct ua *ua, const struct ua_limits *l)
{
	ua->limits = (struct ua_limits){
		.calls = or_default(l->calls, 64),
		.calls_per_s = or_default(l->calls_per_s, 10),
		.source_requests_per_s = or_default(l->source_requests_per_s,
		    20),
		.requests_per_s = or_default(l->requests_per_s, 200),
		.source_calls = or_default(l->source_calls, 8),
		.contacts = or_default(l->contacts, 4),
		.expires_min_s = or_default(l->expires_min_s, 60),
		.expires_max_s = or_default(l->expires_max_s, 3600),
		.message_bytes = or_default(l->message_bytes, 32 * 1024),
		.connections = or_default(l->connections, 256),
		.source_connections = or_default(l->source_connections, 16),
		.handshakes_per_s = or_default(l->handshakes_per_s, 20),
		.source_handshakes_per_s = or_default(
		    l->source_handshakes_per_s, 4),
		.handshakes = or_default(l->handshakes, UA_HANDSHAKES_EACH),
		.source_handshakes = or_default(l->source_handshakes, 8),
		.ring_s = or_default(l->ring_s, 120),
		/* Over UDP it was asked four times by then: RFC 3261,
		 * 17.1.1.2 and 17.1.2.2. */
		.silent_s = or_default(l->silent_s, 5),
		.session_s = or_default(l->session_s, 1800),
	};
	if (ua->limits.handshakes > UA_HANDSHAKES_EACH)
		ua->limits.handshakes = UA_HANDSHAKES_EACH;
	if (ua->limits.session_s < UA_SESSION_MIN_S)
		ua->limits.session_s = UA_SESSION_MIN_S;
}

/* It stands in headers as it is. */
static bool text_take(char *out, size_t room, const char *text)
{
	const size_t bytes = text ? strlen(text) : 0;

	if (bytes == 0 || bytes >= room || strpbrk(text, "\r\n\t \"<>@"))
		return false;
	memcpy(out, text, bytes + 1);
	return true;
}

static bool secret_take(char *out, size_t room, const char *text)
{
	const size_t bytes = text ? strlen(text) : 0;

	if (bytes >= room)
		return false;
	memcpy(out, text ? text : "", bytes + 1);
	return true;
}

/* As the kernel writes it, and without brackets. */
static void v6_take(char out[UA_ADDRESS_BYTES], const char *reference)
{
	char text[UA_ADDRESS_BYTES];
	struct in6_addr a;

	(void)snprintf(text, sizeof(text), "%.*s",
	    (int)strcspn(reference + 1, "]"), reference + 1);
	if (su_inet_pton(AF_INET6, text, &a) != 1 ||
	    !su_inet_ntop(AF_INET6, &a, out, UA_ADDRESS_BYTES))
		out[0] = '\0';
}

/* The server's address where its URI has one, so that its calls are known. */
static void address_take(struct ua_exchange *t, const char *uri)
{
	su_home_t home[1];
	url_t *url;

	memset(home, 0, sizeof(home));
	home->suh_size = (int)sizeof(home);
	if (su_home_init(home) < 0)
		return;
	url = url_hdup(home, ua_url(uri)->us_url);
	if (url && url->url_host && host_is_ip4_address(url->url_host))
		(void)snprintf(t->address, sizeof(t->address), "%s",
		    url->url_host);
	else if (url && url->url_host && host_is_ip6_reference(url->url_host))
		v6_take(t->address, url->url_host);
	su_home_deinit(home);
}

static bool token_make(char token[UA_TOKEN_BYTES])
{
	uint8_t random[(UA_TOKEN_BYTES - 1) / 2];

	if (!ua_random(random, sizeof(random)))
		return false;
	for (size_t i = 0; i < sizeof(random); i++)
		(void)snprintf(token + 2 * i, 3, "%02x", random[i]);
	return true;
}

static bool trunk_take(struct ua *ua, const struct ua_trunk *from)
{
	struct ua_exchange *t = &ua->trunks[ua->trunk_count++];

	t->ua = ua;
	for (size_t i = 0; i < UA_SERVERS_MAX && from->servers[i]; i++) {
		if (!text_take(t->servers[i], sizeof(t->servers[i]),
			from->servers[i]) ||
		    strncmp(t->servers[i], "sip:", 4) != 0)
			return false;
		t->server_count++;
	}
	t->is_static = from->is_static;
	t->is_unchecked = from->is_unchecked;
	t->expires_s = or_default(from->expires_s, 600);
	t->transport = ua_uri_transport(t->servers[0]);
	address_take(t, t->servers[0]);
	return t->server_count > 0 &&
	    text_take(t->name, sizeof(t->name), from->name) &&
	    text_take(t->domain, sizeof(t->domain), from->domain) &&
	    text_take(t->user, sizeof(t->user), from->user) &&
	    text_take(t->auth_user, sizeof(t->auth_user),
		from->auth_user ? from->auth_user : from->user) &&
	    secret_take(t->password, sizeof(t->password), from->password) &&
	    (t->is_static || token_make(t->token));
}

static enum kk_err config_take(struct ua *ua, const struct ua_config *config)
{
	if (config->listen_count == 0 ||
	    !text_take(ua->domain, sizeof(ua->domain), config->domain))
		return KK_EINVAL;
	if (config->listen_count > UA_LISTENS_MAX ||
	    config->trunk_count > UA_TRUNKS_MAX ||
	    config->user_count > UA_USERS_MAX ||
	    config->account_count > UA_ACCOUNTS_MAX)
		return KK_ELIMIT;
	ua->rule = config->rule;
	ua->log = config->log;
	limits_take(ua, &config->limits);
	for (size_t i = 0; i < config->user_count; i++, ua->user_count++) {
		if (!text_take(ua->users[i], sizeof(ua->users[i]),
			config->users[i]))
			return KK_EINVAL;
	}
	for (size_t i = 0; i < config->trunk_count; i++) {
		if (!trunk_take(ua, &config->trunks[i]))
			return KK_EINVAL;
	}
	ua->owns = kk_calloc(config->account_count, sizeof(*ua->owns));
	if (!ua->owns)
		return KK_ENOMEM;
	for (size_t i = 0; i < config->account_count; i++)
		ua->owns[i].account = config->accounts[i];
	ua->own_count = config->account_count;
	return ua_random(ua->secret, sizeof(ua->secret)) ? KK_OK : KK_EIO;
}

/* --- the loop and the sockets -------------------------------------------- */

/* It logs what calls are made of. */
static void log_nothing(void *stream, const char *format, va_list args)
{
	(void)stream;
	(void)format;
	(void)args;
}

static bool listen_open(struct ua *ua, const struct ua_listen *l)
{
	char url[LISTEN_BYTES], port[8];

	if (!l->address || (unsigned)l->transport >= UA_TRANSPORT_COUNT ||
	    (l->transport == UA_TLS) != (l->certificates != NULL) ||
	    (l->transport == UA_TLS && !ua_tls_is_mended()))
		return false;
	(void)snprintf(port, sizeof(port), l->port ? "%u" : "*",
	    (unsigned)l->port);
	/* What it listens on by TLS is "sips" to it. */
	(void)snprintf(url, sizeof(url),
	    strchr(l->address, ':') ? "%s:[%s]:%s;transport=%s" :
				      "%s:%s:%s;transport=%s",
	    l->transport == UA_TLS ? "sips" : "sip", l->address, port,
	    transport_names[l->transport]);
	return nta_agent_add_tport(ua->agent, ua_url(url), TPTAG_STUN_SERVER(0),
		   TPTAG_TIMEOUT(MESSAGE_TIMEOUT_MS),
		   TPTAG_IDLE((ua->limits.expires_max_s + IDLE_SLACK_S) *
		       MS_PER_S),
		   TAG_IF(l->certificates, TPTAG_CERTIFICATE(l->certificates)),
		   TPTAG_TLS_VERSION(0),
		   TPTAG_TLS_VERIFY_POLICY(l->is_mutual ?
			   TPTLS_VERIFY_ALL | TPTLS_VERIFY_SUBJECTS_OUT :
			   TPTLS_VERIFY_OUT | TPTLS_VERIFY_SUBJECTS_OUT),
		   TAG_END()) == 0;
}

static enum kk_err agent_open(struct ua *ua, const struct ua_config *config)
{
	GMainContext *const context = g_main_context_get_thread_default();

	if (su_init() < 0)
		return KK_EIO;
	su_log_redirect(NULL, log_nothing, NULL);
	ua->root = su_glib_root_create(ua);
	if (!ua->root)
		return KK_ENOMEM;
	su_root_threading(ua->root, 0);
	ua->source = su_glib_root_gsource(ua->root);
	(void)g_source_attach(ua->source, context);
	ua_handshakes_open(ua);
	g_main_context_set_poll_func(
	    context ? context : g_main_context_default(), ua_connections_poll);
	/* Its STUN server loses memory with each request it cannot read, and
	 * prints who asked. */
	ua->agent = nta_agent_create(ua->root, (const url_string_t *)-1,
	    ua_inbox, ua, NTATAG_UA(1),
	    NTATAG_MAXSIZE(ua->limits.message_bytes), NTATAG_CANCEL_487(1),
	    NTATAG_MERGE_482(1), NTATAG_REL100(0), NTATAG_CLIENT_RPORT(1),
	    NTATAG_SERVER_RPORT(1), NTATAG_USE_NAPTR(0), NTATAG_EXTRA_100(0),
	    TAG_END());
	if (!ua->agent)
		return KK_ENOMEM;
	for (size_t i = 0; i < config->listen_count; i++) {
		if (!listen_open(ua, &config->listens[i]))
			return KK_EIO;
	}
	ua_connections_small(ua);
	ua->tick = su_timer_create(su_root_task(ua->root), TICK_MS);
	ua->later = su_timer_create(su_root_task(ua->root), 1);
	if (!ua->tick || !ua->later || su_timer_run(ua->tick, tick, ua) < 0)
		return KK_ENOMEM;
	return KK_OK;
}

enum kk_err ua_new(struct ua **uap, const struct ua_config *config,
    const struct ua_handler *handler, void *arg)
{
	struct ua *ua = kk_calloc(1, sizeof(*ua));
	enum kk_err err;

	if (!ua)
		return KK_ENOMEM;
	ua->handler = *handler;
	ua->arg = arg;
	err = config_take(ua, config);
	if (!err)
		err = agent_open(ua, config);
	if (err) {
		ua_free(ua);
		return err;
	}
	ua_calls_sweep_soon(ua);
	*uap = ua;
	return KK_OK;
}

static void calls_free(struct ua *ua)
{
	struct ua_call *next;

	for (struct ua_call *c = ua->calls; c; c = next) {
		next = c->next;
		if (c->state != UA_CALL_OVER)
			ua_call_bye(c);
		ua_call_free(c);
	}
	ua->calls = NULL;
}

void ua_free(struct ua *ua)
{
	if (!ua)
		return;
	calls_free(ua);
	ua_byes_free(ua);
	for (size_t i = 0; i < ua->trunk_count; i++)
		ua_trunk_close(&ua->trunks[i]);
	for (size_t i = 0; i < ua->own_count; i++)
		ua_own_clear(ua, &ua->owns[i]);
	kk_free(ua->owns);
	if (ua->tick)
		su_timer_destroy(ua->tick);
	if (ua->later)
		su_timer_destroy(ua->later);
	if (ua->agent)
		nta_agent_destroy(ua->agent);
	ua_handshakes_close(ua);
	if (ua->source)
		g_source_destroy(ua->source);
	if (ua->root)
		su_root_destroy(ua->root);
	su_deinit();
	kk_free_wiped(ua, sizeof(*ua));
}
