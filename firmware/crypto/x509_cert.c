/* x509_cert.c - one certificate, parsed and checked on its own. */
#include <mbedtls/oid.h>
#include <string.h>

#include "crypto/x509_internal.h"

enum { SERIAL_MAX_BYTES = 20 }; /* RFC 5280, 4.1.2.2 */

static struct kk_view view_of_buf(const mbedtls_x509_buf *buf)
{
	return kk_view_of(buf->p, buf->len);
}

/*
 * mbedTLS asks about each extension that it does not know.  Name constraints
 * are refused even where they are not marked critical: a limit that nobody
 * enforces must not look as if it held.
 */
static int cert_ask_ext(void *arg, const mbedtls_x509_crt *crt,
    const mbedtls_x509_buf *oid, int critical, const unsigned char *p,
    const unsigned char *end)
{
	struct x509_ext ext = { .oid = view_of_buf(oid) };
	bool *is_refused = arg;

	(void)crt;
	(void)p;
	(void)end;
	if (critical || x509_ext_is(&ext, X509_EXT_NAMES)) {
		*is_refused = true;
		return MBEDTLS_ERR_X509_FEATURE_UNAVAILABLE;
	}
	return 0;
}

static enum kk_err cert_read_serial(struct x509_cert *cert)
{
	struct kk_view s = view_of_buf(&cert->crt.serial);

	cert->serial = s;
	if (s.bytes == 0 || s.bytes > SERIAL_MAX_BYTES || s.data[0] >= 0x80)
		return KK_EFORMAT;
	return s.bytes == 1 && s.data[0] == 0 ? KK_EFORMAT : KK_OK;
}

/* RFC 5280, 4.2.1.9: SEQUENCE { cA DEFAULT FALSE, pathLen OPTIONAL }. */
static enum kk_err cert_read_basic(struct x509_cert *cert, struct kk_view exts)
{
	struct kk_view v = x509_ext_find(exts, X509_EXT_BASIC);
	struct kk_reader r, in;
	struct kk_view field;

	cert->path_len = -1;
	if (v.bytes == 0)
		return KK_OK;
	kk_reader_init(&r, v);
	kk_reader_init(&in, x509_der_read(&r, DER_SEQUENCE));
	if (x509_der_next_is(&in, DER_BOOLEAN)) {
		field = x509_der_read(&in, DER_BOOLEAN);
		cert->is_ca = field.bytes == 1 && field.data[0] == 0xff;
	}
	if (x509_der_next_is(&in, DER_INTEGER)) {
		field = x509_der_read(&in, DER_INTEGER);
		/* Over 127 allows more than any chain here can have. */
		if (field.bytes == 0 || field.data[0] >= 0x80)
			return KK_EFORMAT;
		cert->path_len = field.bytes > 1 ? 127 : field.data[0];
	}
	return kk_reader_end(&r) || kk_reader_end(&in) ? KK_EFORMAT : KK_OK;
}

/* RFC 5280, 4.2.1.1 and 4.2.1.2. */
static enum kk_err cert_read_key_ids(struct x509_cert *cert,
    struct kk_view exts)
{
	struct kk_view ski = x509_ext_find(exts, X509_EXT_SKI);
	struct kk_view aki = x509_ext_find(exts, X509_EXT_AKI);
	struct kk_reader r, in;

	if (ski.bytes > 0) {
		kk_reader_init(&r, ski);
		cert->ski = x509_der_read(&r, DER_OCTET_STRING);
		if (kk_reader_end(&r))
			return KK_EFORMAT;
	}
	if (aki.bytes > 0) {
		kk_reader_init(&r, aki);
		kk_reader_init(&in, x509_der_read(&r, DER_SEQUENCE));
		if (x509_der_next_is(&in, DER_CONTEXT_0))
			cert->aki = x509_der_read(&in, DER_CONTEXT_0);
		if (kk_reader_end(&r) || kk_reader_err(&in))
			return KK_EFORMAT;
	}
	return KK_OK;
}

static enum kk_err cert_read_exts(struct x509_cert *cert)
{
	struct kk_view exts;
	struct kk_reader r;
	enum kk_err err;

	/* [3] was taken off by mbedTLS, the SEQUENCE in it was not. */
	kk_reader_init(&r, view_of_buf(&cert->crt.v3_ext));
	exts = r.left_bytes ? x509_der_read(&r, DER_SEQUENCE) :
			      (struct kk_view){ 0 };
	if (kk_reader_end(&r))
		return KK_EFORMAT;
	err = cert_read_basic(cert, exts);
	return err ? err : cert_read_key_ids(cert, exts);
}

/* Fills cert in from what mbedTLS has parsed. */
static enum kk_err cert_read(struct x509_cert *cert)
{
	const mbedtls_x509_crt *crt = &cert->crt;
	enum kk_err err;

	cert->raw = view_of_buf(&crt->raw);
	cert->tbs = view_of_buf(&crt->tbs);
	cert->issuer = view_of_buf(&crt->issuer_raw);
	cert->subject = view_of_buf(&crt->subject_raw);
	cert->not_before_s = x509_time_seconds(&crt->valid_from);
	cert->not_after_s = x509_time_seconds(&crt->valid_to);
	if (crt->version != 3)
		return KK_EUNSUP;
	err = cert_read_serial(cert);
	if (!err)
		err = x509_key_read(view_of_buf(&crt->pk_raw), &cert->key_sig,
		    &cert->public);
	if (!err)
		err = x509_sig_read(cert->raw, cert->tbs, &cert->made_by,
		    &cert->signature);
	return err ? err : cert_read_exts(cert);
}

enum kk_err x509_cert_parse(struct x509_cert *cert, struct kk_view der)
{
	bool is_refused = false;
	enum kk_err err;
	int ret;

	*cert = (struct x509_cert){ 0 };
	mbedtls_x509_crt_init(&cert->crt);
	if (der.bytes > CRYPTO_X509_CERT_MAX_BYTES)
		return KK_ELIMIT;
	err = x509_der_check(der);
	if (err)
		return err;
	ret = mbedtls_x509_crt_parse_der_with_ext_cb(&cert->crt, der.data,
	    der.bytes, 1, cert_ask_ext, &is_refused);
	if (is_refused)
		err = KK_EUNSUP;
	else if (ret)
		err = x509_err_of(ret);
	else
		err = cert_read(cert);
	if (err)
		x509_cert_clear(cert);
	return err;
}

void x509_cert_clear(struct x509_cert *cert)
{
	mbedtls_x509_crt_free(&cert->crt);
	*cert = (struct x509_cert){ 0 };
}

enum kk_err x509_cert_check_ca(const struct x509_cert *cert)
{
	if (!cert->is_ca ||
	    mbedtls_x509_crt_check_key_usage(&cert->crt,
		MBEDTLS_X509_KU_KEY_CERT_SIGN))
		return KK_EDENIED;
	return KK_OK;
}

bool x509_cert_is_issued_by(const struct x509_cert *cert,
    const struct x509_cert *issuer)
{
	if (!kk_view_equal(cert->issuer, issuer->subject))
		return false;
	return cert->aki.bytes == 0 || issuer->ski.bytes == 0 ||
	    kk_view_equal(cert->aki, issuer->ski);
}

enum kk_err x509_cert_check_pair(const struct x509_cert *cert,
    const struct x509_cert *issuer)
{
	return cert->made_by == issuer->key_sig ? KK_OK : KK_EUNSUP;
}
