/* keys_read.c - what keyd answers. */
#define _GNU_SOURCE /* libsystemd's macros ask for it */
#include <string.h>

#include "roomd.h"

enum { CHANGES_MAX = 4096, DATA_MAX_BYTES = ROOM_MESSAGE_MAX_BYTES };

static enum kk_err needed(enum kk_err err)
{
	return err == KK_ENOENT ? KK_EFORMAT : err;
}

static enum kk_err text_get(sd_json_variant *in, const char *name, char *out,
    size_t room_bytes)
{
	sd_json_variant *v = sd_json_variant_by_key(in, name);
	const char *text;

	if (!v || !sd_json_variant_is_string(v))
		return KK_EFORMAT;
	text = sd_json_variant_string(v);
	if (strlen(text) >= room_bytes)
		return KK_ELIMIT;
	memcpy(out, text, strlen(text) + 1);
	return KK_OK;
}

static enum kk_err leaf_get(sd_json_variant *in, const char *name,
    uint32_t *leaf)
{
	uint64_t n;
	enum kk_err err = call_get_u64(in, name, UINT32_MAX - 1, &n);

	*leaf = (uint32_t)n;
	return err;
}

static enum kk_err token_get(sd_json_variant *in, const char *name,
    uint8_t *token)
{
	struct kk_bytes b;
	enum kk_err err = call_get_bytes(in, name, ROOM_TOKEN_BYTES, &b);

	if (!err && b.bytes != ROOM_TOKEN_BYTES)
		err = KK_EFORMAT;
	if (!err)
		memcpy(token, b.data, ROOM_TOKEN_BYTES);
	kk_bytes_clear(&b);
	return needed(err);
}

static enum kk_err tokens_read(sd_json_variant *in, struct room_key_result *r)
{
	enum kk_err err = token_get(in, "token", r->token);

	return err ? err : token_get(in, "tokenHash", r->token_hash);
}

static enum kk_err epoch_read(sd_json_variant *in, struct room_key_result *r)
{
	enum kk_err err = call_get_u64(in, "epoch", UINT64_MAX, &r->epoch);

	if (!err)
		err = leaf_get(in, "ownLeaf", &r->own_leaf);
	return needed(err);
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
	err = needed(leaf_get(in, "leaf", &m->leaf));
	if (!err)
		err = text_get(in, "name", m->name, sizeof(m->name));
	if (!err)
		err = needed(call_get_bool(in, "verified", &m->is_verified));
	return err;
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
	return text_get(in, "code", r->code, sizeof(r->code));
}

static enum kk_err change_read(sd_json_variant *in, struct room_key_result *r)
{
	sd_json_variant *member;
	char what[32];
	enum kk_err err;

	if (!sd_json_variant_is_object(in))
		return KK_EFORMAT;
	err = text_get(in, "what", what, sizeof(what));
	if (err)
		return err;
	if (!strcmp(what, "add") || !strcmp(what, "external"))
		r->adds = true;
	member = sd_json_variant_by_key(in, "member");
	if (strcmp(what, "remove") != 0 || !member ||
	    !sd_json_variant_is_object(member))
		return KK_OK;
	return needed(leaf_get(member, "leaf",
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

static enum kk_err message_read(sd_json_variant *in, const char *name,
    struct room_key_result *r)
{
	return needed(call_get_bytes(in, name, DATA_MAX_BYTES, &r->message));
}

static enum kk_err handle_read(sd_json_variant *in, struct room_key_result *r)
{
	return needed(call_get_u64(in, "handle", UINT64_MAX, &r->handle));
}

static enum kk_err commit_read(sd_json_variant *in, struct room_key_result *r)
{
	enum kk_err err = message_read(in, "commit", r);

	if (!err && call_has(in, "welcome"))
		err = call_get_bytes(in, "welcome", DATA_MAX_BYTES,
		    &r->welcome);
	if (!err)
		err = handle_read(in, r);
	return err ? err : changes_read(in, r);
}

static enum kk_err data_read(sd_json_variant *in, struct room_key_result *r)
{
	enum kk_err err = leaf_get(in, "sender", &r->sender);

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
	enum kk_err err = text_get(in, "kind", kind, sizeof(kind));

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
		return KK_OK;
	err = handle_read(in, r);
	return err ? err : changes_read(in, r);
}

static enum kk_err apply_read(sd_json_variant *in, struct room_key_result *r)
{
	enum kk_err err = needed(call_get_bool(in, "ended", &r->is_ended));

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
