/* keys_call.c - the parameters of keyd's methods. */
#define _GNU_SOURCE /* libsystemd's macros ask for it */
#include "roomd.h"

static enum kk_err adds_put(const struct room_key_call *call,
    sd_json_variant **in)
{
	sd_json_variant *list = NULL;
	enum kk_err err = KK_OK;

	for (size_t i = 0; !err && i < call->add_count; i++) {
		sd_json_variant *one = NULL;

		if (sd_json_variant_new_base64(&one, call->adds[i].data,
			call->adds[i].bytes) < 0)
			err = KK_ENOMEM;
		if (!err)
			err = call_list_add(&list, one);
		sd_json_variant_unref(one);
	}
	if (!err && list)
		err = call_put_value(in, "adds", list);
	sd_json_variant_unref(list);
	return err;
}

static enum kk_err removes_put(const struct room_key_call *call,
    sd_json_variant **in)
{
	sd_json_variant *list = NULL;
	enum kk_err err = KK_OK;

	for (size_t i = 0; !err && i < call->remove_count; i++) {
		sd_json_variant *one = NULL;

		if (sd_json_variant_new_unsigned(&one, call->removes[i]) < 0)
			err = KK_ENOMEM;
		if (!err)
			err = call_list_add(&list, one);
		sd_json_variant_unref(one);
	}
	if (!err && list)
		err = call_put_value(in, "removes", list);
	sd_json_variant_unref(list);
	return err;
}

static enum kk_err agreed_put(const struct room_key_call *call,
    sd_json_variant **in)
{
	return call->agreed.bytes ? call_put_bytes(in, "state", call->agreed) :
				    KK_OK;
}

static enum kk_err create_put(const struct roomd *d,
    const struct room_key_call *call, sd_json_variant **in)
{
	const struct room_link *link = &d->meeting.link;
	enum kk_err err = call_put_secret(in, "secret",
	    kk_view_of(link->secret, sizeof(link->secret)));

	return err || call->op == ROOM_KEY_OPEN ? err : agreed_put(call, in);
}

static enum kk_err commit_put(const struct room_key_call *call,
    sd_json_variant **in)
{
	enum kk_err err = adds_put(call, in);

	if (!err)
		err = removes_put(call, in);
	if (!err)
		err = agreed_put(call, in);
	if (!err && call->without_proposals)
		err = call_put_bool(in, "withoutProposals", true);
	return err;
}

enum kk_err roomd_call_write(const struct roomd *d,
    const struct room_key_call *call, sd_json_variant **in)
{
	const struct room_link *link = &d->meeting.link;
	enum kk_err err = call_put_bytes(in, "meeting",
	    kk_view_of(link->id, sizeof(link->id)));

	if (err)
		return err;
	switch (call->op) {
	case ROOM_KEY_OPEN:
	case ROOM_KEY_CREATE:
		return create_put(d, call, in);
	case ROOM_KEY_JOIN:
		return call_put_bytes(in, "welcome", call->message);
	case ROOM_KEY_PROCESS:
		return call_put_bytes(in, "message", call->message);
	case ROOM_KEY_PROTECT:
		return call_put_bytes(in, "data", call->message);
	case ROOM_KEY_COMMIT:
		return commit_put(call, in);
	case ROOM_KEY_APPLY:
	case ROOM_KEY_DROP:
		return call_put_u64(in, "handle", call->handle);
	default:
		return KK_OK;
	}
}
