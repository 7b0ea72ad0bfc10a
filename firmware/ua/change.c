/* change.c - requests inside a call, and our own changes of it.  RFC 3261, 14;
 * RFC 3311. */
#include <string.h>

#include "ua/ua_private.h"

static int over_take(struct ua_call *call, nta_incoming_t *irq)
{
	(void)nta_incoming_treply(irq, SIP_200_OK, TAG_END());
	if (call->theirs && !call->is_answered_by_us)
		(void)nta_incoming_treply(call->theirs,
		    SIP_487_REQUEST_CANCELLED, TAG_END());
	ua_call_over(call, UA_END_THEIRS, 0);
	return 200;
}

/* RFC 3261, 14.2 and RFC 3311, 5.2: one change at a time. */
static int collision_of(const struct ua_call *call)
{
	if (call->ours)
		return 491;
	return call->theirs ? 500 : 0;
}

static int offer_take(struct ua_call *call, nta_incoming_t *irq,
    const sip_t *sip, struct kk_view sdp)
{
	call->theirs = irq;
	call->theirs_is_empty = sdp.bytes == 0;
	call->is_answered_by_us = false;
	nta_incoming_bind(irq, ua_in_confirmed, call);
	(void)nta_leg_server_route(call->leg, NULL, sip->sip_contact);
	ua_bye_keep_soon(call);
	if (sip->sip_request->rq_method == sip_method_invite)
		(void)nta_incoming_treply(irq, SIP_100_TRYING, TAG_END());
	call->ua->handler.offered(call->ua->arg, call, sdp);
	return 0;
}

static int refused(nta_incoming_t *irq, int status)
{
	(void)nta_incoming_treply(irq, status, sip_status_phrase(status),
	    TAG_IF(status == 405, SIPTAG_ALLOW_STR(UA_ALLOW)),
	    TAG_IF(status == 422, SIPTAG_MIN_SE_STR("90")),
	    TAG_IF(status == 500, SIPTAG_RETRY_AFTER_STR("2")), TAG_END());
	return status;
}

static int invite_take(struct ua_call *call, nta_incoming_t *irq,
    const sip_t *sip)
{
	const int collision = collision_of(call);
	struct kk_view sdp;

	if (call->state != UA_CALL_UP)
		return refused(irq, call->state == UA_CALL_OUT ? 491 : 500);
	if (collision)
		return refused(irq, collision);
	if (!ua_sdp_get(sip, &sdp))
		return refused(irq, 415);
	if (!ua_timer_ask(call, sip))
		return refused(irq, 422);
	return offer_take(call, irq, sip, sdp);
}

/* Without an offer it keeps the call alive, and is answered here. */
static int update_take(struct ua_call *call, nta_incoming_t *irq,
    const sip_t *sip)
{
	const int collision = collision_of(call);
	struct kk_view sdp;

	if (!ua_sdp_get(sip, &sdp))
		return refused(irq, 415);
	if (sdp.bytes > 0 && (call->state != UA_CALL_UP || collision))
		return refused(irq, collision ? collision : 491);
	if (!ua_timer_ask(call, sip))
		return refused(irq, 422);
	if (sdp.bytes > 0)
		return offer_take(call, irq, sip, sdp);
	(void)nta_leg_server_route(call->leg, NULL, sip->sip_contact);
	ua_bye_keep_soon(call);
	(void)nta_incoming_treply(irq, SIP_200_OK,
	    SIPTAG_CONTACT(ua_contact_of(call->ua, call->home,
		ua_call_user(call), call->transport)),
	    SIPTAG_SESSION_EXPIRES_STR(ua_timer_text(call)),
	    TAG_IF(!call->is_refresher, SIPTAG_REQUIRE_STR("timer")),
	    TAG_END());
	return 200;
}

int ua_change_request(struct ua_call *call, nta_leg_t *leg, nta_incoming_t *irq,
    const sip_t *sip)
{
	(void)leg;
	if (call->state == UA_CALL_OVER)
		return refused(irq, 481);
	switch (sip->sip_request->rq_method) {
	case sip_method_ack: /* of what was refused */
		return 0;
	case sip_method_bye:
		return over_take(call, irq);
	case sip_method_invite:
		return invite_take(call, irq, sip);
	case sip_method_update:
		return update_take(call, irq, sip);
	case sip_method_options:
		return refused(irq, 200);
	case sip_method_cancel: /* of an INVITE that is none, or was answered */
		return refused(irq, 481);
	case sip_method_refer: /* we are moved by nobody */
		return refused(irq, 603);
	default:
		return refused(irq, 405);
	}
}

enum kk_err ua_call_offer(struct ua_call *call, struct kk_view sdp)
{
	if (call->state != UA_CALL_UP || call->ours || call->theirs)
		return KK_ESTATE;
	if (sdp.bytes == 0)
		return KK_EINVAL;
	if (sdp.bytes > UA_SDP_MAX_BYTES)
		return KK_ELIMIT;
	call->ours_is_refresh = false;
	return ua_call_keep(call, sdp) &&
		ua_out_send(call, SIP_METHOD_INVITE, true) ?
	    KK_OK :
	    KK_ENOMEM;
}
