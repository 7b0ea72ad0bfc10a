/* trunk.c - we register at telephone exchanges, and turn to the other server of
 * one that does not answer.  RFC 3261, 10.2; RFC 3263, 4.3. */
#include <stdio.h>
#include <string.h>

#include "ua/ua_private.h"

enum {
	RETRY_S = 5, /* doubled with each failure */
	RETRY_MAX_S = 60, /* calls wait for it */
	REFUSED_S = 300,
	LEAST_S = 30
};

enum ua_transport ua_uri_transport(const char *uri)
{
	if (strstr(uri, "transport=tls"))
		return UA_TLS;
	return strstr(uri, "transport=tcp") ? UA_TCP : UA_UDP;
}

void ua_trunk_set(struct ua_exchange *t, enum ua_trunk_state state)
{
	static const char *const names[] = { "off", "trying", "ready",
		"refused", "unreachable" };
	const size_t index = (size_t)(t - t->ua->trunks);

	if (t->state == state)
		return;
	t->state = state;
	kk_log(t->ua->log,
	    state >= UA_TRUNK_REFUSED ? KK_LOG_WARNING : KK_LOG_INFO,
	    "trunk=%s is %s", t->name, names[state]);
	t->ua->handler.trunk(t->ua->arg, index, state);
}

bool ua_trunk_leg(struct ua_exchange *t)
{
	char aor[2 * UA_TEXT_BYTES + 8];

	if (t->leg)
		return true;
	(void)snprintf(aor, sizeof(aor), "<sip:%s@%s>", t->user, t->domain);
	t->leg = nta_leg_tcreate(t->ua->agent, NULL, NULL, SIPTAG_FROM_STR(aor),
	    SIPTAG_TO_STR(aor), TAG_END());
	return t->leg && nta_leg_tag(t->leg, NULL);
}

static int answered(void *magic, nta_outgoing_t *request, const sip_t *sip);

static msg_t *register_make(struct ua_exchange *t, unsigned expires_s)
{
	msg_t *msg = nta_msg_create(t->ua->agent, 0);
	sip_t *sip = sip_object(msg);
	char uri[UA_TEXT_BYTES + 8];
	sip_contact_t *contact = NULL;
	bool is_ok;

	(void)snprintf(uri, sizeof(uri), "sip:%s", t->domain);
	if (msg)
		contact = ua_contact_of(t->ua, msg_home(msg), t->token,
		    t->transport);
	is_ok = contact &&
	    sip_add_tl(msg, sip, SIPTAG_CONTACT(contact),
		SIPTAG_EXPIRES_STR(su_sprintf(msg_home(msg), "%u", expires_s)),
		SIPTAG_ALLOW_STR(UA_ALLOW), TAG_END()) >= 0 &&
	    nta_msg_request_complete(msg, t->leg, SIP_METHOD_REGISTER,
		ua_url(uri)) >= 0;
	if (is_ok)
		is_ok = ua_login_add(&t->logins, msg,
		    &(struct ua_name){ t->auth_user, t->password }, "REGISTER");
	if (!is_ok && msg)
		msg_destroy(msg);
	return is_ok ? msg : NULL;
}

static bool register_send(struct ua_exchange *t, unsigned expires_s,
    nta_response_f *callback)
{
	msg_t *msg = ua_trunk_leg(t) ? register_make(t, expires_s) : NULL;
	nta_outgoing_t *request = NULL;

	if (msg)
		request = nta_outgoing_mcreate(t->ua->agent, callback,
		    callback ? t : NULL, ua_url(t->servers[t->server]), msg,
		    TAG_END());
	if (msg && !request)
		msg_destroy(msg);
	if (callback)
		t->request = request;
	t->silent_at_s = ua_silent_at_s(t->ua);
	return request != NULL;
}

/* --- answers ------------------------------------------------------------- */

static void later(struct ua_exchange *t, int64_t s)
{
	t->next_s = ua_now_s() + s;
}

static void unreachable(struct ua_exchange *t)
{
	const unsigned shift = t->failures < 6 ? t->failures : 6;
	const int64_t s = (int64_t)RETRY_S << shift;

	/* Of one that is sent nothing it would never be known that it is
	 * back. */
	if (!t->is_static || !t->is_unchecked)
		ua_trunk_set(t, UA_TRUNK_UNREACHABLE);
	t->failures++;
	/* The other one is asked at once, each once before we wait. */
	t->server = (t->server + 1) % t->server_count;
	t->transport = ua_uri_transport(t->servers[t->server]);
	later(t,
	    t->failures % t->server_count == 0 ?
		(s < RETRY_MAX_S ? s : RETRY_MAX_S) :
		0);
}

void ua_trunk_silent(struct ua_exchange *t)
{
	if (t->request)
		nta_outgoing_destroy(t->request);
	t->request = NULL;
	ua_probe_drop(t);
	unreachable(t);
}

static unsigned granted_s(const struct ua_exchange *t, const sip_t *sip)
{
	sip_time_t s = t->expires_s;

	if (sip->sip_expires)
		s = sip->sip_expires->ex_delta;
	for (const sip_contact_t *m = sip->sip_contact; m; m = m->m_next) {
		if (m->m_url->url_user &&
		    strcmp(m->m_url->url_user, t->token) == 0)
			s = sip_contact_expires(m, sip->sip_expires,
			    sip->sip_date, t->expires_s, sip_now());
	}
	if (s < LEAST_S)
		return LEAST_S;
	return s < t->expires_s ? (unsigned)s : t->expires_s;
}

static void accepted(struct ua_exchange *t, msg_t *msg, const sip_t *sip)
{
	uint16_t port;

	t->failures = 0;
	t->auth_tries = 0;
	ua_source(msg, t->address, &port); /* its calls come from there */
	later(t, granted_s(t, sip) * 3 / 4);
	ua_probe_later(t);
	ua_trunk_set(t, UA_TRUNK_READY);
}

static bool authorize(struct ua_exchange *t, const sip_t *sip)
{
	if (!t->password[0] || t->auth_tries++ == UA_AUTH_TRIES_MAX)
		return false;
	return ua_login_take(&t->logins, sip);
}

static void refused(struct ua_exchange *t, const sip_t *sip, unsigned status)
{
	if ((status == 401 || status == 407) && authorize(t, sip)) {
		later(t, 0);
		return;
	}
	t->auth_tries = 0;
	if (status == 423 && sip->sip_min_expires &&
	    sip->sip_min_expires->me_delta > t->expires_s &&
	    sip->sip_min_expires->me_delta <= 24 * 3600) {
		t->expires_s = (unsigned)sip->sip_min_expires->me_delta;
		later(t, 0);
	} else if (status == 408 || status >= 500) {
		unreachable(t);
	} else {
		ua_trunk_set(t, UA_TRUNK_REFUSED);
		later(t, REFUSED_S);
	}
}

static int answered(void *magic, nta_outgoing_t *request, const sip_t *sip)
{
	struct ua_exchange *t = magic;
	const unsigned status = (unsigned)nta_outgoing_status(request);
	msg_t *msg;

	if (request != t->request || status < 200 || !sip)
		return 0;
	msg = nta_outgoing_getresponse(request);
	if (status < 300 && msg)
		accepted(t, msg, sip);
	else
		refused(t, sip, status);
	if (msg)
		msg_destroy(msg);
	nta_outgoing_destroy(t->request);
	t->request = NULL;
	ua_trunks_tick(t->ua); /* what is due at once */
	return 0;
}

/* --- time ---------------------------------------------------------------- */

static void register_now(struct ua_exchange *t)
{
	t->next_s = INT64_MAX;
	if (t->state != UA_TRUNK_READY)
		ua_trunk_set(t, UA_TRUNK_TRYING);
	if (!register_send(t, t->expires_s, answered))
		unreachable(t);
}

static void trunk_tick(struct ua_exchange *t)
{
	const int64_t now_s = ua_now_s();

	if (t->is_static && t->state == UA_TRUNK_OFF)
		ua_trunk_set(t, UA_TRUNK_READY);
	if (t->request && now_s >= t->silent_at_s)
		ua_trunk_silent(t);
	if (!t->is_static && !t->request && now_s >= t->next_s)
		register_now(t);
	if (!t->is_unchecked)
		ua_probe_tick(t);
}

void ua_trunks_tick(struct ua *ua)
{
	for (size_t i = 0; i < ua->trunk_count; i++)
		trunk_tick(&ua->trunks[i]);
}

void ua_trunk_close(struct ua_exchange *t)
{
	if (t->request)
		nta_outgoing_destroy(t->request);
	t->request = NULL;
	ua_probe_drop(t);
	if (t->leg && !t->is_static && t->state == UA_TRUNK_READY)
		(void)register_send(t, 0, NULL);
	if (t->leg)
		nta_leg_destroy(t->leg);
	t->leg = NULL;
}

enum ua_trunk_state ua_trunk_state(const struct ua *ua, size_t trunk)
{
	return trunk < ua->trunk_count ? ua->trunks[trunk].state : UA_TRUNK_OFF;
}
