/* inbox.c - requests out of dialogs: what is dropped, refused, and let in. */
#include <string.h>

#include "ua/ua_private.h"

void ua_refuse(struct ua *ua, msg_t *msg, int status, const char *phrase)
{
	ua->counts.refused++;
	(void)nta_msg_treply(ua->agent, msg, status, phrase,
	    TAG_IF(status == 405 || status == 501, SIPTAG_ALLOW_STR(UA_ALLOW)),
	    TAG_IF(status == 415, SIPTAG_ACCEPT_STR("application/sdp")),
	    TAG_IF(status == 503, SIPTAG_RETRY_AFTER_STR("5")), TAG_END());
}

static bool has_unknown_requirement(const sip_t *sip)
{
	const sip_require_t *require = sip->sip_require;

	if (!require || !require->k_items)
		return false;
	for (size_t i = 0; require->k_items[i]; i++) {
		if (!su_casematch(require->k_items[i], "100rel") &&
		    !su_casematch(require->k_items[i], "timer"))
			return true;
	}
	return false;
}

static const char *text_or_empty(const char *text)
{
	return text ? text : "";
}

/* --- INVITE -------------------------------------------------------------- */

/* By what only it was told (our token), or by where it stands. */
static bool is_from_trunk(const struct ua *ua, const sip_t *sip,
    struct ua_incoming *in)
{
	const char *user = sip->sip_request->rq_url->url_user;

	for (size_t i = 0; user && i < ua->trunk_count; i++) {
		if (ua->trunks[i].token[0] &&
		    strcmp(ua->trunks[i].token, user) == 0) {
			in->trunk = i;
			return true;
		}
	}
	return ua_is_trunk_address(ua, in->address, &in->trunk);
}

/* A telephone of ours, or one that says so: then it must prove it. */
static bool is_own(struct ua *ua, const sip_t *sip)
{
	const url_t *from = sip->sip_from->a_url;

	return sip->sip_authorization ||
	    (from->url_host && su_casematch(from->url_host, ua->domain) &&
		ua_own_find(ua, from->url_user));
}

static bool is_let_in(struct ua *ua, msg_t *msg, const sip_t *sip,
    struct ua_incoming *in)
{
	enum kk_err err;
	size_t own;

	if (is_from_trunk(ua, sip, in)) {
		in->origin = UA_FROM_TRUNK;
		return true;
	}
	if (ua->rule == UA_RULE_TRUNKS) {
		ua_refuse(ua, msg, SIP_403_FORBIDDEN);
		return false;
	}
	in->origin = UA_FROM_ANYBODY;
	if (ua->rule == UA_RULE_ANYBODY && !is_own(ua, sip))
		return true;
	err = ua_digest_check(ua, sip, &own);
	if (err) {
		ua->counts.refused += err == KK_EAUTH;
		ua_digest_ask(ua, msg, err == KK_EEXPIRED);
		return false;
	}
	in->origin = UA_FROM_ACCOUNT;
	in->from_user = ua->owns[own].account.user;
	return true;
}

static bool is_for_us(const struct ua *ua, const struct ua_incoming *in)
{
	if (in->origin == UA_FROM_TRUNK || ua->user_count == 0)
		return true;
	for (size_t i = 0; i < ua->user_count; i++) {
		if (strcmp(ua->users[i], in->to_user) == 0)
			return true;
	}
	return false;
}

static bool has_room(struct ua *ua, msg_t *msg, const struct ua_incoming *in)
{
	const struct ua_limits *l = &ua->limits;
	struct ua_bucket *rate = in->origin == UA_FROM_ANYBODY ?
	    &ua->strangers_calls_rate :
	    &ua->calls_rate;

	if (ua->counts.calls < l->calls &&
	    (in->origin == UA_FROM_TRUNK ||
		ua_calls_of(ua, in->address) < l->source_calls) &&
	    ua_bucket_take(rate, l->calls_per_s, ua_now_ms()))
		return true;
	ua_refuse(ua, msg, SIP_503_SERVICE_UNAVAILABLE);
	return false;
}

static void invite_take(struct ua *ua, msg_t *msg, sip_t *sip,
    const char *address, uint16_t port)
{
	struct ua_incoming in = { .trunk = UA_NO_TRUNK,
		.transport = ua_transport_of(ua, msg),
		.address = address,
		.port = port };
	const url_t *to = sip->sip_request->rq_url;

	in.from_user = text_or_empty(sip->sip_from->a_url->url_user);
	in.from_name = text_or_empty(sip->sip_from->a_display);
	if (!sip->sip_contact || !ua_sdp_get(sip, &in.offer)) {
		if (sip->sip_contact)
			ua_refuse(ua, msg, SIP_415_UNSUPPORTED_MEDIA);
		else
			ua_refuse(ua, msg, SIP_400_BAD_REQUEST);
		return;
	}
	if (!is_let_in(ua, msg, sip, &in))
		return;
	/* Our own token is no number that anybody called. */
	if (in.origin == UA_FROM_TRUNK && to->url_user &&
	    strcmp(to->url_user, ua->trunks[in.trunk].token) == 0)
		to = sip->sip_to->a_url;
	in.to_user = text_or_empty(to->url_user);
	if (!is_for_us(ua, &in)) {
		ua_refuse(ua, msg, SIP_404_NOT_FOUND);
		return;
	}
	if (has_room(ua, msg, &in))
		ua_in_take(ua, msg, sip, &in);
}

/* --- the rest ------------------------------------------------------------ */

static void other_take(struct ua *ua, msg_t *msg, const sip_t *sip)
{
	switch (sip->sip_request->rq_method) {
	case sip_method_options:
		(void)nta_msg_treply(ua->agent, msg, SIP_200_OK,
		    SIPTAG_ALLOW_STR(UA_ALLOW),
		    SIPTAG_SUPPORTED_STR(UA_SUPPORTED),
		    SIPTAG_ACCEPT_STR("application/sdp"), TAG_END());
		break;
	case sip_method_cancel:
	case sip_method_bye:
	case sip_method_prack:
	case sip_method_update:
		ua_refuse(ua, msg, SIP_481_NO_TRANSACTION);
		break;
	case sip_method_unknown:
		ua_refuse(ua, msg, SIP_501_NOT_IMPLEMENTED);
		break;
	default: /* REFER and MESSAGE among them */
		ua_refuse(ua, msg, SIP_405_METHOD_NOT_ALLOWED);
		break;
	}
}

static void request_take(struct ua *ua, msg_t *msg, sip_t *sip,
    const char *address, uint16_t port)
{
	if (sip->sip_to->a_tag) {
		ua_refuse(ua, msg, SIP_481_NO_CALL);
	} else if (has_unknown_requirement(sip)) {
		ua->counts.refused++;
		(void)nta_msg_treply(ua->agent, msg, SIP_420_BAD_EXTENSION,
		    SIPTAG_UNSUPPORTED_STR("*"), TAG_END());
	} else if (sip->sip_request->rq_method == sip_method_invite) {
		invite_take(ua, msg, sip, address, port);
	} else if (sip->sip_request->rq_method == sip_method_register) {
		ua_registrar_take(ua, msg, sip);
	} else {
		other_take(ua, msg, sip);
	}
}

int ua_inbox(struct ua *ua, nta_agent_t *agent, msg_t *msg, sip_t *sip)
{
	char address[UA_ADDRESS_BYTES];
	uint16_t port;

	ua_source(msg, address, &port);
	/* An ACK has no answer, nor has what nobody should have sent. */
	if (!sip->sip_request || !sip->sip_from || !sip->sip_to ||
	    sip->sip_request->rq_method == sip_method_ack ||
	    !ua_limit_pass(ua, address)) {
		nta_msg_discard(agent, msg);
		return 0;
	}
	request_take(ua, msg, sip, address, port);
	return 0;
}
