/* conference.c - the conference's state in a group's context. */
#include "conference/conference.h"
#include "mls/ext.h"
#include "web/core/core_internal.h"

enum { EXT_STATE = 0xff4b, NOBODY = UINT32_MAX };

/* Too large for the stack of a browser's module. */
struct pair {
	struct conference before, after;
};

/* Without the extension, what an empty structure says. */
static enum kk_err state_get(struct conference *c, struct kk_view extensions)
{
	struct kk_view state;

	*c = (struct conference){ 0 };
	return mls_ext_find(extensions, EXT_STATE, &state) ?
	    conference_parse(c, state) :
	    KK_OK;
}

static enum kk_err state_write(struct core_io *io, struct kk_view extensions,
    struct conference *c)
{
	struct kk_bytes out;
	enum kk_err err = state_get(c, extensions);

	if (!err)
		err = conference_write(c, &out);
	if (!err)
		core_write_bytes(io, &out);
	return err;
}

/* The state as bytes of conference.h, which have one form only. */
enum kk_err core_group_conference(struct core_io *io)
{
	uint32_t handle;
	struct mls_group *group = core_read_thing(io, CORE_GROUP, &handle);
	struct conference *c;
	enum kk_err err = core_read_end(io);

	if (err)
		return err;
	c = kk_calloc(1, sizeof(*c));
	if (!c)
		return KK_ENOMEM;
	err = state_write(io, mls_group_extensions(group), c);
	kk_free(c);
	return err;
}

static void others_write(struct kk_writer *w, struct kk_view extensions)
{
	struct mls_ext ext;
	size_t pos = 0;

	while (mls_ext_next(extensions, &pos, &ext))
		if (ext.type != EXT_STATE)
			mls_ext_write(w, ext.type, ext.data);
}

static enum kk_err extensions_write(struct core_io *io, struct kk_view others,
    struct kk_view state)
{
	struct kk_writer w;
	struct kk_bytes out;
	enum kk_err err;

	kk_writer_init(&w);
	others_write(&w, others);
	mls_ext_write(&w, EXT_STATE, state);
	err = kk_writer_take(&w, &out);
	if (!err)
		core_write_bytes(io, &out);
	return err;
}

/* The group's extensions with another state, for a commit of ours. */
enum kk_err core_group_conference_put(struct core_io *io)
{
	uint32_t handle;
	struct mls_group *group = core_read_thing(io, CORE_GROUP, &handle);
	struct kk_view state = kk_read_vec(&io->in);
	struct conference *c;
	enum kk_err err = core_read_end(io);

	if (err)
		return err;
	c = kk_calloc(1, sizeof(*c));
	if (!c)
		return KK_ENOMEM;
	err = conference_parse(c, state);
	kk_free(c);
	return err ? err :
		     extensions_write(io, mls_group_extensions(group), state);
}

static bool is_gone(void *arg, uint32_t leaf)
{
	const struct mls_staged *staged = arg;
	struct mls_change change;

	for (size_t i = 0; !mls_staged_change(staged, i, &change); i++)
		if (change.type == MLS_PROPOSAL_REMOVE && change.leaf == leaf)
			return true;
	return false;
}

/* Who comes in by its own commit was nobody before it. */
static uint32_t committer_of(const struct mls_staged *staged)
{
	const struct mls_sender sender = mls_staged_committer(staged);

	return sender.type == MLS_SENDER_MEMBER ? sender.index : NOBODY;
}

static enum kk_err change_check(struct pair *p, const struct mls_group *group,
    struct mls_staged *staged)
{
	enum kk_err err = state_get(&p->before, mls_group_extensions(group));

	if (!err)
		err = state_get(&p->after, mls_staged_extensions(staged));
	return err ? err :
		     conference_change_check(&p->before, &p->after,
			 committer_of(staged), is_gone, staged);
}

/* May this commit change the state as it does?  Errors: KK_EDENIED, and those
 * of conference_parse().  A commit that removes us leads to no state. */
enum kk_err core_group_conference_check(struct core_io *io)
{
	uint32_t handle, staged_handle;
	struct mls_group *group = core_read_thing(io, CORE_GROUP, &handle);
	struct mls_staged *staged = core_read_thing(io, CORE_STAGED,
	    &staged_handle);
	struct pair *p;
	enum kk_err err = core_read_end(io);

	if (err || mls_staged_removes_us(staged))
		return err;
	p = kk_calloc(1, sizeof(*p));
	if (!p)
		return KK_ENOMEM;
	err = change_check(p, group, staged);
	kk_free(p);
	return err;
}
