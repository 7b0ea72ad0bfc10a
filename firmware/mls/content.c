/* content.c - framed content and its authentication data (RFC 9420, 6). */
#include "mls/message.h"

void mls_context_read(struct kk_reader *r, struct mls_context *c)
{
	*c = (struct mls_context){ .version = kk_read_u16(r) };
	c->suite = kk_read_u16(r);
	c->group_id = kk_read_vec(r);
	c->epoch = kk_read_u64(r);
	c->tree_hash = kk_read_vec(r);
	c->confirmed_hash = kk_read_vec(r);
	c->extensions = mls_ext_list_read(r);
	if (!r->err && c->version != MLS_VERSION_10)
		kk_reader_fail(r, KK_EUNSUP);
}

void mls_context_write(struct kk_writer *w, const struct mls_context *c)
{
	kk_write_u16(w, c->version);
	kk_write_u16(w, c->suite);
	kk_write_vec(w, c->group_id);
	kk_write_u64(w, c->epoch);
	kk_write_vec(w, c->tree_hash);
	kk_write_vec(w, c->confirmed_hash);
	kk_write_vec(w, c->extensions);
}

static void sender_read(struct kk_reader *r, struct mls_sender *s)
{
	*s = (struct mls_sender){ .type = kk_read_u8(r) };
	switch (s->type) {
	case MLS_SENDER_MEMBER:
	case MLS_SENDER_EXTERNAL:
		s->index = kk_read_u32(r);
		break;
	case MLS_SENDER_NEW_MEMBER_PROPOSAL:
	case MLS_SENDER_NEW_MEMBER_COMMIT:
		break;
	default:
		kk_reader_fail(r, KK_EFORMAT);
	}
}

static void sender_write(struct kk_writer *w, const struct mls_sender *s)
{
	kk_write_u8(w, s->type);
	if (s->type == MLS_SENDER_MEMBER || s->type == MLS_SENDER_EXTERNAL)
		kk_write_u32(w, s->index);
}

static void body_read(struct kk_reader *r, struct mls_content *c)
{
	switch (c->type) {
	case MLS_CONTENT_APPLICATION:
		c->application = kk_read_vec(r);
		break;
	case MLS_CONTENT_PROPOSAL:
		mls_proposal_read(r, &c->proposal);
		break;
	case MLS_CONTENT_COMMIT:
		mls_commit_read(r, &c->commit);
		break;
	default:
		kk_reader_fail(r, KK_EFORMAT);
	}
}

static void body_write(struct kk_writer *w, const struct mls_content *c)
{
	switch (c->type) {
	case MLS_CONTENT_APPLICATION:
		kk_write_vec(w, c->application);
		break;
	case MLS_CONTENT_PROPOSAL:
		mls_proposal_write(w, &c->proposal);
		break;
	case MLS_CONTENT_COMMIT:
		mls_commit_write(w, &c->commit);
		break;
	default:
		kk_writer_fail(w, KK_EINVAL);
	}
}

void mls_content_read(struct kk_reader *r, struct mls_content *c)
{
	struct kk_reader begin = *r;

	*c = (struct mls_content){ .group_id = kk_read_vec(r) };
	c->epoch = kk_read_u64(r);
	sender_read(r, &c->sender);
	c->authenticated_data = kk_read_vec(r);
	c->type = kk_read_u8(r);
	body_read(r, c);
	if (!r->err)
		c->raw = kk_view_of(begin.p, begin.left_bytes - r->left_bytes);
}

void mls_content_write(struct kk_writer *w, const struct mls_content *c)
{
	kk_write_vec(w, c->group_id);
	kk_write_u64(w, c->epoch);
	sender_write(w, &c->sender);
	kk_write_vec(w, c->authenticated_data);
	kk_write_u8(w, c->type);
	body_write(w, c);
}

void mls_auth_read(struct kk_reader *r, uint8_t content_type,
    struct mls_auth *auth)
{
	*auth = (struct mls_auth){ .signature = kk_read_vec(r) };
	if (content_type == MLS_CONTENT_COMMIT)
		auth->confirmation_tag = kk_read_vec(r);
}

void mls_auth_write(struct kk_writer *w, uint8_t content_type,
    const struct mls_auth *auth)
{
	kk_write_vec(w, auth->signature);
	if (content_type == MLS_CONTENT_COMMIT)
		kk_write_vec(w, auth->confirmation_tag);
}

void mls_auth_content_read(struct kk_reader *r, struct mls_auth_content *c)
{
	struct kk_reader begin = *r;

	c->wire_format = kk_read_u16(r);
	mls_content_read(r, &c->content);
	mls_auth_read(r, c->content.type, &c->auth);
	c->raw = (struct kk_view){ 0 };
	if (!r->err)
		c->raw = kk_view_of(begin.p, begin.left_bytes - r->left_bytes);
}

void mls_auth_content_write(struct kk_writer *w,
    const struct mls_auth_content *c)
{
	kk_write_u16(w, c->wire_format);
	mls_content_write(w, &c->content);
	mls_auth_write(w, c->content.type, &c->auth);
}

void mls_private_content_read(struct kk_reader *r, struct mls_content *c,
    struct mls_auth *auth)
{
	body_read(r, c);
	mls_auth_read(r, c->type, auth);
	while (kk_reader_more(r)) {
		if (kk_read_u8(r) != 0)
			kk_reader_fail(r, KK_EFORMAT);
	}
}

void mls_private_content_write(struct kk_writer *w, const struct mls_content *c,
    const struct mls_auth *auth, size_t padding_bytes)
{
	body_write(w, c);
	mls_auth_write(w, c->type, auth);
	for (size_t i = 0; i < padding_bytes && !w->err; i++)
		kk_write_u8(w, 0);
}
