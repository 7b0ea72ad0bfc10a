/*
 * fork.c - a call to all telephones of an account: the first one that answers
 * has it, the others are told that it is over.  RFC 3261, 16.7 has the same for
 * proxies.
 *
 * Each telephone has an INVITE of its own.  The first is that of the call that
 * the user knows, the lead; the others are branches, of which the user is told
 * nothing.  What a branch has comes into the lead's hands where it answers, or
 * where the lead's own telephone has refused while others still ring.
 */
#include <string.h>

#include "ua/ua_private.h"

static bool is_branch(const struct ua_call *call, const struct ua_call *lead)
{
	return call->lead == lead && call->state == UA_CALL_OUT;
}

static struct ua_call *branch_of(const struct ua_call *lead)
{
	struct ua_call *c = lead->ua->calls;

	while (c && !is_branch(c, lead))
		c = c->next;
	return c;
}

static void hold(struct ua_call *call)
{
	nta_leg_bind(call->leg, ua_change_request, call);
	if (call->ours)
		(void)nta_outgoing_bind(call->ours, ua_out_answer, call);
}

#define SWAP(type, a, b)         \
	do {                     \
		type was = *(a); \
		*(a) = *(b);     \
		*(b) = was;      \
	} while (0)

/* Each has the other's telephone.  False: no memory; nothing has changed. */
static bool exchange(struct ua_call *lead, struct ua_call *branch)
{
	char *const target = su_strdup(lead->home, branch->target);
	char *const route = su_strdup(lead->home, branch->route);
	char *const old_target = su_strdup(branch->home, lead->target);
	char *const old_route = su_strdup(branch->home, lead->route);

	if (!target || !route || !old_target || !old_route)
		return false;
	lead->target = target;
	lead->route = route;
	branch->target = old_target;
	branch->route = old_route;
	SWAP(nta_leg_t *, &lead->leg, &branch->leg);
	SWAP(nta_outgoing_t *, &lead->ours, &branch->ours);
	SWAP(enum ua_transport, &lead->transport, &branch->transport);
	SWAP(bool, &lead->is_tagged, &branch->is_tagged);
	SWAP(int64_t, &lead->silent_at_s, &branch->silent_at_s);
	hold(lead);
	hold(branch);
	return true;
}

/* Nobody is told of it. */
static void drop(struct ua_call *branch)
{
	ua_call_bye(branch);
	ua_call_over(branch, UA_END_OURS, 0);
	branch->lead = NULL;
}

void ua_fork_end(struct ua_call *lead)
{
	struct ua_call *branch;

	while ((branch = branch_of(lead)))
		drop(branch);
}

struct ua_call *ua_fork_won(struct ua_call *call)
{
	struct ua_call *lead = call->lead ? call->lead : call;

	if (lead != call && !exchange(lead, call)) {
		drop(call); /* its answer is answered by BYE */
		return call;
	}
	ua_fork_end(lead);
	return lead;
}

/* That one was busy tells more than that another one is not there. */
static void remember(struct ua_call *lead, unsigned status)
{
	const enum ua_reason reason = ua_reason_of(status);

	if (reason == UA_END_BUSY || reason == UA_END_DECLINED)
		lead->lost_status = status;
}

static void give_up(struct ua_call *branch)
{
	ua_call_over(branch, UA_END_OURS, 0);
	branch->lead = NULL;
}

/* RFC 3261, 16.7, 5: who says 6xx says so for all. */
static struct ua_call *all_lost(struct ua_call *call, struct ua_call *lead)
{
	if (call != lead) {
		give_up(call);
		ua_call_bye(lead);
	}
	return lead;
}

struct ua_call *ua_fork_lost(struct ua_call *call, unsigned *status)
{
	struct ua_call *lead = call->lead ? call->lead : call;
	struct ua_call *branch = call == lead ? branch_of(lead) : call;

	if (*status >= 600)
		return all_lost(call, lead);
	if (!branch || (call == lead && !exchange(lead, branch))) {
		if (lead->lost_status)
			*status = lead->lost_status;
		return lead;
	}
	remember(lead, *status);
	give_up(branch);
	return NULL;
}

void ua_fork_add(struct ua_call *lead, struct ua_call *branch)
{
	branch->lead = lead;
	branch->is_branch = branch->is_forked = true;
	branch->is_placed = branch->is_told = true;
	branch->ua->counts.calls--; /* it is the lead's */
}
