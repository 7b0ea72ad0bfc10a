/* keys_read.c - what keyd answers. */
#define _GNU_SOURCE /* libsystemd's macros ask for it */
#include <string.h>

#include "roomd.h"

enum { CHANGES_MAX = 4096, DATA_MAX_BYTES = ROOM_MESSAGE_MAX_BYTES };

static enum kk_err tokens_read(sd_json_variant *in, struct room_key_result *r)
{
	enum kk_err err = call_needed(call_get_exact(in, "token", r->token,
	    ROOM_TOKEN_BYTES));

	return err ? err :
		     call_needed(call_get_exact(in, "tokenHash", r->token_hash,
			 ROOM_TOKEN_BYTES));
}

static enum kk_err epoch_read(sd_json_variant *in, struct room_key_result *r)
{
	enum kk_err err = call_get_u64(in, "epoch", UINT64_MAX, &r->epoch);

	if (!err)
		err = call_get_u32(in, "ownLeaf", UINT32_MAX - 1, &r->own_leaf);
	return call_needed(err);
}

static enum kk_err created_read(sd_json_variant *in, struct room_key_result *r)
{
	enum kk_err err = tokens_read(in, r);

	return err ? err : epoch_read(in, r);
}

static enum kk_err member_read(sd_json_variant *in, struct room_key_member *m)
{
	enum kk_err err;

	if (!sd_json_variant_is_object(in))
		return KK_EFORMAT;
	err = call_needed(call_get_u32(in, "leaf", UINT32_MAX - 1, &m->leaf));
	if (!err)
		err = call_needed(call_get_text(in, "name", m->name,
		    sizeof(m->name)));
	if (!err)
		err = call_needed(call_get_bool(in, "verified",
		    &m->is_verified));
	return err;
}

static enum kk_err agreed_read(sd_json_variant *in, struct room_key_result *r)
{
	return call_optional(call_get_bytes(in, "state", ROOM_AGREED_MAX_BYTES,
	    &r->agreed));
}

static enum kk_err roster_read(sd_json_variant *in, struct room_key_result *r)
{
	sd_json_variant *list;
	size_t count;
	enum kk_err err = epoch_read(in, r);

	if (!err && call_has(in, "staged")) {
		err = call_get_u64(in, "staged", UINT64_MAX, &r->staged);
		r->has_staged = !err;
	}
	if (!err)
		err = agreed_read(in, r);
	if (!err)
		err = call_get_list(in, "members", ROOM_MEMBERS_MAX, &list,
		    &count);
	if (err)
		return err;
	r->members = kk_calloc(count, sizeof(*r->members));
	if (!r->members)
		return KK_ENOMEM;
	r->member_count = count;
	for (size_t i = 0; !err && i < count; i++)
		err = member_read(sd_json_variant_by_index(list, i),
		    &r->members[i]);
	return err;
}

static enum kk_err code_read(sd_json_variant *in, struct room_key_result *r)
{
	return call_needed(call_get_text(in, "code", r->code, sizeof(r->code)));
}

static enum kk_err change_read(sd_json_variant *in, struct room_key_result *r)
{
	sd_json_variant *member;
	char what[32];
	enum kk_err err;

	if (!sd_json_variant_is_object(in))
		return KK_EFORMAT;
	err = call_needed(call_get_text(in, "what", what, sizeof(what)));
	if (err)
		return err;
	if (!strcmp(what, "add") || !strcmp(what, "external"))
		r->adds = true;
	member = sd_json_variant_by_key(in, "member");
	if (strcmp(what, "remove") != 0 || !member ||
	    !sd_json_variant_is_object(member))
		return KK_OK;
	return call_needed(call_get_u32(member, "leaf", UINT32_MAX - 1,
	    &r->removed[r->removed_count++]));
}

static enum kk_err changes_read(sd_json_variant *in, struct room_key_result *r)
{
	sd_json_variant *list;
	size_t count;
	enum kk_err err = call_get_list(in, "changes", CHANGES_MAX, &list,
	    &count);

	if (err)
		return err;
	r->removed = kk_calloc(count, sizeof(*r->removed));
	if (!r->removed)
		return KK_ENOMEM;
	for (size_t i = 0; !err && i < count; i++)
		err = change_read(sd_json_variant_by_index(list, i), r);
	return err;
}

/* What a commit leads to, and who made it. */
static enum kk_err staged_read(sd_json_variant *in, struct room_key_result *r)
{
	sd_json_variant *v = sd_json_variant_by_key(in, "committer");
	enum kk_err err = changes_read(in, r);

	if (!err)
		err = agreed_read(in, r);
	if (err || !v || !sd_json_variant_is_object(v))
		return err;
	r->has_committer = true;
	return call_needed(call_get_u32(v, "leaf", UINT32_MAX - 1,
	    &r->committer));
}

static enum kk_err message_read(sd_json_variant *in, const char *name,
    struct room_key_result *r)
{
	return call_needed(call_get_bytes(in, name, DATA_MAX_BYTES,
	    &r->message));
}

static enum kk_err handle_read(sd_json_variant *in, struct room_key_result *r)
{
	return call_needed(call_get_u64(in, "handle", UINT64_MAX, &r->handle));
}

static enum kk_err commit_read(sd_json_variant *in, struct room_key_result *r)
{
	enum kk_err err = message_read(in, "commit", r);

	if (!err && call_has(in, "welcome"))
		err = call_get_bytes(in, "welcome", DATA_MAX_BYTES,
		    &r->welcome);
	if (!err)
		err = handle_read(in, r);
	return err ? err : staged_read(in, r);
}

static enum kk_err data_read(sd_json_variant *in, struct room_key_result *r)
{
	enum kk_err err = call_get_u32(in, "sender", UINT32_MAX - 1,
	    &r->sender);

	r->has_sender = !err;
	if (!err || err == KK_ENOENT)
		err = message_read(in, "data", r);
	return err;
}

static enum kk_err process_read(sd_json_variant *in, struct room_key_result *r)
{
	static const char *const kinds[] = {
		[ROOM_KIND_COMMIT] = "commit",
		[ROOM_KIND_OWN] = "own",
		[ROOM_KIND_PROPOSAL] = "proposal",
		[ROOM_KIND_APPLICATION] = "application",
	};
	char kind[32];
	enum kk_err err = call_needed(call_get_text(in, "kind", kind,
	    sizeof(kind)));

	if (err)
		return err;
	r->kind = ROOM_KIND_COMMIT;
	while (strcmp(kinds[r->kind], kind) != 0) {
		if (r->kind == ROOM_KIND_APPLICATION)
			return KK_EFORMAT;
		r->kind++;
	}
	if (r->kind == ROOM_KIND_APPLICATION)
		return data_read(in, r);
	if (r->kind == ROOM_KIND_PROPOSAL)
		return changes_read(in, r);
	err = handle_read(in, r);
	return err ? err : staged_read(in, r);
}

static enum kk_err apply_read(sd_json_variant *in, struct room_key_result *r)
{
	enum kk_err err = call_needed(call_get_bool(in, "ended", &r->is_ended));

	return err || r->is_ended ? err : epoch_read(in, r);
}

enum kk_err roomd_result_read(enum room_key_op op, sd_json_variant *out,
    struct room_key_result *r)
{
	if (!out || !sd_json_variant_is_object(out))
		return KK_EFORMAT;
	switch (op) {
	case ROOM_KEY_ROSTER:
		return roster_read(out, r);
	case ROOM_KEY_CODE:
		return code_read(out, r);
	case ROOM_KEY_OPEN:
		return tokens_read(out, r);
	case ROOM_KEY_CREATE:
		return created_read(out, r);
	case ROOM_KEY_PACKAGE:
		return message_read(out, "keyPackage", r);
	case ROOM_KEY_JOIN:
		return epoch_read(out, r);
	case ROOM_KEY_COMMIT:
		return commit_read(out, r);
	case ROOM_KEY_PROCESS:
		return process_read(out, r);
	case ROOM_KEY_APPLY:
		return apply_read(out, r);
	case ROOM_KEY_PROTECT:
		return message_read(out, "message", r);
	default:
		return KK_OK;
	}
}
