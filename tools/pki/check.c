/* check.c - would it be taken?  By OpenSSL, and by the boxes' own rules. */
#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include "crypto/x509.h"
#include "tools/pki/cert.h"

static enum kk_err err_of(int code)
{
	switch (code) {
	case X509_V_OK:
		return KK_OK;
	case X509_V_ERR_CERT_NOT_YET_VALID:
	case X509_V_ERR_CERT_HAS_EXPIRED:
	case X509_V_ERR_CRL_NOT_YET_VALID:
	case X509_V_ERR_CRL_HAS_EXPIRED:
		return KK_EEXPIRED;
	case X509_V_ERR_CERT_REVOKED:
		return KK_EREVOKED;
	case X509_V_ERR_INVALID_PURPOSE:
	case X509_V_ERR_INVALID_CA:
		return KK_EDENIED;
	case X509_V_ERR_CERT_SIGNATURE_FAILURE:
		return KK_EVERIFY;
	case X509_V_ERR_OUT_OF_MEM:
		return KK_ENOMEM;
	default:
		return KK_EUNTRUSTED;
	}
}

static int purpose_of(enum pki_kind kind)
{
	switch (kind) {
	case PKI_SERVER:
		return X509_PURPOSE_SSL_SERVER;
	case PKI_UPDATE:
		return X509_PURPOSE_CODE_SIGN;
	default:
		return X509_PURPOSE_SSL_CLIENT;
	}
}

static enum kk_err ossl_check(X509 *cert, X509 *ca, X509_CRL *crl,
    enum pki_kind kind, int64_t now_s)
{
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	enum kk_err err = KK_ENOMEM;
	X509_VERIFY_PARAM *param;

	if (store && ctx && X509_STORE_add_cert(store, ca) == 1 &&
	    (!crl || X509_STORE_add_crl(store, crl) == 1) &&
	    X509_STORE_CTX_init(ctx, store, cert, NULL) == 1) {
		param = X509_STORE_CTX_get0_param(ctx);
		X509_VERIFY_PARAM_set_time(param, (time_t)now_s);
		(void)X509_VERIFY_PARAM_set_flags(param,
		    X509_V_FLAG_X509_STRICT |
			(crl ? X509_V_FLAG_CRL_CHECK : 0));
		(void)X509_VERIFY_PARAM_set_purpose(param, purpose_of(kind));
		(void)X509_verify_cert(ctx);
		err = err_of(X509_STORE_CTX_get_error(ctx));
	}
	X509_STORE_CTX_free(ctx);
	X509_STORE_free(store);
	ERR_clear_error();
	return err;
}

/* In the form in which boxes read it. */
static enum kk_err der_of(X509 *cert, struct kk_bytes *out)
{
	unsigned char *der = NULL;
	int bytes = i2d_X509(cert, &der);
	enum kk_err err = KK_ENOMEM;

	*out = (struct kk_bytes){ 0 };
	if (bytes > 0)
		err = kk_bytes_copy(out, kk_view_of(der, (size_t)bytes));
	OPENSSL_free(der);
	return err;
}

static enum kk_err trust_make(X509 *ca, X509_CRL *crl,
    struct crypto_x509_trust **trust)
{
	struct kk_bytes text = { 0 };
	enum kk_err err = crypto_x509_trust_new(trust);

	if (!err)
		err = der_of(ca, &text);
	if (!err)
		err = crypto_x509_trust_add_ca(*trust, kk_bytes_view(&text));
	kk_bytes_clear(&text);
	if (!err && crl)
		err = pki_crl_pem(crl, &text);
	if (!err && crl)
		err = crypto_x509_trust_add_crl(*trust, kk_bytes_view(&text));
	kk_bytes_clear(&text);
	if (!err)
		crypto_x509_trust_require_crl(*trust, crl != NULL);
	return err;
}

static enum kk_err box_check(X509 *cert, X509 *ca, X509_CRL *crl, int64_t now_s)
{
	struct crypto_x509_trust *trust = NULL;
	struct crypto_checks *checks = NULL;
	struct crypto_x509_subject subject;
	struct kk_bytes der = { 0 };
	struct kk_view chain;
	enum kk_err err = trust_make(ca, crl, &trust);

	if (!err)
		err = crypto_checks_new(&checks);
	if (!err)
		err = der_of(cert, &der);
	chain = kk_bytes_view(&der);
	if (!err)
		err = crypto_x509_chain_check(trust, &chain, 1, now_s, NULL,
		    checks, &subject);
	if (!err)
		err = crypto_checks_run(checks);
	kk_bytes_clear(&der);
	crypto_checks_free(checks);
	crypto_x509_trust_free(trust);
	return err;
}

enum kk_err pki_cert_check(X509 *cert, X509 *ca, X509_CRL *crl, int64_t now_s)
{
	enum pki_kind kind;
	enum kk_err err;

	if (!pki_cert_kind(cert, &kind))
		return KK_EDENIED;
	err = ossl_check(cert, ca, crl, kind, now_s);
	if (!err && kind != PKI_SERVER && kind != PKI_UPDATE &&
	    kind != PKI_NETWORK)
		err = box_check(cert, ca, crl, now_s);
	return err;
}
