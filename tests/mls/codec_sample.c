/* codec_sample.c - one example of every struct that travels in messages. */
#include "codec_sample.h"

#define TEXT(s) { (const uint8_t *)(s), sizeof(s) - 1 }

static const uint8_t u16s[] = { 0x00, 0x01, 0x3a, 0x3a, 0xf0, 0x01 };
static const uint8_t u16s_basic[] = { 0x00, 0x01, 0x00, 0x02, 0x1a, 0x1a };
static const uint8_t exts[] = { 0x00, 0x01, 0x02, 'i', 'd', 0x4a, 0x4a, 0x00,
	0xf0, 0x01, 0x01, 0x00 };
static const uint8_t certs[] = { 0x03, 1, 2, 3, 0x00, 0x02, 4, 5 };
/* Longer than 63 bytes, so that a length takes two. */
static const uint8_t signature[72] = { 0x30, 0x46 };
static const uint8_t key[65] = { 4, 1, 2, 3 };
static const uint8_t hash[32] = { 0xaa, 0xbb };

#define BYTES(a) { (a), sizeof(a) }

struct mls_leaf_fields codec_sample_leaf(unsigned int variant)
{
	struct mls_leaf_fields f = {
		.encryption_key = BYTES(key),
		.signature_key = BYTES(key),
		.credential = { .type = MLS_CREDENTIAL_BASIC,
		    .identity = TEXT("alice") },
		.capabilities = { .versions = { BYTES(u16s) },
		    .suites = { BYTES(u16s_basic) },
		    .extensions = { BYTES(u16s) },
		    .credentials = { BYTES(u16s_basic) } },
		.source = MLS_LEAF_KEY_PACKAGE,
		.not_before_s = 1,
		.not_after_s = UINT64_MAX,
		.extensions = BYTES(exts),
		.signature = BYTES(signature),
	};

	if (variant > 0) {
		f.not_before_s = f.not_after_s = 0;
		f.source = variant == 1 ? MLS_LEAF_UPDATE : MLS_LEAF_COMMIT;
	}
	if (variant >= 2)
		f.parent_hash = (struct kk_view)BYTES(hash);
	if (variant == 3) {
		f.credential =
		    (struct mls_credential){ .type = MLS_CREDENTIAL_X509,
			    .certs = BYTES(certs) };
		f.extensions = (struct kk_view){ 0 };
	}
	return f;
}

static struct mls_key_package_fields sample_key_package(void)
{
	return (struct mls_key_package_fields){
		.version = MLS_VERSION_10,
		.suite = 2,
		.init_key = BYTES(key),
		.leaf = codec_sample_leaf(0),
		.extensions = BYTES(exts),
		.signature = BYTES(signature),
	};
}

static struct mls_psk_id sample_psk_id(unsigned int variant)
{
	if (variant == 0)
		return (struct mls_psk_id){ .type = MLS_PSK_EXTERNAL,
			.id = TEXT("psk"),
			.nonce = BYTES(hash) };
	return (struct mls_psk_id){ .type = MLS_PSK_RESUMPTION,
		.usage = MLS_PSK_USAGE_BRANCH,
		.group_id = TEXT("group"),
		.epoch = UINT64_MAX,
		.nonce = BYTES(hash) };
}

struct mls_proposal codec_sample_proposal(unsigned int variant)
{
	struct mls_proposal p = { .type = (uint16_t)(variant + 1) };

	switch (p.type) {
	case MLS_PROPOSAL_ADD:
		p.add = sample_key_package();
		break;
	case MLS_PROPOSAL_UPDATE:
		p.update = codec_sample_leaf(1);
		break;
	case MLS_PROPOSAL_REMOVE:
		p.remove = 7;
		break;
	case MLS_PROPOSAL_PSK:
		p.psk = sample_psk_id(0);
		break;
	case MLS_PROPOSAL_REINIT:
		p.reinit = (struct mls_reinit){ .group_id = TEXT("next"),
			.version = 1,
			.suite = 7,
			.extensions = BYTES(exts) };
		break;
	case MLS_PROPOSAL_EXTERNAL_INIT:
		p.external_init = (struct kk_view)BYTES(key);
		break;
	case MLS_PROPOSAL_GROUP_CONTEXT_EXTENSIONS:
		p.extensions = (struct kk_view)BYTES(exts);
		break;
	default:
		p.type = MLS_PROPOSAL_PSK;
		p.psk = sample_psk_id(1);
	}
	return p;
}

static const struct mls_hpke_ciphertext sample_ciphertext = { BYTES(key),
	BYTES(hash) };

static void ciphertexts_write(struct kk_writer *w)
{
	mls_hpke_ciphertext_write(w, &sample_ciphertext);
	mls_hpke_ciphertext_write(w, &sample_ciphertext);
}

static void path_node_sample(struct kk_writer *w, unsigned int variant)
{
	struct mls_path_node n = { .encryption_key = BYTES(key) };
	struct kk_writer inner;

	kk_writer_init(&inner);
	if (variant == 0)
		ciphertexts_write(&inner);
	n.ciphertexts = kk_writer_view(&inner);
	mls_path_node_write(w, &n);
	kk_writer_clear(&inner);
}

static void update_path_sample(struct kk_writer *w, unsigned int variant)
{
	struct mls_update_path p = { .leaf = codec_sample_leaf(2) };
	struct kk_writer inner;

	kk_writer_init(&inner);
	for (unsigned int i = 0; i < 2 * variant; i++)
		path_node_sample(&inner, i % 2);
	p.nodes = kk_writer_view(&inner);
	mls_update_path_write(w, &p);
	kk_writer_clear(&inner);
}

static void proposal_or_ref_sample(struct kk_writer *w, unsigned int variant)
{
	struct mls_proposal_or_ref p = { .is_ref = true, .ref = BYTES(hash) };

	if (variant > 0)
		p = (struct mls_proposal_or_ref){
			.proposal = codec_sample_proposal(variant - 1)
		};
	mls_proposal_or_ref_write(w, &p);
}

/* Writes a commit by hand, since its fields are views of what is inside. */
static void commit_sample(struct kk_writer *w, unsigned int variant)
{
	size_t at = kk_write_vec_begin(w);

	for (unsigned int i = 0; variant > 0 && i <= CODEC_PROPOSALS; i++)
		proposal_or_ref_sample(w, i);
	kk_write_vec_end(w, at);
	kk_write_u8(w, variant > 1);
	if (variant > 1)
		update_path_sample(w, variant - 1);
}

static struct mls_context sample_context(void)
{
	return (struct mls_context){ .version = MLS_VERSION_10,
		.suite = 2,
		.group_id = TEXT("group"),
		.epoch = 1ull << 40,
		.tree_hash = BYTES(hash),
		.confirmed_hash = BYTES(hash),
		.extensions = BYTES(exts) };
}

enum { CONTENTS = 7 };

/* Variants: application, proposals of three kinds of sender, commits. */
static void content_write(struct kk_writer *w, unsigned int variant)
{
	static const struct mls_sender senders[CONTENTS] = {
		{ MLS_SENDER_MEMBER, 3 }, { MLS_SENDER_MEMBER, 0 },
		{ MLS_SENDER_EXTERNAL, 1 },
		{ MLS_SENDER_NEW_MEMBER_PROPOSAL, 0 }, { MLS_SENDER_MEMBER, 9 },
		{ MLS_SENDER_NEW_MEMBER_COMMIT, 0 }, { MLS_SENDER_MEMBER, 1 }
	};
	struct mls_content c = { .group_id = TEXT("group"),
		.epoch = 5,
		.sender = senders[variant],
		.authenticated_data = TEXT("aad") };
	struct kk_writer inner;
	struct kk_reader r;

	kk_writer_init(&inner);
	if (variant == 0) {
		c.type = MLS_CONTENT_APPLICATION;
		c.application = (struct kk_view)TEXT("hello");
	} else if (variant < 4) {
		c.type = MLS_CONTENT_PROPOSAL;
		c.proposal = codec_sample_proposal(variant == 3 ? 0 : variant);
	} else {
		c.type = MLS_CONTENT_COMMIT;
		commit_sample(&inner, variant - 4);
		kk_reader_init(&r, kk_writer_view(&inner));
		mls_commit_read(&r, &c.commit);
	}
	mls_content_write(w, &c);
	kk_writer_clear(&inner);
}

static uint8_t content_type_of(unsigned int variant)
{
	if (variant == 0)
		return MLS_CONTENT_APPLICATION;
	return variant < 4 ? MLS_CONTENT_PROPOSAL : MLS_CONTENT_COMMIT;
}

static const struct mls_auth sample_auth = { BYTES(signature), BYTES(hash) };

static void auth_content_sample(struct kk_writer *w, unsigned int variant)
{
	kk_write_u16(w, MLS_PRIVATE_MESSAGE);
	content_write(w, variant);
	mls_auth_write(w, content_type_of(variant), &sample_auth);
}

static void public_message_sample(struct kk_writer *w, unsigned int variant)
{
	content_write(w, variant);
	mls_auth_write(w, content_type_of(variant), &sample_auth);
	if (variant != 2 && variant != 3 && variant != 5)
		kk_write_vec(w, (struct kk_view)BYTES(hash));
}

static void private_message_sample(struct kk_writer *w, unsigned int variant)
{
	const struct mls_private_message m = { .group_id = TEXT("group"),
		.epoch = 5,
		.type = (uint8_t)(variant + 1),
		.authenticated_data = TEXT("aad"),
		.sender_data = BYTES(key),
		.ciphertext = BYTES(signature) };

	mls_private_message_write(w, &m);
}

static void group_info_sample(struct kk_writer *w, unsigned int variant)
{
	struct mls_group_info g = { .context = sample_context(),
		.extensions = BYTES(exts),
		.confirmation_tag = BYTES(hash),
		.signer = 2,
		.signature = BYTES(signature) };

	(void)variant;
	mls_group_info_write(w, &g);
}

static void group_secrets_sample(struct kk_writer *w, unsigned int variant)
{
	struct mls_group_secrets g = { .joiner_secret = BYTES(hash),
		.has_path_secret = variant > 0,
		.path_secret = BYTES(hash) };
	struct mls_psk_id ids[] = { sample_psk_id(0), sample_psk_id(1) };
	struct kk_writer inner;

	kk_writer_init(&inner);
	for (unsigned int i = 0; i < variant; i++)
		mls_psk_id_write(&inner, &ids[i]);
	g.psks = kk_writer_view(&inner);
	mls_group_secrets_write(w, &g);
	kk_writer_clear(&inner);
}

static void welcome_secret_sample(struct kk_writer *w, unsigned int variant)
{
	const struct mls_welcome_secret s = { BYTES(hash), sample_ciphertext };

	(void)variant;
	mls_welcome_secret_write(w, &s);
}

static void welcome_sample(struct kk_writer *w, unsigned int variant)
{
	struct mls_welcome m = { .suite = 2, .group_info = BYTES(signature) };
	struct kk_writer inner;

	kk_writer_init(&inner);
	for (unsigned int i = 0; i < variant; i++)
		welcome_secret_sample(&inner, 0);
	m.secrets = kk_writer_view(&inner);
	mls_welcome_write(w, &m);
	kk_writer_clear(&inner);
}

static void leaf_sample(struct kk_writer *w, unsigned int variant)
{
	const struct mls_leaf_fields f = codec_sample_leaf(variant);

	mls_leaf_write(w, &f);
}

static void key_package_sample(struct kk_writer *w, unsigned int variant)
{
	const struct mls_key_package_fields kp = sample_key_package();

	(void)variant;
	mls_key_package_write(w, &kp);
}

static void psk_id_sample(struct kk_writer *w, unsigned int variant)
{
	const struct mls_psk_id id = sample_psk_id(variant);

	mls_psk_id_write(w, &id);
}

static void proposal_sample(struct kk_writer *w, unsigned int variant)
{
	const struct mls_proposal p = codec_sample_proposal(variant);

	mls_proposal_write(w, &p);
}

static void hpke_ciphertext_sample(struct kk_writer *w, unsigned int variant)
{
	(void)variant;
	mls_hpke_ciphertext_write(w, &sample_ciphertext);
}

static void context_sample(struct kk_writer *w, unsigned int variant)
{
	const struct mls_context c = sample_context();

	(void)variant;
	mls_context_write(w, &c);
}

/* Whole messages: public ones, private ones, then the other three. */
enum { MESSAGES = CONTENTS + 3 + 3 };

static void message_sample(struct kk_writer *w, unsigned int variant)
{
	if (variant < CONTENTS) {
		mls_message_write_header(w, MLS_PUBLIC_MESSAGE);
		public_message_sample(w, variant);
	} else if (variant < CONTENTS + 3) {
		mls_message_write_header(w, MLS_PRIVATE_MESSAGE);
		private_message_sample(w, variant - CONTENTS);
	} else if (variant == CONTENTS + 3) {
		mls_message_write_header(w, MLS_WELCOME);
		welcome_sample(w, 2);
	} else if (variant == CONTENTS + 4) {
		mls_message_write_header(w, MLS_GROUP_INFO);
		group_info_sample(w, 0);
	} else {
		mls_message_write_header(w, MLS_KEY_PACKAGE);
		key_package_sample(w, 0);
	}
}

static void message_rewrite(struct kk_reader *r, struct kk_writer *w)
{
	struct mls_message m;
	enum kk_err err = mls_message_parse(&m, kk_read_raw(r, r->left_bytes));

	if (err)
		kk_reader_fail(r, err);
	else
		mls_message_write(w, &m);
}

/* A reader and a writer of the same struct, one after the other. */
#define REWRITE(kind, type)                                                  \
	static void kind##_rewrite(struct kk_reader *r, struct kk_writer *w) \
	{                                                                    \
		struct type v;                                               \
                                                                             \
		mls_##kind##_read(r, &v);                                    \
		if (!r->err)                                                 \
			mls_##kind##_write(w, &v);                           \
	}

REWRITE(leaf, mls_leaf_fields)
REWRITE(key_package, mls_key_package_fields)
REWRITE(psk_id, mls_psk_id)
REWRITE(proposal, mls_proposal)
REWRITE(proposal_or_ref, mls_proposal_or_ref)
REWRITE(hpke_ciphertext, mls_hpke_ciphertext)
REWRITE(path_node, mls_path_node)
REWRITE(update_path, mls_update_path)
REWRITE(commit, mls_commit)
REWRITE(context, mls_context)
REWRITE(content, mls_content)
REWRITE(auth_content, mls_auth_content)
REWRITE(public_message, mls_public_message)
REWRITE(private_message, mls_private_message)
REWRITE(group_info, mls_group_info)
REWRITE(group_secrets, mls_group_secrets)
REWRITE(welcome_secret, mls_welcome_secret)
REWRITE(welcome, mls_welcome)

const struct codec_kind *codec_kinds(size_t *count)
{
	static const struct codec_kind kinds[] = {
		{ "leaf", CODEC_LEAVES, leaf_sample, leaf_rewrite },
		{ "key package", 1, key_package_sample, key_package_rewrite },
		{ "psk id", 2, psk_id_sample, psk_id_rewrite },
		{ "proposal", CODEC_PROPOSALS, proposal_sample,
		    proposal_rewrite },
		{ "proposal or ref", CODEC_PROPOSALS + 1,
		    proposal_or_ref_sample, proposal_or_ref_rewrite },
		{ "hpke ciphertext", 1, hpke_ciphertext_sample,
		    hpke_ciphertext_rewrite },
		{ "path node", 2, path_node_sample, path_node_rewrite },
		{ "update path", 2, update_path_sample, update_path_rewrite },
		{ "commit", 3, commit_sample, commit_rewrite },
		{ "context", 1, context_sample, context_rewrite },
		{ "content", CONTENTS, content_write, content_rewrite },
		{ "auth content", CONTENTS, auth_content_sample,
		    auth_content_rewrite },
		{ "public message", CONTENTS, public_message_sample,
		    public_message_rewrite },
		{ "private message", 3, private_message_sample,
		    private_message_rewrite },
		{ "group info", 1, group_info_sample, group_info_rewrite },
		{ "group secrets", 3, group_secrets_sample,
		    group_secrets_rewrite },
		{ "welcome secret", 1, welcome_secret_sample,
		    welcome_secret_rewrite },
		{ "welcome", 3, welcome_sample, welcome_rewrite },
		{ "message", MESSAGES, message_sample, message_rewrite },
	};

	*count = KK_ARRAY_LEN(kinds);
	return kinds;
}
