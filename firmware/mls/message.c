/* message.c - messages, welcomes and group infos as they travel. */
#include "mls/message.h"

void mls_group_info_read(struct kk_reader *r, struct mls_group_info *g)
{
	struct kk_reader begin = *r;

	*g = (struct mls_group_info){ 0 };
	mls_context_read(r, &g->context);
	g->context_raw = kk_view_of(begin.p, begin.left_bytes - r->left_bytes);
	g->extensions = mls_ext_list_read(r);
	g->confirmation_tag = kk_read_vec(r);
	g->signer = kk_read_u32(r);
	g->tbs = kk_view_of(begin.p, begin.left_bytes - r->left_bytes);
	g->signature = kk_read_vec(r);
}

void mls_group_info_write_unsigned(struct kk_writer *w,
    const struct mls_group_info *g)
{
	mls_context_write(w, &g->context);
	kk_write_vec(w, g->extensions);
	kk_write_vec(w, g->confirmation_tag);
	kk_write_u32(w, g->signer);
}

void mls_group_info_write(struct kk_writer *w, const struct mls_group_info *g)
{
	mls_group_info_write_unsigned(w, g);
	kk_write_vec(w, g->signature);
}

void mls_group_secrets_read(struct kk_reader *r, struct mls_group_secrets *g)
{
	struct mls_psk_id unused;
	struct kk_reader sub;

	*g = (struct mls_group_secrets){ .joiner_secret = kk_read_vec(r) };
	g->has_path_secret = kk_read_present(r);
	if (g->has_path_secret)
		g->path_secret = kk_read_vec(r);
	sub = kk_read_sub(r);
	g->psks = kk_view_of(sub.p, sub.left_bytes);
	while (kk_reader_more(&sub)) {
		mls_psk_id_read(&sub, &unused);
		g->psk_count++;
	}
	kk_read_sub_end(r, &sub);
}

void mls_group_secrets_write(struct kk_writer *w,
    const struct mls_group_secrets *g)
{
	kk_write_vec(w, g->joiner_secret);
	kk_write_u8(w, g->has_path_secret);
	if (g->has_path_secret)
		kk_write_vec(w, g->path_secret);
	kk_write_vec(w, g->psks);
}

void mls_welcome_secret_read(struct kk_reader *r, struct mls_welcome_secret *s)
{
	s->key_package_ref = kk_read_vec(r);
	mls_hpke_ciphertext_read(r, &s->secrets);
}

void mls_welcome_secret_write(struct kk_writer *w,
    const struct mls_welcome_secret *s)
{
	kk_write_vec(w, s->key_package_ref);
	mls_hpke_ciphertext_write(w, &s->secrets);
}

void mls_welcome_read(struct kk_reader *r, struct mls_welcome *w)
{
	struct mls_welcome_secret unused;
	struct kk_reader sub;

	*w = (struct mls_welcome){ .suite = kk_read_u16(r) };
	sub = kk_read_sub(r);
	w->secrets = kk_view_of(sub.p, sub.left_bytes);
	while (kk_reader_more(&sub)) {
		mls_welcome_secret_read(&sub, &unused);
		w->secret_count++;
	}
	kk_read_sub_end(r, &sub);
	w->group_info = kk_read_vec(r);
}

void mls_welcome_write(struct kk_writer *w, const struct mls_welcome *m)
{
	kk_write_u16(w, m->suite);
	kk_write_vec(w, m->secrets);
	kk_write_vec(w, m->group_info);
}

void mls_public_message_read(struct kk_reader *r, struct mls_public_message *m)
{
	*m = (struct mls_public_message){ 0 };
	mls_content_read(r, &m->content);
	mls_auth_read(r, m->content.type, &m->auth);
	if (m->content.sender.type == MLS_SENDER_MEMBER)
		m->membership_tag = kk_read_vec(r);
}

void mls_public_message_write(struct kk_writer *w,
    const struct mls_public_message *m)
{
	mls_content_write(w, &m->content);
	mls_auth_write(w, m->content.type, &m->auth);
	if (m->content.sender.type == MLS_SENDER_MEMBER)
		kk_write_vec(w, m->membership_tag);
}

void mls_private_message_read(struct kk_reader *r,
    struct mls_private_message *m)
{
	*m = (struct mls_private_message){ .group_id = kk_read_vec(r) };
	m->epoch = kk_read_u64(r);
	m->type = kk_read_u8(r);
	m->authenticated_data = kk_read_vec(r);
	m->sender_data = kk_read_vec(r);
	m->ciphertext = kk_read_vec(r);
	if (!r->err &&
	    (m->type < MLS_CONTENT_APPLICATION || m->type > MLS_CONTENT_COMMIT))
		kk_reader_fail(r, KK_EFORMAT);
}

void mls_private_message_write(struct kk_writer *w,
    const struct mls_private_message *m)
{
	kk_write_vec(w, m->group_id);
	kk_write_u64(w, m->epoch);
	kk_write_u8(w, m->type);
	kk_write_vec(w, m->authenticated_data);
	kk_write_vec(w, m->sender_data);
	kk_write_vec(w, m->ciphertext);
}

static void message_body_read(struct kk_reader *r, struct mls_message *m)
{
	switch (m->wire_format) {
	case MLS_PUBLIC_MESSAGE:
		mls_public_message_read(r, &m->public_message);
		break;
	case MLS_PRIVATE_MESSAGE:
		mls_private_message_read(r, &m->private_message);
		break;
	case MLS_WELCOME:
		mls_welcome_read(r, &m->welcome);
		break;
	case MLS_GROUP_INFO:
		mls_group_info_read(r, &m->group_info);
		break;
	case MLS_KEY_PACKAGE:
		mls_key_package_read(r, &m->key_package);
		break;
	default:
		kk_reader_fail(r, KK_EUNSUP);
	}
}

enum kk_err mls_message_parse(struct mls_message *m, struct kk_view in)
{
	struct kk_reader r;

	kk_reader_init(&r, in);
	*m = (struct mls_message){ .version = kk_read_u16(&r) };
	m->wire_format = kk_read_u16(&r);
	if (!r.err && m->version != MLS_VERSION_10)
		kk_reader_fail(&r, KK_EUNSUP);
	if (!r.err)
		message_body_read(&r, m);
	return kk_reader_end(&r);
}

void mls_message_write_header(struct kk_writer *w, uint16_t wire_format)
{
	kk_write_u16(w, MLS_VERSION_10);
	kk_write_u16(w, wire_format);
}

void mls_message_write(struct kk_writer *w, const struct mls_message *m)
{
	mls_message_write_header(w, m->wire_format);
	switch (m->wire_format) {
	case MLS_PUBLIC_MESSAGE:
		mls_public_message_write(w, &m->public_message);
		break;
	case MLS_PRIVATE_MESSAGE:
		mls_private_message_write(w, &m->private_message);
		break;
	case MLS_WELCOME:
		mls_welcome_write(w, &m->welcome);
		break;
	case MLS_GROUP_INFO:
		mls_group_info_write(w, &m->group_info);
		break;
	case MLS_KEY_PACKAGE:
		mls_key_package_write(w, &m->key_package);
		break;
	default:
		kk_writer_fail(w, KK_EINVAL);
	}
}
