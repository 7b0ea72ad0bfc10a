/* request.c - requests, read strictly: what is odd is refused, not mended. */
#include "tools/pki/request.h"

#include <arpa/inet.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>

enum {
	POINT_MAX = 97, /* P-384, uncompressed */
	V4_BYTES = 4,
	V6_BYTES = 16,
	DNS_MAX = 253,
	LABEL_MAX = 63,
	EMAIL_MAX = 254
};

static X509_REQ *der_read(struct kk_view text)
{
	const unsigned char *at = text.data;
	X509_REQ *req = d2i_X509_REQ(NULL, &at, (long)text.bytes);

	if (req && at != text.data + text.bytes) {
		X509_REQ_free(req);
		req = NULL;
	}
	return req;
}

/* One block alone: of two, which was meant? */
static X509_REQ *pem_read(struct kk_view text)
{
	BIO *in = BIO_new_mem_buf(text.data, (int)text.bytes);
	X509_REQ *req = NULL, *other = NULL;

	if (in)
		req = PEM_read_bio_X509_REQ(in, NULL, NULL, NULL);
	if (req)
		other = PEM_read_bio_X509_REQ(in, NULL, NULL, NULL);
	if (other) {
		X509_REQ_free(req);
		req = NULL;
	}
	X509_REQ_free(other);
	BIO_free(in);
	return req;
}

static size_t point_get(EVP_PKEY *key, unsigned char *point, size_t room)
{
	size_t bytes = 0;

	if (EVP_PKEY_set_utf8_string_param(key,
		OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT,
		"uncompressed") != 1 ||
	    EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point,
		room, &bytes) != 1)
		return 0;
	return bytes;
}

bool pki_key_fingerprint(EVP_PKEY *key, char text[PKI_KEY_TEXT])
{
	unsigned char point[POINT_MAX], hash[EVP_MAX_MD_SIZE];
	unsigned int hash_bytes = 0;
	size_t bytes = point_get(key, point, sizeof(point));

	if (!bytes ||
	    EVP_Digest(point, bytes, hash, &hash_bytes, EVP_sha256(), NULL) !=
		1)
		return false;
	for (unsigned int i = 0; i < hash_bytes; i++)
		(void)snprintf(text + (size_t)2 * i, 3, "%02x", hash[i]);
	return true;
}

static enum pki_flaw key_read(struct pki_request *r)
{
	char group[32] = "";
	int is_explicit = 1;

	r->public = X509_REQ_get0_pubkey(r->req);
	if (!r->public || !EVP_PKEY_is_a(r->public, "EC") ||
	    EVP_PKEY_get_group_name(r->public, group, sizeof(group), NULL) !=
		1 ||
	    EVP_PKEY_get_int_param(r->public,
		OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS,
		&is_explicit) != 1 ||
	    is_explicit)
		return PKI_FLAW_KEY;
	r->is_p384 = !strcmp(group, "secp384r1");
	if (!r->is_p384 && strcmp(group, "prime256v1") != 0)
		return PKI_FLAW_KEY;
	return pki_key_fingerprint(r->public, r->key) ? PKI_FINE : PKI_FLAW_KEY;
}

static enum pki_flaw name_read(struct pki_request *r)
{
	const X509_NAME *subject = X509_REQ_get_subject_name(r->req);
	int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
	unsigned char *utf8 = NULL;
	enum pki_flaw flaw = PKI_FLAW_NAME;
	int bytes;

	if (at < 0 ||
	    X509_NAME_get_index_by_NID(subject, NID_commonName, at) >= 0)
		return flaw;
	bytes = ASN1_STRING_to_UTF8(&utf8,
	    X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
	if (bytes > 0 && bytes <= PKI_NAME_BYTES &&
	    kk_text_is_shown(kk_view_of(utf8, (size_t)bytes))) {
		memcpy(r->name, utf8, (size_t)bytes);
		flaw = PKI_FINE;
	}
	OPENSSL_free(utf8);
	return flaw;
}

static bool label_is_ok(const char *label, size_t bytes)
{
	return bytes > 0 && bytes <= LABEL_MAX && label[0] != '-' &&
	    label[bytes - 1] != '-' &&
	    strspn(label,
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789-") >= bytes;
}

/* A host name of RFC 1123; no wildcards. */
static bool dns_is_ok(const char *name)
{
	if (strlen(name) > DNS_MAX)
		return false;
	for (;;) {
		size_t bytes = strcspn(name, ".");

		if (!label_is_ok(name, bytes))
			return false;
		if (!name[bytes])
			return true;
		name += bytes + 1;
	}
}

static bool email_is_ok(const char *name)
{
	const char *at = strrchr(name, '@');

	if (!at || at == name || strlen(name) > EMAIL_MAX)
		return false;
	for (const char *c = name; c < at; c++)
		if (*c <= ' ' || *c > '~' || *c == '@')
			return false;
	return dns_is_ok(at + 1);
}

static bool address_text(const ASN1_OCTET_STRING *ip, char *text, size_t room)
{
	int bytes = ASN1_STRING_length(ip);
	int family = bytes == V4_BYTES ? AF_INET : AF_INET6;

	if (bytes != V4_BYTES && bytes != V6_BYTES)
		return false;
	(void)snprintf(text, room, "IP:");
	return inet_ntop(family, ASN1_STRING_get0_data(ip), text + 3,
		   (socklen_t)(room - 3)) != NULL;
}

/* Text of a name without a zero inside. */
static bool ia5_text(const char *kind, const ASN1_IA5STRING *from, char *text,
    size_t room)
{
	const char *data = (const char *)ASN1_STRING_get0_data(from);
	int bytes = ASN1_STRING_length(from);
	int n;

	if (bytes <= 0 || memchr(data, 0, (size_t)bytes))
		return false;
	n = snprintf(text, room, "%s:%.*s", kind, bytes, data);
	return n > 0 && (size_t)n < room;
}

bool pki_san_text(const GENERAL_NAME *san, char *text, size_t room)
{
	switch (san->type) {
	case GEN_DNS:
		return ia5_text("DNS", san->d.dNSName, text, room) &&
		    dns_is_ok(text + 4);
	case GEN_EMAIL:
		return ia5_text("email", san->d.rfc822Name, text, room) &&
		    email_is_ok(text + 6);
	case GEN_IPADD:
		return address_text(san->d.iPAddress, text, room);
	default:
		return false;
	}
}

static GENERAL_NAME *san_make(const char *text)
{
	GENERAL_NAME *san = NULL;

	/* a2i's own syntax is wider: only what was checked goes in. */
	if (!strncmp(text, "DNS:", 4) && dns_is_ok(text + 4))
		san = a2i_GENERAL_NAME(NULL, NULL, NULL, GEN_DNS, text + 4, 0);
	else if (!strncmp(text, "email:", 6) && email_is_ok(text + 6))
		san = a2i_GENERAL_NAME(NULL, NULL, NULL, GEN_EMAIL, text + 6,
		    0);
	else if (!strncmp(text, "IP:", 3))
		san = a2i_GENERAL_NAME(NULL, NULL, NULL, GEN_IPADD, text + 3,
		    0);
	ERR_clear_error();
	return san;
}

bool pki_san_add(GENERAL_NAMES **sans, const char *text)
{
	GENERAL_NAME *san = san_make(text);

	if (san && !*sans)
		*sans = sk_GENERAL_NAME_new_null();
	if (!san || !*sans || sk_GENERAL_NAME_num(*sans) >= PKI_SANS_MAX ||
	    !sk_GENERAL_NAME_push(*sans, san)) {
		GENERAL_NAME_free(san);
		return false;
	}
	return true;
}

static enum pki_flaw sans_read(struct pki_request *r,
    const STACK_OF(X509_EXTENSION) * exts)
{
	char text[EMAIL_MAX + 16];
	int critical = 0;

	r->sans = X509V3_get_d2i(exts, NID_subject_alt_name, &critical, NULL);
	if (!r->sans) /* -1: there is none */
		return critical == -1 ? PKI_FINE : PKI_FLAW_SAN;
	if (sk_GENERAL_NAME_num(r->sans) > PKI_SANS_MAX)
		return PKI_FLAW_SAN;
	for (int i = 0; i < sk_GENERAL_NAME_num(r->sans); i++)
		if (!pki_san_text(sk_GENERAL_NAME_value(r->sans, i), text,
			sizeof(text)))
			return PKI_FLAW_SAN;
	return PKI_FINE;
}

/* Usages are the CA's to give; what a request says of them is not looked at. */
static enum pki_flaw extensions_read(struct pki_request *r)
{
	STACK_OF(X509_EXTENSION) *exts = X509_REQ_get_extensions(r->req);
	enum pki_flaw flaw = PKI_FINE;
	BASIC_CONSTRAINTS *basic;

	if (!exts)
		return PKI_FINE;
	basic = X509V3_get_d2i(exts, NID_basic_constraints, NULL, NULL);
	if (basic && basic->ca)
		flaw = PKI_FLAW_CA;
	BASIC_CONSTRAINTS_free(basic);
	if (!flaw)
		flaw = sans_read(r, exts);
	sk_X509_EXTENSION_pop_free(exts, X509_EXTENSION_free);
	return flaw;
}

enum pki_flaw pki_request_read(struct pki_request *r, struct kk_view text)
{
	enum pki_flaw flaw;

	*r = (struct pki_request){ 0 };
	if (text.bytes == 0 || text.bytes > PKI_REQUEST_MAX_BYTES)
		return PKI_FLAW_FORM;
	r->req = text.data[0] == 0x30 ? der_read(text) : pem_read(text);
	if (!r->req) {
		ERR_clear_error();
		return PKI_FLAW_FORM;
	}
	flaw = key_read(r);
	if (!flaw && X509_REQ_verify(r->req, r->public) != 1)
		flaw = PKI_FLAW_SIGNATURE;
	if (!flaw)
		flaw = name_read(r);
	if (!flaw)
		flaw = extensions_read(r);
	ERR_clear_error();
	if (flaw)
		pki_request_clear(r);
	return flaw;
}

void pki_request_clear(struct pki_request *r)
{
	X509_REQ_free(r->req);
	GENERAL_NAMES_free(r->sans);
	*r = (struct pki_request){ 0 };
}
