/* timer.c - a call whose other end is gone is found out.  RFC 4028. */
#include <stdio.h>
#include <string.h>

#include "ua/ua_private.h"

enum { SLACK_S = 32 }; /* RFC 4028, 10 */

/* What theirs asks for.  Who cannot do it has us as the refresher. */
bool ua_timer_ask(struct ua_call *call, const sip_t *sip)
{
	const sip_session_expires_t *se = sip->sip_session_expires;
	unsigned s = call->ua->limits.session_s;

	call->takes_timer = sip_has_feature(sip->sip_supported, "timer");
	if (se && se->x_delta < UA_SESSION_MIN_S)
		return false;
	if (se && se->x_delta < s)
		s = (unsigned)se->x_delta;
	if (sip->sip_min_se && sip->sip_min_se->min_delta > s)
		s = (unsigned)sip->sip_min_se->min_delta;
	call->session_s = s;
	call->is_refresher = !call->takes_timer ||
	    (se && se->x_refresher && su_casematch(se->x_refresher, "uas"));
	call->refresh_at_s = ua_now_s() + (call->is_refresher ? s / 2 : s);
	return true;
}

const char *ua_timer_text(struct ua_call *call)
{
	return su_sprintf(call->home, "%u;refresher=%s", call->session_s,
	    call->is_refresher ? "uas" : "uac");
}

/* What their answer to ours says. */
void ua_timer_agreed(struct ua_call *call, const sip_t *sip)
{
	const sip_session_expires_t *se = sip->sip_session_expires;

	call->session_s = 0;
	if (!se || se->x_delta < UA_SESSION_MIN_S)
		return;
	call->session_s = se->x_delta < UINT32_MAX / 4 ? (unsigned)se->x_delta :
							 UINT32_MAX / 4;
	call->is_refresher = !se->x_refresher ||
	    su_casematch(se->x_refresher, "uac");
	call->refresh_at_s = ua_now_s() +
	    (call->is_refresher ? call->session_s / 2 : call->session_s);
}

static void refresh(struct ua_call *call)
{
	/* Again, should this get no answer that ends the call. */
	call->refresh_at_s = ua_now_s() + SLACK_S;
	if (call->ours || call->theirs)
		return;
	call->ours_is_refresh = true;
	if (call->takes_update)
		(void)ua_out_send(call, SIP_METHOD_UPDATE, false);
	else
		(void)ua_out_send(call, SIP_METHOD_INVITE, true);
}

static int64_t slack_of(const struct ua_call *call)
{
	return call->session_s / 3 < SLACK_S ? call->session_s / 3 : SLACK_S;
}

void ua_timer_tick(struct ua_call *call)
{
	const int64_t now_s = ua_now_s();

	if ((call->state == UA_CALL_IN || call->state == UA_CALL_OUT) &&
	    now_s >= call->ring_until_s) {
		ua_call_bye(call);
		ua_call_over(call, UA_END_NO_ANSWER, 0);
	}
	if (call->state == UA_CALL_OUT && call->ours &&
	    nta_outgoing_status(call->ours) < 100 && now_s >= call->silent_at_s)
		ua_out_silent(call);
	if (call->state == UA_CALL_OVER && call->ours &&
	    now_s >= call->ring_until_s) {
		nta_outgoing_destroy(call->ours);
		call->ours = NULL;
	}
	if (call->state != UA_CALL_UP || call->session_s == 0)
		return;
	if (call->is_refresher && now_s >= call->refresh_at_s) {
		refresh(call);
	} else if (!call->is_refresher &&
	    now_s >= call->refresh_at_s - slack_of(call)) {
		ua_call_bye(call);
		ua_call_over(call, UA_END_LOST, 0);
	}
}
