/* sign.c - who made a package.  Source: RFC 5652, 5. */
#include <errno.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>

#include "tools/flash/flash.h"

static enum kk_err file_open(BIO **file, const char *path)
{
	*file = BIO_new_file(path, "r");
	if (*file)
		return KK_OK;
	ERR_clear_error();
	return errno == ENOENT ? KK_ENOENT : KK_EIO;
}

/* All certificates of a file; NULL: there is none. */
static STACK_OF(X509) * certificates_read(BIO *file)
{
	STACK_OF(X509) *all = sk_X509_new_null();
	X509 *one;

	while (all && (one = PEM_read_bio_X509(file, NULL, NULL, NULL))) {
		if (sk_X509_push(all, one) > 0)
			continue;
		X509_free(one);
		break;
	}
	ERR_clear_error(); /* the file's end is one */
	if (all && sk_X509_num(all) > 0)
		return all;
	sk_X509_pop_free(all, X509_free);
	return NULL;
}

static enum kk_err store_make(X509_STORE **store, const char *path)
{
	STACK_OF(X509) * anchors;
	BIO *file = NULL;
	enum kk_err err = file_open(&file, path);

	if (err)
		return err;
	anchors = certificates_read(file);
	BIO_free(file);
	if (!anchors)
		return KK_EFORMAT;
	*store = X509_STORE_new();
	err = *store ? KK_OK : KK_ENOMEM;
	for (int i = 0; !err && i < sk_X509_num(anchors); i++) {
		if (X509_STORE_add_cert(*store, sk_X509_value(anchors, i)) != 1)
			err = KK_ENOMEM;
	}
	sk_X509_pop_free(anchors, X509_free);
	if (!err && X509_STORE_set_purpose(*store, X509_PURPOSE_CODE_SIGN) != 1)
		err = KK_ECRYPTO;
	return err;
}

/* Of the last error: whether the signature, or who made it, is wrong. */
static enum kk_err reason_take(void)
{
	const unsigned long last = ERR_peek_last_error();

	ERR_clear_error();
	return ERR_GET_LIB(last) == ERR_LIB_CMS &&
		ERR_GET_REASON(last) == CMS_R_CERTIFICATE_VERIFY_ERROR ?
	    KK_EUNTRUSTED :
	    KK_EVERIFY;
}

static void signer_take(CMS_ContentInfo *cms, char *signer, size_t room)
{
	STACK_OF(X509) *signers = CMS_get0_signers(cms);
	X509_NAME *name = signers && sk_X509_num(signers) > 0 ?
	    X509_get_subject_name(sk_X509_value(signers, 0)) :
	    NULL;

	if (!name ||
	    X509_NAME_get_text_by_NID(name, NID_commonName, signer, (int)room) <
		0)
		(void)snprintf(signer, room, "?");
	sk_X509_free(signers);
}

enum kk_err flash_signature_check(struct kk_view text, struct kk_view signature,
    const char *anchors, char *signer, size_t signer_room)
{
	const unsigned char *p = signature.data;
	X509_STORE *store = NULL;
	CMS_ContentInfo *cms = NULL;
	BIO *content = NULL;
	enum kk_err err = store_make(&store, anchors);

	if (err)
		goto out;
	err = KK_EVERIFY;
	cms = d2i_CMS_ContentInfo(NULL, &p, (long)signature.bytes);
	content = BIO_new_mem_buf(text.data, (int)text.bytes);
	if (!cms || !content || p != signature.data + signature.bytes)
		goto out;
	if (CMS_verify(cms, NULL, store, content, NULL, CMS_BINARY) != 1) {
		err = reason_take();
		goto out;
	}
	signer_take(cms, signer, signer_room);
	err = kk_text_is_shown(kk_view_text(signer)) ? KK_OK : KK_EVERIFY;
out:
	BIO_free(content);
	CMS_ContentInfo_free(cms);
	X509_STORE_free(store);
	ERR_clear_error();
	return err;
}

/* --- making one ----------------------------------------------------------- */

static enum kk_err signer_read(const char *key_path, const char *chain_path,
    EVP_PKEY **key, STACK_OF(X509) * *chain)
{
	BIO *file = NULL;
	enum kk_err err = file_open(&file, key_path);

	if (err)
		return err;
	*key = PEM_read_bio_PrivateKey(file, NULL, NULL, NULL);
	BIO_free(file);
	if (!*key)
		return KK_EFORMAT;
	err = file_open(&file, chain_path);
	if (err)
		return err;
	*chain = certificates_read(file);
	BIO_free(file);
	return *chain ? KK_OK : KK_EFORMAT;
}

static enum kk_err signed_make(struct kk_view text, EVP_PKEY *key,
    STACK_OF(X509) * chain, struct kk_bytes *out)
{
	BIO *content = BIO_new_mem_buf(text.data, (int)text.bytes);
	X509 *leaf = sk_X509_shift(chain);
	CMS_ContentInfo *cms = CMS_sign(leaf, key, chain, content,
	    CMS_BINARY | CMS_DETACHED | CMS_NOSMIMECAP);
	enum kk_err err = KK_ECRYPTO;
	unsigned char *der = NULL;
	int bytes = cms ? i2d_CMS_ContentInfo(cms, &der) : -1;

	if (bytes > FLASH_SIGNATURE_MAX)
		err = KK_ELIMIT;
	else if (bytes > 0)
		err = kk_bytes_copy(out, kk_view_of(der, (size_t)bytes));
	OPENSSL_free(der);
	CMS_ContentInfo_free(cms);
	X509_free(leaf);
	BIO_free(content);
	return err;
}

enum kk_err flash_signature_make(struct kk_view text, const char *key,
    const char *chain, struct kk_bytes *out)
{
	STACK_OF(X509) *certificates = NULL;
	EVP_PKEY *private = NULL;
	enum kk_err err = signer_read(key, chain, &private, &certificates);

	if (!err)
		err = signed_make(text, private, certificates, out);
	sk_X509_pop_free(certificates, X509_free);
	EVP_PKEY_free(private);
	ERR_clear_error();
	return err;
}
