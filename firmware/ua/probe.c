/*
 * probe.c - whether an exchange is there, before a call has to find out: now
 * and then it is asked by OPTIONS.  Any word of its own will do: many say 404
 * or 405. RFC 3261, 11.
 */
#include <stdio.h>
#include <string.h>

#include "ua/ua_private.h"

enum { CHECK_S = 20 };

void ua_probe_later(struct ua_exchange *t)
{
	if (!t->check)
		t->check_at_s = ua_now_s() + CHECK_S;
}

void ua_probe_drop(struct ua_exchange *t)
{
	if (t->check)
		nta_outgoing_destroy(t->check);
	t->check = NULL;
	ua_probe_later(t);
}

static int checked(void *magic, nta_outgoing_t *request, const sip_t *sip)
{
	struct ua_exchange *t = magic;
	/* It goes with its request. */
	const bool is_silent = !sip || nta_sip_is_internal(sip);

	if (request != t->check || nta_outgoing_status(request) < 200)
		return 0;
	ua_probe_drop(t);
	if (is_silent) {
		ua_trunk_silent(t);
	} else if (t->is_static) {
		t->failures = 0;
		ua_trunk_set(t, UA_TRUNK_READY);
	}
	return 0;
}

static msg_t *options_make(struct ua_exchange *t)
{
	msg_t *msg = nta_msg_create(t->ua->agent, 0);
	char uri[UA_TEXT_BYTES + 8];
	sip_contact_t *contact = NULL;

	(void)snprintf(uri, sizeof(uri), "sip:%s", t->domain);
	if (msg)
		contact = ua_contact_of(t->ua, msg_home(msg),
		    t->is_static ? t->user : t->token, t->transport);
	if (contact &&
	    sip_add_tl(msg, sip_object(msg), SIPTAG_CONTACT(contact),
		TAG_END()) >= 0 &&
	    nta_msg_request_complete(msg, t->leg, SIP_METHOD_OPTIONS,
		ua_url(uri)) >= 0)
		return msg;
	if (msg)
		msg_destroy(msg);
	return NULL;
}

static void ask(struct ua_exchange *t)
{
	msg_t *msg = ua_trunk_leg(t) ? options_make(t) : NULL;

	if (msg)
		t->check = nta_outgoing_mcreate(t->ua->agent, checked, t,
		    ua_url(t->servers[t->server]), msg, TAG_END());
	if (msg && !t->check)
		msg_destroy(msg);
	if (t->check)
		t->check_at_s = ua_silent_at_s(t->ua);
	else
		ua_probe_later(t);
}

/* One that we register at is looked for by that, while it is away. */
static bool is_due(const struct ua_exchange *t, int64_t now_s)
{
	if (t->state == UA_TRUNK_READY)
		return now_s >= t->check_at_s;
	return t->is_static && now_s >= t->next_s;
}

void ua_probe_tick(struct ua_exchange *t)
{
	const int64_t now_s = ua_now_s();

	if (t->check) {
		if (now_s >= t->check_at_s)
			ua_trunk_silent(t);
	} else if (is_due(t, now_s)) {
		ask(t);
	}
}
