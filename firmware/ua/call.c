/* call.c - what calls that come and calls that are placed have in common. */
#include <string.h>

#include "ua/ua_private.h"

enum { CANCEL_S = 40 }; /* more than 64 times T1: RFC 3261, 9.1 */

struct ua_call *ua_call_new(struct ua *ua, enum ua_call_state state)
{
	struct ua_call *call = kk_calloc(1, sizeof(*call));

	if (!call)
		return NULL;
	call->home->suh_size = (int)sizeof(call->home);
	if (su_home_init(call->home) < 0) {
		kk_free(call);
		return NULL;
	}
	call->ua = ua;
	call->state = state;
	call->trunk = UA_NO_TRUNK;
	call->ring_until_s = ua_now_s() + ua->limits.ring_s;
	call->next = ua->calls;
	ua->calls = call;
	ua->counts.calls++;
	return call;
}

void ua_call_free(struct ua_call *call)
{
	call->ua->counts.calls -= !call->is_branch;
	if (call->theirs)
		nta_incoming_destroy(call->theirs);
	if (call->ours)
		nta_outgoing_destroy(call->ours);
	if (call->leg)
		nta_leg_destroy(call->leg);
	kk_bytes_clear(&call->sdp);
	kk_bytes_clear(&call->kept);
	su_home_deinit(call->home);
	kk_free(call);
}

bool ua_call_keep(struct ua_call *call, struct kk_view sdp)
{
	struct kk_bytes copy;

	if (sdp.bytes > UA_SDP_MAX_BYTES || kk_bytes_copy(&copy, sdp) != KK_OK)
		return false;
	kk_bytes_clear(&call->sdp);
	call->sdp = copy;
	return true;
}

size_t ua_calls_of(const struct ua *ua, const char *address)
{
	size_t count = 0;

	for (const struct ua_call *c = ua->calls; c; c = c->next)
		count += strcmp(c->address, address) == 0;
	return count;
}

const char *ua_call_user(const struct ua_call *call)
{
	const struct ua_exchange *t;

	if (call->trunk == UA_NO_TRUNK)
		return "lines";
	t = &call->ua->trunks[call->trunk];
	return t->token[0] ? t->token : t->user;
}

static void sweep(struct ua *magic, su_timer_t *timer, struct ua *ua)
{
	(void)magic;
	(void)timer;
	ua_trunks_tick(ua);
	ua_calls_sweep(ua);
}

static void unkept_tell(struct ua *ua)
{
	for (struct ua_call *c = ua->calls; c; c = c->next) {
		if (c->is_unkept &&
		    (c->state == UA_CALL_UP || c->state == UA_CALL_ACK))
			ua_bye_keep(c);
	}
}

/* Whose CANCEL is not answered waits for it, untold no more. */
void ua_calls_sweep(struct ua *ua)
{
	struct ua_call **at = &ua->calls, *call;

	unkept_tell(ua);
	while ((call = *at)) {
		if (call->state == UA_CALL_OVER && !call->is_told) {
			call->is_told = true;
			ua->handler.ended(ua->arg, call, call->reason,
			    call->status);
			at = &ua->calls; /* who knows what it did */
		} else if (call->state == UA_CALL_OVER && !call->ours) {
			*at = call->next;
			ua_call_free(call);
		} else {
			at = &call->next;
		}
	}
}

void ua_calls_sweep_soon(struct ua *ua)
{
	(void)su_timer_set_interval(ua->later, sweep, ua, 1);
}

void ua_call_over(struct ua_call *call, enum ua_reason reason, unsigned status)
{
	if (call->state == UA_CALL_OVER)
		return;
	ua_fork_end(call);
	call->state = UA_CALL_OVER;
	call->reason = reason;
	call->status = status;
	call->ring_until_s = ua_now_s() + CANCEL_S;
	ua_calls_sweep_soon(call->ua);
}

/* Says to the other that it is over, whatever it is. */
void ua_call_bye(struct ua_call *call)
{
	if (call->theirs && !call->is_answered_by_us)
		(void)nta_incoming_treply(call->theirs,
		    call->state == UA_CALL_IN ? 480 : 487, NULL, TAG_END());
	if (call->state == UA_CALL_OUT && call->ours)
		(void)nta_outgoing_tcancel(call->ours, NULL, NULL, TAG_END());
	if (call->state == UA_CALL_UP || call->state == UA_CALL_ACK) {
		if (call->ours)
			nta_outgoing_destroy(call->ours);
		call->ours = NULL;
		(void)ua_out_send(call, SIP_METHOD_BYE, false);
	}
}

void ua_call_end(struct ua_call *call)
{
	if (call->state == UA_CALL_OVER)
		return;
	ua_call_bye(call);
	ua_call_over(call, UA_END_OURS, 0);
}

void ua_call_set_arg(struct ua_call *call, void *arg)
{
	call->arg = arg;
}

void *ua_call_get_arg(const struct ua_call *call)
{
	return call->arg;
}

enum ua_transport ua_call_transport(const struct ua_call *call)
{
	return call->transport;
}
