/* proposal.c - key packages, PSK ids, proposals and commits in messages. */
#include "mls/proposal.h"

/* What was read since begin, for fields that keep their own bytes. */
static struct kk_view read_since(const struct kk_reader *r,
    struct kk_reader begin)
{
	if (r->err)
		return (struct kk_view){ 0 };
	return kk_view_of(begin.p, begin.left_bytes - r->left_bytes);
}

void mls_key_package_read(struct kk_reader *r,
    struct mls_key_package_fields *kp)
{
	struct kk_reader begin = *r;

	*kp = (struct mls_key_package_fields){ .version = kk_read_u16(r) };
	kp->suite = kk_read_u16(r);
	kp->init_key = kk_read_vec(r);
	mls_leaf_read(r, &kp->leaf);
	kp->extensions = mls_ext_list_read(r);
	kp->tbs = read_since(r, begin);
	kp->signature = kk_read_vec(r);
	kp->raw = read_since(r, begin);
}

void mls_key_package_write_unsigned(struct kk_writer *w,
    const struct mls_key_package_fields *kp)
{
	kk_write_u16(w, kp->version);
	kk_write_u16(w, kp->suite);
	kk_write_vec(w, kp->init_key);
	mls_leaf_write(w, &kp->leaf);
	kk_write_vec(w, kp->extensions);
}

void mls_key_package_write(struct kk_writer *w,
    const struct mls_key_package_fields *kp)
{
	mls_key_package_write_unsigned(w, kp);
	kk_write_vec(w, kp->signature);
}

enum kk_err mls_key_package_ref(const struct crypto_suite *suite,
    struct kk_view key_package, struct mls_secret *ref)
{
	return crypto_ref_hash(suite, "MLS 1.0 KeyPackage Reference",
	    key_package, ref->data);
}

void mls_psk_id_read(struct kk_reader *r, struct mls_psk_id *id)
{
	struct kk_reader begin = *r;

	*id = (struct mls_psk_id){ .type = kk_read_u8(r) };
	if (id->type == MLS_PSK_EXTERNAL) {
		id->id = kk_read_vec(r);
	} else if (id->type == MLS_PSK_RESUMPTION) {
		id->usage = kk_read_u8(r);
		id->group_id = kk_read_vec(r);
		id->epoch = kk_read_u64(r);
		if (id->usage < MLS_PSK_USAGE_APPLICATION ||
		    id->usage > MLS_PSK_USAGE_BRANCH)
			kk_reader_fail(r, KK_EFORMAT);
	} else {
		kk_reader_fail(r, KK_EFORMAT);
	}
	id->nonce = kk_read_vec(r);
	id->raw = read_since(r, begin);
}

void mls_psk_id_write(struct kk_writer *w, const struct mls_psk_id *id)
{
	kk_write_u8(w, id->type);
	if (id->type == MLS_PSK_EXTERNAL) {
		kk_write_vec(w, id->id);
	} else {
		kk_write_u8(w, id->usage);
		kk_write_vec(w, id->group_id);
		kk_write_u64(w, id->epoch);
	}
	kk_write_vec(w, id->nonce);
}

static void reinit_read(struct kk_reader *r, struct mls_reinit *reinit)
{
	reinit->group_id = kk_read_vec(r);
	reinit->version = kk_read_u16(r);
	reinit->suite = kk_read_u16(r);
	reinit->extensions = mls_ext_list_read(r);
}

static void reinit_write(struct kk_writer *w, const struct mls_reinit *reinit)
{
	kk_write_vec(w, reinit->group_id);
	kk_write_u16(w, reinit->version);
	kk_write_u16(w, reinit->suite);
	kk_write_vec(w, reinit->extensions);
}

void mls_proposal_read(struct kk_reader *r, struct mls_proposal *p)
{
	struct kk_reader begin = *r;

	*p = (struct mls_proposal){ .type = kk_read_u16(r) };
	switch (p->type) {
	case MLS_PROPOSAL_ADD:
		mls_key_package_read(r, &p->add);
		break;
	case MLS_PROPOSAL_UPDATE:
		mls_leaf_read(r, &p->update);
		break;
	case MLS_PROPOSAL_REMOVE:
		p->remove = kk_read_u32(r);
		break;
	case MLS_PROPOSAL_PSK:
		mls_psk_id_read(r, &p->psk);
		break;
	case MLS_PROPOSAL_REINIT:
		reinit_read(r, &p->reinit);
		break;
	case MLS_PROPOSAL_EXTERNAL_INIT:
		p->external_init = kk_read_vec(r);
		break;
	case MLS_PROPOSAL_GROUP_CONTEXT_EXTENSIONS:
		p->extensions = mls_ext_list_read(r);
		break;
	default:
		kk_reader_fail(r, KK_EUNSUP);
	}
	p->raw = read_since(r, begin);
}

void mls_proposal_write(struct kk_writer *w, const struct mls_proposal *p)
{
	kk_write_u16(w, p->type);
	switch (p->type) {
	case MLS_PROPOSAL_ADD:
		mls_key_package_write(w, &p->add);
		break;
	case MLS_PROPOSAL_UPDATE:
		mls_leaf_write(w, &p->update);
		break;
	case MLS_PROPOSAL_REMOVE:
		kk_write_u32(w, p->remove);
		break;
	case MLS_PROPOSAL_PSK:
		mls_psk_id_write(w, &p->psk);
		break;
	case MLS_PROPOSAL_REINIT:
		reinit_write(w, &p->reinit);
		break;
	case MLS_PROPOSAL_EXTERNAL_INIT:
		kk_write_vec(w, p->external_init);
		break;
	case MLS_PROPOSAL_GROUP_CONTEXT_EXTENSIONS:
		kk_write_vec(w, p->extensions);
		break;
	default:
		kk_writer_fail(w, KK_EUNSUP);
	}
}

void mls_proposal_or_ref_read(struct kk_reader *r,
    struct mls_proposal_or_ref *p)
{
	uint8_t type = kk_read_u8(r);

	*p = (struct mls_proposal_or_ref){ 0 };
	if (type == 1) {
		mls_proposal_read(r, &p->proposal);
	} else if (type == 2) {
		p->is_ref = true;
		p->ref = kk_read_vec(r);
	} else {
		kk_reader_fail(r, KK_EFORMAT);
	}
}

void mls_proposal_or_ref_write(struct kk_writer *w,
    const struct mls_proposal_or_ref *p)
{
	kk_write_u8(w, p->is_ref ? 2 : 1);
	if (p->is_ref)
		kk_write_vec(w, p->ref);
	else
		mls_proposal_write(w, &p->proposal);
}
