/* call.c - from the number of an operation to its function, and arguments. */
#include "web/core/core_internal.h"

static core_fn *const functions[CORE_OP_COUNT] = {
#define OP(name) [CORE_##name] = core_##name,
#include "web/core/ops.def"
#undef OP
};

enum kk_err core_call(struct core *core, uint32_t op, struct kk_view in,
    struct kk_bytes *out)
{
	struct core_io io = { .core = core };
	enum kk_err err;

	*out = (struct kk_bytes){ 0 };
	if (op >= CORE_OP_COUNT)
		return KK_EINVAL;
	if (in.bytes > CORE_INPUT_MAX_BYTES)
		return KK_ELIMIT;
	kk_reader_init(&io.in, in);
	kk_writer_init(&io.out);
	err = functions[op](&io);
	if (!err)
		err = kk_writer_take(&io.out, out);
	kk_writer_clear(&io.out);
	if (err) /* nobody would learn of the handle */
		core_thing_release(core, io.given);
	return err;
}

void *core_read_thing(struct core_io *io, enum core_kind kind, uint32_t *handle)
{
	void *thing;

	*handle = kk_read_u32(&io->in);
	thing = core_thing(io->core, kind, *handle);
	if (!thing)
		kk_reader_fail(&io->in, KK_ENOENT);
	return thing;
}

int64_t core_read_now(struct core_io *io, uint32_t handle)
{
	uint64_t now_s = kk_read_u64(&io->in);
	struct core_client *client = core_client_of(io->core, handle);

	if (now_s > INT64_MAX)
		kk_reader_fail(&io->in, KK_EINVAL);
	if (client)
		client->now_s = (int64_t)now_s;
	return (int64_t)now_s;
}

const uint8_t *core_read_state_key(struct core_io *io)
{
	return kk_read_raw(&io->in, MLS_STATE_KEY_BYTES).data;
}

struct mls_psk_want core_read_psk(struct core_io *io)
{
	struct mls_psk_want psk = { .type = kk_read_u8(&io->in) };

	psk.id = kk_read_vec(&io->in);
	psk.usage = kk_read_u8(&io->in);
	psk.group_id = kk_read_vec(&io->in);
	psk.epoch = kk_read_u64(&io->in);
	return psk;
}

enum kk_err core_read_end(struct core_io *io)
{
	return kk_reader_end(&io->in);
}

enum kk_err core_reserve(struct core_io *io, size_t bytes)
{
	static const uint8_t zeroes[4096];

	while (io->out.bytes < bytes && !io->out.err)
		kk_write_raw(&io->out, kk_view_of(zeroes, sizeof(zeroes)));
	io->out.bytes = 0;
	return io->out.err;
}

void core_write_handle(struct core_io *io, uint32_t handle)
{
	kk_write_u32(&io->out, handle);
}

void core_write_bytes(struct core_io *io, struct kk_bytes *b)
{
	kk_write_vec(&io->out, kk_bytes_view(b));
	kk_bytes_clear(b);
}

void core_write_leaf(struct core_io *io, const struct mls_leaf_fields *leaf)
{
	const struct mls_credential *c = &leaf->credential;

	kk_write_vec(&io->out, leaf->signature_key);
	kk_write_vec(&io->out, leaf->encryption_key);
	kk_write_u16(&io->out, c->type);
	kk_write_vec(&io->out,
	    c->type == MLS_CREDENTIAL_X509 ? c->certs : c->identity);
	kk_write_vec(&io->out, leaf->extensions);
}

enum kk_err core_give(struct core_io *io, enum core_kind kind, void *thing,
    uint32_t parent)
{
	uint32_t handle;
	enum kk_err err;

	err = core_thing_add(io->core, kind, thing, parent, &handle);
	if (err)
		return err;
	io->given = handle;
	core_write_handle(io, handle);
	return KK_OK;
}
