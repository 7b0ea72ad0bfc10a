/*
 * cert.c - certificates and lists: built by OpenSSL, signed by a handle.
 *
 * The CA's key may be in a token, so OpenSSL cannot sign.  It signs once with a
 * key of the moment, which fills in the algorithm, and gives the part to be
 * signed; crypto_x509_seal() makes the certificate of that.
 */
#include "tools/pki/cert.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>

#include "crypto/x509.h"

enum { CRL_KEEP_S = 90 * 86400 };

/* RFC 5280, 4.2.1.3 and 4.2.1.12.  What is for one use serves no other. */
static const char *const extended[PKI_KINDS] = {
	[PKI_BOX] = "clientAuth",
	[PKI_PERSON] = "clientAuth",
	[PKI_RECORDER] = "clientAuth",
	[PKI_SERVER] = "serverAuth",
	[PKI_UPDATE] = "critical,codeSigning",
	/* id-kp-eapOverLAN (RFC 4334, 2): no member of a meeting. */
	[PKI_NETWORK] = "clientAuth,1.3.6.1.5.5.7.3.14",
};

static enum kk_err fail(enum kk_err err)
{
	ERR_clear_error();
	return err;
}

void pki_serial_text(const uint8_t serial[PKI_SERIAL_BYTES],
    char text[PKI_SERIAL_TEXT])
{
	for (size_t i = 0; i < PKI_SERIAL_BYTES; i++)
		(void)snprintf(text + 2 * i, 3, "%02x", serial[i]);
}

bool pki_cert_serial(X509 *cert, char text[PKI_SERIAL_TEXT])
{
	uint8_t serial[PKI_SERIAL_BYTES];
	BIGNUM *n = ASN1_INTEGER_to_BN(X509_get0_serialNumber(cert), NULL);
	bool is_ok = n && BN_bn2binpad(n, serial, sizeof(serial)) > 0;

	if (is_ok)
		pki_serial_text(serial, text);
	BN_free(n);
	return is_ok;
}

int64_t pki_asn1_time(const ASN1_TIME *t)
{
	char text[PKI_TIME_TEXT];
	struct tm tm;
	int64_t at_s;

	if (ASN1_TIME_to_tm(t, &tm) != 1 ||
	    !strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm) ||
	    !pki_time_of(kk_view_text(text), &at_s))
		return 0;
	return at_s;
}

static bool serial_set(ASN1_INTEGER *to, const uint8_t *serial, size_t bytes)
{
	BIGNUM *n = BN_bin2bn(serial, (int)bytes, NULL);
	bool is_ok = n && BN_to_ASN1_INTEGER(n, to) != NULL;

	BN_free(n);
	return is_ok;
}

static bool text_add(X509_NAME *name, int nid, const char *text)
{
	return X509_NAME_add_entry_by_NID(name, nid, MBSTRING_UTF8,
		   (const unsigned char *)text, -1, -1, 0) == 1;
}

static bool ext_add(X509 *cert, X509 *ca, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *ext;
	bool is_ok;

	X509V3_set_ctx(&ctx, ca, cert, NULL, NULL, 0);
	ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	is_ok = ext && X509_add_ext(cert, ext, -1) == 1;
	X509_EXTENSION_free(ext);
	return is_ok;
}

/* Both dates, the serial, the key and the names; no extensions. */
static X509 *cert_begin(const struct pki_plan *plan, X509 *ca)
{
	X509 *cert = X509_new();
	X509_NAME *subject = cert ? X509_get_subject_name(cert) : NULL;

	if (!cert)
		return NULL;
	if (X509_set_version(cert, X509_VERSION_3) != 1 ||
	    !serial_set(X509_get_serialNumber(cert), plan->serial,
		sizeof(plan->serial)) ||
	    !ASN1_TIME_set(X509_getm_notBefore(cert), (time_t)plan->from_s) ||
	    !ASN1_TIME_set(X509_getm_notAfter(cert), (time_t)plan->until_s) ||
	    X509_set_pubkey(cert, plan->public) != 1 ||
	    (ca &&
		!text_add(subject, NID_organizationalUnitName,
		    pki_kind_name(plan->kind))) ||
	    !text_add(subject, NID_commonName, plan->name) ||
	    X509_set_issuer_name(cert,
		ca ? X509_get_subject_name(ca) : subject) != 1) {
		X509_free(cert);
		return NULL;
	}
	return cert;
}

/* The part to be signed, with the algorithm in it. */
static int cert_tbs(X509 *cert, unsigned char **tbs)
{
	EVP_PKEY *moment = EVP_EC_gen("P-384");
	int bytes = -1;

	if (moment && X509_sign(cert, moment, EVP_sha384()) > 0)
		bytes = i2d_re_X509_tbs(cert, tbs);
	EVP_PKEY_free(moment);
	return bytes;
}

static enum kk_err cert_seal(X509 *from, struct crypto_key *key, X509 **cert)
{
	unsigned char *tbs = NULL;
	int bytes = cert_tbs(from, &tbs);
	const unsigned char *at;
	struct kk_bytes der;
	enum kk_err err;

	if (bytes <= 0)
		return fail(KK_ECRYPTO);
	err = crypto_x509_seal(key, kk_view_of(tbs, (size_t)bytes), &der);
	OPENSSL_free(tbs);
	if (err)
		return err;
	at = der.data;
	*cert = d2i_X509(NULL, &at, (long)der.bytes);
	kk_bytes_clear(&der);
	return *cert ? KK_OK : fail(KK_ECRYPTO);
}

enum kk_err pki_cert_make(const struct pki_plan *plan, X509 *ca,
    struct crypto_key *key, X509 **cert)
{
	X509 *made = cert_begin(plan, ca);
	enum kk_err err = KK_EINVAL;

	if (made &&
	    ext_add(made, ca, NID_basic_constraints, "critical,CA:FALSE") &&
	    ext_add(made, ca, NID_key_usage, "critical,digitalSignature") &&
	    ext_add(made, ca, NID_ext_key_usage, extended[plan->kind]) &&
	    ext_add(made, ca, NID_subject_key_identifier, "hash") &&
	    ext_add(made, ca, NID_authority_key_identifier, "keyid:always") &&
	    (!plan->sans ||
		X509_add1_ext_i2d(made, NID_subject_alt_name,
		    (void *)plan->sans, 0, X509V3_ADD_DEFAULT) == 1))
		err = cert_seal(made, key, cert);
	X509_free(made);
	return err ? fail(err) : KK_OK;
}

enum kk_err pki_cert_make_ca(const struct pki_plan *plan,
    struct crypto_key *key, X509 **cert)
{
	X509 *made = cert_begin(plan, NULL);
	enum kk_err err = KK_EINVAL;

	/* No CA below it: what a site issues is for use. */
	if (made &&
	    ext_add(made, made, NID_basic_constraints,
		"critical,CA:TRUE,pathlen:0") &&
	    ext_add(made, made, NID_key_usage,
		"critical,keyCertSign,cRLSign") &&
	    ext_add(made, made, NID_subject_key_identifier, "hash") &&
	    ext_add(made, made, NID_authority_key_identifier, "keyid:always"))
		err = cert_seal(made, key, cert);
	X509_free(made);
	return err ? fail(err) : KK_OK;
}

bool pki_cert_kind(X509 *cert, enum pki_kind *kind)
{
	char text[32];
	const X509_NAME *subject = X509_get_subject_name(cert);

	return X509_NAME_get_text_by_NID(subject, NID_organizationalUnitName,
		   text, sizeof(text)) > 0 &&
	    pki_kind_of(text, kind);
}

static bool hex_of(const char *text, uint8_t serial[PKI_SERIAL_BYTES])
{
	size_t bytes = 0;

	return OPENSSL_hexstr2buf_ex(serial, PKI_SERIAL_BYTES, &bytes, text,
		   '\0') == 1 &&
	    bytes == PKI_SERIAL_BYTES;
}

/* RFC 5280, 5.3.1: without a reason, no extension. */
static bool reason_add(X509_REVOKED *entry, enum pki_reason reason)
{
	ASN1_ENUMERATED *n;
	bool is_ok;

	if (reason == PKI_UNSPECIFIED)
		return true;
	n = ASN1_ENUMERATED_new();
	is_ok = n && ASN1_ENUMERATED_set(n, reason) == 1 &&
	    X509_REVOKED_add1_ext_i2d(entry, NID_crl_reason, n, 0, 0) == 1;
	ASN1_ENUMERATED_free(n);
	return is_ok;
}

static bool entry_add(X509_CRL *crl, const struct pki_event *e)
{
	uint8_t serial[PKI_SERIAL_BYTES];
	X509_REVOKED *entry = X509_REVOKED_new();
	ASN1_INTEGER *number = ASN1_INTEGER_new();
	ASN1_TIME *at = ASN1_TIME_set(NULL, (time_t)e->at_s);
	bool is_ok;

	is_ok = entry && number && at && hex_of(e->serial, serial) &&
	    serial_set(number, serial, sizeof(serial)) &&
	    X509_REVOKED_set_serialNumber(entry, number) == 1 &&
	    X509_REVOKED_set_revocationDate(entry, at) == 1 &&
	    reason_add(entry, e->reason) && X509_CRL_add0_revoked(crl, entry);
	if (!is_ok)
		X509_REVOKED_free(entry);
	ASN1_INTEGER_free(number);
	ASN1_TIME_free(at);
	return is_ok;
}

/* A certificate that ran out proves nothing: lists stay short. */
static bool entries_add(X509_CRL *crl, const struct pki_index *index,
    int64_t now_s)
{
	for (size_t i = 0; i < index->count; i++) {
		const struct pki_event *e = &index->events[i];
		const struct pki_event *issued;

		if (e->act != PKI_REVOKED)
			continue;
		issued = pki_index_issued(index, e->serial);
		if (issued && issued->until_s + CRL_KEEP_S < now_s)
			continue;
		if (!entry_add(crl, e))
			return false;
	}
	return true;
}

static bool crl_exts_add(X509_CRL *crl, X509 *ca, uint64_t number)
{
	X509V3_CTX ctx;
	ASN1_INTEGER *n = ASN1_INTEGER_new();
	X509_EXTENSION *aki;
	bool is_ok;

	X509V3_set_ctx(&ctx, ca, NULL, NULL, crl, 0);
	aki = X509V3_EXT_conf_nid(NULL, &ctx, NID_authority_key_identifier,
	    "keyid:always");
	is_ok = n && aki && ASN1_INTEGER_set_uint64(n, number) == 1 &&
	    X509_CRL_add_ext(crl, aki, -1) == 1 &&
	    X509_CRL_add1_ext_i2d(crl, NID_crl_number, n, 0, 0) == 1;
	X509_EXTENSION_free(aki);
	ASN1_INTEGER_free(n);
	return is_ok;
}

static bool crl_fill(X509_CRL *crl, X509 *ca, int64_t from_s, int64_t next_s)
{
	ASN1_TIME *from = ASN1_TIME_set(NULL, (time_t)from_s);
	ASN1_TIME *next = ASN1_TIME_set(NULL, (time_t)next_s);
	bool is_ok;

	is_ok = from && next &&
	    X509_CRL_set_version(crl, X509_CRL_VERSION_2) == 1 &&
	    X509_CRL_set_issuer_name(crl, X509_get_subject_name(ca)) == 1 &&
	    X509_CRL_set1_lastUpdate(crl, from) == 1 &&
	    X509_CRL_set1_nextUpdate(crl, next) == 1;
	ASN1_TIME_free(from);
	ASN1_TIME_free(next);
	return is_ok;
}

static enum kk_err crl_seal(X509_CRL *from, struct crypto_key *key,
    X509_CRL **crl)
{
	EVP_PKEY *moment = EVP_EC_gen("P-384");
	unsigned char *tbs = NULL;
	const unsigned char *at;
	struct kk_bytes der = { 0 };
	enum kk_err err = KK_ECRYPTO;
	int bytes = -1;

	if (moment && X509_CRL_sort(from) == 1 &&
	    X509_CRL_sign(from, moment, EVP_sha384()) > 0)
		bytes = i2d_re_X509_CRL_tbs(from, &tbs);
	EVP_PKEY_free(moment);
	if (bytes > 0)
		err = crypto_x509_seal(key, kk_view_of(tbs, (size_t)bytes),
		    &der);
	OPENSSL_free(tbs);
	if (err)
		return fail(err);
	at = der.data;
	*crl = d2i_X509_CRL(NULL, &at, (long)der.bytes);
	kk_bytes_clear(&der);
	return *crl ? KK_OK : fail(KK_ECRYPTO);
}

enum kk_err pki_crl_sign(const struct pki_index *index, X509 *ca,
    struct crypto_key *key, uint64_t number, int64_t now_s, int64_t next_s,
    X509_CRL **crl)
{
	X509_CRL *made = X509_CRL_new();
	enum kk_err err = KK_ECRYPTO;

	if (made && crl_fill(made, ca, now_s, next_s) &&
	    entries_add(made, index, now_s) && crl_exts_add(made, ca, number))
		err = crl_seal(made, key, crl);
	X509_CRL_free(made);
	return err ? fail(err) : KK_OK;
}

static enum kk_err bio_take(BIO *out, bool is_ok, struct kk_bytes *text)
{
	char *data = NULL;
	long bytes = out ? BIO_get_mem_data(out, &data) : 0;
	enum kk_err err = KK_ENOMEM;

	*text = (struct kk_bytes){ 0 };
	if (is_ok && bytes > 0)
		err = kk_bytes_copy(text, kk_view_of(data, (size_t)bytes));
	BIO_free(out);
	return err ? fail(err) : KK_OK;
}

enum kk_err pki_cert_pem(X509 *cert, struct kk_bytes *out)
{
	BIO *bio = BIO_new(BIO_s_mem());

	return bio_take(bio, bio && PEM_write_bio_X509(bio, cert) == 1, out);
}

enum kk_err pki_crl_pem(X509_CRL *crl, struct kk_bytes *out)
{
	BIO *bio = BIO_new(BIO_s_mem());

	return bio_take(bio, bio && PEM_write_bio_X509_CRL(bio, crl) == 1, out);
}

X509 *pki_cert_of_pem(struct kk_view pem)
{
	BIO *in = BIO_new_mem_buf(pem.data, (int)pem.bytes);
	X509 *cert = in ? PEM_read_bio_X509(in, NULL, NULL, NULL) : NULL;

	BIO_free(in);
	ERR_clear_error();
	return cert;
}

X509_CRL *pki_crl_of_pem(struct kk_view pem)
{
	BIO *in = BIO_new_mem_buf(pem.data, (int)pem.bytes);
	X509_CRL *crl = in ? PEM_read_bio_X509_CRL(in, NULL, NULL, NULL) : NULL;

	BIO_free(in);
	ERR_clear_error();
	return crl;
}
