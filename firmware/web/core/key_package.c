/* key_package.c - key packages: made, saved, restored. */
#include "web/core/core_internal.h"

static enum kk_err key_package_give(struct core_io *io,
    struct mls_key_package *kp, uint32_t client)
{
	enum kk_err err;

	kk_write_vec(&io->out, mls_key_package_message(kp));
	err = core_give(io, CORE_KEY_PACKAGE, kp, client);
	return err;
}

enum kk_err core_key_package_new(struct core_io *io)
{
	uint32_t handle;
	struct core_client *client = core_read_thing(io, CORE_CLIENT, &handle);
	int64_t now_s = core_read_now(io, handle);
	struct mls_key_package *kp;
	enum kk_err err = core_read_end(io);

	if (!err)
		err = mls_key_package_new(&kp, client->mls, now_s);
	return err ? err : key_package_give(io, kp, handle);
}

enum kk_err core_key_package_save(struct core_io *io)
{
	uint32_t handle;
	struct mls_key_package *kp;
	const uint8_t *key;
	struct kk_bytes out;
	enum kk_err err;

	kp = core_read_thing(io, CORE_KEY_PACKAGE, &handle);
	key = core_read_state_key(io);
	err = core_read_end(io);
	if (!err)
		err = mls_key_package_save(kp, key, &out);
	if (!err)
		core_write_bytes(io, &out);
	return err;
}

enum kk_err core_key_package_restore(struct core_io *io)
{
	uint32_t handle;
	struct core_client *client = core_read_thing(io, CORE_CLIENT, &handle);
	const uint8_t *key = core_read_state_key(io);
	struct kk_view sealed = kk_read_vec(&io->in);
	struct mls_key_package *kp;
	enum kk_err err = core_read_end(io);

	if (!err)
		err = mls_key_package_restore(&kp, client->mls, key, sealed);
	return err ? err : key_package_give(io, kp, handle);
}

enum kk_err core_client_propose_self(struct core_io *io)
{
	uint32_t handle, kp_handle;
	struct core_client *client = core_read_thing(io, CORE_CLIENT, &handle);
	struct mls_key_package *kp;
	struct kk_view group_id;
	struct kk_bytes message;
	uint64_t epoch;
	enum kk_err err;

	kp = core_read_thing(io, CORE_KEY_PACKAGE, &kp_handle);
	group_id = kk_read_vec(&io->in);
	epoch = kk_read_u64(&io->in);
	err = core_read_end(io);
	if (!err && core_client_of(io->core, kp_handle) != client)
		err = KK_EINVAL;
	if (!err)
		err = mls_propose_self(client->mls, kp, group_id, epoch,
		    &message);
	if (!err)
		core_write_bytes(io, &message);
	return err;
}
