/* leaf.c - leaf nodes, credentials and capabilities. */
#include "mls/leaf.h"

#include <string.h>

/* Checks that a vector's inside is a row of vectors, as certificates are. */
static void cert_list_check(struct kk_reader *r, struct kk_view list)
{
	struct kk_reader sub;

	kk_reader_init(&sub, list);
	while (kk_reader_more(&sub))
		(void)kk_read_vec(&sub);
	if (sub.err)
		kk_reader_fail(r, sub.err);
}

void mls_credential_read(struct kk_reader *r, struct mls_credential *c)
{
	*c = (struct mls_credential){ .type = kk_read_u16(r) };
	if (c->type == MLS_CREDENTIAL_BASIC) {
		c->identity = kk_read_vec(r);
	} else if (c->type == MLS_CREDENTIAL_X509) {
		c->certs = kk_read_vec(r);
		cert_list_check(r, c->certs);
	} else {
		kk_reader_fail(r, KK_EUNSUP);
	}
}

void mls_credential_write(struct kk_writer *w, const struct mls_credential *c)
{
	kk_write_u16(w, c->type);
	if (c->type == MLS_CREDENTIAL_BASIC)
		kk_write_vec(w, c->identity);
	else if (c->type == MLS_CREDENTIAL_X509)
		kk_write_vec(w, c->certs);
	else
		kk_writer_fail(w, KK_EUNSUP);
}

bool mls_credential_equal(const struct mls_credential *a,
    const struct mls_credential *b)
{
	return a->type == b->type && kk_view_equal(a->identity, b->identity) &&
	    kk_view_equal(a->certs, b->certs);
}

enum kk_err mls_credential_certs(const struct mls_credential *c,
    struct kk_view *certs, size_t *count)
{
	size_t room = *count;
	struct kk_reader r;

	*count = 0;
	if (c->type != MLS_CREDENTIAL_X509)
		return KK_EINVAL;
	kk_reader_init(&r, c->certs);
	while (kk_reader_more(&r)) {
		if (*count == room)
			return KK_ELIMIT;
		certs[(*count)++] = kk_read_vec(&r);
	}
	return kk_reader_end(&r);
}

static void capabilities_read(struct kk_reader *r, struct mls_capabilities *c)
{
	c->versions = mls_u16_list_read(r);
	c->suites = mls_u16_list_read(r);
	c->extensions = mls_u16_list_read(r);
	c->proposals = mls_u16_list_read(r);
	c->credentials = mls_u16_list_read(r);
}

static void capabilities_write(struct kk_writer *w,
    const struct mls_capabilities *c)
{
	kk_write_vec(w, c->versions.raw);
	kk_write_vec(w, c->suites.raw);
	kk_write_vec(w, c->extensions.raw);
	kk_write_vec(w, c->proposals.raw);
	kk_write_vec(w, c->credentials.raw);
}

static void leaf_source_read(struct kk_reader *r, struct mls_leaf_fields *f)
{
	f->source = kk_read_u8(r);
	switch (f->source) {
	case MLS_LEAF_KEY_PACKAGE:
		f->not_before_s = kk_read_u64(r);
		f->not_after_s = kk_read_u64(r);
		break;
	case MLS_LEAF_UPDATE:
		break;
	case MLS_LEAF_COMMIT:
		f->parent_hash = kk_read_vec(r);
		break;
	default:
		kk_reader_fail(r, KK_EFORMAT);
	}
}

void mls_leaf_read(struct kk_reader *r, struct mls_leaf_fields *f)
{
	const uint8_t *begin = r->p;
	size_t before = r->left_bytes;

	*f = (struct mls_leaf_fields){ 0 };
	f->encryption_key = kk_read_vec(r);
	f->signature_key = kk_read_vec(r);
	mls_credential_read(r, &f->credential);
	capabilities_read(r, &f->capabilities);
	leaf_source_read(r, f);
	f->extensions = mls_ext_list_read(r);
	f->tbs = kk_view_of(begin, before - r->left_bytes);
	f->signature = kk_read_vec(r);
	f->raw = kk_view_of(begin, before - r->left_bytes);
	if (r->err)
		*f = (struct mls_leaf_fields){ 0 };
}

void mls_leaf_write_unsigned(struct kk_writer *w,
    const struct mls_leaf_fields *f)
{
	kk_write_vec(w, f->encryption_key);
	kk_write_vec(w, f->signature_key);
	mls_credential_write(w, &f->credential);
	capabilities_write(w, &f->capabilities);
	kk_write_u8(w, f->source);
	if (f->source == MLS_LEAF_KEY_PACKAGE) {
		kk_write_u64(w, f->not_before_s);
		kk_write_u64(w, f->not_after_s);
	} else if (f->source == MLS_LEAF_COMMIT) {
		kk_write_vec(w, f->parent_hash);
	}
	kk_write_vec(w, f->extensions);
}

void mls_leaf_write(struct kk_writer *w, const struct mls_leaf_fields *f)
{
	mls_leaf_write_unsigned(w, f);
	kk_write_vec(w, f->signature);
}

void mls_leaf_write_tbs(struct kk_writer *w, const struct mls_leaf_fields *f,
    struct kk_view group_id, uint32_t leaf_index)
{
	mls_leaf_write_unsigned(w, f);
	if (f->source == MLS_LEAF_KEY_PACKAGE)
		return;
	kk_write_vec(w, group_id);
	kk_write_u32(w, leaf_index);
}

enum kk_err mls_leaf_new(struct mls_leaf **leafp, struct kk_view raw)
{
	struct mls_leaf *leaf;
	struct kk_reader r;
	enum kk_err err;

	leaf = kk_calloc(1, sizeof(*leaf) + raw.bytes);
	if (!leaf)
		return KK_ENOMEM;
	leaf->refs = 1;
	leaf->room_bytes = raw.bytes;
	if (raw.bytes > 0)
		memcpy(leaf->bytes, raw.data, raw.bytes);
	kk_reader_init(&r, kk_view_of(leaf->bytes, raw.bytes));
	mls_leaf_read(&r, &leaf->f);
	err = kk_reader_end(&r);
	if (err) {
		mls_leaf_unref(leaf);
		return err;
	}
	*leafp = leaf;
	return KK_OK;
}

struct mls_leaf *mls_leaf_ref(struct mls_leaf *leaf)
{
	leaf->refs++;
	return leaf;
}

void mls_leaf_unref(struct mls_leaf *leaf)
{
	if (leaf && --leaf->refs == 0)
		kk_free(leaf);
}

bool mls_leaf_supports_extension(const struct mls_leaf_fields *f, uint16_t type)
{
	if (type >= MLS_EXT_APPLICATION_ID && type <= MLS_EXT_EXTERNAL_SENDERS)
		return true;
	return mls_u16_list_has(f->capabilities.extensions, type);
}

bool mls_leaf_supports_proposal(const struct mls_leaf_fields *f, uint16_t type)
{
	if (type >= MLS_PROPOSAL_ADD &&
	    type <= MLS_PROPOSAL_GROUP_CONTEXT_EXTENSIONS)
		return true;
	return mls_u16_list_has(f->capabilities.proposals, type);
}

bool mls_leaf_supports_credential(const struct mls_leaf_fields *f,
    uint16_t type)
{
	return mls_u16_list_has(f->capabilities.credentials, type);
}

bool mls_leaf_supports_suite(const struct mls_leaf_fields *f, uint16_t suite)
{
	return mls_u16_list_has(f->capabilities.suites, suite);
}
