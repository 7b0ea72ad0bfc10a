/* meeting.c - what follows from a meeting's secret (firmware/meeting). */
#include "web/core/core_internal.h"

static struct meeting_keys *read_meeting(struct core_io *io)
{
	uint32_t handle;

	return core_read_thing(io, CORE_MEETING, &handle);
}

/* id and secret; the token goes out, the PSK and the wrapping key stay. */
enum kk_err core_meeting_new(struct core_io *io)
{
	struct kk_view id = kk_read_vec(&io->in);
	struct kk_view secret = kk_read_vec(&io->in);
	struct meeting_keys *keys;
	enum kk_err err = core_read_end(io);

	if (!err)
		err = meeting_keys_new(&keys, id, secret);
	if (err)
		return err;
	kk_write_vec(&io->out, meeting_keys_token(keys));
	kk_write_vec(&io->out, meeting_keys_psk_id(keys));
	return core_give(io, CORE_MEETING, keys, 0);
}

/* A client's groups may ask for the meeting's PSK from now on. */
enum kk_err core_meeting_admit(struct core_io *io)
{
	struct meeting_keys *keys = read_meeting(io);
	uint32_t handle;
	struct core_client *client = core_read_thing(io, CORE_CLIENT, &handle);
	enum kk_err err = core_read_end(io);

	if (err)
		return err;
	return core_client_psk_add(client, meeting_keys_psk_id(keys),
	    meeting_keys_psk(keys));
}

enum kk_err core_meeting_wrap(struct core_io *io)
{
	struct meeting_keys *keys = read_meeting(io);
	enum meeting_kind kind = kk_read_u8(&io->in);
	struct kk_view message = kk_read_vec(&io->in);
	struct kk_bytes out = { 0 };
	enum kk_err err = core_read_end(io);

	if (!err)
		err = meeting_wrap(keys, kind, message, &out);
	if (!err)
		core_write_bytes(io, &out);
	return err;
}

enum kk_err core_meeting_unwrap(struct core_io *io)
{
	struct meeting_keys *keys = read_meeting(io);
	struct kk_view wrapped = kk_read_vec(&io->in);
	enum meeting_kind kind;
	struct kk_bytes out = { 0 };
	enum kk_err err = core_read_end(io);

	if (!err)
		err = meeting_unwrap(keys, wrapped, &kind, &out);
	if (err)
		return err;
	kk_write_u8(&io->out, kind);
	core_write_bytes(io, &out);
	return KK_OK;
}

/* The security code of a group's epoch. */
enum kk_err core_meeting_code(struct core_io *io)
{
	uint32_t handle;
	struct mls_group *group = core_read_thing(io, CORE_GROUP, &handle);
	char code[MEETING_CODE_TEXT_BYTES];
	struct kk_bytes authenticator = { 0 };
	enum kk_err err = core_read_end(io);

	if (!err)
		err = mls_group_authenticator(group, &authenticator);
	if (!err)
		err = meeting_code(kk_bytes_view(&authenticator), code);
	if (!err)
		kk_write_vec(&io->out, kk_view_text(code));
	kk_bytes_clear(&authenticator);
	return err;
}
