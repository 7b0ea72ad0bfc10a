/* receive.c - messages that come in, and the epochs that they stage. */
#include "web/core/core_internal.h"

enum { EVENT_BYTES = 64 }; /* of an answer without data */

static struct mls_staged *read_staged(struct core_io *io, uint32_t *handle)
{
	return core_read_thing(io, CORE_STAGED, handle);
}

static void write_sender(struct kk_writer *w, struct mls_sender sender)
{
	kk_write_u8(w, sender.type);
	kk_write_u32(w, sender.index);
}

static enum kk_err event_write(struct core_io *io, struct mls_event *event,
    uint32_t group)
{
	struct mls_staged *staged = event->staged;

	kk_write_u8(&io->out, event->type);
	write_sender(&io->out, event->sender);
	kk_write_u64(&io->out, event->epoch);
	kk_write_u16(&io->out, event->proposal_type);
	core_write_bytes(io, &event->data);
	core_write_bytes(io, &event->authenticated_data);
	if (!staged)
		return KK_OK;
	event->staged = NULL;
	return core_give(io, CORE_STAGED, staged, group);
}

enum kk_err core_group_process(struct core_io *io)
{
	uint32_t handle;
	struct mls_group *group = core_read_thing(io, CORE_GROUP, &handle);
	struct kk_view message = kk_read_vec(&io->in);
	int64_t now_s = core_read_now(io, handle);
	struct mls_event event = { 0 };
	enum kk_err err = core_read_end(io);

	/* What is inside of a message is shorter than the message. */
	if (!err)
		err = core_reserve(io, 2 * message.bytes + EVENT_BYTES);
	if (!err)
		err = mls_group_process(group, message, now_s, &event);
	if (err)
		return err;
	err = event_write(io, &event, handle);
	mls_event_clear(&event);
	return err;
}

enum kk_err core_group_apply(struct core_io *io)
{
	uint32_t handle, staged_handle;
	struct mls_group *group = core_read_thing(io, CORE_GROUP, &handle);
	struct mls_staged *staged = read_staged(io, &staged_handle);
	enum kk_err err = core_read_end(io);

	if (!err)
		err = mls_group_apply(group, staged);
	if (!err)
		core_thing_take(io->core, staged_handle);
	return err;
}

/* The staged join's handle becomes the group's. */
enum kk_err core_staged_take_group(struct core_io *io)
{
	uint32_t handle;
	struct mls_staged *staged = read_staged(io, &handle);
	struct mls_group *group;
	enum kk_err err = core_read_end(io);

	if (!err)
		err = mls_staged_take_group(staged, &group);
	if (!err)
		core_thing_become_group(io->core, handle, group);
	return err;
}

enum kk_err core_staged_state(struct core_io *io)
{
	uint32_t handle;
	struct mls_staged *staged = read_staged(io, &handle);
	struct kk_writer *w = &io->out;
	enum kk_err err = core_read_end(io);

	if (err)
		return err;
	write_sender(w, mls_staged_committer(staged));
	kk_write_u8(w, mls_staged_has_path(staged));
	kk_write_u8(w, mls_staged_removes_us(staged));
	kk_write_u64(w, mls_staged_epoch(staged));
	kk_write_u32(w, mls_staged_leaf_end(staged));
	kk_write_u32(w, (uint32_t)mls_staged_change_count(staged));
	kk_write_vec(w, mls_staged_extensions(staged));
	return KK_OK;
}

enum kk_err core_staged_member(struct core_io *io)
{
	uint32_t handle, leaf;
	struct mls_staged *staged = read_staged(io, &handle);
	const struct mls_leaf_fields *fields;
	enum kk_err err;

	leaf = kk_read_u32(&io->in);
	err = core_read_end(io);
	if (err)
		return err;
	fields = mls_staged_member(staged, leaf);
	if (!fields)
		return KK_ENOENT;
	core_write_leaf(io, fields);
	return KK_OK;
}

enum kk_err core_staged_change(struct core_io *io)
{
	uint32_t handle, index;
	struct mls_staged *staged = read_staged(io, &handle);
	struct mls_change change = { 0 };
	enum kk_err err;

	index = kk_read_u32(&io->in);
	err = core_read_end(io);
	if (!err)
		err = mls_staged_change(staged, index, &change);
	if (err)
		return err;
	kk_write_u16(&io->out, change.type);
	write_sender(&io->out, change.proposer);
	kk_write_u32(&io->out, change.leaf);
	kk_write_vec(&io->out,
	    change.psk ? change.psk->id : (struct kk_view){ 0 });
	kk_write_u8(&io->out, change.member != NULL);
	if (change.member)
		core_write_leaf(io, change.member);
	return KK_OK;
}

enum kk_err core_staged_is_own(struct core_io *io)
{
	uint32_t handle;
	struct mls_staged *staged = read_staged(io, &handle);
	struct kk_view message = kk_read_vec(&io->in);
	enum kk_err err = core_read_end(io);

	return err ? err : mls_staged_is_own(staged, message);
}

/* How many checks there are, and those from an index on, a few at once. */
enum kk_err core_staged_checks(struct core_io *io)
{
	uint32_t handle, first;
	struct mls_staged *staged = read_staged(io, &handle);
	struct crypto_checks *checks;
	struct crypto_check check;
	size_t count, end;
	enum kk_err err;

	first = kk_read_u32(&io->in);
	err = core_read_end(io);
	if (err)
		return err;
	checks = mls_staged_checks(staged);
	count = crypto_checks_count(checks);
	if (first > count)
		return KK_EINVAL;
	end = count - first > CORE_CHECKS_AT_ONCE ?
	    first + CORE_CHECKS_AT_ONCE :
	    count;
	kk_write_u32(&io->out, (uint32_t)count);
	for (size_t i = first; i < end && !err; i++) {
		err = crypto_checks_get(checks, i, &check);
		if (err)
			break;
		kk_write_u16(&io->out, check.sig);
		kk_write_vec(&io->out, check.public);
		kk_write_vec(&io->out, check.message);
		kk_write_vec(&io->out, check.signature);
	}
	return err;
}

/* One verdict each, from an index on. */
enum verdict_in { VERDICT_INVALID, VERDICT_VALID, VERDICT_NONE };

static enum kk_err confirm_all(struct crypto_checks *checks, size_t first,
    struct kk_view verdicts)
{
	enum kk_err err = KK_OK;

	for (size_t i = 0; i < verdicts.bytes && !err; i++) {
		if (verdicts.data[i] == VERDICT_NONE)
			continue;
		err = crypto_checks_confirm(checks, first + i,
		    verdicts.data[i] == VERDICT_VALID);
	}
	return err;
}

enum kk_err core_staged_confirm(struct core_io *io)
{
	uint32_t handle, first;
	struct mls_staged *staged = read_staged(io, &handle);
	struct kk_view verdicts;
	enum kk_err err;

	first = kk_read_u32(&io->in);
	verdicts = kk_read_vec(&io->in);
	err = core_read_end(io);
	if (err)
		return err;
	return confirm_all(mls_staged_checks(staged), first, verdicts);
}

enum kk_err core_staged_run(struct core_io *io)
{
	uint32_t handle;
	struct mls_staged *staged = read_staged(io, &handle);
	enum kk_err err = core_read_end(io);

	return err ? err : crypto_checks_run(mls_staged_checks(staged));
}

enum kk_err core_staged_save(struct core_io *io)
{
	uint32_t handle;
	struct mls_staged *staged = read_staged(io, &handle);
	const uint8_t *key = core_read_state_key(io);
	struct kk_bytes out;
	enum kk_err err = core_read_end(io);

	if (!err)
		err = mls_staged_save(staged, key, &out);
	if (!err)
		core_write_bytes(io, &out);
	return err;
}

enum kk_err core_staged_restore(struct core_io *io)
{
	uint32_t handle;
	struct mls_group *group = core_read_thing(io, CORE_GROUP, &handle);
	const uint8_t *key = core_read_state_key(io);
	struct kk_view sealed = kk_read_vec(&io->in);
	struct mls_staged *staged;
	enum kk_err err = core_read_end(io);

	if (!err)
		err = mls_staged_restore(&staged, group, key, sealed);
	return err ? err : core_give(io, CORE_STAGED, staged, handle);
}
