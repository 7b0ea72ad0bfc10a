/* group.c - groups: made, joined, asked, saved. */
#include "web/core/core_internal.h"

enum { LABEL_MAX_BYTES = 255, EXPORT_MAX_BYTES = 255 * 32 };

enum kk_err core_group_new(struct core_io *io)
{
	uint32_t handle;
	struct core_client *client = core_read_thing(io, CORE_CLIENT, &handle);
	struct kk_view id = kk_read_vec(&io->in);
	struct kk_view extensions = kk_read_vec(&io->in);
	int64_t now_s = core_read_now(io, handle);
	struct mls_group *group;
	enum kk_err err = core_read_end(io);

	if (!err)
		err = mls_group_new(&group, client->mls, id, extensions, now_s);
	return err ? err : core_give(io, CORE_GROUP, group, handle);
}

enum kk_err core_group_join(struct core_io *io)
{
	uint32_t handle, kp_handle;
	struct core_client *client = core_read_thing(io, CORE_CLIENT, &handle);
	struct mls_key_package *kp = core_read_thing(io, CORE_KEY_PACKAGE,
	    &kp_handle);
	struct kk_view welcome = kk_read_vec(&io->in);
	struct kk_view tree = kk_read_vec(&io->in);
	int64_t now_s = core_read_now(io, handle);
	struct mls_staged *staged;
	enum kk_err err = core_read_end(io);

	if (!err && core_client_of(io->core, kp_handle) != client)
		err = KK_EINVAL;
	if (err)
		return err;
	client->by_welcome = true;
	err = mls_group_join(&staged, client->mls, kp, welcome, tree, now_s);
	client->by_welcome = false;
	return err ? err : core_give(io, CORE_STAGED, staged, kp_handle);
}

/* replaces: 0 nobody, else 1 + the leaf */
enum kk_err core_group_join_external(struct core_io *io)
{
	uint32_t handle;
	struct core_client *client = core_read_thing(io, CORE_CLIENT, &handle);
	struct kk_view info = kk_read_vec(&io->in);
	struct kk_view tree = kk_read_vec(&io->in);
	int64_t replaces = (int64_t)kk_read_u32(&io->in) - 1;
	bool has_psk = kk_read_present(&io->in);
	struct mls_psk_want psk = { 0 };
	struct mls_staged *staged;
	struct kk_bytes commit;
	int64_t now_s;
	enum kk_err err;

	if (has_psk)
		psk = core_read_psk(io);
	now_s = core_read_now(io, handle);
	err = core_read_end(io);
	if (!err)
		err = mls_group_join_external(&staged, &commit, client->mls,
		    info, tree, replaces, &psk, has_psk ? 1 : 0, now_s);
	if (err)
		return err;
	core_write_bytes(io, &commit);
	return core_give(io, CORE_STAGED, staged, handle);
}

enum kk_err core_group_state(struct core_io *io)
{
	uint32_t handle;
	struct mls_group *group = core_read_thing(io, CORE_GROUP, &handle);
	struct kk_writer *w = &io->out;
	enum kk_err err = core_read_end(io);

	if (err)
		return err;
	kk_write_u16(w, mls_group_suite(group)->id);
	kk_write_vec(w, mls_group_id(group));
	kk_write_u64(w, mls_group_epoch(group));
	kk_write_u32(w, mls_group_own_leaf(group));
	kk_write_u32(w, mls_group_member_count(group));
	kk_write_u32(w, mls_group_leaf_end(group));
	kk_write_u8(w, mls_group_is_active(group));
	kk_write_vec(w, mls_group_extensions(group));
	kk_write_vec(w, mls_group_tree_hash(group));
	return KK_OK;
}

enum kk_err core_group_member(struct core_io *io)
{
	uint32_t handle, leaf;
	struct mls_group *group = core_read_thing(io, CORE_GROUP, &handle);
	const struct mls_leaf_fields *fields;
	enum kk_err err;

	leaf = kk_read_u32(&io->in);
	err = core_read_end(io);
	if (err)
		return err;
	fields = mls_group_member(group, leaf);
	if (!fields)
		return KK_ENOENT;
	core_write_leaf(io, fields);
	return KK_OK;
}

/* A label is text, so it may not have a zero inside. */
static enum kk_err label_copy(char *label, struct kk_view from)
{
	if (from.bytes > LABEL_MAX_BYTES)
		return KK_ELIMIT;
	for (size_t i = 0; i < from.bytes; i++) {
		if (from.data[i] == 0)
			return KK_EINVAL;
		label[i] = (char)from.data[i];
	}
	label[from.bytes] = 0;
	return KK_OK;
}

static enum kk_err export_write(struct core_io *io,
    const struct mls_group *group, const char *label, struct kk_view context,
    size_t bytes)
{
	struct kk_bytes secret = { .data = kk_calloc(bytes, 1),
		.bytes = bytes };
	enum kk_err err;

	if (!secret.data)
		return KK_ENOMEM;
	err = mls_group_export(group, label, context, secret.data, bytes);
	if (err)
		kk_bytes_clear(&secret);
	else
		core_write_bytes(io, &secret);
	return err;
}

enum kk_err core_group_export(struct core_io *io)
{
	uint32_t handle, bytes;
	struct mls_group *group = core_read_thing(io, CORE_GROUP, &handle);
	struct kk_view label = kk_read_vec(&io->in), context;
	char text[LABEL_MAX_BYTES + 1];
	enum kk_err err;

	context = kk_read_vec(&io->in);
	bytes = kk_read_u32(&io->in);
	err = core_read_end(io);
	if (!err && (bytes == 0 || bytes > EXPORT_MAX_BYTES))
		err = KK_EINVAL;
	if (!err)
		err = label_copy(text, label);
	return err ? err : export_write(io, group, text, context, bytes);
}

/* Calls that give one run of bytes of a group. */
static enum kk_err bytes_get(struct core_io *io,
    enum kk_err (*get)(const struct mls_group *group, struct kk_bytes *out))
{
	uint32_t handle;
	struct mls_group *group = core_read_thing(io, CORE_GROUP, &handle);
	struct kk_bytes out;
	enum kk_err err = core_read_end(io);

	if (!err)
		err = get(group, &out);
	if (!err)
		core_write_bytes(io, &out);
	return err;
}

enum kk_err core_group_authenticator(struct core_io *io)
{
	return bytes_get(io, mls_group_authenticator);
}

enum kk_err core_group_tree(struct core_io *io)
{
	return bytes_get(io, mls_group_tree);
}

enum kk_err core_group_info(struct core_io *io)
{
	uint32_t handle;
	struct mls_group *group = core_read_thing(io, CORE_GROUP, &handle);
	bool with_external_pub = kk_read_present(&io->in);
	bool with_tree = kk_read_present(&io->in);
	struct kk_bytes out;
	enum kk_err err = core_read_end(io);

	if (!err)
		err = mls_group_info_message(group, with_external_pub,
		    with_tree, &out);
	if (!err)
		core_write_bytes(io, &out);
	return err;
}

enum kk_err core_group_forget_past(struct core_io *io)
{
	uint32_t handle;
	struct mls_group *group = core_read_thing(io, CORE_GROUP, &handle);
	enum kk_err err = core_read_end(io);

	if (!err)
		mls_group_forget_past(group);
	return err;
}

enum kk_err core_group_save(struct core_io *io)
{
	uint32_t handle;
	struct mls_group *group = core_read_thing(io, CORE_GROUP, &handle);
	const uint8_t *key = core_read_state_key(io);
	struct kk_bytes out;
	enum kk_err err = core_read_end(io);

	if (!err)
		err = mls_group_save(group, key, &out);
	if (!err)
		core_write_bytes(io, &out);
	return err;
}

enum kk_err core_group_restore(struct core_io *io)
{
	uint32_t handle;
	struct core_client *client = core_read_thing(io, CORE_CLIENT, &handle);
	const uint8_t *key = core_read_state_key(io);
	struct kk_view sealed = kk_read_vec(&io->in);
	struct mls_group *group;
	enum kk_err err = core_read_end(io);

	if (!err)
		err = mls_group_restore(&group, client->mls, key, sealed);
	return err ? err : core_give(io, CORE_GROUP, group, handle);
}
