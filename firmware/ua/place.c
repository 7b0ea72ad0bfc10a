/* place.c - calls that we place. */
#include <string.h>

#include "ua/ua_private.h"

/* RFC 3261, 25.1: escaped where it is no letter of user. */
static char *user_escape(su_home_t *home, const char *user)
{
	static const char legal[] = "-_.!~*'()&=+$,;?/";
	const isize_t bytes = (isize_t)strlen(user);
	char *out = su_alloc(home, 3 * bytes + 1);

	if (out)
		url_escape(out, user, legal);
	return out;
}

/* In quotes, where these and their escapes are left out. */
static char *name_quote(su_home_t *home, const char *name)
{
	char *out = su_alloc(home, (isize_t)strlen(name) + 1);
	size_t n = 0;

	if (!out)
		return NULL;
	for (const char *c = name; *c; c++) {
		if (*c != '"' && *c != '\\' && (uint8_t)*c >= ' ')
			out[n++] = *c;
	}
	out[n] = '\0';
	return out;
}

static enum kk_err trunk_address(struct ua_call *call,
    const struct ua_place *place)
{
	const struct ua_exchange *t = &call->ua->trunks[place->trunk];
	const char *user = user_escape(call->home, place->to_user);

	call->trunk = place->trunk;
	call->server = t->server;
	call->transport = t->transport;
	call->password = t->password;
	call->password_user = t->auth_user;
	call->target = su_sprintf(call->home, "sip:%s@%s", user, t->domain);
	call->to = su_sprintf(call->home, "<sip:%s@%s>", user, t->domain);
	call->route = su_strdup(call->home, t->servers[t->server]);
	call->from = su_sprintf(call->home, "\"%s\" <sip:%s@%s>",
	    name_quote(call->home, place->from_name ? place->from_name : ""),
	    user_escape(call->home, t->user), t->domain);
	return user && call->target && call->to && call->route && call->from ?
	    KK_OK :
	    KK_ENOMEM;
}

static enum kk_err own_address(struct ua_call *call,
    const struct ua_place *place, const struct ua_contact *c)
{
	call->transport = ua_uri_transport(c->route);
	call->target = su_strdup(call->home, c->uri);
	call->route = su_strdup(call->home, c->route);
	call->to = su_sprintf(call->home, "<sip:%s@%s>", place->to_user,
	    call->ua->domain);
	call->from = su_sprintf(call->home, "\"%s\" <sip:lines@%s>",
	    name_quote(call->home, place->from_name ? place->from_name : ""),
	    call->ua->domain);
	return call->target && call->to && call->route && call->from ?
	    KK_OK :
	    KK_ENOMEM;
}

static enum kk_err invite(struct ua_call *call, struct kk_view offer)
{
	call->leg = nta_leg_tcreate(call->ua->agent, ua_change_request, call,
	    SIPTAG_FROM_STR(call->from), SIPTAG_TO_STR(call->to), TAG_END());
	if (!call->leg || !nta_leg_tag(call->leg, NULL) ||
	    !ua_call_keep(call, offer) ||
	    !ua_out_send(call, SIP_METHOD_INVITE, true))
		return KK_ENOMEM;
	return KK_OK;
}

/* One more telephone; where that cannot be, the others ring. */
static void branch_add(struct ua_call *lead, const struct ua_place *place,
    const struct ua_contact *c)
{
	struct ua_call *branch = ua_call_new(lead->ua, UA_CALL_OUT);

	if (!branch)
		return;
	ua_fork_add(lead, branch);
	if (!own_address(branch, place, c) && !invite(branch, place->offer))
		return;
	lead->ua->calls = branch->next;
	ua_call_free(branch);
}

/* All of its contacts, as many as limits.contacts. */
static enum kk_err own_place(struct ua_call *call, const struct ua_place *place)
{
	const struct ua_own *own = ua_own_find(call->ua, place->to_user);
	const struct ua_contact *c = own ? own->contacts : NULL;
	enum kk_err err;

	if (!c)
		return KK_ENOENT;
	call->is_forked = c->next != NULL;
	err = own_address(call, place, c);
	if (!err)
		err = invite(call, place->offer);
	while (!err && (c = c->next))
		branch_add(call, place, c);
	return err;
}

static enum kk_err send_first(struct ua_call *call,
    const struct ua_place *place)
{
	enum kk_err err;

	if (place->trunk == UA_NO_TRUNK)
		return own_place(call, place);
	err = trunk_address(call, place);
	return err ? err : invite(call, place->offer);
}

static enum kk_err place_check(const struct ua *ua,
    const struct ua_place *place)
{
	if (!place->to_user || !place->to_user[0] || place->offer.bytes == 0 ||
	    (place->trunk != UA_NO_TRUNK && place->trunk >= ua->trunk_count))
		return KK_EINVAL;
	if (strlen(place->to_user) >= UA_TEXT_BYTES ||
	    (place->from_name && strlen(place->from_name) >= UA_TEXT_BYTES) ||
	    place->offer.bytes > UA_SDP_MAX_BYTES ||
	    ua->counts.calls >= ua->limits.calls)
		return KK_ELIMIT;
	if (place->trunk != UA_NO_TRUNK &&
	    ua->trunks[place->trunk].state != UA_TRUNK_READY)
		return KK_ESTATE;
	return KK_OK;
}

enum kk_err ua_call_place(struct ua *ua, const struct ua_place *place,
    struct ua_call **callp)
{
	enum kk_err err = place_check(ua, place);
	struct ua_call *call;

	if (err)
		return err;
	call = ua_call_new(ua, UA_CALL_OUT);
	if (!call)
		return KK_ENOMEM;
	call->is_placed = true;
	call->arg = place->arg;
	err = send_first(call, place);
	if (err) {
		ua->calls = call->next;
		ua_call_free(call);
		return err;
	}
	ua->counts.calls_out++;
	*callp = call;
	return KK_OK;
}
