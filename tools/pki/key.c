/* key.c - the CA's key: in a file under a passphrase, or in a token. */
#define _GNU_SOURCE /* faccessat() */
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <string.h>
#include <unistd.h>

#include "tools/pki/pki.h"

#define KEY_FILE "ca.key"

EVP_PKEY *pki_key_public(const struct crypto_key *key)
{
	struct kk_view point = crypto_key_public(key);
	char group[] = "P-384";
	OSSL_PARAM params[] = { OSSL_PARAM_construct_utf8_string(
				    OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
		OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY,
		    (void *)point.data, point.bytes),
		OSSL_PARAM_construct_end() };
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	EVP_PKEY *pkey = NULL;

	if (ctx && EVP_PKEY_fromdata_init(ctx) == 1)
		(void)EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY,
		    params);
	EVP_PKEY_CTX_free(ctx);
	ERR_clear_error();
	return pkey;
}

static enum kk_err file_make(struct pki *p)
{
	struct kk_bytes passphrase, pem = { 0 };
	enum kk_err err = pki_ask_secret(p, p->o.passphrase, PKI_ASK_NEW, true,
	    &passphrase);

	if (err)
		return err;
	if (passphrase.bytes < PKI_PASSPHRASE_MIN) {
		err = pki_fail(p, PKI_NO_KEY, PKI_BAD_SHORT, "12", NULL);
	} else {
		err = pki_pkcs8_make(kk_bytes_view(&passphrase), &pem, &p->key);
		if (err)
			err = pki_fail(p, PKI_FAILED, PKI_BAD_KEY_FILE,
			    KEY_FILE, kk_err_text(err));
	}
	kk_bytes_clear(&passphrase);
	if (!err)
		err = pki_folder_write(p, KEY_FILE, kk_bytes_view(&pem));
	kk_bytes_clear(&pem);
	return err;
}

static enum kk_err file_load(struct pki *p)
{
	struct kk_bytes pem, passphrase = { 0 };
	enum kk_err err = pki_folder_read(p, KEY_FILE, &pem);

	if (!err)
		err = pki_ask_secret(p, p->o.passphrase, PKI_ASK_PASSPHRASE,
		    false, &passphrase);
	if (!err) {
		err = pki_pkcs8_read(kk_bytes_view(&pem),
		    kk_bytes_view(&passphrase), &p->key);
		if (err == KK_EAUTH)
			err = pki_fail(p, PKI_NO_KEY, PKI_BAD_PASSPHRASE, NULL,
			    NULL);
		else if (err)
			err = pki_fail(p, PKI_FAILED, PKI_BAD_KEY_FILE,
			    KEY_FILE, kk_err_text(err));
	}
	kk_bytes_clear(&passphrase);
	kk_bytes_clear(&pem);
	return err;
}

enum kk_err pki_key_make(struct pki *p)
{
	return p->o.token ? pki_token_make(p) : file_make(p);
}

/* It must be the key that the CA's certificate is about. */
static enum kk_err key_check(struct pki *p)
{
	EVP_PKEY *public = pki_key_public(p->key);
	bool is_ours = public &&
	    EVP_PKEY_eq(public, X509_get0_pubkey(p->ca)) == 1;

	EVP_PKEY_free(public);
	ERR_clear_error();
	return is_ours ? KK_OK :
			 pki_fail(p, PKI_NO_KEY, PKI_BAD_KEY_OTHER, NULL, NULL);
}

enum kk_err pki_key_load(struct pki *p)
{
	bool is_token = !faccessat(p->folder, PKI_TOKEN_FILE, F_OK, 0);
	enum kk_err err;

	if (p->key)
		return KK_OK;
	err = is_token ? pki_token_load(p) : file_load(p);
	return err ? err : key_check(p);
}
