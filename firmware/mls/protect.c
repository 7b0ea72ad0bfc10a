/* protect.c - signing and tagging framed content (RFC 9420, 6.1, 6.2). */
#include "mls/protect.h"

void mls_content_write_tbs(struct kk_writer *w, uint16_t wire_format,
    const struct mls_content *content, struct kk_view context)
{
	kk_write_u16(w, MLS_VERSION_10);
	kk_write_u16(w, wire_format);
	mls_content_write(w, content);
	if (content->sender.type == MLS_SENDER_MEMBER ||
	    content->sender.type == MLS_SENDER_NEW_MEMBER_COMMIT)
		kk_write_raw(w, context);
}

enum kk_err mls_content_sign(uint16_t wire_format,
    const struct mls_content *content, struct kk_view context,
    struct crypto_key *signer, struct kk_bytes *signature)
{
	struct kk_writer w;
	enum kk_err err;

	kk_writer_init(&w);
	mls_content_write_tbs(&w, wire_format, content, context);
	err = w.err;
	if (!err)
		err = crypto_sign_with_label(signer, "FramedContentTBS",
		    kk_writer_view(&w), signature);
	kk_writer_clear(&w);
	return err;
}

enum kk_err mls_content_check(const struct crypto_suite *suite,
    uint16_t wire_format, const struct mls_content *content,
    struct kk_view signature, struct kk_view context, struct kk_view public,
    struct crypto_checks *checks)
{
	struct kk_writer w;
	enum kk_err err;

	kk_writer_init(&w);
	mls_content_write_tbs(&w, wire_format, content, context);
	err = w.err;
	if (!err)
		err = crypto_checks_add_with_label(checks, suite->sig, public,
		    "FramedContentTBS", kk_writer_view(&w), signature);
	kk_writer_clear(&w);
	return err;
}

enum kk_err mls_membership_tag(const struct crypto_suite *suite,
    const struct mls_secret *membership, const struct mls_content *content,
    const struct mls_auth *auth, struct kk_view context, struct mls_secret *tag)
{
	struct kk_writer w;
	enum kk_err err;

	kk_writer_init(&w);
	mls_content_write_tbs(&w, MLS_PUBLIC_MESSAGE, content, context);
	mls_auth_write(&w, content->type, auth);
	err = w.err;
	if (!err)
		err = mls_schedule_mac(suite, membership, kk_writer_view(&w),
		    tag);
	kk_writer_clear(&w);
	return err;
}

enum kk_err mls_membership_check(const struct crypto_suite *suite,
    const struct mls_secret *membership, const struct mls_public_message *m,
    struct kk_view context)
{
	struct mls_secret tag;
	enum kk_err err;

	err = mls_membership_tag(suite, membership, &m->content, &m->auth,
	    context, &tag);
	if (err)
		return err;
	if (m->membership_tag.bytes != suite->hash_bytes ||
	    !kk_secret_equal(tag.data, m->membership_tag.data,
		suite->hash_bytes))
		err = KK_EAUTH;
	kk_wipe(&tag, sizeof(tag));
	return err;
}

enum kk_err mls_public_protect(const struct crypto_suite *suite,
    const struct mls_secret *membership, const struct mls_content *content,
    const struct mls_auth *auth, struct kk_view context,
    struct kk_bytes *message)
{
	struct mls_public_message m = { *content, *auth, { 0 } };
	struct mls_secret tag;
	struct kk_writer w;
	enum kk_err err;

	if (content->type == MLS_CONTENT_APPLICATION)
		return KK_EINVAL; /* 6.2: never in the clear */
	if (content->sender.type == MLS_SENDER_MEMBER) {
		err = mls_membership_tag(suite, membership, content, auth,
		    context, &tag);
		if (err)
			return err;
		m.membership_tag = kk_view_of(tag.data, suite->hash_bytes);
	}
	kk_writer_init(&w);
	mls_message_write_header(&w, MLS_PUBLIC_MESSAGE);
	mls_public_message_write(&w, &m);
	return kk_writer_take(&w, message);
}
