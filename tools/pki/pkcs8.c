/*
 * pkcs8.c - the CA's key in a file: PKCS#8, sealed with AES-256 under a key
 * that scrypt makes of the passphrase (RFC 5958; RFC 7914, 7).
 */
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>
#include <string.h>

#include "tools/pki/pki.h"

/* 16 MiB, five times over: what OpenSSL still reads without being told to take
 * more memory. */
enum { SCRYPT_N = 16384, SCRYPT_R = 8, SCRYPT_P = 5, P384_BYTES = 48 };

static enum kk_err fail(enum kk_err err)
{
	ERR_clear_error();
	return err;
}

static enum kk_err handle_make(EVP_PKEY *pkey, struct crypto_key **key)
{
	uint8_t private[P384_BYTES];
	char group[32] = "";
	BIGNUM *n = NULL;
	enum kk_err err = KK_EUNSUP;

	if (EVP_PKEY_is_a(pkey, "EC") &&
	    EVP_PKEY_get_group_name(pkey, group, sizeof(group), NULL) == 1 &&
	    !strcmp(group, "secp384r1") &&
	    EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_PRIV_KEY, &n) == 1 &&
	    BN_bn2binpad(n, private, sizeof(private)) > 0)
		err = crypto_sig_key_import(key, CRYPTO_ECDSA_P384_SHA384,
		    kk_view_of(private, sizeof(private)));
	BN_clear_free(n);
	kk_wipe(private, sizeof(private));
	return err ? fail(err) : KK_OK;
}

static X509_SIG *key_seal(EVP_PKEY *pkey, struct kk_view passphrase)
{
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(pkey);
	X509_ALGOR *algorithm = PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), NULL,
	    0, NULL, SCRYPT_N, SCRYPT_R, SCRYPT_P);
	X509_SIG *sealed = NULL;

	if (info && algorithm)
		sealed = PKCS8_set0_pbe((const char *)passphrase.data,
		    (int)passphrase.bytes, info, algorithm);
	if (!sealed)
		X509_ALGOR_free(algorithm);
	PKCS8_PRIV_KEY_INFO_free(info); /* wipes */
	return sealed;
}

static enum kk_err sealed_pem(X509_SIG *sealed, struct kk_bytes *pem)
{
	BIO *out = BIO_new(BIO_s_mem());
	char *data = NULL;
	enum kk_err err = KK_ENOMEM;

	if (out && PEM_write_bio_PKCS8(out, sealed) == 1) {
		long bytes = BIO_get_mem_data(out, &data);

		err = kk_bytes_copy(pem, kk_view_of(data, (size_t)bytes));
	}
	BIO_free(out);
	return err;
}

enum kk_err pki_pkcs8_make(struct kk_view passphrase, struct kk_bytes *pem,
    struct crypto_key **key)
{
	EVP_PKEY *pkey = EVP_EC_gen("P-384");
	X509_SIG *sealed = pkey ? key_seal(pkey, passphrase) : NULL;
	enum kk_err err = KK_ECRYPTO;

	*pem = (struct kk_bytes){ 0 };
	if (sealed)
		err = sealed_pem(sealed, pem);
	if (!err)
		err = handle_make(pkey, key);
	if (err)
		kk_bytes_clear(pem);
	X509_SIG_free(sealed);
	EVP_PKEY_free(pkey);
	return err ? fail(err) : KK_OK;
}

enum kk_err pki_pkcs8_read(struct kk_view pem, struct kk_view passphrase,
    struct crypto_key **key)
{
	BIO *in = BIO_new_mem_buf(pem.data, (int)pem.bytes);
	X509_SIG *sealed = in ? PEM_read_bio_PKCS8(in, NULL, NULL, NULL) : NULL;
	PKCS8_PRIV_KEY_INFO *info = NULL;
	EVP_PKEY *pkey = NULL;
	enum kk_err err = KK_EFORMAT;

	BIO_free(in);
	if (sealed) {
		err = KK_EAUTH;
		info = PKCS8_decrypt(sealed, (const char *)passphrase.data,
		    (int)passphrase.bytes);
	}
	if (info)
		pkey = EVP_PKCS82PKEY(info);
	if (pkey)
		err = handle_make(pkey, key);
	X509_SIG_free(sealed);
	PKCS8_PRIV_KEY_INFO_free(info);
	EVP_PKEY_free(pkey);
	return err ? fail(err) : KK_OK;
}
