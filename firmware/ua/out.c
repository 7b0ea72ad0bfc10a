/* out.c - what we ask: INVITE, what follows it, and their answers.  RFC 3261,
 * 13.2. */
#include <stdio.h>
#include <string.h>

#include "ua/ua_private.h"

/* --- sending ------------------------------------------------------------- */

static bool headers_add(struct ua_call *call, msg_t *msg, sip_t *sip,
    bool with_sdp)
{
	su_home_t *home = msg_home(msg);
	const unsigned s = call->session_s ? call->session_s :
					     call->ua->limits.session_s;
	sip_payload_t *payload = with_sdp ?
	    sip_payload_create(home, call->sdp.data, (isize_t)call->sdp.bytes) :
	    NULL;

	return sip_add_tl(msg, sip,
		   SIPTAG_CONTACT(ua_contact_of(call->ua, home,
		       ua_call_user(call), call->transport)),
		   SIPTAG_ALLOW_STR(UA_ALLOW),
		   SIPTAG_SUPPORTED_STR(call->is_forked ? "timer" :
							  UA_SUPPORTED),
		   SIPTAG_SESSION_EXPIRES_STR(su_sprintf(home, "%u%s", s,
		       call->ours_is_refresh ? ";refresher=uac" : "")),
		   SIPTAG_MIN_SE_STR("90"),
		   TAG_IF(payload, SIPTAG_CONTENT_TYPE_STR("application/sdp")),
		   SIPTAG_PAYLOAD(payload), TAG_END()) >= 0;
}

static msg_t *request_make(struct ua_call *call, sip_method_t method,
    const char *name, bool with_sdp)
{
	msg_t *msg = nta_msg_create(call->ua->agent, 0);
	sip_t *sip = sip_object(msg);
	const bool is_first = call->target && call->state == UA_CALL_OUT;
	bool is_ok = msg && sip;

	if (is_ok && method != sip_method_bye)
		is_ok = headers_add(call, msg, sip, with_sdp);
	is_ok = is_ok &&
	    nta_msg_request_complete(msg, call->leg, method, name,
		is_first ? ua_url(call->target) : NULL) >= 0;
	if (is_ok && call->password)
		is_ok = ua_login_add(&call->logins, msg,
		    &(struct ua_name){ call->password_user, call->password },
		    name);
	if (!is_ok && msg)
		msg_destroy(msg);
	return is_ok ? msg : NULL;
}

bool ua_out_send(struct ua_call *call, sip_method_t method, const char *name,
    bool with_sdp)
{
	const bool is_kept = method != sip_method_bye;
	msg_t *msg = request_make(call, method, name, with_sdp);
	nta_outgoing_t *request;

	if (!msg)
		return false;
	request = nta_outgoing_mcreate(call->ua->agent,
	    is_kept ? ua_out_answer : NULL, is_kept ? call : NULL,
	    call->route ? ua_url(call->route) : NULL, msg, TAG_END());
	if (!request)
		msg_destroy(msg);
	else if (is_kept) {
		call->ours = request;
		call->is_tagged = false;
		call->silent_at_s = ua_silent_at_s(call->ua);
	}
	return request != NULL;
}

/* --- their answers ------------------------------------------------------- */

enum ua_reason ua_reason_of(unsigned status)
{
	switch (status) {
	case 486:
	case 600:
		return UA_END_BUSY;
	case 403:
	case 603:
	case 607:
		return UA_END_DECLINED;
	case 408:
	case 480:
		return UA_END_NO_ANSWER;
	case 404:
	case 410:
	case 484:
	case 485:
	case 604:
		return UA_END_NOT_FOUND;
	case 415:
	case 488:
	case 606:
		return UA_END_MEDIA;
	case 503:
		return UA_END_UNREACHABLE;
	default:
		return UA_END_FAILED;
	}
}

static void ours_forget(struct ua_call *call)
{
	nta_outgoing_destroy(call->ours);
	call->ours = NULL;
}

static void ack_send(struct ua_call *call, const sip_t *sip)
{
	msg_t *msg = nta_msg_create(call->ua->agent, 0);
	sip_t *ack = sip_object(msg);
	nta_outgoing_t *request = NULL;
	sip_cseq_t *cseq;

	if (!msg)
		return;
	cseq = sip_cseq_create(msg_home(msg), sip->sip_cseq->cs_seq,
	    SIP_METHOD_ACK);
	if (cseq && sip_add_tl(msg, ack, SIPTAG_CSEQ(cseq), TAG_END()) >= 0 &&
	    nta_msg_request_complete(msg, call->leg, SIP_METHOD_ACK, NULL) >= 0)
		request = nta_outgoing_mcreate(call->ua->agent, NULL, NULL,
		    call->route ? ua_url(call->route) : NULL, msg, TAG_END());
	if (!request)
		msg_destroy(msg);
}

/* RFC 3262, 4: what is reliable belongs to a dialog, so from the first one on
 * the INVITE is bound to it.  False: nothing new, or not for us. */
static bool acknowledge(struct ua_call *call, const sip_t *sip)
{
	nta_outgoing_t *tagged;

	if (!call->is_tagged) {
		tagged = nta_outgoing_tagged(call->ours, ua_out_answer, call,
		    sip->sip_to->a_tag, sip->sip_rseq);
		if (!tagged)
			return false;
		nta_outgoing_destroy(call->ours);
		call->ours = tagged;
		call->is_tagged = true;
	}
	return nta_outgoing_prack(call->leg, call->ours, NULL, NULL,
		   call->route ? ua_url(call->route) : NULL, sip,
		   TAG_END()) != NULL;
}

static void early(struct ua_call *call, const sip_t *sip)
{
	struct kk_view sdp;

	if (sip->sip_to->a_tag) {
		(void)nta_leg_rtag(call->leg, sip->sip_to->a_tag);
		(void)nta_leg_client_reroute(call->leg, sip->sip_record_route,
		    sip->sip_contact, 1);
	}
	if (sip->sip_rseq && sip->sip_to->a_tag && !acknowledge(call, sip))
		return;
	/* Of several telephones none is heard before it has answered. */
	if (call->is_forked || !ua_sdp_get(sip, &sdp))
		sdp = (struct kk_view){ 0 };
	call->had_answer = call->had_answer || sdp.bytes > 0;
	call->ua->handler.progress(call->ua->arg,
	    call->lead ? call->lead : call,
	    (unsigned)sip->sip_status->st_status, sdp);
}

static void peer_note(struct ua_call *call, const sip_t *sip)
{
	call->takes_rel = sip_has_feature(sip->sip_supported, "100rel");
	call->takes_timer = sip_has_feature(sip->sip_supported, "timer");
	if (sip->sip_allow)
		call->takes_update = sip_is_allowed(sip->sip_allow,
		    SIP_METHOD_UPDATE);
	ua_timer_agreed(call, sip);
}

/* RFC 3261, 12.1.2: another one than rang may answer. */
static bool leg_agree(struct ua_call *call, const sip_t *sip)
{
	const char *tag = nta_leg_get_rtag(call->leg);

	if (!sip->sip_to->a_tag)
		return false;
	if (tag && !su_casematch(tag, sip->sip_to->a_tag)) {
		nta_leg_t *leg = nta_leg_tcreate(call->ua->agent,
		    ua_change_request, call, SIPTAG_CALL_ID(sip->sip_call_id),
		    SIPTAG_FROM(sip->sip_from), SIPTAG_TO(sip->sip_to),
		    SIPTAG_CSEQ(sip->sip_cseq), TAG_END());

		if (!leg)
			return false;
		nta_leg_destroy(call->leg);
		call->leg = leg;
		call->had_answer = false;
	}
	(void)nta_leg_rtag(call->leg, sip->sip_to->a_tag);
	return nta_leg_client_reroute(call->leg, sip->sip_record_route,
		   sip->sip_contact, 1) >= 0;
}

static void first_answered(struct ua_call *call, const sip_t *sip)
{
	const bool is_over = call->state == UA_CALL_OVER;
	struct kk_view sdp;
	bool is_ok = leg_agree(call, sip);

	ours_forget(call);
	if (!is_ok) {
		ua_call_over(call, UA_END_FAILED, 0);
		return;
	}
	ack_send(call, sip);
	is_ok = ua_sdp_get(sip, &sdp) && (sdp.bytes > 0 || call->had_answer);
	call->state = UA_CALL_UP;
	if (is_over || !is_ok) { /* it answered before our CANCEL was there */
		(void)ua_out_send(call, SIP_METHOD_BYE, false);
		call->state = is_over ? UA_CALL_OVER : UA_CALL_UP;
		ua_call_over(call, UA_END_MEDIA, 0);
		if (is_over)
			ua_calls_sweep_soon(call->ua);
		return;
	}
	peer_note(call, sip);
	ua_bye_keep_soon(call);
	call->ua->handler.answered(call->ua->arg, call, sdp);
}

static bool authorize(struct ua_call *call, const sip_t *sip)
{
	if (!call->password || !call->password[0] ||
	    call->auth_tries++ == UA_AUTH_TRIES_MAX)
		return false;
	return ua_login_take(&call->logins, sip);
}

/* 401, 407 and 422 ask for the same again, with more. */
static bool asked_again(struct ua_call *call, const sip_t *sip, unsigned status)
{
	const sip_method_t method = nta_outgoing_method(call->ours);
	const bool with_sdp = method == sip_method_invite ||
	    !call->ours_is_refresh;
	bool is_ok = false;

	if (status == 401 || status == 407)
		is_ok = authorize(call, sip);
	if (status == 422 && sip->sip_min_se &&
	    call->session_s < sip->sip_min_se->min_delta &&
	    sip->sip_min_se->min_delta < UINT32_MAX / 4) {
		call->session_s = (unsigned)sip->sip_min_se->min_delta;
		is_ok = true;
	}
	if (!is_ok)
		return false;
	ours_forget(call);
	return method == sip_method_invite ?
	    ua_out_send(call, SIP_METHOD_INVITE, with_sdp) :
	    ua_out_send(call, SIP_METHOD_UPDATE, with_sdp);
}

/* A trunk's other server, where this one does not answer.  RFC 3263, 4.3. */
static bool elsewhere(struct ua_call *call)
{
	struct ua_exchange *t;

	if (call->trunk == UA_NO_TRUNK || call->state != UA_CALL_OUT)
		return false;
	t = &call->ua->trunks[call->trunk];
	if (call->server == t->server)
		ua_trunk_silent(t);
	if (++call->servers_tried >= t->server_count)
		return false;
	call->server = t->server;
	call->transport = t->transport;
	call->route = su_strdup(call->home, t->servers[t->server]);
	if (call->ours)
		ours_forget(call);
	return call->route && ua_out_send(call, SIP_METHOD_INVITE, true);
}

void ua_out_silent(struct ua_call *call)
{
	unsigned status = 408;

	if (elsewhere(call))
		return;
	if (call->ours)
		ours_forget(call);
	call = ua_fork_lost(call, &status);
	if (call)
		ua_call_over(call,
		    call->lost_status ? ua_reason_of(status) :
					UA_END_UNREACHABLE,
		    status);
}

static void first_refused(struct ua_call *call, const sip_t *sip,
    unsigned status)
{
	const bool was_over = call->state == UA_CALL_OVER;
	const bool is_internal = nta_sip_is_internal(sip);

	if (!was_over && asked_again(call, sip, status))
		return;
	if (call->ours && !was_over && is_internal && elsewhere(call))
		return;
	if (call->ours)
		ours_forget(call);
	if (!was_over)
		call = ua_fork_lost(call, &status);
	if (!call)
		return;
	ua_call_over(call,
	    is_internal && !call->lost_status ? UA_END_UNREACHABLE :
						ua_reason_of(status),
	    status);
	if (was_over)
		ua_calls_sweep_soon(call->ua);
}

/* --- answers to our changes ---------------------------------------------- */

static void change_refused(struct ua_call *call, const sip_t *sip,
    unsigned status)
{
	const bool was_refresh = call->ours_is_refresh;

	if (asked_again(call, sip, status))
		return;
	if (call->ours)
		ours_forget(call);
	call->ours_is_refresh = false;
	if (status == 408 || status == 481) { /* RFC 3261, 12.2.1.2 */
		ua_call_bye(call);
		ua_call_over(call, UA_END_LOST, status);
	} else if (!was_refresh) {
		call->ua->handler.answered(call->ua->arg, call,
		    (struct kk_view){ 0 });
	}
}

static void change_answered(struct ua_call *call, const sip_t *sip)
{
	const bool was_refresh = call->ours_is_refresh;
	/* What is read of it, goes with the request else. */
	msg_t *msg = nta_outgoing_getresponse(call->ours);
	struct kk_view sdp;

	if (nta_outgoing_method(call->ours) == sip_method_invite)
		ack_send(call, sip);
	(void)nta_leg_client_reroute(call->leg, NULL, sip->sip_contact, 0);
	ua_bye_keep_soon(call);
	ours_forget(call);
	call->ours_is_refresh = false;
	peer_note(call, sip);
	if (!ua_sdp_get(sip, &sdp))
		sdp = (struct kk_view){ 0 };
	if (!was_refresh)
		call->ua->handler.answered(call->ua->arg, call, sdp);
	if (msg)
		msg_destroy(msg);
}

int ua_out_answer(void *magic, nta_outgoing_t *request, const sip_t *sip)
{
	struct ua_call *call = magic;
	const unsigned status = (unsigned)nta_outgoing_status(request);
	const bool is_first = call->state == UA_CALL_OUT ||
	    (call->state == UA_CALL_OVER && call->is_placed);

	if (request != call->ours || !sip || !sip->sip_status)
		return 0;
	if (status < 200) {
		if (status > 100 && call->state == UA_CALL_OUT)
			early(call, sip);
	} else if (call->state == UA_CALL_OVER && !is_first) {
		ours_forget(call);
		ua_calls_sweep_soon(call->ua);
	} else if (is_first) {
		if (status < 300)
			first_answered(call->state == UA_CALL_OUT ?
				ua_fork_won(call) :
				call,
			    sip);
		else
			first_refused(call, sip, status);
	} else if (status < 300) {
		change_answered(call, sip);
	} else {
		change_refused(call, sip, status);
	}
	return 0;
}
