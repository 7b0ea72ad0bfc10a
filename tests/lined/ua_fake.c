/* ua_fake.c - a user agent (ua.h) that does what the test says. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "world.h"

static struct ua_fake fake;

struct ua_fake *ua_fake(void)
{
	return &fake;
}

static struct ua_call *call_new(void)
{
	struct ua_call *call = kk_calloc(1, sizeof(*call));

	if (!call)
		abort();
	call->is_live = true;
	call->next = fake.calls;
	fake.calls = call;
	return call;
}

struct ua_call *ua_fake_incoming(const char *name, const char *number,
    const char *address, enum ua_transport transport, struct kk_view offer)
{
	struct ua_call *call = call_new();
	const struct ua_incoming in = { .origin = UA_FROM_TRUNK,
		.transport = transport,
		.from_user = number,
		.from_name = name,
		.to_user = "9000",
		.address = address,
		.port = 5060,
		.offer = offer };

	call->transport = transport;
	fake.handler.incoming(fake.arg, call, &in);
	return call;
}

void ua_fake_end(struct ua_call *call, enum ua_reason reason)
{
	call->wants_end = true;
	call->reason = reason;
	ua_fake_step();
}

void ua_fake_step(void)
{
	for (struct ua_call *c = fake.calls; c; c = c->next) {
		if (!c->wants_end || !c->is_live)
			continue;
		c->is_live = false;
		fake.handler.ended(fake.arg, c, c->reason, c->rejected);
	}
}

void ua_fake_clear(void)
{
	while (fake.calls) {
		struct ua_call *next = fake.calls->next;

		kk_bytes_clear(&fake.calls->sdp);
		kk_free(fake.calls);
		fake.calls = next;
	}
	fake = (struct ua_fake){ .arg = NULL };
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

enum kk_err ua_call_answer(struct ua_call *call, struct kk_view sdp)
{
	kk_bytes_clear(&call->sdp);
	return kk_bytes_copy(&call->sdp, sdp);
}

enum kk_err ua_call_reject(struct ua_call *call, unsigned status)
{
	call->rejected = status;
	call->wants_end = true;
	call->reason = UA_END_OURS;
	return KK_OK;
}

void ua_call_end(struct ua_call *call)
{
	fake.ended += !call->wants_end;
	call->wants_end = true;
	call->reason = UA_END_OURS;
}

enum kk_err ua_call_place(struct ua *ua, const struct ua_place *place,
    struct ua_call **callp)
{
	struct ua_call *call;

	(void)ua;
	if (place->trunk == UA_NO_TRUNK)
		return KK_ENOENT;
	if (!fake.trunk_is_ready)
		return KK_ESTATE;
	call = call_new();
	call->arg = place->arg;
	call->is_placed = true;
	call->trunk = place->trunk;
	(void)snprintf(call->to_user, sizeof(call->to_user), "%s",
	    place->to_user);
	CHECK_OK(kk_bytes_copy(&call->sdp, place->offer));
	*callp = fake.placed = call;
	return KK_OK;
}

enum kk_err ua_bye_send(struct ua *ua, struct kk_view bye)
{
	(void)ua;
	return bye.bytes > 0 ? KK_OK : KK_EFORMAT;
}
