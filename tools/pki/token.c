/* token.c - the CA's key in a PKCS#11 token, under the label konklave-ca. */
#include <string.h>

#include "drivers/keystore/keystore.h"
#include "tools/pki/pki.h"

#ifdef KK_KEYSTORE_PKCS11
enum { URI_MAX_BYTES = 2048 };

#define LABEL "konklave-ca"

static enum kk_err token_fail(struct pki *p, enum kk_err err, const char *uri)
{
	switch (err) {
	case KK_OK:
		return KK_OK;
	case KK_ENOENT:
		return pki_fail(p, PKI_NO_KEY, PKI_BAD_TOKEN_GONE, uri, NULL);
	case KK_EAUTH:
		return pki_fail(p, PKI_NO_KEY, PKI_BAD_PIN, NULL, NULL);
	case KK_EDENIED:
		return pki_fail(p, PKI_NO_KEY, PKI_BAD_PIN_LOCKED, NULL, NULL);
	case KK_EINVAL: /* a PIN may stand in it */
		return pki_fail(p, PKI_NO_KEY, PKI_BAD_TOKEN, "--token",
		    kk_err_text(err));
	default:
		return pki_fail(p, PKI_NO_KEY, PKI_BAD_TOKEN, uri,
		    kk_err_text(err));
	}
}

static enum kk_err token_open(struct pki *p, const char *uri,
    struct keystore **store)
{
	struct kk_bytes pin;
	enum kk_err err = pki_ask_secret(p, p->o.pin, PKI_ASK_PIN, false, &pin);

	if (err)
		return err;
	err = keystore_pkcs11_open(store, uri, kk_bytes_view(&pin));
	kk_bytes_clear(&pin);
	return token_fail(p, err, uri);
}

/* A key of that label that is there already is taken: an init that was killed
 * has left it, or the site made it with its token's own tool. */
enum kk_err pki_token_make(struct pki *p)
{
	struct keystore_type type = keystore_type_sig(CRYPTO_ECDSA_P384_SHA384);
	struct keystore_type found = type;
	char line[URI_MAX_BYTES];
	struct keystore *store = NULL;
	enum kk_err err;

	if (strlen(p->o.token) > URI_MAX_BYTES - 2)
		return token_fail(p, KK_ELIMIT, "--token");
	err = token_open(p, p->o.token, &store);
	if (err)
		return err;
	err = keystore_find(store, LABEL, &found, &p->key);
	if (err == KK_ENOENT)
		err = keystore_generate(store, LABEL, type, KEYSTORE_NEW,
		    &p->key);
	else if (!err && found.id != type.id)
		err = KK_EUNSUP;
	keystore_free(store); /* the handle keeps the token open */
	err = token_fail(p, err, p->o.token);
	(void)snprintf(line, sizeof(line), "%s\n", p->o.token);
	return err ? err :
		     pki_folder_write(p, PKI_TOKEN_FILE, kk_view_text(line));
}

enum kk_err pki_token_load(struct pki *p)
{
	char uri[URI_MAX_BYTES] = "";
	struct keystore *store = NULL;
	struct kk_bytes text;
	enum kk_err err = pki_folder_read(p, PKI_TOKEN_FILE, &text);

	if (err)
		return err;
	if (text.bytes < sizeof(uri) && text.bytes > 0)
		memcpy(uri, text.data, text.bytes);
	kk_bytes_clear(&text);
	uri[strcspn(uri, "\n")] = '\0';
	/* --token: the token's module is elsewhere on this PC. */
	err = token_open(p, p->o.token ? p->o.token : uri, &store);
	if (err)
		return err;
	err = keystore_find(store, LABEL, NULL, &p->key);
	keystore_free(store);
	return token_fail(p, err, uri);
}
#else
enum kk_err pki_token_make(struct pki *p)
{
	return pki_fail(p, PKI_NO_KEY, PKI_BAD_TOKEN_BUILD, NULL, NULL);
}

enum kk_err pki_token_load(struct pki *p)
{
	return pki_fail(p, PKI_NO_KEY, PKI_BAD_TOKEN_BUILD, NULL, NULL);
}
#endif
