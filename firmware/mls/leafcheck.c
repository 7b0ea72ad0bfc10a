/* leafcheck.c - is a leaf acceptable by itself? (RFC 9420, 7.3) */
#include "mls/treecheck.h"

static bool has_all(struct mls_u16_list needed,
    bool (*supports)(const struct mls_leaf_fields *f, uint16_t type),
    const struct mls_leaf_fields *f)
{
	for (size_t i = 0; i < mls_u16_list_count(needed); i++) {
		if (!supports(f, mls_u16_list_at(needed, i)))
			return false;
	}
	return true;
}

bool mls_leaf_has_required(const struct mls_leaf_fields *f,
    const struct mls_required_capabilities *need)
{
	return has_all(need->extensions, mls_leaf_supports_extension, f) &&
	    has_all(need->proposals, mls_leaf_supports_proposal, f) &&
	    has_all(need->credentials, mls_leaf_supports_credential, f);
}

bool mls_leaf_supports_all(const struct mls_leaf_fields *f,
    struct kk_view extensions)
{
	struct mls_ext ext;
	size_t pos = 0;

	while (mls_ext_next(extensions, &pos, &ext)) {
		if (!mls_leaf_supports_extension(f, ext.type))
			return false;
	}
	return true;
}

static enum kk_err capabilities_check(const struct mls_leaf_fields *f,
    const struct mls_leaf_rules *rules)
{
	struct mls_required_capabilities need;
	enum kk_err err;

	if (!mls_u16_list_has(f->capabilities.versions, MLS_VERSION_10) ||
	    !mls_leaf_supports_suite(f, rules->suite->id) ||
	    !mls_leaf_supports_credential(f, f->credential.type) ||
	    !mls_leaf_supports_all(f, f->extensions) ||
	    !mls_leaf_supports_all(f, rules->extensions))
		return KK_EUNSUP;
	err = mls_required_capabilities_get(rules->extensions, &need);
	if (err)
		return err;
	return mls_leaf_has_required(f, &need) ? KK_OK : KK_EUNSUP;
}

static enum kk_err lifetime_check(const struct mls_leaf_fields *f,
    int64_t now_s)
{
	if (f->source != MLS_LEAF_KEY_PACKAGE || now_s <= 0)
		return KK_OK;
	if ((uint64_t)now_s < f->not_before_s ||
	    (uint64_t)now_s > f->not_after_s)
		return KK_EEXPIRED;
	return KK_OK;
}

static enum kk_err signature_add(const struct mls_leaf_fields *f,
    const struct mls_leaf_rules *rules, uint32_t index,
    struct crypto_checks *checks)
{
	struct kk_writer w;
	enum kk_err err;

	kk_writer_init(&w);
	mls_leaf_write_tbs(&w, f, rules->group_id, index);
	err = w.err;
	if (!err)
		err = crypto_checks_add_with_label(checks, rules->suite->sig,
		    f->signature_key, "LeafNodeTBS", kk_writer_view(&w),
		    f->signature);
	kk_writer_clear(&w);
	return err;
}

enum kk_err mls_leaf_check(const struct mls_leaf_fields *f,
    const struct mls_leaf_rules *rules, uint32_t index,
    struct crypto_checks *checks)
{
	enum kk_err err;

	if (f->encryption_key.bytes != rules->suite->kem_public_bytes)
		return KK_EFORMAT;
	err = capabilities_check(f, rules);
	if (!err)
		err = lifetime_check(f, rules->now_s);
	if (!err)
		err = signature_add(f, rules, index, checks);
	return err;
}
