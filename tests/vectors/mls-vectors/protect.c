/*
 * protect.c - message-protection: opens what the file has, then protects and
 * opens the same content itself.  The sender is leaf 1 of two.
 */
#include "kinds.h"

#include <string.h>

#include "mls/protect.h"

enum { SENDER = 1, WIDTH = 2, FORWARD_MAX = 1000, PADDING_BYTES = 64 };

struct protect_case {
	struct vec *v;
	struct kk_view group_id;
	uint64_t epoch;
	struct kk_view context; /* encoded */
	struct kk_view signature_public;
	struct crypto_key *signer;
	struct mls_secret encryption, sender_data, membership;
};

static void context_make(struct protect_case *p, const struct json *c)
{
	const struct mls_context context = {
		.version = MLS_VERSION_10,
		.suite = p->v->suite->id,
		.group_id = p->group_id,
		.epoch = p->epoch,
		.tree_hash = vec_hex(p->v, c, "tree_hash"),
		.confirmed_hash = vec_hex(p->v, c, "confirmed_transcript_hash"),
	};
	struct kk_writer w;

	kk_writer_init(&w);
	mls_context_write(&w, &context);
	p->context = vec_hold_writer(p->v, &w);
}

/* A fresh secret tree: each message of the file is the first of its ratchet. */
static bool keys_new(const struct protect_case *p,
    struct mls_private_keys *keys)
{
	keys->suite = p->v->suite;
	keys->sender_data = &p->sender_data;
	return vec_ok(p->v,
	    mls_secret_tree_new(&keys->tree, p->v->suite, &p->encryption, WIDTH,
		FORWARD_MAX),
	    "secret tree");
}

/* The bytes of the content's body, as the file has them. */
static struct kk_view body_of(struct vec *v, const struct mls_content *content)
{
	struct kk_writer w;

	kk_writer_init(&w);
	switch (content->type) {
	case MLS_CONTENT_APPLICATION:
		kk_write_raw(&w, content->application);
		break;
	case MLS_CONTENT_PROPOSAL:
		mls_proposal_write(&w, &content->proposal);
		break;
	case MLS_CONTENT_COMMIT:
		mls_commit_write(&w, &content->commit);
		break;
	default:
		(void)vec_true(v, false, "content type");
	}
	return vec_hold_writer(v, &w);
}

/* Sender, signature and body of content that came out of a message. */
static void content_check(const struct protect_case *p, uint16_t wire_format,
    const struct mls_content *content, const struct mls_auth *auth,
    struct kk_view body)
{
	struct crypto_checks *checks;
	struct vec *v = p->v;

	if (!vec_true(v,
		content->sender.type == MLS_SENDER_MEMBER &&
		    content->sender.index == SENDER,
		"sender") ||
	    !vec_true(v, content->epoch == p->epoch, "epoch") ||
	    !vec_equal(v, p->group_id, content->group_id, "group_id") ||
	    !vec_equal(v, body, body_of(v, content), "content") ||
	    !vec_ok(v, crypto_checks_new(&checks), "memory"))
		return;
	if (vec_ok(v,
		mls_content_check(v->suite, wire_format, content,
		    auth->signature, p->context, p->signature_public, checks),
		"signature"))
		(void)vec_ok(v, crypto_checks_run(checks), "signature");
	crypto_checks_free(checks);
}

static void private_open(const struct protect_case *p, struct kk_view message,
    uint8_t type, struct kk_view body, const char *what)
{
	struct mls_private_keys keys;
	struct mls_opened opened;
	struct mls_message m;
	struct vec *v = p->v;

	if (!vec_ok(v, mls_message_parse(&m, message), what) ||
	    !vec_true(v, m.wire_format == MLS_PRIVATE_MESSAGE, what) ||
	    !vec_true(v, m.private_message.type == type, what) ||
	    !keys_new(p, &keys))
		return;
	if (vec_ok(v, mls_private_open(&keys, &m.private_message, &opened),
		what)) {
		content_check(p, MLS_PRIVATE_MESSAGE, &opened.content,
		    &opened.auth, body);
		(void)vec_ok(v, mls_private_consume(&keys, &opened), what);
		mls_opened_clear(&opened);
		(void)vec_true(v,
		    mls_private_open(&keys, &m.private_message, &opened) ==
			KK_EREPLAY,
		    "a second opening is refused");
	}
	mls_secret_tree_free(keys.tree);
}

static void public_open(const struct protect_case *p, struct kk_view message,
    uint8_t type, struct kk_view body, const char *what)
{
	struct mls_message m;
	struct vec *v = p->v;

	if (!vec_ok(v, mls_message_parse(&m, message), what) ||
	    !vec_true(v, m.wire_format == MLS_PUBLIC_MESSAGE, what) ||
	    !vec_true(v, m.public_message.content.type == type, what) ||
	    !vec_ok(v,
		mls_membership_check(v->suite, &p->membership,
		    &m.public_message, p->context),
		"membership tag"))
		return;
	content_check(p, MLS_PUBLIC_MESSAGE, &m.public_message.content,
	    &m.public_message.auth, body);
}

/* Our own framing of a body; false when it does not parse. */
static bool content_make(const struct protect_case *p, uint8_t type,
    struct kk_view body, struct mls_content *content)
{
	struct kk_reader r;

	*content = (struct mls_content){
		.group_id = p->group_id,
		.epoch = p->epoch,
		.sender = { MLS_SENDER_MEMBER, SENDER },
		.authenticated_data = kk_view_text("own"),
		.type = type,
	};
	kk_reader_init(&r, body);
	switch (type) {
	case MLS_CONTENT_PROPOSAL:
		mls_proposal_read(&r, &content->proposal);
		break;
	case MLS_CONTENT_COMMIT:
		mls_commit_read(&r, &content->commit);
		break;
	default:
		content->application = kk_read_raw(&r, body.bytes);
	}
	return vec_ok(p->v, kk_reader_end(&r), "content");
}

/* Signs; a commit gets some confirmation tag, nobody here checks which. */
static bool auth_make(const struct protect_case *p, uint16_t wire_format,
    const struct mls_content *content, struct mls_auth *auth)
{
	static const uint8_t tag[MLS_HASH_MAX_BYTES] = { 1, 2, 3 };
	struct kk_bytes signature;

	*auth = (struct mls_auth){ 0 };
	if (!vec_ok(p->v,
		mls_content_sign(wire_format, content, p->context, p->signer,
		    &signature),
		"signing"))
		return false;
	auth->signature = vec_hold_bytes(p->v, signature);
	if (content->type == MLS_CONTENT_COMMIT)
		auth->confirmation_tag = kk_view_of(tag,
		    p->v->suite->hash_bytes);
	return true;
}

static void private_round(const struct protect_case *p, uint8_t type,
    struct kk_view body)
{
	struct mls_private_keys keys;
	struct mls_content content;
	struct mls_auth auth;
	struct kk_bytes message;
	bool is_made;

	if (!content_make(p, type, body, &content) ||
	    !auth_make(p, MLS_PRIVATE_MESSAGE, &content, &auth) ||
	    !keys_new(p, &keys))
		return;
	is_made = vec_ok(p->v,
	    mls_private_protect(&keys, &content, &auth, PADDING_BYTES,
		&message),
	    "private protect");
	mls_secret_tree_free(keys.tree);
	if (is_made)
		private_open(p, vec_hold_bytes(p->v, message), type, body,
		    "our private message");
}

static void public_round(const struct protect_case *p, uint8_t type,
    struct kk_view body)
{
	struct mls_content content;
	struct mls_auth auth;
	struct kk_bytes message;

	if (content_make(p, type, body, &content) &&
	    auth_make(p, MLS_PUBLIC_MESSAGE, &content, &auth) &&
	    vec_ok(p->v,
		mls_public_protect(p->v->suite, &p->membership, &content, &auth,
		    p->context, &message),
		"public protect"))
		public_open(p, vec_hold_bytes(p->v, message), type, body,
		    "our public message");
}

/* Application data must never go out in the clear.  RFC 9420, 6. */
static void public_application_refused(const struct protect_case *p,
    struct kk_view body)
{
	struct kk_bytes message = { 0 };
	const struct mls_auth auth = { .signature = kk_view_text("any") };
	struct mls_content content;

	if (!content_make(p, MLS_CONTENT_APPLICATION, body, &content))
		return;
	(void)vec_true(p->v,
	    mls_public_protect(p->v->suite, &p->membership, &content, &auth,
		p->context, &message) != KK_OK,
	    "application data in a PublicMessage is refused");
	kk_bytes_clear(&message);
}

static void handshake_check(const struct protect_case *p, const struct json *c,
    uint8_t type, const char *const keys[3])
{
	const struct kk_view body = vec_hex(p->v, c, keys[0]);
	const struct kk_view private = vec_hex(p->v, c, keys[1]);
	const struct kk_view public = vec_hex(p->v, c, keys[2]);

	if (vec_failed(p->v))
		return;
	private_open(p, private, type, body, keys[1]);
	public_open(p, public, type, body, keys[2]);
	private_round(p, type, body);
	public_round(p, type, body);
}

static void application_check(const struct protect_case *p,
    const struct json *c)
{
	const struct kk_view body = vec_hex(p->v, c, "application");
	const struct kk_view private = vec_hex(p->v, c, "application_priv");

	if (vec_failed(p->v))
		return;
	private_open(p, private, MLS_CONTENT_APPLICATION, body,
	    "application_priv");
	private_round(p, MLS_CONTENT_APPLICATION, body);
	public_application_refused(p, body);
}

void vec_run_message_protection(struct vec *v, const struct json *c)
{
	static const char *const proposal[] = { "proposal", "proposal_priv",
		"proposal_pub" };
	static const char *const commit[] = { "commit", "commit_priv",
		"commit_pub" };
	struct protect_case p = {
		.v = v,
		.group_id = vec_hex(v, c, "group_id"),
		.epoch = vec_u64(v, c, "epoch"),
		.signature_public = vec_hex(v, c, "signature_pub"),
		.encryption = vec_secret(v, c, "encryption_secret"),
		.sender_data = vec_secret(v, c, "sender_data_secret"),
		.membership = vec_secret(v, c, "membership_key"),
	};
	const struct kk_view private = vec_hex(v, c, "signature_priv");

	context_make(&p, c);
	if (vec_failed(v) ||
	    !vec_ok(v, crypto_sig_key_import(&p.signer, v->suite->sig, private),
		"signature_priv"))
		return;
	handshake_check(&p, c, MLS_CONTENT_PROPOSAL, proposal);
	handshake_check(&p, c, MLS_CONTENT_COMMIT, commit);
	application_check(&p, c);
	crypto_key_free(p.signer);
}
