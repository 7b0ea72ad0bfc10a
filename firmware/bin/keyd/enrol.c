/* enrol.c - a certificate for the box's key: asked for, and taken in. */
#define _GNU_SOURCE /* memmem(), O_DIRECTORY */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "keyd.h"

static bool all_write(struct kk_view text)
{
	while (text.bytes > 0) {
		ssize_t n = write(STDOUT_FILENO, text.data, text.bytes);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		text = kk_view_of(text.data + n, text.bytes - (size_t)n);
	}
	return true;
}

enum kk_err keyd_enrol_request(struct keyd *k)
{
	struct keyd_identity *who = keyd_identity_get(k, k->options.suite);
	struct mls_leaf_fields leaf = {
		.credential = { .type = MLS_CREDENTIAL_BASIC,
		    .identity = kk_view_text(k->options.name) }
	};
	struct keyd_member m;
	struct kk_bytes pem = { 0 };
	enum kk_err err = who ? KK_OK : KK_EUNSUP;

	if (!err) {
		leaf.signature_key = crypto_key_public(who->key);
		err = keyd_member_look(k, &leaf, NULL, &m);
	}
	if (!err)
		err = crypto_x509_request(who->key, k->options.name, &pem);
	if (!err && !all_write(kk_bytes_view(&pem)))
		err = KK_EIO;
	kk_bytes_clear(&pem);
	if (err)
		kk_log(&k->log, KK_LOG_ERROR, "no request suite=%u err=%s (%s)",
		    k->options.suite, kk_err_name(err), kk_err_text(err));
	else
		kk_log(&k->log, KK_LOG_INFO, "request made suite=%u key=%s",
		    k->options.suite, m.fingerprint);
	return err;
}

/* Only for the right word in the log: the chain's check decides. */
static bool chain_names(const struct kk_bytes *chain,
    const struct keyd_identity *who)
{
	struct kk_view key = crypto_key_public(who->key);

	return memmem(chain->data, chain->bytes, key.data, key.bytes) != NULL;
}

static enum kk_err chain_write(struct keyd *k, const struct keyd_identity *who,
    struct kk_view pem)
{
	int folder = open(k->options.state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum kk_err err = KK_EIO;

	if (folder < 0)
		return err;
	err = program_file_write(folder, keyd_identity_file(who), pem);
	(void)close(folder);
	return err;
}

/* The identity takes chain over, for its check. */
static enum kk_err chain_install(struct keyd *k, struct kk_view pem,
    struct kk_bytes *chain)
{
	struct keyd_identity *who = NULL;
	enum kk_err err;

	for (int i = 0; !who && i < KEYD_IDENTITIES; i++)
		if (k->who[i].client && chain_names(chain, &k->who[i]))
			who = &k->who[i];
	if (!who) {
		kk_log(&k->log, KK_LOG_ERROR,
		    "the certificate is for another key than this box's");
		return KK_EUNTRUSTED;
	}
	kk_bytes_clear(&who->chain);
	who->chain = kk_bytes_take(chain);
	err = keyd_identity_check(k, who);
	if (!err)
		err = chain_write(k, who, pem);
	if (!err)
		kk_log(&k->log, KK_LOG_INFO,
		    "chain installed suite=%u; start keyd again",
		    who->suite->id);
	return err;
}

enum kk_err keyd_enrol_install(struct keyd *k)
{
	struct kk_bytes pem, chain = { 0 };
	enum kk_err err;

	err = program_file_read(k->options.install, CRYPTO_X509_PEM_MAX_BYTES,
	    &pem);
	if (!err)
		err = keyd_pem_certs(kk_bytes_view(&pem), &chain);
	if (!err)
		err = chain_install(k, kk_bytes_view(&pem), &chain);
	kk_bytes_clear(&chain);
	kk_bytes_clear(&pem);
	if (err)
		kk_log(&k->log, KK_LOG_ERROR,
		    "chain not installed, the old one stays err=%s (%s)",
		    kk_err_name(err), kk_err_text(err));
	return err;
}
