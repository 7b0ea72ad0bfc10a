/*
 * messages.c - messages: what decodes encodes to the same bytes.
 *
 * Every field is written from its parsed fields, so nothing is compared with
 * a copy of itself.
 */
#include "kinds.h"

#include <string.h>

#include "mls/message.h"
#include "mls/tree.h"

/* Suite of the ratchet_tree fields: their form does not depend on it. */
enum { ANY_SUITE = 2 };

static enum kk_err message_again(struct kk_view in, uint16_t wire_format,
    struct kk_writer *w)
{
	struct mls_message m;
	enum kk_err err;

	err = mls_message_parse(&m, in);
	if (err)
		return err;
	if (m.wire_format != wire_format)
		return KK_EFORMAT;
	mls_message_write(w, &m);
	return w->err;
}

static enum kk_err welcome_again(struct kk_view in, struct kk_writer *w)
{
	return message_again(in, MLS_WELCOME, w);
}

static enum kk_err group_info_again(struct kk_view in, struct kk_writer *w)
{
	return message_again(in, MLS_GROUP_INFO, w);
}

static enum kk_err key_package_again(struct kk_view in, struct kk_writer *w)
{
	return message_again(in, MLS_KEY_PACKAGE, w);
}

static enum kk_err private_again(struct kk_view in, struct kk_writer *w)
{
	return message_again(in, MLS_PRIVATE_MESSAGE, w);
}

/* A public message that carries the given type of content. */
static enum kk_err public_again(struct kk_view in, uint8_t type,
    struct kk_writer *w)
{
	struct mls_message m;
	enum kk_err err;

	err = mls_message_parse(&m, in);
	if (err)
		return err;
	if (m.wire_format != MLS_PUBLIC_MESSAGE ||
	    m.public_message.content.type != type)
		return KK_EFORMAT;
	mls_message_write(w, &m);
	return w->err;
}

static enum kk_err public_application_again(struct kk_view in,
    struct kk_writer *w)
{
	return public_again(in, MLS_CONTENT_APPLICATION, w);
}

static enum kk_err public_proposal_again(struct kk_view in, struct kk_writer *w)
{
	return public_again(in, MLS_CONTENT_PROPOSAL, w);
}

static enum kk_err public_commit_again(struct kk_view in, struct kk_writer *w)
{
	return public_again(in, MLS_CONTENT_COMMIT, w);
}

static enum kk_err tree_again(struct kk_view in, struct kk_writer *w)
{
	struct mls_tree *tree;
	enum kk_err err;

	err = mls_tree_read(&tree, crypto_suite_get(ANY_SUITE), MLS_LEAVES_MAX,
	    in);
	if (err)
		return err;
	mls_tree_write(w, tree);
	mls_tree_free(tree);
	return w->err;
}

static enum kk_err group_secrets_again(struct kk_view in, struct kk_writer *w)
{
	struct mls_group_secrets secrets;
	struct kk_reader r;

	kk_reader_init(&r, in);
	mls_group_secrets_read(&r, &secrets);
	if (!kk_reader_end(&r))
		mls_group_secrets_write(w, &secrets);
	return kk_reader_end(&r);
}

static enum kk_err commit_again(struct kk_view in, struct kk_writer *w)
{
	struct mls_commit commit;
	struct kk_reader r;

	kk_reader_init(&r, in);
	mls_commit_read(&r, &commit);
	if (!kk_reader_end(&r))
		mls_commit_write(w, &commit);
	return kk_reader_end(&r);
}

/* The file has a proposal's body; read it behind its type. */
static enum kk_err proposal_again(struct kk_view body, uint16_t type,
    struct kk_writer *w)
{
	struct mls_proposal proposal;
	struct kk_writer whole, again;
	struct kk_reader r;
	enum kk_err err;

	kk_writer_init(&whole);
	kk_writer_init(&again);
	kk_write_u16(&whole, type);
	kk_write_raw(&whole, body);
	kk_reader_init(&r, kk_writer_view(&whole));
	mls_proposal_read(&r, &proposal);
	err = whole.err ? whole.err : kk_reader_end(&r);
	if (!err) {
		struct kk_view out;

		mls_proposal_write(&again, &proposal);
		err = again.err;
		out = kk_writer_view(&again);
		if (!err && out.bytes >= sizeof(type))
			kk_write_raw(w,
			    kk_view_of(out.data + sizeof(type),
				out.bytes - sizeof(type)));
	}
	kk_writer_clear(&whole);
	kk_writer_clear(&again);
	return err;
}

static enum kk_err add_again(struct kk_view in, struct kk_writer *w)
{
	return proposal_again(in, MLS_PROPOSAL_ADD, w);
}

static enum kk_err update_again(struct kk_view in, struct kk_writer *w)
{
	return proposal_again(in, MLS_PROPOSAL_UPDATE, w);
}

static enum kk_err remove_again(struct kk_view in, struct kk_writer *w)
{
	return proposal_again(in, MLS_PROPOSAL_REMOVE, w);
}

static enum kk_err psk_again(struct kk_view in, struct kk_writer *w)
{
	return proposal_again(in, MLS_PROPOSAL_PSK, w);
}

static enum kk_err reinit_again(struct kk_view in, struct kk_writer *w)
{
	return proposal_again(in, MLS_PROPOSAL_REINIT, w);
}

static enum kk_err external_init_again(struct kk_view in, struct kk_writer *w)
{
	return proposal_again(in, MLS_PROPOSAL_EXTERNAL_INIT, w);
}

static enum kk_err extensions_again(struct kk_view in, struct kk_writer *w)
{
	return proposal_again(in, MLS_PROPOSAL_GROUP_CONTEXT_EXTENSIONS, w);
}

static const struct field {
	const char *key;
	enum kk_err (*again)(struct kk_view in, struct kk_writer *w);
} fields[] = {
	{ "mls_welcome", welcome_again },
	{ "mls_group_info", group_info_again },
	{ "mls_key_package", key_package_again },
	{ "ratchet_tree", tree_again },
	{ "group_secrets", group_secrets_again },
	{ "add_proposal", add_again },
	{ "update_proposal", update_again },
	{ "remove_proposal", remove_again },
	{ "pre_shared_key_proposal", psk_again },
	{ "re_init_proposal", reinit_again },
	{ "external_init_proposal", external_init_again },
	{ "group_context_extensions_proposal", extensions_again },
	{ "commit", commit_again },
	{ "public_message_application", public_application_again },
	{ "public_message_proposal", public_proposal_again },
	{ "public_message_commit", public_commit_again },
	{ "private_message", private_again },
};

void vec_run_messages(struct vec *v, const struct json *c)
{
	for (size_t i = 0; i < KK_ARRAY_LEN(fields) && !vec_failed(v); i++) {
		const struct kk_view in = vec_hex(v, c, fields[i].key);
		struct kk_writer w;

		kk_writer_init(&w);
		if (vec_ok(v, fields[i].again(in, &w), fields[i].key))
			(void)vec_equal(v, in, kk_writer_view(&w),
			    fields[i].key);
		kk_writer_clear(&w);
	}
}
