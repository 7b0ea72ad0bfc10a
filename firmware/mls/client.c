/* client.c - a client's own settings and its key packages. */
#include "mls/group.h"

static void limits_default(struct mls_limits *l)
{
	if (l->members == 0)
		l->members = MLS_MEMBERS_DEFAULT;
	if (l->message_bytes == 0)
		l->message_bytes = MLS_MESSAGE_BYTES_DEFAULT;
	if (l->forward == 0)
		l->forward = MLS_FORWARD_DEFAULT;
	if (l->proposals == 0)
		l->proposals = MLS_PROPOSALS_DEFAULT;
	if (l->past_epochs == 0)
		l->past_epochs = MLS_PAST_EPOCHS_DEFAULT;
	if (l->resumption == 0)
		l->resumption = MLS_RESUMPTION_DEFAULT;
}

/* Writes all that must be copied in one run, to be read back as views. */
static void texts_write(struct kk_writer *w,
    const struct mls_client_config *config)
{
	mls_credential_write(w, &config->credential);
	kk_write_vec(w, config->leaf_extensions);
	kk_write_u8(w, 2); /* versions: one number */
	kk_write_u16(w, MLS_VERSION_10);
	kk_write_u8(w, 2);
	kk_write_u16(w, config->suite->id);
	kk_write_vec(w, config->extensions.raw);
	kk_write_vec(w, config->proposals.raw);
	kk_write_u8(w, 4); /* credentials: both */
	kk_write_u16(w, MLS_CREDENTIAL_BASIC);
	kk_write_u16(w, MLS_CREDENTIAL_X509);
}

static enum kk_err texts_read(struct mls_client *client)
{
	struct mls_capabilities *c = &client->capabilities;
	struct kk_reader r;

	kk_reader_init(&r, kk_bytes_view(&client->texts));
	mls_credential_read(&r, &client->config.credential);
	client->config.leaf_extensions = mls_ext_list_read(&r);
	c->versions = mls_u16_list_read(&r);
	c->suites = mls_u16_list_read(&r);
	c->extensions = mls_u16_list_read(&r);
	c->proposals = mls_u16_list_read(&r);
	c->credentials = mls_u16_list_read(&r);
	client->config.extensions = c->extensions;
	client->config.proposals = c->proposals;
	return kk_reader_end(&r);
}

static enum kk_err config_check(const struct mls_client_config *config)
{
	if (!config->suite || !config->signer)
		return KK_EINVAL;
	if (config->limits.members > MLS_LEAVES_MAX)
		return KK_EINVAL;
	if (crypto_key_public(config->signer).bytes == 0)
		return KK_EINVAL;
	return KK_OK;
}

enum kk_err mls_client_new(struct mls_client **clientp,
    const struct mls_client_config *config)
{
	struct mls_client *client;
	struct kk_writer w;
	enum kk_err err = config_check(config);

	if (err)
		return err;
	client = kk_calloc(1, sizeof(*client));
	if (!client)
		return KK_ENOMEM;
	client->config = *config;
	limits_default(&client->config.limits);
	if (client->config.lifetime_s == 0)
		client->config.lifetime_s = MLS_LIFETIME_DEFAULT_S;
	kk_writer_init(&w);
	texts_write(&w, config);
	err = kk_writer_take(&w, &client->texts);
	if (!err)
		err = texts_read(client);
	if (err) {
		mls_client_free(client);
		return err;
	}
	*clientp = client;
	return KK_OK;
}

void mls_client_free(struct mls_client *client)
{
	if (!client)
		return;
	kk_bytes_clear(&client->texts);
	kk_free(client);
}

void mls_client_leaf(const struct mls_client *client, struct mls_leaf_fields *f)
{
	*f = (struct mls_leaf_fields){
		.signature_key = crypto_key_public(client->config.signer),
		.credential = client->config.credential,
		.capabilities = client->capabilities,
		.extensions = client->config.leaf_extensions,
	};
}

void mls_key_package_free(struct mls_key_package *kp)
{
	if (!kp)
		return;
	kk_bytes_clear(&kp->message);
	crypto_key_free(kp->init_key);
	mls_private_unref(kp->leaf_key);
	kk_free_wiped(kp, sizeof(*kp));
}

struct kk_view mls_key_package_message(const struct mls_key_package *kp)
{
	return kk_bytes_view(&kp->message);
}

/* Reads the fields back from the message, and names it. */
static enum kk_err key_package_parse(struct mls_key_package *kp,
    const struct mls_client *client)
{
	const struct crypto_suite *suite = client->config.suite;
	struct mls_message m;
	enum kk_err err;

	err = mls_message_parse(&m, kk_bytes_view(&kp->message));
	if (err)
		return err;
	if (m.wire_format != MLS_KEY_PACKAGE ||
	    m.key_package.suite != suite->id)
		return KK_EINVAL;
	kp->f = m.key_package;
	return mls_key_package_ref(suite, kp->f.raw, &kp->ref);
}

static void lifetime_set(const struct mls_client *client, int64_t now_s,
    struct mls_leaf_fields *f)
{
	if (now_s <= MLS_CLOCK_SKEW_S) { /* no clock: for ever */
		f->not_before_s = 0;
		f->not_after_s = UINT64_MAX;
		return;
	}
	f->not_before_s = (uint64_t)now_s - MLS_CLOCK_SKEW_S;
	f->not_after_s = (uint64_t)now_s + client->config.lifetime_s;
}

static enum kk_err key_package_write(struct mls_key_package *kp,
    const struct mls_client *client, const struct mls_leaf *leaf)
{
	struct mls_key_package_fields f = {
		.version = MLS_VERSION_10,
		.suite = client->config.suite->id,
		.init_key = crypto_key_public(kp->init_key),
		.leaf = leaf->f,
	};
	struct kk_bytes signature = { 0 };
	struct kk_writer w;
	enum kk_err err;

	kk_writer_init(&w);
	mls_key_package_write_unsigned(&w, &f);
	err = w.err;
	if (!err)
		err = crypto_sign_with_label(client->config.signer,
		    "KeyPackageTBS", kk_writer_view(&w), &signature);
	kk_writer_clear(&w);
	if (err)
		return err;
	f.signature = kk_bytes_view(&signature);
	mls_message_write_header(&w, MLS_KEY_PACKAGE);
	mls_key_package_write(&w, &f);
	err = kk_writer_take(&w, &kp->message);
	kk_bytes_clear(&signature);
	return err;
}

/* Both key pairs of a key package; leaf_key comes to be shared with a tree. */
static enum kk_err key_package_keys(struct mls_key_package *kp,
    struct crypto_key *init_key, struct crypto_key *leaf_key)
{
	kp->init_key = init_key;
	return mls_private_new(&kp->leaf_key, leaf_key);
}

static enum kk_err key_package_make(struct mls_key_package *kp,
    const struct mls_client *client, int64_t now_s)
{
	enum crypto_kem kem = client->config.suite->kem;
	struct crypto_key *init_key = NULL, *leaf_key = NULL;
	struct mls_leaf_fields f;
	struct mls_leaf *leaf;
	enum kk_err err;

	err = crypto_kem_key_generate(&init_key, kem);
	if (!err)
		err = crypto_kem_key_generate(&leaf_key, kem);
	if (err) {
		crypto_key_free(init_key);
		return err;
	}
	err = key_package_keys(kp, init_key, leaf_key);
	if (err)
		return err;
	mls_client_leaf(client, &f);
	f.source = MLS_LEAF_KEY_PACKAGE;
	f.encryption_key = crypto_key_public(kp->leaf_key->key);
	lifetime_set(client, now_s, &f);
	err = mls_leaf_sign(&leaf, &f, (struct kk_view){ 0 }, 0,
	    client->config.signer);
	if (err)
		return err;
	err = key_package_write(kp, client, leaf);
	mls_leaf_unref(leaf);
	return err ? err : key_package_parse(kp, client);
}

enum kk_err mls_key_package_new(struct mls_key_package **kpp,
    const struct mls_client *client, int64_t now_s)
{
	struct mls_key_package *kp = kk_calloc(1, sizeof(*kp));
	enum kk_err err;

	if (!kp)
		return KK_ENOMEM;
	err = key_package_make(kp, client, now_s);
	if (err) {
		mls_key_package_free(kp);
		return err;
	}
	*kpp = kp;
	return KK_OK;
}

static enum kk_err key_package_fill(struct mls_key_package *kp,
    const struct mls_client *client, struct kk_view message,
    struct kk_view init_private, struct kk_view leaf_private)
{
	enum crypto_kem kem = client->config.suite->kem;
	struct crypto_key *init_key = NULL, *leaf_key = NULL;
	enum kk_err err = kk_bytes_copy(&kp->message, message);

	if (!err)
		err = key_package_parse(kp, client);
	if (!err)
		err = crypto_kem_key_import(&init_key, kem, init_private);
	if (!err)
		err = crypto_kem_key_import(&leaf_key, kem, leaf_private);
	if (err) {
		crypto_key_free(init_key);
		return err;
	}
	err = key_package_keys(kp, init_key, leaf_key);
	if (err)
		return err;
	if (!kk_view_equal(crypto_key_public(kp->init_key), kp->f.init_key) ||
	    !kk_view_equal(crypto_key_public(kp->leaf_key->key),
		kp->f.leaf.encryption_key) ||
	    !kk_view_equal(crypto_key_public(client->config.signer),
		kp->f.leaf.signature_key))
		return KK_EINVAL;
	return KK_OK;
}

enum kk_err mls_key_package_import(struct mls_key_package **kpp,
    const struct mls_client *client, struct kk_view message,
    struct kk_view init_private, struct kk_view leaf_private)
{
	struct mls_key_package *kp = kk_calloc(1, sizeof(*kp));
	enum kk_err err;

	if (!kp)
		return KK_ENOMEM;
	err = key_package_fill(kp, client, message, init_private, leaf_private);
	if (err) {
		mls_key_package_free(kp);
		return err;
	}
	*kpp = kp;
	return KK_OK;
}
