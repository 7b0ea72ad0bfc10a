/* send.c - proposals, commits and application messages of ours. */
#include "web/core/core_internal.h"

enum { ADDS_MAX = 1024, REMOVES_MAX = 1024, PSKS_MAX = 16 };

static struct mls_group *read_group(struct core_io *io, uint32_t *handle)
{
	return core_read_thing(io, CORE_GROUP, handle);
}

static enum mls_wire read_wire(struct core_io *io)
{
	return kk_read_present(&io->in) ? MLS_WIRE_PUBLIC : MLS_WIRE_PRIVATE;
}

static enum kk_err message_write(struct core_io *io, enum kk_err err,
    struct kk_bytes *message)
{
	if (!err)
		core_write_bytes(io, message);
	return err;
}

enum kk_err core_group_propose_add(struct core_io *io)
{
	uint32_t handle;
	struct mls_group *group = read_group(io, &handle);
	enum mls_wire wire = read_wire(io);
	struct kk_view kp = kk_read_vec(&io->in);
	int64_t now_s = core_read_now(io, handle);
	struct kk_bytes message;
	enum kk_err err = core_read_end(io);

	if (!err)
		err = mls_group_propose_add(group, wire, kp, now_s, &message);
	return message_write(io, err, &message);
}

enum kk_err core_group_propose_update(struct core_io *io)
{
	uint32_t handle;
	struct mls_group *group = read_group(io, &handle);
	enum mls_wire wire = read_wire(io);
	struct kk_bytes message;
	enum kk_err err = core_read_end(io);

	if (!err)
		err = mls_group_propose_update(group, wire, &message);
	return message_write(io, err, &message);
}

enum kk_err core_group_propose_remove(struct core_io *io)
{
	uint32_t handle;
	struct mls_group *group = read_group(io, &handle);
	enum mls_wire wire = read_wire(io);
	uint32_t leaf = kk_read_u32(&io->in);
	struct kk_bytes message;
	enum kk_err err = core_read_end(io);

	if (!err)
		err = mls_group_propose_remove(group, wire, leaf, &message);
	return message_write(io, err, &message);
}

enum kk_err core_group_propose_psk(struct core_io *io)
{
	uint32_t handle;
	struct mls_group *group = read_group(io, &handle);
	enum mls_wire wire = read_wire(io);
	struct mls_psk_want psk = core_read_psk(io);
	struct kk_bytes message;
	enum kk_err err = core_read_end(io);

	if (!err)
		err = mls_group_propose_psk(group, wire, &psk, &message);
	return message_write(io, err, &message);
}

enum kk_err core_group_propose_extensions(struct core_io *io)
{
	uint32_t handle;
	struct mls_group *group = read_group(io, &handle);
	enum mls_wire wire = read_wire(io);
	struct kk_view extensions = kk_read_vec(&io->in);
	struct kk_bytes message;
	enum kk_err err = core_read_end(io);

	if (!err)
		err = mls_group_propose_extensions(group, wire, extensions,
		    &message);
	return message_write(io, err, &message);
}

static struct mls_reinit read_reinit(struct core_io *io)
{
	struct mls_reinit reinit = { .group_id = kk_read_vec(&io->in) };

	reinit.version = MLS_VERSION_10;
	reinit.suite = kk_read_u16(&io->in);
	reinit.extensions = kk_read_vec(&io->in);
	return reinit;
}

enum kk_err core_group_propose_reinit(struct core_io *io)
{
	uint32_t handle;
	struct mls_group *group = read_group(io, &handle);
	enum mls_wire wire = read_wire(io);
	struct mls_reinit reinit = read_reinit(io);
	struct kk_bytes message;
	enum kk_err err = core_read_end(io);

	if (!err)
		err = mls_group_propose_reinit(group, wire, &reinit, &message);
	return message_write(io, err, &message);
}

enum kk_err core_group_drop_proposals(struct core_io *io)
{
	uint32_t handle;
	struct mls_group *group = read_group(io, &handle);
	enum kk_err err = core_read_end(io);

	if (!err)
		mls_group_drop_proposals(group);
	return err;
}

enum kk_err core_group_protect(struct core_io *io)
{
	uint32_t handle;
	struct mls_group *group = read_group(io, &handle);
	struct kk_view data = kk_read_vec(&io->in);
	struct kk_view aad = kk_read_vec(&io->in);
	struct kk_bytes message;
	enum kk_err err = core_read_end(io);

	if (!err)
		err = mls_group_protect(group, data, aad, &message);
	return message_write(io, err, &message);
}

/* What struct mls_commit_spec points to. */
struct spec_room {
	struct kk_view adds[ADDS_MAX];
	uint32_t removes[REMOVES_MAX];
	struct mls_psk_want psks[PSKS_MAX];
	struct kk_view extensions;
	struct mls_reinit reinit;
};

static void read_lists(struct core_io *io, struct mls_commit_spec *spec,
    struct spec_room *room)
{
	struct kk_reader *in = &io->in;
	uint32_t adds = kk_read_u16(in);

	if (adds > ADDS_MAX)
		kk_reader_fail(in, KK_ELIMIT);
	for (; spec->add_count < adds && kk_reader_more(in); spec->add_count++)
		room->adds[spec->add_count] = kk_read_vec(in);
	spec->remove_count = kk_read_u16(in);
	if (spec->remove_count > REMOVES_MAX)
		kk_reader_fail(in, KK_ELIMIT);
	for (size_t i = 0; i < spec->remove_count && kk_reader_more(in); i++)
		room->removes[i] = kk_read_u32(in);
	spec->psk_count = kk_read_u16(in);
	if (spec->psk_count > PSKS_MAX)
		kk_reader_fail(in, KK_ELIMIT);
	for (size_t i = 0; i < spec->psk_count && kk_reader_more(in); i++)
		room->psks[i] = core_read_psk(io);
	spec->adds = room->adds;
	spec->removes = room->removes;
	spec->psks = room->psks;
}

static void read_spec(struct core_io *io, struct mls_commit_spec *spec,
    struct spec_room *room)
{
	spec->wire = read_wire(io);
	spec->leave_proposals_out = kk_read_present(&io->in);
	spec->omit_path = kk_read_present(&io->in);
	spec->tree_apart = kk_read_present(&io->in);
	read_lists(io, spec, room);
	if (kk_read_present(&io->in)) {
		room->extensions = kk_read_vec(&io->in);
		spec->extensions = &room->extensions;
	}
	if (kk_read_present(&io->in)) {
		room->reinit = read_reinit(io);
		spec->reinit = &room->reinit;
	}
	spec->authenticated_data = kk_read_vec(&io->in);
}

static enum kk_err commit_run(struct core_io *io, struct spec_room *room)
{
	uint32_t handle;
	struct mls_group *group = read_group(io, &handle);
	struct mls_commit_spec spec = { 0 };
	struct mls_commit_out out = { 0 };
	struct mls_staged *staged;
	int64_t now_s;
	enum kk_err err;

	read_spec(io, &spec, room);
	now_s = core_read_now(io, handle);
	err = core_read_end(io);
	if (!err)
		err = mls_group_commit(group, &spec, now_s, &out, &staged);
	if (err)
		return err;
	core_write_bytes(io, &out.commit);
	core_write_bytes(io, &out.welcome);
	mls_commit_out_clear(&out);
	return core_give(io, CORE_STAGED, staged, handle);
}

enum kk_err core_group_commit(struct core_io *io)
{
	struct spec_room *room = kk_calloc(1, sizeof(*room));
	enum kk_err err;

	if (!room)
		return KK_ENOMEM;
	err = commit_run(io, room);
	kk_free(room);
	return err;
}
