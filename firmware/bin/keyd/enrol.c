/* enrol.c - a certificate for the box's key: asked for, and taken in. */
#define _GNU_SOURCE /* memmem() */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
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

enum kk_err keyd_enrol_ask(struct keyd *k, uint64_t suite, struct kk_bytes *pem,
    char fingerprint[KEYD_FINGERPRINT_BYTES])
{
	struct keyd_identity *who = keyd_identity_get(k, suite);
	struct keyd_member m;
	enum kk_err err;

	*pem = (struct kk_bytes){ 0 };
	fingerprint[0] = '\0';
	if (!who)
		return KK_EUNSUP;
	err = keyd_identity_look(k, who, &m);
	if (!err)
		err = crypto_x509_request(who->key, k->options.name, pem);
	if (!err)
		kk_text_blocks(m.fingerprint, fingerprint,
		    KEYD_FINGERPRINT_BYTES);
	return err;
}

enum kk_err keyd_enrol_request(struct keyd *k)
{
	char fingerprint[KEYD_FINGERPRINT_BYTES];
	struct kk_bytes pem;
	enum kk_err err = keyd_enrol_ask(k, k->options.suite, &pem,
	    fingerprint);

	if (!err && !all_write(kk_bytes_view(&pem)))
		err = KK_EIO;
	kk_bytes_clear(&pem);
	if (err)
		kk_log(&k->log, KK_LOG_ERROR, "no request suite=%u err=%s (%s)",
		    k->options.suite, kk_err_name(err), kk_err_text(err));
	else
		kk_log(&k->log, KK_LOG_INFO,
		    "request made suite=%u; its key, to be compared: %s",
		    k->options.suite, fingerprint);
	return err;
}

/* Only for the right word in the log: the chain's check decides. */
static bool chain_names(const struct kk_bytes *chain,
    const struct keyd_identity *who)
{
	struct kk_view key = crypto_key_public(who->key);

	return memmem(chain->data, chain->bytes, key.data, key.bytes) != NULL;
}

/* Whose key it is for.  Errors: KK_EUNTRUSTED nobody's, KK_ESTATE, those of
 * keyd_pem_certs(). */
static enum kk_err chain_read(struct keyd *k, struct kk_view pem,
    struct kk_bytes *chain, struct keyd_identity **whop)
{
	enum kk_err err;

	*chain = (struct kk_bytes){ 0 };
	if (k->options.chain)
		return KK_ESTATE;
	err = keyd_pem_certs(pem, chain);
	if (err)
		return err;
	for (int i = 0; i < KEYD_IDENTITIES; i++) {
		if (!k->who[i].client || !chain_names(chain, &k->who[i]))
			continue;
		*whop = &k->who[i];
		return KK_OK;
	}
	kk_bytes_clear(chain);
	kk_log(&k->log, KK_LOG_ERROR,
	    "the certificate is for another key than this box's");
	return KK_EUNTRUSTED;
}

enum kk_err keyd_enrol_look(struct keyd *k, struct kk_view pem,
    const struct keyd_identity **whose, struct keyd_member *m)
{
	struct keyd_identity *who = NULL, next;
	struct kk_bytes chain;
	enum kk_err err = chain_read(k, pem, &chain, &who);

	if (err)
		return err;
	next = *who;
	next.chain = chain;
	err = keyd_identity_check(k, &next, m);
	kk_bytes_clear(&chain);
	*whose = who;
	return err;
}

enum kk_err keyd_enrol_take(struct keyd *k, struct kk_view pem, bool rejoins,
    const struct keyd_identity **whose)
{
	struct keyd_identity *who = NULL;
	struct kk_bytes chain = { 0 };
	enum kk_err err = KK_ESTATE;

	if (!k->meetings || rejoins)
		err = chain_read(k, pem, &chain, &who);
	if (!err)
		err = keyd_identity_change(k, who, &chain, pem);
	kk_bytes_clear(&chain);
	if (err) {
		kk_log(&k->log, KK_LOG_ERROR,
		    "chain not installed, the old one stays err=%s (%s)",
		    kk_err_name(err), kk_err_text(err));
		return err;
	}
	*whose = who;
	kk_log(&k->log, KK_LOG_INFO, "chain installed suite=%u",
	    who->suite->id);
	keyd_identity_warn(k);
	return KK_OK;
}

enum kk_err keyd_enrol_install(struct keyd *k)
{
	const struct keyd_identity *whose;
	struct kk_bytes pem;
	enum kk_err err = program_file_read(k->options.install,
	    KEYD_CHAIN_MAX_BYTES, &pem);

	if (err)
		kk_log(&k->log, KK_LOG_ERROR, "--install: err=%s (%s)",
		    kk_err_name(err), kk_err_text(err));
	else
		err = keyd_enrol_take(k, kk_bytes_view(&pem), false, &whose);
	kk_bytes_clear(&pem);
	return err;
}
