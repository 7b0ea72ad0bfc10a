/* in.c - calls that come: INVITE, its answer and its ACK.  RFC 3261, 13.3. */
#include <stdio.h>
#include <string.h>

#include "ua/ua_private.h"

/* --- CANCEL, ACK, and neither -------------------------------------------- */

static void acknowledged(struct ua_call *call, const sip_t *sip)
{
	struct kk_view sdp;
	const bool has_sdp = ua_sdp_get(sip, &sdp) && sdp.bytes > 0;

	call->state = UA_CALL_UP;
	if (call->theirs_is_empty && !has_sdp) {
		ua_call_bye(call);
		ua_call_over(call, UA_END_MEDIA, 0);
	} else if (call->theirs_is_empty) {
		call->ua->handler.answered(call->ua->arg, call, sdp);
	}
}

static void theirs_forget(struct ua_call *call)
{
	nta_incoming_destroy(call->theirs);
	call->theirs = NULL;
	call->is_answered_by_us = false;
}

int ua_in_confirmed(struct ua_call *call, nta_incoming_t *irq, const sip_t *sip)
{
	const bool was_first = call->state == UA_CALL_IN;
	const bool was_good = call->is_answered_by_us &&
	    nta_incoming_status(irq) < 300;

	if (irq != call->theirs)
		return 0;
	if (sip && sip->sip_request->rq_method == sip_method_cancel) {
		/* RFC 3261, 9.2 */
		(void)nta_incoming_treply(irq, SIP_487_REQUEST_CANCELLED,
		    TAG_END());
		theirs_forget(call);
		if (was_first)
			ua_call_over(call, UA_END_THEIRS, 487);
		return 0;
	}
	theirs_forget(call);
	if (call->state == UA_CALL_OVER || !was_good)
		return 0;
	if (sip) {
		acknowledged(call, sip);
	} else { /* 64 times T1 without an ACK */
		ua_call_bye(call);
		ua_call_over(call, UA_END_LOST, 408);
	}
	return 0;
}

/* --- INVITE -------------------------------------------------------------- */

static bool leg_make(struct ua_call *call, const sip_t *sip)
{
	call->leg = nta_leg_tcreate(call->ua->agent, ua_change_request, call,
	    SIPTAG_CALL_ID(sip->sip_call_id), SIPTAG_FROM(sip->sip_to),
	    SIPTAG_TO(sip->sip_from), TAG_END());
	return call->leg &&
	    nta_leg_tag(call->leg, nta_incoming_tag(call->theirs, NULL)) &&
	    nta_leg_server_route(call->leg, sip->sip_record_route,
		sip->sip_contact) >= 0;
}

static const char *route_of(struct ua_call *call, const struct ua_incoming *in)
{
	static const char *const names[] = { "udp", "tcp", "tls" };

	return su_sprintf(call->home,
	    strchr(in->address, ':') ? "sip:[%s]:%u;transport=%s" :
				       "sip:%s:%u;transport=%s",
	    in->address, (unsigned)in->port, names[in->transport]);
}

static void peer_note(struct ua_call *call, const sip_t *sip,
    const struct ua_incoming *in)
{
	call->transport = in->transport;
	call->trunk = in->trunk;
	call->theirs_is_empty = in->offer.bytes == 0;
	call->takes_rel = sip_has_feature(sip->sip_supported, "100rel") ||
	    sip_has_feature(sip->sip_require, "100rel");
	call->takes_update = sip->sip_allow &&
	    sip_is_allowed(sip->sip_allow, SIP_METHOD_UPDATE);
	(void)snprintf(call->address, sizeof(call->address), "%s", in->address);
	if (in->origin == UA_FROM_ACCOUNT)
		call->route = route_of(call, in);
	if (in->origin == UA_FROM_TRUNK) {
		call->password = call->ua->trunks[in->trunk].password;
		call->password_user = call->ua->trunks[in->trunk].auth_user;
	}
}

void ua_in_take(struct ua *ua, msg_t *msg, sip_t *sip,
    const struct ua_incoming *in)
{
	struct ua_call *call = ua_call_new(ua, UA_CALL_IN);

	if (!call) {
		ua_refuse(ua, msg, SIP_503_SERVICE_UNAVAILABLE);
		return;
	}
	peer_note(call, sip, in);
	call->theirs = nta_incoming_create(ua->agent, NULL, msg, sip,
	    TAG_END());
	if (!call->theirs || !leg_make(call, sip)) {
		if (call->theirs)
			(void)nta_incoming_treply(call->theirs,
			    SIP_500_INTERNAL_SERVER_ERROR, TAG_END());
		ua->calls = call->next;
		ua_call_free(call);
		return;
	}
	if (!ua_timer_ask(call, sip)) {
		(void)nta_incoming_treply(call->theirs, 422,
		    "Session Interval Too Small", SIPTAG_MIN_SE_STR("90"),
		    TAG_END());
		ua->calls = call->next;
		ua_call_free(call);
		return;
	}
	nta_incoming_bind(call->theirs, ua_in_confirmed, call);
	(void)nta_incoming_treply(call->theirs, SIP_100_TRYING, TAG_END());
	ua->counts.calls_in++;
	ua->handler.incoming(ua->arg, call, in);
}

/* --- our answers --------------------------------------------------------- */

/* PRACK: nta answers it; the answer with the sound counts as told from now. */
static int pracked(struct ua_call *call, nta_reliable_t *rel,
    nta_incoming_t *prack, const sip_t *sip)
{
	(void)rel;
	if (!prack && call->state == UA_CALL_IN) {
		ua_call_bye(call);
		ua_call_over(call, UA_END_LOST, 0);
	}
	if (rel)
		nta_reliable_destroy(rel);
	return sip ? 200 : 0;
}

static sip_payload_t *payload_of(struct ua_call *call, su_home_t *home,
    struct kk_view sdp)
{
	if (sdp.bytes == 0 || !ua_call_keep(call, sdp))
		return NULL;
	return sip_payload_create(home, sdp.data, (isize_t)sdp.bytes);
}

enum kk_err ua_call_ring(struct ua_call *call, struct kk_view sdp)
{
	const int status = sdp.bytes > 0 ? 183 : 180;
	sip_contact_t *contact;
	sip_payload_t *payload;
	bool is_ok;

	if (call->state != UA_CALL_IN || !call->theirs)
		return KK_ESTATE;
	if (sdp.bytes > 0 && call->theirs_is_empty)
		return KK_ESTATE;
	contact = ua_contact_of(call->ua, call->home, ua_call_user(call),
	    call->transport);
	payload = payload_of(call, call->home, sdp);
	if (sdp.bytes > 0 && !payload)
		return sdp.bytes > UA_SDP_MAX_BYTES ? KK_ELIMIT : KK_ENOMEM;
	if (call->takes_rel)
		is_ok = nta_reliable_treply(call->theirs, pracked, call, status,
			    sip_status_phrase(status), SIPTAG_CONTACT(contact),
			    SIPTAG_ALLOW_STR(UA_ALLOW),
			    TAG_IF(payload,
				SIPTAG_CONTENT_TYPE_STR("application/sdp")),
			    SIPTAG_PAYLOAD(payload), TAG_END()) != NULL;
	else
		is_ok = nta_incoming_treply(call->theirs, status,
			    sip_status_phrase(status), SIPTAG_CONTACT(contact),
			    SIPTAG_ALLOW_STR(UA_ALLOW),
			    TAG_IF(payload,
				SIPTAG_CONTENT_TYPE_STR("application/sdp")),
			    SIPTAG_PAYLOAD(payload), TAG_END()) == 0;
	return is_ok ? KK_OK : KK_ENOMEM;
}

static bool ok_send(struct ua_call *call, sip_payload_t *payload)
{
	sip_contact_t *contact = ua_contact_of(call->ua, call->home,
	    ua_call_user(call), call->transport);

	return nta_incoming_treply(call->theirs, SIP_200_OK,
		   SIPTAG_CONTACT(contact), SIPTAG_ALLOW_STR(UA_ALLOW),
		   SIPTAG_SUPPORTED_STR(UA_SUPPORTED),
		   TAG_IF(call->session_s,
		       SIPTAG_SESSION_EXPIRES_STR(ua_timer_text(call))),
		   TAG_IF(call->session_s && !call->is_refresher,
		       SIPTAG_REQUIRE_STR("timer")),
		   TAG_IF(payload, SIPTAG_CONTENT_TYPE_STR("application/sdp")),
		   SIPTAG_PAYLOAD(payload), TAG_END()) == 0;
}

enum kk_err ua_call_answer(struct ua_call *call, struct kk_view sdp)
{
	sip_payload_t *payload;

	if (!call->theirs || call->is_answered_by_us ||
	    call->state == UA_CALL_OVER)
		return KK_ESTATE;
	if (sdp.bytes == 0)
		return KK_EINVAL;
	if (sdp.bytes > UA_SDP_MAX_BYTES)
		return KK_ELIMIT;
	payload = payload_of(call, call->home, sdp);
	if (!payload || !ok_send(call, payload))
		return KK_ENOMEM;
	su_free(call->home, payload);
	if (nta_incoming_method(call->theirs) == sip_method_update) {
		theirs_forget(call);
		return KK_OK;
	}
	call->is_answered_by_us = true;
	if (call->state == UA_CALL_IN)
		call->state = UA_CALL_ACK;
	ua_bye_keep_soon(call);
	return KK_OK;
}

enum kk_err ua_call_reject(struct ua_call *call, unsigned status)
{
	if (status < 400 || status > 699)
		return KK_EINVAL;
	if (!call->theirs || call->is_answered_by_us ||
	    call->state == UA_CALL_OVER)
		return KK_ESTATE;
	(void)nta_incoming_treply(call->theirs, (int)status,
	    sip_status_phrase((int)status), TAG_END());
	theirs_forget(call);
	if (call->state == UA_CALL_IN)
		ua_call_over(call, UA_END_OURS, status);
	return KK_OK;
}
